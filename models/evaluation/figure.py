"""Figure: one measured number, what it was measured on, and what was asked of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of the report that `precomplaint evaluate` prints and models/README.md keeps.

    Attributes:
        data: What it was measured on, and how: "SKAB outliers, one group left out".
        name: What was measured: "F1", "false alarms", "median lead".
        value: In `unit`; NaN when there was nothing to measure.
        unit: As people write it; "1" for a ratio.
        asked: The bound to reach, in words with the number: "0.82 or more"; empty where none was set.
        met: Whether it was reached, or None where nothing was asked.
        note: What was tuned on what, seeds, and anything one must know before quoting the number.
        of: Of which of several things that are measured alike, a failure mode or a method; those make a table of their
            own, a row each, with `name` at the head of a column.
    """

    data: str
    name: str
    value: float
    unit: str
    asked: str = ""
    met: bool | None = None
    note: str = ""
    of: str = ""
