"""Levelling rule: what speaks for a car that stops too high or too low, at one floor or at all of them."""

from collections.abc import Iterator, Sequence

import numpy as np

from models.detector import State
from models.elevators.conditions import Condition, lasting
from models.elevators.signs import CERTAIN, RAISE, Sign
from models.elevators.status import STATUS_METRICS
from models.elevators.watch import HOUR_US, SECOND_US, Car, Moment
from models.thresholds import Tunable

FAILURE_MODE = "elevator.levelling"


def _mm(name: str, default: float, source: str) -> Tunable:
    return Tunable(f"elevator.levelling.{name}_mm", "mm", 2.0, 50.0, default, source)


_WATCH = _mm("usual", 7.0, "DOMAIN 2.4: P3 from an EWMA of 7 mm on")
_STOP = _mm("stop", 10.0, "DOMAIN 2.2: stopping accuracy of 10 mm, EN 81-20 5.12.1.1.4")
_TRIP = _mm("worst", 20.0, "DOMAIN 2.2: levelling of 20 mm, EN 81-20; people trip")
_STOPS = Tunable("elevator.levelling.stops_count", "count", 2, 10, 3, "DOMAIN 2.4: 3 consecutive stops at one floor")
_FLOORS = Tunable("elevator.levelling.floors_count", "count", 2, 20, 3, "DOMAIN 2.4: 10 mm at 3 floors or more")
_SMOOTHING = Tunable("elevator.levelling.smoothing_share", "1", 0.01, 0.5, 0.1, "DOMAIN 2.4: EWMA(0.1)")
_LEARNING = Tunable(
    "elevator.levelling.learning_stops", "stops", 1, 100, 10, "chosen by: the first stops carry the EWMA until then"
)
_LOAD = Tunable(
    "elevator.levelling.load_percent",
    "%",
    50,
    110,
    75,
    "chosen by: ropes stretch under a full car, which re-levelling sees to; it counts for people that trip alone",
)
_OUTSIDE = Tunable(
    "elevator.levelling.outside_zone_s",
    "s",
    30,
    1800,
    120,
    "DOMAIN 2.3: 30 s; chosen by: 120, so that a car with somebody in it is an entrapment (60 s) first",
)
_EMPTY = Tunable(
    "elevator.levelling.runs_empty_s",
    "s",
    300,
    7200,
    900,
    "DOMAIN 2.3: running for more than 15 min with the door closed and nobody aboard",
)
_RUNS_ON_US = 30 * SECOND_US
"""A shorter standstill does not end a run. Source: DOMAIN 2.3, clear when still for 30 s."""
_SIZE, _WAY, _STOPPED, _OFF = range(4)
"""What is kept of a floor: the smoothed error without and with its sign, in mm, its stops, and how many in a row were
off; below zero how many were level."""
_LEVEL = 0.5
"""Share of the error at which a floor is watched, under which a stop is level. Chosen by: where stops scatter by 3 mm,
three in a row come that near once in 27,000 at a floor that is off by 9 mm, and four times in ten at a level one."""
_CLEARLY = 1.5
"""Times 20 mm that one stop of a full car must be off, else three in a row. Chosen by: if ropes give a full car 8 to 11
mm, floors are off by 1 mm and stops scatter by 3 mm, one of 1,100 such stops is past 20 mm and none past 30."""
_SAME_WAY = 0.8
"""Share of the floors that must be off the same way. Chosen by: one floor's sensor shifts one floor."""
_SAME_WAY_MM = 3.0
_WORST_SCORE = 0.95
_RECENT_US = 24 * HOUR_US


def _in_a_row(before: int, error_mm: float, stop_mm: float, watch_mm: float) -> int:
    """How many stops in a row were off, below zero how many were level."""
    if error_mm > stop_mm:
        return min(max(before, 0) + 1, 99)
    return max(min(before, 0) - 1, -99) if error_mm < _LEVEL * watch_mm else 0


