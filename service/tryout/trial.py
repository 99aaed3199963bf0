"""Trial: recorded files from table to page, each step for the command that asks a person in between."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from device_simulators.mapping import ColumnMapping
from models.detectors.catalogue import DETECTORS
from service.tryout.judgement import judge
from service.tryout.page_data import Told
from service.tryout.recordings import read_recordings
from service.tryout.table import Table
from service.tryout.truth import labelled_faults, listed_faults, score


def trial(
    tables: Sequence[Table], mapping: ColumnMapping, labels: Path | None, progress: Callable[[float], None]
) -> Told:
    """What the shipped detectors would have said of recorded tables.

    Args:
        tables: Of one installation; they are put together in time.
        mapping: What their columns are.
        labels: A file that lists what was wrong, or None; see `service.tryout.truth.listed_faults`.
        progress: Is told which share of the recorded time has been read.

    Raises:
        TryoutError: A table lacks what the mapping names, or holds nothing.
    """
    recordings = read_recordings(tables, mapping)
    first_us, last_us = recordings.span_us
    recordings = replace(
        recordings, on_read=lambda end_us: progress(min(1.0, (end_us - first_us) / max(1, last_us - first_us)))
    )
    judgement = judge(recordings, DETECTORS)
    progress(1.0)
    faults = None
    if labels is not None:
        faults = listed_faults(labels, ZoneInfo(mapping.time.zone))
    elif recordings.labelled:
        faults = labelled_faults(recordings)
    name = ", ".join(table.path.name for table in tables[:3]) + (" …" if len(tables) > 3 else "")  # noqa: PLR2004 -- a line's worth
    held = None if faults is None else score(judgement.orders, faults, recordings)
    return Told(name, recordings, judgement, faults, held)
