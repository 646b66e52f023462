"""Making a certificate void in a browser: the number typed, a reason, sign-in again, and two persons where the policy says so."""

from playwright.sync_api import Browser, Page

from console.web.routes import routes
from store import policies
from tests.acceptance.web.browser import PASSWORD, Window, person, sign_in, window
from tests.scene import BRANCH, Scene
from tests.web import Site


def issued(scene: Scene, at: int) -> tuple[str, str]:
    """(id, number) of a certificate in force that nothing is done to elsewhere."""
    [(identity, number)] = scene.desk.query(
        "select id::text, number from certificate where state = 'ISSUED' and branch = %s and revision = 1 and exists"
        " (select from document d where d.certificate = id) order by id desc offset %s limit 1", BRANCH, at)
    return identity, number


def void(mine: Window, identity: str, number: str, code: str, password: str = PASSWORD) -> Page:
    """Fill the form in and send it."""
    page = mine.go(f"/certificates/{identity}")
    form = page.locator("form[action$='/void']")
    if not form.is_visible():
        page.locator("details:has(form[action$='/void']) > summary").click()
    form.locator("select[name=reason]").select_option("ISSUED_BY_MISTAKE")
    form.locator("input[name=number]").fill(number)
    form.locator("input[name=password]").fill(password)
    form.locator("input[name=code]").fill(code)
    with page.expect_navigation():
        form.locator("button.danger").click()
    return page


def state(scene: Scene, identity: str) -> str:
    return scene.first("select state from certificate where id = %s", identity)


def test_void_takes_the_number_and_the_password_again(browser: Browser, console: Site, scene: Scene) -> None:
    identity, number = issued(scene, 0)
    phone = person(console, "chen", "senior-reviewer")
    with window(browser, console) as mine:
        mine.go("/sign-in")
        sign_in(mine, "chen", phone)
        void(mine, identity, "26C0000000/00000", "000000")
        assert state(scene, identity) == "ISSUED"
        void(mine, identity, number, "000000", password="not the password")
        assert state(scene, identity) == "ISSUED"
        mine.page.wait_for_timeout(1500)  # who fails waits a little
        void(mine, identity, number, phone.code())
        assert state(scene, identity) == "VOID"
        assert "作废" in mine.page.locator(".badge").first.inner_text()
    actors = scene.desk.query("select actor from audit where subject = %s and action like '%%void%%'", identity)
    assert (f"reviewer:{BRANCH}/chen",) in actors


def test_where_the_policy_says_so_two_persons_have_to_agree(browser: Browser, console: Site, scene: Scene) -> None:
    shell = console.world.database("coedi_operator")
    policies.keep(shell, "9.1", 'version = "9.1"\nvoid_eyes = 2\n', "tests")
    policies.activate(shell, "9.1", BRANCH, "two of us", "tests")
    shell.close()
    identity, number = issued(scene, 1)
    one, two = person(console, "he", "senior-reviewer"), person(console, "xu", "senior-reviewer")
    with window(browser, console) as first, window(browser, console) as second:
        for mine, name, phone in ((first, "he", one), (second, "xu", two)):
            mine.go("/sign-in")
            sign_in(mine, name, phone)
        void(first, identity, number, one.code())
        assert state(scene, identity) == "ISSUED"
        assert "he" in first.page.locator(".note").first.inner_text()
        void(second, identity, number, two.code())
        assert state(scene, identity) == "VOID"


def test_who_may_not_void_is_offered_no_form(browser: Browser, console: Site, scene: Scene) -> None:
    assert [route.name for route in routes() if route.path.endswith("/void")] == ["void"]
    with window(browser, console, "reviewer") as mine:
        page = mine.go(f"/certificates/{issued(scene, 2)[0]}")
        assert page.locator("form[action$='/void']").count() == 0
