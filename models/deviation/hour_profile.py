"""Hour profile: what is usual for a channel at each hour of the day, so that following people is no deviation."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from models.deviation.digits import short

Profile = dict[str, Any]
"""A channel's memory as JSON: the hour being gathered (`since_us`, `count`, `sum`), by bin its `level` and how often it
was `seen`, and `usual`, the level of the hour judged last. Levels are base64 of float32 without its last byte, four
characters each, and counts a string of digits, a third the size of a list."""

Levels = npt.NDArray[np.float32]
LEVEL = np.dtype("<f4")
HOURS, HOUR_US = 24, 3_600_000_000
BINS = 2 * HOURS
"""Workdays, then weekends. Source: DOMAIN 6.2, 24 x 2 bins while there are fewer than four weeks."""

SETTLED = 9
"""Hours more than so many are not counted."""

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class ProfileRule:
    """When an hour's usual is known.

    Attributes:
        zone: The site's, for the hour of the day.
        workdays: How often an hour of a workday must have been seen before it is judged.
        weekend_days: The same for an hour of a Saturday or Sunday.
    """

    zone: ZoneInfo
    workdays: int
    weekend_days: int

    def days(self, bin_: int) -> int:
        """How often a bin must have been seen."""
        return self.weekend_days if bin_ >= HOURS else self.workdays


def new_profile() -> Profile:
    """A channel that has said nothing yet."""
    level = stored_levels(np.zeros(BINS, LEVEL))
    return {"since_us": None, "count": 0, "sum": 0.0, "level": level, "seen": "0" * BINS, "usual": 0.0}


def levels(profile: Profile) -> Levels:
    """A profile's levels, shape (BINS,)."""
    held = np.zeros((BINS, LEVEL.itemsize), np.uint8)
    held[:, 1:] = np.frombuffer(b64decode(profile["level"]), np.uint8).reshape(BINS, -1)
    return held.view(LEVEL)[:, 0]


def stored_levels(level: Levels) -> str:
    """Levels, shape (BINS,), each to be held exactly, as a profile holds them."""
    return b64encode(level.view(np.uint8).reshape(BINS, -1)[:, 1:].tobytes()).decode()


def held_exactly(level: npt.NDArray[np.float64]) -> Levels:
    """The nearest numbers that a profile holds, of any shape: 16 bits of mantissa, finer than five digits."""
    rounded = (level.astype(LEVEL).view("<u4") + np.uint32(0x80)) & np.uint32(0xFFFFFF00)
    return rounded.view(LEVEL)


def bin_of(since_us: int, zone: ZoneInfo) -> int:
    """The bin of the hour that began then; those of weekends are the ones from `HOURS` on."""
    local = datetime.fromtimestamp(since_us / 1e6, tz=zone)
    return local.hour + HOURS * (local.weekday() >= _SATURDAY)


def in_running_hour(profile: Profile, at_us: int) -> bool:
    """Whether a sample of this time belongs to the hour being gathered, so that `gather` would only add it."""
    return bool(profile["since_us"] == at_us - at_us % HOUR_US)


def add(profile: Profile, value: float) -> None:
    """Add a sample to the hour being gathered."""
    profile["count"] += 1
    profile["sum"] += value


def gather(profile: Profile, at_us: int, value: float, rule: ProfileRule, *, frozen: bool) -> float | None:
    """Take in one sample; whenever it begins a new hour, the hour before is compared with its usual.

    Args:
        profile: Changed.
        at_us: Of the sample, ascending from call to call.
        value: In the channel's unit.
        rule: When the usual is known.
        frozen: Compare, but do not learn: something is wrong.

    Returns:
        The mean of the hour that has ended less what is usual then, or None while it lasts or its usual is not known.
    """
    began_us = at_us - at_us % HOUR_US
    residual = None
    if profile["since_us"] is not None and began_us != profile["since_us"]:
        residual = _close(profile, rule, frozen=frozen)
        profile.update(count=0, sum=0.0)
    profile["since_us"] = began_us
    add(profile, value)
    return residual


def _close(profile: Profile, rule: ProfileRule, *, frozen: bool) -> float | None:
    mean = profile["sum"] / profile["count"]
    bin_ = bin_of(profile["since_us"], rule.zone)
    seen, level = int(profile["seen"][bin_]), levels(profile)
    usual = float(level[bin_])
    profile["usual"] = short(usual)
    if not frozen:
        # A mean over the first ten, then an average that forgets.
        profile["seen"] = f"{profile['seen'][:bin_]}{min(seen + 1, SETTLED)}{profile['seen'][bin_ + 1 :]}"
        level[bin_] = held_exactly(np.array([usual + (mean - usual) / (seen + 1)]))[0]
        profile["level"] = stored_levels(level)
    return mean - usual if seen >= rule.days(bin_) else None
