"""SQLite log: the embedded log, one file that one process appends to and many read."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from ingest.errors import LogUnavailableError
from ingest.log import Entry, Group, Record, Refusal
from ingest.readings import Batch

_BUSY_S = 2.0  # only an administrator's own SQLite session can hold the write lock; then we report and come back

# One row per batch: a row per reading costs 12 us each. No row at the head is ever deleted, so positions only grow.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS batch (
    position INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    watermark_us INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS quarantine (
    number INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    received_us INTEGER NOT NULL,
    topic TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    payload BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS watermark (site TEXT PRIMARY KEY, watermark_us INTEGER NOT NULL) WITHOUT ROWID;
"""
_ADD_BATCH = "INSERT OR IGNORE INTO batch (digest, watermark_us, body) VALUES (?, ?, ?)"
_ADD_REFUSAL = (
    "INSERT OR IGNORE INTO quarantine (digest, received_us, topic, reason, detail, payload) VALUES (?, ?, ?, ?, ?, ?)"
)
_FORGET_REFUSALS = "DELETE FROM quarantine WHERE number <= (SELECT max(number) FROM quarantine) - ?"
_RAISE_WATERMARK = (
    "INSERT INTO watermark VALUES (?, ?) "
    "ON CONFLICT DO UPDATE SET watermark_us = max(watermark_us, excluded.watermark_us)"
)
_READ = "SELECT position, watermark_us, body FROM batch WHERE position > ? ORDER BY position LIMIT ?"
_QUARANTINED = "SELECT topic, payload, reason, detail, received_us, digest FROM quarantine ORDER BY number DESC LIMIT ?"

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Batch).decode


class SqliteLog:
    """A log in one SQLite file in WAL mode; what `append` returned from survives `kill -9` and a power cut.

    One process appends, any number of processes read meanwhile, each with an instance of its own. An instance may be
    used from several threads.

    Args:
        path: The file; made if it is not there, in a folder that must exist.
        keep_refusals: Of the quarantine only so many newest stay, or one mad device would fill the disk and stop the
            sound ones.

    Raises:
        LogUnavailableError: The file cannot be opened or is not a log.
    """

    def __init__(self, path: str | Path, keep_refusals: int = 20_000) -> None:
        self._path = str(path)
        self._keep_refusals = keep_refusals
        self._lock = threading.Lock()
        with self._translated():
            self._connection = sqlite3.connect(
                self._path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA journal_mode = WAL")
            # FULL syncs the WAL at each commit: the acknowledgement that follows is a promise.
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(_SCHEMA)

    def append(self, entries: Sequence[Entry], refusals: Sequence[Refusal] = ()) -> int:
        """See `Log.append`."""
        return self.take(lambda _: Group(entries, refusals))

    def take(self, judge: Callable[[Mapping[str, int]], Group]) -> int:
        """See `Log.take`."""
        with self._lock, self._translated(), self._transaction() as connection:
            group = judge(dict(connection.execute("SELECT site, watermark_us FROM watermark").fetchall()))
            batches = [(e.digest, e.watermark_us, _encode(e.batch)) for e in group.entries]
            watermarks: dict[str, int] = {}
            for entry in group.entries:
                site = entry.batch.site
                watermarks[site] = max(entry.watermark_us, watermarks.get(site, entry.watermark_us))
            new = connection.executemany(_ADD_BATCH, batches).rowcount if batches else 0
            connection.executemany(_RAISE_WATERMARK, watermarks.items())
            if group.refusals:
                refused = [(r.digest, r.received_us, r.topic, r.reason, r.detail, r.payload) for r in group.refusals]
                connection.executemany(_ADD_REFUSAL, refused)
                connection.execute(_FORGET_REFUSALS, (self._keep_refusals,))
        return new

    def read(self, after: int, limit: int) -> list[Record]:
        """See `Log.read`."""
        return [
            Record(position, watermark_us, _decode(body))
            for position, watermark_us, body in self._rows(_READ, (after, limit))
        ]

    def head(self) -> int:
        """See `Log.head`."""
        return int(self._rows("SELECT coalesce(max(position), 0) FROM batch")[0][0])

    def watermarks(self) -> dict[str, int]:
        """See `Log.watermarks`."""
        return dict(self._rows("SELECT site, watermark_us FROM watermark"))

    def quarantined(self, limit: int) -> list[Refusal]:
        """See `Log.quarantined`."""
        return [Refusal(*row) for row in self._rows(_QUARANTINED, (limit,))]

    def quarantined_total(self) -> int:
        """See `Log.quarantined_total`."""
        # Rows are numbered without gaps and only the oldest are ever deleted, so the newest number is the count.
        return int(self._rows("SELECT coalesce(max(number), 0) FROM quarantine")[0][0])

    def close(self) -> None:
        """See `Log.close`."""
        with self._lock:
            self._connection.close()

    def _rows(self, query: str, values: Sequence[int] = ()) -> list[Any]:
        # Fetched at once: an open cursor would keep the WAL from being folded back into the file.
        with self._lock, self._translated():
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
            self._connection.execute("COMMIT")
        finally:
            # SQLite has rolled back by itself after some errors (a full disk) and not after others (a busy file).
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:
            raise
        except sqlite3.DatabaseError as error:
            raise LogUnavailableError(self._path, str(error)) from error
