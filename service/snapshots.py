"""Snapshots: copies of databases as of one moment, while others write them."""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path
from urllib.parse import quote

from alerts.errors import SnapshotFailedError
from ingest.stores.duckdb_store import DuckdbReadingStore
from service.errors import BackupFailedError
from service.folders import DataFolder

_PAGES_A_STEP = 2_000
_BUSY_S = 30.0


def copy_database(source: Path, to: Path, advance: Callable[[int], None] = lambda _: None) -> None:
    """Copy a SQLite file as of one moment; processes that write it go on.

    The copy is made inside a read transaction: without one SQLite begins anew whenever somebody has written, which
    here is all the time. The price is that the WAL grows meanwhile.

    Args:
        source: A database in WAL mode.
        to: A file that is not there yet.
        advance: Is told how many bytes are done since the last time.

    Raises:
        BackupFailedError: It cannot be read or written, or is damaged.
    """
    done = 0

    def progress(_status: int, remaining: int, total: int) -> None:
        nonlocal done
        advance((total - remaining - done) * size)
        done = total - remaining

    try:
        with (
            closing(sqlite3.connect(_address(source, "rw"), _BUSY_S, isolation_level=None, uri=True)) as origin,
            closing(sqlite3.connect(to)) as copy,
        ):
            size = int(origin.execute("PRAGMA page_size").fetchone()[0])
            copy.execute("PRAGMA synchronous = OFF")  # it is packed and synced from here; a half copy is thrown away
            origin.execute("BEGIN")
            origin.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # only a first read fixes the moment
            origin.backup(copy, pages=_PAGES_A_STEP, progress=progress)
        with closing(sqlite3.connect(f"{_address(to, 'ro')}&immutable=1", uri=True)) as copy:
            found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        raise BackupFailedError(f"{source} cannot be copied: {error}") from error
    if found != "ok":
        raise BackupFailedError(f"{source} is damaged: {found}")


def is_database(path: Path) -> bool:
    """Whether a file is a SQLite database."""
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"


def _address(path: Path, mode: str) -> str:
    return f"file:{quote(str(path.resolve()))}?mode={mode}"


class Snapshots:
    """Copies of the history and the main database that fit each other; made by the process that owns the history.

    A derived point (a score, a work order) waits in the main database until it is in the history. While the forwarder
    is paused none moves, so each one is in at least one of the two copies.

    Args:
        folder: Whose databases.
        store: The embedded history.
        paused: Keeps the forwarder from moving anything, for a block's length.
    """

    def __init__(
        self, folder: DataFolder, store: DuckdbReadingStore, paused: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._folder = folder
        self._store = store
        self._paused = paused

    def place(self, name: str) -> Path | None:
        """The folder that was made for a snapshot of this name, None if nobody made one.

        Who asks over the network for a snapshot has to make its folder first, which only somebody who may write the
        data folder can. So nobody else fills our disk, and nobody at all says where we write.
        """
        place = self._folder.workplace(name)
        return place if place.is_dir() and not place.is_symlink() else None

    def make(self, place: Path) -> int:
        """Write both copies into a folder; the log position of the history.

        Raises:
            SnapshotFailedError: The main database could not be copied.
            StoreUnavailableError: The history could not be copied.
        """
        with self._paused():
            self._store.snapshot(place / self._folder.history.name)
            try:
                copy_database(self._folder.database, place / self._folder.database.name)
            except BackupFailedError as error:
                raise SnapshotFailedError(str(error)) from error
            return self._store.position()
