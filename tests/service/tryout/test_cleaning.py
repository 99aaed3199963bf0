"""Cleaning: what real recordings do wrong is told and mended, and nothing else is touched."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingest.readings import Quality
from ingest.units import Conversion
from service.tryout.cleaning import Flaw, Raw, cleaned, gaps
from service.tryout.table import NO_TIME_US

MINUTE_US = 60_000_000
START_US = 1_764_000_000_000_000


def raw(at_us: list[int], value: list[float], scale: float = 1.0, missing: tuple[float, ...] = ()) -> Raw:
    return Raw("p", "pressure_kpa", np.array(at_us, np.int64), np.array(value), Conversion(scale), missing)


def minutes(count: int) -> list[int]:
    return [START_US + n * MINUTE_US for n in range(count)]


def flaws(one: Raw) -> dict[Flaw, int]:
    return {found.flaw: found.count for found in cleaned(one)[1]}


def test_a_sound_signal_is_only_converted() -> None:
    """Nothing is said of it, and every value is in the metric's unit."""
    series, found = cleaned(raw(minutes(4), [3.0, 3.1, 3.2, 3.3], scale=100.0))

    assert found == []
    assert np.allclose(series.value, [300.0, 310.0, 320.0, 330.0])


def test_each_flaw_is_counted_and_mended() -> None:
    """Marks, empty cells, rows without a time, disorder and repetition leave an ascending series of the rest."""
    at_us = [
        START_US,
        START_US + 2 * MINUTE_US,
        START_US + MINUTE_US,
        START_US + MINUTE_US,
        NO_TIME_US,
        START_US + 3 * MINUTE_US,
    ]
    one = raw(at_us, [300.0, 302.0, 301.0, 999.5, 303.0, -999.0], missing=(-999.0,))
    series, _ = cleaned(one)

    assert flaws(one) == {Flaw.MISSING: 1, Flaw.OUT_OF_ORDER: 1, Flaw.REPEATED: 1}
    assert series.at_us.tolist() == minutes(3)
    assert series.value.tolist() == [300.0, 301.0, 302.0]


def test_what_cannot_be_is_kept_for_the_picture_and_shown_to_no_detector() -> None:
    """A pressure beyond the metric's range carries the flag that detectors skip."""
    series, _ = cleaned(raw(minutes(3), [300.0, 99_999.0, 301.0]))

    assert series.quality.tolist() == [0, int(Quality.OUT_OF_RANGE), 0]


def test_a_stuck_stretch_is_told_only_of_a_fine_signal() -> None:
    """Twenty equal values among hundreds that never repeat are a stuck sensor; in a coarse signal they are nothing."""
    fine = np.random.default_rng(1).normal(300.0, 1.0, 600)
    fine[200:220] = fine[200]
    coarse = np.round(fine / 5.0) * 5.0

    assert flaws(raw(minutes(600), fine.tolist())) == {Flaw.STUCK: 1}
    assert flaws(raw(minutes(600), coarse.tolist())) == {}


def test_a_gap_is_more_than_five_pauses() -> None:
    """Four missing samples in a row are a gap; one is not."""
    at_us = np.array([*minutes(10), START_US + 11 * MINUTE_US, START_US + 20 * MINUTE_US, START_US + 21 * MINUTE_US])

    assert gaps(at_us) == [(START_US + 11 * MINUTE_US, START_US + 20 * MINUTE_US)]


@given(st.permutations(range(12)), st.integers(0, 11))
def test_order_and_repetition_change_nothing(order: list[int], again: int) -> None:
    """A shuffled recording, with a row that stands twice, is the sorted one."""
    values = [300.0 + n * n for n in range(12)]
    at_us = minutes(12)
    shuffled = [at_us[n] for n in order] + [at_us[again]]
    series, _ = cleaned(raw(shuffled, [values[n] for n in order] + [values[again]]))

    assert series.at_us.tolist() == at_us
    assert series.value.tolist() == values
