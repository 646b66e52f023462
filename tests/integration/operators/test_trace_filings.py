"""`coedi trace` of filings and of messages that make no certificate: what they are, and what they were about."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.desk import Desk, clean, make_desk
from tests.filing_messages import BRANCH, FIRM, base64_of, decision, goods, png, registration
from tests.integration.operators.command import coedi
from tests.services import World
from tests.trade import void

pytestmark = pytest.mark.database
PAGE = (Path(__file__).parents[3] / "docs" / "cli.md").read_text(encoding="utf-8")


@pytest.fixture
def desk(stored: World) -> Iterator[Desk]:
    """A worker on a database of its own, with the sample registry."""
    made = make_desk(stored)
    yield made
    made.session.database.close()
    made.owner.close()


def traced(desk: Desk, what: object) -> Any:
    """The JSON document of a trace."""
    said = coedi(desk.world, "trace", what, "--json")
    assert said.exit_code == 0, said.why
    return said.data


def deliver(desk: Desk, body: bytes, sender: str = FIRM) -> None:
    names = desk.world.names
    desk.deliver(body, exchange=names.branch_exchange(sender) if sender == BRANCH else names.enterprise_exchange(sender))


def filed(desk: Desk) -> tuple[str, str]:
    """Id and number of a goods filing that was returned by its faults, sent again and approved."""
    deliver(desk, goods("G-1", CertificateType="RCEP", Criterion="NO-SUCH"))
    deliver(desk, goods("G-2", CertificateType="RCEP"))
    [(identity, version)] = desk.query("select id, version from filing")
    deliver(desk, decision("D-1", identity, version), BRANCH)
    [(number,)] = desk.query("select number from filing")
    return str(identity), number


def test_every_name_of_a_goods_filing_leads_to_its_life(desk: Desk) -> None:
    identity, number = filed(desk)
    for name in (identity, number, f" {number.lower()} ", "G-1", "G-2", "D-1"):
        data = traced(desk, name)
        assert (data["filing"]["id"], data["certificate"], data["interchange"]) == (identity, None, None), name
        assert [match["kind"] for match in data["matches"]] == ["filing"]


def test_a_filing_shows_content_messages_history_and_receipts(desk: Desk) -> None:
    _, number = filed(desk)
    life = traced(desk, number)["filing"]
    assert (life["state"], life["zh"], life["revision"], life["certificate_type"], life["hs6"]) == (
        "APPROVED", "已审核", 2, "RCEP", "841370")
    assert (life["content"]["name_en"], life["content"]["materials"]) == ("CENTRIFUGAL PUMPS", 1)
    assert [message["message_id"] for message in life["messages"]] == ["G-1", "G-2"]
    assert {message["answered"]["filing"] for message in life["messages"]} == {life["id"]}
    assert [move["event"] for move in life["transitions"]] == ["receive", "return", "resubmit", "refer", "approve"]
    assert life["transitions"][1]["findings"] and life["transitions"][1]["zh"] == "退回"
    own = [each for each in life["receipts"] if each["stream"] == f"filing:{life['id']}"]
    assert [each["sequence"] for each in own] == [1, 2, 3, 4, 5]
    assert {"BYTES_RECEIVED", "FILING_TAKEN"} <= {each["code"] for each in life["receipts"]}
    screen = coedi(desk.world, "trace", number).out
    assert all(word in screen for word in ("goods filing 商品备案", "已审核 / approved", "CENTRIFUGAL PUMPS", f"branch:{BRANCH}"))


def test_a_registration_is_shown_without_the_bytes_of_its_specimens(desk: Desk) -> None:
    seal = base64_of(png(900, 900))
    deliver(desk, registration("R-1", more=f"<Seal>{seal}</Seal>"))
    life = traced(desk, "R-1")["filing"]
    assert (life["kind"], life["number"], life["waits_for"]["for"]) == ("registration", None, "registrar")
    assert life["content"]["seal"] == f"{len(seal)} characters"
    assert seal[:60] not in coedi(desk.world, "trace", "R-1").out


def test_a_change_and_the_filing_that_it_changes_name_each_other(desk: Desk) -> None:
    _, number = filed(desk)
    deliver(desk, goods("G-3", CertificateType="RCEP", Changes=number, ValueContent="60"))
    change = traced(desk, "G-3")["filing"]
    assert change["replaces"] == number
    assert traced(desk, number)["filing"]["replaced_by"] == [f"{change['id']} PENDING_REVIEW"]


def test_a_message_that_was_done_says_what_it_was_about(desk: Desk) -> None:
    desk.deliver(clean())
    [(number, invoice)] = desk.query("select number, invoice from certificate")
    deliver(desk, void(number), BRANCH)
    life = traced(desk, "V-1")["certificate"]  # the sender's message id of a branch
    assert (life["number"], life["state"]) == (number, "VOID")
    answered = [message["answered"] for message in life["messages"]]
    assert answered == [None, {"code": "VOID_DONE", "certificate": life["id"], "certificate_no": number, "invoice": invoice,
                               "filing": None, "filing_no": None}]
    assert f"VOID_DONE {number}" in coedi(desk.world, "trace", invoice).out
    filing, filing_no = filed(desk)
    [(delivery,)] = desk.query("select interchange from message where message_id = 'D-1'")
    [message] = traced(desk, delivery)["interchange"]["messages"]
    assert (message["answered"]["code"], message["answered"]["filing"], message["answered"]["filing_no"]) == (
        "FILING_DECIDED", filing, filing_no)


def test_the_keys_of_json_are_those_documented(desk: Desk) -> None:
    _, number = filed(desk)
    text = PAGE.partition("\n## trace\n")[2].partition("\n## ")[0]
    data = traced(desk, number)
    documented = {what: set(re.findall(r"`([a-z_0-9]+)`", part)) - {what} for what, part in re.findall(
        r"^(?:Each of )?`(filing|messages|transitions|receipts)`: (.*?)(?=^(?:Each of )?`\w+`: |\Z)", text, re.M | re.S)}
    assert set(data["filing"]) | {"for", "since"} == documented["filing"]
    for part in ("messages", "transitions", "receipts"):
        rows = data["filing"][part]
        found = {key for row in rows for key in row} | {key for row in rows for key in row.get("answered") or {}}
        assert found == documented[part], part
