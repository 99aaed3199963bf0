"""Deviation settings: what of asset.deviation may be turned, and the values in force for one window."""

from collections.abc import Mapping

from ingest.registry import Asset
from models.deviation.hour_profile import ProfileRule
from models.deviation.level_shift import ShiftSettings
from models.deviation.memory import DeviationSettings
from models.pipes.nights import zone_of
from models.thresholds import Tunable
from models.windows import Window

FAILURE_MODE = "asset.deviation"


def _own(name: str, unit: str, bounds: tuple[float, float], default: float, source: str) -> Tunable:
    return Tunable(f"{FAILURE_MODE}.{name}", unit, float(bounds[0]), float(bounds[1]), float(default), source)


_ROBUST = "chosen by: between half and twice the default the pooled SKAB F1 stays within 0.03"
_STEADY = (
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
_JOINT = (
    _own("raise_sigma", "sigma", (0.5, 50), 3.5, "chosen by: one channel at 6.5 spreads, or several at 4 to 5"),
    _own("release_share", "1", (0.05, 0.95), 0.3, "chosen by: pooled SKAB F1 0.80 at 0.15, 0.79 at 0.3, 0.68 at 0.6"),
    _own("settle_samples", "samples", (0, 1000), 60, "chosen by: several times what smoothed signals need to arrive"),
)
_DAILY = (
    _own("daily_workdays", "days", (2, 20), 3, "chosen by: the least that averages a stray hour"),
    _own("daily_weekend_days", "days", (1, 20), 2, "chosen by: one weekend"),
    _own(
        "daily_warm_up_h", "h", (80, 2000), 240, "chosen by: twelve blocks of 20 hours give a spread within about 20 %"
    ),
    _own("daily_spike_sigma", "sigma", (5, 100), 10, "chosen by: no disturbance under half a day may tell"),
)
TUNABLES = (*_STEADY, *_JOINT, *_DAILY)


def is_steady(asset: Asset) -> bool:
    """Whether an asset's samples are compared with one level, not with the hour's: its limit `duty`."""
    return asset.limits.get("duty", "daily") == "steady"


def settings_of(window: Window, used: Mapping[str, float]) -> DeviationSettings:
    """The values of `TUNABLES` by name, as the window's asset is judged by them."""
    steady = is_steady(window.asset)
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
