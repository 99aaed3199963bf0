"""Places: what is said of a site or asset that may have left the registry since; its orders stay workable."""

from zoneinfo import ZoneInfo

from ingest.registry import Registry, Text
from ingest.registry_rows import DEFAULT_TIMEZONE


def zone_of(registry: Registry, site: str) -> ZoneInfo:
    """The zone a site's clocks show; of one that has left, that of the first site there is."""
    known = registry.sites.get(site) or next(iter(registry.sites.values()), None)
    return known.timezone if known else ZoneInfo(DEFAULT_TIMEZONE)


def place_of(registry: Registry, asset: str) -> Text:
    """Where an asset is; of one that has left, its id, which still says more than nothing."""
    known = registry.assets.get(asset)
    return known.place if known else Text(asset, asset)
