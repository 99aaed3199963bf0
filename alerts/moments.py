"""Moments: the two forms of time, microseconds inside and aware UTC datetimes where people and pages read."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US


def at(us: int) -> datetime:
    """The moment as an aware UTC datetime, exact to the microsecond.

    Example:
        >>> at(1_500_000).isoformat()
        '1970-01-01T00:00:01.500000+00:00'
    """
    return EPOCH + timedelta(microseconds=us)


def at_or_none(us: int | None) -> datetime | None:
    """The same, where there may be none."""
    return None if us is None else at(us)


def us_of(moment: datetime) -> int:
    """Microseconds since the epoch of an aware datetime.

    Example:
        >>> us_of(at(1_500_000))
        1500000
    """
    return (moment - EPOCH) // timedelta(microseconds=1)
