"""Evidence picture: the signal as the model saw it, what is normal, what counts, and where it is going."""

import io
import re
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from numpy.typing import NDArray

from alerts.evidence_labels import LabelPlacer, Spot
from alerts.words.contributions import amount, clause, phrase
from alerts.words.quantities import number, unit_sign
from ingest.registry import Text
from models.findings import Contribution

Language = Literal["zh", "en"]
Theme = Literal["light", "dark"]
ImageFormat = Literal["png", "svg"]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Palette:
    """The page's colours; `alerts/page/page.css` has the same ones."""

    surface: str
    ink: str
    muted: str
    line: str
    signal: str
    danger: str
    normal: str
    neighbour: str


PALETTES: Final[Mapping[str, Palette]] = {
    "light": Palette("#ffffff", "#16181d", "#565c67", "#dfe2e7", "#0b57d0", "#c5221f", "#e2f1e8", "#9096a1"),
    "dark": Palette("#1a1d23", "#eceef2", "#a9afba", "#343a44", "#8ab4f8", "#ff8a80", "#1f3a2d", "#7d8490"),
}

_WORDS: Final[Mapping[str, Text]] = {
    "threshold": Text("报警值 {value}", "Threshold {value}"),
    "normal": Text("平时范围", "Usual range"),
    "crossed": Text("{at} 越过报警值", "Crossed {at}"),
    "forecast": Text("预测", "Forecast"),
    "neighbour": Text("相邻设施", "Neighbours"),
    "times_usual": Text("{name}（平时的倍数）", "{name} (times the usual)"),
    "limit": Text("限 {value}", "Limit {value}"),
    "nothing": Text("没有可画的信号。", "No signal to draw."),
}
_FAMILY_CSS: Final = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
)
_CJK_FAMILIES: Final = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "SimHei")
_SIZE_PX: Final = 12.5
_US: Final = 1e6
_FLAGS: Final = frozenset({"bool", "code"})
"""Units of what is so or not so; it has no length."""
_STEPS_S: Final = (
    *(60, 300, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200),
    *(86_400 * days for days in (1, 2, 3, 5, 7, 10, 14, 30, 60, 90)),
)
_DAY_S: Final = 86400

# matplotlib is not safe in threads, and how SVG text is written is a process-wide setting of it.
_ONE_AT_A_TIME: Final = threading.Lock()


def draw(  # noqa: PLR0913 -- what the API's query may choose, each by name
    evidence: Mapping[str, Any],
    *,
    language: Language,
    theme: Theme,
    width_px: int,
    image_format: ImageFormat,
    timezone: ZoneInfo,
) -> bytes:
    """The picture of a frozen evidence.

    Args:
        evidence: The frozen JSON with the fields of `models.findings.Evidence`.
        language: Of the labels. A PNG in Chinese without a Chinese font on the machine is labelled in English.
        theme: Light or dark, to match the page.
        width_px: Width in CSS pixels, 280 to 1600; a PNG has twice as many for sharp screens.
        image_format: SVG keeps its text as text, so that the browser's own fonts draw it.
        timezone: The site's, for the time axis.

    Returns:
        The file's bytes; the same evidence always gives the same bytes.
    """
    family = next((name for name in _CJK_FAMILIES if name in font_manager.get_font_names()), None)
    if image_format == "png" and family is None:
        language = "en"
    with _ONE_AT_A_TIME, warnings.catch_warnings(), mpl.rc_context(rc=_settings(family)):
        # Without a Chinese font SVG text is still right in the browser; only its measured width is not.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        picture = _Picture(language, PALETTES[theme], width_px, timezone)
        figure = picture.of(evidence)
        return _svg(figure) if image_format == "svg" else _png(figure)


def _settings(family: str | None) -> Any:
    families = ["DejaVu Sans"] if family is None else [family, "DejaVu Sans"]
    return {"svg.fonttype": "none", "svg.hashsalt": "evidence", "font.family": families, "font.size": _SIZE_PX}


def _svg(figure: Figure) -> bytes:
    out = io.StringIO()
    FigureCanvasSVG(figure).print_svg(out, metadata={"Date": None, "Creator": None})  # type: ignore[no-untyped-call]
    text = re.sub(r'(<svg[^>]*? (?:width|height)="[\d.]+)pt"', r'\1"', out.getvalue())
    text = re.sub(r'(<svg[^>]*? (?:width|height)="[\d.]+)pt"', r'\1"', text)
    return re.sub(r"font-family: [^;\"]+", f"font-family: {_FAMILY_CSS}", text).encode()


