"""Deviation channels: what of an asset's words has a level that could shift, and is not another detector's to judge."""

from collections.abc import Mapping

from ingest.metrics import METRICS
from ingest.readings import Reading
from ingest.registry import Asset, AssetClass
from models.detector import State
from models.deviation.settings import SILENT_US, is_steady
from models.elevators.trip_metrics import TRIP_METRICS
from models.windows import Window

NO_LEVEL = frozenset({"bool", "code", "count", "floor"})
"""Units of what says which, whether or how often, and not how much."""

RESTS = {"speed_rpm": METRICS["speed_rpm"].rests_at, "pump_running": 0.0}
"""By metric, up to what value a machine stands."""

# What detectors of their own judge, by what those detectors live on: an asset that sends the first has the others left
# to them, because one fault must not make two work orders.
_LEFT_TO_OTHERS: Mapping[AssetClass, tuple[tuple[str, frozenset[str]], ...]] = {
    AssetClass.ELEVATOR: tuple((metric, frozenset({metric, "car_load_percent"})) for metric in sorted(TRIP_METRICS)),
    # What flows at night is pipe.leak's, what flows at once the burst edge's, and by day people draw what they like.
    AssetClass.RISER: (
        ("pipe_vibration_um_s2", frozenset({"pipe_vibration_um_s2", "pipe_vibration_median_hz", "pressure_kpa"})),
        ("flow_m3_h", frozenset({"flow_m3_h"})),
        ("air_temperature_c", frozenset({"air_temperature_c"})),
    ),
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


_LIVED_ON = frozenset(lives_on for rules in _LEFT_TO_OTHERS.values() for lives_on, _ in rules)


def moments_of(window: Window, state: State) -> dict[int, dict[str, float]]:
    """What is a channel, by moment and by device and metric.

    Args:
        window: Of one asset.
        state: Its memory; channels that are left to another detector from now on are forgotten.
    """
    for lives_on, theirs in _rules(window.asset):
        if lives_on not in state["left"] and any(r.metric == lives_on for r in window.readings):
            _leave(state, lives_on, theirs)
    left = left_of(window.asset, state)
    moments: dict[int, dict[str, float]] = {}
    # One that follows people has its rests, and hands over to its standby; one of steady duty that stands deviates.
    resting = set[int]() if is_steady(window.asset) else {r.at_us for r in window.readings if _rests(r)}
    for r in window.readings:
        if r.at_us not in resting and has_level(r.metric) and r.metric not in left:
            moments.setdefault(r.at_us, {})[f"{r.device} {r.metric}"] = r.value
    return moments


def has_level(name: str) -> bool:
    """Whether a metric has a level that could shift: no code, switch, counter or floor has, nor what nobody knows."""
    metric = METRICS.get(name)
    return metric is not None and metric.unit not in NO_LEVEL


def matters(name: str) -> bool:
    """Whether a metric may be a channel, or have others left to those who judge them."""
    return has_level(name) or name in _LIVED_ON


def left_of(asset: Asset, state: State) -> frozenset[str]:
    """The metrics of an asset that are left to other detectors, by what has been heard of it."""
    return frozenset[str]().union(*(theirs for lives_on, theirs in _rules(asset) if lives_on in state["left"]))


def awaited_of(asset: Asset, state: State) -> frozenset[str]:
    """The metrics that would have others left, and that have not been heard of an asset yet."""
    return frozenset(lives_on for lives_on, _ in _rules(asset) if lives_on not in state["left"])


def metric_of(name: str) -> str:
    """The metric of a channel, whose name is the device and the metric."""
    return name.rsplit(" ", 1)[1]


def _rules(asset: Asset) -> tuple[tuple[str, frozenset[str]], ...]:
    return _LEFT_TO_OTHERS.get(asset.asset_class, ())


def _rests(reading: Reading) -> bool:
    """Whether a reading says that the machine stands."""
    limit = RESTS.get(reading.metric)
    return limit is not None and reading.value <= limit


def _leave(state: State, lives_on: str, metrics: frozenset[str]) -> None:
    """Forget channels that another detector judges, now that it hears what it lives on."""
    for kept in (state["channels"], state.get("profiles", {})):
        for name in [n for n in kept if metric_of(n) in metrics]:
            del kept[name]
    state["left"] = [*state["left"], lives_on]
    if not state["channels"] and not state.get("profiles"):
        state["spoke_us"], state["told_us"] = None, -SILENT_US
