"""Goods filings: filed, decided, changed, taken back; every refusal, every race, and what rules see of them."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from console.wiring import STAGES
from domain.application import Application, GoodsLine
from domain.certificate import Certificate, Origin
from gateway import goods_checks
from gateway.intake import Intake
from messages.receipts import Receipt, read
from pipeline import facts
from pipeline.identity import new_id
from pipeline.stage import Case
from pipeline.watchdog import report_overdue_filings
from store.filings import WantedGoods, goods_filings
from store.postgres import PostgresStore
from tests.desk import Desk, another_session, make_desk
from tests.filing_messages import (
    BRANCH,
    FIRM,
    OTHER_BRANCH,
    OTHER_FIRM,
    broken_promises,
    decision,
    form_e,
    goods,
    interchange,
)
from tests.services import World


@pytest.fixture(autouse=True)
def preferential(monkeypatch: pytest.MonkeyPatch) -> None:
    """A type with criteria that are known here, whatever its definition file says."""
    kinds = {"FORME2": form_e(), "OFF": replace(form_e(), code="OFF", enabled=False, reason_en="not verified")}
    known = goods_checks.type_of
    monkeypatch.setattr(goods_checks, "type_of", lambda code: kinds.get(code) or known(code))


@pytest.fixture
def place(stored: World) -> Iterator[Desk]:
    desk = make_desk(stored)
    yield desk
    assert broken_promises(desk.owner) == set()
    desk.owner.close()
    desk.session.database.close()


def send(desk: Desk, *bodies: bytes, sender: str = FIRM) -> None:
    names = desk.world.names
    exchange = names.branch_exchange(sender) if len(sender) == 6 else names.enterprise_exchange(sender)
    desk.deliver(*bodies, exchange=exchange)


def receipts(desk: Desk, message_id: str) -> list[Receipt]:
    rows = desk.query("select body from receipt where correlation = %s order by enterprise, feed_no", message_id)
    return [read(bytes(row[0])) for row in rows]


def codes(desk: Desk, message_id: str) -> list[str]:
    return [receipt.code for receipt in receipts(desk, message_id)]


def found(desk: Desk, message_id: str) -> set[str]:
    """Codes of the findings of the message's own answer."""
    [answer] = [one for one in receipts(desk, message_id) if one.stream.startswith("message:")]
    return {finding.code for finding in answer.findings}


def filings(desk: Desk) -> list[Any]:
    """(state, version, revision, number) in the order of filing."""
    return desk.query("select state, version, revision, number from filing order by id")


def newest(desk: Desk) -> Any:
    [(identity,)] = desk.query("select id from filing order by id desc limit 1")
    return identity


def approve(desk: Desk, message_id: str, version: int = 2, **options: Any) -> str:
    """The newest filing approved by a message of its branch; its number."""
    send(desk, decision(message_id, newest(desk), version, **options), sender=BRANCH)
    [(number,)] = desk.query("select number from filing where id = %s", newest(desk))
    return str(number)


def test_goods_without_fault_wait_for_the_branch_and_get_their_number_when_approved(place: Desk) -> None:
    send(place, goods("G-1", ValidTo="2099-12-31", HSCode="8413.70.99", Criterion="rvc"))
    assert codes(place, "G-1") == ["GOODS_RECEIVED", "FILING_TAKEN", "GOODS_PENDING_REVIEW"]
    assert filings(place) == [("PENDING_REVIEW", 2, 1, None)]
    number = approve(place, "D-1", more="<ValidTo>2099-06-30</ValidTo>")
    assert number.startswith("F") and number.endswith(f"-{FIRM}-0001")
    assert filings(place) == [("APPROVED", 3, 1, number)]
    assert codes(place, "D-1") == ["FILING_DECIDED"]
    told = receipts(place, "G-1")[-1]
    assert (told.code, told.filing_no, told.event) == ("GOODS_APPROVED", number, "approve")
    addressed = place.query("select destination, address from outbox where receipt = %s order by 1", told.id)
    assert addressed == [("branch", BRANCH), ("enterprise", FIRM)]
    wanted = WantedGoods(FIRM, "FORME2", "841370")
    [seen] = goods_filings(place.owner, [wanted])[wanted]
    assert (seen.number, seen.state, str(seen.valid_to), seen.criterion) == (number, "APPROVED", "2099-06-30", "RVC")
    assert seen.hs_code == "84137099"
    assert (seen.producer, str(seen.value_content)) == ("BEIJING HUALING MACHINERY WORKS", "55")


