"""Replay: stored readings lead to the findings of the live run."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.history import Keeping, ReadingsGoneError, ReadingStore
from ingest.log import Record
from ingest.readings import Batch, Quality
from ingest.registry import AssetClass, Registry
from ingest.stores.duckdb_store import DuckdbReadingStore
from models.detector import Detector
from models.detectors.catalogue import DETECTORS
from models.findings import Finding
from models.replay import CHUNK_US, SLICE_US, replay
from models.thresholds import DefaultThresholds
from tests.models.detector_samples import SAMPLES
from tests.models.test_engine_real import WORLD, messages
from tests.models.toys import Counter
from tests.models.worlds import LATENESS_US, SITE, T0, S, asset, device, engine, logged, registry, telemetry

DAY_US = 86_400 * S


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckdbReadingStore]:
    opened = DuckdbReadingStore(tmp_path / "history.duckdb")
    yield opened
    opened.close()


def replayed(
    store: ReadingStore, known: Registry, detectors: Sequence[Detector], start_us: int, end_us: int
) -> list[Finding]:
    book = DefaultThresholds(t for d in detectors for t in d.spec.tunables)
    return list(replay(store, known, detectors, book, LATENESS_US, start_us, end_us))


def live(known: Registry, detectors: Sequence[Detector], records: Sequence[Record], end_us: int) -> list[Finding]:
    """The ordered findings up to `end_us`, without pictures, which no store keeps."""
    machine = engine(known, detectors)
    found = [f for record in records for f in machine.offer(record).ordered]
    found += machine.advance(SITE, end_us + DAY_US)
    bare = [replace(f, evidence=f.evidence and replace(f.evidence, stills=())) for f in found]
    return [f for f in bare if f.at_us < end_us]


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda d: d.spec.name)
def test_says_what_the_live_run_said(detector: Detector, store: DuckdbReadingStore) -> None:
    """From the history the forwarder wrote, every detector says the same as from the log."""
    sample = SAMPLES[detector.spec.name]()
    records = logged(sample.batches, sample.registry)
    store.write(records)
    start_us = sample.first_us // DAY_US * DAY_US
    end_us = (sample.last_us // DAY_US + 1) * DAY_US
    found = replayed(store, sample.registry, [detector], start_us, end_us)

    assert found == live(sample.registry, [detector], records, end_us)
    assert any(f.score is not None for f in found)


@given(st.lists(messages(), max_size=60))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_says_what_the_live_run_said_of_anything(tmp_path: Path, said: list[Batch]) -> None:
    """The law, over messages nobody thought of, with repeats and contradictions as they come."""
    records = logged(sorted(said, key=lambda b: b.received_us), WORLD)
    end_us = T0 + DAY_US // 4
    store = DuckdbReadingStore(":memory:")
    store.write(records)
    found = replayed(store, WORLD, DETECTORS, T0, end_us)
    store.close()

    assert found == live(WORLD, DETECTORS, records, end_us)


def test_leaves_out_what_is_not_scored(store: DuckdbReadingStore) -> None:
    """Late and unbelievable readings are in the history, and replay passes over them like the live run."""
    known = registry([asset("pump", AssetClass.PUMP)], [device("box", "pump")])
    good, late, wild = (telemetry("box", T0 + n * 60 * S, {"current_a": 1}) for n in range(3))
    flagged = [
        replace(batch, readings=tuple(replace(r, quality=flag) for r in batch.readings))
        for batch, flag in ((good, 0), (late, Quality.LATE), (wild, Quality.OUT_OF_RANGE))
    ]
    store.write([Record(n, T0, batch) for n, batch in enumerate(flagged, start=1)])
    found = replayed(store, known, [Counter()], T0, T0 + 600 * S)

    assert [f.at_us for f in found] == [T0]


def test_windows_reach_over_slices_and_chunks(store: DuckdbReadingStore) -> None:
    """A window of a width that no slice or chunk is a multiple of is one window, whatever the store was read in."""
    known = registry([asset("pump", AssetClass.PUMP)], [device("box", "pump")])
    edges = [T0 + edge + shift for edge in (CHUNK_US, SLICE_US) for shift in (-S, S)]
    records = logged([telemetry("box", at, {"current_a": 1}) for at in sorted(edges)], known)
    store.write(records)
    end_us = T0 + 2 * SLICE_US
    detectors = [Counter(width_us=7 * 60 * S, wake_after_us=3 * 60 * S)]

    assert replayed(store, known, detectors, T0, end_us) == live(known, detectors, records, end_us)


def test_readings_that_are_gone_are_told(tmp_path: Path) -> None:
    """Of a time whose readings became minutes nothing is replayed in silence: it is said from when on it can be."""
    known = registry([asset("pump", AssetClass.PUMP)], [device("box", "pump")])
    store = DuckdbReadingStore(tmp_path / "short.duckdb", Keeping(readings_us=2 * DAY_US))
    for record in logged([telemetry("box", T0 + n * DAY_US // 4, {"current_a": 1}) for n in range(40)], known):
        store.write([record])
    kept_from_us = store.readings_from_us()

    with pytest.raises(ReadingsGoneError, match="only summaries are kept"):
        replayed(store, known, [Counter()], kept_from_us - 1, kept_from_us + DAY_US)
    assert replayed(store, known, [Counter()], kept_from_us, kept_from_us + DAY_US)
    store.close()


def test_says_nothing_of_what_lies_outside(store: DuckdbReadingStore) -> None:
    """Start is inclusive, end is not, and timers that would ring after the end do not ring."""
    known = registry([asset("pump", AssetClass.PUMP)], [device("box", "pump")])
    records = logged([telemetry("box", T0 + n * 60 * S, {"current_a": 1}) for n in range(5)], known)
    store.write(records)
    found = replayed(store, known, [Counter(wake_after_us=30 * S)], T0 + 60 * S, T0 + 120 * S)

    assert [f.at_us - T0 for f in found] == [60 * S, 95 * S]
