"""Working on the review desk: claims, leases, decisions, four eyes, and what is told to who comes too late."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from domain.certificate import Certificate
from review_worker import manual_review
from store.postgres import PostgresStore
from tests.desk import Desk, make_desk
from tests.integration.web.desk_cases import claimed, for_two, referred, waiting
from tests.services import World
from tests.web import Site, Visitor, site

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def table(kept: World) -> Iterator[Desk]:
    made = make_desk(kept)
    yield made
    made.session.database.close()
    made.owner.close()


@pytest.fixture(scope="module")
def running(kept: World, table: Desk) -> Iterator[Site]:
    with site(kept) as one:
        yield one


@pytest.fixture
def place(running: Site, table: Desk) -> Iterator[Site]:
    """The console with an empty queue: what earlier tests left there is not offered to anybody."""
    table.owner.run("update review_task set assigned_to = 'nobody', claimed_by = null, claimed_at = null, lease_until = null")
    yield running


def row(table: Desk, identity: str) -> tuple[str, int, str | None]:
    """(state, version, number)."""
    [found] = table.query("select state, version, number from certificate where id = %s", identity)
    return found[0], found[1], found[2]


def on_record(table: Desk, identity: str) -> list[str]:
    """What the audit says was done about it."""
    return [one[0] for one in table.query("select action from audit where subject = %s order by id", identity)]


def form(version: int, token: int, **more: object) -> dict[str, object]:
    return {"version": version, "token": token, **more}


def lapse(table: Desk, identity: str) -> None:
    """The lease has ended."""
    table.owner.run("update review_task set lease_until = clock_timestamp() - interval '1 minute' where subject = %s", (identity,))


def test_the_next_one_is_the_nearest_deadline_of_ones_skills(place: Site, table: Desk) -> None:
    first, _ = waiting(table, referred(1))
    second, _ = waiting(table, referred(2))
    reviewer = place.visitor("reviewer", name="one")
    assert reviewer.post("/desk/next").headers["location"] == f"/desk/{first}"
    assert reviewer.post("/desk/next").headers["location"] == f"/desk/{second}"
    assert reviewer.post("/desk/next").headers["location"] == "/queues/review"
    skilled = place.visitor("reviewer", name="skilled", skills=["RCEP"])
    lapse(table, first)
    assert skilled.ask("/desk/next", {}).json()["certificate"] is None
    assert skilled.ask("/desk/next", {"types": ["CO"]}).json()["certificate"] is None
    assert place.visitor("reviewer", name="two").ask("/desk/next", {"types": ["CO"]}).json()["certificate"] == first


def test_approving_gives_the_number_and_opens_the_next_one(place: Site, table: Desk) -> None:
    identity, version = waiting(table, referred(3))
    following, _ = waiting(table, referred(4))
    reviewer = place.visitor("reviewer")
    token = claimed(reviewer, identity)
    answer = reviewer.post(f"/desk/{identity}/approve", form(version, token, next=1))
    assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/{following}")
    state, now, number = row(table, identity)
    assert (state, now) == ("APPROVED", version + 1)
    assert number
    assert on_record(table, identity) == ["review claim", "review approve"]
    assert table.query("select claimed_by from review_task where subject = %s", following) == [("1100B0/reviewer",)]


def test_without_asking_for_the_next_one_the_desk_stays_where_it_is(place: Site, table: Desk) -> None:
    identity, version = waiting(table, referred(5))
    waiting(table, referred(6))
    reviewer = place.visitor("reviewer")
    answer = reviewer.ask(f"/desk/{identity}/approve", form(version, claimed(reviewer, identity), text="papers seen"))
    data = answer.json()
    assert (data["state"], data["done"], data["next"]) == ("APPROVED", True, None)
    [(reasons,)] = table.query(
        "select detail -> 'reasons' from transition where certificate = %s order by version desc limit 1", identity)
    assert reasons == ["REVIEWED: papers seen"]


def test_a_key_that_is_stuck_approves_once(place: Site, table: Desk) -> None:
    identity, version = waiting(table, referred(7))
    reviewer = place.visitor("reviewer")
    sent = form(version, claimed(reviewer, identity))
    answers = [reviewer.post(f"/desk/{identity}/approve", sent).status_code for _ in range(3)]
    assert answers == [303, 409, 409]
    assert row(table, identity)[1] == version + 1


def test_a_decision_on_an_old_version_is_told_who_won_and_when(place: Site, table: Desk) -> None:
    identity, version = waiting(table, referred(8))
    slow = place.visitor("reviewer", name="slow")
    token = claimed(slow, identity)
    place.visitor("senior-reviewer", name="fast", shown="陈敏")
    winner = decided_by(table, identity, version, "1100B0/fast")
    answer = slow.post(f"/desk/{identity}/return", form(version, token, text="please mend box 2", **{"remark-1": "who is this?"}))
    assert answer.status_code == 409
    for expected in ("Somebody was faster", "陈敏", "approved", f"/desk/{identity}", "please mend box 2", "who is this?"):
        assert expected in answer.text
    data = slow.ask(f"/desk/{identity}/approve", form(version, token)).json()
    assert (data["code"], data["who_en"], data["version"]) == ("STALE", "reviewer 陈敏", winner.version)
    assert [step["state"] for step in data["moves"]] == ["APPROVED"]


def decided_by(table: Desk, identity: str, version: int, who: str) -> Certificate:
    """Somebody else approves, whoever holds the claim."""
    free = "update review_task set claimed_by = null, claimed_at = null, lease_until = null where subject = %s"
    table.owner.run(free, (identity,))
    database = table.world.database("coedi_operator")
    decided = manual_review.approve(PostgresStore(database), UUID(identity), who, version)
    database.close()
    return decided.certificate


def test_what_is_held_by_another_can_only_be_taken_over_with_a_reason(place: Site, table: Desk) -> None:
    identity, version = waiting(table, referred(9))
    holder, other = place.visitor("reviewer", name="holder"), place.visitor("reviewer", name="other")
    token = claimed(holder, identity)
    refused = other.ask(f"/desk/{identity}/claim", {})
    assert (refused.status_code, refused.json()["code"], refused.json()["holder"]) == (409, "CLAIMED", "1100B0/holder")
    assert other.ask(f"/desk/{identity}/approve", form(version, token)).status_code == 409
    assert other.post(f"/desk/{identity}/steal", {"text": "now"}).status_code == 422
    assert other.post(f"/desk/{identity}/steal", {"code": "NO_SUCH_CODE"}).status_code == 422
    assert other.post(f"/desk/{identity}/steal", {"code": "HOLDER_ABSENT", "text": "at lunch"}).status_code == 303
    assert on_record(table, identity) == ["review claim", "review steal"]
    late = holder.ask(f"/desk/{identity}/approve", form(version, token))
    assert (late.status_code, late.json()["holder"]) == (409, "1100B0/other")
    lost = holder.ask(f"/desk/{identity}/renew", {"token": token}).json()
    assert (lost["lost"], lost["en"]) == (True, "1100B0/other is reviewing it now; with a reason it can be taken over")
    assert row(table, identity)[0] == "PENDING_REVIEW"


def test_a_lease_is_renewed_even_after_its_end_while_nobody_else_has_it(place: Site, table: Desk) -> None:
    identity, _ = waiting(table, referred(10))
    reviewer = place.visitor("reviewer")
    token = claimed(reviewer, identity)
    lapse(table, identity)
    page = reviewer.get(f"/desk/{identity}").text
    assert "your claim has ended" in page
    assert "Claim again" in page
    assert 'data-key="a"' not in page
    renewed = reviewer.post(f"/desk/{identity}/renew", {"token": token}, headers={"HX-Request": "true"})
    assert 'data-seconds="900"' in renewed.text
    assert "<html" not in renewed.text
    assert 'data-key="a"' in reviewer.get(f"/desk/{identity}").text


def test_an_ended_lease_that_another_claimed_decides_nothing(place: Site, table: Desk) -> None:
    identity, version = waiting(table, referred(11))
    first, second = place.visitor("reviewer", name="first"), place.visitor("reviewer", name="second")
    token = claimed(first, identity)
    lapse(table, identity)
    claimed(second, identity)
    lapse(table, identity)
    answer = first.ask(f"/desk/{identity}/approve", form(version, token))
    assert (answer.status_code, answer.json()["code"]) == (409, "TOKEN_OLD")
    gone = first.post(f"/desk/{identity}/renew", {"token": token}, headers={"HX-Request": "true"})
    assert "data-lost" in gone.text
    assert row(table, identity)[:2] == ("PENDING_REVIEW", version)


def test_released_it_is_anybodys(place: Site, table: Desk) -> None:
    identity, _ = waiting(table, referred(12))
    reviewer = place.visitor("reviewer")
    token = claimed(reviewer, identity)
    assert reviewer.post(f"/desk/{identity}/release", {"token": token}).headers["location"] == "/queues/review"
    assert reviewer.post(f"/desk/{identity}/release", {"token": token}).status_code == 409
    assert claimed(place.visitor("reviewer", name="anybody"), identity) == token + 1


def test_a_return_carries_the_ticked_findings_the_reason_and_remarks_at_boxes(place: Site, table: Desk) -> None:
    identity, version = waiting(table, referred(13))
    reviewer = place.visitor("reviewer")
    sent = form(version, claimed(reviewer, identity), picked=1, keep="0", code="CONSIGNEE_INCOMPLETE", text="line one\nline two",
                **{"remark-2": "the street is missing", "remark-": "call us"})
    assert reviewer.post(f"/desk/{identity}/return", sent).status_code == 303
    assert row(table, identity)[0] == "RETURNED"
    [(detail,)] = table.query("select detail from transition where certificate = %s order by version desc limit 1", identity)
    found = {(one["code"], one["box"]) for one in detail["findings"]}
    assert found == {("C05", "1"), ("CONSIGNEE_INCOMPLETE", "2"), ("CONSIGNEE_INCOMPLETE", None)}
    assert detail["reasons"][0].startswith("CONSIGNEE_INCOMPLETE: ")
    assert "line one\nline two" in detail["reasons"][1]
    desk = reviewer.ask(f"/desk/{identity}").json()
    assert {one["box"] for one in desk["findings"] if one["machine"] is None} == {"2", ""}


def test_findings_alone_are_reason_enough_and_none_ticked_means_none(place: Site, table: Desk) -> None:
    reviewer = place.visitor("reviewer")
    ticked, version = waiting(table, referred(14))
    assert reviewer.post(f"/desk/{ticked}/return", form(version, claimed(reviewer, ticked), picked=1, keep="0")).status_code == 303
    bare, version = waiting(table, referred(15))
    token = claimed(reviewer, bare)
    assert reviewer.post(f"/desk/{bare}/return", form(version, token, picked=1)).status_code == 409
    assert row(table, bare)[0] == "PENDING_REVIEW"
    assert reviewer.post(f"/desk/{bare}/return", form(version, token, picked=1, text="as told by telephone")).status_code == 303
    [(detail,)] = table.query("select detail from transition where certificate = %s order by version desc limit 1", bare)
    assert "findings" not in detail


def test_a_remark_at_a_box_that_the_form_lacks_is_refused(place: Site, table: Desk) -> None:
    identity, version = waiting(table, referred(16))
    reviewer = place.visitor("reviewer")
    answer = reviewer.ask(f"/desk/{identity}/return", form(version, claimed(reviewer, identity), **{"remark-17": "where is it?"}))
    assert answer.status_code == 422
    assert "has no box 17" in answer.text


def test_two_persons_have_to_approve_and_the_first_cannot_be_the_second(place: Site, table: Desk) -> None:
    identity, version = for_two(table, 17)
    first, second = place.visitor("reviewer", name="first"), place.visitor("reviewer", name="second")
    said = first.ask(f"/desk/{identity}/approve", form(version, claimed(first, identity))).json()
    assert (said["done"], said["eyes"], said["agreed"]) == (False, 2, ["1100B0/first"])
    assert row(table, identity)[:2] == ("PENDING_REVIEW", version)
    again = first.ask(f"/desk/{identity}/claim", {})
    assert (again.status_code, again.json()["code"]) == (409, "SAME_PERSON")
    assert "a second person has to" in first.get(f"/desk/{identity}").text
    page = second.get(f"/desk/{identity}").text
    assert "approved so far" in page
    done = second.ask(f"/desk/{identity}/approve", form(version, claimed(second, identity))).json()
    assert (done["done"], done["state"], done["agreed"]) == (True, "APPROVED", ["1100B0/first", "1100B0/second"])


def test_the_first_of_two_is_told_so(place: Site, table: Desk) -> None:
    identity, version = for_two(table, 18)
    reviewer = place.visitor("reviewer")
    answer = reviewer.post(f"/desk/{identity}/approve", form(version, claimed(reviewer, identity)))
    cookie = next(value for name, value in answer.headers.multi_items() if name == "set-cookie" and "said" in value)
    shown = reviewer.get(f"/desk/{identity}", headers={"Cookie": f"{reviewer.headers()['Cookie']}; {cookie.partition(';')[0]}"})
    assert "your approval is number 1 of 2" in shown.text


def test_referred_it_waits_for_the_colleague_with_the_word_that_was_said(place: Site, table: Desk) -> None:
    identity, _ = waiting(table, referred(19))
    reviewer, colleague = place.visitor("reviewer", name="asks"), place.visitor("reviewer", name="zhao", shown="赵敏")
    token = claimed(reviewer, identity)
    assert reviewer.post(f"/desk/{identity}/refer", {"token": token}).status_code == 422
    sent = {"token": token, "to": "1100B0/zhao", "text": "is this <b>one</b> firm?", "code": "SECOND_OPINION"}
    assert reviewer.post(f"/desk/{identity}/refer", sent).status_code == 303
    assert reviewer.ask(f"/desk/{identity}/claim", {}).json()["code"] == "ASSIGNED"
    page = colleague.get(f"/desk/{identity}").text
    assert "is this &lt;b&gt;one&lt;/b&gt; firm?" in page
    assert colleague.ask("/desk/next", {}).json()["certificate"] == identity


def test_referred_to_nobody_it_waits_for_a_senior(place: Site, table: Desk) -> None:
    identity, _ = waiting(table, referred(20))
    reviewer, senior = place.visitor("reviewer", name="junior"), place.visitor("senior-reviewer", name="senior")
    sent = {"token": claimed(reviewer, identity), "text": "too large for me"}
    assert reviewer.post(f"/desk/{identity}/refer", sent).status_code == 303
    assert place.visitor("reviewer", name="third").ask(f"/desk/{identity}/claim", {}).json()["code"] == "SENIOR_ONLY"
    assert claimed(senior, identity)


def test_a_senior_assigns_it_and_takes_it_back(place: Site, table: Desk) -> None:
    identity, _ = waiting(table, referred(21))
    senior, reviewer = place.visitor("senior-reviewer", name="senior"), place.visitor("reviewer", name="qian")
    assert reviewer.post(f"/desk/{identity}/reassign", {"to": "1100B0/qian"}).status_code == 403
    for nobody in ("1100B0/nobody", "<b>", "3302A0/qian"):
        assert senior.post(f"/desk/{identity}/reassign", {"to": nobody}).status_code == 422
    assert senior.post(f"/desk/{identity}/reassign", {"to": "1100B0/qian", "text": "yours"}).status_code == 303
    other = place.visitor("reviewer", name="sun")
    assert other.ask(f"/desk/{identity}/claim", {}).json()["code"] == "ASSIGNED"
    assert senior.post(f"/desk/{identity}/reassign", {}).status_code == 303
    assert claimed(other, identity)


def test_an_answer_to_a_certificate_that_waits_no_more_says_so(place: Site, table: Desk) -> None:
    identity, version = waiting(table, referred(22))
    reviewer = place.visitor("reviewer")
    token = claimed(reviewer, identity)
    decided_by(table, identity, version, "1100B0/fast")
    for what, sent in (("claim", {}), ("release", {"token": token}), ("steal", {"code": "URGENT"}), ("refer", {"text": "x"})):
        answer = reviewer.ask(f"/desk/{identity}/{what}", sent)
        assert (answer.status_code, answer.json()["state"]) == (409, "APPROVED"), what
    assert reviewer.ask(f"/desk/{identity}/renew", {"token": token}).json()["lost"] is True
    assert reviewer.ask(f"/desk/{identity}/approve", form(version + 1, token)).json()["code"] == "NOT_WAITING"


@pytest.mark.parametrize("what", ["approve", "return"])
def test_a_decision_has_to_say_which_version_was_seen(place: Site, table: Desk, what: str) -> None:
    visitor: Visitor = place.visitor("reviewer")
    identity, _ = waiting(table, referred(23 if what == "approve" else 24))
    answer = visitor.ask(f"/desk/{identity}/{what}", {"text": "x"})
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["faults"]] == ["version"]
