"""Elevator: a car that carries people about, with a gateway that reports its status on change and by heartbeat."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from device_simulators.calendar import DAY_US, SECOND_US, day_of, is_weekend, local_days, stream
from device_simulators.elevator_machine import Machine, Trip
from device_simulators.incidents import Change, Incident
from device_simulators.message import Message
from ingest.formats.precomplaint import Sample, encode_telemetry
from ingest.topics import telemetry_topic

_IDLE_EVERY_US = 300 * SECOND_US
_ALERT_EVERY_US = 15 * SECOND_US
_ALERT_AFTER_US = 30 * SECOND_US
_FLOOR_HEIGHT_M = 2.9
_SPEED_M_S = 1.75
_ACCELERATION_M_S2 = 0.8  # DOMAIN 2.4: 0.5 to 1.0
_PREFACE_US = 20 * SECOND_US
_FLOORS_RIDDEN = 4

# Trips by local hour, as shares of the day; chosen by the rush to work and school, and the way back.
_WEEKDAY = (0.5, 0.3, 0.2, 0.2, 0.4, 1.5, 5, 10, 8, 5, 4, 5, 5.5, 4, 3.5, 4, 5, 8, 9, 7, 6, 4.5, 2.5, 1.2)
_WEEKEND = (0.8, 0.5, 0.3, 0.2, 0.3, 0.8, 2, 4, 6, 7, 7, 7, 6.5, 5, 5, 5.5, 6, 7, 7, 6.5, 5.5, 4.5, 3, 1.8)


@dataclass(frozen=True, slots=True)
class Elevator:
    """One elevator and its gateway.

    Attributes:
        site: The site's id.
        asset: The elevator's id; its device is `{asset}-gateway`.
        seed: Of its dice.
        floors: Top floor; the bottom one is 1.
        trips_a_day: Expected trips on a day.
        incidents: What happens to it, ascending and apart by minutes.
        machine: What its gateway measures of every trip, or None if it only tells its status.
    """

    site: str
    asset: str
    seed: int
    floors: int = 18
    trips_a_day: float = 85.0
    incidents: Sequence[Incident] = ()
    machine: Machine | None = None

    def messages(self, start_us: int, end_us: int) -> Iterator[Message]:
        """The gateway: the whole status at first, then what changes when it changes, and the whole by heartbeat.

        A heartbeat comes after five minutes without news, and every 15 s once somebody has been in the closed,
        standing car for half a minute or a fault is reported.
        """
        gateway = _Gateway(self.site, f"{self.asset}-gateway")
        yield gateway.whole(start_us)
        for at_us, items in self._life(start_us, end_us):
            yield from gateway.heartbeats(min(at_us, end_us))
            if at_us >= end_us:
                return
            if news := gateway.changed(at_us, items):
                yield news
        yield from gateway.heartbeats(end_us)

    def _life(self, start_us: int, end_us: int) -> Iterator[Change]:
        """Trips and incidents one after the other; a trip that would run into an incident does not take place."""
        waiting = [i for i in self.incidents if i.at_us - _PREFACE_US >= start_us]
        free_us, floor, trips = start_us + SECOND_US, 1, 0
        for calls_us in self._calls(start_us, end_us):
            for call_us in calls_us.tolist():
                while waiting and waiting[0].at_us - _PREFACE_US <= call_us:
                    course, floor = with_preface(waiting.pop(0), floor)
                    yield from course
                    free_us = course[-1][0] + SECOND_US
                if call_us < free_us:
                    continue
                course, target = self._trip(call_us, floor, trips)
                if waiting and course[-1][0] >= waiting[0].at_us - _PREFACE_US:
                    continue
                yield from course
                floor, trips, free_us = target, trips + 1, course[-1][0] + SECOND_US
        for incident in waiting:
            course, floor = with_preface(incident, floor)
            yield from course

    def _calls(self, start_us: int, end_us: int) -> Iterator[np.ndarray[tuple[int], np.dtype[np.int64]]]:
        """Per day the times at which somebody calls: Poisson, with a rate for each hour."""
        for midnight_us in local_days(start_us, end_us):
            dice = stream(self.seed, self.asset, day_of(midnight_us))
            shares = np.array(_WEEKEND if is_weekend(midnight_us) else _WEEKDAY)
            count = dice.poisson(self.trips_a_day)
            hours = dice.choice(24, count, p=shares / shares.sum()) + dice.random(count)
            calls = midnight_us + np.sort(hours * DAY_US / 24).astype(np.int64)
            yield calls[(calls > start_us) & (calls < end_us)]

    def _trip(self, call_us: int, floor: int, number: int) -> tuple[list[Change], int]:
        """One passenger's trip: the car comes if it is elsewhere, the door opens and closes, it goes, and again."""
        dice = stream(self.seed, f"{self.asset}-trip", call_us)
        other = int(dice.integers(2, self.floors + 1))
        origin, target = (1, other) if dice.random() < 0.5 else (other, 1)  # noqa: PLR2004 -- half of them go up
        course: list[Change] = []
        at_us = call_us
        if origin != floor:
            at_us = _ride(course, at_us, floor, origin)
        dwell_us = round(dice.uniform(3.5, 9.0) * SECOND_US)
        course.append((at_us + 2 * SECOND_US, {"door_closed": 0}))
        course.append((at_us + 4 * SECOND_US, {"person_present": 1}))
        at_us += 4 * SECOND_US + dwell_us
        course.append((at_us, {"door_closed": 1}))
        at_us = _ride(course, at_us + SECOND_US, origin, target)
        course.append((at_us + 2 * SECOND_US, {"door_closed": 0}))
        course.append((at_us + 2 * SECOND_US + dwell_us, {"door_closed": 1, "person_present": 0}))
        course[-1][1]["trips_total"] = 100_000 + number + 1
        if self.machine is not None:
            load = float(round(min(110.0, dice.gamma(2.0, 9.0))))
            measured = self.machine.measured(Trip(course[-1][0], target, target > origin, load, number + 1))
            course.append((course[-1][0] + SECOND_US, measured))
        return course, target


