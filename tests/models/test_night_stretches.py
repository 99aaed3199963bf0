"""Night stretches: hours of many risers at once lead to what one hour after the other leads to, bit for bit."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pytest

from ingest.log import Record
from ingest.readings import Batch
from ingest.registry import AssetClass, Device
from ingest.stores.duckdb_store import DuckdbReadingStore
from models.blocks import Block
from models.detector import Detector, Memory
from models.detectors.pipe_burst import PipeBurst
from models.detectors.pipe_leak import PipeLeak
from models.detectors.sensor_fault import SensorFault
from models.findings import Finding
from models.stretches import StretchDetector
from models.thresholds import ThresholdBook
from models.told import Told
from models.windows import Window
from tests.models.test_blocks import OneByOne, states
from tests.models.worlds import SITE, T0, S, asset, device, engine, happening, logged, registry, telemetry
from tests.models.wrapped import Wrapped

MINUTE_US, HOUR_US, DAY_US = 60 * S, 3_600 * S, 86_400 * S
RISERS, DAYS, EVERY_MIN = 36, 7, 15
END_US = T0 + DAYS * DAY_US
NAMES = [f"r{n:02}" for n in range(RISERS)]


class Counted(Wrapped):
    """A detector that counts the windows it is shown."""

    windows = 0

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """What the detector says."""
        self.windows += len(windows)
        return super().observe(windows, memory, thresholds)

    def observe_stretch(
        self, block: Block, memory: Memory, thresholds: ThresholdBook
    ) -> tuple[list[Finding], Mapping[str, int]]:
        """What the detector says."""
        assert isinstance(self._detector, StretchDetector)
        return self._detector.observe_stretch(block, memory, thresholds)


def devices_of(n: int) -> list[Device]:
    """A logger and a microphone each; some of them keep to themselves for a while what they heard."""
    patience_us = 900 * S if n % 7 == 3 else 0
    return [device(f"{NAMES[n]}-{kind}", NAMES[n], reports_every_us=patience_us) for kind in ("logger", "sound")]


WORLD = registry(
    [
        asset(
            name,
            AssetClass.RISER,
            {"timezone": "Asia/Kolkata"} if n % 9 == 4 else {},
            near=tuple(m for m in NAMES[n - n % 4 : n - n % 4 + 4] if m != name),
        )
        for n, name in enumerate(NAMES)
    ],
    [one for n in range(RISERS) for one in devices_of(n)],
)


def lives(seed: int) -> list[Batch]:
    """Risers that hum, leak, hammer, freeze, repeat themselves, pause, have no meter, or speak by the second."""
    dice, said = np.random.default_rng(seed), list[Batch]()
    for minute in range(0, DAYS * 1_440, EVERY_MIN):
        at_us, pauses = T0 + minute * MINUTE_US, 15 < minute // 60 % 40 < 36
        for n, name in enumerate(NAMES):
            if pauses and n in {5, 6}:
                continue
            said.append(telemetry(f"{name}-logger", at_us + n * S, logged_by(n, minute, dice)))
            if dice.random() < 0.9:
                sound = {"pipe_vibration_um_s2": dice.normal(900 + 300 * (n == 8 and minute > 9_000), 30)}
                sound["pipe_vibration_median_hz"] = dice.normal(400, 10)
                sound["pressure_kpa"] = 340.0 if n == 7 else round(340 + dice.normal(0, 2), 1)
                said.append(telemetry(f"{name}-sound", at_us + (n + 2) * S, sound))
        if minute % 3_000 == 0:
            said.append(happening("r11-sound", "weather.forecast", at_us + 90 * S, {"minimum_c": -8.0, "hours": 24}))
    for begins_us in (T0 + 30 * HOUR_US, T0 + 70 * HOUR_US):
        beats = range(begins_us, begins_us + HOUR_US, 5 * S)
        said += [telemetry("r13-logger", at_us, {"pressure_kpa": dice.normal(350, 9)}) for at_us in beats]
        said += [telemetry("r14-logger", at_us, {"pressure_kpa": 300.0 + at_us // S % 2 * 100}) for at_us in beats[::7]]
    return sorted(said, key=lambda batch: batch.received_us)


def logged_by(n: int, minute: int, dice: np.random.Generator) -> dict[str, float]:
    """What a riser's logger says."""
    hour = minute // 60
    told = {"pressure_kpa": round(350 + dice.normal(0, 60 if n % 8 == 2 and hour % 5 == 0 else 3), 1)}
    if n % 4:
        told["flow_m3_h"] = round(0.1 + 0.02 * dice.random() + 0.2 * (n % 5 == 1 and minute > 4_000), 3)
    if n % 6 == 1:
        told["pipe_vibration_um_s2"] = dice.normal(700, 30)
    if n % 6 == 5 and hour % 5 and hour < 160:
        told["air_temperature_c"] = round(-2 + 4 * np.sin(minute / 200) + dice.normal(0, 0.2), 1)
    return told


