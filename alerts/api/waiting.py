"""Waiting: the routes for devices that publish and that nobody knows yet."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy import Connection

from alerts.api.answers import CONFLICT, NOT_FOUND, IdempotencyKey, changed
from alerts.api.backend import Given
from alerts.api.registry import book_of
from alerts.api.registry_schemas import ApprovalIn, ApprovedOut, WaitingOut, WaitingPage
from alerts.moments import at
from ingest.errors import NotInRegistryError
from ingest.registry_book import Signed
from ingest.registry_rows import DeviceRow, written
from ingest.waiting_list import Approval, approve

router = APIRouter(prefix="/registry/waiting", tags=["registry"])

SourceId = Annotated[str, Path(max_length=200)]
Address = Annotated[str, Path(max_length=200, description="What it calls itself; it may hold slashes.")]


@router.get("")
def list_waiting(
    backend: Given,
    source: Annotated[str | None, Query(max_length=200)] = None,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> WaitingPage:
    """The devices that publish and that the registry does not know, longest known first; they raise nothing."""
    waiting = [one for one in backend.quarantine.waiting() if source is None or one.source == source]
    items = [
        WaitingOut(
            source=one.source,
            address=one.address,
            site=one.site,
            topic=one.topic,
            first_at=at(one.first_us),
            last_at=at(one.last_us),
            messages=one.messages,
        )
        for one in waiting[after : after + limit]
    ]
    following = after + limit if len(waiting) > after + limit else None
    return WaitingPage(items=items, next=following, total=len(waiting))


@router.post("/{source}/{address:path}/approve", response_model=ApprovedOut, responses=NOT_FOUND | CONFLICT)
def approve_device(
    backend: Given, source: SourceId, address: Address, body: ApprovalIn, idempotency_key: IdempotencyKey = None
) -> Response:
    """Make the device part of the registry, have what it sent taken in, and take it off the list."""
    book = book_of(backend)

    def act(_: Connection) -> bytes:
        signed = Signed(body.who, body.why or f"approved {address}", backend.clock.now_us())
        approved = approve(book, backend.quarantine, Approval(source, address, body.assets, body.id), signed)
        device = DeviceRow.model_validate(written(approved.device))
        return ApprovedOut(version=book.version(), device=device, replayed=approved.replayed).model_dump_json().encode()

    request = (f"POST /registry/waiting/{source}/{address}/approve".encode(), body.model_dump_json().encode())
    return changed(backend, idempotency_key, request, 200, act)


@router.post("/{source}/{address:path}/dismiss", status_code=204, responses=NOT_FOUND)
def dismiss_device(backend: Given, source: SourceId, address: Address) -> None:
    """Take a device off the list; it comes back if it speaks on. What it sent stays in quarantine."""
    if not any((one.source, one.address) == (source, address) for one in backend.quarantine.waiting()):
        raise NotInRegistryError(f"device of source {source!r} that waits and calls itself", address)
    backend.quarantine.dismiss(source, address)
