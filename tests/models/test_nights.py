"""Nights: what is summed up of few numbers is what numpy makes of them, to the last bit."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.pipes.nights import least_flow, spread_within
from models.statistics.usual import MAD_TO_SD, PRIOR_WEIGHT, Usual

NUMBERS = st.lists(st.floats(-1e6, 1e6).map(lambda one: round(one, 3)), min_size=1, max_size=40)


@settings(deadline=None)
@given(NUMBERS)
def test_the_least_flow_is_the_lowest_tenth(slots: list[float]) -> None:
    """It is numpy's quantile."""
    assert least_flow(slots) == float(np.quantile(slots, 0.1))


@settings(deadline=None)
@given(NUMBERS)
def test_spreads_are_robust(values: list[float]) -> None:
    """They are numpy's medians of what lies around numpy's median."""
    away = float(np.median(np.abs(np.asarray(values) - np.median(values))))
    pooled = (PRIOR_WEIGHT * 0.1**2 + len(values) * (MAD_TO_SD * away) ** 2) / (PRIOR_WEIGHT + len(values))

    assert spread_within(values) == MAD_TO_SD * away
    assert Usual.learnt(values, 0.1) == Usual(float(np.median(values)), float(np.sqrt(pooled)))
