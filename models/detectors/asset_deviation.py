"""Asset deviation: something about this asset is no longer as it was, whatever the asset and its channels are."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ingest.metrics import METRICS
from ingest.readings import Batch
from ingest.registry import Asset, AssetClass
from models.detector import DetectorSpec, Memory, State
from models.deviation_evidence import deviation_evidence, metric_of
from models.deviation_memory import HISTORY_POINTS, DeviationSettings, fresh, only_adds, take
from models.findings import Finding, Verdict
from models.hour_profile import ProfileRule
from models.level_shift import ShiftSettings, is_warm
from models.nights import zone_of
from models.thresholds import ThresholdBook, Tunable
from models.windows import Window

FAILURE_MODE = "asset.deviation"
RAISE = 0.5

_MINUTE_US = 60_000_000
_SILENT_US = 60 * _MINUTE_US
_CALM_AT_MOST = 0.25
_NO_CHANNEL = frozenset({"bool", "code", "count", "floor"})


# What a detector of its own judges, by what that detector lives on: an asset that sends the first has the others left
# to it, because one fault must not make two work orders.
_LEFT_TO_OTHERS: dict[AssetClass, tuple[str, frozenset[str]]] = {
    AssetClass.RISER: ("pipe_vibration_um_s2", frozenset({"pipe_vibration_um_s2", "pressure_kpa"})),
    AssetClass.PUMP: (
        "velocity_rms_mm_s",
        frozenset(
            {
                "velocity_rms_mm_s",
                "acceleration_rms_m_s2",
                "envelope_rms_m_s2",
                "kurtosis",
                "bearing_temperature_c",
            }
        ),
    ),
}


def _own(name: str, unit: str, bounds: tuple[float, float], default: float, source: str) -> Tunable:
    return Tunable(f"{FAILURE_MODE}.{name}", unit, float(bounds[0]), float(bounds[1]), float(default), source)


_ROBUST = "chosen by: between half and twice the default the pooled SKAB F1 stays within 0.03"
STEADY = (
    _own("warm_up_samples", "samples", (100, 5000), 400, "SKAB's protocol: the first 400 rows are known to be sound"),
    _own("block_samples", "samples", (5, 200), 20, "chosen by: 2 / 0.1, the memory of the smoothing"),
    _own("smoothing_share", "1", (0.01, 1.0), 0.1, "DOMAIN 6.2: EWMA(0.1)"),
    _own("follow_samples", "samples", (20, 100_000), 400, _ROBUST),
    _own("widen_samples", "samples", (100, 100_000), 1000, _ROBUST),
    _own("spike_sigma", "sigma", (5, 1000), 30, "chosen by: three samples in a row must be far off before one tells"),
    _own("free_sigma", "sigma", (1, 10), 3, "DOMAIN 1.1: 3 robust sigma"),
    _own(
        "drift_share",
        "1",
        (0.3, 1.0),
        0.7,
        "chosen by: most temperatures of SKAB lie over 0.7, most flows and all currents under",
    ),
)
JOINT = (
    _own("raise_sigma", "sigma", (0.5, 50), 3.5, "chosen by: one channel at 6.5 spreads, or several at 4 to 5"),
    _own("release_share", "1", (0.05, 0.95), 0.3, "chosen by: pooled SKAB F1 0.80 at 0.15, 0.79 at 0.3, 0.68 at 0.6"),
    _own("settle_samples", "samples", (0, 1000), 60, "chosen by: several times what smoothed signals need to arrive"),
)
DAILY = (
    _own("daily_workdays", "days", (2, 20), 3, "chosen by: the least that averages a stray hour"),
    _own("daily_weekend_days", "days", (1, 20), 2, "chosen by: one weekend"),
    _own(
        "daily_warm_up_h", "h", (80, 2000), 240, "chosen by: twelve blocks of 20 hours give a spread within about 20 %"
    ),
    _own("daily_spike_sigma", "sigma", (5, 100), 10, "chosen by: no disturbance under half a day may tell"),
)


class AssetDeviation:
    """Watches every channel of an asset for a level that has shifted and stays.

    Each channel is smoothed lightly and measured in its own spreads from its own baseline, which follows slowly while
    all is quiet and is frozen while it is not. The spreads beyond three are added up over channels. It ends when the
    sum falls under a share of its peak, and the baselines are then moved to where the signals have come to rest.

    `limits["duty"]` says what is usual: `steady` (each sample against one level) or `daily`, the default (each hour
    against the same hour of workdays or weekends; two weeks pass before the first word).

    What a detector of its own judges is left to that detector: a riser's vibration and pressure where it has a
    vibration logger, a pump's vibration and bearing temperature where it has a velocity. One fault must not make two
    work orders.

    Works badly on a machine that has not warmed up when it is learnt, and is blind to faults slower than its baseline.

    Source:
        DOMAIN 6.2 to 6.4 (robust seasonal residual, EWMA, autocorrelation, frozen baselines).
    """

    @property
    def spec(self) -> DetectorSpec:
        """What it is."""
        return DetectorSpec(
            name="asset_deviation",
            version=2,
            failure_modes=(FAILURE_MODE,),
            asset_classes=frozenset(AssetClass),
            width_us=_MINUTE_US,
            tunables=(*STEADY, *JOINT, *DAILY),
            delay_us=24 * 60 * _MINUTE_US,
        )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """What each asset's channels say together at the end of its window, and when it began to deviate."""
        found = [f for w in windows for f in _observed(w, memory, thresholds)]
        return sorted(found, key=lambda f: (f.at_us, f.asset))

    def judge_on_arrival(self, batch: Batch, asset: Asset, thresholds: ThresholdBook) -> list[Finding]:  # noqa: ARG002 -- the contract's arguments
        """Nothing: a shift needs a past."""
        return []


