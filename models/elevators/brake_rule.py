"""Brake rule: what speaks for a brake or machine that holds, lets go, pulls or warms differently than it did."""

from collections.abc import Sequence

from models.elevators.conditions import Condition, lasting
from models.elevators.signs import CERTAIN, Sign
from models.elevators.sudden_stops import hear_stops, stops_of_late
from models.elevators.trip_features import COMPARED_BY, Feature, Following, follow, is_learning, trends
from models.elevators.watch import HOUR_US, Car, Moment
from models.thresholds import Tunable

FAILURE_MODE = "elevator.brake"


def _share(name: str, default: float, source: str) -> Tunable:
    return Tunable(f"elevator.brake.{name}_share", "1", 0.05, 1.0, default, source)


_TIME = _share("time", 0.2, "DOMAIN 2.4: release or close time +20 %")
_DISTANCE = _share("distance", 0.2, "DOMAIN 2.4 names the trend of the stopping distance; chosen by: as for the times")
_CURRENT = _share("current", 0.15, "DOMAIN 2.4: motor current at the same load and direction +15 %")
_WARMTH = Tunable("elevator.brake.warmth_c", "C", 2.0, 40.0, 8.0, "DOMAIN 2.4: 8 K more at the same duty and ambient")
_OVERSPEED = Tunable(
    "elevator.brake.overspeed_ratio", "1", 1.05, 1.3, 1.15, "DOMAIN 2.2: a governor trips from 1.15 of the rated speed"
)
_LASTS = Tunable("elevator.brake.overspeed_s", "s", 0.5, 30, 3, "DOMAIN 2.3: 6 samples; chosen by: of a box at 2 Hz")
_FROM = Tunable("elevator.brake.sudden_from_m_s", "m/s", 0.5, 5.0, 1.5, "DOMAIN 2.3: abs(v) > 1.5 to < 0.1 m/s in 3 s")
_STOPS = Tunable(
    "elevator.brake.sudden_stops_count",
    "count",
    2,
    10,
    3,
    "chosen by: a dip of the supply stops a car between floors now and then, two of a storm stop it twice",
)

_FOLLOWING = Following.of(FAILURE_MODE)
_FEATURES = (
    Feature("brake_release_time_ms", "ms", "direction", _TIME),
    Feature("brake_close_time_ms", "ms", "direction", _TIME),
    Feature("stopping_distance_mm", "mm", "load", _DISTANCE),
    Feature("motor_current_a", "A", "load", _CURRENT),
)
_RISE = Feature("machine_rise_c", "C", "floor", _WARMTH, is_amount=True)
_BUSY = (4.0, 10.0)
"""Trips in the last hour that tell a resting machine from a busy one. Chosen by: 200 to 1,000 trips a day (DOMAIN 2.4)
come unevenly; below 4 the machine cools between them."""


class BrakeRule:
    """Trends of brake and machine at the same direction and load, overspeed, stops between floors, and the codes.

    A car that stops between floors and goes on is this mode's, as its brake was applied in full ride; whether brake,
    drive or safety chain called for it the crew must find.
    """

    failure_mode = FAILURE_MODE
    recalls = frozenset({"car_speed_m_s"})
    acts_on: frozenset[str] = frozenset()
    heeds = frozenset({f.metric for f in _FEATURES} | {"machine_temperature_c", "air_temperature_c", *COMPARED_BY})
    tunables = (_TIME, _DISTANCE, _CURRENT, _WARMTH, _OVERSPEED, _LASTS, _FROM, _STOPS, *_FOLLOWING.tunables)

    def hear(self, car: Car, moment: Moment) -> None:
        """See `Rule.hear`."""
        follow(car, moment, _FEATURES, _FOLLOWING)
        hear_stops(car, moment, car.limits[_FROM.name])
        if {"machine_temperature_c", "air_temperature_c"} <= moment.keys():
            # The key is how busy it was, where that of a door is the floor.
            rise = moment["machine_temperature_c"] - moment["air_temperature_c"]
            follow(car, {_RISE.metric: rise, "floor": self._duty(car)}, (_RISE,), _FOLLOWING)

    def at_once(self, car: Car) -> Sequence[Sign]:
        """See `Rule.at_once`."""
        return [*lasting(car, self._conditions(car)), *self._stops(car)]

    def signs(self, car: Car) -> Sequence[Sign]:
        """See `Rule.signs`."""
        warm = (Sign(s.name, s.score, s.value, s.unit, s.usual, s.limit) for s in trends(car, (_RISE,), _FOLLOWING))
        return [*trends(car, _FEATURES, _FOLLOWING), *warm]

    def is_learning(self, car: Car) -> bool:
        """See `Rule.is_learning`."""
        return is_learning(car)

    def _conditions(self, car: Car) -> Sequence[Condition]:
        rated = car.asset.limits.get("rated_speed_m_s")
        speed = abs(car.status.value("car_speed_m_s") or 0.0)
        fast = isinstance(rated, float | int) and speed > car.limits[_OVERSPEED.name] * rated
        return (Condition("overspeed_s", fast, car.limits[_LASTS.name], 2, "car_speed_m_s"),)

    def _stops(self, car: Car) -> Sequence[Sign]:
        """Sudden stops again and again within a day."""
        count = stops_of_late(car.state, car.now_us)
        if count < car.limits[_STOPS.name]:
            return ()
        facts = {"cause": "sudden_stops_count"}
        return (Sign("sudden_stops_count", CERTAIN, float(count), "1", severity=1, facts=facts),)

    def _duty(self, car: Car) -> float:
        """0, 1 or 2: how many trips with a temperature there were in the last hour."""
        trips = [at for at in car.state.setdefault("trips_us", []) if at > car.now_us - HOUR_US]
        car.state["trips_us"] = [*trips, car.now_us][-int(_BUSY[1]) :]
        return float(sum(len(car.state["trips_us"]) >= bound for bound in _BUSY))
