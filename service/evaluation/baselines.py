"""Baselines: what rules that cost nothing reach on the same community, per work order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from device_simulators.calendar import DAY_US
from models.evaluation.figure import Figure
from service.evaluation.daily_alarms import Alarm, Rule
from service.evaluation.outcome import Outcome
from service.evaluation.truth import Fault, judge

A_MONTH = "per 1,000 assets and month"

_NOTES = {
    "random": "random: as many orders as ours, each of its own asset and failure mode, at random times",
    "always alarm": "always alarm: an order an asset and month, which finds everything at its turn",
    "daily": "robust z-score and last value: a day's means against those of 28 days, an order an asset and week at "
    "most, right whatever failure mode the asset has within a day",
}


def baseline_figures(outcomes: Sequence[Outcome], data: str, seed: int) -> Iterator[Figure]:
    """Recall, precision and false orders of each rule; nothing where nothing failed.

    Args:
        outcomes: Of a community's groups.
        data: The table's head.
        seed: Of the random rule.
    """
    faults, months = sum(len(outcome.judged().found) for outcome in outcomes), asset_months(outcomes)
    if not faults:
        return
    yield from _rule("ours", data, (*_ours(outcomes), faults), months, "")
    for rule in Rule:
        hits = [_hits(outcome, [one for one in outcome.alarms if one.rule is rule]) for outcome in outcomes]
        found, true, raised = (sum(column) for column in zip(*hits, strict=True))
        yield from _rule(str(rule), data, (found, true, raised, faults), months, _NOTES["daily"])
    count = round(months)
    yield from _rule("always alarm", data, (faults, min(faults, count), count, faults), months, _NOTES["always alarm"])
    dice = np.random.default_rng(seed)
    named = [_random(outcome, dice) for outcome in outcomes]
    hits_, raised_ = sum(hit for hit, _ in named), sum(count for _, count in named)
    yield from _rule("random", data, (hits_, hits_, raised_, faults), months, _NOTES["random"])


def asset_months(outcomes: Iterable[Outcome]) -> float:
    """For how many months how many assets were watched, multiplied."""
    return sum(outcome.assets * outcome.months for outcome in outcomes)


def _rule(name: str, data: str, counts: tuple[int, int, int, int], months: float, note: str) -> Iterator[Figure]:
    """Counts: faults found, true orders, orders, faults."""
    found, true, raised, faults = counts
    yield Figure(data, "orders", raised, "1", note=note, of=name)
    yield Figure(data, "recall", found / faults, "1", of=name)
    yield Figure(data, "precision", true / raised if raised else float("nan"), "1", of=name)
    yield Figure(data, "others than true", 1000.0 * (raised - true) / months, A_MONTH, of=name)


def _ours(outcomes: Iterable[Outcome]) -> tuple[int, int, int]:
    judged = [outcome.judged() for outcome in outcomes]
    found = sum(order is not None for one in judged for _, order in one.found)
    came = [what for one in judged for _, what in one.came]
    return found, sum(what == "true" for what in came), len(came)


def _hits(outcome: Outcome, alarms: Iterable[Alarm]) -> tuple[int, int, int]:
    """Faults found, true orders and orders: the first alarm of an asset in a fault's time is true."""
    due, found, true, raised = {fault for fault, _ in outcome.judged().found}, set[Fault](), 0, 0
    for alarm in alarms:
        raised += 1
        new = [fault for fault in due - found if _is_of(alarm, fault)]
        found |= set(new)
        true += bool(new)
    return len(found), true, raised


def _is_of(alarm: Alarm, fault: Fault) -> bool:
    first = fault.labels[0]
    return first.asset == alarm.asset and first.raise_from_us <= alarm.at_us <= fault.until_us + DAY_US


def _random(outcome: Outcome, dice: np.random.Generator) -> tuple[int, int]:
    if not outcome.labels:
        return 0, 0
    start_us = min(label.onset_us for label in outcome.labels)
    end_us = max(label.raise_until_us for label in outcome.labels)
    moved = []
    for order in outcome.orders:
        at_us = int(dice.integers(start_us, end_us))
        moved.append(replace(order, started_us=at_us, raised_us=at_us))
    return sum(order is not None for _, order in judge(moved, outcome.labels, outcome.end_us).found), len(moved)
