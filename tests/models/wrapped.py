"""Wrapped: a detector behind another, which shows of it no more than a `Detector` has."""

from collections.abc import Sequence

from ingest.readings import Batch
from ingest.registry import Asset
from models.detector import ArrivalJudge, Detector, DetectorSpec, Memory
from models.findings import Finding
from models.thresholds import ThresholdBook
from models.windows import Window


class Wrapped:
    """Says what the detector says."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    @property
    def spec(self) -> DetectorSpec:
        """That of the detector."""
        return self._detector.spec

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """What the detector says."""
        return self._detector.observe(windows, memory, thresholds)

    def judge_on_arrival(self, batch: Batch, asset: Asset, thresholds: ThresholdBook) -> list[Finding]:
        """What the detector says."""
        judge = self._detector
        return judge.judge_on_arrival(batch, asset, thresholds) if isinstance(judge, ArrivalJudge) else []
