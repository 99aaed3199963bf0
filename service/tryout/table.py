"""Table: a recorded CSV or Parquet file as columns, whatever its delimiter, encoding and decimal mark."""

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import numpy.typing as npt

from service.tryout.errors import ColumnMissingError, TableUnusableError
from service.tryout.sheet_text import sheet_text
from service.tryout.wall_clock import in_zone

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]

NO_TIME_US: Final = np.iinfo(np.int64).min
"""Stands where a cell holds no time."""

_PARQUET: Final = b"PAR1"
_WORKBOOK: Final = b"PK\x03\x04"
_SHOWN: Final = 3
_DATE: Final = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{4}年\d{1,2}月\d{1,2}日")
_CLOCK: Final = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?")
_ZONED: Final = re.compile(r".{10,}[0-9:.](Z|[+-]\d\d:?\d\d)")
# Words that stand for numbers: yes and no, and the directions of GB/T 24476.
_WORDS: Final = {
    **dict.fromkeys(("true", "yes", "on", "是", "开"), 1.0),
    **dict.fromkeys(("false", "no", "off", "否", "关"), 0.0),
    **dict.fromkeys(("up", "上", "上行"), 1.0),
    **dict.fromkeys(("down", "下", "下行"), 2.0),
}
_WORD_CASES: Final = " ".join(f"WHEN '{word}' THEN {number}" for word, number in _WORDS.items())


@dataclass(frozen=True, slots=True)
class BadCells:
    """Cells of one column that hold something else than they should.

    Attributes:
        count: How many.
        shown: A few of them: row of the file (the header is row 1) and what stands there.
    """

    count: int
    shown: tuple[tuple[int, str], ...]


