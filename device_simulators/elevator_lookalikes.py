"""Elevator look-alikes: what changes what is measured of an elevator, and is no fault."""

from dataclasses import dataclass

import numpy as np

from device_simulators.calendar import DAY_US
from device_simulators.elevator_machine import ROPE_NOMINAL_MM, Features, Trip, current_of_load
from device_simulators.labels import Label, Truth


@dataclass(frozen=True, slots=True)
class Passing:
    """Something that passes.

    Attributes:
        start_us: Its beginning.
        end_us: Its end.
    """

    start_us: int
    end_us: int

    def over(self, trip: Trip) -> bool:
        """Whether it goes on at this trip."""
        return self.start_us <= trip.at_us < self.end_us

    def truth(self, asset: str, failure_mode: str, note: str) -> Label:
        """A look-alike of a failure mode."""
        times = (self.start_us, None, self.start_us, self.end_us + DAY_US)
        return Label(asset, failure_mode, Truth.LOOKALIKE, *times, 0.0, note)


@dataclass(frozen=True, slots=True)
class HeavyLoads(Passing):
    """A day of removals: the car is full on every second trip and hangs low while it is loaded."""

    def change(self, trip: Trip, features: Features, dice: np.random.Generator) -> None:
        """See `Befalling.change`."""
        if self.over(trip) and dice.random() < 0.5:  # noqa: PLR2004 -- every second trip
            full = float(dice.uniform(80.0, 105.0))
            features["motor_current_a"] += current_of_load(full, trip) - current_of_load(trip.load_percent, trip)
            features["car_load_percent"] = full
            features["levelling_error_mm"] -= float(dice.uniform(8.0, 11.0))

    def label(self, asset: str) -> Label:
        """See `Befalling.label`."""
        return self.truth(asset, "elevator.levelling", "heavy loads")


@dataclass(frozen=True, slots=True)
class Removal(Passing):
    """A removal man in the doorway: the door re-opens again and again, and somebody is there."""

    def change(self, trip: Trip, features: Features, dice: np.random.Generator) -> None:
        """See `Befalling.change`."""
        if self.over(trip):
            features["doorway_blocked"] = 1.0
            features["door_reopens_count"] += float(dice.integers(0, 6))

    def label(self, asset: str) -> Label:
        """See `Befalling.label`."""
        return self.truth(asset, "elevator.door", "a removal man holds the door")


@dataclass(frozen=True, slots=True)
class SillCleaning(Passing):
    """A landing's sill is full of grit for some hours, and then cleaned: it runs a little better than before."""

    landing: int = 1

    def change(self, trip: Trip, features: Features, dice: np.random.Generator) -> None:  # noqa: ARG002 -- the Protocol's
        """See `Befalling.change`."""
        if trip.floor == self.landing:
            if self.over(trip):
                features["door_close_time_s"] *= 1.1
            elif trip.at_us >= self.end_us:
                features["door_close_time_s"] *= 0.96

    def label(self, asset: str) -> Label:
        """See `Befalling.label`."""
        return self.truth(asset, "elevator.door", "a sill is cleaned")


@dataclass(frozen=True, slots=True)
class DirtySill(Passing):
    """A landing's sill is dirty for a day: its door runs heavier and slower, and its lock makes a little later."""

    landing: int = 1

    def change(self, trip: Trip, features: Features, dice: np.random.Generator) -> None:  # noqa: ARG002 -- the Protocol's
        """See `Befalling.change`."""
        if self.over(trip) and trip.floor == self.landing:
            features["door_close_time_s"] *= 1.1
            features["door_motor_current_a"] *= 1.1
            features["door_energy_j"] *= 1.2
            features["door_lock_delay_ms"] *= 1.1

    def label(self, asset: str) -> Label:
        """See `Befalling.label`."""
        return self.truth(asset, "elevator.door", "a sill is dirty for a day")