def from_arrays(
    records: Sequence[Record], detectors: Sequence[Detector], chunk_us: int
) -> tuple[list[Finding], dict[tuple[str, str], object]]:
    """What is said of a history, so much of it at once, and what is remembered in the end."""
    store = DuckdbReadingStore(":memory:")
    store.write(records)
    machine, found = engine(WORLD, detectors), list[Finding]()
    machine.hold(Told.of(d, {m: store.series(d, m, T0, END_US) for m in store.metrics(d)}) for d in WORLD.devices)
    store.close()
    for start_us, end_us in pairwise(range(T0, END_US + chunk_us, chunk_us)):
        for record in records:
            if record.batch.events and start_us <= record.batch.events[0].at_us < end_us:
                machine.offer(Record(0, 0, record.batch), seen=True)
        found += machine.advance(SITE, end_us)
    found += machine.advance(SITE, END_US + 2 * HOUR_US)
    return found, states(machine.checkpoint().states)


def one_by_one(
    records: Sequence[Record], detectors: Sequence[Detector]
) -> tuple[list[Finding], dict[tuple[str, str], object]]:
    machine = engine(WORLD, [OneByOne(one) if isinstance(one, StretchDetector) else one for one in detectors])
    found = [f for record in records for f in machine.offer(record).ordered]
    return found + list(machine.advance(SITE, END_US + 2 * HOUR_US)), states(machine.checkpoint().states)


def _of(detector: Detector, remembered: dict[tuple[str, str], object]) -> dict[str, object]:
    return {asset: state for (name, asset), state in remembered.items() if name == detector.spec.name}


@pytest.mark.parametrize("before", [[], [SensorFault()]], ids=["alone", "gated"])
@pytest.mark.parametrize("detector", [PipeBurst(), PipeLeak()], ids=lambda d: d.spec.name)
def test_hours_at_once_are_remembered_as_one_by_one(detector: Detector, before: list[Detector]) -> None:
    """Findings and states are the same, whatever befalls the risers, however many hours are taken in at once."""
    detectors = [*before, detector]
    records = logged(lives(1), WORLD)
    found, remembered = one_by_one(records, detectors)

    taken, kept = from_arrays(records, detectors, (5 if before else 2) * HOUR_US)

    assert taken == found
    assert _of(detector, kept) == _of(detector, remembered)
    assert {f.asset for f in found if f.failure_mode == detector.spec.failure_modes[0]} >= set(NAMES[1:4])


@pytest.mark.parametrize("detector", [PipeBurst(), PipeLeak()], ids=lambda d: d.spec.name)
def test_few_hours_are_made_windows_of(detector: Detector) -> None:
    """Of most hours of a replay no window is ever made."""
    counted = Counted(detector)
    records = logged([b for b in lives(2) if not b.events and b.device[:3] not in {"r13", "r14", "r07"}], WORLD)
    from_arrays(records, [counted], 2 * HOUR_US)

    assert 0 < counted.windows < 0.25 * RISERS * DAYS * 24
