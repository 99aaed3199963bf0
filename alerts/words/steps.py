"""Steps: what to do, what to bring and what to mind first, for each failure mode."""

from collections.abc import Mapping
from typing import Final

from alerts.words import cameras, elevators, general, pipes, pumps, sensors, surroundings
from alerts.words.jobs import Job
from ingest.registry import Text

_JOBS: Final[Mapping[str, Job]] = {
    mode: job
    for family in (pipes, elevators, pumps, cameras, surroundings, general)
    for mode, job in family.JOBS.items()
}


def steps(failure_mode: str, kind: str = "") -> tuple[Text, ...]:
    """Two to five things to do, in order.

    Args:
        failure_mode: Dotted.
        kind: Of a sensor fault, what kind of fault it is.
    """
    return _job(failure_mode, kind).steps


def bring(failure_mode: str, kind: str = "") -> tuple[Text, ...]:
    """What to take along; arguments as for `steps`."""
    return _job(failure_mode, kind).bring


def warnings(failure_mode: str, kind: str = "") -> tuple[Text, ...]:
    """What to mind before the first step; empty when nothing can hurt; arguments as for `steps`."""
    return _job(failure_mode, kind).warnings


def _job(failure_mode: str, kind: str) -> Job:
    if failure_mode == "sensor.fault":
        return sensors.JOBS.get(kind, sensors.JOBS["silent"])
    # A mode nobody wrote steps for is looked at like any change of an asset.
    return _JOBS.get(failure_mode, _JOBS["asset.deviation"])
