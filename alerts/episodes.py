"""Episodes: findings in, changes of episodes out; the same for the live scorer and for backtests."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from alerts.levels import Level
from alerts.policy.case import Case, Open, Reason, Standing, case_of
from alerts.policy.level import urgency_of
from alerts.policy.modes import mode_of
from alerts.policy.refractory import rests
from alerts.policy.stages import decide
from ingest.registry import Asset
from models.findings import Finding, Verdict
from models.thresholds import ThresholdBook


@dataclass(frozen=True, slots=True)
class Key:
    """What at most one open episode belongs to."""

    asset: str
    failure_mode: str
    subject: str


Beside = tuple[tuple[Key, int], ...]
"""General episodes that are open on the asset of one that opens: each one's key and start."""

Before = tuple[Key, int]
"""An open episode that one which opens is the worse end of: its key and start; see `Mode.goes_on_from`."""


@dataclass(frozen=True, slots=True)
class Raised:
    """An episode opened; provisional while only an early finding speaks for it, and then with nothing beside it.

    `before` is an open episode whose order it goes on with, if nobody has seen to that one yet.
    """

    key: Key
    started_us: int
    level: Level
    finding: Finding
    provisional: bool
    beside: Beside = ()
    before: Before | None = None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The ordered path opened the episode that an early finding had announced; its start may be another one."""

    key: Key
    announced_us: int
    started_us: int
    level: Level
    finding: Finding
    beside: Beside = ()


@dataclass(frozen=True, slots=True)
class Risen:
    """An open episode became more urgent."""

    key: Key
    started_us: int
    level: Level
    finding: Finding


@dataclass(frozen=True, slots=True)
class Ended:
    """An episode ended; unconfirmed when the ordered path never agreed with the early finding."""

    key: Key
    started_us: int
    ended_us: int
    confirmed: bool = True


Change = Raised | Confirmed | Risen | Ended


class EpisodeTracker:
    """Applies the policy to findings and keeps, per (asset, failure mode, subject), what it must remember.

    Ordered findings come in the order in which an engine closes windows, which for one asset no arrival, restart or
    replay changes: so it is the same ones that find another episode of their asset open. Early ones may come at any
    time before the ordered finding that confirms them, and never change which episodes the ordered ones make.

    Args:
        assets: By id; findings of other assets are refused with a KeyError.
        thresholds: The policy's numbers in force.
        standings: What an earlier tracker remembered.
    """

    def __init__(
        self, assets: Mapping[str, Asset], thresholds: ThresholdBook, standings: Mapping[Key, Standing] | None = None
    ) -> None:
        self._assets = assets
        self._thresholds = thresholds
        self._standings = dict(standings or {})
        self._touched: set[Key] = set()
        self._open: dict[str, dict[Key, int]] = {}
        for key, standing in self._standings.items():
            self._note_open(key, standing)

    def hear(self, finding: Finding) -> list[Change]:
        """The changes that an ordered finding makes."""
        key, case = self._case(finding)
        decision = decide(case)
        standing, changes = decision.standing, list[Change]()
        if decision.reason is Reason.RAISED and standing.open is not None:
            changes.append(self._opened(key, standing, standing.open, finding))
            standing = replace(standing, announced=None)
        elif decision.reason is Reason.MORE_URGENT and standing.open is not None:
            changes.append(Risen(key, standing.open.started_us, standing.open.level, finding))
        elif decision.ended is not None and decision.ended_us is not None:
            changes.append(Ended(key, decision.ended.started_us, decision.ended_us))
        elif standing.announced is not None and _contradicts(decision.reason, standing.announced, finding):
            changes.append(Ended(key, standing.announced.started_us, finding.at_us, confirmed=False))
            standing = replace(standing, announced=None)
        self._keep(key, standing)
        return changes

    def hear_early(self, finding: Finding) -> list[Change]:
        """The changes that a finding makes that one message proves by itself, ahead of the ordered path."""
        if finding.verdict is not Verdict.SCORED:
            return []
        key, case = self._case(finding)
        standing, numbers = case.standing, case.numbers
        busy = standing.open is not None or standing.announced is not None
        if busy or rests(case):
            return []
        if case.explained:
            return []
        if (finding.score or 0.0) < numbers.raise_at:
            return []
        announced = Open(finding.at_us, urgency_of(case))
        self._keep(key, replace(standing, announced=announced))
        before = self._before(key)
        return [Raised(key, announced.started_us, announced.level, finding, provisional=True, before=before)]

    def touched(self) -> dict[Key, Standing]:
        """What changed since this was last asked; to be saved with the changes."""
        touched = {key: self._standings[key] for key in self._touched}
        self._touched.clear()
        return touched

    def _case(self, finding: Finding) -> tuple[Key, Case]:
        key = Key(finding.asset, finding.failure_mode, finding.subject)
        standing = self._standings.get(key, _QUIET)
        others = self._open.get(finding.asset, ())
        mode, asset = mode_of(finding.failure_mode), self._assets[finding.asset]
        explained = any(mode.is_explained_by(mode_of(other.failure_mode)) for other in others)
        return key, case_of(finding, asset, standing, self._thresholds, explained=explained)

    def _opened(self, key: Key, standing: Standing, opened: Open, finding: Finding) -> Change:
        before = self._before(key)
        # The order of the one before is its own, or is named with it.
        general = (one for one in self._others(key) if mode_of(one[0].failure_mode).general)
        started_us, level, beside = opened.started_us, opened.level, tuple(one for one in general if one != before)
        if before is not None:
            self._goes_on(before[0], key.failure_mode)
        if standing.announced is not None:
            return Confirmed(key, standing.announced.started_us, started_us, level, finding, beside)
        return Raised(key, started_us, level, finding, provisional=False, beside=beside, before=before)

    def _before(self, key: Key) -> Before | None:
        """Whose order an episode goes on with; one that goes on as another failure mode is another trouble's."""
        worse_end_of = mode_of(key.failure_mode).goes_on_from
        known = (one for one in self._others(key) if one[0].failure_mode in worse_end_of)
        return next((one for one in known if self._gone_on_as(one[0]) in {"", key.failure_mode}), None)

    def _gone_on_as(self, key: Key) -> str:
        opened = self._standings[key].open
        return "" if opened is None else opened.gone_on_as

    def _goes_on(self, key: Key, failure_mode: str) -> None:
        standing = self._standings[key]
        if standing.open is not None:
            self._keep(key, replace(standing, open=replace(standing.open, gone_on_as=failure_mode)))

    def _others(self, key: Key) -> list[tuple[Key, int]]:
        """What is open on the same asset, the oldest first."""
        return sorted(self._open.get(key.asset, {}).items(), key=lambda one: (one[1], one[0].failure_mode))

    def _keep(self, key: Key, standing: Standing) -> None:
        if self._standings.get(key, _QUIET) != standing:
            self._standings[key] = standing
            self._touched.add(key)
            self._note_open(key, standing)

    def _note_open(self, key: Key, standing: Standing) -> None:
        """Keep by asset what is open, as the ordered findings have it."""
        if standing.open is not None:
            self._open.setdefault(key.asset, {})[key] = standing.open.started_us
        elif key in self._open.get(key.asset, ()):
            del self._open[key.asset][key]


_QUIET = Standing()


def _contradicts(reason: Reason, announced: Open, finding: Finding) -> bool:
    return reason in {Reason.BELOW, Reason.REFRACTORY, Reason.INHIBITED} and finding.at_us > announced.started_us
