"""Parking: cars before a camera, told as the events Frigate would send of them."""

from collections.abc import Sequence
from typing import Any

from ingest.plates import PlateSeal
from ingest.readings import Batch, Still
from ingest.registry import AssetClass, Registry
from tests.models.worlds import SITE, T0, S, asset, device, happening, registry

SPOT = [100, 100, 200, 200]
NEXT_SPOT = [300, 100, 400, 200]
ROAD = [600, 300, 700, 400]
_SEAL = PlateSeal(b"a key for tests only")


def zone(kind: str = "no_parking", **limits: str) -> Registry:
    """A zone called `kerb` before the camera `gate`."""
    kerb = asset("kerb-1", AssetClass.PARKING_ZONE, {"zone": "kerb", "zone_kind": kind} | limits)
    return registry([kerb], [device("gate", "kerb-1")])


def plate(text: str, score: float = 0.9) -> dict[str, Any]:
    """What an event carries of a plate that was read."""
    sealed = _SEAL.seal(text)
    assert sealed is not None
    return {
        "plate_hash": sealed.hash,
        "plate_masked": sealed.masked,
        "plate_near": list(sealed.near),
        "plate_score": score,
    }


def said(track: str, at_s: float, how: str = "update", **attributes: object) -> Batch:
    """One event of one track, standing at SPOT in the zone unless told otherwise."""
    base: dict[str, object] = {"type": how, "id": track, "label": "car", "zones": ["kerb"], "box": SPOT}
    base |= {"stationary": True, "false_positive": False}
    return happening("gate", "camera.object", T0 + round(at_s * S), base | attributes)


def parked(track: str, from_s: float, to_s: float, **attributes: object) -> list[Batch]:
    """A car that drives up, stands from `from_s`, is spoken of every minute, drives off at `to_s`, and is lost."""
    moving = {"stationary": False} | attributes
    return [
        said(track, from_s - 5, "new", **moving | {"zones": [], "box": ROAD}),
        said(track, from_s, **moving),
        *standing(track, from_s + 10, to_s, **attributes),
        said(track, to_s, **moving | {"zones": [], "box": ROAD}),
        said(track, to_s + 5, "end", **moving | {"zones": [], "box": ROAD}),
    ]


def standing(track: str, from_s: float, to_s: float, **attributes: object) -> list[Batch]:
    """The word a minute about a car that stands."""
    count = max(0, -int(-(to_s - from_s) // 60))
    return [said(track, from_s + 60 * n, **attributes) for n in range(count)]


def still(at_s: float, name: str, label: str = "car") -> Batch:
    """A still that arrives at this time."""
    at = T0 + round(at_s * S)
    return Batch(SITE, "gate", at, stills=(Still("gate", label, at, b"jpeg", name),))


def together(*stories: Sequence[Batch]) -> list[Batch]:
    """Stories that happen at the same time, as the camera tells them."""
    return sorted((batch for story in stories for batch in story), key=lambda b: b.received_us)
