"""Elevator rope wear: suspension ropes that have lost too much of their diameter, break, or hang unevenly."""

from collections.abc import Sequence

from ingest.registry import AssetClass
from models.detector import DetectorSpec, Memory
from models.elevators.rope_rule import FAILURE_MODE, RopeRule
from models.elevators.watch import HOUR_US, observed
from models.findings import Finding
from models.thresholds import ThresholdBook
from models.windows import Window

_RULE = RopeRule()


class ElevatorRopeWear:
    """`models.elevators.rope_rule` on what is measured of every elevator's ropes, and on its trips.

    Works badly where the diameter is measured less than once a quarter, or at another place of the rope each time.
    The chance of reaching 6 % is not calibrated, so a finding carries times and a forecast and no `probability`.

    Source:
        DOMAIN 2.2 (TSG T7001, EN 12385-5, ISO 4344), 2.4 (trips as the clock, first passage).
    """

    spec = DetectorSpec(
        name="elevator_rope_wear",
        version=5,
        failure_modes=(FAILURE_MODE,),
        asset_classes=frozenset({AssetClass.ELEVATOR}),
        width_us=HOUR_US,
        tunables=_RULE.tunables,
        delay_us=7 * 24 * HOUR_US,
        needs=(frozenset({"rope_diameter_mm", "rope_tension_spread_percent", "rope_slip_percent"}),),
        learns_us=7 * 24 * HOUR_US,
    )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `Detector.observe`."""
        return observed(_RULE, windows, memory, thresholds)
