"""Labels: the truth about a simulated fault, written beside the data and never published."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path


class Truth(StrEnum):
    """What a label says about the time it covers."""

    FAULT = "fault"
    """Something fails; a work order is due between `raise_from_us` and `raise_until_us`."""
    LOOKALIKE = "lookalike"
    """It resembles `failure_mode` and is none; a work order for it would be false."""


@dataclass(frozen=True, slots=True)
class Label:
    """One fault, or one thing that looks like one.

    Attributes:
        asset: The asset's id.
        failure_mode: The dotted mode, such as `pipe.burst`.
        truth: Fault or look-alike.
        onset_us: When it began, microseconds since the epoch.
        failure_us: When it failed (burst, trapped, time limit passed, ISO zone D); None if it never does.
        raise_from_us: A work order from here on is true; for a look-alike the start of what resembles.
        raise_until_us: A work order after this is late; for a look-alike its end.
        severity: 0 (barely there) to 1 (gross).
        note: What happens, for a person.
        sound_us: When what failed is sound again; None: once no work order is due any more.
    """

    asset: str
    failure_mode: str
    truth: Truth
    onset_us: int
    failure_us: int | None
    raise_from_us: int
    raise_until_us: int
    severity: float
    note: str
    sound_us: int | None = None


def write_labels(path: Path, labels: Iterable[Label]) -> None:
    """Write one JSON object a line, in the order given."""
    lines = (json.dumps(asdict(label), ensure_ascii=False) + "\n" for label in labels)
    path.write_text("".join(lines), encoding="utf-8")


def read_labels(path: Path) -> list[Label]:
    """What `write_labels` wrote."""
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [Label(**{**row, "truth": Truth(row["truth"])}) for row in rows]
