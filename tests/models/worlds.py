"""Worlds: small registries, a stand-in for ingest's judging, and ways to run an engine over messages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from ingest.log import Record
from ingest.readings import UNSCORED, Batch, Event, Quality, Reading
from ingest.registry import Asset, AssetClass, Device, Registry, Site, Text
from models.detector import Detector
from models.engine import Engine
from models.findings import Finding
from models.thresholds import DefaultThresholds

S = 1_000_000
T0 = 1_764_000_000 * S
"""2025-11-24 16:00:00 UTC, a multiple of every width in use up to a day's third."""
LATENESS_US = 10 * S
SITE = "gardens"


def asset(
    asset_id: str, asset_class: AssetClass, limits: Mapping[str, float | str] | None = None, near: tuple[str, ...] = ()
) -> Asset:
    return Asset(asset_id, SITE, asset_class, Text(asset_id, asset_id), limits or {}, near)


def registry(assets: Sequence[Asset], devices: Sequence[Device]) -> Registry:
    site = Site(SITE, Text("花园", "Gardens"), ZoneInfo("Asia/Shanghai"))
    return Registry({SITE: site}, {a.id: a for a in assets}, {d.id: d for d in devices})


def device(device_id: str, *assets: str, reports_every_us: int = 0) -> Device:
    return Device(device_id, SITE, assets, reports_every_us)


def telemetry(device_id: str, at_us: int, values: Mapping[str, float]) -> Batch:
    readings = tuple(Reading(device_id, name, at_us, float(value)) for name, value in values.items())
    return Batch(SITE, device_id, at_us, readings=readings)


def happening(device_id: str, kind: str, at_us: int, attributes: Mapping[str, object]) -> Batch:
    return Batch(SITE, device_id, at_us, events=(Event(device_id, kind, at_us, dict(attributes)),))


def logged(batches: Iterable[Batch], known: Registry, lateness_us: int = LATENESS_US) -> list[Record]:
    """The records ingest would log for batches in this arrival order: flags, positions and watermarks."""
    watermarks: dict[str, int] = {}
    records: list[Record] = []
    for position, batch in enumerate(batches, start=1):
        before = watermarks.get(batch.site, -(2**62))
        patience = min((known.patience_us(a) for a in known.devices[batch.device].assets), default=0)
        oldest = before - lateness_us - patience
        judged = replace(
            batch,
            readings=tuple(
                r if r.at_us >= oldest else replace(r, quality=r.quality | Quality.LATE) for r in batch.readings
            ),
            events=tuple(
                e if e.at_us >= oldest else replace(e, quality=e.quality | Quality.LATE) for e in batch.events
            ),
        )
        good = [r.at_us for r in (*judged.readings, *judged.events) if not r.quality & UNSCORED]
        watermarks[batch.site] = max([before, *good])
        records.append(Record(position, watermarks[batch.site], judged))
    return records


def engine(known: Registry, detectors: Sequence[Detector], lateness_us: int = LATENESS_US) -> Engine:
    book = DefaultThresholds(t for d in detectors for t in d.spec.tunables)
    return Engine(known, detectors, book, lateness_us)


def ordered(machine: Engine, records: Iterable[Record], end_us: int | None = None) -> list[Finding]:
    """The ordered findings of records, and of all windows up to a last watermark if one is given."""
    found = [f for record in records for f in machine.offer(record).ordered]
    return found + (list(machine.advance(SITE, end_us)) if end_us is not None else [])
