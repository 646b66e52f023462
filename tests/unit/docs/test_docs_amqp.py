"""docs/reference/amqp.md says of the broker what topology, accounts and relay do; connect.md shows the examples as they are."""

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from messages import gates
from pipeline import accounts, topology
from pipeline.relay import outgoing
from pipeline.topology import Names
from store.work import OutboxRow
from tests.unit.docs.shown_commands import ROOT

PAGE = (ROOT / "docs" / "reference" / "amqp.md").read_text(encoding="utf-8")
CONNECT = (ROOT / "docs" / "how-to" / "connect.md").read_text(encoding="utf-8")
NAMES, NO, BRANCH, QUEUE = Names(), "1100A0017", "1100B0", "receipts.1100A0017.abc"
EVERYTHING = (
    topology.core(NAMES, ["print"]) + topology.for_enterprise(NAMES, NO, QUEUE) + topology.for_branch(NAMES, BRANCH))
EXAMPLES = ["python/client.py", "javascript/client.mjs", "javascript/package.json"]


def rows(heading: str) -> dict[str, list[str]]:
    """The table whose first heading this is: first cell to the others, code marks left out."""
    [table] = re.findall(rf"^\| {heading} \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.M)
    cells = [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return {first: others for first, *others in cells}


def general(name: str) -> str:
    """The name as the page writes it."""
    shown_as = {QUEUE: "receipts.<enterprise>.<random>", NO: "<enterprise>", BRANCH: "<code>", "work.print": "work.<stage>"}
    for real, shown in shown_as.items():
        name = name.replace(real, shown)
    return name


def number(text: str) -> int | None:
    """The first number of a cell; None when it has none."""
    found = re.search(r"[0-9][0-9,]*", text)
    return int(found[0].replace(",", "")) if found else None


def test_every_exchange_is_documented_with_its_type() -> None:
    said = {name: cells[0].split(",")[0] for name, cells in rows("exchange").items()}
    assert said == {general(each.name): each.kind for each in EVERYTHING.exchanges}
    assert {name for name, cells in rows("exchange").items() if "internal" in cells[0]} == {
        each.name for each in EVERYTHING.exchanges if each.internal}


def test_every_queue_is_documented_with_its_limits() -> None:
    said = {name: (number(cells[1]), number(cells[2])) for name, cells in rows("queue").items()}
    assert said == {
        general(each.name): (each.arguments.get("x-max-length"), each.arguments["x-delivery-limit"]) for each in EVERYTHING.queues}
    assert {each.arguments["x-queue-type"] for each in EVERYTHING.queues} == {"quorum"}
    assert {each.arguments["x-overflow"] for each in EVERYTHING.queues if "x-max-length" in each.arguments} == {"reject-publish"}
    assert not any("x-message-ttl" in each.arguments or "x-expires" in each.arguments for each in EVERYTHING.queues)


def test_the_rights_of_both_kinds_of_account_are_documented() -> None:
    said = rows("account")
    for kind, account in (
        ("enterprise", accounts.enterprise_account(NAMES, "/", NO, QUEUE)),
        ("branch", accounts.branch_account(NAMES, "/", BRANCH, "u1100B0")),
    ):
        configure, write, read, connections, channels = said[kind]
        for cell, pattern in ((configure, account.permissions.configure), (write, account.permissions.write),
                              (read, account.permissions.read)):
            name = re.sub(r"\\(.)", r"\1", pattern.removeprefix("^").removesuffix("$"))
            assert cell == (general(name) or "nothing")
        assert (int(connections), int(channels)) == (account.max_connections, account.max_channels)


def row(**changes: object) -> OutboxRow:
    """An outbox row of a receipt."""
    values: dict[str, object] = {
        "key": "1", "kind": "receipt", "destination": "enterprise", "address": NO, "body": b"<Receipt/>", "receipt": "r-1",
        "stream": f"certificate:{uuid4()}", "sequence": 1, "feed_no": 7, "code": "ISSUED", "state": "ISSUED",
        "at": datetime(2026, 11, 17, tzinfo=UTC), "correlation": "HL-1"}
    return OutboxRow(**(values | changes))  # type: ignore[arg-type] # by name


def test_every_header_and_its_type_is_documented() -> None:
    kinds = {str: "text", int: "integer", bool: "boolean"}
    sent = outgoing(NAMES, row(repeat=True))
    assert {name: cells[0].split(",")[0] for name, cells in rows("header").items()} == {
        name: kinds[type(value)] for name, value in sent.headers.items()}
    assert "repeat" not in outgoing(NAMES, row()).headers


@pytest.mark.parametrize(("destination", "address", "exchange"), [
    ("enterprise", NO, "co.receipts"), ("branch", BRANCH, "co.branch-receipts")])
def test_the_properties_of_a_receipt_are_those_documented(destination: str, address: str, exchange: str) -> None:
    sent = outgoing(NAMES, row(destination=destination, address=address))
    assert (sent.exchange, sent.routing_key) == (exchange, address)
    assert (sent.message_id, sent.correlation_id, sent.type, sent.content_type) == ("r-1", "HL-1", "ISSUED", "application/xml")
    [table] = re.findall(r"^\| property \| value \|\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.M)
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.M)) == {
        "message_id", "correlation_id", "type", "content_type", "delivery_mode", "timestamp"}
    assert "application/xml" in table


def test_the_limits_are_those_of_the_gates() -> None:
    said = [number(cells[0]) for cells in rows("limit").values()]
    assert said == [gates.MAX_BYTES, gates.MAX_MESSAGES, topology.INBOX_LENGTH]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_are_shown_as_they_are(name: str) -> None:
    text = (ROOT / "docs" / "examples" / name).read_text(encoding="utf-8")
    assert f"`docs/examples/{name}`" in CONNECT
    blocks = re.findall(r"^```(?:python|js|json)\n(.*?)^```$", CONNECT, re.M | re.S)
    assert text in blocks, f"docs/how-to/connect.md shows another text than docs/examples/{name}"


@pytest.mark.parametrize("name", EXAMPLES[:2])
def test_an_example_stays_short(name: str) -> None:
    lines = (ROOT / "docs" / "examples" / name).read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if line.strip()]) < 120
