"""Hostile deliveries of every shape, each as large as the gates let through: what bench/check.py searches for the dearest.

Made from one good application by tables: every field filled with every kind of long text, every element repeated, unknown
elements, attributes and namespaces in bulk, hundreds of lines, invoices or messages with many faults each.
"""

import re
from collections.abc import Callable, Mapping

from tests.samples.evil.corpus import GOOD

ROOM = 2_000_000  # bytes of filling; the gate is at 2,097,152
_LINE = re.compile(r"<Line>.*?</Line>", re.S)
_INVOICE = re.compile(r"<Invoice>.*?</Invoice>", re.S)
_MESSAGE = re.compile(r"<CertificateApplication>.*</CertificateApplication>", re.S)
_FIELD = re.compile(r"<(\w+)>([^<>]+)</\1>")


def _good() -> str:
    return re.sub(r"<!--.*?-->", "", GOOD.read_text(encoding="utf-8"), flags=re.S)


def _part(pattern: re.Pattern[str]) -> str:
    found = pattern.search(_good())
    assert found
    return found.group()


def _fields(text: str) -> list[str]:
    return [found.group(1) for found in _FIELD.finditer(text)]


def _filled(text: str, field: str, value: str) -> str:
    return re.sub(f"<{field}>[^<>]*</{field}>", lambda found: f"<{field}>{value}</{field}>", text, count=1)


def _replaced(pattern: re.Pattern[str], text: str) -> bytes:
    return pattern.sub(lambda found: text, _good(), count=1).encode()


