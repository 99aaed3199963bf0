"""Nights: when a site sleeps, and the quiet readings of one riser collected from windows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from statistics import median
from typing import Any, Final
from zoneinfo import ZoneInfo

from ingest.registry import Asset
from models.blocks import EVER
from models.statistics.usual import MAD_TO_SD
from models.stretches import StretchWindow
from models.windows import Window

DEFAULT_TIMEZONE = "Asia/Shanghai"
"""Where an asset's `limits["timezone"]` says nothing."""

FLOW: Final = "flow_m3_h"
PRESSURE: Final = "pressure_kpa"
L_MIN_PER_M3_H: Final = 1_000.0 / 60.0
ENDS_EVERY_US: Final = 900_000_000
"""Nights end at local hours, which are whole quarters of an hour everywhere: a picture keeps their number."""
FEWEST_SLOTS: Final = 4
"""Of ten minutes with a flow, for a night's least flow."""

_VIBRATION = "pipe_vibration_um_s2"
_MEDIAN = "pipe_vibration_median_hz"
_SLOT_US = 600_000_000
_QUIETEST = 0.1


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


def collect(night: dict[str, Any], window: Window | StretchWindow, hours: NightHours) -> None:
    """Add a window's quiet readings to the night that is being gathered.

    Args:
        night: JSON dict, changed: `day`, `frames` (log vibration RMS) and `hz` (log median frequency) a record each,
            `pressure` (medians in kPa, one a window) and `flow` (medians of ten minutes in L/min).
        window: Readings outside the hours are passed over, and vibration that is not positive.
        hours: Of the night that is running or next; the dict is emptied when it holds another one.
    """
    begin(night, hours)
    if window.end_us <= hours.start_us:
        return
    night["frames"] += [
        round(math.log(v), 4) for _, v in window.said(_VIBRATION, hours.start_us, hours.end_us) if v > 0
    ]
    night["hz"] += [round(math.log(v), 4) for _, v in window.said(_MEDIAN, hours.start_us, hours.end_us) if v > 0]
    # A flush lowers a minute's pressure, a leak every minute's: the hour's median tells them apart.
    pressures = [value for _, value in window.said(PRESSURE, hours.start_us, hours.end_us)]
    if pressures:
        night["pressure"].append(round(median(pressures), 2))
    flows = slot_medians(window, FLOW, hours)
    night["flow"] += [round(m3_h * L_MIN_PER_M3_H, 3) for _, m3_h in sorted(flows.items())]


def begin(night: dict[str, Any], hours: NightHours) -> None:
    """Begin to gather a night, unless that is what is being gathered; see `collect`."""
    if night.get("day") != hours.day:
        night.clear()
        night.update(day=hours.day, frames=[], hz=[], pressure=[], flow=[])


def slot_medians(window: Window | StretchWindow, metric: str, hours: NightHours) -> dict[int, float]:
    """The median of what was said in every ten minutes of the quiet hours, by the slot's number since the epoch."""
    slots: dict[int, list[float]] = {}
    until_us, values = EVER, list[float]()
    for at_us, value in window.said(metric, hours.start_us, hours.end_us):
        # Times ascend: no slot comes back.
        if at_us >= until_us:
            slot = at_us // _SLOT_US
            until_us, values = (slot + 1) * _SLOT_US, []
            slots[slot] = values
        values.append(value)
    return {slot: median(values) for slot, values in slots.items()}


def least_flow(slots: Sequence[float]) -> float:
    """The lowest tenth of a night's slots: a tank filled for 90 minutes of two hours leaves it alone.

    That is `numpy.quantile`, to the last bit; of so few numbers it takes fifty times as long.
    """
    ordered, place = sorted(slots), (len(slots) - 1) * _QUIETEST
    below = math.floor(place)
    low, high, share = ordered[below], ordered[min(below + 1, len(slots) - 1)], place - below
    return high - (high - low) * (1.0 - share) if share >= 0.5 else low + (high - low) * share  # noqa: PLR2004 -- a half


def spread_within(frames: list[float]) -> float:
    """The robust standard deviation of one night's records around their median, in log units."""
    centre = median(frames)
    return MAD_TO_SD * median(abs(frame - centre) for frame in frames)
