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
    """Exporter (box 1) or consignee (box 2). `country` is an ISO 3166-1 alpha-2 code, "" for TO ORDER without one."""

    name: str = ""
    address: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Transport:
    """Means of transport and route (box 3): places as printed, mode SEA, AIR, RAIL, TRUCK, POST, EXPRESS or MULTI."""

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
    criterion: origin criterion; a general certificate has none (rule F03).
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


@dataclass(frozen=True, slots=True)
class Invoice:
    """Number and date of an invoice (box 10); amount and ISO 4217 currency are not printed on a general certificate."""

    number: str = ""
    date: str = ""
    amount: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Application:
    """A certificate application: the twelve boxes of the form and the submission fields beside them.

    official_use is box 5, which only the issuer may fill (G16). goods_total is the TOTAL line of box 7, goods_note
    what stands below the end mark (references such as an L/C number).
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
