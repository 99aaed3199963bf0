"""Mapping: which column of a recorded table is which metric of which device, and the registry that goes with it."""

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from device_simulators.errors import RecordingError
from ingest.formats.precomplaint import Sample, decode_telemetry, encode_telemetry
from ingest.metrics import METRICS

_STRICT = ConfigDict(frozen=True, extra="forbid")
_PROBE_US = 1_764_000_000_000_000
_TABLES = ("site", "asset", "device")
_SHIPPED = "*_mapping.toml"


class TimeColumn(BaseModel):
    """Where a row's time stands and how it is written.

    Attributes:
        column: Its name in the header.
        format: `iso`, `epoch_s`, `epoch_ms`, `epoch_us`, or a pattern of `strptime` such as `%Y-%m-%d %H:%M:%S`.
        zone: Of times that do not name theirs.
    """

    model_config = _STRICT
    column: str
    format: str = "iso"
    zone: str = "UTC"

    @field_validator("zone")
    @classmethod
    def _exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            message = f"{value!r} is not a time zone such as 'Asia/Shanghai'"
            raise ValueError(message) from error
        return value


class Column(BaseModel):
    """One column that is published.

    Attributes:
        name: In the header.
        device: The device's id.
        metric: A name of `ingest.metrics`.
        unit: What the column is in; empty for the metric's own.
    """

    model_config = _STRICT
    name: str
    device: str
    metric: str
    unit: str = ""


class LongTable(BaseModel):
    """A table with one reading a row.

    Attributes:
        name: The column that says what was measured; its words are the names of `ColumnMapping.column`.
        value: The column with the number.
    """

    model_config = _STRICT
    name: str
    value: str


class ColumnMapping(BaseModel):
    """What a recorded table means.

    Attributes:
        time: Its time.
        column: Its columns; others in the table are left out.
        delimiter: Between cells; empty to find out.
        decimal: The decimal mark.
        missing: Numbers that stand for "no value", such as -999.
        labels: The column that is not 0 where something was wrong; empty if there is none.
        by: The column that says which asset a row belongs to, when a table holds several; the tables below then
            describe one of them. Empty for one.
        long: For a table with one reading a row.
        site: Tables of the registry, as in ingest/README.md; empty if a registry of their own has them.
        asset: Likewise.
        device: Likewise.
    """

    model_config = _STRICT
    time: TimeColumn
    column: tuple[Column, ...] = Field(min_length=1)
    delimiter: Annotated[str, Field(max_length=1)] = ""
    decimal: Literal[".", ","] = "."
    missing: tuple[float, ...] = ()
    labels: str = ""
    by: str = ""
    long: LongTable | None = None
    site: tuple[dict[str, Any], ...] = ()
    asset: tuple[dict[str, Any], ...] = ()
    device: tuple[dict[str, Any], ...] = ()

    def site_of(self, device: str) -> str:
        """The id of the site that a device belongs to."""
        return str(next(table["site"] for table in self.device if table.get("id") == device))

    def gathers_us(self, device: str) -> int:
        """How long a device gathers samples before it publishes, microseconds."""
        table = next(table for table in self.device if table.get("id") == device)
        return round(float(table.get("reports_every_s", 0)) * 1_000_000)


def load_mapping(path: Path, registry: Path | None = None) -> ColumnMapping:
    """The mapping that a TOML file describes, checked.

    Args:
        path: The mapping; device_simulators/README.md shows its shape.
        registry: A registry file whose devices it may name; without one the mapping must hold its own.

    Raises:
        RecordingError: A file cannot be read, or a key, metric, unit or device in it does not exist.
    """
    tables = _toml(path)
    if registry is not None:
        tables |= {name: rows for name, rows in _toml(registry).items() if name in _TABLES}
    return checked_mapping(path, tables)


def quick_mapping(table: Path, columns: Sequence[str], time: TimeColumn, asset_class: str) -> ColumnMapping:
    """A mapping from a few words on the command line: one site, one asset, one device, named after the file.

    Args:
        table: The recorded table.
        columns: Each `name=metric` or `name=metric:unit`.
        time: Where a row's time stands.
        asset_class: What was recorded, such as `pump`.

    Raises:
        RecordingError: A column is not of that form, or its metric or unit does not exist.
    """
    name = "".join(c if c.isascii() and c.isalnum() else "-" for c in table.stem.lower()).strip("-")
    name = f"recorded-{name}" if name else "recorded"
    found = []
    for column in columns:
        title, equals, rest = column.rpartition("=")
        metric, _, unit = rest.partition(":")
        if not equals or not metric:
            raise RecordingError(table, f"--column {column!r} is not name=metric or name=metric:unit")
        found.append({"name": title, "device": f"{name}-logger", "metric": metric, "unit": unit})
    place = {"place_zh": f"录制数据 {table.name}", "place_en": f"Recording {table.name}"}
    tables = {
        "time": time.model_dump(),
        "column": found,
        "site": [{"id": "recorded", "name_zh": "录制数据", "name_en": "Recordings", "timezone": time.zone}],
        "asset": [{"id": name, "site": "recorded", "class": asset_class, **place, "limits": {"duty": "steady"}}],
        "device": [{"id": f"{name}-logger", "site": "recorded", "assets": [name]}],
    }
    return checked_mapping(table, tables)


def shipped_mapping(header: Sequence[str]) -> Path | None:
    """The mapping of this room whose time and columns a header has all of, or None."""
    for path in sorted(Path(__file__).parent.glob(_SHIPPED)):
        mapping = load_mapping(path)
        if {mapping.time.column, *(column.name for column in mapping.column)} <= set(header):
            return path
    return None


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecordingError(path, f"cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecordingError(path, f"is not TOML: {error}") from error


def checked_mapping(path: Path, tables: dict[str, Any]) -> ColumnMapping:
    """The mapping that tables describe, checked as a file's would be; errors name `path`.

    Raises:
        RecordingError: A key, metric, unit or device in it does not exist.
    """
    try:
        mapping = ColumnMapping.model_validate(tables)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise RecordingError(path, f"{where}: {fault['msg'].removeprefix('Value error, ')}") from error
    devices = {table.get("id") for table in mapping.device}
    taken: set[tuple[str, str]] = set()
    for column in mapping.column:
        if column.device not in devices:
            raise RecordingError(path, f"column {column.name!r}: there is no [[device]] {column.device!r}")
        if (column.device, column.metric) in taken:
            problem = f"{column.device!r} already has a {column.metric}; give one of them another device"
            raise RecordingError(path, f"column {column.name!r}: {problem}")
        taken.add((column.device, column.metric))
        _check_metric(path, column)
    if missing := [table.get("id") for table in mapping.device if "site" not in table]:
        raise RecordingError(path, f"[[device]] {missing[0]!r} names no site")
    return mapping


def _check_metric(path: Path, column: Column) -> None:
    if column.metric not in METRICS:
        near = ", ".join(_near(column.metric, METRICS)) or "see ingest/metrics.py"
        raise RecordingError(path, f"column {column.name!r}: there is no metric {column.metric!r} ({near})")
    if column.unit:
        # Asked of the decoder itself, so that what is accepted here is what is accepted there.
        probe = encode_telemetry(column.device, [Sample(_PROBE_US, {column.metric: 1.0})], {column.metric: column.unit})
        refusal = getattr(decode_telemetry(column.device, probe), "detail", None)
        if refusal:
            raise RecordingError(path, f"column {column.name!r}: {refusal}")


def _near(name: str, known: Iterable[str]) -> list[str]:
    first = name.split("_", maxsplit=1)[0]
    return [other for other in known if other.startswith(first)]
