"""Applications for every certificate type that has a form: with little, and with everything that the type knows."""

from dataclasses import replace
from datetime import date
from functools import cache

from printing_samples import BRANCH

from domain.application import Amendment, Application, GoodsLine, Invoice, Party, Transport
from print_worker.sheet import Sheet
from schemas.certificate_types import CertificateType, Criterion, all_types, certificate_type

CODES = tuple(kind.code for kind in all_types() if kind.enabled and kind.form)
TRADE = tuple(code for code in CODES if certificate_type(code).preferential)
# country -> a buyer's address and the port of discharge
BUYERS = {
    "NZ": ("12 QUAY STREET, AUCKLAND 1010", "AUCKLAND, NEW ZEALAND"), "AU": ("40 PITT STREET, SYDNEY", "SYDNEY, AUSTRALIA"),
    "DE": ("SPEICHERSTADT 14, 20457 HAMBURG", "HAMBURG, GERMANY"),
}  # fmt: skip


def little(code: str) -> Sheet:
    """One goods line, one invoice, and only what the form cannot do without."""
    return _sheet(_application(code, 1))


def full(code: str, count: int = 3, **changes: object) -> Sheet:
    """Every field of the application filled, all flags set; departed ten weeks before."""
    application = replace(
        _application(code, count),
        producer=Party("SHAOXING BAIHE WEAVING MILL", "NO. 6 KEQIAO AVENUE, SHAOXING", "CN"),
        form_remarks="CUSTOMER ORDER NO. PO-77120", goods_note="L/C NO. LC2026-11-0042",
        retrospective=True, non_party_invoice=True, exhibition=True, movement_certificate=True, back_to_back=True,
        operator=Party("PACIFIC BRIDGE TRADING PTE. LTD.", "9 RAFFLES PLACE", "SG"),
    )  # fmt: skip
    return _sheet(replace(application, **changes))


def replacing(code: str, how: str) -> Sheet:
    """A certificate that stands for an earlier one: AMEND, REISSUE or AMEND_REISSUE."""
    amendment = Amendment(how, f"26{certificate_type(code).letter}3302A4419/00007", "2026-10-05", "1", "DAMAGED IN THE POST")
    return _sheet(replace(_application(code, 1), amendment=amendment))


def _sheet(application: Application) -> Sheet:
    letter = certificate_type(application.certificate_type).letter
    return Sheet(application, f"26{letter}3302A4419/00123", 1, date(2026, 11, 22), BRANCH)


@cache
def _application(code: str, count: int) -> Application:
    kind = certificate_type(code)
    country = (kind.members or ("DE",))[0]
    address, port = BUYERS.get(country, ("1 HARBOUR ROAD", f"PORT OF {country}"))
    return Application(
        message_id="m-1", certificate_type=code,
        exporter=Party("NINGBO HAIYUE TEXTILES CO., LTD.", "NO. 88 ZHONGSHAN EAST ROAD, YINZHOU, NINGBO", "CN"),
        consignee=Party("KOWHAI HOME LIMITED", address, country),
        transport=Transport("NINGBO, CHINA", port, "", "SEA", "MSC ELODIE FY643A", "2026-09-10"), destination=country,
        marks="KOWHAI\nPO-77120\nC/NO. 1-600\nMADE IN CHINA", goods=goods_of(kind, count),
        goods_total="TOTAL: SIX HUNDRED (600) CARTONS ONLY", invoices=(Invoice("HY20261101", "2026-11-12", "48000.00", "USD"),),
        application_place="NINGBO, CHINA", application_date="2026-11-20",
    )  # fmt: skip


def goods_of(kind: CertificateType, count: int) -> tuple[GoodsLine, ...]:
    """So many goods lines, each with words and figures of its own, in turn under every criterion of the type."""
    return tuple(
        GoodsLine(
            f"TWO HUNDRED (200) CARTONS OF COTTON BED LINEN, STYLE B{at:03d}X", "6302.31", f"{2400 + at}", "SET",
            gross_weight=f"{1250 + at}.5", net_weight=f"{1100 + at}", origin_country="CN", fob_value=f"{15000 + at}.00",
            **_origin(kind.criteria[at % len(kind.criteria)] if kind.criteria else None),
        )
        for at in range(count)
    )  # fmt: skip


def _origin(criterion: Criterion | None) -> dict[str, str]:
    if criterion is None:
        return {}
    return {"criterion": criterion.code, "value_content": "47.5" if criterion.percent else ""}
