"""Registry: the routes that list and change sites, assets, devices and sources, and say who changed them."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Response
from pydantic import ValidationError
from sqlalchemy import Connection

from alerts.api.answers import CONFLICT, NOT_FOUND, IdempotencyKey, changed
from alerts.api.backend import Backend, Given
from alerts.api.registry_schemas import (
    AssetIn,
    AssetTypeOut,
    DeviceIn,
    EditOut,
    LimitOut,
    RegistryChangePage,
    RegistryOut,
    Signature,
    SiteIn,
    SourceIn,
    SourceNameIn,
    ThingOut,
    ThingPage,
    Things,
    Version,
    Why,
    shown_change,
    shown_difference,
)
from alerts.api.schemas import Who
from alerts.api.views import text
from ingest.asset_types import CLASS_NAMES, LIMITS, Limit
from ingest.errors import NotInRegistryError, Problem, RegistryRefusedError
from ingest.registry_book import RegistryBook, Signed
from ingest.registry_edit import Edit, with_name, with_things, without, without_name
from ingest.registry_rows import ROWS, Kind, NameFacts, field_problems, things_of, written
from ingest.sources import NameMapping
from ingest.spelling import meant

router = APIRouter(prefix="/registry", tags=["registry"])

Id = Annotated[str, Path(max_length=200)]
AskedBy = Annotated[Who, Query(description="Who removes it.")]
AskedWhy = Annotated[Why, Query(description="Why.")]
_EDIT: dict[str, Any] = {"response_model": EditOut, "responses": NOT_FOUND | CONFLICT}
_SIGNATURE = frozenset(Signature.model_fields)


def book_of(backend: Backend) -> RegistryBook:
    """The book of a service whose registry can be edited."""
    if not isinstance(backend.reader, RegistryBook):
        raise HTTPException(501, "this service reads its registry from a file and cannot change it")
    return backend.reader


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to edit: its key, or None, its method and path, and what it says."""

    key: str | None
    where: str
    body: bytes


def edited(
    backend: Backend, asked: Asked, edit: Edit, signature: Signature, file_digest: str | None = None
) -> Response:
    """Do an edit once, whatever how often it is asked for, and answer with what it changed.

    Args:
        backend: Whose registry.
        asked: The request.
        edit: What to do.
        signature: Who does it, why, and which version they saw.
        file_digest: Of the registry file it takes up, if it is one.
    """
    book = book_of(backend)

    def act(_: Connection) -> bytes:
        signed = Signed(signature.who, signature.why, backend.clock.now_us(), file_digest)
        change = book.change(edit, signed, signature.expected_version)
        differences = [shown_difference(one) for one in change.differences] if change else []
        return EditOut(version=book.version(), differences=differences).model_dump_json().encode()

    # Were the service killed between the two commits, the same request would find nothing left to change.
    return changed(backend, asked.key, (asked.where.encode(), asked.body), 200, act)


@router.get("")
def read_registry(backend: Given) -> RegistryOut:
    """How much the registry holds, its version, and how many devices wait for somebody to approve them."""
    book = book_of(backend)
    registry = book.as_written()
    return RegistryOut(
        version=book.version(),
        sites=len(registry.sites),
        assets=len(registry.assets),
        devices=len(registry.devices),
        sources=len(registry.sources),
        waiting=len(backend.quarantine.waiting()),
    )


@router.get("/asset-types")
def list_asset_types() -> list[AssetTypeOut]:
    """The classes of assets, and what may be said of an asset of each."""
    return [
        AssetTypeOut(asset_class=one, name=text(CLASS_NAMES[one]), limits=[_limit(limit) for limit in limits.values()])
        for one, limits in LIMITS.items()
    ]


