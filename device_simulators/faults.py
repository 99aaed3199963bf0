"""Faults: what goes wrong in pipes and pumps, as curves on physical parameters, each with its true label."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from device_simulators.calendar import MINUTE_US, SECOND_US, Values
from device_simulators.hydraulics import circle_area_m2
from device_simulators.labels import Label, Truth

FIRST_HOLE_M = 0.0005
_LEAST_CRITICAL_M, _CRITICAL_RANGE_M = 0.002, 0.006  # chosen by: a riser's leak of 2 to 8 mm is 3 to 45 L/min
RUPTURE_HOLE_M = 0.020  # BattLeDIM 2019: holes of 8.8 to 20.3 mm (DOMAIN 1.3)

ZONE_BC_MM_S = 1.8  # ISO 10816-1 class I, up to 15 kW (DOMAIN 3)
ZONE_CD_MM_S = 4.5
HEALTHY_VELOCITY_MM_S = 1.0  # zone B, as most pumps that have run for a while
_ONSET_GROWTH = 0.05


@dataclass(frozen=True, slots=True)
class Machine:
    """How much a machine shakes when it is sound, and the bounds of its ISO zones, mm/s."""

    healthy_mm_s: float
    bc_mm_s: float
    cd_mm_s: float

    def growth(self, velocity_mm_s: float) -> float:
        """What must be added to the healthy velocity to reach this one, as its multiple."""
        return velocity_mm_s / self.healthy_mm_s - 1.0


CLASS_I = Machine(HEALTHY_VELOCITY_MM_S, ZONE_BC_MM_S, ZONE_CD_MM_S)
CLASS_II = Machine(1.5, 2.8, 7.1)  # 15 to 75 kW (DOMAIN 3); sound in zone B likewise


@dataclass(frozen=True, slots=True)
class Crack:
    """A crack that leaks, grows and tears open.

    Its area grows exponentially from a hole of 0.5 mm to the critical one, a little unevenly, as incipient leaks do.

    Attributes:
        onset_us: The first drop.
        burst_us: When it tears open to a hole of 20 mm.
        repaired_us: When the pipe is sound again.
        severity: 0 to 1; the critical hole is as wide as one of 2 to 8 mm. A small one gives little warning.
    """

    onset_us: int
    burst_us: int
    repaired_us: int
    severity: float

    @property
    def critical_hole_m(self) -> float:
        """The diameter of the round hole that leaks as much as the crack does when it tears."""
        return _LEAST_CRITICAL_M + _CRITICAL_RANGE_M * self.severity

    def area_m2(self, at_us: Values) -> Values:
        """Leaking area at these times, shape as `at_us`, in m2, zero while there is no hole."""
        critical = circle_area_m2(self.critical_hole_m)
        first = circle_area_m2(FIRST_HOLE_M)
        life = np.clip((at_us - self.onset_us) / (self.burst_us - self.onset_us), 0.0, 1.0)
        # Roughness chosen by eye from BattLeDIM's leak flows; it vanishes at both ends so that the label stays true.
        uneven = 0.08 * np.sin(np.pi * life) * (np.sin(12.0 * life) + 0.5 * np.sin(31.0 * life + 1.0))
        growing = first * (critical / first) ** life * np.exp(uneven)
        torn = np.where(at_us >= self.burst_us, circle_area_m2(RUPTURE_HOLE_M), growing)
        alive = (at_us >= self.onset_us) & (at_us < self.repaired_us)
        return np.where(alive, torn, 0.0)

    def label(self, asset: str) -> Label:
        """The truth about it."""
        note = "a growing leak that ends in a burst"
        times = (self.onset_us, self.burst_us, self.onset_us, self.burst_us)
        return Label(asset, "pipe.burst", Truth.FAULT, *times, self.severity, note, self.repaired_us)


@dataclass(frozen=True, slots=True)
class Leak:
    """A hole that leaks and does not tear: at once, or as wide as time since its onset until it is as wide as it gets.

    Attributes:
        onset_us: The first drop.
        grown_us: From here on it stays as it is; the onset itself for one that is there at once.
        repaired_us: When the pipe is sound again.
        hole_m: Its diameter once grown.
        note: What it is, for a person.
    """

    onset_us: int
    grown_us: int
    repaired_us: int
    hole_m: float
    note: str = "a leak that grows and stays"

    def area_m2(self, at_us: Values) -> Values:
        """Leaking area at these times, shape as `at_us`, in m2, zero while there is no hole."""
        life = np.clip((at_us - self.onset_us) / max(1, self.grown_us - self.onset_us), 0.0, 1.0)
        alive = (at_us >= self.onset_us) & (at_us < self.repaired_us)
        return np.where(alive, circle_area_m2(self.hole_m) * life**2, 0.0)

    def label(self, asset: str) -> Label:
        """The truth about it; 5 mm is gross."""
        times = (self.onset_us, None, self.onset_us, self.repaired_us)
        return Label(asset, "pipe.leak", Truth.FAULT, *times, min(1.0, self.hole_m / 0.005), self.note)


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Something passing that is no fault: a tank being filled, a pump that trips and restarts, a drill next door.

    Attributes:
        start_us: Its beginning.
        end_us: Its end.
        note: What it is, for a person.
        pressure_kpa: Added to the supply's pressure meanwhile.
        flow_m3_h: Drawn in addition.
        vibration_um_s2: RMS added to the pipe's vibration, by power.
        median_hz: Around which it is heard; a motor hums at twice the mains.
        opens_s: How long a hand takes to open it and to close it again; 0 for a step.
        shuts: Nothing flows meanwhile: a valve is closed.
        warms_kpa: What is shut in warms up: by how much its pressure has risen in the end, evenly.
        every_us: After how long it comes again until the end, a second each time; 0 for what goes on all the while.
        failure_mode: What it resembles.
    """

    start_us: int
    end_us: int
    note: str
    pressure_kpa: float = 0.0
    flow_m3_h: float = 0.0
    vibration_um_s2: float = 0.0
    median_hz: float = 100.0
    opens_s: float = 0.0
    shuts: bool = False
    warms_kpa: float = 0.0
    every_us: int = 0
    failure_mode: str = "pipe.burst"

    def over(self, at_us: Values) -> Values:
        """1 where it is going on, else 0, shares while it is opened and closed by hand; shape as `at_us`."""
        going_on = (at_us >= self.start_us) & (at_us < self.end_us)
        if self.every_us:
            going_on &= (at_us - self.start_us) % self.every_us < SECOND_US
        within = going_on.astype(np.float64)
        if not self.opens_s:
            return within
        passed_us = np.minimum(at_us - self.start_us, self.end_us - at_us)
        opened: Values = within * np.clip(passed_us / (self.opens_s * 1e6), 0.0, 1.0)
        return opened

    def swing_kpa(self, at_us: Values) -> Values:
        """What it adds to the pressure at these times, kPa, shape as `at_us`."""
        warmed = np.clip((at_us - self.start_us) / (self.end_us - self.start_us), 0.0, 1.0)
        swing: Values = self.over(at_us) * (self.pressure_kpa + self.warms_kpa * warmed)
        return swing

    def edges_us(self, from_us: int, until_us: int) -> Iterator[int]:
        """When it begins and ends, within [from_us, until_us)."""
        if not self.every_us:
            yield from (at_us for at_us in (self.start_us, self.end_us) if from_us <= at_us < until_us)
            return
        first = max(0, -((self.start_us - from_us) // self.every_us)) * self.every_us + self.start_us
        for at_us in range(first, min(until_us, self.end_us), self.every_us):
            yield from (at_us, at_us + SECOND_US)

    def label(self, asset: str) -> Label:
        """The truth about it: a look-alike."""
        times = (self.start_us, None, self.start_us, self.end_us + 30 * MINUTE_US)
        return Label(asset, self.failure_mode, Truth.LOOKALIKE, *times, 0.0, self.note)


@dataclass(frozen=True, slots=True)
class BearingWear:
    """A bearing that wears out exponentially.

    Attributes:
        onset_us: When the first spall breaks out; it adds 5 % to the velocity.
        zone_c_us: When the velocity at reference speed passes the limit of ISO zones B and C.
        repaired_us: When the bearing is new again.
        severity: 0 to 1; where the wear stops growing. Under 0.14 it never reaches zone C, from 0.51 on it reaches
            zone D.
        machine: Whose bearing it is.
    """

    onset_us: int
    zone_c_us: int
    repaired_us: int
    severity: float
    machine: Machine = CLASS_I

    @property
    def time_constant_us(self) -> float:
        """The time in which the wear grows e-fold."""
        return (self.zone_c_us - self.onset_us) / math.log(self._at_bc / _ONSET_GROWTH)

    @property
    def ceiling(self) -> float:
        """Where the growth ends."""
        return 0.6 + 11.4 * self.severity**2

    def growth(self, at_us: Values) -> Values:
        """What the wear adds to the healthy velocity, as its multiple, shape as `at_us`."""
        power = np.minimum((at_us - self.zone_c_us) / self.time_constant_us, 5.0)
        worn = np.minimum(self._at_bc * np.exp(power), self.ceiling)
        return np.where((at_us >= self.onset_us) & (at_us < self.repaired_us), worn, 0.0)

    @property
    def zone_d_us(self) -> int | None:
        """When the velocity at reference speed passes the limit of zones C and D; None if it never does."""
        at_cd = self.machine.growth(self.machine.cd_mm_s)
        if self.ceiling < at_cd:
            return None
        factor = math.log(at_cd / self._at_bc)
        return self.zone_c_us + round(self.time_constant_us * factor)

    def label(self, asset: str) -> Label:
        """The truth about it."""
        until = self.zone_d_us or self.repaired_us
        times = (self.onset_us, self.zone_d_us, self.onset_us, until)
        note = "a bearing that wears out"
        return Label(asset, "pump.bearing", Truth.FAULT, *times, self.severity, note, self.repaired_us)

    @property
    def _at_bc(self) -> float:
        return self.machine.growth(self.machine.bc_mm_s)
