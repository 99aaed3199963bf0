"""Asset multivariate: channels that no longer go together raise within days; who works otherwise for a day does not."""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pytest

from alerts.words.contributions import PHRASES
from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US, local_midnight
from device_simulators.pump import Pump
from device_simulators.pump_troubles import Innocent, PumpTrouble, WornRings
from ingest.readings import Reading
from ingest.registry import AssetClass
from models.detector import Memory
from models.detectors.asset_multivariate import AssetMultivariate
from models.findings import Finding, Verdict
from models.multivariate.components import Known, components_of
from models.multivariate.rows import hour_means
from models.thresholds import DefaultThresholds
from models.told import Told, ToldReadings
from models.windows import Window
from tests.models.worlds import T0, asset

_START_US = local_midnight(T0)
_DAYS, _ONSET_DAY = 46, 38
_EVERY_US = 20 * MINUTE_US
_KIT = frozenset({"acceleration_rms_m_s2", "envelope_rms_m_s2", "kurtosis", "envelope_peak_hz"})

Hour = Callable[[int, np.random.Generator], Mapping[str, float]]
"""What an asset says at an hour, counted from the start."""


def lived(windows: Iterator[Window], memory: Memory) -> list[Finding]:
    """What is found of one asset, hour by hour."""
    detector = AssetMultivariate()
    book = DefaultThresholds(detector.spec.tunables)
    found: list[Finding] = []
    for window in windows:
        memory.wake_us.clear()
        found += detector.observe([window], memory, book)
    return found


def told(hour_says: Hour, days: int = _DAYS) -> Iterator[Window]:
    """Windows in which a device says this of each hour."""
    dice = np.random.default_rng(1)
    whose = asset("a", AssetClass.PUMP)
    for hour in range(24 * days):
        at_us = _START_US + hour * HOUR_US
        said = sorted(hour_says(hour, dice).items())
        yield Window(whose, at_us, at_us + HOUR_US, tuple(Reading("d", name, at_us, value) for name, value in said))


def simulated(*troubles: PumpTrouble) -> Iterator[Window]:
    """Windows of a simulated booster with its station's panel."""
    pump, whose = Pump("s", "a", 5, troubles=troubles, every_us=_EVERY_US, leaves_out=_KIT), asset("a", AssetClass.PUMP)
    for day in range(_DAYS):
        at_us, features = pump.features(_START_US + day * DAY_US)
        hours = _in_hours(at_us.astype(int).tolist(), {name: v.round(3).tolist() for name, v in features.items()})
        for start_us, readings in hours:
            yield Window(whose, start_us, start_us + HOUR_US, tuple(readings))


def _in_hours(at_us: Sequence[int], features: Mapping[str, Sequence[float]]) -> Iterator[tuple[int, list[Reading]]]:
    an_hour = HOUR_US // _EVERY_US
    for first in range(0, len(at_us), an_hour):
        rows = range(first, first + an_hour)
        yield at_us[first], [Reading("d", name, at_us[n], features[name][n]) for n in rows for name in sorted(features)]


def raised_day(found: Sequence[Finding]) -> float | None:
    """The day of the first score that raises, counted from the start."""
    high = (f for f in found if (f.score or 0.0) >= 0.5)
    return next(((f.at_us - _START_US) / DAY_US for f in high), None)


def of_load(load: float, drawn: float, dice: np.random.Generator) -> dict[str, float]:
    """A pump whose flow, pressure and speed follow a load, and its current what it is told."""
    values = {"flow_m3_h": 5 + 2 * load, "current_a": 8 + 3 * drawn, "pressure_kpa": 400 - 9 * load}
    values["speed_rpm"] = 2700 + 90 * load
    return {name: value + 0.05 * abs(value) ** 0.5 * dice.normal() for name, value in values.items()}


def people(hour: int) -> float:
    """The load of an hour: little at night, and another course at weekends."""
    weekend = hour // 24 % 7 in {5, 6}
    return math.sin(2 * math.pi * (hour - (10 if weekend else 8)) / 24) * (0.8 if weekend else 1.0)


def decoupled(share: float) -> Hour:
    """From the onset on a share of the current is another pump's."""

    def says(hour: int, dice: np.random.Generator) -> Mapping[str, float]:
        load, other = people(hour) + 0.1 * dice.normal(), people(hour + 7)
        away = share * (hour >= 24 * _ONSET_DAY)
        return of_load(load, load + away * (other - load), dice)

    return says


