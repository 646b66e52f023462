"""The table of promises: each has its query, and what the life cycle says reaches the queries."""

from domain.certificate_lifecycle import CERTIFICATE
from store.chain import Violation
from store.invariants import CHAINS, CHECKS, NOTES, SHOWN, collect, numbered_states, parameters
from store.queries import queries


def test_every_promise_and_every_note_has_its_query_and_none_is_left_over() -> None:
    wanted = {f"check_{check.name}" for check in CHECKS} | {f"note_{name}" for name, _, _ in NOTES}
    assert wanted == {name for name in queries() if name.startswith(("check_", "note_"))}


def test_every_promise_is_a_sentence_in_both_languages() -> None:
    for check in CHECKS:
        assert not check.zh.isascii()
        assert check.en.isascii()
    assert len({check.name for check in CHECKS}) == len(CHECKS)


def test_states_behind_the_approval_have_a_number_and_those_before_it_need_none() -> None:
    assert numbered_states(CERTIFICATE) >= {"APPROVED", "AWAIT_PRINT", "ISSUED", "VOID", "SUPERSEDED"}
    assert not numbered_states(CERTIFICATE) & {"RECEIVED", "SCHEMA_CHECKED", "RULES_CHECKED", "PENDING_REVIEW", "RETURNED"}


def test_every_move_reaches_the_queries_as_one_row_of_the_arrays() -> None:
    given = parameters(CERTIFICATE)
    rows = set(zip(given["sources"], given["events"], given["targets"], strict=True))
    assert ("", "receive", "RECEIVED") in rows
    assert len(rows) == len(CERTIFICATE.moves)
    assert dict(zip(given["patient"], given["minutes"], strict=True))["APPROVED"] == 15


def test_all_violations_are_counted_and_the_first_ten_kept() -> None:
    result = collect(CHAINS, (Violation(str(number), "x") for number in range(25)))
    assert (result.count, len(result.first), result.first[0].subject) == (25, SHOWN, "0")
