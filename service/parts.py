"""Parts: what each process of the service does until it is told to stop."""

import threading

import uvicorn

from alerts.api.app import create_app
from alerts.points import PendingPoints
from alerts.scorer import Scorer
from ingest.forward import Forwarder
from ingest.subscribe import Subscriber
from models.detectors.catalogue import DETECTORS
from service.processes import require_free_port
from service.settings import Settings
from service.wiring import (
    announced,
    clock_of,
    database_of,
    ingest_settings,
    log_of,
    registry_of,
    stopped_by_signals,
    store_of,
)

_FORWARDER_STOPS_WITHIN_S = 10.0


def run_ingest(settings: Settings) -> None:
    """Take messages in until stopped: subscribe, decode, judge, log, acknowledge."""
    with stopped_by_signals() as stop, announced(settings, "ingest") as ready:
        subscriber = Subscriber(ingest_settings(settings), log_of(settings), registry_of(settings), clock_of(settings))
        subscriber.run(stop, on_ready=ready.touch)


def run_score(settings: Settings) -> None:
    """Score the log until stopped: windows, detectors, episodes, work orders."""
    with stopped_by_signals() as stop, announced(settings, "score") as ready:
        scorer = Scorer(
            log_of(settings),
            registry_of(settings),
            database_of(settings),
            DETECTORS,
            lateness_us=round(settings.ingest.lateness_s * 1e6),
            clock=clock_of(settings),
        )
        ready.touch()
        scorer.run(stop)


def run_api(settings: Settings) -> None:
    """Answer the API and the crew page, and keep the history, until stopped."""
    require_free_port("crew page and API", settings.api.host, settings.api.port, "--port or api.port")
    database, store, log = database_of(settings), store_of(settings), log_of(settings)
    app = create_app(
        database=database,
        registry=registry_of(settings),
        clock=clock_of(settings),
        store=store,
        log=log,
        detectors=DETECTORS,
    )
    server = uvicorn.Server(
        uvicorn.Config(app, host=settings.api.host, port=settings.api.port, log_level="warning", access_log=False)
    )
    forwarder = Forwarder(log, store, PendingPoints(database))
    # uvicorn raises the signal that ended it once more when it is done; here that only sets the event.
    with stopped_by_signals() as stop:
        worker = threading.Thread(target=forwarder.run, args=(stop,), name="forward")
        worker.start()
        try:
            server.run()
        finally:
            stop.set()
            worker.join(_FORWARDER_STOPS_WITHIN_S)
            store.close()
