"""Building flood: water in the pit, on a floor, a sump too high, a sump pump at its limits; what copes stays quiet."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest

from ingest.readings import Batch, Reading
from ingest.registry import Asset, AssetClass, Text
from models.detectors.building_flood import BuildingFlood
from models.findings import Finding, Verdict
from models.pumps import run_time
from models.thresholds import DefaultThresholds
from tests.models.pump_lives import raised_hour, worst
from tests.models.stream import DAY_US, HOUR_US, MIDNIGHT_US, SECOND_US, feed

BUILDING = Asset("b", "s", AssetClass.BUILDING, Text("楼", "building"), limits={"sump_start_level_mm": 800.0})
BOOK = DefaultThresholds(BuildingFlood.spec.tunables)


def switched(metric: str, *changes: tuple[float, float]) -> Iterator[tuple[Asset, Reading]]:
    """An immersion sensor that reports on change: seconds after midnight and what it says."""
    for second, value in changes:
        yield BUILDING, Reading("wet", metric, MIDNIGHT_US + round(second * SECOND_US), value)


@dataclass(frozen=True)
class Sump:
    """A sump that fills and is pumped from 800 mm down to 500 mm, told each minute.

    Attributes:
        hours: How long.
        inflow: Of the hour, mm a minute.
        pumps: Of the hour, mm a minute while it runs.
        building: Whose it is.
    """

    hours: float
    inflow: Callable[[float], float] = lambda _: 5.0
    pumps: Callable[[float], float] = lambda _: 100.0
    building: Asset = BUILDING

    def readings(self) -> Iterator[tuple[Asset, Reading]]:
        """Ascending."""
        level, running, dice = 600.0, False, np.random.default_rng(0)
        for minute in range(int(self.hours * 60)):
            hour = minute / 60
            running = level >= 800.0 or (running and level > 500.0)
            level += self.inflow(hour) * dice.uniform(0.8, 1.2) - self.pumps(hour) * running
            at_us = MIDNIGHT_US + round(hour * HOUR_US)
            yield self.building, Reading("sump", "pump_running", at_us, float(running))
            yield self.building, Reading("sump", "water_level_mm", at_us, level)


def lived(readings: Iterator[tuple[Asset, Reading]]) -> list[Finding]:
    return feed(BuildingFlood(), readings)


@pytest.mark.parametrize(("metric", "severity"), [("pit_water_present", 2), ("water_present", 1)])
def test_water_that_stands_is_reported_after_ten_seconds(metric: str, severity: int) -> None:
    """The sensor speaks once; ten seconds later, with nobody speaking, the order is due."""
    found = lived(switched(metric, (0, 0.0), (100, 1.0), (400, 1.0)))
    first = next(f for f in found if (f.score or 0.0) >= 0.5)

    assert first.at_us == MIDNIGHT_US + 110 * SECOND_US
    assert first.severity == severity
    assert first.evidence is not None
    assert first.evidence.contributions[0].unit == "s"


@pytest.mark.parametrize("registered", [True, False], ids=["registered", "seen"])
def test_a_sump_that_rises_is_reported_after_five_minutes(registered: bool) -> None:  # noqa: FBT001 -- a parameter
    """Two tenths of a metre over the start level, which the registry tells or the pump has shown."""
    building = BUILDING if registered else replace(BUILDING, limits={})
    broken = Sump(9.0, pumps=lambda h: 100.0 if h < 6.0 else 0.0, building=building)
    rises = next(r.at_us for _, r in broken.readings() if r.metric == "water_level_mm" and r.value > 1_000.0)
    found = lived(broken.readings())
    first = next(f for f in found if (f.score or 0.0) >= 0.5)

    assert (first.at_us - rises) / SECOND_US == pytest.approx(300, abs=130)
    assert first.severity == 1
    assert first.evidence is not None
    assert first.evidence.counterfactual is not None
    assert first.evidence.counterfactual.value == pytest.approx(1_000, abs=20)


def test_a_sump_pump_that_starts_too_often_is_reported() -> None:
    """Water that runs back through a check valve is pumped again and again."""
    leaking = Sump(6.0, inflow=lambda h: 5.0 if h < 3.0 else 200.0, pumps=lambda h: 100.0 if h < 3.0 else 500.0)
    found = worst(lived(leaking.readings()))

    assert found.severity == 0
    assert found.evidence is not None
    assert found.evidence.facts is not None
    assert found.evidence.facts["cause"] == "sump_starts_per_hour"


LOOKALIKES = {
    "the pit is splashed for eight seconds": lambda: switched(
        "pit_water_present", (0, 0.0), (50, 1.0), (58, 0.0), (99, 0.0)
    ),
    "a sensor that was always dry": lambda: switched("water_present", *((s, 0.0) for s in range(0, 7_200, 60))),
    "heavy rain that the sump copes with": lambda: Sump(
        12.0, inflow=lambda h: 45.0 if 6.0 <= h < 9.0 else 5.0
    ).readings(),
    "the pump is slow to start": lambda: Sump(8.0, pumps=lambda h: 0.0 if 6.0 <= h < 6.1 else 100.0).readings(),
}


@pytest.mark.parametrize("story", LOOKALIKES.values(), ids=LOOKALIKES.keys())
def test_what_only_resembles_a_flood_does_not_raise(story: Callable[[], Iterator[tuple[Asset, Reading]]]) -> None:
    """A splash, a dry sensor, rain that is pumped away and a start that comes late stay below a work order."""
    found = lived(story())

    assert found
    assert raised_hour(found) is None


def test_a_wet_sensor_that_falls_silent_is_unknown_and_not_dry() -> None:
    """Though the sump goes on telling that all is well, nobody knows about the floor any more."""
    wet = [*switched("water_present", (60, 1.0), (120, 1.0))]
    found = lived(iter(sorted([*wet, *Sump(4.0).readings()], key=lambda one: one[1].at_us)))

    assert {f.verdict for f in found if f.at_us > MIDNIGHT_US + HOUR_US + 180 * SECOND_US} == {Verdict.UNKNOWN}


def test_one_message_that_tells_ten_seconds_of_it_is_enough() -> None:
    """A gathered message proves that the pit is wet; one with a dry sample between does not."""

    def message(*values: float) -> Batch:
        told = (Reading("wet", "pit_water_present", MIDNIGHT_US + n * 5 * SECOND_US, v) for n, v in enumerate(values))
        return Batch("s", "wet", MIDNIGHT_US, readings=tuple(told))

    early = [BuildingFlood().judge_on_arrival(message(*v), BUILDING, BOOK) for v in ((1, 1, 1), (1, 0, 1), (0, 1, 1))]

    assert [[f.severity for f in found] for found in early] == [[2], [], []]


def test_a_pump_that_needs_twice_as_long_shows_within_days() -> None:
    """Six weeks of a usual week, then a worn pump: its run time over five days is twice the usual."""
    state: dict[str, object] = {}
    ratios = []
    for quarter in range(49 * 96):
        hour = quarter / 4
        share = 0.2 * (1.5 if hour % 24 > 12 else 1.0) * (2.0 if hour >= 42 * 24 else 1.0)
        run_time.take(state, MIDNIGHT_US + quarter * DAY_US // 96, running=(quarter * share) % 1.0 < share)
        ratios.append(run_time.ratio(state))

    assert ratios[20 * 96] is None
    assert ratios[41 * 96] == pytest.approx(1.0, abs=0.25)
    assert ratios[48 * 96] == pytest.approx(2.0, abs=0.3)


def test_days_of_rain_are_not_yet_a_worn_pump() -> None:
    """Three days of four times the run time is not what three quarters of five days exceed."""
    state: dict[str, object] = {}
    highest = 0.0
    for quarter in range(40 * 96):
        share = 0.8 if 35 * 96 <= quarter < 35 * 96 + 300 else 0.2
        run_time.take(state, MIDNIGHT_US + quarter * DAY_US // 96, running=(quarter * share) % 1.0 < share)
        highest = max(highest, run_time.ratio(state) or 0.0)

    assert highest < 1.5
