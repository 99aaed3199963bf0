"""Influx store: the history in an InfluxDB server: 1.x as Debian has it, and what speaks the same."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import structlog
from influxdb_client.client.write.point import Point as LinePoint

from ingest.history import Point, Series, StoreUnavailableError
from ingest.log import Record
from ingest.readings import Event
from ingest.stores.columns import Columns, SeriesBook
from ingest.stores.influx_http import Frame, InfluxHttp, name, text
from ingest.stores.points import canonical_json, floats, some_tags

TIMEOUT_S = 10.0
_DAY_NS = 86_400_000_000_000
_NS_RANGE = (-(2**63) + 2, 2**63 - 2)
"""The times InfluxDB can hold."""
_RUN_GAP_US = 600_000_000
"""Out-of-order readings of a series that lie closer than ten minutes are looked up with one range."""
_STATEMENTS_A_QUERY = 50
_EVENTS_A_MOMENT = 1_000
"""As many nanoseconds as a microsecond has."""

log = structlog.get_logger()


class InfluxReadingStore:
    """A `ReadingStore` in InfluxDB, by line protocol on `/write` and InfluxQL on `/query`.

    InfluxDB overwrites a point that has the same tags and time and knows no transactions. What keeps each reading
    once, and the first one: rows not newer than their series are looked up before they are written (`SeriesBook`),
    and the position is a point of the same server, written after everything it covers. After any failure all that is
    known of the server is read from it again, so a write that was half done, or a server restored from an older
    backup, is carried on from where it really stands.

    Different events of one device and microsecond get a nanosecond each, in log order.
    """

    def __init__(self, url: str, database: str, username: str | None = None, password: str | None = None) -> None:
        """Does not connect: a server that is down at the start is one that is down.

        Args:
            url: Such as `http://127.0.0.1:8086`.
            database: Its name; made on the first write if it is missing and the user may.
            username: None where the server asks for none; any name for 2.x and 3.x.
            password: The password, or the token of 2.x and 3.x.
        """
        user = None if username is None else (username, password or "")
        self._http = InfluxHttp(url, database, user, TIMEOUT_S)
        self._lock = threading.Lock()
        self._known = False
        self._position = 0
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
            self._http.write(self._reading_lines(self._without_held(columns), sites))
            self._http.write(self._event_lines(new))
            self._http.write([_position_line(new[-1])])
            self._book.remember(columns)
            for event in (event for record in new for event in record.batch.events):
                self._newest_event_us[event.device] = max(
                    event.at_us, self._newest_event_us.get(event.device, event.at_us)
                )
            self._position = new[-1].position

    def position(self) -> int:
        """See `ReadingStore.position`."""
        with self._writing():
            return self._position

    def write_points(self, points: Sequence[Point]) -> None:
        """See `ReadingStore.write_points`."""
        with self._writing():
            self._http.write([_line(p.series, p.at_us * 1_000, some_tags(p.tags), floats(p.fields)) for p in points])

    def series(self, device: str, metric: str, start_us: int, end_us: int) -> Series:
        """See `ReadingStore.series`."""
        which = f'"device" = {text(device)} AND "metric" = {text(metric)} AND {_within(start_us, end_us)}'
        frames = self._http.query(f'SELECT "value", "quality" FROM "reading" WHERE {which}')  # noqa: S608 -- escaped
        rows = [row for frame in frames for row in frame.rows]
        return Series(
            np.fromiter((row[0] // 1_000 for row in rows), np.int64, len(rows)),
            np.fromiter((row[1] for row in rows), np.float64, len(rows)),
            np.fromiter((row[2] for row in rows), np.uint8, len(rows)),
        )

    def metrics(self, device: str) -> list[str]:
        """See `ReadingStore.metrics`."""
        rows = self._rows(f'SHOW TAG VALUES FROM "reading" WITH KEY = "metric" WHERE "device" = {text(device)}')
        return sorted(metric for _, metric in rows)

    def events(self, device: str, start_us: int, end_us: int) -> list[Event]:
        """See `ReadingStore.events`."""
        which = f'"device" = {text(device)} AND {_within(start_us, end_us)}'
        frames = self._http.query(f'SELECT "kind", "attributes", "quality" FROM "event" WHERE {which}')  # noqa: S608 -- escaped
        rows = (row for frame in frames for row in frame.rows)
        return [Event(device, kind, at // 1_000, json.loads(said), quality) for at, kind, said, quality in rows]

    def points(self, series: str, tags: Mapping[str, str], start_us: int, end_us: int) -> list[Point]:
        """See `ReadingStore.points`."""
        conditions = [f"{name(key)}::tag = {text(value)}" for key, value in tags.items()]
        which = " AND ".join([*conditions, _within(start_us, end_us)])
        frames = self._http.query(f"SELECT *::field FROM {name(series)} WHERE {which} GROUP BY *")  # noqa: S608 -- escaped
        found = [point for frame in frames for point in _points(series, frame)]
        return sorted(found, key=lambda point: (point.at_us, canonical_json(point.tags)))

    def close(self) -> None:
        """See `ReadingStore.close`."""
        self._http.close()

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

    def _read_state(self) -> None:
        """Learn from the server where it stands."""
        try:
            self._position = max((row[1] for row in self._rows('SELECT max("position") FROM "stored"')), default=0)
        except StoreUnavailableError as error:
            if "database not found" not in error.reason:
                raise
            self._http.create_database()
            self._position = 0
        self._book = SeriesBook()
        for frame in self._http.query('SELECT last("value") FROM "reading" GROUP BY "device", "metric"'):
            self._book.set_newest(
                self._book.number(frame.tags["device"], frame.tags["metric"]), frame.rows[0][0] // 1_000
            )
        newest = self._http.query('SELECT last("kind") FROM "event" GROUP BY "device"')
        self._newest_event_us = {frame.tags["device"]: frame.rows[0][0] // 1_000 for frame in newest}
        self._known = True

    def _reading_lines(self, columns: Columns, sites: Mapping[str, str]) -> list[str]:
        keys = self._book.keys()
        prefixes: dict[int, str] = {}
        for number in np.unique(columns.series).tolist():
            device, metric = keys[number]
            prefixes[number] = _prefix("reading", {"site": sites[device], "device": device, "metric": metric})
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
            f'"device" = {text(keys[number][0])} AND "metric" = {text(keys[number][1])} AND {_within(start_us, end_us)}'
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
        wheres = [f'"device" = {text(device)} AND {_within(at_us, at_us + 1)}' for device, at_us in moments]
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
            lines.append(_line("event", at_ns, {"site": site, "device": event.device}, fields))
            of_moment.append(says)
        return lines

    def _each(self, select: str, wheres: Sequence[str]) -> Iterator[tuple[int, list[Any]]]:
        """Rows of one statement an element of `wheres`, each with the element's index."""
        for first in range(0, len(wheres), _STATEMENTS_A_QUERY):
            statements = "; ".join(f"{select} WHERE {where}" for where in wheres[first : first + _STATEMENTS_A_QUERY])
            for frame in self._http.query(statements):
                for row in frame.rows:
                    yield first + frame.statement, row

    def _rows(self, statement: str) -> list[list[Any]]:
        return [row for frame in self._http.query(statement) for row in frame.rows]


