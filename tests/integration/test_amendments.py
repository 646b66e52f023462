"""Amendments: the original is superseded when the new certificate is issued; of two that race one wins."""

from collections.abc import Iterator

import pytest

from gateway.intake import Intake
from pipeline.effects import finish
from pipeline.orders import Orders, WorkOrder
from tests.desk import Desk, clean, make_desk
from tests.integration.operators.command import coedi
from tests.services import World
from tests.trade import amendment, codes, give_branch_an_exchange, interchange, void


@pytest.fixture
def desk(stored: World) -> Iterator[Desk]:
    made = make_desk(stored)
    made.deliver(clean())
    yield made
    made.owner.close()
    made.session.database.close()


def issued(desk: Desk) -> tuple[str, int]:
    """Number and revision of the certificate in force."""
    [row] = desk.query("select c.number, c.revision from live_invoice l join certificate c on c.id = l.certificate")
    return row[0], row[1]


def states(desk: Desk) -> list[str]:
    return [row[0] for row in desk.query("select state from certificate order by id")]


def test_the_original_is_superseded_when_its_amendment_is_issued(desk: Desk) -> None:
    number, revision = issued(desk)
    desk.deliver(amendment(clean(), "A-1", number, revision), exchange=desk.exchange())
    assert states(desk) == ["SUPERSEDED", "ISSUED"]
    new, newer = issued(desk)
    assert (new != number, newer) == (True, revision + 1)
    [(receipts,)] = desk.query("select array_agg(code order by feed_no) from receipt where correlation = 'A-1'")
    assert sorted(receipts[-2:]) == ["ISSUED", "SUPERSEDED"]
    assert desk.query("select count(*) from live_amendment") == [(0,)]
    assert desk.query("select replacing from certificate where replaces is not null") == [("AMEND",)]


def test_an_amendment_of_an_old_revision_learns_the_current_one(desk: Desk) -> None:
    number, revision = issued(desk)
    desk.deliver(amendment(clean(), "A-1", number, revision), exchange=desk.exchange())
    new, newer = issued(desk)
    desk.deliver(amendment(clean(), "A-2", number, revision), exchange=desk.exchange())
    assert codes(desk, "A-2") == ["REVISION_STALE"]
    [(body,)] = desk.query("select convert_from(body, 'UTF8') from receipt where correlation = 'A-2'")
    assert f"The certificate in force is {new}, revision {newer}" in body
    desk.deliver(amendment(clean(), "A-3", new, newer), exchange=desk.exchange())
    assert states(desk) == ["SUPERSEDED", "SUPERSEDED", "ISSUED"]


def test_while_one_is_under_way_another_is_refused(desk: Desk) -> None:
    number, revision = issued(desk)
    second = make_desk_without_print(desk)
    second.deliver(amendment(clean(), "A-1", number, revision), exchange=desk.exchange())
    second.deliver(amendment(clean(), "A-2", number, revision, change=("HAMBURG", "BREMEN")), exchange=desk.exchange())
    assert codes(desk, "A-2") == ["AMENDMENT_UNDER_WAY"]
    assert states(desk) == ["ISSUED", "SCHEMA_CHECKED"]


def make_desk_without_print(desk: Desk) -> Desk:
    """A second desk on the same world: its certificates wait after the schema check."""
    return make_desk(desk.world, ("schema-check",))


def test_a_returned_amendment_is_revised_by_the_next(desk: Desk) -> None:
    number, revision = issued(desk)
    broken = amendment(clean(), "A-1", number, revision, change=("<HSCode>", "<HSCode>77"))
    desk.deliver(broken, exchange=desk.exchange())
    assert states(desk) == ["ISSUED", "RETURNED"]
    desk.deliver(amendment(clean(), "A-2", number, revision), exchange=desk.exchange())
    assert states(desk) == ["SUPERSEDED", "ISSUED"]
    assert issued(desk)[1] == revision + 2


def test_an_amendment_of_a_void_certificate_is_refused(desk: Desk) -> None:
    number, revision = issued(desk)
    desk.deliver(void(number), exchange=give_branch_an_exchange(desk))
    assert states(desk) == ["VOID"]
    desk.deliver(amendment(clean(), "A-1", number, revision), exchange=desk.exchange())
    assert codes(desk, "A-1") == ["ORIGINAL_NOT_ISSUED"]


def test_an_original_that_is_voided_meanwhile_stops_its_amendment(desk: Desk) -> None:
    number, revision = issued(desk)
    slow = make_desk_without_print(desk)
    slow.deliver(amendment(clean(), "A-1", number, revision), exchange=desk.exchange())
    desk.deliver(void(number), exchange=give_branch_an_exchange(desk))
    [(identity, version)] = desk.query("select id, version from certificate where state = 'SCHEMA_CHECKED'")
    done = Orders(desk.session).commit([WorkOrder(identity, version, "rule-check")])
    finish(desk.session, done.waiting)
    assert states(desk) == ["VOID", "PENDING_REVIEW"]
    [(reasons,)] = desk.query("select reasons from review_task")
    assert reasons[0].startswith("ORIGINAL_NOT_ISSUED")
    assert desk.query("select c.state from live_invoice l join certificate c on c.id = l.certificate") == [("VOID",)]


def test_an_amendment_that_came_before_its_original_waits_for_it(desk: Desk) -> None:
    later = clean(1)
    desk.deliver(amendment(later, "A-1", "", 1), exchange=desk.exchange(1))
    assert codes(desk, "A-1") == []
    assert desk.query("select count(*) from early_message") == [(1,)]
    desk.deliver(later)
    desk.owner.run("update early_message set retry_at = clock_timestamp()")
    intake, ahead = Intake(desk.session), Intake(desk.session).due()
    while ahead:
        done = intake.commit(ahead)
        finish(desk.session, done.waiting)
        ahead = done.rest
    assert states(desk) == ["ISSUED", "SUPERSEDED", "ISSUED"]
    assert desk.query("select count(*) from early_message") == [(0,)]


def test_a_kind_that_does_not_exist_is_refused(desk: Desk) -> None:
    number, revision = issued(desk)
    desk.deliver(amendment(clean(), "A-1", number, revision, kind="REPAIR"), exchange=desk.exchange())
    assert codes(desk, "A-1") == ["AMENDMENT_KIND_UNKNOWN"]


def test_trace_shows_what_replaces_what(desk: Desk) -> None:
    number, revision = issued(desk)
    desk.deliver(amendment(clean(), "A-1", number, revision), exchange=desk.exchange())
    new, _ = issued(desk)
    old = coedi(desk.world, "trace", number, "--json").data["certificate"]
    assert (old["state"], old["replaced_by"]) == ("SUPERSEDED", [f"{new} ISSUED"])
    made = coedi(desk.world, "trace", new, "--json").data["certificate"]
    assert (made["replaces"], made["replacing"]) == (number, "AMEND")
    assert f"{number} (AMEND)" in coedi(desk.world, "trace", new).out


def test_the_status_of_a_replaced_certificate_by_its_number(desk: Desk) -> None:
    number, revision = issued(desk)
    desk.deliver(amendment(clean(), "A-1", number, revision), exchange=desk.exchange())
    question = f"<Certificate><CertificateNo>{number}</CertificateNo></Certificate>"
    desk.deliver(interchange("Q-1", clean().firm.record.no, f"<StatusEnquiry><MessageId>Q-1</MessageId>{question}</StatusEnquiry>"),
                 exchange=desk.exchange())
    [(state,)] = desk.query("select state from receipt where correlation = 'Q-1'")
    assert state == "SUPERSEDED"
