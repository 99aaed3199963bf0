"""The registry file: what it says becomes the registry, and each mistake is named with its place."""

from pathlib import Path

import pytest

from ingest.errors import IngestError, RegistryFileError, RegistryRefusedError
from ingest.registry import AssetClass
from ingest.registry_file import load_registry

GOOD = """
[[site]]
id = "west-lake"
name_zh = "西湖花园"
name_en = "West Lake Garden"

[[asset]]
id = "riser-1"
site = "west-lake"
class = "riser"
place_zh = "1号楼"
place_en = "Building 1"
neighbours = ["riser-2"]
limits = { rated_pressure_kpa = 1000, duty = "daily" }

[[asset]]
id = "riser-2"
site = "west-lake"
class = "riser"
place_zh = "2号楼"
place_en = "Building 2"

[[device]]
id = "riser-1-pressure"
site = "west-lake"
assets = ["riser-1"]
reports_every_s = 1.5
"""
ELSEWHERE = '[[site]]\nid = "east"\nname_zh = "东"\nname_en = "East"\n'


def test_a_good_file_becomes_the_registry(tmp_path: Path) -> None:
    """Every key of the file arrives where the contract says."""
    path = tmp_path / "registry.toml"
    path.write_text(GOOD, encoding="utf-8")
    registry = load_registry(path)
    riser = registry.assets["riser-1"]

    assert registry.sites["west-lake"].name.zh == "西湖花园"
    assert registry.sites["west-lake"].timezone.key == "Asia/Shanghai"
    assert riser.asset_class is AssetClass.RISER
    assert dict(riser.limits) == {"timezone": "Asia/Shanghai", "rated_pressure_kpa": 1000.0, "duty": "daily"}
    assert riser.neighbours == ("riser-2",)
    assert registry.patience_us("riser-1") == 1_500_000


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('class = "riser"', 'class = "rise"', ["[[asset]] 'riser-1'", "class", "'elevator', 'riser'"]),
        ('class = "riser"\n', "", ["[[asset]] 'riser-1'", "class", "is missing"]),
        ('name_en = "West', 'name = "West', ["[[site]] 'west-lake'", "did you mean 'name_"]),
        ("reports_every_s", "reports_every", ["[[device]] 'riser-1-pressure'", "reports_every", "no such key"]),
        ('["riser-2"]', '["riser-3"]', ["[[asset]] 'riser-1'", "neighbours", "'riser-3'"]),
        ('["riser-2"]', '["riser-1"]', ["[[asset]] 'riser-1'", "neighbours", "no other asset"]),
        ('id = "riser-2"', 'id = "riser-1"', ["[[asset]] 'riser-1' (number 2)", "'riser-1' is there already"]),
        ('assets = ["riser-1"]', 'assets = ["x"]', ["[[device]] 'riser-1-pressure'", "assets", "'x'"]),
        ('assets = ["riser-1"]', "assets = []", ["[[device]] 'riser-1-pressure'", "assets"]),
        ('id = "riser-1-pressure"', 'id = "a/b"', ["[[device]] 'a/b'", "id", "'/'"]),
        ('site = "west-lake"\nassets', 'site = "x"\nassets', ["[[device]] 'riser-1-pressure'", "site", "'x'"]),
        ("1.5", "-1", ["[[device]] 'riser-1-pressure'", "reports_every_s"]),
        ("1000,", "nan,", ["[[asset]] 'riser-1'", "limits"]),
        ('id = "west-lake"\n', 'id = "west-lake"\ntimezone = "Mars/A"\n', ["[[site]] 'west-lake'", "timezone", "Mars"]),
        ("[[site]]", "[[site]", ["is not TOML", "line"]),
    ],
)
def test_each_mistake_is_named_with_its_place(old: str, new: str, said: list[str], tmp_path: Path) -> None:
    """The error names the file, the table, the key and the value, so that nobody has to search."""
    path = tmp_path / "registry.toml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(IngestError) as raised:
        load_registry(path)

    assert old in GOOD
    assert str(path) in str(raised.value)
    assert [word for word in said if word not in str(raised.value)] == []


def test_a_device_and_its_assets_stand_at_the_same_site(tmp_path: Path) -> None:
    """A device of one site cannot speak for an asset of another."""
    path = tmp_path / "registry.toml"
    moved = GOOD.replace('site = "west-lake"\nassets', 'site = "east"\nassets')
    path.write_text(ELSEWHERE + moved, encoding="utf-8")
    with pytest.raises(RegistryRefusedError, match="stands at 'west-lake', the device at 'east'"):
        load_registry(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """No traceback of another kind escapes for a file that is not there."""
    with pytest.raises(RegistryFileError, match=r"none\.toml: cannot be read: No such file"):
        load_registry(tmp_path / "none.toml")
