"""Network watch: what one day alone counts for, and when a fault that is known has gone."""

import json

import numpy as np
import pytest

from models.pipes.network_fault import NetworkFault
from models.pipes.network_relations import Floats
from models.pipes.network_watch import Change, NetworkWatch

CHANNELS = 8
LOGGERS = range(6)
LEAK = np.array([-1.0, -0.9, -0.3, 0.2, 0.1, 0.0, 0.4, 0.0])
"""What a leak near the first logger does to all channels, in spreads."""


def watch(dice: np.random.Generator | None = None, days: int = 0) -> NetworkWatch:
    """Of a network whose residuals scatter by one unit, after some ordinary days."""
    made = NetworkWatch(
        base=np.zeros(CHANNELS),
        spread=np.ones(CHANNELS),
        columns=np.eye(CHANNELS)[:, list(LOGGERS)] - 0.15,
        loggers=list(LOGGERS),
        smoothed=np.zeros(CHANNELS),
        before=np.zeros(CHANNELS),
        quiet_days=60,
    )
    for _ in range(days):
        made.judge((dice or np.random.default_rng(0)).normal(0.0, 0.5, CHANNELS))
    return made


def changes(kept: NetworkWatch, days: list[Floats]) -> list[Change]:
    """What each day changed; the watch is stored and read again in between, as between two days it is."""
    found: list[Change] = []
    for day in days:
        found.append(kept.judge(day).change)
        stored = json.loads(json.dumps(kept.to_json()))
        kept = NetworkWatch.from_json(stored, np.eye(CHANNELS) - 0.15, LOGGERS)
    return found


@pytest.mark.parametrize("spreads", [5.0, 6.0, 7.9, 9.0, 20.0, 100.0])
def test_one_day_alone_raises_nothing_however_far_off_it_is(spreads: float) -> None:
    """A day on which all wash, or a hydrant that is flushed: over on the next, and nothing was raised."""
    mild = [-0.5 * LEAK * n for n in range(4)]
    quiet = [np.zeros(CHANNELS)] * 20

    assert set(changes(watch(), [*mild, LEAK * spreads, *quiet])) == {Change.NONE}


@pytest.mark.parametrize("spreads", [7.0, 9.0, 20.0])
def test_a_leak_that_came_at_once_is_raised_on_its_second_day(spreads: float) -> None:
    """The first day is seen in part; the second says the same."""
    said = changes(watch(), [LEAK * spreads * 0.6, LEAK * spreads, LEAK * spreads])

    assert Change.LEAK in said[:3]


def test_a_small_leak_that_stays_is_raised_though_no_day_of_it_stands_out() -> None:
    """Of 2.5 spreads a day, within a fortnight."""
    assert Change.LEAK in changes(watch(), [LEAK * 2.5] * 14)


@pytest.mark.parametrize(("goes", "change"), [(True, Change.REPAIR), (False, Change.NONE)], ids=["gone", "there"])
def test_a_small_fault_that_has_gone_is_ended_though_no_single_day_shows_it(goes: bool, change: Change) -> None:  # noqa: FBT001
    """Else what it is still held to explain pushes all other loggers down, which looks like a leak."""
    dice = np.random.default_rng(3)
    kept = watch()
    kept.faults = [NetworkFault.begun(0, LEAK * 2.6, kept.spread, lone=False)]
    kept.faults[0].days, kept.faults[0].settled = 30, True
    days = [(0.0 if goes else 2.6) * LEAK + dice.normal(0.0, 0.4, CHANNELS) for _ in range(20)]
    said = changes(kept, days)

    assert set(said) - {Change.NONE} == {change} - {Change.NONE}


def test_what_looked_like_one_logger_and_passed_is_no_leak() -> None:
    """A fault of no size has no direction by which to take it for a leak after all."""
    kept = watch()
    lone = np.zeros(CHANNELS)
    lone[2] = -2.0
    kept.faults = [NetworkFault.begun(2, lone, kept.spread, lone=True)]
    said = changes(kept, [lone * 0.4 + 0.2 * LEAK, *[0.3 * LEAK] * 12])

    assert Change.LEAK not in said
