"""Sample interchanges that a trade clerk would believe, made from tables: for the demo, the benchmark and the fault tests.

Everything depends on the seed and the day alone. Firms are invented; goods fit their HS codes.
"""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from num2words import num2words

from domain.branch import Branch
from domain.registry import EnterpriseRecord, Signatory

# description, HS code, unit, kind of package (code, printed word), pieces and kilograms a package, US dollars a piece
Goods = tuple[str, str, str, str, str, int, float, float]
_SHANGHAI = ZoneInfo("Asia/Shanghai")

BRANCHES = (
    Branch("1100B0", "北京市分会", "CCPIT BEIJING", "BEIJING, CHINA", "TEL: 86-10-0000 1100"),
    Branch("4403C1", "深圳市分会", "CCPIT SHENZHEN", "SHENZHEN, CHINA", "TEL: 86-755-0000 4403"),
    Branch("3302A0", "宁波市分会", "CCPIT NINGBO", "NINGBO, CHINA", "TEL: 86-574-0000 3302"),
)


@dataclass(frozen=True, slots=True)
class Firm:
    """An exporter of the samples: registry record, English address, port, and what it makes (() for anything of GOODS)."""

    record: EnterpriseRecord
    address: str
    port: str
    goods: tuple[Goods, ...] = ()


def maker(no: str, branch: str, zh: str, en: str, signatory: str, address: str, port: str) -> Firm:
    """An exporter with one signatory; its customs code is made from its number."""
    record = EnterpriseRecord(
        no=no, branch=branch, name_zh=zh, name_en=en, customs_code=f"{no[:4]}96{no[5:]}",
        signatories=(Signatory("01", signatory),), print_seal_ready=True, local_print=False)
    return Firm(record, address, port)


FIRMS = (
    maker("1100A2001", "1100B0", "北京远岭机床有限公司", "BEIJING YUANLING MACHINE TOOLS CO., LTD.", "周立新",
          "NO. 18 KECHUANG STREET, DAXING DISTRICT, BEIJING 102600, CHINA", "TIANJIN"),
    maker("1100A2002", "1100B0", "北京青禾苑家纺有限公司", "BEIJING QINGHEYUAN HOME TEXTILES CO., LTD.", "何雨晴",
          "NO. 7 FENGTAI NORTH ROAD, FENGTAI DISTRICT, BEIJING 100071, CHINA", "TIANJIN"),
    maker("4403C2101", "4403C1", "深圳市澄海图电子有限公司", "SHENZHEN CHENGHAITU ELECTRONICS CO., LTD.", "林嘉明",
          "BUILDING 6, XILI INDUSTRIAL PARK, NANSHAN DISTRICT, SHENZHEN 518055, CHINA", "YANTIAN"),
    maker("4403C2102", "4403C1", "深圳市南屿照明有限公司", "SHENZHEN NANYU LIGHTING CO., LTD.", "郑少芬",
          "NO. 22 BAOHE ROAD, LONGGANG DISTRICT, SHENZHEN 518116, CHINA", "SHEKOU"),
    maker("3302A2201", "3302A0", "宁波港湾岭五金有限公司", "NINGBO GANGWANLING HARDWARE CO., LTD.", "沈国平",
          "NO. 301 XINQI ROAD, BEILUN DISTRICT, NINGBO 315800, CHINA", "NINGBO"),
    maker("3302A2202", "3302A0", "宁波东浦文具有限公司", "NINGBO DONGPU STATIONERY CO., LTD.", "方海燕",
          "NO. 56 XIAOYING ROAD, YINZHOU DISTRICT, NINGBO 315100, CHINA", "NINGBO"),
)

GOODS: tuple[Goods, ...] = (
    ("HAND-OPERATED CHAIN HOISTS, 1 TON", "84251900", "H87", "CS", "CASES", 4, 22.0, 61.0),
    ("PRINTED COTTON BED LINEN SETS, 4 PIECES EACH", "63022190", "SET", "CT", "CARTONS", 10, 17.5, 14.2),
    ("COTTON TERRY BATH TOWELS, 70 X 140 CM", "63026010", "H87", "CT", "CARTONS", 60, 31.0, 1.9),
    ("LED PANEL LIGHTS, 600 X 600 MM, 40 W", "94051900", "H87", "CT", "CARTONS", 8, 19.2, 11.5),
    ("WIRELESS ROUTERS, DUAL BAND", "85176299", "H87", "CT", "CARTONS", 20, 9.4, 17.8),
    ("STAINLESS STEEL KITCHEN SINKS", "73241000", "H87", "CT", "CARTONS", 2, 16.8, 33.0),
    ("BALL-POINT PENS, BLUE INK", "96081000", "H87", "CT", "CARTONS", 2000, 14.6, 0.06),
    ("HAND TOOL SETS OF 46 PIECES, CHROME VANADIUM STEEL", "82060000", "SET", "CT", "CARTONS", 12, 27.0, 9.7),
    ("POWER BANKS, LITHIUM-ION, 10000 MAH", "85076000", "H87", "CT", "CARTONS", 50, 13.5, 5.4),
    ("CENTRIFUGAL WATER PUMPS, 1.5 KW", "84137099", "H87", "CS", "CASES", 1, 21.0, 74.0),
)

