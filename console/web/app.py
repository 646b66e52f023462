"""The web application: from a request to a route's function and back. The one asynchronous edge of coedi.

Each request runs as one call in a thread: who is it, may they, what did they send, the page's function, the answer as bytes.
"""

import base64
import json
import math
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import anyio
import anyio.to_thread
import structlog
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Mount
from starlette.routing import Route as Address
from starlette.staticfiles import StaticFiles

from console.settings import Settings
from console.web import security
from console.web.answering import WORDS, Received, Sent, answer
from console.web.asking import PUBLIC, House, Route
from console.web.pool import Pool
from console.web.routes import routes

PAUSES = (0.1, 0.2, 0.4)  # seconds until a request that has nothing to tell yet is asked again; then always the last
QUESTIONS = 4  # that one person or program may keep open; a further one is answered at once


@dataclass(frozen=True, slots=True)
class Doors:
    """How many may be inside: requests that use a connection, and of these those of who is nobody yet, so that a flood of
    sign-ins never stands in everybody's way. waiting: questions kept open, by who asks."""

    all: anyio.CapacityLimiter
    nobody: anyio.Semaphore
    waiting: Counter[str] = field(default_factory=Counter)

    def before(self, route: Route) -> AbstractAsyncContextManager[Any]:
        """What is held while a request of this route is answered."""
        return self.nobody if route.who == PUBLIC and route.method != "GET" else nullcontext()

    def leave(self, who: str) -> None:
        """One question less; who has none is forgotten."""
        self.waiting[who] -= 1
        if not self.waiting[who]:
            del self.waiting[who]


