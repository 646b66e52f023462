"""A private RabbitMQ node on 127.0.0.1: made, started, asked and ended, with its own name server (epmd), cookie and ports.

The package's service wrapper (/usr/sbin/rabbitmq-server) refuses ordinary users; the script below /usr/lib/rabbitmq does not.
"""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from console.local_process import Record, ServiceFailed, end, free_ports, kept_ports, start, tail
from domain.errors import CoediError
from pipeline.rabbit import depths

_INSTALLED = Path("/usr/lib/rabbitmq/bin")
_PORTS = ("amqp", "distribution", "epmd", "management")
_UP_WITHIN, _DOWN_WITHIN = 60.0, 30.0
_HERE = "127.0.0.1"
# the client's half of the protocol header of AMQP 0-9-1; a broker answers with Connection.Start, which names its version
_HEADER = b"AMQP\x00\x00\x09\x01"
# idle schedulers do not spin; node and name server listen on the loopback address only
_ERLANG = "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none"
_CONFIGURATION = """# written by coedi at every start
listeners.tcp.1 = {here}:{amqp}
default_user = coedi
default_pass = {password}
disk_free_limit.absolute = 200MB
vm_memory_high_watermark.absolute = 1GB
log.file.level = warning
"""
_MANAGEMENT = """management.tcp.ip = {here}
management.tcp.port = {management}
"""


@dataclass(frozen=True, slots=True)
class LocalRabbitMQ:
    """The private node that lives in `folder`: data, log, cookie, password, ports and process record.

    programs: folder of rabbitmq-server and rabbitmqctl; management: with the management API, which costs 1.5 s at the
    start and 5 s at the end.
    """

    folder: Path
    programs: Path = _INSTALLED
    management: bool = True

    @property
    def ports(self) -> dict[str, int]:
        """Its TCP ports, {} before the first start."""
        return kept_ports(self.folder / "ports.json")

    @property
    def port(self) -> int | None:
        """Where it speaks AMQP, None before the first start."""
        return self.ports.get("amqp")

    @property
    def pid(self) -> int | None:
        """Its process, None when it does not run."""
        return self._record.pid()

    @property
    def version(self) -> str:
        """As the running node says it, "3.10.8"."""
        return (greeting(_HERE, self.port) if self.port else None) or "?"

    @property
    def log(self) -> Path:
        """What it writes to its output; its own log is beside it."""
        return self.folder / "rabbitmq.log"

    @property
    def url(self) -> str:
        """COEDI_AMQP_URL, with the password; only after the first start."""
        return f"amqp://coedi:{self._secret}@{_HERE}:{self.port}/{quote('/', safe='')}"

    @property
    def admin_url(self) -> str:
        """COEDI_BROKER_ADMIN_URL, with the password; "" without the management API."""
        return f"http://coedi:{self._secret}@{_HERE}:{self.ports['management']}" if self.management else ""

    def start(self) -> bool:
        """Running and ready; False when it was already. Raises ServiceFailed with what its log says."""
        if self.pid is not None and self.answers():
            return False
        self.stop()
        self._make()
        ports = free_ports(self.folder / "ports.json", _PORTS)
        text = _CONFIGURATION + (_MANAGEMENT if self.management else "")
        _write_secret(self._configuration, text.format(here=_HERE, password=self._secret, **ports))
        plugins = "rabbitmq_management" if self.management else ""
        (self.folder / "enabled_plugins").write_text(f"[{plugins}].\n", encoding="utf-8")
        self._record.keep(start([str(self.programs / "rabbitmq-server")], self.environment(), self.folder, self.log))
        self._wait_until_up()
        return True

    def answers(self) -> bool:
        """Whether it lets us in."""
        return lets_in(self.url)

    def stop(self) -> bool:
        """Ended in order, its name server as well; False when it did not run."""
        pid = self.pid
        if pid is not None:
            end(pid, signal.SIGTERM, _DOWN_WITHIN)
        self._record.forget()
        if self.ports:
            self._end_epmd()
        return pid is not None

    def control(self, *arguments: str) -> str:
        """What rabbitmqctl prints; raises ServiceFailed when it fails."""
        done = subprocess.run(
            [self.programs / "rabbitmqctl", "--quiet", *arguments], env=self.environment(), capture_output=True, text=True,
            timeout=60, check=False)
        if done.returncode:
            raise ServiceFailed(f"rabbitmqctl {arguments[0]}: {' '.join((done.stderr or done.stdout).split())[:300]}")
        return done.stdout

    def environment(self) -> dict[str, str]:
        """Everything that tells this node from any other, for rabbitmq-server and rabbitmqctl."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("RABBITMQ_", "ERL_", "NOTIFY_"))}
        return kept | {
            "HOME": str(self.folder), "LC_ALL": "C.UTF-8",
            "ERL_EPMD_PORT": str(self.ports["epmd"]), "ERL_EPMD_ADDRESS": _HERE,
            "RABBITMQ_NODENAME": "coedi@localhost", "RABBITMQ_DIST_PORT": str(self.ports["distribution"]),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"), "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(self._configuration), "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"), "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": _ERLANG,
            # the script then becomes the node instead of waiting for it: one process, whose id we know
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    @property
    def _record(self) -> Record:
        return Record(self.folder / "rabbitmq.json")

    @property
    def _configuration(self) -> Path:
        return self.folder / "rabbitmq.conf"

    @property
    def _secret(self) -> str:
        return (self.folder / "password").read_text(encoding="utf-8").strip()

    def _make(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (password := self.folder / "password").exists():
            _write_secret(password, secrets.token_urlsafe(18))
            cookie = self.folder / ".erlang.cookie"
            _write_secret(cookie, secrets.token_hex(16))
            cookie.chmod(0o400)

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + _UP_WITHIN
        while not (greeting(_HERE, self.port or 0) and self.answers()):
            pid = self.pid
            if pid is None or time.monotonic() > deadline:
                if pid is not None:
                    end(pid, signal.SIGKILL, _DOWN_WITHIN)
                raise ServiceFailed(f"RabbitMQ did not start: {tail(self.log)} ({self.folder / 'log'})")
            time.sleep(0.05)

    def _end_epmd(self) -> None:
        """The node's name server, known by its port: it stays behind when a node ends."""
        if epmd := _epmd():
            deadline = time.monotonic() + 5
            while _listens(_HERE, self.ports["epmd"]) and time.monotonic() < deadline:
                subprocess.run([epmd, "-port", str(self.ports["epmd"]), "-kill"], env=self.environment(), capture_output=True,
                               timeout=10, check=False)
                time.sleep(0.05)


