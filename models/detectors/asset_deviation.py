"""Asset deviation: something about this asset is no longer as it was, whatever the asset and its channels are."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ingest.metrics import METRICS
from ingest.readings import Batch, Reading
from ingest.registry import Asset, AssetClass
from models.detector import DetectorSpec, Memory, State
from models.deviation.evidence import deviation_evidence, metric_of
from models.deviation.level_shift import is_warm
from models.deviation.memory import HISTORY_POINTS, DeviationSettings, fresh, only_adds, take
from models.deviation.settings import FAILURE_MODE, TUNABLES, is_steady, settings_of
from models.elevators.trip_metrics import TRIP_METRICS
from models.findings import Finding, Verdict
from models.thresholds import ThresholdBook
from models.windows import Window

RAISE = 0.5

_MINUTE_US = 60_000_000
_SILENT_US = 60 * _MINUTE_US
_CALM_AT_MOST = 0.25
_NO_CHANNEL = frozenset({"bool", "code", "count", "floor"})


# What detectors of their own judge, by what those detectors live on: an asset that sends the first has the others left
# to them, because one fault must not make two work orders.
_LEFT_TO_OTHERS: dict[AssetClass, tuple[tuple[str, frozenset[str]], ...]] = {
    AssetClass.ELEVATOR: tuple((metric, frozenset({metric, "car_load_percent"})) for metric in sorted(TRIP_METRICS)),
    AssetClass.RISER: (("pipe_vibration_um_s2", frozenset({"pipe_vibration_um_s2", "pressure_kpa"})),),
    AssetClass.PUMP: (
        (
            "velocity_rms_mm_s",
            frozenset(
                {
                    "velocity_rms_mm_s",
                    "acceleration_rms_m_s2",
                    "envelope_rms_m_s2",
                    "envelope_peak_m_s2",
                    "envelope_peak_hz",
                    "kurtosis",
                    "bearing_temperature_c",
                }
            ),
        ),
        (
            "suction_pressure_kpa",
            frozenset({"suction_pressure_kpa", "pressure_kpa", "flow_m3_h", "speed_rpm", "current_a"}),
        ),
        ("current_l1_a", frozenset({"current_l1_a", "current_l2_a", "current_l3_a"})),
        ("winding_temperature_c", frozenset({"winding_temperature_c"})),
    ),
    AssetClass.WATER_NETWORK: (("pressure_kpa", frozenset({"pressure_kpa", "flow_m3_h", "water_level_mm"})),),
    # Weather deviates all the time, and what a building hears of its risers is judged with them.
    AssetClass.BUILDING: tuple(
        (metric, frozenset({metric}))
        for metric in (
            "water_level_mm",
            "air_temperature_c",
            "pipe_temperature_c",
            "rain_mm",
            "pressure_kpa",
            "flow_m3_h",
        )
    ),
}


class AssetDeviation:
    """Watches every channel of an asset for a level that has shifted and stays.

    Each channel is smoothed lightly and measured in its own spreads from its own baseline, which follows slowly while
    all is quiet and is frozen while it is not. The spreads beyond a few are added up over channels. It ends when the
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
            version=4,
            failure_modes=(FAILURE_MODE,),
            asset_classes=frozenset(AssetClass),
            width_us=_MINUTE_US,
            tunables=TUNABLES,
            delay_us=24 * 60 * _MINUTE_US,
            needs=(frozenset(name for name, m in METRICS.items() if m.unit not in _NO_CHANNEL),),
            learns_us=14 * 24 * 60 * _MINUTE_US,
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
        return _silence(window, memory, state) or _left(window, state)
    state["spoke_us"] = at_us = max(moments)
    memory.wake_us.setdefault(asset.id, at_us + _SILENT_US)
    if not is_steady(asset) and only_adds(state, moments):
        return _unjudged(asset.id, at_us, state)
    used = thresholds.values(TUNABLES, asset, window.start_us)
    return _heard(window, moments, state, used)


def _heard(
    window: Window, moments: Mapping[int, dict[str, float]], state: State, used: Mapping[str, float]
) -> list[Finding]:
    """A finding where the asset began to deviate, and one at the last moment that could be judged."""
    asset, settings = window.asset.id, settings_of(window, used)
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


def _left(window: Window, state: State) -> list[Finding]:
    """Not applicable while all that an asset says is judged by another detector, said once an hour."""
    if not (state["left"] and window.readings) or state["channels"]:
        return []
    at_us = window.readings[-1].at_us
    if at_us < state["told_us"] + _SILENT_US:
        return []
    state["told_us"] = at_us
    return [Finding(window.asset.id, FAILURE_MODE, at_us, Verdict.NOT_APPLICABLE)]


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
        "told_us": -_SILENT_US,
    }


def _moments(window: Window, state: State) -> dict[int, dict[str, float]]:
    """What is a channel, by moment; codes, switches and counters have no level that could shift."""
    rules = _LEFT_TO_OTHERS.get(window.asset.asset_class, ())
    for lives_on, theirs in rules:
        if lives_on not in state["left"] and any(r.metric == lives_on for r in window.readings):
            _leave(state, lives_on, theirs)
    left = {metric for lives_on, theirs in rules if lives_on in state["left"] for metric in theirs}
    moments: dict[int, dict[str, float]] = {}
    # One that follows people has its rests, and hands over to its standby; one of steady duty that stands deviates.
    resting = set[int]() if is_steady(window.asset) else {r.at_us for r in window.readings if _rests(r)}
    for r in window.readings:
        if r.at_us in resting:
            continue
        metric = METRICS.get(r.metric)
        if metric is not None and metric.unit not in _NO_CHANNEL and r.metric not in left:
            moments.setdefault(r.at_us, {})[f"{r.device} {r.metric}"] = r.value
    return moments


def _rests(reading: Reading) -> bool:
    """Whether a reading says that the machine stands."""
    limit = {"speed_rpm": METRICS["speed_rpm"].rests_at, "pump_running": 0.0}.get(reading.metric)
    return limit is not None and reading.value <= limit


def _leave(state: State, lives_on: str, metrics: frozenset[str]) -> None:
    """Forget channels that another detector judges, now that it hears what it lives on."""
    for kept in (state["channels"], state.get("profiles", {})):
        for name in [n for n in kept if metric_of(n) in metrics]:
            del kept[name]
    state["left"] = [*state["left"], lives_on]
    if not state["channels"] and not state.get("profiles"):
        state["spoke_us"], state["told_us"] = None, -_SILENT_US