def make_app(house: House, pool: Pool, table: tuple[Route, ...] | None = None) -> Starlette:
    """The application over these connections; table: the route table, for tests."""
    doors = Doors(anyio.CapacityLimiter(pool.size), anyio.Semaphore(max(1, pool.size // 2)))
    addresses: list[Any] = [Mount("/static", _Static(packages=[("console.web", "static")]))]
    for route in table or routes():
        for path, api in ((route.path, False), (f"/api/v1{route.path if route.path != '/' else '/today'}", True)):
            if route.api if api else route.page:
                endpoint = partial(_endpoint, house, pool, doors, route, api)
                addresses.append(Address(path, endpoint, methods=[route.method], name=f"{route.name}{'.json' if api else ''}"))
    lost = partial(_lost, house, pool, doors)
    app = Starlette(routes=addresses, exception_handlers={404: lost, 405: lost, Exception: _broken})
    app.router.redirect_slashes = False  # its redirects would lead to whatever host the request names
    return app


class _Static(StaticFiles):
    """Static files carry their hash in the address: kept for good."""

    def file_response(self, *given: Any, **named: Any) -> Response:
        response = super().file_response(*given, **named)
        response.headers.update({**security.HEADERS, "Cache-Control": "public, max-age=31536000, immutable"})
        return response


async def _endpoint(house: House, pool: Pool, doors: Doors, route: Route, api: bool, request: Request) -> Response:
    begin = time.perf_counter()
    received = await _received(house.settings, route, api, request)
    async with doors.before(route):
        sent = await anyio.to_thread.run_sync(answer, house, pool, received, limiter=doors.all)
    if sent.later:
        who = sent.who
        doors.waiting[who] += 1
        try:
            sent = await _later(house, pool, doors, received, sent, request)
        finally:
            doors.leave(who)
    milliseconds = (time.perf_counter() - begin) * 1000
    structlog.get_logger("console").info(
        "request", method=route.method, route=route.name, api=api, status=sent.status, ms=round(milliseconds, 1),
        who=sent.who or "-")
    return _response(sent, milliseconds, request)


async def _later(house: House, pool: Pool, doors: Doors, received: Received, sent: Sent, request: Request) -> Sent:
    """The answer once there is one, or the time is over."""
    begin, turn, at_once = time.perf_counter(), 0, doors.waiting[sent.who] > QUESTIONS
    while sent.later and not await request.is_disconnected():
        if not at_once:
            await anyio.sleep(PAUSES[min(turn, len(PAUSES) - 1)])
        turn += 1
        received = replace(received, waited=math.inf if at_once else time.perf_counter() - begin)
        sent = await anyio.to_thread.run_sync(answer, house, pool, received, limiter=doors.all)
    return sent


def _response(sent: Sent, milliseconds: float, request: Request) -> Response:
    make: Callable[..., Response] = Response if isinstance(sent.body, bytes) else StreamingResponse
    response = make(sent.body, sent.status, media_type=sent.media_type)
    for name, value in {**security.HEADERS, **sent.headers, "Server-Timing": f"app;dur={milliseconds:.1f}"}.items():
        response.headers[name] = value
    if request.url.scheme == "https":
        response.headers.update(security.SECURE_ONLY)
    for name, text in sent.cookies.items():
        end = "; Max-Age=0" if text is None else ""
        response.headers.append("Set-Cookie", f"{name}={text or ''}; {security.COOKIE}{end}")
    return response


async def _received(settings: Settings, route: Route, api: bool, request: Request) -> Received:
    """The request as values; what cannot be read is told by the answer, not here."""
    peer = request.client.host if request.client else ""
    headers = dict(request.headers)
    form, body, fault = await _body(route, request)
    if any("\x00" in str(part) for part in request.path_params.values()):
        fault = 404  # PostgreSQL cannot keep it, so there is no such thing
    said = request.cookies.get(security.SAID_COOKIE, "")
    return Received(
        route=route, api=api, path=dict(request.path_params), query=_texts(request.query_params.multi_items()), form=form,
        body=body, fault=fault, headers=headers, token=request.cookies.get(security.SESSION_COOKIE, ""),
        language=request.cookies.get(security.LANGUAGE_COOKIE, ""), said=_unpacked(said), raw_query=request.url.query,
        address=security.address_of(peer, headers, settings), card=security.card_of(peer, headers, settings), url=request.url.path)


async def _body(route: Route, request: Request) -> tuple[dict[str, Any], bytes, int]:
    """(form values, raw body, 0 or the HTTP status of what is wrong with it)."""
    if route.method in ("GET", "HEAD"):
        return {}, b"", 0
    most = route.raw or route.longest
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if fault := _unwanted(route, request, kind, most):
        return {}, b"", fault
    try:
        if kind == "multipart/form-data" and not route.raw:
            return await _multipart(request, most)
        body = b"".join([piece async for piece in _pieces(request, most)])
        return ({}, body, 0) if route.raw else (_form(kind, body), b"", 0)
    except _TooLarge:
        return {}, b"", 413
    except (HTTPException, MultiPartException, ValueError, RecursionError, ClientDisconnect):
        return {}, b"", 400


def _unwanted(route: Route, request: Request, kind: str, most: int) -> int:
    """The HTTP status for a body that need not be read, 0 when it is."""
    if int(request.headers.get("content-length") or 0) > most:
        return 413
    packed = request.headers.get("content-encoding", "identity").lower() != "identity"
    return 415 if route.takes and (packed or kind not in route.takes) else 0


class _TooLarge(ValueError):
    """More came than the route takes."""


async def _pieces(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    """The body as it comes, whatever its sender says of its size; raises _TooLarge."""
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > most:
            raise _TooLarge
        yield piece


def _form(kind: str, body: bytes) -> dict[str, Any]:
    if kind == "application/json":
        data = json.loads(body or b"{}")
        if not isinstance(data, dict):
            raise ValueError("not an object")
        return data
    return _texts(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=2000))


async def _multipart(request: Request, most: int) -> tuple[dict[str, Any], bytes, int]:
    parser = MultiPartParser(request.headers, _pieces(request, most), max_files=4, max_fields=200, max_part_size=most)
    form = await parser.parse()
    try:
        found: dict[str, Any] = {}
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                found[name] = await value.read(most)
            else:
                found.setdefault(name, []).append(value)
        return found, b"", 0
    finally:
        await form.close()


def _texts(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for name, text in pairs:
        found.setdefault(name, []).append(text)
    return dict(found)


def _unpacked(text: str) -> tuple[str, str]:
    """What the page before had to say (zh, en)."""
    try:
        zh, en = json.loads(base64.urlsafe_b64decode(text.encode()))
    except (ValueError, TypeError, RecursionError):
        return "", ""
    return str(zh)[:500], str(en)[:500]


async def _broken(request: Request, error: Exception) -> Response:
    """A fault of the edge itself: on record by the server, and never a traceback at a person."""
    return _response(Sent(500, " / ".join(WORDS[500][:2]).encode(), "text/plain; charset=utf-8"), 0.0, request)


async def _lost(house: House, pool: Pool, doors: Doors, request: Request, error: Exception) -> Response:
    """An address that we do not have."""
    status = getattr(error, "status_code", 404)
    received = await _received(house.settings, LOST, request.url.path.startswith("/api/"), request)
    sent = await anyio.to_thread.run_sync(lambda: answer(house, pool, received, status), limiter=doors.all)
    return _response(sent, 0.0, request)


def _nothing(ask: Any) -> Any:
    raise AssertionError("never called")


LOST = Route("GET", "/", "lost", _nothing, frozenset({"(anybody)"}), "没有此页", "no such page")
