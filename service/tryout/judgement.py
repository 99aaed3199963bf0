"""Judgement: what the shipped detectors and policy make of recordings, and the work orders they would raise."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from alerts.backtest import changes_of
from alerts.episodes import Confirmed, Ended, Raised, Risen
from alerts.levels import Level
from alerts.tunables import tunables_of
from ingest.registry import Asset
from models.detector import Detector, DetectorSpec
from models.findings import Finding, Verdict
from models.replay import replay
from models.thresholds import DefaultThresholds
from service.tryout.recordings import Recordings

LATENESS_US = 10_000_000
"""As the service's default; a recording is in order already, so nothing depends on it."""

_HOUR_US = 3_600_000_000
_CHART_POINTS = 1_500


@dataclass(frozen=True, slots=True)
class Order:
    """A work order that would have been raised.

    Attributes:
        started_us: Where its episode began, event time.
        ended_us: Where it fell calm, or None while it had not.
        level: The most urgent it was.
        finding: What raised it; where it became more urgent, what did that.
        raised_us: When it would have been raised: the time of the finding that opened it.
        raised_as: How urgent it was then.
        urgent_us: From when on it was as urgent as `level`.
    """

    started_us: int
    ended_us: int | None
    level: Level
    finding: Finding
    raised_us: int
    raised_as: Level
    urgent_us: int


@dataclass(slots=True)
class Watched:
    """What one detector made of one asset.

    Attributes:
        asset: Its id.
        failure_mode: What it watches for.
        lacking: Sets of metrics of which the recording has none, though it needs one of each; empty if it could work.
        verdicts: How often it said what.
        highest: The highest score, or None if it never gave one.
        first_scored_us: From when on it had a word.
        scores: The highest score in each of some 1,500 stretches of time: end of the stretch and score.
    """

    asset: str
    failure_mode: str
    lacking: tuple[frozenset[str], ...] = ()
    verdicts: dict[Verdict, int] = field(default_factory=dict)
    highest: float | None = None
    first_scored_us: int | None = None
    scores: list[tuple[int, float]] = field(default_factory=list)

    def hear(self, finding: Finding, stretch_us: int) -> None:
        """Take up a finding."""
        self.verdicts[finding.verdict] = self.verdicts.get(finding.verdict, 0) + 1
        if finding.score is None:
            return
        self.highest = max(self.highest or 0.0, finding.score)
        if self.first_scored_us is None:
            self.first_scored_us = finding.at_us
        end_us = finding.at_us - finding.at_us % stretch_us + stretch_us
        if self.scores and self.scores[-1][0] == end_us:
            self.scores[-1] = (end_us, max(self.scores[-1][1], finding.score))
        else:
            self.scores.append((end_us, finding.score))


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything the detectors made of recordings.

    Attributes:
        orders: By when they would have been raised.
        watched: By asset and failure mode, in the order of the registry and the catalogue.
    """

    orders: tuple[Order, ...]
    watched: tuple[Watched, ...]


def judge(recordings: Recordings, detectors: Sequence[Detector]) -> Judgement:
    """What the shipped code, with nothing turned, would have said of the recordings, live."""
    registry, (first_us, last_us) = recordings.registry, recordings.span_us
    start_us, end_us = first_us - first_us % _HOUR_US, last_us - last_us % _HOUR_US + _HOUR_US
    stretch_us = max(1, (end_us - start_us) // _CHART_POINTS)
    watched: dict[tuple[str, str], Watched] = {}
    for asset in registry.assets.values():
        for detector in (d for d in detectors if _is_for(d.spec, asset)):
            for failure_mode in detector.spec.failure_modes:
                one = Watched(asset.id, failure_mode, _lacking(recordings, asset, detector.spec))
                # Of several detectors of a mode one that can work is enough.
                if watched.setdefault((asset.id, failure_mode), one).lacking:
                    watched[asset.id, failure_mode] = one
    thresholds = DefaultThresholds(tunables_of(detectors).values())
    findings = replay(recordings, registry, detectors, thresholds, LATENESS_US, start_us, end_us)
    orders = _orders(_heard(findings, watched, stretch_us), registry.assets, thresholds)
    return Judgement(orders, tuple(watched.values()))


def _heard(
    findings: Iterable[Finding], watched: Mapping[tuple[str, str], Watched], stretch_us: int
) -> Iterable[Finding]:
    for finding in findings:
        watched[finding.asset, finding.failure_mode].hear(finding, stretch_us)
        yield finding


def _orders(
    findings: Iterable[Finding], assets: Mapping[str, Asset], thresholds: DefaultThresholds
) -> tuple[Order, ...]:
    orders: dict[object, Order] = {}
    before: dict[object, object] = {}  # by what goes on with another's order: whose
    for change in changes_of(findings, assets, thresholds):
        at = (change.key, change.started_us)
        if isinstance(change, Raised) and change.before is not None:
            before[at] = change.before
        whose = before.get(at, at)
        match change:
            case Raised() | Confirmed() if whose == at:
                orders[at] = _opened(change)
            case Raised() | Risen():
                orders[whose] = _risen(orders[whose], change)
            case Ended() if whose == at:
                orders[at] = replace(orders[at], ended_us=change.ended_us)
    return tuple(sorted(orders.values(), key=lambda order: (order.raised_us, order.finding.asset)))


def _opened(change: Raised | Confirmed) -> Order:
    level, at_us = change.level, change.finding.at_us
    return Order(change.started_us, None, level, change.finding, at_us, level, at_us)


def _risen(order: Order, change: Raised | Risen) -> Order:
    more = change.level.rank < order.level.rank
    level, urgent_us = (change.level, change.finding.at_us) if more else (order.level, order.urgent_us)
    return replace(order, level=level, finding=change.finding, urgent_us=urgent_us)


def _is_for(spec: DetectorSpec, asset: Asset) -> bool:
    if asset.asset_class not in spec.asset_classes:
        return False
    return spec.where is None or asset.limits.get(spec.where[0]) in spec.where[1]


def _lacking(recordings: Recordings, asset: Asset, spec: DetectorSpec) -> tuple[frozenset[str], ...]:
    devices = {device.id for device in recordings.registry.devices_of(asset.id)}
    has = {signal.metric for signal in recordings.signals if signal.device in devices}
    return tuple(need for need in spec.needs if not need & has)
