"""Administration without a broker: what is asked of the API, of rabbitmqctl, and of a person."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest

from domain.errors import BadSetting, BrokerGone, NeedsAdministrator, NotAllowed, Refusal
from pipeline.accounts import enterprise_account
from pipeline.broker_admin import AskAdministrator, admin_for
from pipeline.management_api import ManagementApi
from pipeline.rabbitctl import RabbitCtl
from pipeline.topology import Names

ACCOUNT = enterprise_account(Names(), "co", "ENT0001", "receipts.ENT0001.abc", "hush-hush")


class Api(ThreadingHTTPServer):
    """Answers like the management API of a broker with the users `guest` (an administrator) and `old1`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls: list[tuple[str, str, object]] = []


class _Handler(BaseHTTPRequestHandler):
    server: Api

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = unquote(self.path.removeprefix("/api/"))
        self.server.calls.append((self.command, path, json.loads(body) if body else None))
        users = [{"name": "guest", "tags": ["administrator"]}, {"name": "old1", "tags": []}]
        right = self.headers["Authorization"] == "Basic " + base64.b64encode(b"boss:p@ss").decode()
        missing = self.command == "DELETE" and "nothing" in path
        self.send_response(401 if not right else 404 if missing else 400 if "bad" in path else 200)
        self.end_headers()
        self.wfile.write(json.dumps(users).encode() if path == "users" else b"")

    do_GET = do_PUT = do_DELETE = _answer

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def api() -> Iterator[Api]:
    server = Api()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def url_of(api: Api, login: str = "boss:p%40ss@") -> str:
    return f"http://{login}127.0.0.1:{api.server_address[1]}"


def test_the_api_makes_a_user_its_permissions_and_its_limits(api: Api) -> None:
    ManagementApi(url_of(api)).provision([ACCOUNT])
    assert api.calls == [
        ("GET", "users", None),
        ("PUT", "users/ENT0001", {"password": "hush-hush", "tags": ""}),
        (
            "PUT",
            "permissions/co/ENT0001",
            {"configure": "^$", "write": "^in\\.ENT0001$", "read": "^receipts\\.ENT0001\\.abc$"},
        ),
        ("PUT", "user-limits/ENT0001/max-connections", {"value": 4}),
        ("PUT", "user-limits/ENT0001/max-channels", {"value": 8}),
    ]


def test_the_api_leaves_an_administrator_alone(api: Api) -> None:
    admin = ManagementApi(url_of(api))
    with pytest.raises(NotAllowed, match="administration"):
        admin.ensure_user("guest", "x")
    with pytest.raises(NotAllowed, match="administration"):
        admin.delete_user("guest")
    assert {method for method, _, _ in api.calls} == {"GET"}


def test_the_api_keeps_the_password_of_a_user_that_is_there(api: Api) -> None:
    ManagementApi(url_of(api)).ensure_user("old1")
    assert [method for method, _, _ in api.calls] == ["GET"]


def test_deleting_what_is_not_there_is_fine(api: Api) -> None:
    ManagementApi(url_of(api)).delete_vhost("nothing/here")
    assert api.calls == [("DELETE", "vhosts/nothing/here", None)]


def test_what_the_api_refuses_is_said(api: Api) -> None:
    with pytest.raises(NotAllowed, match="COEDI_BROKER_ADMIN_URL"):
        ManagementApi(url_of(api, "boss:wrong@")).ensure_vhost("co")
    with pytest.raises(Refusal, match="400"):
        ManagementApi(url_of(api)).ensure_vhost("bad")


def test_an_api_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(BrokerGone, match="COEDI_BROKER_ADMIN_URL") as error:
        ManagementApi("http://boss:hush@127.0.0.1:1").ensure_vhost("co")
    assert "hush" not in str(error.value)
    with pytest.raises(BadSetting):
        ManagementApi("boss:hush@host")


