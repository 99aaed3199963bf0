"""Run length: the table that decision levels are chosen by, and what values that follow each other do to it."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy.signal import lfilter

from models.statistics.run_length import average_run_length, whitened


def alarms(values: npt.NDArray[np.float64], reference: float, level: float) -> float:
    """The mean run length of a one-sided CUSUM over values, started afresh after each alarm."""
    high, found = 0.0, 0
    for value in values.tolist():
        high = max(0.0, high + value - reference)
        if high >= level:
            found += 1
            high = 0.0
    return len(values) / max(1, found)


@pytest.mark.parametrize(
    ("reference", "level", "shift", "length"),
    [
        (0.5, 4.0, 0.0, 335),
        (0.5, 5.0, 0.0, 931),
        (0.5, 6.0, 0.0, 2_553),
        (0.5, 7.0, 0.0, 6_965),
        (0.5, 8.0, 0.0, 18_962),
        (0.5, 9.0, 0.0, 51_572),
        (0.5, 10.0, 0.0, 140_208),
        (0.5, 4.0, 1.0, 8.4),
        (0.5, 5.0, 1.0, 10.4),
        (0.5, 8.0, 1.0, 16.4),
        (0.25, 10.0, 0.0, 2_071),
        (0.25, 10.0, 0.5, 36.7),
        (0.25, 14.0, 0.0, 15_619),
    ],
)
def test_the_table_of_the_domain_comes_out(reference: float, level: float, shift: float, length: float) -> None:
    """DOMAIN 6.3, by the Markov chain of Brook and Evans, to one in a hundred."""
    assert average_run_length(reference, level, shift) == pytest.approx(length, rel=0.01)


@pytest.mark.parametrize(("rho", "length"), [(0.3, 1_051), (0.6, 204), (0.9, 69)])
def test_values_that_follow_each_other_collapse_it(rho: float, length: float) -> None:
    """At h = 8 an AR(1) alarms as soon as DOMAIN 6.3 says; its residuals hardly ever."""
    noise = np.random.default_rng(1).normal(size=200_000)
    values = lfilter([np.sqrt(1 - rho**2)], [1.0, -rho], noise)

    assert alarms(values, 0.5, 8.0) == pytest.approx(length, rel=0.2)
    assert alarms(whitened(values), 0.5, 8.0) > 4_000
