"""Score: the process that turns what was taken in into work orders, and deletes their stills after their time."""

import gc
import threading

from alerts.database import Database
from alerts.retention import Retention, StillKeeping
from alerts.scorer import Scorer
from models.detectors.catalogue import DETECTORS
from service.settings import Settings
from service.wiring import announced, clock_of, folder_of, log_of, registry_of, stopped_by_signals

_YOUNG = 50_000
"""So many new objects before waste is looked for. Chosen by: over ten times what the 500 records of a step hold, so it
stays small; Python's own 700 looks through the open windows again and again (models/README.md has the figures)."""


def run_score(settings: Settings) -> None:
    """Score the log until stopped: windows, detectors, episodes, work orders."""
    with stopped_by_signals() as stop, announced(settings, "score") as ready:
        database, clock = Database(folder_of(settings).database), clock_of(settings)
        scorer = Scorer(
            log_of(settings),
            registry_of(settings),
            database,
            DETECTORS,
            lateness_us=round(settings.ingest.lateness_s * 1e6),
            clock=clock,
        )
        # What was restored stays; else every full collection looks through the states of all detectors again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(_YOUNG)
        # Here and not in the API: who puts the stills in takes them out.
        keeping = StillKeeping(settings.privacy.unconfirmed_stills_days, settings.privacy.confirmed_stills_days)
        retention = threading.Thread(target=Retention(database, keeping, clock).run, args=(stop,), name="retention")
        retention.start()
        ready.touch()
        try:
            scorer.run(stop)
        finally:
            stop.set()
            retention.join()
