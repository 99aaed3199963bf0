"""Registry files: the routes by which the registry comes and goes as tables for Excel, or as TOML."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Response, UploadFile

from alerts.api.answers import IdempotencyKey
from alerts.api.backend import Given
from alerts.api.registry import Asked, book_of, edited
from alerts.api.registry_schemas import EditOut, Signature, Why, shown_difference
from alerts.api.schemas import Who
from ingest.registry_csv import CsvFile, Table, csv_of
from ingest.registry_file import toml_of
from ingest.registry_files import sheet_of

router = APIRouter(prefix="/registry", tags=["registry"])

_CSV = {200: {"content": {"text/csv": {}}, "description": "UTF-8 with the mark that Excel knows it by."}}
_TOML = {200: {"content": {"application/toml": {}}, "description": "The whole registry."}}


@router.get("/files/registry.toml", responses=_TOML)  # type: ignore[arg-type]  # FastAPI wants int | str as key
def download_registry(backend: Given) -> Response:
    """The whole registry as a registry file."""
    return _file(toml_of(book_of(backend).as_written()).encode(), "application/toml", "registry.toml")


@router.get("/files/{table}.csv", responses=_CSV)  # type: ignore[arg-type]  # the same
def download_table(backend: Given, table: Table) -> Response:
    """One table of the registry: sites, assets, devices, sources or names."""
    return _file(csv_of(book_of(backend).as_written(), table), "text/csv; charset=utf-8", f"{table}.csv")


@router.post("/files", response_model=EditOut)
def upload_files(  # noqa: PLR0913, PLR0917 -- the form's fields, a header and the backend
    backend: Given,
    files: Annotated[list[UploadFile], File(description="Tables in CSV of any kinds, or one registry file in TOML.")],
    who: Annotated[Who, Form()],
    why: Annotated[Why, Form()] = "",
    replace: Annotated[bool, Form(description="Also remove what the files no longer name.")] = False,  # noqa: FBT002
    dry_run: Annotated[bool, Form(description="Only say what would change.")] = False,  # noqa: FBT002
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Take up what files say, or nothing of it: 422 says everything that is wrong, each with its file and line.

    A column that a table does not have leaves what it says as it is; an empty cell means "as by default".
    """
    book = book_of(backend)
    contents = [file.file.read() for file in files]
    named = zip(files, contents, strict=True)
    sheet, digest = sheet_of([CsvFile(file.filename or "upload", content) for file, content in named])
    chosen = sheet if replace else sheet.adding()
    if dry_run:
        differences = book.preview(lambda registry: chosen.onto(registry, book.faults))
        shown = [shown_difference(one) for one in differences]
        return Response(
            EditOut(version=book.version(), differences=shown).model_dump_json(), media_type="application/json"
        )
    said = b"\0".join([who.encode(), why.encode(), b"replace" if replace else b"", *contents])
    return edited(
        backend,
        Asked(idempotency_key, "POST /registry/files", said),
        lambda registry: chosen.onto(registry, book.faults),
        Signature(who=who, why=why),
        digest,
    )


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
