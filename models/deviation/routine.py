"""Deviation routine: a window in which every asset of a fleet goes on with its hour, told from a few numbers.

That is nearly every window. What it takes to know so is found once, and holds until any memory of an asset changes.
"""

from dataclasses import dataclass

import numpy as np

from models.blocks import NEVER_US, Columns
from models.deviation.cells import Cells, Index, Mask, Moments, run_of
from models.deviation.channels import RESTS, matters
from models.deviation.hour_profile import HOUR_US
from models.deviation.rows import DeviationRows, Seats
from models.deviation.settings import SILENT_US

_MOST_ROUTINES = 16
"""More than there are rhythms in a fleet whose metrics are each said every so many minutes."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is usually said of one metric.

    Attributes:
        cells: Its channels.
        silent: By row of the columns, where nothing is said; None if all speak.
        places: Rows of the columns in which channels speak.
        rows: Where those have their numbers.
    """

    cells: Cells
    silent: Mask | None
    places: Index
    rows: Index


@dataclass(frozen=True, slots=True)
class Routine:
    """What holds for those who sit in some seats.

    Attributes:
        changes: Of the states, when this was found.
        hour_us: When the hour began that all of them are gathering.
        told_us: From this moment on somebody is to be spoken of, or an hour ends.
        woken_us: From this end of a window on somebody is to be woken.
        parts: By metric, of those that are not left to other detectors everywhere.
        places: Rows of the columns in which anything with a level is said.
        owners: Of those the rows of their assets.
    """

    changes: int
    hour_us: int
    told_us: int
    woken_us: int
    parts: dict[str, Part]
    places: Index
    owners: Index


def goes_on(columns: Columns, states: DeviationRows, seats: Seats) -> bool:
    """Add what was said to running hours, if that is all there is to do; else nothing is changed."""
    routine = seats.routines.get(tuple(columns.values))
    if routine is None or routine.changes != states.changes or columns.end_us > routine.woken_us:
        return False
    if columns.at_us.min() < routine.hour_us or columns.at_us.max() >= routine.told_us or rest(columns).any():
        return False
    for metric, part in routine.parts.items():
        silent = np.isnan(columns.values[metric])
        if silent.any() if part.silent is None else not np.array_equal(silent, part.silent):
            return False
    for metric, part in routine.parts.items():
        part.cells.count[part.rows] += 1
        part.cells.sum[part.rows] += columns.values[metric][part.places]
    # The rows of an asset ascend in time: the last one stays.
    states.assets["spoke_us"][routine.owners] = columns.at_us[routine.places]
    return True


def note_routine(columns: Columns, states: DeviationRows, seats: Seats) -> None:
    """Find what holds for the next windows like this one, unless that is known, or something is remarkable."""
    known = seats.routines.get(tuple(columns.values))
    if known is None or known.changes != states.changes:
        found = _routine(columns, states, seats)
        if found is not None:
            if len(seats.routines) >= _MOST_ROUTINES:
                seats.routines.clear()
            seats.routines[tuple(columns.values)] = found


def rest(columns: Columns) -> Mask:
    """By row, whether a machine says that it stands."""
    rests = np.zeros(columns.at_us.shape, np.bool_)
    for metric, limit in RESTS.items():
        if metric in columns.values:
            rests |= columns.values[metric] <= limit
    return rests


def _routine(columns: Columns, states: DeviationRows, seats: Seats) -> Routine | None:
    assets = states.assets[seats.owned_at]
    if not assets["packed"].all():
        return None
    parts: dict[str, Part] = {}
    hours: set[int] = set()
    heard = np.zeros(columns.at_us.shape, np.bool_)
    for metric, values in columns.values.items():
        skipped = states.cells_of(metric).skipped[seats.at] if matters(metric) else np.True_
        if skipped.all():
            continue
        silent = np.isnan(values)
        said = ~(silent | skipped)
        cells = states.cells_of(metric)
        hours.update(np.unique(cells.since_us[seats.at][said]).tolist())
        heard |= said
        places = np.flatnonzero(said)
        parts[metric] = Part(cells, silent if silent.any() else None, run_of(places), run_of(seats.rows[places]))
    some = np.zeros(states.assets.size, np.bool_)
    some[seats.owners[heard]] = True
    if len(hours) != 1 or not some[seats.owners].all():
        return None
    hour_us = hours.pop()
    if abs(hour_us) == NEVER_US:
        return None
    tell_us: Moments = np.where(assets["warm"], NEVER_US, assets["told_us"] + SILENT_US)
    told_us, woken_us = min(hour_us + HOUR_US, tell_us.min().item()), assets["due_us"].min().item()
    places = np.flatnonzero(heard)
    return Routine(states.changes, hour_us, told_us, woken_us, parts, run_of(places), run_of(seats.owners[places]))
