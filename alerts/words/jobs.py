"""Jobs: the shape of what a crew is told to do."""

from dataclasses import dataclass
from typing import Final

from ingest.registry import Text


@dataclass(frozen=True, slots=True)
class Job:
    """How a failure mode is handled: warnings come before the first step."""

    steps: tuple[Text, ...]
    bring: tuple[Text, ...]
    warnings: tuple[Text, ...] = ()


TORCH: Final = Text("手电", "Torch")
