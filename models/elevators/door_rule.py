"""Door rule: what speaks for a door that wears, that sticks, or that is open where it must not be."""

import math
from collections.abc import Sequence

from models.detector import State
from models.elevators.conditions import Condition, lasting
from models.elevators.door_witnesses import TUNABLES, WITNESSES, hear_witnesses, way, witness_signs
from models.elevators.signs import CERTAIN, RAISE, Sign
from models.elevators.trip_features import Feature, Following, follow, is_learning, trends
from models.elevators.watch import SECOND_US, Car, Moment
from models.thresholds import Tunable

FAILURE_MODE = "elevator.door"

_LATE = Tunable(
    "elevator.door.close_time_share", "1", 0.05, 1.0, 0.15, "DOMAIN 2.4: close time over 1.15 of its median"
)
_CURRENT = Tunable("elevator.door.current_share", "1", 0.05, 1.0, 0.2, "DOMAIN 2.4: door-motor current EWMA +20 %")
_REOPENS = Tunable("elevator.door.reopens_share", "1", 0.01, 0.3, 0.03, "DOMAIN 2.4: re-opens in 3 of 100 cycles")
_EVIDENCE = Tunable(
    "elevator.door.reopens_evidence",
    "1",
    3.0,
    20.0,
    9.0,
    "chosen by: CUSUM of log-likelihoods; at 1 re-open in 100 cycles one false alarm in e^9 / 0.017 = 490,000 cycles",
)
_FAILED = Tunable("elevator.door.failed_closes_count", "count", 2, 10, 3, "DOMAIN 2.4: 3 failed closes in 10 min")
_HELD = Tunable("elevator.door.held_s", "s", 30, 600, 120, "DOMAIN 2.3: door open for 120 s")
_HELD_BUSY = Tunable(
    "elevator.door.held_attended_s",
    "s",
    120,
    7200,
    1800,
    "chosen by: with somebody in the car or the doorway it is held; a removal loads a car within half an hour",
)
_OUTSIDE = Tunable("elevator.door.open_outside_s", "s", 1, 30, 2, "DOMAIN 2.3: open outside the door zone for 2 s")
_MOVING = Tunable("elevator.door.open_moving_s", "s", 0.5, 30, 2, "DOMAIN 2.3: 5 samples of motion with an open door")
_SPEED = Tunable("elevator.door.moving_m_s", "m/s", 0.1, 2.0, 0.5, "DOMAIN 2.3: abs(v) > 0.5 m/s with an open door")

_FOLLOWING = Following.of(FAILURE_MODE)
_FEATURES = (
    Feature("door_close_time_s", "s", "floor", _LATE),
    Feature("door_open_time_s", "s", "floor", _LATE),
    Feature("door_motor_current_a", "A", "floor", _CURRENT),
)
_USUAL_REOPENS = (0.005, 0.1)  # chosen by: a door that nobody runs at, and one at a school's hour
_MOST_EVIDENCE = 1.3  # chosen by: after a repair it is calm again within some 200 cycles
_MEMORY_CYCLES = 300  # chosen by: a few weeks; a rate of 1 in 100 needs hundreds of cycles
_FAILED_IN_US = 600 * SECOND_US
_TURNS = 6
_TURNS_IN_US = 20 * SECOND_US
"""Six changes of the closed contact within 20 s: three cycles at one stop. Source: DOMAIN 2.3."""


