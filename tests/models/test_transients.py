"""Transients: what strains a pipe is counted as fatigue counts it, logger by logger, in bounded memory."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pipes.transients import close_day, damage_of, take_pressures

WEEK = 7


def strained(*days: list[float]) -> dict[str, object]:
    state: dict[str, object] = {}
    for values in days:
        take_pressures(state, "p", values)
        close_day(state)
    return state


def hammers(count: int, kpa: float) -> list[float]:
    return [350.0, *(value for _ in range(count) for value in (350.0 + kpa, 350.0))]


@pytest.mark.parametrize(("count", "kpa", "damage"), [(1, 100.0, 1.0), (1, 600.0, 216.0), (10, 300.0, 270.0)])
def test_a_cycle_does_damage_with_the_cube_of_its_range(count: int, kpa: float, damage: float) -> None:
    """One cycle of 6 bar does the damage of 216 of 1 bar; a day counts for a seventh, as the week before was calm."""
    assert damage_of(strained(hammers(count, kpa))) == pytest.approx(damage / WEEK, rel=0.01)


def test_a_week_of_hammer_is_what_it_is_a_day() -> None:
    """After a month of the same days the damage a day is that of one of them."""
    assert damage_of(strained(*[hammers(10, 300.0)] * 30)) == pytest.approx(270.0, rel=0.02)


def test_what_people_draw_does_no_damage() -> None:
    """A pressure that droops by 15 kPa with every shower strains nothing."""
    assert damage_of(strained([350.0, 335.0] * 200)) == 0.0


def test_only_turns_count() -> None:
    """A slow swing told by a thousand samples is one cycle."""
    slow = [350.0 + 200.0 * min(n, 1_000 - n) / 500 for n in range(1_001)]

    assert damage_of(strained(slow)) == pytest.approx(8.0 / WEEK, rel=0.01)


def test_loggers_are_counted_apart() -> None:
    """A logger in the cellar and one on the roof differ by 300 kPa for good, which is no swing; the worst counts."""
    state: dict[str, object] = {}
    for _ in range(50):
        take_pressures(state, "roof", [150.0])
        take_pressures(state, "cellar", [450.0])
    take_pressures(state, "roof", [350.0, 150.0])
    close_day(state)

    assert damage_of(state) == pytest.approx(8.0 / WEEK, rel=0.01)
    assert state["strain"][1:] == [2, 200.0]


def test_a_day_of_ten_thousand_swings_stays_small_and_is_counted_whole() -> None:
    """What is kept of a day is bounded, and summing it up on the way loses no more than a cycle each time."""
    state: dict[str, object] = {}
    for value in hammers(10_000, 100.0):
        take_pressures(state, "p", [value])
        state = json.loads(json.dumps(state))
    size = len(str(state))
    close_day(state)

    assert size < 6_000
    assert damage_of(state) == pytest.approx(10_000 / WEEK, rel=0.02)


@given(st.lists(st.lists(st.floats(300.0, 345.0), max_size=8), max_size=20))
def test_calm_stretches_turn_nothing(hours: list[list[float]]) -> None:
    """What is kept of hours at once is what is kept value by value, calm hours and others."""
    at_once: dict[str, object] = {}
    one_by_one: list[float] = []
    for values in hours:
        take_pressures(at_once, "p", values)
        for value in (round(one, 1) for one in values):
            if len(one_by_one) < 2:
                if not one_by_one or abs(value - one_by_one[0]) >= 20.0:
                    one_by_one.append(value)
            elif (one_by_one[-1] > one_by_one[-2]) == (value > one_by_one[-1]):
                one_by_one[-1] = value
            elif abs(value - one_by_one[-1]) >= 20.0:
                one_by_one.append(value)
        if len(one_by_one) > 60:
            del one_by_one[:-1]

    swings = at_once.get("swings", {})
    assert isinstance(swings, dict)
    assert swings.get("p", {"turns": []})["turns"] == one_by_one
