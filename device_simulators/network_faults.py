"""Network faults: leaks of a community's water network, and what only resembles them."""

from dataclasses import dataclass

import numpy as np

from device_simulators.calendar import DAY_US, Values
from device_simulators.hydraulics import circle_area_m2
from device_simulators.labels import Label, Truth

HOLES_M = (0.0088, 0.0203)
"""Source: BattLeDIM 2019, holes of 8.8 to 20.3 mm (DOMAIN 1.3)."""
GROWTH_DAYS = (17.0, 61.0, 98.0)
"""Shortest, median and longest time to the peak. Source: likewise."""
ABRUPT_SHARE = 0.39
"""Source: likewise, 9 of 23."""

_ABRUPT_DUE_DAYS = 5


@dataclass(frozen=True, slots=True)
class NetworkLeak:
    """A hole in the pipe that ends at a node.

    Attributes:
        node: Name of the node.
        onset_us: When it begins.
        peak_us: When it has its full width; its onset, if it came at once.
        repaired_us: When it is closed.
        hole_m: Diameter at its peak.
    """

    node: str
    onset_us: int
    peak_us: int
    repaired_us: int
    hole_m: float

    def area_m2(self, at_us: Values) -> Values:
        """Leaking area at these times, in m2; the diameter grows evenly, as BattLeDIM's do."""
        length = self.peak_us - self.onset_us
        grown = np.clip((at_us - self.onset_us) / length, 0.0, 1.0) if length else np.ones_like(at_us)
        alive = (at_us >= self.onset_us) & (at_us < self.repaired_us)
        return np.where(alive, circle_area_m2(self.hole_m) * grown**2, 0.0)

    def label(self, asset: str) -> Label:
        """The truth: of a growing one a work order is due before its peak, of an abrupt one within days."""
        grows = self.peak_us > self.onset_us
        until = self.peak_us if grows else self.onset_us + _ABRUPT_DUE_DAYS * DAY_US
        severity = (self.hole_m - HOLES_M[0]) / (HOLES_M[1] - HOLES_M[0])
        note = f"a leak near {self.node} that {'grows' if grows else 'came at once'}"
        failure = self.peak_us if grows else None
        return Label(asset, "pipe.leak", Truth.FAULT, self.onset_us, failure, self.onset_us, until, severity, note)


@dataclass(frozen=True, slots=True)
class Draw:
    """Water drawn on purpose: a hydrant that is flushed, a tank that is filled, a day on which all wash.

    Attributes:
        node: Where.
        start_us: Its beginning.
        end_us: Its end.
        flow_m3_h: What it draws meanwhile.
        note: What it is, for a person.
        hours: Local hours of each day between which it draws; all of them, if equal.
    """

    node: str
    start_us: int
    end_us: int
    flow_m3_h: float
    note: str
    hours: tuple[float, float] = (0.0, 0.0)

    def flow(self, at_us: Values, hour: Values) -> Values:
        """Drawn at these times, m3/h.

        Args:
            at_us: Shape (n,).
            hour: Local hours of the day, shape (n,).
        """
        first, last = self.hours
        going = (at_us >= self.start_us) & (at_us < self.end_us)
        if first != last:
            going &= (hour >= first) & (hour < last)
        return np.where(going, self.flow_m3_h, 0.0)

    def label(self, asset: str) -> Label:
        """The truth: a look-alike."""
        times = (self.start_us, None, self.start_us, self.end_us + 2 * DAY_US)
        return Label(asset, "pipe.leak", Truth.LOOKALIKE, *times, 0.0, self.note)


@dataclass(frozen=True, slots=True)
class Drift:
    """A pressure logger whose zero wanders.

    Attributes:
        node: Whose logger.
        start_us: When it begins.
        kpa_a_day: How fast it moves, below zero: it reads ever less.
        end_us: When it is replaced.
    """

    node: str
    start_us: int
    kpa_a_day: float
    end_us: int

    def offset_kpa(self, at_us: Values) -> Values:
        """What it adds to the truth."""
        going = (at_us >= self.start_us) & (at_us < self.end_us)
        return np.where(going, (at_us - self.start_us) / DAY_US * self.kpa_a_day, 0.0)

    def label(self, asset: str) -> Label:
        """The truth: a look-alike of a leak."""
        times = (self.start_us, None, self.start_us, self.end_us + 2 * DAY_US)
        return Label(asset, "pipe.leak", Truth.LOOKALIKE, *times, 0.0, f"the logger of {self.node} drifts")
