"""Camera samples: for the detectors of what cameras see besides parking, messages in which they have a say."""

from typing import Any

from ingest.readings import Batch
from ingest.registry import AssetClass, Registry
from tests.contracts.detector import Sample
from tests.models.parking import NEXT_SPOT, ROAD, parked, said, standing, still, together, zone
from tests.models.worlds import T0, S, asset, device, happening, registry, telemetry

BIKE: dict[str, Any] = {"label": "bicycle", "top_score": 0.86, "stationary": False}


def fall(at_s: float, camera: str = "gate", **attributes: object) -> Batch:
    """One event of a camera that sees something fall."""
    return happening(camera, "camera.falling_object", T0 + round(at_s * S), attributes)


def tower() -> Registry:
    """A building with two cameras that look up at it and a rain gauge."""
    return registry([asset("b", AssetClass.BUILDING)], [device(name, "b") for name in ("gate", "yard", "gauge")])


def building_ebike() -> Sample:
    """Bicycles that are pushed in, lost and found again, named or not, are not what they seem, and fall silent."""
    called = {"sub_label": "e_bike", "sub_label_score": 0.9}
    story = together(
        parked("a", 60, 200, **BIKE),
        [said("b", 260, **BIKE), said("b", 262, "end", **BIKE), said("c", 290, **BIKE | {"box": NEXT_SPOT})],
        [said("d", at, **BIKE | {"zones": [], "box": ROAD}) for at in (500, 510, 520)],
        parked("e", 600, 700, **BIKE | {"top_score": 0.55}),
        standing("f", 800, 1100, label="person"),
        parked("h", 1150, 1250, **BIKE | called | {"sub_label": "bicycle"}),
        standing("g", 1300, 1500, label="motorcycle"),
        [said("g", 1405, **BIKE | called | {"label": "motorcycle"})],
        [happening("gate", "camera.classification", T0 + 180 * S, {"id": "a", "attribute": "e-bike", "score": 0.8})],
        [still(at, f"s{at}") for at in (58, 70)],
    )
    return Sample(zone("no_ebike"), story, valid_us=150 * S)


def building_falling_object() -> Sample:
    """Objects with and without a track, a shower on one camera, and an object after it."""
    shower = [fall(2_000 + 45 * n) for n in range(12)]
    story = together(
        [fall(60, track_m=14.0), fall(63, track_m=12.0), fall(900), fall(905, "yard", frames=2)],
        shower,
        [fall(2_030, "yard", track_m=20.0), fall(4_000, frames=9), fall(4_001, state="end")],
        [still(at, f"s{at}") for at in (50, 75, 3_990, 4_015)],
        [telemetry("gauge", T0 + at * S, {"rain_mm": mm}) for at, mm in ((1_800, 0.0), (5_400, 0.4))],
        [fall(5_500), fall(5_800), fall(7_000)],
    )
    # That nothing more is seen is a word of a camera that only speaks of what it sees, repeated for seven hours.
    return Sample(tower(), story, valid_us=7 * 3_600 * S + 610 * S)


def car(table: str = "vendor") -> Registry:
    """One elevator whose codes are of a table."""
    return registry([asset("e", AssetClass.ELEVATOR, {"fault_code_table": table})], [device("panel", "e")])


def codes(*told: tuple[float, int]) -> list[Batch]:
    """Fault codes by seconds after T0."""
    return [telemetry("panel", T0 + round(at_s * S), {"fault_code": float(code)}) for at_s, code in told]


def elevator_ebike() -> Sample:
    """An e-bike that is said, taken out, pushed in again, and of which nobody speaks any more."""
    return Sample(
        car(), codes((0, 0), (60, 37), (90, 37), (100, 0), (150, 37), (200, 0), (400, 0), (900, 37)), valid_us=0
    )
