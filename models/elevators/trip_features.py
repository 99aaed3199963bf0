"""Trip features: what is measured once a trip, a stop or a door cycle, and what it is held against."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from models.detector import State
from models.elevators.habits import Habit, hear, learnt, worst
from models.elevators.signs import Sign, sign_of_trend
from models.elevators.watch import Car, Moment
from models.thresholds import Tunable

_LOAD_STEP_PERCENT = 20.0
"""Loads within it are compared. Chosen by: in steps of 40 % a day of full cars drew 15 % more than usual."""

_DECIMALS = {"A": 3, "C": 2, "mm": 1, "ms": 1, "s": 3}
"""To how many decimals values are kept while they teach, by unit; four of any other. Chosen by: as controllers tell."""

COMPARED_BY = frozenset({"trip_direction", "car_load_percent"})
"""What a trip is compared by, besides the floor, which is part of the status."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a trip.

    Attributes:
        metric: That carries it, and the name under which it is said.
        unit: Of the metric.
        by: What must be equal for two values to be compared: `floor`, `direction`, `load` (which is with direction).
        limit: How much more than usual is too much: a share of the usual, or an amount if `is_amount`.
        is_amount: The limit is in the metric's unit.
    """

    metric: str
    unit: str
    by: str
    limit: Tunable
    is_amount: bool = False

    def key(self, moment: Moment) -> str | None:
        """Under which a value is kept, or None if the moment does not say what it must be compared by."""
        if self.by == "floor":
            return f"{moment['floor']:g}" if "floor" in moment else None
        direction = moment.get("trip_direction")
        if direction is None:
            return None
        if self.by == "direction":
            return f"{direction:g}"
        load = moment.get("car_load_percent")
        if load is None:
            return None
        return f"{direction:g} {load // _LOAD_STEP_PERCENT:g}"

    def habit(self, limits: Mapping[str, float], cycles: float, smoothing: float, follow: float) -> Habit:
        """How it is followed under the values in force."""
        limit = limits[self.limit.name]
        share, more = (0.0, limit) if self.is_amount else (limit, 0.0)
        return Habit(cycles, smoothing, follow, share, more, _DECIMALS.get(self.unit, 4))


@dataclass(frozen=True, slots=True)
class Following:
    """How all features of one failure mode are followed: its tunables of these names.

    Attributes:
        cycles: How many values teach what is usual.
        smoothing: Share of the way to each new value.
        follow: Share of the usual it may move in 30 days.
    """

    cycles: Tunable
    smoothing: Tunable
    follow: Tunable

    @classmethod
    def of(cls, failure_mode: str) -> "Following":
        """The tunables of a failure mode."""
        return cls(
            Tunable(f"{failure_mode}.learning_cycles", "cycles", 10, 500, 30, "DOMAIN 2.4: own median of 30 or more"),
            Tunable(f"{failure_mode}.smoothing_share", "1", 0.01, 0.5, 0.1, "DOMAIN 2.4: EWMA(0.1)"),
            Tunable(
                f"{failure_mode}.follow_share",
                "1",
                0.0,
                0.1,
                0.01,
                "chosen by: a 30-day median would follow wear that takes a season; 1 % in 30 days follows the climate",
            ),
        )

    @property
    def tunables(self) -> tuple[Tunable, ...]:
        """All of them."""
        return (self.cycles, self.smoothing, self.follow)


def follow(car: Car, moment: Moment, features: Sequence[Feature], following: Following) -> None:
    """Take in the features of one moment."""
    habits: State = car.state.setdefault("habits", {})
    for feature in features:
        key = feature.key(moment) if feature.metric in moment else None
        if key is None:
            continue
        known = habits.setdefault(feature.metric, {})
        repaired = hear(known, key, car.now_us, moment[feature.metric], _habit(car, feature, following))
        if repaired and feature.by != "floor":
            # One brake serves all loads; a load that is seldom carried must not keep what was wrong before.
            known.update({k: {} for k in known})


def trends(car: Car, features: Sequence[Feature], following: Following, enough: float = 1.0) -> Iterator[Sign]:
    """A sign of each feature that is known: of the landing, direction or load where it is worst.

    Args:
        car: Its state keeps what was learnt.
        features: Which.
        following: How.
        enough: What share of the way from usual to limit is too much, where something else bears witness.
    """
    habits: State = car.state.get("habits", {})
    for feature in features:
        known = habits.get(feature.metric)
        now = worst(known, _habit(car, feature, following)) if known else None
        if now is not None:
            now = replace(now, limit=now.usual + enough * (now.limit - now.usual))
            facts: dict[str, float | str] = {"floor": float(now.key)} if feature.by == "floor" else {}
            yield sign_of_trend(feature.metric, feature.unit, now, {"cause": feature.metric, **facts})


def is_learning(car: Car) -> bool:
    """Whether features are measured, and none of them has a usual yet."""
    habits: State = car.state.get("habits", {})
    return bool(habits) and not any(learnt(known) for known in habits.values())


def _habit(car: Car, feature: Feature, following: Following) -> Habit:
    values = (car.limits[tunable.name] for tunable in following.tunables)
    return feature.habit(car.limits, *values)
