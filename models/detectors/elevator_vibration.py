"""Elevator vibration: a car that rides worse than it did, or than the standard allows."""

from collections.abc import Sequence

from ingest.readings import Batch
from ingest.registry import Asset, AssetClass
from models.detector import DetectorSpec, Memory
from models.elevators.vibration_rule import FAILURE_MODE, VibrationRule
from models.elevators.watch import HOUR_US, announced, observed
from models.findings import Finding
from models.thresholds import ThresholdBook
from models.windows import Window

_RULE = VibrationRule()


class ElevatorVibration:
    """`models.elevators.vibration_rule` on the status and the trips of every elevator.

    Works badly where the monitor measures the whole ride and not its constant-speed phase.

    Source:
        DOMAIN 2.2 (GB/T 10058), 2.4 (vibration per trip).
    """

    spec = DetectorSpec(
        name="elevator_vibration",
        version=5,
        failure_modes=(FAILURE_MODE,),
        asset_classes=frozenset({AssetClass.ELEVATOR}),
        width_us=HOUR_US,
        tunables=_RULE.tunables,
        delay_us=7 * 24 * HOUR_US,
        needs=(
            frozenset(
                {
                    "ride_vertical_a95_m_s2",
                    "ride_vertical_pk_pk_m_s2",
                    "ride_horizontal_a95_m_s2",
                    "ride_horizontal_pk_pk_m_s2",
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
