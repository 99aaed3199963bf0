"""Daily alarms: what costs nothing finds a step, is quiet without one, and says nothing before it has learnt."""

from collections.abc import Sequence

import numpy as np
import pytest

from device_simulators.calendar import DAY_US, local_midnight
from ingest.registry import AssetClass
from service.evaluation.daily_alarms import DayBook, Rule
from tests.models.worlds import asset, device, logged, registry, telemetry

START = local_midnight(1_764_000_000_000_000)
"""A local midnight."""


def alarms(values: Sequence[float]) -> list[tuple[str, int]]:
    """Rule and number of the day of each alarm, of a device that says one value a day."""
    book, known = DayBook(), registry([asset("riser", AssetClass.RISER)], [device("logger", "riser")])
    noons = [START + day * DAY_US + DAY_US // 2 for day in range(len(values))]
    said = [telemetry("logger", at_us, {"pressure_kpa": value}) for at_us, value in zip(noons, values, strict=True)]
    for record in logged(said, known):
        book.read(record)
    return [(one.rule, (one.at_us - START) // DAY_US - 1) for one in book.alarms(known) if one.asset == "riser"]


def _noise(days: int) -> list[float]:
    return (300.0 + np.random.default_rng(1).uniform(-1.0, 1.0, days)).tolist()


def test_a_step_is_one_order_of_each_rule_at_the_end_of_its_day() -> None:
    """What stays high for days is one order: no further one within a week of an alarm."""
    assert alarms([*_noise(40), 340.0, 341.0, 340.5]) == [(Rule.LAST_VALUE, 40), (Rule.Z_SCORE, 40)]


@pytest.mark.parametrize("values", [_noise(60), [*_noise(20), 340.0, 340.0], [300.0] * 60 + [301.0]])
def test_it_is_quiet_without_a_step_while_it_learns_and_where_nothing_ever_moves(values: list[float]) -> None:
    """28 days come first, and a spread of nothing tells nothing."""
    assert alarms(values) == []
