"""Registry rows: sites, assets, devices and sources as people and files write them, checked one by one."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from ingest.asset_types import CLASS_NAMES
from ingest.errors import BadTopicLevelError
from ingest.registry import Asset, AssetClass, Device, Registry, Site, Text
from ingest.sources import NameMapping, Source
from ingest.spelling import meant
from ingest.topics import telemetry_topic

_RowT = TypeVar("_RowT", bound=BaseModel)

DEFAULT_TIMEZONE = "Asia/Shanghai"
_DAY_S = 86_400.0
_SECOND_US = 1_000_000

Thing = Site | Asset | Device | Source
"""What a registry holds."""

_LINE = r"^[^\x00-\x1f\x7f]*$"
_Words = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=_LINE)]
_MaybeWords = Annotated[str, StringConstraints(max_length=100, pattern=_LINE)]
_Address = Annotated[str, StringConstraints(max_length=200, pattern=_LINE)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_LINE)]
_Said = Annotated[str, StringConstraints(max_length=1000, pattern=_LINE)]


class Kind(StrEnum):
    """What kind of thing a row is about; also its name in files, in the API and on the command line."""

    SITE = "site"
    ASSET = "asset"
    DEVICE = "device"
    SOURCE = "source"


class Facts(BaseModel):
    """What is said of one thing, apart from its id."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, str_strip_whitespace=True, use_attribute_docstrings=True
    )


class SiteFacts(Facts):
    """A community."""

    name_zh: _MaybeWords = ""
    name_en: _MaybeWords = ""
    """One of the two is enough; it then stands for both."""
    timezone: str = DEFAULT_TIMEZONE
    """IANA name."""

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        return _said(self, "name_zh", "name_en")

    @field_validator("timezone")
    @classmethod
    def _exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            message = f"{value!r} is not a time zone such as 'Asia/Shanghai'"
            raise ValueError(message) from error
        return value


class AssetFacts(Facts):
    """A thing that fails."""

    site: str
    asset_class: AssetClass = Field(alias="class")
    place_zh: _MaybeWords = ""
    place_en: _MaybeWords = ""
    """One of the two is enough; it then stands for both."""
    neighbours: tuple[str, ...] = ()
    """Assets of the same class and site that share its supply and load; compared first."""
    limits: dict[str, float | _Said] = Field(default_factory=dict)
    """What detectors must know of it; `ingest/asset_types.py` lists what can be said of each class."""

    @model_validator(mode="after")
    def _is_placed(self) -> Self:
        return _said(self, "place_zh", "place_en")

    @field_validator("asset_class", mode="before")
    @classmethod
    def _known(cls, value: object) -> object:
        in_chinese = next((one for one, words in CLASS_NAMES.items() if words.zh == value), None)
        if in_chinese is not None:
            return in_chinese
        if isinstance(value, str) and value not in set(AssetClass):
            known = ", ".join(repr(str(one)) for one in AssetClass)
            message = f"{value!r} is none of {known}{meant(value, AssetClass)}"
            raise ValueError(message)
        return value


class DeviceFacts(Facts):
    """What publishes."""

    site: str
    assets: tuple[str, ...] = Field(min_length=1)
    """The assets it speaks for, all of its site."""
    reports_every_s: float = Field(0.0, ge=0.0, le=_DAY_S)
    """How long it may gather samples before it publishes them."""
    source: str = ""
    """The source it publishes through; empty: any."""
    address: _Address = ""
    """What it calls itself there; empty: its id."""
    silent_after_s: float = Field(0.0, ge=0.0, le=30 * _DAY_S)
    """After so long without a word it counts as silent; 0: learnt from its habits."""


class NameFacts(Facts):
    """What one name of a source means: reading = value * scale + offset, converted from `unit`."""

    name: _Name
    metric: str = ""
    """One of our metrics; empty: known, and not wanted."""
    unit: str = ""
    """What the value is in; empty: what the message says, else the metric's own."""
    scale: float = 1.0
    offset: float = 0.0
    address: _Address = ""
    """The one device this holds for; empty: every device of the source that has no mapping of its own."""


class SourceFacts(Facts):
    """Somebody who publishes in one wire format."""

    format: str
    filters: tuple[_Name, ...] = ()
    """MQTT topic filters it publishes under; empty: those the format is known for."""
    site: str = ""
    """Where devices stand that are met here for the first time."""
    address: _Address = ""
    """The device that speaks, where neither topic nor message names one."""
    options: dict[_Name, _Said] = Field(default_factory=dict)
    """What the format itself must be told."""
    names: tuple[NameFacts, ...] = ()
    """What its names mean."""


class Identified(BaseModel):
    """The id that every row begins with; it can stand in a topic, and in a list in one cell of a table."""

    id: _Words

    @field_validator("id")
    @classmethod
    def _fits_a_topic(cls, value: str) -> str:
        try:
            telemetry_topic(value, value)
        except BadTopicLevelError as error:
            raise ValueError(str(error)) from error
        if ";" in value or "；" in value:
            message = f"{value!r} must not hold ';', which stands between ids in a list"
            raise ValueError(message)
        return value


class SiteRow(SiteFacts, Identified):
    """A site and its id."""

    kind: ClassVar[Kind] = Kind.SITE

    def thing(self) -> Site:
        """The site."""
        return Site(self.id, _text(self.name_zh, self.name_en), ZoneInfo(self.timezone))


class AssetRow(AssetFacts, Identified):
    """An asset and its id."""

    kind: ClassVar[Kind] = Kind.ASSET

    def thing(self) -> Asset:
        """The asset, with its limits as they are written: without the time zone of its site."""
        place = _text(self.place_zh, self.place_en)
        return Asset(self.id, self.site, self.asset_class, place, dict(self.limits), self.neighbours)


