"""DuckDB summaries: hours beside the readings, minutes in their place, and how long each is kept."""

# ruff: noqa: S608 -- what is put into statements are names and numbers of this file

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import duckdb
import numpy as np

from ingest.history import DAY_US, EVER_US, HOUR_US, MINUTE_US, Keeping, Summary
from ingest.readings import Quality
from ingest.stores.columns import Columns

SETTLED_US = HOUR_US
"""An hour is summarised this long after its end. Chosen by: what comes later is merged in, which costs more."""
_EVERY_US = 6 * HOUR_US
"""So many hours are summarised together. Chosen by: one by one they cost a fast import a third of its speed, and for so
few the readings are as quick."""
_HOURS_AT_ONCE_US = DAY_US
_MINUTES_AT_ONCE_US = 6 * HOUR_US
"""What one write summarises and drops at most, so that a long history does not hold up the first write, and ten
thousand series fit into memory."""
_GOES_WITH_READINGS = ("score", "threshold_in_force")
"""Series of points of which there are many, and which nobody asks for once the readings are gone."""

_ROW = "low DOUBLE, high DOUBLE, mean DOUBLE, count UINTEGER, last DOUBLE, last_after_us UINTEGER"
TABLES = f"""
CREATE TABLE IF NOT EXISTS minute (series INTEGER, at_us BIGINT, {_ROW});
CREATE TABLE IF NOT EXISTS hour (series INTEGER, at_us BIGINT, {_ROW});
CREATE TABLE IF NOT EXISTS kept (readings_from_us BIGINT, minutes_from_us BIGINT, hours_until_us BIGINT);
INSERT INTO kept SELECT {EVER_US}, {EVER_US}, {EVER_US} WHERE NOT EXISTS (FROM kept);
"""
# A sum of values near the end of what a double holds would be none; no sensor says such a thing.
_BELIEVED = f"quality & {int(Quality.OUT_OF_RANGE)} = 0 AND abs(value) < 1e300"


def _window(width: str | int) -> str:
    """Where the window of `at_us` starts; `%` alone would take times before 1970 to the next one."""
    return f"at_us - ((at_us % {width}) + {width}) % {width}"


def _summarised(readings: str, width: int) -> str:
    return f"""
SELECT series, window_us AS at_us, min(value) AS low, max(value) AS high, avg(value) AS mean,
    count(*)::UINTEGER AS count, arg_max(value, at_us) AS last, (max(at_us) - window_us)::UINTEGER AS last_after_us
FROM (SELECT *, {_window(width)} AS window_us FROM {readings} WHERE {_BELIEVED})
GROUP BY series, window_us ORDER BY window_us, series
"""


def _merged(table: str, width: int) -> str:
    """The windows that the rows of `late` fall into, with them."""
    return f"""
WITH added AS ({_summarised("late", width)})
SELECT series, at_us, min(low) AS low, max(high) AS high, sum(mean * count) / sum(count) AS mean,
    sum(count)::UINTEGER AS count, arg_max(last, last_after_us) AS last, max(last_after_us) AS last_after_us
FROM (
    FROM added
    UNION ALL SELECT t.* FROM {table} t SEMI JOIN added USING (series, at_us) WHERE t.at_us BETWEEN ? AND ?
)
GROUP BY series, at_us
"""


_SUMMARY = f"""
SELECT {_window("$step")} AS window_us, min(low), max(high), sum(mean * count) / sum(count), sum(count)::BIGINT,
    arg_max(last, at_us + last_after_us)
FROM (
    SELECT at_us, low, high, mean, count, last, last_after_us FROM hour
    WHERE series = $series AND at_us >= $start AND at_us < $hours
    UNION ALL SELECT at_us, low, high, mean, count, last, last_after_us FROM minute
    WHERE series = $series AND at_us >= greatest($start, $hours) AND at_us < $minutes
    UNION ALL SELECT at_us, value, value, value, 1, value, 0 FROM reading
    WHERE series = $series AND at_us >= greatest($start, $hours, $minutes) AND at_us < $end AND {_BELIEVED}
) GROUP BY window_us ORDER BY window_us
"""


