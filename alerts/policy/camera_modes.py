"""Camera modes: the policy rows of what cameras see."""

from alerts.levels import Level
from alerts.policy.mode import AT_ONCE, CALIBRATED, DAY_S, RATIO, Mode, duration, share

_PARKING = "parking.illegal"
_FIRE_LANE = "parking.fire_lane"
_EBIKE = "building.ebike"
_FALLING = "building.falling_object"

CAMERA_MODES: tuple[Mode, ...] = (
    Mode(
        _PARKING,
        Level.II,
        share(_PARKING, "raise_score", 0.5, CALIBRATED),
        share(_PARKING, "clear_ratio", 0.6, RATIO),
        duration(_PARKING, "hold_s", 0.0, AT_ONCE),
        None,  # DOMAIN 4.1: the detector waits for 120 s of absence, and nobody speaks of a car that has gone
        duration(_PARKING, "refractory_s", DAY_S, "DOMAIN 4.1: same plate and zone within 24 h, no new order"),
        speaks_for_s=150.0,  # DOMAIN 4.2: an object silent for 150 s is gone
    ),
    Mode(
        _FIRE_LANE,
        Level.I,
        share(_FIRE_LANE, "raise_score", 0.5, CALIBRATED),
        share(_FIRE_LANE, "clear_ratio", 0.6, RATIO),
        duration(_FIRE_LANE, "hold_s", 0.0, AT_ONCE),
        None,
        duration(_FIRE_LANE, "refractory_s", DAY_S, "DOMAIN 4.1: same plate and zone within 24 h, no new order"),
        speaks_for_s=150.0,
    ),
    Mode(
        _EBIKE,
        # II once it is recognised (severity 1): a battery that may burn on the way out, and nothing burns yet.
        # Else III: whether it is one at all is for a person to see.
        Level.III,
        share(_EBIKE, "raise_score", 0.5, CALIBRATED),
        share(_EBIKE, "clear_ratio", 0.6, RATIO),
        duration(_EBIKE, "hold_s", 0.0, AT_ONCE),
        None,  # the detector waits for 120 s of absence
        duration(_EBIKE, "refractory_s", 0.0, "chosen by: who comes back with it an hour later is a new matter"),
        speaks_for_s=150.0,
    ),
    Mode(
        _FALLING,
        Level.I,
        share(_FALLING, "raise_score", 0.5, CALIBRATED),
        share(_FALLING, "clear_ratio", 0.6, RATIO),
        duration(_FALLING, "hold_s", 0.0, AT_ONCE),
        None,  # the detector waits for ten minutes in which nothing falls
        duration(_FALLING, "refractory_s", 0.0, "chosen by: the next object may hit somebody"),
        speaks_for_s=600.0,
    ),
)