class LevellingRule:
    """The smoothed error of each floor, stops in a row that are off, one that people trip over, and floors not found.

    A car that stands between floors, or runs on and on empty and never opens its door, does not find its floors.

    All floors off the same way is a rope that has stretched or an encoder, which this mode owns: `rope_wear` never
    looks at levels.
    """

    failure_mode = FAILURE_MODE
    recalls = STATUS_METRICS - {"floor"}
    acts_on = frozenset({"levelling_error_mm"})
    heeds = acts_on | {"car_load_percent"}
    tunables = (_WATCH, _STOP, _TRIP, _STOPS, _FLOORS, _SMOOTHING, _LEARNING, _LOAD, _OUTSIDE, _EMPTY)

    def hear(self, car: Car, moment: Moment) -> None:
        """See `Rule.hear`."""
        error = moment.get("levelling_error_mm")
        if error is None or "floor" not in moment:
            return
        floors: State = car.state.setdefault("floors", {})
        floor = f"{moment['floor']:g}"
        size, way, stops, off = floors.setdefault(floor, [0.0, 0.0, 0, 0])
        full = moment.get("car_load_percent", 0.0) >= car.limits[_LOAD.name]
        if self._trips_people(car, abs(error), full=full):
            car.state["trip"] = [car.now_us, error, moment["floor"]]
        if full:
            return
        stops = min(stops + 1, 1_000)
        pace = max(car.limits[_SMOOTHING.name], 1.0 / stops)
        # One stop that people trip over is told by itself; it must not make a floor bad for weeks.
        held = min(2.0 * car.limits[_STOP.name], max(-2.0 * car.limits[_STOP.name], error))
        size, way = round(size + pace * (abs(held) - size), 3), round(way + pace * (held - way), 3)
        off = _in_a_row(off, abs(error), car.limits[_STOP.name], car.limits[_WATCH.name])
        floors[floor] = [size, way, stops, off]
        if off <= -car.limits[_STOPS.name] and size >= car.limits[_WATCH.name]:
            self._repaired(floors, floor, held)

    def _trips_people(self, car: Car, error_mm: float, *, full: bool) -> bool:
        """Whether a stop is one over which people trip; under a full car, which hangs low, it must be clear."""
        over = error_mm > car.limits[_TRIP.name]
        if not full:
            return over
        in_a_row = car.state["full_off"] = min(car.state.get("full_off", 0) + 1, 99) if over else 0
        return error_mm > _CLEARLY * car.limits[_TRIP.name] or in_a_row >= car.limits[_STOPS.name]

    def _repaired(self, floors: State, floor: str, error: float) -> None:
        """Forget the error of a floor that is level again; of all of them where the rope or the encoder was at fault.

        A floor that is seldom served would take weeks to smooth off what was wrong before.
        """
        for other in list(floors) if self._cause(floors) == "levelling_same_way_mm" else [floor]:
            floors[other] = [abs(error), error, *floors[other][_STOPPED:]]

    def at_once(self, car: Car) -> Sequence[Sign]:
        """See `Rule.at_once`."""
        status = car.status
        stuck = status.outside_zone() and status.value("door_closed") == 1.0 and not status.moves(0.1)
        empty = stuck and status.value("person_present") != 1.0 and not status.alarm()
        outside = Condition("stopped_outside_zone_s", empty, car.limits[_OUTSIDE.name], 1, "door_zone")
        runs = Condition("runs_empty_s", self._runs_empty(car), car.limits[_EMPTY.name], 1, "door_closed")
        return [*lasting(car, (outside, runs)), *self._trip(car)]

    def signs(self, car: Car) -> Sequence[Sign]:
        """See `Rule.signs`."""
        return list(self._floors(car))

    def is_learning(self, car: Car) -> bool:
        """See `Rule.is_learning`."""
        floors = car.state.get("floors", {})
        return bool(floors) and not any(k[_STOPPED] >= car.limits[_LEARNING.name] for k in floors.values())

    def _runs_empty(self, car: Car) -> bool:
        """Whether the empty car runs with its door closed, or stands since less than half a minute in between."""
        since, status = car.state.setdefault("since_us", {}), car.status
        if car.now_us - since.get("still", car.now_us) >= _RUNS_ON_US:
            since.pop("runs_empty_s", None)
        if not status.moves(0.1) and "runs_empty_s" in since:
            since.setdefault("still", car.now_us)
        else:
            since.pop("still", None)
        runs = status.moves(0.1) or "still" in since
        return runs and status.value("door_closed") == 1.0 and status.value("person_present") == 0.0

    def _trip(self, car: Car) -> Iterator[Sign]:
        """One stop over which people trip, for a day."""
        at_us, error, floor = car.state.get("trip", (0, 0.0, 0.0))
        if at_us and car.now_us < at_us + _RECENT_US:
            facts = {"cause": "levelling_error_mm", "floor": floor}
            yield Sign("levelling_error_mm", _WORST_SCORE, abs(error), "mm", None, car.limits[_TRIP.name], 2, facts)

    def _floors(self, car: Car) -> Iterator[Sign]:
        """The floor that is off most; how many are off, and whether all of them the same way."""
        limits, floors = car.limits, car.state.get("floors", {})
        known = {floor: k for floor, k in floors.items() if k[_STOPPED] >= limits[_LEARNING.name]}
        if not known:
            return
        bad = [floor for floor, k in known.items() if k[_OFF] >= limits[_STOPS.name]]
        floor, worst = max(known.items(), key=lambda item: (item[0] in bad, item[1][_SIZE]))
        cause = self._cause(known)
        grown = float(np.interp(worst[_SIZE], (0.0, limits[_WATCH.name], 2 * limits[_STOP.name]), (0.0, RAISE, 0.9)))
        severity = 2 if len(bad) >= limits[_FLOORS.name] else int(bool(bad))
        score = max(grown, (0.0, 0.8, CERTAIN)[severity])
        size = worst[_SIZE]
        facts: dict[str, float | str] = {"cause": cause}
        if cause == "levelling_one_floor_mm":
            facts["floor"] = float(floor)
        limit = limits[_WATCH.name]
        if cause == "levelling_same_way_mm":
            yield Sign("levelling_same_way_mm", score, size, "mm", None, limit, severity, facts)
        else:
            yield Sign("levelling_one_floor_mm", score, size, "mm", None, limit, severity, facts)

    def _cause(self, known: State) -> str:
        """Whether the rope has stretched (all floors the same way) or one floor is at fault."""
        ways = [k[_WAY] for k in known.values()]
        up = sum(way > 0 for way in ways)
        same = max(up, len(ways) - up) >= _SAME_WAY * len(ways) and abs(float(np.median(ways))) >= _SAME_WAY_MM
        return "levelling_same_way_mm" if same and len(ways) > 1 else "levelling_one_floor_mm"
