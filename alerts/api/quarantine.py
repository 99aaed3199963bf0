"""Quarantine: the routes that list, show, try, replay and throw away what could not be taken in."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Response

from alerts.api.answers import NOT_FOUND, IdempotencyKey, changed
from alerts.api.backend import Backend, Given
from alerts.api.ingest_state import ingest_state
from alerts.api.quarantine_schemas import (
    ChosenIn,
    DiscardedOut,
    PayloadOut,
    QuarantineOut,
    RefusalDetailOut,
    RefusalOut,
    RequestedOut,
    TriedEventOut,
    TriedOut,
    TriedPartOut,
    TriedReadingOut,
    TriedRefusalOut,
    TryIn,
)
from alerts.moments import at
from ingest.metrics import METRICS
from ingest.payload_view import view
from ingest.quarantine import Quarantined
from ingest.quarantine import Query as Wanted
from ingest.sources import NameMapping
from ingest.trial import Tried, TriedPart, mapped, tried

router = APIRouter(tags=["quarantine"])

_Filter = Annotated[str, Query(max_length=500)]
_Number = Annotated[int, Path(ge=1, le=2**53)]


@router.get("/quarantine")
def read_quarantine(  # noqa: PLR0913, PLR0917 -- one parameter a filter
    backend: Given,
    reason: _Filter = "",
    source: _Filter = "",
    device: _Filter = "",
    topic: Annotated[str, Query(max_length=500, description="A topic, or an MQTT filter.")] = "",
    cursor: Annotated[int, Query(ge=0, le=2**53, description="`cursor` of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> QuarantineOut:
    """Messages that were refused, newest first, with the reason; their payloads are shown one by one."""
    found = backend.quarantine.find(Wanted((), reason, source, device, topic, cursor, limit + 1))
    return QuarantineOut(
        items=[RefusalOut(**_said(one)) for one in found[:limit]],
        cursor=found[limit - 1].number if len(found) > limit else None,
        held=dict(backend.quarantine.held()),
        refused_ever=dict(backend.quarantine.refused_ever()),
    )


@router.get("/quarantine/{number}", responses=NOT_FOUND)
def read_refusal(
    backend: Given,
    number: _Number,
    plates: Annotated[bool, Query(description="Show number plates; only for who may see them.")] = False,  # noqa: FBT002 -- a query parameter
) -> RefusalDetailOut:
    """One refused message with its payload, number plates blotted out."""
    held = _one(backend, number)
    seen = view(held.refusal.payload, plates=plates)
    payload = PayloadOut.model_validate({"kind": seen.kind, "text": seen.text, "cut": seen.cut, "masked": seen.masked})
    return RefusalDetailOut(**_said(held), payload=payload)


@router.post("/quarantine/{number}/try", responses=NOT_FOUND)
def try_refusal(backend: Given, number: _Number, body: TryIn | None = None) -> TriedOut:
    """What the message would become with the mapping of now, or with the one given; nothing is stored."""
    held = _one(backend, number)
    registry, names = backend.registry, body.names if body else ()
    if names:
        if held.refusal.source not in registry.sources:
            raise HTTPException(404, f"message {number} came through no source that is known now; names belong to one")
        registry = mapped(registry, held.refusal.source, [NameMapping(**name.model_dump()) for name in names])
    outcome = tried(held.refusal, registry, backend.lateness_us, backend.log.watermarks(), backend.log.kept())
    return _tried(outcome)


@router.post("/quarantine/replay", response_model=RequestedOut)
def replay_refusals(backend: Given, body: ChosenIn, idempotency_key: IdempotencyKey = None) -> Response:
    """Have messages decoded once more with the mapping of now; those that are good then leave quarantine."""

    def act(_: object) -> bytes:
        requested = backend.quarantine.request_replay(_wanted(body))
        return RequestedOut(requested=requested, ingest=ingest_state(backend).state).model_dump_json().encode()

    request = (b"POST /quarantine/replay", body.model_dump_json().encode())
    return changed(backend, idempotency_key, request, 200, act)


@router.post("/quarantine/discard", response_model=DiscardedOut)
def discard_refusals(backend: Given, body: ChosenIn, idempotency_key: IdempotencyKey = None) -> Response:
    """Throw messages away for good."""

    def act(_: object) -> bytes:
        return DiscardedOut(discarded=backend.quarantine.discard(_wanted(body))).model_dump_json().encode()

    request = (b"POST /quarantine/discard", body.model_dump_json().encode())
    return changed(backend, idempotency_key, request, 200, act)


def _one(backend: Backend, number: int) -> Quarantined:
    found = backend.quarantine.find(Wanted(numbers=[number]))
    if not found:
        raise HTTPException(404, f"there is no message {number} in quarantine; it was replayed, discarded or forgotten")
    return found[0]


def _wanted(body: ChosenIn) -> Wanted:
    return Wanted(body.numbers, body.reason, body.source, body.device, body.topic)


def _said(held: Quarantined) -> dict[str, object]:
    refusal = held.refusal
    return {
        "number": held.number,
        "topic": refusal.topic,
        "reason": refusal.reason,
        "detail": refusal.detail,
        "received_at": at(refusal.received_us),
        "size": len(refusal.payload),
        "source": refusal.source,
        "device": refusal.device,
        "site": refusal.site,
        "replay_requested": held.requested,
    }


def _tried(outcome: Tried) -> TriedOut:
    taken = any(part.taken for part in outcome.parts)
    refused = bool(outcome.refusals)
    said = "refused" if refused and not taken else "taken_in_part" if refused else "taken" if taken else "passed_over"
    return TriedOut.model_validate(
        {
            "outcome": said,
            "parts": [_part(part) for part in outcome.parts],
            "refusals": [
                TriedRefusalOut(reason=refusal.reason, detail=refusal.detail, device=refusal.device)
                for refusal in outcome.refusals
            ],
            "passed_over": outcome.passed,
        }
    )


def _part(part: TriedPart) -> TriedPartOut:
    readings = [
        TriedReadingOut(
            metric=reading.metric,
            unit=METRICS[reading.metric].unit if reading.metric in METRICS else "",
            at=_moment(reading.at_us),
            value=reading.value,
            quality=reading.quality,
        )
        for reading in part.readings
    ]
    events = [
        TriedEventOut(kind=event.kind, at=_moment(event.at_us), attributes=event.attributes, quality=event.quality)
        for event in part.events
    ]
    return TriedPartOut(
        address=part.address,
        device=part.device,
        taken=part.taken,
        readings=readings,
        events=events,
        stills=part.stills,
        unmapped=list(part.unmapped),
    )


def _moment(us: int) -> datetime | None:
    try:
        return at(us)
    except OverflowError:
        return None
