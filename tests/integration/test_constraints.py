"""What the database itself refuses: half-states, edits of what has happened, and roles that go beyond their work."""

from collections.abc import Iterator

import psycopg2
import pytest

from domain.certificate_lifecycle import CERTIFICATE
from domain.errors import Refusal
from store import migrate as migrations
from store.database import Database
from tests.desk import Desk, clean, make_desk
from tests.services import World

pytestmark = pytest.mark.database


@pytest.fixture
def desk(stored: World) -> Iterator[Desk]:
    """A desk whose certificates stop before the print stage."""
    made = make_desk(stored, hosted=("schema-check", "rule-check", "auto-review"))
    made.deliver(clean())
    yield made
    made.session.database.close()
    made.owner.close()


DISHONEST = {
    "a state without its transition": "update certificate set state = 'ISSUED', version = version + 1",
    "a version without its transition": "update certificate set version = version + 1",
    "a waiting state without its work order": "delete from work_order",
    "a work order that the state does not wait for": "update work_order set stage = 'rule-check'",
    "a transition without its receipt":
        "insert into transition select certificate, version + 1, revision, state, 'issue', 'ISSUED', actor, at, detail,"
        " hash, hash, 'no-such-receipt' from transition where state = 'APPROVED'",
    "a second certificate for a live invoice":
        "insert into live_invoice select enterprise, invoice, gen_random_uuid() from live_invoice",
    "a certificate number twice":
        "insert into number_ledger select enterprise, letter, year, n + 1, number, certificate, status, reason, at"
        " from number_ledger",
    "a receipt number of an enterprise twice":
        "insert into receipt select id || 'x', stream || 'x', sequence, enterprise, branch, feed_no, code, correlation, state,"
        " body, at from receipt limit 1",
    "an edited receipt": "update receipt set code = 'ISSUED'",
    "a deleted transition": "delete from transition",
    "an edited archive": "update interchange set body = 'x'",
    "a deleted delivery": "delete from interchange",
    "an open count that does not add up": "update interchange set open = 1",
}


@pytest.mark.parametrize("what", DISHONEST)
def test_the_database_refuses(desk: Desk, what: str) -> None:
    with pytest.raises(psycopg2.IntegrityError), desk.owner.transaction():
        desk.owner.run("set constraints all immediate" if "insert" not in DISHONEST[what] else "select 1")
        desk.owner.run(DISHONEST[what])


@pytest.mark.parametrize("statement", [
    "delete from receipt", "update transition set actor = 'x'", "update interchange set body = 'x'", "delete from message",
    "insert into enterprise (no) values ('1')", "update parked set disposition = 'archived'", "drop table receipt",
    "alter table receipt disable trigger all", "delete from certificate", "update receipt set body = 'x'",
])
def test_a_worker_may_not(desk: Desk, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        desk.session.database.run(statement)


def test_the_generated_column_follows_the_life_cycle_table(desk: Desk) -> None:
    ((definition,),) = desk.query(
        "select pg_get_expr(adbin, adrelid) from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum"
        " where a.attrelid = 'certificate'::regclass and a.attname = 'waits_for'")
    for state in CERTIFICATE.states:
        if state.waits_for:
            assert f"WHEN '{state.code}'::text THEN '{state.waits_for}'::text" in definition
        else:
            assert f"'{state.code}'" not in definition


def test_migrating_again_changes_nothing_and_an_edited_migration_is_refused(stored: World, monkeypatch: pytest.MonkeyPatch) -> None:
    database = stored.database()
    assert migrations.migrate(database) == [] == migrations.pending(database)
    edited = [(number, name, sql + "-- edited") for number, name, sql in migrations.available()]
    monkeypatch.setattr(migrations, "available", lambda: edited)
    with pytest.raises(Refusal, match="other content"):
        migrations.migrate(database)
    database.close()


def test_two_processes_migrating_at_once_wait_for_each_other() -> None:
    import threading

    from tests.services import create_database, drop_database

    url = create_database("coedi_test_two_migrations")
    try:
        applied: list[list[str]] = []
        threads = [threading.Thread(target=lambda: applied.append(migrations.migrate(Database(url)))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(len(names) for names in applied) == [0, 0, len(migrations.available())]
    finally:
        drop_database("coedi_test_two_migrations")


def test_hot_queries_use_indexes(desk: Desk) -> None:
    """The plans of what runs for every batch, with sequential scans made unattractive as on a large table."""
    database = desk.owner
    database.run("set enable_seqscan = off")
    looked_at = {
        "select * from inbox where (enterprise, message_id) in (('a', 'b'))": "inbox_pkey",
        "select * from certificate where enterprise = 'a' and invoice = 'b'": "certificate_by_invoice",
        "select * from interchange where (exchange, sha256) in (('a', 'b'))": "interchange_exchange_sha256_key",
        "select * from receipt where stream = 's' order by sequence desc limit 1": "receipt_stream_sequence_key",
        "select * from receipt where enterprise = 'a' and feed_no > 5 order by feed_no limit 10": "receipt_enterprise_feed_no_key",
        "select * from outbox where owner is null order by id limit 10": "outbox_unowned",
        "select * from work_order where not parked and due_at < now()": "work_order_due",
        "select * from message where interchange = '00000000-0000-0000-0000-000000000000'": "message_interchange_position_key",
    }
    for query, index in looked_at.items():
        plan = "\n".join(row[0] for row in database.run("explain " + query))
        assert index in plan, plan
