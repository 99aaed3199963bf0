"""Problems: every error of the API as application/problem+json (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from alerts.api.schemas import FieldProblem, Problem
from alerts.errors import (
    AlertsError,
    KeyReusedError,
    MoveRefusedError,
    OutOfBoundsError,
    PhotoRefusedError,
    StaleVersionError,
    UnknownScopeError,
    UnknownWorkOrderError,
)
from alerts.order_list import BadCursorError
from ingest.errors import (
    IngestError,
    NotInRegistryError,
    RegistryFileError,
    RegistryMovedOnError,
    RegistryRefusedError,
    StillReferredToError,
)
from ingest.history import ReadingsGoneError
from models.thresholds import UnknownThresholdError

MEDIA_TYPE = "application/problem+json"

_STATUS: Mapping[type[Exception], HTTPStatus] = {
    UnknownWorkOrderError: HTTPStatus.NOT_FOUND,
    UnknownThresholdError: HTTPStatus.NOT_FOUND,
    MoveRefusedError: HTTPStatus.CONFLICT,
    StaleVersionError: HTTPStatus.CONFLICT,
    KeyReusedError: HTTPStatus.CONFLICT,
    OutOfBoundsError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownScopeError: HTTPStatus.UNPROCESSABLE_ENTITY,
    PhotoRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadCursorError: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotInRegistryError: HTTPStatus.NOT_FOUND,
    StillReferredToError: HTTPStatus.CONFLICT,
    RegistryMovedOnError: HTTPStatus.CONFLICT,
    RegistryRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    RegistryFileError: HTTPStatus.UNPROCESSABLE_ENTITY,
    ReadingsGoneError: HTTPStatus.UNPROCESSABLE_ENTITY,
    # The log or the time-series store does not answer now; asking again later may.
    IngestError: HTTPStatus.SERVICE_UNAVAILABLE,
    AlertsError: HTTPStatus.INTERNAL_SERVER_ERROR,
}

log = structlog.get_logger()


def handle_problems(app: FastAPI) -> None:
    """Answer every error of the app with a problem."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)
    for kind in _STATUS:
        app.add_exception_handler(kind, _known)


def in_openapi(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document with the problems' own media type, which FastAPI cannot be told by itself."""
    for path in document["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if status[0] in "45" and "application/json" in response.get("content", {}):
                    response["content"] = {MEDIA_TYPE: response["content"].pop("application/json")}
    return document


def _answer(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    return Response(problem.model_dump_json(exclude_none=True), problem.status, headers, MEDIA_TYPE)


def _problem(request: Request, status: HTTPStatus, detail: str, **more: Any) -> Problem:
    return Problem(title=status.phrase, status=status, detail=detail, instance=request.url.path, **more)


def _known(request: Request, error: Exception) -> Response:
    status = next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    moves = error.allowed if isinstance(error, MoveRefusedError | StaleVersionError) else None
    # A KeyError's own text is its argument in quotes.
    detail = str(error.args[0]) if isinstance(error, KeyError) else str(error)
    fields = None
    if isinstance(error, RegistryRefusedError):
        fields = [FieldProblem(where=problem.where, what=problem.what) for problem in error.problems]
    return _answer(_problem(request, status, detail, moves=moves, errors=fields))


def _invalid(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    fields = [FieldProblem(where=".".join(str(part) for part in e["loc"]), what=e["msg"]) for e in found]
    detail = "; ".join(f"{field.where}: {field.what}" for field in fields)
    return _answer(_problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=fields))


def _http(request: Request, error: Exception) -> Response:
    status = HTTPStatus(error.status_code) if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    detail = error.detail if isinstance(error, HTTPException) else status.phrase
    headers = error.headers if isinstance(error, HTTPException) else None
    return _answer(_problem(request, status, detail), headers)


def _unexpected(request: Request, error: Exception) -> Response:
    # The server's middleware raises it again for the log; the client learns nothing of our insides.
    log.error("api.failed", path=request.url.path, error=type(error).__name__)
    detail = "the service failed on this request; it is in its log, try again later"
    return _answer(_problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, detail))
