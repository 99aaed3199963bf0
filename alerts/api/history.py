"""History: the routes that say how the time-series store does, and that retry or discard what it refused."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Response

from alerts.api.answers import IdempotencyKey, changed
from alerts.api.backend import Backend, Given
from alerts.api.history_schemas import (
    ChangedOut,
    HistoryOut,
    RefusedChoiceIn,
    RefusedPage,
    RefusedPointOut,
    State,
)
from alerts.moments import at
from ingest.errors import IngestError
from ingest.history import EVER_US
from ingest.stores.refused_points import RefusedPoints

router = APIRouter(tags=["operations"])


@dataclass(frozen=True, slots=True)
class HistoryState:
    """Whether the time-series store gets what it should.

    Attributes:
        state: As `HistoryOut.state`.
        trouble: One sentence, empty while all is well.
        lag: Log positions that it is behind; None if this process does not fill it, or the log does not answer.
    """

    state: State
    trouble: str
    lag: int | None


def history_state(backend: Backend) -> HistoryState:
    """How the forwarder of this process does."""
    if backend.forwarder is None:
        return HistoryState("elsewhere", "", None)
    trouble = backend.forwarder.trouble()
    try:
        lag = backend.forwarder.lag()
    except IngestError as error:
        return HistoryState("troubled", trouble or str(error), None)
    return HistoryState("troubled" if trouble else "forwarding", trouble, lag)


@router.get("/history")
def read_history(backend: Given) -> HistoryOut:
    """How the time-series store does: what keeps it, how far behind it is, what it refused."""
    now, refused = history_state(backend), backend.refused_points
    return HistoryOut(
        state=now.state,
        trouble=now.trouble,
        lag_positions=now.lag,
        readings_from=at(from_us) if (from_us := _readings_from_us(backend)) != EVER_US else None,
        refused=refused.waiting() if refused else {},
        refused_ever=refused.ever() if refused else {},
    )


@router.get("/history/refused")
def read_refused_points(
    backend: Given,
    reason: Annotated[str | None, Query(max_length=100)] = None,
    cursor: Annotated[int, Query(ge=0, le=2**53, description="`cursor` of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> RefusedPage:
    """Points that the time-series store refused for good, oldest first, with what it said."""
    found = backend.refused_points.find(cursor, limit + 1, reason) if backend.refused_points else []
    return RefusedPage(
        items=[
            RefusedPointOut(
                number=one.number,
                line=one.line,
                policy=one.policy,
                reason=one.reason,
                detail=one.detail,
                refused_at=at(one.at_us),
                retry_requested=one.retrying,
            )
            for one in found[:limit]
        ],
        cursor=found[limit - 1].number if len(found) > limit else None,
    )


@router.post("/history/refused/retry", response_model=ChangedOut)
def retry_refused_points(backend: Given, body: RefusedChoiceIn, idempotency_key: IdempotencyKey = None) -> Response:
    """Have points sent again once their cause is mended; those that are taken then leave the list."""
    return _changed(backend, body, idempotency_key, "retry")


@router.post("/history/refused/discard", response_model=ChangedOut)
def discard_refused_points(backend: Given, body: RefusedChoiceIn, idempotency_key: IdempotencyKey = None) -> Response:
    """Throw points away for good."""
    return _changed(backend, body, idempotency_key, "discard")


def _changed(backend: Backend, body: RefusedChoiceIn, key: str | None, what: str) -> Response:
    def act(_: object) -> bytes:
        points = backend.refused_points
        if points is None:
            return ChangedOut(changed=0).model_dump_json().encode()
        change = RefusedPoints.request_retry if what == "retry" else RefusedPoints.discard
        return ChangedOut(changed=change(points, body.number, body.reason)).model_dump_json().encode()

    request = (f"POST /history/refused/{what}".encode(), body.model_dump_json().encode())
    return changed(backend, key, request, 200, act)


def _readings_from_us(backend: Backend) -> int:
    try:
        return backend.store.readings_from_us()
    except IngestError:
        return EVER_US
