"""Moments: times as people say them, in the site's zone."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ingest.registry import Text

_PARTS_OF_DAY: Final = (
    (6, Text("凌晨", "before dawn")),
    (12, Text("上午", "in the morning")),
    (18, Text("下午", "in the afternoon")),
    (24, Text("夜间", "at night")),
)
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_HALF_HOUR: Final = timedelta(minutes=30)


def local(at_us: int, timezone: ZoneInfo) -> datetime:
    """The wall clock of the site at a moment given in microseconds since the epoch."""
    return datetime.fromtimestamp(at_us / 1e6, tz=timezone)


def day(at_us: int, timezone: ZoneInfo, now_us: int) -> Text:
    """The day: yesterday, today, tomorrow, or its date."""
    at = local(at_us, timezone).date()
    ahead = (at - local(now_us, timezone).date()).days
    if ahead == 0:
        return Text("今日", "today")
    if ahead == -1:
        return Text("昨日", "yesterday")
    if ahead == 1:
        return Text("明日", "tomorrow")
    return Text(f"{at.month} 月 {at.day} 日", f"{at.day} {_MONTHS[at.month - 1]}")


def part_of_day(at_us: int, timezone: ZoneInfo, now_us: int) -> Text:
    """The day and its part, as precise as a forecast's middle deserves: "11 月 23 日夜间"."""
    named = day(at_us, timezone, now_us)
    part = next(text for until, text in _PARTS_OF_DAY if local(at_us, timezone).hour < until)
    return Text(f"{named.zh}{part.zh}", f"{named.en} {part.en}")


def minute(at_us: int, timezone: ZoneInfo, now_us: int) -> Text:
    """The day and the wall clock, for what has happened: "今日 03:12"."""
    named, at = day(at_us, timezone, now_us), local(at_us, timezone)
    return Text(f"{named.zh} {at:%H:%M}", f"{named.en} {at:%H:%M}")


def hour(at_us: int, timezone: ZoneInfo, now_us: int) -> Text:
    """The day and the nearest hour: "明日 06:00"."""
    rounded = local(at_us, timezone) + _HALF_HOUR
    at = rounded.replace(minute=0, second=0, microsecond=0)
    named = day(int(at.timestamp() * 1e6), timezone, now_us)
    return Text(f"{named.zh} {at:%H:%M}", f"{named.en} {at:%H:%M}")
