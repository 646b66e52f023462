"""Goods filings 商品备案 as rules look at them, and filings as people list them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from domain.application import decimal_of
from domain.filing import GoodsFiling
from store.database import Database

_EDITION = 2022  # of the HS, where a filing does not say


class WantedGoods(NamedTuple):
    """Which goods filings: of an enterprise, for a certificate type, under six digits, or all that begin with fewer."""

    enterprise: str
    certificate_type: str
    hs6: str


@dataclass(frozen=True, slots=True)
class ListedFiling:
    """A filing in a list. kind: "goods" or "registration"; the times are aware."""

    id: UUID
    kind: str
    number: str | None
    enterprise: str
    name_zh: str
    branch: str
    state: str
    version: int
    revision: int
    certificate_type: str | None
    hs6: str | None
    goods: str | None
    valid_to: date | None
    replaces: UUID | None
    created_at: datetime
    changed_at: datetime


def goods_filings(database: Database, wanted: Iterable[WantedGoods]) -> Mapping[WantedGoods, tuple[GoodsFiling, ...]]:
    """Filings by their own six digits, in any state but RECEIVED, the newest first; one query for all."""
    asked = sorted(set(wanted))
    if not asked:
        return {}
    rows = database.query(
        "goods_filings", enterprise=[w.enterprise for w in asked], certificate_type=[w.certificate_type for w in asked],
        hs6=[w.hs6 for w in asked])
    found: dict[WantedGoods, dict[UUID, GoodsFiling]] = {}
    for row in rows:  # asked for twice, by four and by six digits, it still is one filing
        key = WantedGoods(*row[:3])
        found.setdefault(key, {})[row[3]] = _goods_filing(key, *row[3:])
    return {key: tuple(filings.values()) for key, filings in found.items()}


def listed(
    database: Database, kind: str, branch: str = "", enterprise: str = "", state: str = "", limit: int = 200
) -> list[ListedFiling]:
    """Filings of a kind, the longest unmoved first; "" restricts nothing."""
    rows = database.query("listed_filings", kind=kind, branch=branch, enterprise=enterprise, state=state, limit=limit)
    names = [field.name for field in fields(ListedFiling)]
    return [ListedFiling(**dict(zip(names, row, strict=True))) for row in rows]


def _goods_filing(
    key: WantedGoods, identity: UUID, number: str | None, state: str, content: dict[str, Any], valid_to: date | None
) -> GoodsFiling:
    edition = content.get("hs_edition") or ""
    return GoodsFiling(
        id=identity, number=number or "", enterprise=key.enterprise, certificate_type=key.certificate_type,
        hs_code="".join(filter(str.isdecimal, content["hs_code"])), state=state, name_zh=content["name_zh"],
        name_en=content["name_en"],
        hs_edition=int(edition) if edition.isdecimal() and len(edition) == 4 else _EDITION, criterion=content["criterion"],
        value_content=decimal_of(content["value_content"]), psr_basis=content["psr_basis"], producer=content["producer_name"],
        valid_to=valid_to)
