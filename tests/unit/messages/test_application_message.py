"""Reading a certificate application: every element to its field, lenient, and paths to lines."""

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from domain.application import Amendment, Applicant, Application, GoodsLine, Invoice, Party, Picture, Transport
from domain.finding import Finding
from messages.application import absolute, extract, locate
from messages.catalog import KINDS, kind_of
from messages.parsing import parse
from schemas.documents import message_schema

GOOD = Path(__file__).parents[2] / "samples" / "application" / "good"
REFERENCE = (Path(__file__).parents[3] / "docs" / "reference" / "messages.md").read_text(encoding="utf-8")
BODY = (GOOD / "three-lines-two-invoices-to-chile.xml").read_bytes()

FULL = """<CertificateApplication xmlns="urn:coedi:message:1"><MessageId>m1</MessageId>
<CertificateType>m2</CertificateType>
<Applicant><RegistrationNo>a1</RegistrationNo><Branch>a2</Branch><NameZh>a3</NameZh><NameEn>a4</NameEn>
<CustomsCode>a5</CustomsCode><SignatoryCode>a6</SignatoryCode><SignatoryName>a7</SignatoryName>
<SmallEnterprise>true</SmallEnterprise></Applicant>
<Exporter><Name>e1</Name><Address>e2</Address><Country>e3</Country></Exporter>
<Consignee><Name>c1</Name><Address>c2</Address><Country>c3</Country></Consignee>
<Transport><Origin>t1</Origin><Destination>t2</Destination><Via>t3</Via><Mode>t4</Mode><Vehicle>t5</Vehicle>
<DepartureDate>t6</DepartureDate></Transport>
<Destination>m3</Destination><OfficialUse>m4</OfficialUse><Marks>m5
second</Marks>
<Goods><Line><Description>l1</Description><HSCode>l2</HSCode><Quantity>l3</Quantity><Unit>l4</Unit>
<PackageCount>l5</PackageCount><PackageKind>l6</PackageKind><Packing>l7</Packing><GrossWeight>l8</GrossWeight>
<NetWeight>l9</NetWeight><OriginCountry>l10</OriginCountry><Criterion>l11</Criterion><ItemNo>l12</ItemNo>
<ValueContent>l13</ValueContent><PSRBasis>l14</PSRBasis><FOBValue>l15</FOBValue><FilingNo>l16</FilingNo>
<Producer>l17</Producer><Processing>l18</Processing></Line>
<Line><Description/><HSCode/><Quantity/><Unit/></Line><Total>g1</Total><Note>g2</Note></Goods>
<Invoices><Invoice><Number>i1</Number><Date>i2</Date><Amount>i3</Amount><Currency>i4</Currency></Invoice>
<Invoice><Number>i5</Number><Date>i6</Date><IssuerCountry>i7</IssuerCountry></Invoice></Invoices>
<ApplicationPlace>m6</ApplicationPlace><ApplicationDate>m7</ApplicationDate><ExitCustoms>m8</ExitCustoms>
<ExportDeclaration>m9</ExportDeclaration><SigningPoint>m10</SigningPoint><Remarks>m11</Remarks>
<LocalPrint>1</LocalPrint><PrintSeal>true</PrintSeal><Producer><Name>p1</Name><Address>p2</Address><Country>p3</Country></Producer>
<FormRemarks>m12</FormRemarks><Endorsement>m13</Endorsement><Retrospective>true</Retrospective>
<NonPartyInvoice>1</NonPartyInvoice><Operator><Name>o1</Name><Address>o2</Address><Country>o3</Country></Operator>
<Exhibition>true</Exhibition><MovementCertificate>true</MovementCertificate><BackToBack>true</BackToBack>
<Pictures><Picture><Title>b1</Title><Content>b2</Content></Picture><Picture><Title/><Content>b3</Content></Picture></Pictures>
<LinkedDocument>m14</LinkedDocument></CertificateApplication>"""
AMENDMENT = """<Amendment><Kind>d1</Kind><OriginalNo>d2</OriginalNo><OriginalDate>d3</OriginalDate><Revision>d4</Revision>
<Reason>d5</Reason></Amendment>"""

