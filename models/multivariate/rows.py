"""Multivariate rows: an hour's means of the channels that are looked at together."""

from collections.abc import Mapping, Sequence

import numpy as np

from models.detector import State
from models.deviation.channels import RESTS, has_level
from models.deviation.digits import short
from models.deviation.settings import is_steady
from models.told import Told, ToldReadings
from models.windows import Window

MOST_CHANNELS = 12
"""Chosen by: 78 products of pairs, 0.9 kB of state."""
LAGS = 8
"""Hours in a row that stand for channels where there is only one: Sub-PCA. Chosen by: a shift of people's day."""
FIRST_DAYS = 3
"""Days after which it is known which channels there are."""

_HEARD_SHARE = 0.8
_LEFT_OUT = frozenset(
    {
        "current_l1_a",
        "current_l2_a",
        "current_l3_a",
        "door_close_time_s",
        "door_energy_j",
        "door_lock_delay_ms",
        "door_motor_current_a",
        "door_open_time_s",
        "envelope_peak_hz",
        "pipe_vibration_um_s2",
    }
)
"""What the mean current says as well, what jumps from line to line, what hums whenever a machine stands beside a pipe
(`pipe.burst` has its nights), and doors: maintenance sets their drives, which `elevator.door` knows from wear."""

WORSE_UP = frozenset(
    {
        "acceleration_rms_m_s2",
        "bearing_temperature_c",
        "envelope_rms_m_s2",
        "kurtosis",
        "velocity_rms_mm_s",
        "winding_temperature_c",
    }
)
"""What is no trouble where it is less than the rest lets expect: a pump that was aligned anew shakes less."""


def hour_means(window: Window) -> dict[str, float]:
    """The mean of each channel in an hour, by device and metric; of a machine that rests now and then while it runs."""
    if isinstance(window.readings, ToldReadings):
        return _means_of(window.readings.told, steady=is_steady(window.asset))
    limits, steady = RESTS, is_steady(window.asset)
    resting = set[int]()
    if not steady:
        resting = {r.at_us for r in window.readings if r.metric in limits and r.value <= limits[r.metric]}
    sums: dict[str, list[float]] = {}
    for r in window.readings:
        if r.at_us not in resting and r.metric not in _LEFT_OUT and has_level(r.metric):
            held = sums.setdefault(f"{r.device} {r.metric}", [0.0, 0.0])
            held[0] += r.value
            held[1] += 1.0
    return {name: total / count for name, (total, count) in sums.items()}


def _means_of(told: Sequence[Told], *, steady: bool) -> dict[str, float]:
    """`hour_means` of arrays, to the last bit: one value is added after the other, which `sum` does not do."""
    rests = [
        one.at_us[values <= RESTS[metric]] for one in told for metric, values in one.values.items() if metric in RESTS
    ]
    resting = np.concatenate(rests) if rests and not steady else np.array([], np.int64)
    means: dict[str, float] = {}
    for one in told:
        here = ~np.isin(one.at_us, resting) if resting.size else np.ones(one.at_us.shape, np.bool_)
        for metric, values in one.values.items():
            if metric in _LEFT_OUT or not has_level(metric):
                continue
            said = values[here & ~np.isnan(values)]
            if said.size:
                means[f"{one.device} {metric}"] = (0.0 + np.cumsum(said)[-1].item()) / said.size
    return means


def note_heard(state: State, means: Mapping[str, float]) -> None:
    """Count who spoke in an hour."""
    heard: dict[str, int] = state["heard"]
    for name in means:
        heard[name] = heard.get(name, 0) + 1


def chosen(heard: Mapping[str, int]) -> list[str]:
    """The channels that speak nearly always, the most constant first, at most `MOST_CHANNELS`; in order of name."""
    most = max(heard.values(), default=0)
    often = sorted(
        (name for name, hours in heard.items() if hours >= _HEARD_SHARE * most), key=lambda n: (-heard[n], n)
    )
    return sorted(often[:MOST_CHANNELS])


def row_of(state: State, means: Mapping[str, float], hour: int) -> list[float] | None:
    """The row of an hour, or None where a channel is silent; where there is one channel, its last hours.

    Args:
        state: With `names`; its `lags` are moved on.
        means: Of the hour.
        hour: Its number since the epoch.
    """
    names: Sequence[str] = state["names"]
    if any(name not in means for name in names):
        return None
    if len(names) > 1:
        return [means[name] for name in names]
    goes_on = state["lag_hour"] == hour - 1
    state["lag_hour"] = hour
    state["lags"] = [*(state["lags"] if goes_on else []), short(means[names[0]])][-LAGS:]
    return list(state["lags"]) if len(state["lags"]) == LAGS else None
