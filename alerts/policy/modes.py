"""Modes: the policy rows of all failure modes that are detected; a new row goes into the file of its family."""

from alerts.errors import AlertsError
from alerts.policy.camera_modes import CAMERA_MODES
from alerts.policy.elevator_modes import ELEVATOR_MODES
from alerts.policy.general_modes import GENERAL_MODES
from alerts.policy.mode import Mode
from alerts.policy.pipe_modes import PIPE_MODES
from alerts.policy.pump_modes import PUMP_MODES
from alerts.policy.surroundings_modes import SURROUNDINGS_MODES
from models.thresholds import Tunable


class NoPolicyError(AlertsError):
    """A detector speaks of a failure mode that has no row."""

    def __init__(self, failure_mode: str) -> None:
        self.failure_mode = failure_mode
        super().__init__(f"failure mode {failure_mode!r} has no row in alerts/policy/")


MODES: dict[str, Mode] = {
    mode.failure_mode: mode
    for rows in (PIPE_MODES, ELEVATOR_MODES, CAMERA_MODES, PUMP_MODES, SURROUNDINGS_MODES, GENERAL_MODES)
    for mode in rows
}


def mode_of(failure_mode: str) -> Mode:
    """The row of a failure mode.

    Raises:
        NoPolicyError: There is none.
    """
    try:
        return MODES[failure_mode]
    except KeyError as error:
        raise NoPolicyError(failure_mode) from error


def policy_tunables() -> tuple[Tunable, ...]:
    """What of all rows may be turned."""
    return tuple(t for mode in MODES.values() for t in mode.tunables())
