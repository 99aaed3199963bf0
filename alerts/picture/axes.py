"""Axes: few ticks, horizontal lines only, and the site's own days and hours below."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from alerts.picture.lines import is_log, value_label
from alerts.picture.style import SIZE_PX, Style
from alerts.words.contributions import phrase
from alerts.words.quantities import unit_sign

_DAY_S: Final = 86_400
_STEPS_S: Final = (
    *(60, 300, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200),
    *(_DAY_S * days for days in (1, 2, 3, 5, 7, 10, 14, 30, 60, 90)),
)
_LABEL_PX: Final = 80
_TIGHT_PX: Final = 48
_RATIOS: Final = (0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)


def dress(figure: Figure, axes: Axes, signal: Mapping[str, Any], style: Style) -> None:
    """Name the signal above its axis and say its values and times; the limits must be set.

    Args:
        figure: The whole picture.
        axes: In it.
        signal: Fields of `models.findings.Trace`.
        style: How it looks.
    """
    colours, height = style.colours, figure.get_figheight() * 72
    heading = _heading(signal, style)
    figure.text(4 / style.width_px, 1 - 14 / height, heading, color=colours.muted, va="center", ha="left")
    if signal["unit"] == "bool":
        axes.set_yticks((0.0, 1.0), (style.said("no"), style.said("yes")))
    else:
        ticks = _value_ticks(axes, signal["name"])
        axes.set_yticks(ticks, [value_label(signal["name"], tick) for tick in ticks])
    times, labels = time_ticks(*axes.get_xlim(), style)
    axes.set_xticks(times, labels)
    axes.tick_params(length=0, labelcolor=colours.muted, labelsize=SIZE_PX, pad=5)
    axes.grid(axis="y", color=colours.line, lw=0.8, zorder=0)
    axes.set_axisbelow(True)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(colours.muted)


def _heading(signal: Mapping[str, Any], style: Style) -> str:
    wording = phrase(signal["name"])
    name = style.read(wording.name)
    if wording.scale is not None:
        return style.said("scale", name=name, scale=style.read(wording.scale))
    return f"{name} {unit_sign(signal['unit'])}".strip()


def _value_ticks(axes: Axes, name: str) -> list[float]:
    low, high = axes.get_ylim()
    every = np.log(_RATIOS) if is_log(name) else MaxNLocator(4).tick_values(low, high)
    inside = [float(tick) for tick in every if low <= tick <= high]
    return inside[:: 1 + len(inside) // 6]


def date(at: datetime, style: Style) -> str:
    """A day without its year."""
    return f"{at.month} 月 {at.day} 日" if style.language == "zh" else f"{at.day} {at:%b}"


def time_ticks(start: float, end: float, style: Style) -> tuple[list[float], list[str]]:
    """Round local times between two moments, and their labels; the day is said once, under its first time.

    Args:
        start: Seconds since the epoch.
        end: Likewise.
        style: Its width says how many fit, its zone what is round.
    """
    most = max(2, style.width_px // _LABEL_PX)
    fits = next((i for i, s in enumerate(_STEPS_S) if (end - start) / s <= most), len(_STEPS_S) - 1)
    ticks = _ticks(start, end, _STEPS_S[fits], style)
    if len(ticks[0]) > 1 or fits == 0:
        return ticks
    # A single time is no scale: the next finer step may still have room.
    finer = _ticks(start, end, _STEPS_S[fits - 1], style)
    return finer if len(finer[0]) <= style.width_px // _TIGHT_PX else ticks


def _ticks(start: float, end: float, step: int, style: Style) -> tuple[list[float], list[str]]:
    at = datetime.fromtimestamp(start, style.timezone).replace(hour=0, minute=0, second=0, microsecond=0)
    times, labels, said = [], [], ""
    while at.timestamp() <= end - 0.04 * (end - start):  # a label nearer to the right edge would be cut off
        if at.timestamp() >= start:
            day = date(at, style)
            time = f"{at:%H:%M}" if day == said else f"{at:%H:%M}\n{day}"
            times.append(at.timestamp())
            labels.append(day if step >= _DAY_S else time)
            said = day
        at += timedelta(seconds=step)
    return times, labels
