"""Thresholds: the routes that read and turn them."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy import Connection

from alerts import points, thresholds
from alerts.api.answers import CONFLICT, NOT_FOUND, IdempotencyKey, changed
from alerts.api.backend import Backend, Given
from alerts.api.threshold_schemas import ScopeOut, ThresholdIn, ThresholdList, ThresholdOut
from alerts.moments import at
from alerts.thresholds import Change, Scope, ThresholdVersion, VersionedThresholds
from alerts.tunables import change_points
from models.thresholds import Tunable, UnknownThresholdError

router = APIRouter(tags=["thresholds"])

Name = Annotated[str, Path(max_length=200, examples=["policy.pipe.burst.raise_probability"])]


@router.get("/thresholds")
def list_thresholds(
    backend: Given,
    name: Annotated[str | None, Query(max_length=200)] = None,
    scope: Annotated[str | None, Query(max_length=200, description="A kind, or kind:id: asset:riser-1")] = None,
) -> ThresholdList:
    """Every threshold's newest value in every scope somebody gave it one, and its default."""
    with backend.database.read() as connection:
        saved = thresholds.versions(connection, name)
    newest = {(v.name, v.scope): v for v in saved}
    items = [
        _shown(tunable, scoped, newest.get((tunable.name, scoped)))
        for tunable in backend.tunables.values()
        if name is None or tunable.name == name
        for scoped in _scopes(tunable.name, newest)
        if scope is None or scope in {scoped.kind, f"{scoped.kind}:{scoped.id}"}
    ]
    return ThresholdList(items=items)


@router.get("/thresholds/{name}/versions", responses=NOT_FOUND)
def list_versions(backend: Given, name: Name) -> ThresholdList:
    """Every value a threshold ever had, newest first."""
    tunable = _tunable(backend, name)
    with backend.database.read() as connection:
        saved = thresholds.versions(connection, name)
    return ThresholdList(items=[_shown(tunable, version.scope, version) for version in reversed(saved)])


@router.put("/thresholds/{name}", response_model=ThresholdOut, responses=NOT_FOUND | CONFLICT)
def turn_threshold(backend: Given, name: Name, body: ThresholdIn, idempotency_key: IdempotencyKey = None) -> Response:
    """Save a new version; it counts for event times from now on, within seconds."""
    tunable = _tunable(backend, name)
    scope = Scope(body.scope.kind, body.scope.id)
    thresholds.check_scope(scope, backend.registry)
    change = Change(scope, body.value, body.who, body.why, body.expected_version)

    def act(connection: Connection) -> bytes:
        version = thresholds.save(connection, tunable, change, backend.clock.now_us())
        book = VersionedThresholds(backend.tunables.values(), thresholds.versions(connection, name))
        charted = change_points(book, backend.registry.assets.values(), backend.detectors, version)
        points.enqueue(connection, charted)
        return _shown(tunable, scope, version).model_dump_json().encode()

    request = (f"PUT /thresholds/{name}".encode(), body.model_dump_json().encode())
    return changed(backend, idempotency_key, request, 200, act)


def _tunable(backend: Backend, name: str) -> Tunable:
    try:
        return backend.tunables[name]
    except KeyError as error:
        raise UnknownThresholdError(name) from error


def _scopes(name: str, newest: Mapping[tuple[str, Scope], ThresholdVersion]) -> list[Scope]:
    turned = {scope for of, scope in newest if of == name}
    return [Scope(), *sorted(turned - {Scope()}, key=lambda s: (s.kind, s.id))]


def _shown(tunable: Tunable, scope: Scope, version: ThresholdVersion | None) -> ThresholdOut:
    return ThresholdOut(
        name=tunable.name,
        scope=ScopeOut(kind=scope.kind, id=scope.id),
        value=version.value if version else tunable.default,
        unit=tunable.unit,
        low=tunable.low,
        high=tunable.high,
        default=tunable.default,
        source=tunable.source,
        version=version.version if version else 0,
        who=version and version.who,
        why=version and version.why,
        at=at(version.effective_us) if version else None,
    )
