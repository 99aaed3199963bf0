"""Backend: everything the API's routes work with, handed in once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Protocol

from fastapi import Depends, Request

from alerts.api.rate import Rate
from alerts.database import Database
from alerts.work_orders import WorkOrders
from ingest.clock import Clock
from ingest.forward import Forwarder
from ingest.history import ReadingStore
from ingest.log import Log
from ingest.quarantine import Quarantine
from ingest.registry import Registry, RegistryReader
from ingest.stores.refused_points import RefusedPoints
from models.detector import Detector
from models.thresholds import Tunable


class SnapshotMaker(Protocol):
    """Copies history and main database, as a pair that fits."""

    def place(self, name: str) -> Path | None:
        """The folder that was made for a snapshot of this name, None if nobody made one."""
        ...

    def make(self, place: Path) -> int:
        """Write both copies into a folder; the log position of the history.

        Raises:
            SnapshotFailedError: A copy could not be made.
            StoreUnavailableError: The history could not be copied.
        """
        ...


@dataclass(frozen=True, slots=True)
class Backend:
    """What `create_app` was given, and what follows from it; `registry` is that of the moment a request came."""

    database: Database
    reader: RegistryReader
    registry: Registry
    clock: Clock
    store: ReadingStore
    log: Log
    quarantine: Quarantine
    lateness_us: int
    detectors: Sequence[Detector]
    orders: WorkOrders
    tunables: Mapping[str, Tunable]
    rate: Rate
    snapshots: SnapshotMaker | None
    forwarder: Forwarder | None
    refused_points: RefusedPoints | None


def backend_of(request: Request) -> Backend:
    """The backend of the app that serves this request."""
    backend: Backend = request.app.state.backend
    registry = backend.reader.current()
    return backend if registry is backend.registry else replace(backend, registry=registry)


Given = Annotated[Backend, Depends(backend_of)]
"""How a route gets it."""
