"""What each certificate type is: its names, its number, what its agreement asks, and the boxes of its form.

Read from `schemas/forms/*.toml`: one file there is one type. A type that is registered but not issued yet is
`enabled = false` and says why. What no source confirms is `verified = false`: rules refer to a person then, never refuse.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

_DIGITS = re.compile(r"\{seq:0(\d+)d\}")

# what a box of a form may show; rules name these, and take the number of the box from the form of the type
FIELDS: dict[str, tuple[str, str]] = {
    "exporter": ("出口商", "exporter"),
    "producer": ("生产商", "producer"),
    "consignee": ("收货人", "consignee"),
    "transport": ("运输方式和路线", "means of transport and route"),
    "destination": ("目的国（地区）", "country or region of destination"),
    "official_use": ("签证机构用栏", "for official use"),
    "remarks": ("备注", "remarks"),
    "item_no": ("项目编号", "item number"),
    "marks": ("唛头及包装号", "marks and numbers"),
    "description": ("包装件数及种类；货物描述", "number and kind of packages; description of goods"),
    "hs_code": ("HS编码", "HS code"),
    "criterion": ("原产地标准", "origin criterion"),
    "origin_country": ("原产国", "country of origin"),
    "quantity": ("数量或重量", "quantity or weight"),
    "value": ("价值", "value (FOB or invoiced)"),
    "invoices": ("发票号码及日期", "number and date of invoices"),
    "declaration": ("出口商声明", "declaration by the exporter"),
    "certification": ("签证机构证明", "certification"),
    "ticks": ("勾选项", "tick boxes"),
    "verification_request": ("核查请求", "request for verification"),
    "verification_result": ("核查结果", "result of verification"),
}


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle on the page, in millimetres from the page's top left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Box:
    """One captioned box of the form.

    field: the part of the application it shows (a key of FIELDS); also: other parts that stand in it too;
    x, y, width, height: mm from the page's top left corner;
    size: font size in points; top, bottom: mm between the box's edges and its text; column: it is a column of the goods
    table; anchor: where short text stands, "top" or "bottom"; text: printed below the caption; sign: printed below
    the signature line; ticks: of a box of ticks, the flag of the application and the words beside each.
    A box without a number ("") stands on the form unnumbered.
    """

    number: str
    caption: str
    field: str
    x: float
    y: float
    width: float
    height: float
    size: float
    top: float = 5.0
    bottom: float = 1.0
    column: bool = False
    anchor: str = "top"
    text: str = ""
    sign: str = ""
    also: tuple[str, ...] = ()
    ticks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Criterion:
    """An origin criterion 原产地标准 of a type.

    code: as printed ("WO"; "A" of APTA); percent: "" none, "required" or "optional": what a percentage beside it is;
    minimum, maximum: its limits, both inclusive, None where there is none; content: what the percentage counts, "regional",
    "foreign" or "cumulative"; basis: the bases of a product-specific rule of which one has to be chosen;
    short: printed as the bare percentage ("45%") instead of the code; verified: False when no source confirms the code.
    """

    code: str
    zh: str
    en: str
    percent: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    content: str = "regional"
    basis: tuple[str, ...] = ()
    short: bool = False
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Mark:
    """Words that a special certificate carries: in the box `field`, or as a tick there; verified as for the type.

    words: as printed; "{number}" and "{date}" stand for those of the original.
    """

    words: str
    field: str
    tick: bool = False
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Retrospective:
    """Issue after shipment 补发.

    mark: None where it is not allowed; window_days: from departure to the application, inclusive; grace_days: after
    departure for which no mark is needed, in working days if `working`; latest_days: where it is not allowed, working days
    after departure in which it may still be issued (APTA 3), 0 for none; since: departures before are not allowed (NZ).
    """

    mark: Mark | None = None
    window_days: int = 365
    grace_days: int = 0
    working: bool = False
    latest_days: int = 0
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Producer:
    """What may stand in the producer's box. required: it may not be empty; phrases: allowed instead of a name;
    confidential, unknown: the type's own wording for those, "" where the guide names none; several: SEE BOX n."""

    required: bool = True
    same: str = "SAME"
    confidential: str = ""
    unknown: str = ""
    several: str = ""
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NonParty:
    """Invoices of a company outside the parties 第三方发票: who must be named ("operator", "producer"), in which box."""

    field: str
    needs: tuple[str, ...] = ("operator",)
    tick: bool = False
    verified: bool = True


