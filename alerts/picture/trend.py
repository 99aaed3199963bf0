"""Trend: a signal with its normal band, the threshold, the crossing, the forecast and the neighbours."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from alerts.picture.axes import date, dress
from alerts.picture.labels import LabelPlacer, Spot, around, beside
from alerts.picture.lines import US, Line, on_log_scale, value_label
from alerts.picture.style import SIZE_PX, Style

_LAST_CHANGES: Final = 6
_LAST_S: Final = 120.0
_LEFT_PX, _RIGHT_PX, _TOP_PX, _BOTTOM_PX = 40.0, 12.0, 32.0, 42.0


class TrendPicture:
    """The picture of one evidence that has a signal.

    Args:
        evidence: Fields of `models.findings.Evidence`.
        style: How it looks.
    """

    def __init__(self, evidence: Mapping[str, Any], style: Style) -> None:
        self._style = style
        evidence = on_log_scale(evidence)
        self._signal = evidence["signal"]
        self._threshold: float | None = evidence.get("threshold")
        self._crossed_us: int | None = evidence.get("crossed_us")
        self._forecast: Mapping[str, Any] | None = evidence.get("forecast")
        # A rule without a threshold keeps only the changes of its signal: it holds its value until the next.
        self._steps = self._threshold is None
        self._line = Line(self._signal, breaks=not self._steps)
        self._neighbours = [Line(trace) for trace in evidence.get("neighbours") or () if trace["at_us"]]

    def draw(self, figure: Figure, height_px: float, whole_px: float) -> None:
        """Draw at the top of a figure.

        Args:
            figure: What to draw in.
            height_px: How much of it may be used.
            whole_px: How high it is.
        """
        width = self._style.width_px
        left, right, top, bottom = _LEFT_PX / width, _RIGHT_PX / width, _TOP_PX / whole_px, _BOTTOM_PX / whole_px
        share = height_px / whole_px
        axes = figure.add_axes((left, 1 - share + bottom, 1 - left - right, share - top - bottom))
        axes.set_facecolor(self._style.colours.surface)
        self._scale(axes)
        self._draw_lines(axes)
        dress(figure, axes, self._signal, self._style)
        figure.canvas = FigureCanvasAgg(figure)
        self._draw_labels(axes)

    def _scale(self, axes: Axes) -> None:
        line, ahead = self._line, self._forecast
        start, end = self._start(), line.x[-1]
        span = (end - start) or 3600.0
        threshold = [] if self._threshold is None else [self._threshold]
        seen = np.concatenate((line.y, line.low, line.high, threshold))
        low, high = float(np.nanmin(seen)), float(np.nanmax(seen))
        room = (high - low) or max(abs(high), 1.0)
        if ahead:
            # What is ahead takes no more than half of the width and a third of the height from what was seen.
            end = min(ahead["at_us"][-1] / US, end + span)
            near = [m for at, m in zip(ahead["at_us"], ahead["p50"], strict=True) if at / US <= end]
            high = max(high, min(max(near, default=high), high + 0.5 * room))
        axes.set_xlim(start - 0.01 * span, end + 0.03 * ((end - start) or span))
        axes.set_ylim(low - 0.18 * room, high + 0.28 * room)

    def _start(self) -> float:
        """Where the time axis begins: of a signal that is kept by its changes, the last few are what matters."""
        x = self._line.x
        return float(max(x[0], min(x[-_LAST_CHANGES:][0], x[-1] - _LAST_S)) if self._steps else x[0])

    def _draw_lines(self, axes: Axes) -> None:
        colours, line = self._style.colours, self._line
        if line.low.size:
            axes.fill_between(line.x, line.low, line.high, color=colours.normal, lw=0, zorder=1)
        for neighbour in self._neighbours:
            axes.plot(neighbour.x, neighbour.y, color=colours.neighbour, lw=1.2, zorder=2)
        if self._threshold is not None:
            axes.axhline(self._threshold, color=colours.danger, lw=1.4, dashes=(5, 3), zorder=3)
        if self._forecast:
            self._draw_forecast(axes, self._forecast)
        how = "steps-post" if self._steps else "default"
        axes.plot(line.x, line.y, color=colours.signal, lw=2.2, zorder=5, drawstyle=how, solid_capstyle="round")
        if len(line.x) == 1:
            axes.plot(line.x, line.y, "o", color=colours.signal, ms=6, zorder=5)
        if self._crossed_us is not None:
            at = self._crossed_us / US
            ring: dict[str, Any] = {"ms": 9, "mfc": colours.surface, "mec": colours.danger, "mew": 2.4}
            axes.plot((at,), (line.at(at),), "o", zorder=6, **ring)

    def _draw_forecast(self, axes: Axes, ahead: Mapping[str, Any]) -> None:
        colour, last = self._style.colours.signal, self._line.y[-1]
        later = np.array(ahead["at_us"], float) / US > self._line.x[-1]
        x = np.array([self._line.x[-1], *(np.array(ahead["at_us"], float)[later] / US)])
        low, middle, high = (np.array([last, *np.array(ahead[q], float)[later]]) for q in ("p10", "p50", "p90"))
        axes.fill_between(x, low, high, color=colour, alpha=0.18, lw=0, zorder=2)
        axes.plot(x, middle, color=colour, lw=1.8, dashes=(2, 2), zorder=4)

    def _draw_labels(self, axes: Axes) -> None:
        """Say what each thing is, right beside it."""
        pixels = axes.transData.transform
        (left, bottom), (right, top) = axes.transAxes.transform(((0, 0), (1, 1)))
        placer = LabelPlacer(left, right + 8, bottom, top + 8, SIZE_PX)
        for line in (self._line, *self._neighbours):
            placer.avoid_line(*pixels(np.column_stack((line.x, line.y))).T)
        if self._threshold is not None:
            y = float(pixels((0, self._threshold))[1])
            placer.avoid_line(np.array([left, right]), np.array([y, y]))
        if self._forecast:
            ahead = np.column_stack((np.array(self._forecast["at_us"]) / US, self._forecast["p50"]))
            placer.avoid_line(*pixels(ahead).T)
        for text, colour, spots in self._labels(pixels, left, right):
            spot = placer.place(text, spots)
            x, y = axes.transData.inverted().transform((spot.x, spot.y))
            axes.text(x, y, text, color=colour, ha=spot.align, va="center", zorder=7)

    def _labels(self, pixels: Any, left: float, right: float) -> Iterator[tuple[str, str, Sequence[Spot]]]:
        """Each label with its colour and the spots it would like, best first."""
        style, line = self._style, self._line
        if self._threshold is not None:
            value = value_label(self._signal["name"], self._threshold)
            spots = beside(left + 4, right, float(pixels((0, self._threshold))[1]))
            yield style.said("threshold", value=value), style.colours.danger, spots
        if self._crossed_us is not None:
            at = datetime.fromtimestamp(self._crossed_us / US, style.timezone)
            spots = around(*pixels((self._crossed_us / US, line.at(self._crossed_us / US))))
            yield style.said("crossed", at=f"{date(at, style)} {at:%H:%M}"), style.colours.ink, spots
        if self._forecast:
            half = len(self._forecast["at_us"]) // 2
            spots = around(*pixels((self._forecast["at_us"][half] / US, self._forecast["p10"][half])))
            yield style.said("forecast"), style.colours.signal, spots
        if line.low.size:
            edges = [float(pixels((0, edge))[1]) for edge in (line.low[0], line.high[0])]
            heights = (edges[0] - 9, edges[1] + 9)
            spots = [Spot(x, y, side) for y in heights for x, side in ((left + 4, "left"), (right, "right"))]
            yield style.said("normal"), style.colours.muted, spots
        if self._neighbours:
            x, y = pixels((self._neighbours[0].x[-1], self._neighbours[0].y[-1]))
            spots = [Spot(x, y - 12, "right"), Spot(x, y + 12, "right"), *around(x, y)]
            yield style.said("neighbours"), style.colours.muted, spots
