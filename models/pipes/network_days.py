"""Network days: the hourly means of a water network's channels, gathered from windows, a local day at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from models.pipes.network_relations import METRICS, PRESSURE, Floats, channel, is_loss, metric_of, with_losses
from models.statistics.pictures import Picture, rows_of, steps, with_row
from models.windows import Window

FEWEST_HOURS = 12
"""Of a day, to judge it: half a day still has a night and a rush. Chosen by hand."""
FEWEST_LOGGERS = 3
"""With two, nobody can say which of them fell."""

_HEARD_SHARE = 0.75
_DECIMALS = 3
_MOST_HOURS = 25  # of the day on which clocks go back

Heard = dict[str, Picture]
"""By channel, of each hour in which it spoke: how many hours were heard before, and its mean in steps."""


def day_of(at_us: int, zone: ZoneInfo) -> int:
    """The local date, as a proleptic ordinal."""
    return datetime.fromtimestamp(at_us / 1e6, tz=zone).toordinal()


def day_end_us(day: int, zone: ZoneInfo) -> int:
    """The local midnight that ends a day, microseconds since the epoch."""
    midnight = datetime.fromordinal(day).replace(tzinfo=zone) + timedelta(days=1)
    return round(midnight.timestamp() * 1e6)


def collect(heard: Heard, hours: int, window: Window) -> int:
    """Add a window's means to the day that is being gathered.

    Args:
        heard: Changed.
        hours: How many were gathered before.
        window: An hour.

    Returns:
        How many hours are gathered now.
    """
    sums: dict[str, list[float]] = {}
    for reading in window.readings:
        if reading.metric in METRICS:
            sums.setdefault(channel(reading.device, reading.metric), []).append(reading.value)
    for name, values in sums.items():
        row = [hours, steps(float(np.mean(values)), _DECIMALS)]
        heard[name] = with_row(heard.get(name, []), row, _MOST_HOURS)
    return hours + 1 if sums else hours


def spoken(heard: Heard, hours: int) -> list[str]:
    """The channels that said something in most hours, in order."""
    return sorted(name for name, told in heard.items() if len(rows_of(told)) >= _HEARD_SHARE * hours)


def table(heard: Heard, hours: int, names: Sequence[str]) -> Floats | None:
    """The hours in which all of these channels spoke, shape (hours, channels); None when they are too few.

    One that spoke in too few hours of the day is silent: its column is NaN, and it costs the others no hour.
    """
    present = set(spoken(heard, hours))
    rows = np.array([_padded(heard.get(name, []) if name in present else [], hours) for name in names]).T
    if rows.size == 0:
        return None
    talking = [n for n, name in enumerate(names) if name in present]
    whole = rows[~np.isnan(rows[:, talking]).any(axis=1)]
    return whole if len(whole) >= FEWEST_HOURS and talking else None


def day_means(heard: Heard, hours: int, channels: Sequence[str]) -> Floats | None:
    """A day's mean of each channel, NaN where it was silent; None when too little was heard to judge anything.

    Args:
        heard: By channel.
        hours: How many were gathered.
        channels: Learnt ones, with the losses behind them.
    """
    names = [name for name in channels if not is_loss(name)]
    rows = table(heard, hours, names)
    if rows is None:
        return None
    means: Floats = with_losses(names, rows)[1].mean(axis=0)
    loggers = [n for n, name in enumerate(names) if metric_of(name) == PRESSURE]
    silent = int(np.isnan(means[loggers]).sum())
    return None if 2 * silent >= len(loggers) else means


def learning_table(days: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[Floats]] | None:
    """The channels that spoke on all days and their hours, with the losses; None while the loggers are too few."""
    names = sorted(set.intersection(*(set(spoken(day["heard"], day["hours"])) for day in days)))
    if sum(metric_of(name) == PRESSURE for name in names) < FEWEST_LOGGERS:
        return None
    tables = [rows for day in days if (rows := table(day["heard"], day["hours"], names)) is not None]
    if len(tables) < len(days):
        return None
    widened = [with_losses(names, rows) for rows in tables]
    return widened[0][0], [rows for _, rows in widened]


def _padded(told: Picture, hours: int) -> list[float]:
    """Its mean of each hour, NaN where it said nothing."""
    row = [np.nan] * hours
    for hour, mean in rows_of(told):
        row[hour] = mean / 10**_DECIMALS
    return row
