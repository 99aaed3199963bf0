"""Influx stores: how tests open one."""

from pathlib import Path

from ingest.stores.influx_store import InfluxReadingStore
from ingest.stores.influx_wire import Server, WireKind
from ingest.stores.refused_points import RefusedPoints


class HandClock:
    """A clock that stands until a test moves it."""

    speed = 1.0

    def __init__(self, at_us: int = 1_790_000_000_000_000) -> None:
        self.at_us = at_us

    def now_us(self) -> int:
        """See `Clock.now_us`."""
        return self.at_us


def influx_store(
    url: str, database: str, refused: Path | RefusedPoints | None = None, wire: WireKind = "v1"
) -> InfluxReadingStore:
    """A store in a database of a server without users; what is refused is kept in a file, or in memory."""
    kept = refused if isinstance(refused, RefusedPoints) else RefusedPoints(refused or ":memory:", HandClock())
    return InfluxReadingStore(Server(url, database, wire), kept)
