"""Labels: where the words of an evidence picture go so that none covers a line or another word."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_CJK_FROM = "\u2e80"
_LATIN_EM = 0.58
_LINE_EM = 1.25


@dataclass(frozen=True, slots=True)
class Spot:
    """A place for a label: its anchor in pixels from the lower left corner, and which side the text hangs on.

    Attributes:
        x: Anchor, pixels.
        y: Middle of the text, pixels.
        align: `left` (text runs to the right of x), `right` or `center`.
    """

    x: float
    y: float
    align: str


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    bottom: float
    right: float
    top: float

    def overlap(self, other: "_Box") -> float:
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.top, other.top) - max(self.bottom, other.bottom)
        return width * height if width > 0 and height > 0 else 0.0


class LabelPlacer:
    """Chooses for each label the first spot that is free, else the least bad one.

    Text widths are estimated (a Chinese character is one em wide, any other 0.58), because the browser that shows an
    SVG has other fonts than the machine that draws it.

    Args:
        left: Left edge of where labels may be, pixels.
        right: Right edge.
        bottom: Lower edge.
        top: Upper edge.
        size_px: Height of the letters.
    """

    def __init__(self, left: float, right: float, bottom: float, top: float, size_px: float) -> None:
        self._frame = _Box(left, bottom, right, top)
        self._size = size_px
        self._taken: list[_Box] = []
        self._points: list[NDArray[np.float64]] = []

    def avoid_line(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        """Keep labels off a line given by its points in pixels, shape (n,) each; NaN breaks the line."""
        if len(x) == 0:
            return
        # A label may sit between two points of a steep line: fill the line up to a point every two pixels or so.
        steps = np.linspace(0, len(x) - 1, max(len(x), 400))
        index = np.arange(len(x))
        dense = np.column_stack((np.interp(steps, index, x), np.interp(steps, index, y)))
        self._points.append(dense[np.isfinite(dense).all(axis=1)])

    def place(self, text: str, spots: Sequence[Spot]) -> Spot:
        """The best of the spots for this text; it is taken from then on."""
        best = min(spots, key=lambda spot: self._cost(self._box(text, spot)))
        box = self._box(text, best)
        # Pushed in rather than cut off at the edge.
        shift = max(0.0, self._frame.left - box.left) - max(0.0, box.right - self._frame.right)
        lift = max(0.0, self._frame.bottom - box.bottom) - max(0.0, box.top - self._frame.top)
        moved = Spot(best.x + shift, best.y + lift, best.align)
        self._taken.append(self._box(text, moved))
        return moved

    def _box(self, text: str, spot: Spot) -> _Box:
        width = self._size * sum(1.0 if letter >= _CJK_FROM else _LATIN_EM for letter in text)
        left = {"left": spot.x, "right": spot.x - width, "center": spot.x - width / 2}[spot.align]
        half = self._size * _LINE_EM / 2
        return _Box(left, spot.y - half, left + width, spot.y + half)

    def _cost(self, box: _Box) -> float:
        frame = self._frame
        outside = max(0.0, frame.left - box.left) + max(0.0, box.right - frame.right)
        outside += max(0.0, frame.bottom - box.bottom) + max(0.0, box.top - frame.top)
        words = sum(box.overlap(other) for other in self._taken)
        on_line = 0
        for points in self._points:
            x, y = points[:, 0], points[:, 1]
            on_line += int(((x > box.left) & (x < box.right) & (y > box.bottom) & (y < box.top)).sum())
        return 50.0 * words + 20.0 * on_line + 10.0 * outside


def beside(left: float, right: float, y: float) -> list[Spot]:
    """Spots along a level line: above it, then under it, from left to right."""
    places = ((left, "left"), ((left + right) / 2, "center"), (right, "right"))
    return [Spot(x, y + lift, align) for lift in (9, -9, 0) for x, align in places]


def around(x: float, y: float) -> list[Spot]:
    """Spots around a point, to its left first: what came before it is out of the way."""
    sides = ((-10, "right"), (10, "left"), (0, "center"))
    return [Spot(x + dx, y + dy, align) for dy in (4, 16, -16, 28, -28, 42, -42) for dx, align in sides]
