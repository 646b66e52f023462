"""The lists: right rows and columns, filters as links, pages both ways while rows are added, and what is done to many at once."""

from collections.abc import Iterator
from html import unescape
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from domain.certificate import Decision
from review_worker import claims
from tests.integration.review.reviewing import DESTINATION, ReviewDesk, review_desk, sees
from tests.services import World
from tests.web import OTHER, Site, Visitor, site

HOSTILE = "<script>alert(1)</script>\u202e"


@pytest.fixture
def work(stored: World) -> Iterator[tuple[ReviewDesk, Site]]:
    with review_desk(stored) as desk, site(stored) as running:
        yield desk, running


def subjects(visitor: Visitor, path: str) -> list[str]:
    return [row["waiting"]["subject"] for row in visitor.ask(path).json()["rows"]]


def ids(visitor: Visitor, path: str) -> list[str]:
    return [row["id"] for row in visitor.ask(path).json()["found"]["rows"]]


def test_every_list_has_its_certificates_and_no_others(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    [waits], [issued] = desk.refer(1), desk.issue(1)
    [back] = desk.refer(1)
    desk.advance([back], Decision("return", reasons=("OTHER: 其他 / other",)), "reviewer:x")
    desk.desk.deliver(desk.sample(desk.sent))
    [(received,)] = desk.desk.query("select id from certificate where state = 'RULES_CHECKED'")
    visitor = running.visitor("reviewer")
    found = {name: ids(visitor, f"/queues/{name}") for name in ("edi", "print", "approved", "void", "returned")}
    assert found == {"edi": [str(received)], "print": [], "approved": [str(issued)], "void": [], "returned": [str(back)]}
    assert subjects(visitor, "/queues/review") == [str(waits)]
    assert visitor.ask("/queues/nonsense").status_code == 404


def test_the_lists_of_another_branch_are_empty_and_say_what_would_fill_them(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    desk.refer(1)
    desk.issue(1)
    visitor = running.visitor("reviewer", branch=OTHER)
    assert subjects(visitor, "/queues/review") == [] and ids(visitor, "/queues/approved") == []
    assert "Nothing waits for review" in visitor.get("/queues/review").text
    visitor.language = "zh"
    assert "没有待打印的证书" in visitor.get("/queues/print").text


def test_filters_restrict_the_queue_and_stand_as_chips_that_remove_them(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    first, second = desk.refer(2)
    visitor = running.visitor("reviewer", name="wang")
    seat = sees(desk.world)
    claims.claim(seat, "1100B0/wang", subject=first)
    seat.close()
    assert subjects(visitor, "/queues/review?held=mine") == [str(first)]
    assert subjects(visitor, "/queues/review?held=free") == [str(second)]
    assert subjects(visitor, "/queues/review?by=1100B0/wang") == [str(first)]
    for query, count in {
        "paper=pco": 0, "paper=eco&type=CO": 2, "reason=SAMPLE": 0, "reason=DESTINATION": 2, "enterprise=YUANLING": 2,
        "enterprise=NOBODY": 0, "overdue=1": 0,
    }.items():
        assert len(subjects(visitor, f"/queues/review?{query}")) == count, query
    chip = visitor.ask("/queues/review?paper=eco&type=CO").json()["chips"][0]
    assert (chip["name"], chip["without"]) == ("paper", "/queues/review?type=CO")
    assert 'href="/queues/review?type=CO"' in visitor.get("/queues/review?paper=eco&type=CO").text


@pytest.mark.parametrize("queue", ["review", "approved"])
def test_pages_lose_and_double_nothing_while_rows_are_added(work: tuple[ReviewDesk, Site], queue: str) -> None:
    desk, running = work
    made = desk.refer(110) if queue == "review" else desk.issue(110)
    visitor, path, pages = running.visitor("reviewer"), f"/queues/{queue}", []
    while path:
        data = visitor.ask(path).json()
        listed = data if queue == "review" else data["found"]
        pages.append([row["waiting"]["subject"] if queue == "review" else row["id"] for row in listed["rows"]])
        path, back = listed["later"], listed["earlier"]
        if len(pages) == 1:
            desk.refer(3) if queue == "review" else desk.issue(3)
    seen = [one for page in pages for one in page]
    assert len(seen) == len(set(seen)) and {str(one) for one in made} <= set(seen) and [len(page) for page in pages[:2]] == [50, 50]
    data = visitor.ask(back).json()
    listed = data if queue == "review" else data["found"]
    assert [row["waiting"]["subject"] if queue == "review" else row["id"] for row in listed["rows"]] == pages[-2]


def test_what_cannot_be_a_place_in_the_list_is_told(work: tuple[ReviewDesk, Site]) -> None:
    _, running = work
    for path in ("/queues/review?after=x", "/queues/approved?before=1.2"):
        assert running.visitor("reviewer").ask(path).status_code == 422


def test_many_are_approved_at_once_where_policy_allows_it(work: tuple[ReviewDesk, Site], tmp_path: object) -> None:
    desk, running = work
    [closer] = desk.refer(1)
    together = desk.refer(2, reasons=("SAMPLE: 抽查 / chosen by chance",))
    visitor = running.visitor("reviewer")
    rows = {row["waiting"]["subject"]: row for row in visitor.ask("/queues/review").json()["rows"]}
    assert [rows[str(one)]["batch"] for one in (closer, *together)] == [False, True, True]
    chosen = [f"{one}:{rows[str(one)]['waiting']['version']}:0" for one in (closer, *together)]
    told = visitor.ask("/queues/review/approve", json={"row": chosen}).json()["outcomes"]
    assert [one["done"] for one in told] == [False, True, True] and told[0]["en"] == "it needs a closer look"
    assert [desk.state(one) for one in (closer, *together)] == ["PENDING_REVIEW", "APPROVED", "APPROVED"]
    again = visitor.post("/queues/review/approve", {"row": chosen[1]})
    assert again.status_code == 303 and visitor.ask("/queues/review/approve", json={"row": []}).status_code == 422


def test_skills_hold_for_many_at_once_too(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    [one] = desk.refer(1, reasons=("SAMPLE: 抽查 / chosen by chance",))
    visitor = running.visitor("reviewer", skills=["PE"])
    told = visitor.ask("/queues/review/approve", json={"row": [f"{one}:4:0"]}).json()["outcomes"]
    assert not told[0]["done"] and "skills" in told[0]["en"] and desk.state(one) == "PENDING_REVIEW"


def test_another_branch_cannot_touch_the_rows(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    [one] = desk.refer(1, reasons=("SAMPLE: 抽查 / chosen by chance",))
    visitor = running.visitor("senior-reviewer", branch=OTHER)
    for what in ("approve", "release", "reassign"):
        told = visitor.ask(f"/queues/review/{what}", json={"row": [f"{one}:4:0"]}).json()["outcomes"]
        assert not told[0]["done"], what
    assert desk.state(one) == "PENDING_REVIEW"


def test_claims_are_released_and_given_to_colleagues_of_the_branch(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    [one] = desk.refer(1)
    seat = sees(desk.world)
    token = claims.claim(seat, "1100B0/wang", subject=one).token  # type: ignore[union-attr] # it is there
    seat.close()
    wang, senior = running.visitor("reviewer", name="wang"), running.visitor("senior-reviewer", name="li")
    assert wang.ask("/queues/review/release", json={"row": [f"{one}:4:{token}"]}).json()["outcomes"][0]["done"]
    assert wang.ask("/queues/review/reassign", json={"row": [f"{one}:4:0"]}).status_code == 403
    assert senior.ask("/queues/review/reassign", json={"row": [f"{one}:4:0"], "to": "3302A0/far"}).status_code == 422
    assert senior.ask("/queues/review/reassign", json={"row": [f"{one}:4:0"], "to": "1100B0/wang"}).json()["outcomes"][0]["done"]
    assert senior.ask("/queues/review?assigned=1100B0/wang").json()["rows"][0]["waiting"]["subject"] == str(one)


def test_who_only_reads_may_not_decide(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    [one] = desk.refer(1)
    auditor = running.visitor("auditor")
    assert auditor.ask("/queues/review/approve", json={"row": [f"{one}:4:0"]}).status_code == 403
    pages = auditor.get("/queues/review").text, running.visitor("reviewer").get("/queues/review").text
    assert ['name="row"' in page for page in pages] == [False, True]


def test_hostile_text_is_inert(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    desk.refer(1, reasons=(f"{HOSTILE}: {HOSTILE} / {HOSTILE}", DESTINATION))
    desk.issue(1)
    desk.desk.owner.run("update certificate set destination = %s", (HOSTILE,))
    asked = f"/queues/review?enterprise={HOSTILE}"
    for path in ("/queues/review", "/queues/approved", "/", asked, "/search?consignee=%3Cscript%3E"):
        page = running.visitor("reviewer").get(path).text
        assert "<script>alert" not in page and "\u202e" not in page, path


def test_a_link_of_the_list_leads_to_the_certificate(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    [one] = desk.issue(1)
    page = unescape(running.visitor("auditor").get("/queues/approved").text)
    assert f'href="/certificates/{one}"' in page
    assert urlsplit(f"/certificates/{one}").path and isinstance(one, UUID)
