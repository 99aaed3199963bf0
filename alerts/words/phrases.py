"""Phrases: the shape in which a thing that a detector goes by is said."""

from dataclasses import dataclass
from typing import Final

from alerts.words.quantities import in_sentence
from ingest.registry import Text

_PLAIN: Final = Text("{value}", "{value}")
_TIMES_USUAL: Final = Text("平时的 {value} 倍", "{value} times the usual")


@dataclass(frozen=True, slots=True)
class Phrase:
    """How a contribution is said.

    Attributes:
        name: What it is called on an axis, beside a bar, and before an amount.
        said: A clause in the middle of a sentence, with `{value}` for what was seen.
        amount: How a value of it is said by itself; a ratio is so many times the usual.
        of_asset: Whether it is a property of the asset, so that "this riser's" may stand before it.
        shows_usual: Whether "(usually ...)" follows when the usual value is known; a ratio already says it.
    """

    name: Text
    said: Text
    amount: Text = _PLAIN
    of_asset: bool = True
    shows_usual: bool = False

    @property
    def scale(self) -> Text | None:
        """What its values are multiples of, for an axis ("times the usual"); None for a quantity with a unit."""
        if self.amount == _PLAIN:
            return None
        return Text(self.amount.zh.replace(" {value} 倍", "倍数"), self.amount.en.removeprefix("{value} "))


def level(zh: str, en: str) -> Phrase:
    """A level that is said with what is usual: "振动速度 4.6 mm/s（平时 1.2 mm/s）"."""
    return Phrase(Text(zh, en), Text(f"{zh} {{value}}", f"{in_sentence(en)} {{value}}"), shows_usual=True)


def ratio(zh: str, en: str) -> Phrase:
    """So many times the usual: "夜间振动为平时 3.4 倍"."""
    return Phrase(
        Text(zh, en),
        Text(f"{zh}为平时 {{value}} 倍", f"{in_sentence(en)} is {{value}} times the usual"),
        _TIMES_USUAL,
    )


def scatter(zh: str, en: str) -> Phrase:
    """So many times the usual scatter: "轴承冲击高出，达平时波动的 5 倍"."""
    return Phrase(
        Text(zh, en),
        Text(f"{zh}，达平时波动的 {{value}} 倍", f"{in_sentence(en)}: {{value}} times the usual scatter"),
        Text("平时波动的 {value} 倍", "{value} times the usual scatter"),
    )


def fact(name: Text, said: Text) -> Phrase:
    """What is the case, whosever it is: "门已关闭 90 秒"."""
    return Phrase(name, said, of_asset=False)
