"""Scheduler: where joblib runs long work: on this machine's cores, or on the Dask cluster that the settings name."""

from collections.abc import Iterator
from contextlib import contextmanager

import joblib

from service.errors import ServiceError
from service.settings import Settings


class SchedulerUnusableError(ServiceError):
    """The cluster that the settings name cannot be used."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(
            f"training.scheduler {address}: {why}; start it, or leave it empty to use this machine's cores"
        )


@contextmanager
def scheduled(settings: Settings) -> Iterator[None]:
    """For the block's length joblib's work goes where the settings say.

    Raises:
        SchedulerUnusableError: Dask is not installed, or nobody answers at the address.
    """
    address = settings.training.scheduler
    if not address:
        yield
        return
    try:
        from distributed import Client  # noqa: PLC0415 -- only who has a cluster has this
    except ImportError as error:
        raise SchedulerUnusableError(address, "dask is not installed here (pip install distributed)") from error
    try:
        client = Client(address, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise SchedulerUnusableError(address, f"nobody answers ({error})") from error
    with client, joblib.parallel_config("dask", client=client):
        yield
