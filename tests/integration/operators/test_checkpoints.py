"""Signed checkpoints: what they cover cannot vanish or change, and the file itself cannot be edited unnoticed."""

import json
import stat
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from store.checkpoint import FILE, LOCK, checkpoint_if_due, write_checkpoint
from store.database import Database
from store.signing import PRIVATE, PUBLIC, SigningKey
from tests.desk import clean, make_desk
from tests.integration.operators.command import Said, coedi
from tests.integration.operators.test_doctor import plant
from tests.services import World

pytestmark = pytest.mark.database


@pytest.fixture
def covered(lived: World) -> World:
    """A world with two rounds of checkpoints."""
    assert coedi(lived, "audit", "checkpoint").exit_code == 0
    submit(lived, 40, 41)
    assert coedi(lived, "audit", "checkpoint").exit_code == 0
    return lived


def submit(world: World, *numbers: int) -> None:
    """More certificates."""
    desk = make_desk(world)
    desk.deliver(*[clean(number) for number in numbers])
    desk.session.database.close()
    desk.owner.close()


def worker(world: World) -> Database:
    """The relay's own connection."""
    return world.database("coedi_worker")


def lines(world: World) -> list[bytes]:
    """The lines of the file."""
    return (world.settings.state_dir / FILE).read_bytes().splitlines(keepends=True)


def checkpoints(said: Said) -> list[str]:
    """What is wrong with checkpoints, one text a violation."""
    (check,) = [c for c in said.data["checks"] if c["name"] == "checkpoints"]
    assert said.exit_code == (1 if check["violations"] else 0)
    return [f"{each['subject']}: {each['detail']}" for each in check["first"]]


def test_a_line_counts_what_stands_under_its_receipt_numbers(lived: World) -> None:
    written = coedi(lived, "audit", "checkpoint", "--json").data["lines"]
    database = lived.database()
    assert sum(line["transitions"] for line in written) == database.run("select count(*) from transition")[0][0]
    assert sum(line["certificates"] for line in written) == database.run("select count(*) from certificate")[0][0]
    assert sum(line["receipts"] for line in written) == database.run("select count(*) from receipt")[0][0]


def test_untouched_history_verifies_however_it_grows(covered: World) -> None:
    assert checkpoints(coedi(covered, "audit", "verify", "--json")) == []
    submit(covered, 42)
    assert checkpoints(coedi(covered, "audit", "verify", "--json")) == []


def test_nothing_new_makes_no_line(covered: World) -> None:
    assert coedi(covered, "audit", "checkpoint", "--json").data["lines"] == []


@pytest.mark.parametrize("sql", [
    "delete from receipt where stream = 'certificate:' || (select id from certificate where state = 'RETURNED')",
    "delete from receipt where code = 'XML_MALFORMED'",
    "update receipt set body = body || ' ' where code = 'ISSUED'",
    "update transition set hash = sha256('x') where event = 'issue'",
    "delete from transition where certificate = (select id from certificate where state = 'RETURNED')",
])
def test_what_a_line_covers_is_missed_when_it_vanishes_or_changes(covered: World, sql: str) -> None:
    plant(covered, sql)
    assert checkpoints(coedi(covered, "audit", "verify", "--json"))


def test_a_certificate_removed_with_every_trace_is_missed(covered: World) -> None:
    """The newest certificate of an enterprise, all its rows, and the counters set back: no other promise is broken."""
    database = covered.database()
    identity, enterprise = database.run("select id, enterprise from certificate order by id desc limit 1")[0]
    streams = (f"'certificate:{identity}', 'message:{identity}', "
               f"(select 'message:' || interchange from message where id = '{identity}')")
    mine = {"transition": "certificate", "document": "certificate", "number_ledger": "certificate",
            "live_invoice": "certificate", "inbox": "message", "message": "id", "certificate": "id"}
    for sql in (
        f"delete from outbox where receipt in (select id from receipt where stream in ({streams}))",
        f"delete from receipt where stream in ({streams})",
        f"delete from interchange where id = (select interchange from message where id = '{identity}')",
        *(f"delete from {table} where {column} = '{identity}'" for table, column in mine.items()),
        f"update number_counter set last = (select coalesce(max(n), 0) from number_ledger where enterprise = '{enterprise}') "
        f"where enterprise = '{enterprise}'",
        f"update feed_counter set last = (select coalesce(max(feed_no), 0) from receipt where enterprise = '{enterprise}') "
        f"where enterprise = '{enterprise}'",
    ):
        plant(covered, sql)
    said = coedi(covered, "doctor", "--json")
    assert [check["name"] for check in said.data["checks"] if check["violations"]] == ["checkpoints"]
    assert any(f"the first missing receipts: {enterprise}" in text for text in checkpoints(said))


def edited(rows: list[bytes]) -> list[bytes]:
    return [rows[0].replace(b'"certificates":', b'"certificates":1', 1), *rows[1:]]


