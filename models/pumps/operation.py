"""Operation: what a pump's devices said moment by moment, and for how long the pump has been turning then."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from models.detector import State
from models.words import Words

_STANDSTILL_RPM = 60.0
_IDLE_A = 0.5
_STILL_MM_S = 0.1  # chosen by: what other pumps shake through the floor of the simulated community is 0.04 mm/s
_FRESH_US = 15 * 60_000_000
_BAND_RATIO = 1.1  # Source: DOMAIN 3, compare only within +-5 % of speed

VELOCITY, SPEED, CURRENT, RUNNING = "velocity_rms_mm_s", "speed_rpm", "current_a", "pump_running"
PHASES = ("current_l1_a", "current_l2_a", "current_l3_a")


@dataclass(frozen=True, slots=True)
class Moment:
    """What was said at one moment.

    Attributes:
        at_us: Device time.
        values: By metric; of several sensors of one metric the highest counts.
        rpm: Speed, of now or a short while ago, or None.
        turns: Whether the pump turns; None if nothing tells.
        ran_us: For how long it has been turning without a pause that was seen; 0 when it does not.
        passed_us: Since the moment before; 0 at the first.
    """

    at_us: int
    values: Mapping[str, float]
    rpm: float | None
    turns: bool | None
    ran_us: int
    passed_us: int = 0

    @property
    def band(self) -> str:
        """Which speeds it may be compared with: bands of +-5 %."""
        return "any" if self.rpm is None else str(round(math.log(self.rpm / 1000.0) / math.log(_BAND_RATIO)))

    @property
    def current_a(self) -> float | None:
        """The current, or the mean of the phases where only they are told; None if nothing is."""
        if CURRENT in self.values:
            return self.values[CURRENT]
        phases = self.phases_a
        return sum(phases) / len(phases) if phases else None

    @property
    def phases_a(self) -> tuple[float, ...]:
        """The currents of all three phases; empty unless all are told."""
        told = tuple(self.values[name] for name in PHASES if name in self.values)
        return told if len(told) == len(PHASES) else ()


def moments(state: State, words: Words) -> Iterator[Moment]:
    """The moments of which a pump's devices spoke, ascending.

    Args:
        state: JSON dict, changed: `heard_us`, `running_since_us` while it runs, and while it is fresh the last speed
            (`rpm`, and `rpm_us` if that was not at `heard_us`).
        words: Of one pump.
    """
    for at_us, values in _by_moment(words).items():
        rpm = _speed(state, at_us, values)
        passed_us = at_us - state.get("heard_us", at_us)
        if passed_us > _FRESH_US:
            state.pop("running_since_us", None)
        state["heard_us"] = at_us
        turns = _turns(values, rpm)
        if turns:
            state.setdefault("running_since_us", at_us)
        elif turns is not None:
            state.pop("running_since_us", None)
        since_us = state.get("running_since_us")
        yield Moment(at_us, values, rpm, turns, 0 if since_us is None else at_us - since_us, passed_us)


def _speed(state: State, at_us: int, values: Mapping[str, float]) -> float | None:
    """The speed of now or a short while ago, which is kept; None if there is none. `heard_us` is still of before."""
    if SPEED in values:
        state["rpm"] = values[SPEED]
        state.pop("rpm_us", None)
    elif "rpm" in state:
        state.setdefault("rpm_us", state["heard_us"])
        if at_us - int(state["rpm_us"]) > _FRESH_US:
            del state["rpm"], state["rpm_us"]
    rpm: float | None = state.get("rpm")
    return rpm


def _by_moment(words: Words) -> Mapping[int, dict[str, float]]:
    found: dict[int, dict[str, float]] = {}
    for at_us, _, values in words.said:
        before = found.get(at_us)
        # Of several sensors of one metric the highest counts.
        found[at_us] = (
            values if before is None else {**before, **{m: max(v, before.get(m, v)) for m, v in values.items()}}
        )
    return found


def _turns(values: Mapping[str, float], rpm: float | None) -> bool | None:
    """Whether the pump turns, by the best sign there is; None if this moment says nothing about it."""
    if rpm is not None:
        return rpm > _STANDSTILL_RPM
    if RUNNING in values:
        return values[RUNNING] > 0.0
    drawn = [values[name] for name in (CURRENT, *PHASES) if name in values]
    if drawn:
        return max(drawn) > _IDLE_A
    return values[VELOCITY] > _STILL_MM_S if VELOCITY in values else None
