"""Report: measured figures as a table for a terminal and as Markdown for models/README.md."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.evaluation.figure import Figure

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
"""What stands around the table in a page that keeps it."""

COLUMNS = ("data", "what", "value", "asked", "", "note")


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


def rows_of(figures: Iterable[Figure]) -> Iterator[tuple[str, ...]]:
    """The cells of each figure, in the order of `COLUMNS`."""
    for one in figures:
        yield one.data, one.name, written(one), one.asked, verdict(one), one.note


def written(figure: Figure) -> str:
    """The value with its unit, as people write it.

    Example:
        >>> written(Figure("", "", 0.8251, "1")), written(Figure("", "", 14.0, "d"))
        ('0.825', '14 d')
    """
    if math.isnan(figure.value):
        return "nothing to measure"
    number = f"{figure.value:,.0f}" if figure.value == round(figure.value) else f"{figure.value:,.3g}"
    return number if figure.unit == "1" else f"{number} {figure.unit}"


def verdict(figure: Figure) -> str:
    """Whether it reached what was asked; empty where nothing was."""
    return "" if figure.met is None else "reached" if figure.met else "missed"


def markdown(figures: Sequence[Figure], missing: Sequence[str], measured: Measured) -> str:
    """The table as models/README.md keeps it, with its date, its commit and what was not run."""
    commit = f" at `{measured.commit}`" if measured.commit else ""
    lines = [f"Measured {measured.date}{commit} by `{measured.how}`.", ""]
    lines += ["| data | what | value | asked | | note |", "| --- | --- | --- | --- | --- | --- |"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows_of(figures)]
    if missing:
        lines += ["", *(f"- not run: {line}" for line in missing)]
    return "\n".join(lines) + "\n"


def put_into(page: Path, table: str) -> None:
    """Put the table between the marks of a page, or write a page of its own where there are none."""
    before = page.read_text(encoding="utf-8") if page.exists() else ""
    if BEGIN not in before or END not in before:
        page.write_text(table, encoding="utf-8")
        return
    head, tail = before.split(BEGIN)[0], before.split(END)[1]
    page.write_text(f"{head}{BEGIN}\n{table}{END}{tail}", encoding="utf-8")
