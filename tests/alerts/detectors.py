"""Detectors: two small ones whose findings a test can foretell, one for each speed of detection."""

# ruff: noqa: ARG002 -- the protocol hands in more than these two need

from collections.abc import Sequence

from alerts.moments import SECOND_US
from ingest.readings import Batch
from ingest.registry import Asset, AssetClass
from models.detector import DetectorSpec, Memory
from models.findings import Contribution, Evidence, Finding, Trace, Verdict
from models.thresholds import ThresholdBook, Tunable
from models.windows import Window

WIDTH_US = 10 * SECOND_US
GAIN = Tunable("pipe.burst.gain_per_kpa", "1/kPa", 0.001, 1.0, 0.01, "chosen by: the tests")


class PressureDetector:
    """The probability of a burst is the highest pressure of a window times the gain; it counts its windows."""

    spec = DetectorSpec("pressure", 1, ("pipe.burst",), frozenset({AssetClass.RISER}), WIDTH_US, (GAIN,), WIDTH_US)

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `models.detector.Detector`."""
        return [self._finding(window, memory, thresholds) for window in windows if window.readings]

    def judge_on_arrival(self, batch: Batch, asset: Asset, thresholds: ThresholdBook) -> list[Finding]:
        """Nothing is certain at once."""
        return []

    def _finding(self, window: Window, memory: Memory, thresholds: ThresholdBook) -> Finding:
        state = memory.states.setdefault(window.asset.id, {"windows": 0})
        state["windows"] += 1
        at_us = window.readings[-1].at_us
        gain = thresholds.value(GAIN.name, window.asset, at_us)
        values = tuple(r.value for r in window.readings)
        risk = min(1.0, max(values) * gain)
        trace = Trace("pressure_kpa", "kPa", tuple(r.at_us for r in window.readings), values, asset=window.asset.id)
        seen = (Contribution("pressure_drop_kpa", max(values), "kPa", None, 1.0),)
        return Finding(
            window.asset.id,
            "pipe.burst",
            at_us,
            Verdict.SCORED,
            score=risk,
            probability=risk,
            horizon_us=WIDTH_US,
            evidence=Evidence(trace, contributions=seen, facts={"windows": float(state["windows"])}),
            thresholds={GAIN.name: gain},
        )


class ButtonDetector:
    """A pressed alarm button is an entrapment, known on arrival; a released one is the end of it."""

    spec = DetectorSpec("button", 1, ("elevator.entrapment",), frozenset({AssetClass.ELEVATOR}), WIDTH_US, (), 0)

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `models.detector.Detector`."""
        return [
            self._finding(window.asset, reading.at_us, reading.value)
            for window in windows
            for reading in window.readings
            if reading.metric == "alarm_button"
        ]

    def judge_on_arrival(self, batch: Batch, asset: Asset, thresholds: ThresholdBook) -> list[Finding]:
        """See `models.detector.Detector`."""
        return [
            self._finding(asset, r.at_us, r.value) for r in batch.readings if r.metric == "alarm_button" and r.value > 0
        ]

    def _finding(self, asset: Asset, at_us: int, pressed: float) -> Finding:
        seen = Evidence(contributions=(Contribution("alarm_button", pressed, "bool", 0.0, 1.0),))
        return Finding(asset.id, "elevator.entrapment", at_us, Verdict.SCORED, score=pressed, evidence=seen)


DETECTORS = (PressureDetector(), ButtonDetector())