@dataclass(frozen=True, slots=True)
class LineLimit:
    """Most goods lines on a certificate signed from `since` on (inclusive); most None: no limit."""

    most: int | None
    since: date | None = None


@dataclass(frozen=True, slots=True)
class FormHead:
    """What the page shows outside its boxes.

    heading: the title, a line each; copy: which copy it is; frame: the outer border; title: where number and title
    stand; continued: the part of a continuation page below its head.
    """

    heading: tuple[str, ...]
    copy: str
    frame: Area
    title: Area
    continued: Area


@dataclass(frozen=True, slots=True)
class CertificateType:
    """A certificate type. `reason_zh` and `reason_en` say why it is not enabled; `form` is None without a form.

    valid_from, valid_to: application dates it may be issued for, both inclusive, None where open;
    paper: "eco" (printed in full) or "pco" (put on pre-printed stock); end_mark: what closes the goods.
    Of a preferential type: agreement: its name; members: ISO 3166-1 codes of the other parties; consignees: of the
    countries where the consignee may be (empty: the members; "*": anywhere); to_order: "allowed" or "manual";
    landlocked: members that are reached through a port of another country; hs_digits: least digits, hs_warn below which
    only a warning; hs_edition: of the agreement; hs_in_description: the code also stands in the description; criteria,
    additions ("ACU"); value: FOB or invoiced value: "", "required", "never" (not printed), "with-percent" (only where the
    criterion counts value); marks_required; non_member_port: what a port of discharge outside the members is, "reject" or
    "manual"; validity_months; copies beside the original.
    notes: what its users should know, "中文 / English"; source: where the definition comes from; unverified: the fields of
    this class ("boxes", "paper") that no source confirms.
    """

    code: str
    zh: str
    en: str
    letter: str
    enabled: bool
    number_template: str
    paper: str
    reason_zh: str = ""
    reason_en: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    overleaf: bool = False
    end_mark: str = ""
    form: FormHead | None = None
    boxes: tuple[Box, ...] = ()
    preferential: bool = False
    agreement: str = ""
    members: tuple[str, ...] = ()
    consignees: tuple[str, ...] = ()
    to_order: str = "allowed"
    landlocked: tuple[str, ...] = ()
    hs_digits: int = 4
    hs_warn: int = 0
    hs_edition: int = 2022
    hs_in_description: bool = False
    criteria: tuple[Criterion, ...] = ()
    additions: tuple[str, ...] = ()
    value: str = ""
    marks_required: bool = True
    non_member_port: str = "reject"
    lines: tuple[LineLimit, ...] = (LineLimit(None),)
    retrospective: Retrospective = Retrospective()
    reissue: Mark | None = None
    replacement: Mark | None = None
    producer: Producer | None = None
    non_party: NonParty | None = None
    validity_months: int | None = None
    copies: int = 0
    notes: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    source: str = ""
    _numbers: Mapping[str, str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        # a box that shows a field as its own comes before one that shows it too
        also = {shown: box.number for box in reversed(self.boxes) for shown in box.also}
        object.__setattr__(self, "_numbers", also | {box.field: box.number for box in reversed(self.boxes)})

    def number(self, registration_no: str, year: int, sequence: int) -> str:
        """Certificate number, for example "26C1100A4419/00001" (the form is unverified: hence a template)."""
        yy = f"{year % 100:02d}"
        return self.number_template.format(yy=yy, letter=self.letter, reg=registration_no, seq=sequence)

    @property
    def last_number(self) -> int:
        """The largest sequence that the number's template has digits for."""
        digits = _DIGITS.search(self.number_template)
        return 10 ** int(digits[1]) - 1 if digits else 10**18

    def box(self, number: str) -> Box:
        """The box with this printed number; KeyError when the form has none."""
        for box in self.boxes:
            if box.number == number:
                return box
        raise KeyError(number)

    def box_number(self, shown: str) -> str | None:
        """The number of the box that shows this field; None when the form has none, it has no number, or no form is known."""
        return self._numbers.get(shown) or None

    def criterion(self, code: str) -> Criterion | None:
        """The criterion with this code; None when the type has none."""
        return next((one for one in self.criteria if one.code == code), None)

    def most_lines(self, signed: date) -> int | None:
        """Most goods lines of a certificate signed on this day, None without a limit."""
        limits = [limit for limit in self.lines if limit.since is None or limit.since <= signed]
        return max(limits, key=lambda limit: limit.since or date.min).most if limits else None

    def available_on(self, day: date) -> bool:
        """Whether it may be issued for an application of this day."""
        begun = self.valid_from is None or self.valid_from <= day
        return self.enabled and begun and (self.valid_to is None or day <= self.valid_to)


@cache
def all_types() -> tuple[CertificateType, ...]:
    """Every registered type, enabled ones first, then by code. Read once per process."""
    definitions = [item for item in files("schemas").joinpath("forms").iterdir() if item.name.endswith(".toml")]
    types = [certificate_type_from(tomllib.loads(item.read_text(encoding="utf-8"))) for item in definitions]
    return tuple(sorted(types, key=lambda kind: (not kind.enabled, kind.code)))


def certificate_type(code: str) -> CertificateType:
    """The type with this code; KeyError when there is none."""
    return _by_code()[code]


def certificate_type_from(definition: dict[str, Any]) -> CertificateType:
    """A type from the content of its definition file; TypeError when a key is unknown or missing."""
    rest: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in definition.items()
                            if key not in _PARTS}
    parts: dict[str, Any] = {key: _PARTS[key](definition[key]) for key in _PARTS if key in definition}
    boxes = tuple(map(_box, definition.get("box", ())))
    parts.pop("box", None)
    return CertificateType(boxes=boxes, **parts, **rest)


