"""Asset deviation: something about this asset is no longer as it was, whatever the asset and its channels are."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ingest.metrics import METRICS
from ingest.registry import AssetClass
from models.blocks import EVER, Block, Columns
from models.detector import DetectorSpec, Memory, State
from models.deviation.calm_watch import CalmWatch
from models.deviation.channels import has_level, moments_of
from models.deviation.evidence import deviation_evidence
from models.deviation.history import with_point
from models.deviation.level_shift import is_warm
from models.deviation.memory import DeviationSettings, fresh, only_adds, take
from models.deviation.routine import goes_on, note_routine
from models.deviation.rows import DeviationRows
from models.deviation.settings import FAILURE_MODE, SILENT_US, TUNABLES, is_steady, settings_of
from models.findings import Finding, Verdict
from models.thresholds import ThresholdBook
from models.windows import Window

RAISE = 0.5

_MINUTE_US = 60_000_000
_CALM_AT_MOST = 0.25


class AssetDeviation:
    """Watches every channel of an asset for a level that has shifted and stays.

    Each channel is smoothed lightly and measured in its own spreads from its own baseline, which follows slowly while
    all is quiet and is frozen while it is not. The spreads beyond a few are added up over channels. It ends when the
    sum falls under a share of its peak, and the baselines are then moved to where the signals have come to rest.

    `limits["duty"]` says what is usual: `steady` (each sample against one level) or `daily`, the default (each hour
    against the same hour of workdays or weekends; two weeks pass before the first word).

    What a detector of its own judges is left to that detector: a riser's vibration and pressure where it has a
    vibration logger, and its flow where it has a meter, a pump's vibration and bearing temperature where it has a
    velocity. One fault must not make two work orders.

    Works badly on a machine that has not warmed up when it is learnt, and is blind to faults slower than its baseline.

    Source:
        DOMAIN 6.2 to 6.4 (robust seasonal residual, EWMA, autocorrelation, frozen baselines).
    """

    @property
    def spec(self) -> DetectorSpec:
        """What it is."""
        return DetectorSpec(
            name="asset_deviation",
            version=6,
            failure_modes=(FAILURE_MODE,),
            asset_classes=frozenset(AssetClass),
            width_us=_MINUTE_US,
            tunables=TUNABLES,
            delay_us=24 * 60 * _MINUTE_US,
            needs=(frozenset(name for name in METRICS if has_level(name)),),
            learns_us=14 * 24 * 60 * _MINUTE_US,
        )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """What each asset's channels say together at the end of its window, and when it began to deviate."""
        found = [f for w in windows for f in _observed(w, memory, thresholds)]
        return sorted(found, key=lambda f: (f.at_us, f.asset))

    def new_states(self) -> DeviationRows:
        """See `BlockDetector.new_states`."""
        return DeviationRows()

    def observe_block(
        self, block: Block, memory: Memory, thresholds: ThresholdBook
    ) -> tuple[list[Finding], Mapping[str, int]]:
        """Hear all assets that are near their baselines, of which nothing is to be said but that."""
        states = memory.states
        if not isinstance(states, DeviationRows):
            return [], dict.fromkeys((asset.id for asset in block.assets), EVER)
        found, left = list[Finding](), dict[str, int]()
        for columns in block.windows(left):
            said, gone = _heard_together(columns, states, memory, thresholds)
            found += said
            left |= gone
        for asset, until_us in zip(block.assets, block.until_us.tolist(), strict=True):
            # Who has not spoken since is to be asked in a window in which nothing was said.
            due_us = states.due_us(asset.id)
            if due_us < until_us and asset.id not in left:
                left[asset.id] = due_us - due_us % block.width_us
        return found, left


def _heard_together(
    columns: Columns, states: DeviationRows, memory: Memory, thresholds: ThresholdBook
) -> tuple[list[Finding], dict[str, int]]:
    """What is said of one window of many assets, and who is left from when on."""
    seats = states.seats(columns.assets, columns.devices)
    if goes_on(columns, states, seats):
        return [], {}
    watch = CalmWatch(columns, states, seats, memory, thresholds)
    found = [Finding(a, FAILURE_MODE, at_us, Verdict.TOO_EARLY) for a, at_us in watch.early()]
    for turn in watch.turns:
        for owner, at_us, score in turn.judged():
            asset = states.asset_of[owner].id
            if score is None:
                found.append(Finding(asset, FAILURE_MODE, at_us, Verdict.NOT_APPLICABLE))
            else:
                found.append(Finding(asset, FAILURE_MODE, at_us, Verdict.SCORED, score, thresholds=turn.used))
    note_routine(columns, states, seats)
    return found, watch.left()


