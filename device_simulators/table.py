"""Table: a recorded CSV file: its rows, its header, its times."""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from device_simulators.errors import RecordingError
from device_simulators.mapping import TimeColumn

_DELIMITERS = ";,\t|"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_EPOCH_UNITS_US = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}


def read_header(path: Path, delimiter: str = "", expected: str = "") -> list[str]:
    """The names of a table's columns.

    Args:
        path: The table.
        delimiter: Between cells; empty to find out.
        expected: A column that the right delimiter sets free.

    Raises:
        RecordingError: The file cannot be read or is empty.
    """
    with opened(path, delimiter, expected) as rows:
        return [name.strip() for name in next(rows)]


def time_reader(time: TimeColumn) -> Callable[[str], int | None]:
    """What turns a cell into microseconds since the epoch, or None if it is not a time of that form.

    Example:
        >>> time_reader(TimeColumn(column="t", format="%Y-%m-%d %H:%M", zone="Asia/Shanghai"))("2025-11-25 00:00")
        1764000000000000
        >>> time_reader(TimeColumn(column="t", format="epoch_s"))("noon")
    """
    zone = ZoneInfo(time.zone)

    def epoch(text: str) -> int | None:
        try:
            return round(float(text) * _EPOCH_UNITS_US[time.format])
        except (ValueError, OverflowError):
            return None

    def written(text: str) -> int | None:
        try:
            iso = time.format == "iso"
            moment = datetime.fromisoformat(text) if iso else datetime.strptime(text, time.format)  # noqa: DTZ007 -- below
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        return (moment - _EPOCH) // _MICROSECOND

    read = epoch if time.format in _EPOCH_UNITS_US else written
    return lambda text: read(text.strip())


@contextmanager
def opened(path: Path, delimiter: str, expected: str) -> Iterator[Any]:
    """The rows of a table, the header first, as a `csv.reader`; every way in which it cannot be read is one error.

    Raises:
        RecordingError: Says which line.
    """
    rows = None
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            if not first.strip():
                raise RecordingError(path, "is empty; the first line must name the columns", 1)
            file.seek(0)
            rows = csv.reader(file, delimiter=delimiter or _delimiter(first, expected))
            yield rows
    except OSError as error:
        raise RecordingError(path, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RecordingError(path, f"is not UTF-8 text: {error.reason}", rows.line_num + 1 if rows else 1) from error
    except csv.Error as error:
        raise RecordingError(path, f"is not a table: {error}", rows.line_num if rows else 1) from error


def _delimiter(header: str, expected: str) -> str:
    """The mark that sets the expected column free; if none does, the one that cuts the header into most parts."""
    parts = {mark: [name.strip().strip('"') for name in header.split(mark)] for mark in _DELIMITERS}
    return max(_DELIMITERS, key=lambda mark: (expected in parts[mark], len(parts[mark])))


def places(path: Path, names: Sequence[str], wanted: Sequence[str]) -> dict[str, int]:
    """Where each wanted column stands.

    Raises:
        RecordingError: A column is not there, or is there more than once.
    """
    for name in wanted:
        if (count := names.count(name)) != 1:
            problem = "there is no" if count == 0 else f"there are {count} of"
            raise RecordingError(path, f"{problem} column {name!r}; the header has {', '.join(names)}", 1)
    return {name: names.index(name) for name in wanted}
