"""Schemas: what the API takes and gives; every name here is what the crew page and other systems see."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from alerts.levels import Level
from alerts.life import Outcome, State
from alerts.photos import PhotoKind
from ingest.registry import AssetClass

Who = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
"""A person's name or id, as they want it in the history."""
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
"""What a person wrote."""


class Out(BaseModel):
    """What every answer is."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class In(BaseModel):
    """What every request body is: unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class TextOut(Out):
    """One text in both languages."""

    zh: str
    en: str


class Problem(Out):
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


class FieldProblem(Out):
    """What is wrong with one field of a request."""

    where: str
    """Dotted path, such as `body.scope.kind`."""
    what: str


class TimeToFailureOut(Out):
    """When it fails if nothing is done: the 10, 50 and 90 % times."""

    p10: datetime
    p50: datetime
    p90: datetime


class DeadlineOut(Out):
    """One thing the trade's rules want by a moment."""

    name: Literal["respond", "on_site", "plan", "report", "reply"]
    label: TextOut
    by: datetime
    met_at: datetime | None


class Summary(Out):
    """A work order as lists show it."""

    id: int
    number: str
    site: str
    timezone: str
    """IANA name of the site's zone; what a person reads is in this zone, wherever their phone is."""
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


class EvidenceLinks(Out):
    """Where the frozen evidence is."""

    sha256: str
    url: str
    picture_url: str | None
    """As PNG; append `?lang=zh|en&theme=light|dark&width=358`. None when there is nothing to draw."""


class StillOut(Out):
    """A camera still of the evidence."""

    sha256: str
    url: str
    at: datetime
    deleted_at: datetime | None
    """When its picture was deleted after its time; the hash stays."""


class PhotoOut(Out):
    """A photo somebody took."""

    id: int
    url: str
    kind: PhotoKind
    who: str
    at: datetime


class HistoryOut(Out):
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


class WorkOrderPage(Out):
    """A page of work orders, most urgent first."""

    items: list[Summary]
    next: str | None
    """Hand it back as `cursor` for the next page; null on the last one."""
    total: int
    now: datetime


class RaiseIn(In):
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


class MoveIn(In):
    """One step of a work order's life."""

    to: State
    who: Who
    note: Words | None = None
    version: int | None = None
    """The version that was on the screen; the move is refused when it is not the newest."""

    model_config = ConfigDict(json_schema_extra={"example": {"to": "accepted", "who": "王师傅", "version": 1}})


class NoteIn(In):
    """A note on a work order."""

    who: Who
    text: Words

    model_config = ConfigDict(json_schema_extra={"example": {"who": "王师傅", "text": "7 楼接头渗水，已放接水盘"}})


class OutcomeIn(In):
    """What the crew found."""

    outcome: Outcome
    who: Who
    note: Words | None = None

    model_config = ConfigDict(json_schema_extra={"example": {"outcome": "confirmed", "who": "王师傅"}})
