"""`coedi replay` of certificates: what is planned is what is done, once, and nothing is numbered, printed or answered twice."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gateway import replay as replaying
from tests.desk import Desk, clean
from tests.integration.operators.command import coedi
from tests.integration.operators.replays import finish, healthy, plan, run, states
from tests.integration.operators.test_doctor import plant
from tests.integration.operators.test_trace import one, traced
from tests.services import World
from tests.trade import amendment, interchange

pytestmark = pytest.mark.database
ROOT = Path(__file__).parents[3]


@pytest.fixture
def repaired(lived: World, desk: Desk) -> World:
    """Five certificates were returned because no signatory was active; now all are."""
    desk.query("update signatory set active = false")
    desk.deliver(*[clean(number) for number in range(70, 75)])
    desk.query("update signatory set active = true")
    desk.query("delete from outbox")
    assert len(states(lived, "RETURNED")) >= 5
    return lived


def test_a_plan_predicts_and_changes_nothing(repaired: World) -> None:
    before = one(repaired, "select count(*) from transition")
    made = plan(repaired, "--state", "RETURNED")
    lines = {item["name"]: item for item in made["items"]}
    for number in range(70, 75):
        line = lines[clean(number).invoice]
        assert (line["old"], line["predicted"], line["state"]) == ("RETURNED", "APPROVED", "planned")
    bad = lines[clean(10).invoice]
    assert (bad["predicted"], bad["state"], bad["became"]) == ("RETURNED", "skipped", "it would be returned again")
    assert "C07" in bad["codes"]
    assert (made["planned"], made["skipped"], made["run_by"]) == (5, len(lines) - 5, None)
    assert one(repaired, "select count(*) from transition") == before
    assert one(repaired, "select count(*) from outbox") == 0


def test_running_resubmits_the_same_content_as_the_next_revision_and_is_issued_once(repaired: World, desk: Desk) -> None:
    invoice = clean(71).invoice
    before = traced(repaired, invoice)["certificate"]
    made = plan(repaired, "--state", "RETURNED")
    done = run(repaired, made)
    assert (done.exit_code, done.data["done"], done.data["planned"]) == (0, 5, 0)
    life = traced(repaired, invoice)["certificate"]
    assert (life["state"], life["revision"], life["messages"]) == ("APPROVED", 2, before["messages"])
    moves = life["transitions"][len(before["transitions"]):]
    assert [move["event"] for move in moves] == ["resubmit", "check-schema", "pass-rules", "approve"]
    assert moves[0]["actor"].startswith("replay:")
    assert moves[0]["reasons"] == ["REPLAYED: signatories were repaired"]
    assert [receipt["sequence"] for receipt in life["receipts"] if receipt["stream"].startswith("certificate")] == list(
        range(1, life["version"] + 1))
    finish(desk)
    assert traced(repaired, invoice)["certificate"]["state"] == "ISSUED"
    assert len(traced(repaired, invoice)["certificate"]["documents"]) == 1
    assert healthy(repaired)


def test_a_certificate_that_has_its_number_keeps_it(lived: World, desk: Desk) -> None:
    (identity,) = desk.query("select id from certificate where state = 'APPROVED'")[0]
    number, count = desk.query("select number, (select count(*) from number_ledger) from certificate where id = %s", identity)[0]
    said = traced(lived, number)["certificate"]
    recall(desk, said["id"])
    made = plan(lived, "--invoice", said["invoice"])
    (line,) = made["items"]
    assert (line["state"], line["kept"]) == ("planned", [f"number {number}"])
    assert run(lived, made).data["done"] == 1
    assert desk.query("select number, (select count(*) from number_ledger) from certificate where id = %s", identity)[0] == (
        number, count)
    assert healthy(lived)


def recall(desk: Desk, identity: str) -> None:
    """Take an approved certificate back to review and let the machine return it."""
    from uuid import UUID

    from domain.certificate import Decision
    from pipeline.advance import advance
    from pipeline.orders import WorkOrder, load_cases
    from store.wanted import Wanted

    for event in ("recall", "return"):
        certificate = desk.session.store.certificate(UUID(identity))
        assert certificate
        (case,) = load_cases(desk.session.database, [WorkOrder(certificate.id, certificate.version, "")])
        with desk.session.store.work(Wanted(certificates=[certificate.id], enterprises=[certificate.enterprise])) as work:
            advance(work, work.held.certificates[certificate.id], Decision(event), "print", case.origin)


def test_a_returned_amendment_is_issued_in_place_of_its_original(lived: World, desk: Desk) -> None:
    [(number, revision, sender)] = desk.query(
        "select number, revision, enterprise from certificate where invoice = %s", clean(0).invoice)
    desk.query("update signatory set active = false where enterprise = %s", sender)
    desk.deliver(amendment(clean(0), "AM-1", number, revision), exchange=desk.exchange())
    desk.query("update signatory set active = true where enterprise = %s", sender)
    standing = "select state, replaces is not null from certificate where invoice = %s order by id"
    assert desk.query(standing, clean(0).invoice) == [("ISSUED", False), ("RETURNED", True)]
    desk.query("delete from outbox")
    made = plan(lived, "--invoice", clean(0).invoice, "--state", "RETURNED")
    assert [(item["predicted"], item["state"]) for item in made["items"]] == [("APPROVED", "planned")]
    assert run(lived, made).data["done"] == 1
    finish(desk)
    assert desk.query(standing, clean(0).invoice) == [("SUPERSEDED", False), ("ISSUED", True)]
    assert desk.query("select count(*) from live_amendment") == [(0,)]
    assert desk.query("select c.replaces is not null from live_invoice l join certificate c on c.id = l.certificate"
                      " where c.invoice = %s", clean(0).invoice) == [(True,)]
    assert healthy(lived)


def test_what_the_enterprise_took_back_stays_with_the_enterprise(lived: World, desk: Desk) -> None:
    taken = clean(11)
    desk.deliver(interchange("W-1", taken.firm.record.no, "<Withdrawal><MessageId>W-1</MessageId><Certificate><InvoiceNo>"
                             f"{taken.invoice}</InvoiceNo></Certificate></Withdrawal>"), exchange=desk.exchange(11))
    (line,) = plan(lived, "--invoice", taken.invoice)["items"]
    assert (line["old"], line["state"], line["became"]) == ("WITHDRAWN", "skipped", "the enterprise took it back")


def test_what_is_final_decided_by_a_person_or_under_way_is_left_alone_with_the_reason(lived: World) -> None:
    coedi(lived, "review", "return", clean(11).invoice, "--reason", "x")
    for state, why in (("ISSUED", "final: ISSUED is never handled again"), ("APPROVED", "under way: it waits for print")):
        made = plan(lived, "--state", state)
        assert {item["became"] for item in made["items"]} == {why}
        said = run(lived, made)
        assert said.exit_code == 4
        assert f"nothing is planned in replay plan {made['id']}" in said.why
    (issued, *_) = plan(lived, "--state", "ISSUED")["items"]
    assert issued["kept"][0].startswith("number ")
    assert issued["kept"][1] == "document"
    (returned,) = plan(lived, "--invoice", clean(11).invoice)["items"]
    assert returned["became"] == "a person returned it: only a new application revises it"


def test_what_waits_for_a_person_stays_with_the_person(lived: World) -> None:
    (line,) = plan(lived, "--state", "PENDING_REVIEW")["items"]
    assert (line["state"], line["predicted"]) == ("skipped", "PENDING_REVIEW")
    assert line["became"].startswith("a person decides")


def test_filters_choose_and_one_is_needed(repaired: World) -> None:
    assert coedi(repaired, "replay", "plan").exit_code == 2
    assert coedi(repaired, "replay", "plan", "--parked", "--state", "RETURNED").exit_code == 2
    assert coedi(repaired, "replay", "plan", "--enterprise", "9999A9999").exit_code == 4
    assert [item["name"] for item in plan(repaired, "--finding", "C07")["items"]] == [clean(10).invoice]
    assert [item["name"] for item in plan(repaired, "--invoice", f" {clean(70).invoice.lower()}")["items"]] == [clean(70).invoice]
    firm = clean(72).firm.record.no
    found = plan(repaired, "--state", "RETURNED", "--state", "ISSUED", "--enterprise", firm)["items"]
    assert {item["old"] for item in found} == {"RETURNED", "ISSUED"}
    assert len(found) == one(
        repaired, f"select count(*) from certificate where enterprise = '{firm}' and state in ('RETURNED', 'ISSUED')")
    assert coedi(repaired, "replay", "plan", "--since", "2999-01-01").exit_code == 4
    today = one(repaired, "select (now() at time zone 'Asia/Shanghai')::date::text")
    assert len(plan(repaired, "--since", today, "--until", today)["items"]) == one(repaired, "select count(*) from certificate")


def test_a_line_that_moved_since_is_skipped_with_where_it_is(repaired: World, desk: Desk) -> None:
    made = plan(repaired, "--state", "RETURNED")
    desk.deliver(clean(72, lines=2).body.replace(clean(72).message_id.encode(), b"ANOTHER-ID"), exchange=desk.exchange(72))
    done = run(repaired, made).data
    assert (done["done"], done["failed"]) == (4, 0)
    line = next(item for item in done["items"] if item["name"] == clean(72).invoice)
    assert line["state"] == "skipped"
    assert line["became"].startswith("it has moved since: ISSUED")
    assert healthy(repaired)


def test_a_line_that_moves_between_the_look_and_the_lock_is_skipped(
    repaired: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plan(repaired, "--invoice", clean(72).invoice)
    look: Any = replaying.steps_again

    def meanwhile(*given: Any) -> Any:
        other = desk.delivery(clean(72).body.replace(clean(72).message_id.encode(), b"ANOTHER-ID"), desk.exchange(72))
        desk.intake.commit(desk.intake.open([other], silent=False))
        desk.query("delete from live_invoice where invoice = %s", clean(72).invoice)  # as if its claim were no help
        return look(*given)

    monkeypatch.setattr(replaying, "steps_again", meanwhile)
    (line,) = run(repaired, made).data["items"]
    assert (line["state"], line["became"][:22]) == ("skipped", "it has moved since: AP")


def test_running_again_does_nothing_and_says_so(repaired: World) -> None:
    made = plan(repaired, "--state", "RETURNED")
    assert run(repaired, made).exit_code == 0
    count = one(repaired, "select count(*) from transition")
    again = run(repaired, made)
    assert again.exit_code == 4
    assert "nothing is planned" in again.why
    assert one(repaired, "select count(*) from transition") == count


def test_two_plans_of_the_same_certificates_run_at_once_do_it_once(repaired: World) -> None:
    plans = [plan(repaired, "--state", "RETURNED") for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda made: in_process(repaired, made), plans))
    assert sum(counts["done"] for counts in done) == 5
    assert sum(counts["skipped"] for counts in done) == 5
    assert len(set(states(repaired, "APPROVED"))) == 6
    assert healthy(repaired)


def in_process(world: World, made: Any) -> Any:
    """Run a plan on a connection of its own, beside the command line's."""
    from console.commands.replay import PREDICTING
    from console.wiring import STAGES
    from pipeline.handler import Session
    from pipeline.identity import new_id
    from store.postgres import PostgresStore
    from store.replay import items_of, running
    from store.replay import one as one_plan

    database = world.database("coedi_operator")
    session = Session(PostgresStore(database), {name: STAGES[name](world.settings) for name in PREDICTING}, new_id)
    found = one_plan(database, made["id"])
    with running(database, found):
        counts = replaying.replay(replaying.Run(session, found, "x", "x"), items_of(database, found))
    database.close()
    return counts


