"""Criteria, filings, endorsements, amendments and pictures: what to change so that exactly one rule fires.

The general certificate is here as well, for the rules that are asked of every type.
"""

import base64
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from clean_types import FACTS_OF, clean
from preferential_goods_cases import MANUAL, REJECT, WARN, Change, TypeCase, described, filed
from rule_cases import CLEAN, FACTS, RECORD, both, invoice, line, put

from domain.application import Amendment, Application, Picture
from domain.certificate import Certificate, Original
from validators.facts import Facts

NUMBER = "26C1100A0017/00042"
VALUES = ("30000.00", "8760.00")
AnyFacts = Callable[[Facts], Facts]
# filings that say nothing of criterion, value and producer: F18, F20 and F21 have nothing to compare
PLAIN = filed(criterion="", psr_basis="", value_content=None)


def base(code: str) -> tuple[Application, Facts]:
    """The clean application of a type, the general certificate included, and its facts."""
    return (CLEAN, FACTS) if code == "CO" else (clean(code), FACTS_OF(code))


def each(**fields: Any) -> Change:
    """Replace fields of every goods line."""
    return lambda application: replace(application, goods=tuple(replace(one, **fields) for one in application.goods))


def valued(criterion: str, percent: str = "", **fields: Any) -> Change:
    """Every line with this criterion and percentage, and its FOB value."""

    def change(application: Application) -> Application:
        pairs = zip(application.goods, VALUES, strict=True)
        return replace(application, goods=tuple(
            replace(one, criterion=criterion, value_content=percent, fob_value=value, **fields) for one, value in pairs))

    return change


def left(day: str, **transport: Any) -> Change:
    """The goods left on this day; the invoice is not later."""
    dated = invoice(date=min(day, "2026-11-12")) if day else put()
    return both(put(transport={"departure_date": day, **transport}), dated)


def amend(kind: str = "AMEND", **fields: Any) -> Change:
    """An amendment of the certificate that `original` makes."""
    stated = {"original_no": NUMBER, "original_date": "2026-11-16", "revision": "1", "reason": "WRONG VESSEL", **fields}
    return put(amendment=Amendment(kind=kind, **stated))


def original(code: str, before: Change | None = None, issued: date | None = date(2026, 11, 16), **row: Any) -> AnyFacts:
    """The certificate that is amended: like the clean one, but for `before` and the fields of its row."""
    application = (before or put())(base(code)[0])
    certificate = Certificate(
        id=UUID(int=7), enterprise=RECORD.no, branch="1100B0", type=code, invoice=application.invoice_key, message=UUID(int=8),
        state="ISSUED", number=NUMBER)
    known = Original(replace(certificate, **row), issued, application)
    return lambda facts: replace(facts, original=known)


def mapped(change: Callable[[Any], Any]) -> AnyFacts:
    """Change the filings of the facts, each tuple of them."""
    return lambda facts: replace(facts, filings={code: change(filings) for code, filings in facts.filings.items()})


def pictures(*contents: bytes | str, title: str = "MARK", marks: str = "SEE ATTACHMENT") -> Change:
    """Marks as these pictures; bytes are sent in base64."""
    texts = [one if isinstance(one, str) else base64.b64encode(one).decode() for one in contents]
    return put(marks=marks, pictures=tuple(Picture(title, text) for text in texts))


def png(width: int = 40, height: int = 30, frames: int = 1) -> bytes:
    """A grey PNG; more than one frame makes it an animated one."""
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    animation = chunk(b"acTL", struct.pack(">II", frames, 0)) if frames > 1 else b""
    image = chunk(b"IDAT", zlib.compress(bytes((width + 1) * min(height, 50))))
    return b"\x89PNG\r\n\x1a\n" + head + animation + image + chunk(b"IEND", b"")


def gif(frames: int = 1, width: int = 40) -> bytes:
    """A GIF of this many frames with an extension before each."""
    image = b"!\xf9\x04\x00\x0a\x00\x00\x00" + b"," + struct.pack("<HHHHB", 0, 0, width, 30, 0) + b"\x02\x02\x4c\x01\x00"
    return b"GIF89a" + struct.pack("<HHBBB", width, 30, 0x80, 0, 0) + bytes(6) + image * frames + b";"


def jpg(width: int = 40, height: int = 30) -> bytes:
    """The head of a JPEG: an application segment, and the start of a progressive frame."""
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    start = b"\xff\xff\xc2" + struct.pack(">H", len(frame) + 2)
    return b"\xff\xd8\xff\xe0\x00\x10" + b"JFIF\x00" + bytes(9) + start + frame + b"\xff\xd9"


