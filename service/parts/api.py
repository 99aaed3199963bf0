"""API: the process that answers the ticket API and the crew page, and keeps the history."""

import threading

import uvicorn

from alerts.api.app import create_app
from alerts.database import Database
from alerts.points import PendingPoints
from ingest.forward import Forwarder
from ingest.stores.duckdb_store import DuckdbReadingStore
from models.detectors.catalogue import DETECTORS
from service.history import refused_of, store_of
from service.night_watch import NightWatch
from service.processes import require_free_port
from service.settings import Settings
from service.snapshots import Snapshots
from service.wiring import announced, clock_of, folder_of, log_of, quarantine_of, registry_of, stopped_by_signals

_STOPS_WITHIN_S = 10.0


def run_api(settings: Settings) -> None:
    """Answer the API and the crew page, and keep the history, until stopped."""
    require_free_port("crew page and API", settings.api.host, settings.api.port, "--port or api.port")
    with announced(settings, "api") as said:
        # Who backs this folder up asks us for the history, and finds us by this.
        said.write_text(_address(settings), encoding="ascii")
        _serve(settings)


def _address(settings: Settings) -> str:
    """Where somebody on this machine reaches the API."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.api.host, settings.api.host)  # noqa: S104 -- recognised
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.api.port}"


def _serve(settings: Settings) -> None:
    log, database, refused = log_of(settings), Database(folder_of(settings).database), refused_of(settings)
    store, registry, clock = store_of(settings, refused), registry_of(settings), clock_of(settings)
    forwarder = Forwarder(log, store, PendingPoints(database))
    snapshots = None
    if isinstance(store, DuckdbReadingStore):
        snapshots = Snapshots(folder_of(settings), store, forwarder.paused)
    app = create_app(
        database=database,
        registry=registry,
        clock=clock,
        store=store,
        log=log,
        quarantine=quarantine_of(settings),
        lateness_us=round(settings.ingest.lateness_s * 1e6),
        detectors=DETECTORS,
        snapshot_maker=snapshots,
        forwarder=forwarder,
        refused_points=refused,
    )
    server = uvicorn.Server(
        uvicorn.Config(app, host=settings.api.host, port=settings.api.port, log_level="warning", access_log=False)
    )
    # uvicorn raises the signal that ended it once more when it is done; here that only sets the event.
    with stopped_by_signals() as stop:
        # Here and not in scoring: this process has the embedded history open.
        nights = NightWatch(database, registry, store, clock)
        runs = {"forward": forwarder.run, "night-watch": nights.run}
        workers = [threading.Thread(target=run, args=(stop,), name=name) for name, run in runs.items()]
        for worker in workers:
            worker.start()
        try:
            server.run()
        finally:
            stop.set()
            for worker in workers:
                worker.join(_STOPS_WITHIN_S)
            store.close()
            refused.close()
