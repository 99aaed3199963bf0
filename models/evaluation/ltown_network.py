"""L-Town network: what its official EPANET file and list of leaks say, as far as an evaluation needs it."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from models.errors import ModelError

NETWORK_FILE = "L-TOWN.inp"
LEAKS_FILE = "leaks_2018_2019.csv"
NEAREST = 5
"""Source: datasets/README.md, a warning counts at one of the five loggers nearest by pipe length."""


class MissingLtownError(ModelError):
    """The folder does not hold the data."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path} is missing: L-Town is read from a folder battledim_ltown that holds {path.name}")


@dataclass(frozen=True, slots=True)
class Leak:
    """One of the official leaks.

    Attributes:
        pipe: Where.
        start_us: Microseconds since the epoch, the file's clock read as UTC.
        peak_us: When it has its full diameter; its start, if it came at once.
        end_us: When it was repaired, or the end of the record.
        diameter_m: Of the hole at its peak.
        incipient: Whether it grew.
    """

    pipe: str
    start_us: int
    peak_us: int
    end_us: int
    diameter_m: float
    incipient: bool


def moment_us(text: str) -> int:
    """A time of the files as microseconds since the epoch."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1e6)


def official_leaks(folder: Path) -> list[Leak]:
    """All of them, by start.

    Raises:
        MissingLtownError: The list is not there.
    """
    with _open(folder / LEAKS_FILE) as file:
        leaks = [
            Leak(
                row["pipe"],
                moment_us(row["start"]),
                moment_us(row["peak"]),
                moment_us(row["end"]),
                float(row["diameter_m"]),
                row["type"] == "incipient",
            )
            for row in csv.DictReader(file)
        ]
    return sorted(leaks, key=lambda leak: leak.start_us)


def nearest_loggers(folder: Path, loggers: tuple[str, ...], pipes: tuple[str, ...]) -> Mapping[str, frozenset[str]]:
    """By pipe, the five loggers nearest to its middle along the pipes.

    Raises:
        MissingLtownError: The network is not there.
    """
    ends = _link_ends(folder / NETWORK_FILE)
    names = sorted({node for first, second, _ in ends.values() for node in (first, second)})
    place = {name: n for n, name in enumerate(names)}
    rows = [place[first] for first, _, _ in ends.values()]
    columns = [place[second] for _, second, _ in ends.values()]
    # A valve or pump has no length; zero would mean no link.
    lengths = [max(length, 1e-6) for _, _, length in ends.values()]
    graph = coo_array((lengths, (rows, columns)), shape=(len(names), len(names))).tocsr()
    away = dijkstra(graph, directed=False, indices=[place[name] for name in loggers])
    found: dict[str, frozenset[str]] = {}
    for pipe in pipes:
        first, second, _ = ends[pipe]
        distance = np.minimum(away[:, place[first]], away[:, place[second]])
        found[pipe] = frozenset(loggers[n] for n in np.argsort(distance, kind="stable")[:NEAREST])
    return found


def _link_ends(path: Path) -> dict[str, tuple[str, str, float]]:
    ends: dict[str, tuple[str, str, float]] = {}
    for section, words in _rows(path):
        if section == "PIPES":
            ends[words[0]] = (words[1], words[2], float(words[3]))
        elif section in {"PUMPS", "VALVES"}:
            ends[words[0]] = (words[1], words[2], 0.0)
    return ends


def _rows(path: Path) -> Iterator[tuple[str, list[str]]]:
    section = ""
    with _open(path) as file:
        for line in file:
            text = line.partition(";")[0].strip()
            if text.startswith("["):
                section = text.strip("[]").upper()
            elif text:
                yield section, text.split()


def _open(path: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202 -- what Path.open gives
    if not path.is_file():
        raise MissingLtownError(path)
    return path.open(encoding="utf-8")
