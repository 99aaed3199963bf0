"""NAB score: nothing told is 0, all told at once is 100, and the rest as SKAB's library has it."""

import math

import pytest

from models.evaluation.nab import ChangeTally, change_tally


def test_silence_is_nought_and_telling_all_at_once_a_hundred() -> None:
    """The two ends of the scale."""
    assert change_tally([100.0, 300.0], []).score() == 0.0
    assert change_tally([100.0, 300.0], [100.0, 300.0]).score() == pytest.approx(100.0)


def test_the_middle_of_a_window_is_worth_the_mean_of_its_ends() -> None:
    """30 s late gains (1 - 0.11) / 2: of two change points found so, (0.445 + 1) / 2 of the scale."""
    told = change_tally([100.0, 300.0], [130.0, 330.0])

    assert told.gained == pytest.approx(2 * 0.445)
    assert told.score() == pytest.approx(100 * (0.445 + 1) / 2)


def test_a_word_outside_all_windows_is_false_and_a_second_one_inside_is_nothing() -> None:
    """One before, one after the window, two in it."""
    told = change_tally([100.0], [50.0, 100.0, 110.0, 161.0])

    assert told.false == 2
    assert told.missed == 0
    assert told.gained == pytest.approx(1.0 - 2 * 0.11)


def test_of_overlapping_windows_the_right_one_is_cut() -> None:
    """A word at 150 s belongs to the change at 100 s, so the one at 140 s, whose window begins at 160 s, is missed."""
    assert change_tally([100.0, 140.0], [150.0]).missed == 1
    assert change_tally([100.0, 140.0], [165.0]).missed == 1


def test_tallies_add_up_over_recordings() -> None:
    """The score of many is that of their sums; without change points there is none."""
    both = change_tally([100.0], [100.0]) + change_tally([100.0], [])

    assert both.score() == pytest.approx(50.0)
    assert (both.changes, both.missed) == (2, 1)
    assert math.isnan(ChangeTally().score())
