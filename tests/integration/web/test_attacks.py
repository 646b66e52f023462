"""What a hostile visitor, colleague or program tries; each test is an attack that worked once, or must never."""

import base64
import socket
import stat
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from console import own_account, passwords
from console.user_changes import By, NewUser, add, add_key, give_totp
from console.web.asking import PUBLIC, Ask, Route, View
from console.web.export_jobs import AT_A_TIME
from console.web.routes import routes
from console.web.security import csrf_token
from domain.errors import BadDocument, BadSetting
from store import accounts, people
from store.database import Database
from tests.desk import Desk, make_desk
from tests.integration.web.desk_cases import claimed, referred, waiting
from tests.services import World
from tests.web import BRANCH, OTHER, Site, Visitor, site

pytestmark = pytest.mark.database
MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}


def _broken(ask: Ask) -> View:
    """What the pages raise when something is wrong with the machine."""
    raise {"setting": BadSetting, "document": BadDocument}[ask.path["kind"]]("cannot read /srv/coedi/secret/console.key: gone")


def _slow(ask: Ask) -> View:
    """A question that the database would chew on for a minute."""
    ask.database.run("set statement_timeout = 200")
    ask.database.run("select pg_sleep(60)")
    raise AssertionError("never so long")


def _timeout(ask: Ask) -> View:
    return View("layout.html", {"timeout": ask.database.run("show statement_timeout")[0][0]})


def _left_open(ask: Ask) -> View:
    """A page that forgets the transaction in which it spoke for everybody."""
    ask.database.run("begin")
    ask.database.run("select set_config('coedi.branch', '*', true)")
    return View("layout.html", {})


def _seen(ask: Ask) -> View:
    return View("layout.html", {"enterprises": ask.database.run("select count(*) from enterprise")[0][0]})


SOMEBODY = frozenset({"reviewer"})
TABLE = (
    Route("GET", "/broken/{kind}", "broken", _broken, PUBLIC, "坏", "Broken"),
    Route("GET", "/slow", "slow", _slow, SOMEBODY, "慢", "Slow"),
    Route("GET", "/left-open", "left-open", _left_open, SOMEBODY, "未结束", "Left open"),
    Route("GET", "/seen", "seen", _seen, SOMEBODY, "所见", "Seen"),
    Route("GET", "/timeout", "timeout", _timeout, SOMEBODY, "时限", "Timeout"),
)


@pytest.fixture(scope="module")
def table(kept: World) -> Iterator[Desk]:
    made = make_desk(kept)
    yield made
    made.session.database.close()
    made.owner.close()


@pytest.fixture(scope="module")
def place(kept: World, table: Desk) -> Iterator[Site]:
    with site(kept, (*routes(), *TABLE)) as running:
        yield running


@pytest.fixture
def owner(place: Site) -> Iterator[Database]:
    made = place.world.database()
    yield made
    made.run("delete from sign_in_delay")
    made.close()


def spoken(place: Site, request: bytes) -> str:
    """What the server says to these bytes, whatever they are."""
    host, port = place.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as line:
        line.sendall(request)
        pieces = []
        while piece := line.recv(65536):
            pieces.append(piece)
    return b"".join(pieces).decode("latin-1")


def typed(name: str = "nobody", **fields: str) -> dict[str, str]:
    return {"branch": BRANCH, "name": name, "password": "wrong-wrong-wrong", "code": ""} | fields


# bodies

def endless(pieces: int) -> Iterator[bytes]:
    """A form with a file of so many pieces, whose length is not said before."""
    yield b'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n'
    for _ in range(pieces):
        yield b"x" * 65536
    yield b"\r\n--b--\r\n"


def test_a_form_that_does_not_say_how_long_it_is_is_cut_off_all_the_same(place: Site) -> None:
    assert place.client.post(f"{place.address}/sign-in", content=endless(100), headers=MULTIPART).status_code == 413


def test_many_small_fields_are_not_more_than_one_large_one(place: Site) -> None:
    parts = (f'--b\r\nContent-Disposition: form-data; name="f{at}"\r\n\r\n'.encode() + b"x" * 60_000 + b"\r\n" for at in range(100))
    form = iter((*parts, b"--b--\r\n"))
    assert place.client.post(f"{place.address}/sign-in", content=form, headers=MULTIPART).status_code == 413


