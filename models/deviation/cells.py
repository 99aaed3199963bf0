"""Deviation cells: the channels of one metric as arrays, a row a device."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from models.blocks import NEVER_US
from models.deviation.digits import short
from models.deviation.hour_profile import BINS, LEVEL, Profile, levels, stored_levels
from models.deviation.level_shift import Channel, is_warm

Mask = npt.NDArray[np.bool_]
Moments = npt.NDArray[np.int64]
Index = slice | Moments
"""Rows: a slice, which copies nothing, where they lie side by side."""

ALWAYS_US = -(2**62)
"""`since_us` of a channel without hours."""

WARM = np.dtype([(name, np.float64) for name in ("smooth", "base", "variance", "least")] + [("drifts", np.int64)])
LEARNING = np.dtype([("count", np.int64), ("sum", np.float64), ("squares", np.float64)])
PACE = np.dtype([("at_us", np.int64), ("gap_us", np.int64)])
CHANNEL = np.dtype([("exists", np.bool_), ("warm", np.bool_), *PACE.descr, *WARM.descr, *LEARNING.descr])
"""What `memory.take` moves, of a channel that `exists`; `gap_us` is -1 before its second sample."""


@dataclass(slots=True)
class Cells:
    """One metric's channels; arrays with a row a device.

    Attributes:
        skipped: bool, whether what is said there is left to another detector.
        since_us: int64, when the hour being gathered began; `NEVER_US` where there is no such channel.
        count: int64, of that hour.
        sum: float64, of that hour.
        usual: float64, as in the profile.
        seen: int8, shape (rows, BINS).
        level: float32, shape (rows, BINS).
        channel: Of dtype `CHANNEL`.
    """

    skipped: Mask
    since_us: Moments
    count: Moments
    sum: npt.NDArray[np.float64]
    usual: npt.NDArray[np.float64]
    seen: npt.NDArray[np.int8]
    level: npt.NDArray[np.float32]
    channel: npt.NDArray[np.void]

    @classmethod
    def empty(cls, rows: int) -> "Cells":
        """No channel in any row."""
        return cls(
            np.zeros(rows, np.bool_),
            np.full(rows, NEVER_US),
            np.zeros(rows, np.int64),
            np.zeros(rows),
            np.zeros(rows),
            np.zeros((rows, BINS), np.int8),
            np.zeros((rows, BINS), LEVEL),
            np.zeros(rows, CHANNEL),
        )

    def copy_of(self, at: Index) -> "Cells":
        """Some of the rows, to be worked on."""
        return Cells(*(getattr(self, one.name)[at].copy() for one in fields(self)))

    def put(self, at: Index, cells: "Cells", kept: Mask) -> None:
        """Take over rows of what `copy_of` gave."""
        every = bool(kept.all())
        for one in fields(self):
            rows, worked_on = getattr(self, one.name)[at], getattr(cells, one.name)
            getattr(self, one.name)[at] = worked_on if every else np.where(_beside(kept, rows), worked_on, rows)

    def grown(self) -> "Cells":
        """Twice as many rows."""
        empty = Cells.empty(2 * self.count.size)
        for one in fields(self):
            getattr(empty, one.name)[: self.count.size] = getattr(self, one.name)
        return empty

    def read_in(self, row: int, profile: Profile | None, channel: Channel | None) -> None:
        """Put a channel's memory into a row."""
        self.since_us[row] = ALWAYS_US
        if profile is not None:
            self.since_us[row], self.count[row], self.sum[row] = profile["since_us"], profile["count"], profile["sum"]
            self.usual[row], self.level[row] = profile["usual"], levels(profile)
            self.seen[row] = np.frombuffer(profile["seen"].encode(), np.int8) - ord("0")
        if channel is not None:
            known: Mapping[str, float] = {"gap_us": -1} | channel | {"exists": True, "warm": is_warm(channel)}
            self.channel[row] = tuple(known.get(name, 0) for name in CHANNEL.names or ())

    def write_hour(self, row: int, profile: Profile) -> None:
        """Put the hour being gathered into a profile."""
        profile["since_us"] = self.since_us[row].item()
        profile["count"], profile["sum"] = self.count[row].item(), self.sum[row].item()

    def write_hours(self, row: int, profile: Profile) -> None:
        """Put what was learnt of hours into a profile."""
        profile["usual"], profile["level"] = short(self.usual[row].item()), stored_levels(self.level[row])
        profile["seen"] = (self.seen[row] + ord("0")).tobytes().decode()

    def write_channel(self, row: int, channel: Channel) -> None:
        """Put what moves with every sample into a channel."""
        numbers = self.channel[row]
        moved = (*(PACE.names or ()), *((WARM.names if numbers["warm"] else LEARNING.names) or ()))
        channel.update((name, numbers[name].item()) for name in moved)
        if channel["gap_us"] < 0:
            del channel["gap_us"]


def run_of(rows: Moments) -> Index:
    """Rows as a slice if they are one."""
    first = int(rows[0]) if rows.size else 0
    return slice(first, first + rows.size) if np.array_equal(rows, np.arange(first, first + rows.size)) else rows


def _beside(kept: Mask, rows: npt.NDArray[Any]) -> Mask:
    """A mask of rows in the shape of what has more than a number a row."""
    return kept if rows.ndim == 1 else kept[:, np.newaxis]