EXPECTED = Application(
    message_id="m1", certificate_type="m2",
    applicant=Applicant("a1", "a2", "a3", "a4", "a5", "a6", "a7", small_enterprise=True),
    exporter=Party("e1", "e2", "e3"), consignee=Party("c1", "c2", "c3"),
    transport=Transport("t1", "t2", "t3", "t4", "t5", "t6"),
    destination="m3", official_use="m4", marks="m5\nsecond",
    goods=(GoodsLine("l1", "l2", "l3", "l4", "l5", "l6", "l7", "l8", "l9", "l10", "l11", "l12", "l13", "l14", "l15",
                     "l16", "l17", "l18"), GoodsLine()),
    goods_total="g1", goods_note="g2",
    invoices=(Invoice("i1", "i2", "i3", "i4"), Invoice("i5", "i6", issuer_country="i7")),
    application_place="m6", application_date="m7", exit_customs="m8", export_declaration="m9", signing_point="m10",
    remarks="m11", local_print=True, print_seal=True,
    producer=Party("p1", "p2", "p3"), form_remarks="m12", endorsement="m13", retrospective=True, non_party_invoice=True,
    operator=Party("o1", "o2", "o3"), exhibition=True, movement_certificate=True, back_to_back=True,
    pictures=(Picture("b1", "b2"), Picture("", "b3")), linked_document="m14",
)


def element(text: str) -> etree._Element:
    root = parse(text.encode())
    assert not isinstance(root, Finding), root
    return root


def first_message() -> etree._Element:
    root = parse(BODY)
    assert not isinstance(root, Finding)
    return root[1]


def test_every_element_reaches_its_field() -> None:
    full = element(FULL)
    assert message_schema().validate(full), message_schema().error_log
    assert extract(full) == EXPECTED


def test_an_amendment_says_the_same_and_which_certificate_it_replaces() -> None:
    text = FULL.replace("CertificateApplication", "CertificateAmendment").replace("</MessageId>", f"</MessageId>{AMENDMENT}", 1)
    full = element(text)
    assert message_schema().validate(full), message_schema().error_log
    assert extract(full) == replace(EXPECTED, amendment=Amendment("d1", "d2", "d3", "d4", "d5"))


def test_the_full_example_leaves_no_field_at_its_default() -> None:
    blank = Application(message_id="")
    assert untouched(EXPECTED, blank) == ["amendment"]  # the one that only an amendment has
    assert untouched(EXPECTED.goods[0], GoodsLine()) == []


def test_the_examples_of_the_reference_leave_no_field_at_its_default_together() -> None:
    examples = re.findall(r"```xml\n(<Certificate(?:Application|Amendment).*?)```", REFERENCE, re.S)
    shown = [extract(element(text)) for text in examples]
    blank = Application(message_id="")
    everywhere = set.intersection(*(set(untouched(one, blank)) for one in shown))
    assert everywhere == {
        "official_use", "goods_note", "local_print", "print_seal", "exhibition", "movement_certificate", "back_to_back",
        "linked_document"}  # false, or named in a comment
    lines = [line for one in shown for line in one.goods]
    assert set.intersection(*(set(untouched(line, GoodsLine())) for line in lines)) == set()


def untouched(value: object, blank: object) -> list[str]:
    """Fields that are as in a blank value."""
    return [f.name for f in fields(type(value)) if getattr(value, f.name) == getattr(blank, f.name)]  # type: ignore[arg-type]


def test_absent_elements_are_empty() -> None:
    assert extract(element('<CertificateApplication xmlns="urn:coedi:message:1"/>')) == Application(message_id="")


def test_foreign_and_unknown_elements_are_passed_over() -> None:
    text = (
        '<x xmlns="urn:coedi:message:1" xmlns:o="urn:other"><o:Marks>no</o:Marks><Marks xmlns="">no</Marks>'
        "<Colour>red</Colour><Goods><o:Line/><Line><o:HSCode>1</o:HSCode></Line></Goods></x>"
    )
    assert extract(element(text)) == Application(message_id="", goods=(GoodsLine(),))