@pytest.mark.parametrize("token", ["\\ud800", "\\udfff", "é", "", "\\u0000"])
def test_a_token_of_half_characters_is_a_wrong_token_and_no_fault(place: Site, token: str) -> None:
    visitor = place.visitor("reviewer")
    answer = visitor.client.post(
        f"{place.address}/api/v1/search/forget", content=f'{{"csrf": "{token}", "label": "x"}}'.encode(),
        headers=visitor.headers() | {"Origin": place.address, "Content-Type": "application/json"})
    assert answer.status_code == 403


@pytest.mark.parametrize("kind", [
    "text/plain", "application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=b", "APPLICATION/JSON",
    "", "application/csp-report"])
def test_no_type_of_body_gets_round_the_token(place: Site, kind: str) -> None:
    visitor = place.visitor("reviewer")
    for body in (b"label=x", b'{"label": "x"}', b'--b\r\nContent-Disposition: form-data; name="label"\r\n\r\nx\r\n--b--\r\n', b""):
        for path in ("/search/forget", "/api/v1/search/forget"):
            answer = visitor.client.post(
                place.address + path + f"?csrf={csrf_token(visitor.token)}", content=body,
                headers=visitor.headers() | {"Origin": place.address, "Content-Type": kind})
            assert answer.status_code in (400, 403), (kind, body, path)


def test_a_cookie_that_nests_without_end_is_no_message(place: Site) -> None:
    nest = base64.urlsafe_b64encode(b"[" * 40_000).decode()
    head = f"GET /sign-in HTTP/1.1\r\nHost: x\r\nCookie: __Host-coedi-said={nest}\r\nConnection: close\r\n\r\n"
    said = spoken(place, head.encode())
    assert said.startswith("HTTP/1.1 200")


# addresses

@pytest.mark.parametrize("host", ["[", "evil.example", "evil.example/x?y=", "a@evil.example:99999", "x y", ""])
@pytest.mark.parametrize("path", ["/me", "/me/", "/static", "//evil.example/..", "/%2f%2fevil.example"])
def test_no_host_that_a_request_names_is_ever_led_to(place: Site, host: str, path: str) -> None:
    said = spoken(place, f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    head = said.partition("\r\n\r\n")[0].lower()
    assert head.startswith(("http/1.1 303", "http/1.1 404", "http/1.1 400"))
    to = [line for line in head.split("\r\n") if line.startswith("location:")]
    assert all(line.startswith("location: /sign-in") for line in to)
    assert "http/1.1 400" in head or "content-security-policy" in head


@pytest.mark.parametrize("before", ["http://[", "HOST//evil.example/x", "HOST/\\evil.example", "javascript:alert(1)", "https://evil.example/"])
def test_the_way_back_from_an_error_never_leads_to_another_site(place: Site, before: str) -> None:
    before = before.replace("HOST", place.address)
    answer = place.visitor("reviewer").get("/nowhere", headers={"Referer": before})
    assert answer.status_code == 404 and "evil.example" not in answer.text and "alert(1)" not in answer.text


@pytest.mark.parametrize("origin", ["http://[", "null", "", "file://", "http://evil.example", "//"])
def test_no_strange_origin_is_ours(place: Site, origin: str) -> None:
    answer = place.visitor("reviewer").post("/search/forget", {"label": "x"}, headers={"Origin": origin})
    assert (answer.status_code, "ORIGIN" in answer.text or "another site" in answer.text) == (403, True)


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/app.py", "/forms/..%2f..%2fx.css",
                                  "/api/v1/documents/..%2f..%2fetc%2fpasswd", "/api/v1/documents//etc/passwd"])
def test_no_path_leads_out_of_its_folder(place: Site, owner: Database, path: str) -> None:
    key = add_key(owner, By(), some_firm(owner), "a program", 1)
    answer = Visitor(place.address, place.client, key=key).get(path)
    assert answer.status_code == 404 and "root:" not in answer.text


