"""Work orders: the routes that list, read, raise and move them."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy import Connection

from alerts.api.answers import CONFLICT, NOT_FOUND, IdempotencyKey, changed, detail_json
from alerts.api.backend import Backend, Given
from alerts.api.schemas import Detail, MoveIn, NoteIn, OutcomeIn, RaiseIn, WorkOrderPage
from alerts.api.views import detail, summary
from alerts.levels import Level
from alerts.life import State
from alerts.moments import at
from alerts.order_list import Filter, page
from alerts.words.names import MODE_NAMES
from alerts.words.sentences import title
from alerts.work_orders import NewOrder, Step
from ingest.registry import Text

router = APIRouter(tags=["work orders"])

OrderId = Annotated[int, Path(ge=1, le=2**53, description="The work order's id.")]
_Name = Query(max_length=200)


class ListQuery(BaseModel):
    """Which work orders, and which page of them."""

    open: Annotated[bool | None, Query(description="true: neither closed nor cancelled; false: the others.")] = None
    state: State | None = None
    level: Level | None = None
    failure_mode: Annotated[str | None, _Name] = None
    asset: Annotated[str | None, _Name] = None
    site: Annotated[str | None, _Name] = None
    limit: Annotated[int, Query(ge=1, le=200)] = 50
    cursor: Annotated[str | None, Query(max_length=400, description="`next` of the page before.")] = None


@router.get("/work-orders")
def list_work_orders(backend: Given, query: Annotated[ListQuery, Query()]) -> WorkOrderPage:
    """Work orders by urgency: open ones by level, overdue first, then by response time; the rest newest first."""
    now_us = backend.clock.now_us()
    wanted = Filter(query.open, query.state, query.level, query.failure_mode, query.asset, query.site)
    with backend.database.read() as connection:
        found = page(connection, wanted, query.limit, query.cursor, now_us)
    items = [summary(order, backend.registry, now_us) for order in found.orders]
    return WorkOrderPage(items=items, next=found.cursor, total=found.total, now=at(now_us))


@router.post("/work-orders", status_code=201, response_model=Detail, responses=CONFLICT)
def raise_work_order(backend: Given, body: RaiseIn, idempotency_key: IdempotencyKey = None) -> Response:
    """Raise a work order by hand."""
    asset = backend.registry.assets.get(body.asset)
    if asset is None or asset.site != body.site:
        raise _invalid("asset", f"site {body.site!r} has no asset {body.asset!r}")
    if body.failure_mode not in MODE_NAMES:
        raise _invalid("failure_mode", f"{body.failure_mode!r} is none of {', '.join(sorted(MODE_NAMES))}")
    words = Text(body.title.zh, body.title.en) if body.title else title(body.failure_mode, asset.place, None)
    new = NewOrder(asset, body.failure_mode, body.level, words)

    def act(connection: Connection) -> bytes:
        order = backend.orders.raise_order(connection, new, body.who, body.note)
        return detail_json(connection, backend, order)

    return changed(backend, idempotency_key, (b"POST /work-orders", body.model_dump_json().encode()), 201, act)


@router.get("/work-orders/{order}", responses=NOT_FOUND)
def read_work_order(backend: Given, order: OrderId) -> Detail:
    """One work order with everything a crew needs."""
    with backend.database.read() as connection:
        return detail(connection, order, backend.registry, backend.clock.now_us())


@router.post("/work-orders/{order}/moves", response_model=Detail, responses=NOT_FOUND | CONFLICT)
def move_work_order(backend: Given, order: OrderId, body: MoveIn, idempotency_key: IdempotencyKey = None) -> Response:
    """Take a work order a step on. A refusal (409) lists where it may go instead."""
    step = Step(body.to, body.who, body.note, body.version)
    request = _request(order, "moves", body)
    return _changed(backend, order, idempotency_key, request, lambda c: backend.orders.move(c, order, step))


@router.post("/work-orders/{order}/notes", response_model=Detail, responses=NOT_FOUND | CONFLICT)
def note_work_order(backend: Given, order: OrderId, body: NoteIn, idempotency_key: IdempotencyKey = None) -> Response:
    """Add a note; nothing ever changes or removes it."""
    request = _request(order, "notes", body)
    return _changed(
        backend, order, idempotency_key, request, lambda c: backend.orders.note(c, order, body.who, body.text)
    )


@router.post("/work-orders/{order}/outcome", response_model=Detail, responses=NOT_FOUND | CONFLICT)
def say_outcome(backend: Given, order: OrderId, body: OutcomeIn, idempotency_key: IdempotencyKey = None) -> Response:
    """Say what was found; closing needs it."""
    request = _request(order, "outcome", body)

    def change(connection: Connection) -> None:
        backend.orders.find(connection, order, body.outcome, body.who, body.note)

    return _changed(backend, order, idempotency_key, request, change)


def _changed(
    backend: Backend, order: int, key: str | None, request: tuple[bytes, ...], change: Callable[[Connection], None]
) -> Response:
    """Make a change of an order and answer with how it is then."""

    def act(connection: Connection) -> bytes:
        change(connection)
        return detail_json(connection, backend, order)

    return changed(backend, key, request, 200, act)


def _request(order: int, what: str, body: BaseModel) -> tuple[bytes, ...]:
    return (f"POST /work-orders/{order}/{what}".encode(), body.model_dump_json().encode())


def _invalid(field: str, what: str) -> RequestValidationError:
    return RequestValidationError([{"loc": ("body", field), "msg": what, "type": "value_error"}])
