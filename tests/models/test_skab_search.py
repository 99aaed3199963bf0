"""SKAB search: the arrays say what the detector says, and nothing is chosen in view of what is left out."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ingest.readings import Reading
from models.detectors.asset_deviation import AssetDeviation
from models.evaluation.errors import DataMissingError
from models.evaluation.skab import (
    COLUMNS,
    PIECE_ROWS,
    TRAINING_ROWS,
    Recording,
    alarms,
    arrays,
    cut,
    figures,
    shipped,
)
from models.evaluation.skab_arrays import deviations, stacked
from models.evaluation.skab_search import SPACE, Trials, chosen, drawn, held_out, tried
from models.thresholds import DefaultThresholds

SECOND_US = 1_000_000


def made_up(seed: int, rows: int = 900, fault: tuple[int, int] = (500, 700)) -> Recording:
    """Eight channels that resemble their last sample, two of which shift during the fault, one that drifts."""
    rng = np.random.default_rng(seed)
    noise = np.zeros(8)
    readings = []
    anomalous = [fault[0] <= n < fault[1] for n in range(rows)]
    for n in range(rows):
        noise = 0.5 * noise + rng.normal(size=8)
        shift = 4.0 * anomalous[n] * np.array([0, 1, 0, 0, 0, 0, 0, -1])
        values = 30.0 + noise + shift + np.array([0, 0, 0, 0, n / 20, 0, 0, 0])
        at_us = n * SECOND_US
        readings.append(
            tuple(Reading(d, m, at_us, float(v)) for (d, m), v in zip(COLUMNS.values(), values, strict=True))
        )
    return Recording(
        f"made-up/{seed}", [n * SECOND_US for n in range(rows)], readings, anomalous, [n in fault for n in range(rows)]
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_arrays_say_what_the_detector_says(seed: int) -> None:
    """Row by row the array form and the shipped detector alarm alike, beginning, end and aftermath included."""
    recording = made_up(seed)
    values, labels = arrays(recording)
    stack = stacked([(values, labels)], TRAINING_ROWS)
    said = np.zeros(len(labels), dtype=bool)
    for row, high, _ in deviations(stack.values, [shipped()]):
        said[row] = high[0, 0]

    by_detector = alarms(recording, DefaultThresholds(AssetDeviation().spec.tunables))

    assert said.tolist() == by_detector
    assert 0 < said.sum() < len(said) - TRAINING_ROWS


def test_short_recordings_beside_long_ones_are_judged_as_if_alone() -> None:
    """Padding changes no judged row."""
    both = [arrays(made_up(0)), arrays(made_up(1, rows=1100))]
    together = tried(stacked(both, TRAINING_ROWS), [shipped()])
    alone = tried(stacked(both[:1], TRAINING_ROWS), [shipped()])

    assert np.array_equal(together.alarms[:, :900, :1], alone.alarms)
    assert not together.alarms[:, 900:, 0].any()


def test_draws_stay_in_the_space_and_keep_the_rest() -> None:
    """What the space names is drawn from it, the same each time; what it does not name is as shipped."""
    settings = drawn(shipped(), 50)

    assert settings == drawn(shipped(), 50)
    assert {s.shift.smoothing for s in settings} == set(SPACE["smoothing"])
    assert {s.raise_at for s in settings} == set(SPACE["raise_at"])
    assert {(s.shift.spike, s.shift.widen) for s in settings} == {(shipped().shift.spike, shipped().shift.widen)}


def few_trials() -> Trials:
    stack = stacked([arrays(made_up(seed)) for seed in range(4)], TRAINING_ROWS)
    return tried(stack, drawn(shipped(), 24))


def test_labels_and_rows_of_what_is_left_out_change_no_choice() -> None:
    """With its labels turned round and its rows replaced, the part left out is judged by the same setting."""
    trials = few_trials()
    parts = np.array(["a", "a", "b", "b"])
    other = trials.stack.anomalous.copy()
    other[:, 2:] = ~other[:, 2:]
    alarmed = trials.alarms.copy()
    alarmed[:, :, 2:] = False
    changed = replace(trials, alarms=alarmed, stack=replace(trials.stack, anomalous=other))

    assert chosen(trials, parts == "a") == chosen(changed, parts == "a")


def test_each_part_is_left_out_once_and_every_judged_row_is_counted() -> None:
    """The tallies of the parts together hold every judged row once."""
    trials = few_trials()
    found = held_out(trials, np.array(["a", "a", "b", "c"]))
    rows = sum(t.hits + t.false + t.missed + t.sound for _, _, t in found)

    assert [part for part, _, _ in found] == ["a", "b", "c"]
    assert rows == int(trials.stack.judged.sum())


def test_a_long_recording_is_cut_into_pieces_of_the_usual_length() -> None:
    """Pieces follow each other, none is shorter."""
    pieces = cut(made_up(0, rows=2 * PIECE_ROWS + 50))

    assert [len(p.at_us) for p in pieces] == [PIECE_ROWS, PIECE_ROWS]
    assert pieces[1].at_us[0] == PIECE_ROWS * SECOND_US


def test_a_folder_without_recordings_is_named(tmp_path: Path) -> None:
    """Nothing is measured on nothing."""
    with pytest.raises(DataMissingError, match="SKAB"):
        figures(tmp_path, lambda _: None)
