"""Signing in with a browser: the four fields, a one-time password, a password of one's own, the second factor, and the way out."""

import re

import pyotp
from playwright.sync_api import Browser

from console.user_changes import By, NewUser, add
from tests.acceptance.web.browser import PASSWORD, Phone, person, sign_in, window
from tests.web import BRANCH, Site


def test_a_new_user_signs_in_chooses_a_password_sets_a_second_factor_up_and_comes_again(browser: Browser, console: Site) -> None:
    shell = console.world.database("coedi_operator")
    once = add(shell, By(), NewUser(BRANCH, "zhaoxm", "赵晓梅", ("reviewer",)))
    shell.close()
    assert once
    with window(browser, console) as mine:
        mine.go("/search?invoice=S26")
        assert mine.path == "/sign-in"
        sign_in(mine, "zhaoxm", password=once)
        assert mine.heading == "设置密码"
        mine.page.fill("input[name=new]", PASSWORD)
        mine.page.fill("input[name=again]", PASSWORD)
        mine.page.press("input[name=again]", "Enter")
        mine.page.wait_for_selector("h1:has-text('设置动态口令')")
        mine.page.click("summary")
        secret = re.sub(r"\s", "", mine.page.locator("details code").inner_text())
        phone = Phone(console, secret)
        mine.page.fill("input[name=code]", phone.code())
        mine.page.press("input[name=code]", "Enter")
        mine.page.wait_for_selector(".who a:has-text('赵晓梅')")
        assert "动态口令已启用" in mine.said
        mine.page.click("form[action='/sign-out'] button")
        assert mine.path == "/sign-in"
        phone.used += 1
        sign_in(mine, "zhaoxm", phone)
        assert mine.path == "/"
    assert pyotp.TOTP(secret)


def test_a_wrong_code_is_refused_in_the_same_words_as_a_wrong_password(browser: Browser, console: Site) -> None:
    phone = person(console, "zhao", "auditor")
    with window(browser, console, language="en") as mine:
        mine.go("/sign-in")
        sign_in(mine, "zhao", password="not-this-one-at-all")
        told = mine.page.locator("[role=alert]").inner_text()
        assert mine.page.input_value("input[name=password]") == ""
        assert mine.page.input_value("input[name=name]") == "zhao"
        sign_in(mine, "zhao", Phone(console, pyotp.random_base32()))
        assert mine.page.locator("[role=alert]").inner_text() == told
        sign_in(mine, "zhao", phone)
        assert mine.path == "/"


def test_whoever_was_sent_to_sign_in_goes_on_to_where_he_wanted(browser: Browser, console: Site) -> None:
    phone = person(console, "qian", "reviewer")
    with window(browser, console) as mine:
        mine.go("/me?x=1")
        sign_in(mine, "qian", phone)
        assert mine.path == "/me"