@pytest.mark.parametrize("share", [0.2, 0.5, 1.0], ids=["mild", "plain", "gross"])
def test_a_current_that_follows_another_pump_raises_though_it_stays_in_its_range(share: float) -> None:
    """From a fifth on it is told within three days, while no hour's current is one that was never seen before."""
    hours = [dict(zip((r.metric for r in w.readings), (r.value for r in w.readings), strict=True))
             for w in told(decoupled(share))]  # fmt: skip
    before = [one["current_a"] for one in hours[: 24 * _ONSET_DAY]]
    after = [one["current_a"] for one in hours[24 * _ONSET_DAY :]]
    raised = raised_day(lived(told(decoupled(share)), Memory()))

    assert min(before) <= min(after)
    assert max(after) <= max(before)
    assert raised is not None
    assert _ONSET_DAY < raised <= _ONSET_DAY + 3


def test_its_word_names_the_channel_and_what_the_others_let_expect() -> None:
    """The current leads, with what it was and what it should have been, and every name has its words."""
    found = lived(told(decoupled(1.0)), Memory())
    evidence = next(f.evidence for f in found if (f.score or 0.0) >= 0.5)

    assert evidence is not None
    assert evidence.signal is not None
    assert evidence.counterfactual is not None
    leading = evidence.contributions[0]
    assert leading.name == "current_a"
    assert leading.usual is not None
    assert abs(leading.value - leading.usual) > 1.0
    assert evidence.counterfactual.value < evidence.signal.value[-1]
    assert evidence.signal.name in PHRASES


@pytest.mark.parametrize("share", [0.15, 0.3], ids=["mild", "gross"])
def test_worn_rings_of_a_simulated_booster_raise(share: float) -> None:
    """A pump that moves 15 % or 30 % of its full flow in a circle draws more than its speed and flow let expect."""
    onset_us = _START_US + _ONSET_DAY * DAY_US
    found = lived(simulated(WornRings(onset_us, onset_us + 2 * DAY_US, onset_us + 30 * DAY_US, share)), Memory())
    raised = raised_day(found)

    assert raised is not None
    assert _ONSET_DAY < raised <= _ONSET_DAY + 5


def _innocent(note: str, days: float, *, shake: float = 1.0, tank_kpa: float = 0.0, off: bool = False) -> Innocent:
    at_us = _START_US + _ONSET_DAY * DAY_US
    ends_us = at_us + round(days * DAY_US)
    return Innocent("pump.bearing", at_us, ends_us, note, suction_shift_kpa=tank_kpa, shake=shake, off=off)


@pytest.mark.parametrize(
    "innocent",
    [
        _innocent("aligned anew", 30.0, shake=0.8),
        _innocent("the standby pump has its turn", 3.0, off=True),
        _innocent("a low tank", 0.2, tank_kpa=-45.0),
    ],
    ids=lambda one: str(one.note),
)
def test_what_befalls_a_sound_booster_does_not_raise(innocent: Innocent) -> None:
    """A pump that shakes less, one that rests for days and four hours of a low tank stay below a work order."""
    found = lived(simulated(innocent), Memory())

    assert any(f.verdict is Verdict.SCORED for f in found)
    assert raised_day(found) is None


