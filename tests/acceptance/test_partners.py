"""Partners from the command line: what an operator types, and what it does to registry, broker and password files."""

import json
import re
import shlex
import stat
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.errors import BrokerGone
from pipeline.amqp_url import with_credentials
from pipeline.rabbit import RabbitPublisher, delete, depths, drain
from pipeline.topology import Topology
from pipeline.transport import Outgoing
from store import registry
from tests.acceptance.command_line import answer, can_administer, coedi, remove_partners
from tests.services import World

pytestmark = pytest.mark.broker
NO, BRANCH = "3100S0042", "3100B0"
NAMES = ("--name-zh", "上海浦江阀门有限公司", "--name-en", "SHANGHAI PUJIANG VALVES CO., LTD.")
NOWHERE = "amqp://guest:guest@127.0.0.1:1/%2F"


@pytest.fixture
def place(world: World) -> Iterator[World]:
    """A world in which partners may be added; their accounts and queues are removed afterwards."""
    if not can_administer():
        pytest.skip("nobody here may make broker accounts: no rabbitmqctl for this broker")
    yield world
    remove_partners(world)


def add_branch(world: World, **environment: str) -> "subprocess.CompletedProcess[str]":
    return coedi(world, "branch", "add", BRANCH, "--name-zh", "上海分会", "--name-en", "SHANGHAI BRANCH",
                 "--place", "SHANGHAI, CHINA", **environment)


