"""Community: a small registry and clock for the tests of ingest."""

from zoneinfo import ZoneInfo

from ingest.registry import Asset, AssetClass, Device, Registry, Site, Text

SITE = "west-lake"
NOW_US = 1_764_000_000_000_000
SECOND_US = 1_000_000
DEVICES = ("riser-1-p", "riser-1-f", "pump-1", "slow")


class FixedClock:
    """A clock that shows what it was last told."""

    speed = 1.0

    def __init__(self, now_us: int = NOW_US) -> None:
        self.at_us = now_us

    def now_us(self) -> int:
        """See `Clock.now_us`."""
        return self.at_us


def community(reports_every_us: int = 0) -> Registry:
    """A site with a riser, a pump and a gate; `slow` is the riser's device that gathers its samples."""
    name = Text("西湖花园", "West Lake")
    assets = {
        "riser-1": Asset("riser-1", SITE, AssetClass.RISER, name),
        "pump-1": Asset("pump-1", SITE, AssetClass.PUMP, name),
        "gate": Asset("gate", SITE, AssetClass.PARKING_ZONE, name),
        "riser-2": Asset("riser-2", SITE, AssetClass.RISER, name),
    }
    devices = (
        Device("riser-1-p", SITE, ("riser-1",)),
        Device("riser-1-f", SITE, ("riser-1",)),
        Device("pump-1", SITE, ("pump-1",)),
        Device("gate_east", SITE, ("gate",)),
        Device("slow", SITE, ("riser-2",), reports_every_us),
    )
    return Registry({SITE: Site(SITE, name, ZoneInfo("Asia/Shanghai"))}, assets, {d.id: d for d in devices})
