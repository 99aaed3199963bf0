"""Pipes fleet: groups that stand alone, whose every message ingest takes, with every trouble and its look-alikes."""

from collections import Counter
from itertools import islice

import numpy as np
import pytest
from pydantic import SecretStr

from device_simulators.calendar import DAY_US, MINUTE_US, local_midnight
from device_simulators.fleet import Group
from device_simulators.labels import Label, Truth
from device_simulators.pipes_fleet import fated_risers, pipes_groups
from ingest.arrival import Arrival
from ingest.decode import Decoder
from ingest.log import Entry
from ingest.settings import IngestSettings
from service.evaluation.community import registry_of_group
from tests.ingest.outcomes import outcome_of

START = local_midnight(1_764_000_000_000_000)
END = START + 300 * DAY_US


def _fleet(assets: int, seed: int = 1) -> list[Group]:
    return list(pipes_groups(np.random.default_rng(seed), assets, START, END))


def _faults(assets: int) -> list[Label]:
    return [label for group in _fleet(assets) for label in group.labels if label.truth is Truth.FAULT]


def test_every_failure_mode_befalls_enough_assets() -> None:
    """Of 63 risers about a half burst, a ninth leaks and stays, and look-alikes of both befall every one."""
    labels = [label for group in _fleet(63) for label in group.labels]
    faults = Counter(label.failure_mode for label in labels if label.truth is Truth.FAULT)
    resembled = Counter(label.asset for label in labels if label.truth is Truth.LOOKALIKE)

    assert 28 <= faults["pipe.burst"] <= 42
    assert faults["pipe.leak"] >= 10
    assert min(resembled.values()) >= 10
    assert len(resembled) == 63


def test_leaks_grow_as_battledims_do() -> None:
    """Of the pipes that burst two in five tear at once, the others leak for 17 to 98 days, about 61 in the middle."""
    fates = [one.fate for group in fated_risers(np.random.default_rng(1), 300, START, END) for one in group]
    grown = [(crack.burst_us - crack.onset_us) / DAY_US for crack in (fate.crack for fate in fates) if crack]
    slow = [days for days in grown if days > 1]

    assert len(slow) / len(grown) == pytest.approx(14 / 23, abs=0.08)
    assert 17 <= min(slow) < max(slow) <= 98
    assert np.median(slow) == pytest.approx(58, abs=8)


def test_what_hammers_or_freezes_tears_some_pipes_and_leaves_others() -> None:
    """Most slamming valves tire their pipe within the span, and a frost that is too short tears nothing."""
    fates = [one.fate for group in fated_risers(np.random.default_rng(1), 300, START, END) for one in group]
    hammered = [fate.crack is not None for fate in fates if fate.disturbance and fate.disturbance.every_us]
    frozen = {fate.wave.low_c: fate.crack is not None for fate in fates if fate.wave}

    assert 0.5 < np.mean(hammered) < 1.0
    assert any(frozen.values())
    assert not any(torn for low_c, torn in frozen.items() if low_c > -6.5)


def test_faults_go_from_mild_to_gross_and_lie_in_their_span() -> None:
    """Severities spread over their range, and what is wrong shows after there was time to learn."""
    faults = _faults(100)

    assert min(f.severity for f in faults) < 0.2
    assert max(f.severity for f in faults) > 0.8
    assert all(START + 15 * DAY_US < f.onset_us <= f.raise_from_us <= f.raise_until_us for f in faults)
    assert all(f.onset_us < END for f in faults)


def test_a_fleet_is_the_same_for_the_same_dice() -> None:
    """Labels and messages follow from the dice; each call of messages starts afresh."""
    one, same, other = (_fleet(6, seed)[1] for seed in (1, 1, 2))
    first = list(islice(one.messages(START, END), 100))

    assert list(islice(one.messages(START, END), 100)) == first
    assert list(islice(same.messages(START, END), 100)) == first
    assert (one.labels, one.assets) == (same.labels, same.assets)
    assert one.labels != other.labels


def test_ingest_takes_every_message_as_good() -> None:
    """A quiet day and the day of a burst: decoded, known, in order, and at most 100 messages a riser and day."""
    group = _fleet(3)[0]
    burst_us = next(f.failure_us for f in group.labels if f.failure_us is not None)
    settings = IngestSettings(plate_key=SecretStr("a key for tests of enough length"))
    for day_us in (START, local_midnight(burst_us)):
        decoder, watermarks, last_us, count = Decoder.build(settings, registry_of_group(group)), dict[str, int](), 0, 0
        for message in group.messages(day_us, day_us + DAY_US):
            entry = outcome_of(decoder, Arrival(message.topic, message.payload, message.at_us), watermarks)
            assert isinstance(entry, Entry), f"{message.topic}: {entry}"
            assert all(r.at_us > message.at_us - 61 * MINUTE_US for r in entry.batch.readings)
            assert message.at_us >= last_us
            last_us, count = message.at_us, count + 1

        assert 100 <= count <= 300