@dataclass(frozen=True, slots=True)
class HeavyLanding(Passing):
    """A landing with a heavy door, as a fire compartment's is: all of its door's figures are high, and stay so."""

    landing: int = 2

    def change(self, trip: Trip, features: Features, dice: np.random.Generator) -> None:  # noqa: ARG002 -- the Protocol's
        """See `Befalling.change`."""
        if trip.floor == self.landing:
            features["door_close_time_s"] *= 1.1
            features["door_motor_current_a"] *= 1.3
            features["door_energy_j"] *= 1.6
            features["door_lock_delay_ms"] *= 1.4

    def label(self, asset: str) -> Label:
        """See `Befalling.label`."""
        return self.truth(asset, "elevator.door", "a heavy landing door")


@dataclass(frozen=True, slots=True)
class Readjusted(Passing):
    """Maintenance sets the door drive for a faster close, and the contact's filter longer; both stay so."""

    def change(self, trip: Trip, features: Features, dice: np.random.Generator) -> None:  # noqa: ARG002 -- the Protocol's
        """See `Befalling.change`."""
        if trip.at_us >= self.start_us:
            features["door_close_time_s"] *= 0.94
            features["door_energy_j"] *= 1.3
            features["door_lock_delay_ms"] *= 1.5

    def label(self, asset: str) -> Label:
        """See `Befalling.label`."""
        return self.truth(asset, "elevator.door", "maintenance sets the door drive and the contact's filter")


@dataclass(frozen=True, slots=True)
class ColdGuides(Passing):
    """A cold spell: grease on guides and sills is stiff; motors draw more, doors close a little slower."""

    def change(self, trip: Trip, features: Features, dice: np.random.Generator) -> None:  # noqa: ARG002 -- the Protocol's
        """See `Befalling.change`."""
        if self.over(trip):
            cold = float(np.sin(np.pi * (trip.at_us - self.start_us) / (self.end_us - self.start_us)))
            features["motor_current_a"] *= 1.0 + 0.07 * cold
            features["door_close_time_s"] *= 1.0 + 0.06 * cold
            features["door_energy_j"] *= 1.0 + 0.12 * cold
            features["door_lock_delay_ms"] *= 1.0 + 0.05 * cold
            features["brake_release_time_ms"] *= 1.0 + 0.06 * cold
            features["ride_horizontal_a95_m_s2"] *= 1.0 + 0.15 * cold

    def label(self, asset: str) -> Label:
        """See `Befalling.label`."""
        return self.truth(asset, "elevator.brake", "a cold spell")


@dataclass(frozen=True, slots=True)
class Remeasured(Passing):
    """A rope measured by somebody else, at another place, for a day: half a per cent to one and a half thinner."""

    percent: float = 1.0

    def change(self, trip: Trip, features: Features, dice: np.random.Generator) -> None:  # noqa: ARG002 -- the Protocol's
        """See `Befalling.change`."""
        if self.over(trip) and "rope_diameter_mm" in features:
            features["rope_diameter_mm"] -= ROPE_NOMINAL_MM * self.percent / 100.0

    def label(self, asset: str) -> Label:
        """See `Befalling.label`."""
        return self.truth(asset, "elevator.rope_wear", "a rope measured at another place")


@dataclass(frozen=True, slots=True)
class AgedRope(Passing):
    """A rope with broken wires in every lay, fewer than those at which it is watched (DOMAIN 2.2: 12 and 6)."""

    def change(self, trip: Trip, features: Features, dice: np.random.Generator) -> None:
        """See `Befalling.change`."""
        if self.over(trip) and "rope_tension_spread_percent" in features:
            features["broken_wires_spread_count"] = float(dice.integers(8, 12))
            features["broken_wires_strand_count"] = float(dice.integers(3, 6))

    def label(self, asset: str) -> Label:
        """See `Befalling.label`."""
        return self.truth(asset, "elevator.rope_wear", "an aged rope")
