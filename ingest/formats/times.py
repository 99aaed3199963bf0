"""Times: a device's time in seconds, milli-, micro- or nanoseconds, or ISO 8601, as microseconds since the epoch."""

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_NS_ABOVE = 10**17
EARLIEST_BARE_US = 10**14
"""Microseconds up to this one (3 March 1973) would be read as milliseconds."""
_MS_ABOVE = 10**11
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC) - _EPOCH
_LOCAL_FORMS = ("%Y/%m/%d %H:%M:%S", "%Y%m%d%H%M%S", "%Y-%m-%d %H:%M:%S")  # the last for single digits
_LONGEST_DIGITS = 20
_LATEST = 2**63 * 1_000  # nanoseconds; beyond, microseconds need over 64 bits


def microseconds(at: object) -> int | None:
    """Microseconds since the epoch, or None if the time is negative, not a time, or text without a zone.

    Args:
        at: A number, whose magnitude tells its unit (above 1e17 ns, 1e14 us, 1e11 ms, else s), or ISO 8601; anything
            else that a JSON message can hold is no time.

    Source:
        DOMAIN 5.4. The magnitudes hold from 1973 (as ms) to 5138 (as s).

    Example:
        >>> {microseconds(at) for at in (1764000000, 1764000000.0, 1764000000000, 1764000000000000)}
        {1764000000000000}
        >>> microseconds("2025-11-24T16:00:00Z")
        1764000000000000
        >>> microseconds("2025-11-24 16:00:00"), microseconds(float("nan")), microseconds(True), microseconds(10**30)
        (None, None, None, None)
    """
    if isinstance(at, str):
        return _from_text(at)
    if not isinstance(at, int | float) or isinstance(at, bool) or not 0 <= at <= _LATEST:
        return None
    if at > _NS_ABOVE:
        return int(at // 1_000)
    if at > EARLIEST_BARE_US:
        return int(at)
    return round(at * 1_000) if at > _MS_ABOVE else round(at * 1_000_000)


def local_microseconds(at: object, zone: ZoneInfo) -> int | None:
    """`microseconds`, for senders that write a local time without its zone, or a number as text.

    Args:
        at: As there; also `2024-03-07 15:46:54`, `2024/3/7 15:46:54`, `20240307154654` and `"1709826414000"`.
        zone: Where a text without a zone is from.

    Example:
        >>> shanghai = ZoneInfo("Asia/Shanghai")
        >>> texts = ("2024-03-07 15:46:54", "2024/3/7 15:46:54", "20240307154654", "2024-03-07T07:46:54Z")
        >>> {local_microseconds(text, shanghai) for text in texts}
        {1709797614000000}
    """
    if not isinstance(at, str):
        return microseconds(at)
    text = at.strip()
    if text.isascii() and text.isdigit() and len(text) != len("yyyyMMddHHmmss"):
        return microseconds(int(text)) if len(text) < _LONGEST_DIGITS else None
    with suppress(ValueError):
        moment = datetime.fromisoformat(text)
        return _since_epoch(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    for form in _LOCAL_FORMS:
        with suppress(ValueError):
            return _since_epoch(datetime.strptime(text, form).replace(tzinfo=zone))
    return None


def _from_text(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else _since_epoch(moment)


def _since_epoch(moment: datetime) -> int | None:
    return None if moment < _EPOCH else (moment - _EPOCH) // _MICROSECOND
