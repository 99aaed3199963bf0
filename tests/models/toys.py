"""Toys: the smallest detectors that show what an engine does."""

from collections.abc import Sequence

from ingest.readings import Batch
from ingest.registry import Asset, AssetClass
from models.detector import DetectorSpec, Memory
from models.findings import Finding, Verdict
from models.thresholds import ThresholdBook
from models.windows import Window


class Counter:
    """Says how many readings, events and stills it has seen of an asset; may ask for a wake-up after silence.

    `calls` keeps the windows it was shown, for tests only.
    """

    def __init__(
        self,
        name: str = "counter",
        width_us: int = 5_000_000,
        wake_after_us: int = 0,
        classes: frozenset[AssetClass] = frozenset({AssetClass.PUMP}),
        version: int = 1,
    ) -> None:
        self.spec = DetectorSpec(name, version, ("asset.deviation",), classes, width_us, (), width_us)
        self.calls: list[tuple[Window, ...]] = []
        self._wake_after_us = wake_after_us

    def observe(
        self,
        windows: Sequence[Window],
        memory: Memory,
        thresholds: ThresholdBook,  # noqa: ARG002 -- the Protocol's
    ) -> list[Finding]:
        """A finding a window, whose subject tells all that was seen so far and how many windows came together."""
        self.calls.append(tuple(windows))
        found = []
        for window in windows:
            state = memory.states.setdefault(window.asset.id, {"seen": 0, "sum": 0.0, "kinds": []})
            heard = len(window.readings) + len(window.events) + len(window.stills)
            state["seen"] += heard
            for reading in window.readings:
                state["sum"] = state["sum"] * 0.5 + reading.value  # shows their order
            state["kinds"] = [e.attributes.get("n", e.kind) for e in window.events]
            if heard and self._wake_after_us:
                memory.wake_us[window.asset.id] = window.end_us + self._wake_after_us
            said = f"{state['seen']} {state['sum']!r} {state['kinds']} {len(windows)}"
            found.append(Finding(window.asset.id, "asset.deviation", window.start_us, Verdict.SCORED, 0.0, said))
        return sorted(found, key=lambda f: (f.at_us, f.asset, f.failure_mode, f.subject))

    def judge_on_arrival(
        self,
        batch: Batch,
        asset: Asset,
        thresholds: ThresholdBook,  # noqa: ARG002 -- the Protocol's
    ) -> list[Finding]:
        """A finding a reading over 99."""
        return [
            Finding(asset.id, "asset.deviation", r.at_us, Verdict.SCORED, 1.0) for r in batch.readings if r.value > 99.0
        ]
