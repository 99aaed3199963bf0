"""Influx summaries: the series `reading_1m` and `reading_1h`, made of the readings by the server itself."""

from collections.abc import Callable, Iterator

import numpy as np

from ingest.history import DAY_US, EVER_US, HOUR_US, MINUTE_US, Series, Summary
from ingest.readings import Quality
from ingest.stores import windows
from ingest.stores.columns import Columns
from ingest.stores.influx_lines import prefix, within
from ingest.stores.influx_query import Frame, InfluxQuery, text
from ingest.stores.influx_writer import InfluxWriter

SERIES = {MINUTE_US: "reading_1m", HOUR_US: "reading_1h"}
SETTLED_US = HOUR_US
"""An hour is summarised this long after its end; what comes later has its hour summarised again."""
_BELIEVED = f'"quality" & {int(Quality.OUT_OF_RANGE)} = 0'
_FIELDS = ", ".join(
    f'{what}("value") AS "{name}"'
    for name, what in (("low", "min"), ("high", "max"), ("mean", "mean"), ("count", "count"), ("last", "last"))
)
_HOURS_A_QUERY = 25
Readings = Callable[[int, int], Series]


class InfluxSummaries:
    """Keeps the summaries true to the readings of a server that has no transactions.

    A summary is always made anew from all readings of its window and written over the one before, so doing it again
    changes nothing. How far they reach is a point of the same server, written after them.
    """

    def __init__(self, query: InfluxQuery, writer: InfluxWriter, policy: str) -> None:
        """Does not connect.

        Args:
            query: Where the readings are.
            writer: Writes to the same server.
            policy: The retention policy that keeps the summaries; empty for that of the readings. Then there are only
                hours: minutes would live no longer than their readings and take several times their room.
        """
        self._query, self._writer, self._policy = query, writer, policy
        self._widths_us = (MINUTE_US, HOUR_US) if policy else (HOUR_US,)
        self._until_us: int | None = None

    def forget(self) -> None:
        """What was known of the server may not hold any more."""
        self._until_us = None

    def move_on(self, newest_us: int) -> bool:
        """Summarise the next hour whose time has come; whether there was one.

        Args:
            newest_us: Event time now.
        """
        until_us, target_us = self.until_us(), (newest_us - SETTLED_US) // HOUR_US * HOUR_US
        if target_us > until_us + DAY_US:  # a gap, or the first time
            until_us = max(until_us, min(target_us, self._first_us(until_us) // HOUR_US * HOUR_US))
        if target_us <= until_us:
            return False
        self._redo([("", until_us, until_us + HOUR_US)])
        self._writer.write_mark(f"stored summarised_us={until_us + HOUR_US}i", newest_us // DAY_US * DAY_US * 1_000)
        self._until_us = until_us + HOUR_US
        return True

    def take(self, columns: Columns, keys: list[tuple[str, str]], kept_from_us: Callable[[], int]) -> None:
        """Summarise again the hours of readings that came after their hour was summarised.

        Args:
            columns: Readings that were just written, or had been before a crash.
            keys: (device, metric) by series number.
            kept_from_us: Says before when hours have lost readings by now; those stay as they are.
        """
        late = columns.where(columns.at_us < self.until_us())
        if not len(late):
            return
        late = late.where(late.at_us >= kept_from_us() + DAY_US)
        hours = late.at_us // HOUR_US * HOUR_US
        new_run = np.r_[True, (np.diff(late.series) != 0) | (np.diff(hours) > HOUR_US)][: len(late)]
        starts = np.flatnonzero(new_run).tolist()
        ends = [*starts[1:], len(late)] if starts else []
        runs = []
        for start, end in zip(starts, ends, strict=True):
            device, metric = keys[int(late.series[start])]
            which = f'"device" = {text(device)} AND "metric" = {text(metric)} AND '
            runs.append((which, int(hours[start]), int(hours[end - 1]) + HOUR_US))
        self._redo(runs)

    def read(self, which: str, bounds: tuple[int, int, int], kept_from_us: int, readings: Readings) -> Summary:
        """See `ReadingStore.summary`.

        Args:
            which: The condition that chooses one metric of one device.
            bounds: Start, end and step in microseconds.
            kept_from_us: From when on the server has readings.
            readings: Gives the readings of a range.
        """
        start_us, end_us, step_us = bounds
        start_us, end_us = start_us // step_us * step_us, -(-end_us // step_us) * step_us
        width_us = self._widths_us[-1 if step_us % HOUR_US == 0 else 0]
        until_us = self._asked_until_us()
        if step_us % width_us:
            until_us = min(until_us, kept_from_us)
        rows = self._query.rows(
            f'SELECT "low", "high", "mean", "count", "last" FROM "{SERIES[width_us]}" '  # noqa: S608 -- escaped
            f"WHERE {which}{within(start_us, min(end_us, until_us))}",
            self._policy,
        )
        stored = windows.summary([(row[0] // 1_000, *row[1:]) for row in rows])
        rest = windows.of_readings(readings(max(start_us, until_us), end_us))
        return windows.merged([stored, rest], step_us)

    def until_us(self) -> int:
        """Up to when hours are summarised."""
        if self._until_us is None:
            self._until_us = self._asked_until_us()
        return self._until_us

    def _asked_until_us(self) -> int:
        return max((row[1] for row in self._query.rows('SELECT max("summarised_us") FROM "stored"')), default=EVER_US)

    def _first_us(self, from_us: int) -> int:
        found = self._query.rows(f'SELECT first("value") FROM "reading" WHERE {within(from_us, 2**62)}')  # noqa: S608 -- numbers
        return int(found[0][0]) // 1_000 if found else 2**62

    def _redo(self, runs: list[tuple[str, int, int]]) -> None:
        for start in range(0, len(runs), _HOURS_A_QUERY):
            for width_us in self._widths_us:
                statements = "; ".join(
                    f'SELECT {_FIELDS} FROM "reading" WHERE {which}{within(start_us, end_us)} AND {_BELIEVED} '  # noqa: S608 -- escaped
                    f'GROUP BY time({width_us}u), "site", "device", "metric" fill(none)'
                    for which, start_us, end_us in runs[start : start + _HOURS_A_QUERY]
                )
                lines = [line for frame in self._query.ask(statements) for line in _lines(SERIES[width_us], frame)]
                self._writer.write(lines, self._policy)


def _lines(series: str, frame: Frame) -> Iterator[str]:
    before = prefix(series, frame.tags)
    for at_ns, low, high, mean, count, last in frame.rows:
        fields = f"low={float(low)!r},high={float(high)!r},mean={float(mean)!r},count={count}i,last={float(last)!r}"
        yield f"{before} {fields} {at_ns}"