def _observed(window: Window, memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
    asset = window.asset
    state = memory.states.setdefault(asset.id, _new_state())
    moments = moments_of(window, state)
    if not moments:
        return _silence(window, memory, state) or _left(window, state)
    state["spoke_us"] = at_us = max(moments)
    memory.wake_us.setdefault(asset.id, at_us + SILENT_US)
    if not is_steady(asset) and only_adds(state, moments):
        return _unjudged(asset.id, at_us, state)
    used = thresholds.values(TUNABLES, asset, window.start_us)
    return _heard(window, moments, state, used)


def _heard(
    window: Window, moments: Mapping[int, dict[str, float]], state: State, used: Mapping[str, float]
) -> list[Finding]:
    """A finding where the asset began to deviate, and one at the last moment that could be judged."""
    asset, settings = window.asset.id, settings_of(window.asset, used)
    found: list[Finding] = []
    judged_us = None
    for at_us, values in moments.items():
        was_high = state["high"]
        if take(state, at_us, values, settings):
            judged_us = at_us
        if state["high"] and not was_high:
            found.append(_scored(asset, at_us, state, settings, used))
    if judged_us is None:
        return _unjudged(asset, max(moments), state)
    if not found or found[-1].at_us != judged_us:
        found.append(_scored(asset, judged_us, state, settings, used))
    return found


def _scored(asset: str, at_us: int, state: State, settings: DeviationSettings, used: Mapping[str, float]) -> Finding:
    """0.5 where it begins to deviate, never under that until it has ended, and calm while it settles."""
    state["history"] = with_point(state["history"], at_us, state["total"])
    channels = fresh(state, at_us).values()
    if channels and all(c["drifts"] for c in channels):
        return Finding(asset, FAILURE_MODE, at_us, Verdict.NOT_APPLICABLE)
    score = 1.0 - 0.5 ** (state["total"] / settings.raise_at)
    if state["high"]:
        score = max(RAISE, score)
    elif state["settling"] > 0:
        score = min(_CALM_AT_MOST, score)
    finding = Finding(asset, FAILURE_MODE, at_us, Verdict.SCORED, score=score, thresholds=used)
    if not state["high"]:
        return finding
    return replace(finding, evidence=deviation_evidence(asset, state, at_us, settings))


def _unjudged(asset: str, at_us: int, state: State) -> list[Finding]:
    """Too early while no channel has a baseline, said once an hour; nothing between the hours of a daily asset."""
    if any(is_warm(c) for c in state["channels"].values()) or at_us < state["told_us"] + SILENT_US:
        return []
    state["told_us"] = at_us
    return [Finding(asset, FAILURE_MODE, at_us, Verdict.TOO_EARLY)]


def _left(window: Window, state: State) -> list[Finding]:
    """Not applicable while all that an asset says is judged by another detector, said once an hour."""
    if not (state["left"] and window.readings) or state["channels"]:
        return []
    at_us = window.readings[-1].at_us
    if at_us < state["told_us"] + SILENT_US:
        return []
    state["told_us"] = at_us
    return [Finding(window.asset.id, FAILURE_MODE, at_us, Verdict.NOT_APPLICABLE)]


def _silence(window: Window, memory: Memory, state: State) -> list[Finding]:
    """Unknown once nothing has been heard for an hour, and again every hour."""
    asset, spoke_us = window.asset.id, state["spoke_us"]
    if spoke_us is None:
        return []
    if window.end_us <= spoke_us + SILENT_US:
        memory.wake_us.setdefault(asset, spoke_us + SILENT_US)
        return []
    if asset in memory.wake_us:
        return []  # it speaks, but stands or says nothing with a level, and that was told
    memory.wake_us[asset] = window.start_us + SILENT_US
    return [Finding(asset, FAILURE_MODE, window.start_us, Verdict.UNKNOWN)]


def _new_state() -> State:
    return {
        "channels": {},
        "history": [],
        "high": False,
        "peak": 0.0,
        "settling": 0,
        "total": 0.0,
        "left": [],
        "spoke_us": None,
        "told_us": -SILENT_US,
    }
