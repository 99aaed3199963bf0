"""Modes: the policy row of every failure mode that is detected. A new failure mode is one more row here."""

from collections.abc import Iterator
from dataclasses import dataclass

from alerts.errors import AlertsError
from alerts.levels import Level
from models.thresholds import Tunable

_DAY_S = 86_400.0
_MONTH_S = 31 * _DAY_S


class NoPolicyError(AlertsError):
    """A detector speaks of a failure mode that has no row here."""

    def __init__(self, failure_mode: str) -> None:
        self.failure_mode = failure_mode
        super().__init__(f"failure mode {failure_mode!r} has no row in alerts/policy/modes.py")


@dataclass(frozen=True, slots=True)
class Mode:
    """How findings of one failure mode become episodes.

    Attributes:
        failure_mode: Dotted name.
        level: Of a work order of severity 0.
        raise_at: Score from which on it counts; score and probability are the same number for `pipe.burst`.
        clear_ratio: Share of `raise_at` under which it is calm again.
        hold: How long the score must stay up before an episode opens, in seconds of event time.
        clear_hold: How long it must stay calm before the episode ends, in seconds of event time; None where the
            first calm finding ends it, because the detector waits itself and says once that it is over.
        refractory: How long after an episode's end no new one opens, in seconds of event time.
        speaks_for_s: How long one finding speaks for at most; a longer silence counts as nothing, neither up nor calm.
        emergency: Probability from which on it is level I, or None when there is no such thing.
        general: It says that something is wrong and not what; it opens no episode beside one that says what.
        of_sensor: It says what is wrong with a sensor, which explains nothing that the asset does: general ones go on.
    """

    failure_mode: str
    level: Level
    raise_at: Tunable
    clear_ratio: Tunable
    hold: Tunable
    clear_hold: Tunable | None
    refractory: Tunable
    speaks_for_s: float
    emergency: Tunable | None = None
    general: bool = False
    of_sensor: bool = False

    def tunables(self) -> Iterator[Tunable]:
        """What of this row may be turned."""
        yield from (self.raise_at, self.clear_ratio, self.hold, self.refractory)
        yield from (tunable for tunable in (self.clear_hold, self.emergency) if tunable is not None)


def _share(failure_mode: str, name: str, default: float, source: str) -> Tunable:
    return Tunable(f"policy.{failure_mode}.{name}", "1", 0.01, 1.0, default, source)


def _duration(failure_mode: str, name: str, default: float, source: str) -> Tunable:
    return Tunable(f"policy.{failure_mode}.{name}", "s", 0.0, _MONTH_S, default, source)


_CALIBRATED = "chosen by: detectors scale their scores so that 0.5 is where their own rule fires"
_RATIO = "DOMAIN 1.5: clear below 0.6 of the raise level"
_AT_ONCE = "chosen by: the detector's own timers have run before it speaks"

_BURST = "pipe.burst"
_ENTRAPMENT = "elevator.entrapment"
_PARKING = "parking.illegal"
_FIRE_LANE = "parking.fire_lane"
_BEARING = "pump.bearing"
_DEVIATION = "asset.deviation"
_SENSOR = "sensor.fault"

