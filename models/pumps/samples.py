"""Pump samples: what a pump's monitor said at one moment, and whether the pump ran steadily then."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from models.detector import State
from models.windows import Window

_STANDSTILL_RPM = 60.0
_IDLE_A = 0.5
_STILL_MM_S = 0.1  # chosen by: what other pumps shake through the floor of the simulated community is 0.04 mm/s
_FRESH_US = 15 * 60_000_000
_BAND_RATIO = 1.1  # Source: DOMAIN 3, compare only within +-5 % of speed

_VELOCITY, _SPEED, _CURRENT = "velocity_rms_mm_s", "speed_rpm", "current_a"


@dataclass(frozen=True, slots=True)
class PumpSample:
    """One moment of a pump that has been running steadily.

    Attributes:
        at_us: Device time.
        velocity: mm/s.
        band: Which speeds it may be compared with.
        envelope: m/s2, or None if not sent.
        kurtosis: Or None if not sent.
    """

    at_us: int
    velocity: float
    band: str
    envelope: float | None
    kurtosis: float | None


def steady_samples(state: State, window: Window, settle_us: float) -> Iterator[PumpSample]:
    """The samples of a window that may be judged, ascending; `state` keeps since when the pump runs.

    Args:
        state: JSON dict, changed: `heard_us`, `running_since_us` and the last speed.
        window: Of one pump; of several sensors at the same moment the worst counts.
        settle_us: How long a pump must have run, microseconds.
    """
    for at_us, values in _moments(window).items():
        if _SPEED in values:
            state.update(rpm=values[_SPEED], rpm_us=at_us)
        if at_us - state.get("heard_us", at_us) > _FRESH_US:
            state["running_since_us"] = None
        state["heard_us"] = at_us
        rpm = state["rpm"] if at_us - state.get("rpm_us", -math.inf) <= _FRESH_US else None
        running = _runs(values, rpm)
        if running is None:
            continue
        if not running:
            state["running_since_us"] = None
            continue
        if state.get("running_since_us") is None:
            state["running_since_us"] = at_us
        if at_us - state["running_since_us"] <= settle_us or values.get(_VELOCITY, 0.0) <= 0.0:
            continue
        envelope, kurtosis = values.get("envelope_rms_m_s2"), values.get("kurtosis")
        yield PumpSample(at_us, values[_VELOCITY], _band(rpm), envelope, kurtosis)


def _moments(window: Window) -> dict[int, dict[str, float]]:
    moments: dict[int, dict[str, float]] = {}
    for reading in window.readings:
        values = moments.setdefault(reading.at_us, {})
        values[reading.metric] = max(reading.value, values.get(reading.metric, reading.value))
    return moments


def _runs(values: Mapping[str, float], rpm: float | None) -> bool | None:
    """Whether the pump turns, by the best sign there is; None if this moment says nothing about it."""
    if rpm is not None:
        return rpm > _STANDSTILL_RPM
    if _CURRENT in values:
        return values[_CURRENT] > _IDLE_A
    return values[_VELOCITY] > _STILL_MM_S if _VELOCITY in values else None


def _band(rpm: float | None) -> str:
    return "any" if rpm is None else str(round(math.log(rpm / 1000.0) / math.log(_BAND_RATIO)))
