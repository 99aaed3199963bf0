"""Incidents: what happens to an elevator that is no ordinary trip, each with its true label."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from device_simulators.calendar import MINUTE_US, SECOND_US
from device_simulators.labels import Label, Truth

Change = tuple[int, dict[str, float]]
"""A time in microseconds, and the status items that change then."""

# Codes of the deployed vendor table (DOMAIN 2.1; `fault_code_table` in community.toml): at a floor, between floors.
_TRAPPED_LEVEL = 7
_TRAPPED_BETWEEN = 8
_STILL = {"car_running": 0, "car_direction": 0, "car_speed_m_s": 0.0}
_INSPECTION = 2
_NORMAL = 1


class Incident(Protocol):
    """Something that interrupts ordinary life; the car is at a floor, empty and closed, before and after it."""

    @property
    def at_us(self) -> int:
        """When it begins."""
        ...

    @property
    def duration_s(self) -> float:
        """How long it lasts."""
        ...

    @property
    def carries(self) -> bool:
        """Whether a passenger is aboard when it begins."""
        ...

    def changes(self) -> Iterator[Change]:
        """Its course, ascending, from `at_us` until the car is ready again."""
        ...

    def label(self, asset: str) -> Label:
        """The truth about it."""
        ...


@dataclass(frozen=True, slots=True)
class Entrapment:
    """Somebody is locked in.

    Attributes:
        at_us: When the car stops for good.
        duration_s: Until the crew opens the door.
        silent: The controller sends no fault code and nobody presses the button: only sensors tell.
        level: The car stands at a floor, its door jammed, else between floors.
        severity: 0 to 1, for the label.
    """

    at_us: int
    duration_s: float
    silent: bool = False
    level: bool = False
    severity: float = 1.0
    carries: bool = True

    def changes(self) -> Iterator[Change]:
        """Stops; code and button unless silent; the person is not always seen; then freed at a floor."""
        code = {} if self.silent else {"fault_code": _TRAPPED_LEVEL if self.level else _TRAPPED_BETWEEN}
        yield self.at_us, {**_STILL, "door_zone": int(self.level), "person_present": 1, **code}
        freed_us = self.at_us + round(self.duration_s * SECOND_US)
        press_us, release_us = self.at_us + 25 * SECOND_US, self.at_us + 32 * SECOND_US
        if not self.silent and release_us < freed_us:
            yield press_us, {"alarm_button": 1, "person_present": 1}
            yield release_us, {"alarm_button": 0}
        # Somebody who sits still is lost by the detector again and again (DOMAIN 2.3).
        lost_us = self.at_us + 70 * SECOND_US
        while lost_us + 40 * SECOND_US < freed_us:
            yield lost_us, {"person_present": 0}
            yield lost_us + 35 * SECOND_US, {"person_present": 1}
            lost_us += 130 * SECOND_US
        yield freed_us, {"door_zone": 1, "door_closed": 0, "fault_code": 0, "person_present": 1}
        yield freed_us + 20 * SECOND_US, {"person_present": 0}
        yield freed_us + 60 * SECOND_US, {"door_closed": 1}

    def label(self, asset: str) -> Label:
        """Due at once with a code, else after the timer of DOMAIN 2.3 (60 s between floors, 90 s at one)."""
        timer_s = (90 if self.level else 60) if self.silent else 0
        until_us = self.at_us + (timer_s + 60) * SECOND_US
        note = (
            f"{'silent' if self.silent else 'reported'} entrapment {'at a floor' if self.level else 'between floors'}"
        )
        times = (self.at_us, self.at_us, self.at_us, until_us)
        return Label(asset, "elevator.entrapment", Truth.FAULT, *times, self.severity, note)


@dataclass(frozen=True, slots=True)
class Inspection:
    """A mechanic rides the car in inspection mode and stops it between floors with the door closed."""

    at_us: int
    duration_s: float
    carries: bool = False

    def changes(self) -> Iterator[Change]:
        """Mode, a crawl off the floor, a long stand, and back."""
        end_us = self.at_us + round(self.duration_s * SECOND_US)
        yield self.at_us, {"service_mode": _INSPECTION}
        yield self.at_us + 30 * SECOND_US, {"door_closed": 0, "person_present": 1}
        yield self.at_us + 50 * SECOND_US, {"door_closed": 1}
        crawl_us = self.at_us + 70 * SECOND_US
        yield crawl_us, {"car_running": 1, "car_direction": 1, "car_speed_m_s": 0.3, "door_zone": 0}
        yield crawl_us + 8 * SECOND_US, _STILL
        yield end_us - 90 * SECOND_US, {"car_running": 1, "car_direction": 2, "car_speed_m_s": -0.3}
        yield end_us - 82 * SECOND_US, {**_STILL, "door_zone": 1}
        yield end_us - 70 * SECOND_US, {"door_closed": 0}
        yield end_us - 40 * SECOND_US, {"person_present": 0, "door_closed": 1}
        yield end_us, {"service_mode": _NORMAL}

    def label(self, asset: str) -> Label:
        """A look-alike: stopped between floors, closed, somebody inside, and all is well."""
        return _lookalike(asset, self.at_us, self.duration_s, "inspection between floors")


@dataclass(frozen=True, slots=True)
class BriefStop:
    """The supply dips: the car stops between floors with a passenger and goes on by itself.

    Attributes:
        at_us: When it stops.
        duration_s: Until it goes on.
        code: What the controller reports meanwhile, of the vendor's table; 0 is nothing, 9 that power is lost.
        carries: A passenger is aboard.
    """

    at_us: int
    duration_s: float = 25.0
    code: int = 0
    carries: bool = True

    def changes(self) -> Iterator[Change]:
        """A stand shorter than any timer, then the rest of the trip."""
        on_us = self.at_us + round(self.duration_s * SECOND_US)
        yield self.at_us, {**_STILL, "fault_code": self.code}
        yield on_us, {"car_running": 1, "car_direction": 1, "car_speed_m_s": 1.0, "fault_code": 0}
        yield on_us + 6 * SECOND_US, {**_STILL, "door_zone": 1}
        yield on_us + 8 * SECOND_US, {"door_closed": 0}
        yield on_us + 12 * SECOND_US, {"person_present": 0}
        yield on_us + 16 * SECOND_US, {"door_closed": 1}

    def label(self, asset: str) -> Label:
        """A look-alike: too short to be one."""
        return _lookalike(asset, self.at_us, self.duration_s, "brief stop between floors")


@dataclass(frozen=True, slots=True)
class Lingering:
    """Somebody stands in the closed car at a floor for a while, then presses a button; the door opens."""

    at_us: int
    duration_s: float = 45.0
    carries: bool = True

    def changes(self) -> Iterator[Change]:
        """A stand at a floor shorter than the timer of 90 s."""
        open_us = self.at_us + round(self.duration_s * SECOND_US)
        yield self.at_us, {**_STILL, "door_zone": 1}
        yield open_us, {"door_closed": 0}
        yield open_us + 6 * SECOND_US, {"person_present": 0}
        yield open_us + 10 * SECOND_US, {"door_closed": 1}

    def label(self, asset: str) -> Label:
        """A look-alike: free to leave."""
        return _lookalike(asset, self.at_us, self.duration_s, "a passenger who lingers")


@dataclass(frozen=True, slots=True)
class ReportedFault:
    """The controller takes the empty car out of service at a floor and says why.

    Attributes:
        at_us: When the code comes.
        duration_s: Until somebody has seen to it.
        code: Of the vendor's table (DOMAIN 2.1).
        failure_mode: What the code means.
        severity: 0 to 1, for the label.
    """

    at_us: int
    duration_s: float
    code: int
    failure_mode: str
    severity: float = 1.0
    carries: bool = False

    def changes(self) -> Iterator[Change]:
        """The code, for as long as it lasts."""
        yield self.at_us, {**_STILL, "door_zone": 1, "door_closed": 1, "person_present": 0, "fault_code": self.code}
        yield self.at_us + round(self.duration_s * SECOND_US), {"fault_code": 0}

    def label(self, asset: str) -> Label:
        """Due at once."""
        times = (self.at_us, self.at_us, self.at_us, self.at_us + 10 * MINUTE_US)
        return Label(asset, self.failure_mode, Truth.FAULT, *times, self.severity, f"fault code {self.code}")


@dataclass(frozen=True, slots=True)
class HeldDoor:
    """A door that stands open: nobody is there, or a removal man who holds it.

    Attributes:
        at_us: When it opens.
        duration_s: Until it closes.
        attended: Somebody is seen in the doorway.
    """

    at_us: int
    duration_s: float
    attended: bool
    carries: bool = False

    def changes(self) -> Iterator[Change]:
        """Open, still open every minute, closed."""
        yield self.at_us, {**_STILL, "door_zone": 1, "door_closed": 0, "person_present": int(self.attended)}
        minute_us = self.at_us + MINUTE_US
        while minute_us < self.at_us + self.duration_s * SECOND_US:
            yield minute_us, {"door_closed": 0, "person_present": int(self.attended)}
            minute_us += MINUTE_US
        yield self.at_us + round(self.duration_s * SECOND_US), {"door_closed": 1, "person_present": 0}

    def label(self, asset: str) -> Label:
        """A fault after 120 s (DOMAIN 2.3) if nobody holds it."""
        end_us = self.at_us + round(self.duration_s * SECOND_US) + MINUTE_US
        truth = Truth.LOOKALIKE if self.attended else Truth.FAULT
        note = "a removal man holds the door" if self.attended else "a door that stays open"
        return Label(asset, "elevator.door", truth, self.at_us, None, self.at_us, end_us, 0.5, note)


def _lookalike(asset: str, at_us: int, duration_s: float, note: str) -> Label:
    end_us = at_us + round(duration_s * SECOND_US) + 2 * MINUTE_US
    return Label(asset, "elevator.entrapment", Truth.LOOKALIKE, at_us, None, at_us, end_us, 0.0, note)
