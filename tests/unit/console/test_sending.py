"""Sending without services: the command line's words, reading files, and what counts as done."""

from pathlib import Path
from uuid import UUID

import click
import pytest

from console.commands.send import DEFAULT_WAIT, _exit_code, send
from console.following import Delivered, Followed
from console.submission import load
from console.submission_report import as_sent

GOOD = Path(__file__).parents[2] / "samples/application/good"


@pytest.mark.parametrize(
    ("words", "wait", "files"),
    [
        (["a.xml", "--as", "X"], None, ["a.xml"]),
        (["a.xml", "--as", "X", "--wait"], DEFAULT_WAIT, ["a.xml"]),
        (["--wait", "a.xml", "b.xml", "--as", "X"], DEFAULT_WAIT, ["a.xml", "b.xml"]),
        (["--wait", "--as", "X", "a.xml"], DEFAULT_WAIT, ["a.xml"]),
        (["--wait", "2.5", "a.xml", "--as", "X"], 2.5, ["a.xml"]),
        (["--wait=7", "a.xml", "--as", "X"], 7.0, ["a.xml"]),
    ],
)
def test_wait_takes_a_number_but_never_a_file_name(words: list[str], wait: float | None, files: list[str]) -> None:
    context = send.make_context("send", words)
    assert context.params["wait"] == wait
    assert [str(file) for file in context.params["files"]] == files


def test_a_negative_wait_is_a_usage_error() -> None:
    with pytest.raises(click.UsageError):
        send.make_context("send", ["--wait=-1", "a.xml", "--as", "X"])


def test_the_envelope_of_a_file_is_reported_as_sent() -> None:
    report = as_sent(load(GOOD / "two-applications-to-mexico-and-emirates.xml"), confirmed=True)
    assert report["interchange_id"] == "GW-2026-1116-2"
    assert [(each["message_id"], each["invoice"], each["state"]) for each in report["messages"]] == [
        ("GW-2026-1116-2/1", "GW26-0941", None), ("GW-2026-1116-2/2", "GW26-0942", None)]


@pytest.mark.parametrize("body", [b"", b"\x00\xff", b"<a/>", b"<!DOCTYPE a><a/>", b"\x1f\x8b\x08"])
def test_a_file_that_cannot_be_read_is_sent_all_the_same(tmp_path: Path, body: bytes) -> None:
    file = tmp_path / "any.xml"
    file.write_bytes(body)
    loaded = load(file)
    assert (loaded.body, loaded.interchange, loaded.count) == (body, None, 1)
    assert as_sent(loaded, confirmed=False)["sent"] is False


def delivered(*states: str, total: int | None = None, refusal: str | None = None) -> Delivered:
    messages = tuple(Followed(n, f"m{n}", state, None, None, ()) for n, state in enumerate(states, 1))
    return Delivered(UUID(int=1), "i", refusal, len(states) if total is None else total, messages)


@pytest.mark.parametrize(
    ("seen", "done"),
    [
        (delivered("ISSUED", "RETURNED", "REFUSED"), True),
        (delivered("ISSUED", "PENDING_REVIEW", "AWAIT_PRINT", "PARKED"), True),
        (delivered("ISSUED", "APPROVED"), False),
        (delivered("ISSUED", total=2), False),
        (delivered(total=0, refusal="XML_MALFORMED"), True),
    ],
)
def test_a_delivery_is_done_when_nothing_moves_by_itself(seen: Delivered, done: bool) -> None:
    assert seen.done is done


def result(*states: str | None, refusal: str | None = None, sent: bool = True) -> dict[str, object]:
    return {"sent": sent, "refusal": refusal, "messages": [{"state": state} for state in states]}


@pytest.mark.parametrize(
    ("results", "waited", "code"),
    [
        ([result(None)], False, 0),
        ([result(None), result(None, sent=False)], False, 5),
        ([result("ISSUED"), result("ISSUED", "ISSUED")], True, 0),
        ([result("ISSUED", "RETURNED")], True, 1),
        ([result("PENDING_REVIEW"), result("REFUSED")], True, 1),
        ([result(refusal="XML_MALFORMED")], True, 1),
        ([result("ISSUED", "PENDING_REVIEW")], True, 5),
        ([result("ISSUED", None)], True, 5),
        ([result("ISSUED"), result()], True, 5),
        ([result(refusal="PARKED")], True, 5),
        ([result("ISSUED", sent=False)], True, 5),
    ],
)
def test_the_exit_code_says_how_it_ended(results: list[dict[str, object]], waited: bool, code: int) -> None:
    assert _exit_code(results, waited) == code
