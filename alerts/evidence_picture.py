"""Evidence picture: what the model saw when it spoke, drawn for a phone or a desk."""

import io
import re
import threading
import warnings
from collections.abc import Mapping
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from alerts.picture.facts import draw_facts, facts_height_px
from alerts.picture.style import PALETTES, SIZE_PX, Language, Style, Theme
from alerts.picture.trend import TrendPicture

ImageFormat = Literal["png", "svg"]

_FAMILY_CSS: Final = (
    "-apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', system-ui, sans-serif"
)
_CJK_FAMILIES: Final = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "SimHei")

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

    A trend shows the signal, its normal band, the threshold, the crossing, the forecast and the neighbours. A rule
    that went by events shows each fact, with a bar against the limit where there is something to measure, below its
    signal if it has one.

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
    style = Style(language, PALETTES[theme], width_px, timezone)
    with _ONE_AT_A_TIME, warnings.catch_warnings(), mpl.rc_context(rc=_settings(family)):
        # Without a Chinese font SVG text is still right in the browser; only its measured width is not.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure = _picture(evidence, style)
        return _svg(figure) if image_format == "svg" else _png(figure)


def _picture(evidence: Mapping[str, Any], style: Style) -> Figure:
    signal, by_events = evidence.get("signal"), evidence.get("threshold") is None
    has_signal = bool(signal and signal["at_us"])
    trend_px = 150 + 0.22 * style.width_px if has_signal else 0.0
    if has_signal and by_events:
        trend_px = 130.0
    facts_px = facts_height_px(evidence) if by_events else 0.0
    figure = style.figure(trend_px + facts_px)
    if by_events:
        draw_facts(figure, evidence, style)
    if has_signal:
        TrendPicture(evidence, style).draw(figure, trend_px, trend_px + facts_px)
    return figure


def _settings(family: str | None) -> Any:
    families = ["DejaVu Sans"] if family is None else [family, "DejaVu Sans"]
    return {"svg.fonttype": "none", "svg.hashsalt": "evidence", "font.family": families, "font.size": SIZE_PX}


def _svg(figure: Figure) -> bytes:
    out = io.StringIO()
    FigureCanvasSVG(figure).print_svg(out, metadata={"Date": None, "Creator": None})  # type: ignore[no-untyped-call]
    head, start, rest = out.getvalue().partition("viewBox")
    sized = re.sub(r'(width|height)="([\d.]+)pt"', r'\1="\2"', head) + start + rest
    return re.sub(r"font-family: [^;\"]+", f"font-family: {_FAMILY_CSS}", sized).encode()


def _png(figure: Figure) -> bytes:
    out = io.BytesIO()
    figure.set_dpi(144)
    FigureCanvasAgg(figure).print_png(out, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return out.getvalue()
