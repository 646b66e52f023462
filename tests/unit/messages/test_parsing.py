"""The safe parser: every gate, in order, and never an exception."""

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from domain.finding import Finding, Severity
from messages.gates import MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS
from messages.parsing import GATES, line_of, parse, text_of

GB = frozenset({"utf-8", "gb18030"})
SAMPLES = Path(__file__).parents[2] / "samples" / "application" / "good"
GOOD = [path.read_bytes() for path in sorted(SAMPLES.glob("*.xml"))]


def tree(body: bytes, encodings: frozenset[str] = frozenset({"utf-8"})) -> etree._Element:
    root = parse(body, encodings)
    assert not isinstance(root, Finding), root
    return root


def refusal(body: bytes, encodings: frozenset[str] = frozenset({"utf-8"})) -> Finding:
    finding = parse(body, encodings)
    assert isinstance(finding, Finding)
    assert finding.severity is Severity.REJECT
    return finding


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "EMPTY_BODY"),
        (b"  ", "XML_MALFORMED"),
        (b"<a>" + b" " * MAX_BYTES + b"</a>", "TOO_LARGE"),
        (b"\x1f\x8b\x08\x00", "CONTENT_ENCODING_UNSUPPORTED"),
        (b"PK\x03\x04", "CONTENT_ENCODING_UNSUPPORTED"),
        ("<a/>".encode("utf-16"), "ENCODING_UNSUPPORTED"),
        ("<a/>".encode("utf-16-le"), "ENCODING_UNSUPPORTED"),
        ("<a/>".encode("utf-16-be"), "ENCODING_UNSUPPORTED"),
        ("<a/>".encode("utf-32"), "ENCODING_UNSUPPORTED"),
        ("<a/>".encode("utf-32-be"), "ENCODING_UNSUPPORTED"),
        (b"+/v8<a/>", "ENCODING_UNSUPPORTED"),
        ('<?xml version="1.0"?><a/>'.encode("cp037"), "ENCODING_UNSUPPORTED"),
        (b"<?xml version='1.0' encoding='UTF-7'?>+ADw-!DOCTYPE a+AD4-+ADw-a/+AD4-", "ENCODING_UNSUPPORTED"),
        (b'<?xml version="1.0" encoding="UTF-16"?><a/>', "ENCODING_UNSUPPORTED"),
        (b'<?xml version="1.0" encoding="GB18030"?><a/>', "ENCODING_UNSUPPORTED"),
        (b'<?xml version="1.1"?><a/>', "XML_VERSION_UNSUPPORTED"),
        (b'<?xml version="2.0" encoding="UTF-8"?><a/>', "XML_VERSION_UNSUPPORTED"),
        (b"<!DOCTYPE a><a/>", "DTD_FORBIDDEN"),
        (b"<?xml-stylesheet href='x'?><a/>", "PI_FORBIDDEN"),
        (b"<?xml version='1.0'?><?php x?><a/>", "PI_FORBIDDEN"),
        (b"<a><?php x?></a>", "PI_FORBIDDEN"),
        (b"<a/><?php x?>", "PI_FORBIDDEN"),
        (b"<a>&unknown;</a>", "XML_MALFORMED"),
        (b"<a><depth></a>", "XML_MALFORMED"),
        (b"\xef\xbb\xbf\xef\xbb\xbf<a/>", "XML_MALFORMED"),
        (b"<a>" * 33 + b"</a>" * 33, "TOO_DEEP"),
        (b"<a>" * 257 + b"</a>" * 257, "TOO_DEEP"),
        (b"<a>" + b"<b/>" * MAX_ELEMENTS + b"</a>", "TOO_MANY_ELEMENTS"),
        (b"<a><!-- -->" + b"<b/>" * MAX_ELEMENTS + b"</a>", "TOO_MANY_ELEMENTS"),
    ],
)
def test_each_gate_refuses_with_its_code(body: bytes, code: str) -> None:
    assert refusal(body).code == code


@pytest.mark.parametrize(
    "body",
    [
        b"<a/>",
        b"\xef\xbb\xbf<a/>",
        b"<?xml version='1.0' encoding='utf-8'?><a/>",
        b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH,
        b"<a>" + b"<b/>" * (MAX_ELEMENTS - 1) + b"</a>",
        b"<a>" + b" " * (MAX_BYTES - 7) + b"</a>",
        b"<a><![CDATA[" + b"<" * (MAX_ELEMENTS + 9) + b"]]></a>",
    ],
)
def test_what_is_just_within_the_limits_is_read(body: bytes) -> None:
    assert tree(body).tag == "a"


