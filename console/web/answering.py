"""One request from beginning to end: who is it, may they, what did they send, the page's function, the answer as bytes."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import structlog

from console.settings import Settings
from console.web import security
from console.web.asking import ENTERPRISE, PENDING, PUBLIC, SIGNED_IN, Ask, BadInput, Done, File, House, Later, Route, View
from console.web.navigation import navigation
from console.web.pool import Pool
from console.web.reading import read_fields
from console.web.rendering import as_json, page
from domain.errors import BadDocument, BadSetting, CoediError, Failure, UnknownThing
from store.database import Database
from store.people import Person, Session, key_of, session_of

HTML, JSON = "text/html; charset=utf-8", "application/json"
NOBODY = Person("", "", "", False, (), frozenset())


@dataclass(frozen=True, slots=True)
class Received:
    """A request as values. fault: HTTP status of a body that cannot be taken, 0 when all is well; said: from the page before;
    waited: seconds since it came."""

    route: Route
    api: bool
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    form: Mapping[str, Any]
    body: bytes
    fault: int
    headers: Mapping[str, str]
    token: str
    language: str
    said: tuple[str, str]
    raw_query: str
    address: str
    card: str | None
    url: str
    waited: float = 0.0


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer as bytes. cookies: name -> value, None deletes; who: for the log; later: there is nothing to send yet."""

    status: int
    body: bytes | Iterator[bytes]
    media_type: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str | None] = field(default_factory=dict)
    who: str = ""
    later: bool = False


