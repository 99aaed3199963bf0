"""Azure data: the events and telemetry of the Azure predictive-maintenance set, read from the user's copy."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.evaluation.errors import DataMissingError

Floats = npt.NDArray[np.float64]

EVENTS, TELEMETRY = "full_events_100machines", "telemetry_20machines_90days"
CHANNELS = ("volt", "rotate", "pressure", "vibration")
ERRORS = tuple(f"error{number}" for number in range(1, 6))
COMPONENTS = tuple(f"comp{number}" for number in range(1, 5))

Events = Mapping[tuple[int, str], Floats]
"""By machine and kind: when, in hours since the epoch, ascending."""


@dataclass(frozen=True, slots=True)
class Machines:
    """What happened to the machines.

    Attributes:
        ids: Of the machines.
        errors: By machine and error.
        maintenance: By machine and component; a failed component is replaced at once, so failures are among them.
        failures: By machine and component.
    """

    ids: tuple[int, ...]
    errors: Events
    maintenance: Events
    failures: Events

    def failures_of(self, machine: int) -> Floats:
        """When any component of a machine failed, ascending, each moment once."""
        return np.unique(np.concatenate([self.failures.get((machine, c), np.empty(0)) for c in COMPONENTS]))


def read_machines(folder: Path) -> Machines:
    """The events of all machines.

    Raises:
        DataMissingError: The folder or a file of it is not there.
    """
    tables = folder / EVENTS
    errors, maintenance = _events(tables / "PdM_errors.csv"), _events(tables / "PdM_maint.csv")
    failures = _events(tables / "PdM_failures.csv")
    return Machines(tuple(sorted({machine for machine, _ in maintenance})), errors, maintenance, failures)


def read_telemetry(folder: Path) -> Mapping[int, tuple[Floats, Floats]]:
    """By machine: hours since the epoch, shape (n,), and the channels, shape (n, 4).

    Raises:
        DataMissingError: The file is not there.
    """
    found: dict[int, tuple[list[float], list[list[float]]]] = {}
    for row in _rows(folder / TELEMETRY / "PdM_telemetry.csv"):
        hours, values = found.setdefault(int(row["machineID"]), ([], []))
        hours.append(_hour(row["datetime"]))
        values.append([float(row[channel]) for channel in CHANNELS])
    return {machine: (np.array(hours), np.array(values)) for machine, (hours, values) in found.items()}


def _events(path: Path) -> Events:
    found: dict[tuple[int, str], list[float]] = {}
    for row in _rows(path):
        moment, machine, kind = row.values()
        found.setdefault((int(machine), kind), []).append(_hour(moment))
    return {key: np.sort(np.array(hours)) for key, hours in found.items()}


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        raise DataMissingError(path.parent, path.name)
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _hour(moment: str) -> float:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() / 3600.0
