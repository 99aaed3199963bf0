"""Coverage known: what coverage is judged by, gathered from the service's files; the same for API and command line."""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from alerts import detector_memory, watches
from alerts.coverage import Known
from alerts.database import Database
from alerts.listening import connected_until
from alerts.tables import DETECTOR_STATE
from ingest.clock import Clock
from ingest.figures import Note
from ingest.holding import SCORE
from ingest.log import Log
from ingest.quarantine import Quarantine
from ingest.registry import Registry
from models.detector import Detector, State
from models.detectors.sensor_fault import SensorFault

_AWAY_AFTER_S = 15.0  # processes note something every two seconds; a slow disk may hold one up for some
_BEHIND_RECORDS = 5_000  # some seconds of a busy site's messages


def known_now(  # noqa: PLR0913, PLR0917 -- each is a file or a fact of the service
    database: Database,
    log: Log,
    quarantine: Quarantine,
    registry: Registry,
    detectors: Sequence[Detector],
    clock: Clock,
) -> Known:
    """All that is known at this moment.

    Raises:
        LogUnavailableError: The log cannot be read.
    """
    now_us, notes = clock.now_us(), log.notes()
    with database.read() as connection:
        heard = {(w.asset, w.failure_mode): w for w in watches.load(connection)}
        position, _ = detector_memory.position(connection)
        spec = SensorFault.spec
        mine = (DETECTOR_STATE.c.detector == spec.name) & (DETECTOR_STATE.c.version == spec.version)
        query = select(DETECTOR_STATE.c.state).where(mine)
        states = [json.loads(row.state) for row in connection.execute(query)]
    away_us = connected_until(notes)
    scored_us = notes[SCORE].at_us if SCORE in notes else 0
    behind = log.head() - position > _BEHIND_RECORDS or (log.head() > position and _is_old(scored_us, clock))
    return Known(
        now_us=now_us,
        registry=registry,
        detectors=detectors,
        watches=heard,
        words=log.last_words(),
        devices=_devices(states),
        waiting=Counter(waiting.site for waiting in quarantine.waiting()),
        ingest_away_us=_away_since(notes, away_us, clock),
        scoring_behind_us=scored_us if behind else None,
    )


def _devices(states: Sequence[State | None]) -> Mapping[str, State]:
    return {device: known for state in states if state for device, known in state["devices"].items()}


def _away_since(notes: Mapping[str, Note], connected_us: int | None, clock: Clock) -> int | None:
    """Since when nobody takes messages in; None while somebody does, and where nobody ever noted anything."""
    if connected_us is None:
        return max((note.at_us for note in notes.values()), default=clock.now_us())
    return connected_us if _is_old(connected_us, clock) else None


def _is_old(at_us: int, clock: Clock) -> bool:
    """Whether a process ought to have noted something since; a simulation's clock runs faster, or stands still."""
    speed = clock.speed
    if not math.isfinite(speed) or speed <= 0.0:
        return False
    return (clock.now_us() - at_us) / 1e6 / speed > _AWAY_AFTER_S