@router.get("/changes")
def list_changes(
    backend: Given,
    before: Annotated[int, Query(ge=0, description="Only versions below this one; 0: from the newest.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RegistryChangePage:
    """Who changed what, when and why, newest first."""
    changes = book_of(backend).changes(before, limit + 1)
    following = changes[limit - 1].version if len(changes) > limit else None
    return RegistryChangePage(items=[shown_change(change) for change in changes[:limit]], next=following)


@router.get("/{things}")
def list_things(
    backend: Given,
    things: Things,
    site: Annotated[str | None, Query(max_length=200, description="Only those of this site.")] = None,
    after: Annotated[str, Query(max_length=200, description="The last id of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> ThingPage:
    """Sites, assets, devices or sources as they are written, by id."""
    book = book_of(backend)
    known = things_of(book.as_written(), things.kind)
    chosen = sorted(i for i, one in known.items() if site in {None, getattr(one, "site", one.id)})
    rest = [i for i in chosen if i > after]
    items = [ROWS[things.kind].model_validate(written(known[i])) for i in rest[:limit]]
    following = rest[limit - 1] if len(rest) > limit else None
    return ThingPage(version=book.version(), items=items, next=following, total=len(chosen))


@router.get("/{things}/{thing_id}", responses=NOT_FOUND)
def read_thing(backend: Given, things: Things, thing_id: Id) -> ThingOut:
    """One site, asset, device or source as it is written."""
    book = book_of(backend)
    known = things_of(book.as_written(), things.kind)
    if thing_id not in known:
        raise NotInRegistryError(things.kind, thing_id, meant(thing_id, known))
    return ThingOut(version=book.version(), item=ROWS[things.kind].model_validate(written(known[thing_id])))


@router.put("/sites/{site_id}", **_EDIT)
def put_site(backend: Given, site_id: Id, body: SiteIn, idempotency_key: IdempotencyKey = None) -> Response:
    """Add a site, or say anew what it is."""
    return _put(backend, Kind.SITE, site_id, body, idempotency_key)


@router.put("/assets/{asset_id}", **_EDIT)
def put_asset(backend: Given, asset_id: Id, body: AssetIn, idempotency_key: IdempotencyKey = None) -> Response:
    """Add an asset, or say anew what it is; it is watched from the next step of scoring on."""
    return _put(backend, Kind.ASSET, asset_id, body, idempotency_key)


@router.put("/devices/{device_id}", **_EDIT)
def put_device(backend: Given, device_id: Id, body: DeviceIn, idempotency_key: IdempotencyKey = None) -> Response:
    """Add a device, or say anew what it is; it is listened to within about a second."""
    return _put(backend, Kind.DEVICE, device_id, body, idempotency_key)


@router.put("/sources/{source_id}", **_EDIT)
def put_source(backend: Given, source_id: Id, body: SourceIn, idempotency_key: IdempotencyKey = None) -> Response:
    """Add a source, or say anew what it speaks and what its names mean."""
    return _put(backend, Kind.SOURCE, source_id, body, idempotency_key)


@router.put("/sources/{source_id}/names", **_EDIT)
def put_name(backend: Given, source_id: Id, body: SourceNameIn, idempotency_key: IdempotencyKey = None) -> Response:
    """Say what one name of a source means; an empty metric: it is known, and not wanted."""
    facts = body.model_dump(include=set(NameFacts.model_fields))
    mapping = NameMapping(**facts)
    asked = Asked(idempotency_key, f"PUT /registry/sources/{source_id}/names", body.model_dump_json().encode())
    return edited(backend, asked, lambda registry: with_name(registry, source_id, mapping), body)


@router.delete("/sources/{source_id}/names", **_EDIT)
def remove_name(  # noqa: PLR0913, PLR0917 -- which name, of which source, and who says so
    backend: Given,
    source_id: Id,
    name: Annotated[str, Query(max_length=200)],
    who: AskedBy,
    address: Annotated[str, Query(max_length=200)] = "",
    why: AskedWhy = "",
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Forget what a name of a source means; messages that use it wait in quarantine again."""
    said = f"{name}\0{address}\0{who}\0{why}".encode()
    asked = Asked(idempotency_key, f"DELETE /registry/sources/{source_id}/names", said)
    signature = Signature(who=who, why=why)
    return edited(backend, asked, lambda registry: without_name(registry, source_id, name, address), signature)


@router.delete("/{things}/{thing_id}", **_EDIT)
def remove_thing(  # noqa: PLR0913, PLR0917 -- which thing, and who says so
    backend: Given,
    things: Things,
    thing_id: Id,
    who: AskedBy,
    why: AskedWhy = "",
    expected_version: Annotated[Version, Query()] = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Remove a thing that nothing else names (409 says what does); its work orders stay."""
    said = f"{who}\0{why}\0{expected_version}".encode()
    asked = Asked(idempotency_key, f"DELETE /registry/{things}/{thing_id}", said)
    signature = Signature(who=who, why=why, expected_version=expected_version)
    return edited(backend, asked, lambda registry: without(registry, things.kind, thing_id), signature)


def _put(backend: Backend, kind: Kind, thing_id: str, body: Signature, key: str | None) -> Response:
    facts = body.model_dump(by_alias=True, exclude=set(_SIGNATURE), exclude_unset=True)
    try:
        thing = ROWS[kind].model_validate({**facts, "id": thing_id}).thing()
    except ValidationError as error:
        raise RegistryRefusedError(
            [Problem(where, what) for where, what in field_problems(error, ROWS[kind])]
        ) from error
    asked = Asked(key, f"PUT /registry/{kind}s/{thing_id}", body.model_dump_json(by_alias=True).encode())
    return edited(backend, asked, lambda registry: with_things(registry, [thing]), body)


def _limit(limit: Limit) -> LimitOut:
    return LimitOut(
        name=limit.name,
        words=text(limit.words),
        kind=limit.kind,
        unit=limit.unit,
        low=_bound(limit.low),
        high=_bound(limit.high),
        whole=limit.whole,
        choices=list(limit.choices),
        source=limit.source,
    )


def _bound(value: float) -> float | None:
    return None if value in {float("inf"), float("-inf")} else value
