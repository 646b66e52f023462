"""What the demo's firms trade under agreements: goods are filed 商品备案, then a preferential certificate names them.

Deterministic, as the other samples: everything depends on the number, the day and the filings' numbers.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from xml.sax.saxutils import escape

from console.demo_messages import envelope
from console.sample_firms import ALL_FIRMS
from console.sampler import Firm, Goods, record_place, words
from schemas.certificate_types import CertificateType, certificate_type

Filed = Mapping[tuple[str, str, str], str]  # certificate type, firm, six digits of the HS code -> number of the filing
_FIRMS = {firm.record.no: firm for firm in ALL_FIRMS}


@dataclass(frozen=True, slots=True)
class Item:
    """Goods as they are filed. at: which of the firm's goods; percent: of the criterion, where it counts one; by_weight: sold
    by the kilogram."""

    at: int
    name_zh: str
    criterion: str
    percent: str = ""
    by_weight: bool = False


@dataclass(frozen=True, slots=True)
class Deal:
    """A firm sells goods to a buyer in a member of an agreement. destination, port, vehicle: as printed; works: who makes the
    goods when the firm does not: filed, and on the certificate confidential."""

    type: str
    firm: str
    items: tuple[Item, ...]
    buyer: str
    address: str
    country: str
    destination: str
    port: str
    mode: str
    vehicle: str
    works: str = ""


DEALS = (
    Deal("RCEP", "1100A2002", (Item(0, "棉制印花床上用品套件", "CTC"), Item(1, "棉制毛巾", "RVC", "54")),
         "HINATA LIVING CO., LTD.", "3-4-12 KITAHAMA, CHUO-KU, OSAKA 541-0041, JAPAN", "JP", "JAPAN", "OSAKA, JAPAN",
         "SEA", "BOHAI LANTERN V.2651E"),
    Deal("FORME2", "3302A2201", (Item(0, "不锈钢厨房水槽", "CTH"), Item(2, "家具用钢制铰链", "RVC", "58")),
         "BINTANG DAPUR SDN. BHD.", "LOT 8, JALAN PELABUHAN UTARA, 42000 PORT KLANG, MALAYSIA", "MY", "MALAYSIA",
         "PORT KLANG, MALAYSIA", "SEA", "EASTERN HARBOUR V.121S"),
    Deal("AU", "1100A2001", (Item(1, "离心式水泵", "PSR"),),
         "RIVERBEND IRRIGATION PTY LTD", "44 FITZGERALD ROAD, LAVERTON NORTH VIC 3026, AUSTRALIA", "AU", "AUSTRALIA",
         "MELBOURNE, AUSTRALIA", "SEA", "CORAL BRIDGE V.233S"),
    Deal("KR", "1100A2004", (Item(2, "滑石粉", "WO", by_weight=True),),
         "DAON CERAMICS CO., LTD.", "112 BUKHANG-RO, JUNG-GU, INCHEON 22300, SOUTH KOREA", "KR", "SOUTH KOREA",
         "INCHEON, SOUTH KOREA", "SEA", "YELLOW SEA PEARL V.0648E", works="BEIJING SHUOCHUAN TALC WORKS"),
    Deal("PE", "3302A2204", (Item(1, "纺车式渔线轮", "PSR"),),
         "PESCA DEL RIMAC S.A.C.", "AV. ARGENTINA 2130, CALLAO, PERU", "PE", "PERU", "CALLAO, PERU",
         "SEA", "ANDES TRADER V.022E"),
    Deal("NZ", "4403C2102", (Item(1, "LED灯泡", "PSR"),),
         "TUI BAY LIGHTING LIMITED", "9 NEILSON STREET, ONEHUNGA, AUCKLAND 1061, NEW ZEALAND", "NZ", "NEW ZEALAND",
         "AUCKLAND, NEW ZEALAND", "SEA", "PACIFIC LANTERN V.049S"),
    Deal("CL", "3302A2202", (Item(0, "圆珠笔", "WP"),),
         "LIBRERIA LOS BOLDOS LIMITADA", "CAMINO LO RUIZ 3044, RENCA, SANTIAGO, CHILE", "CL", "CHILE",
         "SAN ANTONIO, CHILE", "SEA", "AUSTRAL DAWN V.036E"),
    Deal("SG", "4403C2104", (Item(0, "锂离子移动电源", "RVC", "55"),),
         "MERANTI MOBILE PTE. LTD.", "27 TUAS AVENUE 8, SINGAPORE 639250, SINGAPORE", "SG", "SINGAPORE", "SINGAPORE",
         "SEA", "STRAITS GLORY V.207S"),
    Deal("CR", "4403C2103", (Item(0, "塑料积木玩具", "PSR"),),
         "JUGUETES CERRO VERDE S.A.", "CALLE 7, AVENIDA 3, PUERTO LIMON, COSTA RICA", "CR", "COSTA RICA",
         "PUERTO LIMON, COSTA RICA", "SEA", "CARIBE EXPRESS V.015E"),
    Deal("CH", "1100A2003", (Item(0, "羊毫毛笔", "WP"),),
         "ATELIER BIRSECK AG", "HAFENSTRASSE 31, 4127 BIRSFELDEN, SWITZERLAND", "CH", "SWITZERLAND", "ZURICH, SWITZERLAND",
         "AIR", "LX197"),
)

# what the demo leaves for people: a certificate on pre-printed stock, goods that nobody has decided on, and a sender on no register
ON_STOCK = next(deal for deal in DEALS if deal.type == "PE")
LEFT_TO_PRINT = 900_001  # the number of its sample
UNDECIDED = replace(ON_STOCK, items=(Item(0, "碳纤维钓鱼竿", "PSR"),))
STRANGER = "3302A9999"


def goods_filings(deals: Iterable[Deal], today: date) -> Iterator[tuple[str, bytes]]:
    """Sender and interchange of each goods filing that these deals need."""
    for deal in deals:
        firm = _FIRMS[deal.firm]
        for item in deal.items:
            message_id = f"GF{today:%y%m%d}-{deal.type}-{_goods(firm, item)[1][:6]}"
            yield deal.firm, envelope(message_id, deal.firm, firm.record.branch, today, _filing(message_id, deal, item))


def filed_goods(deals: Iterable[Deal]) -> Iterator[tuple[str, str, str]]:
    """By what `Filed` knows the goods of each filing, in the order of `goods_filings`."""
    for deal in deals:
        for item in deal.items:
            yield deal.type, deal.firm, _goods(_FIRMS[deal.firm], item)[1][:6]


def _filing(message_id: str, deal: Deal, item: Item) -> str:
    firm = _FIRMS[deal.firm]
    text, hs, *_ = _goods(firm, item)
    percent = f"\n    <ValueContent>{item.percent}</ValueContent>" if item.percent else ""
    return f"""  <GoodsFiling>
    <MessageId>{message_id}</MessageId>
    <CertificateType>{deal.type}</CertificateType>
    <HSCode>{hs[:6]}</HSCode>
    <NameZh>{item.name_zh}</NameZh>
    <NameEn>{escape(text)}</NameEn>
    <Criterion>{item.criterion}</Criterion>{percent}
    <Producer>
      <Name>{escape(deal.works or firm.record.name_en)}</Name>
      <Address>{escape(firm.address)}</Address>
    </Producer>
  </GoodsFiling>"""


def sold(deal: Deal, number: int, today: date, filed: Filed) -> bytes:
    """The interchange of the application for sample `number`: its lines name the filings of their goods."""
    firm, kind = _FIRMS[deal.firm], certificate_type(deal.type)
    message_id, invoice = f"D{today:%y%m%d}-{number:06d}", f"D{today:%y}-{number:06d}"
    chance = random.Random(f"deal/{number}")  # noqa: S311 # variety, not a secret
    counts = [chance.randint(40, 200) for _ in deal.items]
    chosen = list(zip(deal.items, counts, strict=True))
    body = f"""  <CertificateApplication>
    <MessageId>{message_id}</MessageId>
    <CertificateType>{deal.type}</CertificateType>
{_parties(deal, firm)}    <Transport>
      <Origin>{"BEIJING" if deal.mode == "AIR" else firm.port}, CHINA</Origin>
      <Destination>{deal.port}</Destination>
      <Mode>{deal.mode}</Mode>
      <Vehicle>{deal.vehicle}</Vehicle>
      <DepartureDate>{today + timedelta(days=chance.randint(4, 12))}</DepartureDate>
    </Transport>
    <Destination>{deal.destination}</Destination>
    <Marks>{_marks(deal, sum(counts)) if kind.box_number("marks") else ""}</Marks>
    <Goods>
{"".join(_line(kind, firm, at, sale, filed) for at, sale in enumerate(chosen, 1))}{_total(firm, chosen)}    </Goods>
    <Invoices>
      <Invoice>
        <Number>{invoice}</Number>
        <Date>{today - timedelta(days=chance.randint(1, 5))}</Date>
        <Amount>{sum(_value(_goods(firm, item), count) for item, count in chosen):.2f}</Amount>
        <Currency>USD</Currency>
      </Invoice>
    </Invoices>
    <ApplicationPlace>{record_place(firm.record)}</ApplicationPlace>
    <ApplicationDate>{today}</ApplicationDate>
{_producer(deal, kind)}  </CertificateApplication>"""
    return envelope(message_id, deal.firm, firm.record.branch, today, body)


def _parties(deal: Deal, firm: Firm) -> str:
    record = firm.record
    return f"""    <Applicant>
      <RegistrationNo>{record.no}</RegistrationNo>
      <Branch>{record.branch}</Branch>
      <NameZh>{record.name_zh}</NameZh>
      <NameEn>{escape(record.name_en)}</NameEn>
      <CustomsCode>{record.customs_code}</CustomsCode>
      <SignatoryCode>{record.signatories[0].code}</SignatoryCode>
      <SignatoryName>{record.signatories[0].name_zh}</SignatoryName>
    </Applicant>
    <Exporter>
      <Name>{escape(record.name_en)}</Name>
      <Address>{escape(firm.address)}</Address>
      <Country>CN</Country>
    </Exporter>
    <Consignee>
      <Name>{escape(deal.buyer)}</Name>
      <Address>{escape(deal.address)}</Address>
      <Country>{deal.country}</Country>
    </Consignee>
