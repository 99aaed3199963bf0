"""Peers: which other ingest processes of a group are at work, by what they note in the log."""

import time
from collections.abc import Sequence

import structlog

from ingest.figures import Note
from ingest.log import Log

log = structlog.get_logger()

_ABSENT_AFTER_S = 5.0  # they note something every two seconds; half of the usual lateness is left to take what waits


class Peers:
    """The other processes of a group, and whom of them this one stands in for.

    A broker gives a process that died or hangs its turn of the messages all the same. Until it is back they would be
    late, as the others move the time on: a door that opens while a car stops, told too late, is an entrapment. So the
    first process of the group that is at work stands in for those that are not.

    Args:
        log: Where all of them note how they do.
        group: Their client names, in the order in which they stand in.
        own: The name of this one.
    """

    def __init__(self, log: Log, group: Sequence[str], own: str) -> None:
        self._log = log
        self._group = tuple(group)
        self._own = own
        self._heard: dict[str, tuple[Note | None, float]] = {}
        self._absent: set[str] = set()

    def absent(self) -> tuple[str, ...]:
        """Whom this process stands in for now.

        Raises:
            LogUnavailableError: The log cannot be read.
        """
        # The machine's time: a process hangs in that, whatever the service's clock does.
        now_s, notes = time.monotonic(), self._log.notes()
        for name in self._group:
            note = notes.get(name)
            if name not in self._heard or self._heard[name][0] != note:
                self._heard[name] = (note, now_s)
        silent = {
            name
            for name, (_, heard_s) in self._heard.items()
            if name != self._own and now_s - heard_s > _ABSENT_AFTER_S
        }
        for name in silent - self._absent:
            log.warning("ingest.peer_silent", client=name)
        for name in self._absent - silent:
            log.info("ingest.peer_back", client=name)
        self._absent = silent
        first = next(name for name in self._group if name not in silent)
        return tuple(sorted(silent)) if first == self._own else ()
