"""Deviation blocks: what is learnt for weeks, judged by the hour or by the sample, and deviates, all at once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readings import Batch
from ingest.registry import AssetClass, Registry
from models.detectors.asset_deviation import AssetDeviation
from models.deviation.digits import short, shortened
from models.deviation.history import MOST_POINTS, points_of, with_point
from models.findings import Verdict
from tests.models.restarts import with_restarts
from tests.models.test_blocks import OneByOne, lived, replayed
from tests.models.worlds import T0, S, asset, device, happening, logged, registry, telemetry

HOUR_US, DAY_US = 3_600 * S, 86_400 * S
DAYS = 27
EVERY_US = HOUR_US // 2
END_US = T0 + (DAYS + 1) * DAY_US


@dataclass(frozen=True, slots=True)
class Fleet:
    """Who lives together, and how often a riser's meter misses its word."""

    risers: int
    heard_only: int
    pumps: int
    machines: int
    missing: float

    def world(self) -> Registry:
        """Risers with a meter and a thermometer, pumps that rest, and machines of steady duty."""
        risers = [asset(f"r{n:02}", AssetClass.RISER) for n in range(self.risers + self.heard_only)]
        risers[1:3] = [replace(r, limits={"timezone": "Europe/Berlin"}) for r in risers[1:3]]
        pumps = [asset(f"p{n}", AssetClass.PUMP) for n in range(self.pumps)]
        machines = [
            replace(asset(f"m{n:02}", AssetClass.PUMP), limits={"duty": "steady"}) for n in range(self.machines)
        ]
        meters = [device(f"{r.id}-{kind}", r.id) for r in risers for kind in ("meter", "thermometer")]
        alone = [device(f"{a.id}-x", a.id) for a in (*pumps, *machines)]
        return registry([*risers, *pumps, *machines], [*meters, *alone])

    def lives(self) -> Iterator[Batch]:
        """Weeks; a lasting shift, one that ends, pauses, a new channel, and what is left to others."""
        dice = np.random.default_rng(5)
        for step in range(DAYS * DAY_US // EVERY_US):
            at_us, wave = T0 + step * EVERY_US, float(np.sin(step / 24 * np.pi))
            for n in range(self.risers):
                if dice.random() >= self.missing and (said := riser_said(n, step * EVERY_US // DAY_US, wave, dice)):
                    yield telemetry(f"r{n:02}-meter", at_us, said)
                if step % (1 + n % 3 * bool(self.missing)) == 0:
                    warm = round(14 + wave / 4 + dice.normal(0, 0.2), 2)
                    # Some thermometers speak of another moment than the meter.
                    yield telemetry(f"r{n:02}-thermometer", at_us + (n % 2) * S, {"pipe_temperature_c": warm})
                if dice.random() < self.missing / 20:
                    yield happening(f"r{n:02}-meter", "device.offline", at_us + 3 * S, {})
            for n in range(self.risers, self.risers + self.heard_only):
                yield telemetry(f"r{n:02}-meter", at_us, {"pipe_vibration_um_s2": 900.0, "pressure_kpa": 350.0})
            for n in range(self.pumps):
                values = {"flow_m3_h": 20.0 + wave + dice.normal(0, 0.3), "trips_total": float(step)}
                yield telemetry(f"p{n}-x", at_us, {**values, "speed_rpm": 2_900.0 * ((step // 7 + n) % 4 > 0)})
            for n in range(self.machines):
                yield telemetry(f"m{n:02}-x", at_us, machine_said(n, step, dice))


ROUGH = Fleet(risers=20, heard_only=2, pumps=8, machines=12, missing=0.02)
SMOOTH = Fleet(risers=36, heard_only=0, pumps=0, machines=0, missing=0.0)


def riser_said(n: int, day: int, wave: float, dice: np.random.Generator) -> dict[str, float]:
    """What a riser's meter says on a day; nothing if it is silent."""
    if n in {8, 9} and day == 19:
        return {}
    shift = 3.0 * ((n == 3 and day > 21) + (n == 4 and 21 < day < 24) + (n == 5 and day == 22))
    said = {"pressure_kpa": round(350 + wave + shift + dice.normal(0, 0.1), 3)}
    if n == 6 and day >= 20:
        said["pipe_temperature_c"] = round(14 + dice.normal(0, 0.1), 1)
    if n == 7 and day >= 17:
        said |= {"pipe_vibration_um_s2": 900.0, "pressure_kpa": 350.0}
    return said


def machine_said(n: int, step: int, dice: np.random.Generator) -> dict[str, float]:
    """What a machine of steady duty says; one deviates for a while, one from some day on, one has always drifted."""
    shift = 2.0 * ((n == 1 and 700 < step < 900) + (n == 2 and step > 800)) + (n == 3) * step / 20
    current = {"current_a": 12 + shift + dice.normal(0, 0.2)}
    return current if n == 3 else current | {"voltage_v": 380 + dice.normal()}


@pytest.mark.parametrize("fleet", [ROUGH, SMOOTH], ids=["rough", "smooth"])
def test_weeks_seen_at_once_are_as_weeks_seen_one_by_one(fleet: Fleet) -> None:
    """Every finding is the same over restarts, and so is everything that is remembered; some of it deviates."""
    records = logged(sorted(fleet.lives(), key=lambda batch: batch.received_us), fleet.world())
    found, remembered = lived(records, [OneByOne(AssetDeviation())], fleet.world(), END_US)
    crashes = set(np.random.default_rng(3).integers(0, len(records), 4).tolist())

    assert lived(records, [AssetDeviation()], fleet.world(), END_US) == (found, remembered)
    assert replayed(records, AssetDeviation(), fleet.world(), END_US) == found
    assert with_restarts(fleet.world(), lambda: [AssetDeviation()], records, crashes, END_US) == found
    assert {"r03", "r04"} <= {f.asset for f in found if (f.score or 0.0) >= 0.5}
    assert {Verdict.SCORED, Verdict.TOO_EARLY, Verdict.UNKNOWN} <= {f.verdict for f in found}


@given(st.lists(st.floats(-1e30, 1e30), min_size=1), st.sampled_from([1.0, 0.05, 0.1, 1e-7, 1e-20]))
def test_many_numbers_are_shortened_as_one_is(values: list[float], factor: float) -> None:
    """Ties, tiny, huge and negative numbers included."""
    numbers = np.round(np.array(values), 6) * factor

    assert shortened(numbers).tolist() == [short(number) for number in numbers.tolist()]


@pytest.mark.parametrize("seed", range(3))
def test_a_history_draws_every_point_it_was_given(seed: int) -> None:
    """Between the points that are kept, those that are not lie on the line."""
    dice = np.random.default_rng(seed)
    history: list[float] = []
    given_us, totals = [], []
    for at_s in np.cumsum(dice.integers(1, 4_000, 60)).tolist():
        given_us.append(at_s * S)
        totals.append(float(dice.choice([0.0, 0.0, 0.0, 1.5, 1.5, 2.25])))
        history = with_point(history, given_us[-1], totals[-1])
    times, kept = points_of(history)

    assert np.interp(given_us, times, kept).tolist() == totals
    assert len(times) < len(given_us)


def test_a_history_forgets_its_oldest_points() -> None:
    """However long something deviates, the newest points are kept with their times."""
    history: list[float] = []
    for n in range(200):
        history = with_point(history, n * 7 * S, float(n))

    assert points_of(history) == (tuple(n * 7 * S for n in range(200 - MOST_POINTS, 200)), [*range(128, 200)])
