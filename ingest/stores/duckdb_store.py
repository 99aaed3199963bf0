"""DuckDB store: the history of one machine, in one file, owned by one process."""

import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from ingest.history import Keeping, Point, Series, StoreUnavailableError, Summary
from ingest.log import Record
from ingest.readings import Event
from ingest.stores import duckdb_file, duckdb_summaries
from ingest.stores.columns import Columns, SeriesBook
from ingest.stores.duckdb_summaries import DuckdbSummaries, Horizons, shown
from ingest.stores.points import canonical_json, floats, some_tags

_TABLES = """
CREATE TABLE IF NOT EXISTS series (number INTEGER, device VARCHAR, metric VARCHAR);
CREATE TABLE IF NOT EXISTS reading (series INTEGER, at_us BIGINT, value DOUBLE, quality UTINYINT);
CREATE TABLE IF NOT EXISTS event (device VARCHAR, at_us BIGINT, kind VARCHAR, attributes VARCHAR, quality UTINYINT);
CREATE TABLE IF NOT EXISTS point (series VARCHAR, at_us BIGINT, tags VARCHAR, fields VARCHAR);
CREATE TABLE IF NOT EXISTS stored (position BIGINT);
INSERT INTO stored SELECT 0 WHERE NOT EXISTS (FROM stored);
"""
_HELD_READINGS = """
SELECT DISTINCT r.series, r.at_us FROM reading r SEMI JOIN late USING (series, at_us) WHERE r.at_us BETWEEN ? AND ?
"""
_HELD_EVENTS = """
SELECT DISTINCT e.device, e.at_us, e.kind, e.attributes FROM event e
SEMI JOIN arrived USING (device, at_us, kind, attributes) WHERE e.at_us BETWEEN ? AND ?
"""
_DELETE_POINTS = """
DELETE FROM point USING arrived a
WHERE point.at_us BETWEEN ? AND ? AND point.series = a.series AND point.at_us = a.at_us AND point.tags = a.tags
"""
_POINTS = """
SELECT at_us, tags, fields FROM point WHERE series = ? AND at_us >= ? AND at_us < ?
AND list_bool_and(list_transform(?::VARCHAR[], lambda member: contains(tags, member))) IS NOT FALSE
AND list_bool_or(list_transform(?::VARCHAR[], lambda member: contains(tags, member))) IS NOT TRUE
ORDER BY at_us, tags
"""
_EventKey = tuple[str, int, str, str]


