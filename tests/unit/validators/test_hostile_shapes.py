"""Whatever bytes arrive: findings, never an exception; at most 300 a message; and work that grows with what was sent, no faster."""

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from messages.interchange import NAMESPACE, read
from messages.parsing import parse
from schemas.documents import explainer
from tests.samples.evil.corpus import GOOD
from tests.samples.evil.probe import facts_of_the_samples
from tests.samples.evil.shapes import SHAPES
from validators.check import check_bytes
from validators.limit import MAX_FINDINGS
from validators.schema_check import schema_findings

FACTS = facts_of_the_samples()
NAMES = sorted({str(one.local_name) for one in explainer("message").iter_components() if type(one).__name__ == "XsdElement"})
KEYS = ["code", "severity", "box", "path", "line", "found", "zh", "en", "remedy"]
SOME_SHAPES = [
    "good", "every field wrong", "500 lines, all fields full width", "500 lines, all fields empty", "9000 lines of one field",
    "3000 invoices", "19000 unknown elements", "19000 elements of no namespace", "9000 elements in the wrong place",
    "19000 unknown elements in goods", "towers of 20 levels", "50000 attributes on Marks", "50000 attributes on the message",
    "10 attributes on 15000 elements", "xsi:type on 15000 elements", "500 empty messages", "500 amendments",
    "Description of 2 MB, counts", "every field of 2000, distinct characters",
]
quiet = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def judged(body: bytes) -> list[dict[str, Any]]:
    """The findings of the offline check, their form looked at."""
    report = check_bytes("x", body, FACTS, None)
    assert report["verdict"] in {"accepted", "referred", "refused"}
    for finding in report["findings"]:
        assert list(finding) == KEYS
        assert finding["code"] and finding["zh"] and finding["en"] and " / " in finding["remedy"]
        assert len(finding["found"] or "") <= 200
    found: list[dict[str, Any]] = report["findings"]
    return found


texts = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=40),
    st.sampled_from(["CO", "FORM A", "2026-11-16", "84137099", "TEN (10) CARTONS OF PUMPS", "true", "-1", "N/M", " ", "SAME"]))
tags = st.one_of(
    st.sampled_from(NAMES).map(lambda name: f"{{{NAMESPACE}}}{name}"), st.sampled_from(NAMES), st.just("{urn:x}Name"))
attributes = st.dictionaries(
    st.sampled_from(["a", "{urn:y}b", "{http://www.w3.org/2001/XMLSchema-instance}type",
                     "{http://www.w3.org/2001/XMLSchema-instance}nil"]), texts, max_size=2)


@st.composite
def elements(draw: st.DrawFn, depth: int = 4) -> etree._Element:
    element = etree.Element(draw(tags), draw(st.just({}) | attributes))
    element.text = draw(texts)
    for child in draw(st.lists(elements(depth - 1), max_size=4)) if depth else ():
        child.tail = draw(st.sampled_from(["", "\n", "X"]))
        element.append(child)
    return element


@given(st.binary(max_size=300) | st.binary(max_size=60).map(lambda noise: GOOD.read_bytes()[:-40] + noise))
@quiet
def test_any_bytes_are_answered_by_findings(body: bytes) -> None:
    assert judged(body)


@given(st.lists(elements(), min_size=1, max_size=3), st.sampled_from(["CertificateApplication", "CertificateAmendment", ""]))
@quiet
def test_any_tree_of_our_names_is_answered_by_findings(inside: list[etree._Element], kind: str) -> None:
    root = etree.fromstring(GOOD.read_bytes())
    root.remove(root[1])
    message = etree.SubElement(root, f"{{{NAMESPACE}}}{kind}") if kind else root
    message.extend(inside)
    assert judged(etree.tostring(root))


@given(st.data())
@quiet
def test_any_mutated_sample_is_answered(data: st.DataObject) -> None:
    root = etree.fromstring(GOOD.read_bytes(), etree.XMLParser(remove_comments=True))
    for _ in range(data.draw(st.integers(1, 4))):
        places = list(root[-1].iter())
        place, new = data.draw(st.sampled_from(places)), data.draw(elements(2))
        parent = place.getparent()
        assert parent is not None
        change = data.draw(st.sampled_from(["text", "tag", "add", "before", "replace", "copy"]))
        if change == "text":
            place.text = data.draw(texts)
        elif change == "tag" and place is not root[-1]:
            place.tag = data.draw(tags)
        elif change == "add":
            place.append(new)
        elif change == "before" and place is not root[-1]:
            place.addprevious(new)
        elif change == "replace" and place is not root[-1]:
            parent.replace(place, new)
        elif change == "copy" and len(places) < 400:
            place.append(etree.fromstring(etree.tostring(place, with_tail=False)))
    judged(etree.tostring(root))


@pytest.mark.parametrize("shape", SOME_SHAPES)
def test_a_hostile_shape_is_answered_with_at_most_so_many_findings_a_message(shape: str) -> None:
    body = SHAPES[shape]()
    found = judged(body)
    assert (found == []) == (shape == "good")
    interchange: Any = read(parse(body))  # type: ignore[arg-type] # the gates let every shape through
    assert len(found) <= (MAX_FINDINGS + 1) * len(interchange.messages)
    assert [one["code"] for one in found[:-1]].count("FINDINGS_CUT") < len(interchange.messages)
    assert (len(found) == MAX_FINDINGS + 1) == (found != [] and found[-1]["code"] == "FINDINGS_CUT")


def calls(work: Callable[[], object]) -> int:
    """How many functions, of Python and of C, `work` calls: a measure of work that no other load disturbs."""
    work()
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def test_work_on_a_clean_document_grows_with_its_goods_lines() -> None:
    def body(lines: int) -> bytes:
        begin, end = GOOD.read_bytes().index(b"<Line>"), GOOD.read_bytes().index(b"</Goods>")
        made = (GOOD.read_bytes()[begin:end].replace(b"HL80-160", f"HL{at}".encode()) for at in range(lines))
        return GOOD.read_bytes()[:begin] + b"".join(made) + GOOD.read_bytes()[end:]

    assert "A02" not in {finding["code"] for finding in judged(body(50))}
    few, many = (calls(partial(check_bytes, "x", body(lines), FACTS, None)) for lines in (50, 500))
    assert few > 1_000
    assert many / few < 11


@pytest.mark.parametrize(
    "shape", ["<Colour/>", "<Line/>", "<Line><HSCode>x</HSCode><Colour/></Line>", "<Line x='1'>TEXT</Line>"])
def test_work_on_a_bad_document_grows_with_its_faults(shape: str) -> None:
    def work(count: int) -> Callable[[], object]:
        body = GOOD.read_bytes().replace(b"<Goods>", f"<Goods>{shape * count}".encode(), 1)
        return partial(check_bytes, "x", body, FACTS, None)

    assert calls(work(5_000)) / calls(work(500)) < 11


def test_the_schema_check_visits_each_element_once() -> None:
    def work(count: int) -> Callable[[], object]:
        line = "<Line><Description>D</Description><HSCode>8501</HSCode><Quantity>1</Quantity><Unit>PCS</Unit></Line>"
        message = etree.fromstring(GOOD.read_bytes().replace(b"<Goods>", f"<Goods a='1'>{line * count}".encode(), 1))[1]
        return partial(schema_findings, message)

    assert calls(work(3_000)) / calls(work(300)) < 11
