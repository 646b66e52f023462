"""Facts for decisions: one query a kind for a whole batch, whatever its size."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from domain.branch import Branch
from domain.certificate import Original
from domain.filing import GoodsFiling
from domain.registry import EnterpriseRecord, Signatory
from pipeline.cases import cases_of
from pipeline.stage import Case, Facts
from schemas.certificate_types import type_of
from store.database import Database
from store.filings import WantedGoods, goods_filings
from store.rule_packs import reference
from store.work import SHANGHAI

ISSUED_CAP = 20


def fetch(database: Database, needs: Iterable[str], cases: Iterable[Case]) -> dict[Any, Facts]:
    """certificate id -> its facts; queries only what `needs` names (keys of FETCH)."""
    cases = list(cases)
    if not cases:
        return {}
    found = {need: FETCH[need](database, cases) for need in sorted(needs)}
    today = database.query("today")[0][0]
    enterprises, issued, filed, replaced = (found.get(need, {}) for need in ("enterprise", "issued", "filings", "original"))
    return {
        case.certificate.id: Facts(
            today=today, enterprise=enterprises.get(case.certificate.enterprise), branches=found.get("branches"),
            issued=issued.get(case.certificate.enterprise, 0), filings=filed.get(case.certificate.id, {}),
            reference=found.get("reference"),
            original=replaced.get(case.certificate.replaces),
        )
        for case in cases
    }


def enterprises(database: Database, cases: list[Case]) -> Mapping[str, EnterpriseRecord]:
    """Registry rows by registration number."""
    names = sorted({case.certificate.enterprise for case in cases})
    return {row[0]: enterprise_from(row) for row in database.query("registry", enterprises=names)}


def enterprise_from(row: Any) -> EnterpriseRecord:
    """A registry record from the columns of the query `registry`."""
    return EnterpriseRecord(
        no=row[0], branch=row[1], name_zh=row[2], name_en=row[3], active=row[4], customs_code=row[5],
        signatories=tuple(Signatory(code, name, active == "true") for code, name, active in row[11]),
        print_seal_ready=row[6], local_print=row[7],
    )


def branches(database: Database, cases: list[Case]) -> Mapping[str, Branch]:
    """The branches that the batch names, by code."""
    codes = {case.certificate.branch for case in cases} | {case.application.applicant.branch for case in cases}
    return {row[0]: Branch(*row) for row in database.query("branches", codes=sorted(codes))}


def issued(database: Database, cases: list[Case]) -> Mapping[str, int]:
    """How many certificates each enterprise has had, counted to ISSUED_CAP."""
    names = sorted({case.certificate.enterprise for case in cases})
    return dict(database.query("issued_counts", enterprises=names, cap=ISSUED_CAP))


def filings(database: Database, cases: list[Case]) -> Mapping[Any, Mapping[str, tuple[GoodsFiling, ...]]]:
    """certificate id -> six digits -> goods filings, for those of preferential types; one query for the batch."""
    wanted = {case.certificate.id: _goods_of(case) for case in cases}
    found = goods_filings(database, (key for keys in wanted.values() for key in keys))
    return {
        identity: {held.hs6: filed for held, filed in found.items() if any(_covers(key, held) for key in keys)}
        for identity, keys in wanted.items() if keys}


def _goods_of(case: Case) -> set[WantedGoods]:
    """What a certificate's goods lines may rest on; nothing for a general certificate."""
    kind = type_of(case.certificate.type)
    if kind is None or not kind.preferential:
        return set()
    codes = {"".join(filter(str.isdecimal, line.hs_code))[:6] for line in case.application.goods}
    return {WantedGoods(case.certificate.enterprise, kind.code, code) for code in codes if len(code) >= 4 and code.isascii()}


def _covers(wanted: WantedGoods, held: WantedGoods) -> bool:
    return wanted[:2] == held[:2] and held.hs6.startswith(wanted.hs6)


def originals(database: Database, cases: list[Case]) -> Mapping[Any, Original]:
    """The certificates that amendments of this batch replace, with their content, by id."""
    ids = {case.certificate.replaces for case in cases if case.certificate.replaces}
    return {
        case.certificate.id: Original(
            case.certificate, case.certificate.approved_at.astimezone(SHANGHAI).date() if case.certificate.approved_at else None,
            case.application)
        for case in cases_of(database, ids)}


# what a stage may name in `needs`; "content" and "findings" always travel with the case
FETCH: dict[str, Callable[[Database, list[Case]], Any]] = {
    "enterprise": enterprises,
    "branches": branches,
    "issued": issued,
    "filings": filings,
    "original": originals,
    "reference": lambda database, cases: reference(database),
}
