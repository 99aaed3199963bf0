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
WATER_NEAR_POWER: Final = Text(
    "水靠近配电箱或电机时，先断电、确认无电，再靠近。",
    "Where water is near a switchboard or motor: power off and checked first, then go near.",
)
TAGS: Final = Text("停用标牌与挂锁", "Out-of-service tag and padlock")