def _png(figure: Figure) -> bytes:
    out = io.BytesIO()
    figure.set_dpi(144)
    FigureCanvasAgg(figure).print_png(out, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return out.getvalue()


class _Picture:
    """One drawing: 1 unit is 1 CSS pixel at 72 dots an inch."""

    def __init__(self, language: Language, palette: Palette, width_px: int, timezone: ZoneInfo) -> None:
        self._language = language
        self._colours = palette
        self._width = width_px
        self._timezone = timezone

    def of(self, evidence: Mapping[str, Any]) -> Figure:
        if evidence.get("signal") and evidence["signal"]["at_us"]:
            return self._trend(evidence)
        return self._facts(evidence)

    def _said(self, key: str, **values: str) -> str:
        return str(getattr(_WORDS[key], self._language)).format(**values)

    def _figure(self, height_px: float) -> Figure:
        return Figure(figsize=(self._width / 72, height_px / 72), dpi=72, facecolor=self._colours.surface)

    def _facts(self, evidence: Mapping[str, Any]) -> Figure:
        """What an event rule went by: facts with a tick, amounts as bars against the limit that counted."""
        rows = [Contribution(**row) for row in evidence.get("contributions") or ()]
        limit = evidence.get("counterfactual") or {}
        heights = [34.0 if row.unit in _FLAGS else 58.0 for row in rows] or [44.0]
        height = sum(heights)
        figure = self._figure(height)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, self._width), ylim=(0, height))
        axes.set_axis_off()
        if not rows:
            axes.text(4, height / 2, self._said("nothing"), color=self._colours.muted, va="center")
        for row, top in zip(rows, height - np.cumsum([0.0, *heights]), strict=False):
            said = getattr(clause(row), self._language)
            axes.plot((9,), (top - 17,), "o", color=self._colours.signal, ms=8)
            axes.text(22, top - 17, said[0].upper() + said[1:], color=self._colours.ink, va="center", fontsize=14)
            if row.unit not in _FLAGS:
                self._bar(axes, row, top - 40, limit["value"] if limit.get("name") == row.name else row.usual)
        return figure

    def _bar(self, axes: Axes, row: Contribution, y: float, limit: float | None) -> None:
        left, right = 26.0, self._width - 12.0
        full = 1.15 * max(abs(row.value), abs(limit or 0.0)) or 1.0
        for share, colour in ((1.0, self._colours.line), (abs(row.value) / full, self._colours.signal)):
            axes.plot((left, left + share * (right - left)), (y, y), color=colour, lw=7, solid_capstyle="round")
        if limit:
            x = left + abs(limit) / full * (right - left)
            axes.plot((x, x), (y - 9, y + 9), color=self._colours.danger, lw=2.4)
            said = getattr(amount(row.name, limit, row.unit), self._language)
            axes.text(
                right, y + 23, self._said("limit", value=said), color=self._colours.danger, ha="right", va="center"
            )

    def _trend(self, evidence: Mapping[str, Any]) -> Figure:
        height = 150 + 0.22 * self._width
        figure = self._figure(height)
        axes = figure.add_axes((40 / self._width, 42 / height, 1 - 52 / self._width, 1 - 74 / height))
        axes.set_facecolor(self._colours.surface)
        signal = _Line(evidence["signal"])
        forecast = evidence.get("forecast") or None
        self._scale(axes, evidence, signal, forecast)
        self._lines(axes, evidence, signal, forecast)
        self._axis_words(figure, axes, evidence["signal"], height)
        self._labels(figure, axes, evidence, signal)
        return figure

    def _scale(self, axes: Axes, evidence: Mapping[str, Any], signal: "_Line", forecast: Any) -> None:
        seen = [signal.y, signal.low, signal.high]
        if evidence.get("threshold") is not None:
            seen.append(np.array([evidence["threshold"]]))
        if forecast:
            seen.append(np.array(forecast["p50"], float))
        values = np.concatenate(seen)
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        room = (high - low) or max(abs(high), 1.0)
        start, end = signal.x[0], signal.x[-1]
        span = (end - start) or 3600.0
        if forecast:
            end = min(float(forecast["at_us"][-1]) / _US, end + span)
        axes.set_xlim(start - 0.01 * span, end + 0.03 * (end - start or span))
        axes.set_ylim(low - 0.18 * room, high + 0.22 * room)

    def _lines(self, axes: Axes, evidence: Mapping[str, Any], signal: "_Line", forecast: Any) -> None:
        colours = self._colours
        if signal.low.size and signal.high.size:
            axes.fill_between(signal.x, signal.low, signal.high, color=colours.normal, lw=0, zorder=1)
        for neighbour in evidence.get("neighbours") or ():
            line = _Line(neighbour)
            axes.plot(line.x, line.y, color=colours.neighbour, lw=1.2, zorder=2)
        if evidence.get("threshold") is not None:
            axes.axhline(evidence["threshold"], color=colours.danger, lw=1.4, dashes=(5, 3), zorder=3)
        if forecast:
            x = np.array([signal.x[-1], *(at / _US for at in forecast["at_us"])])
            last = signal.y[-1]
            low, middle, high = (np.array([last, *forecast[name]], float) for name in ("p10", "p50", "p90"))
            axes.fill_between(x, low, high, color=colours.signal, alpha=0.18, lw=0, zorder=2)
            axes.plot(x, middle, color=colours.signal, lw=1.8, dashes=(2, 2), zorder=4)
        axes.plot(signal.x, signal.y, color=colours.signal, lw=2.2, zorder=5, solid_capstyle="round")
        if len(signal.x) == 1:
            axes.plot(signal.x, signal.y, "o", color=colours.signal, ms=6, zorder=5)
        if evidence.get("crossed_us") is not None:
            at = evidence["crossed_us"] / _US
            axes.plot(
                (at,),
                (np.interp(at, signal.x, signal.y),),
                "o",
                ms=9,
                mfc=colours.surface,
                mec=colours.danger,
                mew=2.4,
                zorder=6,
            )

    def _axis_words(self, figure: Figure, axes: Axes, signal: Mapping[str, Any], height: float) -> None:
        colours, is_log = self._colours, signal["name"].startswith("log_")
        name, unit = getattr(phrase(signal["name"]).name, self._language), unit_sign(signal["unit"])
        heading = self._said("times_usual", name=name) if is_log else f"{name} {unit}".strip()
        figure.text(4 / self._width, 1 - 14 / height, heading, color=colours.muted, va="center", ha="left")
        ticks = _ratio_ticks(*axes.get_ylim()) if is_log else mpl.ticker.MaxNLocator(4).tick_values(*axes.get_ylim())
        low, high = axes.get_ylim()
        ticks = [tick for tick in ticks if low <= tick <= high]
        axes.set_yticks(ticks, [number(float(np.exp(tick))) + "×" if is_log else number(tick) for tick in ticks])
        times, labels = self._time_ticks(*axes.get_xlim())
        axes.set_xticks(times, labels)
        axes.tick_params(length=0, labelcolor=colours.muted, labelsize=_SIZE_PX, pad=5)
        axes.grid(axis="y", color=colours.line, lw=0.8, zorder=0)
        axes.set_axisbelow(True)
        for side in ("left", "right", "top"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_color(colours.muted)

    def _time_ticks(self, start: float, end: float) -> tuple[list[float], list[str]]:
        most = max(2, int(self._width / 80))
        step = next((s for s in _STEPS_S if (end - start) / s <= most), _STEPS_S[-1])
        first = datetime.fromtimestamp(start, self._timezone)
        at = first.replace(hour=0, minute=0, second=0, microsecond=0)
        times, labels, day = [], [], ""
        while at.timestamp() <= end:
            # A label too near the right edge would be cut off.
            if start <= at.timestamp() <= end - 0.04 * (end - start):
                date = self._date(at)
                # The day is said once, under the first time of it.
                both = f"{at:%H:%M}\n{date}" if date != day else f"{at:%H:%M}"
                times.append(at.timestamp())
                labels.append(date if step >= _DAY_S else both)
                day = date
            at += timedelta(seconds=step)
        return times, labels

    def _date(self, at: datetime) -> str:
        return f"{at.month} 月 {at.day} 日" if self._language == "zh" else f"{at.day} {at:%b}"

    def _labels(self, figure: Figure, axes: Axes, evidence: Mapping[str, Any], signal: "_Line") -> None:
        """Say what each thing is, right beside it."""
        figure.canvas = FigureCanvasAgg(figure)
        pixels = axes.transData.transform
        (left, bottom), (right, top) = axes.transAxes.transform(((0, 0), (1, 1)))
        placer = LabelPlacer(left, right + 8, bottom, top + 8, _SIZE_PX)
        lines = [signal, *(_Line(n) for n in evidence.get("neighbours") or ())]
        for line in lines:
            placer.avoid_line(*pixels(np.column_stack((line.x, line.y))).T)
        if evidence.get("threshold") is not None:
            y = float(pixels((signal.x[0], evidence["threshold"]))[1])
            placer.avoid_line(np.array([left, right]), np.array([y, y]))
        if evidence.get("forecast"):
            ahead = evidence["forecast"]
            placer.avoid_line(*pixels(np.column_stack((np.array(ahead["at_us"]) / _US, ahead["p50"]))).T)
        for text, colour, spots in self._wanted(evidence, signal, pixels, (left, right)):
            spot = placer.place(text, spots)
            x, y = axes.transData.inverted().transform((spot.x, spot.y))
            axes.text(x, y, text, color=colour, ha=spot.align, va="center", zorder=7)

    def _wanted(self, evidence: Mapping[str, Any], signal: "_Line", pixels: Any, sides: tuple[float, float]) -> Any:
        """Each label with its colour and the spots it would like, best first."""
        colours, (left, right) = self._colours, sides
        threshold, crossed, forecast = (evidence.get(key) for key in ("threshold", "crossed_us", "forecast"))
        if threshold is not None:
            is_log = evidence["signal"]["name"].startswith("log_")
            value = number(float(np.exp(threshold))) + "×" if is_log else number(threshold)
            y = float(pixels((signal.x[0], threshold))[1])
            yield self._said("threshold", value=value), colours.danger, _beside(left + 4, right, y)
        if crossed is not None:
            at = datetime.fromtimestamp(crossed / _US, self._timezone)
            x, y = pixels((crossed / _US, np.interp(crossed / _US, signal.x, signal.y)))
            yield self._said("crossed", at=f"{self._date(at)} {at:%H:%M}"), colours.ink, _around(x, y)
        if forecast:
            half = len(forecast["at_us"]) // 2
            x, y = pixels((forecast["at_us"][half] / _US, forecast["p10"][half]))
            yield self._said("forecast"), colours.signal, _around(x, y)
        if signal.low.size:
            edges = (float(pixels((signal.x[0], edge))[1]) for edge in (signal.low[0], signal.high[0]))
            under, over = edges
            spots = [
                Spot(x, y, side) for y in (under - 9, over + 9) for x, side in ((left + 4, "left"), (right, "right"))
            ]
            yield self._said("normal"), colours.muted, spots
        if evidence.get("neighbours"):
            line = _Line(evidence["neighbours"][0])
            x, y = pixels((line.x[-1], line.y[-1]))
            yield (
                self._said("neighbour"),
                colours.muted,
                [Spot(x, y - 12, "right"), Spot(x, y + 12, "right"), *_around(x, y)],
            )


class _Line:
    """A trace as arrays, seconds on x, broken where the sensor was silent."""

    def __init__(self, trace: Mapping[str, Any]) -> None:
        x, y = np.array(trace["at_us"], float) / _US, np.array(trace["value"], float)
        low, high = np.array(trace.get("low") or (), float), np.array(trace.get("high") or (), float)
        gaps = np.flatnonzero(np.diff(x) > 4 * np.median(np.diff(x))) + 1 if len(x) > 2 else np.array([], int)  # noqa: PLR2004 -- two points have one step and no gap
        self.x: Floats = np.insert(x, gaps, (x[gaps - 1] + x[gaps]) / 2)
        self.y: Floats = np.insert(y, gaps, np.nan)
        self.low: Floats = np.insert(low, gaps, np.nan) if low.size else low
        self.high: Floats = np.insert(high, gaps, np.nan) if high.size else high


def _ratio_ticks(low: float, high: float) -> list[float]:
    """Logs of round ratios between two logs, at most five."""
    every = [float(np.log(ratio)) for ratio in (0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)]
    inside = [tick for tick in every if low <= tick <= high]
    return inside[:: 1 + len(inside) // 6]


def _beside(left: float, right: float, y: float) -> list[Spot]:
    """Spots along a level line: above it, then under it, from left to right."""
    places = ((left, "left"), ((left + right) / 2, "center"), (right, "right"))
    return [Spot(x, y + lift, align) for lift in (9, -9, 0) for x, align in places]


def _around(x: float, y: float) -> list[Spot]:
    """Spots around a point, upper left first: what comes before it is usually lower."""
    sides = ((-10, "right"), (10, "left"), (0, "center"))
    return [Spot(x + dx, y + dy, align) for dy in (4, 16, -16, 28, -28, 42, -42) for dx, align in sides]