# name, address, ISO code, destination as printed, port as printed
BUYERS = (
    ("HANSEATISCHE WERKZEUG HANDELSGESELLSCHAFT MBH", "SPALDINGSTRASSE 64, 20097 HAMBURG, GERMANY", "DE", "GERMANY", "HAMBURG, GERMANY"),
    ("COMERCIAL ALTOS DEL MAIPO LIMITADA", "AVENIDA PROVIDENCIA 1208, SANTIAGO, CHILE", "CL", "CHILE", "VALPARAISO, CHILE"),
    ("SAVANNAH LINK TRADERS LIMITED", "PLOT 14 ENTERPRISE ROAD, NAIROBI, KENYA", "KE", "KENYA", "MOMBASA, KENYA"),
    ("DISTRIBUIDORA PEDRA AZUL LTDA", "RUA DO COMERCIO 233, SANTOS, BRAZIL", "BR", "BRAZIL", "SANTOS, BRAZIL"),
    ("NORTHFIELD BUILDING SUPPLIES LLC", "4120 HARBOR AVENUE, LONG BEACH, CALIFORNIA, UNITED STATES", "US", "UNITED STATES", "LONG BEACH, UNITED STATES"),
    ("AL WADI GENERAL TRADING LLC", "WAREHOUSE 9, JEBEL ALI, DUBAI, UNITED ARAB EMIRATES", "AE", "UNITED ARAB EMIRATES", "JEBEL ALI, UNITED ARAB EMIRATES"),
)

# what a sample can have wrong, and the finding it must give; SEVERAL is all that a rule refuses, at once
SEVERAL = "several"
FAULTS = ("consignee-missing", "package-words", "invoice-late", "intermediary", "marks-by-invoice")


@dataclass(frozen=True, slots=True)
class Sample:
    """One interchange of one application."""

    firm: Firm
    message_id: str
    invoice: str
    body: bytes
    fault: str | None


def sample(number: int, today: date, *, seed: int = 1, fault: str | None = None, lines: int | None = None, tag: str = "S") -> Sample:
    """Sample `number`, of a firm of FIRMS: the same arguments give the same bytes. `fault` is one of FAULTS, or SEVERAL."""
    return sample_of(FIRMS[number % len(FIRMS)], number, today, seed=seed, fault=fault, lines=lines, tag=tag)


def sample_of(
    firm: Firm, number: int, today: date, *, seed: int = 1, fault: str | None = None, lines: int | None = None, tag: str = "S"
) -> Sample:
    """As `sample`, of any firm."""
    chance = random.Random(f"{seed}/{number}")  # noqa: S311 # variety, not a secret
    message_id, invoice = f"{tag}{today:%y%m%d}-{number:06d}", f"{tag}{today:%y}-{number:06d}"
    body = _interchange(chance, firm, message_id, invoice, today, fault, lines or chance.choice((1, 1, 2, 3)))
    return Sample(firm, message_id, invoice, body.encode(), fault)