@pytest.mark.parametrize("kind", ["setting", "document"])
def test_no_error_names_a_folder_of_this_machine(place: Site, kind: str) -> None:
    for answer in (place.stranger().get(f"/broken/{kind}"), place.stranger().ask(f"/broken/{kind}")):
        assert answer.status_code == 500 and "/srv" not in answer.text and "console.key" not in answer.text


# who keeps others waiting

@contextmanager
def nobody_computes() -> Iterator[None]:
    """Every place where a password is hashed is taken, as in a flood of sign-ins."""
    with passwords._AT_ONCE, passwords._AT_ONCE:
        yield


def test_a_flood_of_sign_ins_does_not_keep_those_from_working_who_are_in(place: Site, owner: Database) -> None:
    visitor = place.visitor("reviewer")
    with ThreadPoolExecutor(16) as pool:
        with nobody_computes():
            flood = [pool.submit(httpx.post, f"{place.address}/sign-in", data=typed(f"n{at}"), timeout=30) for at in range(16)]
            time.sleep(0.5)
            answer = httpx.get(f"{place.address}/me", headers=visitor.headers(), timeout=3)
            assert answer.status_code == 200
        assert {one.result().status_code for one in flood} <= {401, 429}


def some_firm(owner: Database) -> str:
    return str(owner.run("select no from enterprise where active order by no limit 1")[0][0])


def test_a_program_that_keeps_many_questions_open_is_answered_at_once(place: Site, owner: Database) -> None:
    key = add_key(owner, By(), some_firm(owner), "a greedy program", 1)
    newest = owner.run("select coalesce(max(feed_no), 0) from receipt")[0][0]
    begin, took = time.monotonic(), []

    def ask() -> None:
        asked = f"{place.address}/api/v1/receipts?since={newest}&wait=8"
        answer = httpx.get(asked, headers={"Authorization": f"Bearer {key}"}, timeout=25)
        assert answer.status_code == 200 and answer.json()["receipts"] == []
        took.append(time.monotonic() - begin)

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(seconds < 7 for seconds in took) == 8 and sum(seconds >= 7 for seconds in took) == 4


def test_no_question_keeps_a_connection_for_long(place: Site) -> None:
    visitor = place.visitor("reviewer")
    assert visitor.ask("/timeout").json() == {"timeout": "30s"}
    answer = visitor.ask("/slow")
    assert answer.status_code == 503 and "pg_sleep" not in answer.text
    assert visitor.ask("/timeout").status_code == 200


def test_a_colleague_next_door_cannot_keep_the_house_from_signing_in(place: Site, owner: Database) -> None:
    shell = place.world.database("coedi_operator")
    add(shell, By(), NewUser(BRANCH, "known", "x", ("reviewer",), totp_required=False), "vier-lange-regenschirme")
    shell.close()
    right = typed("known", password="vier-lange-regenschirme")
    assert place.stranger().post("/sign-in", right).status_code == 303
    owner.run("insert into sign_in_delay values ('address:127.0.0.1', 99, clock_timestamp() + interval '60 s', clock_timestamp())")
    assert place.stranger().post("/sign-in", typed("unheard-of")).status_code == 429
    assert place.stranger().post("/sign-in", right).status_code == 303


def test_an_address_of_six_counts_with_all_that_one_customer_has(owner: Database) -> None:
    for at in range(30):
        accounts.count_failure(owner, f"2001:db8:1:2::{at:x}")
    assert accounts.wait_of(owner, accounts.address_key("2001:db8:1:2:ffff::1")) > 0
    assert accounts.wait_of(owner, accounts.address_key("2001:db8:1:3::1")) == 0


# sessions

def idle(owner: Database, visitor: Visitor, minutes: int) -> None:
    owner.run("update console_session set seen_at = clock_timestamp() - %s * interval '1 minute' where id = sha256(%s)",
              (minutes, visitor.token.encode()))


