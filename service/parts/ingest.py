"""Ingest: the process that takes messages in."""

from ingest.errors import BrokerRefusedError
from ingest.subscribe import Subscriber
from service.errors import BrokerUnusableError
from service.settings import Settings
from service.wiring import announced, clock_of, ingest_settings, log_of, quarantine_of, registry_of, stopped_by_signals


def run_ingest(settings: Settings) -> None:
    """Take messages in until stopped: subscribe, decode, judge, log, acknowledge."""
    with stopped_by_signals() as stop, announced(settings, "ingest") as ready:
        subscriber = Subscriber(
            ingest_settings(settings),
            log_of(settings),
            registry_of(settings),
            clock_of(settings),
            quarantine_of(settings),
        )
        try:
            subscriber.run(stop, on_ready=ready.touch)
        except BrokerRefusedError as error:
            raise BrokerUnusableError(str(error)) from error
