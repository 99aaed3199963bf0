"""Replay: a recorded table published as if its devices spoke now, into a service that knows them."""

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from device_simulators.mapping import (
    ColumnMapping,
    TimeColumn,
    load_mapping,
    quick_mapping,
    shipped_mapping,
)
from device_simulators.mapping_toml import registry_toml
from device_simulators.pace import steady
from device_simulators.publish import Progress, Published, Watcher, publish
from device_simulators.recording import Counts, Problem, Recording
from device_simulators.table import read_header
from service.clock import SimulationClock
from service.errors import ServiceError
from service.settings import Settings
from service.simulation import broker_of, stored_up_to
from service.wiring import clock_of, folder_of, registry_of

_SHOWN_PROBLEMS = 20


class NoMappingError(ServiceError):
    """Nothing says what the columns of a table mean."""

    def __init__(self, file: Path, columns: Sequence[str]) -> None:
        super().__init__(
            f"{file}: nothing says what its columns mean; give --mapping FILE, or --time-column and one --column "
            f"name=metric:unit each; the table has {', '.join(columns)}"
        )


class UnknownDevicesError(ServiceError):
    """The service does not know the devices that a recording speaks for."""

    def __init__(self, file: Path, devices: Sequence[str]) -> None:
        super().__init__(
            f"{file}: this service's registry does not know {', '.join(devices)}, so it would quarantine all they say; "
            f"start one that does with: precomplaint run --replay {file}"
        )


class WallClockError(ServiceError):
    """Recorded time can only run fast where the service lives in simulated time."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            f"{file}: this service lives in the system's time, where a recording can only play at --speed 1 from now "
            f"on; to play it faster run: precomplaint run --replay {file}"
        )


@dataclass(frozen=True, slots=True)
class Columns:
    """What the command line says about a table's columns.

    Attributes:
        mapping: A mapping file, or None.
        column: Each `name=metric` or `name=metric:unit`.
        time_column: The column that holds the time, for `column`.
        time_format: How it is written; see `TimeColumn`.
        zone: Of times that do not name theirs.
        asset_class: What was recorded.
    """

    mapping: Path | None = None
    column: tuple[str, ...] = ()
    time_column: str = ""
    time_format: str = "iso"
    zone: str = "UTC"
    asset_class: str = "pump"


def mapping_of(file: Path, columns: Columns) -> ColumnMapping:
    """What a table means: a mapping file, the words of the command line, or a shipped mapping that fits its header.

    Raises:
        NoMappingError: None of these.
        RecordingError: The table or the mapping cannot be used; says where.
    """
    if columns.mapping is not None:
        return load_mapping(columns.mapping)
    if columns.column:
        return quick_mapping(file, columns.column, _time(columns), columns.asset_class)
    header = read_header(file)
    shipped = shipped_mapping(header)
    if shipped is None:
        raise NoMappingError(file, header)
    return load_mapping(shipped)


def _time(columns: Columns) -> TimeColumn:
    """The time column in words.

    Raises:
        ServiceError: There is no such zone.
    """
    try:
        return TimeColumn(column=columns.time_column, format=columns.time_format, zone=columns.zone)
    except ValidationError as error:
        raise ServiceError(f"--zone: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from error


def for_recording(settings: Settings, file: Path, mapping: Path | None) -> tuple[Path, int]:
    """What a service made for one recording needs.

    Returns:
        A registry that knows its devices, written into the data folder, and its first moment in microseconds.

    Raises:
        NoMappingError: Nothing says what its columns mean.
        RecordingError: The table or the mapping cannot be used; says where.
    """
    columns = mapping_of(file, Columns(mapping))
    path = folder_of(settings).root / "registry.toml"
    path.write_text(registry_toml(columns), encoding="utf-8")
    return path, Recording(file, columns).span().first_us


def replay(
    settings: Settings,
    recording: tuple[Path, ColumnMapping],
    speed: float,
    progress: Callable[[Progress], None],
    stop: threading.Event,
) -> tuple[Published, Counts, list[Problem]]:
    """Publish a recorded table until it ends or is stopped.

    Args:
        settings: Of the service that listens.
        recording: The table and what it means.
        speed: Recorded seconds a real second; infinite for as fast as ingest stores.
        progress: Is told about ten times a second.
        stop: Ends it.

    Returns:
        What was published, what was read, and the first problems of the table.

    Raises:
        UnknownDevicesError: The service would quarantine all of it.
        WallClockError: A speed that the service's clock does not allow.
        RecordingError: The table cannot be used.
    """
    file, mapping = recording
    known = registry_of(settings).current().devices
    if unknown := sorted({column.device for column in mapping.column} - set(known)):
        raise UnknownDevicesError(file, unknown)
    clock = clock_of(settings)
    problems: list[Problem] = []

    def note(problem: Problem) -> None:
        if len(problems) < _SHOWN_PROBLEMS:
            problems.append(problem)

    span = Recording(file, mapping).span()
    shift_us = 0
    watcher = Watcher(progress=progress)
    if isinstance(clock, SimulationClock):
        clock.advance(span.first_us, speed if math.isfinite(speed) else 1.0)
        watcher = Watcher(
            lambda at_us, now: clock.advance(at_us, now if math.isfinite(now) else 1.0),
            progress,
            stored_up_to(settings),
        )
    elif speed == 1.0:
        shift_us = clock.now_us() - span.first_us
    else:
        raise WallClockError(file)
    table = Recording(file, mapping, shift_us, note)
    published = publish(table, broker_of(settings, "replay"), steady(speed), watcher, stop)
    return published, table.counts, problems
