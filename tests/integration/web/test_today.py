"""Today: the numbers are right, lead to their lists, and are those of the own branch; the menu's numbers."""

from collections.abc import Iterator

import pytest

from review_worker import claims
from tests.integration.review.reviewing import ReviewDesk, review_desk, sees
from tests.services import World
from tests.web import OTHER, Site, site


@pytest.fixture
def work(stored: World) -> Iterator[tuple[ReviewDesk, Site]]:
    with review_desk(stored) as desk, site(stored) as running:
        yield desk, running


def test_an_empty_branch_is_told_what_would_fill_the_page(work: tuple[ReviewDesk, Site]) -> None:
    _, running = work
    page = running.visitor("reviewer").get("/").text
    assert "You hold nothing" in page and "Nothing is overdue" in page


def test_the_numbers_are_those_of_the_branch_and_of_the_person(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    first, second, _ = desk.refer(3)
    desk.issue(2)
    visitor = running.visitor("reviewer", name="wang")
    with_one = sees(desk.world)
    claims.claim(with_one, "1100B0/wang", subject=first)
    with_one.close()
    desk.desk.owner.run("update review_task set deadline = clock_timestamp() - interval '1 hour' where subject = %s", (second,))
    data = visitor.ask("/today").json()
    assert data["waiting"] == {"edi": 0, "review": 3, "print": 0, "goods": 0, "registration": 0, "parked": 0}
    assert data["happened"] == {"received": 5, "approved": 2, "returned": 0, "void": 0}
    assert (data["desk"]["mine"], data["desk"]["overdue"]) == (1, 1)
    assert [row["subject"] for row in data["mine"]] == [str(first)] and [row["subject"] for row in data["late"]] == [str(second)]
    elsewhere = running.visitor("reviewer", name="li", branch=OTHER).ask("/today").json()
    assert elsewhere["waiting"]["review"] == 0 and elsewhere["happened"]["received"] == 0
    assert running.visitor("auditor", name="all", everywhere=True).ask("/today").json()["waiting"]["review"] == 3


def test_the_page_speaks_both_languages(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    desk.refer(1)
    visitor = running.visitor("reviewer")
    assert "To review" in visitor.get("/").text
    visitor.language = "zh"
    page = visitor.get("/").text
    assert "待审" in page and "今日信息" in page and "To review" not in page


def test_the_menu_gets_one_number_for_each_of_its_entries(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    desk.refer(2)
    body = running.visitor("reviewer").get("/counts", headers={"HX-Request": "true"}).text
    assert '<data value="2" data-for="review">2</data>' in body
    assert all(f'data-for="{name}"' in body for name in ("edi", "print", "goods", "registration", "parked"))
    assert running.visitor("reviewer").ask("/counts").json()["counts"]["review"] == 2


def test_who_is_not_signed_in_gets_nothing(work: tuple[ReviewDesk, Site]) -> None:
    _, running = work
    assert running.stranger().ask("/today").status_code == 401
