"""Operations: the routes that say how the service is doing: clock, status, outbox, health, readings."""

import math
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.exceptions import RequestValidationError
from pydantic import AwareDatetime
from sqlalchemy import func, select

from alerts import detector_memory, outbox
from alerts.api.answers import NOT_FOUND
from alerts.api.backend import Backend, Given
from alerts.api.history import history_state
from alerts.api.ingest_state import ingest_state
from alerts.api.operation_schemas import (
    ClockOut,
    HealthOut,
    OutboxOut,
    OutboxPage,
    ReadingsOut,
    StatusOut,
)
from alerts.moments import at, us_of
from alerts.order_list import open_by_asset
from alerts.tables import EPISODE
from ingest.metrics import METRICS

router = APIRouter(tags=["operations"])

_LONGEST = timedelta(days=31)


@router.get("/clock")
def read_clock(backend: Given) -> ClockOut:
    """The service's time, and how fast it runs."""
    speed = backend.clock.speed
    # A recording played as fast as possible has no speed: its time stands until the next message.
    return ClockOut(now=at(backend.clock.now_us()), speed=speed if math.isfinite(speed) else 0.0)


@router.get("/health")
def read_health(backend: Given) -> HealthOut:
    """Answers when the API and its database do, and says whether messages are taken in and the history filled."""
    with backend.database.read() as connection:
        detector_memory.position(connection)
    ingest, history = ingest_state(backend), history_state(backend)
    return HealthOut(
        status="ok",
        ingest=ingest.state,
        ingest_noted_s=ingest.noted_s,
        history=history.state,
        history_trouble=history.trouble,
        history_lag_positions=history.lag,
    )


@router.get("/status")
def read_status(backend: Given) -> StatusOut:
    """What is happening."""
    return status(backend)


def status(backend: Backend) -> StatusOut:
    """What is happening."""
    with backend.database.read() as connection:
        position, readings = detector_memory.position(connection)
        episodes = connection.execute(
            select(func.count()).select_from(EPISODE).where(EPISODE.c.ended_us.is_(None))
        ).scalar_one()
        orders = sum(open_by_asset(connection).values())
    return StatusOut(
        now=at(backend.clock.now_us()),
        readings_per_s=round(backend.rate.sample(readings), 1),
        readings_total=readings,
        quarantined_total=sum(backend.quarantine.refused_ever().values()),
        episodes_open=episodes,
        work_orders_open=orders,
        lag_positions=max(0, backend.log.head() - position),
    )


@router.get("/outbox")
def read_outbox(
    backend: Given,
    after: Annotated[int, Query(ge=0, le=2**53, description="The last id that was taken.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> OutboxPage:
    """What other systems may want to know, in order; nothing is left out and nothing comes twice."""
    with backend.database.read() as connection:
        messages = outbox.after(connection, after, limit)
    items = [
        OutboxOut(id=m.id, at=at(m.at_us), kind=m.kind, work_order=m.work_order, payload=dict(m.payload))
        for m in messages
    ]
    return OutboxPage(items=items, next=items[-1].id if items else after)


@router.get("/readings", responses=NOT_FOUND)
def read_readings(
    backend: Given,
    device: Annotated[str, Query(max_length=200)],
    metric: Annotated[str, Query(max_length=100, examples=["pressure_kpa"])],
    start: AwareDatetime,
    end: AwareDatetime,
) -> ReadingsOut:
    """One metric of one device with start <= at < end, at most 31 days."""
    if device not in backend.registry.devices:
        raise HTTPException(404, f"there is no device {device!r}")
    if metric not in METRICS:
        raise HTTPException(404, f"there is no metric {metric!r}")
    _check_stretch(start, end)
    series = backend.store.series(device, metric, us_of(start), us_of(end))
    return ReadingsOut(
        device=device,
        metric=metric,
        unit=METRICS[metric].unit,
        at=[at(us) for us in series.at_us.tolist()],
        value=series.value.tolist(),
        quality=series.quality.tolist(),
    )


def _check_stretch(start: datetime, end: datetime) -> None:
    if not start < end <= start + _LONGEST:
        what = f"must be after start ({start.isoformat()}) and at most {_LONGEST.days} days later"
        raise RequestValidationError([{"loc": ("query", "end"), "msg": what, "type": "value_error"}])
