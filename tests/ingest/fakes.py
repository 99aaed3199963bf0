"""Fakes: a log that is away, or cannot write one message, whenever a test wants."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ingest.errors import LogUnavailableError
from ingest.log import Entry, Group, Log
from ingest.quarantine import Refusal
from ingest.sqlite_log import SqliteLog
from ingest.sqlite_quarantine import SqliteQuarantine


class TroubledLog:
    """A real log behind trouble.

    Attributes:
        away: While true, appending and starting fail as on a full disk.
        quarantine: That of the real log.
        tried: How often an append failed so, or because the real log could not take it.
        poison: An append with an entry of this device fails as with a mistake in our code.
    """

    def __init__(self, path: Path) -> None:
        self._log: Log = SqliteLog(path)
        self.quarantine = SqliteQuarantine(path)
        self.away = False
        self.tried = 0
        self.poison = ""

    def append(self, entries: Sequence[Entry], refusals: Sequence[Refusal] = ()) -> int:
        """See `Log.append`."""
        return self.take(lambda _: Group(entries, refusals))

    def take(self, judge: Callable[[Mapping[str, int]], Group]) -> int:
        """See `Log.take`."""

        def poisoned(watermarks: Mapping[str, int]) -> Group:
            group = judge(watermarks)
            if self.poison and any(entry.batch.device == self.poison for entry in group.entries):
                raise TypeError(self.poison)
            return group

        if self.away:
            self.tried += 1
            raise LogUnavailableError("log.db", "database or disk is full")
        try:
            return self._log.take(poisoned)
        except LogUnavailableError:
            self.tried += 1
            raise

    def kept(self) -> dict[str, bytes]:
        """See `Log.kept`."""
        if self.away:
            raise LogUnavailableError("log.db", "database or disk is full")
        return self._log.kept()

    def hold(self, reader: str, position: int) -> None:
        """See `Log.hold`."""
        if self.away:
            raise LogUnavailableError("log.db", "database or disk is full")
        self._log.hold(reader, position)

    def __getattr__(self, name: str) -> Any:
        """Everything else as the real log does it."""
        return getattr(self._log, name)
