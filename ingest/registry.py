"""Registry: the sites, the assets that can fail there, and the devices that watch them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, Self
from zoneinfo import ZoneInfo

from ingest.sources import DEFAULT_SOURCES, Source


class AssetClass(StrEnum):
    """What kind of thing an asset is; detectors say which classes they apply to."""

    ELEVATOR = "elevator"
    RISER = "riser"
    PUMP = "pump"
    PARKING_ZONE = "parking_zone"
    BUILDING = "building"
    WATER_NETWORK = "water_network"


@dataclass(frozen=True, slots=True)
class Text:
    """One text in the two languages of the product."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Site:
    """A community: where assets stand and which zone its clocks show."""

    id: str
    name: Text
    timezone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Asset:
    """A thing that fails.

    Attributes:
        id: Unique over all sites.
        site: The id of its site.
        asset_class: Which detectors apply.
        place: Where it is, in the words people use (building, unit, floors).
        limits: Numbers and words a detector needs, with their unit in the name: `power_kw`, `rated_pressure_kpa`,
            `zone` (the camera's name of the parking zone), `zone_kind` (`no_parking`, `loading`, `fire_lane`,
            `no_ebike`), `duty` (`daily`: follows the people; `steady`: does not), `timezone` (IANA; the
            site's, if not set).
        neighbours: Ids of assets of the same class that share its supply and load; compared first.
    """

    id: str
    site: str
    asset_class: AssetClass
    place: Text
    limits: Mapping[str, float | str] = field(default_factory=dict)
    neighbours: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Device:
    """What publishes.

    Attributes:
        id: Unique over all sites; the last but one part of its topic.
        site: The id of its site.
        assets: The assets it speaks for, one or more.
        reports_every_us: How long it may gather samples before it publishes them, in microseconds; the windows of
            its assets wait so much longer before they close.
        source: The id of the source it publishes through; empty: any.
        address: What it calls itself there (a devEui, `group/edge/device`); empty: its id.
        silent_after_us: After so long without a word it counts as silent, in microseconds; 0: learnt from its habits.
    """

    id: str
    site: str
    assets: tuple[str, ...]
    reports_every_us: int = 0
    source: str = ""
    address: str = ""
    silent_after_us: int = 0


@dataclass(frozen=True, slots=True)
class Registry:
    """Every site, asset, device and source by id, as of one moment; it never changes itself."""

    sites: Mapping[str, Site]
    assets: Mapping[str, Asset]
    devices: Mapping[str, Device]
    sources: Mapping[str, Source] = field(default_factory=lambda: {source.id: source for source in DEFAULT_SOURCES})
    _devices_by_asset: Mapping[str, tuple[Device, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Looked through for each asset, 10,000 devices cost a scorer ten seconds of its start.
        by_asset: dict[str, list[Device]] = {}
        for device in self.devices.values():
            for asset in device.assets:
                by_asset.setdefault(asset, []).append(device)
        object.__setattr__(self, "_devices_by_asset", {asset: tuple(them) for asset, them in by_asset.items()})

    def current(self) -> Self:
        """Itself: a registry that nobody edits is its own `RegistryReader`."""
        return self

    def patience_us(self, asset: str) -> int:
        """The longest `reports_every_us` of the asset's devices, in microseconds."""
        return max((device.reports_every_us for device in self.devices_of(asset)), default=0)

    def devices_of(self, asset: str) -> tuple[Device, ...]:
        """The devices that speak for an asset, in the order of the registry."""
        return self._devices_by_asset.get(asset, ())


class RegistryReader(Protocol):
    """Where long-running parts get the registry from, so that they notice a change."""

    def current(self) -> Registry:
        """The registry of now: the same object as before if nothing has changed. Cheap enough to ask every second."""
        ...