def find_programs() -> Path | None:
    """Folder of the installed rabbitmq-server; None: there is none."""
    if (_INSTALLED / "rabbitmq-server").exists():
        return _INSTALLED
    on_path = shutil.which("rabbitmq-server")
    return Path(on_path).resolve().parent if on_path and not on_path.startswith("/usr/sbin") else None


def lets_in(url: str) -> bool:
    """Whether a broker opens a channel for this URL."""
    with contextlib.suppress(CoediError):
        depths(url, [])
        return True
    return False


def greeting(host: str, port: int, within: float = 2.0) -> str | None:
    """The version that a RabbitMQ on this port names before any login; None when none answers.

    AMQP 0-9-1, section 1.4.2.1 connection.start: server-properties is a table of short names and typed values; "version" is
    followed by "S", four bytes of length, and the text.
    """
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=within) as connection:
        connection.sendall(_HEADER)
        answer = connection.recv(4096)
        _, found, rest = answer.partition(b"\x07versionS\x00\x00\x00")
        return rest[1:1 + rest[0]].decode(errors="replace") if found and rest else None
    return None


def _listens(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


def _epmd() -> str | None:
    """The program epmd: on PATH, or inside the Erlang installation."""
    if on_path := shutil.which("epmd"):
        return on_path
    return next((str(path) for path in sorted(Path("/usr/lib/erlang").glob("erts-*/bin/epmd"), reverse=True)), None)


def _write_secret(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
