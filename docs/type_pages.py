"""One page of docs/reference for each certificate type, made from its definition and a sample.

    pages()    "types/rcep.md" -> its Markdown
    index()    the list of all types, docs/reference/types.md

What a page says comes from `schemas/forms/*.toml`; the sample is the first of tests/samples/application that is not refused.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from schemas.certificate_types import FIELDS, Box, CertificateType, Criterion, all_types
from schemas.type_words import doubts, particulars, percentage_of, printed_as

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "tests" / "samples" / "application"
_UP = "../../../"  # from docs/reference/types to the root
_DOUBT = "未经证实 unverified"
_TYPE = re.compile(r"<CertificateType>(\w+)</CertificateType>")
_LINE = re.compile(r"^ *<Line>.*?</Line>$", re.M | re.S)


def names() -> dict[str, CertificateType]:
    """Name below docs/reference -> the type whose page it is."""
    return {f"types/{kind.code.lower()}.md": kind for kind in all_types()}


def pages() -> dict[str, str]:
    """The pages by their names below docs/reference."""
    return {name: page(kind) for name, kind in names().items()}


def index() -> str:
    """All types with their letters, what they are for, and whether they can be applied for."""
    rows = [
        (f"[`{kind.code}`](types/{kind.code.lower()}.md)", kind.zh, kind.en, kind.letter or "—", kind.paper, _when(kind))
        for kind in all_types()]
    return "\n\n".join((
        "# Certificate types 证书种类",
        "Made by `make docs` from `schemas/forms/*.toml`; to change it, change that.",
        "One file there is one type, and each has a page here: names, agreement, origin criteria, limits, endorsements, boxes."
        " An application for a type that is not enabled, or not on that day, is refused by rule A15. *letter* stands in the"
        " certificate number. *paper*: `eco` is printed in full on white paper, `pco` goes on pre-printed stock.",
        _table(("code", "中文", "English", "letter", "paper", "enabled"), rows),
    )) + "\n"


def _when(kind: CertificateType) -> str:
    if not kind.enabled:
        return f"no: {kind.reason_en}"
    begun, ended = (f" from {kind.valid_from}" if kind.valid_from else ""), (f" to {kind.valid_to}" if kind.valid_to else "")
    return f"yes{begun}{ended}"


def page(kind: CertificateType) -> str:
    """What an applicant and a reviewer need to know of a type, in Chinese and English."""
    parts = [
        f"# {kind.code}: {kind.zh}",
        kind.en + ".",
        f"Made by `make docs` from `schemas/forms/{kind.code.lower()}.toml`; to change it, change that. [All types](../types.md).",
        *_standing(kind),
        *_particulars(kind),
        *_criteria(kind),
        *_boxes(kind),
        *_notes(kind),
        *_sample(kind),
    ]
    return "\n\n".join(parts) + "\n"


def _standing(kind: CertificateType) -> Iterator[str]:
    if not kind.enabled:
        yield f"**未启用 not enabled**: {kind.reason_zh}。{_sentence(kind.reason_en)}"
    if kind.unverified:
        zh, en = doubts(kind)
        yield f"**{_DOUBT}**: {zh}<br>{_sentence(en)}"
    if kind.unverified and kind.enabled:
        yield "未经证实的内容不作为退回的依据，需要时转人工审核。 Nothing is refused for what no source confirms; a person decides."


def _particulars(kind: CertificateType) -> Iterator[str]:
    rows = [
        (f"{one.label_zh}<br>{one.label_en}", one.zh, one.en, "" if one.verified else _DOUBT)
        for one in particulars(kind)]
    yield _table(("", "中文", "English", ""), rows)


def _criteria(kind: CertificateType) -> Iterator[str]:
    if not kind.criteria:
        return
    yield "## 原产地标准 Origin criteria"
    yield _table(("code", "printed", "中文", "English", ""), [_criterion(one) for one in kind.criteria])
    if kind.additions:
        codes = ", ".join(f"`{code}`" for code in kind.additions)
        yield f"可在标准后加注 may stand behind a criterion: {codes}."


def _criterion(one: Criterion) -> tuple[str, ...]:
    zh, en = percentage_of(one)
    basis = f" ({', '.join(one.basis)})" if one.basis else ""
    return (
        f"`{one.code}`", f"`{printed_as(one)}`", "：".join(filter(None, (one.zh, zh))) + basis,
        ": ".join(filter(None, (one.en, en))) + basis, "" if one.verified else _DOUBT)


def _boxes(kind: CertificateType) -> Iterator[str]:
    if kind.boxes:
        yield "## 栏目 Boxes" + (f" ({_DOUBT})" if "boxes" in kind.unverified else "")
        yield _table(("栏 box", "caption", "中文", "shows"), [_box(box) for box in kind.boxes])


def _box(box: Box) -> tuple[str, ...]:
    shown = (box.field, *box.also)
    zh = " + ".join(FIELDS[field][0] for field in shown)
    ticks = "".join(f"<br>☐ {words}" for _, words in box.ticks)
    return box.number or "—", box.caption + ticks, zh, " + ".join(f"`{field}`" for field in shown)


def _notes(kind: CertificateType) -> Iterator[str]:
    if kind.notes:
        yield "## 说明 Notes"
        yield "\n".join(f"- {zh}<br>{_sentence(en)}" for zh, _, en in (note.partition(" / ") for note in kind.notes))
    if kind.source:
        yield f"来源 Source: {kind.source}."


def _sample(kind: CertificateType) -> Iterator[str]:
    file = _samples().get(kind.code)
    if file is None:
        return
    name = file.relative_to(ROOT)
    yield "## 示例 Sample"
    yield f"[{file.name}]({_UP}{name}); its first line of goods:"
    if line := _LINE.search(file.read_text(encoding="utf-8")):
        yield f"```xml\n{_dedented(line[0])}\n```"


@cache
def _samples() -> dict[str, Path]:
    """The first accepted, else referred, sample of each type."""
    found: dict[str, Path] = {}
    for folder in ("good", "referred"):
        for file in sorted((SAMPLES / folder).glob("*.xml")):
            for code in _TYPE.findall(file.read_text(encoding="utf-8")):
                found.setdefault(code, file)
    return found


def _dedented(text: str) -> str:
    indent = len(text) - len(text.lstrip())
    return "\n".join(line[indent:] for line in text.splitlines())


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
