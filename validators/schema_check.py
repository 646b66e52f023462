"""Does a message fit the schema? All faults in one pass, each in words, with path and line (rule A02).

Two tiers: libxml2 answers yes or no in microseconds. On no, the message is walked beside what the schema declares (as the
xmlschema package read it) and everything that does not fit is named: libxml2 itself passes over what stands behind the
first child that breaks a sequence. The walk visits each element once, so that no shape of message makes it slow. Where
libxml2 complains and the walk sees nothing, libxml2's own words are used: it alone decides whether a message fits.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from threading import Lock
from typing import Any, NamedTuple

from lxml import etree

from domain.finding import Finding, Severity
from messages.application import Places
from messages.interchange import NAMESPACE
from messages.parsing import XML_BLANKS, line_of, text_of
from schemas.documents import explainer, message_schema
from validators.limit import MAX_FINDINGS, limited
from validators.pack import text_of as rule_text

MAX_FOUND = 200

_REPEATED = frozenset({"Line", "Invoice", "Picture", "Material", "Signatory"})
_LOG_LOCK = Lock()  # the shared schema keeps one error log for all threads
_BRACES = f"{{{NAMESPACE}}}"
_LIMIT = re.compile(r"(\d+)\D*$")
_LOG_STEP = re.compile(r"/([^/\[]+)(?:\[(\d+)\])?")
_BLANKS = re.compile(f"[{XML_BLANKS}]+")
_BOOLEANS = frozenset({"true", "false", "1", "0"})
# what the W3C allows on every element; what they say is looked at by libxml2
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"

# kind of fault -> Chinese and English, with {name} the element, {other} what it is about
_SENTENCES = {
    "missing": ("缺少元素{name}{other_zh}", "element {name} is missing{other_en}"),
    "misplaced": ("元素{name}的位置不对{other_zh}", "element {name} stands in the wrong place{other_en}"),
    "unexpected": ("此处不应有元素{name}{other_zh}", "element {name} is not expected here{other_en}"),
    "long": ("元素{name}超过{other}个字符", "element {name} is longer than {other} characters"),
    "boolean": ("元素{name}应为true或false", "element {name} must be true or false"),
    "pattern": ("元素{name}含有不允许的字符或为空", "element {name} is empty or has characters that are not allowed"),
    "attribute": ("元素{name}不应有属性", "element {name} must not have attributes"),
    "text": ("元素{name}内、子元素之间不应有文字", "element {name} must have no text between its elements"),
    "children": ("元素{name}内不应有子元素", "element {name} must have no elements inside"),
    "other": ("元素{name}不符合规范：{other}", "element {name} does not fit the schema: {other}"),
}

# how libxml2's log names what found the fault -> kind of fault
_LIBXML2_KINDS = {
    "SCHEMAV_CVC_MAXLENGTH_VALID": "long", "SCHEMAV_CVC_PATTERN_VALID": "pattern",
    "SCHEMAV_CVC_TYPE_3_1_1": "attribute", "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": "attribute",
    "SCHEMAV_CVC_TYPE_3_1_2": "children", "SCHEMAV_CVC_COMPLEX_TYPE_2_3": "text",
}  # fmt: skip


class _Entry(NamedTuple):
    """A line of libxml2's log; `path` is like /*/*[9]/*[2] and starts at the message."""

    path: str
    type_name: str
    text: str


@dataclass(frozen=True, slots=True)
class _Fault:
    """kind: key of _SENTENCES; place: where it shows; missing: name of a child of `place` that is not there."""

    kind: str
    place: etree._Element
    missing: str = ""
    other: str = ""
    other_zh: str = ""


def schema_findings(element: etree._Element) -> tuple[Finding, ...]:
    """What is wrong with the form of a message element, from the top down; () when nothing is."""
    with _LOG_LOCK:
        schema = message_schema()
        if schema.validate(element):
            return ()
        log = [_Entry(line.path or "", line.type_name, line.message) for line in islice(schema.error_log, MAX_FINDINGS + 1)]
    faults = list(islice(_walked(element), MAX_FINDINGS + 1))
    if len(faults) <= MAX_FINDINGS:
        faults += _unseen(element, log, faults)
    names = _Names(element)
    return limited(dict.fromkeys(_finding(names, fault) for fault in faults[: MAX_FINDINGS + 1]))


def _walked(message: etree._Element) -> Iterator[_Fault]:
    """Everything that does not fit what the schema declares, from the top down; nothing inside what is not expected."""
    declared = explainer("message").elements.get(str(message.tag).removeprefix(_BRACES))
    return iter(()) if declared is None else _element_faults(message, _declared(declared))


