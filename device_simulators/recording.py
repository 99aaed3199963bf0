"""Recording: a recorded table, read line by line and published as if its devices spoke now."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from device_simulators.errors import RecordingError
from device_simulators.mapping import Column, ColumnMapping
from device_simulators.message import Message
from device_simulators.table import opened, places, read_header, time_reader
from ingest.formats.precomplaint import Sample, encode_telemetry
from ingest.topics import telemetry_topic


@dataclass(frozen=True, slots=True)
class Problem:
    """A row or a cell that could not be used; the rest of the table is not affected.

    Attributes:
        line: In the file, the header being line 1.
        column: Its name; empty if it is the whole row.
        value: What stands there, cut to 40 characters.
        reason: What is wrong with it.
    """

    line: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        where = f"line {self.line}, column {self.column}" if self.column else f"line {self.line}"
        return f"{where}: {self.value!r} {self.reason}"


@dataclass(slots=True)
class Counts:
    """What has been read so far.

    Attributes:
        rows: Rows that gave at least one value.
        values: Values published.
        empty: Cells with nothing in them.
        problems: Cells and rows that could not be used.
    """

    rows: int = 0
    values: int = 0
    empty: int = 0
    problems: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """The times a recording covers, microseconds since the epoch, and its number of rows that have one."""

    first_us: int
    last_us: int
    rows: int


class Recording:
    """The messages of a recorded table; iterate over it, once or again.

    A cell that is no number is left out and the row's others are kept; a row without a time is left out whole; both
    are told to `on_problem` and counted. Memory does not grow with the table.

    Args:
        path: The table, UTF-8 text with a header.
        mapping: What its columns are.
        shift_us: Added to every time. A service on the machine's clock does not score what is older than a day, so
            an old recording is shifted to now, or the service is given the recording's own time.
        on_problem: Is told each problem as it is met.

    Attributes:
        counts: Of the last iteration.

    Raises:
        RecordingError: The table cannot be read, or lacks a column that is mapped.
    """

    def __init__(
        self,
        path: Path,
        mapping: ColumnMapping,
        shift_us: int = 0,
        on_problem: Callable[[Problem], None] = lambda _problem: None,
    ) -> None:
        if mapping.by or mapping.long:
            what = "several assets in one table" if mapping.by else "one reading a row"
            raise RecordingError(path, f"has {what}, which cannot be published; `precomplaint try` judges it")
        self.counts = Counts()
        self._path = path
        self._mapping = mapping
        self._shift_us = shift_us
        self._on_problem = on_problem
        names = read_header(path, mapping.delimiter, mapping.time.column)
        self._places = places(path, names, [mapping.time.column, *(column.name for column in mapping.column)])
        self._read_time = time_reader(mapping.time)

    def __iter__(self) -> Iterator[Message]:
        """Messages ascending by `at_us`, one a device and row, or fewer if a device gathers."""
        self.counts = Counts()
        devices = {device: _Gathering(self._mapping, device) for device in self._devices()}
        latest_us = 0
        for line, cells in self._rows():
            at_us = self._time(line, cells)
            if at_us is None:
                continue
            # A row that goes back in time is published when it stands in the file, with its own time.
            latest_us = max(latest_us, at_us)
            values = self._values(line, cells)
            self.counts.rows += bool(values)
            for device, held in values.items():
                self.counts.values += len(held)
                if message := devices[device].add(Sample(at_us, held), latest_us):
                    yield message
        for gathering in devices.values():
            if message := gathering.flush(latest_us):
                yield message

    def span(self) -> Span:
        """First and last time and the number of rows, by reading the whole table once.

        Raises:
            RecordingError: No row has a time.
        """
        first_us, last_us, rows = 0, 0, 0
        place = self._places[self._mapping.time.column]
        for _, cells in self._rows():
            at_us = self._read_time(cells[place]) if place < len(cells) else None
            if at_us is not None:
                first_us = at_us if rows == 0 else min(first_us, at_us)
                last_us, rows = max(last_us, at_us), rows + 1
        if rows == 0:
            time = self._mapping.time
            raise RecordingError(self._path, f"no row has a time in column {time.column!r} of the form {time.format!r}")
        return Span(first_us + self._shift_us, last_us + self._shift_us, rows)

    def _devices(self) -> Sequence[str]:
        return tuple(dict.fromkeys(column.device for column in self._mapping.column))

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        with opened(self._path, self._mapping.delimiter, self._mapping.time.column) as rows:
            next(rows)
            for cells in rows:
                if cells:
                    yield rows.line_num, cells

    def _time(self, line: int, cells: list[str]) -> int | None:
        time = self._mapping.time
        place = self._places[time.column]
        text = cells[place] if place < len(cells) else ""
        at_us = self._read_time(text)
        if at_us is None:
            self._report(line, time.column, text, f"is not a time of the form {time.format!r}")
            return None
        return at_us + self._shift_us

    def _values(self, line: int, cells: list[str]) -> dict[str, dict[str, float]]:
        """By device, then by metric; only what is a number."""
        values: dict[str, dict[str, float]] = {}
        for column in self._mapping.column:
            place = self._places[column.name]
            if place >= len(cells):
                self._report(line, column.name, "", f"is missing: the row has only {len(cells)} cells")
                continue
            value = self._number(line, column, cells[place].strip())
            if value is not None:
                values.setdefault(column.device, {})[column.metric] = value
        return values

    def _number(self, line: int, column: Column, text: str) -> float | None:
        if not text:
            self.counts.empty += 1
            return None
        try:
            value = float(text.replace(",", ".") if self._mapping.decimal == "," else text)
        except ValueError:
            self._report(line, column.name, text, "is not a number")
            return None
        if not math.isfinite(value):
            self._report(line, column.name, text, "is not a finite number")
            return None
        if value in self._mapping.missing:
            self.counts.empty += 1
            return None
        return value

    def _report(self, line: int, column: str, value: str, reason: str) -> None:
        self.counts.problems += 1
        self._on_problem(Problem(line, column, value[:40], reason))


class _Gathering:
    """What a device has measured and not yet published."""

    def __init__(self, mapping: ColumnMapping, device: str) -> None:
        self._device = device
        self._topic = telemetry_topic(mapping.site_of(device), device)
        self._every_us = mapping.gathers_us(device)
        self._units = {c.metric: c.unit for c in mapping.column if c.device == device and c.unit}
        self._samples: list[Sample] = []

    def add(self, sample: Sample, now_us: int) -> Message | None:
        """Keep a sample; the message with all that is kept, if it is time for it."""
        self._samples.append(sample)
        due = now_us - self._samples[0].at_us >= self._every_us
        return self.flush(now_us) if due else None

    def flush(self, now_us: int) -> Message | None:
        """The message with all that is kept, if there is anything."""
        if not self._samples:
            return None
        named = {metric for sample in self._samples for metric in sample.values}
        units = {metric: unit for metric, unit in self._units.items() if metric in named}
        payload = encode_telemetry(self._device, self._samples, units)
        self._samples.clear()
        return Message(self._topic, payload, now_us)
