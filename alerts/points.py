"""Points: derived series (scores, thresholds, work orders) on their way from the main database to the history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select

from alerts.database import Database
from alerts.tables import POINT
from ingest.history import Point


@dataclass(frozen=True, slots=True)
class _Stored:
    series: str
    at_us: int
    tags: dict[str, str]
    fields: dict[str, float | str]


def enqueue(connection: Connection, points: Sequence[Point]) -> None:
    """Put points in line, in the caller's transaction."""
    rows: list[Mapping[str, Any]] = [{"json": msgspec.json.encode(point)} for point in points]
    if rows:
        connection.execute(insert(POINT), rows)


class PendingPoints:
    """The line of points that the forwarder empties. See `ingest.forward.PointSource`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def pending(self, limit: int) -> list[tuple[int, Point]]:
        """The oldest points not yet forwarded, with their ids, at most `limit`."""
        with self._database.read() as connection:
            rows = connection.execute(select(POINT.c.id, POINT.c.json).order_by(POINT.c.id).limit(limit)).all()
        return [(row.id, _point(row.json)) for row in rows]

    def forwarded(self, ids: Sequence[int]) -> None:
        """Forget points that are durable in the history; asking again does no harm."""
        if ids:
            with self._database.write() as connection:
                connection.execute(delete(POINT).where(POINT.c.id.in_(ids)))


def _point(data: bytes) -> Point:
    stored = msgspec.json.decode(data, type=_Stored)
    return Point(stored.series, stored.at_us, stored.tags, stored.fields)
