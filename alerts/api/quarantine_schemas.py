"""Quarantine schemas: what the API gives and takes of messages that could not be taken in."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from alerts.api.schemas import In, Out

_Name = Annotated[str, StringConstraints(max_length=500)]


class RefusalOut(Out):
    """A message that was refused."""

    number: int
    """Its own for good; grows with arrival."""
    topic: str
    reason: str
    """A name for machines, such as `unmapped_name`."""
    detail: str
    """One sentence for a person: what, the value, the limit, where."""
    received_at: datetime
    size: int
    """Bytes of its payload."""
    source: str
    """Through which source it came; empty if its topic is of none."""
    device: str
    """What the device calls itself; empty if that could not be read."""
    site: str
    replay_requested: bool
    """It will be decoded once more, as soon as ingest comes to it."""


class QuarantineOut(Out):
    """Refused messages, newest first."""

    items: list[RefusalOut]
    cursor: int | None
    """Hand it back for the next page; null at the end."""
    held: dict[str, int]
    """By reason, how many are held in all."""
    refused_ever: dict[str, int]
    """By reason, how many were ever refused, those included that are gone."""


class PayloadOut(Out):
    """A payload for people."""

    kind: Literal["json", "text", "hex"]
    text: str
    """JSON is indented; of what is no text, the first bytes as hexadecimal numbers."""
    cut: bool
    """There is more than is shown."""
    masked: bool
    """What looks like a number plate was blotted out; `plates=true` shows it."""


class RefusalDetailOut(RefusalOut):
    """A refused message with its payload."""

    payload: PayloadOut


class NameIn(In):
    """What one name of a source means: metric = value * scale + offset, converted from `unit`."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    metric: _Name = ""
    """A metric of ours; empty: known, and not wanted."""
    unit: _Name = ""
    """What the value is in; empty: what the message says, else the metric's own."""
    scale: Annotated[float, Field(allow_inf_nan=False)] = 1.0
    offset: Annotated[float, Field(allow_inf_nan=False)] = 0.0
    address: _Name = ""
    """The one device this holds for; empty: all of the source."""


class TryIn(In):
    """A mapping to try; names that are not in it keep what they mean now."""

    names: Annotated[tuple[NameIn, ...], Field(max_length=500)] = ()


class TriedReadingOut(Out):
    """A reading as it would be stored."""

    metric: str
    unit: str
    at: datetime | None
    """Null if the message dates it where no calendar reaches."""
    value: float
    quality: int


class TriedEventOut(Out):
    """An event as it would be stored."""

    kind: str
    at: datetime | None
    attributes: dict[str, Any]
    quality: int


class TriedPartOut(Out):
    """What one device of the message says."""

    address: str
    device: str
    """Its id; empty if the registry does not know it or refuses what it says."""
    taken: bool
    readings: list[TriedReadingOut]
    events: list[TriedEventOut]
    stills: int
    unmapped: list[str]
    """Names that still have no meaning."""


class TriedRefusalOut(Out):
    """Why something of it would stay in quarantine."""

    reason: str
    detail: str
    device: str


class TriedOut(Out):
    """What would become of the message now; nothing was stored."""

    outcome: Literal["taken", "taken_in_part", "refused", "passed_over"]
    parts: list[TriedPartOut]
    refusals: list[TriedRefusalOut]
    passed_over: str | None
    """Why it holds nothing for us, if it does not."""


class ChosenIn(In):
    """Which messages; what is given must all hold. `all` means every one, and stands alone."""

    numbers: Annotated[tuple[Annotated[int, Field(ge=1, le=2**53)], ...], Field(max_length=10_000)] = ()
    reason: _Name = ""
    source: _Name = ""
    device: _Name = ""
    topic: _Name = ""
    """A topic, or an MQTT filter such as `v1/gateway/#`."""
    all: bool = False

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if self.all == any((self.numbers, self.reason, self.source, self.device, self.topic)):
            raise ValueError("say which messages: by numbers, reason, source, device or topic, or all of them by `all`")
        return self


class RequestedOut(Out):
    """What was asked to be replayed."""

    requested: int
    ingest: Literal["connected", "disconnected", "silent"]
    """`connected`: it is done within a second or so; else as soon as ingest runs again."""


class DiscardedOut(Out):
    """What was thrown away for good."""

    discarded: int
