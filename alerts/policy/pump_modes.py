"""Pump modes: the policy rows of what can go wrong with pumps, and with the sumps of buildings."""

from alerts.levels import Level
from alerts.policy.mode import AT_ONCE, CALIBRATED, DAY_S, RATIO, UNNAMED, Mode, duration, share

_BEARING = "pump.bearing"
_CAVITATION = "pump.cavitation"
_CYCLING = "pump.cycling"
_DRY_RUN = "pump.dry_run"
_MOTOR = "pump.motor"
_FLOOD = "building.flood"

_A_DAY_CALM = "chosen by: what comes with the demand of each day is one trouble"
_SUCTION = frozenset({_CAVITATION, _DRY_RUN})

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
        goes_on_from=UNNAMED,
    ),
    Mode(
        _CAVITATION,
        Level.II,
        share(_CAVITATION, "raise_score", 0.5, CALIBRATED),
        share(_CAVITATION, "clear_ratio", 0.6, RATIO),
        duration(_CAVITATION, "hold_s", 0.0, AT_ONCE),
        duration(_CAVITATION, "clear_hold_s", 3 * DAY_S, "chosen by: it shows in the rush, and weekends have less"),
        duration(_CAVITATION, "refractory_s", DAY_S, "chosen by: a strainer that was cleaned stays clean for a day"),
        speaks_for_s=7_200.0,
        explained_by=_SUCTION - {_CAVITATION},
        goes_on_from=UNNAMED,
    ),
    Mode(
        _DRY_RUN,
        Level.I,  # chosen by: a seal without water lasts minutes, and the building has no water; 2 h are too late
        share(_DRY_RUN, "raise_score", 0.5, CALIBRATED),
        share(_DRY_RUN, "clear_ratio", 0.6, RATIO),
        duration(_DRY_RUN, "hold_s", 0.0, AT_ONCE),
        duration(_DRY_RUN, "clear_hold_s", 3_600.0, "chosen by: a pump that trips and is tried again is one trouble"),
        duration(_DRY_RUN, "refractory_s", 0.0, "chosen by: the clear hold has waited already"),
        speaks_for_s=900.0,
        explained_by=_SUCTION - {_DRY_RUN},
    ),
    Mode(
        _CYCLING,
        Level.III,
        share(_CYCLING, "raise_score", 0.5, CALIBRATED),
        share(_CYCLING, "clear_ratio", 0.6, RATIO),
        duration(_CYCLING, "hold_s", 5_400.0, "chosen by: a test run of half an hour stays an hour in the count"),
        duration(_CYCLING, "clear_hold_s", 2 * DAY_S, "chosen by: it shows at night, when little is drawn"),
        duration(_CYCLING, "refractory_s", DAY_S, "chosen by: the crew tops the vessel up and watches it for a day"),
        speaks_for_s=7_200.0,
        explained_by=_SUCTION,  # a pump without water is stopped by its guard and tried again and again
    ),
    Mode(
        _MOTOR,
        Level.III,
        share(_MOTOR, "raise_score", 0.5, CALIBRATED),
        share(_MOTOR, "clear_ratio", 0.6, RATIO),
        duration(_MOTOR, "hold_s", 0.0, AT_ONCE),
        duration(_MOTOR, "clear_hold_s", DAY_S, _A_DAY_CALM),
        duration(_MOTOR, "refractory_s", DAY_S, "chosen by: one suggestion a day for one motor is enough"),
        speaks_for_s=7_200.0,
        goes_on_from=UNNAMED,
    ),
    Mode(
        _FLOOD,
        Level.III,
        share(_FLOOD, "raise_score", 0.5, CALIBRATED),
        share(_FLOOD, "clear_ratio", 0.6, RATIO),
        duration(_FLOOD, "hold_s", 0.0, AT_ONCE),
        duration(_FLOOD, "clear_hold_s", DAY_S, "chosen by: what comes and goes with showers is one trouble"),
        duration(_FLOOD, "refractory_s", 0.0, "chosen by: the clear hold has waited already"),
        speaks_for_s=900.0,
    ),
)
