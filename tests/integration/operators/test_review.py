"""`coedi review` and `coedi document`: decisions from the shell, and the finished file."""

import hashlib
from pathlib import Path
from uuid import UUID

import pytest

from review_worker import manual_review
from store.postgres import PostgresStore
from tests.desk import clean
from tests.integration.operators.command import coedi
from tests.integration.operators.test_trace import one, traced
from tests.services import World

pytestmark = pytest.mark.database

INVOICE = clean(11).invoice


def test_the_queue_shows_version_and_reasons_and_can_be_one_branchs(lived: World) -> None:
    (row,) = coedi(lived, "review", "list", "--json").data["waiting"]
    assert (row["invoice"], row["version"]) == (INVOICE, 4)
    assert row["reasons"]
    assert coedi(lived, "review", "list", "--branch", row["branch"], "--json").data["waiting"] == [row]
    assert coedi(lived, "review", "list", "--branch", "1100X9").out == "nothing waits for review\n"
    assert INVOICE in coedi(lived, "review", "list").out


def test_approving_gives_the_number_and_names_the_reviewer_and_the_version(lived: World) -> None:
    said = coedi(lived, "review", "approve", INVOICE.lower(), "--note", "看过合同", "--as-reviewer", "liu", "--json")
    assert said.exit_code == 0
    assert (said.data["state"], said.data["seen_version"], said.data["version"]) == ("APPROVED", 4, 5)
    newest = traced(lived, said.data["number"])["certificate"]["transitions"][-1]
    assert (newest["actor"], newest["reasons"]) == ("reviewer:liu", ["REVIEWED: 看过合同"])
    assert coedi(lived, "doctor").exit_code == 0


def test_returning_needs_a_reason_and_sends_it(lived: World) -> None:
    assert coedi(lived, "review", "return", INVOICE).exit_code == 2
    said = coedi(lived, "review", "return", INVOICE, "--reason", "请更正出口商栏")
    assert said.exit_code == 0
    assert "version 4 decided, now RETURNED 退回" in said.out
    life = traced(lived, INVOICE)["certificate"]
    assert life["transitions"][-1]["reasons"] == ["RETURNED_BY_REVIEWER: 请更正出口商栏"]


def test_a_lost_race_says_who_won_and_what_it_is_now(lived: World, monkeypatch: pytest.MonkeyPatch) -> None:
    approve = manual_review.approve

    def faster(store: PostgresStore, certificate: UUID, reviewer: str, version: int, note: str = "") -> object:
        other = lived.database("coedi_operator")
        manual_review.send_back(PostgresStore(other), certificate, "zhao", version, "x")
        other.close()
        return approve(store, certificate, reviewer, version, note)

    monkeypatch.setattr(manual_review, "approve", faster)
    said = coedi(lived, "review", "approve", INVOICE)
    assert said.exit_code == 4
    assert "somebody else decided first; you looked at version 4" in said.why
    assert "reviewer:zhao made it RETURNED" in said.why


def test_a_stale_version_cannot_decide(lived: World) -> None:
    assert coedi(lived, "review", "approve", INVOICE, "--version", 3).exit_code == 4
    assert traced(lived, INVOICE)["certificate"]["state"] == "PENDING_REVIEW"


def test_what_does_not_wait_for_review_is_refused_with_its_state(lived: World) -> None:
    said = coedi(lived, "review", "approve", clean(0).invoice)
    assert said.exit_code == 4
    assert "print made it ISSUED" in said.why
    assert coedi(lived, "review", "return", "NOTHING", "--reason", "x").exit_code == 4


def test_the_document_is_fetched_by_any_name_and_its_hash_is_checked(lived: World, tmp_path: Path) -> None:
    life = traced(lived, clean(0).invoice)["certificate"]
    number, document = life["number"], life["documents"][0]
    said = coedi(lived, "document", "get", number, "-o", tmp_path / "co.pdf")
    assert said.exit_code == 0
    assert hashlib.sha256((tmp_path / "co.pdf").read_bytes()).hexdigest() == document["sha256"]
    Path(document["path"]).write_bytes(b"x")
    damaged = coedi(lived, "document", "get", clean(0).invoice, "-o", tmp_path / "again.pdf")
    assert (damaged.exit_code, (tmp_path / "again.pdf").exists()) == (1, False)


def test_without_a_name_the_file_is_called_by_the_number_and_never_overwritten(
    lived: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert coedi(lived, "document", "get", clean(1).invoice).exit_code == 0
    (file,) = tmp_path.glob("*.pdf")
    assert file.stem == one(lived, f"select replace(number, '/', '-') from certificate where invoice = '{clean(1).invoice}'")
    file.write_bytes(b"mine")
    assert coedi(lived, "document", "get", clean(1).invoice).exit_code == 2
    assert file.read_bytes() == b"mine"


def test_a_certificate_without_a_document_says_where_it_is(lived: World) -> None:
    said = coedi(lived, "document", "get", clean(12).invoice)
    assert said.exit_code == 4
    assert "it is APPROVED" in said.why
