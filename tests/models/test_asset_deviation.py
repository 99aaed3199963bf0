"""Asset deviation: a lasting shift of level is found on any channel, at any rate, and nothing else is."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.readings import Reading
from ingest.registry import Asset, AssetClass, Text
from models.detector import Memory
from models.detectors.asset_deviation import AssetDeviation
from models.evaluation.skab import COLUMNS, PUMP, alarms, main, read_recording, tally, varied
from models.findings import Counterfactual, Finding, Verdict
from models.thresholds import DefaultThresholds
from tests.models.stream import DAY_US, HOUR_US, MIDNIGHT_US, MINUTE_US, SECOND_US, feed, first_at, scored, stored_size

RAISE = 0.5
STEADY = Asset("m", "s", AssetClass.PUMP, Text("泵", "pump"), limits={"duty": "steady"})
FOLLOWS = Asset("m", "s", AssetClass.PUMP, Text("泵", "pump"))

Shape = Callable[[int], float]
"""What is added to a channel at a sample's number."""


def nothing(_: int) -> float:
    return 0.0


def step(at: int, height: float, until: int = 1_000_000) -> Shape:
    return lambda n: height if at <= n < until else 0.0


def steady(  # noqa: PLR0913 -- each names one thing that a test varies
    samples: int, shape: Shape = nothing, *, seed: int = 0, rho: float = 0.0, every_s: int = 1, channels: int = 3
) -> Iterator[tuple[Asset, Reading]]:
    """Channels with unit noise of given autocorrelation; the shape is added to the first one."""
    rng = np.random.default_rng(seed)
    noise = np.zeros(channels)
    metrics = ("flow_m3_h", "current_a", "pressure_kpa", "voltage_v", "speed_rpm", "kurtosis")
    for n in range(samples):
        noise = rho * noise + np.sqrt(1 - rho**2) * rng.normal(size=channels)
        at_us = MIDNIGHT_US + n * every_s * SECOND_US
        for c in range(channels):
            yield STEADY, Reading("d", metrics[c], at_us, 50.0 + float(noise[c]) + (shape(n) if c == 0 else 0.0))


