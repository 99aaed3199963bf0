"""Blocks: looking at all devices at once leads to what looking at them one by one leads to, bit for bit."""

import itertools
from collections.abc import Sequence

import msgspec
import numpy as np
import pytest

from ingest.log import Record
from ingest.readings import Batch
from ingest.registry import AssetClass, Registry
from ingest.stores.duckdb_store import DuckdbReadingStore
from models.blocks import BlockDetector, block_of
from models.checkpoint import StoredState
from models.detector import Detector, Memory
from models.detectors.catalogue import DETECTORS
from models.findings import Finding
from models.gate import Gatekeeper, Present
from models.replay import replay
from models.thresholds import DefaultThresholds
from models.windows import Window
from models.words import WordDetector
from tests.models.restarts import with_restarts
from tests.models.worlds import (
    LATENESS_US,
    T0,
    S,
    asset,
    device,
    engine,
    happening,
    logged,
    ordered,
    registry,
    telemetry,
)
from tests.models.wrapped import Wrapped

MINUTE_US, DAY_MINUTES = 60 * S, 1_440
PUMPS, RISERS = 14, 20
"""More than `LEAST_COLUMNS`."""

END_US = T0 + 10 * 86_400 * S
_IN_BLOCKS = [d for d in DETECTORS if isinstance(d, BlockDetector) and not isinstance(d, WordDetector)]


class OneByOne(Wrapped):
    """A detector whose way to look at all at once is hidden."""

    def believed(self, window: Window, memory: Memory) -> Window:
        """What the detector believes, if it is a gatekeeper."""
        return self._detector.believed(window, memory) if isinstance(self._detector, Gatekeeper) else window

    def silences(self, present: Present, memory: Memory) -> list[Finding]:
        """What the detector says, if it is a gatekeeper."""
        return self._detector.silences(present, memory) if isinstance(self._detector, Gatekeeper) else []


def world() -> Registry:
    """Pumps with a monitor; risers with a gauge and a logger each."""
    pumps = [asset(f"p{n}", AssetClass.PUMP) for n in range(PUMPS)]
    names = [f"r{n}" for n in range(RISERS)]
    risers = [asset(n, AssetClass.RISER, near=tuple(m for m in names[:5] if m != n)) for n in names]
    loggers = [device(f"{n}-{kind}", n) for n in names for kind in ("gauge", "logger")]
    return registry([*pumps, *risers], [*(device(f"p{n}-m", f"p{n}") for n in range(PUMPS)), *loggers])


