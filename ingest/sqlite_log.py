"""SQLite log: the embedded log, one file that few processes append to and many read."""

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

import msgspec

from ingest import sqlite_refusals
from ingest.figures import Family, Note
from ingest.log import Entry, Group, LastWord, Record
from ingest.log_file import LogFile
from ingest.quarantine import Refusal
from ingest.readings import Batch
from ingest.sqlite_refusals import Bounds

_ADD_BATCH = "INSERT OR IGNORE INTO batch (digest, watermark_us, body) VALUES (?, ?, ?)"
_ADD_LEAP = "INSERT INTO batch (position, digest, watermark_us, body) VALUES (?, ?, 0, ?)"
_ADD_ARRIVAL = "INSERT INTO arrival (last, first, newest_us) VALUES (?, ?, ?)"
_RAISE_WATERMARK = (
    "INSERT INTO watermark VALUES (?, ?) "
    "ON CONFLICT DO UPDATE SET watermark_us = max(watermark_us, excluded.watermark_us)"
)
_READ = "SELECT position, watermark_us, body FROM batch WHERE position > ? ORDER BY position LIMIT ?"
_KEEP = "INSERT INTO kept VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
_HEAR = (
    "INSERT INTO heard VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET received_us = excluded.received_us,"
    " at_us = excluded.at_us WHERE excluded.received_us >= received_us"
)
_HOLD = "INSERT INTO reader VALUES (?, ?) ON CONFLICT DO UPDATE SET position = excluded.position"
_NOTE = "INSERT INTO note VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at_us = excluded.at_us, body = excluded.body"
_OLD_GROUPS = "SELECT last, first FROM arrival WHERE newest_us < ? AND first <= ? ORDER BY newest_us LIMIT ?"

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Batch).decode
_decode_families = msgspec.msgpack.Decoder(tuple[Family, ...]).decode


