"""Report: measured figures as tables for a terminal and as Markdown for models/README.md."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.evaluation.figure import Figure

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
"""What stands around the tables in a page that keeps them."""
_PART = "<!-- figures of {} -->\n"
_PARTS = re.compile(r"^<!-- figures of (\w+) -->\n", re.MULTILINE)

COLUMNS = ("data", "what", "reached", "asked", "", "note")


@dataclass(frozen=True, slots=True)
class Measured:
    """When, at which commit and how the figures were measured.

    Attributes:
        date: ISO 8601.
        commit: Of the code, or empty where nobody knows.
        how: The command.
    """

    date: str
    commit: str
    how: str

    def __str__(self) -> str:
        commit = f" at `{self.commit}`" if self.commit else ""
        return f"Measured {self.date}{commit} by `{self.how}`."


def rows_of(figures: Iterable[Figure]) -> Iterator[tuple[str, ...]]:
    """The cells of each figure, in the order of `COLUMNS`."""
    for one in figures:
        what = f"{one.of}: {one.name}" if one.of else one.name
        yield one.data, what, written(one), one.asked, verdict(one), one.note


def written(figure: Figure) -> str:
    """The value with its unit, as people write it.

    Example:
        >>> written(Figure("", "", 0.8251, "1")), written(Figure("", "", 14.0, "d"))
        ('0.825', '14 d')
    """
    if math.isnan(figure.value):
        return "nothing to measure"
    return _number(figure.value) if figure.unit == "1" else f"{_number(figure.value)} {figure.unit}"


def verdict(figure: Figure) -> str:
    """Whether it reached what was asked; empty where nothing was."""
    return "" if figure.met is None else "reached" if figure.met else "missed"


def markdown(figures: Sequence[Figure], missing: Sequence[str], measured: Measured) -> str:
    """A part as models/README.md keeps it: a table for each data set, what was missed first, in bold.

    Args:
        figures: Of the part.
        missing: A line for each thing that was not run.
        measured: When and how.
    """
    asked = [one.met for one in figures if one.met is not None]
    reached = (
        f" Of {len(asked)} figures that were asked, {sum(asked)} are reached; **misses** come first." if asked else ""
    )
    lines = [f"{measured}{reached}"]
    for data in dict.fromkeys(one.data for one in figures):
        own = [one for one in figures if one.data == data]
        lines += ["", f"#### {data}", ""]
        lists, rows = [one for one in own if not one.of], [one for one in own if one.of]
        lines += [*_listed(lists), *([""] if lists and rows else []), *_matrix(rows)]
    if missing:
        lines += ["", *(f"- not run: {line}" for line in missing)]
    return "\n".join(lines) + "\n"


def put_into(page: Path, parts: Mapping[str, str], order: Sequence[str]) -> None:
    """Put parts in place of theirs between the marks of a page, or write a page of its own where there are none.

    Args:
        page: The page; parts of it that were not measured stay as they are.
        parts: By name, as `markdown` made them.
        order: The names of all parts, in which they stand.
    """
    before = page.read_text(encoding="utf-8") if page.exists() else ""
    if BEGIN not in before or END not in before:
        page.write_text(_joined(parts, order), encoding="utf-8")
        return
    head, rest = before.split(BEGIN, 1)
    kept, tail = rest.split(END, 1)
    names, texts = _PARTS.findall(kept), _PARTS.split(kept)[2::2]
    whole = {name: text.strip("\n") + "\n" for name, text in zip(names, texts, strict=True)} | dict(parts)
    page.write_text(f"{head}{BEGIN}\n{_joined(whole, order)}{END}{tail}", encoding="utf-8")


def _joined(parts: Mapping[str, str], order: Sequence[str]) -> str:
    return "\n".join(_PART.format(name) + parts[name] for name in order if name in parts)


def _listed(figures: Sequence[Figure]) -> list[str]:
    """A row a figure, asked ones first, of them the missed; no empty column; a note that some share stands below."""
    if not figures:
        return []
    ranked = sorted(figures, key=lambda one: (one.met is None, bool(one.met)))
    shared = [note for note, count in Counter(one.note for one in figures if one.note).items() if count > 1]
    own = {one: "" if one.note in shared else one.note for one in figures}
    rows = [("", "reached", "asked", "note"), *((one.name, _marked(one), one.asked, own[one]) for one in ranked)]
    used = [number for number in range(4) if number < 2 or any(row[number] for row in rows[1:])]  # noqa: PLR2004 -- name, value
    return [*_table([[row[number] for number in used] for row in rows]), *_below(shared)]


def _matrix(figures: Sequence[Figure]) -> list[str]:
    """A row a thing, a column a measure with its unit and what was asked; rows with a miss first."""
    if not figures:
        return []
    counts = Counter(one.of for one in figures)
    # The one of which most is known says in which order.
    columns = list(dict.fromkeys(one.name for one in sorted(figures, key=lambda one: -counts[one.of])))
    cells = {(one.of, one.name): one for one in figures}
    asked = {name: next((one.asked for one in figures if one.name == name and one.asked), "") for name in columns}
    units = {one.name: one.unit for one in figures}
    things = list(dict.fromkeys(one.of for one in figures))
    missed = {one.of for one in figures if one.met is False}
    heads = [", ".join(part for part in (name, _unit(units[name]), asked[name]) if part) for name in columns]
    rows = [["", *heads]]
    rows += [
        [thing, *(_marked(cells[thing, c], unit=False) if (thing, c) in cells else "" for c in columns)]
        for thing in sorted(things, key=lambda one: one not in missed)
    ]
    return [*_table(rows), *_below(dict.fromkeys(one.note for one in figures if one.note))]


def _below(notes: Iterable[str]) -> Iterator[str]:
    return (f"\n{note[0].upper()}{note[1:]}." for note in notes)


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    shown = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return [shown[0], "| " + " | ".join(["---"] * len(rows[0])) + " |", *shown[1:]]


def _marked(figure: Figure, *, unit: bool = True) -> str:
    said = written(figure) if unit or math.isnan(figure.value) else _number(figure.value)
    return f"**{said}**" if figure.met is False else said


def _unit(unit: str) -> str:
    return "" if unit == "1" else unit


def _number(value: float) -> str:
    """Three digits; what is whole as it is.

    Example:
        >>> _number(0.0004), _number(-0.0006), _number(1234.0), _number(2.345)
        ('0', '0', '1,234', '2.35')
    """
    return "0" if abs(value) < 0.001 else f"{value:,.0f}" if value == round(value) else f"{value:,.3g}"  # noqa: PLR2004
