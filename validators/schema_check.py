"""Does a message fit the schema? All faults in one pass, each in words, with path and line (rule A02).

Two tiers: libxml2 answers yes or no in microseconds. On no, the xmlschema package explains, which costs milliseconds
and on a large file many seconds; so only messages of up to 2,000 elements get it, larger ones libxml2's own log.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from lxml import etree

from domain.finding import Finding, Severity
from messages.application import absolute
from messages.interchange import NAMESPACE
from messages.parsing import line_of, text_of
from schemas.documents import explainer, message_schema
from validators.pack import VERSION
from validators.pack import text_of as rule_text

if TYPE_CHECKING:
    from xmlschema import XMLSchemaValidationError

MAX_EXPLAINED_ELEMENTS = 2_000
MAX_EXPLAINED_ATTRIBUTES = 20
MAX_FINDINGS = 300
MAX_FOUND = 200

_REPEATED = frozenset({"Line", "Invoice"})
_LOG_LOCK = Lock()  # the shared schema keeps one error log for all threads
_BRACES = f"{{{NAMESPACE}}}"
_LIMIT = re.compile(r"(\d+)\D*$")

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

# what found the fault, as the two libraries name it -> kind of fault
_XMLSCHEMA_KINDS = {
    "XsdMaxLengthFacet": "long", "XsdPatternFacets": "pattern", "XsdAttributeGroup": "attribute",
    "XsdElement": "children", "XsdGroup": "text",
}  # fmt: skip
_LIBXML2_KINDS = {
    "SCHEMAV_CVC_MAXLENGTH_VALID": "long", "SCHEMAV_CVC_PATTERN_VALID": "pattern",
    "SCHEMAV_CVC_TYPE_3_1_1": "attribute", "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": "attribute",
    "SCHEMAV_CVC_TYPE_3_1_2": "children", "SCHEMAV_CVC_COMPLEX_TYPE_2_3": "text",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Fault:
    """kind: key of _SENTENCES; place: where it shows; missing: name of a child of `place` that is not there."""

    kind: str
    place: etree._Element
    missing: str = ""
    other: str = ""
    other_zh: str = ""


def schema_findings(element: etree._Element) -> tuple[Finding, ...]:
    """What is wrong with the form of a message element, in document order of discovery; () when nothing is."""
    with _LOG_LOCK:
        schema = message_schema()
        if schema.validate(element):
            return ()
        log = [(entry.path or "/*", entry.type_name, entry.message) for entry in islice(schema.error_log, MAX_FINDINGS)]
    findings = [_finding(element, fault) for fault in islice(_explained(element), MAX_FINDINGS)]
    if not findings:
        logged = (fault for entry in log for fault in _logged(element, *entry))
        findings = [_finding(element, fault) for fault in islice(logged, MAX_FINDINGS)]
    return tuple(dict.fromkeys(findings))


def _explained(element: etree._Element) -> Iterator[_Fault]:
    """Faults as xmlschema sees them; none for a message that takes too long to explain."""
    if next(islice(element.iter(), MAX_EXPLAINED_ELEMENTS, None), None) is not None:
        return
    # xmlschema takes minutes over an element with 50,000 attributes; ours have none
    if any(len(place.attrib) > MAX_EXPLAINED_ATTRIBUTES for place in element.iter(etree.Element)):
        return
    from xmlschema import XMLSchemaException  # noqa: PLC0415 # as below

    try:
        for error in explainer("message").iter_errors(cast("Any", element)):  # its annotations know no lxml
            yield from _explanation(error, element)
    except XMLSchemaException:
        return  # an xsi:type that names no type of ours makes it raise; libxml2's log says what is wrong


def _explanation(error: "XMLSchemaValidationError", message: etree._Element) -> Iterator[_Fault]:
    from xmlschema import XMLSchemaChildrenValidationError  # noqa: PLC0415 # loaded on a refusal only, as the explainer

    place, reason = error.elem, error.reason or ""
    if not isinstance(place, etree._Element):
        yield _Fault("other", message, other=reason)
    elif isinstance(error, XMLSchemaChildrenValidationError):
        yield from _misfits(place)
    elif "boolean" in reason:
        yield _Fault("boolean", place)
    else:
        kind = _XMLSCHEMA_KINDS.get(type(error.validator).__name__, "other")
        yield _Fault(kind, place, other=_last_number(reason) if kind == "long" else reason)


def _logged(message: etree._Element, path: str, type_name: str, text: str) -> Iterator[_Fault]:
    """The same from a line of libxml2's log; `path` is like /*/*[9]/*[2] and starts at the message."""
    found = message.xpath("." + path.removeprefix("/*"))
    place = found[0] if isinstance(found, list) and found and isinstance(found[0], etree._Element) else message
    parent = place.getparent()
    if type_name == "SCHEMAV_ELEMENT_CONTENT":
        yield from _misfits(place if "Missing child" in text or parent is None else parent)
    elif "xs:boolean" in text:
        yield _Fault("boolean", place)
    else:
        kind = _LIBXML2_KINDS.get(type_name, "other")
        yield _Fault(kind, place, other=_last_number(text) if kind == "long" else text.replace(_BRACES, ""))


