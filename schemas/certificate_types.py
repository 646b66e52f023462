"""What each certificate type is: its names, its number, and the boxes of its form, read from `schemas/forms/*.toml`.

One file there is one type. A type that is registered but not issued yet is `enabled = false` and says why.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any


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

    field: the part of the application it shows; x, y, width, height: mm from the page's top left corner;
    size: font size in points; top, bottom: mm between the box's edges and its text; column: it is a column of the goods
    table; anchor: where short text stands, "top" or "bottom"; text: printed below the caption; sign: printed below
    the signature line.
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

    def number(self, registration_no: str, year: int, sequence: int) -> str:
        """Certificate number, for example "26C1100A4419/00001" (the form is unverified: hence a template)."""
        yy = f"{year % 100:02d}"
        return self.number_template.format(yy=yy, letter=self.letter, reg=registration_no, seq=sequence)

    def box(self, number: str) -> Box:
        """The box with this printed number; KeyError when the form has none."""
        for box in self.boxes:
            if box.number == number:
                return box
        raise KeyError(number)

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
    rest = {key: value for key, value in definition.items() if key not in ("form", "box")}
    boxes = tuple(Box(**box) for box in definition.get("box", ()))
    return CertificateType(form=_head(definition.get("form")), boxes=boxes, **rest)


@cache
def _by_code() -> dict[str, CertificateType]:
    return {kind.code: kind for kind in all_types()}


def _head(form: dict[str, Any] | None) -> FormHead | None:
    if form is None:
        return None
    frame = Area(**form["frame"])
    continued = Area(x=frame.x, width=frame.width, **form["continued"])
    return FormHead(tuple(form["heading"]), form["copy"], frame, Area(**form["title"]), continued)
