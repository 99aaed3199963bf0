"""Elevator wear: what wears out in an elevator's machine, each with its true label."""

from dataclasses import dataclass

import numpy as np

from device_simulators.calendar import DAY_US
from device_simulators.elevator_machine import ROPE_NOMINAL_MM, Features, Trip
from device_simulators.labels import Label, Truth


@dataclass(frozen=True, slots=True)
class Wear:
    """Something that grows worse from its onset on, and stays at its worst until it is repaired.

    Attributes:
        onset_us: When it begins.
        full_us: When it is as bad as it gets.
        repaired_us: When it is as new.
        severity: 0 to 1: how bad it gets; the least is somewhat over the limit of DOMAIN 2.4, 1 is gross.
    """

    onset_us: int
    full_us: int
    repaired_us: int
    severity: float

    def grown(self, at_us: int) -> float:
        """0 to 1: how far it has come."""
        if not self.onset_us <= at_us < self.repaired_us:
            return 0.0
        return min(1.0, (at_us - self.onset_us) / (self.full_us - self.onset_us))

    def between(self, at_us: int, least: float, most: float) -> float:
        """How much it adds: grows to `least` if mild, to `most` if gross."""
        return self.grown(at_us) * (least + self.severity * (most - least))

    def truth(self, asset: str, failure_mode: str, note: str) -> Label:
        """A fault that an order is due for until it is repaired."""
        times = (self.onset_us, self.full_us, self.onset_us, self.repaired_us)
        return Label(asset, failure_mode, Truth.FAULT, *times, self.severity, note)


@dataclass(frozen=True, slots=True)
class DoorWear(Wear):
    """A door that closes slower and harder, and re-opens by itself; of one landing (sill, shoes) or all (the belt)."""

    landing: int | None = None

    def change(self, trip: Trip, features: Features, dice: np.random.Generator) -> None:
        """See `Befalling.change`."""
        if self.landing is not None and trip.floor != self.landing:
            return
        features["door_close_time_s"] *= 1.0 + self.between(trip.at_us, 0.22, 0.9)
        features["door_motor_current_a"] *= 1.0 + self.between(trip.at_us, 0.1, 0.7)
        features["door_energy_j"] *= 1.0 + self.between(trip.at_us, 0.3, 1.8)
        features["door_lock_delay_ms"] *= 1.0 + self.between(trip.at_us, 0.04, 0.3)
        if dice.random() < self.between(trip.at_us, 0.0, 0.3):
            features["door_reopens_count"] += 1.0

    def label(self, asset: str) -> Label:
        """See `Befalling.label`."""
        where = "a landing's door" if self.landing is not None else "the car door's drive"
        return self.truth(asset, "elevator.door", f"{where} wears")


@dataclass(frozen=True, slots=True)
class LockWear(Wear):
    """A coupler that wears: the locks it turns make late, so that the door turns back and tries again.

    Mild, the close time stays within its limit, and re-opens are rarer than are too many.
    """

    def change(self, trip: Trip, features: Features, dice: np.random.Generator) -> None:
        """See `Befalling.change`."""
        features["door_lock_delay_ms"] *= 1.0 + self.between(trip.at_us, 0.45, 2.0)
        features["door_close_time_s"] *= 1.0 + self.between(trip.at_us, 0.12, 0.3)
        features["door_energy_j"] *= 1.0 + self.between(trip.at_us, 0.12, 0.4)
        if dice.random() < self.between(trip.at_us, 0.01, 0.3):
            features["door_reopens_count"] += 1.0

    def label(self, asset: str) -> Label:
        """See `Befalling.label`."""
        return self.truth(asset, "elevator.door", "the locks' contacts make late")


@dataclass(frozen=True, slots=True)
class LevelShift(Wear):
    """Levels that shift: at all floors the same way (a stretched rope, the encoder), or at one (its sensor)."""

    landing: int | None = None
    way: int = -1

    def change(self, trip: Trip, features: Features, dice: np.random.Generator) -> None:  # noqa: ARG002 -- the Protocol's
        """See `Befalling.change`."""
        if self.landing is None or trip.floor == self.landing:
            features["levelling_error_mm"] += self.way * self.between(trip.at_us, 9.5, 26.0)

    def label(self, asset: str) -> Label:
        """See `Befalling.label`."""
        return self.truth(asset, "elevator.levelling", "one floor is off" if self.landing else "all floors are off")


