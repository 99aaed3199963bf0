"""Elevators fleet: a year of each elevator is the same bytes again, in order, with trouble and look-alikes enough."""

import json
from collections import Counter
from itertools import pairwise

import numpy as np

from device_simulators.calendar import DAY_US, local_midnight
from device_simulators.elevators_fleet import elevators_groups
from device_simulators.labels import Truth
from ingest.metrics import METRICS

START = local_midnight(1_764_000_000_000_000)
END = START + 365 * DAY_US


def test_the_same_dice_give_the_same_bytes_in_order() -> None:
    """Two makings of one elevator publish the same for a hundred days, ascending, at most a hundred messages a day."""
    first, second = (elevators_groups(np.random.default_rng(3), 1, START, END)[0] for _ in range(2))
    messages = list(first.messages(START, START + 100 * DAY_US))

    assert messages == list(second.messages(START, START + 100 * DAY_US))
    assert all(earlier.at_us <= later.at_us for earlier, later in pairwise(messages))
    assert 20 * 100 < len(messages) < 100 * 100


def test_every_value_is_one_that_its_metric_can_be() -> None:
    """Whatever befalls it, no reading is out of the range that is believed."""
    group = elevators_groups(np.random.default_rng(4), 1, START, END)[0]
    for message in group.messages(START, END):
        for sample in json.loads(message.payload)["samples"]:
            for name, value in sample["values"].items():
                assert METRICS[name].low <= value <= METRICS[name].high, (name, value)


def test_each_failure_mode_befalls_some_and_more_only_seem_to() -> None:
    """Of forty elevators each mode befalls at least ten, and look-alikes are as many as faults."""
    labels = [x for group in elevators_groups(np.random.default_rng(5), 40, START, END) for x in group.labels]
    faults = Counter(label.failure_mode for label in labels if label.truth is Truth.FAULT)

    assert min(faults[f"elevator.{mode}"] for mode in ("door", "levelling", "brake", "vibration", "rope_wear")) >= 10
    assert faults["elevator.entrapment"] >= 40
    assert sum(label.truth is Truth.LOOKALIKE for label in labels) >= sum(faults.values())


def test_what_is_rare_befalls_some_and_more_only_seem_to() -> None:
    """Of forty elevators some run too fast, past their last floor or on broken wires, and some only seem to."""
    labels = [x for group in elevators_groups(np.random.default_rng(5), 40, START, END) for x in group.labels]
    notes = Counter((label.note, label.truth) for label in labels)

    assert notes["the car runs too fast", Truth.FAULT] >= 10
    assert notes["fault code 3", Truth.FAULT] >= 10
    assert notes["fault code 1", Truth.FAULT] + notes["fault code 2", Truth.FAULT] >= 10
    assert notes["wires of a rope break", Truth.FAULT] >= 5
    assert notes["governor and limit switch are tested", Truth.LOOKALIKE] >= 10
    assert notes["an encoder that slips", Truth.LOOKALIKE] >= 10
    assert notes["an aged rope", Truth.LOOKALIKE] >= 10
