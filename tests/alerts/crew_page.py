"""Crew page: the real app with the seeded community, and a browser on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from alerts.api.app import create_app
from alerts.database import Database
from alerts.moments import MINUTE_US
from ingest.registry import Registry
from ingest.sqlite_log import SqliteLog
from ingest.sqlite_quarantine import SqliteQuarantine
from ingest.stores.duckdb_store import DuckdbReadingStore
from tests.alerts.seeding import NOW_US, HandClock, community, seed
from tests.alerts.serving import serve

BURST, ENTRAPMENT, PARKING, BEARING = 1, 2, 3, 4
"""The ids of the seeded work orders."""


@dataclass(slots=True)
class Crew:
    """A served app: where it is, and what the tests do to it beside the browser."""

    url: str
    clock: HandClock
    registry: Registry

    def order(self, order: int) -> dict[str, Any]:
        """A work order as the API tells it."""
        answer: dict[str, Any] = httpx.get(f"{self.url}/api/v1/work-orders/{order}").raise_for_status().json()
        return answer

    def move(self, order: int, to: str, note: str | None = None) -> None:
        """A move that somebody else makes."""
        self._post(f"/work-orders/{order}/moves", {"to": to, "who": "李工", "note": note})

    def note(self, order: int, text: str) -> None:
        """A note that somebody else makes."""
        self._post(f"/work-orders/{order}/notes", {"who": "李工", "text": text})

    def raise_one(self, level: str = "I", asset: str = "elevator-2-1") -> int:
        """A new work order that somebody raises; its id."""
        mode = "elevator.door" if asset.startswith("elevator") else "pipe.leak"
        body = {"site": "yuyuan", "asset": asset, "failure_mode": mode, "level": level, "note": "7 楼", "who": "李工"}
        return int(self._post("/work-orders", body)["id"])

    def did(self, order: int, action: str) -> list[dict[str, Any]]:
        """The entries of one kind in an order's history."""
        return [entry for entry in self.order(order)["history"] if entry["action"] == action]

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return httpx.post(f"{self.url}/api/v1{path}", json=body).raise_for_status().json()


@contextmanager
def serving(folder: Path, *, empty: bool = False) -> Iterator[Crew]:
    """The app, three minutes after the seeded work orders were raised.

    Args:
        folder: For its databases.
        empty: Without any work order.
    """
    database = Database(folder / "precomplaint.db")
    registry = community() if empty else seed(database)
    clock = HandClock(NOW_US + 3 * MINUTE_US)
    store = DuckdbReadingStore(folder / "history.duckdb")
    log, quarantine = SqliteLog(folder / "log.db"), SqliteQuarantine(folder / "log.db")
    app = create_app(database=database, registry=registry, clock=clock, store=store, log=log, quarantine=quarantine)
    try:
        with serve(app) as url:
            yield Crew(url, clock, registry)
    finally:
        for opened in (store, database, log, quarantine):
            opened.close()
