"""Pipe burst edge: a tear is told at once and as level I, and what only looks like one is not."""

import json
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from device_simulators.faults import Crack, Disturbance
from device_simulators.riser import Riser
from models.detector import Memory, State
from models.detectors.pipe_burst_edge import TORN, PipeBurstEdge
from models.findings import Finding
from models.pipes.burst_edge import (
    FLOW,
    SOUND,
    SOUNDS,
    TUNABLES,
    EdgeSettings,
    Fall,
    note_flow,
    note_sound,
    witness,
)
from models.thresholds import DefaultThresholds
from tests.models.pipe_lives import MIDNIGHT, batches, readings, riser_asset
from tests.models.stream import feed, first_at, scored, stored_size

NOON = MIDNIGHT + 12 * HOUR_US
ASSET = riser_asset("r")
EDGE = PipeBurstEdge()


def _torn(seed: int, severity: float = 0.6, *, metered: bool = True) -> Riser:
    """A riser that tears open at noon."""
    crack = Crack(NOON - 20 * DAY_US, NOON, NOON + 4 * HOUR_US, severity)
    return Riser("s", "r", seed, 7, cracks=[crack], metered=metered)


def _lived(riser: Riser) -> list[Finding]:
    return feed(EDGE, readings(riser, ASSET, MIDNIGHT, MIDNIGHT + DAY_US))


def _on_arrival(riser: Riser) -> list[Finding]:
    book = DefaultThresholds(EDGE.spec.tunables)
    told = batches(riser, MIDNIGHT, MIDNIGHT + DAY_US)
    return [f for batch in told for f in EDGE.judge_on_arrival(batch, ASSET, book)]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("severity", [0.05, 0.5, 1.0])
def test_a_tear_is_told_by_the_message_that_shows_it(seed: int, severity: float) -> None:
    """The message that holds flow and the two minutes after the tear proves it, a level more urgent than a warning."""
    (found,) = _on_arrival(_torn(seed, severity))

    assert NOON + 120 * SECOND_US <= found.at_us <= NOON + 135 * SECOND_US
    assert (found.score, found.severity) == (TORN, 1)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_ordered_path_says_what_the_message_proved(seed: int) -> None:
    """Window after window the same tear is found at the same moment, for the same reasons."""
    (early,) = _on_arrival(_torn(seed))
    ordered = _lived(_torn(seed))

    assert ordered[0] == early


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_without_a_meter_the_noise_tells(seed: int) -> None:
    """A riser without a meter is told of with the next record of its vibration."""
    told_us = first_at(_lived(_torn(seed, metered=False)), TORN)

    assert told_us is not None
    assert NOON + 120 * SECOND_US <= told_us <= NOON + 16 * MINUTE_US


def test_it_says_when_the_pressure_is_back() -> None:
    """Hourly after the tear: high while it is down, calm once it was repaired, and in the end nothing more."""
    found = feed(EDGE, readings(_torn(1), ASSET, MIDNIGHT, MIDNIGHT + 3 * DAY_US))
    after = [f for f in found if f.at_us > NOON + 5 * HOUR_US]

    assert {f.score for f in found if f.at_us < NOON + 3 * HOUR_US} == {TORN}
    assert {f.score for f in after} == {0.0}
    assert max(f.at_us for f in after) < NOON + 32 * HOUR_US


def test_it_shows_what_it_goes_by() -> None:
    """Fall and flow step are the reasons, the trace shows the fall, and the counterfactual lies under what was seen."""
    (found,) = _on_arrival(_torn(1))
    evidence = found.evidence

    assert evidence is not None
    assert evidence.signal is not None
    assert [c.name for c in evidence.contributions] == ["pressure_drop_kpa", "flow_step_m3_h"]
    assert min(evidence.signal.value) < (evidence.threshold or 0.0) < evidence.signal.value[0]
    assert evidence.counterfactual is not None
    assert evidence.counterfactual.value < evidence.contributions[0].value