MODES: dict[str, Mode] = {
    mode.failure_mode: mode
    for mode in (
        Mode(
            _BURST,
            Level.II,
            _share(_BURST, "raise_probability", 0.30, "DOMAIN 1.5: burst warning at P72 of 0.30 or more"),
            _share(_BURST, "clear_ratio", 0.6, _RATIO),
            _duration(_BURST, "hold_s", 0.0, _AT_ONCE),
            _duration(_BURST, "clear_hold_s", _DAY_S, "DOMAIN 1.5: clear after 24 h below"),
            _duration(_BURST, "refractory_s", 7 * _DAY_S, "DOMAIN 1.5: suppressed 7 d while the baseline relearns"),
            speaks_for_s=_DAY_S,  # the night indicator speaks once a night
            emergency=_share(_BURST, "emergency_probability", 0.95, "chosen by: from here on words say almost certain"),
        ),
        Mode(
            _ENTRAPMENT,
            Level.I,
            _share(_ENTRAPMENT, "raise_score", 0.5, _CALIBRATED),
            _share(_ENTRAPMENT, "clear_ratio", 0.6, _RATIO),
            _duration(_ENTRAPMENT, "hold_s", 0.0, _AT_ONCE),
            _duration(_ENTRAPMENT, "clear_hold_s", 0.0, "DOMAIN 2.3: cleared by an open door or 2 s of motion"),
            _duration(_ENTRAPMENT, "refractory_s", 60.0, "DOMAIN 2.3: 60 s refractory"),
            speaks_for_s=60.0,
        ),
        Mode(
            _PARKING,
            Level.II,
            _share(_PARKING, "raise_score", 0.5, _CALIBRATED),
            _share(_PARKING, "clear_ratio", 0.6, _RATIO),
            _duration(_PARKING, "hold_s", 0.0, _AT_ONCE),
            None,  # DOMAIN 4.1: the detector waits for 120 s of absence, and nobody speaks of a car that has gone
            _duration(_PARKING, "refractory_s", _DAY_S, "DOMAIN 4.1: same plate and zone within 24 h, no new order"),
            speaks_for_s=150.0,  # DOMAIN 4.2: an object silent for 150 s is gone
        ),
        Mode(
            _FIRE_LANE,
            Level.I,
            _share(_FIRE_LANE, "raise_score", 0.5, _CALIBRATED),
            _share(_FIRE_LANE, "clear_ratio", 0.6, _RATIO),
            _duration(_FIRE_LANE, "hold_s", 0.0, _AT_ONCE),
            None,
            _duration(_FIRE_LANE, "refractory_s", _DAY_S, "DOMAIN 4.1: same plate and zone within 24 h, no new order"),
            speaks_for_s=150.0,
        ),
        Mode(
            _BEARING,
            Level.III,
            _share(_BEARING, "raise_score", 0.5, _CALIBRATED),
            _share(_BEARING, "clear_ratio", 0.6, _RATIO),
            _duration(_BEARING, "hold_s", 0.0, _AT_ONCE),
            _duration(_BEARING, "clear_hold_s", _DAY_S, "chosen by: as for pipes, wear does not heal in a day"),
            _duration(_BEARING, "refractory_s", 7 * _DAY_S, "chosen by: as for pipes, a new baseline takes a week"),
            speaks_for_s=7_200.0,
        ),
        Mode(
            _DEVIATION,
            Level.III,
            _share(_DEVIATION, "raise_score", 0.5, _CALIBRATED),
            _share(_DEVIATION, "clear_ratio", 0.6, _RATIO),
            _duration(_DEVIATION, "hold_s", 0.0, _AT_ONCE),
            _duration(_DEVIATION, "clear_hold_s", 600.0, "chosen by: the detector releases relative to the peak"),
            _duration(_DEVIATION, "refractory_s", _DAY_S, "chosen by: one suggestion a day for one asset is enough"),
            speaks_for_s=3_600.0,
            general=True,
        ),
        Mode(
            _SENSOR,
            Level.III,
            _share(_SENSOR, "raise_score", 0.5, _CALIBRATED),
            _share(_SENSOR, "clear_ratio", 0.6, _RATIO),
            _duration(_SENSOR, "hold_s", 0.0, _AT_ONCE),
            _duration(_SENSOR, "clear_hold_s", 21_600.0, "chosen by: what comes and goes within hours is one fault"),
            _duration(_SENSOR, "refractory_s", 0.0, "chosen by: the clear hold has waited already"),
            speaks_for_s=5_400.0,  # a sound device is spoken of once an hour
            of_sensor=True,
        ),
    )
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
