"""Certificates by what people know of them, page by page.

A page is asked for in up to three steps. The first two look at the next few hundred, then the next few thousand certificates in
the order wanted, which is where nearly every question finds its page. What is rarer than that is looked up by what restricts
it most, and sorted. So no question reads a million rows to show fifty.
"""

import re
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from schemas.certificate_types import all_types
from store.database import Database
from store.queries import queries

SHANGHAI = ZoneInfo("Asia/Shanghai")
SORTS = ("received", "invoice", "number", "enterprise")
DEPTHS = (400, 6000)  # certificates that the two walks look at
MOST_ENTERPRISES = 500
_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS, _LONGEST_WORD = 8, 40
_PART = re.compile(r"\[(search_\w+)\]")
# beyond every sign that a number has: what begins with "INV" lies between "INV" and "INV" with this behind it
_END = "\U0010ffff"
# days that an id can stand for: its milliseconds begin in 1970
_FIRST_DAY, _LAST_DAY = date(1970, 1, 2), date(9000, 1, 1)
# few at any time: looked up at once
_RARE = frozenset({"RECEIVED", "SCHEMA_CHECKED", "RULES_CHECKED", "PENDING_REVIEW", "APPROVED", "AWAIT_PRINT"})


@dataclass(frozen=True, slots=True)
class Sought:
    """What is asked for; None, "" and () restrict nothing.

    place: issuing branch 签证点; invoice, number: normalised, exact unless they end with "*"; message: the sender's id 申请号;
    serial: form serial 印刷号; received_*, invoiced_*: business dates, both inclusive; exporter, consignee, destination: words
    that are in it, each from its beginning; hs: first digits; printed: whether a print is on record.
    """

    id: UUID | None = None
    place: str | None = None
    states: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    enterprises: tuple[str, ...] | None = None
    invoice: str | None = None
    number: str | None = None
    message: str | None = None
    serial: str | None = None
    received_from: date | None = None
    received_to: date | None = None
    invoiced_from: date | None = None
    invoiced_to: date | None = None
    exporter: str = ""
    consignee: str = ""
    destination: str = ""
    signatory: str = ""
    hs: str = ""
    currency: str | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    printed: bool | None = None

    @property
    def sharp(self) -> bool:
        """Whether it names so few that they are looked up at once."""
        named = (self.id, self.invoice, self.number, self.message, self.serial)
        return any(value is not None for value in named) or (bool(self.states) and set(self.states) <= _RARE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a certificate stands in an order: its id, and the text it is sorted by ("" for the order of arrival)."""

    id: UUID
    key: str = ""

    def __str__(self) -> str:
        return f"{self.id}.{self.key}"

    @staticmethod
    def read(text: str) -> "Place | None":
        """From the text of an address; None when it is none."""
        identity, _, key = text.partition(".")
        try:
            return Place(UUID(identity), key[:100])
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Order:
    """sort: one of SORTS; down: the newest or greatest first."""

    sort: str = "received"
    down: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A certificate as lists show it. reasons: of its newest move; serial: the form it was printed on 印刷号."""

    id: UUID
    branch: str
    enterprise: str
    name_zh: str
    name_en: str
    type: str
    invoice: str
    invoice_date: date | None
    number: str | None
    consignee: str
    destination: str
    state: str
    version: int
    revision: int
    signatory: str
    amount: Decimal | None
    currency: str
    small: bool
    received: datetime
    approved_at: datetime | None
    changed_at: datetime
    serial: str | None
    reasons: tuple[str, ...]

    def place(self, order: Order) -> Place:
        """Where it stands in this order."""
        key = {"invoice": self.invoice, "number": self.number or "", "enterprise": self.enterprise}.get(order.sort, "")
        return Place(self.id, key)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of rows; earlier, later: whether there is something before it, and after it."""

    rows: tuple[Row, ...]
    earlier: bool
    later: bool


def page(  # as a list is asked for
    database: Database, branch: str, sought: Sought, order: Order, size: int,
    after: Place | None = None, before: Place | None = None,
) -> Page:
    """The page after a place, or before one; branch: whose certificates, "*" for all."""
    if before is not None:
        back = replace(order, down=not order.down)
        rows = found(database, branch, sought, back, size + 1, before)
        return Page(tuple(rows[:size][::-1]), len(rows) > size, True)
    rows = found(database, branch, sought, order, size + 1, after)
    return Page(tuple(rows[:size]), after is not None, len(rows) > size)


def found(database: Database, branch: str, sought: Sought, order: Order, limit: int, after: Place | None = None) -> list[Row]:
    """At most `limit` rows of the order after a place."""
    given = parameters(branch, sought, order, limit, after)
    if given is None:
        return []
    for depth in () if sought.sharp else DEPTHS:
        rows = database.run(text("search_near"), given | {"depth": max(depth, 2 * limit)})
        if len(rows) >= limit:
            return [_row(row) for row in rows]
    return [_row(row) for row in database.run(text("search_far"), given)]


def count(database: Database, branch: str, sought: Sought, most: int) -> int:
    """How many there are, at most `most`."""
    given = parameters(branch, sought, Order(), most, None)
    return int(database.run(text("search_count"), given)[0][0]) if given else 0


def parameters(branch: str, sought: Sought, order: Order, limit: int, after: Place | None) -> dict[str, Any] | None:
    """What the searches take; None where nothing can be found, such as words without a letter or a digit."""
    words = tsquery(sought)
    if words is None or sought.enterprises == ():
        return None
    by, of = _along(sought, order)
    invoice, number = _range(sought.invoice), _range(sought.number)
    given = {field.name: getattr(sought, field.name) for field in fields(Sought)}
    return given | {
        "branch": branch, "states": list(sought.states), "types": list(sought.types), "words": words,
        "enterprises": None if sought.enterprises is None else list(sought.enterprises),
        "invoice": invoice[0], "invoice_to": invoice[1], "number": number[0], "number_to": number[1],
        "stocks": [kind.code for kind in all_types()] if sought.serial else [],
        "first": first_id(sought.received_from), "last": first_id(_day_after(sought.received_to)),
        "sort": order.sort, "down": order.down, "at": after.id if after else None, "key": after.key if after else "",
        "by": by, "of": of, "limit": limit}


@cache
def text(name: str) -> str:
    """A search with its parts put in: the same filters and the same order wherever they are asked for."""
    return _PART.sub(lambda part: queries()[part[1]], queries()[name])


def tsquery(sought: Sought) -> str | None:
    """The words asked for as a text query, "" for none; None when something was typed in which no word is.

    It is made of letters and digits alone, and so never of a sign that means something to a text query.
    """
    parts: list[str] = []
    columns = zip((sought.exporter, sought.consignee, sought.destination, sought.signatory, sought.hs), "ABCDD", strict=True)
    for column, weight in columns:
        words = words_of(column)
        if column and not words:
            return None
        parts += [f"{word}:*{weight}" for word in words]
    return " & ".join(parts)


def words_of(typed: str) -> list[str]:
    """The words of a text: runs of letters and digits, in lower case, the first eight."""
    return [word[:_LONGEST_WORD] for word in _WORD.findall(typed.lower())][:_MOST_WORDS]


def first_id(day: date | None) -> UUID | None:
    """The least id of a certificate that was received on a business date: ids begin with 48 bits of milliseconds."""
    if day is None:
        return None
    known = min(max(day, _FIRST_DAY), _LAST_DAY)
    milliseconds = int(datetime.combine(known, time(0), SHANGHAI).timestamp() * 1000)
    return UUID(int=milliseconds << 80)


def _day_after(day: date | None) -> date | None:
    return None if day is None else min(day, _LAST_DAY) + timedelta(1)


def enterprises_named(database: Database, branch: str, name: str = "", no: str = "") -> tuple[str, ...]:
    """Numbers of the enterprises that are meant by a part of a name, or by the beginning of a number."""
    rows = database.query("enterprises_named", branch=branch, name=name, no=no.upper(), limit=MOST_ENTERPRISES)
    return tuple(row[0] for row in rows)


def _along(sought: Sought, order: Order) -> tuple[str, str]:
    """By which column beside the branch the walk is narrowed (an index has both, in the order of arrival), and to what."""
    if order.sort != "received":
        return "branch", ""
    for name, values in (("enterprise", sought.enterprises or ()), ("state", sought.states), ("type", sought.types)):
        if len(values) == 1:
            return name, values[0]
    return "branch", ""


def _range(value: str | None) -> tuple[str | None, str | None]:
    if value is None:
        return None, None
    begin = value.rstrip("*")
    return begin, begin + _END if value.endswith("*") else begin


def _row(row: tuple[Any, ...]) -> Row:
    *columns, reasons = row
    return Row(*columns, tuple(reasons))  # type: ignore[call-arg] # the columns in their order
