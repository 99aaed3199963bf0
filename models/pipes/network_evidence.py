"""Network evidence: what a crew is shown of the loggers that fell, and what would have kept the detector quiet."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Self

import numpy as np

from models.detector import State
from models.findings import Contribution, Counterfactual, Evidence, Trace
from models.pipes.network_fault import NetworkFault
from models.pipes.network_relations import device_of
from models.pipes.network_watch import SMOOTHING
from models.statistics.pictures import rows_of, steps, with_row
from models.statistics.traces import crossed_us, rounded

HISTORY_DAYS = 60
"""Kept for the picture: in which hour each day ended, and how far each logger lay under what was expected, in steps."""

_HOUR_US, _DECIMALS = 3_600_000_000, 3

DROP = "network_drop_kpa"
_NAMES = (DROP, "network_second_drop_kpa", "network_third_drop_kpa")
_SMOOTHED_NOISE = math.sqrt(SMOOTHING / (2 - SMOOTHING))
_BAND_SPREADS = 3.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a logger's smoothed drop is held against.

    Attributes:
        band_kpa: Within it lies what is normal.
        raise_kpa: From it on a leak is raised.
    """

    band_kpa: float
    raise_kpa: float

    @classmethod
    def of(cls, spread_kpa: float, raise_spreads: float) -> Self:
        """From the spread of the logger's days, of which smoothing leaves a part."""
        return cls(_BAND_SPREADS * spread_kpa * _SMOOTHED_NOISE, raise_spreads * spread_kpa * _SMOOTHED_NOISE)


def remember(state: State, end_us: int, drops: Sequence[float]) -> None:
    """Add a day to what the picture shows."""
    day = [end_us // _HOUR_US, *(steps(float(d), _DECIMALS) for d in drops)]
    state["history"] = with_row(state["history"], day, HISTORY_DAYS)


def network_evidence(
    state: State, loggers: Sequence[str], row: int, limits: Limits, fault: NetworkFault | None
) -> Evidence:
    """Everything the finding of one logger is explained with.

    Args:
        state: Of the network, after the day.
        loggers: Their channels, in the order of the history's columns.
        row: The logger of whom it is said.
        limits: What its drop is held against.
        fault: The leak that is open there, or None.
    """
    days = rows_of(state["history"])
    drops = [_smoothed([day[1 + n] / 10**_DECIMALS for day in days]) for n in range(len(loggers))]
    at_us = tuple(day[0] * _HOUR_US for day in days)
    band, limit = round(limits.band_kpa, 3), limits.raise_kpa
    traces = [Trace(DROP, "kPa", at_us, rounded(d, 3), asset=device_of(n)) for d, n in zip(drops, loggers, strict=True)]
    signal = Trace(
        DROP, "kPa", at_us, traces[row].value, (-band,) * len(at_us), (band,) * len(at_us), device_of(loggers[row])
    )
    others = sorted((n for n in range(len(loggers)) if n != row), key=lambda n: -drops[n][-1])[:2]
    facts: dict[str, float | str] = {"logger": device_of(loggers[row])}
    if fault is not None:
        facts |= {"days_open": fault.days, "still_growing": "no" if fault.settled else "yes"}
    return Evidence(
        signal=signal,
        threshold=round(limit, 3),
        crossed_us=crossed_us(zip(signal.at_us, signal.value, strict=True), limit),
        neighbours=tuple(traces[n] for n in others),
        contributions=_contributions([drops[n][-1] for n in (row, *others)]),
        counterfactual=_counterfactual(drops[row][-1], limit),
        facts=facts,
    )


def _smoothed(values: Sequence[float]) -> list[float]:
    return list(accumulate(values, lambda s, v: (1 - SMOOTHING) * s + SMOOTHING * v))


def _contributions(drops: Sequence[float]) -> tuple[Contribution, ...]:
    """Who fell, by how much; the weights are shares of the squares, so a logger that did not fall has none."""
    squares = np.square(np.maximum(drops, 0.0))
    if squares.sum() <= 0.0:
        squares = np.array([1.0, *[0.0] * (len(drops) - 1)])
    shares = squares / squares.sum()
    made = [
        Contribution(name, round(float(drop), 3), "kPa", 0.0, round(float(share), 4))
        for name, drop, share in zip(_NAMES, drops, shares, strict=False)
    ]
    return tuple(sorted(made, key=lambda c: -c.weight))


def _counterfactual(drop: float, limit: float) -> Counterfactual | None:
    """The most its smoothed pressure could have fallen without an alarm."""
    bound = math.floor(1000.0 * limit) / 1000.0
    return Counterfactual(DROP, bound, "kPa") if round(drop, 3) > bound else None
