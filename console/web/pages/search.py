"""Search 查询: one box for a number, all the manuals' fields below it, and searches that a person keeps."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from console.web.asking import READERS, Ask, Done, Field, Route, View
from console.web.listing import (
    CODES,
    SEARCH_FIELDS,
    SIZE,
    STATES,
    Listed,
    address,
    chips,
    clean_query,
    meant_by,
    order_of,
    place_in,
    query_of,
    sought_in_search,
)
from domain.errors import Refusal, UnknownThing
from store import search as store
from store.search import Order, Place, Sought

MOST_QUERY = 2000  # characters of a saved address


@dataclass(frozen=True, slots=True)
class Saved:
    """A search that a person keeps, and the address of its list."""

    label: str
    to: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Search:
    """What was asked, and the page of what was found; found is None where nothing was asked yet. sort, up: the order."""

    found: Listed | None
    asked: dict[str, str]
    sort: str
    up: bool
    saved: tuple[Saved, ...]
    types: tuple[str, ...] = CODES
    states: tuple[str, ...] = STATES


@dataclass(frozen=True, slots=True)
class Match:
    """What a text may name."""

    id: UUID
    invoice: str
    number: str | None
    state: str


@dataclass(frozen=True, slots=True)
class Matches:
    """All that a text may name, the newest first, at most fifty."""

    text: str
    matches: tuple[Match, ...]


def search(ask: Ask) -> View:
    """The form, and what it finds."""
    order = order_of(ask.given)
    asked = {name: str(value) for name, value in ask.given.items() if value is not False and name not in ("after", "before")}
    listed = None
    if set(asked) - {"sort", "up"}:
        sought = sought_in_search(ask.database, ask.branch, ask.given)
        listed = listed_page(ask, "/search", sought, order)
    return View("search.html", Search(listed, asked, order.sort, not order.down, saved_by(ask)))


def listed_page(ask: Ask, path: str, sought: Sought, order: Order) -> Listed:
    """A page of certificates with its chips and the addresses of the pages beside it."""
    after, before = place_in(ask.given, "after"), place_in(ask.given, "before")
    page = store.page(ask.database, ask.branch, sought, order, SIZE, after, before)
    first, last = (page.rows[0].place(order), page.rows[-1].place(order)) if page.rows else (None, None)
    return Listed(
        page.rows, chips(path, ask.route.fields, ask.given), beside(ask, path, "before", first if page.earlier else None),
        beside(ask, path, "after", last if page.later else None), query_of(ask.given))


def beside(ask: Ask, path: str, name: str, place: Place | str | None) -> str:
    """The address of the page after a place, or before it; "" for none."""
    return address(path, query_of(ask.given, **{name: str(place)})) if place else ""


def find(ask: Ask) -> Done:
    """To the one certificate that a text names, else to the list of those that it may mean."""
    text = ask.given["text"]
    sought = meant_by(ask.database, ask.branch, text)
    rows = store.found(ask.database, ask.branch, sought, Order(), SIZE)
    data = Matches(text, tuple(Match(row.id, row.invoice, row.number, row.state) for row in rows))
    to = f"/certificates/{rows[0].id}" if len(rows) == 1 else address("/search", query_of({"text": text}))
    return Done(to, data)


def saved_by(ask: Ask) -> tuple[Saved, ...]:
    """The person's own searches."""
    rows = ask.database.query("saved_searches", branch=ask.person.branch, name=ask.person.name)
    return tuple(Saved(row[0], address("/search", row[1]), row[2]) for row in rows)


def save(ask: Ask) -> Done:
    """Keep a search under a name of one's own."""
    label, query = ask.given["label"], clean_query(ask.given["query"])
    rows = ask.database.query("save_search", branch=ask.person.branch, name=ask.person.name, label=label, query=query)
    if not rows:
        raise Refusal("you have saved a hundred searches already; delete some", zh="已保存一百个查询，请先删除一些")
    return Done(address("/search", query), said=(f"已保存：{label}", f"Saved: {label}"))


def forget(ask: Ask) -> Done:
    """Delete one of them."""
    label = ask.given["label"]
    if not ask.database.query("forget_search", branch=ask.person.branch, name=ask.person.name, label=label):
        raise UnknownThing(f"there is no saved search {label}", zh="没有这样的查询")
    return Done("/search", said=(f"已删除：{label}", f"Deleted: {label}"))


_LABEL = Field("label", required=True, longest=60, zh="名称", en="name")
ROUTES: tuple[Route, ...] = (
    Route("GET", "/search", "search", search, READERS, "查询证书", "Search certificates", SEARCH_FIELDS, Search),
    Route("GET", "/find", "find", find, READERS, "按号码查找", "Find by a number", gives=Matches, fields=(
        Field("text", required=True, longest=100, zh="发票号、证书号", en="invoice or certificate number"),)),
    Route("POST", "/search/save", "save-search", save, READERS, "保存查询", "Keep a search", (
        _LABEL, Field("query", longest=MOST_QUERY, required=True, zh="查询条件", en="query"))),
    Route("POST", "/search/forget", "forget-search", forget, READERS, "删除保存的查询", "Delete a kept search", (_LABEL,)),
)
