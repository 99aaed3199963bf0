"""Listening: whether ingest has been listening all the while, so that silence is that of a device and not ours."""

import time
from collections.abc import Callable, Mapping

from ingest.clock import HURRIED, Clock
from ingest.errors import LogUnavailableError
from ingest.figures import Note
from ingest.log import Log

CONNECTED = "precomplaint_ingest_connected"
"""The figure by which an ingest process says whether the broker has it."""

ASK_EVERY_S = 5.0
"""How often silence is asked about; no silence is shorter than minutes."""
_SURE_AFTER_S = 30.0  # chosen by: what the broker had kept for us while we were away has arrived by then


class Listening:
    """Asks the notes that ingest leaves in the log, rarely enough to ask after every step.

    Args:
        log: Whose notes.
        clock: The service's.
        now_s: Seconds of the real world.
    """

    def __init__(self, log: Log, clock: Clock, now_s: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._now_s = now_s
        self._due_s = 0.0
        self._since_s: float | None = None
        self._vouched_us = 0

    def until_us(self) -> int | None:
        """Up to which moment of the service's time ingest vouches that whoever spoke was heard.

        Returns:
            None while it is not time to ask again, while ingest is away, and for half a minute after it came back.
        """
        now_s = self._now_s()
        if now_s < self._due_s:
            return None
        self._due_s = now_s + ASK_EVERY_S
        try:
            vouched_us = connected_until(self._log.notes())
        except LogUnavailableError:
            vouched_us = None
        if vouched_us is None or vouched_us <= self._vouched_us or self._clock.speed > HURRIED:
            self._since_s = None
        elif self._since_s is None:
            self._since_s = now_s
        self._vouched_us = vouched_us or 0
        sure = self._since_s is not None and now_s - self._since_s >= _SURE_AFTER_S
        return vouched_us if sure else None


def connected_until(notes: Mapping[str, Note]) -> int | None:
    """When an ingest process last said that the broker has it; None if none says so.

    Args:
        notes: As `Log.notes` has them.
    """
    said = [
        (note.at_us, any(figure.value for figure in family.figures))
        for note in notes.values()
        for family in note.families
        if family.name == CONNECTED
    ]
    return max((at_us for at_us, connected in said if connected), default=None)
