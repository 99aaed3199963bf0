"""Night watch: judges each day's assets against their class once it is over, and tells their open orders."""

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from alerts.database import Database
from alerts.fitted_models import NONE, activations
from alerts.moments import DAY_US, HOUR_US
from alerts.tables import READER
from alerts.work_orders import WorkOrders
from ingest.clock import Clock
from ingest.history import ReadingSource
from ingest.registry import RegistryReader
from models.errors import ModelError
from models.fitted.card import Kind

if TYPE_CHECKING:
    from service.nightly import Unusual

_READER = "nightly"
_GRACE_US = 2 * HOUR_US
"""After a day's end before it is judged. Chosen by: what a gateway kept while it was away comes within hours."""
_EVERY_S = 60.0
"""Real time between two looks at the clock. Chosen by: a night has time."""

log = structlog.get_logger()


class NightWatch:
    """Raises the evidence of what is open on assets whose day was unusual for their class.

    It sends nobody: a forest's word is worth little alone (DOMAIN 6.1), and beside a failure mode it says that more
    than that mode's own figures is unusual. A day that was missed is not made up; one that was cut short is done again.

    Args:
        database: Where the forests and the work orders are.
        registry: Whose assets are judged.
        store: The history.
        clock: The service's time.
    """

    def __init__(self, database: Database, registry: RegistryReader, store: ReadingSource, clock: Clock) -> None:
        self._database, self._registry, self._store, self._clock = database, registry, store, clock

    def run(self, stop: threading.Event) -> None:
        """Judge every day until `stop` is set; what fails is logged and tried again."""
        while not stop.wait(_EVERY_S):
            try:
                self.turn()
            except Exception:
                log.exception("night_watch.failed")

    def turn(self) -> "list[Unusual]":
        """Judge the last day (UTC) that is over, if nobody did and a forest is in force; who was unusual.

        Raises:
            StoreUnavailableError: The history cannot be reached; call again.
        """
        now_us = self._clock.now_us()
        day_us = (now_us - _GRACE_US) // DAY_US * DAY_US - DAY_US
        with self._database.read() as connection:
            if not _is_due(connection, day_us, now_us):
                return []
            from service.nightly import forests_of, looks_on, unusual  # noqa: PLC0415 -- scikit-learn, only where needed

            forests = forests_of(connection, now_us, _refuse)
        found = unusual(looks_on(self._store, self._registry.current(), day_us), forests)
        with self._database.write() as connection:
            noted = self._note(connection, found, day_us)
        log.info("night_watch.judged", day=_day(day_us), unusual=[one.asset for one in found], orders_noted=noted)
        return found

    def _note(self, connection: Connection, found: "list[Unusual]", day_us: int) -> int:
        """Tell the open orders, and keep that the day is done; how many orders were told."""
        orders = WorkOrders(self._registry, self._clock)
        noted = sum(orders.corroborate(connection, one.asset, _day(day_us), 1.0 / one.chance) for one in found)
        values = {"position": day_us, "resume_position": day_us, "readings": 0, "watermarks": b"{}"}
        done = insert(READER).values(name=_READER, **values)
        connection.execute(done.on_conflict_do_update(index_elements=["name"], set_=values))
        return noted


def _is_due(connection: Connection, day_us: int, now_us: int) -> bool:
    """Whether nobody judged the day yet, and there is a forest in force."""
    done = connection.execute(select(READER.c.position).where(READER.c.name == _READER)).scalar()
    if done is not None and done >= day_us:
        return False
    newest = {one.name: one.version for one in activations(connection) if one.effective_us <= now_us}
    return any(name.startswith(f"{Kind.FOREST}:") and version != NONE for name, version in newest.items())


def _refuse(error: ModelError) -> None:
    """A forest whose bytes were damaged judges nobody; those of other classes do."""
    log.error("night_watch.forest_refused", because=str(error))


def _day(day_us: int) -> str:
    return f"{datetime.fromtimestamp(day_us / 1e6, UTC):%Y-%m-%d}"