"""


def _line(kind: CertificateType, firm: Firm, at: int, sale: tuple[Item, int], filed: Filed) -> str:
    item, count = sale
    text, hs, unit, package, word, pieces, kilograms, _ = goods = _goods(firm, item)
    net, number = round(count * kilograms, 1), filed.get((kind.code, firm.record.no, hs[:6]))
    shown = f", H.S.CODE {hs[:4]}.{hs[4:6]}" if kind.hs_in_description else ""
    quantity, sold_by = (f"{net:g}", "KGS N.W.") if item.by_weight else (str(count * pieces), unit)
    value = f"""        <ValueContent>{item.percent}</ValueContent>
        <FOBValue>{_value(goods, count):.2f}</FOBValue>
""" if item.percent else ""
    return f"""      <Line>
        <Description>{words(count)} ({count}) {word} OF {escape(text)}{shown}</Description>
        <HSCode>{hs[:6]}</HSCode>
        <Quantity>{quantity}</Quantity>
        <Unit>{sold_by}</Unit>
        <PackageCount>{count}</PackageCount>
        <PackageKind>{package}</PackageKind>
        <Packing>PACKED</Packing>
        <GrossWeight>{round(net * 1.08, 1)}</GrossWeight>
        <NetWeight>{net}</NetWeight>
        <OriginCountry>CN</OriginCountry>
        <Criterion>{item.criterion}</Criterion>
        <ItemNo>{at}</ItemNo>
{value}{f"        <FilingNo>{number}</FilingNo>{chr(10)}" if number else ""}      </Line>
"""


def _total(firm: Firm, chosen: list[tuple[Item, int]]) -> str:
    """The TOTAL line of several goods; the goods of one deal have one kind of package."""
    if len(chosen) < 2:
        return ""
    total = sum(count for _, count in chosen)
    return f"      <Total>TOTAL: {words(total)} ({total}) {_goods(firm, chosen[0][0])[4]} ONLY</Total>\n"


def _marks(deal: Deal, packages: int) -> str:
    name, port = deal.buyer.rsplit(" ", 2)[0].split(" CO.", maxsplit=1)[0], deal.port.split(",", maxsplit=1)[0]
    return f"{escape(name)}\n{port}\nC/NO. 1-{packages}"


def _producer(deal: Deal, kind: CertificateType) -> str:
    """The producer in the words of the form, where it has a box for it."""
    if kind.producer is None:
        return ""
    said = kind.producer.confidential if deal.works else kind.producer.same
    return f"    <Producer>\n      <Name>{said}</Name>\n    </Producer>\n"


def _goods(firm: Firm, item: Item) -> Goods:
    return firm.goods[item.at]


def _value(goods: Goods, count: int) -> float:
    """US dollars."""
    return count * goods[5] * goods[7]
