"""Rope rule: what speaks for suspension ropes that have to be renewed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from models.elevators.rope_loss import Ahead, RopeLoss, hear_trips, trips_a_day, trips_so_far
from models.elevators.rope_wires import WIRE_METRICS, wire_limits
from models.elevators.signs import CERTAIN, RAISE, Sign
from models.elevators.trip_features import COMPARED_BY, Feature, Following, follow, is_learning, trends
from models.elevators.watch import Car, Moment
from models.thresholds import Tunable

FAILURE_MODE = "elevator.rope_wear"


def _percent(name: str, bounds: tuple[float, float], default: float, source: str) -> Tunable:
    return Tunable(f"elevator.rope_wear.{name}_percent", "%", *bounds, default, source)


_ORDER = _percent("order", (3.0, 9.0), 6.0, "DOMAIN 2.2: EN 12385-5, replace at 6 % below nominal")
_STOP = _percent("stop", (6.0, 12.0), 10.0, "DOMAIN 2.2: TSG T7001, scrap under 90 % of nominal")
_NOISE = _percent("noise", (0.05, 2.0), 0.4, "chosen by: a calliper read to 0.05 mm on a 10 mm rope, and its place")
_TENSION = _percent("tension", (2.0, 20.0), 5.0, "DOMAIN 2.2: each rope within 5 % of the mean, GB/T 10060")
_SLIP = _percent("slip", (0.1, 5.0), 0.5, "DOMAIN 2.4: encoder against car travel, 0.5 % in a month")
_DUE = Tunable("elevator.rope_wear.due_d", "d", 14, 365, 90, "DOMAIN 2.4: warn 90 days before 6 %")
_RISE = Tunable("elevator.rope_wear.vibration_share", "1", 0.1, 3.0, 0.5, "DOMAIN 2.4: 1.5 times the own median")

_FOLLOWING = Following.of(FAILURE_MODE)
_SHAKING = Feature("ride_vertical_a95_m_s2", "m/s2", "direction", _RISE)
_SHAKING_COUNTS = 0.3
"""By how much a car that shakes lowers the limits of tension and slip. Chosen by: it is a witness, never a reason."""
_DAY_US = 86_400_000_000
_PACE = 0.2
_READINGS = 3
_FEWEST = 4
_SCORES = {"due": 0.7, "order": 0.8, "watch": 0.6}


class RopeRule:
    """Diameter loss against trips, broken wires, and where nobody measures the diameter how the ropes hang and slip.

    Level errors are not its business: a rope that has stretched is levelled anew, and belongs to `elevator.levelling`.
    """

    failure_mode = FAILURE_MODE
    recalls: frozenset[str] = frozenset()
    acts_on: frozenset[str] = frozenset()
    heeds = (
        frozenset(
            {
                "rope_diameter_mm",
                "trips_total",
                "rope_tension_spread_percent",
                "rope_slip_percent",
                _SHAKING.metric,
                *COMPARED_BY,
            }
        )
        | WIRE_METRICS
    )
    tunables = (_ORDER, _STOP, _NOISE, _TENSION, _SLIP, _DUE, _RISE, *_FOLLOWING.tunables)

    def hear(self, car: Car, moment: Moment) -> None:
        """See `Rule.hear`."""
        if "trips_total" in moment:
            hear_trips(car.state, car.now_us, moment["trips_total"])
        if "rope_diameter_mm" in moment:
            self._hear_diameter(car, moment["rope_diameter_mm"])
        wires = {metric: moment[metric] for metric in WIRE_METRICS & moment.keys()}
        if wires:
            car.state["wires"] = {**car.state.get("wires", {}), **wires}
        for metric in ("rope_tension_spread_percent", "rope_slip_percent"):
            if metric in moment:
                hangs = car.state.setdefault("hangs", {})
                count, value = hangs.get(metric, (0, moment[metric]))
                pace = max(_PACE, 1 / (count + 1))
                hangs[metric] = [min(count + 1, 99), round(value + pace * (moment[metric] - value), 4)]
        follow(car, moment, (_SHAKING,), _FOLLOWING)

    def at_once(self, car: Car) -> Sequence[Sign]:  # noqa: ARG002 -- the Protocol's
        """Nothing: ropes are judged by what is known of them."""
        return ()

    def signs(self, car: Car) -> Sequence[Sign]:
        """See `Rule.signs`."""
        return [*self._loss(car), *self._wires(car), *self._hanging(car)]

    def is_learning(self, car: Car) -> bool:
        """See `Rule.is_learning`: what is measured of the ropes themselves is judged from the first day on."""
        return is_learning(car) and not {"loss", "wires", "hangs"} & car.state.keys()

    def _hear_diameter(self, car: Car, diameter: float) -> None:
        nominal = car.asset.limits.get("rope_nominal_diameter_mm")
        if not isinstance(nominal, float | int) or diameter <= 0.0:
            return
        percent, noise = 100.0 * (1.0 - diameter / nominal), car.limits[_NOISE.name]
        trips, stored = trips_so_far(car.state) or 0.0, car.state.get("loss")
        loss = RopeLoss.first(percent, trips, noise) if stored is None else RopeLoss.of(stored)
        car.state["loss"] = (loss if stored is None else loss.measured(percent, trips, noise)).stored()

    def _loss(self, car: Car) -> Iterator[Sign]:
        """How much is lost, and when it will be too much."""
        if "loss" not in car.state:
            return
        limits, loss = car.limits, RopeLoss.of(car.state["loss"])
        rate = trips_a_day(car.state)
        level, order, stop = loss.trend.level, limits[_ORDER.name], limits[_STOP.name]
        reached = level >= order
        score = float(np.interp(level, (0.0, order, stop), (0.0, _SCORES["order"] if reached else RAISE - 0.05, 0.95)))
        severity = 2 if level >= stop else int(reached)
        limit = stop if level >= stop else order
        facts = {"cause": "rope_loss_percent"}
        sign = Sign("rope_loss_percent", CERTAIN if level >= stop else score, level, "%", None, limit, severity, facts)
        if rate is None or loss.count < _FEWEST or level >= stop:
            yield sign
            return
        ahead = Ahead.of(loss.at(trips_so_far(car.state) or 0.0), stop if reached else order, rate, car.now_us)
        chance = 0.0 if reached else self._chance(car, ahead)
        due = float(np.interp(chance, (0.0, 0.5, 1.0), (0.0, RAISE, _SCORES["due"])))
        sign = replace(sign, score=max(score, due))
        if sign.score >= RAISE:
            sign = replace(sign, time_to_failure=ahead.time_to_failure(), forecast=ahead.forecast())
        yield sign

    def _chance(self, car: Car, ahead: Ahead) -> float:
        """That 6 % are reached in time; reckoned once a day, as a rope does not change by the hour."""
        day = car.now_us // _DAY_US
        if car.state.get("chance", [None])[0] != day:
            car.state["chance"] = [day, round(ahead.chance(car.limits[_DUE.name]), 4)]
        return float(car.state["chance"][1])

    def _wires(self, car: Car) -> Iterator[Sign]:
        """What is broken by the table of the rope's construction."""
        seen = car.state.get("wires", {})
        for limit in wire_limits(car.asset.limits.get("rope_construction")):
            count = seen.get(limit.metric)
            if count is None:
                continue
            scrap = count >= limit.renew
            watched = limit.watch is not None and count > limit.watch
            score = CERTAIN if scrap else _SCORES["watch"] if watched else 0.4 * min(1.0, count / limit.renew)
            bound = limit.renew if scrap or limit.watch is None else limit.watch
            facts = {"cause": limit.metric}
            yield Sign(limit.metric, score, count, "1", 0.0, bound, 2 if scrap else 0, facts)

    def _hanging(self, car: Car) -> Iterator[Sign]:
        """How evenly the ropes hang and how much they slip; a shaking car says the same where no diameter is known."""
        shaking = [] if "loss" in car.state else list(trends(car, (_SHAKING,), _FOLLOWING))
        witness = min(1.0, max((2.0 * s.score for s in shaking), default=0.0))
        hangs = car.state.get("hangs", {})
        for metric, tunable in (("rope_tension_spread_percent", _TENSION), ("rope_slip_percent", _SLIP)):
            count, value = hangs.get(metric, (0, 0.0))
            if count < _READINGS:
                continue
            limit = car.limits[tunable.name] * (1.0 - _SHAKING_COUNTS * witness)
            score = float(np.interp(value / limit, (0.0, 1.0, 3.0), (0.0, RAISE, 0.9)))
            yield Sign(metric, score, value, "%", None, limit, facts={"cause": metric})
        if hangs:
            yield from (Sign(s.name, 0.4 * witness, s.value, s.unit, s.usual) for s in shaking)
