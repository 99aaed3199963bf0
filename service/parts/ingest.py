"""Ingest: a process that takes messages in."""

from ingest.errors import BrokerRefusedError, NotSharedError
from ingest.sharing import require_sharing
from ingest.subscribe import Subscriber
from service.errors import BrokerUnusableError, NoSuchProcessError, SharingUnusableError
from service.settings import Settings
from service.wiring import (
    announced,
    clock_of,
    ingest_names,
    ingest_settings,
    log_of,
    quarantine_of,
    registry_of,
    stopped_by_signals,
)


def run_ingest(settings: Settings, number: int = 1) -> None:
    """Take messages in until stopped: subscribe, decode, judge, log, acknowledge.

    Args:
        settings: Of the service.
        number: Which of its ingest processes this is, from 1.

    Raises:
        NoSuchProcessError: There are not so many.
        BrokerUnusableError: The broker cannot be reached, or does not let us in.
        SharingUnusableError: There are several, and the broker does not share messages among them.
    """
    processes = settings.ingest.processes
    if not 1 <= number <= processes:
        raise NoSuchProcessError(number, processes)
    chosen, clock = ingest_settings(settings, number), clock_of(settings)
    with stopped_by_signals() as stop, announced(settings, ingest_names(settings)[number - 1]) as ready:
        subscriber = Subscriber(chosen, log_of(settings), registry_of(settings), clock, quarantine_of(settings))
        try:
            if chosen.share:
                require_sharing(chosen, clock)
            subscriber.run(stop, on_ready=ready.touch)
        except BrokerRefusedError as error:
            raise BrokerUnusableError(str(error)) from error
        except NotSharedError as error:
            raise SharingUnusableError(str(error), processes) from error