@pytest.mark.parametrize("path", [route.path for route in routes() if route.repeats and "{" not in route.path])
def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(place: Site, owner: Database, path: str) -> None:
    visitor = place.visitor("operator", "administrator")
    idle(owner, visitor, 14)
    assert visitor.get(path, headers={"HX-Request": "true"}).status_code == 200
    [(seen,)] = owner.run("select clock_timestamp() - seen_at > interval '13 minutes' from console_session where id = sha256(%s)",
                          (visitor.token.encode(),))
    assert seen, "the page kept itself alive"
    idle(owner, visitor, 16)
    assert visitor.get(path, headers={"HX-Request": "true"}).status_code == 401


def test_whatever_a_page_asks_by_itself_is_listed_as_such() -> None:
    import re
    from importlib.resources import files

    found = set()
    for template in files("console.web").joinpath("templates").iterdir():
        text = template.read_text(encoding="utf-8")
        for tag in re.findall(r"<\w+[^>]*\bhx-trigger=\"[^\"]*\bevery\b[^>]*>", text):
            found |= set(re.findall(r'hx-(?:get|post)="([^"]*)"', tag))
        for line in text.splitlines():
            if "every " in line and "hx-trigger" in line:
                found |= set(re.findall(r'hx-(?:get|post)="([^"]*)"', line))
    assert {re.sub(r"\{\{.*?\}\}", "*", path) for path in found} == {
        re.sub(r"\{.*?\}", "*", route.path) for route in routes() if route.repeats}


@pytest.mark.parametrize("wrong", ["token", "key", "both"])
def test_what_is_no_session_opens_nothing(place: Site, wrong: str) -> None:
    visitor = place.stranger()
    visitor.token = "x" * 43 if wrong != "key" else ""
    visitor.key = "coedi_" + "x" * 43 if wrong != "token" else ""
    assert visitor.ask("/me").status_code == 401


def test_a_session_id_from_the_list_is_no_token(place: Site) -> None:
    visitor = place.visitor("reviewer")
    for row in visitor.ask("/me").json()["sessions"]:
        thief = Visitor(place.address, place.client, row["id"])
        assert thief.ask("/me").status_code == 401


def test_no_token_that_a_visitor_brings_becomes_a_session(place: Site, owner: Database) -> None:
    shell = place.world.database("coedi_operator")
    add(shell, By(), NewUser(BRANCH, "fixed", "x", ("reviewer",), totp_required=False), "vier-lange-regenschirme")
    shell.close()
    visitor = place.stranger()
    visitor.token = "planted-by-somebody-else"
    answer = visitor.post("/sign-in", typed("fixed", password="vier-lange-regenschirme"))
    assert answer.status_code == 303 and "planted" not in answer.headers["set-cookie"]
    assert visitor.ask("/me").status_code == 401


def test_a_second_factor_that_is_being_renewed_is_not_gone(place: Site, owner: Database) -> None:
    shell, console = place.world.database("coedi_operator"), place.world.database("coedi_console")
    add(shell, By(), NewUser(BRANCH, "renewing", "x", ("reviewer",), totp_required=False), "vier-lange-regenschirme")
    give_totp(shell, place.house.keys, By(), BRANCH, "renewing")
    visitor = place.visitor("reviewer", name="renewing")
    session = people.session_of(owner, visitor.token)
    assert session
    console.query("bind_branch", branch=BRANCH)
    own_account.renew_second_factor(console, place.house.keys, session)
    answer = place.stranger().post("/sign-in", typed("renewing", password="vier-lange-regenschirme"))
    assert answer.headers["location"] == "/first-steps"
    shell.close()
    console.close()


# rights

def test_an_administrator_of_one_branch_has_no_hand_in_another(place: Site, owner: Database) -> None:
    boss = place.visitor("administrator")
    place.visitor("reviewer", branch=OTHER, name="theirs")
    for path in ("roles", "skills", "reset", "totp", "disable", "enable", "end-sessions"):
        assert boss.post(f"/users/{OTHER}/theirs/{path}", {"roles": ["auditor"]}).status_code == 404
    made = {"name": "spy", "shown": "x", "roles": ["auditor"]}
    assert boss.post("/users", made | {"branch": OTHER}).status_code == 404
    assert boss.post("/users", made | {"everywhere": "1"}).status_code == 409
    assert owner.run("select count(*) from console_user where name = 'spy'") == [(0,)]