def _element_faults(place: etree._Element, declared: "_Declared") -> Iterator[_Fault]:
    if any(not str(name).startswith(_XSI) for name in place.attrib):
        yield _Fault("attribute", place)
    if not declared.particles:
        yield from _text_faults(place, declared)
        return
    if _is_text(place.text) or any(_is_text(child.tail) for child in place):
        yield _Fault("text", place)
    expected = []
    for child, fault in _misfits(place, declared):
        if fault is not None:
            yield fault
        elif child is not None:
            expected.append(child)
    for child in expected:
        yield from _element_faults(child, declared.inside(str(child.tag)))


def _text_faults(place: etree._Element, declared: "_Declared") -> Iterator[_Fault]:
    if len(place):
        yield _Fault("children", place)
        return
    text, kind = place.text or "", declared.type
    if kind.white_space == "collapse":
        text = _BLANKS.sub(" ", text).strip(XML_BLANKS)
    if kind.max_length is not None and len(text) > kind.max_length:
        yield _Fault("long", place, other=str(kind.max_length))
    elif declared.is_boolean and text not in _BOOLEANS:
        yield _Fault("boolean", place)
    elif kind.patterns is not None and not any(pattern.match(text) for pattern in kind.patterns.patterns):
        yield _Fault("pattern", place)


def _is_text(text: str | None) -> bool:
    return text is not None and bool(text.strip(XML_BLANKS))


def _unseen(message: etree._Element, log: Sequence[_Entry], faults: Sequence[_Fault]) -> list[_Fault]:
    """What libxml2 complains about at places where the walk saw nothing, one fault a place."""
    known = {fault.place for fault in faults}
    known |= {parent for fault in faults if (parent := fault.place.getparent()) is not None and fault.kind in _IN_PARENT}
    unseen = []
    for entry in log:
        place = _place_of(message, entry.path)
        in_parent = entry.type_name == "SCHEMAV_ELEMENT_CONTENT" and place.getparent() in known
        if place not in known and not in_parent:
            unseen.append(_logged(place, entry))
            known.add(place)
    return unseen


_IN_PARENT = frozenset({"misplaced", "unexpected"})  # faults of a child that are faults of its parent's content


def _place_of(message: etree._Element, path: str) -> etree._Element:
    """The element at `path` of libxml2's log; the nearest that can be found when its names are strange."""
    place = message
    for name, position in _LOG_STEP.findall(path)[1:]:
        among = list(place) if name == "*" else [child for child in place if _log_name(child) == name]
        index = int(position or 1) - 1
        if index >= len(among):
            break
        place = among[index]
    return place


def _log_name(element: etree._Element) -> str:
    return f"{element.prefix}:{_local(str(element.tag))}" if element.prefix else _local(str(element.tag))


def _logged(place: etree._Element, entry: _Entry) -> _Fault:
    if entry.type_name == "SCHEMAV_ELEMENT_CONTENT" and "Missing child" not in entry.text:
        return _Fault("unexpected", place)
    kind = "boolean" if "xs:boolean" in entry.text else _LIBXML2_KINDS.get(entry.type_name, "other")
    return _Fault(kind, place, other=_last_number(entry.text) if kind == "long" else entry.text.replace(_BRACES, ""))


def _misfits(parent: etree._Element, declared: "_Declared") -> Iterator[tuple[etree._Element | None, _Fault | None]]:
    """Everything about the children of `parent` that does not fit; and the children that are expected there, without a fault.

    Our types are sequences with at most one choice in them, so they can be compared as lists.
    """
    particles, ranks = declared.particles, declared.ranks
    present, latest = Counter(str(child.tag) for child in parent), 0
    taken, others = declared.chosen(present)
    if declared.alternatives and not taken:
        yield None, _none_of(parent, declared)
    for rank, particle in enumerate(particles):
        if particle.least and particle.name not in present and particle.name not in others:
            yield None, _Fault("missing", parent, _local(particle.name), *_after(ranks, rank, present))
    seen: Counter[str] = Counter()
    for child in parent:
        tag = str(child.tag)
        seen[tag] += 1
        rank = ranks.get(tag, -1)
        if rank < 0 or seen[tag] > (particles[rank].most or len(parent)):
            yield None, _Fault("unexpected", child)
            continue
        if tag in others:
            beside = next(_local(name) for name in present if name in taken)
            yield None, _Fault("unexpected", child, "", f" beside {beside}", f"（不能与{beside}并列）")
            continue
        if rank < latest:
            later = _local(particles[latest].name)
            yield None, _Fault("misplaced", child, "", f": it belongs before {later}", f"：应在{later}之前")
        latest = max(rank, latest)
        yield child, None


