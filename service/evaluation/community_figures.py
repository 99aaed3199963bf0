"""Community figures: recall, precision, lead, forecasts and false orders, beside what costs nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from alerts.levels import Level
from alerts.policy.modes import mode_of
from device_simulators.calendar import DAY_US
from models.evaluation.figure import Figure
from models.statistics.calibration import brier_skill, calibration_error
from service.evaluation.forecasts import Forecast, columns
from service.evaluation.in_process import Order
from service.evaluation.outcome import Outcome
from service.evaluation.truth import Came, Fault, judge

RECALL, PRECISION, SKILL, FALSE_A_MONTH = 0.9, 0.8, 0.5, 1.0
"""What is asked. Source: the issue's table of figures."""

_FEWEST_FAILURES = 5
"""Fewer asset-days before a failure make no statement about a probability (chosen by: the skill swings by its size)."""


def community_figures(outcomes: Sequence[Outcome], data: str, seed: int) -> list[Figure]:
    """The figures of a community, failure mode by failure mode, then of all.

    Args:
        outcomes: Of its groups.
        data: What it was, for the table's first column.
        seed: Of the random baseline.
    """
    judged = [outcome.judged() for outcome in outcomes]
    found = [pair for one in judged for pair in one.found]
    came = [pair for one in judged for pair in one.came]
    forecasts = [forecast for outcome in outcomes for forecast in outcome.forecasts]
    modes = sorted({fault.labels[0].failure_mode for fault, _ in found} | {order.key.failure_mode for order, _ in came})
    figures: list[Figure] = []
    for mode in modes:
        figures += _of_mode(mode, data, found, came)
        figures += _foretold(mode, data, [one for one in forecasts if one.failure_mode == mode])
    figures += _false(outcomes, data, came)
    figures += _baselines(outcomes, data, np.random.default_rng(seed))
    return figures


def look_alike_figures(outcomes: Sequence[Outcome], data: str) -> list[Figure]:
    """How many look-alikes drew a work order; the note names the failure modes that were fooled."""
    fooled = [(label, order) for outcome in outcomes for label, order in outcome.judged().fooled]
    orders = [(label, order) for label, order in fooled if order is not None]
    names = sorted({f"{label.failure_mode} by {order.key.failure_mode}" for label, order in orders})
    note = f"{len(fooled)} look-alikes" + (f"; fooled: {', '.join(names)}" if names else "")
    return [Figure(data, "look-alikes with a work order", len(orders), "orders", "0", not orders, note)]


def _of_mode(
    mode: str, data: str, found: Iterable[tuple[Fault, Order | None]], came: Iterable[tuple[Order, Came]]
) -> Iterator[Figure]:
    faults = [(fault, order) for fault, order in found if fault.labels[0].failure_mode == mode]
    orders = [what for order, what in came if order.key.failure_mode == mode and what is not Came.BESIDE]
    named = sum(order is not None for _, order in faults)
    if faults:
        recall = named / len(faults)
        note = f"{named} of {len(faults)} faults"
        yield Figure(data, f"{mode} recall", recall, "1", f"{RECALL} or more", recall >= RECALL, note)
        leads = [_lead_days(fault, order) for fault, order in faults if order is not None]
        known = [lead for lead in leads if lead is not None]
        if known:
            yield Figure(data, f"{mode} median lead", float(np.median(known)), "d", note=f"{len(known)} failures")
    if orders:
        true, repeated = orders.count(Came.TRUE), orders.count(Came.REPEATED)
        precision = true / len(orders)
        note = f"{len(orders)} orders, {repeated} of them repeated; a repeated order counts against it"
        general = mode_of(mode).general
        asked = "" if general else f"{PRECISION} or more"
        yield Figure(
            data, f"{mode} precision", precision, "1", asked, None if general else precision >= PRECISION, note
        )


def _lead_days(fault: Fault, order: Order) -> float | None:
    failure_us = fault.labels[0].failure_us
    return None if failure_us is None else (failure_us - order.raised_us) / DAY_US


def _foretold(mode: str, data: str, forecasts: Sequence[Forecast]) -> Iterator[Figure]:
    said, came_true = columns(forecasts)
    failures = int(came_true.sum())
    if failures < _FEWEST_FAILURES:
        return
    skill = brier_skill(said, came_true)
    note = f"{said.size} asset-days, {failures} of them within 72 h of a failure; climatology is their base rate"
    yield Figure(data, f"{mode} P72 Brier skill", skill, "1", f"{SKILL} or more", skill >= SKILL, note)
    yield Figure(data, f"{mode} P72 calibration error", calibration_error(said, came_true), "1", note="ten equal bins")


def _false(outcomes: Sequence[Outcome], data: str, came: Sequence[tuple[Order, Came]]) -> Iterator[Figure]:
    thousands = asset_months(outcomes) / 1000.0
    urgent = [order for order, what in came if what is Came.FALSE and order.level is not Level.III]
    rate = len(urgent) / thousands
    names = ", ".join(sorted({order.key.failure_mode for order in urgent}))
    note = f"{len(urgent)} in {asset_months(outcomes):.0f} asset-months" + (f": {names}" if names else "")
    asked = f"{FALSE_A_MONTH:g} or less"
    unit = "per 1,000 assets and month"
    yield Figure(data, "false orders of level I and II", rate, unit, asked, rate <= FALSE_A_MONTH, note)
    calm = sum(what is Came.FALSE and order.level is Level.III for order, what in came)
    yield Figure(data, "false orders of level III", calm / thousands, unit)
    repeated = sum(what is Came.REPEATED for _, what in came)
    yield Figure(data, "repeated orders", repeated / thousands, unit)


def asset_months(outcomes: Iterable[Outcome]) -> float:
    """For how many months how many assets were watched, multiplied."""
    return sum(outcome.assets * outcome.months for outcome in outcomes)


def _baselines(outcomes: Sequence[Outcome], data: str, dice: np.random.Generator) -> Iterator[Figure]:
    """Always alarm: an order for each asset, each month, for what befell it. Random: as many as ours, any time."""
    faults = sum(len(outcome.judged().found) for outcome in outcomes)
    if not faults:
        return
    months = asset_months(outcomes)
    yield Figure(
        data, "always alarm: precision", min(1.0, faults / months), "1", note="an order an asset and month; recall 1"
    )
    named = [_random(outcome, dice) for outcome in outcomes]
    hits, raised = sum(hit for hit, _ in named), sum(count for _, count in named)
    note = "as many orders as ours, each of its own asset and failure mode, at random times"
    yield Figure(data, "random: recall", hits / faults, "1", note=note)
    yield Figure(data, "random: precision", hits / max(1, raised), "1", note=note)


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
