"""Parties, routes and goods of preferential types: what to change in a clean application so that exactly one rule fires."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from clean_types import FACTS_OF, clean
from rule_cases import BULK, LINE, RECORD, both, line, put

from domain.application import Amendment, Application, Picture
from domain.finding import Severity
from validators.facts import Facts

Change = Callable[[Application], Application]
REJECT, MANUAL, WARN = Severity.REJECT, Severity.MANUAL, Severity.WARN


def filed(**fields: Any) -> Callable[[Facts], Facts]:
    """The goods are filed with these fields; without a producer, for another one is a finding of its own (F20)."""

    def changed(facts: Facts) -> Facts:
        changes = {"producer": "", **fields}
        return replace(facts, filings={
            code: tuple(replace(one, **changes) for one in filings) for code, filings in facts.filings.items()
        })

    return changed


_FILED = filed()


@dataclass(frozen=True)
class TypeCase:
    """code: the rule; type: of the clean application; change: one fault; path: where it must fire, and how severely.

    box: the number on the type's form; facts: what differs from the type's facts; beside: (rule, path) that the fault cannot be
    had without.
    """

    code: str
    type: str
    change: Change
    path: str
    severity: Severity
    box: str | None
    facts: Callable[[Facts], Facts] = _FILED
    beside: tuple[tuple[str, str], ...] = ()


def many(count: int) -> Change:
    """That many goods lines, all alike."""

    def change(application: Application) -> Application:
        value = "10.00" if application.goods[0].fob_value else ""
        goods = tuple(replace(application.goods[0], item_no=str(at), fob_value=value) for at in range(1, count + 1))
        invoices = (replace(application.invoices[0], amount=f"{count}0.00"),)
        return replace(application, goods=goods, goods_total="", marks="N/M", invoices=invoices)

    return change


def described(text: str, position: int = 1, **fields: Any) -> Change:
    """Another description of a line, with the code where the clean one has it."""

    def change(application: Application) -> Application:
        _, comma, code = application.goods[position - 1].description.partition(", HS ")
        return line(position, description=text + comma + code, **fields)(application)

    return change


_DATES = put(application_date="2021-08-30")
# one pixel
_PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
_DRAWING = (Picture("MARK", _PNG),)
_NAME, _ADDRESS, _TO = "Exporter/Name", "Exporter/Address", "Consignee/Country"
_PRODUCER, _VEHICLE, _PORT = "Producer/Name", "Transport/Vehicle", "Transport/Destination"
_WORDS, _HS = "Goods/Line[1]/Description", "Goods/Line[1]/HSCode"
_SHIPPED = {"departure_date": "2026-11-15"}
_AVAILABLE = "AVAILABLE TO CUSTOMS ON REQUEST"

FIRING = (
    TypeCase("C01", "KR", put(exporter={"country": ""}), "Exporter/Country", REJECT, "1"),
    TypeCase("C03", "NZ", put(exporter={"country": "HK"}), "Exporter/Country", REJECT, "1"),
    TypeCase("C03", "CH", put(exporter={"address": "12 NATHAN ROAD, KOWLOON, HONG KONG"}), _ADDRESS, REJECT, "1"),
    TypeCase("C03", "FORME2", put(exporter={"address": "88 ZHONGXIAO ROAD, TAIPEI, TAIWAN, CHINA"}), _ADDRESS, REJECT, "1"),
    TypeCase("C04", "CH", put(exporter={"name": f"{RECORD.name_en} VIA HAPPY TRADING LTD."}), _NAME, REJECT, "1"),
    TypeCase("C04", "RCEP", put(exporter={"address": "C/O HAPPY LTD., 5 QUEEN ROAD, BEIJING, CHINA"}), _ADDRESS, REJECT, "1"),
    TypeCase("C04", "PE", put(exporter={"name": f"{RECORD.name_en} O/B HAPPY LTD., HONG KONG"}), _NAME, REJECT, "1"),
    TypeCase("C04", "PE", put(exporter={"name": f"{RECORD.name_en} O/B NINGBO HAILI TOOLS CO., LTD."}), _NAME, MANUAL, "1"),
    TypeCase("C06", "FORME2", put(consignee={"country": "HK"}), _TO, REJECT, "2"),
    TypeCase("C06", "FORME2", put(consignee={"address": "UNIT 5, 12 NATHAN ROAD, HONG KONG"}), "Consignee/Address", REJECT, "2"),
    TypeCase(
        "C06", "FORME2", put(exporter={"address": "HONG KONG\nNO. 18 JIANGUO ROAD, BEIJING, CHINA"}), _ADDRESS, REJECT, "1",
    ),
    TypeCase("C03", "KR", put(exporter={"address": "12 NATHAN ROAD, KOWLOON, HONG KONG CHINA"}), _ADDRESS, REJECT, "1"),
    TypeCase("C07", "IS", put(consignee={"name": ""}), "Consignee/Name", REJECT, "2"),
    TypeCase("C08", "IS", put(consignee={"name": "TO ORDER", "address": "", "country": ""}), _TO, WARN, "2"),
    TypeCase("C09", "KR", put(consignee={"country": "US"}), _TO, REJECT, "3"),
    TypeCase("C09", "CH", put(consignee={"country": "", "address": "AM SANDTORKAI 48, HAMBURG, GERMANY"}), _TO, REJECT, "2"),
    TypeCase("C09", "AU", put(consignee={"country": "", "address": "48 HARBOUR ROAD"}), _TO, REJECT, "3"),
    TypeCase("C09", "IS", put(consignee={"name": "TO ORDER", "country": "US"}), _TO, REJECT, "2"),
    TypeCase("C09", "IS", put(consignee={"name": "TO ORDER", "country": "ATLANTIS", "address": ""}), _TO, REJECT, "2"),
    TypeCase("C09", "PE", put(consignee={"country": "CL"}), _TO, REJECT, "3"),
    TypeCase("C09", "NZ", put(consignee={"country": "", "address": "48 HARBOUR ROAD, LOS ANGELES, CA"}), _TO, REJECT, "3"),
    TypeCase("C09", "IS", put(consignee={"name": "TO ORDER, GERMANY", "address": "", "country": ""}), _TO, REJECT, "2"),
    TypeCase("C10", "KR", put(consignee={"name": "TO ORDER"}), "Consignee/Name", MANUAL, "3"),
    TypeCase(
        "C10", "RCEP", put(consignee={"name": "TO WHOM IT MAY CONCERN", "address": "", "country": ""}), "Consignee/Name",
        MANUAL, "2",
    ),
    TypeCase("C11", "SG", put(consignee={"name": RECORD.name_en.title().upper()}), "Consignee/Name", MANUAL, "2"),
    TypeCase("C12", "KR", put(producer={"name": ""}), _PRODUCER, REJECT, "2"),
    TypeCase("C12", "RCEP", put(producer={"name": ""}), _PRODUCER, REJECT, "3"),
    TypeCase("C13", "NZ", put(producer={"name": RECORD.name_en}), _PRODUCER, WARN, "2"),
    TypeCase("C13", "AU", put(producer={"name": RECORD.name_en.replace(" CO., LTD.", " CO.,LTD")}), _PRODUCER, WARN, "2"),
    TypeCase("C13", "KR", put(producer={"name": "SAME AS BOX 1"}), _PRODUCER, WARN, "2"),
    TypeCase("C14", "RCEP", put(producer={"name": "AVAILABLE UPON REQUEST"}), _PRODUCER, REJECT, "3"),
    TypeCase("C14", "RCEP", put(producer={"name": "UNKNOWN"}), _PRODUCER, REJECT, "3"),
    TypeCase("C15", "NZ", put(producer={"name": "CONFIDENTIAL"}), _PRODUCER, REJECT, "2"),
    TypeCase("C15", "PE", put(producer={"name": _AVAILABLE}), _PRODUCER, REJECT, "2"),
    TypeCase("C16", "KR", put(producer={"name": _AVAILABLE}), _PRODUCER, REJECT, "2"),
    TypeCase("C16", "CL", put(producer={"name": "CONFIDENTIAL"}), _PRODUCER, REJECT, "2"),
    TypeCase("C17", "RCEP", both(put(producer={"name": "SEE BOX 8"}), line(producer="HEBEI LINGTONG PUMP WORKS")),
             "Goods/Line[2]/Producer", REJECT, "8"),
    TypeCase("C17", "RCEP", put(producer={"name": "SEE BOX 7"}), _PRODUCER, REJECT, "3"),
    TypeCase("C18", "KR", put(producer={"name": "HEBEI LINGTONG TRADING CO., LTD."}), _PRODUCER, MANUAL, "2"),
    TypeCase(
        "C18", "RCEP",
        both(put(producer={"name": "SEE BOX 8"}), line(producer="HEBEI IMP. AND EXP. CO."), line(2, producer="LINGTONG WORKS")),
        "Goods/Line[1]/Producer", MANUAL, "8",
    ),
    TypeCase("C19", "AU", put(producer={"name": "AVAILABLE UPON REQUEST"}), _PRODUCER, REJECT, "2"),
    TypeCase("C19", "PK", put(producer={"name": "CONFIDENTIAL"}), _PRODUCER, REJECT, "3"),
    TypeCase("C19", "CR", put(producer={"name": "CONFIDENTIAL"}), _PRODUCER, MANUAL, "2"),
    TypeCase("D02", "KR", put(transport={"origin": "HONG KONG, CHINA"}), "Transport/Origin", REJECT, "4"),
    TypeCase("D02", "NZ", put(transport={"origin": ""}), "Transport/Origin", REJECT, "4"),
    TypeCase("D03", "KR", put(transport={"destination": "YOKOHAMA, JAPAN"}), _PORT, REJECT, "4"),
    TypeCase("D03", "RCEP", put(transport={"destination": "ROTTERDAM"}), _PORT, REJECT, "4"),
    TypeCase("D03", "NZ", put(transport={"destination": ""}), _PORT, REJECT, "4"),
    TypeCase("D04", "KR", put(transport={"vehicle": "BY SEA"} | _SHIPPED), _VEHICLE, WARN, "4"),
    TypeCase("D04", "KR", put(transport={"vehicle": ""} | _SHIPPED), _VEHICLE, WARN, "4"),
    TypeCase("D05", "RCEP", put(transport={"vehicle": ""}), _VEHICLE, WARN, "4"),
    TypeCase("D05", "APTA", put(transport={"vehicle": "T.B.A."}), _VEHICLE, WARN, "4"),
    TypeCase("D06", "APTA", put(transport={"via": "SINGAPORE"}), "Transport/Via", MANUAL, "4"),
    TypeCase("D06", "NZ", put(transport={"via": "SYDNEY, AUSTRALIA AND SHANGHAI, CHINA"}), "Transport/Via", MANUAL, "4"),
    TypeCase("D06", "KR", put(transport={"origin": "SHENZHEN, CHINA VIA HONG KONG"}), "Transport/Origin", MANUAL, "4"),
    TypeCase("D06", "AU", put(transport={"destination": "AUSTRALIA VIA SINGAPORE"}), _PORT, MANUAL, "4"),
    TypeCase("D09", "KR", put(destination="JAPAN"), "Destination", REJECT, "13"),
    TypeCase("D09", "FORME2", put(destination=""), "Destination", REJECT, "11"),
    TypeCase("D09", "RCEP", put(destination="ATLANTIS"), "Destination", MANUAL, "15"),
    TypeCase("D10", "IS", put(transport={"mode": "SHIP"}), "Transport/Mode", WARN, "3"),
    TypeCase("D11", "NZ", put(transport={"departure_date": ""}), "Transport/DepartureDate", WARN, "4"),
    TypeCase("E01", "IS", put(marks=""), "Marks", REJECT, "6"),
    TypeCase("E02", "CH", put(marks="AS PER INVOICE"), "Marks", REJECT, "6"),
    TypeCase("E03", "IS", put(marks="MADE IN HONG KONG"), "Marks", REJECT, "6"),
    TypeCase("E03", "IS", put(marks="MADE IN UNITED STATES BY LONGFORD"), "Marks", REJECT, "6"),
    TypeCase("E03", "IS", put(marks="HAND MADE IN ELEGANT STYLE"), "Marks", MANUAL, "6"),
    TypeCase("E04", "KR", put(marks="SEE ATTACHMENT", pictures=_DRAWING), "Marks", WARN, "7"),
    TypeCase("E04", "KR", put(marks="(LOGO)"), "Marks", WARN, "7"),
    TypeCase("E06", "NZ", many(21), "Goods/Line[21]", REJECT, "7"),
    TypeCase("E06", "CL", many(51), "Goods/Line[51]", REJECT, "6"),
    TypeCase("E06", "CH", many(51), "Goods/Line[51]", REJECT, "5"),
    TypeCase("E07", "KR", line(2, item_no="3"), "Goods/Line[2]/ItemNo", REJECT, "6"),
    TypeCase("E07", "CH", line(item_no=""), "Goods/Line[1]/ItemNo", REJECT, "5"),
    TypeCase("E08", "IS", line(description="ONE HUNDRED (100) CARTONS OF MACHINE PARTS"), _WORDS, REJECT, "7"),
    TypeCase("E14", "KR", line(2, description=f"{BULK.description}\n-----"), "Goods/Line[2]/Description", REJECT, "8"),
    TypeCase("E15", "KR", line(description=f"{LINE.description}\n***"), _WORDS, REJECT, "8"),
    TypeCase(
        "E15", "IS", line(2, description=f"{BULK.description} \\\nUNIT PRICE: 510.00"), "Goods/Line[2]/Description", REJECT, "7",
    ),
    TypeCase("E17", "KR", line(hs_code="8413"), _HS, REJECT, "9"),
    TypeCase("E17", "APTA", line(hs_code="8413"), _HS, WARN, "5"),
    TypeCase("E18", "KR", line(hs_code="84137"), _HS, REJECT, "9"),
    TypeCase("E19", "RCEP", line(hs_code="841399"), _HS, REJECT, "9", beside=(("F17", _HS),)),
    TypeCase("E19", "KR", line(hs_code="841399"), _HS, MANUAL, "9", beside=(("F17", _HS),)),
    TypeCase("E19", "KR", line(hs_code="770110"), _HS, REJECT, "9", beside=(("F17", _HS),)),
    TypeCase("E20", "RCEP", put(goods_note="CONTRACT 1"), _HS, MANUAL, "9", filed(hs_edition=2017),
             beside=(("E20", "Goods/Line[2]/HSCode"),)),
    TypeCase("E25", "RCEP", line(origin_country="VN"), "Goods/Line[1]/OriginCountry", MANUAL, "11"),
    TypeCase("E27", "FORME2", line(description=LINE.description), _WORDS, REJECT, "7"),
    TypeCase("E27", "SG", line(description=f"{LINE.description}, HS 8413.71"), _WORDS, REJECT, "7"),
    TypeCase("E27", "PK", line(description=LINE.description), _WORDS, REJECT, "7"),
    TypeCase("E28", "KR", line(2, description="HOT-ROLLED STEEL BARS"), "Goods/Line[2]/Description", REJECT, "8"),
    TypeCase("E28", "CH", line(2, description="HOT-ROLLED STEEL BARS, IN BULK", packing="NUDE"), "Goods/Line[2]/Description",
             REJECT, "7"),
    TypeCase("E28", "PK", described("HOT-ROLLED STEEL BARS IN NUDE", 2, packing=""), "Goods/Line[2]/Description", REJECT, "7"),
    TypeCase("B02", "RCEP", put(producer={"name": "河北水泵厂"}), _PRODUCER, REJECT, "3"),
    TypeCase("B07", "KR", put(form_remarks="Order 4711"), "FormRemarks", WARN, "5"),
)

# what stands close to a fault and is none
PASSING = (
    TypeCase("C03", "FORME2", put(exporter={"address": "88 HONG KONG ROAD, QINGDAO"}), "", REJECT, None),
    TypeCase("C03", "KR", put(exporter={"address": "NO. 18 JIANGUO ROAD, BEIJING"}), "", REJECT, None),
    TypeCase("C04", "KR", put(exporter={"address": "NO. 8 VIADUCT ROAD, BEIJING, CHINA"}), "", REJECT, None),
    TypeCase("C06", "FORME2", put(exporter={"address": "88 HONG KONG MIDDLE ROAD, QINGDAO, CHINA"}), "", REJECT, None),
    TypeCase("C06", "FORME2", put(consignee={"name": "HONG KONG STREET FOODS SDN BHD"}), "", REJECT, None),
    TypeCase("C06", "FORME2", put(consignee={"address": "9 PINE STREET, ST. LOUIS, MO", "country": "US"}), "", REJECT, None),
    TypeCase("C06", "RCEP", put(consignee={"name": "FORMOSA LTD., TAIWAN"}), "", REJECT, None),
    TypeCase("C08", "APTA", put(consignee={"name": "TO ORDER", "address": "BANGLADESH", "country": ""}), "", WARN, None),
    TypeCase("C09", "APTA", put(consignee={"country": "DE"}), "", REJECT, None),
    TypeCase("C09", "FORME2", put(consignee={"country": "DE"}), "", REJECT, None),
    TypeCase("C09", "PE", put(consignee={"country": "CN"}), "", REJECT, None),
    TypeCase("C09", "CH", put(consignee={"country": "LI"}), "", REJECT, None),
    TypeCase("C09", "KR", put(consignee={"country": ""}), "", REJECT, None),
    TypeCase("C09", "KR", put(consignee={"country": "", "address": "48 HARBOUR ROAD, BUSAN, REP. OF KOREA"}), "", REJECT, None),
    TypeCase("C09", "KR", put(consignee={"country": "", "address": "48 HARBOUR ROAD, S.KOREA"}), "", REJECT, None),
    TypeCase("C09", "NZ", put(consignee={"country": "", "address": "48 HARBOUR ROAD, AUCKLAND 1010, NZ"}), "", REJECT, None),
    TypeCase("C09", "KR", put(consignee={"name": "TO ORDER OF BANK OF CHINA", "address": "", "country": ""}), "", REJECT, None),
    TypeCase("D09", "KR", put(destination="R.O.KOREA"), "", REJECT, None),
    TypeCase("C03", "KR", put(exporter={"address": "NO. 18 JIANGUO ROAD, BEIJING CHINA"}), "", REJECT, None),
    TypeCase("C09", "KR", put(consignee={"name": "TO ORDER", "address": "", "country": ""}), "", REJECT, None),
    TypeCase("C09", "IS", put(consignee={"name": "TO ORDER", "address": "", "country": ""}), "", REJECT, None),
    TypeCase("C10", "IS", put(consignee={"name": "TO ORDER"}), "", MANUAL, None),
    TypeCase("C11", "KR", put(consignee={"name": "BEIJING HUALING (KOREA) CO., LTD."}), "", MANUAL, None),
    TypeCase("C12", "IS", put(), "", REJECT, None),
    TypeCase("C13", "NZ", put(producer={"name": "SAMEKE TOOL WORKS"}), "", WARN, None),
    TypeCase("C14", "RCEP", put(producer={"name": "Confidential."}), "", REJECT, None),
    TypeCase("C14", "RCEP", put(producer={"name": "NOT AVAILABLE"}), "", REJECT, None),
    TypeCase("C15", "NZ", put(producer={"name": "AVAILABLE TO THE AUTHORISED  BODY UPON REQUEST"}), "", REJECT, None),
    TypeCase("C15", "PE", put(producer={"name": "UNKNOWN"}), "", REJECT, None),
    TypeCase("C16", "KR", put(producer={"name": "AVAILABLE UPON REQUEST"}), "", REJECT, None),
    TypeCase("C16", "KR", put(producer={"name": "UNKNOWN WATERS PUMP WORKS"}), "", REJECT, None),
    TypeCase("C17", "RCEP",
             both(put(producer={"name": "SEE BOX 8"}), line(producer="LINGTONG WORKS"), line(2, producer="HEBEI STEEL")), "",
             REJECT, None),
    TypeCase("C18", "KR", put(producer={"name": "HEBEI EXPERT PUMP WORKS"}), "", MANUAL, None),
    TypeCase("C18", "KR", put(producer={"name": RECORD.name_en}), "", MANUAL, None),
    TypeCase("C19", "PK", put(producer={"name": "AVAILABLE TO CUSTOMS UPON REQUEST"}), "", REJECT, None),
    TypeCase("D03", "CH", put(transport={"destination": "ROTTERDAM, NETHERLANDS"}), "", REJECT, None),
    TypeCase("D03", "RCEP", put(destination="LAOS", transport={"destination": "HAIPHONG, VIETNAM"}), "", REJECT, None),
    TypeCase("D03", "RCEP", put(transport={"destination": "SOME SMALL HARBOUR"}), "", REJECT, None),
    TypeCase("D04", "KR", put(transport={"vehicle": "***"}), "", WARN, None),
    TypeCase("D05", "NZ", put(transport={"vehicle": "***"}), "", WARN, None),
    TypeCase("D05", "NZ", put(transport={"vehicle": "BY AIR"}), "", WARN, None),
    TypeCase("D06", "RCEP", put(transport={"via": "SINGAPORE"}), "", MANUAL, None),
    TypeCase("D06", "NZ", put(transport={"via": "SHANGHAI"}), "", MANUAL, None),
    TypeCase("D06", "CH", put(), "", MANUAL, None),
    TypeCase("D09", "RCEP", put(destination="VIET NAM"), "", REJECT, None),
    TypeCase("D09", "CH", put(destination="LIECHTENSTEIN"), "", REJECT, None),
    TypeCase("E01", "PE", put(marks=""), "", REJECT, None),
    TypeCase("E01", "AU", put(marks=""), "", REJECT, None),
    TypeCase("E04", "KR", put(marks="I/S\nSEE ATTACHMENT", pictures=_DRAWING), "", WARN, None),
    TypeCase("E04", "KR", put(marks="LONGFORD SYMBOLS"), "", WARN, None),
    TypeCase("E06", "NZ", many(20), "", REJECT, None),
    TypeCase("E06", "RCEP", many(60), "", REJECT, None),
    TypeCase("E06", "CH", many(21), "", REJECT, None),
    TypeCase("E07", "KR", both(line(item_no="01"), line(2, item_no="02")), "", REJECT, None),
    TypeCase("E14", "KR", line(2, description=f"{BULK.description}\n***"), "", REJECT, None),
    TypeCase("E14", "IS", line(2, description=f"{BULK.description} \\"), "", REJECT, None),
    TypeCase("E14", "NZ", line(2, description=f"{BULK.description}\n********"), "", REJECT, None),
    TypeCase("E15", "KR", line(description=f"{LINE.description}, ***RATED"), "", REJECT, None),
    TypeCase("E15", "KR", line(2, description=f"{BULK.description}\n***\nL/C NO. 1126LC90047"), "", REJECT, None),
    TypeCase("E17", "APTA", line(hs_code="841370"), "", WARN, None),
    TypeCase("E17", "KR", line(hs_code="8413.70.99"), "", REJECT, None),
    TypeCase("E20", "RCEP", put(), "", MANUAL, None),
    TypeCase("E27", "SG", line(description=f"{LINE.description}, H.S.CODE 8413 70"), "", REJECT, None),
    TypeCase("E27", "FORME2", line(description=f"{LINE.description}, HS 84.13.70"), "", REJECT, None),
    TypeCase("E28", "KR", line(description=f"{LINE.description} IN NUDE COLOUR"), "", REJECT, None),
    TypeCase("E28", "CH", line(2, description="STEEL BARS,\nNUDE  CARGO", packing="NUDE"), "", REJECT, None),
)

# rule, type, and the field of its definition on which it rests
RESTS_ON = (
    ("C09", "KR", "members"), ("C09", "PE", "consignees"), ("C12", "RCEP", "producer"), ("C14", "RCEP", "producer"),
    ("D03", "KR", "members"), ("D09", "KR", "members"), ("E01", "IS", "marks_required"), ("E06", "NZ", "lines"),
    ("E07", "KR", "boxes"), ("E17", "KR", "hs_digits"), ("E19", "RCEP", "hs_edition"), ("E27", "SG", "hs_in_description"),
)

# the line limit goes by the day of signing; an amendment keeps its original's
LIMITS = (
    (21, "2021-08-31", None, True), (21, "2021-09-01", None, False),
    (21, "2026-11-17", "AMEND", True), (21, "2026-11-17", "REISSUE", False),
)


def limited(count: int, today: str, amended: str | None) -> tuple[Application, Facts]:
    """A Swiss application of that many lines, dated before its limit was raised."""
    application = _DATES(many(count)(clean("CH")))
    if amended:
        application = replace(application, amendment=Amendment(amended, "26S1100A0017/00001"))
    return application, replace(FACTS_OF("CH"), today=date.fromisoformat(today))

