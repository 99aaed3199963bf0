"""Stills: a camera's pictures are copied from the log into the work order that names them."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from alerts.database import Database
from alerts.moments import DAY_US, MINUTE_US
from alerts.scorer import Scorer
from alerts.tables import IMAGE, STILL, STILL_POSITION
from ingest.readings import Batch, Event, Still
from ingest.registry import Asset, AssetClass
from models.detector import DetectorSpec, Memory
from models.findings import Evidence, Finding, Verdict
from models.thresholds import ThresholdBook
from models.windows import Window
from tests.alerts.recording import camera, entry
from tests.alerts.seeding import NOW_US, ZONE, HandClock, ListLog, community


class NamesStills:
    """An event `parked` is a violation whose evidence names the stills that the event names."""

    spec = DetectorSpec(
        "names", 1, ("parking.illegal",), frozenset({AssetClass.PARKING_ZONE}), 10_000_000, (), 10_000_000
    )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `models.detector.Detector`."""
        del memory, thresholds
        return [
            Finding(
                w.asset.id,
                "parking.illegal",
                e.at_us,
                Verdict.SCORED,
                1.0,
                evidence=Evidence(stills=e.attributes["stills"]),
            )
            for w in windows
            for e in w.events
        ]

    def judge_on_arrival(self, batch: Batch, asset: Asset, thresholds: ThresholdBook) -> list[Finding]:
        """Nothing."""
        del batch, asset, thresholds
        return []


def still(at_us: int, jpeg: bytes) -> Still:
    return Still(f"{ZONE}-sensor", "car", at_us, jpeg, hashlib.sha256(jpeg).hexdigest())


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "main.db")


def test_the_stills_of_the_evidence_are_kept_with_the_order(database: Database) -> None:
    """Both stills, minutes apart and long out of every window, are there with their bytes, one order, in time order."""
    first, second = still(NOW_US, b"first"), still(NOW_US + 5 * MINUTE_US, b"second")
    parked = Event(
        f"{ZONE}-sensor", "parked", NOW_US + 6 * MINUTE_US, {"stills": (second.sha256, first.sha256, "0" * 64)}
    )
    batches = [
        camera(NOW_US, stills=[first]),
        camera(NOW_US + 5 * MINUTE_US, stills=[second]),
        camera(NOW_US + 6 * MINUTE_US, events=[parked]),
        camera(NOW_US + 7 * MINUTE_US, stills=[still(NOW_US + 7 * MINUTE_US, b"other")]),
    ]
    log = ListLog()
    log.append([entry(batch, batch.received_us, str(batch.received_us)) for batch in batches])
    under_test = Scorer(log, community(), database, (NamesStills(),), 10_000_000, HandClock())
    while under_test.step():
        pass

    with database.read() as connection:
        kept = connection.execute(select(IMAGE.c.data).join(STILL).order_by(STILL.c.at_us)).scalars().all()

    assert kept == [b"first", b"second"]


def test_where_a_still_lies_is_forgotten_after_a_day(database: Database) -> None:
    """The index of stills does not grow with the life of the service."""
    batches = [camera(at_us, stills=[still(at_us, str(at_us).encode())]) for at_us in (NOW_US, NOW_US + DAY_US + 1)]
    log = ListLog()
    log.append([entry(batch, batch.received_us, str(batch.received_us)) for batch in batches])
    Scorer(log, community(), database, (NamesStills(),), 10_000_000, HandClock()).step()

    with database.read() as connection:
        assert connection.execute(select(STILL_POSITION.c.position)).scalars().all() == [2]