def daily(days: int, shape: Shape = nothing, seed: int = 0) -> Iterator[tuple[Asset, Reading]]:
    """Flow that follows people and weekends, and pressure that falls with it, every ten minutes; shape by the hour."""
    rng = np.random.default_rng(seed)
    noise = 0.0
    for n in range(days * 144):
        hour, day = n / 6 % 24, n // 144
        people = (1.0 + np.cos((hour - 19) / 24 * 2 * np.pi)) * (1.3 if day % 7 in (3, 4) else 1.0)
        noise = 0.8 * noise + 0.6 * rng.normal()
        flow = people * np.exp(0.2 * noise) + shape(n // 6)
        for metric, value in (("flow_m3_h", flow), ("pressure_kpa", 350 - 12 * flow + rng.normal())):
            yield FOLLOWS, Reading("d", metric, MIDNIGHT_US + n * 10 * MINUTE_US, float(value))


def told(readings: Iterator[tuple[Asset, Reading]]) -> list[Finding]:
    return feed(AssetDeviation(), readings)


def sample_of(at_us: int | None, every_s: int = 1) -> int:
    assert at_us is not None
    return (at_us - MIDNIGHT_US) // (every_s * SECOND_US)


@pytest.mark.parametrize("every_s", [1, 10, 60, 900])
def test_a_lasting_step_is_found_at_any_rate(every_s: int) -> None:
    """A step of three times the noise is found within thirty samples, and not before it."""
    found = told(steady(900, step(600, 3.0), every_s=every_s))

    assert 600 <= sample_of(first_at(found, RAISE), every_s) <= 630


@pytest.mark.parametrize("rho", [0.0, 0.6, 0.9])
def test_sound_channels_stay_quiet_however_they_are_correlated(rho: float) -> None:
    """Six noisy channels of any memory give no alarm in five thousand samples."""
    found = scored(told(steady(5000, rho=rho, channels=6)))

    assert len(found) > 50
    assert first_at(found, RAISE) is None


def test_a_spike_is_not_a_shift() -> None:
    """One wild sample, or two, does not tell; the same height that stays does."""
    assert first_at(told(steady(800, step(600, 1000.0, until=602))), RAISE) is None
    assert first_at(told(steady(800, step(600, 1000.0))), RAISE) is not None


def test_it_stays_high_until_it_has_fallen_from_its_peak() -> None:
    """The baseline does not follow a fault however long it lasts; when the fault ends, so does the finding."""
    found = scored(told(steady(5000, step(600, 4.0, until=4000))))
    during = [f for f in found if 620 < sample_of(f.at_us) < 4000]
    after = [f for f in found if sample_of(f.at_us) > 4050]

    assert min(f.score or 0 for f in during) >= RAISE
    assert max(f.score or 0 for f in after) < RAISE


def test_a_slow_season_is_followed() -> None:
    """A drift of a noise width in an hour becomes usual."""
    assert first_at(told(steady(8000, lambda n: n / 3600)), RAISE) is None


def test_it_says_too_early_then_unknown() -> None:
    """While it learns it says so, and an hour of silence is unknown, not quiet."""
    quiet_us = 3 * HOUR_US
    later = ((a, Reading(r.device, r.metric, r.at_us + quiet_us, r.value)) for a, r in steady(100))
    found = told(iter([*steady(500), *later]))
    verdicts = [f.verdict for f in found]

    assert verdicts[0] is Verdict.TOO_EARLY
    assert Verdict.UNKNOWN in verdicts
    assert all(f.verdict is not Verdict.SCORED for f in found if sample_of(f.at_us) < 400)


def test_codes_switches_and_counters_are_not_channels() -> None:
    """A fault code or a door that changes is no shift of a level."""
    readings = (
        (STEADY, Reading("d", metric, MIDNIGHT_US + n * SECOND_US, float(n >= 600) * 5))
        for n in range(900)
        for metric in ("fault_code", "trips_total", "floor")
    )

    assert told(readings) == []


@pytest.mark.parametrize("logger", [False, True])
def test_what_the_burst_detector_judges_is_left_to_it(logger: bool) -> None:  # noqa: FBT001 -- both are the test
    """A riser's pressure is watched only while no vibration logger gives it to the burst detector."""
    asset = Asset("r", "s", AssetClass.RISER, Text("立管", "riser"), limits={"duty": "steady"})
    rng = np.random.default_rng(0)
    readings = []
    for n in range(900):
        at_us = MIDNIGHT_US + n * SECOND_US
        readings.append((asset, Reading("p", "pressure_kpa", at_us, 350.0 + rng.normal() - 5 * (n >= 600))))
        if logger and n == 100:
            readings.append((asset, Reading("v", "pipe_vibration_um_s2", at_us, 400.0)))

    findings = told(iter(readings))

    assert (first_at(findings, RAISE) is None) == logger
    assert (findings[-1].verdict is Verdict.NOT_APPLICABLE) == logger


def test_a_channel_that_drifts_from_the_start_is_left_out() -> None:
    """A machine that warms up is not said to deviate; its other channels still count."""
    warming = list(steady(1200, lambda n: n / 20))

    assert first_at(told(iter(warming)), RAISE) is None
    assert any(f.verdict is Verdict.SCORED for f in told(iter(warming)))


def test_evidence_says_which_channel_moved_and_from_where() -> None:
    """The channel that moved comes first, with what it is and what is usual, and the shares add up to 1."""
    finding = next(f for f in told(steady(900, step(600, 5.0))) if (f.score or 0) >= RAISE)
    evidence = finding.evidence

    assert evidence is not None
    assert evidence.contributions[0].name == "flow_m3_h"
    assert evidence.contributions[0].usual == pytest.approx(50.0, abs=0.5)
    assert sum(c.weight for c in evidence.contributions) == pytest.approx(1.0, abs=1e-3)
    assert evidence.crossed_us == finding.at_us
    assert finding.severity == 0


def bounded_by(finding: Finding) -> Counterfactual:
    """What would have kept it quiet, seen to lie between what was and what is usual."""
    assert finding.evidence is not None
    bound, moved = finding.evidence.counterfactual, finding.evidence.contributions[0]
    assert bound is not None
    assert moved.usual is not None
    between = sorted((moved.usual, moved.value))
    assert between[0] < bound.value <= between[1] if not bound.over else between[0] <= bound.value < between[1]
    return bound


@pytest.mark.parametrize("height", [1.8, 3.0, 8.0, 200.0, -3.0])
@pytest.mark.parametrize("seed", range(4))
def test_a_signal_held_at_the_counterfactual_raises_nothing(height: float, seed: int) -> None:
    """The same signal cut off where the evidence says it should have stayed never raises; uncut it did."""
    signal = list(steady(900, step(600, height), seed=seed))
    bound = bounded_by(next(f for f in told(iter(signal)) if (f.score or 0) >= RAISE))
    hold = max if bound.over else min
    held = (
        (a, replace(r, value=hold(r.value, bound.value)) if n >= 600 * 3 and r.metric == bound.name else r)
        for n, (a, r) in enumerate(signal)
    )

    assert bound.over == (height < 0)
    assert first_at(told(held), RAISE) is None


def test_the_counterfactual_leaves_the_other_channels_as_they_were() -> None:
    """Beside a channel that has moved too, the bound is nearer to the usual, and held there it stays quiet as well."""
    signal = [
        (a, replace(r, value=r.value + 2.0 * (n >= 600 * 3 and r.metric == "current_a")))
        for n, (a, r) in enumerate(steady(660, step(600, 2.5)))
    ]
    raised = next(f for f in told(iter(signal)) if (f.score or 0) >= RAISE)
    bound = bounded_by(raised)
    held = (
        (a, replace(r, value=min(r.value, bound.value)) if n >= 600 * 3 and r.metric == bound.name else r)
        for n, (a, r) in enumerate(signal)
        if r.at_us <= raised.at_us
    )

    assert raised.evidence is not None
    assert len(raised.evidence.contributions) > 1
    assert first_at(told(held), RAISE) is None


def test_no_single_channel_is_blamed_where_the_others_would_have_raised_it() -> None:
    """Where three channels jump together there is no bound on one of them that would have kept it quiet."""
    signal = ((a, replace(r, value=r.value + 30.0 * (n >= 600 * 3))) for n, (a, r) in enumerate(steady(700)))
    raised = next(f for f in told(signal) if (f.score or 0) >= RAISE)

    assert raised.evidence is not None
    assert raised.evidence.counterfactual is None


def test_a_shift_held_at_the_counterfactual_raises_nothing_for_one_that_follows_people() -> None:
    """A lasting extra flow no larger than the bound leaves over the usual is not spoken of."""
    raised = next(f for f in told(daily(24, step(20 * 24, 0.8))) if (f.score or 0) >= RAISE)
    bound = bounded_by(raised)
    assert raised.evidence is not None
    usual = raised.evidence.contributions[0].usual or 0.0
    sample = (raised.at_us - MIDNIGHT_US) // (10 * MINUTE_US)
    extra = bound.value - usual
    held = ((a, r) for a, r in daily(24, step(20 * 24, extra)) if r.at_us <= MIDNIGHT_US + sample * 10 * MINUTE_US)

    assert bound.name == "flow_m3_h"
    assert first_at(told(held), RAISE) is None


@pytest.mark.parametrize("seed", [0, 1])
def test_a_healthy_month_that_follows_people_is_silent(seed: int) -> None:
    """Days, weekends and autocorrelated noise are usual."""
    found = scored(told(daily(31, seed=seed)))

    assert len(found) > 300
    assert first_at(found, RAISE) is None


def test_a_shift_under_the_daily_wave_is_found() -> None:
    """A constant extra flow, small beside the daily wave, is found within a day and a half."""
    found = told(daily(24, step(20 * 24, 0.8)))
    raised = first_at(found, RAISE)

    assert raised is not None
    assert 20 * DAY_US < raised - MIDNIGHT_US < 21.5 * DAY_US


def test_an_hour_of_uproar_is_not_a_shift() -> None:
    """A filter change or a filled tank, hours long and huge, does not tell for an asset that follows people."""
    assert first_at(told(daily(24, step(20 * 24 + 10, 20.0, until=20 * 24 + 13))), RAISE) is None


@settings(max_examples=15)
@given(st.floats(0.0, 8.0), st.floats(0.0, 8.0))
def test_a_larger_shift_never_scores_lower(one: float, other: float) -> None:
    """Right after a step the score rises with its height and stays in [0, 1]."""
    low, high = sorted((one, other))
    lower, higher = (scored(told(steady(421, step(405, h))))[-1].score or 0.0 for h in (low, high))

    assert 0.0 <= lower <= higher + 1e-9 <= 1.0 + 1e-9


def test_the_state_stays_small() -> None:
    """Six channels at 1 Hz leave less than 1.5 kB, an asset that follows people 0.3 kB and 0.55 kB a channel."""
    fast, slow, wide = Memory(), Memory(), Memory()
    feed(AssetDeviation(), steady(7000, channels=6), fast)
    feed(AssetDeviation(), daily(20), slow)
    feed(AssetDeviation(), ((a, replace(r, device=d)) for a, r in daily(20) for d in ("d1", "d2", "d3", "d4")), wide)

    assert stored_size(fast) < 1_500
    assert stored_size(slow) < 300 + 2 * 550
    assert stored_size(wide) < 300 + 8 * 550


def write_recording(path: Path, stepped_at: int) -> Path:
    """A small made-up file in SKAB's shape: 700 rows, with a labelled step of the flow."""
    rng = np.random.default_rng(3)
    header = ";".join(["datetime", *COLUMNS, "anomaly", "changepoint"])
    lines = [header]
    for n in range(700):
        level = 30.0 if n >= stepped_at else 32.0
        values = [f"{v:.4f}" for v in (*(5.0 + rng.normal(size=7)), level + rng.normal(0, 0.4))]
        label = f"{float(n >= stepped_at)}"
        lines.append(";".join([f"2020-03-09 10:{n // 60:02}:{n % 60:02}", *values, label, "0.0"]))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_recording_is_read_and_judged(tmp_path: Path) -> None:
    """A recording goes through the protocol: its labelled step is found, and no row before it."""
    recording = read_recording(write_recording(tmp_path / "made_up.csv", 550))
    rates = tally(recording, alarms(recording, DefaultThresholds(AssetDeviation().spec.tunables)))

    assert rates.false_alarm_rate() == 0.0
    assert rates.missed_rate() < 0.2
    assert rates.f1() > 0.9


def test_the_protocol_prints_each_file_all_of_them_and_the_sound_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command names every file with its rates, then what all reach, then the alarms where nothing was wrong."""
    write_recording(tmp_path / "valve1" / "1.csv", 550)
    write_recording(tmp_path / "other" / "2.csv", 600)
    write_recording(tmp_path / "anomaly-free" / "a.csv", 1_000)
    main([str(tmp_path)])
    said = capsys.readouterr().out.splitlines()

    assert [line.split("  ")[0] for line in said] == ["other/2.csv", "valve1/1.csv", "all", "without a fault"]
    assert said[-1].endswith("0 alarms, 0.0 % of 0.1 h")


def test_each_setting_is_varied_by_itself() -> None:
    """Half and double of each setting, one at a time, and nothing else with it."""
    tunables = AssetDeviation().spec.tunables
    for name, book in varied():
        values = {t.name: (book.value(t.name, PUMP, 0), t.default) for t in tunables}
        turned = [n for n, (value, default) in values.items() if value != default]

        assert len(turned) == 1
        assert name.split()[0] in turned[0]
    assert len(list(varied())) == 20


@pytest.mark.skipif("PRECOMPLAINT_DATASETS" not in os.environ, reason="PRECOMPLAINT_DATASETS names no folder")
def test_the_recorded_pump_deviates_when_its_valve_is_closed() -> None:
    """SKAB's valve1/1.csv raises within rows 572 to 973, where the valve is closed, and nowhere before."""
    recording = read_recording(Path(os.environ["PRECOMPLAINT_DATASETS"]) / "skab" / "valve1" / "1.csv")
    readings = ((PUMP, reading) for row in recording.readings for reading in row)
    found = feed(AssetDeviation(), readings)
    raised = first_at(found, RAISE)

    assert raised is not None
    assert recording.at_us[572] <= raised <= recording.at_us[973]


def test_a_pump_that_hands_over_to_its_standby_does_not_deviate() -> None:
    """Weeks of following people, then days at rest: its flow and current are gone because it stands."""
    pump = replace(FOLLOWS, asset_class=AssetClass.PUMP)

    def told_of(day: int, metric: str, flow: float) -> float:
        return (
            0.0 if 24 <= day < 28 else {"flow_m3_h": flow, "current_a": 5.0 + 3.0 * flow, "speed_rpm": 2800.0}[metric]
        )

    readings = [
        (
            pump,
            Reading(
                "d", metric, reading.at_us, told_of((reading.at_us - MIDNIGHT_US) // DAY_US, metric, reading.value)
            ),
        )
        for _, reading in daily(35)
        if reading.metric == "flow_m3_h"
        for metric in ("flow_m3_h", "current_a", "speed_rpm")
    ]

    assert first_at(told(iter(readings)), RAISE) is None


def test_a_pump_that_stands_is_unknown_once_an_hour() -> None:
    """Though it says every minute that it stands, nothing more is told of it than that nothing is known."""
    pump = replace(FOLLOWS, asset_class=AssetClass.PUMP)
    readings = [
        (pump, Reading("d", metric, MIDNIGHT_US + n * MINUTE_US, value * (n < 60)))
        for n in range(5 * 60)
        for metric, value in (("flow_m3_h", 20.0), ("speed_rpm", 2_900.0))
    ]
    unknown = [f.at_us for f in told(iter(readings)) if f.verdict is Verdict.UNKNOWN]

    assert [round((at_us - MIDNIGHT_US) / HOUR_US) for at_us in unknown] == [2, 3, 4, 5]
