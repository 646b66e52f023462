"""Who may do what on the broker: accounts of enterprises and branches, each held to its own exchange and queue.

A sender is known by the exchange it publishes to, so an account must reach exactly one. Patterns are escaped and
anchored: RabbitMQ matches permissions as regular expressions, anywhere in the name unless told otherwise.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.errors import NotAllowed
from pipeline.topology import Names

_USER = re.compile(r"[0-9A-Za-z]{4,20}")
_NOTHING = "^$"


@dataclass(frozen=True, slots=True)
class Permissions:
    """Regular expressions over names of exchanges and queues: which may be made, published to, consumed from."""

    configure: str = _NOTHING
    write: str = _NOTHING
    read: str = _NOTHING


@dataclass(frozen=True, slots=True)
class Account:
    """One broker user in one virtual host. password None: keep the one it has.

    Raises NotAllowed for a user name other than 4 to 20 letters and digits.
    """

    user: str
    vhost: str
    permissions: Permissions
    password: str | None = field(default=None, repr=False)
    max_connections: int = 4
    max_channels: int = 8

    def __post_init__(self) -> None:
        user_name(self.user)

    @property
    def limits(self) -> dict[str, int]:
        """What the broker holds the user to, by the broker's names."""
        return limits(self.max_connections, self.max_channels)


def user_name(name: str) -> str:
    """`name`, or NotAllowed: a name with other characters could mean more than itself in a permission."""
    if not _USER.fullmatch(name):
        raise NotAllowed(f"broker user {name!r}: 4 to 20 letters and digits")
    return name


def limits(max_connections: int, max_channels: int) -> dict[str, int]:
    """Limits of one user over the whole broker, by the broker's names."""
    return {"max-connections": max_connections, "max-channels": max_channels}


def enterprise_account(
    names: Names, vhost: str, enterprise: str, receipt_queue: str, password: str | None = None, *, user: str = ""
) -> Account:
    """An enterprise publishes to its own exchange and consumes its own receipts; `user` defaults to its number."""
    permissions = Permissions(write=_only(names.enterprise_exchange(enterprise)), read=_only(receipt_queue))
    return Account(user or enterprise, vhost, permissions, password)


def branch_account(names: Names, vhost: str, code: str, user: str, password: str | None = None) -> Account:
    """A branch publishes to its own exchange and consumes its own queue."""
    permissions = Permissions(write=_only(names.branch_exchange(code)), read=_only(names.branch_queue(code)))
    return Account(user, vhost, permissions, password)


def _only(name: str) -> str:
    return f"^{re.escape(name)}$"


def refuse_administrators(tags: Mapping[str, object], users: Iterable[str]) -> None:
    """Raises NotAllowed when one of `users` has tags: it administers the broker, and is not ours to change."""
    for user in users:
        if tags.get(user):
            raise NotAllowed(f"broker user {user} has administration rights; coedi does not change it")
