"""Class forest: rare days have small chances, sound ones do not, and only our own types are loaded."""

from zipfile import ZIP_DEFLATED

import numpy as np
import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from models.fitted.class_forest import discoveries, fit_forest, forest_bytes, forest_of
from models.fitted.class_usual import Day
from models.fitted.errors import ModelTypesError, ModelUnreadableError, TooFewRowsError

_NAMES = ("a", "b", "c", "d", "e")
_ASSETS = {"small": 1.0, "large": 50.0, "other": 400.0}
"""About what each asset's features are; a pump of 3 kW and one of 75 kW are of one class."""


def days(seed: int, count: int = 80, strange: float = 0.0) -> list[Day]:
    """Days of three assets in time order; `strange` spreads are added to their second feature."""
    dice, found = np.random.default_rng(seed), list[Day]()
    for day in range(count):
        for asset, level in _ASSETS.items():
            rows = level * (1.0 + 0.02 * (dice.normal(size=5) + strange * np.array([0.0, 1.0, 0.0, 0.0, 0.0])))
            found.append(((asset, day), dict(zip(_NAMES, rows.tolist(), strict=True))))
    return found


_SOUND = days(1, 160)


def test_one_feature_far_from_the_assets_own_usual_is_a_rare_day() -> None:
    """Though it lies within what other assets of the class do every day; sound days spread over all chances."""
    forest = fit_forest(_SOUND, seed=1)
    sound = forest.chances(days(2, 130))

    assert max(forest.chances(days(3, 1, strange=15.0))) < 0.03
    assert np.mean(sound <= 0.1) < 0.2


def test_what_an_asset_lacks_counts_as_usual() -> None:
    """A pump without a flow meter is judged by the rest; a day on which most of an asset was silent is not."""
    bare = [
        ((asset, day), {n: v for n, v in look.items() if asset != "small" or n != "b"}) for (asset, day), look in _SOUND
    ]
    forest = fit_forest(bare, seed=1)
    (whole,) = (day for day in days(3, 1, strange=15.0) if day[0][0] == "small")
    silent = (whole[0], {"a": whole[1]["a"]})

    assert forest.usual.features == _NAMES
    assert forest.chances([whole])[0] > 0.05
    assert [forest.usual.knows(day) for day in (whole, silent)] == [True, False]


def test_an_asset_with_few_days_is_not_known() -> None:
    """Two weeks are needed before it is said what is usual of it."""
    newcomer = [(("new", day), dict.fromkeys(_NAMES, 1.0)) for day in range(13)]

    assert fit_forest([*newcomer, *_SOUND], seed=1).usual.rows.keys() == _ASSETS.keys()


def test_the_order_of_the_days_changes_nothing() -> None:
    """Which are learnt and which held out follows from their time."""
    forest, shuffled = fit_forest(_SOUND, seed=1), fit_forest(_SOUND[::-1], seed=1)

    assert np.array_equal(forest.held, shuffled.held)
    assert np.array_equal(forest.chances(_SOUND), shuffled.chances(_SOUND))


def test_the_same_seed_gives_the_same_words_after_storing() -> None:
    """Fitted twice, or stored and read, a forest says the same of every day."""
    forest, again = fit_forest(_SOUND, seed=1), fit_forest(_SOUND, seed=1)
    read = forest_of("forest:pump", forest_bytes(forest))

    assert np.array_equal(forest.chances(_SOUND), again.chances(_SOUND))
    assert np.array_equal(forest.chances(_SOUND), read.chances(_SOUND))
    assert (read.usual.rows, read.usual.features) == (forest.usual.rows, _NAMES)


def test_other_types_are_not_loaded() -> None:
    """A file that holds anything but a forest is refused by the name of what it holds."""
    line = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    content = skops.io.dumps({"forest": line, "held": np.zeros(3)}, compression=ZIP_DEFLATED)
    with pytest.raises(ModelTypesError, match="LinearRegression"):
        forest_of("forest:pump", content)


def test_a_forest_of_an_older_shape_is_refused() -> None:
    """The message says what it lacks and what to do."""
    content = skops.io.dumps({"held": np.zeros(3), "features": ["a"]}, compression=ZIP_DEFLATED)
    with pytest.raises(ModelUnreadableError, match=r"assets.*train it anew"):
        forest_of("forest:pump", content)


def test_what_is_no_archive_is_refused() -> None:
    """A pickle, or anything else, does not reach the loader."""
    with pytest.raises(ModelUnreadableError):
        forest_of("forest:pump", b"\x80\x04N.")


def test_too_few_days_fit_nothing() -> None:
    """Of a class that is new nothing is said."""
    with pytest.raises(TooFewRowsError):
        fit_forest(_SOUND[:59], seed=1)


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
