"""商品备案待审 and registrations as lists: what waits, what was approved or returned, page by page."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from console.web.asking import READERS, SENIORS, Ask, BadInput, Field, Route, View
from schemas.certificate_types import all_types
from store.filing_pages import FilingRow, WantedFilings, filings_newest, filings_waiting

ROWS = 50
# who decides on a kind, and who looks at it
DECIDERS = {"goods": frozenset({"registrar"}) | SENIORS, "registration": frozenset({"registrar"})}
LOOKERS = {"goods": READERS, "registration": READERS}
PLACES = {"goods": "/filings", "registration": "/registrations"}
# tab -> state of goods filings, of registrations, "" for all
TABS = {
    "pending": ("PENDING_REVIEW", "PENDING_REVIEW"), "approved": ("APPROVED", "REGISTERED"), "returned": ("RETURNED", "RETURNED"),
    "all": ("", "")}


@dataclass(frozen=True, slots=True)
class FilingList:
    """A page of filings. may_decide: whether this person decides on them; next: `after` of the next page, "" on the last."""

    kind: str
    place: str
    tab: str
    enterprise: str
    type: str
    hs: str
    rows: tuple[FilingRow, ...]
    next: str
    more: bool
    types: tuple[str, ...]
    may_decide: bool
    everywhere: bool


def goods(ask: Ask) -> View:
    """商品备案, the longest waiting first while they wait."""
    return View("filings.html", _listed(ask, "goods"))


def registrations(ask: Ask) -> View:
    """企业注册 and changes of it."""
    return View("filings.html", _listed(ask, "registration"))


def _listed(ask: Ask, kind: str) -> FilingList:
    tab, hs = ask.given.get("tab", "pending"), ask.given.get("hs", "").replace(".", "")
    if hs and not (hs.isascii() and hs.isdecimal()):
        raise BadInput({"hs": ("应为数字", "must be digits")})
    wanted = WantedFilings(
        ask.branch, kind, TABS[tab][kind == "registration"], ask.given.get("type", ""), ask.given.get("enterprise", "").upper(), hs)
    rows = _rows(ask, wanted, tab)
    shown = tuple(rows[:ROWS])
    return FilingList(
        kind, PLACES[kind], tab, wanted.enterprise, wanted.type, hs, shown, _place_of(shown[-1], tab) if len(rows) > ROWS else "",
        len(rows) > ROWS, _types() if kind == "goods" else (), ask.may(DECIDERS[kind]), ask.branch == "*")


def _rows(ask: Ask, wanted: WantedFilings, tab: str) -> list[FilingRow]:
    at, after = _after(ask.given.get("after", ""))
    if tab == "pending":
        return filings_waiting(ask.database, wanted, ROWS + 1, (at, after) if at and after else None)
    return filings_newest(ask.database, wanted, ROWS + 1, after)


def _after(text: str) -> tuple[datetime | None, UUID | None]:
    """The inverse of `_place_of`; raises BadInput."""
    deadline, _, identity = text.rpartition("~")
    try:
        return datetime.fromisoformat(deadline) if deadline else None, UUID(identity) if identity else None
    except ValueError as error:
        raise BadInput({"after": ("不是有效的位置", "is no place in this list")}) from error


def _place_of(row: FilingRow, tab: str) -> str:
    """Where the next page begins."""
    return f"{row.deadline.isoformat()}~{row.id}" if tab == "pending" and row.deadline else f"~{row.id}"


def _types() -> tuple[str, ...]:
    return tuple(sorted(one.code for one in all_types() if one.preferential))


_COMMON = (
    Field("tab", "choice", choices=tuple(TABS), zh="页签", en="tab"),
    Field("enterprise", longest=18, zh="企业注册号", en="registration number"),
    Field("after", longest=120, zh="从何处起", en="where the page begins"),
)
_GOODS = (Field("type", longest=20, zh="证书种类", en="certificate type"), Field("hs", longest=13, zh="HS编码", en="HS code"))

ROUTES: tuple[Route, ...] = (
    Route("GET", "/filings", "filings", goods, LOOKERS["goods"], "商品备案列表", "Goods filings", (*_COMMON, *_GOODS), FilingList),
    Route("GET", "/registrations", "registrations", registrations, LOOKERS["registration"], "企业注册申请列表", "Registrations",
          _COMMON, FilingList),
)