class Halt(Exception):
    """The request ends here with this status (zh, en)."""

    def __init__(self, status: int, zh: str, en: str, code: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(en)
        self.status, self.zh, self.en, self.code, self.headers = status, zh, en, code, headers or {}


# what is told with a status that has no sentence of its own
WORDS: dict[int, tuple[str, str, str]] = {
    400: ("请求无法读取", "The request cannot be read", "BAD_REQUEST"),
    404: ("没有此内容，或不属于本分会", "There is no such thing here, or it is not your branch's", "NOT_FOUND"),
    405: ("不支持此操作", "This cannot be done here", "METHOD_NOT_ALLOWED"),
    413: ("内容过大", "Too large", "TOO_LARGE"),
    415: ("内容类型不受支持", "This type of content is not taken here", "UNSUPPORTED_TYPE"),
    500: ("系统出错，已记录；请稍候再试", "Something went wrong and is on record; try again later", "INTERNAL"),
    503: ("服务暂不可用，请稍候再试", "A service is not reachable; try again shortly", "UNAVAILABLE"),
}


@dataclass(slots=True)
class Reader:
    """Whom an answer is for; the person is known once the session was looked up."""

    received: Received
    language: str
    person: Person | None = None


# which refusal is which HTTP status; every other one is a conflict with how things stand now. What is wrong with this machine is
# told to its operators, in the log: the sentences name folders.
STATUS: tuple[tuple[type[CoediError], int], ...] = (
    (UnknownThing, 404), (BadInput, 422), (Failure, 503), (BadSetting, 500), (BadDocument, 500))


def answer(house: House, pool: Pool, received: Received, lost: int = 0) -> Sent:
    """The answer, whatever happens; lost: the status of an address that we do not have."""
    reader = Reader(received, _language(received))
    try:
        with pool.taken() as database:
            return _answered(house, pool, database, reader, lost)
    except Halt as halt:
        return _halted(halt, reader)
    except CoediError as error:
        return _refused(error, reader)
    except Exception:  # noqa: BLE001 # the last resort: on record, and never a traceback at a person
        structlog.get_logger("console").exception("error", route=received.route.name)
        return _halted(_halt(500), reader)


def _answered(house: House, pool: Pool, database: Database, reader: Reader, lost: int) -> Sent:
    received = reader.received
    session, reader.person = _who(database, received)
    if lost:
        raise _halt(lost if lost in WORDS else 404)
    _guard(house.settings, received, session, reader.person)
    pool.bind(database, reader.person.scope if reader.person else "")
    ask = _ask(house, database, reader, session)
    return _told(received.route.answer(ask), ask, received)


def _who(database: Database, received: Received) -> tuple[Session | None, Person | None]:
    scheme, _, key = received.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and key:
        person = key_of(database, key.strip())
        if person is None:
            raise Halt(401, "密钥无效或已过期", "The key is not valid, or has ended", "UNAUTHORISED")
        return None, person
    by_itself = received.route.repeats and received.headers.get("hx-request") == "true"
    session = session_of(database, received.token, by_itself=by_itself) if received.token else None
    return session, session.person if session else None


def _guard(settings: Settings, received: Received, session: Session | None, person: Person | None) -> None:
    """Raises Halt for who may not do this; the order is the one in which a person would be told."""
    route = received.route
    by_browser = session is not None or person is None
    if route.method != "GET" and by_browser and not security.same_origin(received.headers, settings):
        raise Halt(403, "请求来源不符", "The request came from another site", "ORIGIN")
    if received.fault:
        raise _halt(received.fault)
    if route.who == PUBLIC:
        return
    if person is None:
        raise Halt(401, "请先登录；会话可能已结束", "Sign in first; your session may have ended", "UNAUTHORISED")
    if session and session.pending and route.who != PENDING:
        raise Halt(403, "请先完成首次登录设置", "Finish the first steps of your account", "FIRST_STEPS")
    if not _allowed(route, person):
        structlog.get_logger("console").warning("not authorised", route=route.name, who=person.key)
        raise Halt(403, "您的角色不能执行此操作", "Your role may not do this", "FORBIDDEN")
    if session and route.method != "GET" and not _ours(received):
        raise Halt(403, "表单已失效，请重新打开页面", "This form is not of your session; open the page again", "CSRF")


def _allowed(route: Route, person: Person) -> bool:
    if person.enterprise:
        return route.who == ENTERPRISE
    return route.who in (SIGNED_IN, PENDING) or bool(route.who & person.roles)


def _ours(received: Received) -> bool:
    sent = received.headers.get("x-csrf-token") or _first(received.form.get("csrf"))
    return security.csrf_matches(received.token, sent)


def _first(value: Any) -> str:
    found = value[0] if isinstance(value, list) and value else value
    return found if isinstance(found, str) else ""


def _ask(house: House, database: Database, reader: Reader, session: Session | None) -> Ask:
    received, route = reader.received, reader.received.route
    sent = received.query if route.method == "GET" else received.form
    return Ask(
        route, reader.person or NOBODY, session, received.path, read_fields(route.fields, sent), database, house, reader.language,
        received.address, received.headers.get("user-agent", "")[:200], received.card,
        received.headers.get("hx-request") == "true", received.body, received.raw_query, received.waited)


def _language(received: Received) -> str:
    """As chosen, else as the browser asks for; Chinese where nothing is said."""
    if received.language in ("zh", "en"):
        return received.language
    first = received.headers.get("accept-language", "zh").strip().lower()
    return "en" if first.startswith("en") else "zh"


def _told(given: Any, ask: Ask, received: Received) -> Sent:
    """The answer of the route's function as bytes."""
    who = ask.person.key
    if isinstance(given, Later):
        return Sent(204, b"", JSON, who=who, later=True)
    if isinstance(given, File):
        return _file(given, who)
    if isinstance(given, Done):
        return _done(given, ask, received, who)
    if received.api:
        return Sent(given.status, as_json(given.data), JSON, who=who)
    told = {security.SAID_COOKIE: None} if any(received.said) else {}
    return Sent(given.status, _page(given, ask, received).encode(), cookies=told, who=who)


def _page(view: View, ask: Ask, received: Received) -> str:
    csrf = security.csrf_token(received.token) if received.token else ""
    settled = ask.session is not None and not ask.session.pending
    return page(
        view.template, ask.language, it=view.data, ask=ask, csrf=csrf, url=received.url, partial=ask.partial,
        said=received.said[0 if ask.language == "zh" else 1], menu=navigation(ask.person.roles) if settled else [])


def _done(done: Done, ask: Ask, received: Received, who: str) -> Sent:
    if received.api:
        data = done.data if done.data is not None else {"zh": done.said[0], "en": done.said[1]}
        return Sent(done.status, as_json(data), JSON, cookies=done.cookies, who=who)
    cookies = dict(done.cookies) | ({security.SAID_COOKIE: _packed(done.said)} if any(done.said) else {})
    if ask.partial:  # htmx would follow a redirect without telling the address bar
        return Sent(200, b"", HTML, {"HX-Redirect": done.to}, cookies, who)
    return Sent(303, b"", HTML, {"Location": done.to}, cookies, who)


def _packed(said: tuple[str, str]) -> str:
    """A message for the next page, as a cookie; a long one is cut before the browser would drop it."""
    return base64.urlsafe_b64encode(json.dumps([text[:300] for text in said], ensure_ascii=False).encode()).decode()


def _file(file: File, who: str) -> Sent:
    kind = "inline" if file.inline else "attachment"
    name = f"; filename*=UTF-8''{quote(file.name)}" if file.name else ""
    policy = "default-src 'none'" if file.media_type == "application/pdf" else "default-src 'none'; sandbox"  # viewers need scripts
    return Sent(200, file.body, file.media_type, {
        "Content-Disposition": f"{kind}{name}", "Content-Security-Policy": policy,
        "Cache-Control": "public, max-age=31536000, immutable" if file.keep else "private, no-store"}, who=who)


def _halt(status: int) -> Halt:
    zh, en, code = WORDS[status]
    return Halt(status, zh, en, code, {"Retry-After": "5"} if status == 503 else None)


def _halted(halt: Halt, reader: Reader) -> Sent:
    """A person without a session is led to the sign-in page; what cannot be led is told."""
    received = reader.received
    leads = not received.api and received.route.method == "GET" and received.headers.get("hx-request") != "true"
    if leads and halt.code == "UNAUTHORISED":
        back = received.url + (f"?{received.raw_query}" if received.raw_query else "")
        to = f"/sign-in?next={quote(back, safe='/')}" if back != "/" else "/sign-in"
        return Sent(303, b"", HTML, {"Location": to})
    if leads and halt.code == "FIRST_STEPS":
        return Sent(303, b"", HTML, {"Location": "/first-steps"})
    return _problem(Problem(halt.status, halt.code, halt.zh, halt.en, headers=halt.headers), reader)


def _refused(error: CoediError, reader: Reader) -> Sent:
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 409)
    if status == 503:
        structlog.get_logger("console").warning("failure", route=reader.received.route.name, error=str(error)[:200])
        halt = _halt(503)
        return _halted(Halt(503, error.zh, str(error), halt.code, halt.headers) if error.zh else halt, reader)
    if status == 500:
        structlog.get_logger("console").error("error", route=reader.received.route.name, error=str(error)[:200])
        return _halted(_halt(500), reader)
    zh = error.zh or (WORDS[404][0] if status == 404 else str(error))
    return _problem(Problem(status, type(error).__name__, zh, str(error), getattr(error, "faults", {})), reader)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is told instead of an answer. faults: field -> (zh, en)."""

    status: int
    code: str
    zh: str
    en: str
    faults: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def _problem(told: Problem, reader: Reader) -> Sent:
    who = reader.person.key if reader.person else ""
    if reader.received.api:
        faults = [{"field": name, "zh": zh, "en": en} for name, (zh, en) in told.faults.items()]
        body = as_json({"code": told.code, "zh": told.zh, "en": told.en, "faults": faults})
        return Sent(told.status, body, JSON, told.headers, who=who)
    return Sent(told.status, _problem_page(told, reader).encode(), headers=told.headers, who=who)


def _problem_page(told: Problem, reader: Reader) -> str:
    """The same for a person: each field by the name that it has on the page."""
    received, person, zh = reader.received, reader.person, reader.language == "zh"
    fields = {field.name: (field.zh if zh else field.en) or field.name for field in received.route.fields}
    faults = [(fields.get(name, name), said[0 if zh else 1]) for name, said in told.faults.items()]
    text = ("请更正：" if zh else "Please correct:") if faults else (told.zh if zh else told.en)
    return page(
        "error.html", reader.language, status=told.status, text=text, code=told.code, faults=faults,
        menu=navigation(person.roles if person else frozenset()), said="", csrf="", url=received.url, ask=None,
        back=_page_before(received.headers), partial=received.headers.get("hx-request") == "true", it=None)


def _page_before(headers: Mapping[str, str]) -> str:
    """The page of ours from which something was sent, "" when there was none."""
    try:
        said = urlsplit(headers.get("referer", ""))
    except ValueError:
        return ""
    ours = said.netloc and said.netloc.lower() == headers.get("host", "").lower()
    if not ours or not said.path or said.path.startswith(("//", "/\\")):  # a browser reads those as another host
        return ""
    return said.path + (f"?{said.query}" if said.query else "")
