"""Elevator stops: a car that stops between floors again and again, or finds no floor, and what resembles them."""

from collections.abc import Iterator
from dataclasses import dataclass

from device_simulators.calendar import HOUR_US, MINUTE_US, SECOND_US
from device_simulators.incidents import BriefStop, Change, Incident
from device_simulators.labels import Label, Truth

_SPEED_M_S = 1.75
_TELLING = 3
"""From the third stop within a day on an order is due."""
_POWER_LOST = 9
_STORM = ((0.0, _POWER_LOST), (0.6, 0), (1.5, _POWER_LOST), (2.6, 0), (3.8, _POWER_LOST))
"""Hours after the first dip of the supply, and the vendor's code."""


@dataclass(frozen=True, slots=True)
class SuddenStop:
    """The stop from which on a loose contact of the safety chain is due an order: the car stops, and goes on.

    Attributes:
        at_us: When it stops.
        since_us: When it stopped first.
        until_us: Until when the order is due.
        severity: 0 to 1: three stops a day to nine.
        duration_s: Until the contact is closed again.
        carries: A passenger is aboard.
    """

    at_us: int
    since_us: int
    until_us: int
    severity: float
    duration_s: float = 8.0
    carries: bool = True

    def changes(self) -> Iterator[Change]:
        """As of every brief stop."""
        yield from BriefStop(self.at_us, self.duration_s).changes()

    def label(self, asset: str) -> Label:
        """Due once the car has gone on."""
        times = (self.since_us, self.at_us, self.at_us, self.until_us)
        return Label(asset, "elevator.brake", Truth.FAULT, *times, self.severity, "the safety chain opens in full ride")


def sudden_stops(first_us: int, severity: float) -> list[Incident]:
    """A day of a loose contact: three stops some hours apart if mild, to nine if gross; the third is due an order."""
    count = _TELLING + round(6 * severity)
    every_us, until_us = 8 * HOUR_US // count, first_us + 24 * HOUR_US
    stops: list[Incident] = [BriefStop(first_us + n * every_us, 8.0) for n in range(count)]
    telling_us = stops[_TELLING - 1].at_us
    stops[_TELLING - 1] = SuddenStop(telling_us, first_us, until_us, severity)
    return stops


def stormy_day(first_us: int) -> list[Incident]:
    """A look-alike: power is lost three times, as the controller says, and twice for so short that it says nothing."""
    return [BriefStop(first_us + round(hour * HOUR_US), 12.0, code) for hour, code in _STORM]


@dataclass(frozen=True, slots=True)
class RunsEmpty:
    """A car that has lost its floors: it runs from end to end, stands for some seconds, and never opens its door.

    Attributes:
        at_us: When it begins.
        duration_s: Until somebody resets it.
        severity: 0 to 1, for the label.
        stands_s: How long it stands between two runs; from 30 s on it only waits for calls (DOMAIN 2.3).
        carries: Nobody is aboard.
    """

    at_us: int
    duration_s: float = 2_400.0
    severity: float = 0.5
    stands_s: float = 9.0
    carries: bool = False

    def changes(self) -> Iterator[Change]:
        """Runs of 40 s, up and down in turn, with the door closed."""
        at_us, end_us, number = self.at_us, self.at_us + round(self.duration_s * SECOND_US), 0
        while at_us < end_us:
            way = {"car_direction": 2 - number % 2, "car_speed_m_s": _SPEED_M_S * (-1) ** number}
            yield at_us, {"car_running": 1, "door_zone": 0, "door_closed": 1, **way}
            there_us = at_us + 40 * SECOND_US
            yield there_us, {"car_running": 0, "car_direction": 0, "car_speed_m_s": 0.0, "door_zone": 1}
            at_us, number = there_us + round(self.stands_s * SECOND_US), number + 1

    def label(self, asset: str) -> Label:
        """A fault after 15 min (DOMAIN 2.3), unless it waits between its runs."""
        end_us = self.at_us + round(self.duration_s * SECOND_US) + 2 * MINUTE_US
        waits = self.stands_s >= 30.0  # noqa: PLR2004 -- DOMAIN's
        truth = Truth.LOOKALIKE if waits else Truth.FAULT
        note = "an empty car is sent from floor to floor" if waits else "a car that finds no floor"
        return Label(asset, "elevator.levelling", truth, self.at_us, None, self.at_us, end_us, self.severity, note)
