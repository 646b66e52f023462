"""From a file to its certificate and receipts, through the command line: `coedi send` and `coedi receipts`."""

import hashlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.broker_accounts import enterprise_file
from pipeline.rabbit import delete, drain
from pipeline.topology import Topology
from store import registry
from tests import services
from tests.acceptance.command_line import answer, can_administer, coedi, remove_partners, working
from tests.services import SAMPLES, World
from tests.trade import void

pytestmark = pytest.mark.broker
PUMPS, PUMPS_SENDER = SAMPLES / "application/good/one-line-pumps-to-germany.xml", "1100A0017"
TWO, TWO_SENDER = SAMPLES / "application/good/two-applications-to-mexico-and-emirates.xml", "3302A0311"


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory, template: str) -> Iterator[World]:
    """One world for this file, with `coedi up` at work in it."""
    for world in services.make_world(tmp_path_factory.mktemp("busy"), template, with_broker=True):
        with working(world):
            yield world


def changed(folder: Path, name: str, *changes: tuple[str, str]) -> Path:
    """The pump application under another message id and invoice number, with `changes` made to its text."""
    text = PUMPS.read_text(encoding="utf-8")
    for old, new in (("HL-CO-20261116-001", f"HL-{name}"), ("HL2026-1187", f"HL-{name.upper()}"), *changes):
        assert old in text
        text = text.replace(old, new)
    file = folder / f"{name}.xml"
    file.write_text(text, encoding="utf-8")
    return file


def send(world: World, *files: Path, enterprise: str = PUMPS_SENDER, code: int = 0) -> list[dict[str, Any]]:
    """Send, wait, and what was said of each file."""
    done = coedi(world, "send", *files, "--as", enterprise, "--wait", 60, "--json")
    found: list[dict[str, Any]] = answer(done, code)["files"]
    return found