class Table:
    """One recorded table, read once into memory.

    Args:
        path: CSV with a header, with or without lines above it (UTF-8, UTF-16, GB18030 or Windows-1252; any of comma,
            semicolon, tab, bar), or Parquet. A date and a time of day in columns of their own become one column.

    Attributes:
        path: The file.
        columns: Their names, in the order of the file.
        rows: How many.
        typed: Whether the file itself says what is a number and what a time (Parquet does).
        above: How many lines of the file stand above the header.

    Raises:
        TableUnusableError: It cannot be read, is a workbook, or has no rows.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = duckdb.connect(config={"threads": 1})
        head = _head(path)
        if head.startswith(_WORKBOOK):
            raise TableUnusableError(path, "is an Excel workbook; save the sheet as CSV (UTF-8)")
        self.typed = head.startswith(_PARQUET)
        self.above = 0
        try:
            self._load()
        except duckdb.Error as error:
            raise TableUnusableError(path, f"is no table: {str(error).splitlines()[0]}") from error
        described = self._db.execute("DESCRIBE rows").fetchall()
        self._types = {str(name): str(kind) for name, kind, *_ in described if name != "row_of_file"}
        self.rows = int(self._one("SELECT count(*) FROM rows"))
        self._join_clock()
        self.columns = tuple(self._types)
        if not self.rows:
            raise TableUnusableError(path, "has no rows below its header")

    def holds_times(self, column: str) -> bool:
        """Whether the file itself says that a column holds times."""
        return self._types[column].startswith(("TIMESTAMP", "DATE"))

    def names_zone(self, column: str, pattern: str) -> bool:
        """Whether the times of a column, written by a pattern of `times`, are of a zone that the file itself names."""
        if self.holds_times(column):
            return "TIME ZONE" in self._types[column]
        if pattern != "iso":
            return pattern.startswith("epoch")
        return all(_ZONED.fullmatch(cell) for cell in self.sample(column))

    def sample(self, column: str, count: int = 200) -> list[str]:
        """Cells of a column as text, evenly through the file, empty ones left out."""
        step = max(1, self.rows // count)
        name = _quoted(self.checked(column))
        found = self._db.execute(
            f"SELECT CAST({name} AS VARCHAR) FROM rows WHERE row_of_file % {step} = 0 AND {name} IS NOT NULL "  # noqa: S608 -- our own quoted names
            "ORDER BY row_of_file"
        ).fetchall()
        return [str(cell).strip() for (cell,) in found if str(cell).strip()]

    def words(self, column: str, most: int = 1_000) -> list[str]:
        """The distinct texts of a column, by first appearance, at most `most` of them."""
        name = _quoted(self.checked(column))
        found = self._db.execute(
            f"SELECT trim(CAST({name} AS VARCHAR)) AS word FROM rows WHERE {name} IS NOT NULL "  # noqa: S608 -- as above
            f"GROUP BY word ORDER BY min(row_of_file) LIMIT {most}"
        ).fetchall()
        return [str(word) for (word,) in found if word]

    def texts(self, column: str) -> list[str]:
        """Every cell of a column as text; an empty one is an empty text."""
        name = _quoted(self.checked(column))
        found = self._db.execute(f"SELECT trim(CAST({name} AS VARCHAR)) FROM rows ORDER BY row_of_file").fetchall()  # noqa: S608 -- as above
        return ["" if cell is None else str(cell) for (cell,) in found]

    def numbers(self, column: str, decimal: str = ".") -> tuple[Floats, BadCells]:
        """A column as numbers, shape (rows,), NaN where a cell holds none, and the cells that hold something else.

        Yes and no, on and off are 1 and 0, up and down 1 and 2, as in GB/T 24476.
        An empty cell and the usual words for nothing (`nan`, `null`, `-`) are nothing; they are not bad.
        """
        name = _quoted(self.checked(column))
        text = f"trim(CAST({name} AS VARCHAR))"
        if decimal == ",":
            text = f"replace(replace({text}, '.', ''), ',', '.')"
        value = f"CASE lower({text}) {_WORD_CASES} ELSE TRY_CAST({text} AS DOUBLE) END"
        found = self._db.execute(f"SELECT {value} AS v FROM rows ORDER BY row_of_file").fetchnumpy()["v"]  # noqa: S608 -- as above
        values = np.ma.filled(np.ma.asarray(found, dtype=np.float64), np.nan)
        values[~np.isfinite(values)] = np.nan
        nothing = "('', 'nan', 'null', 'none', 'n/a', 'na', '-', '--', '#n/a', 'inf', '-inf')"
        return values, self._bad(f"{name} IS NOT NULL AND lower({text}) NOT IN {nothing} AND ({value}) IS NULL", name)

    def times(self, column: str, pattern: str, zone: ZoneInfo) -> tuple[Times, BadCells]:
        """A column as microseconds since the epoch, shape (rows,), `NO_TIME_US` where there is none; and the bad cells.

        Args:
            column: Its name.
            pattern: `iso`, `epoch_s`, `epoch_ms`, `epoch_us` or a pattern of `strptime`.
            zone: Of times that do not name theirs.
        """
        name = _quoted(self.checked(column))
        moment, zoned = self._moment(name, column, pattern)
        query = f"SELECT {moment} AS at_us, coalesce({zoned}, false) AS zoned FROM rows ORDER BY row_of_file"  # noqa: S608 -- as above
        found = self._db.execute(query).fetchnumpy()
        times = np.ma.filled(np.ma.asarray(found["at_us"], dtype=np.int64), NO_TIME_US)
        wall = (times != NO_TIME_US) & ~np.asarray(found["zoned"], dtype=bool)
        times[wall] = in_zone(times[wall], zone)
        return times, self._bad(f"({moment}) IS NULL", name)

    def checked(self, column: str) -> str:
        """The name, if the table has such a column.

        Raises:
            ColumnMissingError: It has none.
        """
        if column not in self._types:
            raise ColumnMissingError(self.path, column, self.columns)
        return column

    def _moment(self, name: str, column: str, pattern: str) -> tuple[str, str]:
        """SQL for a cell's microseconds since the epoch, and for whether they are of a known zone."""
        if self.holds_times(column):
            known = "TIME ZONE" in self._types[column]
            return (f"epoch_us({name})" if known else f"epoch_us(CAST({name} AS TIMESTAMP))"), str(known).lower()
        text = f"trim(CAST({name} AS VARCHAR))"
        scale = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}.get(pattern)
        if scale is not None:
            return f"TRY_CAST(round(TRY_CAST({text} AS DOUBLE) * {scale}) AS BIGINT)", "true"
        if pattern != "iso":
            return f"epoch_us(try_strptime({text}, '{pattern.replace(chr(39), chr(39) * 2)}'))", "false"
        zoned = f"regexp_matches({text}, '[0-9:.](Z|[+-]\\d\\d:?\\d\\d)$') AND length({text}) > 12"
        zoned_us, wall_us = f"epoch_us(TRY_CAST({text} AS TIMESTAMPTZ))", f"epoch_us(TRY_CAST({text} AS TIMESTAMP))"
        return f"CASE WHEN {zoned} THEN {zoned_us} ELSE {wall_us} END", zoned

    def _bad(self, condition: str, name: str) -> BadCells:
        count = int(self._one(f"SELECT count(*) FROM rows WHERE {condition}"))  # noqa: S608 -- our own expressions
        if not count:
            return BadCells(0, ())
        query = f"SELECT row_of_file, CAST({name} AS VARCHAR) FROM rows WHERE {condition} ORDER BY row_of_file"  # noqa: S608 -- as above
        shown = self._db.execute(f"{query} LIMIT {_SHOWN}").fetchall()
        return BadCells(count, tuple((int(row), "" if cell is None else str(cell)[:40]) for row, cell in shown))

    def _one(self, query: str) -> float:
        row = self._db.execute(query).fetchone()
        return float(row[0]) if row else 0.0

    def _load(self) -> None:
        number = "CREATE TABLE rows AS SELECT row_number() OVER () +"
        if self.typed:
            self._db.execute(f"{number} 1 AS row_of_file, * FROM read_parquet(?)", [str(self.path)])
            return
        sheet = sheet_text(self.path)
        self.above = sheet.above
        with tempfile.TemporaryDirectory(prefix="precomplaint-") as folder:
            copy = Path(folder) / "table.csv"
            copy.write_text(sheet.text, encoding="utf-8")
            number = f"{number} {1 + sheet.above} AS row_of_file, * FROM"
            self._db.execute(
                f"{number} read_csv(?, all_varchar=true, header=true, delim=?, "
                "quote='\"', null_padding=true, strict_mode=false, ignore_errors=true, parallel=false)",
                [str(copy), sheet.delimiter],
            )

    def _join_clock(self) -> None:
        """Make one column of a date and a time of day that stand apart, in place of the two."""
        if self.typed:
            return
        samples = {column: self.sample(column, 20) for column in self._types}
        date, clock = (
            next((c for c, cells in samples.items() if cells and all(map(shape.fullmatch, cells))), "")
            for shape in (_DATE, _CLOCK)
        )
        if not (date and clock):
            return
        joined = f"{date} {clock}"
        self._db.execute(f"ALTER TABLE rows ADD COLUMN {_quoted(joined)} VARCHAR")
        self._db.execute(f"UPDATE rows SET {_quoted(joined)} = trim({_quoted(date)}) || ' ' || trim({_quoted(clock)})")  # noqa: S608 -- our own quoted names
        self._types = {joined: "VARCHAR", **{c: kind for c, kind in self._types.items() if c not in {date, clock}}}


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(len(_PARQUET))
    except OSError as error:
        raise TableUnusableError(path, f"cannot be read: {error.strerror}") from error


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