def test_goods_with_faults_come_back_with_all_of_them(place: Desk) -> None:
    send(place, goods("G-1", HSCode="84", NameEn="", Criterion="ZZ", ValidTo="2020-01-01"))
    assert found(place, "G-1") == {"A02", "E17", "GF02", "F02", "GF05"}
    assert filings(place) == [("RETURNED", 2, 1, None)]
    [answer] = [one for one in receipts(place, "G-1") if one.code == "GOODS_RETURNED"]
    assert all(one.zh and one.en and one.remedy and one.path for one in answer.findings)
    assert place.query("select count(*) from live_filing") == [(0,)]
    assert place.query("select open, refused from interchange") == [(0, 1)]


def test_what_no_source_confirms_is_left_to_the_branch(place: Desk) -> None:
    send(place, goods("G-1", Criterion="OLD", ValueContent="50", HSEdition="2017"))
    assert found(place, "G-1") == {"GF04", "E20"}
    assert filings(place) == [("PENDING_REVIEW", 2, 1, None)]


def test_goods_cannot_be_filed_before_the_customs_code_is_approved_nor_at_another_branch(place: Desk) -> None:
    place.owner.run("update enterprise set customs_code = '' where no = %s", (FIRM,))
    send(place, goods("G-1", branch=OTHER_BRANCH))
    assert found(place, "G-1") == {"A29", "A09"}
    [finding] = [one for one in receipts(place, "G-1")[-1].findings if one.code == "A29"]
    assert finding.zh == "海关编码未通过审核，不能发送商品备案申请"


def test_returned_goods_sent_again_are_the_next_revision(place: Desk) -> None:
    send(place, goods("G-1", ValueContent="10"))
    send(place, goods("G-2"))
    assert filings(place) == [("PENDING_REVIEW", 4, 2, None)]
    assert codes(place, "G-2") == ["GOODS_RECEIVED", "FILING_TAKEN", "GOODS_PENDING_REVIEW"]
    assert place.query("select content ->> 'value_content' from filing") == [("55",)]


def test_goods_are_live_once_however_the_name_is_written(place: Desk) -> None:
    send(place, goods("G-1"))
    send(place, goods("G-2", NameEn="Centrifugal  pumps.", HSCode="8413.70.99"))
    send(place, goods("G-3", NameEn="CENTRIFUGAL PUMPS FOR WATER"))
    assert codes(place, "G-2") == ["FILING_DUPLICATE"]
    assert codes(place, "G-3")[0] == "GOODS_RECEIVED"


def test_a_message_sent_twice_makes_one_filing_and_gets_the_same_receipt_again(place: Desk) -> None:
    body = goods("G-1")
    send(place, body)
    place.owner.run("delete from outbox")
    rows = place.deliver(body.replace(b"<InterchangeId>", b"<InterchangeId>again-"),
                         exchange=place.world.names.enterprise_exchange(FIRM))
    assert [row.code for row in rows if row.repeat] == ["FILING_TAKEN"]
    send(place, goods("G-1", ValueContent="60"))
    assert codes(place, "G-1")[-1] == "MSG_ID_REUSED"
    assert len(filings(place)) == 1


def test_an_enterprise_takes_its_filing_back_before_and_after_the_approval(place: Desk) -> None:
    send(place, goods("G-1"))
    send(place, goods("W-1", Withdraws=str(newest(place)), Reason="wrong goods"))
    assert codes(place, "W-1") == ["FILING_WITHDRAWN"]
    assert filings(place)[0][0] == "WITHDRAWN"
    send(place, goods("G-2"))
    number = approve(place, "D-1", version=5)
    send(place, goods("W-2", Withdraws=number))
    send(place, goods("W-3", Withdraws=number))
    assert (codes(place, "W-2"), codes(place, "W-3")) == (["FILING_WITHDRAWN"], ["STATE_NOT_ALLOWED"])
    send(place, goods("G-3"))  # a number that was given is never taken up again: a filing of its own
    assert [row[0] for row in filings(place)] == ["WITHDRAWN", "PENDING_REVIEW"]


