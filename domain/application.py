"""What an exporter asks for: the content of a certificate application, as sent.

Every text is kept as the sender wrote it, white space at the ends dropped; an absent element is "".
Dates and amounts stay text here: whether they can be read as such is a rule (B03, B04), and a rule can only
show the sender a value that was not converted. `date_of` and `decimal_of` read them.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DECIMAL = re.compile(r"\d{1,15}(\.\d{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who sends: registration number (9 characters or 18-character credit code), branch, names and signatory 手签员."""

    registration_no: str = ""
    branch: str = ""
    name_zh: str = ""
    name_en: str = ""
    customs_code: str = ""
    signatory_code: str = ""
    signatory_name: str = ""
    small_enterprise: bool = False  # 小微


@dataclass(frozen=True, slots=True)
class Party:
    """Exporter, producer, consignee or non-party operator. `country`: ISO 3166-1 alpha-2, "" for TO ORDER without one.

    A producer's name may be one of the phrases that the type's guide allows instead: SAME, UNKNOWN, CONFIDENTIAL ...
    """

    name: str = ""
    address: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Transport:
    """Means of transport and route: places as printed, mode SEA, AIR, RAIL, TRUCK, POST, EXPRESS or MULTI.

    origin: port of loading; destination: final place, on preferential forms the port of discharge; via: transhipment.
    """

    origin: str = ""
    destination: str = ""
    via: str = ""
    mode: str = ""
    vehicle: str = ""
    departure_date: str = ""


@dataclass(frozen=True, slots=True)
class GoodsLine:
    """One goods line (boxes 6 to 9): packages and description (7), HS code (8), quantity and weight (9).

    description: the text of box 7 as printed, "ONE HUNDRED (100) CARTONS OF ...".
    package_count/package_kind: the same as data; kind is a UN/ECE Recommendation 21 code or a printed word.
    unit: UN/ECE Recommendation 20 code or a printed word (PCS). Weights are in kilograms.
    criterion: origin criterion as printed, additions after a blank ("CTC ACU"); a general certificate has none (F03).
    value_content: percent that the criterion states: regional, foreign or cumulative value content.
    psr_basis: what a product-specific rule rests on: RVC, CTC or PROCESS. fob_value: in the invoices' currency.
    origin_country: also RCEP's box 11. filing_no: the goods filing 商品备案 it was approved under.
    producer: of this line, where the form's producer box says SEE BOX 8. processing: steps 加工工序, for the reviewer.
    """

    description: str = ""
    hs_code: str = ""
    quantity: str = ""
    unit: str = ""
    package_count: str = ""
    package_kind: str = ""
    packing: str = ""  # PACKED, BULK (IN BULK) or NUDE (NUDE CARGO)
    gross_weight: str = ""
    net_weight: str = ""
    origin_country: str = ""
    criterion: str = ""
    item_no: str = ""
    value_content: str = ""
    psr_basis: str = ""
    fob_value: str = ""
    filing_no: str = ""
    producer: str = ""
    processing: str = ""


@dataclass(frozen=True, slots=True)
class Invoice:
    """Number and date of an invoice; amount and ISO 4217 currency are printed where the form asks for them.

    issuer_country: ISO 3166-1 alpha-2 of who issued it, "" for the exporter's own.
    """

    number: str = ""
    date: str = ""
    amount: str = ""
    currency: str = ""
    issuer_country: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A mark as a picture 图片唛头: title, and the file as base64 text, as sent; it is decoded only where it is looked at."""

    title: str = ""
    content: str = ""


@dataclass(frozen=True, slots=True)
class Amendment:
    """What an amendment 改证重发 says of the certificate that it replaces.

    kind: AMEND 更改, REISSUE 重发 or AMEND_REISSUE 更改重发; original_no: certificate number; revision: the original's
    revision that the sender knows, as text; reason: why, for the reviewer.
    """

    kind: str = ""
    original_no: str = ""
    original_date: str = ""
    revision: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Application:
    """A certificate application or amendment: the boxes of the form and the submission fields beside them.

    official_use is the issuer's box (G16, G17). goods_total is the TOTAL line, goods_note what stands below the end
    mark (references such as an L/C number). producer: box of its own or the type's remarks. form_remarks: the printed
    remarks box; remarks: for the reviewer, not printed. endorsement: words such as ISSUED RETROACTIVELY as the sender
    wrote them; the ticks beside it ask for the type's own mark. operator: the non-party who issued an invoice.
    linked_document 关联单据 is not supported (A30). amendment: None for a first application.
    """

    message_id: str
    certificate_type: str = ""
    applicant: Applicant = Applicant()
    exporter: Party = Party()
    consignee: Party = Party()
    transport: Transport = Transport()
    destination: str = ""
    official_use: str = ""
    marks: str = ""
    goods: tuple[GoodsLine, ...] = ()
    goods_total: str = ""
    goods_note: str = ""
    invoices: tuple[Invoice, ...] = ()
    application_place: str = ""
    application_date: str = ""
    exit_customs: str = ""  # 出境海关
    export_declaration: str = ""  # 报关单号
    signing_point: str = ""  # 签证点
    remarks: str = ""
    local_print: bool = False  # 申请本地打印
    print_seal: bool = False  # 打印印章签名
    producer: Party = Party()
    form_remarks: str = ""
    endorsement: str = ""
    retrospective: bool = False  # 补发
    non_party_invoice: bool = False  # 第三方发票
    operator: Party = Party()
    exhibition: bool = False
    movement_certificate: bool = False
    back_to_back: bool = False
    pictures: tuple[Picture, ...] = ()
    linked_document: str = ""
    amendment: Amendment | None = None

    @property
    def invoice_key(self) -> str:
        """The natural key: the first invoice number, normalised; "" when there is none."""
        return normalised_invoice(self.invoices[0].number) if self.invoices else ""


def normalised_invoice(number: str) -> str:
    """Invoice number for comparison: blanks dropped, upper case (rule A16)."""
    return re.sub(r"\s+", "", number).upper()


def date_of(text: str) -> date | None:
    """`text` as a date, None unless it is yyyy-mm-dd in half-width digits and exists in the calendar."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def decimal_of(text: str) -> Decimal | None:
    """`text` as a number, None unless it is plain half-width digits with at most one decimal point."""
    return Decimal(text) if _DECIMAL.fullmatch(text) else None
