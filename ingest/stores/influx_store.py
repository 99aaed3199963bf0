"""Influx store: the history in an InfluxDB server: 1.x as Debian has it, and what speaks the same."""

import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
import structlog

from ingest.history import DAY_US, EVER_US, Point, Series, StoreUnavailableError, Summary
from ingest.log import Record
from ingest.readings import Event
from ingest.stores.columns import Columns, SeriesBook
from ingest.stores.influx_lines import line, prefix, within
from ingest.stores.influx_query import Frame, InfluxQuery, name, text
from ingest.stores.influx_summaries import InfluxSummaries
from ingest.stores.influx_wire import Server
from ingest.stores.influx_writer import InfluxWriter
from ingest.stores.points import canonical_json, floats, some_tags
from ingest.stores.refused_points import RefusedPoints

_RUN_GAP_US = 600_000_000
"""Out-of-order readings of a series that lie closer than ten minutes are looked up with one range."""
_STATEMENTS_A_QUERY = 50
_EVENTS_A_MOMENT = 1_000
"""As many nanoseconds as a microsecond has."""

log = structlog.get_logger()


class InfluxReadingStore:
    """A `ReadingStore` in InfluxDB, by line protocol on `/write` or `/api/v2/write` and InfluxQL on `/query`.

    InfluxDB overwrites a point that has the same tags and time and knows no transactions. What keeps each reading
    once, and the first one: rows not newer than their series are looked up before they are written (`SeriesBook`),
    and the position is a point of the same server, written after everything it covers. After any failure all that is
    known of the server is read from it again, so a write that was half done, or a server restored from an older
    backup, is carried on from where it really stands.

    Different events of one device and microsecond get a nanosecond each, in log order.
    """

    def __init__(self, server: Server, refused: RefusedPoints, summary_policy: str = "") -> None:
        """Does not connect: a server that is down at the start is one that is down.

        Args:
            server: Where it is. Its database is made on the first write if it is missing and the user may (1.x).
            refused: Keeps what the server refuses for good.
            summary_policy: The retention policy that keeps minutes and hours longer than readings; see README.
        """
        self._server = server
        self._query = InfluxQuery(server)
        self._writer = InfluxWriter(server, refused)
        self._summaries = InfluxSummaries(self._query, self._writer, summary_policy)
        self._lock = threading.Lock()
        self._known = False
        self._missing = False
        self._position = 0
        self._newest_us = EVER_US
        self._book = SeriesBook()
        self._newest_event_us: dict[str, int] = {}

    def write(self, records: Sequence[Record]) -> None:
        """See `ReadingStore.write`; the readings and events come first, the position last."""
        with self._writing():
            new = [record for record in records if record.position > self._position]
            if not new:
                return
            columns = self._book.columns(new)
            sites = {reading.device: record.batch.site for record in new for reading in record.batch.readings}
            self._writer.write(self._reading_lines(self._without_held(columns), sites))
            self._writer.write(self._event_lines(new))
            self._summaries.take(columns, self._book.keys(), self.readings_from_us)
            self._newest_us = max(self._newest_us, *(record.watermark_us for record in new))
            self._write_position(new[-1])
            self._book.remember(columns)
            for event in (event for record in new for event in record.batch.events):
                self._newest_event_us[event.device] = max(
                    event.at_us, self._newest_event_us.get(event.device, event.at_us)
                )
            self._position = new[-1].position

    def tend(self) -> bool:
        """See `ReadingStore.tend`."""
        with self._writing():
            return self._writer.retry() | self._summaries.move_on(self._newest_us)

    def position(self) -> int:
        """See `ReadingStore.position`."""
        with self._writing():
            return self._position

    def write_points(self, points: Sequence[Point]) -> None:
        """See `ReadingStore.write_points`."""
        with self._writing():
            self._writer.write([line(p.series, p.at_us * 1_000, some_tags(p.tags), floats(p.fields)) for p in points])

    def series(self, device: str, metric: str, start_us: int, end_us: int) -> Series:
        """See `ReadingStore.series`."""
        which = f"{_of(device, metric)}{within(start_us, end_us)}"
        rows = self._query.rows(f'SELECT "value", "quality" FROM "reading" WHERE {which}')  # noqa: S608 -- escaped
        return Series(
            np.fromiter((row[0] // 1_000 for row in rows), np.int64, len(rows)),
            np.fromiter((row[1] for row in rows), np.float64, len(rows)),
            np.fromiter((row[2] for row in rows), np.uint8, len(rows)),
        )

    def summary(self, device: str, metric: str, start_us: int, end_us: int, step_us: int) -> Summary:
        """See `ReadingStore.summary`."""
        return self._summaries.read(
            _of(device, metric),
            (start_us, end_us, step_us),
            self.readings_from_us(),
            lambda start, end: self.series(device, metric, start, end),
        )

    def readings_from_us(self) -> int:
        """See `ReadingStore.readings_from_us`; what the server's own retention says."""
        newest = self._query.rows('SELECT max("watermark_us") FROM "stored"')
        with suppress(StoreUnavailableError):  # a server that has no such statement keeps all it took
            for policy in self._query.ask(f"SHOW RETENTION POLICIES ON {name(self._server.database)}"):
                for row in (dict(zip(policy.columns, row, strict=True)) for row in policy.rows):
                    if newest and row["default"] and _duration_us(row["duration"]):
                        return int(newest[0][1]) - _duration_us(row["duration"])
        return EVER_US

    def metrics(self, device: str) -> list[str]:
        """See `ReadingStore.metrics`."""
        rows = self._query.rows(f'SHOW TAG VALUES FROM "reading" WITH KEY = "metric" WHERE "device" = {text(device)}')
        return sorted(metric for _, metric in rows)

    def events(self, device: str, start_us: int, end_us: int) -> list[Event]:
        """See `ReadingStore.events`."""
        which = f'"device" = {text(device)} AND {within(start_us, end_us)}'
        frames = self._query.ask(f'SELECT "kind", "attributes", "quality" FROM "event" WHERE {which}')  # noqa: S608 -- escaped
        rows = (row for frame in frames for row in frame.rows)
        return [Event(device, kind, at // 1_000, json.loads(said), quality) for at, kind, said, quality in rows]

    def points(self, series: str, tags: Mapping[str, str], start_us: int, end_us: int) -> list[Point]:
        """See `ReadingStore.points`."""
        conditions = [f"{name(key)}::tag = {text(value)}" for key, value in tags.items()]
        which = " AND ".join([*conditions, within(start_us, end_us)])
        frames = self._query.ask(f"SELECT *::field FROM {name(series)} WHERE {which} GROUP BY *")  # noqa: S608 -- escaped
        found = [point for frame in frames for point in _points(series, frame)]
        return sorted(found, key=lambda point: (point.at_us, canonical_json(point.tags)))

    def close(self) -> None:
        """See `ReadingStore.close`."""
        self._query.close()
        self._writer.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            try:
                if not self._known:
                    self._read_state()
                yield
            except StoreUnavailableError:
                self._known = False
                raise

    def _write_position(self, record: Record) -> None:
        """One point a day of arrival, overwritten: few points, and as old as what they speak of."""
        line = f"stored position={record.position}i,watermark_us={self._newest_us}i"
        self._writer.write_mark(line, record.batch.received_us // DAY_US * DAY_US * 1_000)

    def _read_state(self) -> None:
        """Learn from the server where it stands."""
        self._summaries.forget()
        self._book, self._newest_event_us, self._position = SeriesBook(), {}, 0
        if self._is_missing():
            return
        for frame in self._query.ask('SELECT max("position") AS "position", max("watermark_us") FROM "stored"'):
            self._position, self._newest_us = frame.rows[0][1], frame.rows[0][2] or EVER_US
        for frame in self._query.ask('SELECT last("value") FROM "reading" GROUP BY "device", "metric"'):
            self._book.set_newest(
                self._book.number(frame.tags["device"], frame.tags["metric"]), frame.rows[0][0] // 1_000
            )
        newest = self._query.ask('SELECT last("kind") FROM "event" GROUP BY "device"')
        self._newest_event_us = {frame.tags["device"]: frame.rows[0][0] // 1_000 for frame in newest}
        self._known = True

    def _is_missing(self) -> bool:
        """Whether the database is not there yet; 1.x is told to make it, 3.x makes it with the first write.

        In 2.x a bucket is made by its owner. One that takes writes and is still not found has no name in InfluxQL.
        """
        try:
            self._query.rows('SELECT max("position") FROM "stored"')
        except StoreUnavailableError as error:
            if "database not found" not in error.reason:
                raise
            if self._missing:
                hint = "it takes writes but no InfluxQL: map it (2.x: influx v1 dbrp create --db ... --bucket-id ...)"
                raise StoreUnavailableError(self._server.label, f"{error.reason}; {hint}") from error
            with suppress(StoreUnavailableError):  # only 1.x makes databases so
                self._query.rows(f"CREATE DATABASE {name(self._server.database)}")
                return False
            self._writer.write_mark("stored position=0i", 0)
            self._missing = True
            return self._is_missing()
        self._missing = False
        return False

    def _reading_lines(self, columns: Columns, sites: Mapping[str, str]) -> list[str]:
        keys = self._book.keys()
        prefixes: dict[int, str] = {}
        for number in np.unique(columns.series).tolist():
            device, metric = keys[number]
            prefixes[number] = prefix("reading", {"site": sites[device], "device": device, "metric": metric})
        rows = (columns.series.tolist(), columns.at_us.tolist(), columns.value.tolist(), columns.quality.tolist())
        return [f"{prefixes[s]} value={v!r},quality={q}i {at_us * 1000}" for s, at_us, v, q in zip(*rows, strict=True)]

    def _without_held(self, columns: Columns) -> Columns:
        perhaps_held = self._book.perhaps_held(columns)
        if not perhaps_held.any():
            return columns
        late = columns.where(perhaps_held)
        new_run = (np.diff(late.series) != 0) | (np.diff(late.at_us) > _RUN_GAP_US)
        starts = [0, *(np.flatnonzero(new_run) + 1).tolist()]
        keys = self._book.keys()
        runs = [
            (int(late.series[start]), int(late.at_us[start]), int(late.at_us[end - 1]) + 1)
            for start, end in zip(starts, [*starts[1:], len(late)], strict=True)
        ]
        wheres = [
            f'"device" = {text(keys[number][0])} AND "metric" = {text(keys[number][1])} AND {within(start_us, end_us)}'
            for number, start_us, end_us in runs
        ]
        held = [(runs[i][0], row[0] // 1_000) for i, row in self._each('SELECT "value" FROM "reading"', wheres)]
        numbers, times = zip(*held, strict=True) if held else ((), ())
        return columns.without(np.array(numbers, np.int32), np.array(times, np.int64))

    def _event_lines(self, records: Sequence[Record]) -> list[str]:
        events = [(record.batch.site, event) for record in records for event in record.batch.events]
        moments = dict.fromkeys(
            (event.device, event.at_us)
            for _, event in events
            if event.device in self._newest_event_us and event.at_us <= self._newest_event_us[event.device]
        )
        wheres = [f'"device" = {text(device)} AND {within(at_us, at_us + 1)}' for device, at_us in moments]
        said: dict[tuple[str, int], list[tuple[str, str]]] = {}
        for i, (_, kind, attributes) in self._each('SELECT "kind", "attributes" FROM "event"', wheres):
            said.setdefault(list(moments)[i], []).append((kind, attributes))
        lines = []
        for site, event in events:
            of_moment = said.setdefault((event.device, event.at_us), [])
            says = (event.kind, canonical_json(event.attributes))
            if says in of_moment:
                continue
            if len(of_moment) == _EVENTS_A_MOMENT:
                log.warning("store.events_of_one_moment_refused", device=event.device, at_us=event.at_us)
                continue
            fields: dict[str, float | str] = {"kind": says[0], "attributes": says[1], "quality": int(event.quality)}
            at_ns = event.at_us * 1_000 + len(of_moment)
            lines.append(line("event", at_ns, {"site": site, "device": event.device}, fields))
            of_moment.append(says)
        return lines

    def _each(self, select: str, wheres: Sequence[str]) -> Iterator[tuple[int, list[Any]]]:
        """Rows of one statement an element of `wheres`, each with the element's index."""
        for first in range(0, len(wheres), _STATEMENTS_A_QUERY):
            statements = "; ".join(f"{select} WHERE {where}" for where in wheres[first : first + _STATEMENTS_A_QUERY])
            for frame in self._query.ask(statements):
                for row in frame.rows:
                    yield first + frame.statement, row


def _of(device: str, metric: str) -> str:
    return f'"device" = {text(device)} AND "metric" = {text(metric)} AND '


def _duration_us(said: str) -> int:
    """A duration as a server writes it, such as `9600h0m0s`; 0 is for ever."""
    unit_us = {"h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000}
    return sum(int(number) * unit_us[unit] for number, unit in re.findall(r"(\d+)([hms])", said))


def _points(series: str, frame: Frame) -> Iterator[Point]:
    tags = some_tags(frame.tags)
    for row in frame.rows:
        given = {key: value for key, value in zip(frame.columns[1:], row[1:], strict=True) if value is not None}
        yield Point(series, row[0] // 1_000, tags, floats(given))