def test_anothers_filing_is_unknown(place: Desk) -> None:
    send(place, goods("G-1"))
    identity = newest(place)
    send(place, goods("W-1", OTHER_FIRM, OTHER_BRANCH, Withdraws=str(identity)), sender=OTHER_FIRM)
    send(place, goods("C-1", OTHER_FIRM, OTHER_BRANCH, Changes=str(identity)), sender=OTHER_FIRM)
    send(place, decision("D-1", identity, 2, branch=OTHER_BRANCH), sender=OTHER_BRANCH)
    assert [codes(place, message) for message in ("W-1", "C-1", "D-1")] == [["FILING_UNKNOWN"]] * 3
    assert filings(place) == [("PENDING_REVIEW", 2, 1, None)]


@pytest.mark.parametrize("name", ["CENTRIFUGAL PUMPS", "CENTRIFUGAL PUMPS OF STEEL"])
def test_an_approved_change_replaces_the_filing_in_the_same_transaction(place: Desk, name: str) -> None:
    send(place, goods("G-1"))
    first = approve(place, "D-1")
    send(place, goods("C-1", Changes=first, Criterion="WO", ValueContent="", NameEn=name))
    send(place, goods("C-2", Changes=first, NameEn="OTHER PUMPS"))
    assert codes(place, "C-2") == ["FILING_UNDER_WAY"]
    assert [row[0] for row in filings(place)] == ["APPROVED", "PENDING_REVIEW"]
    second = approve(place, "D-2")
    assert [(row[0], row[3]) for row in filings(place)] == [("REPLACED", first), ("APPROVED", second)]
    assert second.endswith("-0002")
    assert "GOODS_REPLACED" in codes(place, "C-1")  # it came by the change's message
    [(subject, holder)] = place.query("select subject, filing from live_filing")
    assert holder == newest(place) and not subject.startswith("changes")
    at = place.query("select max(at) filter (where state = 'REPLACED'), max(at) filter (where state = 'APPROVED')"
                     " from filing_transition")
    assert at[0][0] == at[0][1]  # one transaction
    send(place, goods("C-3", Changes=first))
    assert codes(place, "C-3") == ["STATE_NOT_ALLOWED"]


def test_a_change_of_a_filing_that_is_gone_meanwhile_goes_back(place: Desk) -> None:
    send(place, goods("G-1"))
    first = approve(place, "D-1")
    send(place, goods("C-1", Changes=first, ValueContent="70"))
    send(place, goods("W-1", Withdraws=first))
    approve(place, "D-2")
    assert [row[0] for row in filings(place)] == ["WITHDRAWN", "RETURNED"]
    assert receipts(place, "C-1")[-1].reasons[0].startswith("FILING_NOT_APPROVED")
    assert place.query("select count(*) from live_filing") == [(0,)]


def test_a_returned_change_is_revised_by_the_next_one(place: Desk) -> None:
    send(place, goods("G-1"))
    first = approve(place, "D-1")
    send(place, goods("C-1", Changes=first, ValueContent="1"))
    send(place, goods("C-2", Changes=first, ValueContent="80"))
    assert [(row[0], row[2]) for row in filings(place)] == [("APPROVED", 1), ("PENDING_REVIEW", 2)]


