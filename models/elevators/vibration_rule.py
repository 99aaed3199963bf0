"""Vibration rule: what speaks for a car that rides worse than it did, or than the standard allows."""

from collections.abc import Iterator, Sequence

from models.elevators.habits import learnt
from models.elevators.signs import RAISE, Sign
from models.elevators.trip_features import COMPARED_BY, Feature, Following, follow, is_learning, trends
from models.elevators.watch import Car, Moment
from models.thresholds import Tunable

FAILURE_MODE = "elevator.vibration"

_RISE = Tunable("elevator.vibration.rise_share", "1", 0.1, 3.0, 0.5, "DOMAIN 2.4: 1.5 times the own median")
_ROPES = Tunable(
    "elevator.vibration.ropes_share",
    "1",
    0.3,
    2.0,
    0.7,
    "chosen by: from 70 % of the limits of tension or slip on the ropes shake the car, which is elevator.rope_wear",
)


def _bound(name: str, default: float) -> Tunable:
    return Tunable(f"elevator.vibration.{name}_m_s2", "m/s2", 0.01, 2.0, default, "GB/T 10058 (DOMAIN 2.2)")


_FOLLOWING = Following.of(FAILURE_MODE)
_BOUNDS = {
    "ride_vertical_a95_m_s2": _bound("vertical_a95", 0.20),
    "ride_vertical_pk_pk_m_s2": _bound("vertical_pk_pk", 0.30),
    "ride_horizontal_a95_m_s2": _bound("horizontal_a95", 0.15),
    "ride_horizontal_pk_pk_m_s2": _bound("horizontal_pk_pk", 0.20),
}
_FEATURES = tuple(Feature(metric, "m/s2", "direction", _RISE) for metric in _BOUNDS)
_ROPE_LIMITS = {"rope_tension_spread_percent": 5.0, "rope_slip_percent": 0.5}  # as `rope_rule` has them
_ABOVE_SCORE = 0.7


class VibrationRule:
    """Each trip's vibration in the constant-speed phase against its own usual in that direction, and the standard.

    Where the ropes are known to hang or slip unevenly it is they that shake the car: then it only watches.
    """

    failure_mode = FAILURE_MODE
    recalls: frozenset[str] = frozenset()
    acts_on: frozenset[str] = frozenset()
    heeds = frozenset({*_BOUNDS, *_ROPE_LIMITS, *COMPARED_BY})
    tunables = (_RISE, _ROPES, *_BOUNDS.values(), *_FOLLOWING.tunables)

    def hear(self, car: Car, moment: Moment) -> None:
        """See `Rule.hear`."""
        follow(car, moment, _FEATURES, _FOLLOWING)
        ropes = car.state.setdefault("ropes", {})
        for metric, limit in _ROPE_LIMITS.items():
            if metric in moment:
                before = ropes.get(metric, moment[metric] / limit)
                ropes[metric] = round(before + 0.3 * (moment[metric] / limit - before), 4)

    def at_once(self, car: Car) -> Sequence[Sign]:  # noqa: ARG002 -- the Protocol's
        """Nothing: a ride is judged by many."""
        return ()

    def signs(self, car: Car) -> Sequence[Sign]:
        """See `Rule.signs`."""
        found = [*trends(car, _FEATURES, _FOLLOWING), *self._above(car)]
        if max(car.state.get("ropes", {}).values(), default=0.0) < car.limits[_ROPES.name]:
            return found
        watch = 0.9 * RAISE
        return [Sign(s.name, min(s.score, watch), s.value, s.unit, s.usual, s.limit) for s in found]

    def is_learning(self, car: Car) -> bool:
        """See `Rule.is_learning`."""
        return is_learning(car)

    def _above(self, car: Car) -> Iterator[Sign]:
        """What is worse than the standard allows, whatever is usual here."""
        habits = car.state.get("habits", {})
        for feature in _FEATURES:
            bound = car.limits[_BOUNDS[feature.metric].name]
            known = learnt(habits.get(feature.metric, {}))
            value, usual = max(((smooth, usual) for _, smooth, usual in known), default=(0.0, 0.0))
            if value > bound:
                facts = {"cause": feature.metric}
                yield Sign(feature.metric, _ABOVE_SCORE, value, feature.unit, usual, bound, 1, facts)
