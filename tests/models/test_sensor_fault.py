"""Sensor faults: what each kind leads to, what the other detectors are then shown, and what only looks like one."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from ingest.device_clock import CLOCK_EVENT
from ingest.readings import Batch
from ingest.registry import AssetClass, Device, Registry
from models.checkpoint import StoredState
from models.detector import Detector
from models.detectors.pump_bearing import PumpBearing
from models.detectors.sensor_fault import SensorFault
from models.engine import Engine
from models.findings import Finding, Verdict
from tests.models.toys import Counter
from tests.models.worlds import SITE, T0, S, asset, device, engine, happening, logged, ordered, registry, telemetry

MINUTE_US = 60 * S
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US

Values = Mapping[str, float]


def pump_world(*more: Device) -> Registry:
    return registry([asset("p", AssetClass.PUMP, {"power_kw": 7.5})], [device("p-m", "p"), *more])


def monitor(hours: float, values: Callable[[int, float], Values | None], every_us: int = 5 * MINUTE_US) -> list[Batch]:
    """What a pump's monitor publishes: `values` of the step's number and of a dice's normal deviate, or nothing."""
    dice = np.random.default_rng(1)
    said = [(T0 + n * every_us, values(n, dice.normal())) for n in range(round(hours * HOUR_US / every_us))]
    return [telemetry("p-m", at_us, one) for at_us, one in said if one is not None]


def running(noise: float, velocity: float | None = None) -> dict[str, float]:
    """A sound pump at speed, or one whose velocity channel shows a number of its own."""
    shake = math.exp(0.03 * noise)
    return {
        "velocity_rms_mm_s": round(1.0 * shake, 4) if velocity is None else velocity,
        "envelope_rms_m_s2": round(0.8 * shake, 4),
        "speed_rpm": round(2_750.0 + noise, 1),
    }


def raised(found: Iterable[Finding]) -> list[Finding]:
    return [f for f in found if (f.score or 0.0) >= 0.5]


def facts(finding: Finding) -> Mapping[str, float | str]:
    assert finding.evidence is not None
    assert finding.evidence.facts is not None
    return finding.evidence.facts


def heard(known: Registry, batches: Sequence[Batch], detectors: Sequence[Detector], more_us: int = 0) -> list[Finding]:
    records = logged(batches, known)
    end_us = max(record.watermark_us for record in records) + more_us
    return ordered(engine(known, detectors), records, end_us)


def test_a_channel_that_sticks_is_told_after_an_hour_and_cleared_when_it_moves() -> None:
    """Two days of life, four hours of one value, life again: one fault of that channel, from its first hour on."""
    story = monitor(56, lambda n, noise: running(noise, 7.518 if 576 <= n < 624 else None))
    found = raised(heard(pump_world(), story, [SensorFault()]))
    stuck_us = T0 + 576 * 5 * MINUTE_US

    assert found[0].at_us == stuck_us + HOUR_US
    assert (facts(found[0])["kind"], facts(found[0])["metric"]) == ("stuck", "velocity_rms_mm_s")
    assert facts(found[0])["since_us"] == stuck_us
    assert {f.subject for f in found} == {"p-m"}
    assert found[-1].at_us < stuck_us + 4 * HOUR_US


def test_a_sensor_that_sticks_high_raises_no_failure() -> None:
    """Velocity frozen in zone D would be an emergency; with the gate the bearing's detector never sees it twice."""
    story = monitor(56, lambda n, noise: running(noise, 7.518 if n >= 576 else None))
    ungated, gated = (heard(pump_world(), story, detectors) for detectors in ([PumpBearing()], _BOTH))

    assert raised(ungated)
    assert [f for f in raised(gated) if f.failure_mode != "sensor.fault"] == []
    last = [f for f in gated if f.failure_mode == "pump.bearing"][-1]
    assert last.verdict is Verdict.UNKNOWN


def test_a_bearing_that_fails_is_raised_as_without_the_gate() -> None:
    """The same zone D, but alive: it shakes, so it is no frozen value, and every finding stays what it was."""
    story = monitor(56, lambda n, noise: running(noise, round(7.5 * math.exp(0.03 * noise), 4) if n >= 576 else None))
    alone, gated = (heard(pump_world(), story, detectors) for detectors in ([PumpBearing()], _BOTH))

    assert raised(alone)
    assert [f for f in gated if f.failure_mode == "pump.bearing"] == alone


