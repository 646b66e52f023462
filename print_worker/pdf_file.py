"""From placed text to the bytes of a PDF file, through reportlab.

What never changes is prepared once per process and only copied into each document: the compressed streams of the
forms' fixed drawings, and a subset of each font: ASCII of the bold one, of the regular one what Windows code page 1252
and the font have in common. Other characters (Chinese, Latin Extended) go through reportlab's subset for each document.

This is the only file that touches reportlab's inside, read in version 5.1.0: `Canvas._code`, `Canvas._doc`,
`Canvas._make_preamble`, `PDFDocument.Reference`, `PDFDocument.idToObject`, `PDFDocument.idToObjectNumberAndVersion`,
`TTFont.splitString`, `TTFont.getSubsetInternalName`, `TTFontFace.makeSubset`. A test fails when one of them goes.
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from itertools import groupby
from threading import Lock
from typing import Any

from reportlab.pdfbase.pdfdoc import PDFObject, PDFObjectReference
from reportlab.pdfgen.canvas import Canvas

from print_worker.drawing import PAGE_HEIGHT, PAGE_WIDTH, Page, Rule, Run
from print_worker.fixed_drawing import drawing
from print_worker.typeface import BOLD, LATIN, REGULAR, own_characters, typeface

SHARED = {REGULAR: "CL", BOLD: "CB"}  # font -> the resource name of its shared subset
_ESCAPES = {ord("\\"): "\\\\", ord("("): "\\(", ord(")"): "\\)"}

# reportlab's fonts keep a read position and a state per document: one document at a time
_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True)
class Prepared:
    """An object of the file, ready but for the numbers of the objects it names: `head` has a %d for each of `names`."""

    head: bytes
    names: tuple[str, ...] = ()
    tail: bytes = b""


class Copy(PDFObject):
    """A prepared object in one document."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared

    def format(self, document: Any) -> bytes:
        """Its bytes; reportlab calls this once the objects have numbers."""
        numbers = tuple(document.idToObjectNumberAndVersion[name][0] for name in self.prepared.names)
        return (self.prepared.head % numbers if numbers else self.prepared.head) + self.prepared.tail


def pdf_of(pages: Sequence[Page], certificate_type: str, title: str, subject: str) -> bytes:
    """The PDF file with these pages; equal input gives equal bytes."""
    with _one_at_a_time:
        canvas = _canvas(title, subject)
        _add(canvas, _shared_fonts())
        fonts = canvas._doc.idToObject["BasicFonts"]
        for name in SHARED.values():
            fonts[name] = PDFObjectReference(name)
        for kind in dict.fromkeys(page.kind for page in pages):
            _add(canvas, {f"FormXob.{kind}": _fixed_drawing(certificate_type, kind)})
        for page in pages:
            canvas.doForm(page.kind)
            canvas._code.append(text_operators(page.runs, canvas._doc))
            canvas.showPage()
        return bytes(canvas.getpdfdata())


class _BareCanvas(Canvas):
    """A canvas whose pages do not start by naming Helvetica, which could not be embedded."""

    def _make_preamble(self) -> None:
        self._preamble = ""


def _canvas(title: str, subject: str) -> Any:
    """An empty document; Any because the stubs know nothing of reportlab's inside."""
    size = (PAGE_WIDTH, PAGE_HEIGHT)
    canvas = _BareCanvas(BytesIO(), size, pageCompression=1, invariant=1, pdfVersion=(1, 4), lang="en")
    canvas.setTitle(title)
    canvas.setSubject(subject)
    canvas.setAuthor("coedi")
    canvas.setCreator("coedi")
    canvas.setProducer("coedi")
    return canvas


def text_operators(runs: Sequence[Run], document: Any = None) -> str:
    """PDF operators that write the runs; `document` takes the characters outside the shared subsets."""
    return "\n".join(["BT", *(_run_operators(run, document) for run in runs), "ET"])


def rule_operators(rules: Sequence[Rule]) -> str:
    """PDF operators that draw the rules."""
    return "\n".join(
        f"{rule.weight:.2f} w {rule.x1:.2f} {rule.y1:.2f} m {rule.x2:.2f} {rule.y2:.2f} l S" for rule in rules
    )


def _add(canvas: Any, objects: dict[str, Prepared]) -> None:
    for name, prepared in objects.items():
        canvas._doc.Reference(Copy(prepared), name)


def _run_operators(run: Run, document: Any) -> str:
    start = f"1 0 0 1 {run.x:.2f} {run.y:.2f} Tm"
    if run.text.isascii():
        return f"/{SHARED[run.font]} {run.size:g} Tf {start} ({run.text.translate(_ESCAPES)}) Tj"
    return " ".join([start, *_mixed(run, document)])


def _mixed(run: Run, document: Any) -> list[str]:
    """Operators for text that needs more than ASCII, piece by piece."""
    operators, at = [], 0
    for foreign in _outside(run.font).finditer(run.text):
        operators += _shared(run, run.text[at : foreign.start()])
        operators += _subset(run, foreign.group(), document)
        at = foreign.end()
    return operators + _shared(run, run.text[at:])


