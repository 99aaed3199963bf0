"""Log file: the SQLite file of the log, opened at its newest revision; transactions, and errors in our words."""

import fcntl
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest.errors import LogUnavailableError
from ingest.log_tables import REVISION, newest
from ingest.topics import matches

_BUSY_S = 2.0  # another writer's transaction lasts milliseconds; who holds the lock longer is stopped, or a person
_LOOK_S = 0.001  # SQLite's own wait sleeps up to 100 ms between two looks, many times what a commit takes


class LogFile:
    """One connection to the file, shared by the threads of a process; any number of processes have one each.

    Args:
        path: The file; made if it is not there, in a folder that must exist. An older one is upgraded in place.

    Raises:
        LogUnavailableError: The file cannot be opened, is not a log, or is a newer release's.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        self._lock = threading.Lock()
        with self._translated():
            self._connection = sqlite3.connect(self.path, timeout=0.0, isolation_level=None, check_same_thread=False)
            self._connection.create_function("topic_matches", 2, matches, deterministic=True)
            try:
                self._open()
            except BaseException:
                self._connection.close()
                raise

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction that nobody else writes beside: committed when the block ends, undone when it raises.

        Raises:
            LogUnavailableError: Another process holds the file, or it cannot be written; nothing has changed.
        """
        with self._lock, self._translated():
            self._patiently("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            finally:
                # SQLite has rolled back by itself after some errors (a full disk) and not after others (a busy file).
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def rows(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        """What a query gives; at once, as an open cursor would keep the WAL from being folded back into the file."""
        with self._lock, self._translated():
            return self._patiently(query, values)

    def close(self) -> None:
        """Release the file; calling it twice does nothing."""
        with self._lock:
            self._connection.close()

    def _patiently(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        deadline_s = time.monotonic() + _BUSY_S
        while True:
            try:
                return self._connection.execute(query, values).fetchall()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline_s:
                    raise
                time.sleep(_LOOK_S)

    def _open(self) -> None:
        # FULL syncs the WAL at each commit: the acknowledgement that follows is a promise.
        self._patiently("PRAGMA synchronous = FULL")
        if self._is_newest():
            return
        # Two processes that meet a new or an old file: one brings it up to date, the other finds it so.
        with Path(f"{self.path}.lock").open("w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self._patiently("PRAGMA journal_mode = WAL") != [("wal",)]:
                raise sqlite3.OperationalError("the file system does not allow write-ahead logging")
            if self._is_newest():
                return
            if self._patiently("SELECT count(*) FROM sqlite_master") == [(0,)]:
                with self.transaction() as connection:
                    for statement in newest():
                        connection.execute(statement)
                return
            # Rarely needed, and as large as all the rest of ingest.
            from ingest.migrations.upgrade import upgrade  # noqa: PLC0415

            upgrade(self.path)

    def _is_newest(self) -> bool:
        tables = {name for (name,) in self._patiently("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "alembic_version" not in tables:
            if tables and "batch" not in tables:
                raise sqlite3.DatabaseError("it is a database, and not a log")
            return False
        ((revision,),) = self._patiently("SELECT version_num FROM alembic_version")
        if revision > REVISION:
            raise sqlite3.DatabaseError(
                f"a newer release has written it (revision {revision}; this one has {REVISION})"
            )
        return bool(revision == REVISION)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:
            raise
        except sqlite3.DatabaseError as error:
            raise LogUnavailableError(self.path, str(error)) from error
