"""Registry schemas: what the API takes and gives of sites, assets, devices, sources and of who waits."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from alerts.api.schemas import In, Out, TextOut, Who
from alerts.moments import at
from ingest.asset_types import LimitKind
from ingest.registry import AssetClass
from ingest.registry_book import RegistryChange
from ingest.registry_edit import Difference
from ingest.registry_rows import (
    AssetFacts,
    AssetRow,
    DeviceFacts,
    DeviceRow,
    Kind,
    NameFacts,
    SiteFacts,
    SiteRow,
    SourceFacts,
    SourceRow,
)

Why = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
"""A reason, in a person's words."""
Version = Annotated[int | None, Field(ge=0, description="The version of the registry that was on the screen.")]


class Things(StrEnum):
    """The lists of the registry."""

    SITES = "sites"
    ASSETS = "assets"
    DEVICES = "devices"
    SOURCES = "sources"

    @property
    def kind(self) -> Kind:
        """What is in the list."""
        return Kind(self.removesuffix("s"))


class Signature(In):
    """Who changes the registry."""

    who: Who
    why: Why = ""
    expected_version: Version = None
    """Refused (409) when what is to be changed was changed after this version."""


class SiteIn(SiteFacts, Signature):
    """A site as it is to be."""


class AssetIn(AssetFacts, Signature):
    """An asset as it is to be."""


class DeviceIn(DeviceFacts, Signature):
    """A device as it is to be."""


class SourceIn(SourceFacts, Signature):
    """A source as it is to be, with all its names."""


class SourceNameIn(NameFacts, Signature):
    """What a name of a source is to mean."""


class ApprovalIn(In):
    """What a waiting device watches."""

    assets: Annotated[tuple[str, ...], Field(min_length=1)]
    id: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""
    """What it is to be called here; empty: as it calls itself, as far as that can be an id."""
    who: Who
    why: Why = ""


class ThingOut(Out):
    """One thing of the registry, as of a version."""

    version: int
    """Of the registry; hand it back as `expected_version`."""
    item: SiteRow | AssetRow | DeviceRow | SourceRow


class ThingPage(Out):
    """Things of one kind by id."""

    version: int
    items: list[SiteRow | AssetRow | DeviceRow | SourceRow]
    next: str | None
    """Hand it back as `after`; none at the end."""
    total: int


class DifferenceOut(Out):
    """One thing that changed."""

    kind: Kind
    id: str
    act: Literal["added", "changed", "removed"]
    fields: list[str]
    """Which changed."""
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class EditOut(Out):
    """What an edit changed; nothing, if it was so already."""

    version: int
    """Of the registry after it."""
    differences: list[DifferenceOut]


class RegistryChangeOut(Out):
    """One version of the registry."""

    version: int
    at: datetime
    who: str
    why: str
    differences: list[DifferenceOut]


class RegistryChangePage(Out):
    """The history, newest first."""

    items: list[RegistryChangeOut]
    next: int | None
    """Hand it back as `before`; none at the end."""


class RegistryOut(Out):
    """How much the registry holds."""

    version: int
    sites: int
    assets: int
    devices: int
    sources: int
    waiting: int
    """Devices that publish and that nobody has approved."""


class LimitOut(Out):
    """One thing that may be said of an asset."""

    name: str
    words: TextOut
    kind: LimitKind
    unit: str
    low: float | None
    high: float | None
    whole: bool
    choices: list[str]
    source: str
    """The standard, paper or detector behind it."""


class AssetTypeOut(Out):
    """A class of assets and what may be said of one."""

    asset_class: AssetClass
    name: TextOut
    limits: list[LimitOut]


class WaitingOut(Out):
    """A device that publishes and that the registry does not know; it raises nothing until somebody approves it."""

    source: str
    address: str
    site: str
    topic: str
    first_at: datetime
    last_at: datetime
    messages: int


class WaitingPage(Out):
    """The waiting list, longest known first."""

    items: list[WaitingOut]
    next: int | None
    """Hand it back as `after`; none at the end."""
    total: int


class ApprovedOut(Out):
    """A device that waited, as part of the registry."""

    version: int
    device: DeviceRow
    replayed: int
    """How many of its messages are taken in after all, within seconds."""


def shown_difference(one: Difference) -> DifferenceOut:
    """A difference as the API gives it."""
    return DifferenceOut.model_validate(
        {
            "kind": one.kind,
            "id": one.id,
            "act": one.act,
            "fields": list(one.fields),
            "before": _plain(one.before),
            "after": _plain(one.after),
        }
    )


def shown_change(change: RegistryChange) -> RegistryChangeOut:
    """A version as the API gives it."""
    return RegistryChangeOut(
        version=change.version,
        at=at(change.signed.at_us),
        who=change.signed.who,
        why=change.signed.why,
        differences=[shown_difference(one) for one in change.differences],
    )


def _plain(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else dict(row)
