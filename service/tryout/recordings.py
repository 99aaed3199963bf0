"""Recordings: recorded tables under a mapping, as a store of readings that the shipped replay can go through."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from device_simulators.mapping import Column, ColumnMapping
from ingest.history import EVER_US, Series
from ingest.metrics import METRICS
from ingest.readings import Event
from ingest.registry import Registry
from ingest.registry_file import registry_of_tables
from ingest.units import Conversion, conversion
from service.tryout.cleaning import Finding, Flaw, Raw, cleaned
from service.tryout.errors import NothingUsableError
from service.tryout.table import NO_TIME_US, BadCells, Floats, Table, Times

_NONE = Series(np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint8))


@dataclass(frozen=True, slots=True)
class Signal:
    """One recorded signal, mended.

    Attributes:
        name: The column's, with the asset before it where a table holds several.
        device: Which device of the registry it is.
        metric: Which metric.
        series: Its readings in the metric's unit.
        flaws: What was wrong with it.
    """

    name: str
    device: str
    metric: str
    series: Series
    flaws: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Recordings:
    """What was recorded, put together in time; a `models.replay.ReadingSource`.

    Attributes:
        registry: The site, assets and devices that the mapping speaks of.
        signals: All of them.
        bad_cells: By column, cells that hold neither what they should nor nothing.
        labelled: By asset, the moments at which the table says that something was wrong, and those at which not.
        on_read: Is told each time a stretch of a signal is read.
    """

    registry: Registry
    signals: tuple[Signal, ...]
    bad_cells: Mapping[str, BadCells]
    labelled: Mapping[str, tuple[Times, np.ndarray]]
    on_read: Callable[[int], None] = field(default=lambda _end_us: None)

    @property
    def span_us(self) -> tuple[int, int]:
        """The first and the last moment of any signal, microseconds since the epoch."""
        times = [s.series.at_us for s in self.signals if s.series.at_us.size]
        return min(int(t[0]) for t in times), max(int(t[-1]) for t in times)

    def readings_from_us(self) -> int:
        """Everything that was recorded is here."""
        return EVER_US

    def metrics(self, device: str) -> list[str]:
        """What a device was recorded to say."""
        return sorted({s.metric for s in self.signals if s.device == device})

    def series(self, device: str, metric: str, start_us: int, end_us: int) -> Series:
        """The readings of one metric with start_us <= at_us < end_us, ascending."""
        self.on_read(end_us)
        found = next((s.series for s in self.signals if (s.device, s.metric) == (device, metric)), _NONE)
        low, high = np.searchsorted(found.at_us, (start_us, end_us))
        return Series(found.at_us[low:high], found.value[low:high], found.quality[low:high])

    def events(self, device: str, start_us: int, end_us: int) -> list[Event]:  # noqa: ARG002 -- the Protocol's
        """A table of numbers holds no events."""
        return []


def read_recordings(tables: Sequence[Table], mapping: ColumnMapping) -> Recordings:
    """What tables hold by a mapping, files that follow or accompany each other put together in time.

    Raises:
        ColumnMissingError: No table has a column that is mapped, or one lacks the column of times.
        NothingUsableError: No signal has a single reading.
        RegistryRefusedError: The mapping's registry tables contradict each other.
    """
    rows = [part for table in tables for part in _parts(table, mapping)]
    assets = sorted({part.asset for part in rows})
    registry = registry_of_tables("the mapping", dict(_tables(mapping, assets)))
    signals = [
        signal
        for asset in assets
        for column in mapping.column
        if (signal := _signal(column, asset, rows, mapping)) is not None
    ]
    if not signals:
        names = ", ".join(column.name for column in mapping.column)
        raise NothingUsableError(
            tables[0].path, f"no readings in {names}", "look at its decimal mark, times and units in the mapping"
        )
    bad: dict[str, BadCells] = {}
    for part in rows:
        bad |= {name: cells for name, cells in part.bad.items() if cells.count}
    return Recordings(registry, tuple(signals), bad, _labels(rows, mapping, assets))


@dataclass(frozen=True, slots=True)
class _Part:
    """What one table says of one asset."""

    asset: str
    at_us: Times
    values: Mapping[str, tuple[Times, Floats]]
    labels: Floats | None
    bad: Mapping[str, BadCells]


def _parts(table: Table, mapping: ColumnMapping) -> Iterator[_Part]:
    at_us, bad_times = table.times(mapping.time.column, mapping.time.format, ZoneInfo(mapping.time.zone))
    bad = {mapping.time.column: bad_times}
    values: dict[str, Floats] = {}
    names = None
    if mapping.long:
        names = np.asarray(table.texts(mapping.long.name))
        number, bad[mapping.long.value] = table.numbers(mapping.long.value, mapping.decimal)
        values = {column.name: np.where(names == column.name, number, np.nan) for column in mapping.column}
    else:
        for column in mapping.column:
            if column.name in table.columns:
                values[column.name], bad[column.name] = table.numbers(column.name, mapping.decimal)
        if not values:
            table.checked(mapping.column[0].name)
    labels = table.numbers(mapping.labels)[0] if mapping.labels in table.columns else None
    if not mapping.by:
        yield _Part("", at_us, {n: (at_us, v) for n, v in values.items()}, labels, bad)
        return
    words = np.asarray(table.texts(mapping.by))
    for word in table.words(mapping.by):
        here = words == word
        mine = {n: (at_us[here], v[here]) for n, v in values.items()}
        yield _Part(word, at_us[here], mine, None if labels is None else labels[here], bad)
        bad = {}


def _signal(column: Column, asset: str, rows: Sequence[_Part], mapping: ColumnMapping) -> Signal | None:
    mine = [part.values[column.name] for part in rows if part.asset == asset and column.name in part.values]
    if not mine:
        return None
    at_us, value = (np.concatenate(both) for both in zip(*mine, strict=True))
    how = conversion(METRICS[column.metric].unit, column.unit) if column.unit else Conversion(1.0)
    name = f"{asset} {column.name}".strip()
    series, flaws = cleaned(Raw(name, column.metric, at_us, value, how or Conversion(1.0), mapping.missing))
    undated = int(((at_us == NO_TIME_US) & np.isfinite(value)).sum())
    flaws += [Finding(name, Flaw.UNDATED, undated)] if undated else []
    return (
        Signal(name, _named(column.device, asset), column.metric, series, tuple(flaws)) if series.at_us.size else None
    )


def _labels(
    rows: Sequence[_Part], mapping: ColumnMapping, assets: Sequence[str]
) -> dict[str, tuple[Times, np.ndarray]]:
    """By the registry's asset ids: moments, ascending, and whether something was wrong then."""
    found: dict[str, tuple[Times, np.ndarray]] = {}
    for asset in assets:
        mine = [(part.at_us, part.labels) for part in rows if part.asset == asset and part.labels is not None]
        if not mine:
            continue
        at_us, wrong = (np.concatenate(both) for both in zip(*mine, strict=True))
        known = (at_us != NO_TIME_US) & np.isfinite(wrong)
        order = np.argsort(at_us[known], kind="stable")
        for table in mapping.asset:
            found[_named(str(table["id"]), asset)] = (at_us[known][order], wrong[known][order] != 0)
    return found


def _tables(mapping: ColumnMapping, assets: Sequence[str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The registry's tables, those of an asset and its devices once for each asset that a table holds."""
    yield "site", [dict(table) for table in mapping.site]
    yield (
        "asset",
        [
            {
                **table,
                "id": _named(str(table["id"]), asset),
                "place_zh": f"{table['place_zh']} {asset}".strip(),
                "place_en": f"{table['place_en']} {asset}".strip(),
            }
            for asset in assets
            for table in mapping.asset
        ],
    )
    yield (
        "device",
        [
            {
                **table,
                "id": _named(str(table["id"]), asset),
                "assets": [_named(str(one), asset) for one in table["assets"]],
            }
            for asset in assets
            for table in mapping.device
        ],
    )


def _named(name: str, asset: str) -> str:
    return f"{name}-{asset.lower()}" if asset else name
