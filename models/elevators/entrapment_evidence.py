"""Entrapment evidence: why a car was taken for one with somebody trapped in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.detector import State
from models.elevators.status import Status
from models.findings import Contribution, Counterfactual, Evidence, Trace

TRACE_POINTS = 60
"""The most changes of motion that are kept. Chosen by size: some 2 kB of state a car."""

TRACE_US = 900_000_000
"""How far the trace reaches back. Chosen by: the ride before the stop is what a crew wants to see, not the day."""

_SECOND_US = 1_000_000
_DURATIONS = (("stopped_s", "standing_us"), ("door_closed_s", "closed_us"))


@dataclass(frozen=True, slots=True)
class Cause:
    """What would make it an entrapment, from when on, and the time limit that decides (0: none)."""

    name: str
    due_us: int
    limit_s: float


def note_motion(state: State, metric: str, at_us: int, value: float) -> None:
    """Keep a change of motion for the picture; the speed is a better picture than the word running."""
    if state["trace_of"] != metric and state["trace_of"] != "car_speed_m_s":
        state |= {"trace_of": metric, "trace": []}
    trace = state["trace"]
    if metric == state["trace_of"] and (not trace or trace[-1][1] != value):
        trace.append([at_us, value])
        del trace[: _first_shown(trace, at_us)]
        del trace[:-TRACE_POINTS]


def evidence_of_stop(asset: str, cause: Cause, status: Status, state: State, now_us: int) -> Evidence:
    """The evidence of a car that is watched: how long it has stood and been shut, and how it came to stand."""
    durations = [Contribution(name, (now_us - state[key]) / _SECOND_US, "s", None, 0.0) for name, key in _DURATIONS]
    return Evidence(
        signal=_signal(asset, state, now_us),
        contributions=_weighed(durations + _conditions(status, seen=state["sightings"] > 0)),
        counterfactual=Counterfactual("stopped_s", cause.limit_s, "s") if cause.limit_s else None,
        facts={"cause": cause.name, **_facts(status)},
    )


def _signal(asset: str, state: State, now_us: int) -> Trace:
    """The motion of the last minutes, between what held when they began and what holds now."""
    trace: list[list[float]] = state["trace"]
    points = {max(int(at), now_us - TRACE_US): float(value) for at, value in trace[_first_shown(trace, now_us) :]}
    points[now_us] = float(trace[-1][1])
    unit = "m/s" if state["trace_of"] == "car_speed_m_s" else "bool"
    return Trace(state["trace_of"], unit, tuple(points), tuple(points.values()), asset=asset)


def _first_shown(trace: Sequence[Sequence[float]], now_us: int) -> int:
    """The index of the change whose value held when the last minutes began, or of the first that is known."""
    return max(0, sum(at <= now_us - TRACE_US for at, _ in trace) - 1)


def evidence_of_report(status: Status, code: int | None) -> Evidence:
    """The evidence of one report that proves it by itself; `code` is the entrapment code, if it has one."""
    cause = "alarm_button" if code is None else "fault_code"
    return Evidence(contributions=_weighed(_conditions(status, seen=False)), facts={"cause": cause, **_facts(status)})


def _conditions(status: Status, *, seen: bool) -> list[Contribution]:
    """What else speaks for it, with weights still to be set."""
    holds = {
        "person_present": seen or status.value("person_present") == 1.0,
        "outside_door_zone": status.outside_zone(),
        "alarm_button": status.alarm(),
    }
    found = [Contribution(name, 1.0, "1", 0.0, 0.0) for name, holding in holds.items() if holding]
    code = status.entrapment_code()
    return found if code is None else [*found, Contribution("fault_code", float(code), "code", 0.0, 0.0)]


def _weighed(contributions: Sequence[Contribution]) -> tuple[Contribution, ...]:
    """The same with equal weights: the rule is a conjunction, each part is as necessary as the other."""
    return tuple(replace(c, weight=1.0 / len(contributions)) for c in contributions)


def _facts(status: Status) -> dict[str, float | str]:
    said = {name: status.value(name) for name in ("floor", "fault_code")}
    return {name: value for name, value in said.items() if value is not None}
