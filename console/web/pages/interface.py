"""The JSON interface as a document for programs, /api/v1/openapi.json, and as a page for the people who write them, /api."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from console.web import open_api
from console.web.asking import PUBLIC, Ask, Route, View
from console.web.open_api import field_schema
from console.web.routes import routes


@dataclass(frozen=True, slots=True)
class Given:
    """One value that an operation takes. place: path, query or body; kind: in words."""

    name: str
    place: str
    kind: str
    required: bool
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One address with its method. gives: name of the schema of its answer, or a media type."""

    name: str
    method: str
    path: str
    zh: str
    en: str
    for_zh: str
    for_en: str
    takes: tuple[Given, ...]
    gives: str
    kind: str


@dataclass(frozen=True, slots=True)
class Shape:
    """One schema of the document: its fields as (name, type in words, name of the schema that the type leads to)."""

    name: str
    meaning: str
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Interface:
    """Everything that programs can ask for, in groups by the first word of the address."""

    groups: tuple[tuple[str, tuple[Operation, ...]], ...]
    shapes: tuple[Shape, ...]
    version: str


def document(ask: Ask) -> View:
    """The OpenAPI document."""
    return View("", open_api.document(routes()))


def reading(ask: Ask) -> View:
    """The same as a page."""
    made = open_api.document(routes())
    groups: dict[str, list[Operation]] = {}
    for route in open_api.offered(routes()):
        groups.setdefault(open_api.tag_of(route), []).append(_operation(route, made))
    shapes = tuple(_shape(name, schema) for name, schema in made["components"]["schemas"].items())
    return View("api.html", Interface(
        tuple((tag, tuple(found)) for tag, found in sorted(groups.items())), shapes, made["info"]["version"]))


def _operation(route: Route, made: dict[str, Any]) -> Operation:
    described = made["paths"][open_api.address(route)][route.method.lower()]
    success = described["responses"][str(route.status)]["content"]
    media, schema = next((media, content["schema"]) for media, content in success.items())
    for_zh, for_en = open_api.who_words(route)
    return Operation(
        route.name, route.method, open_api.address(route), route.zh, route.en, for_zh, for_en, tuple(_takes(route, described)),
        _target(schema), words_of(schema) if media == "application/json" else media)


def _takes(route: Route, described: dict[str, Any]) -> Iterator[Given]:
    for one in described.get("parameters", ()):
        if one["in"] == "path":
            yield Given(one["name"], "path", words_of(one["schema"]), True, "", "")
    if route.raw:
        yield Given("", "body", " | ".join(route.takes), True, "报文原文", "the bytes as they are")
    for field in route.fields:
        place = "query" if route.method == "GET" else "body"
        yield Given(field.name, place, words_of(field_schema(field)), field.required, field.zh, field.en)


def _shape(name: str, schema: dict[str, Any]) -> Shape:
    fields = schema.get("properties", {}).items()
    return Shape(name, schema.get("description", ""), tuple((field, words_of(one), _target(one)) for field, one in fields))


def _target(schema: dict[str, Any]) -> str:
    """The name of the schema that a type leads to, "" for none."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    inner = [*schema.get("anyOf", ()), *schema.get("prefixItems", ()), *filter(None, [
        schema.get("items"), schema.get("additionalProperties") or None])]
    return next((found for one in inner if isinstance(one, dict) and (found := _target(one))), "")


def words_of(schema: dict[str, Any]) -> str:
    """A schema in a few words: "integer", "list of Row", "text or null"."""
    for key, words in _WORDS.items():
        if key in schema and schema[key] is not False:
            return words(schema[key])
    kind = schema.get("type", "any")
    return " | ".join(kind) if isinstance(kind, list) else str(schema.get("format", kind))


# a key of a schema -> how its value is said; the first that is there counts
_WORDS: dict[str, Callable[[Any], str]] = {
    "$ref": lambda place: str(place).rpartition("/")[2],
    "anyOf": lambda kinds: " | ".join(map(words_of, kinds)),
    "enum": lambda values: " | ".join(map(str, values)),
    "prefixItems": lambda items: f"[{', '.join(map(words_of, items))}]",
    "items": lambda inner: f"[{words_of(inner)}, …]",
    "additionalProperties": lambda inner: f"{{…: {words_of(inner)}}}",
}


ROUTES: tuple[Route, ...] = (
    Route("GET", "/openapi.json", "openapi", document, PUBLIC, "接口说明（OpenAPI 3.1）", "The OpenAPI 3.1 document",
          gives=dict, page=False),
    Route("GET", "/api", "interface", reading, PUBLIC, "接口说明", "The interface for programs", gives=Interface, api=False),
)
