"""Pipe burst: a growing leak is warned of, and what only resembles one is not."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ingest.readings import Reading
from ingest.registry import Asset, AssetClass, Text
from models.detector import Memory
from models.detectors.pipe_burst import PipeBurst
from models.findings import Finding, Verdict
from models.pipes.burst_risk import WARN, default_settings
from tests.models.stream import DAY_US, HOUR_US, MIDNIGHT_US, MINUTE_US, feed, first_at, scored, stored_size

QUIET = math.log(400.0)


def riser(name: str, *neighbours: str, **limits: float | str) -> Asset:
    return Asset(name, "s", AssetClass.RISER, Text("立管", "riser"), limits=limits, neighbours=neighbours)


@dataclass(frozen=True)
class Life:
    """A riser's days: what is added to the log of its night sound, day by day, and taken from its pressure.

    Where `hz` says how high the noise sounds the logger tells the median frequency too; `loss_l_min` is what flows at
    night once it is loud, and needs a meter; `slam_kpa` swings the pressure ten times a day; `air_c` is the weather.
    """

    log_rise: tuple[float, ...]
    drop_kpa: float = 0.0
    hz: float | None = None
    loss_l_min: float | None = None
    metered_from: int = 0
    slam_kpa: float = 0.0
    air_c: float | None = None
    silent_nights: tuple[int, ...] = ()
    utc_offset_h: float = 8.0

    def readings(self, asset: Asset, seed: int = 0) -> Iterator[tuple[Asset, Reading]]:
        """Vibration every quarter of an hour and pressure every ten minutes, with demand by day."""
        rng = np.random.default_rng(seed)
        shift_us = round((8.0 - self.utc_offset_h) * HOUR_US)
        for day, rise in enumerate(self.log_rise):
            night = rng.normal(0, 0.03)
            for quarter in range(96):
                hour = quarter / 4
                at_us = MIDNIGHT_US + shift_us + day * DAY_US + quarter * 15 * MINUTE_US
                if day in self.silent_nights and 2 <= hour < 4:
                    continue
                demand = 0.7 if 6 <= hour < 23 else 0.0
                log_rms = QUIET + max(rise, demand * rng.random()) + night + rng.normal(0, 0.07)
                yield asset, Reading(asset.id + "-v", "pipe_vibration_um_s2", at_us, math.exp(log_rms))
                kpa = 350.0 - 20 * demand * rng.random() - self.drop_kpa * (rise > 0.3) + rng.normal(0, 0.5)
                yield asset, Reading(asset.id + "-p", "pressure_kpa", at_us, kpa + self.slam_kpa * (quarter % 9 == 8))
                yield from ((asset, reading) for reading in self._beside(asset.id, at_us, day, rise))

    def _beside(self, name: str, at_us: int, day: int, rise: float) -> Iterator[Reading]:
        if self.hz is not None:
            yield Reading(name + "-v", "pipe_vibration_median_hz", at_us, self.hz if rise > 0.3 else 250.0)
        if self.loss_l_min is not None and day >= self.metered_from:
            yield Reading(name + "-p", "flow_m3_h", at_us, 0.06 * (1.0 + self.loss_l_min * (rise > 0.3)))
        if self.air_c is not None:
            yield Reading(name + "-a", "air_temperature_c", at_us, self.air_c)


def growing(quiet_days: int, growth_days: int, height: float = 2.1) -> tuple[float, ...]:
    return (0.0,) * quiet_days + tuple(np.linspace(0, height, growth_days + 1)[1:])


def lived(*lives: Life) -> list[Finding]:
    names = [f"r{i}" for i in range(len(lives))]
    assets = [riser(n, *(other for other in names if other != n)) for n in names]
    return feed(PipeBurst(), (r for i, life in enumerate(lives) for r in life.readings(assets[i], i)))


@pytest.mark.parametrize(("growth_days", "lead_days"), [(5, 1.0), (8, 2.0), (17, 3.0)])
def test_a_growing_leak_is_warned_of_before_it_bursts(growth_days: int, lead_days: float) -> None:
    """Whatever the speed of growth, the warning comes in time, and within the promised delay if it is fast."""
    found = scored(lived(Life(growing(9, growth_days)), Life((0.0,) * (9 + growth_days))), "r0")
    onset_us = MIDNIGHT_US + 9 * DAY_US
    warned = first_at(found, WARN)

    assert warned is not None
    assert onset_us + growth_days * DAY_US - warned >= lead_days * DAY_US
    assert growth_days > 8 or warned - onset_us <= PipeBurst().spec.delay_us
    assert warned > onset_us


def test_a_slow_leak_reaches_the_inspection_level() -> None:
    """Growth over two months may burst on any of many days: it is worth an inspection, not yet a warning."""
    found = scored(lived(Life(growing(9, 60)), Life((0.0,) * 69)), "r0")
    inspected = first_at(found, 0.15)

    assert inspected is not None
    assert MIDNIGHT_US + 69 * DAY_US - inspected >= 3 * DAY_US


def test_a_healthy_month_is_silent() -> None:
    """Forty quiet nights of three risers never come near a warning."""
    found = scored(lived(*(Life((0.0,) * 40) for _ in range(3))))

    assert len(found) > 90
    assert max(f.score or 0.0 for f in found) < 0.05


def test_a_probability_is_the_score_and_its_times_ascend() -> None:
    """A warning of a riser without weather carries its 72-hour probability and ordered 10, 50 and 90 % times."""
    warning = next(f for f in scored(lived(Life(growing(9, 8)))) if (f.score or 0) >= WARN)
    times = warning.time_to_failure

    assert warning.probability == warning.score
    assert warning.horizon_us == 72 * HOUR_US
    assert times is not None
    assert warning.at_us < times.p10_us < times.p50_us < times.p90_us


def test_a_warning_shows_why() -> None:
    """Its evidence holds trace, level, forecast, the neighbour, shares that add up to 1 and a counterfactual."""
    found = scored(lived(Life(growing(9, 8), drop_kpa=6.0), Life((0.0,) * 17)), "r0")
    evidence = next(f for f in found if (f.score or 0) >= WARN).evidence

    assert evidence is not None
    assert evidence.signal is not None
    assert evidence.threshold == pytest.approx(math.exp(default_settings().failure_level), rel=0.01)
    assert evidence.forecast is not None
    assert all(
        a <= b <= c for a, b, c in zip(evidence.forecast.p10, evidence.forecast.p50, evidence.forecast.p90, strict=True)
    )
    assert [t.asset for t in evidence.neighbours] == ["r1"]
    assert sum(c.weight for c in evidence.contributions) == pytest.approx(1.0, abs=1e-3)
    assert {c.name for c in evidence.contributions if c.weight > 0} >= {"night_vibration_ratio", "slope_per_day"}
    assert evidence.counterfactual is not None
    assert 1.0 < evidence.counterfactual.value < evidence.signal.value[-1]


def test_a_night_held_at_the_counterfactual_is_not_warned_of() -> None:
    """The same riser, its last night no louder than the bound the evidence names, stays under the warning."""
    rise = growing(9, 8)
    warning = next(f for f in scored(lived(Life(rise))) if (f.score or 0) >= WARN)
    night = (warning.at_us - MIDNIGHT_US) // DAY_US
    assert warning.evidence is not None
    assert warning.evidence.signal is not None
    assert warning.evidence.counterfactual is not None
    less = math.log(warning.evidence.signal.value[-1] / warning.evidence.counterfactual.value)
    held = tuple(r - less * (n == night) for n, r in enumerate(rise[: night + 1]))

    assert less > 0.0
    assert first_at(lived(Life(held)), WARN) is None


def test_a_pressure_drop_beside_the_noise_makes_it_likelier() -> None:
    """The same noise with the night pressure down gives a higher chance."""
    alone = scored(lived(Life(growing(9, 12))))[-3]
    both = scored(lived(Life(growing(9, 12), drop_kpa=6.0)))[-3]

    assert (both.score or 0) > (alone.score or 0) > 0.05


def test_a_hum_is_less_likely_a_leak_than_a_hiss() -> None:
    """As loud, but low: a machine on the pipe. What no logger tells counts neither way."""
    hum, unknown, hiss = (scored(lived(Life(growing(9, 12), hz=hz)))[-3] for hz in (100.0, None, 1_200.0))

    assert (hum.score or 0) < 0.8 * (unknown.score or 0)
    assert (hiss.score or 0) >= (unknown.score or 0) > 0.05


def test_water_that_is_lost_at_night_is_shown() -> None:
    """A warning says what its riser's meter and its sound's pitch have to do with it."""
    found = scored(lived(Life(growing(9, 10), drop_kpa=6.0, hz=1_200.0, loss_l_min=8.0)))
    evidence = next(f.evidence for f in reversed(found) if (f.score or 0) >= WARN)

    assert evidence is not None
    seen = {c.name: c.value for c in evidence.contributions}
    assert seen["night_flow_rise_l_min"] == pytest.approx(8.0, rel=0.1)
    assert seen["night_median_frequency_ratio"] == pytest.approx(1_200 / 250, rel=0.1)


def test_a_meter_that_is_fitted_later_is_learnt() -> None:
    """Its usual is learnt from the quiet nights after it came."""
    found = scored(lived(Life(growing(25, 10), loss_l_min=8.0, metered_from=12)))
    evidence = next(f.evidence for f in reversed(found) if (f.score or 0) >= WARN)

    assert evidence is not None
    assert {c.name: c.value for c in evidence.contributions}["night_flow_rise_l_min"] == pytest.approx(8.0, rel=0.1)


def test_hammer_alone_is_worth_a_look_and_no_warning() -> None:
    """Ten slams of 2.8 bar a day for a month: the chance is a hundred times the background and far from certain."""
    slammed, calm = (scored(lived(Life((0.0,) * 40, slam_kpa=kpa)))[-1] for kpa in (280.0, 0.0))

    assert 0.05 < (slammed.score or 0) < WARN
    assert (slammed.score or 0) > 100 * (calm.score or 0)


def test_frost_is_said_and_raises_nothing() -> None:
    """A riser in a hard frost is likely to freeze: that is in its probability, and not in the score that raises."""
    frozen, mild = (scored(lived(Life((0.0,) * 12, air_c=air_c)))[-1] for air_c in (-12.0, 4.0))

    assert frozen.probability is not None
    assert frozen.probability > 0.5 > WARN > (frozen.score or 0)
    assert mild.probability == pytest.approx(mild.score or 0.0, abs=0.001)


LOOKALIKES = {
    "one loud night": (0.0,) * 12 + (1.5,) + (0.0,) * 8,
    "a small lasting step": (0.0,) * 12 + (0.5,) * 20,
}


@pytest.mark.parametrize("rise", LOOKALIKES.values(), ids=LOOKALIKES.keys())
def test_what_only_resembles_a_leak_is_not_warned_of(rise: tuple[float, ...]) -> None:
    """A tap left running for a night and a new constant noise do not make a burst warning."""
    assert first_at(scored(lived(Life(rise))), WARN) is None


def test_a_rise_that_all_neighbours_share_is_not_a_leak() -> None:
    """Pump work that is heard on every riser is subtracted; the same rise on one alone is a warning."""
    rise = growing(9, 8)

    assert first_at(scored(lived(Life(rise), Life(rise), Life(rise))), WARN) is None
    assert first_at(scored(lived(Life(rise), Life((0.0,) * 17), Life((0.0,) * 17))), WARN) is not None


@pytest.mark.parametrize("risers", [2, 3])
def test_a_sound_riser_beside_a_leaking_one_stays_as_it_was(risers: int) -> None:
    """The leak of one is not subtracted from the others, which would seem to fall silent and be learnt anew."""
    found = lived(Life(growing(9, 10)), *(Life((0.0,) * 19) for _ in range(risers - 1)))
    beside = [f for f in found if f.asset == "r1" and f.at_us > MIDNIGHT_US + 5 * DAY_US]
    leaking = [f for f in scored(found, "r0") if (f.score or 0) >= WARN]

    assert {f.verdict for f in beside} == {Verdict.SCORED}
    assert leaking
    assert leaking[-1].evidence is not None
    assert all(0.7 < v < 1.4 for trace in leaking[-1].evidence.neighbours for v in trace.value)


def test_neighbours_are_shown_as_they_sounded() -> None:
    """Pump work heard on every riser shows in the neighbours' traces, up to the same night as the riser's own."""
    everywhere = tuple(0.7 * (12 <= night < 15) for night in range(17))
    leaking = tuple(a + b for a, b in zip(growing(9, 8), everywhere, strict=True))
    found = lived(Life(leaking), Life(everywhere), Life(everywhere))
    evidence = next(f.evidence for f in reversed(scored(found, "r0")) if (f.score or 0) >= WARN)

    assert evidence is not None
    assert evidence.signal is not None
    for trace in evidence.neighbours:
        noisy = [v for at, v in zip(trace.at_us, trace.value, strict=True) if 12 <= (at - MIDNIGHT_US) // DAY_US < 15]
        assert noisy == pytest.approx([math.exp(0.7)] * 3, rel=0.25)
        assert trace.at_us == evidence.signal.at_us


def test_silence_is_unknown_and_learning_is_said() -> None:
    """The first nights are too early, and a night without records is unknown, not quiet."""
    found = lived(Life((0.0,) * 12, silent_nights=(8,)))

    assert [f.verdict for f in found[:5]] == [Verdict.TOO_EARLY] * 5
    assert found[8].verdict is Verdict.UNKNOWN
    assert {f.verdict for f in found[5:8]} == {Verdict.SCORED}


def test_a_repair_brings_calm_and_a_new_baseline() -> None:
    """After the fall the warning ends, nights are learnt anew, and a second leak is found again."""
    life = Life((*growing(9, 8), *(0.1,) * 10, *growing(0, 8)))
    found = lived(life)
    calm = [f for f in found if MIDNIGHT_US + 17 * DAY_US < f.at_us < MIDNIGHT_US + 27 * DAY_US]
    again = [f for f in found if f.at_us >= MIDNIGHT_US + 27 * DAY_US]

    assert max(f.score or 0.0 for f in calm) < 0.05
    assert Verdict.TOO_EARLY in {f.verdict for f in calm}
    assert first_at(again, WARN) is not None


def test_a_paused_leak_does_not_become_usual() -> None:
    """Two nights with the water off do not let the leak's own noise be learnt as normal."""
    found = lived(Life((*growing(9, 10, 1.8), 0.0, 0.0, *(1.8,) * 6, *np.linspace(1.8, 2.3, 5))))

    assert max(f.score or 0.0 for f in scored(found)[-3:]) >= WARN


def test_nights_are_the_sites_own() -> None:
    """A site in another zone is judged after its own night, even where hours are half an hour off."""
    india = riser("r0", timezone="Asia/Kolkata")
    found = feed(PipeBurst(), Life((0.0,) * 8, utc_offset_h=5.5).readings(india))
    night_end = MIDNIGHT_US + round(2.5 * HOUR_US) + 4 * HOUR_US

    assert ZoneInfo("Asia/Kolkata").key == india.limits["timezone"]
    assert found[0].at_us - night_end in range(2 * HOUR_US)
    assert scored(found)


def test_the_state_stays_small() -> None:
    """Ninety nights and a leak leave less than 4 kB of plain JSON."""
    memory = Memory()
    feed(PipeBurst(), Life(growing(70, 20)).readings(riser("r0")), memory)

    assert stored_size(memory) < 4_000
