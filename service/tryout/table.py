"""Table: a recorded CSV or Parquet file as columns, whatever its delimiter, encoding and decimal mark."""

import gzip
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import numpy.typing as npt

from service.tryout.errors import ColumnMissingError, TableUnusableError

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]

NO_TIME_US: Final = np.iinfo(np.int64).min
"""Stands where a cell holds no time."""

_PARQUET: Final = b"PAR1"
_WORKBOOK: Final = b"PK\x03\x04"
_GZIP: Final = b"\x1f\x8b"
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS: Final = ",;\t|"
_SHOWN: Final = 3
_HOUR_US: Final = 3_600_000_000
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 -- a wall clock's, whose zone comes later


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
        path: CSV with a header (UTF-8, UTF-16 or GB18030; any of comma, semicolon, tab, bar), or Parquet.

    Attributes:
        path: The file.
        columns: Their names, in the order of the file.
        rows: How many.
        typed: Whether the file itself says what is a number and what a time (Parquet does).

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
        try:
            self._load()
        except duckdb.Error as error:
            raise TableUnusableError(path, f"is no table: {str(error).splitlines()[0]}") from error
        described = self._db.execute("DESCRIBE rows").fetchall()
        self._types = {str(name): str(kind) for name, kind, *_ in described if name != "row_of_file"}
        self.columns = tuple(self._types)
        self.rows = int(self._one("SELECT count(*) FROM rows"))
        if not self.rows:
            raise TableUnusableError(path, "has no rows below its header")

    def holds_times(self, column: str) -> bool:
        """Whether the file itself says that a column holds times."""
        return self._types[column].startswith(("TIMESTAMP", "DATE"))

    def sample(self, column: str, count: int = 200) -> list[str]:
        """Cells of a column as text, evenly through the file, empty ones left out."""
        step = max(1, self.rows // count)
        name = _quoted(self.checked(column))
        found = self._db.execute(
            f"SELECT CAST({name} AS VARCHAR) FROM rows WHERE (row_of_file - 2) % {step} = 0 AND {name} IS NOT NULL "  # noqa: S608 -- our own quoted names
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

        An empty cell and the usual words for nothing (`nan`, `null`, `-`) are nothing; they are not bad.
        """
        name = _quoted(self.checked(column))
        text = f"trim(CAST({name} AS VARCHAR))"
        if decimal == ",":
            text = f"replace(replace({text}, '.', ''), ',', '.')"
        value = f"CASE lower({text}) WHEN 'true' THEN 1.0 WHEN 'false' THEN 0.0 ELSE TRY_CAST({text} AS DOUBLE) END"
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
        times[wall] = _in_zone(times[wall], zone)
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
        number = "CREATE TABLE rows AS SELECT row_number() OVER () + 1 AS row_of_file, * FROM"
        if self.typed:
            self._db.execute(f"{number} read_parquet(?)", [str(self.path)])
            return
        with tempfile.TemporaryDirectory(prefix="precomplaint-") as folder:
            path, first = _as_utf8(self.path, Path(folder))
            delimiter = max(_DELIMITERS, key=first.count)
            if not first.count(delimiter):
                raise TableUnusableError(self.path, "has one column only; its cells must be parted by , ; tab or |")
            self._db.execute(
                f"{number} read_csv(?, all_varchar=true, header=true, delim=?, quote='\"', null_padding=true, "
                "strict_mode=false, ignore_errors=true, parallel=false)",
                [str(path), delimiter],
            )


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(len(_PARQUET))
    except OSError as error:
        raise TableUnusableError(path, f"cannot be read: {error.strerror}") from error


def _as_utf8(path: Path, folder: Path) -> tuple[Path, str]:
    """A file that DuckDB reads, with its first line; gzip, GB18030 (Excel and WPS in China) and UTF-16 are undone."""
    content = path.read_bytes()
    if packed := content.startswith(_GZIP):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError) as error:
            raise TableUnusableError(path, f"is cut short or no gzip file: {error}") from error
    marked = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not text.strip():
            raise TableUnusableError(path, "is empty; the first line must name the columns")
        if "\0" in text:
            continue
        first = text.lstrip("\n\r").partition("\n")[0]
        if encoding == "utf-8" and not packed:
            return path, first
        copy = folder / "table.csv"
        copy.write_text(text, encoding="utf-8")
        return copy, first
    raise TableUnusableError(path, "is no text in UTF-8, UTF-16 or GB18030, and no Parquet file")


def _in_zone(wall_us: Times, zone: ZoneInfo) -> Times:
    """Wall clocks as microseconds since the epoch; of an hour that comes twice in autumn the first is taken."""
    hours, place = np.unique(wall_us // _HOUR_US, return_inverse=True)
    walls = [(_EPOCH + timedelta(hours=int(hour))).replace(tzinfo=zone) for hour in hours]
    offsets = [round((wall.utcoffset() or timedelta()).total_seconds() * 1e6) for wall in walls]
    return wall_us - np.asarray(offsets, dtype=np.int64)[place]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
