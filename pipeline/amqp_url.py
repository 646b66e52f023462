"""Broker addresses as people write them: one or several, separated by commas, in COEDI_AMQP_URL."""

import re
from urllib.parse import SplitResult, quote, unquote, urlsplit

from domain.errors import BadSetting

SETTING = "COEDI_AMQP_URL"
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(:[0-9]{1,5})?")


def addresses(urls: str) -> list[str]:
    """One URL per host, in the order written.

    Both forms are understood: `amqp://u:p@a/v,amqp://u:p@b/v` and `amqp://u:p@a:5672,b:5672/v`.
    Raises BadSetting for anything else; the message never shows a password.
    """
    pieces = [piece.strip() for piece in urls.split(",")]
    if all("://" in piece for piece in pieces):
        return [_checked(piece) for piece in pieces]
    if "://" not in pieces[0] or any("://" in piece for piece in pieces[1:]):
        raise BadSetting(f"{SETTING}: write amqp://user:password@host:5672/vhost, several hosts separated by commas")
    return [_checked(url) for url in _spread(urls.strip())]


def masked(urls: str) -> str:
    """The same text with every password shown as ***."""
    return re.sub(r"(://[^:/@,]*):[^@]*@", r"\1:***@", urls)


def with_credentials(url: str, user: str, password: str) -> str:
    """`url`, or several separated by commas, for another user."""
    return ",".join(_netloc(urlsplit(each), user, password) for each in addresses(url))


def virtual_host(urls: str) -> str:
    """The virtual host that the first address names; "/" when it names none."""
    path = urlsplit(addresses(urls)[0]).path
    return unquote(path[1:]) or "/"


def host_and_port(url: str) -> tuple[str, int]:
    """Where the first address points; the port defaults to 5672, or 5671 for amqps."""
    parts = urlsplit(addresses(url)[0])
    return parts.hostname or "localhost", parts.port or (5671 if parts.scheme == "amqps" else 5672)


def _spread(url: str) -> list[str]:
    scheme, rest = url.split("://", 1)
    end = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    authority, tail = rest[:end], rest[end:]
    credentials, at, hosts = authority.rpartition("@")
    return [f"{scheme}://{credentials}{at}{host.strip()}{tail}" for host in hosts.split(",")]


def _checked(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme not in ("amqp", "amqps"):
        raise BadSetting(f"{SETTING}: {masked(url)} must begin with amqp:// or amqps://")
    try:
        readable = bool(_HOST.fullmatch(host)) and (parts.port is None or parts.port > 0)
    except ValueError:
        readable = False
    if not readable:
        raise BadSetting(f"{SETTING}: {masked(url)} names no host, or a port that is not a number from 1 to 65535")
    return url


def _netloc(parts: SplitResult, user: str, password: str) -> str:
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{host}").geturl()
