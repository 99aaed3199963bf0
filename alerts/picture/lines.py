"""Lines: traces of the frozen evidence as arrays to draw, and what is a ratio to the usual."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from alerts.words.contributions import phrase
from alerts.words.quantities import number

US: Final = 1e6
_LONG_STEP: Final = 0.8
Floats = NDArray[np.float64]


class Line:
    """A trace with seconds on x.

    Args:
        trace: Fields of `models.findings.Trace`.
        breaks: Whether it breaks where the sensor was silent; a trace that has only the changes does not.

    Attributes:
        x: Seconds since the epoch, shape (n,).
        y: Values, shape (n,), NaN in a break.
        low: Lower edge of the normal band, shape (n,) or (0,).
        high: Upper edge, likewise.
    """

    def __init__(self, trace: Mapping[str, Any], *, breaks: bool = True) -> None:
        x = np.array(trace["at_us"], float) / US
        steps = np.diff(x)
        # Four long steps without a point is silence, and silence is not a straight line.
        usual = np.quantile(steps, _LONG_STEP) if breaks and steps.size else np.inf
        gaps = np.flatnonzero(steps > 4 * usual) + 1
        self.x: Floats = np.insert(x, gaps, (x[gaps - 1] + x[gaps]) / 2)
        self.y = _broken(trace["value"], gaps)
        self.low, self.high = _broken(trace.get("low") or (), gaps), _broken(trace.get("high") or (), gaps)

    def at(self, x: float) -> float:
        """The value at a time in seconds, between two points if need be."""
        known = np.isfinite(self.y)
        return float(np.interp(x, self.x[known], self.y[known]))


def _broken(values: Any, gaps: NDArray[np.int64]) -> Floats:
    array = np.array(values, float)
    return np.insert(array, gaps, np.nan) if array.size else array


def on_log_scale(evidence: Mapping[str, Any]) -> Mapping[str, Any]:
    """The evidence with a ratio to the usual as its logarithm: twice and half are equally far from the usual.

    Anything else, and a ratio that touches zero, stays as it is.
    """
    signal, ahead, threshold = (evidence.get(key) for key in ("signal", "forecast", "threshold"))
    if signal is None or is_log(signal["name"]) or signal["unit"] != "1" or not is_ratio(signal["name"]):
        return evidence
    traces = [signal, *(evidence.get("neighbours") or ())]
    numbers = [v for trace in traces for key in _HEIGHTS for v in trace.get(key) or ()]
    numbers += [v for key in _QUANTILES for v in (ahead or {}).get(key, ())]
    if min([*numbers, 1.0 if threshold is None else threshold]) <= 0:
        return evidence
    logged = [_logged(trace, _HEIGHTS) | {"name": f"log_{trace['name']}"} for trace in traces]
    return {
        **evidence,
        "signal": logged[0],
        "neighbours": logged[1:],
        "forecast": ahead and _logged(ahead, _QUANTILES),
        "threshold": None if threshold is None else float(np.log(threshold)),
    }


_HEIGHTS: Final = ("value", "low", "high")
_QUANTILES: Final = ("p10", "p50", "p90")


def _logged(columns: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {**columns, **{key: np.log(columns.get(key) or ()).tolist() for key in keys}}


def is_ratio(name: str) -> bool:
    """Whether a trace is so many times something usual, plain or as a logarithm."""
    return phrase(name).scale is not None


def is_log(name: str) -> bool:
    """Whether a trace is the natural logarithm of a ratio."""
    return name.startswith("log_")


def value_label(name: str, value: float) -> str:
    """A value of a trace as its axis says it: "2.5×" for a ratio."""
    if is_log(name):
        return f"{number(float(np.exp(value)))}×"
    return f"{value:.3g}×" if is_ratio(name) else f"{value:.4g}"