def fake_rabbitmqctl(folder: Path) -> RabbitCtl:
    """A command that notes its arguments and standard input, and knows one administrator."""
    answers: dict[str, object] = {
        "list_users": [{"user": "guest", "tags": ["administrator"]}, {"user": "old1", "tags": []}],
        "list_permissions": [{"user": ACCOUNT.user, **asdict(ACCOUNT.permissions)}],
        "list_vhosts": [{"name": "/"}],
        "status": {"listeners": [{"port": 5999, "protocol": "amqp"}, {"port": 25672, "protocol": "clustering"}]},
    }
    for command, answer in answers.items():
        (folder / command).write_text(json.dumps(answer), encoding="utf-8")
    script = folder / "rabbitmqctl"
    script.write_text(
        f"""#!/bin/sh
echo "$@" >> {folder}/arguments
case "$2" in
  set_user_limits) echo 'Error: no' >&2; exit 70 ;;
  delete_vhost) exit 69 ;;
  list_*|status) cat {folder}/$2 ;;
  *) cat >> {folder}/input ;;
esac
""",
        encoding="utf-8",
    )
    script.chmod(0o755)
    return RabbitCtl([str(script)])


def test_rabbitmqctl_never_gets_a_password_as_an_argument(tmp_path: Path) -> None:
    ctl = fake_rabbitmqctl(tmp_path)
    ctl.ensure_user("NEW01", "hush-1")
    ctl.ensure_user("old1", "hush-2")
    ctl.provision([ACCOUNT])
    arguments = (tmp_path / "arguments").read_text(encoding="utf-8")
    assert "hush" not in arguments
    assert "add_user NEW01\n" in arguments
    assert "change_password old1\n" in arguments
    assert (tmp_path / "input").read_text(encoding="utf-8").startswith("hush-1\nhush-2\n")


def test_rabbitmqctl_imports_a_salted_hash(tmp_path: Path) -> None:
    fake_rabbitmqctl(tmp_path).provision([ACCOUNT])
    definitions = json.loads((tmp_path / "input").read_text(encoding="utf-8"))
    stored = base64.b64decode(definitions["users"][0]["password_hash"])
    assert stored[4:] == hashlib.sha256(stored[:4] + b"hush-hush").digest()
    assert definitions["users"][0]["limits"] == {"max-connections": 4, "max-channels": 8}
    assert definitions["permissions"][0]["write"] == "^in\\.ENT0001$"


def test_rabbitmqctl_failures_say_whether_the_node_is_down(tmp_path: Path) -> None:
    ctl = fake_rabbitmqctl(tmp_path)
    with pytest.raises(Refusal, match="Error: no"):
        ctl.set_limits("ENT0001")
    with pytest.raises(BrokerGone):
        ctl.delete_vhost("/")
    with pytest.raises(BrokerGone):
        RabbitCtl([str(tmp_path / "missing")]).ensure_vhost("co")


def test_names_that_a_shell_could_misread_never_reach_rabbitmqctl(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        fake_rabbitmqctl(tmp_path).ensure_vhost("co$(id)")


def test_rabbitmqctl_is_used_only_for_the_node_that_listens_there(tmp_path: Path) -> None:
    ctl = fake_rabbitmqctl(tmp_path)
    assert ctl.listens_on(5999)
    assert not ctl.listens_on(25672)
    assert not RabbitCtl([str(tmp_path / "missing")]).listens_on(5999)


def test_a_broker_elsewhere_is_left_to_its_administrator() -> None:
    admin = admin_for("", "amqp://u:p@broker.example.org/co")
    assert isinstance(admin, AskAdministrator)
    with pytest.raises(NeedsAdministrator) as error:
        admin.provision([ACCOUNT])
    assert error.value.commands == [
        "rabbitmqctl add_user ENT0001",
        "rabbitmqctl set_permissions --vhost co ENT0001 '^$' '^in\\.ENT0001$' '^receipts\\.ENT0001\\.abc$'",
        """rabbitmqctl set_user_limits ENT0001 '{"max-connections": 4, "max-channels": 8}'""",
    ]
    assert error.value.exit_code == 3
    assert isinstance(admin_for("http://a:b@broker:15672", "amqp://broker"), ManagementApi)
