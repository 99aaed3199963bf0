"""Checklist: the places of a site that a crew makes ready for the weather, by the names people use."""

from collections.abc import Mapping
from typing import Final

from ingest.registry import AssetClass, Registry, Text

_MOST_PLACES = 12
"""Chosen by: what one person sees to in a round; the rest is counted."""

_CHECKED: Final[Mapping[str, tuple[str, frozenset[AssetClass]]]] = {
    "pipe.freeze": ("frost_checks", frozenset({AssetClass.RISER})),
    "pipe.thaw": ("frost_checks", frozenset({AssetClass.RISER})),
    "building.storm": ("storm_checks", frozenset({AssetClass.PUMP, AssetClass.ELEVATOR, AssetClass.PARKING_ZONE})),
}
"""By failure mode: the limit that names what no sensor watches, and the classes whose places are listed."""


def checklist(failure_mode: str, asset: str, registry: Registry) -> Text | None:
    """A step that lists what to see to, or None for a mode that has no list or an asset that has nothing.

    Listed are the assets whose devices also speak for this one, and what the registry says of it in `frost_checks` or
    `storm_checks`.
    """
    known = registry.assets.get(asset)
    if failure_mode not in _CHECKED or known is None:
        return None
    limit, classes = _CHECKED[failure_mode]
    shared = {other for device in registry.devices_of(asset) for other in device.assets} & registry.assets.keys()
    places = [registry.assets[one].place for one in sorted(shared) if registry.assets[one].asset_class in classes]
    listed, more = places[:_MOST_PLACES], len(places) - _MOST_PLACES
    zh, en = [place.zh for place in listed], [place.en for place in listed]
    if more > 0:
        zh, en = [*zh, f"另 {more} 处"], [*en, f"{more} more"]
    named = str(known.limits.get(limit, ""))
    zh, en = [*zh, *filter(None, [named])], [*en, *filter(None, [named])]
    return Text(f"逐处检查：{'、'.join(zh)}。", f"See to: {'; '.join(en)}.") if zh else None
