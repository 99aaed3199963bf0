"""Network leak: leaks that grow or come at once in a simulated network, their repair, and what only resembles them."""

import json
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from device_simulators.calendar import DAY_US, HOUR_US, local_midnight
from device_simulators.network_faults import Draw, Drift, NetworkLeak
from device_simulators.water_network import BRANCHES, WaterNetwork
from ingest.readings import Reading
from ingest.registry import Asset, AssetClass, Text
from models.detector import Memory
from models.detectors import network_leak
from models.findings import Finding, Verdict
from models.pipes.network_relations import FLOW, LEVEL, PRESSURE, Relations, channel, with_losses
from models.pipes.network_watch import Change, NetworkWatch
from tests.models.stream import feed, first_at, scored, stored_size

START = local_midnight(1_764_000_000_000_000)
NETWORK = Asset("w", "s", AssetClass.WATER_NETWORK, Text("供水管网", "water network"))
DETECTOR = network_leak.NetworkLeak()


def at(day: float) -> int:
    return START + round(day * DAY_US)


def metric(part: str) -> str:
    return {"inflow": FLOW, "tank": LEVEL}.get(part, PRESSURE)


def told(network: WaterNetwork, days: int, silent: tuple[str, float, float] = ("", 0, 0)) -> list[Finding]:
    """What the detector says of the first days; one part may be silent between two days."""

    def readings() -> Iterator[tuple[Asset, Reading]]:
        for day in range(days):
            for part, values in network.day(at(day)).items():
                if part == silent[0] and silent[1] <= day < silent[2]:
                    continue
                for n, value in enumerate(values.tolist()):
                    at_us = at(day) + n * DAY_US // len(values)
                    yield NETWORK, Reading(f"w-{part}", metric(part), at_us, round(value, 2))

    return feed(DETECTOR, readings())


def raised(findings: list[Finding]) -> dict[str, int]:
    """By subject, when it was first at 0.5 or more."""
    subjects = {f.subject for f in scored(findings)}
    times = {s: first_at([f for f in findings if f.subject == s], network_leak.RAISE) for s in subjects}
    return {subject: when for subject, when in times.items() if when is not None}


@cache
def growing() -> list[Finding]:
    """A leak of 14 mm that grows from day 30 to 91 at the north end and is repaired on day 100."""
    return told(WaterNetwork("s", "w", 3, [NetworkLeak("north_end", at(30), at(91), at(100), 0.014)]), 110)


def test_a_growing_leak_is_found_a_fortnight_before_its_peak() -> None:
    """It is found once, at the logger it is nearest to, after it began and two weeks or more before its peak."""
    found = raised(growing())

    assert list(found) == ["w-north_end"]
    assert at(30) < found["w-north_end"] <= at(91 - 14)


def test_it_stays_up_until_it_is_repaired() -> None:
    """From the first warning to the repair its score is never under 0.5, and soon after the repair it is low."""
    own = [f for f in growing() if f.subject == "w-north_end"]
    first = raised(growing())["w-north_end"]
    during = [f.score for f in own if first <= f.at_us <= at(100)]
    after = [f.score for f in own if f.at_us >= at(103)]

    assert all(score is not None and score >= network_leak.RAISE for score in during)
    assert all(score is not None and score < 0.3 for score in after)


@pytest.mark.parametrize("node", BRANCHES)
def test_an_abrupt_leak_is_found_within_five_days(node: str) -> None:
    """Wherever a hole of 16 mm opens, a warning names the logger at it within five days, and no other logger."""
    found = raised(told(WaterNetwork("s", "w", 4, [NetworkLeak(node, at(15.4), at(15.4), at(25), 0.016)]), 24))

    assert list(found) == [f"w-{node}"]
    assert found[f"w-{node}"] <= at(15.4 + 5)


def test_a_second_leak_is_found_beside_the_first() -> None:
    """While one leak is open, another branch's is found at its own logger."""
    leaks = [
        NetworkLeak("north_end", at(15), at(15), at(60), 0.016),
        NetworkLeak("garden", at(24), at(24), at(60), 0.014),
    ]
    found = raised(told(WaterNetwork("s", "w", 5, leaks), 32))

    assert set(found) == {"w-north_end", "w-garden"}
    assert at(24) < found["w-garden"] <= at(29)


@pytest.mark.parametrize("seed", range(3))
def test_a_sound_network_stays_quiet(seed: int) -> None:
    """With its tank filled every night and people who differ from day to day nothing is raised in four months."""
    assert raised(told(WaterNetwork("s", "w", seed), 120)) == {}


