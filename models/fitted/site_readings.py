"""Site readings: what a site's devices said over a span, in memory, so that a worker elsewhere can replay it."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ingest.history import ReadingSource, Series
from ingest.readings import Event
from ingest.registry import Registry


@dataclass(frozen=True, slots=True)
class SiteReadings:
    """Readings and events of some devices; it is read as a store is (`ingest.history.ReadingSource`).

    Attributes:
        start_us: From when on.
        held: Series by device and metric.
        happened: Events by device, ascending.
    """

    start_us: int
    held: Mapping[str, Mapping[str, Series]]
    happened: Mapping[str, list[Event]]

    def series(self, device: str, metric: str, start_us: int, end_us: int) -> Series:
        """One metric of one device in [start_us, end_us)."""
        whole = self.held[device][metric]
        low, high = np.searchsorted(whole.at_us, (start_us, end_us))
        return Series(whole.at_us[low:high], whole.value[low:high], whole.quality[low:high])

    def metrics(self, device: str) -> list[str]:
        """The metrics that a device said."""
        return sorted(self.held.get(device, ()))

    def events(self, device: str, start_us: int, end_us: int) -> list[Event]:
        """Its events in [start_us, end_us)."""
        events = self.happened.get(device, [])
        low, high = (bisect_left(events, moment, key=lambda e: e.at_us) for moment in (start_us, end_us))
        return events[low:high]

    def readings_from_us(self) -> int:
        """From when on readings are held."""
        return self.start_us


def read_site(store: ReadingSource, registry: Registry, site: str, start_us: int, end_us: int) -> SiteReadings:
    """What the devices of a site said in [start_us, end_us)."""
    devices = [device.id for device in registry.devices.values() if device.site == site]
    held = {d: {m: store.series(d, m, start_us, end_us) for m in store.metrics(d)} for d in devices}
    return SiteReadings(start_us, held, {d: store.events(d, start_us, end_us) for d in devices})


def registry_of_site(registry: Registry, site: str) -> Registry:
    """The part of a registry that a site is."""
    return Registry(
        {site: registry.sites[site]},
        {one.id: one for one in registry.assets.values() if one.site == site},
        {one.id: one for one in registry.devices.values() if one.site == site},
        registry.sources,
    )