def resigned_without_key(rows: list[bytes]) -> list[bytes]:
    line = json.loads(rows[0]) | {"signature": "00" * 64}
    return [json.dumps(line).encode() + b"\n", *rows[1:]]


TAMPERED: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "a number edited": edited,
    "another signature": resigned_without_key,
    "the first line deleted": lambda rows: rows[1:],
    "a line in the middle deleted": lambda rows: [rows[0], *rows[2:]],
    "the last line deleted": lambda rows: rows[:-1],
    "the end of the last line cut off": lambda rows: [*rows[:-1], rows[-1][:-9]],
    "two lines exchanged": lambda rows: [rows[1], rows[0], *rows[2:]],
    "a line inserted": lambda rows: [rows[0], rows[0], *rows[1:]],
    "a line of something else": lambda rows: [*rows, b"{}\n"],
    "everything deleted": lambda rows: [],
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_file_that_was_tampered_with_does_not_verify(covered: World, how: str) -> None:
    (covered.settings.state_dir / FILE).write_bytes(b"".join(TAMPERED[how](lines(covered))))
    assert checkpoints(coedi(covered, "audit", "verify", "--json"))


def test_a_file_that_is_gone_is_missed_because_the_audit_knows_of_it(covered: World) -> None:
    (covered.settings.state_dir / FILE).unlink()
    assert checkpoints(coedi(covered, "audit", "verify", "--json"))


def test_another_key_does_not_verify(covered: World) -> None:
    for name in (PRIVATE, PUBLIC):
        (covered.settings.state_dir / name).unlink()
    SigningKey.of(covered.settings.state_dir, new=True)
    assert checkpoints(coedi(covered, "audit", "verify", "--json"))


def test_the_key_is_its_owners_and_an_open_one_is_refused(covered: World) -> None:
    key = covered.settings.state_dir / PRIVATE
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.chmod(0o644)
    said = coedi(covered, "audit", "checkpoint")
    assert (said.exit_code, "chmod 600" in said.why) == (2, True)


def test_it_is_written_when_due_and_not_before(lived: World) -> None:
    database = worker(lived)
    assert checkpoint_if_due(database, lived.settings.state_dir)
    submit(lived, 40)
    assert checkpoint_if_due(database, lived.settings.state_dir) == []
    assert checkpoint_if_due(database, lived.settings.state_dir, every=0)


def test_only_one_of_two_processes_writes(lived: World) -> None:
    other, database = worker(lived), worker(lived)
    with other.transaction():
        other.run("select pg_advisory_xact_lock(%s)", (LOCK,))
        assert write_checkpoint(database, lived.settings.state_dir) is None
        assert checkpoint_if_due(database, lived.settings.state_dir) == []
        assert coedi(lived, "audit", "checkpoint").exit_code == 4
    assert checkpoint_if_due(database, lived.settings.state_dir)


def test_a_line_left_unfinished_by_a_crash_is_no_alarm_and_is_replaced(covered: World) -> None:
    path = covered.settings.state_dir / FILE
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"line": 99, "at"')
    assert checkpoints(coedi(covered, "audit", "verify", "--json")) == []
    submit(covered, 42)
    assert write_checkpoint(worker(covered), covered.settings.state_dir)
    assert path.read_bytes().startswith(whole + b'{"at"')
    assert checkpoints(coedi(covered, "audit", "verify", "--json")) == []


def test_lines_that_the_audit_does_not_know_are_gone_on_from(lived: World, monkeypatch: pytest.MonkeyPatch) -> None:
    database = worker(lived)

    def killed(name: str, /, **parameters: Any) -> Any:
        if name == "insert_audit":
            raise KeyboardInterrupt
        return Database.query(database, name, **parameters)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(database, "query", killed)
        write_checkpoint(database, lived.settings.state_dir)
    assert lines(lived)
    submit(lived, 40)
    assert write_checkpoint(database, lived.settings.state_dir, timedelta(0))
    assert checkpoints(coedi(lived, "audit", "verify", "--json")) == []


def test_a_folder_that_cannot_be_used_never_stops_the_relay(covered: World, capsys: pytest.CaptureFixture[str]) -> None:
    (covered.settings.state_dir / PRIVATE).unlink()
    submit(covered, 42)
    assert checkpoint_if_due(worker(covered), covered.settings.state_dir, every=0) == []
    assert PRIVATE in capsys.readouterr().out
    assert coedi(covered, "audit", "checkpoint").exit_code == 2


def test_an_enterprise_that_moves_to_another_branch_goes_on_where_its_receipts_ended(covered: World) -> None:
    covered.database().run("update enterprise set branch = (select max(code) from branch) where no = '1100A2001'")
    submit(covered, 42)  # the first firm again
    (line,) = coedi(covered, "audit", "checkpoint", "--json").data["lines"]
    assert line["feeds"]["1100A2001"][0] > 1
    assert checkpoints(coedi(covered, "audit", "verify", "--json")) == []