# ways to fill a text of so many characters; the last argument makes each line another one
TEXTS: Mapping[str, Callable[[int, int], str]] = {
    "letters": lambda size, at: "X" * size,
    "words": lambda size, at: ("PUMP " * (size // 5 + 1))[:size],
    "small words": lambda size, at: ("a " * (size // 2 + 1))[:size],
    "digits": lambda size, at: "9" * size,
    "brackets": lambda size, at: ("(1" * (size // 2 + 1))[:size],
    "counts": lambda size, at: (f"TEN ({at + 10}) CARTONS " * (size // 19 + 1))[:size],
    "bare counts": lambda size, at: (f"AND {at + 10} CARTONS " * (size // 15 + 1))[:size],
    "reversed counts": lambda size, at: (f"{at + 10} (TEN) CARTONS " * (size // 17 + 1))[:size],
    "nearly number words": lambda size, at: (f"SEVENT{at}EEN NINTEE " * (size // 17 + 1))[:size],
    "blanks": lambda size, at: "A" + " " * max(size - 2, 0) + "B",
    "line feeds": lambda size, at: ("A\n" * (size // 2 + 1))[:size],
    "stars": lambda size, at: ("********* " * (size // 10 + 1))[:size],
    "dashes": lambda size, at: "-" * size,
    "made in": lambda size, at: ("MADE IN " * (size // 8 + 1))[:size],
    "numbered": lambda size, at: ("C/NO. 1-" * (size // 8 + 1))[:size],
    "via": lambda size, at: ("VIA C/O ON BEHALF OF " * (size // 21 + 1))[:size],
    "full width": lambda size, at: "\uff21" * (size // 3),
    "distinct characters": lambda size, at: "".join(chr(0x4E00 + n % 20_000) for n in range(size // 3)),
    "controls": lambda size, at: "\u0085" * (size // 2),
    "astral": lambda size, at: "\U0001f600" * (size // 4),
    "prices": lambda size, at: ("USD 1 FOB " * (size // 10 + 1))[:size],
    "ligatures": lambda size, at: "\ufdfa" * (size // 3),
}


def _one_field(field: str, text: str) -> Callable[[], bytes]:
    return lambda: _filled(_good(), field, TEXTS[text](ROOM, 0)).encode()


def _every_field(text: str, size: int) -> Callable[[], bytes]:
    """Each field at a length; as many lines as there is room for."""
    def make() -> bytes:
        message = _part(_MESSAGE)
        for field in _fields(message):
            if field not in ("MessageId", "CertificateType", "RegistrationNo"):
                message = _filled(message, field, TEXTS[text](size, 0))
        return _replaced(_MESSAGE, message)

    return make


def _lines(field: str, text: str, size: int) -> Callable[[], bytes]:
    count = min(500, ROOM // (size + len(_part(_LINE))))
    return lambda: _replaced(_LINE, "".join(_filled(_part(_LINE), field, TEXTS[text](size, at)) for at in range(count)))


def _all_line_fields(count: int, value: Callable[[int], str]) -> Callable[[], bytes]:
    def make() -> bytes:
        line = _part(_LINE)
        names = _fields(line)
        return _replaced(_LINE, "".join(
            "<Line>" + "".join(f"<{name}>{value(at)}</{name}>" for name in names) + "</Line>" for at in range(count)))

    return make


def _invoices(count: int, value: str) -> Callable[[], bytes]:
    def make() -> bytes:
        names = _fields(_part(_INVOICE))
        one = "<Invoice>" + "".join(f"<{name}>{value}</{name}>" for name in names) + "</Invoice>"
        return _replaced(_INVOICE, one * count)

    return make


def _repeated(element: str, count: int) -> Callable[[], bytes]:
    return lambda: _good().replace("<Goods>", f"{element * count}<Goods>", 1).encode()


def _in_goods(element: str, count: int) -> Callable[[], bytes]:
    return lambda: _good().replace("<Goods>", f"<Goods>{element * count}", 1).encode()


def _messages(count: int, change: Callable[[str, int], str]) -> Callable[[], bytes]:
    return lambda: _replaced(_MESSAGE, "".join(change(_part(_MESSAGE), at) for at in range(count)))


def _faulty(message: str, at: int) -> str:
    """Every field of the message wrong at once."""
    return _FIELD.sub(lambda found: f"<{found.group(1)} x='1'>\uff21 {found.group(2)[:9]}</{found.group(1)}>", message)


def _emptied(message: str, at: int) -> str:
    return _FIELD.sub(lambda found: f"<{found.group(1)}/>", message)


def _attributes(count: int, of: str = "") -> str:
    return " ".join(f"{of}a{at}='1'" for at in range(count))


def _on(element: str, attributes: str) -> bytes:
    return _good().replace(f"<{element}>", f"<{element} {attributes}>", 1).encode()


def _nested(levels: int, count: int) -> bytes:
    tower = "<Marks>" * levels + "</Marks>" * levels
    return _good().replace("<Goods>", f"{tower * count}<Goods>", 1).encode()


_MESSAGE_FIELDS = (
    "NameEn", "NameZh", "SignatoryName", "Name", "Address", "Origin", "Destination", "Vehicle", "Marks", "Description",
    "HSCode", "Quantity", "Unit", "PackageCount", "PackageKind", "GrossWeight", "Number", "Date", "Amount",
    "ApplicationPlace", "ApplicationDate",
)
_LONGEST = {"Description": 8_000, "HSCode": 64, "Unit": 64, "Quantity": 64, "PackageKind": 64, "PackageCount": 64}

SHAPES: Mapping[str, Callable[[], bytes]] = {
    "good": lambda: _good().encode(),
    "every field wrong": _messages(1, _faulty),
    **{f"{field} of 2 MB, {text}": _one_field(field, text) for field in _MESSAGE_FIELDS for text in TEXTS},
    **{f"every field of {size}, {text}": _every_field(text, size) for size in (64, 2_000, 60_000) for text in TEXTS},
    **{f"lines with {field} of {size}, {text}": _lines(field, text, size) for field, size in _LONGEST.items() for text in TEXTS},
    **{f"lines with Description of 3900, {text}": _lines("Description", text, 3_900) for text in TEXTS},
    "500 lines, all fields full width": _all_line_fields(500, lambda at: "\uff21"),
    "500 lines, all fields small": _all_line_fields(500, lambda at: "x"),
    "500 lines, all fields empty": _all_line_fields(500, lambda at: ""),
    "500 lines, all fields 65 long": _all_line_fields(500, lambda at: "8" * 65),
    "1500 lines, all fields small": _all_line_fields(1_500, lambda at: "x"),
    "19000 empty lines": _in_goods("<Line/>", 19_000),
    "9000 lines of one field": _in_goods("<Line><HSCode>x</HSCode></Line>", 9_000),
    "500 invoices": _invoices(500, "x'"),
    "3000 invoices": _invoices(3_000, "\uff11"),
    "19000 unknown elements": _repeated("<Colour/>", 19_000),
    "19000 foreign elements": _repeated("<c:X xmlns:c='urn:c'/>", 19_000),
    "19000 elements of no namespace": _repeated("<X xmlns=''/>", 19_000),
    "19000 namespaces": _repeated("<X xmlns='urn:{}'/>", 19_000),
    "19000 marks": _repeated("<Marks/>", 19_000),
    "19000 consignees": _repeated("<Consignee/>", 19_000),
    "6000 consignees with content": _repeated("<Consignee><Name>x</Name><Address/></Consignee>", 6_000),
    "9000 elements in the wrong place": _repeated("<ApplicationPlace/><ApplicationDate/>", 9_000),
    "19000 unknown elements in goods": _in_goods("<Colour/>", 19_000),
    "texts between 19000 elements": _in_goods("<Line/>STRAY", 19_000),
    "towers of 20 levels": lambda: _nested(20, 900),
    "50000 attributes on Marks": lambda: _on("Marks", _attributes(50_000)),
    "50000 attributes on Goods": lambda: _on("Goods", _attributes(50_000)),
    "120000 attributes on Marks": lambda: _on("Marks", _attributes(120_000)),
    "50000 attributes on the message": lambda: _on("CertificateApplication", _attributes(50_000)),
    "10 attributes on 15000 elements": _repeated(f"<Marks {_attributes(10)}/>", 15_000),
    "20000 attributes of 20000 namespaces": lambda: _on(
        "Marks", " ".join(f"xmlns:n{at}='urn:{at}' n{at}:a='1'" for at in range(20_000))),
    "50000 namespaces on Marks": lambda: _on("Marks", " ".join(f"xmlns:n{at}='u{at}'" for at in range(50_000))),
    "namespaces on the message, 10000 elements in it": lambda: _repeated("<X/>", 10_000)().replace(
        b"<CertificateApplication>",
        f"<CertificateApplication {' '.join(f'xmlns:n{at}=' + repr(f'u{at}') for at in range(20_000))}>".encode(), 1),
    "xsi:type on 15000 elements": _repeated(
        "<Marks xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:type='Nobody'/>", 15_000),
    "an attribute of 2 MB": lambda: _on("Marks", f"a='{'x' * ROOM}'"),
    "500 good messages": _messages(400, lambda message, at: message.replace("<MessageId>", f"<MessageId>{at}", 1)),
    "500 faulty messages": _messages(400, _faulty),
    "500 messages of empty fields": _messages(400, _emptied),
    "500 empty messages": _messages(500, lambda message, at: "<CertificateApplication/>"),
    "500 amendments": _messages(500, lambda message, at: "<CertificateAmendment><X/></CertificateAmendment>"),
    "500 messages of no kind": _messages(500, lambda message, at: "<Nothing><A/></Nothing>"),
    "500 messages of 30 unknown elements": _messages(
        500, lambda message, at: f"<CertificateApplication>{'<Colour/>' * 30}</CertificateApplication>"),
}
