"""Pump modes: the policy rows of what can go wrong with pumps."""

from alerts.levels import Level
from alerts.policy.mode import AT_ONCE, CALIBRATED, DAY_S, RATIO, Mode, duration, share

_BEARING = "pump.bearing"

PUMP_MODES: tuple[Mode, ...] = (
    Mode(
        _BEARING,
        Level.III,
        share(_BEARING, "raise_score", 0.5, CALIBRATED),
        share(_BEARING, "clear_ratio", 0.6, RATIO),
        duration(_BEARING, "hold_s", 0.0, AT_ONCE),
        duration(_BEARING, "clear_hold_s", DAY_S, "chosen by: as for pipes, wear does not heal in a day"),
        duration(_BEARING, "refractory_s", 7 * DAY_S, "chosen by: as for pipes, a new baseline takes a week"),
        speaks_for_s=7_200.0,
    ),
)
