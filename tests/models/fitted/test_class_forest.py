"""Class forest: rare days have small chances, sound ones do not, and only our own types are loaded."""

from zipfile import ZIP_DEFLATED

import numpy as np
import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from models.fitted.class_forest import discoveries, fit_forest, forest_bytes, forest_of
from models.fitted.errors import ModelTypesError, ModelUnreadableError, TooFewRowsError

_NAMES = ("a", "b", "c", "d", "e")
_SOUND = np.random.default_rng(1).normal(size=(240, 5))


def test_a_strange_day_is_rarer_than_any_sound_one() -> None:
    """A day far from its class has the smallest chance there is, and sound days spread over all."""
    forest = fit_forest(_SOUND, _NAMES, seed=1)
    sound = forest.chances(np.random.default_rng(2).normal(size=(400, 5)))

    assert forest.chances(np.full((1, 5), 8.0))[0] == pytest.approx(1 / (forest.held.size + 1))
    assert np.mean(sound <= 0.1) < 0.2


def test_the_same_seed_gives_the_same_words_after_storing() -> None:
    """Fitted twice, or stored and read, a forest says the same of every day."""
    forest, again = fit_forest(_SOUND, _NAMES, seed=1), fit_forest(_SOUND, _NAMES, seed=1)
    read = forest_of("forest:pump", forest_bytes(forest))

    assert np.array_equal(forest.chances(_SOUND), again.chances(_SOUND))
    assert np.array_equal(forest.chances(_SOUND), read.chances(_SOUND))
    assert read.features == _NAMES


def test_other_types_are_not_loaded() -> None:
    """A file that holds anything but a forest is refused by the name of what it holds."""
    line = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    content = skops.io.dumps({"forest": line, "held": np.zeros(3)}, compression=ZIP_DEFLATED)
    with pytest.raises(ModelTypesError, match="LinearRegression"):
        forest_of("forest:pump", content)


def test_what_is_no_archive_is_refused() -> None:
    """A pickle, or anything else, does not reach the loader."""
    with pytest.raises(ModelUnreadableError):
        forest_of("forest:pump", b"\x80\x04N.")


def test_too_few_days_fit_nothing() -> None:
    """Of a class that is new nothing is said."""
    with pytest.raises(TooFewRowsError):
        fit_forest(_SOUND[:59], _NAMES, seed=1)


def test_the_share_of_false_discoveries_is_kept() -> None:
    """Over fleets in which a tenth is unusual, at most a tenth of what is found is sound."""
    dice = np.random.default_rng(3)
    shares = []
    for _ in range(2_000):
        chances = np.concatenate([dice.uniform(size=180), dice.uniform(0, 1e-3, size=20)])
        found = discoveries(chances, 0.10)
        shares.append(found[:180].sum() / max(1, found.sum()))

    assert np.mean(shares) <= 0.10


@given(st.lists(st.floats(1e-6, 1.0), max_size=50))
def test_what_is_rarer_than_a_discovery_is_one(chances: list[float]) -> None:
    """Discoveries are the smallest chances, however many."""
    values = np.array(chances)
    found = discoveries(values)

    assert not found.any() or values[found].max() < values[~found].min(initial=2.0)