def type_of(code: str) -> CertificateType | None:
    """The type with this code, None when there is none."""
    return _by_code().get(code)


def _box(data: dict[str, Any]) -> Box:
    ticks = tuple((flag, words) for flag, words in data.get("ticks", ()))
    return Box(**(data | {"also": tuple(data.get("also", ())), "ticks": ticks}))


def _criterion(data: dict[str, Any]) -> Criterion:
    limits = {key: Decimal(str(data[key])) for key in ("minimum", "maximum") if key in data}
    return Criterion(**(data | limits | {"basis": tuple(data.get("basis", ()))}))


def _retrospective(data: dict[str, Any]) -> Retrospective:
    return Retrospective(**(data | ({"mark": Mark(**data["mark"])} if "mark" in data else {})))


def _producer(data: dict[str, Any]) -> Producer:
    return Producer(**(data | {"phrases": tuple(data.get("phrases", ()))}))


def _non_party(data: dict[str, Any]) -> NonParty:
    return NonParty(**(data | {"needs": tuple(data.get("needs", ("operator",)))}))


@cache
def _by_code() -> dict[str, CertificateType]:
    return {kind.code: kind for kind in all_types()}


def _head(form: dict[str, Any] | None) -> FormHead | None:
    if form is None:
        return None
    frame = Area(**form["frame"])
    continued = Area(x=frame.x, width=frame.width, **form["continued"])
    return FormHead(tuple(form["heading"]), form["copy"], frame, Area(**form["title"]), continued)


# parts of a definition that are more than a value -> how each is read
_PARTS: dict[str, Callable[[Any], Any]] = {
    "form": _head,
    "box": lambda boxes: None,
    "criteria": lambda rows: tuple(map(_criterion, rows)),
    "lines": lambda rows: tuple(LineLimit(row.get("most"), row.get("since")) for row in rows),
    "retrospective": _retrospective,
    "reissue": lambda data: Mark(**data),
    "replacement": lambda data: Mark(**data),
    "producer": _producer,
    "non_party": _non_party,
}
