"""Hour profile: what is usual for a channel at each hour of the day, so that following people is no deviation."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

Profile = dict[str, Any]
"""A channel's memory as JSON: the hour being gathered (`since_us`, `count`, `sum`), by bin its `level` and how often it
was `seen` (a string of digits, a third the size of a list), and `usual`, the level of the hour judged last."""

HOURS = 24
BINS = 2 * HOURS
"""Workdays, then weekends. Source: DOMAIN 6.2, 24 x 2 bins while there are fewer than four weeks."""


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


_HOUR_US = 3_600_000_000
_SATURDAY = 5
_SETTLED = 9


def new_profile() -> Profile:
    """A channel that has said nothing yet."""
    return {"since_us": None, "count": 0, "sum": 0.0, "level": [0.0] * BINS, "seen": "0" * BINS}


def in_running_hour(profile: Profile, at_us: int) -> bool:
    """Whether a sample of this time belongs to the hour being gathered, so that `gather` would only add it."""
    return bool(profile["since_us"] == at_us - at_us % _HOUR_US)


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
    began_us = at_us - at_us % _HOUR_US
    residual = None
    if profile["since_us"] is not None and began_us != profile["since_us"]:
        residual = _close(profile, rule, frozen=frozen)
        profile.update(count=0, sum=0.0)
    profile["since_us"] = began_us
    add(profile, value)
    return residual


def _close(profile: Profile, rule: ProfileRule, *, frozen: bool) -> float | None:
    mean = profile["sum"] / profile["count"]
    local = datetime.fromtimestamp(profile["since_us"] / 1e6, tz=rule.zone)
    weekend = local.weekday() >= _SATURDAY
    bin_ = local.hour + HOURS * weekend
    seen, level = int(profile["seen"][bin_]), profile["level"][bin_]
    profile["usual"] = level
    if not frozen:
        # A mean over the first ten, then an average that forgets.
        profile["seen"] = f"{profile['seen'][:bin_]}{min(seen + 1, _SETTLED)}{profile['seen'][bin_ + 1 :]}"
        profile["level"][bin_] = float(f"{level + (mean - level) / (seen + 1):.5g}")
    return mean - level if seen >= (rule.weekend_days if weekend else rule.workdays) else None
