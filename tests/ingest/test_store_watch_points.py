"""Watch points: which device watches which asset, for dashboards."""

from ingest.history import watch_points
from ingest.registry import Asset, AssetClass, Device, Registry, Text


def test_every_pair_of_device_and_asset_is_a_point() -> None:
    """A device that watches two assets makes two points, each with the asset's site and class."""
    texts = Text("门", "gate")
    assets = {a: Asset(a, "garden", AssetClass.PARKING_ZONE, texts) for a in ("zone-1", "zone-2")}
    camera = Device("gate", "garden", ("zone-1", "zone-2"), reports_every_us=2_500_000)
    points = watch_points(Registry({}, assets, {"gate": camera}), at_us=7)

    assert [p.tags["asset"] for p in points] == ["zone-1", "zone-2"]
    assert {(p.series, p.at_us, p.tags["site"], p.tags["asset_class"], p.tags["device"]) for p in points} == {
        ("watch", 7, "garden", "parking_zone", "gate")
    }
    assert [p.fields for p in points] == [{"reports_every_s": 2.5}] * 2