LOOKALIKES = {
    "a pump trips and restarts": Disturbance(NOON, NOON + 50 * SECOND_US, "", pressure_kpa=-90.0),
    "the supply fails for an hour": Disturbance(NOON, NOON + HOUR_US, "", pressure_kpa=-200.0),
    "a plumber closes the valve": Disturbance(NOON, NOON + 2 * HOUR_US, "", pressure_kpa=-320.0, shuts=True),
    "a valve is closed half": Disturbance(NOON, NOON + 2 * HOUR_US, "", pressure_kpa=-150.0, shuts=True),
    "a hose is tested": Disturbance(NOON, NOON + 10 * MINUTE_US, "", flow_m3_h=6.0, opens_s=40.0),
    "water hammer": Disturbance(NOON, NOON + SECOND_US, "", pressure_kpa=-250.0),
    "trapped pressure is let go": Disturbance(NOON - 5 * HOUR_US, NOON, "", shuts=True, warms_kpa=850.0),
    "a tap of many": Disturbance(NOON, NOON + HOUR_US, "", flow_m3_h=1.5),
    "a drill next door": Disturbance(NOON, NOON + HOUR_US, "", pressure_kpa=-70.0, vibration_um_s2=1_500.0),
}


@pytest.mark.parametrize("metered", [True, False])
@pytest.mark.parametrize("name", [n for n in LOOKALIKES if n != "a drill next door"])
def test_what_resembles_a_tear_is_not_told(name: str, metered: bool) -> None:  # noqa: FBT001 -- a parameter of a test
    """Falls that recover, falls without more flow or noise, and slow ones are no tears."""
    riser = Riser("s", "r", 4, 7, disturbances=[LOOKALIKES[name]], metered=metered)

    assert _on_arrival(riser) == []
    assert scored(_lived(riser)) == []


def test_a_meter_outweighs_noise() -> None:
    """Where somebody drills while the supply is low, the meter knows that nothing runs out."""
    riser = Riser("s", "r", 4, 7, disturbances=[LOOKALIKES["a drill next door"]], metered=True)

    assert scored(_lived(riser)) == []


def test_a_quiet_month_says_nothing() -> None:
    """Demand alone, morning peaks and all, makes no edge."""
    riser = Riser("s", "r", 9, 7, metered=True)

    assert feed(EDGE, readings(riser, ASSET, MIDNIGHT, MIDNIGHT + 14 * DAY_US)) == []


def test_its_memory_is_small() -> None:
    """After a tear and a day its state is under a kilobyte, of a logger that keeps seconds and hears each minute."""
    memory = Memory()
    feed(EDGE, readings(_torn(1), ASSET, MIDNIGHT, MIDNIGHT + 2 * DAY_US), memory)
    json.dumps(memory.states)

    assert stored_size(memory) < 1_024


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 3), st.integers(0, 9), st.sampled_from(["fall", "rise", ""])),
        max_size=150,
    )
)
def test_what_is_kept_is_what_a_fall_is_held_against(told: list[tuple[bool, int, int, str]]) -> None:
    """Of flows and sounds only those are dropped that no fall could be held against, whenever it begins and ends."""
    settings = EdgeSettings(*(t.default for t in TUNABLES))
    state: State = {"loggers": {"x": {}}}
    flows, sounds, at_us = list[tuple[int, float]](), list[tuple[int, float]](), 0
    for is_flow, later, value, edge in told:
        at_us += later * 2 * SECOND_US
        if is_flow and (not flows or flows[-1][0] < at_us):
            flows.append((at_us, float(value)))
            note_flow(state, at_us, float(value))
        elif not is_flow:
            sounds = [*sounds, (at_us, value + 1.0)][-SOUNDS:]
            note_sound(state, at_us, value + 1.0)
        if edge == "fall":
            state["loggers"]["x"].setdefault("fall", {"at_us": at_us})
        elif edge == "rise":
            state["loggers"]["x"].pop("fall", None)
        fell_us = state["loggers"]["x"].get("fall", {"at_us": at_us})["at_us"]
        seen = witness(state, Fall(fell_us, 300.0, 200.0, ()), settings)
        by_flow = _either_side(flows, fell_us)
        by_sound = _either_side(sounds, fell_us)

        if by_flow:
            assert seen is not None
            assert (seen.metric, seen.before, seen.since) == (FLOW, by_flow[0][-1], median(by_flow[1]))
        elif by_sound:
            assert seen is not None
            assert (seen.metric, seen.before, seen.since) == (SOUND, max(by_sound[0]), median(by_sound[1]))
        else:
            assert seen is None


def _either_side(told: list[tuple[int, float]], fell_us: int) -> tuple[list[float], list[float]] | None:
    before, since = [v for t, v in told if t < fell_us], [v for t, v in told if t >= fell_us]
    return (before, since) if before and since else None
