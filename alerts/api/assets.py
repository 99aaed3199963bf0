"""Assets: the routes that say what is watched and what is known of it now."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path
from sqlalchemy import select

from alerts import watches
from alerts.api.answers import NOT_FOUND
from alerts.api.backend import Backend, Given
from alerts.api.operation_schemas import AssetOut, WatchOut
from alerts.api.views import text
from alerts.moments import at_or_none
from alerts.order_list import open_by_asset
from alerts.tables import EPISODE
from alerts.watches import Watch
from alerts.words.names import mode_name
from ingest.registry import Asset

router = APIRouter(tags=["assets"])


@router.get("/assets")
def list_assets(backend: Given) -> list[AssetOut]:
    """Every asset with the newest word of the detectors on each of its failure modes."""
    return _assets(backend, backend.registry.assets.values())


@router.get("/assets/{asset}", responses=NOT_FOUND)
def read_asset(backend: Given, asset: Annotated[str, Path(max_length=200)]) -> AssetOut:
    """One asset with the newest word of the detectors on each of its failure modes."""
    known = backend.registry.assets.get(asset)
    if known is None:
        raise HTTPException(404, f"there is no asset {asset!r}")
    return _assets(backend, (known,))[0]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database knows of all assets."""

    heard: Mapping[tuple[str, str], Watch]
    open_episodes: AbstractSet[tuple[str, str]]
    open_orders: Mapping[str, int]


def _assets(backend: Backend, assets: Iterable[Asset]) -> list[AssetOut]:
    with backend.database.read() as connection:
        query = select(EPISODE.c.asset, EPISODE.c.failure_mode).where(EPISODE.c.ended_us.is_(None))
        known = _Known(
            heard={(w.asset, w.failure_mode): w for w in watches.load(connection)},
            open_episodes={(row.asset, row.failure_mode) for row in connection.execute(query)},
            open_orders=open_by_asset(connection),
        )
    return [_asset(backend, asset, known) for asset in assets]


def _asset(backend: Backend, asset: Asset, known: _Known) -> AssetOut:
    modes = [
        mode
        for detector in backend.detectors
        if asset.asset_class in detector.spec.asset_classes
        for mode in detector.spec.failure_modes
    ]
    return AssetOut(
        id=asset.id,
        site=asset.site,
        asset_class=asset.asset_class,
        place=text(asset.place),
        devices=[device.id for device in backend.registry.devices_of(asset.id)],
        watched=[
            _watch(mode, known.heard.get((asset.id, mode)), (asset.id, mode) in known.open_episodes) for mode in modes
        ],
        work_orders_open=known.open_orders.get(asset.id, 0),
    )


def _watch(failure_mode: str, watch: Watch | None, episode_open: bool) -> WatchOut:  # noqa: FBT001 -- a fact, not a switch
    return WatchOut(
        failure_mode=failure_mode,
        mode_name=text(mode_name(failure_mode)),
        verdict=watch.verdict.value if watch else "not_yet",
        at=at_or_none(watch.at_us if watch else None),
        score=watch.score if watch else None,
        probability=watch.probability if watch else None,
        episode_open=episode_open,
    )
