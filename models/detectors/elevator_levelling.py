"""Elevator levelling: a car that stops too high or too low, or between floors."""

from collections.abc import Sequence

from ingest.readings import Batch
from ingest.registry import Asset, AssetClass
from models.detector import DetectorSpec, Memory
from models.elevators.levelling_rule import FAILURE_MODE, LevellingRule
from models.elevators.watch import HOUR_US, SECOND_US, announced, observed
from models.findings import Finding
from models.thresholds import ThresholdBook
from models.windows import Window

_RULE = LevellingRule()


class ElevatorLevelling:
    """`models.elevators.levelling_rule` on the status and the trips of every elevator.

    Works badly where no load is measured: a full car then counts like any other.

    Source:
        DOMAIN 2.1 (codes), 2.2 (accuracy), 2.3 (stop outside the zone), 2.4 (levelling).
    """

    spec = DetectorSpec(
        name="elevator_levelling",
        version=4,
        failure_modes=(FAILURE_MODE,),
        asset_classes=frozenset({AssetClass.ELEVATOR}),
        width_us=60 * SECOND_US,
        tunables=_RULE.tunables,
        delay_us=7 * 24 * HOUR_US,
        needs=(frozenset({"levelling_error_mm", "door_zone", "fault_code"}),),
        learns_us=2 * 24 * HOUR_US,
    )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `Detector.observe`."""
        return observed(_RULE, windows, memory, thresholds)

    def judge_on_arrival(self, batch: Batch, asset: Asset, thresholds: ThresholdBook) -> list[Finding]:
        """A fault code that is this failure mode, in a message with the mode; see `ArrivalJudge`."""
        return announced(_RULE, batch, asset, thresholds)
