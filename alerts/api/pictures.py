"""Pictures: the routes for photos, camera stills, and the evidence as JSON and as a picture."""

import hashlib
import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, HTTPException, Path, Query, Request, Response, UploadFile
from pydantic import BaseModel
from sqlalchemy import ColumnElement, Connection, Table, select

from alerts import evidence
from alerts.api.answers import CONFLICT, NOT_FOUND, IdempotencyKey, Responses, changed, detail_json
from alerts.api.backend import Backend, Given
from alerts.api.schemas import Detail, Who
from alerts.api.work_orders import OrderId
from alerts.evidence import Frozen
from alerts.evidence_picture import draw
from alerts.order_list import one
from alerts.photos import MAX_BYTES, PhotoKind, clean
from alerts.places import zone_of
from alerts.tables import IMAGE, PHOTO, STILL
from alerts.words.names import PICTURE_DELETED

router = APIRouter(tags=["work orders"])

_IMAGE: Responses = {200: {"content": {"image/jpeg": {}}, "description": "The image."}}
_DRAWN: Responses = {200: {"content": {"image/png": {}, "image/svg+xml": {}}, "description": "The picture."}}
_GONE: Responses = {410: {"description": "The picture was deleted after its time."}}
_NEVER_CHANGES = {"Cache-Control": "private, max-age=31536000, immutable"}
# An hour: long enough for a round with a weak signal, and no browser keeps it long after it was deleted.
_GOES = {"Cache-Control": "private, max-age=3600"}
_MAY_CHANGE = {"Cache-Control": "private, no-cache"}


class PictureQuery(BaseModel):
    """How a picture looks."""

    lang: Literal["zh", "en"] = "zh"
    theme: Literal["light", "dark"] = "light"
    width: Annotated[int, Query(ge=280, le=1600, description="CSS pixels; a PNG has twice as many.")] = 358


@router.post("/work-orders/{order}/photos", status_code=201, response_model=Detail, responses=NOT_FOUND | CONFLICT)
def add_photo(  # noqa: PLR0913, PLR0917 -- three form fields, a header, the order and the backend
    backend: Given,
    order: OrderId,
    file: Annotated[UploadFile, File(description="JPEG, PNG or WebP, at most 10 MiB.")],
    kind: Annotated[PhotoKind, Form()],
    who: Annotated[Who, Form()],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Add a photo. It is turned upright and made smaller; where and with what it was taken is dropped."""
    upload = file.file.read(MAX_BYTES + 1)
    picture = clean(upload)

    def act(connection: Connection) -> bytes:
        backend.orders.add_photo(connection, order, picture, kind, who)
        return detail_json(connection, backend, order)

    request = (f"POST /work-orders/{order}/photos".encode(), upload, kind.encode(), who.encode())
    return changed(backend, idempotency_key, request, 201, act)


@router.get("/work-orders/{order}/photos/{photo}", responses=_IMAGE | NOT_FOUND, response_class=Response)
def read_photo(backend: Given, order: OrderId, photo: Annotated[int, Path(ge=1, le=2**53)]) -> Response:
    """A photo of a work order."""
    return _image(backend, PHOTO, _NEVER_CHANGES, PHOTO.c.work_order == order, PHOTO.c.id == photo)


@router.get("/work-orders/{order}/stills/{sha256}", responses=_IMAGE | NOT_FOUND | _GONE, response_class=Response)
def read_still(backend: Given, order: OrderId, sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]) -> Response:
    """A camera still of a work order's evidence; 410 once it was deleted after its time."""
    wanted = (STILL.c.work_order == order, STILL.c.sha256 == sha256)
    with backend.database.read() as connection:
        deleted_us = connection.execute(select(STILL.c.deleted_us).where(*wanted)).scalar_one_or_none()
    if deleted_us is not None:
        raise HTTPException(410, f"{PICTURE_DELETED.zh} / {PICTURE_DELETED.en}")
    return _image(backend, STILL, _GOES, *wanted)


@router.get("/work-orders/{order}/evidence", response_model=dict[str, Any], responses=NOT_FOUND)
def read_evidence(backend: Given, order: OrderId, request: Request) -> Response:
    """What the model saw when it spoke: exactly the bytes whose sha256 stands in the work order."""
    frozen = _frozen(backend, order)
    return _with_etag(request, frozen.data, "application/json", frozen.sha256)


@router.get(
    "/work-orders/{order}/evidence.{image_format}",
    responses=_DRAWN | NOT_FOUND,
    response_class=Response,
)
def draw_evidence(
    backend: Given,
    order: OrderId,
    image_format: Annotated[Literal["png", "svg"], Path()],
    query: Annotated[PictureQuery, Query()],
    request: Request,
) -> Response:
    """The evidence as a picture: signal, normal band, threshold, crossing, forecast and neighbours."""
    frozen = _frozen(backend, order)
    etag = hashlib.sha256(f"{frozen.sha256}{query.model_dump_json()}{image_format}".encode()).hexdigest()
    if _known(request, etag):
        return Response(status_code=304, headers=_MAY_CHANGE | {"ETag": f'"{etag}"'})
    seen = json.loads(frozen.data)["finding"]["evidence"]
    if seen is None:
        raise HTTPException(404, f"the detector gave work order {order} nothing to draw")
    with backend.database.read() as connection:
        site = one(connection, order).row.site
    picture = draw(
        seen,
        language=query.lang,
        theme=query.theme,
        width_px=query.width,
        image_format=image_format,
        timezone=zone_of(backend.registry, site),
    )
    return _with_etag(request, picture, "image/png" if image_format == "png" else "image/svg+xml", etag)


def _image(backend: Backend, table: Table, headers: dict[str, str], *conditions: ColumnElement[bool]) -> Response:
    query = select(IMAGE).join(table, table.c.sha256 == IMAGE.c.sha256).where(*conditions)
    with backend.database.read() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise HTTPException(404, f"the work order has no such {table.name}")
    return Response(row.data, media_type=row.media_type, headers=headers)


def _frozen(backend: Backend, order: int) -> Frozen:
    with backend.database.read() as connection:
        one(connection, order)
        frozen = evidence.newest(connection, order)
    if frozen is None:
        raise HTTPException(404, f"a person raised work order {order}: it has no evidence")
    return frozen


def _known(request: Request, etag: str) -> bool:
    return f'"{etag}"' in request.headers.get("if-none-match", "")


def _with_etag(request: Request, data: bytes, media_type: str, etag: str) -> Response:
    headers = _MAY_CHANGE | {"ETag": f'"{etag}"'}
    if _known(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=media_type, headers=headers)