def lives(seed: int, minutes: int, every: int) -> list[Batch]:
    """Sound devices and what befalls them: coarse digits, sticking, jumping, rests, pauses, new channels, events."""
    dice = np.random.default_rng(seed)
    said: list[Batch] = []
    for minute in range(0, minutes, every):
        at_us = T0 + minute * MINUTE_US
        for n in range(PUMPS):
            runs = (minute // 97 + n) % 3 > 0
            values = {"speed_rpm": 2_900.0 * runs, "velocity_rms_mm_s": round(dice.normal(1.2, 0.1) * runs, 3)}
            values |= {"kurtosis": round(dice.normal(3.0, 0.1), 1) if runs else 3.0, "trips_total": float(minute)}
            if n == 3 and minute > minutes // 2:
                values["bearing_temperature_c"] = round(40 + dice.normal(0, 0.2), 1)
            said.append(telemetry(f"p{n}-m", at_us, values))
        for n in range(RISERS):
            told = {"pressure_kpa": round(350 + dice.normal(0, 2), 0 if n % 3 else 2)}
            told["pipe_temperature_c"] = round(14 + np.sin(minute / 300) + dice.normal(0, 0.02), 1)
            if n == 2 and minute > minutes // 2:
                told["pressure_kpa"] = 351.25
            if n in {4, 5} and minute > minutes // 2 and dice.random() < 0.05 * n:
                told["pressure_kpa"] = 1_500.0
            if not (n in {6, 7} and minutes // 3 < minute < minutes // 2):
                said.append(telemetry(f"r{n}-gauge", at_us + (n % 2) * S, told))
            if dice.random() < 0.95:
                said.append(telemetry(f"r{n}-logger", at_us + 2 * S, {"pipe_vibration_um_s2": dice.normal(900, 30)}))
            if dice.random() < 0.001:
                said.append(happening(f"r{n}-logger", "device.offline", at_us + 3 * S, {}))
    return sorted([*said, *torn("r8-gauge", T0 + minutes * 2 // 3 * MINUTE_US + 5 * S)], key=lambda b: b.received_us)


def torn(gauge: str, at_us: int) -> list[Batch]:
    """Three minutes by the second: the pressure falls and stays, and the meter runs."""
    return [
        telemetry(gauge, at_us + s * S, {"pressure_kpa": 350.0 if s < 20 else 210.0, "flow_m3_h": 1.0 + 9.0 * (s > 25)})
        for s in range(180)
    ]


def states(taken: Sequence[StoredState]) -> dict[tuple[str, str], object]:
    return {(s.detector, s.asset): (msgspec.json.decode(s.state), s.wake_us, s.alone) for s in taken}


def lived(
    records: Sequence[Record], detectors: Sequence[Detector], known: Registry, end_us: int
) -> tuple[list[Finding], object]:
    """What is said, and what is remembered in the end."""
    machine = engine(known, detectors)
    return ordered(machine, records, end_us), states(machine.checkpoint().states)


@pytest.mark.parametrize("detector", _IN_BLOCKS, ids=lambda d: d.spec.name)
@pytest.mark.parametrize(("minutes", "every"), [(DAY_MINUTES * 5 // 4, 9), (3 * DAY_MINUTES, 45)])
def test_all_at_once_says_what_one_by_one_says(detector: BlockDetector, minutes: int, every: int) -> None:
    """Every finding is the same, and so is everything that is remembered."""
    records = logged(lives(1, minutes, every), world())
    found, remembered = lived(records, [detector], world(), END_US)

    assert (found, remembered) == lived(records, [OneByOne(detector)], world(), END_US)
    assert found


@pytest.mark.parametrize("detector", _IN_BLOCKS, ids=lambda d: d.spec.name)
def test_restarts_show_in_nothing(detector: BlockDetector) -> None:
    """Numbers that were in arrays when the engine stopped are taken up as they were."""
    records = logged(lives(2, DAY_MINUTES * 5 // 4, 20), world())
    crashes = set(np.random.default_rng(3).integers(0, len(records), 4).tolist())

    assert (
        with_restarts(world(), lambda: [detector], records, crashes, END_US)
        == lived(records, [detector], world(), END_US)[0]
    )


def replayed(records: Sequence[Record], detector: Detector, known: Registry, end_us: int) -> list[Finding]:
    """What is said from the history, hours at once."""
    store = DuckdbReadingStore(":memory:")
    store.write(records)
    book = DefaultThresholds(detector.spec.tunables)
    found = list(replay(store, known, [detector], book, LATENESS_US, T0, end_us))
    store.close()
    return found


@pytest.mark.parametrize("detector", _IN_BLOCKS, ids=lambda d: d.spec.name)
@pytest.mark.parametrize(("minutes", "every"), [(DAY_MINUTES * 3 // 2, 2), (3 * DAY_MINUTES, 15)])
def test_hours_at_once_say_what_one_by_one_says(detector: BlockDetector, minutes: int, every: int) -> None:
    """A replay of the history says what live was said of windows one by one."""
    records = logged(lives(4, minutes, every), world())
    found, _ = lived(records, [OneByOne(detector)], world(), END_US)

    assert replayed(records, detector, world(), END_US) == found


def test_only_windows_of_single_moments_are_in_a_block() -> None:
    """What fits no block is left to be looked at as a window; what fits stands in the column of its device."""
    known = registry(
        [asset(n, AssetClass.PUMP) for n in ("a", "b", "c")],
        [*(device(f"{n}-x", n) for n in "abc"), device("a-y", "a")],
    )
    said = [("a-x", 0, {"kurtosis": 1}), ("a-y", 5, {"kurtosis": 2, "current_a": 3})]
    said += [("b-x", 0, {"kurtosis": 4}), ("b-x", 9, {"kurtosis": 5}), ("c-x", 7, {"kurtosis": 6})]
    batches = [telemetry(d, T0 + at * S, values) for d, at, values in said]
    windows = [
        Window(a, T0, T0 + MINUTE_US, tuple(r for b in batches if b.device[0] == a.id for r in b.readings), (), (), ds)
        for a in known.assets.values()
        for ds in [known.devices_of(a.id)]
    ]
    block = block_of(windows)

    assert block is not None
    assert [(a.id, d.id) for a, d in zip(block.assets, block.devices, strict=True)] == [
        ("a", "a-x"),
        ("a", "a-y"),
        ("c", "c-x"),
    ]
    assert block.at_us.tolist() == [[T0, T0 + 5 * S, T0 + 7 * S]]
    assert list(itertools.chain(block.values)) == ["current_a", "kurtosis"]
    np.testing.assert_array_equal(block.values["current_a"], [[np.nan, 3, np.nan]])
    np.testing.assert_array_equal(block.values["kurtosis"], [[1, 2, 6]])