def _within(start_us: int, end_us: int) -> str:
    low, high = (min(max(at_us * 1_000, _NS_RANGE[0]), _NS_RANGE[1]) for at_us in (start_us, end_us))
    return f"time >= {low} AND time < {high}"


def _line(series: str, at_ns: int, tags: Mapping[str, str], fields: Mapping[str, float | str]) -> str:
    whole = {"measurement": series, "time": at_ns, "tags": tags, "fields": fields}
    return str(LinePoint.from_dict(whole).to_line_protocol())


def _prefix(series: str, tags: Mapping[str, str]) -> str:
    """The part of a line before its fields; made once a series, because making a whole `Point` a reading is slow."""
    return _line(series, 0, tags, {"value": 0.0}).rsplit(" ", 2)[0]


def _position_line(record: Record) -> str:
    """One point a day of arrival, overwritten: few points, and none so old that a retention policy refuses it."""
    day_ns = record.batch.received_us * 1_000 // _DAY_NS * _DAY_NS
    return _line("stored", day_ns, {}, {"position": record.position})


def _points(series: str, frame: Frame) -> Iterator[Point]:
    tags = some_tags(frame.tags)
    for row in frame.rows:
        given = {key: value for key, value in zip(frame.columns[1:], row[1:], strict=True) if value is not None}
        yield Point(series, row[0] // 1_000, tags, floats(given))