def _none_of(parent: etree._Element, declared: "_Declared") -> _Fault:
    """No alternative of a choice is there: named by the first element of each."""
    first, *rest = (_local(names[0]) for names in declared.alternatives)
    return _Fault("missing", parent, first, f" (or {', or '.join(rest)})", f"（或{'、'.join(rest)}）")


def _after(ranks: dict[str, int], rank: int, present: Counter[str]) -> tuple[str, str]:
    """Where a missing element belongs, in English and Chinese: after the last one before it that is there."""
    before = [name for name, other in ranks.items() if other < rank and name in present]
    return (f" after {_local(before[-1])}", f"（应在{_local(before[-1])}之后）") if before else ("", "")


class _Particle(NamedTuple):
    """An element that a type declares: how often it must stand there at least and may at most (None: any number)."""

    name: str
    least: int
    most: int | None


class _Declared:
    """What the schema declares for an element: `type` is that of the xmlschema package; particles: () for a text;
    alternatives: names of the elements of each branch of its choice, () without one."""

    def __init__(self, element: Any) -> None:
        self.type = element.type
        self.is_boolean = self.type.is_simple() and str(self.type.primitive_type.local_name) == "boolean"
        self._elements = {str(one.name): one for one in element.iterchildren()}
        self.particles = tuple(_Particle(name, one.min_occurs, one.max_occurs) for name, one in self._elements.items())
        self.ranks = {particle.name: rank for rank, particle in enumerate(self.particles)}
        self.alternatives = tuple(_alternatives(getattr(self.type, "content", None)))

    def chosen(self, present: Mapping[str, int]) -> tuple[frozenset[str], frozenset[str]]:
        """The elements of the branch that the children take (the first of which one is there), and those of all others."""
        taken = next((names for names in self.alternatives if any(name in present for name in names)), ())
        return frozenset(taken), frozenset(name for names in self.alternatives if names is not taken for name in names)

    def inside(self, tag: str) -> "_Declared":
        """What is declared for the child called `tag`; KeyError when none is."""
        return _declared(self._elements[tag])


def _alternatives(content: Any) -> Iterator[tuple[str, ...]]:
    """Names of the elements of each branch of the choice in a content model."""
    if getattr(content, "model", None) == "choice":
        for branch in content:
            elements = branch.iter_elements() if hasattr(branch, "iter_elements") else [branch]
            yield tuple(str(one.name) for one in elements)
    elif getattr(content, "model", None) == "sequence":
        for part in content:
            yield from _alternatives(part)


@lru_cache(maxsize=512)
def _declared(element: Any) -> _Declared:
    """The declaration as the walk needs it, made once for each element of the schema."""
    return _Declared(element)


class _Names:
    """Paths of places below a message, counted where an element may repeat, as paths in rules are; each parent counted once."""

    def __init__(self, message: etree._Element) -> None:
        self._message = message
        self._positions: dict[etree._Element, dict[etree._Element, int]] = {}
        self.rule = rule_text("A02")

    @cached_property
    def places(self) -> Places:
        """Absolute paths of the message."""
        return Places(self._message)

    def path(self, place: etree._Element, missing: str) -> str:
        """From the document's root."""
        steps = [missing] if missing else []
        while place is not self._message and (parent := place.getparent()) is not None:
            name, position = _local(str(place.tag)), self._position(parent, place)
            steps.append(f"{name}[{position}]" if name in _REPEATED or position > 1 else name)
            place = parent
        return self.places.absolute("/".join(reversed(steps)))

    def _position(self, parent: etree._Element, place: etree._Element) -> int:
        if parent not in self._positions:
            seen: Counter[str] = Counter()
            positions = self._positions[parent] = {}
            for child in parent:
                tag = str(child.tag)
                seen[tag] += 1
                positions[child] = seen[tag]
        return self._positions[parent][place]


def _finding(names: _Names, fault: _Fault) -> Finding:
    rule = names.rule
    name = fault.missing or _local(str(fault.place.tag))
    zh, en = _SENTENCES[fault.kind]
    words = {"name": name, "other": fault.other, "other_zh": fault.other_zh, "other_en": fault.other}
    found = None if fault.missing else text_of(fault.place)[:MAX_FOUND]
    return Finding(
        code=rule.id, severity=Severity.REJECT, zh=f"{rule.zh}：{zh.format(**words)}",
        en=f"{rule.en}: {en.format(**words)}", remedy=rule.remedy, path=names.path(fault.place, fault.missing),
        line=line_of(fault.place), found=found,
    )  # fmt: skip


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _last_number(text: str) -> str:
    found = _LIMIT.search(text)
    return found.group(1) if found else ""
