"""Samples of every kind: there are good and bad ones, the good ones are valid, and nothing they say is lost."""

import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from domain.finding import Finding
from messages.catalog import KINDS, Kind, kind_of
from messages.interchange import Interchange, read
from messages.parsing import parse, text_of
from schemas.documents import explainer, message_schema
from tests.samples.kinds import FOLDERS, SAMPLES, UNKNOWN, expected, files

REFERENCE = (SAMPLES.parents[1] / "docs" / "reference" / "messages.md").read_text(encoding="utf-8")
GOOD = [(kind, file) for kind in KINDS for file in files(FOLDERS.get(kind.name, ""), "good")]
# kinds about one certificate, each with the sample that the reference shows
SHOWN = {
    "CertificateAmendment": "consignee-moved", "Withdrawal": "order-cancelled", "ReviewDecision": "approved",
    "CertificateVoid": "goods-were-not-shipped", "StatusEnquiry": "by-number", "ReceiptResendRequest": "by-feed-number",
    "PrintReport": "printed-on-stock", "LocalPrintRequest": "original-and-copy",
}


def messages_of(file: Path) -> list[etree._Element]:
    root = parse(file.read_bytes())
    assert not isinstance(root, Finding), root
    interchange = read(root)
    assert isinstance(interchange, Interchange), interchange
    return [message.element for message in interchange.messages]


def shown_sample(kind: str) -> Path:
    return SAMPLES / FOLDERS[kind] / "good" / f"{SHOWN[kind]}.xml"


def leaves(value: Any) -> list[str]:
    """Every text and number inside a value, as text."""
    if is_dataclass(value):
        return [leaf for field in fields(value) for leaf in leaves(getattr(value, field.name))]
    if isinstance(value, tuple):
        return [leaf for one in value for leaf in leaves(one)]
    return [str(value)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_has_good_and_bad_samples(kind: Kind) -> None:
    folder = FOLDERS[kind.name]
    assert files(folder, "good"), f"no good sample of {kind.name} in tests/samples/{folder}"
    assert len(files(folder, "bad")) >= 2, f"fewer than two bad samples of {kind.name} in tests/samples/{folder}"


def test_every_folder_is_of_a_kind() -> None:
    assert set(FOLDERS) == {kind.name for kind in KINDS}
    assert files(UNKNOWN, "good") and len(files(UNKNOWN, "bad")) >= 2


@pytest.mark.parametrize(("kind", "file"), GOOD, ids=lambda value: value.stem if isinstance(value, Path) else value.name)
def test_a_good_sample_is_valid_for_both_validators(kind: Kind, file: Path) -> None:
    for message in messages_of(file):
        assert etree.QName(message).localname == kind.name
        assert message_schema().validate(message), message_schema().error_log
        assert [str(error) for error in explainer("message").iter_errors(message)] == []  # type: ignore[arg-type] # lxml's own


@pytest.mark.parametrize(("kind", "file"), GOOD, ids=lambda value: value.stem if isinstance(value, Path) else value.name)
def test_extract_keeps_every_text_of_a_good_sample(kind: Kind, file: Path) -> None:
    for message in messages_of(file):
        kept = leaves(kind.extract(message))
        said = [text_of(leaf) for leaf in message.iter(etree.Element) if len(leaf) == 0]
        flags = {"true": "True", "false": "False", "1": "True", "0": "False"}
        lost = [text for text in said if text and text not in kept and flags.get(text) not in kept]
        assert [text for text in lost if text != text_of(message[0])] == []  # the message id is the envelope's


@pytest.mark.parametrize("kind", SHOWN)
def test_a_field_that_its_kind_has_is_shown_in_a_good_sample(kind: str) -> None:
    """Each field of the value is filled by one of the good samples of its kind, where a sample can fill it."""
    row = kind_of(kind)
    assert row is not None
    values = [row.extract(message) for file in files(FOLDERS[kind], "good") for message in messages_of(file)]
    part = [value.amendment for value in values] if kind == "CertificateAmendment" else values
    empty = [f.name for f in fields(part[0]) if not any(getattr(value, f.name) for value in part)]
    assert empty == []


@pytest.mark.parametrize("kind", SHOWN)
def test_the_reference_shows_the_annotated_sample_as_it_is(kind: str) -> None:
    text = shown_sample(kind).read_text(encoding="utf-8")
    [element] = re.findall(rf"^(  <{kind}>\n.*?^  </{kind}>\n)", text, re.M | re.S)
    shown = re.sub(r"^  ", "", element, flags=re.M).replace(f"<{kind}>", f'<{kind} xmlns="urn:coedi:message:1">')
    assert f"```xml\n{shown}```" in REFERENCE
    assert shown.count("<!--") >= 1


def test_the_reference_lists_every_kind() -> None:
    listed = re.findall(r"^\| `([A-Z][A-Za-z]+)` \| ([^|]+) \| ([^|]+) \|", REFERENCE, re.M)
    senders = {"企业": {"enterprise"}, "分会": {"branch"}, "企业、分会": {"enterprise", "branch"}}
    assert {name: (zh.strip(), frozenset(senders[who.strip()])) for name, zh, who in listed} == {
        kind.name: (kind.zh, kind.senders) for kind in KINDS}


@pytest.mark.parametrize("folder", [*(FOLDERS[kind] for kind in SHOWN), UNKNOWN])
def test_samples_of_messages_have_ids_of_their_own(folder: str) -> None:
    ids = [message for part in ("good", "bad") for file in files(folder, part) for message in {one for one, _, _ in expected(file)}]
    assert len(ids) == len(set(ids))
