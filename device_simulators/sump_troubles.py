"""Sump troubles: what goes wrong with sumps, pits and floors, what only looks like it, and the truth about each."""

from dataclasses import dataclass

from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from device_simulators.labels import Label, Truth

_FLOOD = "building.flood"


@dataclass(frozen=True, slots=True)
class Inflow:
    """Water that runs in besides what always does: rain, a burst pipe, a valve that runs back.

    Attributes:
        start_us: Its beginning.
        end_us: Its end.
        mm_min: By how much it lifts the level a minute.
        while_stopped: Only while the pump stands: the check valve lets its own water back.
        truth: A fault, or rain that the sump copes with.
        note: What it is, for a person.
    """

    start_us: int
    end_us: int
    mm_min: float
    while_stopped: bool = False
    truth: Truth = Truth.LOOKALIKE
    note: str = "rain that the sump copes with"

    def label(self, asset: str) -> Label:
        """The truth about it."""
        times = (self.start_us, None, self.start_us, self.end_us + HOUR_US)
        severity = min(1.0, self.mm_min / 300.0) if self.truth is Truth.FAULT else 0.0
        return Label(asset, _FLOOD, self.truth, *times, severity, self.note)


@dataclass(frozen=True, slots=True)
class WeakSumpPump:
    """A sump pump that lifts less than it did, or nothing.

    Attributes:
        onset_us: When it begins.
        repaired_us: When it is well again.
        share: Of its capacity that is left.
    """

    onset_us: int
    repaired_us: int
    share: float

    def label(self, asset: str) -> Label:
        """Due once the level is too high, or, for one that still copes, after the days that its run time takes."""
        times = (self.onset_us, None, self.onset_us, self.repaired_us)
        note = "the sump pump lifts nothing" if self.share == 0.0 else "the sump pump is worn"
        return Label(asset, _FLOOD, Truth.FAULT, *times, 1.0 - self.share, note)


@dataclass(frozen=True, slots=True)
class Wet:
    """Water where an immersion sensor is.

    Attributes:
        start_us: Its beginning.
        end_us: Its end.
        pit: In an elevator's pit; else on a floor.
    """

    start_us: int
    end_us: int
    pit: bool = True

    def label(self, asset: str) -> Label:
        """Due after ten seconds; what is shorter is a splash."""
        lasts_s = (self.end_us - self.start_us) / SECOND_US
        truth = Truth.FAULT if lasts_s > 10.0 else Truth.LOOKALIKE  # noqa: PLR2004 -- DOMAIN 1.6
        where = "in the pit" if self.pit else "on the floor"
        times = (self.start_us, None, self.start_us, self.start_us + 10 * MINUTE_US)
        note = f"water {where}" if truth is Truth.FAULT else f"a splash {where}"
        return Label(asset, _FLOOD, truth, *times, min(1.0, lasts_s * SECOND_US / DAY_US), note)


SumpTrouble = Inflow | WeakSumpPump | Wet
