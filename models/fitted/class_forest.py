"""Class forest: how unusual an asset's day is among the days of its class, as p-values of a whole fleet.

A forest only says that a day is rare; its word opens level III at most (DOMAIN 6.1: 0.30 VUS-PR and below).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import numpy as np
import numpy.typing as npt
import skops.io
from sklearn.ensemble import IsolationForest

from models.fitted.class_usual import ClassUsual, Day, usual_of
from models.fitted.errors import ModelTypesError, ModelUnreadableError, TooFewRowsError

Floats = npt.NDArray[np.float64]

FEWEST_DAYS = 60
"""Asset-days to learn from. Source: DOMAIN 6.4, start at 60 days."""
FALSE_DISCOVERY_RATE = 0.10
"""Source: DOMAIN 6.4 and 7 (`alarms.fdr`)."""

_TREES = 200
_TREE = "sklearn.tree._tree.Tree"
_TYPES = frozenset(
    {
        _TREE,
        "builtins.dict",
        "builtins.list",
        "builtins.str",
        "builtins.tuple",
        "numpy.ndarray",
        "sklearn.ensemble._iforest.IsolationForest",
        "sklearn.tree._classes.ExtraTreeRegressor",
    }
)
"""Every type that a stored forest is made of; a file that holds another is not loaded."""


@dataclass(frozen=True, slots=True)
class ClassForest:
    """A forest and the scores of sound days that it had not seen, to which new days are compared.

    Attributes:
        forest: Fitted on how far sound days of a class are from what their assets usually do.
        held: Scores of held-out sound days, ascending, shape (n,); higher is more unusual.
        usual: What the assets usually do.
    """

    forest: IsolationForest
    held: Floats
    usual: ClassUsual

    def chances(self, days: Sequence[Day]) -> Floats:
        """How rarely a sound day is as unusual, in (0, 1]; small is unusual.

        Args:
            days: That `usual` knows, at least one.

        Returns:
            Split-conformal p-values, shape (n,): Pr(p <= a) <= a for sound, exchangeable days.

        Source:
            DOMAIN 6.4: p = (1 + #{held >= score}) / (n + 1).
        """
        score = -self.forest.score_samples(self.usual.furthest(days))
        above = self.held.size - np.searchsorted(self.held, score, "left")
        rare: Floats = (1.0 + above) / (self.held.size + 1.0)
        return rare


def fit_forest(days: Sequence[Day], seed: int) -> ClassForest:
    """The forest of a class; of its sound days the first two thirds are learnt and the rest held out.

    Args:
        days: Sound days, in any order.
        seed: Of the trees.

    Raises:
        TooFewRowsError: Fewer than `FEWEST_DAYS`, or none held out of an asset that is known.
    """
    if len(days) < FEWEST_DAYS:
        raise TooFewRowsError("sound asset-days of the class", len(days), FEWEST_DAYS)
    ordered, cut = sorted(days, key=lambda day: (day[0][1], day[0][0])), 2 * len(days) // 3
    usual = usual_of(ordered[:cut])
    learnt, held = ([day for day in some if usual.knows(day)] for some in (ordered[:cut], ordered[cut:]))
    if not held:
        raise TooFewRowsError("later sound days of assets with two weeks of earlier ones", 0, 1)
    forest = IsolationForest(n_estimators=_TREES, random_state=seed).fit(usual.furthest(learnt))
    return ClassForest(forest, np.sort(-forest.score_samples(usual.furthest(held))), usual)


def forest_bytes(fitted: ClassForest) -> bytes:
    """A forest as it is stored, without pickle."""
    usual = fitted.usual
    names = {"assets": list(usual.rows), "features": list(usual.features)}
    whole = {"forest": fitted.forest, "held": fitted.held, "middle": usual.middle, "spread": usual.spread, **names}
    return bytes(skops.io.dumps(whole, compression=ZIP_DEFLATED))


def forest_of(name: str, content: bytes) -> ClassForest:
    """What `forest_bytes` wrote.

    Raises:
        ModelTypesError: It holds types that no forest of ours does.
        ModelUnreadableError: It is no forest.
    """
    try:
        with ZipFile(BytesIO(content)) as archive:
            unknown = set(_types_in(json.loads(archive.read("schema.json")))) - _TYPES
    except (BadZipFile, KeyError, ValueError) as error:
        raise ModelUnreadableError(name, str(error)) from error
    if unknown:
        raise ModelTypesError(name, sorted(unknown))
    found = skops.io.loads(content, trusted=[_TREE])
    try:
        rows = {asset: row for row, asset in enumerate(found["assets"])}
        usual = ClassUsual(rows, tuple(found["features"]), found["middle"], found["spread"])
    except KeyError as error:
        raise ModelUnreadableError(name, f"it holds no {error}; train it anew") from error
    return ClassForest(found["forest"], found["held"], usual)


def _types_in(schema: Any) -> Iterator[str]:
    """The types that a skops archive says it is made of."""
    if isinstance(schema, dict):
        if "__class__" in schema:
            yield f"{schema['__module__']}.{schema['__class__']}"
        for part in schema.values():
            yield from _types_in(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _types_in(part)


def discoveries(chances: Floats, rate: float = FALSE_DISCOVERY_RATE) -> npt.NDArray[np.bool_]:
    """Which of a fleet's days are unusual so that at most a share `rate` of them is expected to be sound.

    Args:
        chances: p-values of one day, one an asset, shape (n,).
        rate: In (0, 1).

    Source:
        Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57, 289-300.
    """
    ordered = np.sort(chances)
    under = np.flatnonzero(ordered <= rate * np.arange(1, chances.size + 1) / max(1, chances.size))
    if not under.size:
        return np.zeros(chances.size, dtype=np.bool_)
    found: npt.NDArray[np.bool_] = chances <= ordered[under[-1]]
    return found