def _misfits(parent: etree._Element) -> Iterator[_Fault]:
    """Everything about the children of `parent` that does not fit, not only the first thing.

    Both libraries stop at the first child that breaks a sequence; our types are plain sequences, so they can be
    compared as lists. A misfit that this comparison cannot see is still a fault.
    """
    declared = _declared_children(_local(str(parent.tag)))
    ranks = {particle.name: rank for rank, particle in enumerate(declared)}
    present, latest = Counter(str(child.tag) for child in parent), 0
    seen: Counter[str] = Counter()
    faults = [
        _Fault("missing", parent, _local(particle.name), *_after(ranks, rank, present))
        for rank, particle in enumerate(declared)
        if particle.least and particle.name not in present
    ]
    for child in parent:
        tag = str(child.tag)
        seen[tag] += 1
        rank = ranks.get(tag)
        if rank is None or seen[tag] > (declared[rank].most or len(parent)):
            faults.append(_Fault("unexpected", child))
        elif rank < latest:
            later = _local(declared[latest].name)
            faults.append(_Fault("misplaced", child, "", f": it belongs before {later}", f"：应在{later}之前"))
        else:
            latest = rank
    yield from faults or [_Fault("other", parent, other="content model")]


def _after(ranks: dict[str, int], rank: int, present: Counter[str]) -> tuple[str, str]:
    """Where a missing element belongs, in English and Chinese: after the last one before it that is there."""
    before = [name for name, other in ranks.items() if other < rank and name in present]
    return (f" after {_local(before[-1])}", f"（应在{_local(before[-1])}之后）") if before else ("", "")


@dataclass(frozen=True, slots=True)
class _Particle:
    """An element that a type declares: how often it must stand there at least and may at most (None: any number)."""

    name: str
    least: int
    most: int | None


@lru_cache(maxsize=64)
def _declared_children(name: str) -> tuple[_Particle, ...]:
    """The elements that the schema declares inside elements called `name`, in order; () when it has no such element."""
    declared: Any = explainer("message").find(f".//{{*}}{name}")
    particles = () if declared is None else declared.iterchildren()
    return tuple(_Particle(str(one.name), one.min_occurs, one.max_occurs) for one in particles)


def _finding(message: etree._Element, fault: _Fault) -> Finding:
    rule = rule_text("A02")
    name = fault.missing or _local(str(fault.place.tag))
    zh, en = _SENTENCES[fault.kind]
    words = {"name": name, "other": fault.other, "other_zh": fault.other_zh, "other_en": fault.other}
    path = "/".join(filter(None, (_relative(message, fault.place), fault.missing)))
    found = None if fault.missing else text_of(fault.place)[:MAX_FOUND]
    return Finding(
        code=rule.id, severity=Severity.REJECT, zh=f"{rule.zh}：{zh.format(**words)}",
        en=f"{rule.en}: {en.format(**words)}", remedy=rule.remedy, path=absolute(message, path),
        line=line_of(fault.place), found=found, pack=VERSION,
    )  # fmt: skip


def _relative(message: etree._Element, place: etree._Element) -> str:
    """Path of `place` below `message`, counted where an element may repeat, as paths in rules are."""
    steps: list[str] = []
    while place is not message and (parent := place.getparent()) is not None:
        name = _local(str(place.tag))
        position = 1 + sum(1 for _ in place.itersiblings(str(place.tag), preceding=True))
        steps.append(f"{name}[{position}]" if name in _REPEATED or position > 1 else name)
        place = parent
    return "/".join(reversed(steps))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _last_number(text: str) -> str:
    found = _LIMIT.search(text)
    return found.group(1) if found else ""
