"""Limits: what the registry says of an asset and no detector can work with is refused before anything runs."""

import pytest

from ingest.registry import Asset, AssetClass
from models.detectors.catalogue import DETECTORS
from models.elevator_status import UnknownFaultCodeTableError
from models.errors import ModelError
from models.limits import BadLimitError, check_limits
from tests.models.worlds import asset, engine, registry


def test_an_unknown_fault_code_table_is_named_with_the_known_ones() -> None:
    """The sentence names the elevator, what was said of it and what could have been."""
    with pytest.raises(UnknownFaultCodeTableError) as refused:
        check_limits([asset("b3-e1", AssetClass.ELEVATOR, {"fault_code_table": "gb24476"})])

    assert str(refused.value) == "fault_code_table of b3-e1 is 'gb24476'; known are city, gbt24476, vendor"


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        ("duty", "stedy"),
        ("timezone", "Asia/Shangai"),
        ("timezone", "../../etc/passwd"),
        ("timezone", ""),
        ("power_kw", "7,5"),
        ("power_kw", -1.0),
        ("power_kw", float("nan")),
    ],
)
def test_what_no_detector_can_work_with_is_refused(limit: str, value: float | str) -> None:
    """Misspelt words and impossible numbers are named with their asset."""
    with pytest.raises(BadLimitError, match=f"{limit} of p1 is ") as refused:
        check_limits([asset("p1", AssetClass.PUMP, {limit: value})])

    assert (refused.value.asset, refused.value.limit) == ("p1", limit)


@pytest.mark.parametrize(
    "sound",
    [
        asset("e", AssetClass.ELEVATOR),
        asset("e", AssetClass.ELEVATOR, {"fault_code_table": "city", "floors": 18.0}),
        asset("r", AssetClass.RISER, {"fault_code_table": "of no elevator"}),
        asset("p", AssetClass.PUMP, {"power_kw": 7.5, "duty": "steady", "timezone": "Europe/Berlin"}),
    ],
)
def test_what_detectors_can_work_with_is_let_by(sound: Asset) -> None:
    """Limits may be absent, and those that concern no detector of the asset are nobody's business."""
    check_limits([sound])


def test_no_engine_runs_on_what_its_detectors_cannot_work_with() -> None:
    """Live, replay and backtest all build an engine, and it refuses at once instead of in some window."""
    known = registry([asset("e", AssetClass.ELEVATOR, {"fault_code_table": "x"})], [])
    with pytest.raises(ModelError, match="fault_code_table of e is 'x'"):
        engine(known, DETECTORS)