def with_preface(incident: Incident, floor: int) -> tuple[list[Change], int]:
    """What led to it, and it, and the floor after: a passenger steps in and is carried off, unless nobody is aboard."""
    if not incident.carries:
        return list(incident.changes()), floor
    begin_us = incident.at_us - _PREFACE_US
    up = floor <= _FLOORS_RIDDEN
    reached = floor + (_FLOORS_RIDDEN if up else -_FLOORS_RIDDEN)
    moving: dict[str, float] = {"car_running": 1, "car_direction": 1 if up else 2, "door_zone": 0}
    course: list[Change] = [
        (begin_us, {"door_closed": 0}),
        (begin_us + 3 * SECOND_US, {"person_present": 1}),
        (begin_us + 8 * SECOND_US, {"door_closed": 1}),
        (begin_us + 10 * SECOND_US, {**moving, "car_speed_m_s": _SPEED_M_S if up else -_SPEED_M_S}),
        (begin_us + 18 * SECOND_US, {"floor": reached}),
    ]
    return course + list(incident.changes()), reached


def _ride(course: list[Change], at_us: int, floor: int, target: int) -> int:
    """Append the ride from floor to floor; returns when the car has arrived.

    Half a second after the start it has left the door zone; travel time follows from distance, speed and acceleration.
    """
    up = target > floor
    speed = _SPEED_M_S if up else -_SPEED_M_S
    away = {"car_running": 1, "car_direction": 1 if up else 2, "car_speed_m_s": speed, "door_zone": 0}
    course.append((at_us + SECOND_US, dict[str, float](away)))
    distance_m = abs(target - floor) * _FLOOR_HEIGHT_M
    seconds = distance_m / _SPEED_M_S + _SPEED_M_S / _ACCELERATION_M_S2
    arrived_us = at_us + round(seconds * SECOND_US)
    there = {"car_running": 0, "car_direction": 0, "car_speed_m_s": 0.0, "door_zone": 1, "floor": target}
    course.append((arrived_us, dict[str, float](there)))
    return arrived_us


class _Gateway:
    """What the gateway knows of the car, and when it last spoke."""

    def __init__(self, site: str, device: str) -> None:
        self._device = device
        self._topic = telemetry_topic(site, device)
        self._last_us = 0
        self._stood_since_us = 0
        self._status: dict[str, float] = {
            "service_mode": 1,
            "car_running": 0,
            "car_direction": 0,
            "door_zone": 1,
            "door_closed": 1,
            "person_present": 0,
            "alarm_button": 0,
            "floor": 1,
            "car_speed_m_s": 0.0,
            "fault_code": 0,
            "trips_total": 100_000,
        }

    def whole(self, at_us: int) -> Message:
        """Everything."""
        return self._say(at_us, self._status)

    def changed(self, at_us: int, items: dict[str, float]) -> Message | None:
        """What is new; everything if a fault or the alarm comes or goes: then a receiver wants the whole picture.

        What is measured of a trip is said as it is.
        """
        if not items.keys() <= self._status.keys():
            return self._say(at_us, items)
        news = {name: value for name, value in items.items() if self._status[name] != value}
        if not news:
            return None
        self._status.update(news)
        if not news.keys().isdisjoint(("car_running", "door_closed")):
            self._stood_since_us = at_us
        return self._say(
            at_us, news if news.keys().isdisjoint(("fault_code", "alarm_button", "service_mode")) else self._status
        )

    def heartbeats(self, until_us: int) -> Iterator[Message]:
        """The whole status at every heartbeat before `until_us`."""
        while (due_us := self._due_us()) < until_us:
            yield self.whole(due_us)

    def _due_us(self) -> int:
        if self._status["fault_code"]:
            return self._last_us + _ALERT_EVERY_US
        locked = self._status["door_closed"] and not self._status["car_running"]
        if locked and (self._status["person_present"] or not self._status["door_zone"]):
            return max(self._last_us + _ALERT_EVERY_US, self._stood_since_us + _ALERT_AFTER_US)
        return self._last_us + _IDLE_EVERY_US

    def _say(self, at_us: int, items: dict[str, float]) -> Message:
        self._last_us = at_us
        return Message(self._topic, encode_telemetry(self._device, [Sample(at_us, items)]), at_us)
