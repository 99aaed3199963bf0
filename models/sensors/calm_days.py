"""Sensor calm days: the ends of days within a block, of channels that are compared with their neighbours'."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ingest.metrics import METRICS
from ingest.registry import Asset
from models.detector import State
from models.sensors.drift import day_added, way_of
from models.sensors.rows import SensorRows
from models.sensors.settings import DRIFT
from models.statistics.pictures import Picture


@dataclass(frozen=True, slots=True)
class DayEnd:
    """A channel's day that ended.

    Attributes:
        order: By what ends follow each other: when the window closed, its end, the asset, which of its devices.
        asset: Whose.
        device: The channel's.
        metric: The channel's.
        day: Which day ended.
        sum: Of its readings, in steps of `drift.in_steps`.
        count: Of its readings.
        used: The values in force.
    """

    order: tuple[int, int, str, int]
    asset: Asset
    device: str
    metric: str
    day: int
    sum: int
    count: int
    used: Mapping[str, float]


Means = dict[tuple[str, str, str], Picture]
"""By asset, device and metric the means of the days that have ended."""


def end_days(ends: Sequence[DayEnd], kept: Collection[str], states: SensorRows) -> tuple[Means, set[str]]:
    """What is known of days after some ended, as `DeviceWatch` would know it; and the assets that must be left.

    An asset is left if its channel drifts now, and if a neighbour is left: who looks at whom first would show.

    Args:
        ends: Those of a block.
        kept: The assets that would be kept.
        states: Read.
    """
    ends = sorted(ends, key=lambda end: end.order)
    left: set[str] = set()
    while True:
        held = {end.asset.id for end in ends} - left
        lonely = {
            end.asset.id
            for end in ends
            if end.asset.id in held and any(n in states and (n not in kept or n in left) for n in end.asset.neighbours)
        }
        if lonely:
            left |= lonely
            continue
        means, drifting = _ended([end for end in ends if end.asset.id in held], states)
        if not drifting:
            return means, left
        left |= drifting


def _ended(ends: Sequence[DayEnd], states: SensorRows) -> tuple[Means, set[str]]:
    means: Means = {}
    drifting: set[str] = set()
    for end in ends:
        own = day_added(_means(end.asset.id, end.device, end.metric, means, states), end.day, end.sum, end.count)
        means[end.asset.id, end.device, end.metric] = own
        others = [
            {"means": _means(asset, device, end.metric, means, states)}
            for asset in end.asset.neighbours
            for device, known in _devices(asset, states).items()
            if "days" in known["series"].get(end.metric, ())
        ]
        way = way_of({"means": own}, others)
        limit = METRICS[end.metric].drift * end.used[DRIFT.name]
        if way is not None and way.slow and abs(way.far) >= limit:
            drifting.add(end.asset.id)
    return means, drifting


def _means(asset: str, device: str, metric: str, means: Means, states: SensorRows) -> Picture:
    ended = means.get((asset, device, metric))
    if ended is not None:
        return ended
    known: Picture = _devices(asset, states)[device]["series"][metric]["days"]["means"]
    return known


def _devices(asset: str, states: SensorRows) -> dict[str, State]:
    devices: dict[str, State] = states.lasting(asset).get("devices", {})
    return devices
