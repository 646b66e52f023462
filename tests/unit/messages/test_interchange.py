"""The envelope: what refuses it whole, and what its messages are known by."""

from collections.abc import Iterator

import pytest
from lxml import etree

from domain.finding import Finding
from messages.interchange import NAMESPACE, Interchange, digest_of, read
from messages.parsing import parse

HEADER = (
    "<Header><InterchangeId>I-1</InterchangeId><Sender>1100A0017</Sender><Branch>1100B0</Branch>"
    "<Created>2026-11-16T09:00:00+08:00</Created></Header>"
)
MESSAGE = (
    "<CertificateApplication><MessageId>M-1</MessageId><Applicant><RegistrationNo>1100A0017</RegistrationNo>"
    "</Applicant></CertificateApplication>"
)


def document(content: str, attributes: str = "") -> etree._Element:
    root = parse(f'<Interchange xmlns="{NAMESPACE}" {attributes}>{content}</Interchange>'.encode())
    assert not isinstance(root, Finding), root
    return root


def interchange(content: str, attributes: str = "") -> Interchange:
    result = read(document(content, attributes))
    assert isinstance(result, Interchange), result
    return result


def refusal(content: str) -> Finding:
    result = read(document(content))
    assert isinstance(result, Finding)
    return result


def digests() -> Iterator[str]:
    yield interchange(HEADER + MESSAGE).messages[0].digest
    yield interchange(HEADER.replace("I-1", "I-2") + MESSAGE + "<Other/>tail").messages[0].digest
    yield interchange("\n" + HEADER + MESSAGE + "\n\n", 'xmlns:unused="urn:x" xml:lang="zh"').messages[0].digest
    yield interchange(HEADER + MESSAGE + "tail", 'xmlns:relative="not-a-uri"').messages[0].digest
    yield digest_of(etree.fromstring(MESSAGE.replace("Application>", f'Application xmlns="{NAMESPACE}">', 1)))


def test_header_and_messages_are_read() -> None:
    read_back = interchange(HEADER + MESSAGE + MESSAGE.replace("M-1", " M-2 "))
    assert (read_back.id, read_back.sender, read_back.branch) == ("I-1", "1100A0017", "1100B0")
    assert (read_back.created, read_back.test) == ("2026-11-16T09:00:00+08:00", False)
    assert [(m.position, m.kind, m.message_id, m.registration_no) for m in read_back.messages] == [
        (1, "CertificateApplication", "M-1", "1100A0017"), (2, "CertificateApplication", "M-2", "1100A0017"),
    ]


def test_a_message_has_the_same_digest_in_every_envelope() -> None:
    assert len(set(digests())) == 1


def test_another_content_has_another_digest() -> None:
    first, second = interchange(HEADER + MESSAGE + MESSAGE.replace("0017", "0025")).messages
    assert first.digest != second.digest


def test_a_relative_namespace_inside_a_message_still_has_a_digest() -> None:
    message = MESSAGE.replace("<MessageId>", '<x xmlns="relative">1</x><MessageId>')
    assert len(interchange(HEADER + message).messages[0].digest) == 64


@pytest.mark.parametrize(
    ("content", "code", "path"),
    [
        (MESSAGE, "INTERCHANGE_HEADER", "/Interchange/Header"),
        (HEADER.replace("I-1", " ") + MESSAGE, "INTERCHANGE_HEADER", "/Interchange/Header/InterchangeId"),
        (HEADER.replace("I-1", "x" * 65) + MESSAGE, "INTERCHANGE_HEADER", "/Interchange/Header/InterchangeId"),
        (HEADER.replace("1100A0017", "1100-17") + MESSAGE, "INTERCHANGE_HEADER", "/Interchange/Header/Sender"),
        (HEADER.replace("<Sender>1100A0017</Sender>", ""), "INTERCHANGE_HEADER", "/Interchange/Header/Sender"),
        (HEADER.replace("1100B0", "x" * 65) + MESSAGE, "INTERCHANGE_HEADER", "/Interchange/Header/Branch"),
        (HEADER.replace("</Header>", "<Test>yes</Test></Header>") + MESSAGE, "INTERCHANGE_HEADER",
         "/Interchange/Header/Test"),
        (HEADER.replace("</Header>", "<Test>true</Test></Header>"), "TEST_REFUSED", "/Interchange/Header/Test"),
        (HEADER.replace("</Header>", "<Test> 1 </Test></Header>"), "TEST_REFUSED", "/Interchange/Header/Test"),
        (HEADER, "INTERCHANGE_EMPTY", "/Interchange"),
        (HEADER + "<Other/>" * 501, "TOO_MANY_MESSAGES", "/Interchange"),
    ],
)
def test_each_fault_of_the_envelope_refuses_it_whole(content: str, code: str, path: str) -> None:
    finding = refusal(content)
    assert (finding.code, finding.path) == (code, path)
    assert finding.line == 1


@pytest.mark.parametrize("body", [b"<Interchange/>", b'<Other xmlns="urn:coedi:message:1"/>',
                                  b'<Interchange xmlns="urn:coedi:message:2"/>'])
def test_another_root_is_not_an_interchange(body: bytes) -> None:
    root = parse(body)
    assert not isinstance(root, Finding)
    result = read(root)
    assert isinstance(result, Finding)
    assert result.code == "INTERCHANGE_UNKNOWN"


def test_five_hundred_messages_and_a_denied_test_are_read() -> None:
    header = HEADER.replace("</Header>", "<Test>false</Test></Header>")
    assert len(interchange(header + "<Other/>" * 500).messages) == 500


def test_unknown_kinds_stay_messages_and_foreign_names_never_look_like_ours() -> None:
    content = '<Void/><CertificateApplication xmlns="urn:other"/><i:include xmlns:i="urn:i" href="/etc/passwd"/>'
    kinds = [message.kind for message in interchange(HEADER + content).messages]
    assert kinds == ["Void", "{urn:other}CertificateApplication", "{urn:i}include"]


@pytest.mark.parametrize("given", ["", "A B", "x" * 65, "报文一", "A&#10;B"])
def test_a_message_id_that_cannot_be_used_is_none(given: str) -> None:
    assert interchange(HEADER + MESSAGE.replace("M-1", given)).messages[0].message_id == ""


def test_a_comment_does_not_cut_the_sender() -> None:
    assert interchange(HEADER.replace("1100A0017", "1100A<!-- -->0017") + MESSAGE).sender == "1100A0017"
