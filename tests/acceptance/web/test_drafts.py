"""What somebody typed is not lost when it is refused or the session ends, and nobody else finds it."""

from playwright.sync_api import Browser

from tests.acceptance.web.browser import PASSWORD, person, sign_in, window
from tests.acceptance.web.test_voiding import issued, state
from tests.scene import Scene
from tests.web import Site

DRAFTS = "Object.keys(sessionStorage).filter((key) => key.includes('draft')).length"


def test_a_form_that_was_sent_after_the_session_ended_is_filled_in_again_until_it_is_taken(
    browser: Browser, console: Site, scene: Scene
) -> None:
    identity, number = issued(scene, 2)
    phone = person(console, "jiang", "senior-reviewer")
    with window(browser, console) as mine:
        mine.go("/sign-in")
        sign_in(mine, "jiang", phone)
        page = mine.go(f"/certificates/{identity}")
        page.locator("details:has(form[action$='/void']) > summary").click()
        form = page.locator("form[action$='/void']")
        form.locator("select[name=reason]").select_option("ISSUED_BY_MISTAKE")
        form.locator("[name=text]").fill("typed with care")
        form.locator("input[name=number]").fill(number)
        form.locator("input[name=password]").fill(PASSWORD)
        scene.desk.query("update console_session set ends_at = clock_timestamp() where name = 'jiang' returning 1")
        with page.expect_navigation():
            form.locator("button.danger").click()
        page.click("text=登录后继续")
        sign_in(mine, "jiang", phone)
        page.wait_for_url(f"**/certificates/{identity}")
        assert form.is_visible() and form.locator("[name=text]").input_value() == "typed with care"
        assert form.locator("input[name=password]").input_value() == ""  # never kept
        form.locator("input[name=password]").fill(PASSWORD)
        form.locator("input[name=code]").fill(phone.code())
        with page.expect_navigation():
            form.locator("button.danger").click()
        assert state(scene, identity) == "VOID"
        assert page.evaluate(DRAFTS) == 0


def test_signing_out_forgets_what_was_typed(browser: Browser, console: Site, scene: Scene) -> None:
    identity, _ = issued(scene, 3)
    with window(browser, console, "senior-reviewer", name="qiu") as mine:
        page = mine.go(f"/certificates/{identity}")
        page.locator("details:has(form[action$='/void']) > summary").click()
        page.locator("form[action$='/void'] [name=text]").fill("for my eyes")
        assert page.evaluate(DRAFTS) == 1
        with page.expect_navigation():
            page.click("form[action='/sign-out'] button")
        assert page.evaluate(DRAFTS) == 0
