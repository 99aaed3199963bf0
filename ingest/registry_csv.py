"""Registry CSV: the registry as tables that Excel and WPS read and write; README shows the columns."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import PurePath
from typing import Any

from ingest.asset_types import LIMIT_NAMES, LIMITS, limit_named
from ingest.errors import Problem, RegistryRefusedError
from ingest.registry import Registry
from ingest.registry_rows import Kind, things_of, written
from ingest.registry_sheet import Line, Sheet
from ingest.spelling import meant
from ingest.table_text import Record, TableUnreadableError, records_of

_LIST_ENDS = re.compile(r"[;；\n]")
_NOTES = re.compile(r"[:：,，(（]")
_FORMULA = re.compile(r"'*[=+\-@]")
_QUOTED_FORMULA = re.compile(r"'+[=+\-@]")


class Table(StrEnum):
    """The tables of a registry, each a file of that name."""

    SITES = "sites"
    ASSETS = "assets"
    DEVICES = "devices"
    SOURCES = "sources"
    NAMES = "names"


COLUMNS: Mapping[Table, tuple[str, ...]] = {
    Table.SITES: ("id", "name_zh", "name_en", "timezone"),
    Table.ASSETS: ("id", "site", "class", "place_zh", "place_en", "neighbours"),
    Table.DEVICES: ("id", "site", "assets", "reports_every_s", "source", "address", "silent_after_s"),
    Table.SOURCES: ("id", "format", "filters", "site", "address", "options"),
    Table.NAMES: ("source", "address", "name", "metric", "unit", "scale", "offset"),
}
"""The columns of each table; `assets` has every name of `ingest.asset_types` besides, those in use when exported."""

_IN_CHINESE: Mapping[str, str] = {
    "编号": "id",
    "小区": "site",
    "项目": "site",
    "类别": "class",
    "类型": "class",
    "名称": "name_zh",
    "中文名称": "name_zh",
    "英文名称": "name_en",
    "时区": "timezone",
    "位置": "place_zh",
    "安装位置": "place_zh",
    "英文位置": "place_en",
    "同组": "neighbours",
    "资产": "assets",
    "设施": "assets",
    "上报间隔": "reports_every_s",
    "失联时长": "silent_after_s",
    "数据源": "source",
    "地址": "address",
    "格式": "format",
    "主题": "filters",
    "选项": "options",
    "点位": "name",
    "指标": "metric",
    "单位": "unit",
    "系数": "scale",
    "偏移": "offset",
    # A limit's first words: 额定功率, or 额定功率(kW).
    **{_NOTES.split(limit.words.zh)[0]: name for limits in LIMITS.values() for name, limit in limits.items()},
}
"""What a column may be called instead; a note in brackets behind it does not count."""

_KINDS = {Table.SITES: Kind.SITE, Table.ASSETS: Kind.ASSET, Table.DEVICES: Kind.DEVICE, Table.SOURCES: Kind.SOURCE}
_LISTS = frozenset({"neighbours", "assets", "filters"})
_NUMBERS = frozenset({"reports_every_s", "silent_after_s", "scale", "offset"})


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file as it came: its name, for errors and for what its columns leave open, and its bytes."""

    name: str
    content: bytes


def csv_of(registry: Registry, table: Table) -> bytes:
    """One table of a registry as it is written: UTF-8 with the mark that Excel knows it by, commas, CRLF."""
    rows = [*_names(registry)] if table is Table.NAMES else [*map(written, things_of(registry, _KINDS[table]).values())]
    used = {name for row in rows for name in row.get("limits", {})}
    limits = [name for name in _limit_order() if name in used] if table is Table.ASSETS else []
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*COLUMNS[table], *limits])
    for row in rows:
        cells = [_cell(column, row.get(column)) for column in COLUMNS[table]]
        said = row.get("limits", {})
        writer.writerow([*cells, *(_guarded(_limit(name, said[name])) if name in said else "" for name in limits)])
    return out.getvalue().encode("utf-8-sig")


def read_csv(files: Sequence[CsvFile]) -> Sheet:
    """The lines of some tables; the sheet replaces the kinds that have a table.

    Raises:
        RegistryRefusedError: A file is no table, or has a column that nobody knows; says so of every file.
    """
    lines: list[Line] = []
    problems: list[Problem] = []
    late: list[tuple[int, Problem]] = []
    tables: set[Table] = set()
    for file in files:
        try:
            records = list(records_of(file.name, file.content, _ALL_COLUMNS | _IN_CHINESE.keys()))
        except TableUnreadableError as error:
            problems.append(error.problem)
            continue
        records[0] = Record(records[0].line, tuple(map(_column, records[0].cells)))
        table, wrong = _table_of(file.name, records)
        problems += wrong
        if table is None or wrong:
            continue
        tables.add(table)
        for record in records[1:]:
            wrong = _width_problem(file.name, records[0], record)
            late += [(len(lines), problem) for problem in wrong]
            lines += [] if wrong else [_line(file.name, table, records[0].cells, record)]
    if problems:
        raise RegistryRefusedError([*problems, *(problem for _, problem in late)])
    kinds = frozenset(_KINDS[table] for table in tables if table in _KINDS)
    return Sheet(tuple(lines), tuple(late), kinds, Table.NAMES in tables)


