"""Plots and words of the operator's page."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.web import health, plots
from console.web.pages.audit_page import inert

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.mark.parametrize(("values", "path"), [
    ([], ""), ([0], "M0 23"), ([0, 5], "M0 23L120 1"), ([5, None, 5], "M0 1M120 1"), ([None, 0], "M120 23"),
])
def test_a_plot_is_a_path_with_a_gap_where_nobody_counted(values: Sequence[int | None], path: str) -> None:
    assert plots.line(values, 5) == path


@pytest.mark.parametrize(("counts", "word"), [
    ([0] * 24, "steady"), ([0] * 23 + [1], "rising"), ([0] * 18 + [2, 0, 0, 1, 0, 0], "falling"), ([9] + [0] * 23, "steady"),
])
def test_a_trend_compares_the_last_three_hours_with_the_three_before(counts: list[int], word: str) -> None:
    assert plots.trend(counts)[2] == word


def test_a_relay_that_was_not_heard_for_minutes_is_trouble_since_then() -> None:
    last = NOW - timedelta(minutes=4)
    word = health.relay(last, NOW, 1, (2, 2))
    assert (word.good, word.since, word.command) == (False, last, "coedi relay")
    assert health.relay(NOW - timedelta(minutes=2), NOW, 1, (1, 1)).en == "1 relay, 1 worker"
    assert health.relay(NOW, NOW, 2, (3, 3)).en == "2 relays, 3 workers"
    assert not health.relay(NOW, NOW, 1, (0, 0)).good


def test_an_old_checkpoint_is_trouble_only_while_something_moves() -> None:
    old = (NOW - timedelta(hours=4), 7)
    idle, busy = health.checkpoint(old, NOW, active=False), health.checkpoint(old, NOW, active=True)
    assert idle and idle.good
    assert busy and not busy.good and busy.command == "coedi audit checkpoint"
    assert health.checkpoint(None, NOW, active=True) is None


def test_almost_all_connections_taken_is_trouble() -> None:
    assert health.database("15.8", 89, 100).good
    assert not health.database("15.8", 90, 100).good


def test_the_disk_is_that_of_the_folder_or_of_the_first_folder_above_it_that_is_there(tmp_path: Path) -> None:
    assert health.disk(tmp_path / "not" / "there").en == health.disk(tmp_path).en


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\n=x"])
def test_no_cell_of_an_export_begins_like_a_formula(text: str) -> None:
    assert inert(text)[0] not in "=+-@\t\r\n"
