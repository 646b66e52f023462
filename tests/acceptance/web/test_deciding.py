"""The review desk in a browser, by keyboard: claim, approve, return, take over, four eyes, and decisions that come too late."""

from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page

from messages.receipts import read
from review_worker import claims, manual_review
from store.postgres import PostgresStore
from tests.acceptance.web.browser import Window, person, sign_in, window
from tests.scene import BRANCH, Scene
from tests.web import Site


def open_desk(mine: Window, identity: str) -> Page:
    """The desk of one certificate; keys count once the page has been seen."""
    page = mine.go(f"/desk/{identity}")
    page.wait_for_timeout(400)
    return page


def press(mine: Window, key: str, to: str) -> None:
    """A key, and the page that it leads to."""
    with mine.page.expect_navigation(url=to):
        mine.page.keyboard.press(key)
    mine.page.wait_for_timeout(400)


def claimed(mine: Window, identity: str) -> Page:
    """The desk of a certificate that this person claimed."""
    page = open_desk(mine, identity)
    press(mine, "c", f"**/desk/{identity}")
    return page


def pending(scene: Scene, reason: str = "C05", eyes: int = 1) -> str:
    """A certificate that waits, and that nobody holds."""
    rows = scene.desk.query(
        "select subject::text from review_task where branch = %s and kind = 'certificate' and eyes = %s and reasons::text like %s"
        " and claimed_by is null order by deadline, subject limit 1", BRANCH, eyes, f"%{reason}%")
    assert rows, "nothing waits any more"
    return str(rows[0][0])


def state(scene: Scene, identity: str) -> str:
    return scene.first("select state from certificate where id = %s", identity)


def test_the_next_one_is_claimed_approved_with_a_key_and_another_opens_by_itself(
    browser: Browser, console: Site, scene: Scene
) -> None:
    with window(browser, console, "reviewer", name="wang") as mine:
        page = mine.go("/queues/review")
        page.wait_for_timeout(400)
        press(mine, "n", "**/desk/*")
        first = mine.path.rsplit("/", 1)[1]
        assert state(scene, first) == "PENDING_REVIEW"
        press(mine, "a", "**/desk/*")
        second = mine.path.rsplit("/", 1)[1]
        assert second != first
        assert state(scene, first) == "APPROVED"
        assert mine.said
        held = scene.desk.query("select subject::text from review_task where claimed_by = %s", f"{BRANCH}/wang")
        assert held == [(second,)]
        page.go_back()
        page.wait_for_load_state("load")
        page.wait_for_timeout(600)
        assert mine.path == f"/desk/{first}"
        assert page.locator("#decide [data-key=a]").count() == 0
        press(mine, "n", "**/desk/*")
        page.keyboard.press("x")
        page.wait_for_url("**/queues/review*")


def test_returning_with_a_remark_at_a_box_reaches_the_enterprise(browser: Browser, console: Site, scene: Scene) -> None:
    identity = pending(scene)
    with window(browser, console, "reviewer", name="wang") as mine:
        page = claimed(mine, identity)
        page.keyboard.press("r")
        page.wait_for_selector("#return.open")
        page.select_option("#return select[name=code]", "CONSIGNEE_INCOMPLETE")
        page.click("[data-box='2']")
        page.keyboard.type("街道名称不完整")
        with page.expect_navigation():
            page.keyboard.press("Control+Enter")
        assert mine.path != f"/desk/{identity}"
    assert state(scene, identity) == "RETURNED"
    [(body,)] = scene.desk.query("select body from receipt where stream = %s and code = 'RETURNED'", f"certificate:{identity}")
    findings = read(bytes(body)).findings
    assert {finding.code for finding in findings} >= {"C05", "CONSIGNEE_INCOMPLETE"}
    assert any(finding.box == "2" and "街道名称不完整" in finding.zh for finding in findings)


