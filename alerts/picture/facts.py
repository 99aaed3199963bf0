"""Facts: what an event rule went by, as ticked facts and as bars against the limit that counted."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from alerts.picture.style import Style
from alerts.words.contributions import amount, clause, phrase
from models.findings import Contribution

_FACT_PX: Final = 34.0
_AMOUNT_PX: Final = 54.0
_LIMIT_PX: Final = 20.0
_LETTERS_PX: Final = 14.0


def facts_height_px(evidence: Mapping[str, Any]) -> float:
    """How high the facts of an evidence stand."""
    return sum(_heights(_contributions(evidence), evidence)) or 44.0


def draw_facts(figure: Figure, evidence: Mapping[str, Any], style: Style) -> None:
    """Draw the contributions at the foot of a figure, the weightiest on top.

    Args:
        figure: At least `facts_height_px` high.
        evidence: Fields of `models.findings.Evidence`.
        style: How it looks.
    """
    rows, height = _contributions(evidence), facts_height_px(evidence)
    share = height / (figure.get_figheight() * 72)
    axes = figure.add_axes((0, 0, 1, share), xlim=(0, style.width_px), ylim=(0, height))
    axes.set_axis_off()
    if not rows:
        axes.text(4, height / 2, style.said("nothing"), color=style.colours.muted, va="center")
    tops = height - np.cumsum([0.0, *_heights(rows, evidence)])
    for row, top in zip(rows, tops, strict=False):
        said = style.read(clause(row))
        axes.plot((9,), (top - 17,), "o", color=style.colours.signal, ms=8)
        words = said[0].upper() + said[1:]
        axes.text(22, top - 17, words, color=style.colours.ink, va="center", fontsize=_LETTERS_PX)
        if _has_amount(row):
            _bar(axes, row, top - 40, _limit(row, evidence), style)


def _bar(axes: Axes, row: Contribution, y: float, limit: float | None, style: Style) -> None:
    colours, left, right = style.colours, 26.0, style.width_px - 12.0
    full = 1.15 * max(abs(row.value), abs(limit or 0.0)) or 1.0
    for share, colour in ((1.0, colours.line), (abs(row.value) / full, colours.signal)):
        axes.plot((left, left + share * (right - left)), (y, y), color=colour, lw=7, solid_capstyle="round")
    if limit:
        x = left + abs(limit) / full * (right - left)
        axes.plot((x, x), (y - 9, y + 9), color=colours.danger, lw=2.4)
        said = style.said("limit", value=style.read(amount(row.name, limit, row.unit)))
        side = "left" if x < (left + right) / 2 else "right"
        axes.text(x, y - 18, said, color=colours.danger, ha=side, va="center")


def _contributions(evidence: Mapping[str, Any]) -> list[Contribution]:
    """Those that say something: nothing for no seconds is no fact."""
    return [row for row in (Contribution(**c) for c in evidence.get("contributions") or ()) if row.value != 0]


def _heights(rows: list[Contribution], evidence: Mapping[str, Any]) -> list[float]:
    limits = [_LIMIT_PX if _limit(row, evidence) else 0.0 for row in rows]
    return [_AMOUNT_PX + more if _has_amount(row) else _FACT_PX for row, more in zip(rows, limits, strict=True)]


def _limit(row: Contribution, evidence: Mapping[str, Any]) -> float | None:
    """The amount up to which it would have stayed quiet, where that is known of this one."""
    other = evidence.get("counterfactual") or {}
    return float(other["value"]) if other.get("name") == row.name else None


def _has_amount(row: Contribution) -> bool:
    """Whether there is something to measure: a person in the car or a fault code has no length."""
    return row.unit != "code" and "{value}" in phrase(row.name).said.zh
