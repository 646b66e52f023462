"""The OpenAPI 3.1 document of /api/v1, made from the route table alone: what a route declares is what stands there."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

from console.web.asking import ENTERPRISE, PENDING, PUBLIC, SIGNED_IN, Field, Route
from console.web.json_schema import Schema, Schemas
from store.people import ROLES

API = "/api/v1"
_PART = re.compile(r"\{(\w+)(?::(\w+))?\}")
_PATH_KINDS: dict[str, Schema] = {
    "uuid": {"type": "string", "format": "uuid"}, "int": {"type": "integer", "minimum": 0}, "float": {"type": "number"},
}
SECURITY = {
    "session": {"type": "apiKey", "in": "cookie", "name": "__Host-coedi", "description":
                "The session of a signed-in person. 已登录人员的会话"},
    "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token", "description":
             "HMAC-SHA-256 of the word csrf under the session's token, hex: beside the cookie on every POST. 每次POST须附"},
    "key": {"type": "http", "scheme": "bearer", "description":
            "A program's key that speaks for a user of the console: coedi user key add. 程序密钥（代表用户）"},
    "enterpriseKey": {"type": "http", "scheme": "bearer", "description":
                      "An enterprise's key: it sends, and reads its own receipts and documents. 企业密钥"},
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field that was sent."""

    field: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is told instead of an answer. code: for a program; zh, en: for people."""

    code: str
    zh: str
    en: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What was done, in words."""

    zh: str
    en: str


# status -> (English, when it can come): "always", "acts" (not GET), "guarded" (not public), "fields", "raw"
PROBLEMS: dict[int, tuple[str, str]] = {
    400: ("The request cannot be read", "acts"),
    401: ("Nobody is signed in, or the key is not valid", "always"),
    403: ("The role may not do this, or the form is of another session", "always"),
    404: ("There is no such thing, or it is another branch's", "always"),
    409: ("Not as things stand now: somebody was faster, or it is not allowed in this state", "always"),
    413: ("The body is too large", "acts"),
    415: ("The body is of another type", "raw"),
    422: ("A field cannot be used; faults names each", "fields"),
    503: ("A service is not reachable; Retry-After says when to try again", "always"),
}


def address(route: Route) -> str:
    """The route's address under /api/v1, with OpenAPI's placeholders."""
    return API + ("/today" if route.path == "/" else _PART.sub(r"{\1}", route.path))


def offered(table: Sequence[Route]) -> list[Route]:
    """The routes that programs can use."""
    return [route for route in table if route.api]


@cache
def document(table: tuple[Route, ...]) -> dict[str, Any]:
    """The whole document; raises TypeError for a route whose data has no form in JSON."""
    schemas = Schemas()
    problem = schemas.of(Problem)
    paths: dict[str, dict[str, Any]] = {}
    for route in offered(table):
        paths.setdefault(address(route), {})[route.method.lower()] = _operation(route, schemas)
    answers = {f"Problem{status}": _problem(status, text, problem) for status, (text, _) in PROBLEMS.items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "coedi", "version": version("coedi"), "summary": "Certificates of origin 原产地证书签发", "description":
                 "The pages of the console as data, and the second door for enterprises. Each address answers as its page does,"
                 " for the same people: another branch's certificate is 404."},
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in sorted({tag_of(route) for route in offered(table)})],
        "paths": paths,
        "components": {"schemas": dict(sorted(schemas.components.items())), "responses": answers, "securitySchemes": SECURITY},
    }


def tag_of(route: Route) -> str:
    """The group in which a route is shown: the first word of its address."""
    return route.path.strip("/").partition("/")[0].partition(".")[0] or "today"


def who_words(route: Route) -> tuple[str, str]:
    """(zh, en) for whom a route is."""
    special = {
        PUBLIC: ("任何人", "anybody"), SIGNED_IN: ("任何已登录人员", "anybody signed in"),
        PENDING: ("任何已登录人员", "anybody signed in"), ENTERPRISE: ("企业", "enterprises"),
    }
    if route.who in special:
        return special[route.who]
    named = [ROLES[role] for role in ROLES if role in route.who]
    return "、".join(zh for zh, _, _ in named), ", ".join(en for _, en, _ in named)


