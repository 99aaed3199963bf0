"""Nightly: a strange day stands out of the fleet, sound ones do not, and a new class is not judged."""

import numpy as np
import pytest

from ingest.registry import AssetClass
from models.fitted.class_forest import ClassForest, fit_forest
from models.fitted.class_usual import Day
from service.nightly import Looks, unusual

_PUMPS = [f"p{n}" for n in range(40)]


@pytest.fixture(scope="module")
def forest() -> ClassForest:
    return fit_forest([day for n in range(75) for day in days(1_000 + n, n)], seed=1)


def days(seed: int, day: int = 0, strange: int = 0) -> list[Day]:
    """A day of forty pumps, of which some are far from what they usually do."""
    rows = np.random.default_rng(seed).normal(size=(40, 2))
    rows[:strange] += 9.0
    names = ("current median", "current spread")
    return [((pump, day), dict(zip(names, row.tolist(), strict=True))) for pump, row in zip(_PUMPS, rows, strict=True)]


def fleet(seed: int, strange: int = 0) -> Looks:
    return {AssetClass.PUMP: dict(days(seed, 0, strange))}


def test_strange_days_are_found_and_few_sound_ones(forest: ClassForest) -> None:
    """Over thirty nights every strange asset is named, and at most a fifth of the names are wrong."""
    named = [one.asset for seed in range(30) for one in unusual(fleet(seed, 3), {AssetClass.PUMP: forest})]
    strange = [asset for asset in named if asset in {"p0", "p1", "p2"}]

    assert len(strange) == 90
    assert len(named) <= 1.2 * len(strange)


def test_sound_fleets_are_mostly_silent(forest: ClassForest) -> None:
    """With nothing wrong a night rarely names anybody."""
    nights = [unusual(fleet(seed), {AssetClass.PUMP: forest}) for seed in range(100, 130)]

    assert sum(bool(night) for night in nights) <= 8


def test_a_new_class_and_a_new_asset_are_not_judged(forest: ClassForest) -> None:
    """Without a forest, or of whom the forest knows nothing, nothing is said."""
    stranger = {AssetClass.PUMP: {("new", 0): {"current median": 99.0}}}

    assert unusual(fleet(1, 3), {}) == []
    assert unusual(stranger, {AssetClass.PUMP: forest}) == []
