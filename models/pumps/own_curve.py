"""Own curve: the head a pump gives at each flow, learnt from itself, at any speed by the affinity laws."""

import math
from collections.abc import Mapping

from models.detector import State
from models.pumps.hydraulics import DISCHARGE, FLOW, SUCTION

LEARNING = 48
"""Samples. Chosen by: four hours of steady running, as for the bearing's usual at a speed."""

_MEMORY = 4_000.0  # samples, a fortnight of five-minute ones: the curve of a worn impeller becomes its own slowly
_LEAST_SPREAD = 0.01
_KPA_PER_M = 9.789


def drop(state: State, known: Mapping[str, float], rpm_share: float) -> tuple[float, float] | None:
    """By which share the head lies below the pump's own curve, and how many spreads that is; negative is above.

    Head goes with the square of speed and flow with speed, so that one curve, head = a + b flow^2, holds for all of
    them. None without flow and pressure, and while the curve is being learnt.

    Args:
        state: JSON dict; `curve` holds weighted sums.
        known: By metric, as `hydraulics.carried` gives it.
        rpm_share: Speed over rated speed, > 0.
    """
    point, curve = _point(known, rpm_share), state.get("curve")
    if point is None or curve is None or curve[0] < LEARNING:
        return None
    x, y = point
    expected, spread = _expected(curve, x)
    if expected <= 0.0:
        return None
    share = 1.0 - y / expected
    return share, share / spread


def learn(state: State, known: Mapping[str, float], rpm_share: float) -> None:
    """Take a calm moment into the curve; arguments as for `drop`."""
    point = _point(known, rpm_share)
    if point is None:
        return
    x, y = point
    kept = 1.0 - 1.0 / _MEMORY
    sums = state.get("curve", [0.0] * 6)
    added = (1.0, x, y, x * x, x * y, y * y)
    state["curve"] = [float(f"{kept * old + new:.10g}") for old, new in zip(sums, added, strict=True)]


def _point(known: Mapping[str, float], rpm_share: float) -> tuple[float, float] | None:
    """Squared flow and head, both brought to rated speed."""
    if FLOW not in known or DISCHARGE not in known or rpm_share <= 0.0:
        return None
    head = (known[DISCHARGE] - known.get(SUCTION, 0.0)) / _KPA_PER_M
    return (known[FLOW] / rpm_share) ** 2, head / rpm_share**2


def _expected(curve: list[float], x: float) -> tuple[float, float]:
    """The head of the curve, and the spread around it as a share of it."""
    n, sx, sy, sxx, sxy, syy = curve
    var_x, cov, var_y = sxx / n - (sx / n) ** 2, sxy / n - sx * sy / n**2, syy / n - (sy / n) ** 2
    slope = cov / var_x if var_x > 1e-9 * (sx / n) ** 2 + 1e-12 else 0.0
    expected = sy / n + slope * (x - sx / n)
    residual = max(0.0, var_y - slope * cov)
    return expected, max(_LEAST_SPREAD, math.sqrt(residual) / max(abs(expected), 1e-9))
