"""What lists of certificates have in common: the fields of their addresses, what these ask for, chips, and links."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode
from uuid import UUID

from console.web.asking import BadInput, Field
from console.web.reading import read_fields
from console.web.words import state_of
from domain.application import normalised_invoice
from domain.certificate_lifecycle import CERTIFICATE
from domain.errors import UnknownThing
from schemas.certificate_types import all_types, type_of
from store import lists
from store.database import Database
from store.lists import Waiting, Wish
from store.search import SORTS, Order, Place, Row, Sought, enterprises_named, found, tsquery

SIZE = 50
# the lists' own words for the paper that a type is printed on; the manuals have eCO and PCO lists side by side
PAPERS: dict[str, tuple[str, str]] = {"eco": ("eCO", "eCO"), "pco": ("PCO", "PCO")}
CODES = tuple(kind.code for kind in all_types())
STATES = tuple(state.code for state in CERTIFICATE.states if state.code != "NEW")
_PAGING = ("after", "before", "partial")
_CENTS = 6  # decimals that an amount may have


@dataclass(frozen=True, slots=True)
class Queue:
    """One of the manuals' lists: its name in the address, its words, the states in it, and what would fill it."""

    name: str
    zh: str
    en: str
    states: tuple[str, ...]
    empty_zh: str
    empty_en: str


QUEUES: dict[str, Queue] = {queue.name: queue for queue in (
    Queue("edi", "EDI", "EDI: received", ("RECEIVED", "SCHEMA_CHECKED", "RULES_CHECKED"),
          "没有正在核验的申报；企业发送报文后显示在此",
          "Nothing is being checked; what enterprises send shows here until it is decided"),
    Queue("print", "待打印", "To print", ("AWAIT_PRINT",),
          "没有待打印的证书；审核通过的套打证书显示在此",
          "Nothing waits for paper; approved certificates on pre-printed forms show here"),
    Queue("approved", "已审核", "Approved", ("APPROVED", "AWAIT_PRINT", "ISSUED"),
          "还没有已审核的证书", "No certificate has been approved yet"),
    Queue("void", "作废", "Void", ("VOID",), "没有作废的证书", "No certificate is void"),
    Queue("returned", "退回", "Returned", ("RETURNED",), "没有退回的申报", "Nothing was returned"),
)}

FILTERS: tuple[Field, ...] = (
    Field("paper", "choice", choices=tuple(PAPERS), zh="纸张", en="paper"),
    Field("type", "choice", choices=CODES, zh="证书类型", en="type"),
    Field("enterprise", longest=100, zh="企业", en="enterprise"),
    Field("destination", longest=100, zh="目的国（地区）", en="destination"),
)
_PAGES: tuple[Field, ...] = (
    Field("after", longest=200, zh="之后", en="after"), Field("before", longest=200, zh="之前", en="before"))
QUEUE_FIELDS: tuple[Field, ...] = (*FILTERS, *_PAGES)
REVIEW_FIELDS: tuple[Field, ...] = (
    *FILTERS,
    Field("overdue", "flag", zh="已超时", en="overdue"),
    Field("held", "choice", choices=("mine", "free", "others"), zh="领取", en="claim"),
    Field("by", longest=60, zh="领取人", en="claimed by"),
    Field("assigned", longest=60, zh="指派给", en="assigned to"),
    Field("reason", longest=60, zh="待审原因", en="reason"),
    *_PAGES)
SEARCH_FIELDS: tuple[Field, ...] = (
    Field("text", longest=100, zh="发票号、证书号", en="invoice or certificate number"),
    Field("invoice", longest=100, zh="发票号", en="invoice no."),
    Field("number", longest=40, zh="证书编号", en="certificate no."),
    Field("message", longest=64, zh="申请号", en="application no."),
    Field("type", "choice", choices=CODES, zh="证书类型", en="type"),
    Field("state", "choice", choices=STATES, zh="单据状态", en="state"),
    Field("invoiced_from", "date", zh="发票日期自", en="invoice date from"),
    Field("invoiced_to", "date", zh="发票日期至", en="invoice date to"),
    Field("received_from", "date", zh="制单日期自", en="received from"),
    Field("received_to", "date", zh="制单日期至", en="received to"),
    Field("consignee", longest=100, zh="进口商名称", en="consignee"),
    Field("exporter", longest=100, zh="出口商名称（英文）", en="exporter (English)"),
    Field("print", "choice", choices=("waiting", "printed", "not-printed"), zh="打印状态", en="print state"),
    Field("place", longest=6, zh="签证点", en="issuing branch"),
    Field("enterprise", longest=100, zh="企业", en="enterprise"),
    Field("serial", longest=40, zh="印刷号", en="form serial"),
    Field("destination", longest=100, zh="目的国（地区）", en="destination"),
    Field("signatory", longest=40, zh="手签员", en="signatory"),
    Field("least", longest=20, zh="金额自", en="amount from"),
    Field("most", longest=20, zh="金额至", en="amount to"),
    Field("currency", longest=3, zh="币种", en="currency"),
    Field("hs", longest=12, zh="HS编码", en="HS code"),
    Field("sort", "choice", choices=SORTS, zh="排序", en="sort"),
    Field("up", "flag", zh="升序", en="ascending"),
    *_PAGES)
