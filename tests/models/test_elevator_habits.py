"""Elevator habits: a usual that is learnt robustly, followed slowly, frozen once passed, and learnt anew."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.elevators.habits import Habit, hear, learnt, worst
from tests.models.stream import DAY_US

HABIT = Habit(cycles=30, smoothing=0.1, follow=0.01, share=0.15)
values = st.lists(st.floats(2.0, 4.0), min_size=30, max_size=120)


def lived(said: Sequence[float], days_apart: float = 0.1) -> dict[str, Any]:
    habits: dict[str, Any] = {}
    for n, value in enumerate(said):
        hear(habits, "7", round(n * days_apart * DAY_US), value, HABIT)
    return habits


def test_nothing_is_known_before_thirty_values() -> None:
    """The thirtieth value makes the usual, which is their median."""
    assert worst(lived([3.0] * 29), HABIT) is None
    assert learnt(lived([3.0] * 20 + [9.0] * 10)) == [("7", 3.0, 3.0)]


def test_wear_of_a_season_does_not_become_usual() -> None:
    """Of 30 % in 100 days nine tenths and more are still seen."""
    grown = [3.0] * 30 + [3.0 * (1 + 0.3 * n / 1_000) for n in range(1_000)]
    now = worst(lived(grown), HABIT)

    assert now is not None
    assert now.value / now.usual > 1.26


def test_a_wild_value_does_not_pass_the_limit_and_a_shift_does() -> None:
    """Three values far away are smoothed off; half a dozen at one and a half times the usual are believed."""
    wild, shifted = worst(lived([3.0] * 30 + [30.0] * 3), HABIT), worst(lived([3.0] * 30 + [4.5] * 6), HABIT)

    assert wild is not None
    assert shifted is not None
    assert wild.excess < 1.0 < shifted.excess


def test_after_a_repair_it_is_learnt_anew() -> None:
    """A value that goes back, or falls well below the usual, ends what was known."""
    habits = lived([3.0] * 30 + [4.5] * 40)
    repaired = [hear(habits, "7", (71 + n) * DAY_US, 3.0, HABIT) for n in range(25)]

    assert sum(repaired) == 1
    assert learnt(habits) == []
    assert learnt(lived([3.0] * 30 + [2.0] * 10)) == []


@given(values, st.floats(0.0, 0.5))
def test_a_worse_door_is_never_nearer_to_its_usual(said: list[float], more: float) -> None:
    """Raising the last value never lowers the excess, unless what was known has been dropped."""
    lower, higher = worst(lived(said), HABIT), worst(lived([*said[:-1], said[-1] + more]), HABIT)

    if len(said) > 30 and lower is not None and higher is not None:
        assert higher.excess >= lower.excess - 1e-4
