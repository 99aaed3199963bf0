"""Coverage: the route that says which assets nobody is watching right now, and why."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from alerts.api.answers import NOT_FOUND
from alerts.api.backend import Given
from alerts.api.coverage_schemas import CoverageOut, CoverOut, SiteCoverageOut
from alerts.api.views import text
from alerts.coverage import Cover, Known, Standing, counts, coverage
from alerts.coverage_known import known_now
from alerts.moments import at, at_or_none
from alerts.words.coverage import STANDING_NAMES, cover_sentence
from alerts.words.names import mode_name

router = APIRouter(tags=["coverage"])


@router.get("/coverage", responses=NOT_FOUND)
def read_coverage(
    backend: Given,
    site: Annotated[str, Query(max_length=200, description="Only this site.")] = "",
    all: Annotated[bool, Query(description="Also what is watched.")] = False,  # noqa: A002, FBT002 -- the word of the API
) -> CoverageOut:
    """Which assets are watched for which failure modes right now, and why not where they are not; worst first."""
    registry = backend.registry
    if site and site not in registry.sites:
        raise HTTPException(404, f"there is no site {site!r}")
    known = known_now(backend.database, backend.log, backend.quarantine, registry, backend.detectors, backend.clock)
    covers = coverage(known, site)
    return CoverageOut(
        now=at(known.now_us),
        sites=[
            SiteCoverageOut(site=one, name=text(registry.sites[one].name), **{k.value: n for k, n in found.items()})
            for one, found in counts(covers).items()
        ],
        items=[_cover(known, cover) for cover in covers if all or cover.standing is not Standing.WATCHED],
    )


def _cover(known: Known, cover: Cover) -> CoverOut:
    asset, timezone = known.registry.assets[cover.asset], known.registry.sites[cover.site].timezone
    return CoverOut(
        site=cover.site,
        asset=cover.asset,
        asset_class=asset.asset_class,
        place=text(asset.place),
        failure_mode=cover.failure_mode,
        mode_name=text(mode_name(cover.failure_mode)),
        standing=cover.standing,
        standing_name=text(STANDING_NAMES[cover.standing]),
        cause=cover.cause,
        sentence=text(cover_sentence(cover, timezone, known.now_us)),
        device=cover.device or None,
        since=at_or_none(cover.since_us),
        until=at_or_none(cover.until_us),
    )
