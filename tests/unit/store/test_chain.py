"""One link of a hash chain after the other: whatever is changed, moved or left out breaks it."""

from collections.abc import Callable
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.certificate import Certificate, Decision, Transition
from store.chain import Line, breaks, canonical, recomputed

IDENTITY = UUID("01a200b9-3683-71c5-ad38-0fb6e80ab1be")
START = datetime(2026, 3, 2, 1, 15, 7, 999999, tzinfo=UTC)


def chain() -> list[Line]:
    """Three lines as they would be stored, in another time zone than they were made in."""
    certificate = Certificate(IDENTITY, "1100A0017", "1100B0", "CO", "HL2026-1187", IDENTITY)
    lines = []
    for number, event in enumerate(("receive", "check-schema", "pass-rules")):
        at = START + timedelta(microseconds=number)
        certificate, transition = certificate.move(Decision(event, reasons=("原因: é\u2028",)), "intake", at)
        lines.append(stored(transition))
    return lines


def stored(transition: Transition) -> Line:
    """A transition as the query `history` returns it."""
    identity, version, revision, _, event, state, actor, at, detail, previous, digest = astuple(transition)
    return Line(identity, version, revision, event, state, actor, at.astimezone(), detail, previous, digest, 3, b"")


def found(lines: list[Line]) -> list[str]:
    """Every break, the way the verification walks."""
    return [v.detail for before, line in zip([None, *lines], lines, strict=False) for v in breaks(line, before)]


def test_a_history_as_it_was_written_verifies() -> None:
    assert found(chain()) == []


@pytest.mark.parametrize("change", [
    {"event": "return"}, {"state": "ISSUED"}, {"actor": "reviewer:x"}, {"revision": 2}, {"version": 9},
    {"at": START + timedelta(seconds=1)}, {"at": START}, {"detail": {}}, {"detail": {"reasons": ["原因: é "]}},
    {"certificate": UUID(int=1)}, {"previous_hash": b"x" * 32}, {"hash": b"x" * 32},
])  # fmt: skip
def test_a_line_with_anything_changed_does_not_verify(change: dict[str, object]) -> None:
    lines = chain()
    lines[1] = lines[1]._replace(**change)  # type: ignore[arg-type] # one of the columns
    assert found(lines)


REARRANGED: tuple[Callable[[list[Line]], list[Line]], ...] = (
    lambda lines: lines[1:], lambda lines: [lines[0], lines[2]], lambda lines: [lines[1], lines[0], lines[2]],
    lambda lines: [lines[0], lines[0], *lines[1:]],
)  # fmt: skip


@pytest.mark.parametrize("rearrange", REARRANGED)
def test_lines_left_out_doubled_or_exchanged_do_not_verify(rearrange: Callable[[list[Line]], list[Line]]) -> None:
    assert found(rearrange(chain()))


def test_a_line_hashed_anew_after_a_change_breaks_the_next_one() -> None:
    lines = chain()
    forged = lines[1]._replace(actor="reviewer:x")
    lines[1] = forged._replace(hash=recomputed(forged))
    assert found(lines) == ["version 3 is not chained to the line before it"]


def test_the_canonical_form_does_not_depend_on_the_order_of_keys() -> None:
    assert canonical({"b": 1, "a": "北"}) == canonical({"a": "北", "b": 1}) == '{"a":"北","b":1}'.encode()