def test_taking_over_tells_who_held_it(browser: Browser, console: Site, scene: Scene) -> None:
    identity = pending(scene)
    with window(browser, console, "reviewer", name="wang") as first, window(browser, console, "reviewer", name="sun") as second:
        claimed(first, identity)
        page = open_desk(second, identity)
        assert "wang" in page.locator(".desk-head").inner_text()
        assert page.locator("#decide [data-key=a]").count() == 0
        page.keyboard.press("s")
        page.wait_for_selector("dialog#steal[open]")
        page.select_option("#steal select[name=code]", "HOLDER_ABSENT")
        with page.expect_navigation():
            page.click("#steal button.danger")
        assert page.locator("#decide [data-key=a]").count() == 1
        first.page.keyboard.press("a")
        first.page.wait_for_function("() => document.body.innerText.includes('sun')")
        assert state(scene, identity) == "PENDING_REVIEW"
        page.keyboard.press("x")
        page.wait_for_url("**/queues/review*")


def test_four_eyes_are_two_persons(browser: Browser, console: Site, scene: Scene) -> None:
    identity = pending(scene, "FOUR_EYES", 2)
    with window(browser, console, "reviewer", name="wang") as first, window(browser, console, "reviewer", name="sun") as second:
        claimed(first, identity)
        press(first, "a", "**/*")
        assert state(scene, identity) == "PENDING_REVIEW"
        again = open_desk(first, identity)
        assert again.locator("#decide [data-key=a]").count() == 0
        claimed(second, identity)
        press(second, "a", "**/*")
        assert state(scene, identity) == "APPROVED"


@pytest.mark.parametrize("key", ["a", "return"])
def test_a_stale_screen_is_refused_and_says_who_decided(browser: Browser, console: Site, scene: Scene, key: str) -> None:
    identity = pending(scene)
    with window(browser, console, "reviewer", name="wang") as mine:
        page = claimed(mine, identity)
        if key == "return":
            page.keyboard.press("r")
            page.fill("#return textarea[name=text]", "this was typed with care")
        decided_by(console, identity, f"{BRANCH}/sun")
        if key == "return":
            page.click("#return button.danger")
        else:
            page.keyboard.press("a")
        page.wait_for_function("() => document.body.innerText.includes('sun')")
        assert state(scene, identity) == "APPROVED"


def decided_by(console: Site, identity: str, who: str) -> None:
    """Somebody else takes it over and approves it meanwhile."""
    database = console.world.database("coedi_operator")
    made = claims.steal(database, who, UUID(identity), "colleague is ill")
    manual_review.approve(PostgresStore(database), UUID(identity), who, made.version, token=made.token)
    database.close()


def test_what_was_typed_is_there_again_after_the_session_ended(browser: Browser, console: Site, scene: Scene) -> None:
    identity = pending(scene)
    phone = person(console, "gao", "reviewer")
    with window(browser, console) as mine:
        mine.go("/sign-in")
        sign_in(mine, "gao", phone)
        page = claimed(mine, identity)
        page.keyboard.press("r")
        page.fill("#return textarea[name=text]", "typed with care")
        scene.desk.query("update console_session set ends_at = clock_timestamp() where name = 'gao' returning 1")
        page.click("#return button.danger")
        page.wait_for_function("() => document.body.innerText.includes('登录')")
        assert state(scene, identity) == "PENDING_REVIEW"
        mine.go(f"/desk/{identity}")
        assert mine.path == "/sign-in"
        sign_in(mine, "gao", phone)
        page.wait_for_url(f"**/desk/{identity}")
        page.wait_for_timeout(400)
        if page.locator("#return").count() == 0:
            press(mine, "c", f"**/desk/{identity}")
        assert page.input_value("#return textarea[name=text]") == "typed with care"
        page.keyboard.press("Escape")
        page.keyboard.press("x")


def test_a_finding_and_its_box_light_up_together(browser: Browser, console: Site, scene: Scene) -> None:
    with window(browser, console, "auditor") as mine:
        page = open_desk(mine, pending(scene))
        page.keyboard.press("j")
        assert page.locator(".finding.lit").count() == 1
        assert page.locator("[data-box='1'].lit").count() == 1
        assert page.locator("#decide [data-key=a]").count() == 0