REISSUED = (("A27", "Amendment/Kind"),)
_LINE = "Goods/Line[1]"
_NO, _DATE, _CONTENT = "Amendment/OriginalNo", "Amendment/OriginalDate", "Pictures/Picture[1]/Content"
_DEPARTURE, _INVOICE = "Transport/DepartureDate", "Invoices/Invoice[1]"
_LATE = put(retrospective=True)
_NON_PARTY = (("G14", "NonPartyInvoice"),)
_TOTAL = "TOTAL: ONE HUNDRED (100) CARTONS ONLY. FOB VALUE: USD 38,760.00"
_DATED = "DATED NOV. 16, 2026 WHICH IS CANCELLED"
_WRAPPED = "\n".join(base64.b64encode(png()).decode()[at:at + 60] for at in range(0, 200, 60))
_OPERATOR = {"name": "HAPPY LTD.", "country": "HK"}

FIRING = (
    TypeCase("A20", "CO", amend(), "CertificateType", REJECT, None, original("CO", type="RCEP")),
    TypeCase("A20", "KR", amend(), "Applicant/RegistrationNo", REJECT, None, original("KR", enterprise="1100A0025")),
    TypeCase("A20", "CO", amend(), f"{_INVOICE}/Number", REJECT, "10", original("CO", invoice="HL-1")),
    TypeCase("A21", "CO", amend(reason=""), "Amendment/Reason", REJECT, None, original("CO")),
    TypeCase("A21", "RCEP", amend(reason=" - "), "Amendment/Reason", REJECT, None, original("RCEP")),
    TypeCase("A22", "CO", amend(), f"{_LINE}/HSCode", MANUAL, "8", original("CO", line(hs_code="84137010"))),
    TypeCase(
        "A22", "CO", amend(), f"{_LINE}/Description", MANUAL, "7", original("CO", line(description="TEN (10) CASES OF PUMPS")),
    ),
    TypeCase("A22", "RCEP", amend(), "Goods/Line[2]/Criterion", MANUAL, "10", original("RCEP", line(2, criterion="CTC"))),
    TypeCase("A22", "KR", amend(), "Producer/Name", MANUAL, "2", original("KR", put(producer={"name": "QINGHE LTD."}))),
    TypeCase(
        "A22", "CO", amend(), "Goods/Line", MANUAL, "7",
        original("CO", lambda one: replace(one, goods=one.goods[:1])),
    ),
    TypeCase("A22", "CO", amend(), _NO, MANUAL, None, lambda facts: (
        replace(facts, original=replace(original("CO")(facts).original, application=None)))),
    TypeCase("A25", "CO", amend(), "ApplicationDate", REJECT, "11", original("CO", put(application_date="2026-11-13"))),
    TypeCase("A25", "CO", amend(), _DATE, REJECT, None, original("CO", issued=date(2026, 11, 17))),
    TypeCase("A25", "CO", amend(original_date=""), _DATE, REJECT, None, original("CO")),
    TypeCase("A26", "CO", amend("REISSUE", original_date=""), _DATE, REJECT, None, original("CO"), REISSUED),
    TypeCase("A26", "CO", amend("REISSUE"), _DATE, REJECT, None, original("CO", issued=date(2026, 11, 17)), REISSUED),
    TypeCase("A26", "CO", amend("AMEND_REISSUE", original_no=""), _NO, REJECT, None, original("CO"), REISSUED),
    TypeCase(
        "A26", "CO", both(amend("REISSUE"), put(endorsement="IN REPLACEMENT OF CERTIFICATE OF ORIGIN NO. 4711")), "Endorsement",
        REJECT, "5", original("CO"), REISSUED,
    ),
    TypeCase(
        "A26", "IS", both(amend("REISSUE"), put(endorsement="CERTIFIED TRUE COPY")), "Endorsement", MANUAL, "4",
        original("IS"), REISSUED,
    ),
    TypeCase(
        "A26", "CO", both(amend("REISSUE"), put(endorsement=f"IN REPLACEMENT OF CERTIFICATE OF ORIGIN NO. {NUMBER}")),
        "Endorsement", REJECT, "5", original("CO"), REISSUED,
    ),
    TypeCase(
        "A26", "CO", both(amend("REISSUE"), put(endorsement=f"IN REPLACEMENT OF CERTIFICATE OF ORIGIN NO. 26C1 {_DATED}")),
        "Endorsement", REJECT, "5", original("CO"), REISSUED,
    ),
    TypeCase("A27", "CO", amend("REISSUE"), "Amendment/Kind", MANUAL, None, original("CO")),
    TypeCase("A27", "RCEP", amend("AMEND_REISSUE"), "Amendment/Kind", MANUAL, None, original("RCEP")),
    TypeCase("A28", "RCEP", put(applicant={"customs_code": ""}), "Applicant/CustomsCode", REJECT, None),
    TypeCase("A30", "CO", put(linked_document="HL2026-1186"), "LinkedDocument", MANUAL, None),
    TypeCase("A32", "CO", amend("CHANGE"), "Amendment/Kind", REJECT, None, original("CO")),
    TypeCase("B04", "SG", line(fob_value="USD 5"), f"{_LINE}/FOBValue", REJECT, "9"),
    TypeCase("B05", "SG", line(fob_value="0.00"), f"{_LINE}/FOBValue", REJECT, "9"),
    TypeCase("B10", "CO", pictures(b"BM" + bytes(60)), _CONTENT, REJECT, "6"),
    TypeCase("B10", "CO", pictures("no base64 *"), _CONTENT, REJECT, "6"),
    TypeCase("B10", "CO", pictures(png()[:20]), _CONTENT, REJECT, "6"),
    TypeCase("B10", "CO", pictures(jpg()[:22]), _CONTENT, REJECT, "6"),
    TypeCase("B10", "CO", pictures(gif()[:-1]), _CONTENT, REJECT, "6"),
    TypeCase("B10", "CO", pictures(gif(frames=2)), _CONTENT, REJECT, "6"),
    TypeCase("B10", "CO", pictures(png(frames=3)), _CONTENT, REJECT, "6"),
    TypeCase("B10", "CO", pictures(png(width=0)), _CONTENT, REJECT, "6"),
    TypeCase("B10", "KR", pictures(jpg(), "", marks="I/S\nSEE ATTACHMENT"), "Pictures/Picture[2]/Content", REJECT, "7"),
    TypeCase("B11", "CO", pictures(png() + bytes(409_600)), _CONTENT, REJECT, "6"),
    TypeCase("B11", "CO", pictures("A" * 1_000_000), _CONTENT, REJECT, "6"),
    TypeCase("B11", "CO", pictures(png(4001, 4000)), _CONTENT, REJECT, "6"),
    TypeCase("B11", "CO", pictures(jpg(60_000, 60_000)), _CONTENT, REJECT, "6"),
    TypeCase("B12", "CO", pictures(png(), marks="N/M"), "Marks", REJECT, "6"),
    TypeCase("B15", "CO", pictures(*[png(at, 9) for at in range(1, 7)]), "Pictures/Picture[6]", REJECT, "6"),
    TypeCase("B15", "CO", pictures(png(), title=""), "Pictures/Picture[1]/Title", REJECT, "6"),
    TypeCase("F01", "RCEP", line(criterion=""), f"{_LINE}/Criterion", REJECT, "10"),
    TypeCase("F02", "FORME2", line(criterion="WP"), f"{_LINE}/Criterion", REJECT, "8", PLAIN),
    TypeCase("F02", "FORME2", line(criterion="PE 45%"), f"{_LINE}/Criterion", REJECT, "8", PLAIN),
    TypeCase("F02", "FORME2", line(criterion="52% 53%", value_content="52", fob_value="30000.00"), f"{_LINE}/Criterion",
             REJECT, "8", PLAIN),
    TypeCase("F02", "RCEP", line(criterion="WP"), f"{_LINE}/Criterion", REJECT, "10", PLAIN),
    TypeCase("F02", "RCEP", line(criterion="CTC RVC"), f"{_LINE}/Criterion", REJECT, "10", PLAIN),
    TypeCase("F02", "IS", line(criterion="WP RVC"), f"{_LINE}/Criterion", REJECT, "9", PLAIN),
    TypeCase("F02", "IS", line(criterion="45%"), f"{_LINE}/Criterion", REJECT, "9", PLAIN),
    TypeCase("F02", "CH", line(criterion="PE"), f"{_LINE}/Criterion", MANUAL, "9", PLAIN),
    TypeCase("F04", "RCEP", valued("RVC", "39.9"), f"{_LINE}/ValueContent", REJECT, "10", PLAIN,
             (("F04", "Goods/Line[2]/ValueContent"),)),
    TypeCase("F04", "FORME2", both(valued("RVC", "52"), line(value_content="")), f"{_LINE}/ValueContent", REJECT, "8", PLAIN),
    TypeCase("F04", "FORME2", both(valued("RVC", "52"), line(value_content="45%")), f"{_LINE}/ValueContent", REJECT, "8", PLAIN),
    TypeCase("F04", "FORME2", both(valued("RVC", "52"), line(criterion="45%")), f"{_LINE}/ValueContent", REJECT, "8", PLAIN),
    TypeCase("F04", "FORME2", both(valued("RVC", "52"), line(value_content="101")), f"{_LINE}/ValueContent", REJECT, "8", PLAIN),
    TypeCase("F04", "PK", line(criterion="30%", value_content=""), f"{_LINE}/ValueContent", MANUAL, "8", PLAIN),
    TypeCase("F05", "SG", line(criterion="RVC", value_content="38"), f"{_LINE}/ValueContent", MANUAL, "8", PLAIN),
    TypeCase("F06", "APTA", line(criterion="B", value_content="56"), f"{_LINE}/ValueContent", REJECT, "8", PLAIN),
    TypeCase("F06", "APTA", line(criterion="B", value_content=""), f"{_LINE}/ValueContent", REJECT, "8", PLAIN),
    TypeCase("F07", "APTA", line(criterion="C 59%", value_content=""), f"{_LINE}/ValueContent", REJECT, "8", PLAIN),
    TypeCase("F08", "RCEP", line(criterion="ACU"), f"{_LINE}/Criterion", REJECT, "10", PLAIN),
    TypeCase("F08", "RCEP", line(criterion="ACU 45%"), f"{_LINE}/Criterion", REJECT, "10", PLAIN),
    TypeCase("F08", "RCEP", line(criterion="DMI CTC"), f"{_LINE}/Criterion", REJECT, "10", PLAIN),
    TypeCase("F09", "RCEP", line(origin_country=""), f"{_LINE}/OriginCountry", REJECT, "11"),
    TypeCase("F09", "RCEP", line(origin_country="US"), f"{_LINE}/OriginCountry", REJECT, "11",
             beside=(("E25", f"{_LINE}/OriginCountry"),)),
    TypeCase("F10", "FORME2", line(criterion="PSR", psr_basis=""), f"{_LINE}/PSRBasis", REJECT, "8", PLAIN),
    TypeCase("F10", "FORME2", line(criterion="PSR", psr_basis="OTHER"), f"{_LINE}/PSRBasis", REJECT, "8", PLAIN),
    TypeCase("F11", "RCEP", both(valued("RVC", "52"), line(fob_value="")), f"{_LINE}/FOBValue", REJECT, "12", PLAIN),
    TypeCase("F11", "FORME2", line(criterion="PSR", psr_basis="RVC"), f"{_LINE}/FOBValue", REJECT, "9", PLAIN),
    TypeCase("F12", "FORME2", line(criterion="CTH", fob_value="30000.00"), f"{_LINE}/FOBValue", REJECT, "9", PLAIN),
    TypeCase("F12", "RCEP", line(criterion="CTC", fob_value="30000.00"), f"{_LINE}/FOBValue", REJECT, "12", PLAIN),
    TypeCase("F12", "RCEP", put(goods_total=_TOTAL), "Goods/Total", REJECT, "8"),
    TypeCase("F13", "SG", line(fob_value=""), f"{_LINE}/FOBValue", REJECT, "9"),
    TypeCase("F13", "PK", line(2, fob_value=""), "Goods/Line[2]/FOBValue", REJECT, "9"),
    TypeCase("F14", "NZ", invoice(amount="", currency=""), f"{_INVOICE}/Amount", REJECT, "13"),
    TypeCase("F14", "PE", invoice(amount="", currency=""), f"{_INVOICE}/Amount", REJECT, "12"),
    TypeCase("F15", "CL", put(goods_total=_TOTAL), "Goods/Total", REJECT, "8"),
    TypeCase("F16", "FORME2", line(criterion="WO"), f"{_LINE}/Criterion", MANUAL, "8", PLAIN),
    TypeCase("F16", "RCEP", line(2, criterion="WO"), "Goods/Line[2]/Criterion", MANUAL, "10", PLAIN),
    TypeCase("F16", "RCEP", line(hs_code="281122", criterion="WO"), f"{_LINE}/Criterion", MANUAL, "10", PLAIN,
             (("E21", f"{_LINE}/Description"), ("F17", f"{_LINE}/HSCode"))),
    TypeCase("F17", "RCEP", put(), f"{_LINE}/HSCode", REJECT, "9", lambda facts: replace(
        facts, filings={code: found for code, found in facts.filings.items() if code != "841370"})),
    TypeCase("F17", "RCEP", line(filing_no="GF000009"), f"{_LINE}/FilingNo", REJECT, "9"),
    TypeCase("F17", "KR", put(), f"{_LINE}/HSCode", REJECT, "9", filed(state="PENDING_REVIEW"), (("F17", "Goods/Line[2]/HSCode"),)),
    TypeCase("F17", "KR", put(), f"{_LINE}/HSCode", REJECT, "9", filed(state="RETURNED"), (("F17", "Goods/Line[2]/HSCode"),)),
    TypeCase("F17", "RCEP", line(filing_no="GF000001"), f"{_LINE}/HSCode", REJECT, "9", filed(state="PENDING_REVIEW"),
             (("F17", "Goods/Line[2]/HSCode"),)),
    TypeCase("F17", "APTA", line(hs_code="8414"), f"{_LINE}/HSCode", REJECT, "5", beside=(("E17", f"{_LINE}/HSCode"),)),
    TypeCase("F18", "RCEP", line(criterion="CTC"), f"{_LINE}/Criterion", REJECT, "10"),
    TypeCase("F18", "FORME2", each(criterion="PSR", psr_basis="CTC"), f"{_LINE}/Criterion", REJECT, "8",
             filed(criterion="PSR", psr_basis="PROCESS"), (("F18", "Goods/Line[2]/Criterion"),)),
    TypeCase("F19", "RCEP", put(), f"{_LINE}/HSCode", REJECT, "9", filed(valid_to=date(2026, 11, 15)),
             (("F19", "Goods/Line[2]/HSCode"),)),
    TypeCase("F19", "RCEP", put(), f"{_LINE}/HSCode", REJECT, "9", filed(state="WITHDRAWN"), (("F19", "Goods/Line[2]/HSCode"),)),
    TypeCase("F19", "RCEP", put(), f"{_LINE}/HSCode", REJECT, "9", filed(state="EXPIRED", valid_to=date(2026, 10, 31)),
             (("F19", "Goods/Line[2]/HSCode"),)),
    TypeCase("F19", "KR", put(), f"{_LINE}/HSCode", REJECT, "9", filed(state="EXPIRED"), (("F19", "Goods/Line[2]/HSCode"),)),
    TypeCase("F19", "KR", put(), f"{_LINE}/HSCode", REJECT, "9", filed(state="WITHDRAWN", valid_to=date(2027, 1, 1)),
             (("F19", "Goods/Line[2]/HSCode"),)),
    TypeCase("F20", "RCEP", line(producer="HEBEI LINGTONG PUMP WORKS"), f"{_LINE}/Producer", MANUAL, "3", lambda facts: facts),
    TypeCase("F20", "KR", put(producer={"name": "HEBEI LINGTONG PUMP WORKS"}), "Producer/Name", MANUAL, "2", lambda facts: facts),
    TypeCase("F21", "FORME2", both(valued("RVC", "52"), line(value_content="43")), f"{_LINE}/ValueContent", MANUAL, "8", PLAIN),
    TypeCase("F21", "APTA", line(value_content="53"), f"{_LINE}/ValueContent", MANUAL, "8"),
    TypeCase("F21", "RCEP", both(valued("RVC", "48"), line(value_content="60")), f"{_LINE}/ValueContent", MANUAL, "10",
             filed(criterion="RVC", value_content=48)),
    TypeCase("F21", "FORME2", both(valued("RVC", "43"), line(2, value_content="52")), f"{_LINE}/ValueContent", MANUAL, "8",
             filed(criterion="RVC", value_content=39), (("F21", "Goods/Line[2]/ValueContent"),)),
    TypeCase("G05", "CO", both(amend("REISSUE"), put(application_date="2026-11-02"), invoice(date="2026-11-02")), "ApplicationDate",
             MANUAL, "11", original("CO"), REISSUED),
    TypeCase("G07", "CH", left("2026-11-15"), _DEPARTURE, REJECT, "3"),
    TypeCase("G07", "AU", left("2026-11-15"), _DEPARTURE, MANUAL, "4"),
    TypeCase("G07", "CH", both(left("2026-11-17"), put(application_date="2026-11-18")), _DEPARTURE, REJECT, "3"),
    TypeCase("G07", "FORME2", left("2026-11-13"), _DEPARTURE, REJECT, "3"),
    TypeCase("G07", "KR", left("2026-11-05"), _DEPARTURE, REJECT, "4"),
    TypeCase("G07", "PK", left("2026-11-01"), _DEPARTURE, REJECT, "4"),
    TypeCase("G07", "RCEP", left("2026-11-15"), _DEPARTURE, MANUAL, "4"),
    TypeCase("G08", "CH", _LATE, "Retrospective", REJECT, "4"),
    TypeCase("G08", "CH", both(_LATE, left("2026-11-17")), "Retrospective", REJECT, "4"),
    TypeCase("G08", "FORME2", both(_LATE, left("2026-11-15")), "Retrospective", MANUAL, "13"),
    TypeCase("G08", "CH", both(_LATE, left("")), "Retrospective", MANUAL, "4", beside=(("D11", _DEPARTURE),)),
    TypeCase("G08", "KR", put(form_remarks="ISSUED RETROACTIVELY"), "FormRemarks", REJECT, "5"),
    TypeCase("G08", "APTA", both(_LATE, left("2026-11-16")), "Retrospective", REJECT, "4"),
    TypeCase("G09", "IS", both(_LATE, left("2025-11-15")), "ApplicationDate", REJECT, "13", beside=(("G06", f"{_INVOICE}/Date"),)),
    TypeCase("G09", "IS", both(_LATE, left("2023-06-15"), put(application_date="2024-06-16")), "ApplicationDate", REJECT, "13",
             lambda facts: replace(facts, today=date(2024, 6, 16)), (("G06", f"{_INVOICE}/Date"),)),
    TypeCase("G09", "RCEP", left("2025-11-15"), "ApplicationDate", MANUAL, "15", beside=(("G06", f"{_INVOICE}/Date"),)),
    TypeCase("G10", "APTA", left("2026-11-11"), _DEPARTURE, REJECT, "4"),
    TypeCase("G11", "NZ", left("2022-04-06"), _DEPARTURE, REJECT, "4", beside=(("G06", f"{_INVOICE}/Date"),)),
    TypeCase("G12", "CO", put(retrospective=True), "Retrospective", MANUAL, None),
    TypeCase("G12", "CO", put(endorsement="ISSUED RETROSPECTIVELY"), "Endorsement", MANUAL, None),
    TypeCase("G12", "CO", put(goods_note="ISSUED RETROSPECTIVELY"), "Goods/Note", MANUAL, "7"),
    TypeCase("G12", "CO", put(back_to_back=True), "BackToBack", REJECT, None),
    TypeCase("G12", "RCEP", put(back_to_back=True), "BackToBack", MANUAL, "17"),
    TypeCase("G12", "FORME2", put(exhibition=True), "Exhibition", MANUAL, "13"),
    TypeCase("G12", "FORME2", put(movement_certificate=True), "MovementCertificate", MANUAL, "13"),
    TypeCase("G12", "NZ", put(exhibition=True), "Exhibition", MANUAL, None),
    TypeCase("G12", "NZ", put(goods_note="ISSUED RETROSPECTIVELY"), "Goods/Note", MANUAL, "9"),
    TypeCase("G12", "CH", both(_LATE, left("2026-11-15"), put(endorsement="ISSUED RETROACTIVELY")), "Endorsement", REJECT, "4"),
    TypeCase("G12", "KR", both(left("2026-11-05"), put(endorsement="ISSUED RETROACTIVELY")), "Endorsement", REJECT, "5"),
    TypeCase("G12", "AU", both(_LATE, left("2026-11-15"), put(endorsement="LATE, RETROACTIVE")), "Endorsement", MANUAL, None),
    TypeCase("G12", "PE", both(_LATE, left("2026-11-15"), put(form_remarks="ISSUED RETROSPECTIVELY")), "FormRemarks", REJECT, "5"),
    TypeCase("G12", "RCEP", put(endorsement="URGENT"), "Endorsement", MANUAL, None),
    TypeCase("G12", "CO", both(amend("REISSUE"), put(endorsement=f"DUPLICATE OF {NUMBER} OF NOV. 16, 2026")), "Endorsement",
             REJECT, "5", original("CO"), REISSUED),
    TypeCase("G13", "KR", put(non_party_invoice=True, operator={"name": "HAPPY LTD."}), "Operator/Country", REJECT, "5",
             beside=_NON_PARTY),
    TypeCase("G13", "FORME2", put(non_party_invoice=True, operator={"country": "HK"}), "Operator/Name", REJECT, "7",
             beside=_NON_PARTY),
    TypeCase("G13", "CH", put(non_party_invoice=True, operator={"country": "HK"}), "Operator/Name", MANUAL, "4", beside=_NON_PARTY),
    TypeCase(
        "G13", "PE", put(non_party_invoice=True, operator=_OPERATOR, producer={"name": "HEBEI LINGTONG PUMP WORKS"}),
        "Producer/Address", REJECT, "5", beside=_NON_PARTY,
    ),
    TypeCase("G13", "PE", put(non_party_invoice=True, operator=_OPERATOR, producer={"name": ""}), "Producer/Name", REJECT, "5",
             beside=(*_NON_PARTY, ("C12", "Producer/Name"))),
    TypeCase("G14", "CO", put(non_party_invoice=True), "NonPartyInvoice", MANUAL, "10"),
    TypeCase("G14", "RCEP", put(non_party_invoice=True, operator=_OPERATOR), "NonPartyInvoice", MANUAL, "13"),
    TypeCase("G15", "KR", invoice(issuer_country="HK"), f"{_INVOICE}/IssuerCountry", MANUAL, "12"),
    TypeCase("G17", "NZ", put(official_use="ISSUED LATE"), "OfficialUse", REJECT, "5"),
    TypeCase("G20", "CH", both(_LATE, left("2026-11-15"), put(export_declaration="")), "ExportDeclaration", REJECT, None),
    TypeCase("G20", "CO", both(amend("REISSUE"), put(export_declaration="")), "ExportDeclaration", REJECT, None, original("CO"),
             REISSUED),
    TypeCase("G22", "SG", line(fob_value="29000.00"), f"{_LINE}/FOBValue", WARN, "9"),
)

