"""The OpenAPI document says what the route table says, and every route says enough."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple
from uuid import UUID

import jsonschema
import pytest

from console.web.asking import ENTERPRISE, PUBLIC, Ask, Done, Field, Route
from console.web.json_schema import Schemas
from console.web.open_api import document, offered
from console.web.pages.interface import words_of
from console.web.routes import routes


def nothing(ask: Ask) -> Done:
    """A page that is never asked."""
    return Done("/")


class Pair(NamedTuple):
    first: int
    second: str


@dataclass(frozen=True)
class Inner:
    """A part."""

    at: datetime
    day: date | None


@dataclass(frozen=True)
class Outer:
    """The whole.

    Not told.
    """

    id: UUID
    amount: Decimal
    kind: Literal["a", "b"]
    inner: Inner | None
    rows: tuple[Inner, ...]
    pair: Pair
    by_name: dict[str, int]
    anything: Any


def test_a_dataclass_becomes_a_schema_with_every_field_required_and_no_other() -> None:
    schemas = Schemas()
    assert schemas.of(Outer) == {"$ref": "#/components/schemas/Outer"}
    outer = schemas.components["Outer"]
    assert outer["required"] == ["id", "amount", "kind", "inner", "rows", "pair", "by_name", "anything"]
    assert outer["additionalProperties"] is False
    assert outer["description"] == "The whole."
    properties = outer["properties"]
    assert properties["id"] == {"type": "string", "format": "uuid"}
    assert properties["kind"] == {"enum": ["a", "b"]}
    assert properties["inner"] == {"anyOf": [{"$ref": "#/components/schemas/Inner"}, {"type": "null"}]}
    assert properties["rows"] == {"type": "array", "items": {"$ref": "#/components/schemas/Inner"}}
    assert properties["pair"]["prefixItems"] == [{"type": "integer"}, {"type": "string"}]
    assert properties["by_name"] == {"type": "object", "additionalProperties": {"type": "integer"}}
    assert properties["anything"] == {}


def test_what_json_cannot_show_is_refused() -> None:
    with pytest.raises(TypeError, match="no form in JSON"):
        Schemas().of(bytes)


@pytest.mark.parametrize("route", offered(routes()), ids=lambda route: f"{route.method} {route.path}")
def test_every_route_says_what_it_does_in_both_languages_and_what_it_gives(route: Route) -> None:
    assert route.zh and route.en, "a route needs a summary in Chinese and in English"
    assert route.method != "GET" or route.gives or route.gives_file, "a GET needs `gives`, a dataclass, or `gives_file`"
    document((route,))  # raises TypeError for data without a form in JSON
    assert all(field.zh and field.en for field in route.fields), "a field needs its name for people in both languages"


def test_the_whole_document_is_valid_openapi() -> None:
    found = document(routes())
    assert found["openapi"] == "3.1.0"
    assert len([1 for methods in found["paths"].values() for _ in methods]) == len(offered(routes()))
    identities = [one["operationId"] for methods in found["paths"].values() for one in methods.values()]
    assert len(identities) == len(set(identities))
    for schema in found["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    _references_lead_somewhere(found, found)


def _references_lead_somewhere(node: Any, whole: dict[str, Any]) -> None:
    if isinstance(node, dict):
        if "$ref" in node:
            place: Any = whole
            for part in node["$ref"].removeprefix("#/").split("/"):
                place = place[part]
        for value in node.values():
            _references_lead_somewhere(value, whole)
    elif isinstance(node, list):
        for value in node:
            _references_lead_somewhere(value, whole)


def test_fields_become_parameters_of_a_get_and_a_body_of_a_post() -> None:
    fields = (
        Field("size", "integer", required=True, least=1, most=9, zh="大小", en="size"), Field("kind", "choice", choices=("a", "b")),
        Field("day", "date"), Field("names", "texts", longest=5))
    get = Route("GET", "/things/{thing:uuid}", "things", nothing, frozenset({"reviewer"}), "看", "look", fields, gives=Inner)
    post = Route("POST", "/things", "thing", nothing, frozenset({"reviewer"}), "做", "do", fields)
    paths = document((get, post))["paths"]
    looked = paths["/api/v1/things/{thing}"]["get"]
    assert looked["parameters"][0] == {
        "name": "thing", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    assert looked["parameters"][1] == {"name": "size", "in": "query", "required": True, "schema": {
        "type": "integer", "minimum": 1, "maximum": 9, "description": "大小 size"}}
    assert looked["security"] == [{"session": []}, {"key": []}]
    done = paths["/api/v1/things"]["post"]
    body = done["requestBody"]["content"]["application/json"]["schema"]
    assert body["required"] == ["size"]
    assert body["properties"]["names"] == {"type": "array", "items": {"type": "string", "maxLength": 5}, "maxItems": 1000}
    assert done["security"] == [{"session": [], "csrf": []}, {"key": []}]
    assert {"400", "401", "403", "404", "409", "413", "422", "503"} <= set(done["responses"])


def test_who_may_use_a_route_stands_in_its_security() -> None:
    anybody = Route("GET", "/a", "a", nothing, PUBLIC, "甲", "a", gives=Inner)
    firm = Route("POST", "/b", "b", nothing, ENTERPRISE, "乙", "b", raw=10, takes=("application/xml",), status=202, gives=Inner)
    paths = document((anybody, firm))["paths"]
    assert paths["/api/v1/a"]["get"]["security"] == []
    sent = paths["/api/v1/b"]["post"]
    assert sent["security"] == [{"enterpriseKey": []}]
    assert list(sent["requestBody"]["content"]) == ["application/xml"]
    assert "202" in sent["responses"] and "415" in sent["responses"]


@pytest.mark.parametrize(("schema", "words"), [
    ({"type": "integer"}, "integer"), ({"type": ["string", "null"]}, "string | null"),
    ({"type": "string", "format": "uuid"}, "uuid"),
    ({"type": "array", "items": {"$ref": "#/components/schemas/Row"}}, "[Row, …]"), ({"enum": ["a", "b"]}, "a | b"),
    ({"anyOf": [{"$ref": "#/components/schemas/Row"}, {"type": "null"}]}, "Row | null"),
])
def test_the_readable_page_says_types_in_a_few_words(schema: dict[str, Any], words: str) -> None:
    assert words_of(schema) == words
