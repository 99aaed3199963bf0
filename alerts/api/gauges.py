"""Gauges: the state of the work orders for Prometheus, read when it is scraped."""

from collections.abc import Iterator

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from alerts.api.backend import Backend
from alerts.api.operations import status


class _StatusCollector:
    """What `GET /status` says, as gauges."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge a number."""
        now = status(self._backend)
        said = {
            "precomplaint_readings_total_scored": ("Readings scored since the service was set up", now.readings_total),
            "precomplaint_quarantined": ("Messages refused since the log was made", now.quarantined_total),
            "precomplaint_episodes_open": ("Episodes that have not ended", now.episodes_open),
            "precomplaint_work_orders_open": ("Work orders neither closed nor cancelled", now.work_orders_open),
            "precomplaint_score_lag_positions": ("Log positions not scored yet", now.lag_positions),
        }
        for name, (meaning, value) in said.items():
            yield GaugeMetricFamily(name, meaning, value=value)


def exposition(backend: Backend) -> bytes:
    """The process's own metrics and the state of the work orders, in Prometheus' text format."""
    own = CollectorRegistry()
    own.register(_StatusCollector(backend))
    return generate_latest(REGISTRY) + generate_latest(own)
