"""Nights: when a site sleeps, and the quiet readings of one riser collected from windows."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from ingest.registry import Asset
from models.statistics.usual import MAD_TO_SD
from models.windows import Window

DEFAULT_TIMEZONE = "Asia/Shanghai"
"""Where an asset's `limits["timezone"]` says nothing."""

_VIBRATION = "pipe_vibration_um_s2"
_PRESSURE = "pressure_kpa"


@dataclass(frozen=True, slots=True)
class NightHours:
    """One night's quiet hours in event time.

    Attributes:
        day: The local date they fall on, as a proleptic ordinal.
        start_us: Inclusive, microseconds since the epoch.
        end_us: Exclusive.
    """

    day: int
    start_us: int
    end_us: int

    @classmethod
    @lru_cache(maxsize=1_024)  # a whole site asks of the same hour
    def ending_after(cls, at_us: int, zone: ZoneInfo, first_hour: float, last_hour: float) -> "NightHours":
        """The quiet hours that are running at `at_us`, or else the next ones.

        Args:
            at_us: Microseconds since the epoch.
            zone: The site's.
            first_hour: Local hour at which they begin, such as 2.0.
            last_hour: Local hour at which they end, the same day.
        """
        today = datetime.fromtimestamp(at_us / 1e6, tz=zone).replace(hour=0, minute=0, second=0, microsecond=0)
        hours = cls._of(today, first_hour, last_hour)
        return hours if at_us < hours.end_us else cls._of(today + timedelta(days=1), first_hour, last_hour)

    @classmethod
    def _of(cls, midnight: datetime, first_hour: float, last_hour: float) -> "NightHours":
        first, last = midnight + timedelta(hours=first_hour), midnight + timedelta(hours=last_hour)
        return cls(midnight.toordinal(), round(first.timestamp() * 1e6), round(last.timestamp() * 1e6))


def zone_of(window: Window) -> ZoneInfo:
    """The zone of the clocks of a window's asset."""
    return clock_of(window.asset)


def clock_of(asset: Asset) -> ZoneInfo:
    """The zone of an asset's clocks: `limits["timezone"]`, an IANA name, else `DEFAULT_TIMEZONE`."""
    return ZoneInfo(str(asset.limits.get("timezone", DEFAULT_TIMEZONE)))


def collect(night: dict[str, Any], window: Window, hours: NightHours) -> None:
    """Add a window's quiet readings to the night that is being gathered.

    Args:
        night: JSON dict, changed: `day`, `frames` (log vibration RMS) and `pressure` (medians in kPa, one a window).
        window: Readings outside the hours are passed over, and vibration that is not positive.
        hours: Of the night that is running or next; the dict is emptied when it holds another one.
    """
    if night.get("day") != hours.day:
        night.clear()
        night.update(day=hours.day, frames=[], pressure=[])
    vibration = window.said(_VIBRATION, hours.start_us, hours.end_us)
    night["frames"] += [round(math.log(value), 4) for _, value in vibration if value > 0]
    # A flush lowers a minute's pressure, a leak every minute's: the hour's median tells them apart.
    pressures = [value for _, value in window.said(_PRESSURE, hours.start_us, hours.end_us)]
    if pressures:
        night["pressure"].append(round(float(np.median(pressures)), 2))


def spread_within(frames: list[float]) -> float:
    """The robust standard deviation of one night's records around their median, in log units."""
    return MAD_TO_SD * float(np.median(np.abs(np.asarray(frames) - np.median(frames))))
