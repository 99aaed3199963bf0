"""Limits: the table of what may be said of an asset knows every word that the detectors read of it."""

import pytest

from ingest.asset_types import limits_of
from ingest.registry import AssetClass
from models.detectors import building_ebike, parking_fire_lane, parking_illegal
from models.elevators.fault_codes import FAULT_CODE_TABLES, UnknownFaultCodeTableError, fault_codes
from tests.models.worlds import asset


def test_the_fault_code_tables_are_those_one_may_choose() -> None:
    """Whoever adds a table to the detectors can say so of an elevator, and nobody can choose one that is missing."""
    choices = limits_of(AssetClass.ELEVATOR)["fault_code_table"].choices

    assert sorted(choices) == sorted(FAULT_CODE_TABLES)


def test_every_kind_of_zone_has_a_detector() -> None:
    """A zone of any kind that may be chosen is watched by one of the detectors of zones, and by one only."""
    choices = limits_of(AssetClass.PARKING_ZONE)["zone_kind"].choices

    rules = (building_ebike.RULE, parking_fire_lane.RULE, parking_illegal.RULE)

    assert sorted(choices) == sorted(kind for rule in rules for kind in rule.limits)


def test_an_unknown_fault_code_table_is_named_with_the_known_ones() -> None:
    """Should one slip past the registry, the sentence names the elevator, what was said and what could have been."""
    with pytest.raises(UnknownFaultCodeTableError) as refused:
        fault_codes(asset("b3-e1", AssetClass.ELEVATOR, {"fault_code_table": "gb24476"}))

    assert str(refused.value) == "fault_code_table of b3-e1 is 'gb24476'; known are city, gbt24476, vendor"