class DeviceRow(DeviceFacts, Identified):
    """A device and its id."""

    kind: ClassVar[Kind] = Kind.DEVICE

    def thing(self) -> Device:
        """The device."""
        reports_every_us, silent_after_us = _us(self.reports_every_s), _us(self.silent_after_s)
        return Device(self.id, self.site, self.assets, reports_every_us, self.source, self.address, silent_after_us)


class SourceRow(SourceFacts, Identified):
    """A source and its id."""

    kind: ClassVar[Kind] = Kind.SOURCE

    def thing(self) -> Source:
        """The source with its names."""
        names = tuple(NameMapping(**name.model_dump()) for name in self.names)
        return Source(self.id, self.format, self.filters, self.site, self.address, dict(self.options), names)


Row = SiteRow | AssetRow | DeviceRow | SourceRow
ROWS: Mapping[Kind, type[Row]] = {
    Kind.SITE: SiteRow,
    Kind.ASSET: AssetRow,
    Kind.DEVICE: DeviceRow,
    Kind.SOURCE: SourceRow,
}
"""The shape of each kind's rows, in the order in which they refer to each other."""


def kind_of(thing: Thing) -> Kind:
    """What kind of thing it is."""
    match thing:
        case Site():
            return Kind.SITE
        case Asset():
            return Kind.ASSET
        case Device():
            return Kind.DEVICE
        case Source():
            return Kind.SOURCE


def written(thing: Thing) -> dict[str, Any]:
    """A thing as its row, ready for JSON, TOML or a table; what is as by default is left out."""
    match thing:
        case Site():
            row: dict[str, Any] = {"name_zh": thing.name.zh, "name_en": thing.name.en, "timezone": thing.timezone.key}
        case Asset():
            place = {"place_zh": thing.place.zh, "place_en": thing.place.en}
            row = {"site": thing.site, "class": thing.asset_class.value, **place}
            row |= {"neighbours": list(thing.neighbours), "limits": dict(thing.limits)}
        case Device():
            row = {"site": thing.site, "assets": list(thing.assets), "reports_every_s": _s(thing.reports_every_us)}
            row |= {"source": thing.source, "address": thing.address, "silent_after_s": _s(thing.silent_after_us)}
        case Source():
            row = {"format": thing.format, "filters": list(thing.filters), "site": thing.site}
            row |= {"address": thing.address, "options": dict(thing.options), "names": [*map(_name, thing.names)]}
    return {"id": thing.id} | {key: value for key, value in row.items() if value}


def things_of(registry: Registry, kind: Kind) -> Mapping[str, Any]:
    """The things of one kind by id."""
    by_kind: dict[Kind, Mapping[str, Thing]] = {
        Kind.SITE: registry.sites,
        Kind.ASSET: registry.assets,
        Kind.DEVICE: registry.devices,
        Kind.SOURCE: registry.sources,
    }
    return by_kind[kind]


def everything(registry: Registry) -> Iterable[Thing]:
    """All that a registry holds, in an order in which nothing refers to what comes later (neighbours apart)."""
    return (thing for kind in (*Kind,) for thing in things_of(registry, kind).values())


def registry_of(things: Iterable[Thing]) -> Registry:
    """The registry of these things; of two with the same kind and id the last."""
    found: dict[Kind, dict[str, Any]] = {kind: {} for kind in Kind}
    for thing in things:
        found[kind_of(thing)][thing.id] = thing
    return Registry(found[Kind.SITE], found[Kind.ASSET], found[Kind.DEVICE], found[Kind.SOURCE])


def field_problems(error: ValidationError, row: type[BaseModel]) -> list[tuple[str, str]]:
    """What is wrong with a row: the field (dotted, empty for the row as a whole), and a sentence about it."""
    known = [field.alias or name for name, field in row.model_fields.items()]
    return [(".".join(str(part) for part in fault["loc"]), _sentence(fault, known)) for fault in error.errors()]


def _said(row: _RowT, zh: str, en: str) -> _RowT:
    """The row, if it says a text in one of the two languages."""
    if not (getattr(row, zh) or getattr(row, en)):
        message = f"{zh} or {en} is missing"
        raise ValueError(message)
    return row


def _text(zh: str, en: str) -> Text:
    return Text(zh or en, en or zh)


def _sentence(fault: Mapping[str, Any], known: Iterable[str]) -> str:
    match fault["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return f"there is no such key{meant(str(fault['loc'][-1]), known)}"
        case "float_parsing" | "int_parsing":
            return f"{fault['input']!r} is not a number"
        case "string_too_short" | "too_short":
            return "must not be empty"
        case "string_pattern_mismatch":
            return f"{fault['input']!r} must not hold a line break or another control character"
    said = str(fault["msg"]).removeprefix("Value error, ")
    return f"{said[0].lower()}{said[1:]}" if said.startswith("Input ") else said


def _name(mapping: NameMapping) -> dict[str, Any]:
    row = {"name": mapping.name, "metric": mapping.metric, "unit": mapping.unit, "scale": mapping.scale}
    row |= {"offset": mapping.offset, "address": mapping.address}
    default = {"unit": "", "scale": 1.0, "offset": 0.0, "address": ""}
    return {key: value for key, value in row.items() if value != default.get(key)}


def _us(seconds: float) -> int:
    return round(seconds * _SECOND_US)


def _s(microseconds: int) -> float:
    return microseconds / _SECOND_US
