"""Noting: how a process that serves no figures itself writes them into the log, for the API to serve."""

import time
from collections.abc import Callable, Sequence

from ingest.clock import Clock
from ingest.errors import LogUnavailableError
from ingest.figures import Family
from ingest.log import Log

_EVERY_S = 2.0  # as often as ingest does; Prometheus asks every 15 s or so


class Noting:
    """Notes the figures of a process now and then, rarely enough to ask after every step.

    Args:
        log: Where to.
        process: Its name.
        figures: What it counts, as of now.
        clock: The service's.
        now_s: Seconds of the real world.
    """

    def __init__(
        self,
        log: Log,
        process: str,
        figures: Callable[[], Sequence[Family]],
        clock: Clock,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log = log
        self._process = process
        self._figures = figures
        self._clock = clock
        self._now_s = now_s
        self._due_s = 0.0

    def turn(self) -> None:
        """Note them, if it is time again; a log that is away is told next time."""
        now_s = self._now_s()
        if now_s < self._due_s:
            return
        self._due_s = now_s + _EVERY_S
        try:
            self._log.note(self._process, self._figures(), self._clock.now_us())
        except LogUnavailableError:
            return