# what a value of a choice is called (zh, en)
VALUES: dict[tuple[str, str], tuple[str, str]] = {
    **{("paper", code): words for code, words in PAPERS.items()},
    ("held", "mine"): ("我领取的", "mine"), ("held", "free"): ("未领取", "free"), ("held", "others"): ("已领取", "claimed"),
    ("print", "waiting"): ("待打印", "waiting"), ("print", "printed"): ("已打印", "printed"),
    ("print", "not-printed"): ("未在纸上打印", "not on paper"),
    ("sort", "received"): ("收到时间", "received"), ("sort", "invoice"): ("发票号", "invoice no."),
    ("sort", "number"): ("证书编号", "certificate no."), ("sort", "enterprise"): ("企业注册号", "enterprise no."),
    **{("state", state.code): (state.zh, state.en) for state in CERTIFICATE.states},
}
Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force: its words, its value, and the address of the list without it."""

    name: str
    zh: str
    en: str
    value_zh: str
    value_en: str
    without: str


@dataclass(frozen=True, slots=True)
class Listed:
    """Certificates of a list. earlier, later: addresses of the pages beside it, "" for none; query: the list's own, without a
    page."""

    rows: tuple[Row, ...]
    chips: tuple[Chip, ...]
    earlier: str
    later: str
    query: str


def sought_in_queue(database: Database, branch: str, queue: Queue, given: Given) -> Sought:
    """What a list of certificates shows."""
    return Sought(
        states=queue.states, types=types_of(given), enterprises=_enterprises(database, branch, given),
        destination=given.get("destination", ""))


def sought_in_search(database: Database, branch: str, given: Given) -> Sought:
    """What the fields of the search ask for; raises BadInput for an amount that is none."""
    if given.get("text"):
        return meant_by(database, branch, given["text"])
    printing = given.get("print")
    states = (given["state"],) if "state" in given else ("AWAIT_PRINT",) if printing == "waiting" else ()
    return Sought(
        states=states, types=types_of(given), enterprises=_enterprises(database, branch, given), place=given.get("place"),
        invoice=_key(normalised_invoice(given.get("invoice", ""))), number=_key(given.get("number", "").upper()),
        message=given.get("message"), serial=given.get("serial"), received_from=given.get("received_from"),
        received_to=given.get("received_to"), invoiced_from=given.get("invoiced_from"), invoiced_to=given.get("invoiced_to"),
        exporter=given.get("exporter", ""), consignee=given.get("consignee", ""), destination=given.get("destination", ""),
        signatory=given.get("signatory", ""), hs=given.get("hs", "").replace(".", ""),
        currency=given["currency"].upper() if "currency" in given else None, least=_amount(given, "least"),
        most=_amount(given, "most"), printed={"printed": True, "not-printed": False}.get(printing or ""))


def meant_by(database: Database, branch: str, text: str) -> Sought:
    """What somebody means who types one text: an id, a certificate number, an invoice number, or the beginning of one."""
    try:
        return Sought(id=UUID(text.strip()))
    except ValueError:
        pass
    number, invoice = Sought(number=text.strip().upper()), Sought(invoice=normalised_invoice(text))
    for sought in (number, invoice):
        if found(database, branch, sought, Order(), 1):
            return sought
    return Sought(invoice=f"{normalised_invoice(text).rstrip('*')}*")


def wish(database: Database, branch: str, who: str, given: Given) -> Wish:
    """What of the queue to review is asked for."""
    held = given.get("held")
    return Wish(
        types=types_of(given), enterprises=_enterprises(database, branch, given), who=who, free=held == "free",
        held=held == "others",
        holder=who if held == "mine" else given.get("by"), assigned=given.get("assigned"), overdue=given.get("overdue", False),
        reason=given.get("reason"), words=tsquery(Sought(destination=given.get("destination", ""))) or "")


def types_of(given: Given) -> tuple[str, ...]:
    """The certificate types of the filters `type` and `paper`; of two that exclude each other none is left, told as "-"."""
    if "paper" not in given:
        return (given["type"],) if "type" in given else ()
    on_paper = tuple(kind.code for kind in all_types() if kind.paper == given["paper"])
    return tuple(code for code in on_paper if code == given.get("type", code)) or ("-",)


def order_of(given: Given) -> Order:
    """The order asked for: the newest first, names from the beginning, unless it is said otherwise."""
    return Order(given.get("sort", "received"), not given.get("up", False))


def place_in(given: Given, name: str) -> Place | None:
    """The place that a page begins at; raises BadInput for one that is none."""
    if name not in given:
        return None
    place = Place.read(given[name])
    if place is None:
        raise BadInput({name: ("不是有效的位置", "is not a place in a list")})
    return place


def spot_in(given: Given, name: str) -> lists.Spot | None:
    """The same of the queue to review."""
    if name not in given:
        return None
    spot = lists.spot(given[name])
    if spot is None:
        raise BadInput({name: ("不是有效的位置", "is not a place in a list")})
    return spot


def query_of(given: Given, without: Sequence[str] = _PAGING, **more: str) -> str:
    """The query string of a list: "type=CO&paper=eco"."""
    values = {name: _text(value) for name, value in given.items() if name not in without and value not in (False, ())}
    return urlencode(values | more)


def clean_query(query: str) -> str:
    """A query string from outside, written anew: it may stand in an address and in a header."""
    return urlencode(parse_qsl(query, errors="replace"), errors="replace")


def address(path: str, query: str) -> str:
    """An address with its query."""
    return f"{path}?{query}" if query else path


def chips(path: str, fields: Sequence[Field], given: Given) -> tuple[Chip, ...]:
    """The filters in force."""
    found = []
    for field in fields:
        value = given.get(field.name)
        if value in (None, False, ()) or field.name in (*_PAGING, "sort", "up"):
            continue
        zh, en = VALUES.get((field.name, str(value)), (_text(value), _text(value)))
        if field.kind == "flag":
            zh, en = "是", "yes"
        without = address(path, query_of(given, (*_PAGING, field.name)))
        found.append(Chip(field.name, field.zh, field.en, zh, en, without))
    return tuple(found)


def rows_of(database: Database, branch: str, who: str, link: str, size: int) -> "Iterator[list[Row] | list[Waiting]]":
    """All rows of the list that an address names, batch by batch; raises UnknownThing, BadInput."""
    path, _, query = link.partition("?")
    sent = parse_qs(query)
    if path == "/queues/review":
        asked = wish(database, branch, who, read_fields(REVIEW_FIELDS, sent))
        yield from _waiting(database, branch, asked, size)
        return
    if path == "/search":
        given = read_fields(SEARCH_FIELDS, sent)
        sought, order = sought_in_search(database, branch, given), order_of(given)
    else:
        queue = queue_named(path.removeprefix("/queues/") if path.startswith("/queues/") else "")
        sought, order = sought_in_queue(database, branch, queue, read_fields(QUEUE_FIELDS, sent)), Order()
    place = None
    while rows := found(database, branch, sought, order, size, place):
        yield rows
        place = rows[-1].place(order)
        if len(rows) < size:
            return


def queue_named(name: str) -> Queue:
    """The list with this name; raises UnknownThing."""
    if name not in QUEUES:
        raise UnknownThing(f"there is no list {name}", zh="没有这样的列表")
    return QUEUES[name]


def paper_of(kind: str) -> str:
    """The lists' word for the paper of a certificate type."""
    known = type_of(kind)
    return PAPERS[known.paper][0] if known else ""


