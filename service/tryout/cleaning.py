"""Cleaning: what is wrong with a recorded signal, told and mended before anything judges it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from ingest.history import Series
from ingest.metrics import METRICS
from ingest.readings import Quality
from ingest.units import Conversion
from service.tryout.table import NO_TIME_US, Floats, Times

_GAP_PAUSES: Final = 5.0
"""Chosen by: a logger that misses four samples in a row has lost something; one that misses one has jitter."""
_STUCK_RUN: Final = 5  # DOMAIN 2.3, "sensor stuck": five identical raw values
_FINE_SHARE: Final = (
    0.05  # as `sensor.fault`: a series that repeats itself more seldom is fine, and never sticks by chance
)


class Flaw(StrEnum):
    """What can be wrong with a recorded signal."""

    MISSING = "missing"
    """A number that stands for "no value"; left out."""
    UNDATED = "undated"
    """A row without a time that could be read; left out."""
    OUT_OF_ORDER = "out_of_order"
    """A row that goes back in time; put where it belongs."""
    REPEATED = "repeated"
    """A second value for a moment that has one; the first counts."""
    OUT_OF_RANGE = "out_of_range"
    """More than the metric can be; kept in the picture, shown to no detector."""
    GAP = "gap"
    """Nothing for more than five usual pauses; nothing is said about it."""
    STUCK = "stuck"
    """The same raw value again and again in a signal that hardly ever repeats itself; `sensor.fault` judges it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One flaw of one signal.

    Attributes:
        signal: The column's name.
        flaw: What it is.
        count: How often.
        first_us: Where it is met first, or None where there is no time.
        longest_us: Of gaps and stuck stretches, how long the longest lasts; else 0.
    """

    signal: str
    flaw: Flaw
    count: int
    first_us: int | None = None
    longest_us: int = 0


@dataclass(frozen=True, slots=True)
class Raw:
    """One signal as the table has it.

    Attributes:
        name: The column's.
        metric: What it is.
        at_us: Of each row, `NO_TIME_US` where it has none.
        value: Of each row, NaN where it has none.
        conversion: From the column's unit to the metric's.
        missing: Numbers that stand for "no value".
    """

    name: str
    metric: str
    at_us: Times
    value: Floats
    conversion: Conversion
    missing: tuple[float, ...]


def cleaned(raw: Raw) -> tuple[Series, list[Finding]]:
    """A signal in its metric's unit, ascending and without repetition, and everything that was wrong with it."""
    found: list[Finding] = []
    absent = np.isin(raw.value, raw.missing)
    if absent.any():
        found.append(_told(raw, Flaw.MISSING, absent))
    usable = np.isfinite(raw.value) & ~absent & (raw.at_us != NO_TIME_US)
    at_us, value = raw.at_us[usable], raw.value[usable]
    if at_us.size and (back := np.diff(at_us) < 0).any():
        found.append(Finding(raw.name, Flaw.OUT_OF_ORDER, int(back.sum()), int(at_us[1:][back][0])))
    order = np.argsort(at_us, kind="stable")
    at_us, value = at_us[order], value[order]
    first = np.r_[True, np.diff(at_us) > 0][: at_us.size]
    if not first.all():
        found.append(Finding(raw.name, Flaw.REPEATED, int((~first).sum()), int(at_us[~first][0])))
    at_us, value = at_us[first], value[first]
    found += _stretches(raw.name, at_us, value)
    value = value * raw.conversion.scale + raw.conversion.offset
    metric = METRICS[raw.metric]
    beyond = (value < metric.low) | (value > metric.high)
    if beyond.any():
        found.append(Finding(raw.name, Flaw.OUT_OF_RANGE, int(beyond.sum()), int(at_us[beyond][0])))
    quality = np.where(beyond, int(Quality.OUT_OF_RANGE), 0).astype(np.uint8)
    return Series(at_us, value, quality), found


def pause_us(at_us: Times) -> int:
    """The usual time from one reading to the next, microseconds; 0 where there are fewer than two."""
    return int(np.median(np.diff(at_us))) if at_us.size > 1 else 0


def gaps(at_us: Times) -> list[tuple[int, int]]:
    """The stretches in which nothing was recorded, though something was due: start and end, microseconds."""
    pauses = np.diff(at_us)
    wide = np.flatnonzero(pauses > _GAP_PAUSES * max(pause_us(at_us), 1))
    return [(int(at_us[n]), int(at_us[n + 1])) for n in wide]


def _told(raw: Raw, flaw: Flaw, here: np.ndarray) -> Finding:
    times = raw.at_us[here & (raw.at_us != NO_TIME_US)]
    return Finding(raw.name, flaw, int(here.sum()), int(times[0]) if times.size else None)


def _stretches(name: str, at_us: Times, value: Floats) -> Iterator[Finding]:
    if held := gaps(at_us):
        longest = max(end - start for start, end in held)
        yield Finding(name, Flaw.GAP, len(held), held[0][0], longest)
    same = np.diff(value) == 0
    if not same.any() or same.mean() > _FINE_SHARE:
        return
    edges = np.flatnonzero(np.diff(np.r_[False, same, False]))
    starts, ends = edges[::2], edges[1::2]
    stuck = ends - starts >= _STUCK_RUN - 1
    if stuck.any():
        lasts = at_us[ends[stuck]] - at_us[starts[stuck]]
        yield Finding(name, Flaw.STUCK, int(stuck.sum()), int(at_us[starts[stuck]][0]), int(lasts.max()))