_BOTH: Sequence[Detector] = (PumpBearing(), SensorFault())


def test_the_others_see_a_burst_edge_before_anything_is_held_back() -> None:
    """Pressure that falls to nothing and stays there is shown to the last reading: for a day it may be the pipe."""
    known, counter = registry([asset("p", AssetClass.PUMP)], [device("p-m", "p")]), Counter(width_us=MINUTE_US)
    story = monitor(60, lambda n, noise: {"pressure_kpa": round(350 + noise, 2) if n < 576 else 0.0})
    found = heard(known, story, [SensorFault(), counter], 5 * MINUTE_US)
    shown = sum(len(window.readings) for windows in counter.calls for window in windows)

    assert shown == len(story)
    assert raised(f for f in found if f.failure_mode == "sensor.fault") == []


def test_wide_windows_are_shown_nothing_of_a_frozen_stretch() -> None:
    """An hour's window that closes after the fault is known holds only the first of the frozen values."""
    known, counter = pump_world(), Counter(width_us=HOUR_US)
    story = monitor(56, lambda n, noise: running(noise, 7.518 if 576 <= n < 624 else None))
    heard(known, story, [counter, SensorFault()], HOUR_US)
    frozen = [r for windows in counter.calls for w in windows for r in w.readings if r.value == 7.518]

    assert [r.at_us for r in frozen] == [T0 + 576 * 5 * MINUTE_US]


def test_what_is_held_back_is_the_same_after_restarts() -> None:
    """Engines that take over from each other's checkpoints show the others the same and say the same."""
    story = monitor(52, lambda n, noise: running(noise, 7.518 if n >= 560 else None))
    records = logged(story, pump_world())
    whole = ordered(engine(pump_world(), _BOTH), records)
    machine, found = engine(pump_world(), _BOTH), list[Finding]()
    stored: dict[tuple[str, str], StoredState] = {}
    for number, record in enumerate(records):
        found += machine.offer(record).ordered
        if number % 97 == 0:
            taken = machine.checkpoint()
            stored |= {(s.detector, s.asset): s for s in taken.states}
            machine = engine(pump_world(), _BOTH)
            machine.restore(replace(taken, states=tuple(stored.values())))
            for again in records[: number + 1]:
                if taken.resume_position < again.position:
                    machine.offer(again, seen=True)

    assert found == whole


