"""Every request, whatever its page: who is it, may they, what did they send, and what a fault looks like."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from console.web import routes
from console.web.asking import PUBLIC, READERS, Ask, Done, Field, File, Route, View
from domain.errors import BrokerGone, DatabaseGone, NotAllowed, UnknownThing
from tests.services import World
from tests.web import Site, site

SECRET = "a secret of the inside"


def _look(ask: Ask) -> View:
    return View("layout.html", {"branch": ask.branch, "enterprises": ask.database.run("select count(*) from enterprise")[0][0]})


def _raise(ask: Ask) -> View:
    raise {"unknown": UnknownThing("no such thing"), "refused": NotAllowed("taken", zh="已被领取"),
           "gone": DatabaseGone(SECRET), "broker": BrokerGone(SECRET), "fault": RuntimeError(SECRET)}[ask.given["how"]]


def _file(ask: Ask) -> File:
    return File(b"<script>alert(1)</script>", "text/html", "证书 1.html")


def _done(ask: Ask) -> Done:
    return Done("/look", {"said": ask.given["text"]}, ("已完成", "Done"))


TABLE = (
    Route("GET", "/look", "look", _look, READERS, "看", "Look"),
    Route("GET", "/raise", "raise", _raise, READERS, "错", "Raise", fields=(Field("how", required=True),)),
    Route("GET", "/file", "file", _file, PUBLIC, "文件", "File"),
    Route("POST", "/done", "done", _done, frozenset({"reviewer"}), "做", "Do", fields=(Field("text", required=True, longest=20),)),
    Route("POST", "/raw", "raw", lambda ask: Done("/", {"size": len(ask.body)}), READERS, "体", "Raw", raw=1000),
)


@pytest.fixture(scope="module")
def place(kept: World) -> Iterator[Site]:
    with site(kept, (*routes.routes(), *TABLE)) as running:
        yield running


def test_nobody_sees_anything_and_is_led_to_the_sign_in_and_back(place: Site) -> None:
    nobody = place.stranger()
    answer = nobody.get("/look?a=b")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/look%3Fa%3Db")
    assert nobody.ask("/look").status_code == 401
    assert nobody.get("/look", headers={"HX-Request": "true"}).status_code == 401


def test_each_sees_the_rows_of_the_own_branch_and_head_office_all(place: Site) -> None:
    found = {
        branch: place.visitor("auditor", branch=branch, everywhere=every).ask("/look").json()["enterprises"]
        for branch, every in (("1100B0", False), ("3302A0", True))}
    assert 0 < found["1100B0"] < found["3302A0"]


def test_a_role_that_may_not_is_told_so(place: Site) -> None:
    answer = place.visitor("auditor").ask("/done", {"text": "x"})
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize(("how", "status"), [("unknown", 404), ("refused", 409), ("gone", 503), ("broker", 503), ("fault", 500)])
def test_what_goes_wrong_is_told_in_words_and_never_as_a_traceback(place: Site, how: str, status: int) -> None:
    reader = place.visitor("reviewer")
    as_page, as_json = reader.get(f"/raise?how={how}"), reader.ask(f"/raise?how={how}")
    assert as_page.status_code == as_json.status_code == status
    assert as_json.json()["zh"]
    assert as_json.json()["en"]
    for answer in (as_page, as_json):
        assert "Traceback" not in answer.text
        assert SECRET not in answer.text


def test_bad_values_are_told_field_by_field(place: Site) -> None:
    answer = place.visitor("reviewer").ask("/done", {"text": "x" * 21})
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["faults"]] == ["text"]


def test_an_address_that_does_not_exist_has_a_page_of_its_own(place: Site) -> None:
    assert place.visitor("reviewer").get("/nowhere").status_code == 404
    assert place.stranger().ask("/nowhere").json()["code"] == "NOT_FOUND"
    assert place.visitor("reviewer").post("/look").status_code == 405


def test_a_form_needs_the_token_of_its_session_and_our_origin(place: Site) -> None:
    person = place.visitor("reviewer")
    assert person.post("/done", {"text": "x"}).status_code == 303
    assert person.post("/done", {"text": "x", "csrf": "0" * 64}).status_code == 403
    assert person.post("/done", {"text": "x"}, headers={"Origin": "http://evil.example"}).status_code == 403
    assert person.post("/done", {"text": "x"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_what_was_done_is_told_on_the_next_page_once(place: Site) -> None:
    person = place.visitor("reviewer")
    answer = person.post("/done", {"text": "x"})
    said = answer.headers["set-cookie"].partition(";")[0]
    then = person.get("/look", headers={"Cookie": f"{person.headers()['Cookie']}; {said}"})
    assert "Done" in then.text
    assert "__Host-coedi-said=; " in then.headers["set-cookie"]
    assert person.ask("/done", {"text": "kept"}).json() == {"said": "kept"}


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"1", b'{"text": {"a": [1]}}', b"null"])
def test_bodies_that_are_no_object_are_refused(place: Site, body: bytes) -> None:
    person = place.visitor("reviewer")
    answer = person.client.post(
        f"{person.address}/api/v1/done", content=body,
        headers=person.headers() | {"Content-Type": "application/json", "Origin": person.address})
    assert answer.status_code in (400, 422, 403)


def test_a_body_that_is_too_large_is_refused_before_it_is_read(place: Site) -> None:
    person = place.visitor("reviewer")
    send: dict[str, Any] = {"headers": person.headers() | {"Origin": person.address}}
    assert person.client.post(f"{person.address}/api/v1/done", content=b"x" * 70_000, **send).status_code == 413
    assert person.client.post(f"{person.address}/api/v1/raw", content=b"x" * 1_001, **send).status_code == 413


def test_a_file_of_others_never_runs_in_our_origin(place: Site) -> None:
    answer = place.stranger().get("/file")
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E8%AF%81")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_every_answer_carries_the_guards(place: Site) -> None:
    nobody = place.stranger()
    for answer in (nobody.get("/sign-in"), place.visitor("reviewer").get("/look"), nobody.get("/static/console.css")):
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "same-origin"


def test_the_session_cookie_is_of_the_strictest_kind(place: Site) -> None:
    answer = place.visitor("reviewer").post("/language", {"language": "zh", "back": "//evil.example"})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-")
    assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"))
    assert answer.headers["location"] == "/"


def test_both_forms_of_an_answer_hold_the_same_data(place: Site) -> None:
    person = place.visitor("reviewer")
    assert json.loads(person.ask("/look").text)["branch"] == "1100B0"
    assert person.get("/look").status_code == 200