class DuckdbReadingStore:
    """A `ReadingStore` in a DuckDB file.

    No table has a key: an index would make a point 89 bytes instead of 4 and writing as much slower. Rows newer than
    their series are new for certain, the few others are looked up before they go in (`SeriesBook`). Readings and the
    log position are committed together, so a crash leaves both or neither.

    Only one process can have the file open; the others ask the owner's API. Inside it, one lock orders the writers
    and every read has a cursor of its own, with a snapshot of its own.
    """

    def __init__(self, path: Path | str, keeping: Keeping | None = None) -> None:
        """Open or create the file.

        Args:
            path: Where it is; its folder must exist.
            keeping: How long what is kept; the defaults of `Keeping` if None.

        Raises:
            StoreUnavailableError: Another process has it open, or it is not a DuckDB file, or cannot be made.
        """
        self._path = Path(path)
        self._keeping = keeping or Keeping()
        self._lock = threading.Lock()
        self._closed = False
        self._broken = False
        with self._lock, self._translated():
            self._open()

    def _open(self) -> None:
        self._connection = duckdb_file.opened(self._path)
        for statement in (_TABLES + duckdb_summaries.TABLES).strip().split(";\n"):
            self._connection.execute(statement)
        self._book = SeriesBook()
        for number, device, metric in self._rows("SELECT number, device, metric FROM series ORDER BY number"):
            if self._book.number(device, metric) != number:
                raise StoreUnavailableError(str(self._path), f"its table series is damaged at number {number}")
        self._saved_series = len(self._book)
        self._summaries = DuckdbSummaries(self._connection, self._keeping)
        # Reading the newest time of every series takes 0.5 s in a file of 100 million readings. Of those with nothing
        # past the last full hour this bound is enough: what is not newer than it is looked up.
        recent_us = self._summaries.horizons.hours_until_us
        for number in range(len(self._book)):
            self._book.set_newest(number, recent_us - 1)
        newest = "SELECT series, max(at_us) FROM reading WHERE at_us >= ? GROUP BY series"
        for number, newest_us in self._rows(newest, [recent_us]):
            self._book.set_newest(number, newest_us)
        self._position = int(self._rows("SELECT position FROM stored")[0][0])
        self._broken = False

    def write(self, records: Sequence[Record]) -> None:
        """See `ReadingStore.write`; here all of it or nothing, in one transaction."""
        with self._lock, self._translated():
            self._ready()
            new = [record for record in records if record.position > self._position]
            if not new:
                return
            columns = self._book.columns(new)
            events = _event_rows(new)
            with self._transaction():
                self._insert_series()
                horizons = self._insert_readings(columns, max(record.watermark_us for record in new))
                if events:
                    self._insert_events(events)
                self._connection.execute("UPDATE stored SET position = ?", [new[-1].position])
            self._saved_series = len(self._book)
            self._book.remember(columns)
            self._summaries.horizons = horizons
            self._position = new[-1].position

    def tend(self) -> bool:
        """See `ReadingStore.tend`; nothing here, as everything is in the transaction of its write."""
        return False

    def position(self) -> int:
        """See `ReadingStore.position`."""
        return self._position

    def write_points(self, points: Sequence[Point]) -> None:
        """See `ReadingStore.write_points`."""
        newest = {
            (p.series, p.at_us, canonical_json(some_tags(p.tags))): canonical_json(floats(p.fields)) for p in points
        }
        if not newest:
            return
        series, at_us, tags = (list(column) for column in zip(*newest, strict=True))
        columns = {
            "series": np.array(series, object),
            "at_us": np.array(at_us, np.int64),
            "tags": np.array(tags, object),
            "fields": np.array(list(newest.values()), object),
        }
        with self._lock, self._translated():
            self._ready()
            with self._transaction(), shown(self._connection, "arrived", columns):
                self._connection.execute(_DELETE_POINTS, [min(at_us), max(at_us)])
                self._connection.execute("INSERT INTO point SELECT series, at_us, tags, fields FROM arrived")

    def series(self, device: str, metric: str, start_us: int, end_us: int) -> Series:
        """See `ReadingStore.series`."""
        number = self._book.find(device, metric)
        with self._translated(), self._connection.cursor() as cursor:
            found = cursor.execute(
                "SELECT at_us, value, quality FROM reading "
                "WHERE series = ? AND at_us >= ? AND at_us < ? ORDER BY at_us",
                [-1 if number is None else number, start_us, end_us],
            ).fetchnumpy()
            return Series(found["at_us"], found["value"], found["quality"])

    def summary(self, device: str, metric: str, start_us: int, end_us: int, step_us: int) -> Summary:
        """See `ReadingStore.summary`."""
        number = self._book.find(device, metric)
        with self._translated(), self._connection.cursor() as cursor:
            return duckdb_summaries.read(cursor, -1 if number is None else number, start_us, end_us, step_us)

    def readings_from_us(self) -> int:
        """See `ReadingStore.readings_from_us`."""
        return self._summaries.horizons.readings_from_us

    def metrics(self, device: str) -> list[str]:
        """See `ReadingStore.metrics`."""
        return self._book.metrics(device)

    def events(self, device: str, start_us: int, end_us: int) -> list[Event]:
        """See `ReadingStore.events`."""
        rows = self._rows(
            "SELECT kind, at_us, attributes, quality FROM event WHERE device = ? AND at_us >= ? AND at_us < ? "
            "ORDER BY at_us, rowid",
            [device, start_us, end_us],
        )
        return [
            Event(device, kind, at_us, json.loads(attributes), quality) for kind, at_us, attributes, quality in rows
        ]

    def points(self, series: str, tags: Mapping[str, str], start_us: int, end_us: int) -> list[Point]:
        """See `ReadingStore.points`."""
        # In JSON text a quote inside a string is escaped, so `"key":"value"` can only be that member.
        has = [f"{json.dumps(key)}:{json.dumps(value)}" for key, value in tags.items() if value]
        lacks = [f"{json.dumps(key)}:" for key, value in tags.items() if not value]
        rows = self._rows(_POINTS, [series, start_us, end_us, has, lacks])
        return [Point(series, at_us, json.loads(tags), json.loads(fields)) for at_us, tags, fields in rows]

    def snapshot(self, to: Path) -> None:
        """Write a copy of everything stored so far, as one file, while the store goes on.

        Writers wait for as long as copying the file takes (400 MB a second on a small machine), readers do not.

        Args:
            to: The file to make, or to overwrite; its folder must exist. Left in pieces by a crash: make it under
                another name and rename it.

        Raises:
            StoreUnavailableError: The file cannot be read or the copy not be written.
        """
        with self._lock, self._translated():
            self._ready()
            try:
                duckdb_file.copy(self._connection, self._path, to)
            except OSError as error:
                raise StoreUnavailableError(str(self._path), f"no copy in {to}: {error.strerror}") from error
        with self._translated():
            duckdb.connect(str(to)).close()  # folds the log into the file, so that the copy is one

    def close(self) -> None:
        """See `ReadingStore.close`."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._connection.close()

    def _insert_series(self) -> None:
        for number, (device, metric) in enumerate(self._book.keys(self._saved_series), self._saved_series):
            self._connection.execute("INSERT INTO series VALUES (?, ?, ?)", [number, device, metric])

    def _insert_readings(self, columns: Columns, newest_us: int) -> Horizons:
        perhaps_held = self._book.perhaps_held(columns)
        if perhaps_held.any():
            late = columns.where(perhaps_held)
            with shown(self._connection, "late", {"series": late.series, "at_us": late.at_us}):
                held = self._connection.execute(_HELD_READINGS, [int(late.at_us.min()), int(late.at_us.max())])
                found = held.fetchnumpy()
            columns = columns.without(found["series"], found["at_us"])
        kept = columns.where(columns.at_us >= self._summaries.horizons.readings_from_us)
        if len(kept):
            by_time = np.argsort(kept.at_us, kind="stable")  # 3.7 bytes a point; by series it is 7.3
            arrays = {name: getattr(kept, name)[by_time] for name in ("series", "at_us", "value", "quality")}
            with shown(self._connection, "arrived", arrays):
                self._connection.execute("INSERT INTO reading SELECT series, at_us, value, quality FROM arrived")
        return self._summaries.take(columns, newest_us)

    def _insert_events(self, rows: Mapping[_EventKey, int]) -> None:
        times = [at_us for _, at_us, _, _ in rows]
        with shown(self._connection, "arrived", _event_columns(rows)):
            held = self._connection.execute(_HELD_EVENTS, [min(times), max(times)]).fetchall()
        new = {key: quality for key, quality in rows.items() if key not in set(held)}
        if new:
            with shown(self._connection, "arrived", _event_columns(new)):
                self._connection.execute(
                    "INSERT INTO event SELECT device, at_us, kind, attributes, quality FROM arrived"
                )

    def _rows(self, query: str, parameters: Sequence[Any] = ()) -> list[Any]:
        with self._translated(), self._connection.cursor() as cursor:
            return cursor.execute(query, list(parameters)).fetchall()

    def _ready(self) -> None:
        """Open the file again after an error that DuckDB does not recover from (a disk that was full)."""
        if self._broken and not self._closed:
            self._connection.close()
            self._open()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.begin()
        try:
            yield
            self._connection.commit()
        except BaseException:
            with suppress(duckdb.Error):  # after a failed commit there is nothing left to roll back
                self._connection.rollback()
            raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Raise what the machine did to us (disk, memory, lock) as ours; a wrong statement stays what it is."""
        try:
            yield
        except (duckdb.OperationalError, duckdb.FatalException, duckdb.InternalError) as error:
            self._broken |= isinstance(error, (duckdb.FatalException, duckdb.InternalError))
            raise StoreUnavailableError(str(self._path), _sentence(error)) from error


def _sentence(error: duckdb.Error) -> str:
    said = str(error).splitlines()[0]
    holder = re.search(r"Conflicting lock is held in (?:.*/)?(\S+) \(PID (\d+)\)", said)
    if holder:
        return f"process {holder[2]} ({holder[1]}) has it open, and only one can; ask its API, or stop it first"
    return said


def _event_rows(records: Sequence[Record]) -> dict[_EventKey, int]:
    """Quality by what makes an event the same; of several that say the same the first in log order."""
    rows: dict[_EventKey, int] = {}
    for record in records:
        for event in record.batch.events:
            rows.setdefault((event.device, event.at_us, event.kind, canonical_json(event.attributes)), event.quality)
    return rows


def _event_columns(rows: Mapping[_EventKey, int]) -> dict[str, npt.NDArray[Any]]:
    device, at_us, kind, attributes = zip(*rows, strict=True)
    return {
        "device": np.array(device, object),
        "at_us": np.array(at_us, np.int64),
        "kind": np.array(kind, object),
        "attributes": np.array(attributes, object),
        "quality": np.array(list(rows.values()), np.uint8),
    }