@pytest.mark.parametrize(("message", "expected"), [
    (lambda at: decision("D-1", at, 1), "STALE_VERSION"), (lambda at: decision("D-1", at, 2, "RETURN"), "REASON_MISSING"),
    (lambda at: decision("D-1", at, 2, "MAYBE"), "DECISION_UNKNOWN"),
    (lambda at: decision("D-1", at, 2, more="<ValidTo>2020-01-01</ValidTo>"), "VALID_TO_WRONG"),
    (lambda at: decision("D-1", at, 2, kind="RegistrationDecision"), "FILING_UNKNOWN"),
    (lambda at: decision("D-1", "F26-1100A0017-0009", 2), "FILING_UNKNOWN"),
])
def test_a_decision_that_cannot_be_carried_out_is_refused(place: Desk, message: Any, expected: str) -> None:
    send(place, goods("G-1"))
    send(place, message(newest(place)), sender=BRANCH)
    assert codes(place, "D-1") == [expected]
    if expected == "STALE_VERSION":
        assert "version 2" in receipts(place, "D-1")[0].findings[0].en
    assert filings(place) == [("PENDING_REVIEW", 2, 1, None)]


def test_a_branch_returns_goods_with_its_reason(place: Desk) -> None:
    send(place, goods("G-1"))
    send(place, decision("D-1", newest(place), 2, "RETURN", reason="cost sheet missing"), sender=BRANCH)
    assert receipts(place, "G-1")[-1].reasons == ("RETURNED_BY_BRANCH: cost sheet missing",)
    send(place, decision("D-2", newest(place), 3), sender=BRANCH)
    assert codes(place, "D-2") == ["STATE_NOT_ALLOWED"]
    [(actor, action)] = place.query("select actor, action from audit where action like 'goods%%'")
    assert (actor, action) == (f"branch:{BRANCH}", "goods filing return")


def test_an_enterprise_cannot_decide_and_a_branch_cannot_file(place: Desk) -> None:
    send(place, goods("G-1"))
    send(place, decision("D-1", newest(place), 2, branch=FIRM))
    assert codes(place, "D-1") == ["KIND_NOT_ALLOWED"]
    send(place, goods("G-2", sender=BRANCH), sender=BRANCH)
    assert codes(place, "G-2") == ["KIND_NOT_ALLOWED"]


def race(desk: Desk, *messages: tuple[str, bytes]) -> None:
    """Each message handled by a worker of its own, all at once."""
    together = threading.Barrier(len(messages))
    broken: list[BaseException] = []

    def handle(sender: str, body: bytes) -> None:
        session = another_session(desk.world, tuple(STAGES))
        try:
            intake = Intake(session)
            names = desk.world.names
            exchange = names.branch_exchange(sender) if len(sender) == 6 else names.enterprise_exchange(sender)
            items = intake.open([desk.delivery(body, exchange)], silent=False)
            together.wait()
            intake.commit(items)
        except BaseException as error:  # noqa: BLE001 # it is raised again below, in the test's own thread
            broken.append(error)
        finally:
            session.database.close()

    threads = [threading.Thread(target=handle, args=message) for message in messages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]


def test_of_two_filings_of_the_same_goods_one_wins(place: Desk) -> None:
    race(place, (FIRM, goods("G-1")), (FIRM, goods("G-2")))
    assert [row[0] for row in filings(place)] == ["PENDING_REVIEW"]
    assert sorted([codes(place, "G-1")[0], codes(place, "G-2")[0]]) == ["FILING_DUPLICATE", "GOODS_RECEIVED"]


def test_of_two_decisions_one_wins(place: Desk) -> None:
    send(place, goods("G-1"))
    at = newest(place)
    race(place, (BRANCH, decision("D-1", at, 2)), (BRANCH, decision("D-2", at, 2, "RETURN", reason="no")))
    assert sorted(codes(place, "D-1") + codes(place, "D-2")) == ["FILING_DECIDED", "STALE_VERSION"]
    assert filings(place)[0][1] == 3


def test_of_a_decision_and_a_withdrawal_the_first_counts_and_the_history_holds(place: Desk) -> None:
    send(place, goods("G-1"))
    at = newest(place)
    race(place, (BRANCH, decision("D-1", at, 2)), (FIRM, goods("W-1", Withdraws=str(at))))
    state = filings(place)[0][0]
    ends = {("APPROVED", "FILING_DECIDED"), ("WITHDRAWN", "FILING_DECIDED"), ("WITHDRAWN", "STALE_VERSION")}
    assert (state, codes(place, "D-1")[0]) in ends  # approved goods may be withdrawn as well
    assert place.query("select array_agg(version order by version) from filing_transition") in ([([1, 2, 3],)], [([1, 2, 3, 4],)])


