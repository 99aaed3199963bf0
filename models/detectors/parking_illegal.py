"""Illegal parking: a vehicle that stands in a no-parking zone, or in a loading zone for longer than loading takes."""

from collections.abc import Sequence

from ingest.registry import AssetClass
from models.cameras.dwell import dwell
from models.cameras.dwell_rule import SECOND_US, DwellRule
from models.detector import DetectorSpec, Memory
from models.findings import Finding
from models.thresholds import ThresholdBook, Tunable
from models.windows import Window

RULE = DwellRule(
    "parking.illegal",
    {
        "no_parking": Tunable(
            "parking.illegal.no_parking_s", "s", 60, 1800, 300, "DOMAIN 4.1: 3 to 5 min by city, 5 min ships"
        ),
        "loading": Tunable("parking.illegal.loading_s", "s", 300, 3600, 900, "DOMAIN 4.1: 15 min in a loading zone"),
    },
)


class ParkingIllegal:
    """`models.cameras.dwell` on zones of the kinds `no_parking` and `loading`."""

    spec = DetectorSpec(
        name="parking_illegal",
        version=1,
        failure_modes=(RULE.failure_mode,),
        asset_classes=frozenset({AssetClass.PARKING_ZONE}),
        width_us=5 * SECOND_US,
        tunables=RULE.tunables,
        delay_us=915 * SECOND_US,
        needs=(frozenset({"camera.object"}),),
        where=("zone_kind", frozenset(RULE.limits)),
    )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `models.cameras.dwell.dwell`."""
        return dwell(RULE, windows, memory, thresholds)
