"""Answers: how a change is made once, whatever how often it is asked for, and what is answered."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Header, Response
from sqlalchemy import Connection

from alerts import idempotency
from alerts.api.backend import Backend
from alerts.api.schemas import Problem
from alerts.api.views import detail
from alerts.idempotency import Answer

IdempotencyKey = Annotated[
    str | None,
    Header(
        description="Any text of your own. The same key with the same request gives the same answer and does nothing "
        "again; with another request it is refused (409). Kept for a week.",
        min_length=1,
        max_length=200,
    ),
]

Responses = dict[int | str, dict[str, Any]]
"""What a route may also answer, as FastAPI wants it said."""

NOT_FOUND: Responses = {404: {"model": Problem, "description": "There is no such thing."}}
CONFLICT: Responses = {
    409: {"model": Problem, "description": "It changed meanwhile, or this is not allowed from where it is."}
}


def changed(
    backend: Backend, key: str | None, request: tuple[bytes, ...], status: int, act: Callable[[Connection], bytes]
) -> Response:
    """Make a change and answer with its JSON; under a key that was answered before, only answer.

    Args:
        backend: Where the change is made.
        key: Of the request, or None.
        request: What tells the request apart from others: method and path, body, file.
        status: HTTP status of the answer.
        act: Makes the change inside the transaction it is given; its JSON.
    """
    request_print = idempotency.fingerprint(*request)
    with backend.database.write() as connection:
        answer = idempotency.find(connection, key, request_print) if key else None
        if answer is None:
            answer = Answer(status, act(connection))
            if key:
                idempotency.keep(connection, key, request_print, answer, backend.clock.now_us())
    return Response(answer.body, answer.status, media_type="application/json")


def detail_json(connection: Connection, backend: Backend, order: int) -> bytes:
    """A work order's detail as the API's JSON."""
    return detail(connection, order, backend.registry, backend.clock.now_us()).model_dump_json(by_alias=True).encode()
