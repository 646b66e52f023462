"""`coedi trace`: whatever an operator has in hand leads to the whole life, on one screen or as JSON."""

import hashlib
from typing import Any

import pytest

from tests.desk import clean
from tests.integration.operators.command import coedi
from tests.integration.operators.test_doctor import plant
from tests.services import World

pytestmark = pytest.mark.database


def one(world: World, sql: str) -> Any:
    """The first value that the database answers."""
    database = world.database()
    value = database.run(sql)[0][0]
    database.close()
    return value


def traced(world: World, what: object) -> Any:
    """The JSON document of a trace."""
    said = coedi(world, "trace", what, "--json")
    assert said.exit_code == 0
    return said.data


def names_of(world: World) -> dict[str, str]:
    """Everything by which somebody may know the first sample."""
    sample = clean(0)
    return {
        "invoice": sample.invoice,
        "invoice in another case with blanks": f" {sample.invoice[:3].lower()} {sample.invoice[3:]} ",
        "certificate number": one(world, f"select number from certificate where invoice = '{sample.invoice}'"),
        "certificate id": one(world, f"select id::text from certificate where invoice = '{sample.invoice}'"),
        "message id": sample.message_id,
        "SHA-256": hashlib.sha256(sample.body).hexdigest(),
        "beginning of the SHA-256": hashlib.sha256(sample.body).hexdigest()[:9].upper(),
        "interchange id": f"I{sample.message_id}",
        "our interchange id": one(world, "select interchange::text from message where message_id = "
                                         f"'{sample.message_id}' and disposition = 'certificate'"),
    }


def test_every_name_of_a_certificate_leads_to_its_life(lived: World) -> None:
    for kind, name in names_of(lived).items():
        data = traced(lived, name)
        if kind == "interchange id":  # it was sent twice, in two envelopes
            assert {match["kind"] for match in data["matches"]} == {"interchange"}
            continue
        assert data["certificate"]["invoice"] == clean(0).invoice, kind
        assert [each["event"] for each in data["certificate"]["transitions"]] == [
            "receive", "check-schema", "pass-rules", "approve", "issue"], kind


def test_a_life_has_messages_receipts_and_the_document_with_its_place(lived: World) -> None:
    life = traced(lived, clean(0).invoice)["certificate"]
    assert [message["disposition"] for message in life["messages"]] == ["certificate", "repeated"]
    assert {"BYTES_RECEIVED", "RECEIVED", "ISSUED", "INTERCHANGE_ANSWERED"} <= {each["code"] for each in life["receipts"]}
    feeds = [each["feed_no"] for each in life["receipts"]]
    assert feeds == sorted(feeds)
    (document,) = life["documents"]
    assert document["path"] == str(lived.settings.documents / document["name"])
    assert (life["zh"], life["waits_for"]["set_aside"]) == ("已发证", False)


def test_a_receipt_that_is_still_to_be_sent_says_to_whom(lived: World) -> None:
    receipts = traced(lived, clean(0).invoice)["certificate"]["receipts"]
    assert {each["code"]: each["unsent"] for each in receipts if each["unsent"]} == {"ISSUED": ["enterprise again"]}


def test_findings_and_the_one_who_waits_are_shown(lived: World) -> None:
    refused = traced(lived, clean(10).invoice)["certificate"]
    assert refused["transitions"][-1]["findings"]
    assert refused["waits_for"]["for"] == "enterprise"
    referred = traced(lived, clean(11).invoice)["certificate"]["waits_for"]
    assert referred["for"] == "reviewer"
    assert referred["reasons"]
    assert referred["deadline"] > referred["since"]
    assert traced(lived, clean(12).invoice)["certificate"]["waits_for"]["for"] == "print"


def test_the_screen_shows_state_time_and_why(lived: World) -> None:
    said = coedi(lived, "trace", clean(10).invoice)
    assert said.exit_code == 0
    assert "退回 / returned" in said.out
    assert "reject box" in said.out
    assert coedi(lived, "trace", clean(0).invoice).out.count(".pdf") == 1


def test_a_delivery_that_nobody_could_read_shows_why(lived: World) -> None:
    digest = hashlib.sha256(b"<broken").hexdigest()
    data = traced(lived, digest)
    assert sorted(match["enterprise"] or "" for match in data["matches"]) == ["", "1100A2001"]  # two senders
    known = next(match["id"] for match in data["matches"] if match["enterprise"])
    life = traced(lived, known)["interchange"]
    assert (life["refusal"], [each["code"] for each in life["receipts"]]) == ("XML_MALFORMED", ["XML_MALFORMED"])
    unknown = next(match["id"] for match in data["matches"] if not match["enterprise"])
    assert traced(lived, unknown)["interchange"]["parked"][0]["error"].startswith("SENDER_UNKNOWN")
    assert coedi(lived, "trace", unknown).exit_code == 0


def test_an_interchange_of_two_shows_both_messages(lived: World) -> None:
    sha = one(lived, "select encode(sha256, 'hex') from interchange where total = 2")
    data = traced(lived, sha)
    assert [message["position"] for message in data["interchange"]["messages"]] == [1, 2]
    assert data["certificate"] is None
    assert "2 accepted" in coedi(lived, "trace", sha).out


def test_an_invoice_number_that_two_enterprises_use_lists_both(lived: World) -> None:
    plant(lived, f"update certificate set invoice = '{clean(0).invoice}' where invoice = '{clean(1).invoice}'")
    data = traced(lived, clean(0).invoice)
    assert {match["enterprise"] for match in data["matches"]} == {clean(0).firm.record.no, clean(1).firm.record.no}
    assert data["certificate"] is None
    assert "names 2 things" in coedi(lived, "trace", clean(0).invoice).out
    assert coedi(lived, "document", "get", clean(0).invoice).exit_code == 4


@pytest.mark.parametrize("what", ["NO-SUCH-INVOICE", "0123456", "ffffffff00", "01a200b9-3683-71c5-ad38-0fb6e80ab1be", " "])
def test_what_is_not_known_ends_in_one_line_and_exit_code_4(lived: World, what: str) -> None:
    said = coedi(lived, "trace", what)
    assert (said.exit_code, said.out, said.why) == (4, "", f"nothing is known of {what}")