def test_a_file_is_followed_to_its_certificate(busy: World, tmp_path: Path) -> None:
    file = changed(tmp_path, "one")
    [result] = send(busy, file)
    assert result["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (result["file"], result["sent"], result["interchange_id"]) == (str(file), True, "HL-ICE-20261116-01")
    [message] = result["messages"]
    assert (message["message_id"], message["invoice"], message["state"]) == ("HL-one", "HL-ONE", "ISSUED")
    assert message["findings"] == []
    document = (busy.settings.documents / message["document"]["name"]).read_bytes()
    assert hashlib.sha256(document).hexdigest() == message["document"]["sha256"]
    issued = [receipt for receipt in result["receipts"] if receipt["code"] == "ISSUED"]
    assert [receipt["certificate_no"] for receipt in issued] == [message["certificate_no"]]
    assert result["receipts"][0]["code"] == "BYTES_RECEIVED"


def test_a_branch_sends_its_decision_and_reads_the_answer(busy: World, tmp_path: Path) -> None:
    [result] = send(busy, changed(tmp_path, "to-void"))
    number, branch = result["messages"][0]["certificate_no"], "1100B0"
    file = tmp_path / "void.xml"
    file.write_bytes(void(number, "V-send"))
    foreign = tmp_path / "foreign.xml"
    foreign.write_bytes(void(number, "V-foreign", sender="4403C1"))
    refused, done = send(busy, foreign, file, enterprise=branch, code=1)
    assert refused["refusal"] == "IDENTITY_MISMATCH"
    assert [(each["state"], each["certificate_no"]) for each in done["messages"]] == [("DONE", number)]
    assert [each["code"] for each in done["receipts"]] == ["BYTES_RECEIVED", "VOID_DONE", "INTERCHANGE_ANSWERED"]
    told = answer(coedi(busy, "receipts", branch, "--json"))
    assert told["enterprise"] == branch
    assert {each["body_sha256"] for each in done["receipts"]} <= {each["body_sha256"] for each in told["receipts"]}
    queued = drain(busy.settings.amqp_url, busy.names.branch_queue(branch), 1000, 1)
    assert {each["body_sha256"] for each in told["receipts"]} <= {hashlib.sha256(each.body).hexdigest() for each in queued}
    [last] = [each for each in told["receipts"] if each["code"] == "VOID_DONE"]
    assert answer(coedi(busy, "receipts", "resend", branch, "--feed", last["feed_no"], "--json"))["resent"] == 1
    [again] = drain(busy.settings.amqp_url, busy.names.branch_queue(branch), 1, 10)
    assert hashlib.sha256(again.body).hexdigest() == last["body_sha256"]


def test_each_message_of_a_file_has_its_own_answer(busy: World) -> None:
    [result] = send(busy, TWO, enterprise=TWO_SENDER)
    assert [each["message_id"] for each in result["messages"]] == ["GW-2026-1116-2/1", "GW-2026-1116-2/2"]
    assert len({each["certificate_no"] for each in result["messages"]}) == 2


def test_a_returned_application_exits_1_with_its_findings(busy: World, tmp_path: Path) -> None:
    [result] = send(busy, changed(tmp_path, "returned", ("李文博", "李文")), code=1)
    [message] = result["messages"]
    assert message["state"] == "RETURNED" and message["certificate_no"] is None
    [finding] = message["findings"]
    assert finding["severity"] == "reject" and finding["found"] == "李文"
    assert finding["zh"] and finding["en"] and finding["remedy"]


def test_an_application_that_waits_for_a_person_exits_5(busy: World, tmp_path: Path) -> None:
    done = coedi(busy, "send", changed(tmp_path, "arms", ("84137099", "93070000")), "--as", PUMPS_SENDER, "--wait")
    assert done.returncode == 5, done.stdout + done.stderr
    assert "PENDING_REVIEW" in done.stdout


def test_a_refused_file_beside_a_good_one_exits_1_and_both_are_told(busy: World, tmp_path: Path) -> None:
    foreign = changed(tmp_path, "foreign", ("<Sender>1100A0017", "<Sender>1100A0025"))
    broken = tmp_path / "broken.xml"
    broken.write_bytes(b"<Interchange>")
    found = send(busy, foreign, broken, changed(tmp_path, "good"), code=1)
    assert [each["refusal"] for each in found] == ["IDENTITY_MISMATCH", "XML_MALFORMED", None]
    assert [[each["state"] for each in result["messages"]] for result in found] == [["REFUSED"], [], ["ISSUED"]]
    assert found[0]["messages"][0]["findings"][0]["code"] == "IDENTITY_MISMATCH"
    assert found[1]["findings"][0]["code"] == "XML_MALFORMED"


def test_an_invoice_that_is_taken_is_refused_by_name(busy: World, tmp_path: Path) -> None:
    send(busy, changed(tmp_path, "first"))
    [result] = send(busy, changed(tmp_path, "second", ("HL-SECOND", "HL-FIRST")), code=1)
    [message] = result["messages"]
    assert (message["state"], message["invoice"]) == ("REFUSED", "HL-FIRST")
    assert [finding["code"] for finding in message["findings"]] == ["INVOICE_DUPLICATE"]


def test_a_file_sent_twice_has_one_certificate(busy: World, tmp_path: Path) -> None:
    file = changed(tmp_path, "twice")
    [before], [after] = send(busy, file), send(busy, file)
    assert before["messages"] == after["messages"]
    # the same message in another envelope
    other = tmp_path / "envelope.xml"
    other.write_text(file.read_text(encoding="utf-8").replace("HL-ICE-20261116-01", "HL-ICE-again"), encoding="utf-8")
    [again] = send(busy, other)
    assert again["messages"][0]["certificate_no"] == before["messages"][0]["certificate_no"]


def test_findings_are_shown_in_both_languages_and_no_bar_in_a_pipe(busy: World, tmp_path: Path) -> None:
    done = coedi(busy, "send", changed(tmp_path, "people", ("李文博", "李博")), "--as", PUMPS_SENDER, "--wait", "60")
    assert (done.returncode, done.stderr) == (1, "")
    assert "RETURNED" in done.stdout and "手签员" in done.stdout and "signatory" in done.stdout.lower()
    assert "\x1b" not in done.stdout


def test_the_feed_has_every_receipt_once_with_the_bytes_the_broker_has(busy: World) -> None:
    send(busy, TWO, enterprise=TWO_SENDER)
    told = answer(coedi(busy, "receipts", TWO_SENDER, "--json"))
    assert told["enterprise"] == TWO_SENDER
    assert [each["feed_no"] for each in told["receipts"]] == list(range(1, len(told["receipts"]) + 1))
    assert set(told["receipts"][0]) == {
        "feed_no", "id", "stream", "sequence", "code", "state", "zh", "en", "at", "message_id", "invoice",
        "certificate_no", "document", "findings", "body_sha256"}
    database = busy.database()
    queue = registry.partner(database, TWO_SENDER).receipt_queue
    database.close()
    arrived = {hashlib.sha256(each.body).hexdigest() for each in drain(busy.settings.amqp_url, queue, 1000, 1)}
    assert arrived == {each["body_sha256"] for each in told["receipts"]}


def test_the_feed_can_be_read_from_a_number_on_and_in_pieces(busy: World, tmp_path: Path) -> None:
    send(busy, changed(tmp_path, "pieces"))
    some = answer(coedi(busy, "receipts", PUMPS_SENDER, "--since", 2, "--limit", 3, "--json"))["receipts"]
    assert [each["feed_no"] for each in some] == [3, 4, 5]
    table = coedi(busy, "receipts", PUMPS_SENDER, "--since", 1, "--limit", 1)
    assert table.returncode == 0 and "已接收" in table.stdout and "received" in table.stdout


def test_following_the_feed_goes_on_until_it_is_stopped(busy: World, tmp_path: Path) -> None:
    send(busy, changed(tmp_path, "followed"))
    last = answer(coedi(busy, "receipts", PUMPS_SENDER, "--json"))["receipts"][-1]["feed_no"]
    process = subprocess.Popen(
        [sys.executable, "-m", "console", "receipts", PUMPS_SENDER, "--since", str(last), "--follow", "--json"],
        env=busy.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    [result] = send(busy, changed(tmp_path, "later"))
    told = [json.loads(process.stdout.readline()) for _ in result["receipts"]]
    assert [each["id"] for each in told] == [each["id"] for each in result["receipts"]]
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_without_a_worker_the_wait_ends_with_5_and_the_file_stays_sent(world: World) -> None:
    started = time.monotonic()
    [result] = answer(coedi(world, "send", PUMPS, "--as", PUMPS_SENDER, "--wait", "0.5", "--json"), 5)["files"]
    assert time.monotonic() - started < 30
    assert (result["sent"], result["interchange_id"], result["receipts"]) == (True, "HL-ICE-20261116-01", [])
    assert [(each["message_id"], each["state"]) for each in result["messages"]] == [("HL-CO-20261116-001", None)]
    [arrived] = drain(world.settings.amqp_url, world.names.inbox, 10, 1)
    assert arrived.body == PUMPS.read_bytes()
    assert arrived.exchange == world.names.enterprise_exchange(PUMPS_SENDER)


def test_a_missing_inbox_is_said_and_ends_with_3(world: World) -> None:
    inbox = next(queue for queue in world.topology.queues if queue.name == world.names.inbox)
    delete(world.settings.amqp_url, Topology(queues=(inbox,)))
    done = coedi(world, "send", PUMPS, "--as", PUMPS_SENDER)
    assert done.returncode == 3 and len(done.stderr.splitlines()) == 1
    assert "does not exist" in done.stderr and "coedi topology apply" in done.stderr


def test_the_enterprise_s_own_account_is_used_and_needs_no_database(world: World) -> None:
    if not can_administer():
        pytest.skip("nobody here may make broker accounts: no rabbitmqctl for this broker")
    names = ("--name-zh", "北京华岭机械进出口有限公司", "--name-en", "BEIJING HUALING MACHINERY")
    assert coedi(world, "enterprise", "add", PUMPS_SENDER, "--branch", "1100B0", *names).returncode == 0
    try:
        gone = {"COEDI_DATABASE_URL": "postgresql://postgres@127.0.0.1:1/coedi"}
        done = coedi(world, "send", PUMPS, "--as", PUMPS_SENDER, **gone)
        assert done.returncode == 0, done.stderr
        assert len(drain(world.settings.amqp_url, world.names.inbox, 10, 1)) == 1
        path = enterprise_file(world.settings, PUMPS_SENDER).path
        held = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(held | {"password": "not the one"}), encoding="utf-8")
        done = coedi(world, "send", PUMPS, "--as", PUMPS_SENDER)
        assert done.returncode == 3 and "refuses this user or password" in done.stderr
    finally:
        remove_partners(world)


def test_the_branch_s_own_account_is_used_and_needs_no_database(world: World) -> None:
    if not can_administer():
        pytest.skip("nobody here may make broker accounts: no rabbitmqctl for this broker")
    branch = "3100B0"
    names = ("--name-zh", "上海分会", "--name-en", "SHANGHAI BRANCH", "--place", "SHANGHAI, CHINA")
    assert coedi(world, "branch", "add", branch, *names).returncode == 0
    try:
        gone = {"COEDI_DATABASE_URL": "postgresql://postgres@127.0.0.1:1/coedi"}
        done = coedi(world, "send", PUMPS, "--as", branch, **gone)
        assert done.returncode == 0, done.stderr
        [arrived] = drain(world.settings.amqp_url, world.names.inbox, 10, 1)
        assert arrived.exchange == world.names.branch_exchange(branch)
    finally:
        remove_partners(world)


def test_a_branch_from_before_branches_could_send_is_told_how_to(stored: World) -> None:
    database = stored.database()
    database.run("update branch set exchange = null where code = '1100B0'")
    database.close()
    done = coedi(stored, "send", PUMPS, "--as", "1100B0")
    assert (done.returncode, "coedi topology apply" in done.stderr) == (4, True)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["send", "no-such-file.xml", "--as", PUMPS_SENDER], 2, "cannot read no-such-file.xml"),
        (["send", str(PUMPS), "--as", "9999A9999"], 4, "there is no enterprise 9999A9999"),
        (["send", str(PUMPS), "--as", "9900B0"], 4, "there is no branch 9900B0"),
        (["receipts", "9900B0"], 4, "there is no branch 9900B0"),
        (["send", str(PUMPS), "--as", "../../etc"], 4, "cannot be part of a broker name"),
        (["send", "--wait", str(PUMPS)], 2, "--as"),
        (["receipts", "9999A9999"], 4, "there is no enterprise 9999A9999"),
        (["receipts", PUMPS_SENDER, "--since", "-1"], 2, "--since"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(stored: World, words: list[str], code: int, sentence: str) -> None:
    done = coedi(stored, *words)
    assert done.returncode == code and sentence in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


def test_a_broker_that_is_gone_is_one_line(stored: World) -> None:
    done = coedi(stored, "send", PUMPS, "--as", PUMPS_SENDER, COEDI_AMQP_URL="amqp://guest:guest@127.0.0.1:1/%2F")
    assert done.returncode == 3 and len(done.stderr.splitlines()) == 1
    assert "RabbitMQ does not answer" in done.stderr