def add_enterprise(world: World, *more: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return coedi(world, "enterprise", "add", NO, "--branch", BRANCH, *NAMES, *more, **environment)


def credentials(world: World, *more: str) -> Any:
    return answer(coedi(world, "enterprise", "credentials", NO, "--json", *more))


def lets_in(login: dict[str, str]) -> bool:
    try:
        return login["receipt_queue"] in depths(login["amqp_url"], [login["receipt_queue"]])
    except BrokerGone:
        return False


def publish(login: dict[str, str], exchange: str) -> bool:
    publisher = RabbitPublisher(login["amqp_url"])
    message = Outgoing(1, exchange, "", b"<x/>", message_id="m", type="interchange", timestamp=datetime.now(UTC))
    outcome = publisher.publish([message], 10)
    publisher.close()
    return bool(outcome.confirmed)


@pytest.fixture
def partnered(place: World) -> World:
    """A place with a new branch and a new enterprise."""
    assert add_branch(place).returncode == 0
    done = add_enterprise(place, "--signatory", "01=李文博", "--signatory", "02=周海燕", "--print-seal")
    assert done.returncode == 0, done.stderr
    return place


def test_a_new_enterprise_can_send_and_nothing_else(partnered: World) -> None:
    login = credentials(partnered)
    assert set(login) == {"amqp_url", "exchange", "receipt_queue"}
    assert login["exchange"] == partnered.names.enterprise_exchange(NO)
    assert len(re.fullmatch(r"amqp://\w+:([^@]+)@[^/]+/%2F", login["amqp_url"])[1]) >= 24  # type: ignore[index]
    assert publish(login, login["exchange"])
    [arrived] = drain(partnered.settings.amqp_url, partnered.names.inbox, 10, 1)
    assert arrived.exchange == login["exchange"]
    assert not publish(login, partnered.names.work)
    assert drain(login["amqp_url"], login["receipt_queue"], 1, 0.2) == []


def test_a_new_branch_reads_its_own_queue(partnered: World) -> None:
    login = answer(coedi(partnered, "branch", "credentials", BRANCH, "--json"))
    assert set(login) == {"amqp_url", "exchange", "receipt_queue"}
    assert login["receipt_queue"] == partnered.names.branch_queue(BRANCH)
    assert drain(login["amqp_url"], login["receipt_queue"], 1, 0.2) == []


def test_what_was_typed_is_on_file(partnered: World) -> None:
    shown = answer(coedi(partnered, "enterprise", "show", NO, "--json"))
    assert (shown["branch"], shown["name_zh"], shown["print_seal"], shown["local_print"]) == (
        BRANCH, NAMES[1], True, False)
    assert [(each["code"], each["name_zh"]) for each in shown["signatories"]] == [("01", "李文博"), ("02", "周海燕")]
    listed = answer(coedi(partnered, "enterprise", "list", "--json"))["enterprises"]
    assert NO in [each["no"] for each in listed if each["active"]]
    assert BRANCH in [each["code"] for each in answer(coedi(partnered, "branch", "list", "--json"))["branches"]]
    assert NAMES[1] in coedi(partnered, "enterprise", "show", NO).stdout


def test_adding_again_changes_the_texts_and_keeps_queue_and_password(partnered: World) -> None:
    before = credentials(partnered)
    done = coedi(partnered, "enterprise", "add", NO, "--branch", BRANCH, "--name-zh", "新名", "--name-en", "NEW")
    assert done.returncode == 0, done.stderr
    assert credentials(partnered) == before
    assert lets_in(before)
    assert answer(coedi(partnered, "enterprise", "show", NO, "--json"))["name_en"] == "NEW"


def test_an_enterprise_with_a_password_elsewhere_keeps_it(partnered: World, tmp_path: Path) -> None:
    login = credentials(partnered)
    other = {"COEDI_STATE_DIR": str(tmp_path / "other machine")}
    done = add_enterprise(partnered, **other)
    assert done.returncode == 0 and "stays as it is" in done.stdout, done.stderr
    assert coedi(partnered, "enterprise", "credentials", NO, "--json", **other).returncode == 4
    assert lets_in(login)


def test_an_account_that_the_broker_lost_is_made_again(partnered: World) -> None:
    login = credentials(partnered)
    user = re.match(r"amqp://(\w+):", login["amqp_url"])[1]  # type: ignore[index]
    subprocess.run(["rabbitmqctl", "-q", "delete_user", user], check=True)
    assert not lets_in(login)
    assert add_enterprise(partnered).returncode == 0
    assert credentials(partnered) == login
    assert lets_in(login)


def test_passwords_are_readable_by_their_owner_only(partnered: World) -> None:
    folder = partnered.settings.state_dir / "credentials"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = list(folder.iterdir())
    assert len(files) == 2 and all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    [file] = folder.glob("enterprise-*")
    file.chmod(0o640)
    done = coedi(partnered, "enterprise", "credentials", NO, "--json")
    assert (done.returncode, done.stdout) == (4, "")
    assert f"chmod 600 {file}" in done.stderr


def test_a_rotated_password_replaces_the_old_one(partnered: World) -> None:
    old = credentials(partnered)
    new = credentials(partnered, "--rotate")
    assert new["amqp_url"] != old["amqp_url"]
    assert (lets_in(old), lets_in(new)) == (False, True)
    assert credentials(partnered) == new


def test_a_revoked_enterprise_cannot_log_in_and_is_still_on_file(partnered: World) -> None:
    login = credentials(partnered)
    assert coedi(partnered, "enterprise", "revoke", NO).returncode == 0
    assert not lets_in(login)
    assert answer(coedi(partnered, "enterprise", "show", NO, "--json"))["active"] is False
    done = coedi(partnered, "enterprise", "credentials", NO, "--json")
    assert done.returncode == 4 and "revoked" in done.stderr
    assert list((partnered.settings.state_dir / "credentials").glob(f"*{NO}*")) == []


def test_a_revoked_enterprise_that_is_added_again_keeps_its_queue(partnered: World) -> None:
    before = credentials(partnered)
    coedi(partnered, "enterprise", "revoke", NO)
    assert add_enterprise(partnered).returncode == 0
    after = credentials(partnered)
    assert after["receipt_queue"] == before["receipt_queue"]
    assert (lets_in(before), lets_in(after)) == (False, True)


def test_every_change_leaves_an_audit_line_without_secrets(partnered: World) -> None:
    password = credentials(partnered, "--rotate")["amqp_url"].split(":")[2].split("@")[0]
    coedi(partnered, "enterprise", "revoke", NO)
    database = partnered.database()
    rows = database.run("select action, subject, actor, detail::text from audit order by id")
    database.close()
    assert [(row[0], row[1]) for row in rows] == [
        ("branch.add", BRANCH), ("enterprise.add", NO), ("enterprise.rotate", NO), ("enterprise.revoke", NO)]
    assert all(row[2].startswith("operator:") and password not in row[3] for row in rows)
    assert json.loads(rows[1][3])["signatories"] == {"01": "李文博", "02": "周海燕"}


def test_without_an_administrator_the_commands_are_printed_and_a_second_run_completes(place: World) -> None:
    nobody = {"PATH": "/nonexistent"}
    first = add_branch(place, **nobody)
    assert first.returncode == 3
    first = add_enterprise(place, **nobody)
    assert first.returncode == 3, first.stderr
    commands = [shlex.split(line) for line in first.stderr.splitlines() if line.startswith("  rabbitmqctl")]
    assert [command[1] for command in commands] == ["add_user", "set_permissions", "set_user_limits"]
    login = credentials(place)
    password = login["amqp_url"].split(":")[2].split("@")[0]
    assert password not in first.stdout + first.stderr
    assert not lets_in(login)
    assert login["receipt_queue"] in depths(place.settings.amqp_url, [login["receipt_queue"]])
    for command in commands:
        subprocess.run(command, input=f"{password}\n", text=True, check=True, capture_output=True)
    second = add_enterprise(place, **nobody)
    assert second.returncode == 0, second.stderr
    assert credentials(place) == login
    assert publish(login, login["exchange"])


def test_a_rotation_that_waits_for_an_administrator_keeps_the_old_password(partnered: World) -> None:
    old, nobody = credentials(partnered), {"PATH": "/nonexistent"}
    done = coedi(partnered, "enterprise", "credentials", NO, "--json", "--rotate", **nobody)
    assert done.returncode == 3 and "rabbitmqctl change_password" in done.stderr
    assert credentials(partnered) == old and lets_in(old)
    [pending] = (partnered.settings.state_dir / "credentials").glob("*.next")
    made = json.loads(pending.read_text(encoding="utf-8"))
    subprocess.run(
        ["rabbitmqctl", "-q", "change_password", made["user"]], input=f"{made['password']}\n", text=True, check=True)
    done = coedi(partnered, "enterprise", "credentials", NO, "--json", "--rotate", **nobody)
    assert answer(done)["amqp_url"] == with_credentials(partnered.settings.amqp_url, made["user"], made["password"])


def test_a_broker_that_is_gone_leaves_work_that_the_next_run_completes(place: World) -> None:
    assert add_branch(place).returncode == 0
    done = add_enterprise(place, COEDI_AMQP_URL=NOWHERE)
    assert done.returncode == 3 and len(done.stderr.splitlines()) == 1, done.stderr
    assert add_enterprise(place).returncode == 0
    assert lets_in(credentials(place))


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["enterprise", "add", "3100a0042", "--branch", "1100B0", *NAMES], 2, "9-character registration number"),
        (["enterprise", "add", "3100S00423", "--branch", "1100B0", *NAMES], 2, "18-character credit code"),
        (["enterprise", "add", NO, "--branch", "BJ", *NAMES], 2, "six characters"),
        (["enterprise", "add", NO, "--branch", "1100B0", *NAMES, "--signatory", "李文博"], 2, "01=李文博"),
        (["enterprise", "add", NO, "--branch", "1100B0", *NAMES, "--customs-code", "12"], 2, "ten digits"),
        (["enterprise", "add", NO, "--branch", "9900B0", *NAMES], 4, "there is no branch 9900B0"),
        (["enterprise", "show", NO], 4, f"there is no enterprise {NO}"),
        (["enterprise", "credentials", "1100A0017"], 4, "--rotate"),
        (["branch", "credentials", "9900B0"], 4, "there is no branch 9900B0"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(stored: World, words: list[str], code: int, sentence: str) -> None:
    done = coedi(stored, *words)
    assert done.returncode == code, done.stderr
    assert sentence in done.stderr and "Traceback" not in done.stderr
    database = stored.database()
    assert NO not in [each.no for each in registry.partners(database)]
    database.close()


def test_a_credit_code_belongs_to_one_enterprise(partnered: World) -> None:
    code = "91310115MA1K4LY21X"
    assert add_enterprise(partnered, "--credit-code", code).returncode == 0
    for other in ("3100S0043", code):
        more = () if other == code else ("--credit-code", code)
        done = coedi(partnered, "enterprise", "add", other, "--branch", BRANCH, *NAMES, *more)
        assert done.returncode == 4 and f"on file for enterprise {NO}" in done.stderr, done.stderr
    assert answer(coedi(partnered, "enterprise", "show", code, "--json"))["no"] == NO


def test_the_topology_is_shown_and_healed(world: World) -> None:
    shown = answer(coedi(world, "topology", "show", "--json"))
    assert {queue["name"] for queue in shown["queues"]} == {queue.name for queue in world.topology.queues}
    assert {each["name"] for each in shown["exchanges"]} == {each.name for each in world.topology.exchanges}
    lost = world.topology.queues[-1]
    delete(world.settings.amqp_url, Topology(queues=(lost,)))
    done = coedi(world, "topology", "show", "--json")
    assert [queue["name"] for queue in answer(done, 1)["queues"] if not queue["exists"]] == [lost.name]
    assert "coedi topology apply" in done.stderr
    for _ in range(2):
        done = coedi(world, "topology", "apply")
        assert done.returncode == 0 and lost.name in done.stdout, done.stderr
    assert answer(coedi(world, "topology", "show", "--json"))["bindings"] == shown["bindings"]


def test_a_database_that_is_gone_is_one_line(stored: World) -> None:
    done = coedi(stored, "enterprise", "list", COEDI_DATABASE_URL="postgresql://postgres@127.0.0.1:1/coedi")
    assert done.returncode == 3
    assert done.stderr.startswith("coedi: PostgreSQL is not reachable") and len(done.stderr.splitlines()) == 1
