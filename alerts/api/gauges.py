"""Gauges: how the service does, for Prometheus, read when it is scraped."""

from prometheus_client import REGISTRY, CollectorRegistry, Metric, generate_latest
from prometheus_client.registry import Collector

from alerts.api.backend import Backend
from alerts.api.ingest_state import noted_ages_s
from alerts.api.operations import status
from ingest.figures import Family, counter, gauge, metrics


class _Service(Collector):
    """The numbers of this process, the service's state, and what the other processes noted of themselves."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def collect(self) -> list[Metric]:
        """Each name once, whoever has a number of it."""
        state = (*_work(self._backend), *_quarantine(self._backend), *_log(self._backend), *_history(self._backend))
        return metrics(REGISTRY.collect(), state, self._backend.log.notes())


def exposition(backend: Backend) -> bytes:
    """Everything the service counts, in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Service(backend))
    return generate_latest(registry)


def _work(backend: Backend) -> tuple[Family, ...]:
    now = status(backend)
    return (
        gauge("precomplaint_readings_total_scored", "Readings scored since the service was set up", now.readings_total),
        gauge("precomplaint_episodes_open", "Episodes that have not ended", now.episodes_open),
        gauge("precomplaint_work_orders_open", "Work orders neither closed nor cancelled", now.work_orders_open),
        gauge("precomplaint_score_lag_positions", "Log positions not scored yet", now.lag_positions),
        gauge("precomplaint_quarantined", "Messages refused since the log was made", now.quarantined_total),
    )


def _quarantine(backend: Backend) -> tuple[Family, ...]:
    held, ever = backend.quarantine.held(), backend.quarantine.refused_ever()
    waiting = len(backend.quarantine.waiting())
    return (
        gauge("precomplaint_quarantine_held", "Refused messages in quarantine now", held, "reason"),
        counter("precomplaint_quarantine_refused", "Different messages refused since the log was made", ever, "reason"),
        gauge("precomplaint_waiting_devices", "Devices that publish and that the registry does not know", waiting),
    )


def _log(backend: Backend) -> tuple[Family, ...]:
    head, readers = backend.log.head(), backend.log.readers()
    lag = {reader: max(0, head - position) for reader, position in readers.items()}
    used, ages_s = backend.log.bytes_used(), noted_ages_s(backend)
    return (
        gauge("precomplaint_log_bytes", "Room the log takes on the disk, pruned records not counted", used),
        gauge("precomplaint_log_head_position", "Position of the newest record of the log", head),
        gauge("precomplaint_log_reader_position", "Up to where a reader needs nothing any more", readers, "reader"),
        gauge("precomplaint_log_reader_lag_positions", "Positions that the log keeps for a reader", lag, "reader"),
        gauge("precomplaint_noted_age_seconds", "Age of what a process last noted of itself", ages_s, "process"),
    )


def _history(backend: Backend) -> tuple[Family, ...]:
    """What the forwarder counts itself comes with the process's own metrics."""
    held = backend.refused_points.waiting() if backend.refused_points else {}
    meaning = "Points the time-series store refused for good, kept for somebody to decide about"
    return (gauge("precomplaint_store_refused_held", meaning, held, "reason"),)
