"""Elevator speeds: a car that runs too fast, and what only looks like one, each with its true label."""

from collections.abc import Iterator
from dataclasses import dataclass

from device_simulators.calendar import MINUTE_US, SECOND_US
from device_simulators.incidents import Change
from device_simulators.labels import Label, Truth

_RATED_M_S = 1.75
_OVERSPEED_CODE = 3
_OVER_TRAVEL_CODE = 1
_INSPECTION, _NORMAL = 2, 1
_EVERY_US = SECOND_US // 2  # DOMAIN 2.3: six samples in a rule, of a box at 2 Hz
_STILL = {"car_running": 0, "car_direction": 0, "car_speed_m_s": 0.0}


@dataclass(frozen=True, slots=True)
class Overspeed:
    """A car that gets too fast with a passenger aboard, and is caught at a floor.

    Attributes:
        at_us: When it begins to be too fast.
        duration_s: Until it is slow again.
        severity: 0 to 1: 1.18 times the rated speed (the governor trips from 1.15 on, DOMAIN 2.2) to 1.4.
        carries: A passenger is aboard.
    """

    at_us: int
    duration_s: float = 6.0
    severity: float = 0.5
    carries: bool = True

    def changes(self) -> Iterator[Change]:
        """Two words a second on its speed, then a stop at a floor; the passenger leaves."""
        ratio = 1.18 + 0.22 * self.severity
        yield from _fast(self.at_us, self.duration_s, ratio * _RATED_M_S)
        yield from _arrival(self.at_us + round(self.duration_s * SECOND_US))

    def label(self, asset: str) -> Label:
        """Due once it has lasted for some seconds."""
        times = (self.at_us, self.at_us, self.at_us, self.at_us + 5 * MINUTE_US)
        return Label(asset, "elevator.brake", Truth.FAULT, *times, self.severity, "the car runs too fast")


@dataclass(frozen=True, slots=True)
class SpeedSpike:
    """An encoder that slips for a second: a speed that no car reaches, and none before or after it."""

    at_us: int
    duration_s: float = 1.0
    carries: bool = True

    def changes(self) -> Iterator[Change]:
        """Two words on a speed that is not true, then the rest of the trip."""
        yield from _fast(self.at_us, self.duration_s, 1.3 * _RATED_M_S)
        yield self.at_us + round(self.duration_s * SECOND_US), {"car_speed_m_s": _RATED_M_S}
        yield from _arrival(self.at_us + 4 * SECOND_US)

    def label(self, asset: str) -> Label:
        """A look-alike: too short to be one."""
        return _lookalike(asset, "elevator.brake", self.at_us, self.duration_s, "an encoder that slips")


@dataclass(frozen=True, slots=True)
class SafetyTest:
    """A mechanic makes the governor trip and drives onto the limit switch, in inspection mode, and sees the codes."""

    at_us: int
    duration_s: float = 900.0
    carries: bool = False

    def changes(self) -> Iterator[Change]:
        """Inspection, an overspeed with its code, an over-travel with its code, and back."""
        end_us = self.at_us + round(self.duration_s * SECOND_US)
        fast_us, over_us = self.at_us + 120 * SECOND_US, self.at_us + 400 * SECOND_US
        yield self.at_us, {"service_mode": _INSPECTION}
        yield fast_us, {"car_running": 1, "car_direction": 2, "door_zone": 0}
        yield from _fast(fast_us + SECOND_US, 5.0, 1.25 * _RATED_M_S)
        yield fast_us + 6 * SECOND_US, {**_STILL, "fault_code": _OVERSPEED_CODE}
        yield fast_us + 120 * SECOND_US, {"fault_code": 0}
        yield over_us, {**_STILL, "fault_code": _OVER_TRAVEL_CODE}
        yield over_us + 120 * SECOND_US, {"fault_code": 0}
        yield end_us - 60 * SECOND_US, {**_STILL, "door_zone": 1}
        yield end_us, {"service_mode": _NORMAL}

    def label(self, asset: str) -> Label:
        """A look-alike: all of it is meant."""
        return _lookalike(asset, "elevator.brake", self.at_us, self.duration_s, "governor and limit switch are tested")


def _fast(at_us: int, duration_s: float, top_m_s: float) -> Iterator[Change]:
    """Speeds about the top, two a second, no two alike."""
    for number in range(round(duration_s * SECOND_US / _EVERY_US)):
        yield at_us + number * _EVERY_US, {"car_speed_m_s": round(top_m_s * (1.0 + 0.004 * (number % 3)), 3)}


def _arrival(at_us: int) -> Iterator[Change]:
    yield at_us, {**_STILL, "door_zone": 1}
    yield at_us + 2 * SECOND_US, {"door_closed": 0}
    yield at_us + 6 * SECOND_US, {"person_present": 0}
    yield at_us + 10 * SECOND_US, {"door_closed": 1}


def _lookalike(asset: str, failure_mode: str, at_us: int, duration_s: float, note: str) -> Label:
    end_us = at_us + round(duration_s * SECOND_US) + 2 * MINUTE_US
    return Label(asset, failure_mode, Truth.LOOKALIKE, at_us, None, at_us, end_us, 0.0, note)
