"""SKAB protocol: what the deviation detector reaches on SKAB's 34 files, by SKAB's own rules.

Run `python -m models.evaluation.skab DIR`, DIR holding `valve1`, `valve2`, `other` and, if at hand, `anomaly-free`. The
data is not ours.
"""

import argparse
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from ingest.readings import Reading
from ingest.registry import Asset, AssetClass, Text
from models.detector import Memory
from models.detectors.asset_deviation import RAISE, AssetDeviation
from models.thresholds import DefaultThresholds, ThresholdBook
from models.windows import Window

FOLDERS = ("valve1", "valve2", "other")
SOUND_FOLDER = "anomaly-free"
TRAINING_ROWS = 400
"""Source: SKAB's README; the first 400 rows of a file are for learning, the rest is judged."""

COLUMNS = {
    "Accelerometer1RMS": ("accelerometer-1", "acceleration_rms_m_s2"),
    "Accelerometer2RMS": ("accelerometer-2", "acceleration_rms_m_s2"),
    "Current": ("panel", "current_a"),
    "Pressure": ("panel", "pressure_kpa"),
    "Temperature": ("panel", "bearing_temperature_c"),
    "Thermocouple": ("panel", "fluid_temperature_c"),
    "Voltage": ("panel", "voltage_v"),
    "Volume Flow RateRMS": ("panel", "flow_m3_h"),
}
"""Units are left as they are: the detector measures each channel in its own spreads."""

PUMP = Asset("skab-pump", "skab", AssetClass.PUMP, Text("循环水泵", "circulation pump"), limits={"duty": "steady"})


@dataclass(frozen=True, slots=True)
class Recording:
    """One file of SKAB.

    Attributes:
        name: Folder and file.
        at_us: Of each row, microseconds since the epoch.
        readings: Of each row.
        anomalous: Whether each row is labelled so.
    """

    name: str
    at_us: list[int]
    readings: list[tuple[Reading, ...]]
    anomalous: list[bool]


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows judged, over one or many files, without point adjustment."""

    hits: int = 0
    false: int = 0
    missed: int = 0
    sound: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.hits + other.hits, self.false + other.false, self.missed + other.missed, self.sound + other.sound
        )

    def f1(self) -> float:
        """F1 of the anomalous rows; always saying anomalous gives 0.70, so never quote it without the rates."""
        return 2 * self.hits / max(1, 2 * self.hits + self.false + self.missed)

    def false_alarm_rate(self) -> float:
        """Share of sound rows called anomalous."""
        return self.false / max(1, self.false + self.sound)

    def missed_rate(self) -> float:
        """Share of anomalous rows called sound."""
        return self.missed / max(1, self.missed + self.hits)


def read_recording(path: Path) -> Recording:
    """One file; rows ascend in time."""
    at_us: list[int] = []
    readings: list[tuple[Reading, ...]] = []
    anomalous: list[bool] = []
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter=";"):
            moment = datetime.fromisoformat(row["datetime"]).replace(tzinfo=UTC)
            moment_us = round(moment.timestamp() * 1e6)
            at_us.append(moment_us)
            readings.append(tuple(Reading(d, m, moment_us, float(row[c])) for c, (d, m) in COLUMNS.items()))
            anomalous.append(float(row.get("anomaly") or 0.0) > 0)
    return Recording(f"{path.parent.name}/{path.name}", at_us, readings, anomalous)


def alarms(recording: Recording, thresholds: ThresholdBook) -> list[bool]:
    """Whether the detector says at each row, knowing nothing later, that the pump deviates."""
    detector, memory = AssetDeviation(), Memory()
    alarmed = []
    high = False
    for at_us, row in zip(recording.at_us, recording.readings, strict=True):
        # A window a row instead of a minute: the detector's word does not depend on how its input is cut.
        window = Window(PUMP, at_us, at_us + 1, readings=tuple(sorted(row, key=lambda r: (r.device, r.metric))))
        for finding in detector.observe([window], memory, thresholds):
            high = finding.score is not None and finding.score >= RAISE
        alarmed.append(high)
    return alarmed


def tally(recording: Recording, alarmed: list[bool]) -> Tally:
    """The judged rows of one file."""
    total = Tally()
    for said, true in list(zip(alarmed, recording.anomalous, strict=True))[TRAINING_ROWS:]:
        total += Tally(int(said and true), int(said and not true), int(true and not said), int(not said and not true))
    return total


def pooled(recordings: Iterable[Recording], thresholds: ThresholdBook) -> Tally:
    """The judged rows of many files, one set of settings for all."""
    return sum((tally(r, alarms(r, thresholds)) for r in recordings), start=Tally())


def varied() -> Iterator[tuple[str, ThresholdBook]]:
    """Each setting of a steady asset but the length of learning halved and doubled, as far as its bounds allow."""
    tunables = AssetDeviation().spec.tunables
    for tunable in tunables:
        name = tunable.name.rpartition(".")[2]
        if name.startswith("daily") or name == "warm_up_samples":
            continue
        for factor in (0.5, 2.0):
            value = min(tunable.high, max(tunable.low, factor * tunable.default))
            turned = (replace(t, default=value) if t is tunable else t for t in tunables)
            yield f"{name} {value:g}", DefaultThresholds(turned)


def main(arguments: list[str] | None = None) -> None:
    """Print the rates of each file and of all together, one set of settings for all."""
    parser = argparse.ArgumentParser(prog="python -m models.evaluation.skab", description=main.__doc__)
    parser.add_argument("folder", type=Path, help="with valve1, valve2 and other in it")
    parser.add_argument("--vary", action="store_true", help="also with each setting halved and doubled (minutes)")
    chosen = parser.parse_args(arguments)
    files = sorted(path for name in FOLDERS for path in (chosen.folder / name).glob("*.csv"))
    if not files:
        parser.error(f"no CSV files in {', '.join(FOLDERS)} under {chosen.folder}")
    recordings = [read_recording(path) for path in files]
    shipped = DefaultThresholds(AssetDeviation().spec.tunables)
    for recording in recordings:
        _tell(recording.name, _rates(pooled([recording], shipped)))
    _tell("all", _rates(pooled(recordings, shipped)))
    for path in sorted((chosen.folder / SOUND_FOLDER).glob("*.csv")):
        _tell("without a fault", _false_alarms(read_recording(path), shipped))
    for name, thresholds in varied() if chosen.vary else ():
        _tell(name, _rates(pooled(recordings, thresholds)))


def _false_alarms(recording: Recording, thresholds: ThresholdBook) -> str:
    alarmed = alarms(recording, thresholds)[TRAINING_ROWS:]
    began = alarmed[0] + sum(now and not before for before, now in pairwise(alarmed))
    hours = (recording.at_us[-1] - recording.at_us[TRAINING_ROWS]) / 3.6e9
    return f"{began} alarms, {100 * sum(alarmed) / len(alarmed):.1f} % of {hours:.1f} h"


def _tell(name: str, what: str) -> None:
    print(f"{name:<22} {what}")  # noqa: T201 -- a command that prints its figures


def _rates(one: Tally) -> str:
    return f"F1 {one.f1():.3f}   FAR {100 * one.false_alarm_rate():5.2f} %   MAR {100 * one.missed_rate():6.2f} %"


if __name__ == "__main__":
    main()