def test_of_a_repeated_element_the_first_counts_and_is_located() -> None:
    text = '<x xmlns="urn:coedi:message:1">\n<Marks>first</Marks>\n<Marks>second</Marks>\n</x>'
    assert extract(element(text)).marks == "first"
    assert locate(element(text), "Marks") == 2


def test_values_are_whole_and_their_ends_are_dropped() -> None:
    text = '<x xmlns="urn:coedi:message:1"><Marks> A<!-- -->B<b>C</b><![CDATA[D]]>\n</Marks></x>'
    assert extract(element(text)).marks == "ABCD"


@pytest.mark.parametrize(("text", "expected"), [("true", True), ("1", True), (" true ", True), ("false", False),
                                                ("TRUE", False), ("是", False), ("", False)])
def test_flags_are_xml_booleans(text: str, expected: bool) -> None:
    document = f'<x xmlns="urn:coedi:message:1"><PrintSeal>{text}</PrintSeal></x>'
    assert extract(element(document)).print_seal is expected


@pytest.mark.parametrize(
    ("path", "text"),
    [("MessageId", "<MessageId>"), ("Goods/Line[2]/HSCode", "63026010"), ("Invoices/Invoice[2]/Number", "QH2026-1109"),
     ("Consignee/Name", "COMERCIAL"), ("Goods/Line/HSCode", "63022190")],
)
def test_a_path_leads_to_its_line(path: str, text: str) -> None:
    line = locate(first_message(), path)
    assert line is not None
    assert text in BODY.decode().splitlines()[line - 1]


@pytest.mark.parametrize(
    ("path", "text"),
    [("", "<CertificateApplication>"), ("OfficialUse", "<CertificateApplication>"), ("Goods/Line[9]/HSCode", "<Goods>"),
     ("Goods/Line[0]", "<Goods>"), ("Transport/Via", "<Transport>"), ("Goods/Line[3]/Criterion", "<Line>")],
)
def test_a_path_to_nothing_leads_to_the_nearest_ancestor(path: str, text: str) -> None:
    line = locate(first_message(), path)
    assert line is not None
    assert BODY.decode().splitlines()[line - 1].strip() == text


def test_absolute_paths_count_messages_of_the_same_kind() -> None:
    root = element((GOOD / "two-applications-to-mexico-and-emirates.xml").read_text(encoding="utf-8").split("?>\n")[1])
    path = absolute(root[2], "Goods/Line[2]/HSCode")
    assert path == "/Interchange/CertificateApplication[2]/Goods/Line[2]/HSCode"
    assert absolute(root[1], "") == "/Interchange/CertificateApplication[1]"
    prefixed = "/" + "/".join(f"m:{step}" for step in path[1:].split("/"))
    found = root.getroottree().xpath(prefixed, namespaces={"m": "urn:coedi:message:1"})
    assert [node.text for node in found] == ["83024100"]


def test_an_element_alone_has_paths_too() -> None:
    assert absolute(element("<CertificateApplication/>"), "Marks") == "/CertificateApplication/Marks"


@given(st.data())
def test_no_damaged_message_makes_reading_raise(data: st.DataObject) -> None:
    message = first_message()
    for _ in range(data.draw(st.integers(1, 4))):
        victim = data.draw(st.sampled_from(list(message.iter())))
        victim.tag = data.draw(st.sampled_from(["x", "{urn:coedi:message:1}Line", "{urn:coedi:message:1}Goods"]))
        victim.text = data.draw(st.sampled_from([None, "", "x", "９"]))
    application = extract(message)
    assert isinstance(application, Application)
    assert isinstance(locate(message, "Goods/Line[2]/HSCode"), int)


def test_each_kind_of_the_catalogue_is_a_global_element_of_its_schema() -> None:
    for kind in KINDS:
        assert kind_of(kind.name) is kind
        assert not message_schema().validate(etree.Element(kind.tag))
        assert "No matching global" not in str(message_schema().error_log)
    assert kind_of("Poem") is None
