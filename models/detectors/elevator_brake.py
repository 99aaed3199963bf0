"""Elevator brake: a brake or machine that lets go, holds, pulls or warms differently than it did."""

from collections.abc import Sequence

from ingest.readings import Batch
from ingest.registry import Asset, AssetClass
from models.detector import DetectorSpec, Memory
from models.elevators.brake_rule import FAILURE_MODE, BrakeRule
from models.elevators.watch import HOUR_US, SECOND_US, announced, observed
from models.findings import Finding
from models.thresholds import ThresholdBook
from models.windows import Window

_RULE = BrakeRule()


class ElevatorBrake:
    """`models.elevators.brake_rule` on the status and the trips of every elevator.

    Works badly on a machine whose load nobody measures: its current is then not judged.

    Source:
        DOMAIN 2.1 (codes), 2.2 (overspeed), 2.4 (brake and machine).
    """

    spec = DetectorSpec(
        name="elevator_brake",
        version=5,
        failure_modes=(FAILURE_MODE,),
        asset_classes=frozenset({AssetClass.ELEVATOR}),
        width_us=60 * SECOND_US,
        tunables=_RULE.tunables,
        delay_us=7 * 24 * HOUR_US,
        needs=(
            frozenset(
                {
                    "brake_release_time_ms",
                    "brake_close_time_ms",
                    "stopping_distance_mm",
                    "motor_current_a",
                    "car_speed_m_s",
                    "fault_code",
                }
            ),
        ),
        learns_us=7 * 24 * HOUR_US,
    )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `Detector.observe`."""
        return observed(_RULE, windows, memory, thresholds)

    def judge_on_arrival(self, batch: Batch, asset: Asset, thresholds: ThresholdBook) -> list[Finding]:
        """A fault code that is this failure mode, in a message with the mode; see `ArrivalJudge`."""
        return announced(_RULE, batch, asset, thresholds)