def test_many_messages_of_one_interchange_are_each_answered(place: Desk) -> None:
    one = goods("X").decode()
    part = one[one.index("<GoodsFiling>"):one.index("</Interchange>")]
    body = "".join(part.replace("<MessageId>X<", f"<MessageId>M-{n}<").replace("PUMPS<", f"PUMPS MODEL {n % 3}<") for n in range(6))
    send(place, interchange(body))
    assert [codes(place, f"M-{n}")[0] for n in range(6)] == ["GOODS_RECEIVED"] * 3 + ["FILING_DUPLICATE"] * 3
    assert place.query("select open, accepted, refused from interchange") == [(0, 3, 3)]


def test_a_name_longer_than_any_index_allows_comes_back_as_a_fault(place: Desk) -> None:
    send(place, goods("G-1", NameEn="漢字" * 50_000, CertificateType="Z" * 9_000))
    assert "A02" in found(place, "G-1")
    assert filings(place)[0][0] == "RETURNED"


def test_facts_for_rules_come_from_an_index_however_many_filings_there_are(place: Desk) -> None:
    send(place, goods("G-1"))
    # the rows below have no history, which the deferred key would refuse at a commit: look at the plan inside a transaction
    place.owner.run("begin")
    place.owner.run("set constraints all deferred")
    place.owner.run("""
        insert into filing (id, kind, enterprise, branch, subject, message, version, revision, state, head, content,
            certificate_type, hs6, created_at, changed_at)
        select gen_random_uuid(), kind, enterprise, branch, 'S' || n, message, 1, 1, 'RETURNED', head, '{}', certificate_type,
            lpad((n %% 9999)::text, 6, '0'), created_at, changed_at from filing, generate_series(1, 5000) as n""", ())
    place.owner.run("analyze filing")
    plan = "\n".join(row[0] for row in place.owner.run("explain " + place.owner.quote(
        "goods_filings", enterprise=[FIRM], certificate_type=["FORME2"], hs6=["841370"])))
    place.owner.run("rollback")
    assert "filing_of_goods" in plan and "Seq Scan on filing" not in plan


def test_goods_that_wait_too_long_are_reported_once(place: Desk) -> None:
    send(place, goods("G-1"))
    store = PostgresStore(place.session.database)
    assert report_overdue_filings(store) == 0
    place.owner.run("update filing set changed_at = changed_at - interval '4 days'")
    assert [report_overdue_filings(store), report_overdue_filings(store)] == [1, 0]
    told = receipts(place, "G-1")[-1]
    assert (told.code, told.filing, told.branch) == ("NO_PROGRESS", str(newest(place)), BRANCH)


def test_rules_see_the_filings_of_their_goods_and_of_no_others(place: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "type_of", lambda code: form_e())
    send(place, goods("G-1"), goods("G-2", HSCode="841381", NameEn="OTHER PUMPS"), goods("G-3", HSCode="720110", NameEn="IRON"))
    codes_sent = {"8413709990": {"841370"}, "8413": {"841370", "841381"}, "8413.81": {"841381"}, "999": set(), "": set()}
    cases = {code: _case(place, code) for code in codes_sent}
    seen = facts.fetch(place.session.database, ["filings"], cases.values())
    assert {code: set(seen[case.certificate.id].filings) for code, case in cases.items()} == codes_sent
    [filing] = seen[cases["8413709990"].certificate.id].filings["841370"]
    assert (filing.state, filing.name_en) == ("PENDING_REVIEW", "CENTRIFUGAL PUMPS")


def _case(desk: Desk, hs_code: str) -> Case:
    certificate = Certificate(new_id(), FIRM, BRANCH, "FORME2", hs_code or "none", new_id())
    origin = Origin(certificate.message, "", new_id(), None, "")
    return Case(certificate, origin, Application("A-1", goods=(GoodsLine(hs_code=hs_code),)), None)