@pytest.mark.parametrize(
    ("values", "metric"),
    [
        (lambda _n, _noise: {"speed_rpm": 0.0, "current_a": 0.0, "velocity_rms_mm_s": 0.04, "kurtosis": 3.0}, "rest"),
        (lambda n, _noise: {"pressure_kpa": float(350 + n // 40 % 2)}, "coarse"),
        (lambda n, _noise: {"flow_m3_h": 0.0, "air_temperature_c": 21.0 + n // 288}, "night"),
        (lambda _n, noise: {"speed_rpm": 1_450.0, "voltage_v": round(400 + noise, 1)}, "set point"),
        (lambda n, noise: {"flow_m3_h": round(0.8 + 0.01 * noise, 3) if n < 600 else 0.011}, "drip"),
    ],
    ids=["pump at rest", "coarse gauge", "quiet night", "set point", "a drip behind a closed valve"],
)
def test_what_may_keep_still_raises_nothing(values: Callable[[int, float], Values], metric: str) -> None:
    """A pump at rest for days, a gauge with one step a few hours, a quiet night, a converter's set point."""
    found = heard(pump_world(), monitor(96, values), [SensorFault()])

    assert metric
    assert found
    assert raised(found) == []


def test_a_loose_contact_jumps_and_is_told_within_the_hour() -> None:
    """Three readings in ten at full scale are a fault; a single spike a day is not."""

    def loose(n: int, noise: float) -> Values:
        return {"pressure_kpa": 1_600.0 if n >= 300 and noise > 0.5 else round(350 + noise, 2)}

    def spike(n: int, noise: float) -> Values:
        return {"pressure_kpa": 1_600.0 if n % 288 == 287 else round(350 + noise, 2)}

    told, quiet = (raised(heard(pump_world(), monitor(48, one), [SensorFault()])) for one in (loose, spike))

    assert facts(told[0])["kind"] == "jumping"
    assert told[0].at_us <= T0 + 300 * 5 * MINUTE_US + HOUR_US
    assert quiet == []


def test_a_device_that_falls_silent_is_told_once_its_habit_says_so() -> None:
    """Five-minute reports stop: after fifty minutes, once, and while others at the site go on."""
    known = registry(
        [asset("p", AssetClass.PUMP), asset("q", AssetClass.PUMP)], [device("p-m", "p"), device("q-m", "q")]
    )
    story = [
        batch
        for one in monitor(72, lambda _, noise: running(noise))
        for batch in (one, replace(one, device="q-m", readings=tuple(replace(r, device="q-m") for r in one.readings)))
        if batch.device == "q-m" or batch.received_us < T0 + 50 * HOUR_US
    ]
    found = raised(heard(known, story, [SensorFault()]))
    last_us = T0 + 50 * HOUR_US - 5 * MINUTE_US

    assert [(f.asset, f.subject, f.at_us) for f in found] == [("p", "p-m", last_us + 50 * MINUTE_US)]
    assert (facts(found[0])["kind"], facts(found[0])["since_us"]) == ("silent", last_us)


def test_who_reports_only_what_changes_is_not_silent_for_being_quiet() -> None:
    """An elevator without heartbeat that stands from midnight to five has that for a habit; a day and a half is not."""
    trips = [T0 + day * DAY_US + round(minute * MINUTE_US) for day in range(4) for minute in range(300, 1_440, 7)]
    known = registry(
        [asset("e", AssetClass.ELEVATOR), asset("f", AssetClass.ELEVATOR)], [device("g", "e"), device("h", "f")]
    )
    story = [telemetry("g", at_us, {"door_closed": n % 2}) for n, at_us in enumerate(trips)]
    clock = [telemetry("h", T0 + n * HOUR_US, {"door_closed": 1}) for n in range(6 * 24)]
    both = sorted([*story, *clock], key=lambda batch: batch.received_us)
    found = raised(heard(known, both, [SensorFault()]))

    assert [f.subject for f in found] == ["g"]
    assert found[0].at_us > trips[-1] + 12 * HOUR_US


def test_a_camera_is_silent_only_when_its_gateway_says_so() -> None:
    """Events alone tell no habit: a garage that is empty for a week is quiet; `device.offline` is not."""
    known = registry(
        [asset("z", AssetClass.PARKING_ZONE), asset("p", AssetClass.PUMP)], [device("c", "z"), device("p-m", "p")]
    )
    cars = [happening("c", "camera.object", T0 + n * HOUR_US, {"n": n}) for n in range(30)]
    life = monitor(9 * 24, lambda _, noise: running(noise), HOUR_US)
    gone = [happening("c", "device.offline", T0 + 200 * HOUR_US + n * 5 * MINUTE_US, {"n": n}) for n in range(12)]
    quiet, told = (
        raised(heard(known, sorted([*life, *cars, *more], key=lambda b: b.received_us), [SensorFault()]))
        for more in ([], gone)
    )

    assert quiet == []
    assert [(f.subject, facts(f)["kind"]) for f in told] == [("c", "offline")]
    assert told[0].at_us == T0 + 200 * HOUR_US + 10 * MINUTE_US


def site(names: Sequence[str]) -> Registry:
    return registry([asset(name, AssetClass.PUMP) for name in names], [device(f"{name}-m", name) for name in names])


def of_all(names: Sequence[str], hours: float) -> list[Batch]:
    return [
        replace(one, device=f"{name}-m", readings=tuple(replace(r, device=f"{name}-m") for r in one.readings))
        for one in monitor(hours, lambda _, noise: running(noise))
        for name in names
    ]


def test_when_a_whole_site_falls_silent_there_is_one_word() -> None:
    """Five monitors fall silent together and come back after six hours: one order, and it says how many."""
    names = ("a", "b", "c", "d", "e")
    before = of_all(names, 48)
    after = [
        replace(
            b,
            received_us=b.received_us + 54 * HOUR_US,
            readings=tuple(replace(r, at_us=r.at_us + 54 * HOUR_US) for r in b.readings),
        )
        for b in of_all(names, 2)
    ]
    found = raised(heard(site(names), [*before, *after], [SensorFault()]))

    assert [(f.subject, facts(f)["kind"], facts(f)["devices"]) for f in found] == [("a-m", "site_silent", 5)]


def early(machine: Engine, now_us: int, heard_us: int, names: Sequence[str]) -> tuple[Finding, ...]:
    return machine.silences(now_us, {f"{name}-m": heard_us for name in names})


def test_the_clock_tells_of_a_site_whose_time_stands_still() -> None:
    """Nobody speaks, so no window closes; by the clock it is told at the moment the ordered path will give it."""
    names = ("a", "b", "c")
    known, story = site(names), of_all(names, 48)
    machine, records = engine(known, [SensorFault()]), logged(story, known)
    assert raised(ordered(machine, records)) == []
    last_us = records[-1].watermark_us
    soon, later = (early(machine, last_us + wait_us, last_us, names) for wait_us in (40 * MINUTE_US, 2 * HOUR_US))
    confirmed = raised(machine.advance(SITE, last_us + DAY_US))

    assert soon == ()
    assert [(f.subject, facts(f)["kind"]) for f in later] == [("a-m", "site_silent")]
    assert [(f.subject, f.at_us) for f in confirmed] == [(f.subject, f.at_us) for f in later]
    assert early(machine, last_us + 2 * DAY_US, last_us, names) == ()


def test_a_message_that_only_waits_in_an_open_window_counts_for_the_clock() -> None:
    """What has arrived and is not scored yet shows that its device speaks."""
    names = ("a", "b", "c")
    known, story = site(names), of_all(names, 48)
    machine, records = engine(known, [SensorFault()]), logged(story, known)
    ordered(machine, records)
    last_us = records[-1].watermark_us

    assert early(machine, last_us + 2 * HOUR_US, last_us + 2 * HOUR_US - MINUTE_US, names) == ()


def test_a_wrong_clock_is_told_and_gates_nothing() -> None:
    """What ingest knows of the clock raises it; durations stay true, so the others go on being shown everything."""
    counter = Counter(width_us=MINUTE_US)
    story = monitor(30, lambda _, noise: running(noise))
    wrong = [
        happening("p-m", CLOCK_EVENT, T0 + 26 * HOUR_US + n * 10 * MINUTE_US, {"off_s": -7_200, "sure": n > 2})
        for n in range(6)
    ]
    both = sorted([*story, *wrong], key=lambda batch: batch.received_us)
    found = heard(pump_world(), both, [SensorFault(), counter], 5 * MINUTE_US)
    told = raised(found)
    shown = sum(len(window.readings) for windows in counter.calls for window in windows)

    assert told[0].at_us == T0 + 26 * HOUR_US + 30 * MINUTE_US
    assert (facts(told[0])["kind"], facts(told[0])["off_s"]) == ("clock", -7_200)
    assert shown == sum(len(batch.readings) for batch in story)
    assert found[-1].score == 0.0


def risers(days: int, moved: Callable[[int, float], float]) -> list[Finding]:
    """What is raised of three risers' hourly pressure, of which the first is moved by `moved(riser, day)`."""
    dice = np.random.default_rng(3)
    names = ("r0", "r1", "r2")
    known = registry(
        [asset(a, AssetClass.RISER, near=tuple(n for n in names if n != a)) for a in names],
        [device(f"{a}-p", a) for a in names],
    )
    story = [
        telemetry(f"r{n}-p", T0 + hour * HOUR_US, {"pressure_kpa": round(350 + moved(n, hour / 24) + dice.normal(), 2)})
        for hour in range(days * 24)
        for n in range(3)
    ]
    return raised(heard(known, story, [SensorFault()]))


def test_a_channel_that_leaves_its_neighbours_slowly_drifts() -> None:
    """Forty kilopascals in ten days, and only that one of three."""
    found = risers(20, lambda n, day: max(0.0, 4.0 * (day - 8)) * (n == 0))

    assert {(f.subject, facts(f)["kind"]) for f in found} == {("r0-p", "drifting")}
    assert T0 + 15 * DAY_US < found[0].at_us < T0 + 19 * DAY_US


@pytest.mark.parametrize(
    "moved",
    [
        lambda n, day: 40.0 * (n == 0 and day > 10),
        lambda _n, day: max(0.0, 4.0 * (day - 8)),
        lambda n, day: 2.0 * (n == 0) * (day > 8) * (day - 8),
    ],
    ids=["a step", "all together", "a little"],
)
def test_what_steps_or_moves_with_the_others_does_not_drift(moved: Callable[[int, float], float]) -> None:
    """A valve that was turned, a supply that rises for all, and a leak's few kilopascals are no fault of a gauge."""
    assert risers(20, moved) == []
