"""Truth: what a recording's labels say was wrong, and how the work orders stand beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from service.tryout.cleaning import pause_us
from service.tryout.judgement import Order
from service.tryout.recordings import Recordings
from service.tryout.table import NO_TIME_US, Table, Times

_MONTH_US: Final = 2_629_800_000_000
"""A twelfth of a Julian year."""
_OF_SENSORS: Final = "sensor.fault"
_SAME_PAUSES: Final = 5
"""Labelled rows so few pauses apart are one fault; as the gap of `service.tryout.cleaning`."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that was wrong.

    Attributes:
        asset: Its id; empty: any.
        from_us: Where it began.
        until_us: Where it was over.
        failure_mode: What it was; empty if nobody says.
        failure_us: When it failed for good, or None if nobody says.
    """

    asset: str
    from_us: int
    until_us: int
    failure_mode: str = ""
    failure_us: int | None = None

    def answered_by(self, order: Order) -> bool:
        """Whether a work order is about this fault and came in its time."""
        finding = order.finding
        same = self.asset in {"", finding.asset} and self.failure_mode in {"", finding.failure_mode}
        return same and self.from_us <= order.raised_us <= self.until_us


@dataclass(frozen=True, slots=True)
class Score:
    """How work orders stand beside the truth.

    Attributes:
        orders: How many there were.
        true: How many came while something was wrong; of several for one fault each counts.
        faults: How many there were.
        found: How many had an order.
        false_a_month: Orders for nothing, for each asset and month recorded.
        asset_months: How many were recorded.
        delays_us: For each fault that was found, from its beginning to its first order.
        leads_us: For each fault that was found and whose failure is known, from its first order to the failure.
    """

    orders: int
    true: int
    faults: int
    found: int
    false_a_month: float
    asset_months: float
    delays_us: tuple[int, ...]
    leads_us: tuple[int, ...]

    @property
    def precision(self) -> float | None:
        """Share of the orders that were right; None where there was none."""
        return self.true / self.orders if self.orders else None

    @property
    def recall(self) -> float | None:
        """Share of the faults that had an order; None where there was none."""
        return self.found / self.faults if self.faults else None


def labelled_faults(recordings: Recordings) -> tuple[Fault, ...]:
    """The faults that a column of labels marks: each unbroken stretch is one."""
    found = [
        Fault(asset, start_us, end_us)
        for asset, (at_us, wrong) in recordings.labelled.items()
        for start_us, end_us in _stretches(at_us, wrong)
    ]
    return tuple(sorted(found, key=lambda fault: (fault.from_us, fault.asset)))


def listed_faults(path: Path, zone: ZoneInfo) -> tuple[Fault, ...]:
    """The faults of a file with the columns `from` and `until`, and if known `asset`, `failure_mode` and `failure`.

    Raises:
        TableUnusableError: It cannot be read.
        ColumnMissingError: It has no `from` or no `until`.
    """
    table = Table(path)
    begun, over = (table.times(column, "iso", zone)[0].tolist() for column in ("from", "until"))
    failed = (
        table.times("failure", "iso", zone)[0].tolist() if "failure" in table.columns else [NO_TIME_US] * table.rows
    )
    assets, modes = (
        table.texts(column) if column in table.columns else [""] * table.rows for column in ("asset", "failure_mode")
    )
    rows = zip(assets, begun, over, modes, failed, strict=True)
    return tuple(
        Fault(asset, start, end, mode, None if failure == NO_TIME_US else failure)
        for asset, start, end, mode, failure in rows
        if NO_TIME_US not in {start, end}
    )


def is_right(order: Order, faults: Sequence[Fault]) -> bool | None:
    """Whether a work order came while something was wrong; None for one about a sensor, which labels say nothing of."""
    if any(fault.answered_by(order) for fault in faults):
        return True
    return None if order.finding.failure_mode == _OF_SENSORS else False


def score(orders: Sequence[Order], faults: Sequence[Fault], recordings: Recordings) -> Score:
    """How the work orders that are about the asset stand beside the truth."""
    orders = [order for order in orders if is_right(order, faults) is not None]
    first_us, last_us = recordings.span_us
    months = len(recordings.registry.assets) * (last_us - first_us) / _MONTH_US
    true = sum(is_right(order, faults) or False for order in orders)
    answers = [(fault, order.raised_us) for fault in faults if (order := _first(fault, orders)) is not None]
    return Score(
        orders=len(orders),
        true=true,
        faults=len(faults),
        found=len(answers),
        false_a_month=(len(orders) - true) / months if months else 0.0,
        asset_months=months,
        delays_us=tuple(raised_us - fault.from_us for fault, raised_us in answers),
        leads_us=tuple(fault.failure_us - raised for fault, raised in answers if fault.failure_us is not None),
    )


def _first(fault: Fault, orders: Sequence[Order]) -> Order | None:
    return next((order for order in orders if fault.answered_by(order)), None)


def _stretches(at_us: Times, wrong: np.ndarray) -> Iterator[tuple[int, int]]:
    marked = at_us[wrong]
    if not marked.size:
        return
    apart = np.flatnonzero(np.diff(marked) > _SAME_PAUSES * max(pause_us(at_us), 1))
    edges = np.r_[0, apart + 1, marked.size]
    for start, end in pairwise(edges.tolist()):
        yield int(marked[start]), int(marked[end - 1])
