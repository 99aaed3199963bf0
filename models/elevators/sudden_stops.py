"""Sudden stops: how often of late a car stopped from full speed between floors, door closed, and then went on."""

from collections.abc import Mapping

from models.detector import State
from models.elevators.conditions import VALID_US
from models.elevators.watch import HOUR_US, SECOND_US, Car, Moment

_STILL_M_S = 0.1
_WITHIN_US = 3 * SECOND_US
"""From full speed to a standstill in 3 s or less. Source: DOMAIN 2.3."""
_HOLD_OFF_S = 300
"""Stops within it are one. Source: DOMAIN 2.3."""
_OF_LATE_S = 24 * HOUR_US // SECOND_US
_MOST = 10
_RATED_SHARE = 0.8  # chosen by: a car of 1 m/s never reaches DOMAIN's 1.5 m/s; 0.8 of what it is rated for it does
_POWER = frozenset({"code_power_lost", "code_emergency_power"})


def hear_stops(car: Car, moment: Moment, from_m_s: float) -> None:
    """Take in what one moment says of speed, door zone and door.

    Every car stops from full speed within three seconds at every floor, so that what DOMAIN 2.3 calls a sudden stop
    says nothing by itself. Counted are those after which the car stood outside the door zone with its door closed and
    then went on: its safety chain was open for a moment, or its brake or drive let it down. If the door opens, the car
    was at a floor whatever the zone's sensor says; one that does not go on is another failure mode's.

    Args:
        car: Its state keeps `stops_s` (when, at most 10 within a day), and of the ride in `since_us` since when the car
            is `fast`, slows (`slow`), is `outside` the zone, is `shut`, and stands (`stood`).
        moment: What was said.
        from_m_s: A stop counts from this speed on, or from 0.8 of the rated speed where that is less.
    """
    since = car.state.setdefault("since_us", {})
    _hear_doors(since, moment, car.now_us)
    if "car_speed_m_s" in moment:
        rated = car.asset.limits.get("rated_speed_m_s")
        full_m_s = min(from_m_s, _RATED_SHARE * rated) if isinstance(rated, float | int) else from_m_s
        _hear_speed(car, since, abs(moment["car_speed_m_s"]), full_m_s)
    code = car.status.fault()
    if code is not None and code.name in _POWER:
        since.pop("stood", None)


def stops_of_late(state: Mapping[str, list[int]], now_us: int) -> int:
    """How many there were within the last 24 h, at most 10."""
    return sum(at_s > now_us // SECOND_US - _OF_LATE_S for at_s in state.get("stops_s", ()))


def _hear_doors(since: State, moment: Moment, now_us: int) -> None:
    """At a floor, or with an open door, the car does not stand between floors."""
    for metric, name, away in (("door_zone", "outside", 0.0), ("door_closed", "shut", 1.0)):
        if metric not in moment:
            continue
        if moment[metric] == away:
            since.setdefault(name, now_us)
        else:
            since.pop(name, None)
            since.pop("stood", None)


def _hear_speed(car: Car, since: State, speed_m_s: float, full_m_s: float) -> None:
    if speed_m_s > _STILL_M_S and "stood" in since:
        _count(car, since.pop("stood"))
    if speed_m_s > full_m_s:
        since["fast"] = car.now_us
        since.pop("slow", None)
        return
    if since.pop("fast", None) is not None:
        since["slow"] = car.now_us
    if "slow" not in since:
        return
    if car.now_us - since["slow"] > _WITHIN_US:
        del since["slow"]
    elif speed_m_s < _STILL_M_S:
        del since["slow"]
        if {"outside", "shut"} <= since.keys():
            since["stood"] = car.now_us


def _count(car: Car, stood_us: int) -> None:
    """A stop after which the car went on; not one so long ago that what was said of it holds no more."""
    stops, now_s = car.state.get("stops_s", []), car.now_us // SECOND_US
    if car.now_us - stood_us <= VALID_US and now_s - max(stops, default=0) >= _HOLD_OFF_S:
        car.state["stops_s"] = [at_s for at_s in (*stops, now_s) if at_s > now_s - _OF_LATE_S][-_MOST:]
