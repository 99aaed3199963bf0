"""Fire lane: a vehicle that stands where the fire engine has to pass."""

from collections.abc import Sequence

from ingest.registry import AssetClass
from models.cameras.dwell import dwell
from models.cameras.dwell_rule import SECOND_US, DwellRule
from models.detector import DetectorSpec, Memory
from models.findings import Finding
from models.thresholds import ThresholdBook, Tunable
from models.windows import Window

RULE = DwellRule(
    "parking.fire_lane",
    {
        "fire_lane": Tunable(
            "parking.fire_lane.dwell_s", "s", 10, 600, 60, "DOMAIN 4.1: 60 s; the duty is in the Fire Law, art. 28"
        )
    },
)


class ParkingFireLane:
    """`models.cameras.dwell` on zones of the kind `fire_lane`."""

    spec = DetectorSpec(
        name="parking_fire_lane",
        version=1,
        failure_modes=(RULE.failure_mode,),
        asset_classes=frozenset({AssetClass.PARKING_ZONE}),
        width_us=5 * SECOND_US,
        tunables=RULE.tunables,
        delay_us=75 * SECOND_US,
        needs=(frozenset({"camera.object"}),),
        where=("zone_kind", frozenset(RULE.limits)),
    )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `models.cameras.dwell.dwell`."""
        return dwell(RULE, windows, memory, thresholds)