def field_schema(field: Field) -> Schema:
    """What a field of an address or a form takes."""
    text: Schema = {"type": "string", "maxLength": field.longest}
    kinds: Mapping[str, Schema] = {
        "integer": {"type": "integer", "minimum": field.least, "maximum": field.most},
        "date": {"type": "string", "format": "date"}, "uuid": {"type": "string", "format": "uuid"}, "flag": {"type": "boolean"},
        "choice": {"type": "string", "enum": list(field.choices)},
        "texts": {"type": "array", "items": text, "maxItems": 1000},
        "file": {"type": "string", "format": "binary", "maxLength": field.longest},
    }
    found = kinds.get(field.kind) or text | ({"minLength": 1} if field.required else {})
    named = f"{field.zh} {field.en}".strip()
    return found | ({"description": named} if named else {}) | ({"writeOnly": True} if field.kind == "secret" else {})


def _operation(route: Route, schemas: Schemas) -> dict[str, Any]:
    zh, en = who_words(route)
    found: dict[str, Any] = {
        "operationId": route.name, "tags": [tag_of(route)], "summary": route.en,
        "description": f"{route.zh}\n\nFor {en}. 限：{zh}", "security": _security(route), "responses": _responses(route, schemas),
    }
    parameters = _path_parameters(route) + (_query(route.fields) if route.method == "GET" else [])
    if parameters:
        found["parameters"] = parameters
    if route.method != "GET" and (body := _body(route)):
        found["requestBody"] = body
    return found


def _security(route: Route) -> list[dict[str, list[str]]]:
    if route.who == PUBLIC:
        return []
    if route.who == ENTERPRISE:
        return [{"enterpriseKey": []}]
    session: dict[str, list[str]] = {"session": []} if route.method == "GET" else {"session": [], "csrf": []}
    return [session, {"key": []}]


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _PATH_KINDS.get(kind, {"type": "string", "minLength": 1})}
        for name, kind in _PART.findall(route.path)
    ]


def _query(fields: Sequence[Field]) -> list[dict[str, Any]]:
    return [{"name": field.name, "in": "query", "required": field.required, "schema": field_schema(field)} for field in fields]


def _body(route: Route) -> dict[str, Any]:
    if route.raw:
        kinds = route.takes or ("application/octet-stream",)
        return {"required": True, "content": {kind: {"schema": {"type": "string", "maxLength": route.raw}} for kind in kinds}}
    if not route.fields:
        return {}
    needed = [field.name for field in route.fields if field.required]
    schema: Schema = {"type": "object", "properties": {field.name: field_schema(field) for field in route.fields}}
    schema |= {"required": needed} if needed else {}
    kinds = ("multipart/form-data",) if any(field.kind == "file" for field in route.fields) else (
        "application/json", "application/x-www-form-urlencoded")
    return {"required": bool(needed), "content": {kind: {"schema": schema} for kind in kinds}}


def _responses(route: Route, schemas: Schemas) -> dict[str, Any]:
    holds = {"acts": route.method != "GET", "always": True, "raw": bool(route.takes), "fields": bool(route.fields)}
    answers: dict[str, Any] = {str(route.status): _success(route, schemas)}
    answers |= {str(status): {"$ref": f"#/components/responses/Problem{status}"}
             for status, (_, when) in PROBLEMS.items() if holds[when]}
    for status, kind in route.also:
        either: Schema = {"anyOf": [schemas.of(kind), schemas.of(Problem)]}
        answers[str(status)] = {"description": PROBLEMS[status][0], "content": {"application/json": {"schema": either}}}
    return answers


def _success(route: Route, schemas: Schemas) -> dict[str, Any]:
    if route.gives_file:
        return {"description": "The file", "content": {route.gives_file: {"schema": {"type": "string", "format": "binary"}}}}
    if route.method == "GET":
        return {"description": "The data of the page", "content": {"application/json": {"schema": schemas.of(route.gives or Any)}}}
    said = schemas.of(Said)
    schema = {"anyOf": [schemas.of(route.gives), said]} if route.gives else said
    return {"description": "It was done: its data, or in words", "content": {"application/json": {"schema": schema}}}


def _problem(status: int, text: str, schema: Schema) -> dict[str, Any]:
    found: dict[str, Any] = {"description": text, "content": {"application/json": {"schema": schema}}}
    if status == 503:
        found["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}}
    return found
