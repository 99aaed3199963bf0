"""Score: the process that turns what was taken in into work orders."""

from alerts.database import Database
from alerts.scorer import Scorer
from models.detectors.catalogue import DETECTORS
from service.settings import Settings
from service.wiring import announced, clock_of, folder_of, log_of, registry_of, stopped_by_signals


def run_score(settings: Settings) -> None:
    """Score the log until stopped: windows, detectors, episodes, work orders."""
    with stopped_by_signals() as stop, announced(settings, "score") as ready:
        scorer = Scorer(
            log_of(settings),
            registry_of(settings),
            Database(folder_of(settings).database),
            DETECTORS,
            lateness_us=round(settings.ingest.lateness_s * 1e6),
            clock=clock_of(settings),
        )
        ready.touch()
        scorer.run(stop)
