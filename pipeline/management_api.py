"""The broker's users, permissions and virtual hosts through its HTTP API (the rabbitmq_management plugin)."""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from domain.errors import BadSetting, BrokerGone, NotAllowed, Refusal
from pipeline.accounts import Account, limits, refuse_administrators, user_name
from pipeline.amqp_url import masked

SETTING = "COEDI_BROKER_ADMIN_URL"
_PATIENCE = 30.0  # seconds for one call


class ManagementApi:
    """`pipeline.broker_admin.Admin` by HTTP."""

    def __init__(self, url: str) -> None:
        """`url`: http://user:password@host:15672. Raises BadSetting for anything else."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadSetting(f"{SETTING}: write http://user:password@host:15672, not {masked(url)}")
        self._shown = masked(url)
        self._root = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}/api"
        login = f"{unquote(parts.username or 'guest')}:{unquote(parts.password or 'guest')}"
        self._login = "Basic " + base64.b64encode(login.encode()).decode()
        # no proxy: the request carries an administrator's password
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ensure_vhost(self, name: str) -> None:
        """See Admin."""
        self._call("PUT", f"vhosts/{_quoted(name)}", {})

    def delete_vhost(self, name: str) -> None:
        """See Admin."""
        self._call("DELETE", f"vhosts/{_quoted(name)}", missing_is_fine=True)

    def provision(self, accounts: Sequence[Account]) -> None:
        """See Admin."""
        refuse_administrators(self._tags(), (account.user for account in accounts))
        for account in accounts:
            if account.password is not None:
                self._call("PUT", f"users/{account.user}", {"password": account.password, "tags": ""})
            allowed = account.permissions
            self.set_permissions(account.user, account.vhost, allowed.configure, allowed.write, allowed.read)
            self.set_limits(account.user, account.max_connections, account.max_channels)

    def ensure_user(self, name: str, password: str | None = None) -> None:
        """See Admin."""
        tags = self._tags()
        refuse_administrators(tags, [user_name(name)])
        if password is not None:
            self._call("PUT", f"users/{name}", {"password": password, "tags": ""})
        elif name not in tags:
            self._call("PUT", f"users/{name}", {"password_hash": "", "tags": ""})

    def set_limits(self, user: str, max_connections: int = 4, max_channels: int = 8) -> None:
        """See Admin."""
        for limit, value in limits(max_connections, max_channels).items():
            self._call("PUT", f"user-limits/{_quoted(user)}/{limit}", {"value": value})

    def set_permissions(self, user: str, vhost: str, configure: str, write: str, read: str) -> None:
        """See Admin."""
        patterns = {"configure": configure, "write": write, "read": read}
        self._call("PUT", f"permissions/{_quoted(vhost)}/{_quoted(user)}", patterns)

    def delete_user(self, name: str) -> None:
        """See Admin."""
        refuse_administrators(self._tags(), [name])
        self._call("DELETE", f"users/{_quoted(name)}", missing_is_fine=True)

    def _tags(self) -> dict[str, object]:
        return {each["name"]: each["tags"] for each in self._call("GET", "users")}

    def _call(self, method: str, path: str, body: Any = None, *, missing_is_fine: bool = False) -> Any:
        headers = {"Authorization": self._login, "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._root}/{path}", data, headers, method=method)  # noqa: S310 - http(s) only, checked above
        try:
            with self._opener.open(request, timeout=_PATIENCE) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 404 and missing_is_fine:
                    return None
                raise _http_refusal(self._shown, f"{method} {path}", error) from None
        except OSError as error:
            reason = getattr(error, "reason", error)
            raise BrokerGone(f"{SETTING} ({self._shown}): the management API does not answer: {reason}") from error
        return json.loads(text) if text else None


def _http_refusal(where: str, what: str, error: urllib.error.HTTPError) -> Exception:
    if error.code == 401:
        return NotAllowed(f"{SETTING} ({where}): the management API refuses this user or password")
    return Refusal(f"the management API refuses {what}: {error.code} {error.read(300).decode(errors='replace')}")


def _quoted(name: str) -> str:
    return quote(name, safe="")
