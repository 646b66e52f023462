"""What a branch decides by message: approve, return, void; on the version it saw, and only for its own certificates."""

from collections.abc import Iterator

import pytest

from domain.certificate import Decision
from pipeline.advance import advance
from pipeline.cases import cases_of
from store.wanted import Wanted
from tests.desk import Desk, clean, make_desk
from tests.services import World
from tests.trade import codes, give_branch_an_exchange, interchange, review, void


@pytest.fixture
def pending(stored: World) -> Iterator[Desk]:
    """A desk whose one application was referred: its certificate was recalled from print, as after a compose failure."""
    made = make_desk(stored, ("schema-check", "rule-check", "auto-review"))
    made.deliver(clean())
    _recall(made)
    yield made
    made.owner.close()
    made.session.database.close()


def _recall(desk: Desk) -> None:
    [(identity, enterprise)] = desk.query("select id, enterprise from certificate")
    [case] = cases_of(desk.session.database, [identity])
    with desk.session.store.work(Wanted(certificates=[identity], enterprises=[enterprise])) as work:
        advance(work, work.held.certificates[identity], Decision("recall", reasons=("COMPOSE_FAILED",)), "print", case.origin)


def row(desk: Desk) -> tuple[str, str, int, str]:
    [found] = desk.query("select enterprise, invoice, version, state from certificate")
    return found[0], found[1], found[2], found[3]


def test_an_approval_at_the_version_seen(pending: Desk) -> None:
    enterprise, invoice, version, state = row(pending)
    assert state == "PENDING_REVIEW"
    exchange = give_branch_an_exchange(pending)
    pending.deliver(review(invoice, enterprise, version), exchange=exchange)
    assert row(pending)[3] == "APPROVED"
    assert codes(pending, "R-1") == ["REVIEW_DONE"]
    assert pending.query("select destination, address from outbox o join receipt r on r.id = o.receipt "
                         "where r.correlation = 'R-1'") == [("branch", "1100B0")]
    pending.deliver(review(invoice, enterprise, version, message_id="R-2"), exchange=exchange)
    assert codes(pending, "R-2") == ["STATE_NOT_ALLOWED"]


def test_a_stale_version_cannot_decide(pending: Desk) -> None:
    enterprise, invoice, version, _ = row(pending)
    pending.deliver(review(invoice, enterprise, version - 1), exchange=give_branch_an_exchange(pending))
    assert codes(pending, "R-1") == ["STALE_VERSION"]
    assert row(pending)[3] == "PENDING_REVIEW"


def test_a_return_needs_a_reason_and_gives_it_to_the_enterprise(pending: Desk) -> None:
    enterprise, invoice, version, _ = row(pending)
    exchange = give_branch_an_exchange(pending)
    pending.deliver(review(invoice, enterprise, version, "RETURN", "R-1"), exchange=exchange)
    assert codes(pending, "R-1") == ["REASON_MISSING"]
    pending.deliver(review(invoice, enterprise, version, "RETURN", "R-2", "goods unclear"), exchange=exchange)
    assert row(pending)[3] == "RETURNED"
    [(body,)] = pending.query("select convert_from(body, 'UTF8') from receipt where state = 'RETURNED' and stream like 'cert%%'")
    assert "RETURNED_BY_REVIEWER: goods unclear" in body


def test_a_claimed_certificate_is_left_to_its_reviewer(pending: Desk) -> None:
    enterprise, invoice, version, _ = row(pending)
    pending.owner.run("update review_task set claimed_by = 'wang', claimed_at = clock_timestamp(), token = 1, "
                      "lease_until = clock_timestamp() + interval '5 minutes'")
    pending.deliver(review(invoice, enterprise, version), exchange=give_branch_an_exchange(pending))
    assert codes(pending, "R-1") == ["CLAIMED"]


def test_void_is_final_and_only_a_branch_may(desk: Desk) -> None:
    desk.deliver(clean())
    [(number, invoice)] = desk.query("select number, invoice from certificate")
    firm = clean().firm.record.no
    desk.deliver(void(number, "V-0", firm), exchange=desk.exchange())
    assert codes(desk, "V-0") == ["KIND_NOT_ALLOWED"]
    exchange = give_branch_an_exchange(desk)
    desk.deliver(void(number, "V-1", reason=""), exchange=exchange)
    assert codes(desk, "V-1") == ["REASON_MISSING"]
    desk.deliver(void(number, "V-2"), exchange=exchange)
    assert row(desk)[3] == "VOID"
    desk.deliver(void(number, "V-3"), exchange=exchange)
    assert codes(desk, "V-3") == ["ALREADY_VOID"]
    desk.deliver(void("26C0000000000/00001", "V-4"), exchange=exchange)
    assert codes(desk, "V-4") == ["CERTIFICATE_UNKNOWN"]
    assert desk.query("select invoice from live_invoice") == [(invoice,)]  # blocked for good


def test_another_branchs_certificate_does_not_exist(desk: Desk) -> None:
    other = next(n for n in range(12) if clean(n).firm.record.branch != "1100B0")
    desk.deliver(clean(other))
    [(number,)] = desk.query("select number from certificate")
    desk.deliver(void(number), exchange=give_branch_an_exchange(desk))
    assert codes(desk, "V-1") == ["CERTIFICATE_UNKNOWN"]
    assert row(desk)[3] == "ISSUED"


def test_a_branch_cannot_apply(desk: Desk) -> None:
    exchange = give_branch_an_exchange(desk)
    body = clean().body.decode().replace(f"<Sender>{clean().firm.record.no}</Sender>", "<Sender>1100B0</Sender>")
    desk.deliver(body.encode(), exchange=exchange)
    assert desk.certificates() == []
    assert desk.query("select code from receipt where enterprise = '1100B0' order by feed_no") == [
        ("BYTES_RECEIVED",), ("KIND_NOT_ALLOWED",), ("INTERCHANGE_ANSWERED",)]


def test_the_order_of_kinds_in_one_interchange_is_kept(desk: Desk) -> None:
    """An unknown kind between two that are known ends a round and is answered in its place."""
    firm = clean().firm.record.no
    desk.deliver(interchange("X-1", firm, "<Poem><MessageId>X-1</MessageId></Poem>"), exchange=desk.exchange())
    assert codes(desk, "X-1") == ["MESSAGE_KIND_UNKNOWN"]
