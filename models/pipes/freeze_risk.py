"""Freeze risk: how likely a pipe freezes within 72 hours, from the cold so far, the cold to come, lagging and flow."""

import math
from dataclasses import dataclass

ONSET_C = -7.0
"""Outside air at which pipes without lagging begin to freeze. Source: DOMAIN 1.1: -6.7 C (20 F), Univ. Illinois."""
HORIZON_H = 72

# Chosen by four anchors, as no fleet of frozen pipes is published: a pipe without lagging or flow freezes in two cases
# of three after a day at the onset with -12 C to come, in one of twenty after six hours with -7 C to come, in one of
# two thousand after none with +2 C to come; lagging cuts the odds to a tenth, flow to a fifth. To be fitted anew once
# 30 freezes are on record (DOMAIN 1.4).
_INTERCEPT = -3.2
_PER_COLD_HOUR = 0.06
_PER_DEGREE = 0.5
_INSULATED = -2.3
_FLOWING = -1.6


@dataclass(frozen=True, slots=True)
class FreezeConditions:
    """What decides whether a pipe freezes.

    Attributes:
        cold_hours: Hours of the last 48 with outside air at or below `ONSET_C`, 0 to 48.
        minimum_c: Lowest air temperature forecast for the next 72 hours; without a forecast the lowest of the last 24.
        insulated: Whether it is lagged; None, unknown, is taken for no.
        flowing: Whether water flowed in the last 12 hours; None, unknown, is taken for no.
    """

    cold_hours: float
    minimum_c: float
    insulated: bool | None = None
    flowing: bool | None = None


def freeze_risk(conditions: FreezeConditions) -> float:
    """P(the pipe freezes within 72 hours), in [0, 1]; never lower for more cold.

    Works badly below 0 C where the pipe runs in a warm shaft: it knows the outside air only.

    Source:
        DOMAIN 1.4, "freeze: logistic in ..."; the weights are chosen, see above.

    Example:
        >>> round(freeze_risk(FreezeConditions(24.0, -12.0)), 2)
        0.68
        >>> round(freeze_risk(FreezeConditions(24.0, -12.0, insulated=True)), 2)
        0.17
    """
    logit = _INTERCEPT + _PER_COLD_HOUR * conditions.cold_hours + _PER_DEGREE * (ONSET_C - conditions.minimum_c)
    logit += (_INSULATED if conditions.insulated else 0.0) + (_FLOWING if conditions.flowing else 0.0)
    # Written for both signs, so that no exponent overflows.
    return 1.0 / (1.0 + math.exp(-logit)) if logit >= 0 else math.exp(logit) / (1.0 + math.exp(logit))