class DoorRule:
    """Trends of each landing's door, re-opens that nobody caused, failed closes, and doors open where none may be.

    Where lock or energy bear witness to wear, less of a trend is enough. A blocked doorway (where nobody measures it:
    somebody seen) explains a re-open, somebody in the car a held door.
    """

    failure_mode = FAILURE_MODE
    recalls = frozenset({"door_closed", "door_zone", "car_speed_m_s", "person_present"})
    acts_on = frozenset({"door_reopens_count"})
    heeds = frozenset({f.metric for f in (*_FEATURES, *WITNESSES)} | {"door_reopens_count", "doorway_blocked"})
    tunables = (
        _LATE,
        _CURRENT,
        _REOPENS,
        _EVIDENCE,
        _FAILED,
        _HELD,
        _HELD_BUSY,
        _OUTSIDE,
        _MOVING,
        _SPEED,
        *TUNABLES,
        *_FOLLOWING.tunables,
    )

    def hear(self, car: Car, moment: Moment) -> None:
        """See `Rule.hear`."""
        follow(car, moment, _FEATURES, _FOLLOWING)
        hear_witnesses(car, moment, _FOLLOWING)
        alone = car.status.value("person_present") == 0.0
        if "door_closed" in moment:
            self._hear_contact(car, moment["door_closed"], alone=alone)
        if "door_reopens_count" in moment:
            blocked = moment.get("doorway_blocked", car.status.value("person_present")) == 1.0
            self._hear_cycle(car, 0.0 if blocked else moment["door_reopens_count"])

    def at_once(self, car: Car) -> Sequence[Sign]:
        """See `Rule.at_once`."""
        return [*lasting(car, self._conditions(car)), *self._stuck(car)]

    def signs(self, car: Car) -> Sequence[Sign]:
        """See `Rule.signs`."""
        enough = way(car)
        return [*trends(car, _FEATURES, _FOLLOWING, enough), *self._reopening(car, enough), *witness_signs(car)]

    def is_learning(self, car: Car) -> bool:
        """See `Rule.is_learning`."""
        return is_learning(car)

    def _conditions(self, car: Car) -> Sequence[Condition]:
        status, limits = car.status, car.limits
        opened = status.value("door_closed") == 0.0
        attended = status.value("person_present") != 0.0
        held_s = limits[(_HELD_BUSY if attended else _HELD).name]
        outside = opened and status.outside_zone()
        moving = opened and abs(status.value("car_speed_m_s") or 0.0) > limits[_SPEED.name]
        return (
            Condition("door_held_open_s", opened and not outside, held_s, 1, "door_closed"),
            Condition("door_open_outside_s", outside, limits[_OUTSIDE.name], 2, "door_closed"),
            Condition("door_open_moving_s", moving, limits[_MOVING.name], 2, "door_closed"),
        )

    def _hear_contact(self, car: Car, closed: float, *, alone: bool) -> None:
        """Keep when the closed contact last changed while nobody was there."""
        turns = car.state.setdefault("turns", [])
        if car.state.get("closed") != closed:
            car.state["closed"] = closed
            turns.append(car.now_us)
            del turns[:-_TURNS]
        if not alone:
            turns.clear()

    def _hear_cycle(self, car: Car, reopens: float) -> None:
        """Count a door cycle: failed closes for the last minutes, re-opened or not for the rate."""
        state = car.state
        failed = [at for at in state.setdefault("failed_us", []) if at > car.now_us - _FAILED_IN_US]
        again = bool(failed)
        failed += [car.now_us] * min(round(reopens), 10)
        state["failed_us"] = failed
        # What blocks one close blocks the next: of several within minutes only the first is a witness.
        seen = 1.0 if reopens and not again else 0.0
        rate = state.setdefault("reopens", {"cycles": 0, "usual": 0.01, "evidence": 0.0, "of_late": 0.01})
        low, high = self._rates(car, rate)
        chance = math.log(high / low) if seen else math.log((1 - high) / (1 - low))
        rate["evidence"] = round(
            max(0.0, min(_MOST_EVIDENCE * car.limits[_EVIDENCE.name], rate["evidence"] + chance)), 4
        )
        rate["cycles"] = min(rate["cycles"] + 1, _MEMORY_CYCLES)
        rate["of_late"] = round(rate["of_late"] + (seen - rate["of_late"]) / 100, 6)
        if rate["evidence"] < car.limits[_EVIDENCE.name] / 2:
            rate["usual"] = round(rate["usual"] + (seen - rate["usual"]) / _MEMORY_CYCLES, 6)

    def _rates(self, car: Car, rate: State) -> tuple[float, float]:
        """The share of cycles that re-open usually, and the one that is too much."""
        usual = min(_USUAL_REOPENS[1], max(_USUAL_REOPENS[0], rate["usual"]))
        return usual, max(car.limits[_REOPENS.name], 3.0 * usual)

    def _reopening(self, car: Car, enough: float) -> Sequence[Sign]:
        rate = car.state.get("reopens")
        if rate is None:
            return ()
        usual, high = self._rates(car, rate)
        score = min(0.9, RAISE * rate["evidence"] / (enough * car.limits[_EVIDENCE.name]))
        facts = {"cause": "door_reopens_percent"}
        return (Sign("door_reopens_percent", score, 100 * rate["of_late"], "%", 100 * usual, 100 * high, facts=facts),)

    def _stuck(self, car: Car) -> Sequence[Sign]:
        """Closes that failed again and again within minutes: a door that stays where it is."""
        failed = [at for at in car.state.get("failed_us", []) if at > car.now_us - _FAILED_IN_US]
        limit, found = car.limits[_FAILED.name], list[Sign]()
        if len(failed) >= limit:
            facts = {"cause": "door_failed_closes"}
            found.append(Sign("door_failed_closes", CERTAIN, float(len(failed)), "1", None, None, 1, facts))
        turns = car.state.get("turns", [])
        if len(turns) == _TURNS and turns[-1] - turns[0] <= _TURNS_IN_US and turns[-1] > car.now_us - _FAILED_IN_US:
            found.append(Sign("door_turns", CERTAIN, float(_TURNS), "1", None, None, 1, {"cause": "door_turns"}))
        return found