class SqliteLog:
    """A log in one SQLite file in WAL mode; what `append` returned from survives `kill -9` and a power cut.

    Any number of processes append and read, each with an instance of its own; an instance may be used from several
    threads. Two that append take turns: each sees what the other has stored, and waits for it for two seconds at most.
    The space of what is pruned is used again; the file does not shrink.

    Args:
        path: The file; made if it is not there, in a folder that must exist; an older release's is upgraded.
        bounds: Of the quarantine, or one mad device would fill the disk and stop the sound ones.
        readers: Who is known to read it: nothing is pruned before each of them has spoken.

    Raises:
        LogUnavailableError: The file cannot be opened or is not a log.
    """

    def __init__(self, path: str | Path, bounds: Bounds | None = None, readers: Collection[str] = ()) -> None:
        self._bounds = bounds or Bounds()
        self._readers = set(readers)
        self._file = LogFile(path)

    def append(self, entries: Sequence[Entry], refusals: Sequence[Refusal] = ()) -> int:
        """See `Log.append`."""
        return self.take(lambda _: Group(entries, refusals))

    def take(self, judge: Callable[[Mapping[str, int]], Group]) -> int:
        """See `Log.take`."""
        with self._file.transaction() as connection:
            group = judge(dict(connection.execute("SELECT site, watermark_us FROM watermark").fetchall()))
            new = _add(connection, group.entries) if group.entries else 0
            if group.released:
                sqlite_refusals.release(connection, group.released)
            if group.refusals:
                sqlite_refusals.keep(connection, group.refusals, self._bounds)
            if group.keeps:
                _keep(connection, group.keeps)
            if group.last_words:
                words = [(device, word.received_us, word.at_us) for device, word in group.last_words.items()]
                connection.executemany(_HEAR, words)
        return new

    def read(self, after: int, limit: int) -> list[Record]:
        """See `Log.read`."""
        return [
            Record(position, watermark_us, _decode(body))
            for position, watermark_us, body in self._file.rows(_READ, (after, limit))
        ]

    def head(self) -> int:
        """See `Log.head`."""
        return int(self._file.rows("SELECT coalesce(max(position), 0) FROM batch")[0][0])

    def watermarks(self) -> dict[str, int]:
        """See `Log.watermarks`."""
        return dict(self._file.rows("SELECT site, watermark_us FROM watermark"))

    def kept(self) -> dict[str, bytes]:
        """See `Log.kept`."""
        return dict(self._file.rows('SELECT "key", value FROM kept'))

    def last_words(self) -> dict[str, LastWord]:
        """See `Log.last_words`."""
        heard = self._file.rows("SELECT device, received_us, at_us FROM heard")
        return {device: LastWord(received_us, at_us) for device, received_us, at_us in heard}

    def hold(self, reader: str, position: int) -> None:
        """See `Log.hold`."""
        with self._file.transaction() as connection:
            connection.execute(_HOLD, (reader, position))

    def readers(self) -> dict[str, int]:
        """See `Log.readers`."""
        return dict(self._file.rows("SELECT reader, position FROM reader"))

    def prune(self, before_us: int, limit: int) -> int:
        """See `Log.prune`."""
        with self._file.transaction() as connection:
            held = dict(connection.execute("SELECT reader, position FROM reader").fetchall())
            if not held or not self._readers <= held.keys():
                return 0
            ((newest,),) = connection.execute("SELECT coalesce(max(position), 0) FROM batch").fetchall()
            # The newest batch stays: who appends next must find its position.
            upto = min(newest - 1, *held.values())
            dropped = 0
            for last, first in connection.execute(_OLD_GROUPS, (before_us, upto, limit)).fetchall():
                if dropped == limit:
                    break
                dropped += _drop(connection, (first, last), min(last, upto, first + limit - dropped - 1))
        return dropped

    def leap(self, position: int, at_us: int) -> None:
        """Go on behind an empty record at `position`: for a log that is a copy of an earlier day.

        Readers elsewhere may have gone further in the log that was lost; what comes now must lie behind that too. All
        readers of before hold nothing until they say again where they are: they too are of the earlier day.

        Args:
            position: Above every position that was ever given.
            at_us: Now, microseconds since the epoch.
        """
        with self._file.transaction() as connection:
            digest = blake2b(b"leap %d %d" % (position, at_us), digest_size=16).digest()
            connection.execute(_ADD_LEAP, (position, digest, _encode(Batch("", "", at_us))))
            connection.execute(_ADD_ARRIVAL, (position, position, at_us))
            connection.execute("UPDATE reader SET position = 0")

    def note(self, process: str, figures: Sequence[Family], at_us: int) -> None:
        """See `Log.note`."""
        with self._file.transaction() as connection:
            connection.execute(_NOTE, (process, at_us, _encode(tuple(figures))))

    def notes(self) -> dict[str, Note]:
        """See `Log.notes`."""
        noted = self._file.rows("SELECT process, at_us, body FROM note ORDER BY process")
        return {process: Note(at_us, _decode_families(body)) for process, at_us, body in noted}

    def bytes_used(self) -> int:
        """See `Log.bytes_used`."""
        ((used,),) = self._file.rows(
            "SELECT (pages.page_count - free.freelist_count) * size.page_size FROM pragma_page_count AS pages,"
            " pragma_freelist_count AS free, pragma_page_size AS size"
        )
        return int(used)

    def close(self) -> None:
        """See `Log.close`."""
        self._file.close()


def _add(connection: sqlite3.Connection, entries: Sequence[Entry]) -> int:
    batches = [(entry.digest, entry.watermark_us, _encode(entry.batch)) for entry in entries]
    new = connection.executemany(_ADD_BATCH, batches).rowcount
    if new:
        ((last,),) = connection.execute("SELECT last_insert_rowid()").fetchall()
        newest_us = max(entry.batch.received_us for entry in entries)
        # Nobody else appends meanwhile, and what is skipped takes no position: a group's positions have no gap.
        connection.execute(_ADD_ARRIVAL, (last, last - new + 1, newest_us))
    watermarks: dict[str, int] = {}
    for entry in entries:
        site = entry.batch.site
        watermarks[site] = max(entry.watermark_us, watermarks.get(site, entry.watermark_us))
    connection.executemany(_RAISE_WATERMARK, watermarks.items())
    return new


def _keep(connection: sqlite3.Connection, keeps: Mapping[str, bytes | None]) -> None:
    connection.executemany(_KEEP, [(key, value) for key, value in keeps.items() if value is not None])
    connection.executemany(
        'DELETE FROM kept WHERE "key" = ?', [(key,) for key, value in keeps.items() if value is None]
    )


def _drop(connection: sqlite3.Connection, group: tuple[int, int], upto: int) -> int:
    """Drop the batches of a group up to a position; how many there were."""
    first, last = group
    gone = connection.execute("DELETE FROM batch WHERE position BETWEEN ? AND ?", (first, upto)).rowcount
    if upto == last:
        connection.execute("DELETE FROM arrival WHERE last = ?", (last,))
    else:
        connection.execute("UPDATE arrival SET first = ? WHERE last = ?", (upto + 1, last))
    return gone
