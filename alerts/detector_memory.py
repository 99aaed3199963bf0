"""Detector memory: the reader's position and all that detectors and policy remember, as one saved state."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from alerts.episodes import Key
from alerts.policy.case import Standing
from alerts.tables import DETECTOR_STATE, READER, STANDING
from models.checkpoint import Checkpoint, StoredState

_READER = "score"


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a restarted scorer takes over; `readings` is how many it has scored in its life."""

    checkpoint: Checkpoint
    standings: Mapping[Key, Standing]
    readings: int


def load(connection: Connection) -> Remembered:
    """What was saved last; a beginning when nothing was."""
    reader = connection.execute(select(READER).where(READER.c.name == _READER)).one_or_none()
    states = tuple(
        StoredState(row.detector, row.asset, row.version, row.state, row.wake_us, row.alone)
        for row in connection.execute(select(DETECTOR_STATE))
    )
    standings = {
        Key(row.asset, row.failure_mode, row.subject): msgspec.json.decode(row.json, type=Standing)
        for row in connection.execute(select(STANDING))
    }
    if reader is None:
        return Remembered(Checkpoint(0, 0, {}, states), standings, 0)
    watermarks = msgspec.json.decode(reader.watermarks, type=dict[str, int])
    return Remembered(
        Checkpoint(reader.position, reader.resume_position, watermarks, states), standings, reader.readings
    )


def save(connection: Connection, checkpoint: Checkpoint, standings: Mapping[Key, Standing], readings: int) -> None:
    """Save the position with the states that changed, in the transaction of what they led to."""
    _upsert_states(connection, checkpoint.states)
    rows = [
        {
            "asset": key.asset,
            "failure_mode": key.failure_mode,
            "subject": key.subject,
            "json": msgspec.json.encode(standing),
        }
        for key, standing in standings.items()
    ]
    if rows:
        statement = insert(STANDING)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["asset", "failure_mode", "subject"], set_={"json": statement.excluded.json}
            ),
            rows,
        )
    values = {
        "position": checkpoint.position,
        "resume_position": checkpoint.resume_position,
        "readings": readings,
        "watermarks": msgspec.json.encode(dict(checkpoint.watermarks_us)),
    }
    connection.execute(
        insert(READER).values(name=_READER, **values).on_conflict_do_update(index_elements=["name"], set_=values)
    )


def position(connection: Connection) -> tuple[int, int]:
    """The log position up to which everything is scored, and how many readings that were."""
    row = connection.execute(select(READER.c.position, READER.c.readings).where(READER.c.name == _READER)).one_or_none()
    return (0, 0) if row is None else (row.position, row.readings)


def _upsert_states(connection: Connection, states: Iterable[StoredState]) -> None:
    rows = [
        {
            "detector": s.detector,
            "asset": s.asset,
            "version": s.version,
            "state": s.state,
            "wake_us": s.wake_us,
            "alone": s.alone,
        }
        for s in states
    ]
    if not rows:
        return
    statement = insert(DETECTOR_STATE)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in {"detector", "asset"}}
    connection.execute(statement.on_conflict_do_update(index_elements=["detector", "asset"], set_=changed), rows)
