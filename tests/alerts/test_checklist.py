"""Checklist: an order about the weather says which places to see to, by their names."""

from dataclasses import replace

from alerts.checklist import checklist
from ingest.registry import AssetClass, Registry, Text
from tests.models.worlds import asset, device, registry


def site(risers: int = 2, **limits: str) -> Registry:
    """A building whose devices also speak for its risers and a sump pump; another building has a riser of its own."""
    names = [f"r{n}" for n in range(risers)]
    assets = [asset("b", AssetClass.BUILDING, limits), asset("other", AssetClass.RISER), asset("p", AssetClass.PUMP)]
    assets += [replace(asset(n, AssetClass.RISER), place=Text(f"{n} 号立管", f"riser {n}")) for n in names]
    return registry(assets, [device("t", "b", *names), device("sump", "b", "p"), device("far", "other")])


def test_frost_lists_the_risers_that_share_a_device_and_what_no_sensor_watches() -> None:
    """Places as people call them, and the registry's own words."""
    said = checklist("pipe.freeze", "b", site(frost_checks="屋顶水箱"))

    assert said == Text("逐处检查：r0 号立管、r1 号立管、屋顶水箱。", "See to: riser r0; riser r1; 屋顶水箱.")


def test_storm_lists_pumps_and_gates_and_no_risers() -> None:
    """Another list for another danger."""
    said = checklist("building.storm", "b", site(storm_checks="地库入口"))

    assert said == Text("逐处检查：p、地库入口。", "See to: p; 地库入口.")


def test_a_long_list_is_counted() -> None:
    """Twelve are named and the rest is a number."""
    said = checklist("pipe.thaw", "b", site(risers=30))

    assert said is not None
    assert said.zh.endswith("、另 18 处。")


def test_no_list_where_there_is_nothing_to_list() -> None:
    """Another failure mode, an asset that has left, and a building alone have no such step."""
    assert checklist("pipe.burst", "b", site()) is None
    assert checklist("pipe.freeze", "gone", site()) is None
    assert checklist("pipe.freeze", "b", registry([asset("b", AssetClass.BUILDING)], [])) is None
