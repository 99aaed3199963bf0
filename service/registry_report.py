"""Registry report: what the registry holds and what changed in it, as rows for a person."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from ingest.registry import Registry
from ingest.registry_book import RegistryChange
from ingest.registry_edit import Difference
from ingest.registry_rows import Kind, things_of

_MARKS = {"added": "+", "changed": "~", "removed": "-"}

Rows = Iterator[Sequence[object]]


def listing(registry: Registry, kind: str | None) -> tuple[Sequence[str], Rows]:
    """The columns and rows of one kind of things (`sites` and so on), or of how many there are of each.

    Args:
        registry: As it is written.
        kind: Which.
    """
    if kind is None:
        return ("what", "number"), ((f"{one}s", len(things_of(registry, one))) for one in Kind)
    return {"sites": _sites, "assets": _assets, "devices": _devices, "sources": _sources}[kind](registry)


def lines_of(differences: Sequence[Difference]) -> Rows:
    """What changed, one row a thing."""
    return ((_MARKS[one.act], one.kind, one.id, ", ".join(one.fields)) for one in differences)


def counted(differences: Sequence[Difference]) -> str:
    """How much changed, as `3 added, 1 changed, 0 removed`."""
    acts = Counter(one.act for one in differences)
    return ", ".join(f"{acts[act]} {act}" for act in _MARKS)


def happened(changes: Sequence[RegistryChange], zone: ZoneInfo) -> Rows:
    """The history, one row a version."""
    for change in changes:
        signed = change.signed
        yield change.version, time_of(signed.at_us, zone), signed.who, signed.why, _what(change.differences)


def time_of(at_us: int, zone: ZoneInfo) -> str:
    """A moment on the clocks of a zone."""
    return f"{datetime.fromtimestamp(at_us / 1e6, zone):%Y-%m-%d %H:%M}"


def _what(differences: Sequence[Difference]) -> str:
    """The first things that changed, and how many more."""
    shown = [f"{_MARKS[one.act]}{one.kind} {one.id}" for one in differences[:3]]
    more = len(differences) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _sites(registry: Registry) -> tuple[Sequence[str], Rows]:
    assets = Counter(asset.site for asset in registry.assets.values())
    devices = Counter(device.site for device in registry.devices.values())
    rows = ((s.id, s.name.zh, s.name.en, s.timezone.key, assets[s.id], devices[s.id]) for s in registry.sites.values())
    return ("id", "name_zh", "name_en", "timezone", "assets", "devices"), rows


def _assets(registry: Registry) -> tuple[Sequence[str], Rows]:
    watched = Counter(asset for device in registry.devices.values() for asset in device.assets)
    rows = (
        (a.id, a.site, a.asset_class, a.place.zh, a.place.en, _said(a.limits), watched[a.id])
        for a in registry.assets.values()
    )
    return ("id", "site", "class", "place_zh", "place_en", "limits", "devices"), rows


def _devices(registry: Registry) -> tuple[Sequence[str], Rows]:
    rows = ((d.id, d.site, ", ".join(d.assets), d.source, d.address) for d in registry.devices.values())
    return ("id", "site", "assets", "source", "address"), rows


def _sources(registry: Registry) -> tuple[Sequence[str], Rows]:
    rows = ((s.id, s.format, ", ".join(s.filters), s.site, s.address, len(s.names)) for s in registry.sources.values())
    return ("id", "format", "filters", "site", "address", "names"), rows


def _said(limits: Mapping[str, float | str]) -> str:
    return ", ".join(f"{name}={one:g}" if isinstance(one, float) else f"{name}={one}" for name, one in limits.items())
