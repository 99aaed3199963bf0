"""API service: a seeded service behind a real HTTP server, for the tests of the API."""

from pathlib import Path
from typing import Any

import httpx
import numpy as np

from alerts.api.app import create_app
from alerts.database import Database
from alerts.moments import HOUR_US
from ingest.history import Series
from ingest.registry import Registry
from ingest.registry_book import RegistryBook, Signed
from ingest.sqlite_log import SqliteLog
from ingest.sqlite_quarantine import SqliteQuarantine
from tests.alerts.detectors import DETECTORS
from tests.alerts.seeding import RISER, SITE, HandClock, seed

RAISE = {"site": SITE, "asset": RISER, "failure_mode": "pipe.leak", "level": "II", "note": "水渍", "who": "王"}
"""A request with which a person raises an order."""


class OneSeries:
    """A store that holds one metric of one device, for the route that reads it."""

    def series(self, device: str, metric: str, start_us: int, end_us: int) -> Series:
        """Two readings, one of them late."""
        assert (device, metric, end_us - start_us) == (f"{RISER}-sensor", "pressure_kpa", HOUR_US)
        return Series(np.array([start_us, start_us + 5]), np.array([310.5, 311.0]), np.array([0, 1], dtype=np.uint8))


class Service:
    """A seeded service behind a real server."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.log, self.real_s = HandClock(speed=5.0), SqliteLog(folder / "log.db"), 0.0
        self.quarantine = SqliteQuarantine(folder / "log.db")
        self.database = Database(folder / "main.db")
        self.book = RegistryBook(folder / "registry.db")
        self.know(seed(self.database))
        self.app = create_app(
            database=self.database,
            registry=self.book,
            clock=self.clock,
            store=OneSeries(),  # type: ignore[arg-type]
            log=self.log,
            quarantine=self.quarantine,
            detectors=DETECTORS,
            monotonic_s=lambda: self.real_s,
        )
        self.client = httpx.Client()

    def know(self, registry: Registry) -> None:
        """Let the service have another registry from now on."""
        self.book.change(lambda _: registry, Signed("test", "", self.clock.us))

    def close(self) -> None:
        """Release its files."""
        for opened in (self.database, self.log, self.quarantine, self.book):
            opened.close()

    def get(self, path: str, **more: Any) -> httpx.Response:
        """GET under the API."""
        return self.client.get(f"/api/v1{path}", **more)

    def post(self, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
        """POST JSON under the API."""
        return self.client.post(
            f"/api/v1{path}", json=body, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )

    def put(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """PUT JSON under the API."""
        return self.client.put(f"/api/v1{path}", json=body)


def upload(service: Service, data: bytes) -> httpx.Response:
    return service.client.post(
        "/api/v1/work-orders/1/photos", data={"kind": "before", "who": "王"}, files={"file": ("x.jpg", data)}
    )