def test_utf8_is_read_whatever_stands_in_the_text() -> None:
    assert tree('<?xml version="1.0" encoding="UTF-8"?><a>宁波 𠮷 😀</a>'.encode()).text == "宁波 𠮷 😀"


@pytest.mark.parametrize("name", ["GB18030", "gbk", "GB2312"])
def test_chinese_encodings_are_read_as_gb18030_when_agreed(name: str) -> None:
    body = f'<?xml version="1.0" encoding="{name}"?>\n<a>\n<b>北京㐀𠮷</b></a>'.encode("gb18030")
    root = tree(body, GB)
    assert text_of(root[0]) == "北京㐀𠮷"
    assert root[0].sourceline == 3


def test_a_declared_chinese_encoding_does_not_turn_utf8_into_other_chinese() -> None:
    finding = refusal('<?xml version="1.0" encoding="GB18030"?><a>北京</a>'.encode(), GB)
    assert (finding.code, finding.found) == ("XML_MALFORMED", "declared gb18030, but the bytes are UTF-8")


def test_chinese_that_happens_to_be_two_byte_utf8_is_still_gb18030() -> None:
    body = b'<?xml version="1.0" encoding="GBK"?><a>\xc4\xa3</a>'  # 模; as UTF-8 a Latin letter
    assert text_of(tree(body, GB)) == "模"


def test_undecodable_bytes_name_line_and_byte() -> None:
    finding = refusal(b"<a>\n\n<b>\xb1\xb1</b></a>")
    assert (finding.code, finding.line) == ("XML_MALFORMED", 3)
    assert "0xb1" in (finding.found or "")


def test_a_malformed_document_names_the_line_and_the_parsers_reason() -> None:
    finding = refusal(b"<a>\n<b>\n</c></a>")
    assert finding.line == 3
    assert "b line 2 and c" in (finding.found or "")


def test_a_doctype_names_its_line() -> None:
    assert refusal(b"<!-- x -->\n<!DOCTYPE a [<!ENTITY x 'y'>]>\n<a>&x;</a>").line == 2


def test_what_was_found_is_cut_at_200_characters() -> None:
    assert len(refusal(b'<?xml version="1.0" encoding="' + b"x" * 999 + b'"?><a/>').found or "") == 200


def test_a_comment_or_a_cdata_section_never_shortens_a_value() -> None:
    root = tree(b"<a><b>1100A4419<!---->X</b><c> 1100<![CDATA[A4419]]> </c><d>x<e>y</e>z</d></a>")
    assert [text_of(child) for child in root] == ["1100A4419X", "1100A4419", "xyz"]


def test_only_the_blanks_of_xml_are_dropped_at_the_ends() -> None:
    assert text_of(tree("<a>\t\n 　ABC\u00a0 </a>".encode())) == "　ABC\u00a0"


def test_an_xinclude_is_an_element_like_any_other() -> None:
    body = b'<a><i:include xmlns:i="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/></a>'
    assert text_of(tree(body)) == ""


def test_lines_that_libxml2_can_only_guess_are_not_reported() -> None:
    root = tree(b"<a>" + b"\n" * 70_000 + b"<b/></a>")
    assert line_of(root) == 1
    assert line_of(root[0]) is None


def test_every_gate_is_said_in_both_languages_with_a_remedy() -> None:
    for code, (zh, en, remedy) in GATES.items():
        assert code.isupper()
        assert any("\u4e00" <= character <= "\u9fff" for character in zh), code
        assert en.isascii(), code
        assert " / " in remedy, code


def test_threads_parse_at_the_same_time() -> None:
    texts: list[str] = []

    def work() -> None:
        texts.extend(text_of(tree(b"<a>1</a>")) for _ in range(200))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == ["1"] * 800


@given(st.binary(max_size=400), st.sampled_from([frozenset({"utf-8"}), GB]))
def test_no_bytes_make_the_parser_raise(body: bytes, encodings: frozenset[str]) -> None:
    result = parse(body, encodings)
    assert isinstance(result, (Finding, etree._Element))


@given(st.data())
def test_no_damage_to_a_good_document_makes_the_parser_raise(data: st.DataObject) -> None:
    body = data.draw(st.sampled_from(GOOD))
    start = data.draw(st.integers(0, len(body)))
    length = data.draw(st.integers(0, 60))
    damage = data.draw(st.binary(max_size=30) | st.sampled_from([b"<!DOCTYPE a>", b"<?x y?>", b"\x00", b"&e;", b"]]>"]))
    result = parse(body[:start] + damage + body[start + length:], GB)
    assert isinstance(result, (Finding, etree._Element))
