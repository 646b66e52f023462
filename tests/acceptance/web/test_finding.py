"""Lists, search and export in a browser: simple, advanced, sorted, page by page, kept, and as an Excel file with its progress."""

import io
from pathlib import Path

import openpyxl
from playwright.sync_api import Browser, Page

from tests.acceptance.web.browser import Window, window
from tests.desk import clean
from tests.scene import BRANCH, Scene, ours
from tests.web import Site


def invoices(page: Page) -> list[str]:
    """The invoice numbers of the list, from the top."""
    return [text.split()[0] for text in page.locator("table.list tbody tr td:nth-child(1)").all_inner_texts()]


def search(mine: Window, **fields: str) -> Page:
    """The advanced search with these fields filled in."""
    page = mine.go("/search")
    for name, value in fields.items():
        field = page.locator(f"details [name={name}]")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    with page.expect_navigation():
        page.click("details button.main")
    return page


def test_a_slash_and_an_invoice_number_find_its_certificates(browser: Browser, console: Site) -> None:
    invoice = clean(ours(0)).invoice
    with window(browser, console, "auditor") as mine:
        page = mine.go("/")
        page.keyboard.press("/")
        page.keyboard.type(invoice)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert set(invoices(page)) == {invoice}
        page.go_back()
        assert mine.path == "/"


def opened(page: Page) -> None:
    """The person's own searches, unfolded."""
    mine = page.locator("details:has(form[action='/search/save'], form[action='/search/forget'])")
    if mine.count() and mine.get_attribute("open") is None:
        mine.locator("summary").click()


def test_the_advanced_search_filters_sorts_and_turns_pages(browser: Browser, console: Site, scene: Scene) -> None:
    total = int(scene.first("select count(*) from certificate where state = 'ISSUED' and branch = %s", BRANCH))
    with window(browser, console, "auditor") as mine:
        page = search(mine, state="ISSUED")
        first = invoices(page)
        with page.expect_navigation():
            page.click("thead a[href*='sort=invoice']")
        down = invoices(page)
        assert down == sorted(down, reverse=True)
        with page.expect_navigation():
            page.click("thead a[href*='sort=invoice']")
        up = invoices(page)
        assert up == sorted(up)
        seen = [*up]
        while page.locator("a[rel=next]").count():
            with page.expect_navigation():
                page.click("a[rel=next]")
            seen += invoices(page)
        assert len(seen) == len(set(seen)) == total > len(first)
        with page.expect_navigation():
            page.click("a[rel=prev]")
        assert page.locator(".chip").count() == 1
        with page.expect_navigation():
            page.click(".chip")
        assert "state=" not in page.url


def test_a_search_is_kept_opened_again_and_forgotten(browser: Browser, console: Site) -> None:
    with window(browser, console, "auditor", language="en") as mine:
        page = search(mine, state="VOID")
        expected = invoices(page)
        opened(page)
        page.fill("input[name=label]", "void ones & <b>more</b>")
        with page.expect_navigation():
            page.click("form[action='/search/save'] button")
        mine.go("/search")
        opened(page)
        with page.expect_navigation():
            page.click("a:has-text('void ones & <b>more</b>')")
        assert invoices(page) == expected
        mine.go("/search")
        opened(page)
        with page.expect_navigation():
            page.click("form[action='/search/forget'] button")
        assert page.locator("a:has-text('void ones')").count() == 0


def test_a_list_is_exported_and_the_file_opens(browser: Browser, console: Site, scene: Scene, tmp_path: Path) -> None:
    total = int(scene.first("select count(*) from certificate where state = 'ISSUED' and branch = %s", BRANCH))
    with window(browser, console, "auditor", accept_downloads=True) as mine:
        page = search(mine, state="ISSUED")
        with page.expect_navigation(url="**/exports"):
            page.click("form[action='/exports'] button")
        page.wait_for_selector("a[download]", timeout=20_000)
        with page.expect_download() as download:
            page.click("a[download]")
        target = tmp_path / "list.xlsx"
        download.value.save_as(target)
        assert download.value.suggested_filename.endswith(".xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(target.read_bytes())).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert len(rows) - 1 == total
    invoice = clean(ours(3)).invoice
    assert any(invoice in map(str, row) for row in rows)


def test_rows_are_opened_with_the_keyboard_alone(browser: Browser, console: Site) -> None:
    with window(browser, console, "auditor") as mine:
        page = mine.go("/queues/approved")
        page.wait_for_timeout(300)
        page.locator("table.list tbody tr").first.focus()
        page.keyboard.press("j")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert mine.path.startswith("/certificates/")
        page.go_back()
        assert mine.path == "/queues/approved"


def test_the_language_switches_in_place(browser: Browser, console: Site) -> None:
    with window(browser, console, "auditor") as mine:
        page = mine.go("/queues/approved?type=CO")
        assert mine.heading == "已审核"
        with page.expect_navigation():
            page.click("form[action='/language'] button")
        assert (mine.path, mine.heading) == ("/queues/approved", "Approved")
        with page.expect_navigation():
            page.click("form[action='/language'] button")
        assert mine.heading == "已审核"
