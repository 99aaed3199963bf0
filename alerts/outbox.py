"""Outbox: what other systems are to be told, written with what it tells of and read on from an id."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, func, insert, select

from alerts.tables import OUTBOX

Payload = Mapping[str, str | int | float | None]
"""What is told: flat, so that every sink can format it."""


@dataclass(frozen=True, slots=True)
class Message:
    """One row of the outbox.

    Attributes:
        id: Grows with time; a reader goes on after the last it took.
        at_us: When it was written, by the service's clock.
        kind: `work_order.` and the action of the history.
        work_order: The order it is about.
        payload: Number, site, asset, failure mode, level, state, titles, who and note.
    """

    id: int
    at_us: int
    kind: str
    work_order: int
    payload: Payload


def put(connection: Connection, kind: str, work_order: int, payload: Payload, now_us: int) -> None:
    """Add a message in the caller's transaction: it exists if, and only if, what it tells of does."""
    connection.execute(
        insert(OUTBOX).values(at_us=now_us, kind=kind, work_order=work_order, payload=msgspec.json.encode(payload))
    )


def after(connection: Connection, last: int, limit: int) -> list[Message]:
    """The messages whose id is greater than `last`, oldest first, at most `limit`."""
    rows = connection.execute(select(OUTBOX).where(OUTBOX.c.id > last).order_by(OUTBOX.c.id).limit(limit))
    return [Message(r.id, r.at_us, r.kind, r.work_order, msgspec.json.decode(r.payload)) for r in rows]


def leap(connection: Connection, to_multiple: int) -> None:
    """Go on with ids above the next multiple of a number; for a restored outbox, whose readers may know later ids."""
    name = {"name": OUTBOX.name}
    given = connection.execute(select(func.max(OUTBOX.c.id))).scalar() or 0
    kept = connection.exec_driver_sql("SELECT max(seq) FROM sqlite_sequence WHERE name = :name", name).scalar() or 0
    above = (max(given, kept) // to_multiple + 1) * to_multiple
    connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = :name", name)
    connection.exec_driver_sql("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)", name | {"seq": above})
