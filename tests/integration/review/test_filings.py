"""Goods filings and registrations go through the same queue, the same claims and the same checks as certificates."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest

from domain.errors import NotAllowed, Refusal, StaleVersion
from gateway import goods_checks
from gateway.filing_decisions import Person, decide_by_person
from messages.filing_decision import FilingDecision
from review_worker import claims
from review_worker.claims import Referral
from review_worker.desk_queue import Only, waiting
from store.postgres import PostgresStore
from tests.desk import Desk, make_desk
from tests.filing_messages import BRANCH, FIRM, base64_of, broken_promises, decision, form_e, goods, png, registration
from tests.integration.operators.command import coedi
from tests.integration.review.reviewing import race, seats, sees
from tests.services import World
from tests.trade import codes

pytestmark = [pytest.mark.database, pytest.mark.timeout(600)]
WANG, LI = f"{BRANCH}/wang", f"{BRANCH}/li"
VERSION = 2  # at which a filing waits


@pytest.fixture
def desk(stored: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    known, kind = goods_checks.type_of, replace(form_e())
    monkeypatch.setattr(goods_checks, "type_of", lambda code: kind if code == kind.code else known(code))
    made = make_desk(stored)
    yield made
    assert broken_promises(made.owner) == set()
    made.owner.close()
    made.session.database.close()


@pytest.fixture
def seat(desk: Desk) -> Iterator[PostgresStore]:
    with seats(desk.world, 1) as [one]:
        yield one


def file(desk: Desk, count: int = 1) -> list[UUID]:
    """So many goods filings that wait."""
    for number in range(count):
        desk.deliver(goods(f"G-{number}", NameEn=f"PUMPS {number}"), exchange=desk.world.names.enterprise_exchange(FIRM))
    return [row[0] for row in desk.query("select id from filing order by id")]


def approves(filing: UUID, version: int = VERSION) -> FilingDecision:
    return FilingDecision(str(filing), str(version), "APPROVE")


def person(who: str, token: int | None = None) -> Person:
    return Person(f"reviewer:{who}", who, token)


def test_a_filing_is_claimed_by_its_kind_and_decided_under_its_token(desk: Desk, seat: PostgresStore) -> None:
    [filing] = file(desk)
    assert waiting(seat.database) == [] and claims.claim(seat.database, WANG) is None  # no certificate waits
    [row] = waiting(seat.database, Only(kind="goods"))
    assert (row.subject, row.type, row.goods, row.invoice) == (filing, "FORME2", "PUMPS 0", "")
    assert waiting(seat.database, Only(kind=None)) == [row]
    made = claims.claim(seat.database, WANG, kind="goods", skills=("FORME2",))
    assert made and (made.subject, made.version) == (filing, VERSION)
    with pytest.raises(NotAllowed, match=f"filing {filing} is claimed by {WANG}"):
        decide_by_person(seat, "goods", approves(filing), person(LI))
    claims.steal(seat.database, LI, filing, "urgent")
    with pytest.raises(NotAllowed, match="is claimed by"):
        decide_by_person(seat, "goods", approves(filing), person(WANG, made.token))
    claims.refer(seat.database, LI, filing, Referral("look at the share", WANG))
    coded = Person(f"reviewer:{WANG}", WANG, coded=("PAPERS_SEEN: 已核对随附单据 / The papers were looked at",))
    moved = decide_by_person(seat, "goods", approves(filing), coded)
    assert (moved.state, waiting(seat.database, Only(kind=None))) == ("APPROVED", [])
    [(actor, detail)] = desk.query("select actor, detail from filing_transition where version = %s", VERSION + 1)
    assert actor == f"reviewer:{WANG}" and detail["reasons"][0].startswith("PAPERS_SEEN: ")


def test_a_registration_is_approved_at_the_desk_of_its_branch(desk: Desk, seat: PostgresStore) -> None:
    more = f"<CustomsCodes><CustomsCode><Code>1101960099</Code></CustomsCode></CustomsCodes><Seal>{base64_of(png())}</Seal>"
    desk.deliver(registration("R-1", more=more), exchange=desk.world.names.enterprise_exchange(FIRM))
    made = claims.claim(seat.database, WANG, kind="registration")
    assert made
    value = FilingDecision(str(made.subject), str(made.version), "APPROVE", approved=("1101960099",))
    assert decide_by_person(seat, "registration", value, person(WANG, made.token)).state == "REGISTERED"
    assert desk.query("select status from customs_code where code = '1101960099'") == [("approved",)]


def test_a_change_of_a_filing_replaces_it_at_the_desk(desk: Desk, seat: PostgresStore) -> None:
    [filing] = file(desk)
    first = decide_by_person(seat, "goods", approves(filing), person(WANG))
    desk.deliver(goods("G-9", NameEn="PUMPS 0", Changes=first.number or ""), exchange=desk.world.names.enterprise_exchange(FIRM))
    [row] = waiting(seat.database, Only(kind="goods"))
    decide_by_person(seat, "goods", approves(row.subject, row.version), person(WANG))
    assert desk.query("select state from filing order by id") == [("REPLACED",), ("APPROVED",)]


def test_the_branchs_system_leaves_a_claimed_filing_to_its_reviewer(desk: Desk, seat: PostgresStore) -> None:
    [filing] = file(desk)
    claims.claim(seat.database, WANG, kind="goods")
    exchange = desk.world.names.branch_exchange(BRANCH)
    desk.deliver(decision("D-1", filing, VERSION), exchange=exchange)
    assert codes(desk, "D-1") == ["CLAIMED"]
    claims.release(seat.database, WANG, filing)
    desk.deliver(decision("D-2", filing, VERSION), exchange=exchange)
    assert codes(desk, "D-2") == ["FILING_DECIDED"]


def test_a_stale_screen_is_told_who_was_faster(desk: Desk, seat: PostgresStore) -> None:
    [filing] = file(desk)
    back = FilingDecision(str(filing), str(VERSION), "RETURN", reason="share unclear")
    decide_by_person(seat, "goods", back, person(LI))
    with pytest.raises(StaleVersion) as late:
        decide_by_person(seat, "goods", approves(filing), person(WANG))
    assert late.value.lost and (late.value.lost.who, late.value.lost.event) == (f"reviewer:{LI}", "return")
    with pytest.raises(Refusal, match="does not allow it: returned"):
        decide_by_person(seat, "goods", approves(filing, VERSION + 1), person(WANG))


def test_another_branch_neither_sees_nor_claims_nor_decides(desk: Desk, seat: PostgresStore) -> None:
    [filing] = file(desk)
    other = PostgresStore(sees(desk.world, "4403C1"))
    assert waiting(other.database, Only(kind=None)) == []
    for attempt in (lambda: claims.claim(other.database, "4403C1/wang", subject=filing),
                    lambda: decide_by_person(other, "goods", approves(filing), person("4403C1/wang"))):
        with pytest.raises(Refusal, match=r"does not wait for review|there is no goods filing"):
            attempt()
    other.database.close()


def test_two_persons_decide_on_one_filing(desk: Desk) -> None:
    """A hundred times: one decides, the other is told who did."""
    ids = file(desk, 100)
    back = [FilingDecision(str(one), str(VERSION), "RETURN", reason="share unclear") for one in ids]
    with seats(desk.world, 2) as (one, two):
        got = race(100, lambda n: decide_by_person(one, "goods", approves(ids[n]), person(WANG)),
                   lambda n: decide_by_person(two, "goods", back[n], person(LI)))
    for pair in got:
        [late] = [each for each in pair if isinstance(each, Refusal)]
        assert isinstance(late, StaleVersion) and late.lost
        assert late.lost.who == f"reviewer:{WANG if late is pair[1] else LI}"


def test_the_shell_claims_and_decides_filings(desk: Desk, seat: PostgresStore) -> None:
    [filing] = file(desk)
    world = desk.world
    made = coedi(world, "review", "claim", "--kind", "goods", "--as-reviewer", "wang", "--json").data
    assert made["subject"] == str(filing)
    assert coedi(world, "review", "claim", filing, "--kind", "registration").exit_code == 4
    assert coedi(world, "review", "list", "--kind", "all", "--json").data["waiting"][0]["certificate"] is None
    busy = coedi(world, "filing", "approve", filing, "--version", VERSION, "--as-reviewer", "li")
    assert busy.exit_code == 4 and "is claimed by wang" in busy.why
    said = coedi(world, "filing", "return", filing, "--version", VERSION, "--token", made["token"], "--as-reviewer", "wang",
                 "--reason", "成分不明", "--reason-code", "VALUE_CONTENT")
    assert said.exit_code == 0
    [(detail,)] = desk.query("select detail from filing_transition where event = 'return'")
    assert detail["reasons"] == [
        "VALUE_CONTENT: 区域价值成分计算有误 / The value content is calculated wrongly", "RETURNED_BY_BRANCH: 成分不明"]
