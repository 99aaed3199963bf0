"""Holding: how a reader of the log says, now and then, up to where it needs nothing any more."""

import time
from collections.abc import Callable

from ingest.errors import LogUnavailableError
from ingest.log import Log

SCORE = "score"
FORWARD = "forward"
READERS = (SCORE, FORWARD)
"""Who reads the log of a service; nothing of it is pruned before each of them has spoken."""

_EVERY_S = 5.0  # each time is a commit; what is held a few seconds longer costs nothing


class Holding:
    """Tells the log where a reader is, rarely enough to ask after every step.

    Args:
        log: What is read.
        reader: The reader's name, one of `READERS`.
        now_s: Seconds of the real world.
    """

    def __init__(self, log: Log, reader: str, now_s: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._reader = reader
        self._now_s = now_s
        self._due_s = 0.0
        self._said = -1

    def reached(self, position: int) -> None:
        """The reader needs nothing up to here, also after a restart; it may say so as often as it likes."""
        if position == self._said or self._now_s() < self._due_s:
            return
        self._due_s = self._now_s() + _EVERY_S
        try:
            self._log.hold(self._reader, position)
        except LogUnavailableError:
            return  # then more is kept for a while
        self._said = position
