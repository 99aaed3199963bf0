"""Asked: a detector at work with its memory; a mistake in it costs the asset it shows at, and nobody else."""

from collections.abc import Mapping, Sequence
from itertools import groupby

import msgspec
import structlog
from prometheus_client import Counter

from ingest.readings import Batch
from ingest.registry import Asset
from models.blocks import EVER, Block, BlockDetector, LastBlock
from models.checkpoint import StoredState
from models.detector import ArrivalJudge, Detector, Memory
from models.findings import Finding, Verdict
from models.stretches import StretchDetector
from models.thresholds import ThresholdBook
from models.windows import Window

LEAST_COLUMNS = 32
"""So many devices are worth arrays. Chosen by: with 32 of four metrics, one window, either way takes as long."""

_failures = Counter("precomplaint_detector_failures", "Looks of a detector that ended in an error", ["detector"])

log = structlog.get_logger()


class Asked:
    """A detector that the engine asks.

    When `observe` raises, the states of the assets it was shown are worth nothing, because it changes them in place:
    they are forgotten, and the detector learns these assets anew, from the same windows on. Nobody can tell whose
    window it was, so from then on each of them is asked about alone, and the next failure costs one asset only. All
    of this follows from windows and stored states, so live, replay and restart do the same.

    Args:
        detector: What is asked.
        last: The block of those windows that a detector was shown before.

    Attributes:
        detector: What is asked.
        spec: Its spec, which it may make anew at each look.
        memory: Its states and wake-ups.
    """

    def __init__(self, detector: Detector, last: LastBlock) -> None:
        self.detector, self._last = detector, last
        self.spec = detector.spec
        self._judge = detector if isinstance(detector, ArrivalJudge) else None
        self._blocks = detector if isinstance(detector, BlockDetector) else None
        self.memory = Memory() if self._blocks is None else Memory(self._blocks.new_states())
        self._alone: set[str] = set()
        self._told: set[str] = set()

    def observe(self, windows: Sequence[Window], thresholds: ThresholdBook) -> list[Finding]:
        """The findings of windows that closed together; see `Detector.observe`."""
        if self._alone.isdisjoint(window.asset.id for window in windows):
            return self._look(windows, thresholds)
        found: list[Finding] = []
        # In the order in which all would be looked at together, because who looks at others sees what they said before.
        for alone, several in groupby(windows, key=lambda window: window.asset.id in self._alone):
            for shown in ([window] for window in several) if alone else (list(several),):
                found += self._look(shown, thresholds)
        return sorted(found, key=order_of)

    @property
    def judges_on_arrival(self) -> bool:
        """Whether a message alone may prove something to it."""
        return self._judge is not None

    def may_see_blocks(self, asset: Asset) -> bool:
        """Whether an asset may be shown to it among others, in a block."""
        return asset.asset_class in self.spec.asset_classes and asset.id not in self._alone

    def observe_block(self, block: Block, thresholds: ThresholdBook) -> tuple[list[Finding], Mapping[str, int]]:
        """See `BlockDetector` and `StretchDetector`; if it fails, all assets of the block are forgotten, and left."""
        try:
            if isinstance(self.detector, StretchDetector):
                return self.detector.observe_stretch(block, self.memory, thresholds)
            if self._blocks is not None:
                return self._blocks.observe_block(block, self.memory, thresholds)
        except Exception as error:  # noqa: BLE001 -- as in `_look`
            shown = list(dict.fromkeys(asset.id for asset in block.assets))
            self._count(shown, error)
            self._forget(shown)
            return [], dict.fromkeys(shown, EVER)
        return [], {asset.id: EVER for asset in block.assets}

    def judge_on_arrival(self, batch: Batch, asset: Asset, thresholds: ThresholdBook) -> list[Finding]:
        """What one message proves by itself; see `ArrivalJudge`. Nothing where that fails."""
        if self._judge is None:
            return []
        try:
            return self._judge.judge_on_arrival(batch, asset, thresholds)
        except Exception as error:  # noqa: BLE001 -- as in `_look`
            self._count([asset.id], error)
            return []

    def stored(self, asset: str) -> StoredState:
        """Its memory of an asset as it is stored."""
        return StoredState(
            detector=self.spec.name,
            asset=asset,
            version=self.spec.version,
            state=msgspec.json.encode(self.memory.states.get(asset)).decode(),
            wake_us=self.memory.wake_us.get(asset),
            alone=asset in self._alone,
        )

    def restore(self, stored: StoredState) -> None:
        """Take over what was stored of an asset."""
        state = msgspec.json.decode(stored.state)
        if state is not None:
            self.memory.states[stored.asset] = state
        if stored.wake_us is not None:
            self.memory.wake_us[stored.asset] = stored.wake_us
        if stored.alone:
            self._alone.add(stored.asset)

    def _look(self, windows: Sequence[Window], thresholds: ThresholdBook) -> list[Finding]:
        try:
            return self._shown(windows, thresholds)
        except Exception as error:  # noqa: BLE001 -- the loop over detectors: whatever one raises, the others go on
            shown = [window.asset.id for window in windows]
            self._count(shown, error)
            self._forget(shown)
        if len(windows) == 1:
            return [_unknown(windows[0], failure_mode) for failure_mode in self.spec.failure_modes]
        return sorted((f for window in windows for f in self._look([window], thresholds)), key=order_of)

    def _shown(self, windows: Sequence[Window], thresholds: ThresholdBook) -> list[Finding]:
        """What it says: of many windows first all at once, then of those that were left one by one."""
        if self._blocks is None or len(windows) < LEAST_COLUMNS:
            return self.detector.observe(windows, self.memory, thresholds)
        block = self._last.of(windows)
        if block is None:
            return self.detector.observe(windows, self.memory, thresholds)
        found, left = self._blocks.observe_block(block, self.memory, thresholds)
        seen = {asset.id for asset in block.assets} - left.keys()
        rest = [window for window in windows if window.asset.id not in seen]
        if rest:
            found += self.detector.observe(rest, self.memory, thresholds)
        return sorted(found, key=order_of)

    def _forget(self, assets: Sequence[str]) -> None:
        """What is remembered of assets is worth nothing: learn them anew, and each alone."""
        for asset in assets:
            self.memory.states.pop(asset, None)
            self.memory.wake_us.pop(asset, None)
            self._alone.add(asset)

    def _count(self, assets: Sequence[str], error: Exception) -> None:
        """Count a failure, and log it with its trace the first time it meets an asset."""
        _failures.labels(self.spec.name).inc()
        if len(assets) > 1 or assets[0] not in self._told:
            log.error("engine.detector_failed", detector=self.spec.name, assets=assets, exc_info=error)
        if len(assets) == 1:
            self._told.update(assets)


def _unknown(window: Window, failure_mode: str) -> Finding:
    """Nobody knows what the failed detector would have said: that is neither normal nor still high."""
    return Finding(window.asset.id, failure_mode, window.start_us, Verdict.UNKNOWN)


def order_of(finding: Finding) -> tuple[int, str, str, str]:
    """By what the findings of windows that closed together are in order."""
    return finding.at_us, finding.asset, finding.failure_mode, finding.subject
