"""The broker's users, permissions and virtual hosts: through its management API, `rabbitmqctl`, or a person."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import astuple
from typing import Protocol

from domain.errors import NeedsAdministrator
from pipeline.accounts import Account, limits, user_name
from pipeline.amqp_url import host_and_port
from pipeline.management_api import SETTING, ManagementApi
from pipeline.rabbitctl import RabbitCtl

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Admin(Protocol):
    """What provisioning needs of a broker. Everything may be done twice.

    Raises NotAllowed for a user that is an administrator, NeedsAdministrator when a person has to do it,
    BrokerGone when the broker does not answer, Refusal for what it refuses.
    """

    def ensure_vhost(self, name: str) -> None:
        """Make a virtual host, unless it is there."""

    def delete_vhost(self, name: str) -> None:
        """Delete a virtual host with everything in it."""

    def provision(self, accounts: Sequence[Account]) -> None:
        """Make or change users with their password, permissions and limits, all in as few calls as possible."""

    def ensure_user(self, name: str, password: str | None = None) -> None:
        """Make a user, or change its password; None: one that cannot log in by password, or as it is."""

    def set_permissions(self, user: str, vhost: str, configure: str, write: str, read: str) -> None:
        """What a user may do in a virtual host: regular expressions over names, see `accounts.Permissions`."""

    def set_limits(self, user: str, max_connections: int = 4, max_channels: int = 8) -> None:
        """How much of the broker a user may occupy."""

    def delete_user(self, name: str) -> None:
        """Delete a user; its connections are closed by the broker."""


def admin_for(admin_url: str, amqp_url: str) -> Admin:
    """The way to administer the broker at `amqp_url`.

    Its API when `admin_url` names it, else the local rabbitmqctl when it speaks to the node there, else a person.
    """
    if admin_url:
        return ManagementApi(admin_url)
    host, port = host_and_port(amqp_url)
    local = RabbitCtl()
    if host in _LOOPBACK and local.listens_on(port):
        return local
    return AskAdministrator()


class AskAdministrator:
    """Nobody here may administer the broker: everything raises NeedsAdministrator with the commands to run."""

    def ensure_vhost(self, name: str) -> None:
        """See Admin."""
        _ask([["add_vhost", name]])

    def delete_vhost(self, name: str) -> None:
        """See Admin."""
        _ask([["delete_vhost", name]])

    def provision(self, accounts: Sequence[Account]) -> None:
        """See Admin. `add_user` asks for the password."""
        commands = []
        for each in accounts:
            if each.password is not None:
                commands.append(["add_user", each.user])
            commands.append(["set_permissions", "--vhost", each.vhost, each.user, *astuple(each.permissions)])
            commands.append(["set_user_limits", each.user, json.dumps(each.limits)])
        if commands:
            _ask(commands)

    def ensure_user(self, name: str, password: str | None = None) -> None:
        """See Admin. `add_user` asks for the password."""
        _ask([["add_user", user_name(name)] if password is not None else ["add_user", user_name(name), ""]])

    def set_limits(self, user: str, max_connections: int = 4, max_channels: int = 8) -> None:
        """See Admin."""
        _ask([["set_user_limits", user, json.dumps(limits(max_connections, max_channels))]])

    def set_permissions(self, user: str, vhost: str, configure: str, write: str, read: str) -> None:
        """See Admin."""
        _ask([["set_permissions", "--vhost", vhost, user, configure, write, read]])

    def delete_user(self, name: str) -> None:
        """See Admin."""
        _ask([["delete_user", name]])


def _ask(commands: Sequence[Sequence[str]]) -> None:
    raise NeedsAdministrator(
        f"the broker's administrator has to run these commands on its host, or set {SETTING}",
        [shlex.join(["rabbitmqctl", *command]) for command in commands],
    )
