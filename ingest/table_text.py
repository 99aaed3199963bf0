"""Table text: the records of a CSV file as Excel, WPS and people write it, with the line each begins on."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.errors import IngestError, Problem

_DELIMITERS = (",", ";", "\t")
_ENCODINGS = ("utf-8", "gb18030")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_WORKBOOK = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a table: the line of the file it begins on, counted from 1, and its cells without outer spaces."""

    line: int
    cells: tuple[str, ...]


class TableUnreadableError(IngestError):
    """A file is no table of text."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def records_of(name: str, content: bytes, columns: frozenset[str]) -> Iterator[Record]:
    """The records of a table, the header first; records whose cells are all empty are left out.

    The encoding is UTF-8, UTF-16 with its mark (Excel's "Unicode text") or else GB18030 (what Excel and WPS write in
    China); the delimiter is the comma, semicolon or tab by which the header has the most known columns.

    Args:
        name: The file's, for errors.
        content: Its bytes.
        columns: The names a header may hold.

    Raises:
        TableUnreadableError: It is no text, has an open quote, or is empty.
    """
    text = _text(name, content)
    skipped = 0
    if text[:4].lower() == "sep=":  # a line by which Excel is told the delimiter
        skipped, text = 1, text.partition("\n")[2]
    delimiter = max(_DELIMITERS, key=lambda one: len(columns.intersection(_header(text, one))))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found, line = False, 1
    try:
        for cells in reader:
            stripped = tuple(cell.strip() for cell in cells)
            if any(stripped):
                found = True
                yield Record(line + skipped, stripped)
            line = reader.line_num + 1
    except csv.Error as error:
        raise _unreadable(f"{name}:{line + skipped}", f"is not CSV: {error}") from error
    if not found:
        raise _unreadable(name, "is empty")


def _text(name: str, content: bytes) -> str:
    if content.startswith(_WORKBOOK):
        raise _unreadable(name, "is an Excel workbook; save it as CSV (UTF-8)")
    marked = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), None)
    for encoding in (marked,) if marked else _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _unreadable(name, "is no text in UTF-8 or GB18030")


def _header(text: str, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return []
    return [cell.strip() for cell in cells]


def _unreadable(where: str, what: str) -> TableUnreadableError:
    return TableUnreadableError(Problem(where, what))