@dataclass(frozen=True, slots=True)
class BrakeWear(Wear):
    """A brake that lets go late, drags, warms and stops late."""

    def change(self, trip: Trip, features: Features, dice: np.random.Generator) -> None:  # noqa: ARG002 -- the Protocol's
        """See `Befalling.change`."""
        features["brake_release_time_ms"] *= 1.0 + self.between(trip.at_us, 0.28, 0.9)
        features["stopping_distance_mm"] *= 1.0 + self.between(trip.at_us, 0.1, 0.6)
        features["motor_current_a"] *= 1.0 + self.between(trip.at_us, 0.05, 0.3)
        features["machine_temperature_c"] += self.between(trip.at_us, 2.0, 20.0)

    def label(self, asset: str) -> Label:
        """See `Befalling.label`."""
        return self.truth(asset, "elevator.brake", "a brake that lets go late")


@dataclass(frozen=True, slots=True)
class GuideWear(Wear):
    """Guide shoes that wear: the car shakes, most of all sideways."""

    def change(self, trip: Trip, features: Features, dice: np.random.Generator) -> None:  # noqa: ARG002 -- the Protocol's
        """See `Befalling.change`."""
        for name in features:
            if name.startswith("ride_"):
                features[name] *= 1.0 + self.between(trip.at_us, 0.7, 2.5) * (1.0 if "horizontal" in name else 0.6)

    def label(self, asset: str) -> Label:
        """See `Befalling.label`."""
        return self.truth(asset, "elevator.vibration", "guide shoes wear")


@dataclass(frozen=True, slots=True)
class UnevenRopes(Wear):
    """Ropes of which one hangs loose: they slip, and shake the car upwards and downwards."""

    def change(self, trip: Trip, features: Features, dice: np.random.Generator) -> None:  # noqa: ARG002 -- the Protocol's
        """See `Befalling.change`."""
        for name in ("ride_vertical_a95_m_s2", "ride_vertical_pk_pk_m_s2"):
            features[name] *= 1.0 + self.between(trip.at_us, 0.2, 0.8)
        if "rope_tension_spread_percent" in features:
            features["rope_tension_spread_percent"] += self.between(trip.at_us, 5.0, 15.0)
            features["rope_slip_percent"] += self.between(trip.at_us, 0.1, 0.8)

    def label(self, asset: str) -> Label:
        """See `Befalling.label`."""
        return self.truth(asset, "elevator.rope_wear", "a rope hangs loose")


@dataclass(frozen=True, slots=True)
class BrokenWires(Wear):
    """A rope whose wires break; the tester counts those of the worst lay now and then.

    Mild it comes past the 12 at which a 6x19 rope is inspected at intervals, gross past the 24 of scrap (DOMAIN 2.2).
    """

    def change(self, trip: Trip, features: Features, dice: np.random.Generator) -> None:  # noqa: ARG002 -- the Protocol's
        """See `Befalling.change`; a sound rope has broken a few, a new one none."""
        if "rope_tension_spread_percent" in features:
            sound = 0.0 if trip.at_us >= self.repaired_us else 4.0
            features["broken_wires_spread_count"] = round(sound + self.between(trip.at_us, 13.0, 30.0))
            features["broken_wires_strand_count"] = round(sound / 2 + self.between(trip.at_us, 3.0, 8.0))

    def label(self, asset: str) -> Label:
        """See `Befalling.label`."""
        return self.truth(asset, "elevator.rope_wear", "wires of a rope break")


@dataclass(frozen=True, slots=True)
class RopeThinning:
    """A rope that wears out within months; due from 150 days before 6 % on (DOMAIN 2.4: 90 predicted, and the doubt).

    Attributes:
        onset_us: When it begins to wear faster.
        order_us: When 6 % are lost.
        repaired_us: When it is renewed.
        from_percent: What is lost at the onset.
        severity: 0 to 1, for the label.
    """

    onset_us: int
    order_us: int
    repaired_us: int
    from_percent: float
    severity: float

    def change(self, trip: Trip, features: Features, dice: np.random.Generator) -> None:
        """See `Befalling.change`; from the renewal on the rope is new."""
        if "rope_diameter_mm" not in features or trip.at_us < self.onset_us:
            return
        share = (trip.at_us - self.onset_us) / (self.order_us - self.onset_us)
        loss = self.from_percent + (6.0 - self.from_percent) * share
        if trip.at_us >= self.repaired_us:
            loss = -1.0
        features["rope_diameter_mm"] = ROPE_NOMINAL_MM * (1.0 - (loss + dice.normal(0.0, 0.3)) / 100.0)

    def label(self, asset: str) -> Label:
        """See `Befalling.label`."""
        due_us = max(self.onset_us, self.order_us - 150 * DAY_US)
        times = (self.onset_us, self.order_us, due_us, self.repaired_us)
        return Label(asset, "elevator.rope_wear", Truth.FAULT, *times, self.severity, "a rope wears out within months")