@dataclass(frozen=True, slots=True)
class Horizons:
    """Where each kind of row begins or ends, microseconds since the epoch.

    Attributes:
        readings_from_us: Readings before it were made minutes, and dropped.
        minutes_from_us: Minutes before it were dropped.
        hours_until_us: Hours before it are complete; later ones are not made yet.
    """

    readings_from_us: int = EVER_US
    minutes_from_us: int = EVER_US
    hours_until_us: int = EVER_US


class DuckdbSummaries:
    """Keeps `minute` and `hour` true to the readings, inside the transaction that writes these.

    Time is divided by horizons that are stored with the rows. Past `hours_until_us` the readings themselves are
    summed up when somebody asks; a reading that arrives before it is merged into its hour. Past `readings_from_us`
    readings are there; before it there are minutes, and a reading that still arrives is merged into its minute and
    not kept, nor is it recognised should it come twice under different messages. All of it commits or none, so a
    crash needs no repair.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, keeping: Keeping) -> None:
        """Read the horizons of an open file that has `TABLES`."""
        self._connection = connection
        self._keeping = keeping
        self._looked_at_us = EVER_US
        self._moving = True
        self.horizons = horizons_of(connection)

    def take(self, new: Columns, newest_us: int) -> Horizons:
        """Take note of readings that were just inserted, and move the horizons on, in the caller's transaction.

        Args:
            new: Readings that the store did not hold; those before `readings_from_us` were not inserted.
            newest_us: Event time now.

        Returns:
            The horizons once the caller has committed; `horizons` is for the caller to set then.
        """
        before = self.horizons
        self._merge("hour", HOUR_US, new.where(new.at_us < before.hours_until_us))
        self._merge("minute", MINUTE_US, new.where(new.at_us < before.readings_from_us))
        now = self._summarise(before, newest_us)
        if newest_us >= self._looked_at_us + HOUR_US or self._moving:
            self._looked_at_us = newest_us
            now = self._drop(self._fold(now, newest_us), newest_us)
            self._moving = now != before
        if now != before:
            self._connection.execute(
                "UPDATE kept SET readings_from_us = ?, minutes_from_us = ?, hours_until_us = ?",
                [now.readings_from_us, now.minutes_from_us, now.hours_until_us],
            )
        return now

    def _merge(self, table: str, width: int, late: Columns) -> None:
        if not len(late):
            return
        bounds = [int(late.at_us.min()) // width * width, int(late.at_us.max())]
        arrays = {name: getattr(late, name) for name in ("series", "at_us", "value", "quality")}
        with shown(self._connection, "late", arrays):
            merged = self._connection.execute(_merged(table, width), bounds).fetchnumpy()
        with shown(self._connection, "merged", merged):
            self._connection.execute(
                f"DELETE FROM {table} t USING merged m "
                "WHERE t.at_us BETWEEN ? AND ? AND t.series = m.series AND t.at_us = m.at_us",
                bounds,
            )
            self._connection.execute(f"INSERT INTO {table} FROM merged")

    def _summarise(self, now: Horizons, newest_us: int) -> Horizons:
        target_us = (newest_us - SETTLED_US) // _EVERY_US * _EVERY_US
        until_us = self._next(now.hours_until_us, target_us, _HOURS_AT_ONCE_US)
        if until_us > now.hours_until_us:
            readings = f"(FROM reading WHERE at_us >= {now.hours_until_us} AND at_us < {until_us})"
            self._connection.execute(f"INSERT INTO hour {_summarised(readings, HOUR_US)}")
        return replace(now, hours_until_us=until_us)

    def _fold(self, now: Horizons, newest_us: int) -> Horizons:
        """Make minutes of the readings whose time is over."""
        over_us = min(self._over_us(self._keeping.readings_us, now.readings_from_us, newest_us), now.hours_until_us)
        until_us = self._next(now.readings_from_us, over_us // DAY_US * DAY_US, _MINUTES_AT_ONCE_US)
        if until_us > now.readings_from_us:
            over = f"(FROM reading WHERE at_us < {until_us})"
            self._connection.execute(f"INSERT INTO minute {_summarised(over, MINUTE_US)}")
            for table in ("reading", "event"):
                self._connection.execute(f"DELETE FROM {table} WHERE at_us < ?", [until_us])
            self._connection.execute(
                "DELETE FROM point WHERE at_us < ? AND list_contains(?, series)", [until_us, list(_GOES_WITH_READINGS)]
            )
        return replace(now, readings_from_us=until_us)

    def _drop(self, now: Horizons, newest_us: int) -> Horizons:
        """Drop the minutes and hours whose time is over."""
        from_us = min(self._over_us(self._keeping.minutes_us, now.minutes_from_us, newest_us), now.readings_from_us)
        if from_us <= now.minutes_from_us:
            return now
        self._connection.execute("DELETE FROM minute WHERE at_us < ?", [from_us])
        if self._keeping.hours_us:
            hours_from_us = min(self._over_us(self._keeping.hours_us, EVER_US, newest_us), from_us)
            self._connection.execute("DELETE FROM hour WHERE at_us < ?", [hours_from_us])
        return replace(now, minutes_from_us=from_us)

    def _over_us(self, keep_us: int, from_us: int, newest_us: int) -> int:
        """Up to when rows are over: older than `keep_us`, with as many days of readings after them.

        Without the second half a clock that jumps ahead by years would make all of history old at once.
        """
        over_us = (newest_us - keep_us) // DAY_US * DAY_US
        if not keep_us or over_us <= from_us:
            return EVER_US
        days = self._connection.execute(
            f"SELECT DISTINCT {_window(DAY_US)} AS day FROM hour ORDER BY day DESC LIMIT 1 OFFSET ?",
            [keep_us // DAY_US],
        ).fetchall()
        return min(over_us, int(days[0][0])) if days else EVER_US

    def _next(self, from_us: int, target_us: int, at_once_us: int) -> int:
        """How far to go from a horizon towards its target in this write."""
        if target_us <= from_us + at_once_us:
            return max(from_us, target_us)
        (oldest_us,) = self._connection.execute(
            "SELECT min(at_us) FROM reading WHERE at_us >= ?", [from_us]
        ).fetchall()[0]
        if oldest_us is None:
            return target_us
        return int(min(target_us, oldest_us // at_once_us * at_once_us + at_once_us))


def read(cursor: duckdb.DuckDBPyConnection, series: int, start_us: int, end_us: int, step_us: int) -> Summary:
    """See `ReadingStore.summary`; `cursor` has one snapshot of the horizons and the rows."""
    start_us, end_us = start_us // step_us * step_us, -(-end_us // step_us) * step_us
    cursor.begin()
    horizons = horizons_of(cursor)
    by_hours = step_us % HOUR_US == 0
    found = cursor.execute(
        _SUMMARY,
        {
            "series": series,
            "step": step_us,
            "start": start_us,
            "hours": min(end_us, horizons.hours_until_us if by_hours else horizons.minutes_from_us),
            "minutes": min(end_us, horizons.readings_from_us),
            "end": end_us,
        },
    ).fetchnumpy()
    cursor.commit()
    return Summary(*found.values())


def horizons_of(connection: duckdb.DuckDBPyConnection) -> Horizons:
    """The horizons of a file, as of this connection's snapshot."""
    rows = connection.execute("SELECT readings_from_us, minutes_from_us, hours_until_us FROM kept").fetchall()
    return Horizons(*rows[0])


@contextmanager
def shown(connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, np.ndarray]) -> Iterator[None]:
    """Let SQL read numpy columns as a table, without copying them."""
    connection.register(name, columns)
    try:
        yield
    finally:
        connection.unregister(name)