# what stands close to a fault and is none
PASSING = (
    TypeCase("A20", "CO", amend(), "", REJECT, None, original("CO")),
    TypeCase("A21", "CO", put(), "", REJECT, None),
    TypeCase("A22", "CO", amend(), "", MANUAL, None, original("CO", put(consignee={"address": "HAMBURG, GERMANY"}))),
    TypeCase("A22", "CO", amend(), "", MANUAL, None, original("CO", line(hs_code="8413.70.99"))),
    TypeCase("A25", "CO", amend("REISSUE"), "", REJECT, None, original("CO", put(application_date="2026-11-13"))),
    TypeCase("A26", "CO", both(amend("REISSUE"), put(
        endorsement=f"IN REPLACEMENT OF CERTIFICATE OF ORIGIN NO. {NUMBER} {_DATED}")), "", REJECT, None,
        original("CO")),
    TypeCase("A26", "CO", amend(), "", REJECT, None, original("CO")),
    TypeCase("A27", "CO", amend(), "", MANUAL, None, original("CO")),
    TypeCase("A28", "CO", put(applicant={"customs_code": ""}), "", REJECT, None),
    TypeCase("A30", "CO", put(remarks="SEE DOCUMENT HL2026-1186"), "", MANUAL, None),
    TypeCase("A32", "CO", amend("AMEND_REISSUE"), "", REJECT, None, original("CO")),
    TypeCase("B10", "CO", pictures(png(), gif(), jpg()), "", REJECT, None),
    TypeCase("B10", "CO", pictures(_WRAPPED), "", REJECT, None),
    TypeCase("B11", "CO", pictures(jpg() + bytes(409_600 - len(jpg()))), "", REJECT, None),
    TypeCase("B11", "CO", pictures(png(4000, 4000)), "", REJECT, None),
    TypeCase("B12", "CO", pictures(png(), marks="NORDWASSER\nSEE ATTACHMENT"), "", REJECT, None),
    TypeCase("B15", "CO", pictures(*[png(at, 9) for at in range(1, 6)]), "", REJECT, None),
    TypeCase("F01", "CO", put(), "", REJECT, None),
    TypeCase("F02", "RCEP", line(criterion="ctc acu dmi"), "", REJECT, None, PLAIN),
    TypeCase("F02", "RCEP", line(criterion="CTC,DMI"), "", REJECT, None, PLAIN),
    TypeCase("F02", "RCEP", line(criterion="CTC (ACU)"), "", REJECT, None, PLAIN),
    TypeCase("F02", "FORME2", both(valued("RVC", "52"), line(criterion="RVC52%")), "", REJECT, None, PLAIN),
    TypeCase("F02", "APTA", line(criterion="B43.5%", value_content="43.5"), "", REJECT, None, PLAIN),
    TypeCase("F02", "PE", line(criterion="PSR (RVC 45.5 %)"), "", REJECT, None, PLAIN),
    TypeCase("E25", "RCEP", line(origin_country="CN**"), "", MANUAL, None),
    TypeCase("F02", "FORME2", both(valued("RVC", "52"), line(criterion='"52 %"')), "", REJECT, None, PLAIN),
    TypeCase("F04", "FORME2", valued("RVC", "40"), "", REJECT, None, PLAIN),
    TypeCase("F04", "FORME2", valued("52%"), "", REJECT, None, PLAIN),
    TypeCase("F04", "RCEP", line(value_content="ABOUT 60"), "", REJECT, None, PLAIN),
    TypeCase("F05", "SG", line(criterion="RVC", value_content="40"), "", MANUAL, None, PLAIN),
    TypeCase("F06", "APTA", line(criterion="B", value_content="55"), "", REJECT, None, PLAIN),
    TypeCase("F07", "APTA", line(criterion="C", value_content="60"), "", REJECT, None, PLAIN),
    TypeCase("F08", "RCEP", line(criterion="CTC DMI"), "", REJECT, None, PLAIN),
    TypeCase("F09", "RCEP", line(origin_country="JP"), "", REJECT, None),
    TypeCase("F09", "RCEP", line(origin_country="CN*"), "", REJECT, None),
    TypeCase("F10", "FORME2", line(criterion="PSR", psr_basis="process"), "", REJECT, None, PLAIN),
    TypeCase("F11", "FORME2", line(criterion="PSR", psr_basis="CTC"), "", REJECT, None, PLAIN),
    TypeCase("F12", "RCEP", valued("RVC", "52"), "", REJECT, None, PLAIN),
    TypeCase("F12", "RCEP", described(
        "ONE HUNDRED (100) CARTONS OF FOB REMOTE CONTROLS"), "", REJECT, None, PLAIN),
    TypeCase("F12", "RCEP", both(valued("RVC", "52"), put(goods_total=_TOTAL)), "", REJECT, None, PLAIN),
    TypeCase("F13", "NZ", line(fob_value=""), "", REJECT, None),
    TypeCase("F14", "SG", invoice(amount="", currency=""), "", REJECT, None),
    TypeCase("F15", "CL", invoice(amount="38760.00", currency="USD"), "", REJECT, None),
    TypeCase("F16", "KR", line(criterion="WO"), "", MANUAL, None, PLAIN),
    TypeCase("F16", "RCEP", line(hs_code="270112", criterion="WO"), "", MANUAL, None, PLAIN),
    TypeCase("F17", "RCEP", line(hs_code=""), "", REJECT, None),
    TypeCase("F17", "RCEP", put(), "", REJECT, None, mapped(
        lambda filings: (replace(filings[0], state="PENDING_REVIEW"), *filings))),
    TypeCase("F18", "RCEP", line(hs_code="", criterion="CTC"), "", REJECT, None),
    TypeCase("F17", "RCEP", line(filing_no="GF000001"), "", REJECT, None),
    TypeCase("F17", "APTA", each(hs_code="8413"), "", REJECT, None),
    TypeCase("F18", "RCEP", put(), "", REJECT, None, mapped(
        lambda filings: (replace(filings[0], number="GF000008", criterion="WO"), *filings))),
    TypeCase("F19", "RCEP", put(), "", REJECT, None, filed(valid_to=date(2026, 11, 16))),
    TypeCase("F19", "RCEP", put(), "", REJECT, None, filed(state="EXPIRED", valid_to=date(2026, 11, 16))),
    TypeCase("F19", "RCEP", put(), "", REJECT, None, mapped(lambda filings: (replace(filings[0], state="WITHDRAWN"), *filings))),
    TypeCase("F20", "RCEP", put(producer={"name": "CONFIDENTIAL"}), "", MANUAL, None, lambda facts: facts),
    TypeCase("F20", "NZ", put(producer={"name": "AVAILABLE TO THE AUTHORISED BODY UPON REQUEST."}), "", MANUAL, None,
             lambda facts: facts),
    TypeCase("F20", "NZ", put(producer={"name": "SAME AS BOX 1"}), "", MANUAL, None, lambda facts: facts),
    TypeCase("F20", "IS", put(producer={"name": "SAME."}), "", MANUAL, None, lambda facts: facts),
    TypeCase("F20", "RCEP", put(), "", MANUAL, None, filed(producer="河北灵通水泵厂")),
    TypeCase("F21", "FORME2", valued("RVC", "44"), "", MANUAL, None, PLAIN),
    TypeCase("F21", "RCEP", valued("RVC", "50"), "", MANUAL, None, filed(criterion="RVC", value_content=48)),
    TypeCase("F21", "RCEP", valued("RVC", "51"), "", MANUAL, None, filed(criterion="RVC", value_content=48)),
    TypeCase("F21", "RCEP", valued("XX", "60"), "", MANUAL, None, filed(criterion="RVC", value_content=48)),
    TypeCase("F21", "RCEP", valued("RVC", "60"), "", MANUAL, None, filed(criterion="CTC", value_content=48)),
    TypeCase("G05", "CO", both(amend(), put(application_date="2026-11-02")), "", MANUAL, None, original("CO")),
    TypeCase("G06", "CO", both(amend(), invoice(date="2025-11-02")), "", WARN, None, original("CO")),
    TypeCase("G07", "CH", both(_LATE, left("2026-11-15")), "", REJECT, None),
    TypeCase("G07", "FORME2", left("2026-11-14"), "", REJECT, None),
    TypeCase("G07", "KR", left("2026-11-06"), "", REJECT, None),
    TypeCase("G07", "PK", left("2026-11-02"), "", REJECT, None),
    TypeCase("G07", "CH", both(amend(), left("2026-11-16")), "", REJECT, None, original("CH")),
    TypeCase("G07", "CH", left("2026-11-17"), "", REJECT, None),
    TypeCase("G07", "CH", both(amend(original_date=""), left("2026-11-10")), "", REJECT, None),
    TypeCase("G07", "CH", both(amend(original_date="2026-11-20"), left("2026-11-16")), "", REJECT, None, original("CH")),
    TypeCase("G08", "PK", both(_LATE, left("2026-11-01")), "", REJECT, None),
    TypeCase("G09", "IS", both(_LATE, left("2025-11-16")), "", REJECT, None),
    TypeCase("G09", "IS", both(_LATE, left("2023-06-15"), put(application_date="2024-06-15")), "", REJECT, None,
             lambda facts: replace(facts, today=date(2024, 6, 15))),
    TypeCase("G09", "IS", both(amend(), left("2025-01-15")), "", REJECT, None, original("IS")),
    TypeCase("G10", "APTA", left("2026-11-12"), "", REJECT, None),
    TypeCase("G10", "CO", left("2026-10-02"), "", REJECT, None),
    TypeCase("G10", "APTA", both(amend(), left("2026-11-02")), "", REJECT, None, original("APTA")),
    TypeCase("G11", "NZ", left("2022-04-07"), "", REJECT, None),
    TypeCase("G11", "NZ", both(amend(), left("2022-04-01")), "", REJECT, None, original("NZ")),
    TypeCase("G11", "NZ", both(_LATE, left("2026-11-10")), "", REJECT, None),
    TypeCase("G12", "CH", both(_LATE, left("2026-11-15"), put(endorsement="ISSUED RETROSPECTIVELY")), "", REJECT, None),
    TypeCase("G12", "CO", put(marks="NORDWASSER RETROFIT\nHAMBURG"), "", REJECT, None),
    TypeCase("G13", "KR", put(non_party_invoice=True, operator=_OPERATOR), "", REJECT, None),
    TypeCase("G13", "PE", put(non_party_invoice=True, operator=_OPERATOR), "", REJECT, None),
    TypeCase("G13", "PE", put(
        non_party_invoice=True, operator=_OPERATOR, producer={"name": "LINGTONG WORKS", "address": "5 RIVER ROAD, BAODING, CHINA"}),
        "", REJECT, None),
    TypeCase("G14", "CO", put(operator=_OPERATOR), "", MANUAL, None),
    TypeCase("G15", "KR", both(put(non_party_invoice=True), invoice(issuer_country="HK")), "", MANUAL, None),
    TypeCase("G15", "KR", invoice(issuer_country="CN"), "", MANUAL, None),
    TypeCase("G17", "NZ", put(form_remarks="L/C NO. 1126LC90047"), "", REJECT, None),
    TypeCase("G20", "CH", put(export_declaration=""), "", REJECT, None),
    TypeCase("G22", "SG", put(), "", WARN, None),
)  # fmt: skip