def _column(cell: str) -> str:
    """The name of a column from its heading."""
    return _IN_CHINESE.get(_NOTES.split(cell)[0].strip(), cell)


def _table_of(name: str, records: Sequence[Record]) -> tuple[Table | None, list[Problem]]:
    """Which table a file is by its header, or what is wrong with the header."""
    header = records[0]
    where = f"{name}:{header.line}"
    twice = {column for column in header.cells if header.cells.count(column) > 1}
    if twice:
        return None, [Problem(where, f"column {min(twice)!r} is there twice")]
    fits = [table for table in Table if _known(table).issuperset(header.cells)]
    by_name = next((table for table in Table if PurePath(name).stem.lower().endswith(table)), None)
    if by_name in fits or len(fits) == 1:
        table = by_name if by_name in fits else fits[0]
        key = COLUMNS[Table.NAMES][0] if table is Table.NAMES else "id"
        if table is not None and key not in header.cells:
            return None, [Problem(where, f"a table of {table} needs the column {key!r}")]
        return table, []
    if fits:
        names = " or ".join(fits)
        return None, [Problem(where, f"this can be a table of {names}; call the file {fits[0]}.csv or {fits[1]}.csv")]
    near = by_name or max(Table, key=lambda table: len(_known(table).intersection(header.cells)))
    unknown = [column for column in header.cells if column not in _known(near)]
    has = f"; it has {', '.join(COLUMNS[near])}{', and a column a limit' if near is Table.ASSETS else ''}"
    return None, [
        Problem(where, f"column {column!r} is none of a table of {near}{meant(column, _known(near)) or has}")
        for column in unknown
    ]


def _line(file: str, table: Table, header: Sequence[str], record: Record) -> Line:
    place = partial(_place, file, record.line)
    said = {column: _value(column, cell) for column, cell in zip(header, record.cells, strict=False)}
    if table is Table.NAMES:
        facts = {column: value for column, value in said.items() if column != "source"}
        # An empty metric has a meaning of its own: the name is known, and not wanted.
        facts |= {"metric": said["metric"] or ""} if "metric" in said else {}
        return Line(Kind.SOURCE, str(said["source"] or ""), facts, place, partial=True, is_name=True)
    facts = {column: value for column, value in said.items() if column in COLUMNS[table] and column != "id"}
    if table is Table.ASSETS:
        facts["limits"] = {column: value for column, value in said.items() if column in LIMIT_NAMES}
    return Line(_KINDS[table], str(said["id"] or ""), facts, place, partial=True)


def _value(column: str, cell: str) -> Any:
    """A cell as its field; None for an empty one: as by default."""
    if not cell:
        return None
    if column in _LISTS:
        return [one for one in map(str.strip, _LIST_ENDS.split(_unguarded(cell))) if one]
    if column == "options":
        pairs = (one.partition("=") for one in _LIST_ENDS.split(_unguarded(cell)) if one.strip())
        return {name.strip(): value.strip() for name, _, value in pairs}
    limit = limit_named(column)
    if limit is not None:
        return limit.parsed(_unguarded(cell))
    return cell if column in _NUMBERS else " ".join(_unguarded(cell).splitlines())


def _cell(column: str, value: Any) -> str:
    if value is None:
        return ""
    if column in _NUMBERS:
        return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004 -- exact
    if column in _LISTS:
        return _guarded("; ".join(value))
    if column == "options":
        return _guarded("; ".join(f"{name}={one}" for name, one in value.items()))
    return _guarded(str(value))


def _limit(name: str, value: float | str) -> str:
    limit = limit_named(name)
    return limit.written(value) if limit else str(value)


def _guarded(cell: str) -> str:
    # A device may call itself =HYPERLINK(...); an apostrophe in front keeps a spreadsheet from running it.
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if _QUOTED_FORMULA.match(cell) else cell


def _names(registry: Registry) -> Iterator[Mapping[str, Any]]:
    for source in registry.sources.values():
        for name in written(source).get("names", ()):
            yield {"source": source.id} | name


def _limit_order() -> Iterator[str]:
    return iter(dict.fromkeys(name for limits in LIMITS.values() for name in limits))


def _known(table: Table) -> frozenset[str]:
    return frozenset(COLUMNS[table]) | (LIMIT_NAMES if table is Table.ASSETS else frozenset())


def _width_problem(file: str, header: Record, record: Record) -> list[Problem]:
    have, due = len(record.cells), len(header.cells)
    if have == due or (have > due and not any(record.cells[due:])):
        return []
    hint = "; is a separator inside a cell without quotes?" if have > due else ""
    return [Problem(f"{file}:{record.line}", f"has {have} cells, the header has {due}{hint}")]


def _place(file: str, line: int, field: str) -> str:
    first, _, rest = field.partition(".")
    column = rest if first == "limits" and rest else first
    return f"{file}:{line}: column {column}" if column else f"{file}:{line}"


_ALL_COLUMNS = frozenset(column for table in Table for column in _known(table))
