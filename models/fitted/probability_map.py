"""Probability map: fitted maps that make stated chances come true, stored as plain numbers."""

import msgspec
import numpy as np
from scipy.special import expit, logit

from models.fitted.errors import ModelUnreadableError

EDGE = 1e-6


class PlattMap(msgspec.Struct, frozen=True, tag="platt"):
    """A line on the log-odds.

    Attributes:
        slope: At least 0: what was said to be likelier stays so.
        intercept: Log-odds added.

    Source:
        Platt 1999, "Probabilistic outputs for support vector machines"; targets softened as there.
    """

    slope: float
    intercept: float

    def __call__(self, chance: float) -> float:
        """The calibrated chance; a raw 0 stays 0."""
        if chance <= 0.0:
            return 0.0
        return float(expit(self.slope * logit(min(max(chance, EDGE), 1.0 - EDGE)) + self.intercept))


class IsotonicMap(msgspec.Struct, frozen=True, tag="isotonic"):
    """Steps that never fall, with straight lines between them.

    Attributes:
        raw: Chances as they were said, ascending.
        calibrated: What came true of them, never falling.
    """

    raw: tuple[float, ...]
    calibrated: tuple[float, ...]

    def __call__(self, chance: float) -> float:
        """The calibrated chance; a raw 0 stays 0."""
        return 0.0 if chance <= 0.0 else float(np.interp(chance, self.raw, self.calibrated))


ProbabilityMap = PlattMap | IsotonicMap


def map_json(fitted: ProbabilityMap) -> bytes:
    """A map as it is stored."""
    return msgspec.json.encode(fitted)


def map_of(name: str, content: bytes) -> ProbabilityMap:
    """What `map_json` wrote.

    Raises:
        ModelUnreadableError: It is no map.
    """
    try:
        fitted: ProbabilityMap = msgspec.json.decode(content, type=ProbabilityMap)
    except msgspec.MsgspecError as error:
        raise ModelUnreadableError(name, str(error)) from error
    return fitted
