"""The one safe parser: bytes from a stranger become a tree, or a finding that says why not.

Every other reader of XML in coedi starts here. The gates stand in an order in which nothing costly is done for a
hostile document: size, compression, encoding, XML version, DOCTYPE, well-formedness, processing instructions, depth,
elements. libxml2 would find the DOCTYPE of a UTF-7 or UTF-16 document and read UTF-8 bytes under a GB18030
declaration as wrong Chinese, so the bytes are decoded strictly here and the parser gets UTF-8, whatever is declared.

`text_of` is the one way to read a value: `.text` stops at the first comment, and half a registration number is another
enterprise's (the fault known as CVE-2018-0489).
"""

import re
import threading
from codecs import BOM_UTF8

from lxml import etree

from domain.finding import Finding
from messages.gates import GATES, MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS, refused

__all__ = ["GATES", "line_of", "parse", "raw_text_of", "text_of"]

UTF8_ONLY = frozenset({"utf-8"})
XML_BLANKS = " \t\r\n"

_COMPRESSED = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf")
# UTF-16 and UTF-32 by byte order mark or by the zeros around "<", UTF-7 by its mark, EBCDIC by its "<?xm"
_FOREIGN_STARTS = (
    b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff", b"<\x00", b"\x00<", b"\x00\x00\x00<", b"+/v", b"\x4c\x6f\xa7\x94",
)
_DECLARATION = re.compile(rb"<\?xml\s([^?]*)\?>")
_VERSION = re.compile(rb"""version\s*=\s*["']([^"']*)["']""")
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([^"']*)["']""")
_GB_NAMES = frozenset({"gb18030", "gbk", "gb2312"})  # GB18030 contains the other two
_THREE_BYTE_UTF8 = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}")
_LAST_EXACT_LINE = 65_534  # libxml2 keeps the line of an element in 16 bits and guesses beyond

_TOO_DEEP = etree.XPath("boolean(" + "/*" * (MAX_DEPTH + 1) + ")")
_ELEMENT_COUNT = etree.XPath("count(//*)")
_INSTRUCTIONS = etree.XPath("//processing-instruction()")


class _Parsers(threading.local):
    """One parser per thread: lxml lets one thread at a time into a parser."""

    def __init__(self) -> None:
        self.parser = etree.XMLParser(
            encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
            huge_tree=False, remove_comments=True, remove_pis=False,
        )


_parsers = _Parsers()


def parse(body: bytes, encodings: frozenset[str] = UTF8_ONLY) -> etree._Element | Finding:
    """The root element of `body`, or the finding of the first gate that refuses it; never raises for any bytes.

    encodings: what the partner's profile allows beside UTF-8, which is always accepted (with or without byte order
    mark): "gb18030" also admits documents that declare GB18030, GBK or GB2312.
    """
    refusal = _refused_bytes(body)
    if refusal is not None:
        return refusal
    document = _as_utf8(body, encodings)
    if isinstance(document, Finding):
        return document
    refusal = _refused_document(document)
    if refusal is not None:
        return refusal
    root = _tree(document)
    if isinstance(root, Finding):
        return root
    refusal = _refused_tree(root, document)
    return root if refusal is None else refusal


def text_of(element: etree._Element) -> str:
    """The whole text of `element`, blanks at the ends dropped (XML's four: an ideographic space is a finding, B02)."""
    return raw_text_of(element).strip(XML_BLANKS)


def raw_text_of(element: etree._Element) -> str:
    """The whole text of `element` as it stands: all text nodes, those of elements inside included."""
    # without children .text is all text: the parser drops comments and refuses processing instructions
    return "".join(str(part) for part in element.itertext()) if len(element) else element.text or ""


def line_of(element: etree._Element) -> int | None:
    """The line of `element` in the delivered file (where its start tag ends), None beyond line 65,534."""
    line = element.sourceline
    return line if line is not None and line <= _LAST_EXACT_LINE else None


def _refused_bytes(body: bytes) -> Finding | None:
    if not body:
        return refused("EMPTY_BODY")
    if len(body) > MAX_BYTES:
        return refused("TOO_LARGE", found=f"{len(body)} bytes")
    if body.startswith(_COMPRESSED):
        return refused("CONTENT_ENCODING_UNSUPPORTED", found=f"first bytes {body[:4].hex(' ')}")
    return None


def _as_utf8(body: bytes, encodings: frozenset[str]) -> bytes | Finding:
    """The document as UTF-8 bytes without byte order mark, its lines unchanged."""
    if body.startswith(_FOREIGN_STARTS):
        return refused("ENCODING_UNSUPPORTED", found=f"first bytes {body[:4].hex(' ')}")
    marked = body.startswith(BOM_UTF8)
    document = body[len(BOM_UTF8):] if marked else body
    name = _declared(_ENCODING, document).lower()
    if name in {"", "utf-8", "utf8"}:
        return _decoded(document, "utf-8")
    if marked or name not in _GB_NAMES or "gb18030" not in encodings:
        return refused("ENCODING_UNSUPPORTED", found=name, line=1)
    if _is_utf8_chinese(document):
        return refused("XML_MALFORMED", found=f"declared {name}, but the bytes are UTF-8", line=1)
    return _decoded(document, "gb18030")


def _declared(attribute: re.Pattern[bytes], document: bytes) -> str:
    """An attribute of the XML declaration, "" when there is none."""
    declaration = _DECLARATION.match(document)
    value = attribute.search(declaration[1]) if declaration else None
    return value[1].decode("latin-1") if value else ""


def _decoded(document: bytes, encoding: str) -> bytes | Finding:
    try:
        text = document.decode(encoding)
        return document if encoding == "utf-8" else text.encode()
    except UnicodeDecodeError as error:
        reason = f"byte {document[error.start]:#04x} at offset {error.start} is not {encoding}"
        return refused("XML_MALFORMED", found=reason, line=document.count(b"\n", 0, error.start) + 1)
    except UnicodeEncodeError as error:  # a code point that no text may hold
        return refused("XML_MALFORMED", found=f"U+{ord(error.object[error.start]):04X} is not a character")


def _is_utf8_chinese(document: bytes) -> bool:
    """Whether bytes declared as GB18030 are UTF-8 with at least one three-byte character.

    They would decode without error into other Chinese characters. Two-byte sequences alone prove nothing
    (GBK words that are valid UTF-8 exist), three-byte ones through a whole document do.
    """
    if not _THREE_BYTE_UTF8.search(document):
        return False
    try:
        document.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _refused_document(document: bytes) -> Finding | None:
    version = _declared(_VERSION, document)
    if version not in {"", "1.0"}:
        return refused("XML_VERSION_UNSUPPORTED", found=version, line=1)
    if (place := document.find(b"<!DOCTYPE")) >= 0:
        return refused("DTD_FORBIDDEN", line=document.count(b"\n", 0, place) + 1)
    if document.startswith(BOM_UTF8):  # libxml2 would swallow a second mark
        return refused("XML_MALFORMED", found="two byte order marks", line=1)
    # outside comments and CDATA every "<" opens or closes a tag: refuse before a tree is built
    if b"<!" not in document and (count := document.count(b"<") - document.count(b"</")) > MAX_ELEMENTS + 1:
        return refused("TOO_MANY_ELEMENTS", found=f"{count} tags")
    return None


def _tree(document: bytes) -> etree._Element | Finding:
    try:
        root = etree.fromstring(document, _parsers.parser)
    except etree.XMLSyntaxError as error:
        reason = error.msg or "not well-formed"
        code = "TOO_DEEP" if reason.startswith("Excessive depth") else "XML_MALFORMED"  # libxml2 stops at 256 levels
        return refused(code, found=reason, line=error.lineno)
    if root.getroottree().docinfo.internalDTD is not None:  # whatever hid it from the look at the bytes
        return refused("DTD_FORBIDDEN")
    return root


def _refused_tree(root: etree._Element, document: bytes) -> Finding | None:
    declarations = 1 if _DECLARATION.match(document) else 0
    if document.count(b"<?") > declarations and (found := _INSTRUCTIONS(root)):
        instruction = found[0]
        return refused("PI_FORBIDDEN", found=instruction.target, line=line_of(instruction))
    if _TOO_DEEP(root):
        return refused("TOO_DEEP")
    if document.count(b"<") > MAX_ELEMENTS and (count := _ELEMENT_COUNT(root)) > MAX_ELEMENTS:
        return refused("TOO_MANY_ELEMENTS", found=f"{count:.0f} elements")
    return None
