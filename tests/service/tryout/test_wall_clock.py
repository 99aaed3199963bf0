"""Wall clock: the hour that comes twice in autumn is two hours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from service.tryout.wall_clock import in_zone

BERLIN = ZoneInfo("Europe/Berlin")
_START = datetime(2026, 10, 24, 20, tzinfo=UTC)


def night(minutes: int) -> tuple[np.ndarray, np.ndarray]:
    """Moments through the night in which Berlin's clocks go back, and what the clocks showed."""
    moments = [_START + timedelta(minutes=minutes * n) for n in range(600 // minutes)]
    true = np.array([round(at.timestamp() * 1e6) for at in moments], np.int64)
    shown = [at.astimezone(BERLIN).replace(tzinfo=UTC) for at in moments]
    return true, np.array([round(at.timestamp() * 1e6) for at in shown], np.int64)


@pytest.mark.parametrize("minutes", [1, 10, 30, 60])
def test_the_hour_that_comes_twice_is_two_hours(minutes: int) -> None:
    """A logger that writes down its wall clock loses nothing in autumn, even where it writes once an hour."""
    true, shown = night(minutes)

    assert in_zone(shown, BERLIN).tolist() == true.tolist()


def test_rows_of_several_assets_one_after_another_are_each_told_apart() -> None:
    """The same night twice, one device below the other."""
    true, shown = night(10)

    assert in_zone(np.r_[shown, shown], BERLIN).tolist() == [*true.tolist()] * 2


def test_several_rows_a_moment_say_nothing_about_the_clock() -> None:
    """A long table shows each moment once for each signal."""
    true, shown = night(10)

    assert in_zone(np.repeat(shown, 3), BERLIN).tolist() == np.repeat(true, 3).tolist()


def test_in_shuffled_rows_the_first_hour_is_meant() -> None:
    """Nobody can tell which of the two: as ever, the first."""
    true, shown = night(10)
    mixed = np.random.default_rng(4).permutation(shown.size)
    moments, counts = np.unique(shown, return_counts=True)
    twice = np.isin(shown, moments[counts > 1])
    told = in_zone(shown[mixed], BERLIN)

    assert (told[~twice[mixed]] == true[mixed][~twice[mixed]]).all()
    assert (told <= true[mixed]).all()


def test_with_the_newest_row_first_it_is_the_same() -> None:
    """Many exports begin with what was last."""
    true, shown = night(10)

    assert in_zone(shown[::-1], BERLIN).tolist() == true[::-1].tolist()