def _observed(window: Window, memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
    asset = window.asset
    state = memory.states.setdefault(asset.id, _new_state())
    moments = _moments(window, state)
    if not moments:
        return _silence(window, memory, state)
    state["spoke_us"] = at_us = max(moments)
    memory.wake_us.setdefault(asset.id, at_us + _SILENT_US)
    if not _is_steady(asset) and only_adds(state, moments):
        return _unjudged(asset.id, at_us, state)
    used = {t.name: thresholds.value(t.name, asset, window.start_us) for t in (*STEADY, *JOINT, *DAILY)}
    return _heard(window, moments, state, used)


def _heard(
    window: Window, moments: Mapping[int, dict[str, float]], state: State, used: Mapping[str, float]
) -> list[Finding]:
    """A finding where the asset began to deviate, and one at the last moment that could be judged."""
    asset, settings = window.asset.id, _settings(window, used)
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
    state["history"] = [*state["history"], [at_us // 1_000_000, state["total"]]][-HISTORY_POINTS:]
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
    if any(is_warm(c) for c in state["channels"].values()) or at_us < state["told_us"] + _SILENT_US:
        return []
    state["told_us"] = at_us
    return [Finding(asset, FAILURE_MODE, at_us, Verdict.TOO_EARLY)]


def _silence(window: Window, memory: Memory, state: State) -> list[Finding]:
    """Unknown once nothing has been heard for an hour, and again every hour."""
    asset, spoke_us = window.asset.id, state["spoke_us"]
    if spoke_us is None:
        return []
    if window.end_us <= spoke_us + _SILENT_US:
        memory.wake_us.setdefault(asset, spoke_us + _SILENT_US)
        return []
    memory.wake_us.setdefault(asset, window.start_us + _SILENT_US)
    return [Finding(asset, FAILURE_MODE, window.start_us, Verdict.UNKNOWN)]


def _is_steady(asset: Asset) -> bool:
    return asset.limits.get("duty", "daily") == "steady"


def _new_state() -> State:
    return {
        "channels": {},
        "history": [],
        "high": False,
        "peak": 0.0,
        "settling": 0,
        "total": 0.0,
        "left": False,
        "spoke_us": None,
        "told_us": -_SILENT_US,
    }


def _moments(window: Window, state: State) -> dict[int, dict[str, float]]:
    """What is a channel, by moment; codes, switches and counters have no level that could shift."""
    lives_on, theirs = _LEFT_TO_OTHERS.get(window.asset.asset_class, ("", frozenset()))
    if not state["left"] and any(r.metric == lives_on for r in window.readings):
        _leave(state, theirs)
    moments: dict[int, dict[str, float]] = {}
    for r in window.readings:
        metric = METRICS.get(r.metric)
        left = state["left"] and r.metric in theirs
        if metric is not None and metric.unit not in _NO_CHANNEL and not left:
            moments.setdefault(r.at_us, {})[f"{r.device} {r.metric}"] = r.value
    return moments


def _leave(state: State, metrics: frozenset[str]) -> None:
    """Forget channels that another detector judges, now that it can."""
    for kept in (state["channels"], state.get("profiles", {})):
        for name in [n for n in kept if metric_of(n) in metrics]:
            del kept[name]
    state["left"] = True
    if not state["channels"] and not state.get("profiles"):
        state["spoke_us"] = None


def _settings(window: Window, used: Mapping[str, float]) -> DeviationSettings:
    steady = _is_steady(window.asset)
    values = {name.removeprefix(f"{FAILURE_MODE}."): value for name, value in used.items()}
    return DeviationSettings(
        shift=ShiftSettings(
            warm_up=round(values["warm_up_samples" if steady else "daily_warm_up_h"]),
            block=round(values["block_samples"]),
            smoothing=values["smoothing_share"],
            follow=values["follow_samples"],
            widen=values["widen_samples"],
            spike=values["spike_sigma" if steady else "daily_spike_sigma"],
            free=values["free_sigma"],
            drift_share=values["drift_share"],
        ),
        raise_at=values["raise_sigma"],
        release_share=values["release_share"],
        settle=round(values["settle_samples"]),
        profile=None
        if steady
        else ProfileRule(zone_of(window), round(values["daily_workdays"]), round(values["daily_weekend_days"])),
    )
