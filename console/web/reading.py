"""From what a browser or a program sent to the checked values of a route's fields."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from console.web.asking import BadInput, Field

Fault = tuple[str, str]
# as people write a day: 2026-11-2, 2026/11/02, 2026.11.2, 2026年11月2日; 2.11.2026
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})\s?[-/.年]\s?(?P<month>\d{1,2})\s?[-/.月]\s?(?P<day>\d{1,2})日?", re.ASCII)
_DAY_FIRST = re.compile(r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})", re.ASCII)
_ABSENT: tuple[Any, ...] = ("", b"", None, [], ())


def read_fields(fields: Sequence[Field], sent: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the fields that were sent; raises BadInput with every fault. sent: texts, or lists of them.

    What was not sent is absent, a flag then False, repeated texts (). What no field names is not looked at.
    """
    values: dict[str, Any] = {}
    faults: dict[str, Fault] = {}
    for field in fields:
        raw = sent.get(field.name)
        if _absent(raw):
            if field.required:
                faults[field.name] = ("必填", "is required")
            elif field.kind in ("flag", "texts"):
                values[field.name] = False if field.kind == "flag" else ()
            continue
        value, fault = _read(field, raw)
        if field.required and isinstance(value, str) and not value.strip():
            fault = ("必填", "is required")
        if fault:
            faults[field.name] = fault
        else:
            values[field.name] = value
    if faults:
        raise BadInput(faults)
    return values


def _absent(raw: Any) -> bool:
    """Whether nothing was sent: a form sends an empty text for a field that nobody filled in."""
    return raw in _ABSENT or (isinstance(raw, list) and all(item in _ABSENT for item in raw))


def _read(field: Field, raw: Any) -> tuple[Any, Fault | None]:
    if field.kind == "texts":
        texts = raw if isinstance(raw, list) else [raw]
        if len(texts) > 1000 or any(not _is_text(text) or len(text) > field.longest for text in texts):
            return None, ("内容过长", "is too long")
        return tuple(clean for text in texts if (clean := _clean(text))), None
    if field.kind == "file":
        taken = isinstance(raw, bytes) and len(raw) <= field.longest
        return (raw, None) if taken else (None, ("文件过大", "the file is too large"))
    text = raw[-1] if isinstance(raw, list) and raw else raw
    if isinstance(text, bool | int):  # JSON
        text = str(text).lower() if isinstance(text, bool) else str(text)
    if not _is_text(text):
        return None, ("格式错误", "is not a text")
    if len(text) > field.longest:
        return None, (f"最多{field.longest}个字符", f"has more than {field.longest} characters")
    return _READERS[field.kind](field, text if field.kind in ("secret", "lines") else _clean(text))


def _is_text(value: Any) -> bool:
    """Whether this is a text that can be kept: JSON can carry halves of characters, "\\ud800"."""
    return isinstance(value, str) and not any("\ud800" <= char <= "\udfff" for char in value)


def _clean(text: str) -> str:
    """Without blanks at the ends and without NUL, which PostgreSQL cannot keep."""
    return text.replace("\x00", "").strip()


def _text(field: Field, text: str) -> tuple[Any, Fault | None]:
    if field.kind == "choice" and text not in field.choices:
        return None, ("不在可选值中", f"must be one of {', '.join(field.choices)}")
    return text.replace("\x00", ""), None


def _integer(field: Field, text: str) -> tuple[Any, Fault | None]:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 12 and field.least <= int(text) <= field.most):
        return None, (f"应为{field.least}至{field.most}的整数", f"must be a whole number from {field.least} to {field.most}")
    return int(text), None


def _date(field: Field, text: str) -> tuple[Any, Fault | None]:
    try:
        if found := _YEAR_FIRST.fullmatch(text) or _DAY_FIRST.fullmatch(text):
            return date(*(int(found[part]) for part in ("year", "month", "day"))), None
        return date.fromisoformat(text), None
    except ValueError:
        return None, ("日期应为 yyyy-mm-dd", "must be a date, yyyy-mm-dd")


def _uuid(field: Field, text: str) -> tuple[Any, Fault | None]:
    try:
        return UUID(text), None
    except ValueError:
        return None, ("不是有效的标识", "is not an id")


def _flag(field: Field, text: str) -> tuple[Any, Fault | None]:
    return text.lower() in ("1", "on", "true", "yes"), None


_READERS = {
    "text": _text, "lines": _text, "secret": _text, "choice": _text, "integer": _integer, "date": _date, "uuid": _uuid,
    "flag": _flag,
}
