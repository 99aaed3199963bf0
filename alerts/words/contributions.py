"""Contributions: what a detector goes by as clauses and amounts, in the phrase that each has in its family's words."""

from collections.abc import Mapping
from typing import Final

from alerts.words import cameras, elevators, general, pipes, pumps, sensors, surroundings
from alerts.words.phrases import Phrase, level
from alerts.words.quantities import QUANTITY_NAMES, quantity
from ingest.registry import Text
from models.findings import Contribution

PHRASES: Final[Mapping[str, Phrase]] = {
    name: said
    for family in (pipes, elevators, cameras, pumps, surroundings, sensors, general)
    for name, said in family.PHRASES.items()
}
"""By the name a detector gives; a test over all detectors' files finds the name that is missing."""


def phrase(name: str) -> Phrase:
    """The phrase of a contribution, feature or metric; one without its own is called by its name."""
    for known_as in (name, name.removeprefix("log_")):
        if known_as in PHRASES:
            return PHRASES[known_as]
    known = QUANTITY_NAMES.get(name, Text(name, name))
    return level(known.zh, known.en)


def clause(contribution: Contribution) -> Text:
    """A contribution as a clause without capital and full stop."""
    wording = phrase(contribution.name)
    value = quantity(contribution.value, contribution.unit, contribution.usual if wording.shows_usual else None)
    zh, en = wording.said.zh.format(value=value.zh), wording.said.en.format(value=value.en)
    if not wording.shows_usual or contribution.usual is None:
        return Text(zh, en)
    usual = quantity(contribution.usual, contribution.unit, contribution.value)
    return Text(f"{zh}（平时 {usual.zh}）", f"{en} (usually {usual.en})")


def amount(name: str, value: float, unit: str, unlike: float | None = None) -> Text:
    """A value of a contribution by itself, as precise as tells it from `unlike`: "平时的 1.8 倍", "60 秒"."""
    wording, said = phrase(name), quantity(value, unit, unlike)
    return Text(wording.amount.zh.format(value=said.zh), wording.amount.en.format(value=said.en))
