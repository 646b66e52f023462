"""What changed between two contents of a certificate: box by box, goods line by goods line, and what stands beside the form."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from hashlib import sha256

from domain.application import Application, GoodsLine, Party
from print_worker.box_texts import Content, content_as_sent
from print_worker.drawing import name_of
from print_worker.sheet import Sheet
from schemas.certificate_types import CertificateType

_TOKENS = re.compile(r"\s+|\w+|[^\w\s]")
_MOST_COMPARED = 400_000  # pairs of tokens: texts that are longer are shown one after the other


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a compared text. kind: "same", "gone" or "new"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. box: name of the box on the form, "" beside it; zh, en: what changed; line: goods line of the new content (of
    the old one for a line that is gone), 0 for none; what: "changed", "added" or "removed"."""

    box: str
    zh: str
    en: str
    line: int
    what: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A content, and the form that it stands on."""

    application: Application
    kind: CertificateType
    content: Content


def said(sheet: Sheet) -> Said:
    """What a sheet says; its type has a form."""
    return Said(sheet.application, sheet.kind, content_as_sent(sheet))


def compare(before: Said, now: Said) -> tuple[Change, ...]:
    """Every difference, in the order of the form, then the goods lines, then what stands beside."""
    return (*_boxes(before, now), *_lines(before, now), *_beside(before, now))


def _boxes(before: Said, now: Said) -> Iterator[Change]:
    old = {box.field: before.content.texts.get(name_of(box), "") for box in before.kind.boxes}
    for box in now.kind.boxes:
        was, text = old.get(box.field, ""), now.content.texts.get(name_of(box), "")
        if was != text and box.field != "certification":
            caption = f"{box.number} {box.caption}".strip()
            yield Change(name_of(box), caption, caption, 0, "changed", pieces_of(was, text))
    crossed = {flag: words for box in now.kind.boxes for flag, words in box.ticks}
    for flag, words in crossed.items():
        asked = bool(getattr(now.application, flag, False))
        if asked != bool(getattr(before.application, flag, False)):
            name = next(name_of(box) for box in now.kind.boxes if flag in dict(box.ticks))
            yield Change(name, words, words, 0, "added" if asked else "removed", (Piece("new" if asked else "gone", words),))


def _lines(before: Said, now: Said) -> Iterator[Change]:
    """Cells of goods lines that have a partner, lines that are new, lines that are gone; then totals and notes."""
    fields = _columns(before) & _columns(now)
    old, new = _rows(before, fields), _rows(now, fields)
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            paired = min(j - i, m - k)
            for at in range(paired):
                yield from _cells(now, old[i + at], new[k + at], k + at + 1)
            yield from (_whole(now, row, i + paired + n + 1, "removed") for n, row in enumerate(old[i + paired : j]))
            yield from (_whole(now, row, k + paired + n + 1, "added") for n, row in enumerate(new[k + paired : m]))
    was, total = _closing(before), _closing(now)
    if was != total:
        yield Change(_described(now), "合计及备注", "total and notes", 0, "changed", pieces_of(was, total))


Row = tuple[tuple[str, str], ...]  # (field, text) of each cell


def _columns(one: Said) -> set[str]:
    return {box.field for box in one.kind.boxes if name_of(box) in one.content.columns}


def _rows(one: Said, fields: set[str]) -> list[Row]:
    by_name = {name_of(box): box.field for box in one.kind.boxes}
    first, count = one.content.first_line, len(one.application.goods)
    return [
        tuple((by_name[name], cell) for name, cell in zip(one.content.columns, row, strict=True)
              if by_name[name] in fields and by_name[name] != "item_no")
        for row in one.content.rows[first : first + count]]


def _cells(now: Said, old: Row, new: Row, line: int) -> Iterator[Change]:
    was = dict(old)
    for field, text in new:
        if was.get(field, "") != text:
            box = _box_of(now.kind, field)
            caption = _caption(now.kind, box)
            yield Change(box, caption, caption, line, "changed", pieces_of(was.get(field, ""), text))


def _whole(now: Said, row: Row, line: int, what: str) -> Change:
    text = " · ".join(" ".join(cell.split()) for _, cell in row if cell)
    return Change(_described(now), "货物行", "goods line", line, what, (Piece("new" if what == "added" else "gone", text),))


def _closing(one: Said) -> str:
    """What stands below the goods lines."""
    after = one.content.first_line + len(one.application.goods)
    return "\n".join(cell for row in one.content.rows[after:] for cell in row if cell)


def _described(one: Said) -> str:
    return _box_of(one.kind, "description")


def _box_of(kind: CertificateType, field: str) -> str:
    return next((name_of(box) for box in kind.boxes if box.field == field), "")


def _caption(kind: CertificateType, name: str) -> str:
    return next((f"{box.number} {box.caption}".strip() for box in kind.boxes if name_of(box) == name), name)


def pieces_of(before: str, now: str) -> tuple[Piece, ...]:
    """Two texts as one: what stayed, what is gone, what is new, word by word."""
    old, new = _TOKENS.findall(before), _TOKENS.findall(now)
    if len(old) * len(new) > _MOST_COMPARED:
        return _kept(Piece("gone", before), Piece("new", now))
    found: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Piece("same", "".join(old[i:j])))
        else:
            found += (Piece("gone", "".join(old[i:j])), Piece("new", "".join(new[k:m])))
    return _kept(*found)


def _kept(*pieces: Piece) -> tuple[Piece, ...]:
    return tuple(piece for piece in pieces if piece.text)


# -- beside the form: what the reviewer has to know and paper does not show

Told = Callable[[Application], str]


def _yes(flag: str) -> Told:
    return lambda application: "✓" if getattr(application, flag) else ""


def _party(party: Party) -> str:
    return ", ".join(filter(None, (party.name, *party.address.splitlines(), party.country)))


def _of_lines(text: Callable[[GoodsLine], str]) -> Told:
    def told(application: Application) -> str:
        return "\n".join(f"{at}: {found}" for at, line in enumerate(application.goods, 1) if (found := text(line)))

    return told


def _signatory(application: Application) -> str:
    return " ".join(filter(None, (application.applicant.signatory_code, application.applicant.signatory_name)))


def _amounts(application: Application) -> str:
    return "\n".join(" ".join(filter(None, (one.currency, one.amount, one.issuer_country))) for one in application.invoices)


def _pictures(application: Application) -> str:
    return "\n".join(f"{one.title} {sha256(one.content.encode()).hexdigest()[:8]}".strip() for one in application.pictures)


def _amendment(application: Application) -> str:
    return application.amendment.reason if application.amendment else ""


# (zh, en, what it says, the field or tick of a form that shows it already, "" for none)
BESIDE: tuple[tuple[str, str, Told, str], ...] = (
    ("给审核员的说明", "remarks for the reviewer", lambda application: application.remarks, ""),
    ("更改或重发原因", "reason of the amendment", _amendment, ""),
    ("发票金额", "amounts of the invoices", _amounts, ""),
    ("手签员", "signatory", _signatory, ""),
    ("生产商", "producer", lambda application: _party(application.producer), "producer"),
    ("第三方经营者", "non-party operator", lambda application: _party(application.operator), ""),
    ("申请补发", "asks to be issued after shipment", _yes("retrospective"), "retrospective"),
    ("第三方发票", "non-party invoice", _yes("non_party_invoice"), "non_party_invoice"),
    ("背对背", "back-to-back", _yes("back_to_back"), "back_to_back"),
    ("展览", "exhibition", _yes("exhibition"), "exhibition"),
    ("流动证明", "movement certificate", _yes("movement_certificate"), "movement_certificate"),
    ("加注用语", "endorsement", lambda application: application.endorsement, ""),
    ("备注栏", "remarks box", lambda application: application.form_remarks, "remarks"),
    ("出境海关", "customs of exit", lambda application: application.exit_customs, ""),
    ("报关单号", "export declaration", lambda application: application.export_declaration, ""),
    ("签证点", "signing point", lambda application: application.signing_point, ""),
    ("小微企业", "small enterprise", lambda application: "✓" if application.applicant.small_enterprise else "", ""),
    ("申请本地打印", "asks for local printing", _yes("local_print"), ""),
    ("打印印章签名", "seal and signature printed", _yes("print_seal"), ""),
    ("关联单据", "linked document", lambda application: application.linked_document, ""),
    ("商品备案", "goods filings", _of_lines(lambda line: line.filing_no), ""),
    ("加工工序", "processing", _of_lines(lambda line: line.processing), ""),
    ("各行生产商", "producer of each line", _of_lines(lambda line: line.producer), ""),
    ("特定原产地规则依据", "basis of the product-specific rule", _of_lines(lambda line: line.psr_basis), ""),
    ("图片唛头", "pictures", _pictures, ""),
)
_ELSEWHERE = frozenset({"pictures", "amounts of the invoices", "goods filings"})  # the desk shows them on their own


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that paper does not show."""

    zh: str
    en: str
    text: str


def facts(one: Said) -> tuple[Fact, ...]:
    """What stands beside the form, without what is empty."""
    printed = _printed(one.kind)
    rows = ((zh, en, told) for zh, en, told, shown in BESIDE if en not in _ELSEWHERE and shown not in printed)
    return tuple(Fact(zh, en, text) for zh, en, told in rows if (text := told(one.application)))


def _beside(before: Said, now: Said) -> Iterator[Change]:
    printed = _printed(now.kind)
    for zh, en, told, shown in BESIDE:
        was, text = told(before.application), told(now.application)
        if was != text and shown not in printed:
            yield Change("", zh, en, 0, "changed", pieces_of(was, text))


def _printed(kind: CertificateType) -> frozenset[str]:
    """Fields and ticks that the form shows."""
    return frozenset({part for box in kind.boxes for part in (box.field, *box.also, *dict(box.ticks))})
