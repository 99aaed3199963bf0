"""Elevator modes: the policy rows of what can go wrong with elevators."""

from alerts.levels import Level
from alerts.policy.mode import AT_ONCE, CALIBRATED, DAY_S, RATIO, UNNAMED, Mode, duration, share

_ENTRAPMENT = "elevator.entrapment"
_WEAR = ("elevator.rope_wear", "elevator.door", "elevator.levelling", "elevator.brake", "elevator.vibration")


def _wear(failure_mode: str) -> Mode:
    """What wears: a suggestion, which the detector makes more urgent when something has failed."""
    return Mode(
        failure_mode,
        Level.III,
        share(failure_mode, "raise_score", 0.5, CALIBRATED),
        share(failure_mode, "clear_ratio", 0.6, RATIO),
        duration(failure_mode, "hold_s", 0.0, AT_ONCE),
        duration(failure_mode, "clear_hold_s", DAY_S, "chosen by: what comes and goes within a day is one fault"),
        duration(
            failure_mode,
            "refractory_s",
            DAY_S,
            "chosen by: detectors learn anew by themselves; a code after a repair counts",
        ),
        speaks_for_s=7_200.0,  # it speaks once an hour while people ride
        goes_on_from=UNNAMED,
    )


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
    *(_wear(failure_mode) for failure_mode in _WEAR),
)
