"""What a replay leaves alone and why, and what a plan's hash is over."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from domain.certificate_lifecycle import CERTIFICATE
from gateway.planning import Filters, why_not
from gateway.prediction import Verdict, end_of
from store.replay import Item, digest_of

PASSES, FAILS = Verdict("APPROVED"), Verdict("RETURNED", ("C07",), passes=False)
ITEM = Item(1, "certificate", UUID(int=7), "INV-1", 4, "RETURNED", "APPROVED", (), (), "planned", None)


def test_only_a_returned_certificate_that_would_pass_is_handled_again() -> None:
    for state in CERTIFICATE.states:
        assert (why_not(state.code, "rule-check", PASSES) is None) == (state.code == "RETURNED")
    assert why_not("RETURNED", "rule-check", FAILS) == "it would be returned again"


def test_what_a_person_returned_stays_returned() -> None:
    assert "a person returned it" in (why_not("RETURNED", "reviewer:liu", PASSES) or "")


@pytest.mark.parametrize(("state", "words"), [
    ("ISSUED", "final"), ("VOID", "final"), ("SUPERSEDED", "final"), ("PENDING_REVIEW", "a person decides"),
    ("APPROVED", "under way: it waits for print"), ("RECEIVED", "under way: it waits for schema-check"), ("AWAIT_PRINT", "a clerk"),
    ("NEW", "the enterprise has not sent it"), ("WITHDRAWN", "the enterprise took it back")])
def test_the_reason_says_who_comes_next(state: str, words: str) -> None:
    assert (why_not(state, "rule-check", PASSES) or "").startswith(words)


@pytest.mark.parametrize("changed", [{"kind": "delivery"}, {"subject": UUID(int=8)}, {"version": 5}, {"old": "ISSUED"}])
def test_the_hash_is_over_what_is_handled_and_how_it_stood(changed: dict[str, object]) -> None:
    assert digest_of([ITEM]) != digest_of([replace(ITEM, **changed)])  # type: ignore[arg-type] # fields of Item
    assert digest_of([ITEM]) != digest_of([ITEM, ITEM])


def test_the_hash_stays_when_a_line_is_settled() -> None:
    assert digest_of([ITEM]) == digest_of([replace(ITEM, state="done", became="APPROVED, version 8")])


def test_filters_are_written_down_as_they_were_asked() -> None:
    asked = Filters(states=("RETURNED",), since=datetime(2026, 11, 17, tzinfo=UTC))
    assert asked.as_data() == {"states": ("RETURNED",), "since": "2026-11-17T00:00:00+00:00"}


def test_no_decisions_lead_nowhere_else() -> None:
    assert end_of("APPROVED", []) == "APPROVED"
