"""Snapshots: the route by which a backup on this machine gets copies of what the API's process owns."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path
from pydantic import BaseModel

from alerts.api.answers import NOT_FOUND
from alerts.api.backend import Given

router = APIRouter(tags=["operations"])


class SnapshotOut(BaseModel):
    """A snapshot that was written."""

    position: int


@router.post("/snapshots/{name}", status_code=201, responses=NOT_FOUND)
def make_snapshot(backend: Given, name: Annotated[str, Path(pattern="^[0-9a-f]{32}$")]) -> SnapshotOut:
    """Write a copy of history and work orders into a folder that `precomplaint backup` has made for it.

    The name is that folder's: who cannot make one below the data folder cannot ask for a copy either.
    """
    maker = backend.snapshots
    place = maker.place(name) if maker is not None else None
    if maker is None or place is None:
        raise HTTPException(404, "nobody has made a folder for a snapshot of this name")
    return SnapshotOut(position=maker.make(place))
