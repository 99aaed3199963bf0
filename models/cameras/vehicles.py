"""Vehicles: one vehicle in a parking zone as a camera tells of it, and when two tracks are the same one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NotRequired, TypedDict

from ingest.readings import Event

Box = Sequence[float]
"""[x1, y1, x2, y2] in pixels."""

LABELS = frozenset({"car", "truck", "bus", "van", "motorcycle", "school_bus"})
"""What Frigate's models call vehicles that park; a bicycle or a person is none."""

SAME_PLACE_IOU = 0.5
"""Overlap from which a vehicle stands where it stood. Source: DOMAIN 4.1, photo 1 and photo 2."""
SAME_VEHICLE_IOU = 0.7
"""Overlap from which a new track is the one just lost. Source: DOMAIN 4.1."""
REIDENTIFY_US = 60_000_000
"""How long after it was lost. Source: DOMAIN 4.1."""

MOST_PLATES = 5
"""Readings of a vehicle's plate that stand for election. Chosen by size: each takes some 400 bytes of state."""


class Plate(TypedDict):
    """A plate as read, sealed by ingest, and the sum of the scores with which it was read."""

    weight: float
    masked: str
    near: list[str]


class Vehicle(TypedDict):
    """What is remembered of one vehicle in a zone; JSON.

    `watched_us` is from when on a word about it is due, None while nobody can tell (its camera is silent) or it is
    absent. `unsure` says that it was reported as unknown. `stood` is the box at which it stands, None while it has not
    come to rest. `kinds` is what each track was called, of two-wheelers only. Times in microseconds.
    """

    camera: str
    first: str
    tracks: dict[str, str]
    label: str
    since_us: int
    seen_us: int
    watched_us: int | None
    absent_us: int | None
    lost: bool
    box: list[float]
    stood: list[float] | None
    plates: dict[str, Plate]
    entry_still: list[Any] | None
    late_still: list[Any] | None
    said_us: int
    raised_us: int | None
    unsure: bool
    subject: str
    visits: int
    kinds: NotRequired[dict[str, dict[str, Any]]]


def readable(event: Event) -> bool:
    """Whether an event tells of a tracked object, its plate or its kind with all it takes to follow it.

    Our own wire format lets a device send any attributes under any kind.
    """
    said = event.attributes
    if event.kind in {"camera.plate", "camera.classification"}:
        return isinstance(said.get("id"), str)
    box, zones = said.get("box"), said.get("zones")
    return (
        event.kind == "camera.object"
        and all(isinstance(said.get(name), str) for name in ("id", "label", "type"))
        and isinstance(zones, list)
        and isinstance(box, list)
        and len(box) == 4  # noqa: PLR2004 -- x1, y1, x2, y2
        and all(isinstance(edge, int | float) for edge in box)
    )


def new_vehicle(event: Event) -> Vehicle:
    """A vehicle as its first event in the zone shows it."""
    said = event.attributes
    return Vehicle(
        camera=event.device,
        first=said["id"],
        tracks={},
        label=said["label"],
        since_us=event.at_us,
        seen_us=event.at_us,
        watched_us=event.at_us,
        absent_us=None,
        lost=False,
        box=[],
        stood=None,
        plates={},
        entry_still=None,
        late_still=None,
        said_us=0,
        raised_us=None,
        unsure=False,
        subject="",
        visits=0,
    )


def iou(one: Box, other: Box) -> float:
    """The overlap of two boxes: intersection over union, 0 (apart) to 1 (the same).

    Example:
        >>> iou([0, 0, 10, 10], [0, 0, 10, 5])
        0.5
    """
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    areas = sum((b[2] - b[0]) * (b[3] - b[1]) for b in (one, other))
    return shared / (areas - shared)


def settle(vehicle: Vehicle, box: Box, *, stationary: bool) -> bool:
    """Note where the vehicle is now; True if it moved away from where it stood.

    Driving up to a place belongs to the stay there: it has moved only once it had come to rest, said by the camera or
    by two boxes that overlap.
    """
    before, stood = vehicle["box"], vehicle["stood"]
    vehicle["box"] = list(box)
    if stood is None:
        if stationary or (before and iou(before, box) >= SAME_PLACE_IOU):
            vehicle["stood"] = list(box)
        return False
    if iou(stood, box) >= SAME_PLACE_IOU:
        return False
    vehicle["stood"] = list(box) if stationary else None
    return True


def vote(vehicle: Vehicle, said: Mapping[str, Any], least_score: float) -> bool:
    """Count the plate an event read, if it was read well enough; True if it was."""
    name, masked, near = (said.get(f"plate_{part}") for part in ("hash", "masked", "near"))
    score = said.get("plate_score")
    if not (isinstance(name, str) and isinstance(masked, str) and isinstance(near, list)):
        return False
    if not isinstance(score, int | float) or score < least_score:
        return False
    held = vehicle["plates"].setdefault(name, Plate(weight=0.0, masked=masked, near=list(near)))
    held["weight"] += score
    while len(vehicle["plates"]) > MOST_PLATES:
        del vehicle["plates"][min(vehicle["plates"], key=lambda name: (vehicle["plates"][name]["weight"], name))]
    return True


def elected(vehicle: Vehicle) -> tuple[str, Plate] | None:
    """The plate with the most weight behind it, as (hash, plate), or None when none was read."""
    return max(vehicle["plates"].items(), key=lambda item: (item[1]["weight"], item[0]), default=None)


def same_plate(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether two plates differ by at most one character (DOMAIN 4.1), told by the `near` of `ingest.plates`."""
    return not set(one).isdisjoint(other)


def matches(vehicle: Vehicle, event: Event) -> bool:
    """Whether a new track that appears in the zone is this vehicle.

    It is if it stands where the vehicle stands or was lost less than a minute ago, unless both plates were read and
    are two. One that drove out of the zone does not come back by standing somewhere.
    """
    if not vehicle["box"] or iou(vehicle["box"], event.attributes["box"]) < SAME_VEHICLE_IOU:
        return False
    absent_us = vehicle["absent_us"]
    if absent_us is not None and (not vehicle["lost"] or event.at_us - absent_us > REIDENTIFY_US):
        return False
    plate, near = elected(vehicle), event.attributes.get("plate_near")
    return plate is None or not isinstance(near, list) or same_plate(plate[1]["near"], near)


def absorb(vehicle: Vehicle, other: Vehicle) -> Vehicle:
    """The earlier of two that turned out to be one, changed in place: it goes on with what is known of the later."""
    vehicle["camera"] = other["camera"]
    vehicle["tracks"] |= other["tracks"]
    if "kinds" in other:
        vehicle["kinds"] = vehicle.get("kinds", {}) | other["kinds"]
    vehicle["box"] = other["box"]
    for name, plate in other["plates"].items():
        held = vehicle["plates"].setdefault(name, Plate(weight=0.0, masked=plate["masked"], near=plate["near"]))
        held["weight"] += plate["weight"]
    stood, stands = vehicle["stood"], other["stood"] or other["box"]
    if vehicle["raised_us"] is None and (stood is None or iou(stood, stands) < SAME_PLACE_IOU):
        vehicle["since_us"], vehicle["entry_still"] = other["since_us"], other["entry_still"]
    vehicle["stood"] = other["stood"] or stood
    vehicle["seen_us"], vehicle["watched_us"] = other["seen_us"], other["watched_us"]
    vehicle["absent_us"], vehicle["lost"] = other["absent_us"], other["lost"]
    return vehicle
