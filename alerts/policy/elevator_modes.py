"""Elevator modes: the policy rows of what can go wrong with elevators."""

from alerts.levels import Level
from alerts.policy.mode import AT_ONCE, CALIBRATED, RATIO, Mode, duration, share

_ENTRAPMENT = "elevator.entrapment"

ELEVATOR_MODES: tuple[Mode, ...] = (
    Mode(
        _ENTRAPMENT,
        Level.I,
        share(_ENTRAPMENT, "raise_score", 0.5, CALIBRATED),
        share(_ENTRAPMENT, "clear_ratio", 0.6, RATIO),
        duration(_ENTRAPMENT, "hold_s", 0.0, AT_ONCE),
        duration(_ENTRAPMENT, "clear_hold_s", 0.0, "DOMAIN 2.3: cleared by an open door or 2 s of motion"),
        duration(_ENTRAPMENT, "refractory_s", 60.0, "DOMAIN 2.3: 60 s refractory"),
        speaks_for_s=60.0,
    ),
)
