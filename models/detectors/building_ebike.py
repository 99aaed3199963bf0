"""E-bike indoors: a bicycle or motorcycle that a camera sees in a lobby, a stairwell or an elevator's car."""

from collections.abc import Sequence

from ingest.registry import AssetClass
from models.cameras.dwell import dwell
from models.cameras.dwell_rule import SECOND_US, DwellRule
from models.cameras.two_wheelers import LABELS
from models.detector import DetectorSpec, Memory
from models.findings import Finding
from models.thresholds import ThresholdBook, Tunable
from models.windows import Window

RULE = DwellRule(
    "building.ebike",
    {
        "no_ebike": Tunable(
            "building.ebike.seen_s", "s", 0, 120, 5, "DOMAIN 4.1: immediate; 5 s so that one mistaken frame is none"
        )
    },
    labels=LABELS,
    passing_too=True,
    least_score=Tunable(
        "building.ebike.top_score", "1", 0.0, 1.0, 0.7, "Frigate configuration, objects.filters.threshold: 0.7"
    ),
    measure="indoors_s",
    doubt=Tunable(
        "building.ebike.doubt_s",
        "s",
        0,
        600,
        10,
        "chosen by: 16 views at 5 frames a second, all that Frigate classifies, and a message, twice over",
    ),
)


class BuildingEbike:
    """`models.cameras.dwell` on zones of the kind `no_ebike`, one finding a stay.

    A two-wheeler that the camera's own model names an e-bike is severity 1; one that it names a bicycle is none of
    ours; one that nobody names is severity 0: no detector of COCO's classes tells an e-bike from a bicycle, so a
    person looks at the still. A zone that takes in the street outside sees every bicycle that passes; it is to be drawn
    indoors.
    """

    spec = DetectorSpec(
        name="building_ebike",
        version=2,
        failure_modes=(RULE.failure_mode,),
        asset_classes=frozenset({AssetClass.PARKING_ZONE}),
        width_us=5 * SECOND_US,
        tunables=RULE.tunables,
        delay_us=20 * SECOND_US,
        needs=(frozenset({"camera.object"}),),
        where=("zone_kind", frozenset(RULE.limits)),
    )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `models.cameras.dwell.dwell`."""
        return dwell(RULE, windows, memory, thresholds)
