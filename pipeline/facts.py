"""Facts for decisions: one query a kind for a whole batch, whatever its size."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from domain.branch import Branch
from domain.registry import EnterpriseRecord, Signatory
from pipeline.stage import Case, Facts
from store.database import Database

ISSUED_CAP = 20


def fetch(database: Database, needs: Iterable[str], cases: Iterable[Case]) -> dict[Any, Facts]:
    """certificate id -> its facts; queries only what `needs` names (keys of FETCH)."""
    cases = list(cases)
    if not cases:
        return {}
    found = {need: FETCH[need](database, cases) for need in sorted(needs)}
    today = database.query("today")[0][0]
    enterprises, issued = found.get("enterprise", {}), found.get("issued", {})
    return {
        case.certificate.id: Facts(
            today=today, enterprise=enterprises.get(case.certificate.enterprise), branches=found.get("branches"),
            issued=issued.get(case.certificate.enterprise, 0),
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


# what a stage may name in `needs`; "content" and "findings" always travel with the case
FETCH: dict[str, Callable[[Database, list[Case]], Mapping[str, Any]]] = {
    "enterprise": enterprises,
    "branches": branches,
    "issued": issued,
}
