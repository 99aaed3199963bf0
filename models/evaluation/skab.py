"""SKAB protocol: what the deviation detector reaches on SKAB's 34 files, by SKAB's own rules.

Run `python -m models.evaluation.skab DIR`, DIR holding `valve1`, `valve2`, `other` and, if at hand, `anomaly-free`. The
data is not ours.
"""

import argparse
import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.readings import Reading
from ingest.registry import Asset, AssetClass, Text
from models.detector import Memory
from models.detectors.asset_deviation import RAISE, AssetDeviation
from models.deviation.memory import DeviationSettings
from models.deviation.settings import settings_of
from models.evaluation.errors import DataMissingError
from models.evaluation.figure import Figure
from models.evaluation.skab_arrays import Bools, Floats, stacked
from models.evaluation.skab_changes import MOST_FALSE_CHANGES, Times, held_out_changes
from models.evaluation.skab_components import each_alone, together
from models.evaluation.skab_search import DRAWS, MOST_FALSE, SEED, Trials, drawn, held_out, learnt_alarms, tried
from models.evaluation.skab_tally import Tally
from models.thresholds import DefaultThresholds, ThresholdBook
from models.windows import Window

FOLDERS = ("valve1", "valve2", "other")
SOUND_FOLDER = "anomaly-free"
TRAINING_ROWS = 400
"""Source: SKAB's README; the first 400 rows of a file are for learning, the rest is judged."""

PIECE_ROWS = 1100
"""Rows of a piece of the recording without a fault. Chosen by: the labelled files have 745 to 1,327, most 1,140."""

