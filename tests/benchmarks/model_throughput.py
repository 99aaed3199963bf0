"""Model throughput: what scoring costs, with every detector that applies, against River's trees in the same run.

Risers whose loggers send pressure, flow, vibration and temperature once a minute. Times are those of the process (CPU),
because the machine may be busy; figures are ratios or an amount of work, never a test.
"""

import argparse
import gc
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from river.anomaly import HalfSpaceTrees

from ingest.history import EVER_US, ReadingStore, Series
from ingest.log import Record
from ingest.readings import Batch, Event, Reading
from ingest.registry import Asset, AssetClass, Device, Registry, Site, Text
from models.detector import Detector
from models.detectors.catalogue import DETECTORS
from models.engine import Engine
from models.replay import replay
from models.thresholds import DefaultThresholds
from tests.models.stored import stored_bytes

SITE = "bench"
START_US = 1_764_000_000_000_000
MINUTE_US, DAY_MINUTES = 60_000_000, 1_440
LATENESS_US = 10_000_000
TREES_SAMPLES = 2_000
"""Enough to fill both of River's windows of 250 several times."""
_LIVE_SHARE = 5
"""Of what is replayed a fifth is sent as messages. Chosen by memory: they take 2 kB a device-minute."""
_LEVELS: Mapping[str, tuple[float, float]] = {
    "pressure_kpa": (380.0, 4.0),
    "flow_m3_h": (1.2, 0.1),
    "pipe_vibration_um_s2": (900.0, 40.0),
    "pipe_temperature_c": (14.0, 0.3),
}
"""What each metric is about, and how far it usually is from that."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """Risers alike, and what they said, as a store keeps it.

    Attributes:
        registry: One site, one logger a riser.
        at_us: int64, shape (minutes,).
        values: By metric, float64, shape (risers, minutes).
    """

    registry: Registry
    at_us: npt.NDArray[np.int64]
    values: Mapping[str, npt.NDArray[np.float64]]
    _no_events: list[Event] = field(default_factory=list)

    @classmethod
    def of(cls, risers: int, minutes: int, seed: int = 1) -> "Fleet":
        """So many risers for so long; a daily wave and noise, as fine as a sensor's last digit."""
        dice = np.random.default_rng(seed)
        wave = np.sin(np.arange(minutes) * 2 * np.pi / DAY_MINUTES)
        values = {
            metric: np.round(level + spread * (wave + dice.standard_normal((risers, minutes))), 3)
            for metric, (level, spread) in _LEVELS.items()
        }
        return cls(_registry(risers), START_US + MINUTE_US * np.arange(minutes, dtype=np.int64), values)

    @property
    def device_minutes(self) -> int:
        """How many there are."""
        return len(self.registry.devices) * self.at_us.size

    def records(self) -> Iterator[Record]:
        """The messages in the order they are sent, as the log holds them."""
        times = self.at_us.tolist()
        columns = {metric: one.T.tolist() for metric, one in self.values.items()}
        for minute, at_us in enumerate(times):
            for row, device in enumerate(self.registry.devices):
                said = tuple(Reading(device, metric, at_us, one[minute][row]) for metric, one in columns.items())
                position = minute * len(self.registry.devices) + row + 1
                yield Record(position, at_us, Batch(SITE, device, at_us, said))

    def readings_from_us(self) -> int:
        """See `ReadingStore`."""
        return EVER_US

    def metrics(self, device: str) -> list[str]:  # noqa: ARG002 -- they all say the same
        """See `ReadingStore`."""
        return list(self.values)

    def series(self, device: str, metric: str, start_us: int, end_us: int) -> Series:
        """See `ReadingStore`."""
        low, high = np.searchsorted(self.at_us, (start_us, end_us))
        values = self.values[metric][int(device.removeprefix("logger-")), low:high]
        return Series(self.at_us[low:high], values, np.zeros(high - low, np.uint8))

    def events(self, device: str, start_us: int, end_us: int) -> list[Event]:  # noqa: ARG002 -- nothing happened
        """See `ReadingStore`."""
        return self._no_events


def detectors_of(asset_class: AssetClass) -> tuple[Detector, ...]:
    """All detectors of the catalogue that apply to a class."""
    return tuple(d for d in DETECTORS if asset_class in d.spec.asset_classes)


def live_us(fleet: Fleet) -> float:
    """Microseconds of a device-minute that comes message by message, as the scorer hears it."""
    engine, records = Engine(fleet.registry, *_asked()), list(fleet.records())
    took_s = _cpu_s(lambda: sum(len(engine.offer(record).ordered) for record in records))
    return 1e6 * took_s / fleet.device_minutes