def test_an_administrator_of_a_branch_cannot_take_over_one_of_head_office(place: Site) -> None:
    boss = place.visitor("administrator")
    place.visitor("administrator", name="chief", everywhere=True)
    for path in ("roles", "skills", "reset", "totp", "disable"):
        assert boss.post(f"/users/{BRANCH}/chief/{path}", {"roles": ["auditor"]}).status_code == 409
    assert boss.post(f"/users/{BRANCH}/administrator/roles", {"roles": ["administrator", "auditor"]}).status_code == 409


def test_the_key_of_an_enterprise_opens_no_page_and_only_what_is_its_own(place: Site, owner: Database) -> None:
    firm = some_firm(owner)
    program = Visitor(place.address, place.client, key=add_key(owner, By(), firm, "a program", 1))
    for route in routes():
        if route.method == "GET" and "{" not in route.path and route.who != PUBLIC:
            answer = program.ask(route.path if route.path != "/" else "/today") if route.api else program.get(route.path)
            assert (answer.status_code == 200) == (route.name == "enterprise-receipts" or "(enterprise)" in route.who), route.name
    theirs = owner.run("select id from receipt where enterprise <> %s limit 1", (firm,))
    for (identity,) in theirs:
        assert program.ask(f"/receipts/{identity}").status_code == 404


def test_skills_hold_at_the_desk_too(place: Site, table: Desk) -> None:
    identity, version = waiting(table, referred(11))
    other = place.visitor("reviewer", name="other-type", skills=["RCEP"])
    assert other.ask(f"/desk/{identity}/claim", {}).status_code == 409
    answer = other.ask(f"/desk/{identity}/approve", {"version": version})
    assert answer.status_code == 409 and answer.json()["code"] == "NOT_SKILLED"
    assert other.ask(f"/desk/{identity}/return", {"version": version, "text": "no"}).status_code == 409
    stand = other.ask(f"/desk/{identity}").json()["standing"]
    assert not (stand["claim"] or stand["decide"] or stand["steal"]) and "CO" in stand["en"]
    senior = place.visitor("senior-reviewer", name="senior-of-all")
    assert senior.ask(f"/desk/{identity}/reassign", {"to": f"{BRANCH}/other-type"}).status_code == 200
    claimed(other, identity)  # somebody who may say so has given it to them
    assert other.ask(f"/desk/{identity}/approve", {"version": version}).status_code == 200


def test_what_a_request_leaves_open_is_not_what_the_next_one_sees(place: Site) -> None:
    with site(place.world, (*routes(), *TABLE), connections=1) as narrow:
        visitor = narrow.visitor("reviewer", branch=OTHER, name="narrow")
        before = visitor.ask("/seen").json()
        assert visitor.ask("/left-open").status_code == 200
        assert visitor.ask("/seen").json() == before


# files

def test_nobody_starts_more_exports_than_allowed_by_being_quick(place: Site, owner: Database) -> None:
    visitor = place.visitor("reviewer", name="quick")
    owner.run("create function linger() returns trigger language plpgsql as $$ begin perform pg_sleep(0.3); return new; end $$")
    owner.run("create trigger linger before insert on export_job for each row execute function linger()")
    try:
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: visitor.ask("/exports", {"query": "/search?type=CO"}).status_code, range(6)))
    finally:
        owner.run("drop trigger linger on export_job; drop function linger()")
    assert sorted(set(answers)) in ([200, 409], [200]) and answers.count(200) >= AT_A_TIME
    [(most,)] = owner.run("select count(*) from export_job where name = 'quick' and state in ('running', 'done')")
    assert most == answers.count(200)


def test_the_file_of_an_export_is_its_owners_alone_on_the_disk_too(place: Site) -> None:
    visitor = place.visitor("reviewer", name="exporter")
    identity = visitor.ask("/exports", {"query": "/search?type=CO"}).json()["id"]
    path = place.world.settings.state_dir / "exports" / f"{identity}.xlsx"
    for _ in range(100):
        if visitor.ask(f"/exports/{identity}").json()["exports"][0]["state"] == "done":
            break
        time.sleep(0.1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert place.visitor("reviewer", name="curious").get(f"/exports/{identity}/file").status_code == 404