@pytest.mark.parametrize("node", ["gate", "north", "garden"])
def test_a_flush_and_a_busy_day_are_no_leaks(node: str) -> None:
    """A hydrant that is flushed for an hour, and a day on which all wash, raise nothing."""
    flush = Draw(node, at(20) + 9 * HOUR_US, at(20) + 10 * HOUR_US, 30.0, "flush")
    busy = Draw(node, at(30) + 7 * HOUR_US, at(30) + 19 * HOUR_US, 4.0, "busy")

    assert raised(told(WaterNetwork("s", "w", 6, draws=[flush, busy]), 40)) == {}


@pytest.mark.parametrize("node", ["gate", "garden"])
def test_one_logger_that_drifts_is_no_leak(node: str) -> None:
    """A logger that reads less every day while all others and the meter do not change raises nothing."""
    drift = Drift(node, at(20), -0.3, at(50))

    assert raised(told(WaterNetwork("s", "w", 0, drifts=[drift]), 48)) == {}


def test_a_silent_logger_is_unknown_and_the_others_are_judged() -> None:
    """While one logger says nothing it is unknown, nobody is raised, and the rest keep their scores."""
    found = told(WaterNetwork("s", "w", 7), 30, silent=("east", 15, 25))
    meanwhile = [f for f in found if at(17) <= f.at_us <= at(25)]

    assert raised(found) == {}
    assert {f.verdict for f in meanwhile if f.subject == "w-east"} == {Verdict.UNKNOWN}
    assert {f.verdict for f in meanwhile if f.subject == "w-gate"} == {Verdict.SCORED}


def test_what_a_crew_is_shown() -> None:
    """The evidence names the logger, how far it fell and what would have kept it quiet, beside two neighbours."""
    last = next(f for f in reversed(growing()) if f.subject == "w-north_end" and (f.score or 0) >= network_leak.RAISE)
    shown = last.evidence

    assert shown is not None
    assert shown.facts is not None
    assert shown.facts["logger"] == "w-north_end"
    assert shown.signal is not None
    assert shown.signal.value[-1] > (shown.threshold or 0.0) > 0.0
    assert shown.contributions[0].name == "network_drop_kpa"
    assert shown.counterfactual is not None
    assert shown.counterfactual.value < shown.contributions[0].value
    assert len(shown.neighbours) == 2


def test_arrays_and_windows_say_the_same() -> None:
    """The functions an evaluation calls on whole days raise on the day, and at the logger, that the windows do."""
    network = WaterNetwork("s", "w", 3, [NetworkLeak("north_end", at(30), at(91), at(100), 0.014)])
    days = [network.day(at(day)) for day in range(110)]
    parts = sorted(days[0], key=lambda part: channel(f"w-{part}", metric(part)))
    names = [channel(f"w-{part}", metric(part)) for part in parts]
    rows = [
        np.column_stack([day[part].round(2).reshape(24, 4).mean(axis=1).round(3) for part in parts]) for day in days
    ]
    channels, hours = with_losses(names, np.array(rows))
    relations = Relations.learnt(channels, list(hours[: network_leak.LEARNING_DAYS]))
    residuals = relations.residuals(hours.mean(axis=1))
    watch = NetworkWatch.learnt(residuals[: network_leak.LEARNING_DAYS], relations.weights, relations.loggers)
    changes = [watch.judge(day) for day in residuals[network_leak.LEARNING_DAYS :]]
    first = next(n for n, day in enumerate(changes) if day.change is Change.LEAK)
    midnight = at(network_leak.LEARNING_DAYS + first + 1)

    assert raised(growing()) == {f"w-{parts[relations.loggers[changes[first].logger]]}": midnight}


def test_a_state_stays_small() -> None:
    """After four months with a leak the state is well under what may be kept of an asset."""
    memory = Memory()
    network = WaterNetwork("s", "w", 8, [NetworkLeak("gate", at(20), at(20), at(300), 0.016)])
    readings = (
        (NETWORK, Reading(f"w-{part}", metric(part), at(day) + n * DAY_US // 96, round(float(value), 2)))
        for day in range(90)
        for part, values in network.day(at(day)).items()
        for n, value in enumerate(values)
    )
    feed(DETECTOR, readings, memory)

    assert stored_size(memory) < 30_000
    assert json.loads(json.dumps(memory.states, allow_nan=False)) == memory.states
