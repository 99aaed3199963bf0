"""App: the ticket API and the crew page as one ASGI application."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from prometheus_client import CONTENT_TYPE_LATEST

from alerts.api import (
    assets,
    coverage,
    history,
    operations,
    pictures,
    registry_files,
    snapshots,
    thresholds,
    waiting,
    work_orders,
)
from alerts.api import quarantine as refused
from alerts.api import registry as registry_routes
from alerts.api.backend import Backend, SnapshotMaker
from alerts.api.border import Border
from alerts.api.gauges import exposition
from alerts.api.problems import handle_problems, in_openapi
from alerts.api.rate import Rate
from alerts.api.schemas import Problem
from alerts.api.views import API
from alerts.database import Database
from alerts.tunables import tunables_of
from alerts.work_orders import WorkOrders
from ingest.clock import Clock
from ingest.forward import Forwarder
from ingest.history import ReadingStore
from ingest.log import Log
from ingest.quarantine import Quarantine
from ingest.registry import RegistryReader
from ingest.stores.refused_points import RefusedPoints
from models.detector import Detector
from models.detectors.catalogue import DETECTORS

_ROUTERS = (
    work_orders.router,
    pictures.router,
    assets.router,
    coverage.router,
    thresholds.router,
    operations.router,
    refused.router,
    snapshots.router,
    history.router,
    waiting.router,
    registry_files.router,
    registry_routes.router,  # behind those two, whose paths would fit its own
)
_PAGE = Path(__file__).parents[1] / "page"


def create_app(  # noqa: PLR0913 -- everything the routes read or write, by name
    *,
    database: Database,
    registry: RegistryReader,
    clock: Clock,
    store: ReadingStore,
    log: Log,
    quarantine: Quarantine,
    lateness_us: int = 10_000_000,
    detectors: Sequence[Detector] = DETECTORS,
    monotonic_s: Callable[[], float] = time.monotonic,
    snapshot_maker: SnapshotMaker | None = None,
    forwarder: Forwarder | None = None,
    refused_points: RefusedPoints | None = None,
) -> FastAPI:
    """The application.

    Args:
        database: Work orders, thresholds, outbox.
        registry: Sites, assets, devices and sources; a change counts from the next request on.
        clock: The service's time and its speed.
        store: Where the readings are.
        log: For the lag of scoring, and what other processes note in it.
        quarantine: The messages that were refused.
        lateness_us: How late a reading may arrive and still count, for who tries out a mapping, microseconds.
        detectors: What runs; their tunables are the thresholds.
        monotonic_s: Seconds of the real world, for what is counted a second.
        snapshot_maker: Copies history and main database for a backup; None: there is no embedded history.
        forwarder: Fills the store; None if another process does.
        refused_points: What the store refused for good; None if it never refuses anything.
    """
    tunables = tunables_of(detectors)
    app = FastAPI(
        title="Precomplaint",
        description="Work orders raised before anyone complains, the evidence behind them, and the thresholds.",
        version="1",
        docs_url=f"{API}/docs",
        redoc_url=None,
        openapi_url=f"{API}/openapi.json",
        responses={422: {"model": Problem, "description": "The request is not valid; `errors` says where."}},
    )
    app.state.backend = Backend(
        database=database,
        reader=registry,
        registry=registry.current(),
        clock=clock,
        store=store,
        log=log,
        quarantine=quarantine,
        lateness_us=lateness_us,
        detectors=detectors,
        orders=WorkOrders(registry, clock),
        tunables=tunables,
        rate=Rate(monotonic_s),
        snapshots=snapshot_maker,
        forwarder=forwarder,
        refused_points=refused_points,
    )
    api = APIRouter(prefix=API)
    for router in _ROUTERS:
        api.include_router(router)
    app.include_router(api)
    app.include_router(_outside(app.state.backend))
    app.mount("/page", StaticFiles(directory=_PAGE), name="page")
    handle_problems(app)
    app.add_middleware(Border)
    _describe(app)
    return app


def _outside(backend: Backend) -> APIRouter:
    """The two routes that are not part of the API."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def read_page() -> FileResponse:
        return FileResponse(_PAGE / "index.html", headers={"Cache-Control": "no-cache"})

    @router.get("/metrics")
    def read_metrics() -> Response:
        return Response(exposition(backend), media_type=CONTENT_TYPE_LATEST)

    return router


def _describe(app: FastAPI) -> None:
    made = app.openapi

    def openapi() -> dict[str, Any]:
        return in_openapi(made())

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend the document
