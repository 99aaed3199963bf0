"""Registry check: what is wrong with a registry as a whole, whoever wrote it down."""

import math
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from ingest.asset_types import limit_problem
from ingest.errors import IngestError
from ingest.metrics import METRICS
from ingest.registry import Asset, Device, Registry
from ingest.registry_rows import Kind
from ingest.sources import NameMapping, Source
from ingest.spelling import meant
from ingest.units import CONVERSIONS, conversion

Formats = Mapping[str, Callable[[Source, None], object]]
"""Format names with what makes a format of a source, as in `ingest.decode.FORMATS`."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with one thing of a registry.

    Attributes:
        kind: Of the thing.
        id: The thing.
        field: What of it, as in its row.
        problem: A sentence about that field.
    """

    kind: Kind
    id: str
    field: str
    problem: str


@dataclass(frozen=True, slots=True)
class Check:
    """What a registry is held against.

    Attributes:
        formats: The known formats; None: no source's format is checked.
        doubtful: Things that exist, though nobody could read what they are: naming them is right.
    """

    formats: Formats | None = None
    doubtful: AbstractSet[tuple[Kind, str]] = frozenset()

    def faults(self, registry: Registry) -> list[Fault]:
        """Everything that is wrong, in the order of the registry; limits as they are written."""
        found: list[Fault] = []
        for asset in registry.assets.values():
            found += [Fault(Kind.ASSET, asset.id, *fault) for fault in self._of_asset(registry, asset)]
        addresses: dict[tuple[str, str], str] = {}
        for device in registry.devices.values():
            found += [Fault(Kind.DEVICE, device.id, *fault) for fault in self._of_device(registry, device)]
            address = (device.source, device.address or device.id)
            taken = addresses.setdefault(address, device.id)
            if taken != device.id:
                problem = f"{address[1]!r} is what device {taken!r} of the same source calls itself already"
                found.append(Fault(Kind.DEVICE, device.id, "address", problem))
        for source in registry.sources.values():
            found += [Fault(Kind.SOURCE, source.id, *fault) for fault in self._of_source(registry, source)]
        return found

    def _of_asset(self, registry: Registry, asset: Asset) -> Iterator[tuple[str, str]]:
        yield from self._missing("site", Kind.SITE, asset.site, registry.sites)
        for name, value in asset.limits.items():
            problem = limit_problem(asset.asset_class, name, value)
            if problem:
                yield f"limits.{name}", problem
        for neighbour in asset.neighbours:
            if (Kind.ASSET, neighbour) in self.doubtful:
                continue
            other = registry.assets.get(neighbour)
            if other is None or neighbour == asset.id:
                others = registry.assets.keys() - {asset.id}
                yield "neighbours", f"there is no other asset {neighbour!r}{meant(neighbour, others)}"
            elif (other.site, other.asset_class) != (asset.site, asset.asset_class):
                yield "neighbours", f"{neighbour!r} is not a {asset.asset_class} of the same site"

    def _of_device(self, registry: Registry, device: Device) -> Iterator[tuple[str, str]]:
        yield from self._missing("site", Kind.SITE, device.site, registry.sites)
        if device.source:
            yield from self._missing("source", Kind.SOURCE, device.source, registry.sources)
        for number, asset in enumerate(device.assets):
            yield from self._missing("assets", Kind.ASSET, asset, registry.assets)
            known = registry.assets.get(asset)
            if known is not None and known.site != device.site and device.site in registry.sites:
                yield "assets", f"{asset!r} stands at {known.site!r}, the device at {device.site!r}"
            if asset in device.assets[:number]:
                yield "assets", f"{asset!r} is named twice"

    def _of_source(self, registry: Registry, source: Source) -> Iterator[tuple[str, str]]:
        if source.site:
            yield from self._missing("site", Kind.SITE, source.site, registry.sites)
        yield from self._format_faults(source)
        for topic_filter in source.filters:
            problem = _filter_problem(topic_filter)
            if problem:
                yield "filters", f"{topic_filter!r} {problem}"
        for name, value in source.options.items():
            if not name or ";" in name + value or "=" in name or name != name.strip() or value != value.strip():
                yield "options", f"{name!r} must hold neither ';' nor, in its name, '=', nor a space at an end"
        seen: set[tuple[str, str]] = set()
        for mapping in source.names:
            if (mapping.address, mapping.name) in seen:
                yield "names", f"{mapping.name!r} is there twice{' for ' + mapping.address if mapping.address else ''}"
            seen.add((mapping.address, mapping.name))
            yield from ((f"names.{field}", problem) for field, problem in name_faults(mapping))

    def _format_faults(self, source: Source) -> Iterator[tuple[str, str]]:
        if self.formats is None:
            return
        if source.format not in self.formats:
            known = ", ".join(sorted(self.formats))
            yield "format", f"{source.format!r} is none of {known}{meant(source.format, self.formats)}"
            return
        try:
            self.formats[source.format](source, None)
        except (IngestError, ValueError) as error:
            yield "options", str(error)

    def _missing(self, field: str, kind: Kind, wanted: str, known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        if wanted not in known and (kind, wanted) not in self.doubtful:
            yield field, f"there is no {kind} {wanted!r}{meant(wanted, known)}"


def name_faults(mapping: NameMapping) -> Iterator[tuple[str, str]]:
    """What is wrong with a name mapping by itself: the field and a sentence."""
    metric = METRICS.get(mapping.metric)
    if mapping.metric and metric is None:
        yield "metric", f"{mapping.name!r}: there is no metric {mapping.metric!r}{meant(mapping.metric, METRICS)}"
    if metric is not None and mapping.unit and conversion(metric.unit, mapping.unit) is None:
        units = CONVERSIONS.get(metric.unit, {metric.unit: None})
        hint = meant(mapping.unit, units) or f"; it can come in {', '.join(units)}"
        yield "unit", f"{mapping.name!r}: {metric.name} cannot be had from {mapping.unit!r}{hint}"
    if mapping.scale == 0.0 or not math.isfinite(mapping.scale):
        yield "scale", f"{mapping.name!r}: a scale of {mapping.scale:g} says the same of every value"


def inherited(registry: Registry) -> Registry:
    """The registry as detectors see it: each asset carries the time zone of its site unless it has its own."""
    # A detector sees assets, not sites, and some look at the hours of the night.
    assets = {
        asset.id: replace(asset, limits={"timezone": registry.sites[asset.site].timezone.key, **asset.limits})
        if asset.site in registry.sites
        else asset
        for asset in registry.assets.values()
    }
    return replace(registry, assets=assets)


def _filter_problem(topic_filter: str) -> str:
    """What is wrong with an MQTT topic filter (MQTT 5, section 4.7), or nothing."""
    levels = topic_filter.split("/")
    if levels[0] == "$share":
        return "is shared: the settings name the group (share), for every source"
    if any(("+" in level and level != "+") or ("#" in level and level != "#") for level in levels):
        return "is no topic filter: '+' and '#' stand for whole levels"
    if "#" in levels[:-1]:
        return "is no topic filter: '#' can only be the last level"
    if "\0" in topic_filter or ";" in topic_filter or "；" in topic_filter:
        return "is no topic filter that can be kept: it must not hold ';'"
    return ""
