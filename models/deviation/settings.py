"""Deviation settings: what of asset.deviation may be turned, and the values in force for one window."""

from collections.abc import Mapping

from ingest.registry import Asset
from models.deviation.hour_profile import ProfileRule
from models.deviation.level_shift import ShiftSettings
from models.deviation.memory import DeviationSettings
from models.pipes.nights import clock_of
from models.thresholds import Tunable

FAILURE_MODE = "asset.deviation"
SILENT_US = 3_600_000_000
"""Nothing is known of an asset that has said nothing for so long. Source: that of the policy's `speaks_for_s`."""


def _own(name: str, unit: str, bounds: tuple[float, float], default: float, source: str) -> Tunable:
    return Tunable(f"{FAILURE_MODE}.{name}", unit, float(bounds[0]), float(bounds[1]), float(default), source)


_CHOSEN = "chosen by: skab_search with all labels in view, of its choices the one with fewest alarms on sound rows"
_REASONED = "chosen by: reason and simulated days; no recording of an asset that follows people has been judged"
_STEADY = (
    _own("warm_up_samples", "samples", (100, 5000), 400, "SKAB's protocol: the first 400 rows are known to be sound"),
    _own("block_samples", "samples", (5, 200), 30, _CHOSEN),
    _own("smoothing_share", "1", (0.01, 1.0), 0.05, _CHOSEN),
    _own("follow_samples", "samples", (20, 100_000), 400, _CHOSEN),
    _own(
        "widen_samples",
        "samples",
        (100, 100_000),
        3000,
        "chosen by: at 1,000 SKAB's held-out F1 falls by 0.03, at 100,000 a sound day alarms for hours",
    ),
    _own("spike_sigma", "sigma", (5, 1000), 50, "chosen by: no two samples, however wild, tell"),
    _own("free_sigma", "sigma", (1, 10), 4, _CHOSEN),
    _own("drift_share", "1", (0.3, 1.0), 0.7, _CHOSEN),
    _own("raise_sigma", "sigma", (0.5, 50), 2, _CHOSEN),
    _own("release_share", "1", (0.05, 0.95), 0.15, _CHOSEN),
    _own("settle_samples", "samples", (0, 1000), 60, _CHOSEN),
)
_DAILY = (
    _own("daily_workdays", "days", (2, 20), 3, "chosen by: the least that averages a stray hour"),
    _own("daily_weekend_days", "days", (1, 20), 2, "chosen by: one weekend"),
    _own(
        "daily_warm_up_h", "h", (80, 2000), 240, "chosen by: twelve blocks of 20 hours give a spread within about 20 %"
    ),
    _own("daily_block_h", "h", (5, 200), 20, "chosen by: 2 / 0.1, the memory of the smoothing"),
    _own("daily_smoothing_share", "1", (0.01, 1.0), 0.1, "DOMAIN 6.2: EWMA(0.1)"),
    _own("daily_follow_h", "h", (20, 100_000), 400, _REASONED),
    _own("daily_widen_h", "h", (100, 100_000), 1000, _REASONED),
    _own("daily_spike_sigma", "sigma", (5, 100), 10, "chosen by: no disturbance under half a day may tell"),
    _own("daily_free_sigma", "sigma", (1, 10), 3, "DOMAIN 1.1: 3 robust sigma"),
    _own("daily_drift_share", "1", (0.3, 1.0), 0.7, _REASONED),
    _own("daily_raise_sigma", "sigma", (0.5, 50), 3.5, "chosen by: one channel at 6.5 spreads, or several at 4 to 5"),
    _own("daily_release_share", "1", (0.05, 0.95), 0.3, _REASONED),
    _own("daily_settle_h", "h", (0, 1000), 60, "chosen by: several times what smoothed signals need to arrive"),
)
TUNABLES = (*_STEADY, *_DAILY)


def is_steady(asset: Asset) -> bool:
    """Whether an asset's samples are compared with one level, not with the hour's: its limit `duty`."""
    return asset.limits.get("duty", "daily") == "steady"


def settings_of(asset: Asset, used: Mapping[str, float]) -> DeviationSettings:
    """The values of `TUNABLES` by name, as an asset is judged by them."""
    steady = is_steady(asset)
    before, unit = ("", "samples") if steady else ("daily_", "h")

    def value(name: str) -> float:
        return used[f"{FAILURE_MODE}.{before}{name}"]

    return DeviationSettings(
        shift=ShiftSettings(
            warm_up=round(value(f"warm_up_{unit}")),
            block=round(value(f"block_{unit}")),
            smoothing=value("smoothing_share"),
            follow=value(f"follow_{unit}"),
            widen=value(f"widen_{unit}"),
            spike=value("spike_sigma"),
            free=value("free_sigma"),
            drift_share=value("drift_share"),
        ),
        raise_at=value("raise_sigma"),
        release_share=value("release_share"),
        settle=round(value(f"settle_{unit}")),
        profile=None
        if steady
        else ProfileRule(clock_of(asset), round(value("workdays")), round(value("weekend_days"))),
    )
