"""Community figures: recall, precision, lead, forecasts and false orders, beside what costs nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from alerts.levels import Level
from alerts.policy.modes import mode_of
from device_simulators.calendar import DAY_US
from models.evaluation.figure import Figure
from models.statistics.calibration import brier_skill, calibration_error
from service.evaluation.baselines import A_MONTH, asset_months, baseline_figures
from service.evaluation.forecasts import Forecast, columns
from service.evaluation.in_process import Order
from service.evaluation.outcome import Outcome
from service.evaluation.truth import Came, Fault

RECALL, PRECISION, SKILL, FALSE_A_MONTH = 0.9, 0.8, 0.5, 1.0
"""What is asked. Source: the issue's table of figures."""

_CLIMATOLOGY = "the skill is against climatology, the base rate of the same asset-days, which has 0"
_FEWEST_FAILURES = 5
"""Fewer asset-days before a failure make no statement about a probability (chosen by: the skill swings by its size)."""


def community_figures(outcomes: Sequence[Outcome], data: str, seed: int) -> list[Figure]:
    """The figures of a community: all of it, failure mode by failure mode, chances, and what costs nothing.

    Args:
        outcomes: Of its groups.
        data: What it was, for the tables' heads.
        seed: Of the random baseline.
    """
    judged = [outcome.judged() for outcome in outcomes]
    found = [pair for one in judged for pair in one.found]
    came = [pair for one in judged for pair in one.came]
    modes = sorted({fault.labels[0].failure_mode for fault, _ in found} | {order.key.failure_mode for order, _ in came})
    figures = list(_false(outcomes, data, came))
    for mode in modes:
        figures += _of_mode(mode, f"{data}: failure modes", found, came)
    forecasts = [forecast for outcome in outcomes for forecast in outcome.forecasts]
    for mode in sorted({one.failure_mode for one in forecasts}):
        chances = [one for one in forecasts if one.failure_mode == mode]
        figures += _foretold(mode, f"{data}: chances within 72 h", chances)
    figures += baseline_figures(outcomes, f"{data}: work orders of rules that cost nothing", seed)
    return figures


def look_alike_figures(outcomes: Sequence[Outcome], data: str) -> list[Figure]:
    """How many look-alikes drew a work order; the note names those that fooled it."""
    fooled = [(label, order) for outcome in outcomes for label, order in outcome.judged().fooled]
    names = Counter(
        label.note if order.key.failure_mode == label.failure_mode else f"{label.note} ({order.key.failure_mode})"
        for label, order in fooled
        if order is not None
    )
    count = names.total()
    note = f"of {len(fooled)}" + (f": {_counted(names)}" if names else "")
    return [Figure(data, "look-alikes with a work order", count, "orders", "0", not count, note)]


def _of_mode(
    mode: str, data: str, found: Iterable[tuple[Fault, Order | None]], came: Iterable[tuple[Order, Came]]
) -> Iterator[Figure]:
    faults = [(fault, order) for fault, order in found if fault.labels[0].failure_mode == mode]
    orders = [what for order, what in came if order.key.failure_mode == mode and what is not Came.BESIDE]
    named = [(fault, order) for fault, order in faults if order is not None]
    general = mode_of(mode).general
    if faults:
        recall = len(named) / len(faults)
        yield Figure(data, "faults", len(faults), "1", of=mode)
        yield Figure(data, "recall", recall, "1", f"{RECALL} or more", recall >= RECALL, of=mode)
    if orders:
        true = orders.count(Came.TRUE) / len(orders)
        yield Figure(data, "orders", len(orders), "1", of=mode)
        asked, met = ("", None) if general else (f"{PRECISION} or more", true >= PRECISION)
        yield Figure(data, "precision", true, "1", asked, met, of=mode)
        yield Figure(data, "false", orders.count(Came.FALSE), "1", of=mode)
        yield Figure(
            data,
            "repeated",
            orders.count(Came.REPEATED),
            "1",
            note="repeated orders count against the precision",
            of=mode,
        )
    leads = [lead for lead in (_lead_days(fault, order) for fault, order in named) if lead is not None]
    if leads:
        yield Figure(data, "median lead", round(float(np.median(leads)), 2), "d", of=mode)


def _lead_days(fault: Fault, order: Order) -> float | None:
    failure_us = fault.labels[0].failure_us
    return None if failure_us is None else (failure_us - order.raised_us) / DAY_US


def _foretold(mode: str, data: str, forecasts: Sequence[Forecast]) -> Iterator[Figure]:
    said, came_true = columns(forecasts)
    failures = int(came_true.sum())
    if failures < _FEWEST_FAILURES:
        return
    skill, before = brier_skill(said, came_true), np.array([float(one.last_value) for one in forecasts])
    constant = np.full(said.shape, came_true.mean())
    yield Figure(data, "asset-days", said.size, "1", of=mode)
    yield Figure(data, "before a failure", failures, "1", of=mode)
    yield Figure(data, "Brier skill", skill, "1", f"{SKILL} or more", skill >= SKILL, _CLIMATOLOGY, of=mode)
    yield Figure(data, "calibration error", calibration_error(said, came_true), "1", of=mode)
    yield Figure(data, "skill of the last value", brier_skill(before, came_true), "1", of=mode)
    yield Figure(data, "calibration error of a constant", calibration_error(constant, came_true), "1", of=mode)


def _false(outcomes: Sequence[Outcome], data: str, came: Sequence[tuple[Order, Came]]) -> Iterator[Figure]:
    months = asset_months(outcomes)
    false = [order for order, what in came if what is Came.FALSE]
    for name, orders, asked in (
        ("false orders of level I and II", [one for one in false if one.level is not Level.III], FALSE_A_MONTH),
        ("false orders of level III", [one for one in false if one.level is Level.III], None),
        ("repeated orders", [order for order, what in came if what is Came.REPEATED], None),
        ("orders that rose in vain", [word for one in outcomes for word in one.judged().in_vain], None),
    ):
        rate = 1000.0 * len(orders) / months
        names = Counter(order.key.failure_mode for order in orders)
        note = f"{len(orders)} in {months:,.0f} asset-months" + (f": {_counted(names)}" if names else "")
        bound, met = ("", None) if asked is None else (f"{asked:g} or less", rate <= asked)
        yield Figure(data, name, rate, A_MONTH, bound, met, note)


def _counted(names: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in names.most_common())
