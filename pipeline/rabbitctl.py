"""The broker's users, permissions and virtual hosts through the local `rabbitmqctl`.

No password is ever an argument of a process: others on the machine can read those.
"""

import base64
import hashlib
import json
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from domain.errors import BrokerGone, NotAllowed, Refusal
from pipeline.accounts import Account, Permissions, limits, refuse_administrators, user_name

_PATIENCE = 30.0  # seconds for one call
_PLAIN = re.compile(r"[0-9A-Za-z._/-]{1,128}")  # names that no shell on the way to the broker can misread
_NODE_DOWN = 69  # exit code of rabbitmqctl: the node does not answer


class RabbitCtl:
    """`pipeline.broker_admin.Admin` by this machine's `rabbitmqctl`; root may use it, and the account of the broker."""

    def __init__(self, command: Sequence[str] = ("rabbitmqctl",), environment: Mapping[str, str] | None = None) -> None:
        """`command` and `environment` choose another node than the machine's standard one."""
        self._command, self._environment = list(command), environment

    def listens_on(self, port: int) -> bool:
        """Whether we may speak to a node, and it is the one that serves AMQP on this port."""
        if not shutil.which(self._command[0]):
            return False
        try:
            status = json.loads(self._run("status", "--formatter", "json"))
        except (BrokerGone, Refusal, ValueError):
            return False
        return any(each["port"] == port and "amqp" in each["protocol"] for each in status["listeners"])

    def ensure_vhost(self, name: str) -> None:
        """See Admin."""
        if name not in self._vhosts():
            self._run("add_vhost", _plain(name))

    def delete_vhost(self, name: str) -> None:
        """See Admin."""
        if name in self._vhosts():
            self._run("delete_vhost", _plain(name))

    def provision(self, accounts: Sequence[Account]) -> None:
        """See Admin. One import carries all accounts: a call of rabbitmqctl takes up to a second."""
        if not accounts:
            return
        refuse_administrators(self._tags(), (account.user for account in accounts))
        self._run("import_definitions", "--format", "json", text=json.dumps(_definitions(accounts)))
        deadline = time.monotonic() + _PATIENCE
        while not self._imported(accounts):
            if time.monotonic() > deadline:
                raise Refusal(f"RabbitMQ did not take over the accounts of {', '.join(each.user for each in accounts)}")
            time.sleep(0.2)

    def ensure_user(self, name: str, password: str | None = None) -> None:
        """See Admin. rabbitmqctl reads the password from its standard input."""
        tags = self._tags()
        refuse_administrators(tags, [user_name(name)])
        if password is not None:
            self._run("change_password" if name in tags else "add_user", name, text=f"{password}\n")
        elif name not in tags:
            self._run("add_user", name, "")  # an empty password: no login by password

    def set_limits(self, user: str, max_connections: int = 4, max_channels: int = 8) -> None:
        """See Admin."""
        self._run("set_user_limits", _plain(user), json.dumps(limits(max_connections, max_channels)))

    def set_permissions(self, user: str, vhost: str, configure: str, write: str, read: str) -> None:
        """See Admin."""
        self._run("set_permissions", "--vhost", _plain(vhost), _plain(user), configure, write, read)

    def delete_user(self, name: str) -> None:
        """See Admin."""
        tags = self._tags()
        refuse_administrators(tags, [name])
        if name in tags:
            self._run("delete_user", _plain(name))

    def _imported(self, accounts: Sequence[Account]) -> bool:
        """rabbitmqctl returns while the broker may still be importing; permissions come after users."""
        found = {
            (each["user"], vhost): Permissions(each["configure"], each["write"], each["read"])
            for vhost in {account.vhost for account in accounts}
            for each in self._table("list_permissions", "--vhost", _plain(vhost))
        }
        return all(found.get((account.user, account.vhost)) == account.permissions for account in accounts)

    def _vhosts(self) -> list[str]:
        return [each["name"] for each in self._table("list_vhosts")]

    def _tags(self) -> dict[str, object]:
        return {each["user"]: each["tags"] for each in self._table("list_users")}

    def _table(self, what: str, *arguments: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self._run(what, *arguments, "--formatter", "json"))
        return rows

    def _run(self, *arguments: str, text: str = "") -> str:
        command = [*self._command, "--quiet", *arguments]
        try:
            done = subprocess.run(
                command,
                input=text,
                capture_output=True,
                text=True,
                timeout=_PATIENCE,
                env=self._environment,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BrokerGone(f"{arguments[0]}: rabbitmqctl cannot be run: {error}") from error
        if done.returncode == 0:
            return done.stdout
        said = " ".join((done.stderr or done.stdout).split())[:300]
        raise (BrokerGone if done.returncode == _NODE_DOWN else Refusal)(f"rabbitmqctl {arguments[0]}: {said}")


def _definitions(accounts: Sequence[Account]) -> dict[str, object]:
    """RabbitMQ's definitions format; a user without a password here is not mentioned, and so keeps its own."""
    users = [
        {
            "name": each.user,
            "password_hash": _password_hash(each.password),
            "hashing_algorithm": "rabbit_password_hashing_sha256",
            "tags": [],
            "limits": each.limits,
        }
        for each in accounts
        if each.password is not None
    ]
    permissions = [{"user": each.user, "vhost": each.vhost, **asdict(each.permissions)} for each in accounts]
    return {"users": users, "permissions": permissions}


def _password_hash(password: str) -> str:
    """RabbitMQ's own: base64 of a 4-byte salt and SHA-256 over salt and password."""
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _plain(name: str) -> str:
    if not _PLAIN.fullmatch(name):
        raise NotAllowed(f"{name!r} cannot be used with rabbitmqctl: letters, digits, '.', '_', '/' and '-' only")
    return name
