"""`coedi receipts resend`: what was sent once is sent again, byte for byte, and nothing else happens."""

import pytest

from domain.errors import UnknownThing
from pipeline.identity import new_id
from pipeline.relay import outgoing
from pipeline.resend import PAGE, resend
from pipeline.topology import Names
from store.outbox import claimed_row
from tests.desk import clean
from tests.integration.operators.command import coedi
from tests.integration.operators.test_doctor import plant
from tests.services import World

pytestmark = pytest.mark.database

NO = clean(0).firm.record.no


def counts(world: World) -> list[object]:
    """How many receipts, transitions and rows to send there are."""
    database = world.database()
    rows = database.run(
        "select (select count(*) from receipt), (select count(*) from transition), (select count(*) from outbox)")
    database.close()
    return list(rows[0])


def test_a_range_is_sent_again_byte_equal_marked_and_in_order(lived: World) -> None:
    plant(lived, "delete from outbox")
    before = counts(lived)
    said = coedi(lived, "receipts", "resend", NO, "--feed", "2..4", "--json")
    assert (said.exit_code, said.data) == (0, {"enterprise": NO, "first": 2, "last": 4, "resent": 3})
    database = lived.database()
    keys = [row[0] for row in database.run("select key from outbox where owner is null order by id")]
    rows = [claimed_row(row) for row in database.query("outbox_rows", keys=keys)]
    kept = database.run("select id, body from receipt where enterprise = %s and feed_no between 2 and 4 order by feed_no", (NO,))
    assert [(row.receipt, row.body) for row in rows] == [(identity, bytes(body)) for identity, body in kept]
    for row in rows:
        message = outgoing(Names(""), row)
        assert (message.headers["repeat"], message.exchange, message.routing_key) == (True, Names("").receipts, NO)
    assert counts(lived) == [before[0], before[1], 3]
    lines = database.run("select actor, subject, detail from audit where action = 'receipts resend'")
    assert [(line[0].split(":")[0], line[1], line[2]) for line in lines] == [("operator", NO, {"first": 2, "last": 4})]
    database.close()


def test_one_number_is_a_range_and_asking_twice_sends_twice(lived: World) -> None:
    plant(lived, "delete from outbox")
    assert coedi(lived, "receipts", "resend", NO, "--feed", 1).out == f"1 receipts of {NO} are sent again: 1 to 1\n"
    assert coedi(lived, "receipts", "resend", NO, "--feed", 1).exit_code == 0
    assert counts(lived)[2] == 2


def test_the_relay_is_woken(lived: World) -> None:
    listener = lived.database()
    listener.wait_notified("coedi_outbox", 0)
    coedi(lived, "receipts", "resend", NO, "--feed", "1..2")
    assert listener.wait_notified("coedi_outbox", 5)
    listener.close()


@pytest.mark.parametrize(("feed", "code"), [
    ("0..2", 4), ("1..99999", 4), ("99999", 4), ("4..2", 2), ("x", 2), ("1..", 2), ("-1", 2), ("1...2", 2)])
def test_a_range_that_is_not_there_is_refused(lived: World, feed: str, code: int) -> None:
    before = counts(lived)
    said = coedi(lived, "receipts", "resend", NO, f"--feed={feed}")
    assert said.exit_code == code
    assert code == 2 or "it has receipts 1 to" in said.why
    assert counts(lived) == before


def test_an_enterprise_nobody_knows_or_that_was_told_nothing_is_refused(lived: World) -> None:
    assert coedi(lived, "receipts", "resend", "9999A9999", "--feed", "1..2").exit_code == 4
    database = lived.database("coedi_operator")
    with pytest.raises(UnknownThing, match="it has no receipts"):
        resend(database, new_id, "operator:x", "nobody", 1, 1)
    database.close()


def test_a_long_range_is_sent_in_pages(lived: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert PAGE == 500
    monkeypatch.setattr("pipeline.resend.PAGE", 2)
    plant(lived, "delete from outbox")
    assert coedi(lived, "receipts", "resend", NO, "--feed", "1..5", "--json").data["resent"] == 5
    database = lived.database()
    assert database.run("select count(*), count(distinct receipt) from outbox") == [(5, 5)]
    assert database.run("select count(*) from audit where action = 'receipts resend'") == [(3,)]
    database.close()


def test_receipts_are_listed_with_or_without_the_word(lived: World) -> None:
    asked = [["receipts", NO, "--limit", 2], ["receipts", "--limit", 2, NO], ["receipts", "list", NO, "--limit", 2]]
    first, *others = [coedi(lived, *words, "--json") for words in asked]
    assert [each["feed_no"] for each in first.data["receipts"]] == [1, 2]
    assert [other.data for other in others] == [first.data] * 2
    assert coedi(lived, "receipts", "9999A9999").exit_code == 4
