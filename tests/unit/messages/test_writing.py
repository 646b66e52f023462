"""Writing is the inverse of reading: for every value, for every good sample, and for damaged ones."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from ubl_samples import ALL, FULL, GOOD, applications

from domain.application import Amendment, Applicant, Application, GoodsLine, Invoice, Party, Picture, Transport
from domain.finding import Finding
from messages.application import extract
from messages.catalog import kind_of
from messages.interchange import Interchange, read
from messages.parsing import XML_BLANKS, parse
from messages.writing import application_xml, interchange_xml, parts_xml
from schemas.documents import message_schema

# every character that XML 1.0 may hold
CHARACTERS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff", include_characters="\t\n\r\x85")
TEXTS = st.one_of(st.just(""), st.text(CHARACTERS, max_size=12)).map(lambda text: text.strip(XML_BLANKS))
LINES = st.builds(GoodsLine, *[TEXTS] * 18)
PARTIES = st.builds(Party, TEXTS, TEXTS, TEXTS)
APPLICATIONS = st.builds(
    Application, message_id=TEXTS, certificate_type=TEXTS, applicant=st.builds(Applicant, *[TEXTS] * 7, st.booleans()),
    exporter=PARTIES, consignee=PARTIES, transport=st.builds(Transport, *[TEXTS] * 6), destination=TEXTS, official_use=TEXTS,
    marks=TEXTS, goods=st.lists(LINES, max_size=3).map(tuple), goods_total=TEXTS, goods_note=TEXTS,
    invoices=st.lists(st.builds(Invoice, *[TEXTS] * 5), max_size=2).map(tuple), application_place=TEXTS, application_date=TEXTS,
    exit_customs=TEXTS, export_declaration=TEXTS, signing_point=TEXTS, remarks=TEXTS, local_print=st.booleans(),
    print_seal=st.booleans(), producer=PARTIES, form_remarks=TEXTS, endorsement=TEXTS, retrospective=st.booleans(),
    non_party_invoice=st.booleans(), operator=PARTIES, exhibition=st.booleans(), movement_certificate=st.booleans(),
    back_to_back=st.booleans(), pictures=st.lists(st.builds(Picture, TEXTS, TEXTS), max_size=2).map(tuple), linked_document=TEXTS,
    amendment=st.none() | st.builds(Amendment, *[TEXTS] * 5))


def written_and_read(application: Application) -> Application:
    """Through bytes, as a partner's message would come."""
    root = parse(etree.tostring(application_xml(application), encoding="UTF-8"))
    assert not isinstance(root, Finding), root
    return extract(root)


@given(APPLICATIONS)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_value_comes_back(application: Application) -> None:
    assert written_and_read(application) == application


@pytest.mark.parametrize("application", ALL, ids=lambda application: application.message_id)
def test_what_is_written_of_a_good_application_is_valid_and_reads_the_same(application: Application) -> None:
    element = application_xml(application)
    assert message_schema().validate(element), message_schema().error_log
    assert written_and_read(application) == application
    kind = kind_of(etree.QName(element).localname)
    assert kind is not None
    assert (kind.name == "CertificateAmendment") == (application.amendment is not None)


@pytest.mark.parametrize("file", GOOD, ids=lambda file: file.stem)
def test_a_sample_is_written_as_the_elements_it_was_made_of(file: Path) -> None:
    interchange = read(parse(file.read_bytes()))  # type: ignore[arg-type] # a good sample
    assert isinstance(interchange, Interchange)
    for message, application in zip(interchange.messages, applications(file), strict=True):
        said = [(child.tag, child.text) for child in message.element.iter() if not len(child) and child.text != "false"]
        assert [(child.tag, child.text) for child in application_xml(application).iter() if not len(child)] == [
            (tag, (text or "").strip() or None) for tag, text in said]


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_a_damaged_message_is_stable_after_one_round(data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(GOOD))
    root = parse(file.read_bytes())
    assert not isinstance(root, Finding)
    message = root[1]
    for _ in range(data.draw(st.integers(1, 5))):
        victim = data.draw(st.sampled_from(list(message.iter())))
        victim.tag = data.draw(st.sampled_from([victim.tag, "x", "{urn:coedi:message:1}Line", "{urn:coedi:message:1}Goods"]))
        victim.text = data.draw(st.sampled_from([None, "", " x ", "９", "\r\n"]))
    once = extract(message)
    assert written_and_read(once) == once


def test_an_interchange_can_be_read_and_each_message_is_its_application() -> None:
    other = next(application for application in ALL if application.amendment is None)
    body = interchange_xml(
        [FULL, other], interchange_id="I-1", sender="1100A0017", branch="1100B0", created=datetime(2026, 11, 16, tzinfo=UTC))
    root = parse(body)
    assert not isinstance(root, Finding)
    assert message_schema().validate(root), message_schema().error_log
    interchange = read(root)
    assert isinstance(interchange, Interchange)
    assert (interchange.id, interchange.sender, interchange.branch) == ("I-1", "1100A0017", "1100B0")
    assert [extract(message.element) for message in interchange.messages] == [FULL, other]


def test_empty_parts_are_left_out_unless_the_schema_asks_for_them() -> None:
    element = application_xml(Application(message_id="M"))
    named = {etree.QName(child).localname for child in element}
    assert {"Applicant", "Exporter", "Consignee", "Transport", "Marks", "Goods", "Invoices"} <= named
    assert not {"Producer", "Operator", "Pictures", "Amendment", "Remarks", "LocalPrint", "OfficialUse"} & named


def test_parts_alone_hold_only_what_is_asked_and_filled() -> None:
    part = parts_xml("Particulars", FULL, frozenset({"producer", "exhibition", "official_use"}))
    assert [etree.QName(child).localname for child in part] == ["OfficialUse", "Producer", "Exhibition"]
    assert len(parts_xml("Particulars", Application(message_id="M"), frozenset({"producer", "exhibition"}))) == 0


def test_a_character_that_xml_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="XML compatible"):
        application_xml(Application(message_id="M", marks="a\x00b"))
