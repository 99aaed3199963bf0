"""Style: colours, letters and words of an evidence picture; the page has the same colours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal
from zoneinfo import ZoneInfo

from matplotlib.figure import Figure

from ingest.registry import Text

Language = Literal["zh", "en"]
Theme = Literal["light", "dark"]

SIZE_PX: Final = 12.5
"""Of the labels. Chosen by: the smallest that is read at arm's length; the page's own text is 16 px and more."""


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


PALETTES: Final[Mapping[Theme, Palette]] = {
    "light": Palette("#ffffff", "#16181d", "#565c67", "#dfe2e7", "#0b57d0", "#c5221f", "#e2f1e8", "#858b96"),
    "dark": Palette("#1a1d23", "#eceef2", "#a9afba", "#343a44", "#8ab4f8", "#ff8a80", "#1f3a2d", "#7d8490"),
}

_WORDS: Final[Mapping[str, Text]] = {
    "threshold": Text("报警值 {value}", "Threshold {value}"),
    "normal": Text("平时范围", "Usual range"),
    "crossed": Text("{at} 越过报警值", "Crossed {at}"),
    "forecast": Text("预测", "Forecast"),
    "neighbours": Text("相邻设施", "Neighbours"),
    "scale": Text("{name}（{scale}）", "{name} ({scale})"),
    "limit": Text("限 {value}", "Limit {value}"),
    "yes": Text("是", "Yes"),
    "no": Text("否", "No"),
    "nothing": Text("没有可画的信号。", "No signal to draw."),
}


@dataclass(frozen=True, slots=True)
class Style:
    """How one picture looks.

    Attributes:
        language: Of the labels.
        colours: Of the theme.
        width_px: Width in CSS pixels.
        timezone: Of the site, for the time axis.
    """

    language: Language
    colours: Palette
    width_px: int
    timezone: ZoneInfo

    def said(self, key: str, **values: str) -> str:
        """One of the picture's own words."""
        return self.read(_WORDS[key]).format(**values)

    def read(self, text: Text) -> str:
        """A text in the picture's language."""
        return text.zh if self.language == "zh" else text.en

    def figure(self, height_px: float) -> Figure:
        """An empty figure in which one unit is one CSS pixel."""
        return Figure(figsize=(self.width_px / 72, height_px / 72), dpi=72, facecolor=self.colours.surface)
