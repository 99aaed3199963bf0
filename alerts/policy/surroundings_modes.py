"""Surroundings modes: the policy rows of what is made ready for the weather."""

from alerts.levels import Level
from alerts.policy.mode import AT_ONCE, CALIBRATED, DAY_S, RATIO, Mode, duration, share

_FREEZE = "pipe.freeze"
_THAW = "pipe.thaw"
_STORM = "building.storm"

SURROUNDINGS_MODES: tuple[Mode, ...] = (
    Mode(
        _FREEZE,
        Level.III,
        share(_FREEZE, "raise_score", 0.5, CALIBRATED),
        share(_FREEZE, "clear_ratio", 0.6, RATIO),
        duration(_FREEZE, "hold_s", 1_800.0, "chosen by: a door left open chills a thermometer for minutes"),
        duration(_FREEZE, "clear_hold_s", 2 * DAY_S, "chosen by: the nights of one cold spell are one job"),
        duration(_FREEZE, "refractory_s", 3 * DAY_S, "chosen by: what was lagged stays so for days"),
        speaks_for_s=7_200.0,  # it is said once an hour
    ),
    Mode(
        _THAW,
        Level.II,
        share(_THAW, "raise_score", 0.5, CALIBRATED),
        share(_THAW, "clear_ratio", 0.6, RATIO),
        duration(_THAW, "hold_s", 0.0, AT_ONCE),
        duration(_THAW, "clear_hold_s", 0.0, "chosen by: the patrol's own day has passed"),
        duration(_THAW, "refractory_s", 3 * DAY_S, "chosen by: a patrol has just walked the pipes"),
        speaks_for_s=7_200.0,
    ),
    Mode(
        _STORM,
        Level.III,
        share(_STORM, "raise_score", 0.5, CALIBRATED),
        share(_STORM, "clear_ratio", 0.6, RATIO),
        duration(_STORM, "hold_s", 0.0, "chosen by: three hours of a cloudburst leave no time to wait"),
        duration(_STORM, "clear_hold_s", DAY_S, "chosen by: what is made ready in the morning serves the evening"),
        duration(_STORM, "refractory_s", 0.0, "chosen by: the clear hold has waited already"),
        speaks_for_s=7_200.0,
    ),
)
