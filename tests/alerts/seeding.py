"""Seeding: a small community and the findings of a burst, an entrapment, a parked car and a worn bearing."""

import hashlib
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw

from alerts.database import Database
from alerts.episode_book import EpisodeBook
from alerts.episodes import EpisodeTracker
from alerts.moments import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from alerts.thresholds import SavedThresholds
from alerts.tunables import tunables_of
from alerts.work_orders import WorkOrders
from ingest.figures import Family
from ingest.log import Entry, Group, Record
from ingest.quarantine import Refusal
from ingest.readings import Batch, Still
from ingest.registry import Asset, AssetClass, Device, Registry, Site, Text
from models.findings import (
    Contribution,
    Counterfactual,
    Evidence,
    Finding,
    Forecast,
    TimeToFailure,
    Trace,
    Verdict,
)

NOW_US = 1_795_262_400_000_000
"""2026-11-21 12:00 UTC, 20:00 in Shanghai."""
SITE = "yuyuan"
RISER, RISER_NEXT = "riser-3-2-high", "riser-3-1-high"
ELEVATOR, PUMP, ZONE = "elevator-2-1", "pump-b1-1", "zone-gate-east"


@dataclass(slots=True)
class HandClock:
    """A clock that a test moves."""

    us: int = NOW_US
    speed: float = 1.0

    def now_us(self) -> int:
        """What the test set."""
        return self.us


@dataclass(slots=True)
class ListLog:
    """A log in memory, for tests of what only reads one."""

    records: list[Record] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=dict)

    def append(self, entries: Sequence[Entry], refusals: Sequence[Refusal] = ()) -> int:
        """See `ingest.log.Log`; knows no duplicates."""
        for entry in entries:
            self.records.append(Record(len(self.records) + 1, entry.watermark_us, entry.batch))
        self.refusals += refusals
        return len(entries)

    def take(self, judge: Callable[[Mapping[str, int]], Group]) -> int:
        """See `ingest.log.Log`."""
        group = judge(self.watermarks())
        return self.append(group.entries, group.refusals)

    def read(self, after: int, limit: int) -> list[Record]:
        """See `ingest.log.Log`."""
        return [r for r in self.records if r.position > after][:limit]

    def head(self) -> int:
        """See `ingest.log.Log`."""
        return len(self.records)

    def watermarks(self) -> dict[str, int]:
        """See `ingest.log.Log`."""
        return {r.batch.site: r.watermark_us for r in self.records}

    def hold(self, reader: str, position: int) -> None:
        """See `ingest.log.Log`."""
        self.held[reader] = position

    def note(self, process: str, figures: Sequence[Family], at_us: int) -> None:
        """See `ingest.log.Log`."""

    def close(self) -> None:
        """See `ingest.log.Log`."""


def community() -> Registry:
    """One site with a pair of risers, an elevator, a pump and a parking zone."""
    assets = (
        _asset(
            RISER,
            AssetClass.RISER,
            "3 号楼 2 单元给水立管（5–12 层）",
            "Building 3 unit 2 riser, floors 5–12",
            RISER_NEXT,
        ),
        _asset(
            RISER_NEXT,
            AssetClass.RISER,
            "3 号楼 1 单元给水立管（5–12 层）",
            "Building 3 unit 1 riser, floors 5–12",
            RISER,
        ),
        _asset(ELEVATOR, AssetClass.ELEVATOR, "2 号楼 1 号电梯", "Building 2 elevator 1"),
        _asset(PUMP, AssetClass.PUMP, "地下一层泵房 1 号加压泵", "Basement pump room, booster pump 1"),
        _asset(ZONE, AssetClass.PARKING_ZONE, "东门禁停区", "East gate no-parking zone"),
    )
    return Registry(
        sites={SITE: Site(SITE, Text("豫园小区", "Yuyuan"), ZoneInfo("Asia/Shanghai"))},
        assets={a.id: a for a in assets},
        devices={f"{a.id}-sensor": Device(f"{a.id}-sensor", SITE, (a.id,)) for a in assets},
    )


def seed(database: Database, now_us: int = NOW_US) -> Registry:
    """Put the four work orders into a database as the scorer would; ids 1 to 4 in the order of the names above."""
    registry, clock = community(), HandClock(now_us)
    stills = [_still(now_us - 6 * MINUTE_US, "21:54"), _still(now_us - MINUTE_US, "21:59")]
    log = ListLog([Record(1, now_us, Batch(SITE, f"{ZONE}-sensor", now_us, stills=tuple(stills)))])
    thresholds = SavedThresholds(database, tunables_of(()).values())
    tracker = EpisodeTracker(registry.assets, thresholds)
    book = EpisodeBook(registry, WorkOrders(registry, clock), thresholds, log)
    found = (burst(now_us), entrapment(now_us), parking(now_us, stills), bearing(now_us))
    with database.write() as connection:
        book.note_stills(connection, log.records)
        for finding in found:
            for change in tracker.hear(finding):
                book.apply(connection, change)
    return registry


