"""Schemas: what the API takes and gives; every name here is what the crew page and other systems see."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from alerts.levels import Level
from alerts.life import Outcome, State
from alerts.photos import PhotoKind
from alerts.thresholds import ScopeKind
from ingest.registry import AssetClass

Who = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
"""A person's name or id, as they want it in the history."""
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
"""What a person wrote."""


class _Out(BaseModel):
    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class _In(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class TextOut(_Out):
    """One text in both languages."""

    zh: str
    en: str


class Problem(_Out):
    """What went wrong (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    """One sentence for a person: what, the value, the limit."""
    instance: str
    errors: list["FieldProblem"] | None = None
    """One a field, when the request itself was not valid."""
    moves: list[State] | None = None
    """Where the work order may go instead, when a move was refused."""


class FieldProblem(_Out):
    """What is wrong with one field of a request."""

    where: str
    """Dotted path, such as `body.scope.kind`."""
    what: str


class ClockOut(_Out):
    """The service's time; a page ticks its countdowns with it."""

    now: datetime
    speed: float
    """How many seconds of this clock pass in a second; 1 but in a simulation."""


class StatusOut(_Out):
    """What is happening."""

    readings_per_s: float
    """Readings scored in a real second, since the last time somebody asked."""
    readings_total: int
    quarantined_total: int
    """Messages in quarantine, counted up to 1,000."""
    episodes_open: int
    work_orders_open: int
    lag_positions: int
    """How far scoring is behind the log; 0 when it has read everything."""


class TimeToFailureOut(_Out):
    """When it fails if nothing is done: the 10, 50 and 90 % times."""

    p10: datetime
    p50: datetime
    p90: datetime


class DeadlineOut(_Out):
    """One thing the trade's rules want by a moment."""

    name: Literal["respond", "on_site", "plan", "report", "reply"]
    label: TextOut
    by: datetime
    met_at: datetime | None


class Summary(_Out):
    """A work order as lists show it."""

    id: int
    number: str
    site: str
    asset: str
    asset_class: AssetClass
    place: TextOut
    failure_mode: str
    mode_name: TextOut
    subject: str
    """Tells apart things that share an asset, such as parked vehicles; empty for most."""
    title: TextOut
    level: Level
    category: TextOut
    state: State
    state_name: TextOut
    probability: float | None
    """P(failure within 72 h), calibrated, for predicted failures."""
    time_to_failure: TimeToFailureOut | None
    raised_at: datetime
    started_at: datetime
    """When the episode began, in the devices' time."""
    ended_at: datetime | None
    """When the episode ended, in the devices' time; the work order stays open all the same."""
    respond_by: datetime
    responded_at: datetime | None
    deadlines: list[DeadlineOut]
    overdue: bool
    outcome: Outcome | None
    version: int
    """Grows with every change; hand it back with a move to be refused when somebody was faster."""


class EvidenceLinks(_Out):
    """Where the frozen evidence is."""

    sha256: str
    url: str
    picture_url: str | None
    """As PNG; append `?lang=zh|en&theme=light|dark&width=358`. None when there is nothing to draw."""


class StillOut(_Out):
    """A camera still of the evidence."""

    sha256: str
    url: str
    at: datetime


class PhotoOut(_Out):
    """A photo somebody took."""

    id: int
    url: str
    kind: PhotoKind
    who: str
    at: datetime


class HistoryOut(_Out):
    """Something that happened to a work order; never changed, never removed."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True, populate_by_name=True)

    at: datetime
    who: str
    action: Literal["raised", "moved", "noted", "photo", "outcome", "level_raised", "event_ended", "evidence_added"]
    from_: str | None = Field(alias="from")
    to: str | None
    note: str | None


class Detail(Summary):
    """A work order with everything a crew needs."""

    how_sure: TextOut
    why: TextOut
    counterfactual: TextOut | None
    steps: list[TextOut]
    bring: list[TextOut]
    warnings: list[TextOut]
    evidence: EvidenceLinks | None
    """None for a work order that a person raised."""
    stills: list[StillOut]
    photos: list[PhotoOut]
    history: list[HistoryOut]
    moves: list[State]
    """The states it may go to now."""


class WorkOrderPage(_Out):
    """A page of work orders, most urgent first."""

    items: list[Summary]
    next: str | None
    """Hand it back as `cursor` for the next page; null on the last one."""
    total: int
    now: datetime


class RaiseIn(_In):
    """A work order that a person raises."""

    site: str
    asset: str
    failure_mode: str
    level: Level
    title: TextOut | None = None
    """None: the failure mode's own."""
    note: Words
    who: Who

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "site": "yuyuan",
                "asset": "riser-3-2-high",
                "failure_mode": "pipe.leak",
                "level": "II",
                "note": "7 楼管井有水渍",
                "who": "王师傅",
            }
        }
    )


