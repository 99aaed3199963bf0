"""Worlds: small registries, messages as ingest logs them, and ways to run an engine over messages."""

from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from ingest.formats.wire_format import Decoded
from ingest.judge import Judge
from ingest.log import Record
from ingest.quarantine import Rejection
from ingest.readings import Batch, Event, Reading
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
    """The records ingest logs for batches in this arrival order: judged, with positions and watermarks."""
    judge, watermarks, records = Judge(known, lateness_us), dict[str, int](), list[Record]()
    for position, batch in enumerate(batches, start=1):
        decoded = Decoded(batch.device, batch.readings, batch.events, batch.stills)
        judged = judge.judge(decoded, batch.site, batch.received_us, watermarks)
        assert not isinstance(judged, Rejection), judged
        watermarks[batch.site] = judged.watermark_us
        records.append(Record(position, judged.watermark_us, judged.batch))
    return records


def engine(known: Registry, detectors: Sequence[Detector], lateness_us: int = LATENESS_US) -> Engine:
    book = DefaultThresholds(t for d in detectors for t in d.spec.tunables)
    return Engine(known, detectors, book, lateness_us)


def ordered(machine: Engine, records: Iterable[Record], end_us: int | None = None) -> list[Finding]:
    """The ordered findings of records, and of all windows up to a last watermark if one is given."""
    found = [f for record in records for f in machine.offer(record).ordered]
    return found + (list(machine.advance(SITE, end_us)) if end_us is not None else [])
