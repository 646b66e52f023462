"""A clean application, and for every rule what to change in it so that exactly this rule fires."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from domain.application import Applicant, Application, GoodsLine, Invoice, Party, Transport
from domain.registry import EnterpriseRecord, Signatory
from schemas.codelists import code_lists
from validators.facts import Facts

RECORD = EnterpriseRecord(
    no="1100A0017", branch="1100B0", name_zh="北京华岭机械进出口有限公司",
    name_en="BEIJING HUALING MACHINERY IMPORT AND EXPORT CO., LTD.", customs_code="1105910238",
    signatories=(Signatory("01", "李文博"), Signatory("03", "孙立", active=False)),
    print_seal_ready=True, local_print=True,
)
LINE = GoodsLine(
    description="ONE HUNDRED (100) CARTONS OF CENTRIFUGAL PUMPS FOR CLEAN WATER", hs_code="84137099", quantity="480",
    unit="PCS", package_count="100", package_kind="CT", packing="PACKED", gross_weight="3960", net_weight="3480",
    origin_country="CN",
)
BULK = GoodsLine(
    description="IN BULK, DEFORMED STEEL BARS, HOT-ROLLED", hs_code="7214.20", quantity="25.5", unit="TNE",
    packing="BULK", net_weight="25500", origin_country="CN",
)
CLEAN = Application(
    message_id="M-1",
    certificate_type="CO",
    applicant=Applicant(
        registration_no=RECORD.no, branch="1100B0", name_zh=RECORD.name_zh, name_en=RECORD.name_en,
        customs_code="1105910238", signatory_code="01", signatory_name="李文博",
    ),
    exporter=Party(RECORD.name_en, "NO. 18 JIANGUO ROAD, BEIJING 100022, CHINA", "CN"),
    consignee=Party("NORDWASSER PUMPENTECHNIK GMBH", "AM SANDTORKAI 48, 20457 HAMBURG, GERMANY", "DE"),
    transport=Transport("TIANJIN, CHINA", "HAMBURG, GERMANY", "", "SEA", "COSCO ARIES V.031W", "2026-11-21"),
    destination="GERMANY",
    marks="NORDWASSER\nHAMBURG\nMADE IN CHINA\nC/NO. 1-100",
    goods=(LINE, BULK),
    goods_total="TOTAL: ONE HUNDRED (100) CARTONS ONLY",
    invoices=(Invoice("HL2026-1187", "2026-11-12", "38760.00", "EUR"),),
    application_place="BEIJING, CHINA",
    application_date="2026-11-16",
    export_declaration="020220260000187452",
    local_print=True,
    print_seal=True,
)
FACTS = Facts(
    today=date(2026, 11, 17), codes=code_lists(), enterprise=RECORD, branches=frozenset({"1100B0", "4403C1"}),
    types=frozenset({"CO"}), registry_known=True,
)


@dataclass(frozen=True)
class Case:
    """code: the rule; change: the clean application with one fault; paths: where it must fire; facts: if not FACTS.

    beside: what else must be found, (rule, path), where the fault cannot be had without another.
    """

    code: str
    change: Callable[[Application], Application]
    paths: tuple[str, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    beside: tuple[tuple[str, str], ...] = ()


def put(**fields: Any) -> Callable[[Application], Application]:
    """Replace fields of the application; a dict value replaces fields of the part."""

    def change(application: Application) -> Application:
        parts = {
            name: replace(getattr(application, name), **value) if isinstance(value, dict) else value
            for name, value in fields.items()
        }
        return replace(application, **parts)

    return change


def line(position: int = 1, **fields: Any) -> Callable[[Application], Application]:
    """Replace fields of one goods line."""

    def change(application: Application) -> Application:
        goods = list(application.goods)
        goods[position - 1] = replace(goods[position - 1], **fields)
        return replace(application, goods=tuple(goods))

    return change


def invoice(**fields: Any) -> Callable[[Application], Application]:
    """Replace fields of the first invoice."""
    return lambda application: replace(application, invoices=(replace(application.invoices[0], **fields),))


def both(*changes: Callable[[Application], Application]) -> Callable[[Application], Application]:
    """One change after the other."""

    def change(application: Application) -> Application:
        for one in changes:
            application = one(application)
        return application

    return change


_NO, _MARKS, _INVOICE = "Applicant/RegistrationNo", "Marks", "Invoices/Invoice[1]"
_WORDS = "Goods/Line[1]/Description"
_OTHER_RECORD = replace(RECORD, branch="4403C1")
_UNSEALED = replace(RECORD, print_seal_ready=False, local_print=False)

FIRING = (
    Case("A05", put(applicant={"registration_no": "1100A001"}), (_NO,), {"enterprise": None}),
    Case("A05", put(applicant={"registration_no": "91110105MA01ABCD0X"}), (_NO,), {"enterprise": None}),
    Case("A06", put(applicant={"registration_no": "470ZC1122"}), (_NO,)),
    Case("A07", put(), (_NO,), {"enterprise": None}),
    Case("A07", put(), (_NO,), {"enterprise": replace(RECORD, active=False)}),
    Case("A08", put(applicant={"branch": "1100B"}), ("Applicant/Branch",)),
    Case("A08", put(applicant={"branch": "9900B0"}), ("Applicant/Branch",)),
    Case("A08", put(applicant={"branch": "BEIJING"}), ("Applicant/Branch",), {"registry_known": False}),
    Case("A09", put(), ("Applicant/Branch",), {"enterprise": _OTHER_RECORD}),
    Case("A10", put(applicant={"name_zh": "北京华岭机械有限公司"}), ("Applicant/NameZh",)),
    Case("A10", put(applicant={"name_en": "BEIJING HUALIN CO., LTD."}), ("Applicant/NameEn",)),
    Case("A11", put(applicant={"signatory_code": "09"}), ("Applicant/SignatoryCode",)),
    Case("A11", put(applicant={"signatory_code": "03", "signatory_name": "孙立"}), ("Applicant/SignatoryCode",)),
    Case("A12", put(applicant={"signatory_name": "李文搏"}), ("Applicant/SignatoryName",)),
    Case("A13", put(local_print=False), ("PrintSeal",), {"enterprise": _UNSEALED}),
    Case("A14", put(print_seal=False), ("LocalPrint",), {"enterprise": _UNSEALED}),
    Case("A15", put(certificate_type="XX"), ("CertificateType",)),
    Case("A31", put(applicant={"customs_code": ""}), ("Applicant/CustomsCode",)),
    Case("B01", invoice(number="HL'1187"), (f"{_INVOICE}/Number",)),
    Case("B02", put(consignee={"name": "NORDWASSER ＧＭＢＨ"}), ("Consignee/Name",)),
    Case("B02", line(description="ONE HUNDRED (100) CARTONS OF 水泵 PUMPS"), (_WORDS,)),
    Case("B03", put(application_date="2026/11/16"), ("ApplicationDate",)),
    Case("B03", put(application_date=""), ("ApplicationDate",)),
    Case("B03", invoice(date="2026-02-30"), (f"{_INVOICE}/Date",)),
    Case("B03", put(transport={"departure_date": "NOV. 21, 2026"}), ("Transport/DepartureDate",)),
    Case("B04", invoice(amount="38,760.00"), (f"{_INVOICE}/Amount",)),
    Case("B04", invoice(amount="EUR38760"), (f"{_INVOICE}/Amount",)),
    Case("B05", invoice(amount="0.00"), (f"{_INVOICE}/Amount",)),
    Case("B05", invoice(amount="-12"), (f"{_INVOICE}/Amount",)),
    Case("B05", invoice(amount="387.605"), (f"{_INVOICE}/Amount",)),
    Case("B06", invoice(currency="EURO"), (f"{_INVOICE}/Currency",)),
    Case("B06", invoice(currency=""), (f"{_INVOICE}/Currency",)),
    Case("B07", put(consignee={"name": "Nordwasser Pumpentechnik GmbH"}), ("Consignee/Name",)),
    Case("B08", put(application_place="北京"), ("ApplicationPlace",)),
    Case("B08", put(application_place=""), ("ApplicationPlace",)),
    Case("B09", put(application_place="BEIJING"), ("ApplicationPlace",)),
    Case("B13", put(marks="NORDWASSER\tHAMBURG"), (_MARKS,)),
    Case("B13", put(consignee={"address": "HAMBURG\u0085 GERMANY"}), ("Consignee/Address",)),
    Case("B16", put(marks="SEE ATTACHMENT"), (_MARKS,)),
    Case("B16", put(marks="NORDWASSER\nAS PER ATTACHED"), (_MARKS,)),
    Case("C01", put(exporter={"name": ""}), ("Exporter/Name",)),
    Case("C01", put(exporter={"address": ""}), ("Exporter/Address",)),
    Case("C01", put(exporter={"country": "HK"}), ("Exporter/Country",)),
    Case("C02", put(exporter={"name": "BEIJING HUALIN MACHINERY IMPORT AND EXPORT CO., LTD."}), ("Exporter/Name",)),
    Case("C02", put(exporter={"name": "BEIJING HUALING MACHINERY IMPORT & EXPORT CO., LTD."}), ("Exporter/Name",)),
    Case("C05", put(exporter={"name": f"{RECORD.name_en} O/B HAPPY TRADING LTD."}), ("Exporter/Name",)),
    Case("C05", put(exporter={"address": "VIA HAPPY TRADING LTD., KOWLOON"}), ("Exporter/Address",)),
    Case("C07", put(consignee={"name": ""}), ("Consignee/Name",)),
    Case("C08", put(consignee={"name": "TO ORDER", "address": "", "country": ""}), ("Consignee/Country",)),
    Case(
        "C20",
        put(
            consignee={"name": "FORMOSA TOOLS", "address": "12 ZHONGSHAN RD, TAICHUNG, TAIWAN", "country": "TW"},
            destination="TAIWAN, CHINA",
        ),
        ("Consignee/Address",),
    ),
    Case("D01", put(transport={"origin": ""}), ("Transport/Origin",)),
    Case("D01", put(transport={"destination": ""}), ("Transport/Destination",)),
    Case("D02", put(transport={"origin": "BUSAN, KOREA"}), ("Transport/Origin",)),
    Case("D02", put(transport={"origin": "HONG KONG, CHINA"}), ("Transport/Origin",)),
    Case("D02", put(transport={"origin": "ROTTERDAM"}), ("Transport/Origin",)),
    Case("D07", put(destination=""), ("Destination",)),
    Case("D07", put(destination="P.R. CHINA"), ("Destination",)),
    Case("D08", put(destination="BRAZIL"), ("Destination",)),
    Case("D08", put(destination="ATLANTIS"), ("Destination",)),
    Case("D10", put(transport={"mode": "BY SEA"}), ("Transport/Mode",)),
    Case(
        "D12",
        put(destination="YEMEN", consignee={"address": "PORT ROAD, ADEN, YEMEN", "country": "YE"}),
        ("Destination",),
    ),
    Case("E01", put(marks=""), (_MARKS,)),
    Case("E02", put(marks="AS PER\nINVOICE"), (_MARKS,)),
    Case("E02", put(marks="NORDWASSER, COLOR LABEL"), (_MARKS,)),
    Case("E03", put(marks="NORDWASSER\nMADE IN GERMANY"), (_MARKS,)),
    Case("E03", put(marks="MADE IN GERMANY, SHIPPED FROM CHINA"), (_MARKS,)),
    Case("E03", put(marks="MADE IN GERMANY FOR CHINA"), (_MARKS,)),
    Case("E03", put(marks="MADE IN TAIWAN CHINA"), (_MARKS,)),
    Case("E03", put(marks="MADE IN TAIWAN, CHINA"), (_MARKS,)),
    Case("E05", put(goods=(), goods_total=""), ("Goods/Line",)),
    Case("E08", line(description="ONE HUNDRED (100) CARTONS OF MACHINE PARTS"), (_WORDS,)),
    Case(
        "E08", both(line(description="ONE HUNDRED (100) WOODEN CASES OF MACHINE PARTS"), put(goods_total="")), (_WORDS,),
    ),
    Case("E08", line(description=""), (_WORDS,)),
    Case("E08", both(line(description="TWO (2) PALLETS OF ONE HUNDRED CARTONS"), put(goods_total="", marks="N/M")), (_WORDS,),
         beside=(("E10", _WORDS),)),
    Case("E09", line(2, description="DEFORMED STEEL BARS", packing=""), ("Goods/Line[2]/PackageCount",)),
    Case("E09", line(package_count="0"), ("Goods/Line[1]/PackageCount",)),
    Case("E10", line(description="ONE HUNDRED AND TEN (100) CARTONS OF CENTRIFUGAL PUMPS"), (_WORDS,)),
    Case("E10", line(description="ONE HUNDERD (100) CARTONS OF CENTRIFUGAL PUMPS"), (_WORDS,)),
    Case("E10", line(package_count="120"), (_WORDS,)),
    Case("E10", put(goods_total="TOTAL: ONE THOUSAND (100) CARTONS ONLY"), ("Goods/Total",)),
    Case("E11", line(description="100 CARTONS OF CENTRIFUGAL PUMPS"), (_WORDS,)),
    Case("E11", line(description="CENTRIFUGAL PUMPS, PACKED IN (100) CARTONS"), (_WORDS,)),
    Case("E12", put(goods_total="TOTAL: ONE HUNDRED AND TWENTY (120) CARTONS ONLY"), ("Goods/Total",)),
    Case("E12", put(goods_total="TOTAL: ONE HUNDRED (100) PALLETS ONLY"), ("Goods/Total",)),
    Case("E12", line(description="ONE HUNDRED (100) CARTONS AND TWO (2) PALLETS OF CENTRIFUGAL PUMPS"), ("Goods/Total",)),
    Case("E13", put(goods_total="TOTAL: ONE HUNDRED (100) CARTONS"), ("Goods/Total",)),
    Case("E13", put(goods_total="TOTAL: ONE HUNDRED (100) CARTONS COMMONLY USED"), ("Goods/Total",)),
    Case("E14", line(2, description=f"{BULK.description}\n***"), ("Goods/Line[2]/Description",)),
    Case("E14", line(2, description=f"{BULK.description} \\"), ("Goods/Line[2]/Description",)),
    Case("E14", put(goods_total="TOTAL: ONE HUNDRED (100) CARTONS ONLY\n-----------"), ("Goods/Total",)),
    Case("E15", line(description=f"{LINE.description}\n********"), (_WORDS,)),
    Case("E15", line(2, description=f"{BULK.description}\n********\nUNIT PRICE: 510.00"), ("Goods/Line[2]/Description",)),
    Case("E15", put(goods_total="TOTAL: ONE HUNDRED (100) CARTONS ONLY\n********\nAND TWO (2) CASES"), ("Goods/Total",),
         beside=(("E12", "Goods/Total"),)),
    Case("E15", put(goods_note="L/C NO. 1126LC90047\nUSD 38,760.00"), ("Goods/Note",)),
    Case("E15", put(goods_note="PACKED IN 100 CARTONS"), ("Goods/Note",)),
    Case("E16", line(hs_code=""), ("Goods/Line[1]/HSCode",)),
    Case("E18", line(hs_code="8413X"), ("Goods/Line[1]/HSCode",)),
    Case("E18", line(hs_code="84137"), ("Goods/Line[1]/HSCode",)),
    Case("E19", line(hs_code="77011000"), ("Goods/Line[1]/HSCode",)),
    Case("E19", line(hs_code="8413.99.00"), ("Goods/Line[1]/HSCode",)),
    Case("E19", line(hs_code="98010010"), ("Goods/Line[1]/HSCode",)),
    Case("E21", line(description="ONE HUNDRED (100) CARTONS OF COTTON TERRY TOWELS, 70 X 140 CM"), (_WORDS,)),
    Case("E21", line(description="ONE HUNDRED (100) CARTONS OF LADIES' T-SHIRTS WITH PRINT"), (_WORDS,)),
    Case("E22", line(quantity=""), ("Goods/Line[1]/Quantity",)),
    Case("E22", line(quantity="0"), ("Goods/Line[1]/Quantity",)),
    Case("E22", line(unit="BUSHELFUL"), ("Goods/Line[1]/Unit",)),
    Case("E23", line(2, net_weight=""), ("Goods/Line[2]/Unit",)),
    Case("E24", line(net_weight="4000"), ("Goods/Line[1]/NetWeight",)),
    Case("E25", line(origin_country="VN"), ("Goods/Line[1]/OriginCountry",)),
    Case("E26", line(description="ONE HUNDRED (100) CARTONS OF SECOND-HAND WATER PUMPS"), (_WORDS,)),
    Case("E29", put(marks="NORDWASSER\nC/NO.: 1-120"), (_MARKS,)),
    Case("E30", line(gross_weight="0", net_weight=""), ("Goods/Line[1]/GrossWeight",)),
    Case("E30", line(gross_weight="3960 KGS"), ("Goods/Line[1]/GrossWeight",)),
    Case("F03", line(criterion="WO"), ("Goods/Line[1]/Criterion",)),
    Case("G01", invoice(number=""), (f"{_INVOICE}/Number",)),
    Case("G01", invoice(date=""), (f"{_INVOICE}/Date",)),
    Case("G01", put(invoices=()), ("Invoices/Invoice",)),
    Case("G02", invoice(date="2026-11-17"), (f"{_INVOICE}/Date",)),
    Case(
        "G03", both(put(application_date="16.11.2026"), invoice(date="2026-11-19")), (f"{_INVOICE}/Date",),
        beside=(("B03", "ApplicationDate"),),
    ),
    Case(
        "G03", both(put(application_date="2026-11-20"), invoice(date="2026-11-20")), (f"{_INVOICE}/Date",),
        beside=(("G04", "ApplicationDate"),),
    ),
    Case("G04", put(application_date="2026-11-19"), ("ApplicationDate",)),
    Case("G05", both(put(application_date="2026-11-09"), invoice(date="2026-11-01")), ("ApplicationDate",)),
    Case("G06", invoice(date="2025-11-16"), (f"{_INVOICE}/Date",)),
    Case("G16", put(official_use="ISSUED RETROSPECTIVELY"), ("OfficialUse",)),
    Case("G18", put(goods_note="L/C NO. 1126LC90047. GOODS OF FIRST QUALITY"), ("Goods/Note",)),
    Case("G19", put(export_declaration="02022026"), ("ExportDeclaration",)),
    Case("G21", put(transport={"departure_date": "2026-11-11"}), (f"{_INVOICE}/Date",)),
    Case("G22", put(goods_total="TOTAL: ONE HUNDRED (100) CARTONS ONLY. FOB VALUE: EUR 38,000.00"), ("Goods/Total",)),
)

# what stands close to a fault and is none: rule, change, facts
PASSING = (
    Case("A05", put(applicant={"registration_no": "91350100M000100Y43"}), ()),
    Case("A06", put(applicant={"registration_no": "91350100M000100Y43"}), ()),
    Case("A08", put(applicant={"branch": "9900B0"}), (), {"registry_known": False}),
    Case("A10", put(applicant={"name_zh": " 北京华岭机械进出口 有限公司"}), ()),
    Case("A10", put(applicant={"name_en": ""}), ()),
    Case("A13", put(print_seal=False), (), {"enterprise": _UNSEALED}),
    Case("A14", put(local_print=False), (), {"enterprise": _UNSEALED}),
    Case("B03", put(transport={"departure_date": ""}), ()),
    Case("B04", invoice(amount="", currency=""), ()),
    Case("B06", invoice(amount="", currency=""), ()),
    Case("B09", put(application_place="BEIJING, P.R. CHINA."), ()),
    Case("B16", put(marks="ATTACHMENT BOLTS\nSEE HAMBURG OFFICE"), ()),
    Case("C02", put(exporter={"name": "BEIJING  HUALING MACHINERY IMPORT AND EXPORT CO.,LTD"}), ()),
    Case("C02", put(exporter={"name": "ＢＥＩＪＩＮＧ HUALING MACHINERY IMPORT AND EXPORT CO., LTD."}), ()),
    Case("C02", put(exporter={"name": f"{RECORD.name_en} VIA HAPPY TRADING LTD."}), ()),
    Case("C05", put(exporter={"address": "NO. 8 VIADUCT ROAD, BEIJING"}), ()),
    Case("C08", put(consignee={"name": "TO ORDER", "address": "GERMANY", "country": ""}), ()),
    Case("C08", put(consignee={"name": "TO ORDER", "address": "", "country": "DE"}), ()),
    Case("C20", put(consignee={"address": "TAICHUNG, TAIWAN, CHINA"}), ()),
    Case("C20", put(consignee={"address": "8 TAIWAN STREET, HAMBURG, GERMANY"}), ()),
    Case("C20", put(consignee={"address": "TAICHUNG, TAIWAN PROVINCE, CHINA"}), ()),
    Case("D02", put(transport={"origin": "NINGBO"}), ()),
    Case("D02", put(transport={"origin": "SHIJIAZHUANG, HEBEI"}), ()),
    Case("D02", put(transport={"origin": "SHENZHEN, CHINA VIA HONG KONG"}), ()),
    Case("D02", put(transport={"origin": "SHANGHAI, P.R. CHINA TO HAMBURG, GERMANY"}), ()),
    Case("D07", put(destination="HONG KONG, CHINA"), ()),
    Case("D08", put(destination="AUSTRIA", consignee={"address": "VIENNA, AUSTRIA", "country": "AT"}), ()),
    Case("D08", put(consignee={"name": "TO ORDER", "address": "", "country": ""}), ()),
    Case("D08", put(destination="DE"), ()),
    Case("E01", put(marks="N/M"), ()),
    Case("E03", put(marks="MADE IN THE PEOPLE'S REPUBLIC OF CHINA"), ()),
    Case("E02", put(marks="NORDWASSER, MULTICOLOR LABEL"), ()),
    Case("E03", put(marks="MADE IN P.R.CHINA"), ()),
    Case("E03", put(marks="MADE IN SHENZHEN CHINA"), ()),
    Case("E03", put(marks="MADE IN NINGBO"), ()),
    Case("E03", put(marks="MADE IN SHIJIAZHUANG, HEBEI, CHINA"), ()),
    Case("E08", line(description="ONE HUNDRED (100) CARTONS OF PUMPS\\"), ()),
    Case("E08", line(description="ONE HUNDRED (100) CARTONS OF BASKETS"), ()),
    Case("E08", line(description="ONE HUNDRED (100) CARTONS OF MACHINE PARTS FOR PUMPS"), ()),
    Case("E08", line(description="COTTON FABRICS, ONE HUNDRED (100) CARTONS"), ()),
    Case("E08", line(description="ONE HUNDRED (100) TEA CHESTS OF TEA"), ()),
    Case("E08", line(description="ONE HUNDRED (100) CARTONS OF PARTS: OIL SEALS OF RUBBER"), ()),
    Case("E09", line(2, packing="", description="STEEL BARS, NUDE CARGO"), ()),
    Case("E09", line(package_count="", package_kind=""), ()),
    Case("E10", line(description="ONE-HUNDRED (100) CARTONS OF PUMPS"), ()),
    Case("E10", line(description="A HUNDRED (100) CARTONS OF PUMPS"), ()),
    Case("E10", line(description="100 (ONE HUNDRED) CARTONS OF PUMPS"), ()),
    Case("E10", line(description="ONE HUNDRED (100) CARTONS OF PUMPS WITH FLANGES (12) INCH"), ()),
    Case("E11", line(description="PUMPS 100 PCT STEEL, PACKED IN ONE HUNDRED (100) CARTONS"), ()),
    Case("E12", put(goods_total="SAY TOTAL ONE HUNDRED (100) PACKAGES ONLY"), ()),
    Case("E12", line(description="ONE HUNDRED (100) CARTONS ON TWO (2) PALLETS OF CENTRIFUGAL PUMPS"), ()),
    Case("E12", line(description="ONE HUNDRED (100) CARTONS = TWO (2) PALLETS OF CENTRIFUGAL PUMPS"), ()),
    Case("E12", both(line(description="ONE HUNDRED (100) CARTONS ON TWO (2) PALLETS OF CENTRIFUGAL PUMPS"),
                     put(goods_total="TOTAL: TWO (2) PALLETS ONLY")), ()),
    Case("E12", put(goods_total="TOTAL: FOUR HUNDRED AND EIGHTY (480) PCS ONLY"), ()),
    Case("E12", put(goods_total=""), ()),
    Case("E13", put(goods_total="TOTAL: ONE HUNDRED (100) CARTONS ONLY. CONTRACT HL-26"), ()),
    Case("E13", put(goods_total="****************"), ()),
    Case("E14", line(2, description=f"{BULK.description}\n****************"), ()),
    Case("E14", line(description="ONE HUNDRED (100) CARTONS OF CENTRIFUGAL PUMPS, 5* RATED**"), ()),
    Case("E15", line(2, description=f"{BULK.description}\n********\nL/C NO. 1126LC90047 OF 2026"), ()),
    Case("E15", put(goods_note="L/C NO. 1126LC90047, ORDER NO. 4500127731, CONTRACT HL-DE-2609 OF 12 OCT. 2026"), ()),
    Case("E16", line(hs_code="8413"), ()),
    Case("E18", line(hs_code="8413.70.99"), ()),
    Case("E19", line(hs_code="8413.70.99.90"), ()),
    Case("E21", line(description="ONE HUNDRED (100) CARTONS OF PUMPS FOR HONEY AND LAMPS"), ()),
    Case("E21", line(description="HONEY PUMPS, ONE HUNDRED (100) CARTONS"), ()),
    Case("E21", line(description="ONE HUNDRED (100) CARTONS OF COTTON TOWELS", hs_code="77011000"), ()),
    Case("E22", line(unit="CTNS"), ()),
    Case("E22", line(unit="H87"), ()),
    Case("E23", line(2, net_weight="", unit="KGS G.W."), ()),
    Case("E24", line(net_weight="3960"), ()),
    Case("E25", line(origin_country=""), ()),
    Case("E26", line(description="ONE HUNDRED (100) CARTONS OF USED-LOOK DENIM JACKETS"), ()),
    Case("E29", put(marks="C/NO. 1-60\nC/NO. 61-100"), ()),
    Case("E29", put(marks="C/NO. 1-UP"), ()),
    Case("E30", line(gross_weight="", net_weight=""), ()),
    Case("G02", invoice(date="2026-11-16"), ()),
    Case("G03", both(put(application_date="16.11.2026"), invoice(date="2026-11-18")), ()),
    Case("G03", invoice(date="2026-11-30"), ()),
    Case("G04", put(application_date="2026-11-18"), ()),
    Case("G05", put(application_date="2026-11-10"), ()),
    Case("G06", invoice(date="2025-11-17"), ()),
    Case("G18", put(goods_note="GOODSPEED CONTRACT NO. 4711"), ()),
    Case("G19", put(export_declaration=""), ()),
    Case("G21", put(transport={"departure_date": "2026-11-12"}), ()),
    Case("G22", put(goods_total="TOTAL: ONE HUNDRED (100) CARTONS ONLY. FOB VALUE: EUR 38,760.00"), ()),
)
