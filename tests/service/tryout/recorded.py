"""Recorded: tables as loggers and people leave them, made from the simulated riser and from plain curves."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from device_simulators.calendar import DAY_US, local_midnight
from device_simulators.faults import Crack
from device_simulators.riser import Riser

START_US = local_midnight(1_764_000_000_000_000)
BEIJING_US = 8 * 3_600_000_000


def written(at_us: int, pattern: str = "%Y-%m-%d %H:%M:%S") -> str:
    """A moment on a wall clock in China."""
    return f"{datetime.fromtimestamp((at_us + BEIJING_US) / 1e6, UTC):{pattern}}"


def leaking_riser(days: int = 22, onset_day: int = 12, burst_day: int = 21) -> list[tuple[int, float]]:
    """Time and vibration (um/s2) of a riser whose leak grows from one day on and bursts on another."""
    crack = Crack(START_US + onset_day * DAY_US, START_US + burst_day * DAY_US, START_US + days * DAY_US, 0.8)
    riser = Riser("site", "riser", 5, 7, cracks=[crack])
    rows: list[tuple[int, float]] = []
    for day in range(days):
        at_us, value, _ = riser.sound(START_US + day * DAY_US)
        rows += [(int(at), float(v)) for at, v in zip(at_us, value, strict=True)]
    return rows


def write(path: Path, header: str, rows: list[str], encoding: str = "utf-8") -> Path:
    """A text file with a header and rows."""
    path.write_bytes("\n".join([header, *rows, ""]).encode(encoding))
    return path


def riser_table(path: Path) -> Path:
    """The leaking riser as a table with a label column."""
    burst_us = START_US + 21 * DAY_US
    onset_us = START_US + 12 * DAY_US
    rows = [f"{written(at)},{v:.1f},{int(onset_us <= at < burst_us)}" for at, v in leaking_riser()]
    return write(path, "time,pipe vibration (um/s2),anomaly", rows)


def noise(count: int, level: float, spread: float, seed: int = 1) -> np.ndarray:
    """Plain noise around a level."""
    return np.random.default_rng(seed).normal(level, spread, count)
