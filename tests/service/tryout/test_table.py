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


@pytest.mark.parametrize(
    "above",
    ["Project;North\nExported;18.11.2025\n\n", "Project;North;;\n", "Report of riser 3\n"],
    ids=("short lines", "padded lines", "one cell"),
)
def test_lines_above_the_header_are_no_table(tmp_path: Path, above: str) -> None:
    """What a building management system writes above its table is left out; rows keep their number in the file."""
    path = tmp_path / "bms.csv"
    rows = "".join(f"25.11.2025 00:0{n};3,{n};0,5;\n" for n in range(9))
    path.write_text(
        f"{above}Time;Pressure (bar);Flow (l/s);Remark\n{rows}25.11.2025 00:09;broken;0,5;\n", encoding="utf-8"
    )
    table = Table(path)
    values, bad = table.numbers("Pressure (bar)", ",")

    assert table.columns == ("Time", "Pressure (bar)", "Flow (l/s)", "Remark")
    assert values.tolist()[:2] == [3.0, 3.1]
    assert bad.shown == ((above.count("\n") + 11, "broken"),)


def test_a_header_with_an_empty_name_is_one(tmp_path: Path) -> None:
    """Pandas leaves the first cell of the header empty; a row with many empty cells is still a row."""
    path = tmp_path / "frame.csv"
    path.write_text(",time,v\n0,2025-11-25 00:00:00,1\n1,2025-11-25 00:01:00,2\n", encoding="utf-8")

    assert Table(path).columns[1:] == ("time", "v")
    assert Table(path).rows == 2


def test_excel_in_europe_writes_degrees_in_one_byte(tmp_path: Path) -> None:
    """A file in Windows-1252 is not taken for Chinese."""
    path = tmp_path / "excel.csv"
    path.write_bytes("Zeit;Wassertemperatur (°C);Übergabe\n25.11.2025 00:00;12,5;3\n".encode("cp1252"))

    assert Table(path).columns == ("Zeit", "Wassertemperatur (°C)", "Übergabe")


@pytest.mark.parametrize(
    ("date", "clock", "pattern"),
    [
        ("25.11.2025", "00:00:00", "%d.%m.%Y %H:%M:%S"),
        ("2025-11-25", "00:00", "iso"),
        ("11/25/2025", "12:00 AM", "%m/%d/%Y %I:%M %p"),
    ],
    ids=("German", "ISO", "American"),
)
def test_date_and_time_of_day_apart_are_one_time(tmp_path: Path, date: str, clock: str, pattern: str) -> None:
    """Two columns that are half a time each become one."""
    path = tmp_path / "apart.csv"
    path.write_text(f"Date,Time,v\n{date},{clock},1\n", encoding="utf-8")
    table = Table(path)

    assert table.columns == ("Date Time", "v")
    assert table.times("Date Time", pattern, BEIJING)[0].tolist() == [MIDNIGHT_US]


def test_words_for_yes_and_for_ways_are_numbers(tmp_path: Path) -> None:
    """On is 1, up is 1 and down is 2, in both languages; another word is none."""
    path = tmp_path / "words.csv"
    path.write_text("t,v\n1,Up\n2,下行\n3,on\n4,否\n5,sideways\n", encoding="utf-8")
    values, bad = Table(path).numbers("v")

    assert values.tolist()[:4] == [1.0, 2.0, 1.0, 0.0]
    assert bad.shown == ((6, "sideways"),)
