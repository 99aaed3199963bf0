"""Registry file: the sites, assets and devices as a person writes them down, in TOML; README shows the shape."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ingest.errors import BadTopicLevelError, RegistryFileError
from ingest.registry import Asset, AssetClass, Device, Registry, Site, Text
from ingest.topics import telemetry_topic

_STRICT = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
_Name = Annotated[str, Field(min_length=1, max_length=100)]


class _Named(BaseModel):
    """What every table has: an id that can stand in a topic."""

    model_config = _STRICT
    id: _Name

    @field_validator("id")
    @classmethod
    def _fits_a_topic(cls, value: str) -> str:
        try:
            telemetry_topic(value, value)
        except BadTopicLevelError as error:
            raise ValueError(str(error)) from error
        return value


class _SiteTable(_Named):
    name_zh: _Name
    name_en: _Name
    timezone: str = "Asia/Shanghai"

    @field_validator("timezone")
    @classmethod
    def _exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            message = f"{value!r} is not a time zone such as 'Asia/Shanghai'"
            raise ValueError(message) from error
        return value


class _AssetTable(_Named):
    site: str
    asset_class: AssetClass = Field(alias="class")
    place_zh: _Name
    place_en: _Name
    neighbours: tuple[str, ...] = ()
    limits: dict[str, float | str] = Field(default_factory=dict)


class _DeviceTable(_Named):
    site: str
    assets: tuple[str, ...] = Field(min_length=1)
    reports_every_s: float = Field(0.0, ge=0.0, le=86_400.0)


class _File(BaseModel):
    model_config = _STRICT
    site: tuple[_SiteTable, ...] = Field(min_length=1)
    asset: tuple[_AssetTable, ...] = ()
    device: tuple[_DeviceTable, ...] = ()


def load_registry(path: str | Path) -> Registry:
    """The registry a TOML file describes, checked as a whole.

    Args:
        path: The file.

    Raises:
        RegistryFileError: It cannot be read, is not TOML, misses or misspells a key, or names an id twice or one
            that does not exist. The error says which file, table and key.
    """
    name = str(path)
    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise RegistryFileError(name, "", f"cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RegistryFileError(name, "", f"is not TOML: {error}") from error
    try:
        tables = _File.model_validate(content)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise RegistryFileError(name, _place(fault["loc"], content), _problem(fault)) from error
    _check_unique(name, "site", tables.site)
    _check_unique(name, "asset", tables.asset)
    _check_unique(name, "device", tables.device)
    sites = {table.id: _site(table) for table in tables.site}
    zones = {table.id: table.timezone for table in tables.site}
    assets = {table.id: _asset(table, zones.get(table.site, "")) for table in tables.asset}
    devices = {table.id: _device(table) for table in tables.device}
    _check_assets(name, sites, assets)
    _check_devices(name, sites, assets, devices)
    return Registry(sites, assets, devices)


def _check_unique(path: str, kind: str, tables: Sequence[_Named]) -> None:
    seen: set[str] = set()
    for number, table in enumerate(tables, 1):
        if table.id in seen:
            raise RegistryFileError(path, f"[[{kind}]] number {number}, id", f"{table.id!r} is there already")
        seen.add(table.id)


def _site(table: _SiteTable) -> Site:
    return Site(table.id, Text(table.name_zh, table.name_en), ZoneInfo(table.timezone))


def _asset(table: _AssetTable, site_timezone: str) -> Asset:
    place = Text(table.place_zh, table.place_en)
    # A detector sees assets, not sites, and some look at the hours of the night.
    limits = {"timezone": site_timezone, **table.limits}
    return Asset(table.id, table.site, table.asset_class, place, limits, table.neighbours)


def _device(table: _DeviceTable) -> Device:
    return Device(table.id, table.site, table.assets, round(table.reports_every_s * 1_000_000))


def _check_assets(path: str, sites: dict[str, Site], assets: dict[str, Asset]) -> None:
    for asset in assets.values():
        where = f"[[asset]] {asset.id!r}"
        if asset.site not in sites:
            raise RegistryFileError(path, f"{where}, site", f"there is no site {asset.site!r}")
        for neighbour in asset.neighbours:
            other = assets.get(neighbour)
            if other is None or other is asset:
                raise RegistryFileError(path, f"{where}, neighbours", f"there is no other asset {neighbour!r}")
            if (other.site, other.asset_class) != (asset.site, asset.asset_class):
                problem = f"{neighbour!r} is not a {asset.asset_class} of the same site"
                raise RegistryFileError(path, f"{where}, neighbours", problem)


def _check_devices(path: str, sites: dict[str, Site], assets: dict[str, Asset], devices: dict[str, Device]) -> None:
    for device in devices.values():
        where = f"[[device]] {device.id!r}"
        if device.site not in sites:
            raise RegistryFileError(path, f"{where}, site", f"there is no site {device.site!r}")
        for asset in device.assets:
            if asset not in assets:
                raise RegistryFileError(path, f"{where}, assets", f"there is no asset {asset!r}")
            if assets[asset].site != device.site:
                problem = f"{asset!r} stands at {assets[asset].site!r}, the device at {device.site!r}"
                raise RegistryFileError(path, f"{where}, assets", problem)


def _place(location: Sequence[int | str], content: dict[str, Any]) -> str:
    """A validation error's place as a person finds it: the table by its id if it has one, then the key."""
    match location:
        case [str(kind), int(index), *keys]:
            table = content[kind][index]
            named = table.get("id") if isinstance(table, dict) else None
            which = f"{named!r}" if named else f"number {index + 1}"
            return ", ".join([f"[[{kind}]] {which}", *[".".join(str(k) for k in keys)]][: 2 if keys else 1])
        case _:
            return ".".join(str(part) for part in location)


def _problem(fault: Any) -> str:
    if fault["type"] == "missing":
        return "is missing"
    if fault["type"] == "extra_forbidden":
        return "there is no such key"
    return str(fault["msg"]).removeprefix("Value error, ")
