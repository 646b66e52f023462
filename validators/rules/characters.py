"""B01, B02, B07-B09, B13: which characters may stand on the certificate."""

import re
from collections.abc import Iterator

from domain.application import Application
from domain.finding import Severity
from validators.facts import Facts
from validators.fields import printed_fields, printed_text
from validators.rule import ALL, Hit, Rule

# C0 and C1 controls and tab; a line feed separates printed lines and is allowed
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_PLAIN = bytes([10, *range(32, 127)])
_FOREIGN = re.compile(r"[^\x00-\x9f]")
_LETTER = re.compile(r"[A-Za-z]")


def _quote_in_invoice(application: Application, facts: Facts) -> Iterator[Hit]:
    for position, invoice in enumerate(application.invoices, 1):
        if "'" in invoice.number:
            yield Hit(f"Invoices/Invoice[{position}]/Number", invoice.number)


def _foreign_characters(application: Application, facts: Facts) -> Iterator[Hit]:
    if printed_text(application).isascii():
        return
    allowed = facts.codes.parameters.diacritics.get(application.certificate_type, frozenset())
    for path, field, text in printed_fields(application):
        if found := [character for character in _FOREIGN.findall(text) if character not in allowed]:
            shown = " ".join(f"{character} (U+{ord(character):04X})" for character in dict.fromkeys(found[:5]))
            yield Hit(path, text, field, zh=shown, en=shown)


def _lower_case(application: Application, facts: Facts) -> Iterator[Hit]:
    text = printed_text(application) + application.application_place
    if text == text.upper():
        return
    for path, field, value in _printed_and_place(application):
        if any("a" <= character <= "z" for character in value):
            yield Hit(path, value, field)


def _control_characters(application: Application, facts: Facts) -> Iterator[Hit]:
    text = printed_text(application) + application.application_place
    if text.isascii() and not text.encode().translate(None, _PLAIN):
        return
    for path, field, value in _printed_and_place(application):
        if found := _CONTROL.search(value):
            shown = f"U+{ord(found.group()):04X}"
            yield Hit(path, value, field, zh=shown, en=shown)


def _printed_and_place(application: Application) -> Iterator[tuple[str, str, str]]:
    yield from printed_fields(application)
    yield "ApplicationPlace", "declaration", application.application_place


def _place_is_english(place: str) -> bool:
    return not _FOREIGN.search(place) and bool(_LETTER.search(place))


def _place_not_english(application: Application, facts: Facts) -> Iterator[Hit]:
    if not _place_is_english(application.application_place):
        yield Hit("ApplicationPlace", application.application_place)


def _place_without_country(application: Application, facts: Facts) -> Iterator[Hit]:
    place = application.application_place
    if not place.upper().rstrip(" .").endswith("CHINA") and _place_is_english(place):
        yield Hit("ApplicationPlace", place)


RULES = (
    Rule(
        "B01", Severity.REJECT, ALL, "invoices", "manual of 2006",
        "发票号码不得含单引号", "No single quote in invoice number",
        "请去掉单引号 / Remove the single quote",
        _quote_in_invoice,
    ),
    Rule(
        "B02", Severity.REJECT, ALL, None, "manual of 2006",
        "请使用英文半角字符", "Use half-width English characters",
        "请将所列字符改为英文半角字符 / Replace the characters shown by half-width English ones",
        _foreign_characters,
    ),
    Rule(
        "B07", Severity.WARN, ALL, None, "issued certificates",
        "建议使用大写字母", "Use capital letters",
        "请改为大写字母 / Write it in capital letters",
        _lower_case,
    ),
    Rule(
        "B08", Severity.REJECT, ALL, "declaration", "manual of 2006",
        "申请地点、签发地点须用英文", "Places must be in English",
        "请用英文填写，如BEIJING, CHINA / Write it in English, for example BEIJING, CHINA",
        _place_not_english,
    ),
    Rule(
        "B09", Severity.WARN, ALL, "declaration", "manual of 2006",
        "地点应含国名CHINA", "Place should end with CHINA",
        "请在地名后加国名，如BEIJING, CHINA / Add the country, for example BEIJING, CHINA",
        _place_without_country,
    ),
    Rule(
        "B13", Severity.REJECT, ALL, None, "own",
        "含非法控制字符", "Control characters are not allowed",
        "请删除制表符等控制字符，换行可保留 / Remove tabs and other control characters; line feeds may stay",
        _control_characters,
    ),
)  # fmt: skip
