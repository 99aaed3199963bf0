"""Pictures: the points of a curve as a state remembers them: the newest as numbers, the others a few characters each.

A point `[1766505600, 400.0]` takes 20 bytes of JSON, and nearly the same follows five minutes later. Here each number
is kept as its difference to the point before, in whole steps of its last digit: mostly one or two characters. Nothing
is lost, and a point is added without reading the others.
"""

import re
from collections.abc import Sequence
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any

Picture = list[Any]
"""JSON: the newest row's whole numbers, one a column, then the text of the rows before, newest first; `[]` for none."""

_LAST = digits + ascii_uppercase[:22]
"""Five bits that end a number, in characters that JSON leaves as they are."""
_MORE = ascii_lowercase + ascii_uppercase[22:] + "_-"
"""Five bits after which more come."""
_VALUES = {mark: value for marks in (_LAST, _MORE) for value, mark in enumerate(marks)}
_NUMBER = re.compile(f"[{_MORE}]*[{_LAST}]")


def steps(value: float, decimals: int) -> int:
    """A value as whole steps of its last decimal."""
    return round(value * 10.0**decimals)


def with_row(picture: Picture, row: Sequence[int], most: int) -> Picture:
    """A picture and one more row behind it; the oldest go beyond `most` rows.

    Example:
        >>> with_row(with_row([], [1766505600, 40012], 48), [1766505900, 39987], 48)
        [1766505900, 39987, 'sObH']
    """
    if not picture:
        return [*row, ""]
    width, text = (
        len(row),
        "".join(map(_text, (new - old for new, old in zip(row, picture, strict=False)))) + picture[-1],
    )
    if len(text) >= width * most:
        text = "".join(_NUMBER.findall(text)[: width * (most - 1)])
    return [*row, text]


def without_newest(picture: Picture) -> Picture:
    """A picture without its newest row."""
    return picture_of(rows_of(picture)[:-1])


def rows_of(picture: Picture) -> list[list[int]]:
    """Its rows, oldest first."""
    if not picture:
        return []
    row, width = picture[:-1], len(picture) - 1
    found, numbers = [row], [_number(text) for text in _NUMBER.findall(picture[-1])]
    for first in range(0, len(numbers), width):
        row = [value - difference for value, difference in zip(row, numbers[first : first + width], strict=True)]
        found.append(row)
    return found[::-1]


def picture_of(rows: Sequence[Sequence[int]]) -> Picture:
    """A picture of rows, oldest first."""
    picture: Picture = []
    for row in rows:
        picture = with_row(picture, row, len(rows))
    return picture


def _text(number: int) -> str:
    # The sign is the last bit, so that small numbers of either sign are short.
    left = 2 * number if number >= 0 else -2 * number - 1
    text, left = _LAST[left & 31], left >> 5
    while left:
        text, left = _MORE[left & 31] + text, left >> 5
    return text


def _number(text: str) -> int:
    whole = 0
    for mark in text:
        whole = whole << 5 | _VALUES[mark]
    return whole >> 1 if not whole & 1 else -(whole >> 1) - 1
