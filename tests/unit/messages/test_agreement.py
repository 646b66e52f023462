"""libxml2, which decides, and xmlschema, which reads the schema for the explanation, agree on samples and on all their mutants.

A mutant is a sample with one change at one element: removed, repeated, renamed, moved, too long, empty, of a wrong type, with
an attribute, in a foreign namespace ... Where the two do not agree stands in DISAGREEMENTS with the reason; none beside those.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import islice
from pathlib import Path

import pytest
from lxml import etree

from domain.finding import Finding
from messages.catalog import KINDS
from messages.interchange import NAMESPACE
from messages.parsing import parse
from schemas.documents import explainer, message_schema
from tests.samples.kinds import FOLDERS, files
from validators.schema_check import _walked, schema_findings

SAMPLES = Path(__file__).parents[2] / "samples" / "application"
NS = f"{{{NAMESPACE}}}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
Change = Callable[[etree._Element], None]

def parent_of(element: etree._Element) -> etree._Element:
    parent = element.getparent()
    assert parent is not None
    return parent


def removed(element: etree._Element) -> None:
    parent_of(element).remove(element)


def repeated(element: etree._Element) -> None:
    element.addnext(deepcopy(element))


def moved_down(element: etree._Element) -> None:
    following = element.getnext()
    if following is not None:
        following.addnext(element)


def moved_to_the_end(element: etree._Element) -> None:
    parent_of(element).append(element)


def emptied(element: etree._Element) -> None:
    del element[:]
    element.text = None


def renamed(namespace: str, prefix: str = "") -> Change:
    def change(element: etree._Element) -> None:
        element.tag = f"{namespace}{prefix}{etree.QName(element).localname}"

    return change


def texted(text: str) -> Change:
    def change(element: etree._Element) -> None:
        element.text = text

    return change


def attributed(name: str, value: str) -> Change:
    def change(element: etree._Element) -> None:
        element.set(name, value)

    return change


def with_child(element: etree._Element) -> None:
    etree.SubElement(element, f"{NS}Surprise").text = "X"


def followed_by_text(element: etree._Element) -> None:
    element.tail = "STRAY"


CHANGES: dict[str, Change] = {
    "removed": removed, "repeated": repeated, "moved down": moved_down, "moved to the end": moved_to_the_end,
    "emptied": emptied, "renamed": renamed(NS, "X"), "another namespace": renamed("{urn:x}"), "no namespace": renamed(""),
    "a blank": texted(" "), "blanks inside": texted("A  B"), "line feeds": texted("A\nB\tC"), "maybe": texted("maybe"),
    "true with blanks": texted(" true "), "64": texted("8" * 64), "65": texted("8" * 65), "256": texted("8" * 256),
    "257": texted("8" * 257), "512": texted("8" * 512), "513": texted("8" * 513), "2000": texted("8" * 2000),
    "2001": texted("8" * 2001), "8000": texted("8" * 8000), "8001": texted("8" * 8001),
    "65 with blanks": texted(" " * 40 + "8" * 20 + " " * 40), "astral": texted("\U0001F600" * 64),
    "no-break": texted("\u00a0" * 65),
    "ideographic": texted("A\u3000B"), "an attribute": attributed("lang", "en"), "xml:lang": attributed(
        "{http://www.w3.org/XML/1998/namespace}lang", "en"),
    "xsi:nil": attributed(f"{XSI}nil", "true"), "xsi:nil false": attributed(f"{XSI}nil", "false"),
    "xsi:type": attributed(f"{XSI}type", "Block"), "xsi:type of nobody": attributed(f"{XSI}type", "Nobody"),
    "xsi:schemaLocation": attributed(f"{XSI}schemaLocation", "urn:x http://127.0.0.1:9/x.xsd"),
    "xsi:other": attributed(f"{XSI}other", "x"), "a child": with_child, "text behind": followed_by_text,
}  # fmt: skip

# change -> (what libxml2 says, what xmlschema says, why)
DISAGREEMENTS = {
    "no-break": (False, "True", "xmlschema collapses no-break spaces like blanks; to the W3C they are characters, and count"),
    "xsi:type": (False, "raises", "a type named without a prefix where no default namespace is: xmlschema cannot look it up"),
    "xsi:type of nobody": (False, "raises", "a type that does not exist is an error of the caller to xmlschema"),
}
# what only libxml2 judges: the walk of validators/schema_check.py leaves these attributes to it
LEFT_TO_LIBXML2 = frozenset({"xsi:nil", "xsi:nil false", "xsi:type", "xsi:type of nobody", "xsi:other"})


def sample(name: str) -> etree._Element:
    """The first message of a good sample."""
    return etree.fromstring((SAMPLES / "good" / f"{name}.xml").read_bytes(), etree.XMLParser(remove_comments=True))[1]


def full_message(name: str) -> etree._Element:
    """A message with every element that the schema declares, each once."""
    return _filled(explainer("message").elements[name])


def _filled(declared: object) -> etree._Element:
    element = etree.Element(declared.name)  # type: ignore[attr-defined] # xmlschema's elements carry no annotations
    inside = list(declared.iterchildren())  # type: ignore[attr-defined]
    for child in inside:
        element.append(_filled(child))
    if not inside:
        element.text = "true" if declared.type.primitive_type.local_name == "boolean" else "A"  # type: ignore[attr-defined]
    return element


def mutants(message: etree._Element) -> Iterator[tuple[str, str, etree._Element]]:
    """Name of the change, path of the element, and the changed message.

    Of an amendment the parts that it shares with an application are changed as a whole only, not inside.
    """
    for at, original in enumerate(message.iter()):
        path = message.getroottree().getpath(original).split("/*")
        if at == 0 or (message.tag == f"{NS}CertificateAmendment" and len(path) > 3 and path[2] != "[2]"):
            continue
        for name, change in CHANGES.items():
            mutant = deepcopy(message)
            change(next(islice(mutant.iter(), at, None)))
            yield name, "/*".join(path), mutant


def by_xmlschema(message: etree._Element) -> str:
    from xmlschema import XMLSchemaException

    try:
        return str(explainer("message").is_valid(message))  # type: ignore[arg-type] # its annotations know no lxml
    except XMLSchemaException:
        return "raises"


def largest(kind: str) -> etree._Element:
    """The good sample message of a kind that has the most elements."""
    parser = etree.XMLParser(remove_comments=True)
    roots = [etree.fromstring(file.read_bytes(), parser) for file in files(FOLDERS[kind], "good")]
    return max((one for root in roots for one in root if one.tag == f"{NS}{kind}"), key=lambda one: len(list(one.iter())))


FULL = ("CertificateApplication", "CertificateAmendment")
TESTED = {name: full_message(name) for name in FULL} | {
    kind.name: largest(kind.name) for kind in KINDS if kind.name not in FULL} | {"a sample": sample("one-line-pumps-to-germany")}


@pytest.mark.parametrize(
    "file", [file for folder in FOLDERS.values() for part in ("good", "bad") for file in files(folder, part)],
    ids=lambda file: f"{file.parent.parent.name}-{file.stem}")
def test_both_validators_agree_on_every_sample(file: Path) -> None:
    root = parse(file.read_bytes())
    if not isinstance(root, Finding):
        assert [str(message_schema().validate(message)) for message in root[1:]] == [by_xmlschema(one) for one in root[1:]]


@pytest.mark.parametrize("name", TESTED)
def test_both_validators_and_the_walk_agree_on_every_mutant(name: str) -> None:
    assert message_schema().validate(TESTED[name])
    unlisted, unexplained = [], []
    counts: Counter[bool] = Counter()
    for change, path, mutant in mutants(TESTED[name]):
        ours, theirs, faults = message_schema().validate(mutant), by_xmlschema(mutant), list(_walked(mutant))
        counts[ours] += 1
        if str(ours) != theirs and DISAGREEMENTS.get(change, ())[:2] != (ours, theirs):
            unlisted.append((change, path, ours, theirs))
        if ours == bool(faults) and (ours or change not in LEFT_TO_LIBXML2):
            unexplained.append((change, path, ours, [fault.kind for fault in faults]))
        assert bool(schema_findings(mutant)) != ours, (change, path)
    assert (unlisted, unexplained) == ([], [])
    assert min(counts.values()) > 20


@pytest.mark.parametrize(("inside", "said"), [
    ("<Certificate/>", ["CertificateNo is missing (or InvoiceNo, or CertificateId)"]),
    ("<Certificate><Invoice>A</Invoice></Certificate>",
     ["CertificateNo is missing (or InvoiceNo, or CertificateId)", "Invoice is not expected here"]),
    ("<Certificate><CertificateNo>A</CertificateNo><CertificateId>B</CertificateId></Certificate>",
     ["CertificateId is not expected here beside CertificateNo"]),
    ("", ["Certificate is missing after MessageId"]),
])
def test_of_a_choice_the_alternatives_are_named_and_never_all_missing(inside: str, said: list[str]) -> None:
    enquiry = f'<StatusEnquiry xmlns="{NAMESPACE}"><MessageId>Q-1</MessageId>{inside}</StatusEnquiry>'
    found = [finding.en.partition(": element ")[2] for finding in schema_findings(etree.fromstring(enquiry))]
    assert found == said
