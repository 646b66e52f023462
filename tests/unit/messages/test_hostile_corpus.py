"""The corpus of hostile files: each gets the answer its manifest expects, or the choice written down here."""

import csv
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.finding import Finding
from messages.interchange import Interchange, read
from messages.parsing import parse

CORPUS = Path(__file__).parents[4] / "shared" / "corpora" / "xml"
GB = frozenset({"utf-8", "gb18030"})

# The manifest names what the file is to get from gates, schema and rules together; its roots are not ours, so that what
# passes the parser stops at INTERCHANGE_UNKNOWN here. Where it leaves a choice, or libxml2 is stricter, this is ours:
OURS = {
    "doctype-utf16.xml": "ENCODING_UNSUPPORTED",
    "pi-stylesheet.xml": "PI_FORBIDDEN",
    "long-name.xml": "XML_MALFORMED",  # libxml2 reads no name over 50,000 characters
    "dup-id.xml": "XML_MALFORMED",  # a second xml:id of the same value
    "zip-magic.xml": "CONTENT_ENCODING_UNSUPPORTED",
    "gzip-body.xml.gz": "CONTENT_ENCODING_UNSUPPORTED",
    "gzip-bomb-1M.xml.gz": "CONTENT_ENCODING_UNSUPPORTED",
    "utf8-declared-gb18030.xml": "ENCODING_UNSUPPORTED",
    "gb18030-4byte-ext.xml": "ENCODING_UNSUPPORTED",
    "enc-utf-8-sig.xml": "INTERCHANGE_UNKNOWN",
    "enc-gb18030.xml": "ENCODING_UNSUPPORTED", "enc-gbk.xml": "ENCODING_UNSUPPORTED",
    "enc-gb2312.xml": "ENCODING_UNSUPPORTED", "enc-big5.xml": "ENCODING_UNSUPPORTED",
    "enc-utf-16.xml": "ENCODING_UNSUPPORTED", "enc-utf-16-le.xml": "ENCODING_UNSUPPORTED",
    "enc-utf-16-be.xml": "ENCODING_UNSUPPORTED", "enc-utf-32.xml": "ENCODING_UNSUPPORTED",
    "enc-cp037.xml": "ENCODING_UNSUPPORTED", "enc-iso-8859-1.xml": "ENCODING_UNSUPPORTED",
}
GATE_CODES = ("DTD_FORBIDDEN", "ENCODING_UNSUPPORTED", "XML_MALFORMED", "XML_VERSION_UNSUPPORTED", "PI_FORBIDDEN",
              "TOO_DEEP", "TOO_LARGE", "EMPTY_BODY", "CONTENT_ENCODING_UNSUPPORTED")

MAKERS: dict[str, tuple[Callable[[], bytes], str]] = {
    "depth-10000": (lambda: b"<a>" * 10_000 + b"</a>" * 10_000, "TOO_DEEP"),
    "attrs-50000": (lambda: b"<CO " + b" ".join(b'a%d="1"' % n for n in range(50_000)) + b"/>", "INTERCHANGE_UNKNOWN"),
    "ns-5000": (lambda: b"<CO " + b" ".join(b'xmlns:n%d="u"' % n for n in range(5_000)) + b"/>", "INTERCHANGE_UNKNOWN"),
    "children-500k": (lambda: b"<CO>" + b"<a/>" * 500_000 + b"</CO>", "TOO_MANY_ELEMENTS"),
    "attr-value-1900k": (lambda: b'<CO a="' + b"x" * 1_900_000 + b'"/>', "INTERCHANGE_UNKNOWN"),
    "text-1900k": (lambda: b"<CO>" + b"x" * 1_900_000 + b"</CO>", "INTERCHANGE_UNKNOWN"),
    "text-11M": (lambda: b"<CO>" + b"x" * 11_000_000 + b"</CO>", "TOO_LARGE"),
    "comment-1900k": (lambda: b"<CO><!--" + b"x" * 1_900_000 + b"--></CO>", "INTERCHANGE_UNKNOWN"),
    "cdata-1900k": (lambda: b"<CO>" + b"<![CDATA[x]]>" * 140_000 + b"</CO>", "INTERCHANGE_UNKNOWN"),
    "charrefs": (lambda: b"<CO>" + b"&#65;" * 380_000 + b"</CO>", "INTERCHANGE_UNKNOWN"),
    "tag-unclosed-1M": (lambda: b"<CO>" + b"<a" * 600_000, "TOO_MANY_ELEMENTS"),
}


def manifest() -> list[tuple[str, str]]:
    if not CORPUS.is_dir():
        return []
    with (CORPUS / "MANIFEST.tsv").open(encoding="utf-8") as table:
        return [(row["file"], row["expected"]) for row in csv.DictReader(table, delimiter="\t")
                if row["where"] == "stored"]


def answer(body: bytes, encodings: frozenset[str] = frozenset({"utf-8"})) -> str:
    root = parse(body, encodings)
    result = root if isinstance(root, Finding) else read(root)
    return "READ" if isinstance(result, Interchange) else result.code


def expected_code(file: str, expected: str) -> str:
    if file in OURS:
        return OURS[file]
    first = expected.split(maxsplit=1)[0]
    return first if first in GATE_CODES else "INTERCHANGE_UNKNOWN"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is kept outside this repository")
def test_every_stored_file_gets_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", no_network)
    cases = manifest()
    assert len(cases) > 60
    wrong = {
        file: (got, wanted)
        for file, expected in cases
        if (got := answer((CORPUS / file).read_bytes())) != (wanted := expected_code(file, expected))
    }
    assert wrong == {}


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is kept outside this repository")
@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("enc-gb18030.xml", "INTERCHANGE_UNKNOWN"), ("enc-gbk.xml", "INTERCHANGE_UNKNOWN"),
        ("enc-gb2312.xml", "INTERCHANGE_UNKNOWN"), ("gb18030-4byte-ext.xml", "INTERCHANGE_UNKNOWN"),
        ("utf8-declared-gb18030.xml", "XML_MALFORMED"), ("enc-big5.xml", "ENCODING_UNSUPPORTED"),
    ],
)
def test_a_partner_with_gb18030_gets_these_answers(file: str, code: str) -> None:
    assert answer((CORPUS / file).read_bytes(), GB) == code


@pytest.mark.parametrize("name", MAKERS)
def test_large_documents_get_their_answer(name: str) -> None:
    make, code = MAKERS[name]
    assert answer(make()) == code
