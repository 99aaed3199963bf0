"""Sheet text: a recorded CSV as text, whatever its encoding, and where in it the table begins."""

import csv
import gzip
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from service.tryout.errors import TableUnusableError

_GZIP: Final = b"\x1f\x8b"
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS: Final = ",;\t|"
_LOOKED_AT: Final = 60
"""Lines from which the shape is told; building management systems write a dozen above their tables."""
_NUMBER: Final = re.compile(r"[-+]?\d[\d.,:/ -]*")
_TWO_HIGH_BYTES: Final = re.compile(rb"[\x80-\xff]{2}")


@dataclass(frozen=True, slots=True)
class SheetText:
    """A table as text.

    Attributes:
        text: From its header on.
        delimiter: What parts its cells.
        above: How many lines of the file stand above the header.
    """

    text: str
    delimiter: str
    above: int


def sheet_text(path: Path) -> SheetText:
    """The table in a text file; gzip, GB18030 (Excel and WPS in China), Windows-1252 (Excel in Europe), UTF-16 undone.

    Raises:
        TableUnusableError: It is empty, cut short, no text, or its cells are not parted.
    """
    text = _text(path)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    blank = next(n for n, line in enumerate(lines) if line.strip())
    first = lines[blank : blank + _LOOKED_AT]
    headers = {d: found for d in _DELIMITERS if (found := _header(first, d)) is not None}
    if not headers:
        raise TableUnusableError(path, "has one column only; its cells must be parted by , ; tab or |")
    # In rows with decimal commas the comma parts cells too, but not in their header, which stands above them.
    delimiter = min(headers, key=lambda d: (headers[d], -first[headers[d]].count(d)))
    above = blank + headers[delimiter]
    return SheetText("\n".join(lines[above:]), delimiter, above)


def _header(lines: Sequence[str], delimiter: str) -> int | None:
    """The first line as wide as most, unless it holds numbers: what stands above it is a title. None if not parted."""
    rows = [next(csv.reader([line], delimiter=delimiter), []) for line in lines]
    widths = [max((n + 1 for n, cell in enumerate(row) if cell.strip()), default=0) for row in rows]
    usual = Counter(width for width in widths if width).most_common(1)[0][0]
    if usual < 2:  # noqa: PLR2004 -- a time and a value
        return 0 if lines[0].count(delimiter) and len(lines) == 1 else None
    wide = next(n for n, width in enumerate(widths) if width >= usual)
    numbers = sum(bool(_NUMBER.fullmatch(cell.strip())) for cell in rows[wide])
    return wide if numbers <= len(rows[wide]) / 2 else 0


def _text(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith(_GZIP):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError) as error:
            raise TableUnusableError(path, f"is cut short or no gzip file: {error}") from error
    marked = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), None)
    # Chinese characters are two bytes each; in European text one stands alone among letters and digits.
    other = "gb18030" if _TWO_HIGH_BYTES.search(content) else "cp1252"
    for encoding in (marked,) if marked else ("utf-8", other):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not text.strip():
            raise TableUnusableError(path, "is empty; the first line must name the columns")
        if "\0" not in text:
            return text
    raise TableUnusableError(path, "is no text in UTF-8, UTF-16, GB18030 or Windows-1252, and no Parquet file")
