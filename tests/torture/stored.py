"""Stored: which of the messages are in the log or in quarantine by now."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

_NEW = {
    "batch": "SELECT position, digest FROM batch WHERE position > ? ORDER BY position",
    "quarantine": "SELECT number, digest FROM quarantine WHERE number > ? ORDER BY number",
}


class Stored:
    """Reads the digests of what is new in a log file; the file may be away, full or not made yet.

    Args:
        log: The file.
        marks: By message, the digests it leaves.
    """

    def __init__(self, log: Path, marks: Sequence[tuple[bytes, ...]]) -> None:
        self._log = log
        self._after = dict.fromkeys(_NEW, 0)
        self._missing = [len(set(one)) for one in marks]
        self._messages: dict[bytes, list[int]] = {}
        for number, digests in enumerate(marks):
            for digest in set(digests):
                self._messages.setdefault(digest, []).append(number)

    def holds(self, number: int) -> bool:
        """Whether everything of a message is stored, as of the last look; so is one that leaves nothing."""
        return not self._missing[number]

    def missing(self, numbers: Sequence[int]) -> list[int]:
        """Those that are not stored yet."""
        return [number for number in numbers if self._missing[number]]

    def refused_of(self, devices: Iterable[str]) -> int:
        """How many messages of these devices are in quarantine because nobody knows them."""
        named = list(devices)
        query = f"SELECT count(*) FROM quarantine WHERE device IN ({', '.join('?' * len(named))})"  # noqa: S608
        with closing(sqlite3.connect(f"file:{self._log}?mode=ro", uri=True, timeout=1.0)) as connection:
            return int(connection.execute(query, named).fetchone()[0])

    def look(self) -> None:
        """Take note of what is new."""
        if not self._log.exists():
            return
        try:
            with closing(sqlite3.connect(f"file:{self._log}?mode=ro", uri=True, timeout=1.0)) as connection:
                found = {table: connection.execute(query, (self._after[table],)) for table, query in _NEW.items()}
                for table, rows in found.items():
                    for position, digest in rows:
                        self._after[table] = position
                        for number in self._messages.pop(digest, ()):
                            self._missing[number] -= 1
        except sqlite3.OperationalError:  # it is being made, or the disk is full: the next look finds it
            return