def test_a_plan_that_another_process_runs_is_refused(repaired: World) -> None:
    from store.replay import one as one_plan
    from store.replay import running

    made = plan(repaired, "--state", "RETURNED")
    other = repaired.database("coedi_operator")
    with running(other, one_plan(other, made["id"])):
        said = run(repaired, made)
    other.close()
    assert (said.exit_code, said.why) == (4, f"replay plan {made['id']} is being run by another process")
    assert run(repaired, made).exit_code == 0


def test_an_interrupted_run_is_resumed_under_its_reason(repaired: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = plan(repaired, "--state", "RETURNED")
    assert coedi(repaired, "replay", "resume", made["id"]).exit_code == 4
    left = [2]
    resubmit: Any = replaying.resubmit

    def until_killed(*given: Any) -> str:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return resubmit(*given)

    monkeypatch.setitem(replaying.HANDLERS, "certificate", until_killed)
    assert run(repaired, made).exit_code == 1
    monkeypatch.undo()
    status = coedi(repaired, "replay", "status", made["id"][:-3], "--json").data
    assert (status["done"], status["planned"], status["reason"]) == (2, 3, "signatories were repaired")
    assert coedi(repaired, "replay", "resume", made["id"], "--rate", 50, "--json").data["done"] == 5
    assert len(states(repaired, "APPROVED")) == 6
    assert healthy(repaired)


def test_a_line_whose_handling_fails_is_written_down_and_the_others_go_on(
    repaired: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plan(repaired, "--state", "RETURNED")
    first = [True]
    resubmit: Any = replaying.resubmit

    def once_broken(*given: Any) -> str:
        if first.pop() if first else False:
            raise ValueError("broken")
        return resubmit(*given)

    monkeypatch.setitem(replaying.HANDLERS, "certificate", once_broken)
    done = run(repaired, made)
    assert (done.exit_code, done.data["done"], done.data["failed"]) == (1, 4, 1)
    assert "ValueError: broken" in [item["became"] for item in done.data["items"]]


def test_everything_is_in_the_audit(repaired: World) -> None:
    made = plan(repaired, "--state", "RETURNED")
    run(repaired, made)
    actions = one(repaired, "select jsonb_object_agg(action, n) from (select action, count(*) n from audit where action like"
                            " 'replay%' group by 1) a")
    assert actions == {"replay plan": 1, "replay run": 1, "replay certificate": 5}
    assert one(repaired, "select count(*) from audit where action = 'replay certificate' and detail ->> 'reason' ="
                         " 'signatories were repaired' and actor like 'operator:%'") == 5


def test_a_frozen_plan_cannot_be_changed(repaired: World) -> None:
    made = plan(repaired, "--state", "RETURNED")
    database = repaired.database()
    with pytest.raises(Exception, match="frozen"):
        database.run("update replay_item set version = version + 1")
    database.close()
    plant(repaired, "update replay_item set version = version + 1")
    said = run(repaired, made)
    assert said.exit_code == 4
    assert "was changed after it was frozen" in said.why


def test_the_plan_can_be_written_to_a_file_and_plans_are_listed(repaired: World, tmp_path: Path) -> None:
    assert coedi(repaired, "replay", "list").out == "there is no replay plan\n"
    made = plan(repaired, "--state", "RETURNED", "-o", tmp_path / "plan.json")
    kept = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    assert (kept["id"], kept["sha256"], len(kept["items"])) == (made["id"], made["sha256"], len(made["items"]))
    (listed,) = coedi(repaired, "replay", "list", "--json").data["plans"]
    assert (listed["id"], listed["planned"], listed["filters"]) == (made["id"], 5, {"states": ["RETURNED"]})
    assert made["id"] in coedi(repaired, "replay", "list").out
    shown = coedi(repaired, "replay", "plan", "--state", "RETURNED").out
    assert "coedi replay run" in shown
    assert coedi(repaired, "replay", "status", "nothing").exit_code == 4


def test_a_cancelled_plan_does_nothing_any_more(repaired: World) -> None:
    made = plan(repaired, "--state", "RETURNED")
    assert coedi(repaired, "replay", "cancel", made["id"]).exit_code == 2
    done = coedi(repaired, "replay", "cancel", made["id"], "--reason", "the wrong ones", "--json").data
    assert (done["planned"], done["skipped"]) == (0, len(made["items"]))
    assert run(repaired, made).exit_code == 4
    assert states(repaired, "APPROVED") == [clean(12).invoice]


def test_the_keys_of_json_are_those_documented(repaired: World) -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    text = page.partition("### replay plan\n")[2].partition("\n### ")[0].partition("JSON: ")[2]
    made = plan(repaired, "--state", "RETURNED")
    found = {*made, *(key for item in made["items"] for key in item)}
    assert set(re.findall(r"`([a-z_0-9]+)`", text)) == found