def replay_us(fleet: Fleet) -> float:
    """Microseconds of a device-minute that is replayed from a store's arrays."""
    start_us, end_us = int(fleet.at_us[0]), int(fleet.at_us[-1]) + MINUTE_US
    asked = _asked()
    took_s = _cpu_s(
        lambda: sum(1 for _ in replay(cast("ReadingStore", fleet), fleet.registry, *asked, start_us, end_us))
    )
    return 1e6 * took_s / fleet.device_minutes


def second_day_us(risers: int) -> float:
    """Microseconds of a device-minute of the second day that is replayed, when everybody is known."""
    one, two = Fleet.of(risers, DAY_MINUTES), Fleet.of(risers, 2 * DAY_MINUTES)
    return 2 * replay_us(two) - replay_us(one)


def trees_us(fleet: Fleet) -> float:
    """Microseconds of a device-minute that River's HalfSpaceTrees score and learn, with the settings it ships with."""
    trees = HalfSpaceTrees(seed=1)
    low = {metric: float(values.min()) for metric, values in fleet.values.items()}
    span = {metric: float(np.ptp(values)) for metric, values in fleet.values.items()}
    samples = [
        {metric: (float(values[0, minute]) - low[metric]) / span[metric] for metric, values in fleet.values.items()}
        for minute in range(min(TREES_SAMPLES, fleet.at_us.size))
    ]

    def both() -> None:
        for sample in samples:
            trees.score_one(sample)  # type: ignore[no-untyped-call]
            trees.learn_one(sample)  # type: ignore[no-untyped-call]

    return 1e6 * _cpu_s(both) / len(samples)


def main(device_minutes: int = 1_000_000, risers: int = 1_000) -> None:
    """Measure, and print a device-minute's cost live and in replay, its ratio to the trees', and the states' bytes."""
    fleet = Fleet.of(risers, device_minutes // risers)
    trees = trees_us(Fleet.of(1, TREES_SAMPLES))
    sent = Fleet.of(risers, max(1, fleet.at_us.size // _LIVE_SHARE))
    names = ", ".join(d.spec.name for d in detectors_of(AssetClass.RISER))
    lines = [f"{fleet.device_minutes:,} device-minutes of {len(_LEVELS)} metrics, {risers:,} risers, by {names}"]
    costs = {"live": live_us(sent), "replay": replay_us(fleet)}
    for way, cost in costs.items():
        lines.append(
            f"{way}: {cost:.1f} us of CPU a device-minute, a million in {cost:.1f} s; "
            f"HalfSpaceTrees {trees:.0f} us, {trees / cost:.1f} times as much"
        )
    later = second_day_us(risers)
    lines.append(
        f"replay of the second day: {later:.1f} us; 90 days of 1,000 risers at that cost: "
        f"{later * 90 * DAY_MINUTES / 1e3:,.0f} s of CPU"
    )
    for kind, sizes in stored_bytes().items():
        lines.append(f"state of one {kind}: {sum(sizes.values()):,} bytes (asked: under 4,096)")
    print("\n".join(lines))  # noqa: T201 -- what a benchmark is for


def _asked() -> tuple[tuple[Detector, ...], DefaultThresholds, int]:
    return DETECTORS, DefaultThresholds(t for d in DETECTORS for t in d.spec.tunables), LATENESS_US


def _cpu_s(work: Callable[[], object]) -> float:
    # The messages of a whole day lie in memory, as they never do in a scorer: nobody is to look for waste among them.
    gc.freeze()
    began = time.process_time()
    work()
    return time.process_time() - began


def _registry(risers: int) -> Registry:
    site = Site(SITE, Text("小区", "Site"), ZoneInfo("Asia/Shanghai"))
    names = [f"riser-{row}" for row in range(risers)]
    assets = {
        name: Asset(name, SITE, AssetClass.RISER, Text(name, name), neighbours=_beside(names, row))
        for row, name in enumerate(names)
    }
    loggers = {f"logger-{row}": Device(f"logger-{row}", SITE, (name,)) for row, name in enumerate(names)}
    return Registry({SITE: site}, assets, loggers)


def _beside(names: list[str], row: int) -> tuple[str, ...]:
    """The other risers of a house of four."""
    first = row - row % 4
    return tuple(name for name in names[first : first + 4] if name != names[row])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device-minutes", type=int, default=1_000_000)
    parser.add_argument("--risers", type=int, default=1_000)
    asked_for = parser.parse_args()
    main(asked_for.device_minutes, asked_for.risers)
