"""State size: what is stored of one asset in all its detectors stays small."""

import pytest

from ingest.registry import AssetClass
from tests.models.stored import stored_bytes

ASKED = 4_096
MOST_BYTES = {
    AssetClass.BUILDING: ASKED,
    AssetClass.ELEVATOR: 8_600,  # ten detectors, of which four follow features of each landing, direction and load
    AssetClass.PARKING_ZONE: ASKED,
    AssetClass.PUMP: ASKED,
    AssetClass.RISER: ASKED,
    AssetClass.WATER_NETWORK: ASKED,
}
"""What goes beyond what was asked for is for each device, metric, landing or load more; nothing grows with time."""


def test_what_is_stored_of_an_asset_is_small(capsys: pytest.CaptureFixture[str]) -> None:
    """No class of assets takes more than its bound; the table says which detector takes what."""
    found = stored_bytes()
    with capsys.disabled():
        for kind, sizes in found.items():
            print(f"\n{kind}: {sum(sizes.values()):,} bytes, at most {MOST_BYTES[kind]:,}: {sizes}")  # noqa: T201 -- the table

    assert {k: sum(sizes.values()) for k, sizes in found.items() if sum(sizes.values()) > MOST_BYTES[k]} == {}
