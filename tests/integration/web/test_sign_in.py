"""The sign-in page, the first steps and one's own page, over HTTP."""

import re
from collections.abc import Iterator

import httpx
import pytest

from console.secrets_at_rest import keys_of
from console.user_changes import By, NewUser, add
from console.web.pages.me import device
from console.web.security import SESSION_COOKIE
from store import people
from tests.integration.operators.people import PASSWORD, Town
from tests.services import World
from tests.web import BRANCH, OTHER, Site, Visitor, site

pytestmark = pytest.mark.database


@pytest.fixture
def place(stored: World) -> Iterator[Site]:
    with site(stored, connections=3) as running:
        yield running


@pytest.fixture
def town(place: Site) -> Iterator[Town]:
    world = place.world
    made = Town(world, world.database("coedi_console"), world.database("coedi_operator"), keys_of(world.settings.state_dir))
    yield made
    made.console.close()
    made.shell.close()


def typed(**fields: str) -> dict[str, str]:
    return {"branch": BRANCH, "name": "wang", "password": PASSWORD, "code": ""} | fields


def cookies(answer: httpx.Response) -> dict[str, str]:
    """Cookies that the answer sets: name -> the whole line."""
    return {line.partition("=")[0]: line for line in answer.headers.get_list("set-cookie")}


def enter(place: Site, **fields: str) -> Visitor:
    """Sign in as a browser does; the visitor with the new session."""
    visitor = place.stranger()
    answer = visitor.post("/sign-in", typed(**fields))
    assert answer.status_code == 303, answer.text
    visitor.token = cookies(answer)[SESSION_COOKIE].partition("=")[2].partition(";")[0]
    return visitor


def test_the_sign_in_page_asks_for_the_four_fields_in_both_languages(place: Site) -> None:
    visitor = place.stranger()
    fields = {"zh": ("分会代码", "用户名", "密码", "动态口令"), "en": ("Branch code", "User", "Password", "One-time code")}
    for language, words in fields.items():
        visitor.language = language
        text = visitor.get("/sign-in").text
        assert all(f"<label>{word}<" in text for word in words)
        assert not re.search(r'style="|<script>|\son\w+="', text)


