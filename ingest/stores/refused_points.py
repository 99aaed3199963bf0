"""Refused points: the lines an InfluxDB would not take, kept with its reason until somebody decides about them."""

import hashlib
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import Counter

from ingest.clock import Clock
from ingest.history import StoreUnavailableError

KEEP = 100_000
"""How many are kept; the oldest go first. About 25 MB. Chosen by: nobody looks through more, and a disk has an end."""
_BUSY_S = 5.0
_TABLES = """
CREATE TABLE IF NOT EXISTS refused (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL UNIQUE,
    policy TEXT NOT NULL,
    line TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    retry INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS refused_by_reason ON refused (reason);
CREATE INDEX IF NOT EXISTS refused_to_retry ON refused (number) WHERE retry;
CREATE TABLE IF NOT EXISTS ever (reason TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
"""
_KEEP = (
    "INSERT INTO refused (digest, policy, line, reason, detail, at_us) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET reason = excluded.reason, detail = excluded.detail, retry = 0"
)
_WHICH = "(?1 IS NULL OR number = ?1) AND (?2 IS NULL OR reason = ?2)"
_COLUMNS = "number, policy, line, reason, detail, at_us, retry"

_refused = Counter("precomplaint_store_refused_points", "Points the time-series store refused for good", ["reason"])


@dataclass(frozen=True, slots=True)
class RefusedPoint:
    """A line that a server refused because of what it says.

    Attributes:
        number: By which it is retried or discarded.
        policy: The retention policy it was meant for; empty for the database's own.
        line: In line protocol, its time in nanoseconds.
        reason: One of a few words, by which they are counted.
        detail: What the server said, shortened.
        at_us: When it was refused first, by the service's clock.
        retrying: Somebody asked to send it again, which has not been done yet.
    """

    number: int
    policy: str
    line: str
    reason: str
    detail: str
    at_us: int
    retrying: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A line and why, as the writer learnt it."""

    line: str
    reason: str
    detail: str


class RefusedPoints:
    """One SQLite file beside the log; any process may list, retry and discard while the forwarder writes.

    A line is on disk before the position that covers it moves on, and the same line refused again is there once.
    """

    def __init__(self, path: Path | str, clock: Clock, keep: int = KEEP) -> None:
        """Open or make the file.

        Args:
            path: Where; its folder must exist.
            clock: Says when a line was refused.
            keep: How many lines at most; the oldest are forgotten, and still counted.

        Raises:
            StoreUnavailableError: The file cannot be opened. Every method raises it when the file cannot be used.
        """
        self._path, self._clock, self._keep = str(path), clock, keep
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(
                self._path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(_TABLES)
        except sqlite3.Error as error:
            raise StoreUnavailableError(self._path, str(error)) from error

    def keep(self, refused: Sequence[Refused], policy: str) -> None:
        """Keep lines; durable when this returns."""
        at_us = self._clock.now_us()
        rows = [
            (hashlib.sha256(f"{policy}\n{r.line}".encode()).digest(), policy, r.line, r.reason, r.detail, at_us)
            for r in refused
        ]
        with self._used(writing=True) as connection:
            for row in rows:
                (before,) = connection.execute("SELECT count(*) FROM refused WHERE digest = ?", row[:1]).fetchone()
                connection.execute(_KEEP, row)
                if not before:
                    _refused.labels(row[3]).inc()
                    connection.execute(
                        "INSERT INTO ever VALUES (?, 1) ON CONFLICT DO UPDATE SET count = count + 1", row[3:4]
                    )
            connection.execute(
                "DELETE FROM refused WHERE number IN "
                "(SELECT number FROM refused ORDER BY number LIMIT max(0, (SELECT count(*) FROM refused) - ?))",
                [self._keep],
            )

    def find(self, after: int = 0, limit: int = 100, reason: str | None = None) -> list[RefusedPoint]:
        """Lines numbered above `after`, ascending, at most `limit`; of one reason if it is given."""
        return self._points(
            f"SELECT {_COLUMNS} FROM refused WHERE number > ? AND (?2 IS NULL OR reason = ?2) ORDER BY number LIMIT ?3",  # noqa: S608 -- constants
            (after, reason, limit),
        )

    def waiting(self) -> dict[str, int]:
        """How many are kept, by reason."""
        with self._used() as connection:
            return dict(connection.execute("SELECT reason, count(*) FROM refused GROUP BY reason").fetchall())

    def ever(self) -> dict[str, int]:
        """How many different lines were ever refused, by reason, also those retried, discarded or forgotten since."""
        with self._used() as connection:
            return dict(connection.execute("SELECT reason, count FROM ever").fetchall())

    def request_retry(self, number: int | None = None, reason: str | None = None) -> int:
        """Ask the forwarder to send again one line, those of one reason, or all; how many."""
        return self._change(f"UPDATE refused SET retry = 1 WHERE {_WHICH}", number, reason)  # noqa: S608 -- constants

    def discard(self, number: int | None = None, reason: str | None = None) -> int:
        """Forget one line, those of one reason, or all; how many."""
        return self._change(f"DELETE FROM refused WHERE {_WHICH}", number, reason)  # noqa: S608 -- constants

    def to_retry(self, limit: int) -> list[RefusedPoint]:
        """The oldest lines that somebody asked to send again."""
        return self._points(f"SELECT {_COLUMNS} FROM refused WHERE retry ORDER BY number LIMIT ?", (limit,))  # noqa: S608 -- constants

    def retried(self, points: Sequence[RefusedPoint], refused: Sequence[Refused]) -> None:
        """Note what came of sending `points` again: they leave, but for those that were `refused` again."""
        again = {r.line: r for r in refused}
        with self._used(writing=True) as connection:
            for point in points:
                if point.line in again:
                    said = again[point.line]
                    connection.execute(
                        "UPDATE refused SET retry = 0, reason = ?, detail = ? WHERE number = ?",
                        (said.reason, said.detail, point.number),
                    )
                else:
                    connection.execute("DELETE FROM refused WHERE number = ?", (point.number,))

    def close(self) -> None:
        """Release the file; calling it twice does nothing."""
        with self._lock:
            self._connection.close()

    def _points(self, query: str, values: tuple[object, ...]) -> list[RefusedPoint]:
        with self._used() as connection:
            rows = connection.execute(query, values).fetchall()
        return [
            RefusedPoint(number, policy, line, reason, detail, at_us, bool(retry))
            for number, policy, line, reason, detail, at_us, retry in rows
        ]

    def _change(self, statement: str, number: int | None, reason: str | None) -> int:
        with self._used() as connection:
            return int(connection.execute(statement, (number, reason)).rowcount)

    @contextmanager
    def _used(self, *, writing: bool = False) -> Iterator[sqlite3.Connection]:
        """The connection, for one thread at a time; with `writing` in a transaction, all of it or nothing."""
        with self._lock:
            try:
                if writing:
                    self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                if writing:
                    self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                with suppress(sqlite3.Error):  # there is none if it could not begin
                    self._connection.execute("ROLLBACK")
                raise StoreUnavailableError(self._path, str(error)) from error
