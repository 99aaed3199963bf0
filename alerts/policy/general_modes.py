"""General modes: the policy rows of what can befall any asset and any sensor."""

from alerts.levels import Level
from alerts.policy.mode import AT_ONCE, CALIBRATED, DAY_S, RATIO, Mode, duration, share

_DEVIATION = "asset.deviation"
_MULTIVARIATE = "asset.multivariate"
_SENSOR = "sensor.fault"

GENERAL_MODES: tuple[Mode, ...] = (
    Mode(
        _DEVIATION,
        Level.III,
        share(_DEVIATION, "raise_score", 0.5, CALIBRATED),
        share(_DEVIATION, "clear_ratio", 0.6, RATIO),
        duration(_DEVIATION, "hold_s", 0.0, AT_ONCE),
        duration(_DEVIATION, "clear_hold_s", 600.0, "chosen by: the detector releases relative to the peak"),
        duration(_DEVIATION, "refractory_s", DAY_S, "chosen by: one suggestion a day for one asset is enough"),
        speaks_for_s=3_600.0,
        general=True,
        explained_by=frozenset({_MULTIVARIATE}),
    ),
    Mode(
        _MULTIVARIATE,
        Level.III,
        share(_MULTIVARIATE, "raise_score", 0.5, CALIBRATED),
        share(_MULTIVARIATE, "clear_ratio", 0.6, RATIO),
        duration(_MULTIVARIATE, "hold_s", 0.0, AT_ONCE),
        duration(_MULTIVARIATE, "clear_hold_s", DAY_S, "chosen by: one calm day may be a mild one"),
        duration(_MULTIVARIATE, "refractory_s", 7 * DAY_S, "chosen by: nobody looks twice a week for what has no name"),
        speaks_for_s=1.2 * DAY_S,  # it speaks once a day
        general=True,
        # A channel that lies no longer goes with the others.
        explained_by=frozenset({_DEVIATION, _SENSOR}),
        explained_until_calm=True,
    ),
    Mode(
        _SENSOR,
        Level.III,
        share(_SENSOR, "raise_score", 0.5, CALIBRATED),
        share(_SENSOR, "clear_ratio", 0.6, RATIO),
        duration(_SENSOR, "hold_s", 0.0, AT_ONCE),
        duration(_SENSOR, "clear_hold_s", 21_600.0, "chosen by: what comes and goes within hours is one fault"),
        duration(_SENSOR, "refractory_s", 0.0, "chosen by: the clear hold has waited already"),
        speaks_for_s=5_400.0,  # a sound device is spoken of once an hour
        of_sensor=True,
    ),
)