def test_signing_in_gives_a_cookie_that_only_our_pages_over_tls_see_and_leads_on(place: Site, town: Town) -> None:
    town.add("wang")
    answer = place.stranger().post("/sign-in", typed(next="/search?number=1"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/search?number=1")
    line = cookies(answer)[SESSION_COOKIE]
    assert all(part in line for part in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"))
    assert "Domain" not in line


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nX: y", "/证书"])
def test_signing_in_never_leads_to_another_site(place: Site, town: Town, to: str) -> None:
    town.add("wang")
    assert place.stranger().post("/sign-in", typed(next=to)).headers["location"] == "/"


def test_a_refused_sign_in_says_the_same_for_every_cause_and_never_shows_the_password(place: Site, town: Town) -> None:
    town.add("wang", totp=True)
    texts = set()
    for fields in ({"name": "nobody"}, {"branch": "9999X9"}, {"password": "canary-canary"}, {"code": "000000"}):
        answer = place.stranger().post("/sign-in", typed(**fields))
        assert answer.status_code == 401 and SESSION_COOKIE not in cookies(answer)
        assert "canary" not in answer.text and PASSWORD not in answer.text
        texts.add(re.search(r'role="alert">(.*?)</p>', answer.text, re.S)[1].strip())  # type: ignore[index]
    assert len(texts) == 1


def test_what_was_typed_comes_back_inert(place: Site) -> None:
    text = place.stranger().post("/sign-in", typed(name='"><script>alert(1)</script>', branch="{{7*7}}")).text
    assert "<script>alert" not in text and "&lt;script&gt;" in text and "49" not in text


def test_who_is_early_is_told_how_long_to_wait(place: Site) -> None:
    answers = [place.stranger().post("/sign-in", typed(name="nobody")) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert "try again in 1 s" in answers[-1].text


def test_another_site_cannot_sign_anybody_in(place: Site, town: Town) -> None:
    town.add("wang")
    answer = place.stranger().post("/sign-in", typed(), headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403 and SESSION_COOKIE not in cookies(answer)


def test_signing_in_again_ends_the_session_before(place: Site, town: Town) -> None:
    town.add("wang")
    visitor = enter(place)
    visitor.post("/sign-in", typed())
    assert people.session_of(town.console, visitor.token) is None


def test_a_new_user_is_led_through_the_first_steps_and_nowhere_else(place: Site, town: Town) -> None:
    made = add(town.shell, By(), NewUser(BRANCH, "wang", "王", ("reviewer",))) or ""
    visitor = enter(place, password=made)
    assert visitor.get("/me").headers["location"] == "/first-steps"
    assert visitor.ask("/me").status_code == 403
    assert "Choose your password" in visitor.get("/first-steps").text
    differing = visitor.post("/first-steps/password", {"new": PASSWORD, "again": PASSWORD + "x"})
    assert differing.status_code == 422 and "differ" in differing.text
    common = visitor.post("/first-steps/password", {"new": "Password123", "again": "Password123"})
    assert common.status_code == 422 and "guess" in common.text
    assert visitor.post("/first-steps/code", {"code": "123456"}).headers["location"] == "/first-steps"
    assert visitor.post("/first-steps/password", {"new": PASSWORD, "again": PASSWORD}).status_code == 303
    assert visitor.get("/me").headers["location"] == "/first-steps"
    page = visitor.get("/first-steps").text
    assert '<path d="M' in page and "style=" not in page
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")  # type: ignore[index]
    assert visitor.post("/first-steps/code", {"code": town.code_of(secret, 5)}).status_code == 422
    assert visitor.post("/first-steps/code", {"code": town.code_of(secret)}).headers["location"] == "/"
    assert visitor.get("/me").status_code == 200
    assert visitor.get("/first-steps").headers["location"] == "/"


def test_my_page_lists_my_sessions_and_ends_them(place: Site, town: Town) -> None:
    town.add("wang")
    town.add("li")
    here, there, third, other = enter(place), enter(place), enter(place), enter(place, name="li")
    rows = here.ask("/me").json()["sessions"]
    assert len(rows) == 3 and sum(row["this"] for row in rows) == 1
    assert here.get("/me").text.count("this one") == 1
    assert here.post("/me/sessions/end", {"id": people.hashed(other.token).hex()}).status_code == 404
    assert other.get("/me").status_code == 200
    assert here.post("/me/sessions/end", {"id": people.hashed(there.token).hex()}).status_code == 303
    assert there.get("/me").headers["location"].startswith("/sign-in")
    assert here.post("/me/sessions/end-others").status_code == 303
    assert third.get("/me").headers["location"].startswith("/sign-in")
    assert here.get("/me").status_code == 200
    assert here.token not in here.get("/me").text


def test_signing_out_ends_the_session_on_the_server_too(place: Site, town: Town) -> None:
    town.add("wang")
    visitor = enter(place)
    answer = visitor.post("/sign-out")
    assert answer.headers["location"] == "/sign-in" and "Max-Age=0" in cookies(answer)[SESSION_COOKIE]
    assert people.session_of(town.console, visitor.token) is None


def test_changing_the_password_asks_for_the_old_one(place: Site, town: Town) -> None:
    town.add("wang")
    here, there = enter(place), enter(place)
    new = "drei-neue-gummistiefel"
    wrong = here.post("/me/password", {"password": "falsch", "new": new, "again": new})
    assert wrong.status_code == 422 and "not right" in wrong.text
    assert here.post("/me/password", {"password": PASSWORD, "new": new, "again": new}).status_code == 303
    assert here.get("/me").status_code == 200
    assert there.get("/me").headers["location"].startswith("/sign-in")
    assert enter(place, password=new).get("/me").status_code == 200


@pytest.mark.parametrize(("agent", "called"), [
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome, Windows"),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605.1 Version/18.0 Safari/605.1", "Safari, Mac"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
    ("python-httpx/0.28", "python-httpx"), ("", "?"),
])
def test_devices_are_named_as_people_call_them(agent: str, called: str) -> None:
    assert device(agent) == called


# users and roles

def test_an_administrator_adds_a_user_and_sees_his_password_once(place: Site, town: Town) -> None:
    boss = place.visitor("administrator")
    answer = boss.post("/users", {"name": "wang", "shown": "王<b>", "roles": ["reviewer", "registrar"], "skills": ["CO"]})
    assert answer.status_code == 201 and "王&lt;b&gt;" in answer.text
    made = re.search(r"<code>([a-z0-9-]+)</code>", answer.text)[1]  # type: ignore[index]
    assert enter(place, password=made).get("/first-steps").status_code == 200
    assert made not in boss.get(f"/users/{BRANCH}/wang").text
    [row] = [one for one in boss.ask("/users").json()["users"] if one["name"] == "wang"]
    assert row["roles"] == ["registrar", "reviewer"] and row["skills"] == ["CO"] and "password" not in row


def test_the_page_of_a_user_changes_him(place: Site, town: Town) -> None:
    town.add("wang", "reviewer", "auditor")
    boss, here = place.visitor("administrator"), f"/users/{BRANCH}/wang"
    assert boss.get("/users").status_code == boss.get(here).status_code == 200
    wang = enter(place)
    assert boss.post(f"{here}/roles", {"roles": ["reviewer", "registrar"]}).status_code == 303
    assert boss.ask(here).json()["user"]["roles"] == ["registrar", "reviewer"]
    assert wang.get("/me").headers["location"].startswith("/sign-in")
    assert boss.post(f"{here}/skills", {"skills": ["CO", "XX"]}).status_code == 409
    assert boss.post(f"{here}/skills", {"skills": ["CO"]}).status_code == 303
    enter(place)
    assert boss.post(f"{here}/end-sessions").status_code == 303
    assert boss.ask(here).json()["sessions"] == []
    assert boss.post(f"{here}/totp").status_code == 303
    assert boss.post(f"{here}/disable").status_code == 303
    assert boss.post(f"{here}/disable").status_code == 409
    assert boss.post(f"{here}/enable").status_code == 303
    made = re.search(r"<code>([a-z0-9-]{19})</code>", boss.post(f"{here}/reset").text)[1]  # type: ignore[index]
    assert place.stranger().post("/sign-in", typed(password=made)).headers["location"] == "/first-steps"


def test_users_of_another_branch_are_not_there_and_ones_own_account_stays(place: Site, town: Town) -> None:
    town.add("wang", branch=OTHER)
    boss = place.visitor("administrator")
    changes = ("roles", "skills", "reset", "totp", "disable", "enable", "end-sessions")
    assert boss.get(f"/users/{OTHER}/wang").status_code == 404
    assert {boss.post(f"/users/{OTHER}/wang/{change}", {"roles": ["auditor"]}).status_code for change in changes} == {404}
    assert {boss.post(f"/users/{BRANCH}/administrator/{change}", {"roles": ["auditor"]}).status_code for change in changes} == {409}
    assert [one["branch"] for one in boss.ask("/users").json()["users"]] == [BRANCH]
    chief = place.visitor("administrator", name="chief", everywhere=True)
    assert {one["branch"] for one in chief.ask("/users").json()["users"]} == {BRANCH, OTHER}
    assert chief.get(f"/users/{OTHER}/wang").status_code == 200


def test_only_administrators_keep_users(place: Site) -> None:
    for role in ("reviewer", "senior-reviewer", "registrar", "print-clerk", "operator", "auditor"):
        visitor = place.visitor(role)
        assert visitor.get("/users").status_code == 403
        assert visitor.post("/users", {"name": "spy", "shown": "x", "roles": ["administrator"]}).status_code == 403


def test_who_has_a_new_telephone_sets_it_up_with_a_code_of_the_old_one(place: Site, town: Town) -> None:
    town.add("wang", "reviewer", totp=True)
    key, away = f"{BRANCH}/wang", enter(place, code=town.code(f"{BRANCH}/wang", -1))
    me = enter(place, code=town.code(key))
    assert me.post("/me/totp", {"password": PASSWORD, "code": "000000"}).status_code == 422
    assert me.post("/me/totp", {"password": PASSWORD, "code": town.code(key, 1)}).headers["location"] == "/first-steps"
    assert away.get("/").headers["location"].startswith("/sign-in")  # the other session is over
    page = me.get("/first-steps").text
    assert me.get("/").headers["location"] == "/first-steps"
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert secret
    assert me.post("/first-steps/code", {"code": town.code_of(secret[1].replace(" ", ""))}).headers["location"] == "/"
    assert me.get("/").status_code == 200


def test_what_gives_others_power_asks_for_the_password_again_after_ten_minutes(place: Site, town: Town) -> None:
    town.add("boss", "administrator")
    town.add("li")
    boss = enter(place, name="boss")
    form = {"roles": ["reviewer", "auditor"]}
    assert 'action="/users/1100B0/li/roles"' in boss.get("/users/1100B0/li").text
    town.shell.run("update console_session set confirmed_at = clock_timestamp() - interval '11 minutes'")
    page = boss.get("/users/1100B0/li").text
    assert 'action="/users/1100B0/li/roles"' not in page and 'action="/me/confirm"' in page
    for path, sent in (("/users/1100B0/li/roles", form), ("/users/1100B0/li/reset", {}), ("/users/1100B0/li/totp", {}),
                       ("/users", {"name": "zhao", "shown": "赵", "roles": "reviewer"})):
        assert boss.post(path, sent).status_code == 409, path
    again = {"back": "/users/1100B0/li", "code": ""}
    assert boss.post("/me/confirm", again | {"password": "not this one"}).status_code == 422
    assert boss.post("/users/1100B0/li/roles", form).status_code == 409
    assert boss.post("/me/confirm", again | {"password": PASSWORD}).headers["location"] == "/users/1100B0/li"
    assert boss.post("/users/1100B0/li/roles", form).status_code == 303
    assert boss.post("/me/confirm", {"password": PASSWORD, "back": "//evil.example"}).headers["location"] == "/"


def test_a_refused_form_leads_back_to_its_page(place: Site) -> None:
    stranger = place.stranger()
    here = {"Referer": f"{place.address}/queues/review?type=CO"}
    assert 'href="/sign-in?next=/queues/review%3Ftype%3DCO"' in stranger.post("/sign-out", headers=here).text
    elsewhere = {"Referer": "http://evil.example/queues"}
    assert 'href="/sign-in?next=/"' in stranger.post("/sign-out", headers=elsewhere).text


def test_what_was_typed_wrongly_is_told_by_the_name_it_has_on_the_page(place: Site) -> None:
    auditor = place.visitor("auditor")
    page = auditor.get("/search?received_from=soon").text
    assert "Please correct:" in page and "must be a date, yyyy-mm-dd" in page and "received_from" not in page
    auditor.language = "zh"
    assert "请更正：" in auditor.get("/search?received_from=soon").text
    assert auditor.ask("/search?received_from=soon").json()["faults"][0]["field"] == "received_from"
