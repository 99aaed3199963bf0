"""Retention: camera stills are deleted after their time, and their orders keep the hashes."""

import threading
from dataclasses import dataclass

import structlog
from prometheus_client import Counter
from sqlalchemy import Connection, and_, case, exists, select, update

from alerts.database import Database
from alerts.life import Outcome
from alerts.moments import DAY_US
from alerts.tables import IMAGE, PHOTO, STILL, WORK_ORDER
from ingest.clock import Clock

_EVERY_S = 60.0
"""Real time between two looks; what counts is the service's clock (chosen by: days are at stake)."""

_deleted = Counter("precomplaint_stills_deleted", "Camera stills deleted after their time")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class StillKeeping:
    """How long a still stays. Source of the defaults: DOMAIN 4.4 (PIPL, articles 19 and 26).

    Attributes:
        unconfirmed_days: With an order whose outcome is none, or any but confirmed.
        confirmed_days: With an order that was found to be true.
    """

    unconfirmed_days: float = 7.0
    confirmed_days: float = 90.0


class Retention:
    """Deletes stills whose time has come, whenever it is looked after; what a stop left undone the next turn does.

    Args:
        database: Where orders and pictures are.
        keeping: How long they stay.
        clock: The service's time.
    """

    def __init__(self, database: Database, keeping: StillKeeping, clock: Clock) -> None:
        self._database = database
        self._keeping = keeping
        self._clock = clock

    def run(self, stop: threading.Event) -> None:
        """Look after them until `stop` is set; what fails is logged and tried again."""
        while not stop.is_set():
            try:
                self.turn()
            except Exception:
                log.exception("retention.failed")
            stop.wait(_EVERY_S)

    def turn(self) -> int:
        """Delete what is due; how many stills that were."""
        now_us = self._clock.now_us()
        with self._database.read() as connection:
            if not _due(connection, now_us, self._keeping):
                return 0  # nothing to take the write lock for
        with self._database.write() as connection:
            count = delete_stills(connection, now_us, self._keeping)
        _deleted.inc(count)
        log.info("retention.stills_deleted", stills=count)
        return count


def delete_stills(connection: Connection, now_us: int, keeping: StillKeeping) -> int:
    """Delete the pictures of stills whose time has come, inside the caller's transaction; how many stills that were.

    Their rows stay with the moment of deletion, so that the hash in the frozen evidence still has its answer. A picture
    that another still or somebody's photo refers to stays until those go.
    """
    # SQLite else only forgets where the bytes are, and leaves them in the file.
    connection.exec_driver_sql("PRAGMA secure_delete=ON")
    due = _due(connection, now_us, keeping)
    for order, sha256 in due:
        connection.execute(
            update(STILL).where(STILL.c.work_order == order, STILL.c.sha256 == sha256).values(deleted_us=now_us)
        )
    kept = exists().where(STILL.c.sha256 == IMAGE.c.sha256, STILL.c.deleted_us.is_(None))
    shown = exists().where(PHOTO.c.sha256 == IMAGE.c.sha256)
    for sha256 in {sha256 for _, sha256 in due}:
        connection.execute(update(IMAGE).where(IMAGE.c.sha256 == sha256, ~kept, ~shown).values(data=b""))
    return len(due)


def _due(connection: Connection, now_us: int, keeping: StillKeeping) -> list[tuple[int, str]]:
    """Order and hash of the stills whose time has come and whose picture is there."""
    unconfirmed_us, confirmed_us = (
        now_us - round(days * DAY_US) for days in (keeping.unconfirmed_days, keeping.confirmed_days)
    )
    oldest = case((WORK_ORDER.c.outcome == Outcome.CONFIRMED, confirmed_us), else_=unconfirmed_us)
    query = (
        select(STILL.c.work_order, STILL.c.sha256)
        .join(WORK_ORDER, WORK_ORDER.c.id == STILL.c.work_order)
        .where(and_(STILL.c.deleted_us.is_(None), STILL.c.at_us <= oldest))
        .order_by(STILL.c.work_order, STILL.c.sha256)
    )
    return [(row.work_order, row.sha256) for row in connection.execute(query)]
