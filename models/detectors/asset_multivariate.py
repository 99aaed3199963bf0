"""Asset multivariate: the channels of an asset no longer go together as they did, each within what it is used to."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ingest.metrics import METRICS
from ingest.registry import Asset, AssetClass
from models.detector import DetectorSpec, Memory, State
from models.deviation.channels import has_level
from models.findings import Finding, Verdict
from models.multivariate.evidence import multivariate_evidence
from models.multivariate.memory import close_day, is_early, new_state, take_hour
from models.multivariate.rows import hour_means
from models.multivariate.settings import FAILURE_MODE, KEPT, RAISE, TUNABLES
from models.pipes.nights import clock_of
from models.thresholds import ThresholdBook
from models.windows import Window

_HOUR_US = 3_600_000_000
_DAY_US = 24 * _HOUR_US
_RAISE = 0.5


class AssetMultivariate:
    """Judges the hours of each day, after its midnight, by what the asset's channels usually do together.

    Principal components of hourly means: Q tells that channels do not go together, T2 that they go further than usual.
    Where an asset has a single channel, its last eight hours stand for channels (Sub-PCA). A day counts by the value
    that six of its hours reach, two days in a row have to be beyond every day of the last sixty, and what is unusual
    is not learnt.

    Works badly where channels depend on each other in a curve (the days of learning show how far that goes, and the
    limit lies beyond them), and is blind to what changes within weeks: the sums forget in sixty days.

    Source:
        DOMAIN 6.1 (PCA, Sub-PCA), 6.2 (L4), 6.3, 6.4.
    """

    @property
    def spec(self) -> DetectorSpec:
        """What it is."""
        return DetectorSpec(
            name="asset_multivariate",
            version=2,
            failure_modes=(FAILURE_MODE,),
            asset_classes=frozenset({AssetClass.PUMP, AssetClass.ELEVATOR}),
            width_us=_HOUR_US,
            tunables=TUNABLES,
            delay_us=3 * _DAY_US,
            needs=(frozenset(name for name in METRICS if has_level(name)),),
            learns_us=31 * _DAY_US,
        )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """A word on each asset whose day has ended; see `Detector.observe`."""
        found = [f for w in windows if (f := _observed(w, memory, thresholds)) is not None]
        return sorted(found, key=lambda f: (f.at_us, f.asset))


def _observed(window: Window, memory: Memory, thresholds: ThresholdBook) -> Finding | None:
    asset, means = window.asset, hour_means(window)
    if not means and asset.id not in memory.states:
        return None
    state = memory.states.setdefault(asset.id, new_state())
    used = thresholds.values(TUNABLES, asset, window.start_us)
    today = datetime.fromtimestamp(window.start_us / 1e6, tz=clock_of(asset))
    memory.wake_us.setdefault(asset.id, _next_midnight_us(today))
    said = None
    if state["day"] is not None and state["day"] != today.toordinal():
        said = _closed(asset, window.start_us, state, used)
    state["day"] = today.toordinal()
    if means:
        take_hour(state, means, window.start_us // _HOUR_US, used[KEPT.name])
    return said


def _next_midnight_us(today: datetime) -> int:
    midnight = (today + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return round(midnight.timestamp()) * 1_000_000


def _closed(asset: Asset, at_us: int, state: State, used: Mapping[str, float]) -> Finding:
    hours, early = state["hours"], is_early(state)
    lasting = close_day(state, used[RAISE.name])
    if lasting is None:
        verdict = Verdict.TOO_EARLY if early and hours else Verdict.UNKNOWN
        return Finding(asset.id, FAILURE_MODE, at_us, verdict)
    score = round(1.0 - 0.5**lasting, 4)
    finding = Finding(asset.id, FAILURE_MODE, at_us, Verdict.SCORED, score, thresholds=used)
    worst, state["worst"] = state["worst"], {}
    if score < _RAISE or not worst:
        return finding
    return replace(finding, evidence=multivariate_evidence(asset.id, state, worst, clock_of(asset)))
