"""Pump troubles: what befalls pumps besides their bearings' wear, and what only looks like it, with the truth."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US, Values, local_midnight
from device_simulators.labels import Label, Truth
from device_simulators.pump_model import Strain

_NIGHT_H = (0.5, 5.0)
"""Local hours in which so little is drawn that a booster lives on its vessel."""


class PumpTrouble(Protocol):
    """Something that happens to a pump."""

    def strain(self, strain: Strain, at_us: Values) -> None:
        """Add what it does at these times."""
        ...

    def starts(self, at_us: Values) -> Values:
        """How many starts it has caused up to these times."""
        ...

    def watched_us(self) -> tuple[int, int] | None:
        """When its monitor samples every ten seconds because something is wrong, or None."""
        ...

    def label(self, asset: str) -> Label:
        """The truth about it."""
        ...


def _grown(at_us: Values, onset_us: int, worst_us: int) -> Values:
    """How far something has come that grows evenly, 0 to 1."""
    grown: Values = np.clip((at_us - onset_us) / (worst_us - onset_us), 0.0, 1.0)
    return grown


class _Quiet:
    """What most troubles do not do."""

    __slots__ = ()

    def starts(self, at_us: Values) -> Values:
        """None."""
        return np.zeros(len(at_us))

    def watched_us(self) -> tuple[int, int] | None:
        """Never."""
        return None


@dataclass(frozen=True, slots=True)
class StrainerClog(_Quiet):
    """A suction strainer that clogs over days until the pump cavitates in every rush, and is cleaned.

    Attributes:
        onset_us: When it begins to clog.
        clogged_us: When it is as bad as it gets.
        cleaned_us: When it is clean again.
        loss_kpa: Lost at full flow when clogged.
        severity: 0 to 1, for the label.
    """

    onset_us: int
    clogged_us: int
    cleaned_us: int
    loss_kpa: float
    severity: float

    def strain(self, strain: Strain, at_us: Values) -> None:
        """Its loss grows with the square of the time: what is caught narrows the rest."""
        grown = _grown(at_us, self.onset_us, self.clogged_us) ** 2
        strain.suction_loss_kpa += self.loss_kpa * grown * (at_us < self.cleaned_us)

    def label(self, asset: str) -> Label:
        """The truth about it."""
        times = (self.onset_us, None, self.onset_us, self.cleaned_us)
        return Label(asset, "pump.cavitation", Truth.FAULT, *times, self.severity, "a strainer that clogs")


@dataclass(frozen=True, slots=True)
class LostPrime(_Quiet):
    """The suction runs empty: the tank has emptied, the foot valve leaks, or air has got in.

    Attributes:
        at_us: When the water is gone.
        back_us: When the pump has been primed again.
        residue_kpa: Suction pressure meanwhile.
    """

    at_us: int
    back_us: int
    residue_kpa: float = 1.0

    def strain(self, strain: Strain, at_us: Values) -> None:
        """No water."""
        strain.dry = np.maximum(strain.dry, _during(at_us, self.at_us, self.back_us))

    def watched_us(self) -> tuple[int, int]:
        """For its first five minutes, by the monitor's own alarm."""
        return self.at_us, self.at_us + 5 * MINUTE_US

    def label(self, asset: str) -> Label:
        """Due after half a minute."""
        times = (self.at_us, self.at_us, self.at_us, self.at_us + 10 * MINUTE_US)
        minutes = (self.back_us - self.at_us) / MINUTE_US
        return Label(asset, "pump.dry_run", Truth.FAULT, *times, min(1.0, minutes / 120.0), "it runs dry")


@dataclass(frozen=True, slots=True)
class AirlessVessel(_Quiet):
    """A pressure vessel without air: at night, when little is drawn, the pump starts again and again.

    Attributes:
        onset_us: When the air is gone.
        filled_us: When it has been filled again.
        per_hour: Starts an hour in the small hours.
    """

    onset_us: int
    filled_us: int
    per_hour: float

    def strain(self, strain: Strain, at_us: Values) -> None:
        """None that a sample shows."""

    def starts(self, at_us: Values) -> Values:
        """So many an hour of each night that has passed."""
        counted = _night_hours(np.minimum(at_us, self.filled_us)) - _night_hours(np.array([float(self.onset_us)]))
        starts: Values = self.per_hour * np.maximum(0.0, counted)
        return starts

    def label(self, asset: str) -> Label:
        """The truth about it."""
        times = (self.onset_us, None, self.onset_us, self.filled_us)
        severity = min(1.0, self.per_hour / 60.0)
        return Label(asset, "pump.cycling", Truth.FAULT, *times, severity, "a vessel that lost its air")


@dataclass(frozen=True, slots=True)
class WeakPhase(_Quiet):
    """A contact that burns away: phase L3 draws less and less.

    Attributes:
        onset_us: When it begins.
        worst_us: When it is as bad as it gets.
        repaired_us: When the contactor has been changed.
        share: Of its current that the phase has lost in the end.
    """

    onset_us: int
    worst_us: int
    repaired_us: int
    share: float

    def strain(self, strain: Strain, at_us: Values) -> None:
        """Grows evenly."""
        grown = _grown(at_us, self.onset_us, self.worst_us)
        strain.weak_phase += self.share * grown * (at_us < self.repaired_us)

    def label(self, asset: str) -> Label:
        """The truth about it."""
        times = (self.onset_us, None, self.onset_us, self.repaired_us)
        return Label(asset, "pump.motor", Truth.FAULT, *times, min(1.0, self.share), "a contact burns away")


