"""A clean application of every preferential certificate type, and what the rules may know of it, made from the definitions.

Nothing here names a type: consignee, port, producer, criterion, codes and values follow from what `schemas/forms` says, so
that a new type gets its clean application with its definition.
"""

from dataclasses import replace
from functools import cache
from uuid import UUID

from rule_cases import BULK, CLEAN, FACTS, LINE, RECORD

from domain.application import Application, GoodsLine, Party, Transport, decimal_of
from domain.filing import GoodsFiling
from schemas.certificate_types import CertificateType, Criterion, all_types, certificate_type
from schemas.codelists import code_lists
from validators.facts import Facts

# criteria that manufactured goods from China may have, the plainest first
_PLAIN_FIRST = ("PE", "WP", "CTH", "CTC", "PSR", "RVC", "B")


@cache
def preferential_codes() -> tuple[str, ...]:
    """Codes of the preferential types that are enabled on the day of the clean applications."""
    return tuple(kind.code for kind in all_types() if kind.preferential and kind.available_on(FACTS.today))


@cache
def clean(code: str) -> Application:
    """An application of this type without any fault; KeyError when there is no such type."""
    kind = certificate_type(code)
    country, port = destination(kind)
    printed = code_lists().countries[country]
    lines = (line_of(kind, LINE, 1, "30000.00"), line_of(kind, BULK, 2, "8760.00"))
    return replace(
        CLEAN, certificate_type=code, goods=lines, destination=printed,
        consignee=Party("LONGFORD INDUSTRIAL SUPPLIES LTD.", f"48 HARBOUR ROAD, {printed}", country),
        producer=Party(_producer(kind)),
        transport=Transport("TIANJIN, CHINA", port, "", "SEA", "COSCO ARIES V.031W", "2026-11-21"),
        marks=CLEAN.marks.replace("NORDWASSER\nHAMBURG", "LONGFORD") if _shows(kind, "marks") else "",
        invoices=(replace(CLEAN.invoices[0], amount="38760.00", currency="USD"),),
    )


@cache
def FACTS_OF(code: str) -> Facts:
    """FACTS for `clean(code)`."""
    return facts_for(clean(code))


def facts_for(application: Application) -> Facts:
    """FACTS for an application: its type is enabled and its goods are filed as it says."""
    kind = certificate_type(application.certificate_type)
    filings: dict[str, tuple[GoodsFiling, ...]] = {}
    for position, line in enumerate(application.goods, 1):
        hs6 = line.hs_code.replace(".", "")[:6]
        filings[hs6] = (_filing(kind, line, hs6, position),)
    return replace(FACTS, types=frozenset({kind.code}), filings=filings)


def destination(kind: CertificateType) -> tuple[str, str]:
    """A member of the type's agreement where a consignee may be, and how its port of discharge is printed."""
    ports = {country: name for name, country in reversed([*code_lists().ports.items()])}
    allowed = [one for one in kind.members if one in kind.consignees or set(kind.consignees) <= {"*"}]
    with_port = [one for one in allowed if one in ports and one not in kind.landlocked]
    country = (with_port or allowed or ["DE"])[0]
    printed = code_lists().countries[country]
    if country in kind.landlocked:
        return country, f"{printed} VIA HAMBURG"
    town = ports.get(country)
    return country, f"{town}, {printed}" if town and town != printed else printed


def criterion(kind: CertificateType) -> Criterion | None:
    """The criterion that the clean goods have: not wholly obtained, for they are machines; None when the type has none."""
    known = [one for one in kind.criteria if one.verified] or list(kind.criteria)
    ranked = [one for code in _PLAIN_FIRST for one in known if one.code == code]
    return next(iter([*ranked, *known]), None)


def line_of(kind: CertificateType, line: GoodsLine, position: int, value: str) -> GoodsLine:
    """A line of a general certificate as this type wants it; value: in the invoices' currency, where the type asks for one."""
    hs6 = line.hs_code.replace(".", "")[:6]
    description = f"{line.description}, HS {hs6[:4]}.{hs6[4:]}" if kind.hs_in_description else line.description
    chosen = criterion(kind)
    percent = _percent(chosen) if chosen and chosen.percent == "required" else ""
    # a change of classification needs no value beside it
    basis = next(iter(sorted(chosen.basis, key=lambda one: one == "RVC")), "") if chosen else ""
    valued = kind.value == "required" or (kind.value == "with-percent" and bool(percent or basis == "RVC"))
    return replace(
        line, description=description, hs_code=hs6, item_no=str(position), criterion=chosen.code if chosen else "",
        origin_country="CN", value_content=percent, psr_basis=basis, fob_value=value if valued else "",
    )


def _percent(chosen: Criterion) -> str:
    """A percentage well within the limits of the criterion."""
    if chosen.minimum is not None:
        return str(int(chosen.minimum) + 12)
    return str(int(chosen.maximum) - 12) if chosen.maximum is not None else "60"


def _producer(kind: CertificateType) -> str:
    if not kind.producer and not _shows(kind, "producer"):
        return ""
    return (kind.producer.same if kind.producer else "SAME") or "HEBEI LINGTONG PUMP WORKS"


def _shows(kind: CertificateType, field: str) -> bool:
    """Whether the form has a box for the field; a type without boxes is taken to have it."""
    return not kind.boxes or kind.box_number(field) is not None


def _filing(kind: CertificateType, line: GoodsLine, hs6: str, position: int) -> GoodsFiling:
    return GoodsFiling(
        id=UUID(int=position), number=f"GF{position:06d}", enterprise=RECORD.no, certificate_type=kind.code, hs_code=hs6,
        state="APPROVED", name_zh="备案商品", name_en=line.description, hs_edition=kind.hs_edition,
        criterion=line.criterion, value_content=decimal_of(line.value_content), psr_basis=line.psr_basis,
        producer=RECORD.name_en,
    )
