"""Settings, read once from the environment: one frozen value, no globals.

`COEDI_X_FILE` names a file that holds the value of `COEDI_X`; it must be readable by its owner only.
"""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.errors import BadSetting


@dataclass(frozen=True, slots=True)
class Settings:
    """Where everything is.

    amqp_url: one URL, or several separated by commas (the hosts are tried in turn); database_url: libpq URL;
    state_dir: credentials, checkpoints, keys (0700); documents: folder of finished certificates, shared by hosts;
    prefix: put before every broker object's name, so that two installations can share a virtual host;
    admin_url: the broker's management API, "" to use rabbitmqctl; policy: review policy file, "" for the built-in one;
    console_host, console_port: where the console listens (port 0: `coedi up` starts none); console_origin: its address as browsers
    see it, "" when no proxy stands before it; console_certificate, console_certificate_key: PEM files, for TLS without a proxy;
    trusted_proxies: addresses whose headers are believed; card_header: in which they name the client certificate.
    """

    amqp_url: str = "amqp://guest:guest@127.0.0.1:5672/%2F"
    database_url: str = "postgresql://postgres@127.0.0.1:5432/coedi"
    state_dir: Path = Path("~/.local/state/coedi")
    documents: Path = Path("~/.local/state/coedi/documents")
    prefix: str = ""
    admin_url: str = ""
    policy: str = ""
    console_host: str = "127.0.0.1"
    console_port: str = "8480"
    console_origin: str = ""
    console_certificate: str = ""
    console_certificate_key: str = ""
    trusted_proxies: str = ""
    card_header: str = "X-Client-Certificate-SHA256"


# setting -> (environment name, what it is): docs/reference/settings.md is generated from this table
NAMES: dict[str, tuple[str, str]] = {
    "amqp_url": ("COEDI_AMQP_URL", "RabbitMQ, amqp:// URLs separated by commas"),
    "database_url": ("COEDI_DATABASE_URL", "PostgreSQL, a postgresql:// URL"),
    "state_dir": ("COEDI_STATE_DIR", "folder for credentials, signing keys and checkpoints"),
    "documents": ("COEDI_DOCUMENTS", "folder of finished certificates, shared by all hosts"),
    "prefix": ("COEDI_PREFIX", "put before every exchange and queue name"),
    "admin_url": ("COEDI_BROKER_ADMIN_URL", "management API, http://user:password@host:15672; empty: rabbitmqctl"),
    "policy": ("COEDI_POLICY", "review policy, a TOML file; empty: the built-in policy"),
    "console_host": ("COEDI_CONSOLE_HOST", "address that the console listens on"),
    "console_port": ("COEDI_CONSOLE_PORT", "port of the console; 0: `coedi up` starts no console"),
    "console_origin": ("COEDI_CONSOLE_ORIGIN", "the console's address as browsers see it, https://co.example.org, behind a proxy"),
    "console_certificate": ("COEDI_CONSOLE_CERTIFICATE", "PEM file with the console's certificate, for TLS without a proxy"),
    "console_certificate_key": ("COEDI_CONSOLE_CERTIFICATE_KEY", "PEM file with its private key"),
    "trusted_proxies": ("COEDI_TRUSTED_PROXIES", "addresses of proxies whose headers the console believes, separated by commas"),
    "card_header": ("COEDI_CARD_HEADER", "header in which a trusted proxy names the SHA-256 of the client certificate (CA card)"),
}


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment; raises BadSetting for an unreadable or open secret file."""
    found = {}
    for field, (name, _) in NAMES.items():
        value = _value(os.environ if environment is None else environment, name)
        if value is not None:
            found[field] = Path(value) if field in ("state_dir", "documents") else value
    if "state_dir" in found and "documents" not in found:
        found["documents"] = Path(found["state_dir"]) / "documents"
    settings = Settings(**found)  # type: ignore[arg-type] # two fields are paths, set as such above
    return _expanded(settings)


def _expanded(settings: Settings) -> Settings:
    from dataclasses import replace

    return replace(settings, state_dir=settings.state_dir.expanduser(), documents=settings.documents.expanduser())


def _value(environment: Mapping[str, str], name: str) -> str | None:
    path = environment.get(f"{name}_FILE")
    if not path:
        return environment.get(name)
    try:
        file = Path(path)
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise BadSetting(f"{name}_FILE: {path} can be read by others; run: chmod 600 {path}")
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadSetting(f"{name}_FILE: cannot read {path}: {error.strerror}") from error