@dataclass(frozen=True, slots=True)
class Overheating(_Quiet):
    """A bearing without grease, or a winding whose fan is clogged: hot within a day.

    Attributes:
        onset_us: When it begins.
        repaired_us: When it is well again.
        heat_c: Added in the end.
        bearing: The bearing; else the winding.
    """

    onset_us: int
    repaired_us: int
    heat_c: float
    bearing: bool = True

    def strain(self, strain: Strain, at_us: Values) -> None:
        """Rises with a time constant of eight hours."""
        rise = 1.0 - np.exp(-np.maximum(0.0, at_us - self.onset_us) / (8 * HOUR_US))
        heat = self.heat_c * rise * (at_us < self.repaired_us)
        if self.bearing:
            strain.bearing_heat_c += heat
        else:
            strain.winding_heat_c += heat

    def label(self, asset: str) -> Label:
        """The truth about it."""
        times = (self.onset_us, None, self.onset_us, self.repaired_us)
        mode, note = ("pump.bearing", "no grease") if self.bearing else ("pump.motor", "a clogged fan")
        return Label(asset, mode, Truth.FAULT, *times, min(1.0, self.heat_c / 60.0), note)


@dataclass(frozen=True, slots=True)
class WornRings(_Quiet):
    """Sealing rings that wear: part of the water turns round inside, and the pump turns and draws more for the rest.

    Speed, current and flow each stay where they are on other hours of the day; only together they tell.

    Attributes:
        onset_us: When it begins.
        worn_us: When it is as bad as it gets.
        renewed_us: When the rings have been renewed.
        share: Of its full flow that turns round inside in the end.
    """

    onset_us: int
    worn_us: int
    renewed_us: int
    share: float

    def strain(self, strain: Strain, at_us: Values) -> None:
        """Grows evenly."""
        grown = _grown(at_us, self.onset_us, self.worn_us)
        strain.inner += self.share * grown * (at_us < self.renewed_us)

    def label(self, asset: str) -> Label:
        """No detector of its own knows it."""
        times = (self.onset_us, None, self.onset_us, self.renewed_us)
        severity = min(1.0, self.share / 0.3)
        return Label(asset, "asset.multivariate", Truth.FAULT, *times, severity, "sealing rings that wear")


@dataclass(frozen=True, slots=True)
class Innocent(_Quiet):
    """Something that resembles a fault and is none.

    Attributes:
        mode: The failure mode that it resembles.
        start_us: Its beginning.
        end_us: Its end.
        note: What it is, for a person.
        suction_loss_kpa: Lost at full flow meanwhile.
        suction_shift_kpa: Added to the suction meanwhile.
        off: The pump stands meanwhile.
        shake: Factor on the velocity meanwhile.
        weak_phase: Share of its current that phase L3 lost meanwhile.
        extra_starts: It is started so many times more.
        watched: Its monitor samples every ten seconds meanwhile.
    """

    mode: str
    start_us: int
    end_us: int
    note: str
    suction_loss_kpa: float = 0.0
    suction_shift_kpa: float = 0.0
    off: bool = False
    shake: float = 1.0
    weak_phase: float = 0.0
    extra_starts: int = 0
    watched: bool = False

    def strain(self, strain: Strain, at_us: Values) -> None:
        """As its attributes say, while it lasts."""
        during = _during(at_us, self.start_us, self.end_us)
        strain.suction_loss_kpa += self.suction_loss_kpa * during
        strain.suction_shift_kpa += self.suction_shift_kpa * during
        strain.weak_phase += self.weak_phase * during
        strain.off = np.maximum(strain.off, self.off * during)
        strain.shake *= self.shake**during

    def starts(self, at_us: Values) -> Values:
        """All at its end."""
        starts: Values = self.extra_starts * (at_us >= self.end_us).astype(np.float64)
        return starts

    def watched_us(self) -> tuple[int, int] | None:
        """As long as it lasts, if its monitor finds it worth it."""
        return (self.start_us, self.end_us) if self.watched else None

    def label(self, asset: str) -> Label:
        """The truth about it."""
        until_us = self.end_us + HOUR_US
        return Label(asset, self.mode, Truth.LOOKALIKE, self.start_us, None, self.start_us, until_us, 0.0, self.note)


def _during(at_us: Values, start_us: int, end_us: int) -> Values:
    during: Values = ((at_us >= start_us) & (at_us < end_us)).astype(np.float64)
    return during


def _night_hours(at_us: Values) -> Values:
    """Hours of the small hours that have passed since the epoch's first local midnight."""
    begins, ends = _NIGHT_H
    midnight_us = local_midnight(0)
    days = np.floor((at_us - midnight_us) / DAY_US)
    hour = (at_us - midnight_us - days * DAY_US) / HOUR_US
    passed: Values = days * (ends - begins) + np.clip(hour - begins, 0.0, ends - begins)
    return passed


def usual_starts(at_us: Values, duty: str) -> Values:
    """Starts of a sound pump up to these times: a booster's four an hour at night, when it tops up its vessel.

    Those of a fire pump's weekly tests are too few to count.
    """
    starts: Values = (4.0 if duty == "booster" else 0.0) * _night_hours(at_us)
    return starts