def _shared(run: Run, text: str) -> list[str]:
    return [f"/{SHARED[run.font]} {run.size:g} Tf <{text.encode('cp1252').hex()}> Tj"] if text else []


def _subset(run: Run, text: str, document: Any) -> list[str]:
    """Through the subsets that reportlab makes for this document, of the run's font and of the one that stands in."""
    operators = []
    for own, characters in groupby(text, own_characters(run.font).__contains__):
        font = typeface(run.font if own else LATIN)
        for number, codes in font.splitString("".join(characters), document):
            name = font.getSubsetInternalName(number, document)
            operators.append(f"{name} {run.size:g} Tf <{codes.hex()}> Tj")
    return operators


@cache
def _outside(font: str) -> re.Pattern[str]:
    """Text that the shared subset of `font` does not have."""
    return re.compile(f"[^{re.escape(''.join(map(chr, filter(None, _shared_codes(font)))))}]+")


def _shared_codes(font: str) -> list[int]:
    """The 256 characters of a shared subset, in the order of code page 1252; 0 where there is none."""
    limit = 256 if font == REGULAR else 128
    characters = [bytes([code]).decode("cp1252", "ignore") for code in range(limit)]
    own = own_characters(font)
    return [ord(char) if code >= 32 and char in own else 0 for code, char in enumerate(characters)]


@cache
def _fixed_drawing(certificate_type: str, kind: str) -> Prepared:
    """The fixed drawing of a kind of page as a Form XObject."""
    fixed = drawing(certificate_type, kind)
    names = tuple(SHARED.values())
    fonts = b" ".join(f"/{name} %d 0 R".encode() for name in names)
    head = (
        f"/Type /XObject /Subtype /Form /BBox [0 0 {PAGE_WIDTH} {PAGE_HEIGHT}] /Resources << /Font << ".encode()
        + fonts + b" >> >>"
    )  # fmt: skip
    return _stream(rule_operators(fixed.rules) + "\n" + text_operators(fixed.runs), head, names)


@cache
def _shared_fonts() -> dict[str, Prepared]:
    """name -> object, for both fonts: font file, ToUnicode map, descriptor, font."""
    objects: dict[str, Prepared] = {}
    for font, name in SHARED.items():
        objects |= _shared_font(font, name)
    return objects


def _shared_font(font: str, name: str) -> dict[str, Prepared]:
    face: Any = typeface(font).face
    codes = _shared_codes(font)
    program = face.makeSubset(codes)
    base = f"{'COEDIR' if font == REGULAR else 'COEDIB'}+{font}"
    # symbolic, without an encoding: the codes are the subset's own; ToUnicode tells their meaning (PDF 1.7, 9.6.6.4)
    flags = (face.flags & ~32) | 4
    box = " ".join(f"{value:g}" for value in face.bbox)
    descriptor = (
        f"<< /Type /FontDescriptor /FontName /{base} /Flags {flags} /FontBBox [{box}] /ItalicAngle {face.italicAngle:g}"
        f" /Ascent {face.ascent:g} /Descent {face.descent:g} /CapHeight {face.capHeight:g} /StemV {face.stemV:g}"
        " /FontFile2 %d 0 R >>"
    )
    widths = " ".join(f"{face.getCharWidth(code):g}" for code in codes[32:])
    dictionary = (
        f"<< /Type /Font /Subtype /TrueType /BaseFont /{base} /FirstChar 32 /LastChar {len(codes) - 1}"
        f" /Widths [{widths}] /FontDescriptor %d 0 R /ToUnicode %d 0 R >>"
    )
    return {
        f"{name}.file": _stream(program, f"/Length1 {len(program)}".encode()),
        f"{name}.unicode": _stream(_to_unicode(base, codes), b""),
        f"{name}.descriptor": Prepared(descriptor.encode(), (f"{name}.file",)),
        name: Prepared(dictionary.encode(), (f"{name}.descriptor", f"{name}.unicode")),
    }


def _to_unicode(base: str, codes: Sequence[int]) -> str:
    """The map from codes back to characters, at most 100 entries a block (PDF 1.7, 9.10.3)."""
    pairs = [f"<{code:02X}> <{character:04X}>" for code, character in enumerate(codes) if character]
    blocks = [pairs[at : at + 100] for at in range(0, len(pairs), 100)]
    return "\n".join([
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        f"/CIDSystemInfo << /Registry ({base}) /Ordering ({base}) /Supplement 0 >> def",
        f"/CMapName /{base} def /CMapType 2 def 1 begincodespacerange <00> <FF> endcodespacerange",
        *(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks),
        "endcmap CMapName currentdict /CMap defineresource pop end end",
    ])  # fmt: skip


def _stream(content: str | bytes, entries: bytes, names: tuple[str, ...] = ()) -> Prepared:
    data = zlib.compress(content.encode("ascii") if isinstance(content, str) else content, 9)
    head = b"<< " + entries + f" /Filter /FlateDecode /Length {len(data)} >>\nstream\n".encode()
    return Prepared(head, names, data + b"\nendstream")
