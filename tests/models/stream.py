"""Stream: readings cut into windows and fed to one detector, as the engine does, for tests of detectors alone."""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence

from ingest.readings import Reading
from ingest.registry import Asset
from models.detector import Detector, Memory
from models.findings import Finding, Verdict
from models.thresholds import DefaultThresholds, ThresholdBook
from models.windows import Window

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
MIDNIGHT_US = 1_766_505_600 * SECOND_US
"""2025-12-24 00:00 in Shanghai."""


def feed(
    detector: Detector,
    readings: Iterable[tuple[Asset, Reading]],
    memory: Memory | None = None,
    thresholds: ThresholdBook | None = None,
) -> list[Finding]:
    """The findings of readings, window after window, wake-ups served up to the last reading."""
    width = detector.spec.width_us
    memory = memory if memory is not None else Memory()
    book = thresholds or DefaultThresholds(detector.spec.tunables)
    slices: dict[int, dict[str, list[Reading]]] = defaultdict(lambda: defaultdict(list))
    assets: dict[str, Asset] = {}
    for asset, reading in readings:
        assets[asset.id] = asset
        slices[reading.at_us // width * width][asset.id].append(reading)
    found: list[Finding] = []
    starts = sorted(slices)
    start = starts[0]
    while start <= starts[-1]:
        woken = {a for a, at in memory.wake_us.items() if at < start + width}
        due = sorted(woken | set(slices.get(start, {})))
        for name in woken:
            del memory.wake_us[name]
        windows = [_window(assets[a], start, width, slices.get(start, {}).get(a, [])) for a in due]
        if windows:
            made = detector.observe(windows, memory, book)
            assert all(start <= f.at_us < start + width for f in made), "a finding lies outside its window"
            found += made
        after = bisect_right(starts, start)
        later = starts[after : after + 1]
        wakes = [max(at, start + width) // width * width for at in memory.wake_us.values()]
        start = min([*later, *wakes], default=starts[-1] + 1)
    return found


def _window(asset: Asset, start: int, width: int, readings: list[Reading]) -> Window:
    ordered = sorted(readings, key=lambda r: (r.at_us, r.device, r.metric))
    return Window(asset, start, start + width, readings=tuple(ordered))


def scored(findings: Sequence[Finding], asset: str | None = None) -> list[Finding]:
    """Those that carry a score."""
    return [f for f in findings if f.verdict is Verdict.SCORED and asset in (None, f.asset)]


def first_at(findings: Sequence[Finding], score: float) -> int | None:
    """When a score of this height was first given, or None."""
    return next((f.at_us for f in findings if f.score is not None and f.score >= score), None)


def stored_size(memory: Memory) -> int:
    """Bytes of the largest state as JSON."""
    return max(len(json.dumps(state)) for state in memory.states.values())
