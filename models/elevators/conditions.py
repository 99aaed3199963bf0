"""Conditions: states of a car that are a fault once they have lasted, told by its status alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.elevators.signs import CERTAIN, Sign
from models.elevators.watch import SECOND_US, Car

VALID_US = 600 * SECOND_US
"""So long a status holds after its device last spoke. Source: DOMAIN 7, offline_s 600."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One state of the car.

    Attributes:
        name: A phrase of `alerts.words` that says how long it has lasted.
        holds: Whether it is the case now.
        lasts_s: How long it may be.
        severity: How many levels more urgent than the mode's usual one.
        told_by: The metric whose device must have been heard of late.
    """

    name: str
    holds: bool
    lasts_s: float
    severity: int
    told_by: str


def lasting(car: Car, conditions: Sequence[Condition]) -> Iterator[Sign]:
    """A sign of each that can be told: of one that has not lasted too long one of no weight.

    `car.due_us` is set to when the next one will have lasted too long.
    """
    since = car.state.setdefault("since_us", {})
    for condition in conditions:
        heard_us = car.status.heard_us(condition.told_by)
        if heard_us is None or car.now_us > heard_us + VALID_US:
            since.pop(condition.name, None)
            continue
        quiet = Sign(condition.name, 0.0, 0.0, "s")
        if not condition.holds:
            since.pop(condition.name, None)
            yield quiet
            continue
        due_us = since.setdefault(condition.name, car.now_us) + round(condition.lasts_s * SECOND_US)
        if due_us > car.now_us:
            if due_us <= heard_us + VALID_US:
                car.due_us = min(car.due_us or due_us, due_us)
            yield quiet
            continue
        lasted_s = (car.now_us - since[condition.name]) / SECOND_US
        facts = {"cause": condition.name}
        yield Sign(condition.name, CERTAIN, lasted_s, "s", severity=condition.severity, facts=facts)
