"""Two-wheelers: whether what stands indoors is an e-bike, by what the camera's models call it.

A detector that knows COCO's classes has `bicycle` and `motorcycle` and nothing between them: it says that there is a
two-wheeler. What tells the two apart is a second model: Frigate's object classification, which publishes a name once
60 % of at least three views that were sure of it (0.8) agree, or a detector with a class for e-bikes of its own.

Source: Frigate's documentation of object classification, "Assignment Requirements"; its code at `get_weighted_score`
(at most 16 views a track).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from models.cameras.vehicles import Vehicle

_PLAIN_E_BIKES = frozenset(
    {"ebike", "e_bike", "electric_bike", "electric_bicycle", "electric_scooter", "e_scooter", "escooter", "moped"}
    | {"电动车", "电动自行车", "电瓶车", "电摩"}
)
_PLAIN_BICYCLES = frozenset({"bicycle", "bike", "pushbike", "pedal_bike", "自行车", "单车", "童车"})
E_BIKES = frozenset(name.replace("_", mark) for name in _PLAIN_E_BIKES for mark in "_- ")
"""What a model with a class for e-bikes may call it; people name their classes themselves."""
LABELS = E_BIKES | {"bicycle", "motorcycle"}
"""What a camera's detector calls two-wheelers."""

_MOTORCYCLE = "motorcycle"


class Kind(StrEnum):
    """What the models of its cameras make of a two-wheeler."""

    E_BIKE = "e_bike"
    BICYCLE = "bicycle"
    OPEN = "open"
    """Nobody says, or they contradict each other: a person has to look."""


def hear_kind(vehicle: Vehicle, said: Mapping[str, Any]) -> bool:
    """Note what an event calls its track, the last name counting; True if the vehicle's kind is another now."""
    before, kinds = kind(vehicle), vehicle.setdefault("kinds", {})
    heard = kinds.setdefault(said["id"], {"label": None, "named": None, "score": None})
    heard["label"] = said.get("label", heard["label"])
    named = _named(said.get("sub_label")) or _named(said.get("attribute"))
    score = said.get("sub_label_score", said.get("score"))
    if named is not None:
        heard |= {"named": named, "score": score if isinstance(score, int | float) else None}
    elif _named(heard["label"]) is Kind.E_BIKE:
        heard |= {"named": Kind.E_BIKE, "score": said.get("top_score")}
    return kind(vehicle) is not before


def kind(vehicle: Vehicle) -> Kind:
    """What most of its tracks were named; a detector that sees a motor contradicts a bicycle."""
    heard = vehicle.get("kinds", {}).values()
    named = [one["named"] for one in heard]
    e_bikes, bicycles = named.count(Kind.E_BIKE), named.count(Kind.BICYCLE)
    if e_bikes > bicycles:
        return Kind.E_BIKE
    motor = any(one["label"] == _MOTORCYCLE for one in heard)
    return Kind.BICYCLE if bicycles > e_bikes and not motor else Kind.OPEN


def surest(vehicle: Vehicle) -> float | None:
    """The best score of a track that was named an e-bike, 0 to 1; None if no score was told."""
    heard = vehicle.get("kinds", {}).values()
    scores = [one["score"] for one in heard if one["named"] == Kind.E_BIKE and isinstance(one["score"], int | float)]
    return max(scores, default=None)


def _named(name: object) -> Kind | None:
    if not isinstance(name, str):
        return None
    plain = name.strip().casefold().replace("-", "_").replace(" ", "_")
    if plain in _PLAIN_E_BIKES:
        return Kind.E_BIKE
    return Kind.BICYCLE if plain in _PLAIN_BICYCLES else None
