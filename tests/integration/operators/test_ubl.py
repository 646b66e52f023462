"""`coedi export ubl` and `coedi import ubl`: what was issued leaves as a standard document and comes back as a draft."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from console.sampler import BRANCHES
from messages.application import extract
from messages.interchange import Interchange, read
from messages.parsing import parse
from messages.ubl import NAMESPACES, ROOT
from schemas.documents import ubl_schema
from tests.desk import Desk, clean
from tests.integration.operators.command import coedi
from tests.integration.operators.test_doctor import plant
from tests.integration.operators.test_trace import one
from tests.samples.evil.corpus import FOLDER
from tests.services import World
from tests.trade import amendment, give_branch_an_exchange, void

pytestmark = pytest.mark.database
UBL = Path(__file__).parents[2] / "samples" / "ubl"


def at(root: etree._Element, path: str) -> list[str]:
    return [element.text or "" for element in root.findall(path, dict(NAMESPACES))]


def test_an_issued_certificate_is_exported_by_each_of_its_names(lived: World, tmp_path: Path) -> None:
    invoice = clean(0).invoice
    number = one(lived, f"select number from certificate where invoice = '{invoice}'")
    identity = one(lived, f"select id::text from certificate where invoice = '{invoice}'")
    file = tmp_path / "certificate.xml"
    assert coedi(lived, "export", "ubl", invoice, "--out", file).exit_code == 0
    for name in (number, identity, invoice.lower()):
        said = coedi(lived, "export", "ubl", name)
        assert said.exit_code == 0
        assert said.out.encode() == file.read_bytes()
    root = etree.fromstring(file.read_bytes())
    assert root.tag == ROOT
    assert ubl_schema().validate(root), ubl_schema().error_log
    assert at(root, "cbc:ID") == [number]
    assert at(root, "cac:CertificateOfOriginApplication/cbc:ApplicationStatusCode") == ["ISSUED"]
    branch = next(branch for branch in BRANCHES if branch.code == clean(0).firm.record.branch)
    assert at(root, "cac:IssuerEndorsement/cac:EndorserParty/cac:Party/cac:PartyName/cbc:Name") == [branch.name_en]


def test_what_was_not_issued_is_refused_with_its_state(lived: World) -> None:
    for number, state in ((10, "RETURNED"), (11, "PENDING_REVIEW"), (12, "APPROVED")):
        said = coedi(lived, "export", "ubl", clean(number).invoice)
        assert (said.exit_code, said.out) == (4, "")
        assert f"is {state}; only what was issued" in said.why
    said = coedi(lived, "export", "ubl", "NO-SUCH-INVOICE")
    assert (said.exit_code, said.out) == (4, "")


def test_an_exported_certificate_comes_back_as_the_same_application_and_passes_the_check(lived: World, tmp_path: Path) -> None:
    exported, draft = tmp_path / "certificate.xml", tmp_path / "draft.xml"
    assert coedi(lived, "export", "ubl", clean(0).invoice, "--out", exported).exit_code == 0
    said = coedi(lived, "import", "ubl", exported, "--out", draft, "--json")
    assert said.exit_code == 0
    assert (said.data["not_taken"], said.data["findings"], said.data["certificate_type"]) == ([], [], "CO")
    assert said.data["out"] == str(draft)
    sent, back = (read(parse(body)) for body in (clean(0).body, draft.read_bytes()))  # type: ignore[arg-type] # ours
    assert isinstance(sent, Interchange)
    assert isinstance(back, Interchange)
    before, after = extract(sent.messages[0].element), extract(back.messages[0].element)
    assert after == replace(before, message_id=said.data["message_id"])
    assert back.sender == sent.sender
    assert coedi(lived, "check", draft).exit_code == 0


def test_a_draft_and_what_was_left_out_are_shown_apart(lived: World) -> None:
    said = coedi(lived, "import", "ubl", UBL / "fabrics-to-indonesia.xml")
    assert said.exit_code == 0
    assert said.out.startswith("<?xml")
    assert isinstance(read(parse(said.out.encode())), Interchange)  # type: ignore[arg-type] # ours
    assert "5 values not taken over" in said.why
    assert "/CertificateOfOrigin/Note line 6: Prepared by the export desk" in said.why


def test_type_and_applicant_can_be_said_on_the_command_line(lived: World) -> None:
    said = coedi(lived, "import", "ubl", UBL / "weights-in-pounds.xml", "--type", "CO", "--as", "1100A0025", "--json")
    assert [one["value"] for one in said.data["not_taken"]] == ["2204", "CAMEL"]
    root = etree.fromstring(said.data["interchange"].encode())
    assert [element.text for element in root.iter("{*}Sender", "{*}RegistrationNo", "{*}CertificateType")] == [
        "1100A0025", "CO", "1100A0025"]
    unknown = coedi(lived, "import", "ubl", UBL / "order.xml", "--type", "XYZ")
    assert unknown.exit_code == 2
    assert "no certificate type XYZ" in unknown.why


@pytest.mark.parametrize(("file", "code"), [
    (UBL / "order.xml", "UBL_NOT_A_CERTIFICATE"), (FOLDER / "billion-laughs-text.xml", "DTD_FORBIDDEN"),
    (FOLDER / "ctrl-08.xml", "XML_MALFORMED"), (FOLDER / "zip-magic.xml", "CONTENT_ENCODING_UNSUPPORTED"),
    (FOLDER / "empty.xml", "EMPTY_BODY"), (FOLDER / "depth-300.xml", "TOO_DEEP"), (FOLDER / "ansi.xml", "UBL_NOT_A_CERTIFICATE"),
])
def test_what_cannot_be_imported_ends_with_its_code(lived: World, file: Path, code: str) -> None:
    said = coedi(lived, "import", "ubl", file)
    assert (said.exit_code, said.out) == (1, "")
    assert code in said.why
    assert "\x1b" not in said.why
    as_data = coedi(lived, "import", "ubl", file, "--json")
    assert [finding["code"] for finding in as_data.data["findings"]] == [code]
    assert as_data.exit_code == 1


def test_files_that_cannot_be_read_or_written_are_usage(lived: World, tmp_path: Path) -> None:
    assert coedi(lived, "import", "ubl", tmp_path / "none.xml").exit_code == 2
    assert coedi(lived, "import", "ubl", UBL / "fabrics-to-indonesia.xml", "--out", tmp_path / "no" / "x.xml").exit_code == 2
    assert coedi(lived, "export", "ubl", clean(0).invoice, "--out", tmp_path / "no" / "x.xml").exit_code == 2


def test_a_certificate_names_the_first_of_its_chain_and_the_one_it_replaced(lived: World) -> None:
    numbers = [one(lived, f"select number from certificate where invoice = '{clean(at).invoice}'") for at in range(3)]
    for newer, older in ((0, 1), (1, 2)):
        plant(lived, "update certificate set replacing = 'AMEND', replaces = (select id from certificate where invoice = "
                     f"'{clean(older).invoice}') where invoice = '{clean(newer).invoice}'")
    plant(lived, f"update certificate set state = 'VOID' where invoice = '{clean(0).invoice}'")
    root = etree.fromstring(coedi(lived, "export", "ubl", numbers[0]).out.encode())
    application = "cac:CertificateOfOriginApplication/cbc:"
    assert at(root, f"{application}PreviousJobID") == [numbers[1]]
    assert at(root, f"{application}OriginalJobID") == [numbers[2]]
    assert at(root, f"{application}ApplicationStatusCode") == ["VOID"]


def test_an_amended_certificate_and_its_replacement_are_both_handed_out_and_say_what_they_are(
    lived: World, desk: Desk, tmp_path: Path
) -> None:
    [(old, revision)] = desk.query("select number, revision from certificate where invoice = %s", clean(0).invoice)
    desk.deliver(amendment(clean(0), "AM-1", old, revision, change=("HAMBURG", "BREMEN")), exchange=desk.exchange())
    [(new,)] = desk.query("select number from certificate where replaces is not null and state = 'ISSUED'")
    application, files = "cac:CertificateOfOriginApplication/cbc:", {}
    gone = f"certificate {old} is no longer in force: SUPERSEDED 已更换 / superseded; in its place stands {new}\n"
    for number, state, previous, said_of_it in ((old, "SUPERSEDED", [], gone), (new, "ISSUED", [old], "")):
        said = coedi(lived, "export", "ubl", number)
        assert (said.exit_code, said.why) == (0, said_of_it)
        root = etree.fromstring(said.out.encode())
        assert ubl_schema().validate(root), ubl_schema().error_log
        assert (at(root, f"{application}ApplicationStatusCode"), at(root, f"{application}PreviousJobID")) == ([state], previous)
        files[state] = tmp_path / f"{state}.pdf"
        got = coedi(lived, "document", "get", number, "-o", files[state])
        assert (got.exit_code, got.why) == (0, said_of_it)
        digest = one(lived, "select encode(sha256, 'hex') from document d join certificate c on c.id = d.certificate"
                            f" where c.number = '{number}'")
        assert hashlib.sha256(files[state].read_bytes()).hexdigest() == digest
    assert files["ISSUED"].read_bytes() != files["SUPERSEDED"].read_bytes()
    several = coedi(lived, "document", "get", clean(0).invoice)
    assert (several.exit_code, "names 2 certificates" in several.why) == (4, True)


def test_a_void_certificate_is_handed_out_as_void(lived: World, desk: Desk, tmp_path: Path) -> None:
    [(number,)] = desk.query("select number from certificate where invoice = %s", clean(0).invoice)
    desk.deliver(void(number), exchange=give_branch_an_exchange(desk))
    words = f"certificate {number} is no longer in force: VOID 作废 / void\n"
    said = coedi(lived, "export", "ubl", clean(0).invoice)
    assert (said.exit_code, said.why) == (0, words)
    assert at(etree.fromstring(said.out.encode()), "cac:CertificateOfOriginApplication/cbc:ApplicationStatusCode") == ["VOID"]
    assert coedi(lived, "document", "get", number, "-o", tmp_path / "void.pdf").why == words
