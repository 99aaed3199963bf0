"""Watch: how the rules about pumps are asked, what their pictures show, and what silence means to them."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from models.conclusions import PACE_US, Conclusion, found, in_force, is_due
from models.detector import Memory, State
from models.findings import Finding, Trace, Verdict
from models.statistics.pictures import rows_of, steps, with_row
from models.statistics.traces import rounded
from models.thresholds import ThresholdBook, Tunable
from models.words import WordDetector, Words

SILENT_US = 3_600_000_000
"""From then on nothing is known. Chosen by: as pump.bearing, twelve missed five-minute samples."""

_TRACE_POINTS, _TRACE_DECIMALS = 36, 1
"""Three hours, where no rule needs more than one, and a tenth of a metre, kilopascal or per cent, as a plot shows."""
_SECOND_US, _MINUTE_US = 1_000_000, 60_000_000


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule about an asset.

    Attributes:
        failure_mode: What it is about.
        tunables: What may be turned.
        lives_on: Metrics of which it needs at least one; without any for an hour it says `UNKNOWN`.
        judge: Takes words with one of them into the state, and says what follows, ascending; nothing where nothing
            can be said. Its arguments are the state, the words and the values in force by name.
    """

    failure_mode: str
    tunables: tuple[Tunable, ...]
    lives_on: frozenset[str]
    judge: Callable[[State, Words, Mapping[str, float]], Sequence[Conclusion]]


class RuleDetector(WordDetector):
    """A detector that goes by one rule."""

    @property
    @abstractmethod
    def rule(self) -> Rule:
        """The rule."""

    def hear(self, words: Words, memory: Memory, thresholds: ThresholdBook) -> Sequence[Finding]:
        """See `WordDetector.hear`."""
        asset, rule = words.asset, self.rule
        spoke_us = words.newest_us(rule.lives_on)
        if spoke_us is None:
            return silence(words, memory, rule.failure_mode)
        state = memory.states.setdefault(asset.id, {})
        memory.wake_us.setdefault(asset.id, spoke_us + SILENT_US)
        used = in_force(rule.tunables, asset, words.start_us, thresholds)
        judged = rule.judge(state, words, used)
        note_spoken(state, spoke_us)
        return [found(rule.failure_mode, asset, c, used) for c in judged if is_due(state, c)]


def note_spoken(state: State, at_us: int) -> None:
    """Keep as `spoke_us` when it last said what a rule lives on, unless it was then that it said anything last."""
    if state.get("heard_us") == at_us:
        state.pop("spoke_us", None)
    else:
        state["spoke_us"] = at_us


def spoken_us(state: State) -> int | None:
    """When it last said what a rule lives on, or None."""
    at_us: int | None = state.get("spoke_us", state.get("heard_us"))
    return at_us


def note(state: State, at_us: int, value: float) -> None:
    """Keep a point for the picture, at most one in five minutes; a higher or lower one does not replace it."""
    trace, minute = state.get("trace", []), at_us // _MINUTE_US
    if not trace or minute - trace[0] >= PACE_US // _MINUTE_US:
        state["trace"] = with_row(trace, [minute, steps(value, _TRACE_DECIMALS)], _TRACE_POINTS)


def trace_of(state: State, asset: str, name: str, unit: str, newest: tuple[int, float]) -> Trace:
    """What was noted, and the newest point."""
    at_us, value = newest
    noted = [(m * _MINUTE_US, step / 10**_TRACE_DECIMALS) for m, step in rows_of(state.get("trace", []))]
    points = [*(point for point in noted if point[0] <= at_us - _MINUTE_US), (at_us // _SECOND_US * _SECOND_US, value)]
    times = tuple(at_us for at_us, _ in points)
    return Trace(name, unit, times, rounded([v for _, v in points], 3), asset=asset)


def silence(words: Words, memory: Memory, failure_mode: str) -> list[Finding]:
    """Unknown once nothing has been heard for an hour, and again every hour."""
    asset = words.asset.id
    spoke_us = spoken_us(memory.states.get(asset, {}))
    if spoke_us is None:
        return []
    if words.end_us <= spoke_us + SILENT_US:
        memory.wake_us.setdefault(asset, spoke_us + SILENT_US)
        return []
    memory.wake_us.setdefault(asset, words.start_us + SILENT_US)
    memory.states[asset].pop("told", None)
    return [Finding(asset, failure_mode, words.start_us, Verdict.UNKNOWN)]