def burst(now_us: int) -> Finding:
    """A riser whose night vibration has grown for three weeks: P72 = 0.62."""
    at_us = tuple(now_us - (20 - day) * DAY_US for day in range(21))
    value = tuple(0.05 * math.sin(day) + (0.0 if day < 9 else 0.1 * (day - 9)) for day in range(21))
    ahead_us = tuple(now_us + h * 12 * HOUR_US for h in range(1, 7))
    return Finding(
        asset=RISER,
        failure_mode="pipe.burst",
        at_us=now_us,
        verdict=Verdict.SCORED,
        score=0.62,
        probability=0.62,
        horizon_us=3 * DAY_US,
        time_to_failure=TimeToFailure(now_us + 10 * HOUR_US, now_us + 54 * HOUR_US, now_us + 130 * HOUR_US),
        evidence=Evidence(
            signal=Trace("log_vibration_ratio", "1", at_us, value, (-0.2,) * 21, (0.2,) * 21, RISER),
            threshold=1.2,
            forecast=Forecast(
                ahead_us,
                p10=tuple(1.1 + 0.02 * h for h in range(6)),
                p50=tuple(1.15 + 0.05 * h for h in range(6)),
                p90=tuple(1.2 + 0.08 * h for h in range(6)),
            ),
            neighbours=(
                Trace(
                    "log_vibration_ratio", "1", at_us, tuple(0.04 * math.cos(d) for d in range(21)), asset=RISER_NEXT
                ),
            ),
            contributions=(
                Contribution("night_vibration_ratio", 3.4, "1", 1.0, 0.8),
                Contribution("night_pressure_drop_kpa", 14.0, "kPa", None, 0.2),
            ),
            counterfactual=Counterfactual("night_vibration_ratio", 1.8, "1"),
            facts={"nights": 12.0},
        ),
        thresholds={"policy.pipe.burst.raise_probability": 0.3},
    )


def entrapment(now_us: int) -> Finding:
    """A car that stands between floors with somebody in it."""
    at_us = tuple(now_us - (120 - s) * SECOND_US for s in range(0, 121, 5))
    speed = tuple(1.6 if s < 50 else 0.0 for s in range(0, 121, 5))
    return Finding(
        asset=ELEVATOR,
        failure_mode="elevator.entrapment",
        at_us=now_us,
        verdict=Verdict.SCORED,
        score=1.0,
        evidence=Evidence(
            signal=Trace("car_speed_m_s", "m/s", at_us, speed, asset=ELEVATOR),
            contributions=(
                Contribution("stopped_s", 70.0, "s", None, 0.5),
                Contribution("outside_door_zone", 1.0, "bool", 0.0, 0.3),
                Contribution("person_present", 1.0, "bool", 0.0, 0.2),
            ),
            facts={"floor": 7.0},
        ),
    )


def parking(now_us: int, stills: Sequence[Still]) -> Finding:
    """A car in the no-parking zone for over five minutes."""
    return Finding(
        asset=ZONE,
        failure_mode="parking.illegal",
        at_us=now_us,
        verdict=Verdict.SCORED,
        score=1.0,
        subject="4f1c9a",
        evidence=Evidence(
            contributions=(Contribution("dwell_s", 312.0, "s", 300.0, 1.0),),
            counterfactual=Counterfactual("dwell_s", 300.0, "s"),
            stills=tuple(still.sha256 for still in stills),
            facts={"plate_masked": "沪A·12***", "zone": "no_parking"},
        ),
    )


def bearing(now_us: int) -> Finding:
    """A booster pump whose vibration went from zone B into C."""
    at_us = tuple(now_us - (47 - h) * HOUR_US for h in range(48))
    value = tuple(1.4 + 0.0003 * h**2 for h in range(48))
    return Finding(
        asset=PUMP,
        failure_mode="pump.bearing",
        at_us=now_us,
        verdict=Verdict.SCORED,
        score=0.6,
        evidence=Evidence(
            signal=Trace("velocity_rms_mm_s", "mm/s", at_us, value, asset=PUMP),
            threshold=1.8,
            crossed_us=now_us - 9 * HOUR_US,
            contributions=(Contribution("velocity_rms_mm_s", value[-1], "mm/s", 1.4, 1.0),),
            counterfactual=Counterfactual("velocity_rms_mm_s", 1.8, "mm/s"),
            facts={"iso_zone": "C"},
        ),
    )


def photo(size: tuple[int, int] = (640, 480), words: str = "photo") -> bytes:
    """A JPEG as a phone would send one, smaller."""
    image = Image.new("RGB", size, (120, 130, 140))
    ImageDraw.Draw(image).text((20, 20), words, fill=(255, 255, 255))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def _asset(asset: str, asset_class: AssetClass, zh: str, en: str, *neighbours: str) -> Asset:
    return Asset(asset, SITE, asset_class, Text(zh, en), neighbours=neighbours)


def _still(at_us: int, words: str) -> Still:
    jpeg = photo((320, 180), f"gate_east {words}")
    return Still(f"{ZONE}-sensor", "car", at_us, jpeg, hashlib.sha256(jpeg).hexdigest())
