"""Table: whatever wrote it, the numbers and times come out the same, and what cannot be read is named."""

import gzip
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pytest

from service.tryout.errors import ColumnMissingError, TableUnusableError
from service.tryout.table import NO_TIME_US, Table

BEIJING = ZoneInfo("Asia/Shanghai")
TEXT = "时间,压力\n2025-11-25 00:00:00,1.5\n2025-11-25 00:01:00,\n2025-11-25 00:02:00,坏\n"
MIDNIGHT_US = 1_764_000_000_000_000


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plain.csv", TEXT.encode()),
        ("excel.csv", TEXT.encode("utf-8-sig")),
        ("wps.csv", TEXT.encode("gb18030")),
        ("unicode.txt", TEXT.replace(",", "\t").encode("utf-16")),
        ("semicolons.csv", TEXT.replace(",", ";").encode()),
        ("packed.csv.gz", gzip.compress(TEXT.encode(), mtime=0)),
    ],
    ids=("plain", "excel", "wps", "unicode", "semicolons", "packed"),
)
def test_every_encoding_and_delimiter_gives_the_same(tmp_path: Path, name: str, content: bytes) -> None:
    """Excel, WPS, loggers and gzip write the same table; it is read the same."""
    (tmp_path / name).write_bytes(content)
    table = Table(tmp_path / name)
    values, bad = table.numbers("压力")

    assert table.columns == ("时间", "压力")
    assert values.tolist()[:1] == [1.5]
    assert np.isnan(values[1:]).all()
    assert (bad.count, bad.shown) == (1, ((4, "坏"),))
    assert table.times("时间", "iso", BEIJING)[0].tolist() == [MIDNIGHT_US + n * 60_000_000 for n in range(3)]


def test_parquet_brings_its_own_types(tmp_path: Path) -> None:
    """Times and numbers of a Parquet file need no pattern; a time with a zone keeps it, another gets the given one."""
    path = tmp_path / "log.parquet"
    duckdb.execute(
        "COPY (SELECT TIMESTAMP '2025-11-25 00:00:00' AS wall, TIMESTAMPTZ '2025-11-24 16:00:00+00' AS known, "
        "2.5 AS bar) "
        f"TO '{path}' (FORMAT parquet)"
    )
    table = Table(path)

    assert table.holds_times("wall")
    assert [table.times(c, "iso", BEIJING)[0].tolist() for c in ("wall", "known")] == [[MIDNIGHT_US]] * 2
    assert table.numbers("bar")[0].tolist() == [2.5]


def test_the_same_moment_in_every_spelling(tmp_path: Path) -> None:
    """A wall clock is of the given zone; a time that names its own zone is of that."""
    cells = ["2025-11-25 00:00:00", "2025/11/25 00:00", "2025-11-24T16:00:00Z", "2025-11-24 17:00:00+01:00", "noon"]
    path = tmp_path / "times.csv"
    path.write_text("t,v\n" + "".join(f"{cell},1\n" for cell in cells), encoding="utf-8")
    times, bad = Table(path).times("t", "iso", BEIJING)

    assert times.tolist() == [MIDNIGHT_US] * 4 + [NO_TIME_US]
    assert bad.shown == ((6, "noon"),)


def test_a_decimal_comma_is_a_point(tmp_path: Path) -> None:
    """Where people write 1.234,5 they mean 1234.5."""
    path = tmp_path / "comma.csv"
    path.write_text("t;v\n1;1.234,5\n2;-0,25\n", encoding="utf-8")

    assert Table(path).numbers("v", ",")[0].tolist() == [1234.5, -0.25]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04...", "Excel workbook"),
        (b"one\n1\n", "one column only"),
        (b"a,b\n", "no rows"),
        (b"\x00\x01\x02\xff\xfe,\x00", "no text"),
        (b"\x1f\x8b\x08broken", "gzip"),
        (b"PAR1 but not really", "no table"),
    ],
    ids=("empty", "workbook", "one column", "no rows", "no text", "broken gzip", "no parquet"),
)
def test_what_is_no_table_says_so(tmp_path: Path, content: bytes, said: str) -> None:
    """Each kind of unusable file has its own sentence, with the file's name."""
    path = tmp_path / "odd.csv"
    path.write_bytes(content)

    with pytest.raises(TableUnusableError, match=said) as caught:
        Table(path)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    """The name stands in the error."""
    with pytest.raises(TableUnusableError, match=r"gone\.csv: cannot be read"):
        Table(tmp_path / "gone.csv")


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    """A misspelt column is answered with the header."""
    path = tmp_path / "small.csv"
    path.write_text("t,level\n1,2\n", encoding="utf-8")

    with pytest.raises(ColumnMissingError, match=r"'levle'; the table has t, level"):
        Table(path).numbers("levle")