_FEW = 5
_NAB_ASKED = 40.0
_SOUND = 0.15
_HALF = 0.5

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
        changes: Whether each row is labelled a change point.
    """

    name: str
    at_us: list[int]
    readings: list[tuple[Reading, ...]]
    anomalous: list[bool]
    changes: list[bool]


def read_recording(path: Path) -> Recording:
    """One file; rows ascend in time."""
    at_us: list[int] = []
    readings: list[tuple[Reading, ...]] = []
    anomalous: list[bool] = []
    changes: list[bool] = []
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter=";"):
            moment = datetime.fromisoformat(row["datetime"]).replace(tzinfo=UTC)
            moment_us = round(moment.timestamp() * 1e6)
            at_us.append(moment_us)
            readings.append(tuple(Reading(d, m, moment_us, float(row[c])) for c, (d, m) in COLUMNS.items()))
            anomalous.append(float(row.get("anomaly") or 0.0) > 0)
            changes.append(float(row.get("changepoint") or 0.0) > 0)
    return Recording(f"{path.parent.name}/{path.name}", at_us, readings, anomalous, changes)


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


def figures(folder: Path, say: Callable[[str], None]) -> list[Figure]:
    """Outliers with a group, a recording day or a file left out, and alarms where nothing was wrong.

    Args:
        folder: Holds `valve1`, `valve2`, `other` and `anomaly-free`.
        say: Told how far it is.

    Raises:
        DataMissingError: If no recording is there.
    """
    files = sorted(path for name in FOLDERS for path in (folder / name).glob("*.csv"))
    if not files:
        raise DataMissingError(folder, "SKAB (valve1, valve2 and other with CSV files)")
    recordings = [read_recording(path) for path in files]
    pieces = [p for path in sorted((folder / SOUND_FOLDER).glob("*.csv")) for p in cut(read_recording(path))]
    trials = tried(stacked([arrays(r) for r in recordings], TRAINING_ROWS), drawn(shipped()), say)
    groups = np.array([r.name.split("/")[0] for r in recordings])
    days = np.array([str(datetime.fromtimestamp(r.at_us[0] / 1e6, tz=UTC).date()) for r in recordings])
    names = np.array([r.name for r in recordings])
    found = [f for what, parts in (("group", groups), ("day", days)) for f in _left_out(trials, parts, what, 0.82)]
    found += _left_out(trials, names, "file", 0.85)
    found += _changes(trials, recordings, groups)
    found += _as_shipped(recordings, pieces)
    return found


def shipped() -> DeviationSettings:
    """The settings of an asset of steady duty as they ship."""
    return settings_of(PUMP, {t.name: t.default for t in AssetDeviation().spec.tunables})


def arrays(recording: Recording) -> tuple[Floats, Bools]:
    """Values of shape (n, channels) and labels of shape (n,)."""
    values = np.array([[reading.value for reading in row] for row in recording.readings], dtype=np.float64)
    return values, np.array(recording.anomalous, dtype=np.bool_)


def cut(recording: Recording) -> list[Recording]:
    """Pieces as long as the labelled files; a rest that is shorter is dropped."""
    starts = range(0, len(recording.at_us) - PIECE_ROWS + 1, PIECE_ROWS)
    return [
        Recording(
            f"{recording.name}@{start}",
            recording.at_us[start : start + PIECE_ROWS],
            recording.readings[start : start + PIECE_ROWS],
            recording.anomalous[start : start + PIECE_ROWS],
            recording.changes[start : start + PIECE_ROWS],
        )
        for start in starts
    ]


def _left_out(trials: Trials, parts: npt.NDArray[np.str_], what: str, asked: float) -> list[Figure]:
    """Pooled over the parts left out, and each of few parts by itself."""
    found = held_out(trials, parts)
    pooled_tally = sum((t for _, _, t in found), start=Tally())
    note = f"settings chosen on the other {what}s among {DRAWS} draws (seed {SEED}); method chosen with all in view"
    data = f"SKAB outliers, one {what} left out"
    f1, false = pooled_tally.f1(), pooled_tally.false_alarm_rate()
    rates = [
        Figure(data, "F1", f1, "1", f"{asked} or more", f1 >= asked, note),
        Figure(data, "false alarms", 100 * false, "%", "12 or less", false <= MOST_FALSE, note),
        Figure(data, "missed", 100 * pooled_tally.missed_rate(), "%"),
    ]
    if len(found) <= _FEW:
        rates += [figure for part, _, t in found for figure in _row(data, part, t)]
    return rates


def _changes(trials: Trials, recordings: list[Recording], parts: npt.NDArray[np.str_]) -> list[Figure]:
    """Change points with a group left out."""
    tally_ = held_out_changes(trials, [_times(r) for r in recordings], parts)
    data = "SKAB change points, one group left out"
    note = "NAB, standard profile, 60 s to the right; settings and phase rule chosen on the other groups"
    score, most = tally_.score(), MOST_FALSE_CHANGES
    return [
        Figure(data, "NAB score", score, "1", "40 or more", score >= _NAB_ASKED, note),
        Figure(data, "false", tally_.false, "change points", f"fewer than {most}", tally_.false < most, note),
        Figure(data, "missed", tally_.missed, "change points", note=f"of {tally_.changes}"),
    ]


def _times(recording: Recording) -> Times:
    at_s = np.array(recording.at_us, dtype=np.float64) / 1e6
    judged = range(TRAINING_ROWS, len(at_s))
    return Times(at_s, tuple(float(at_s[row]) for row in judged if recording.changes[row]))


def _as_shipped(recordings: list[Recording], pieces: list[Recording]) -> list[Figure]:
    """What ships, beside what costs nothing."""
    book = DefaultThresholds(AssetDeviation().spec.tunables)
    ours = pooled(recordings, book)
    plain = sum((tally(r, learnt_alarms(arrays(r)[0], TRAINING_ROWS).tolist()) for r in recordings), start=Tally())
    always = sum((tally(r, [True] * len(r.at_us)) for r in recordings), start=Tally())
    coin = np.random.default_rng(SEED)
    random = sum((tally(r, (coin.random(len(r.at_us)) < _HALF).tolist()) for r in recordings), start=Tally())
    steps = [(r, np.diff(values, axis=0, prepend=values[:1])) for r in recordings for values, _ in (arrays(r),)]
    last = sum((tally(r, learnt_alarms(step, TRAINING_ROWS).tolist()) for r, step in steps), start=Tally())
    rows = [("as shipped", ours), ("robust z over 3", plain), ("last value: a step over 3", last)]
    for name, judge in (("PCA T2 + Q", together), ("Sub-PCA", each_alone)):
        judged = (tally(r, judge(arrays(r)[0], TRAINING_ROWS).tolist()) for r in recordings)
        rows.append((f"{name}, as asset.multivariate", sum(judged, start=Tally())))
    rows += [("always alarm", always), ("random", random)]
    found = [figure for n, t in rows for figure in _row("SKAB outliers, in view of all labels", n, t)]
    if pieces:
        share = pooled(pieces, book).false_alarm_rate()
        note = f"{len(pieces)} pieces of {PIECE_ROWS} rows, as shipped"
        found.append(Figure("SKAB without a fault", "alarmed", 100 * share, "%", "15 or less", share <= _SOUND, note))
    return found


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
    book = DefaultThresholds(AssetDeviation().spec.tunables)
    for recording in recordings:
        _tell(recording.name, _rates(pooled([recording], book)))
    _tell("all", _rates(pooled(recordings, book)))
    for path in sorted((chosen.folder / SOUND_FOLDER).glob("*.csv")):
        _tell("without a fault", _false_alarms(read_recording(path), book))
    for name, thresholds in varied() if chosen.vary else ():
        _tell(name, _rates(pooled(recordings, thresholds)))


def _false_alarms(recording: Recording, thresholds: ThresholdBook) -> str:
    alarmed = alarms(recording, thresholds)[TRAINING_ROWS:]
    began = alarmed[0] + sum(now and not before for before, now in pairwise(alarmed))
    hours = (recording.at_us[-1] - recording.at_us[TRAINING_ROWS]) / 3.6e9
    return f"{began} alarms, {100 * sum(alarmed) / len(alarmed):.1f} % of {hours:.1f} h"


def _tell(name: str, what: str) -> None:
    print(f"{name:<22} {what}")  # noqa: T201 -- a command that prints its figures


def _row(data: str, of: str, one: Tally) -> list[Figure]:
    rates = (100 * one.false_alarm_rate(), 100 * one.missed_rate())
    named = (("F1", one.f1(), "1"), ("false alarms", rates[0], "%"), ("missed", rates[1], "%"))
    return [Figure(data, name, value, unit, of=of) for name, value, unit in named]


def _rates(one: Tally) -> str:
    return f"F1 {one.f1():.3f}   FAR {100 * one.false_alarm_rate():5.2f} %   MAR {100 * one.missed_rate():6.2f} %"


if __name__ == "__main__":
    main()