def type_name(kind: str, language: str) -> str:
    """The name of a certificate type."""
    known = type_of(kind)
    return (known.zh if language == "zh" else known.en) if known else kind


def state_words(code: str, language: str) -> str:
    """A state in words."""
    state = state_of(code)
    return (state.zh if language == "zh" else state.en) if state else code


def _waiting(database: Database, branch: str, asked: Wish, size: int) -> Iterator[list[Waiting]]:
    at: lists.Spot | None = None
    while rows := lists.waiting(database, branch, asked, size, at):
        yield rows
        at = (rows[-1].deadline, rows[-1].subject)
        if len(rows) < size:
            return


def _enterprises(database: Database, branch: str, given: Given) -> tuple[str, ...] | None:
    """Numbers of the enterprises that are meant by a number, the beginning of one, or a part of a name."""
    text = given.get("enterprise", "")
    if not text:
        return None
    return enterprises_named(database, branch, no=text) or enterprises_named(database, branch, name=text)


def _key(text: str) -> str | None:
    return text or None


def _amount(given: Given, name: str) -> Decimal | None:
    if name not in given:
        return None
    try:
        value = Decimal(given[name].replace(",", ""))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) > Decimal(10) ** 15 or value != round(value, _CENTS):
        raise BadInput({name: ("应为金额", "must be an amount")})
    return value


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else "1" if value is True else str(value)
