"""The interface for programs, as a document and as a page; and what the console makes of bodies that are no good."""

import pytest

from console.web.open_api import offered
from console.web.routes import routes
from console.web.security import csrf_token
from tests.services import World
from tests.web import Visitor, site

pytestmark = pytest.mark.database
CLOSE = "/api/v1/parked/00000000-0000-0000-0000-000000000000/discard"


def test_anybody_may_read_the_document_and_it_names_every_address(stored: World) -> None:
    with site(stored) as console:
        answer = console.stranger().get("/api/v1/openapi.json")
        assert answer.headers["content-type"] == "application/json"
        found = answer.json()
        assert found["openapi"] == "3.1.0"
        assert sum(len(methods) for methods in found["paths"].values()) == len(offered(routes()))
        assert found["paths"]["/api/v1/interchanges"]["post"]["security"] == [{"enterpriseKey": []}]


def test_the_page_shows_every_address_in_both_languages_without_a_foreign_script(stored: World) -> None:
    with site(stored) as console:
        text = console.stranger().get("/api").text
        assert all(f'id="do-{route.name}"' in text for route in offered(routes()))
        assert "Interface for programs" in text and "Send an interchange" in text
        assert "http://" not in text.replace(console.address, "") and "https://" not in text
        chinese = Visitor(console.address, console.client, language="zh").get("/api").text
        assert "程序接口" in chinese and "发送报文" in chinese


@pytest.mark.parametrize(("body", "status"), [
    (b"{", 400), (b"[]", 400), (b"\xff", 400), (b"[" * 60_000, 400), (b'{"reason": 1}', 401), (b'"' + b"x" * 70_000 + b'"', 413),
])
def test_a_body_that_cannot_be_read_is_told_and_nothing_stumbles(stored: World, body: bytes, status: int) -> None:
    with site(stored) as console:
        answer = console.client.post(
            f"{console.address}{CLOSE}", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == status
        assert set(answer.json()) == {"code", "zh", "en", "faults"}


def test_a_form_in_pieces_that_cannot_be_read_is_told_as_json(stored: World) -> None:
    with site(stored) as console:
        for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
            answer = console.client.post(f"{console.address}{CLOSE}", content=b"no boundary", headers={"Content-Type": kind})
            assert answer.status_code == 400
            assert answer.json()["code"] == "BAD_REQUEST"


def test_half_a_character_and_a_number_for_a_list_are_faults_of_their_fields(stored: World) -> None:
    with site(stored) as console:
        operator = console.visitor("operator", "reviewer")
        headers = operator.headers() | {"X-CSRF-Token": csrf_token(operator.token), "Content-Type": "application/json"}
        for path, body, field in ((CLOSE, b'{"reason": "\\ud800", "password": "x"}', "reason"),
                                  ("/api/v1/desk/next", b'{"types": 5}', "types")):
            answer = console.client.post(f"{console.address}{path}", content=body, headers=headers)
            assert answer.status_code == 422, answer.text
            assert [fault["field"] for fault in answer.json()["faults"]] == [field]


def test_a_chunked_body_that_is_too_large_is_413_though_it_never_said_how_long_it_is(stored: World) -> None:
    with site(stored) as console:
        answer = console.client.post(
            f"{console.address}{CLOSE}", content=iter([b"x" * 40_000] * 2), headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