def _interchange(chance: random.Random, firm: Firm, message_id: str, invoice: str, today: date, fault: str | None, lines: int) -> str:
    record = firm.record
    created = datetime(today.year, today.month, today.day, 9, 30, tzinfo=_SHANGHAI).isoformat()
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Interchange xmlns="urn:coedi:message:1">
  <Header>
    <InterchangeId>I{message_id}</InterchangeId>
    <Sender>{record.no}</Sender>
    <Branch>{record.branch}</Branch>
    <Created>{created}</Created>
  </Header>
{application(chance, firm, message_id, invoice, today, fault, lines)}
</Interchange>
"""


def application(chance: random.Random, firm: Firm, message_id: str, invoice: str, today: date, fault: str | None, lines: int) -> str:
    """One CertificateApplication element, two blanks indented."""
    record, (buyer, address, country, destination, port) = firm.record, chance.choice(BUYERS)
    chosen = [(goods, chance.randint(20, 400)) for goods in chance.sample(firm.goods or GOODS, lines)]
    name = record.name_en + (" VIA GOLDEN STRAIT TRADING LIMITED" if fault == "intermediary" else "")
    consignee = "" if fault in ("consignee-missing", SEVERAL) else buyer
    invoiced = today + timedelta(days=5) if fault in ("invoice-late", SEVERAL) else today - timedelta(days=chance.randint(1, 9))
    first, marks_no = buyer.split(" ", maxsplit=1)[0], sum(count for _, count in chosen)
    marks = f"AS PER INVOICE NO. {invoice}" if fault in ("marks-by-invoice", SEVERAL) else f"{first}\n{port.split(',', maxsplit=1)[0]}\nC/NO. 1-{marks_no}"
    amount = sum(count * goods[5] * goods[7] for goods, count in chosen)
    origin = f"{firm.port}, CHINA"
    return f"""  <CertificateApplication>
    <MessageId>{message_id}</MessageId>
    <CertificateType>CO</CertificateType>
    <Applicant>
      <RegistrationNo>{record.no}</RegistrationNo>
      <Branch>{record.branch}</Branch>
      <NameZh>{record.name_zh}</NameZh>
      <NameEn>{escape(record.name_en)}</NameEn>
      <CustomsCode>{record.customs_code}</CustomsCode>
      <SignatoryCode>{record.signatories[0].code}</SignatoryCode>
      <SignatoryName>{record.signatories[0].name_zh}</SignatoryName>
    </Applicant>
    <Exporter>
      <Name>{escape(name)}</Name>
      <Address>{escape(firm.address)}</Address>
      <Country>CN</Country>
    </Exporter>
    <Consignee>
      <Name>{escape(consignee)}</Name>
      <Address>{escape(address)}</Address>
      <Country>{country}</Country>
    </Consignee>
    <Transport>
      <Origin>{origin}</Origin>
      <Destination>{port}</Destination>
      <Mode>SEA</Mode>
      <Vehicle>{chance.choice(("EVER GLADE", "COSCO HARMONY", "MSC ELODIE", "CMA CGM LYRA"))} V.{chance.randint(100, 999)}W</Vehicle>
      <DepartureDate>{today + timedelta(days=chance.randint(6, 20))}</DepartureDate>
    </Transport>
    <Destination>{destination}</Destination>
    <Marks>{escape(marks)}</Marks>
    <Goods>
{"".join(_line(goods, count, fault) for goods, count in chosen)}{_total(chosen)}    </Goods>
    <Invoices>
      <Invoice>
        <Number>{invoice}</Number>
        <Date>{invoiced}</Date>
        <Amount>{amount:.2f}</Amount>
        <Currency>USD</Currency>
      </Invoice>
    </Invoices>
    <ApplicationPlace>{record_place(record)}</ApplicationPlace>
    <ApplicationDate>{today}</ApplicationDate>
    <ExitCustoms>{firm.port} CUSTOMS</ExitCustoms>
    <PrintSeal>false</PrintSeal>
  </CertificateApplication>"""


def record_place(record: EnterpriseRecord) -> str:
    """Place of application: the branch's."""
    return next(branch.place for branch in BRANCHES if branch.code == record.branch)


def _line(goods: Goods, count: int, fault: str | None) -> str:
    text, hs, unit, kind, word, pieces, kilograms, _ = goods
    spelled = words(count + (1 if fault in ("package-words", SEVERAL) else 0))
    net = round(count * kilograms, 1)
    return f"""      <Line>
        <Description>{spelled} ({count}) {word} OF {text}</Description>
        <HSCode>{hs}</HSCode>
        <Quantity>{count * pieces}</Quantity>
        <Unit>{unit}</Unit>
        <PackageCount>{count}</PackageCount>
        <PackageKind>{kind}</PackageKind>
        <Packing>PACKED</Packing>
        <GrossWeight>{round(net * 1.08, 1)}</GrossWeight>
        <NetWeight>{net}</NetWeight>
        <OriginCountry>CN</OriginCountry>
      </Line>
"""


def _total(chosen: list[tuple[Goods, int]]) -> str:
    """The TOTAL line, where all packages are of one kind."""
    kinds = {goods[4] for goods, _ in chosen}
    if len(chosen) < 2 or len(kinds) > 1:
        return ""
    total = sum(count for _, count in chosen)
    return f"      <Total>TOTAL: {words(total)} ({total}) {kinds.pop()} ONLY</Total>\n"


def words(count: int) -> str:
    """A count in words as certificates have it: ONE HUNDRED AND FIVE."""
    return str(num2words(count)).upper().replace(",", "")