def test_a_day_by_hand_does_not_raise() -> None:
    """For a day the speed is set by hand; the day after all is as it was."""

    def says(hour: int, dice: np.random.Generator) -> Mapping[str, float]:
        load = people(hour) + 0.1 * dice.normal()
        said = of_load(load, load, dice)
        return said | ({"speed_rpm": 2790.0} if hour // 24 == _ONSET_DAY else {})

    found = lived(told(says), Memory())

    assert any((f.score or 0.0) > 0.0 for f in found)
    assert raised_day(found) is None


def test_the_course_of_a_single_channel_is_judged_by_its_hours_before() -> None:
    """A pressure that begins to swing by the hour raises, within the range that it always had."""

    def says(swings: bool) -> Hour:  # noqa: FBT001 -- of a test
        def pressure(hour: int, dice: np.random.Generator) -> Mapping[str, float]:
            swing = 20.0 * (-1) ** hour if swings and hour >= 24 * _ONSET_DAY else 0.0
            return {"pressure_kpa": 350.0 + 30.0 * people(hour) * (0.5 if swing else 1.0) + swing + 2.0 * dice.normal()}

        return pressure

    raised = raised_day(lived(told(says(swings=True)), Memory()))

    assert raised is not None
    assert _ONSET_DAY < raised <= _ONSET_DAY + 3
    assert raised_day(lived(told(says(swings=False)), Memory())) is None


def test_how_it_is_for_weeks_is_how_it_is() -> None:
    """What stays is learnt anew: it says twice that this is usual now, then that it is too early, and then judges."""
    found = lived(told(decoupled(0.5), days=125), Memory())
    raised = [number for number, one in enumerate(found) if (one.score or 0.0) >= 0.5]
    settled = found[raised[-1] + 1 :]

    assert 44 <= len(raised) <= 47
    assert [one.score for one in settled[:3]] == [0.0, 0.0, None]
    assert found[-1].verdict is Verdict.SCORED
    assert (found[-1].score or 0.0) < 0.3


@pytest.mark.parametrize(
    ("silent", "verdict"),
    [(("current_a", "flow_m3_h", "pressure_kpa", "speed_rpm"), Verdict.SCORED), (("speed_rpm",), Verdict.TOO_EARLY)],
    ids=["the machine stands", "a sensor is gone"],
)
def test_a_machine_that_stands_for_a_week_is_still_known(silent: tuple[str, ...], verdict: Verdict) -> None:
    """As its standby has its turn; where one channel of several is silent so long, they are looked for anew."""

    def says(hour: int, dice: np.random.Generator) -> Mapping[str, float]:
        said = decoupled(0.0)(hour, dice)
        stands = _ONSET_DAY <= hour // 24 < _ONSET_DAY + 8
        return {name: value for name, value in said.items() if not (stands and name in silent)}

    assert lived(told(says, days=_ONSET_DAY + 11), Memory())[-1].verdict is verdict


def test_what_is_kept_of_eight_channels_is_small() -> None:
    """1.5 kB while nothing is wrong, as it is stored."""
    memory = Memory()
    lived(simulated(), memory)

    assert len(json.dumps(memory.states["a"], separators=(",", ":"))) < 1_500


def test_rows_one_by_one_are_known_as_all_together() -> None:
    """The running mean and covariance are those of the rows."""
    rows = np.random.default_rng(3).normal(size=(200, 3)) @ np.array(
        [[1.0, 0.5, 0.0], [0.0, 1.0, 2.0], [0.0, 0.0, 3.0]]
    )
    known = Known(1.0, rows[0], np.zeros((3, 3)))
    for row in rows[1:]:
        known = known.with_row(row)

    assert known.mean == pytest.approx(rows.mean(axis=0))
    assert known.covariance == pytest.approx(np.cov(rows.T, bias=True))
    # Over the rows that were learnt each statistic is about 1 in the mean of squares.
    judged = [components_of(known, 0.9).judged(row) for row in rows]
    assert np.mean([one.apart**2 for one in judged]) == pytest.approx(1.0)
    assert np.mean([one.far**2 for one in judged]) == pytest.approx(1.0)


def test_doors_are_left_to_their_own_detector() -> None:
    """Maintenance that sets a door's drive changes what they do together for good, and is no trouble."""
    said = {"door_energy_j": 40.0, "door_lock_delay_ms": 80.0, "motor_current_a": 12.0}
    readings = tuple(Reading("d", name, T0, value) for name, value in said.items())
    window = Window(asset("e", AssetClass.ELEVATOR), T0, T0 + HOUR_US, readings)

    assert hour_means(window) == {"d motor_current_a": 12.0}


@pytest.mark.parametrize("kind", [AssetClass.PUMP, AssetClass.RISER])
@pytest.mark.parametrize("seed", [1, 2])
def test_an_hour_of_arrays_has_the_means_of_its_readings(kind: AssetClass, seed: int) -> None:
    """A replay's arrays and a live hour's readings lead to the same means, to the last bit."""
    dice = np.random.default_rng(seed)
    at_us = T0 + MINUTE_US * np.arange(60, dtype=np.int64)
    told = [
        Told(
            device,
            at_us,
            {metric: np.where(dice.random(60) < gone, np.nan, values) for metric, values in said.items()},
            {},
        )
        for device, gone, said in (
            ("a", 0.1, {"speed_rpm": 2_900.0 * (dice.random(60) > 0.3), "kurtosis": dice.normal(3.0, 0.1, 60)}),
            ("b", 0.3, {"pressure_kpa": dice.normal(350.0, 2.0, 60), "starts_total": np.arange(60.0)}),
        )
    ]
    held = ToldReadings(told)
    windows = [Window(asset("x", kind), T0, T0 + HOUR_US, readings) for readings in (held, tuple(held))]

    assert hour_means(windows[0]) == hour_means(windows[1])
    assert "b pressure_kpa" in hour_means(windows[0])