class MoveIn(_In):
    """One step of a work order's life."""

    to: State
    who: Who
    note: Words | None = None
    version: int | None = None
    """The version that was on the screen; the move is refused when it is not the newest."""

    model_config = ConfigDict(json_schema_extra={"example": {"to": "accepted", "who": "王师傅", "version": 1}})


class NoteIn(_In):
    """A note on a work order."""

    who: Who
    text: Words

    model_config = ConfigDict(json_schema_extra={"example": {"who": "王师傅", "text": "7 楼接头渗水，已放接水盘"}})


class OutcomeIn(_In):
    """What the crew found."""

    outcome: Outcome
    who: Who
    note: Words | None = None

    model_config = ConfigDict(json_schema_extra={"example": {"outcome": "confirmed", "who": "王师傅"}})


class OutboxOut(_Out):
    """Something other systems may want to know; delivered by reading on from the last id."""

    id: int
    at: datetime
    kind: str
    """`work_order.raised`, `work_order.moved` and so on: the history's actions."""
    work_order: int
    payload: dict[str, str | int | float | None]


class OutboxPage(_Out):
    """Outbox rows, oldest first."""

    items: list[OutboxOut]
    next: int
    """Hand it back as `after`."""


class WatchOut(_Out):
    """The newest word of the detectors on one failure mode of an asset."""

    failure_mode: str
    mode_name: TextOut
    verdict: Literal["scored", "too_early", "unknown", "not_applicable", "not_yet"]
    """`not_yet`: nothing was heard since the service was set up. Only `scored` has a score."""
    at: datetime | None
    score: float | None
    probability: float | None
    episode_open: bool


class AssetOut(_Out):
    """A thing that can fail, and what is known of it now."""

    id: str
    site: str
    asset_class: AssetClass
    place: TextOut
    devices: list[str]
    watched: list[WatchOut]
    work_orders_open: int


class ScopeOut(_Out):
    """Where a threshold's value holds; the narrowest wins: asset, asset class, site, default."""

    kind: ScopeKind
    id: str = ""
    """Empty for `default`."""


class ThresholdOut(_Out):
    """A threshold's value in one scope."""

    name: str
    scope: ScopeOut
    value: float
    unit: str
    low: float
    high: float
    default: float
    source: str
    """The standard, paper or measurement behind the default."""
    version: int
    """0: what shipped, nobody has turned it in this scope."""
    who: str | None
    why: str | None
    at: datetime | None
    """From this moment on, in event time."""


class ThresholdList(_Out):
    """Thresholds or versions of one."""

    items: list[ThresholdOut]


class ThresholdIn(_In):
    """A new value."""

    scope: ScopeOut = ScopeOut(kind=ScopeKind.DEFAULT)
    value: float = Field(allow_inf_nan=False)
    who: Who
    why: Words
    expected_version: int | None = None
    """The version that was on the screen; refused when it is not the newest."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "scope": {"kind": "asset", "id": "riser-3-2-high"},
                "value": 0.4,
                "who": "李工",
                "why": "booster pump next door shakes this riser at night",
            }
        }
    )


class ReadingsOut(_Out):
    """One metric of one device over time, columns of equal length."""

    device: str
    metric: str
    unit: str
    at: list[datetime]
    value: list[float]
    quality: list[int]
    """0 is good; flags: 1 late, 2 clock ahead, 4 out of range."""


class RefusalOut(_Out):
    """A message that was refused."""

    topic: str
    reason: str
    detail: str
    received_at: datetime
    size: int
    """Bytes of its payload."""


class QuarantineOut(_Out):
    """The newest refusals, newest first."""

    items: list[RefusalOut]


class HealthOut(_Out):
    """Whether the service's parts answer."""

    status: Literal["ok"]
