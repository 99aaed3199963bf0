"""Watch: how the rules about weather are asked: once a window in which something was said, and once an hour."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from models.conclusions import Conclusion, found, in_force, is_due
from models.detector import DetectorSpec, Memory, State
from models.findings import Finding, Verdict
from models.surroundings.weather import EVENTS, GAUGES, HOUR_US, Weather
from models.thresholds import ThresholdBook
from models.windows import Window

WINDOW_US = 600_000_000
"""Chosen by: gauges of weather report every 5 to 15 minutes."""

Judge = Callable[[State, Weather, Window, int, Mapping[str, float]], Mapping[str, Conclusion]]
"""What is to be said now of each failure mode: state, weather, window, the moment, values in force by name."""


def observed(
    windows: Sequence[Window],
    memory: Memory,
    thresholds: ThresholdBook,
    spec: DetectorSpec,
    judge: Judge,
) -> list[Finding]:
    """The findings of windows that closed together; see `Detector.observe`."""
    said: list[Finding] = []
    for window in windows:
        of_weather = any(r.metric in GAUGES for r in window.readings) or any(e.kind in EVENTS for e in window.events)
        if of_weather or window.asset.id in memory.states:
            said += _observed(window, memory, thresholds, spec, judge)
    return sorted(said, key=lambda f: (f.at_us, f.asset, f.failure_mode))


def _observed(
    window: Window, memory: Memory, thresholds: ThresholdBook, spec: DetectorSpec, judge: Judge
) -> Iterator[Finding]:
    asset, state = window.asset, memory.states.setdefault(window.asset.id, {})
    weather = Weather(state)
    heard = [r.at_us for r in window.readings if weather.read(r)] + [e.at_us for e in window.events if weather.hear(e)]
    at_us = max(heard, default=window.start_us)
    used = in_force(spec.tunables, asset, at_us, thresholds)
    words = judge(state, weather, window, at_us, used)
    if weather.is_known(at_us):
        memory.wake_us[asset.id] = (window.end_us // HOUR_US + 1) * HOUR_US
    else:
        words = dict.fromkeys(spec.failure_modes, Conclusion(at_us, Verdict.UNKNOWN))
    for mode, word in words.items():
        if is_due(state.setdefault(mode, {}), word):
            yield found(mode, asset, word, used)
