"""Elevator door: doors that wear, that stick, or that stand open where they must not."""

from collections.abc import Sequence

from ingest.readings import Batch
from ingest.registry import Asset, AssetClass
from models.detector import DetectorSpec, Memory
from models.elevators.door_rule import FAILURE_MODE, DoorRule
from models.elevators.watch import HOUR_US, SECOND_US, announced, observed
from models.findings import Finding
from models.thresholds import ThresholdBook
from models.windows import Window

_RULE = DoorRule()


class ElevatorDoor:
    """`models.elevators.door_rule` on the status and the trips of every elevator.

    Works badly where nobody tells whether somebody is in the car: a held door then counts after half an hour only.

    Source:
        DOMAIN 2.1 (codes), 2.3 (timers), 2.4 (doors).
    """

    spec = DetectorSpec(
        name="elevator_door",
        version=5,
        failure_modes=(FAILURE_MODE,),
        asset_classes=frozenset({AssetClass.ELEVATOR}),
        width_us=60 * SECOND_US,
        tunables=_RULE.tunables,
        delay_us=7 * 24 * HOUR_US,
        needs=(frozenset({"door_closed", "door_close_time_s", "door_reopens_count", "fault_code"}),),
        learns_us=10 * 24 * HOUR_US,
    )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `Detector.observe`."""
        return observed(_RULE, windows, memory, thresholds)

    def judge_on_arrival(self, batch: Batch, asset: Asset, thresholds: ThresholdBook) -> list[Finding]:
        """A fault code that is this failure mode, in a message with the mode; see `ArrivalJudge`."""
        return announced(_RULE, batch, asset, thresholds)
