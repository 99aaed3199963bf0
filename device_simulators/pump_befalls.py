"""Pump befalls: what may befall a pump or a sump at some time of a span, fault or look-alike, mild to gross."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US, SECOND_US, local_midnight
from device_simulators.faults import BearingWear
from device_simulators.labels import Truth
from device_simulators.pump_model import PumpModel
from device_simulators.pump_troubles import (
    AirlessVessel,
    Innocent,
    LostPrime,
    Overheating,
    PumpTrouble,
    StrainerClog,
    WeakPhase,
    WornRings,
)
from device_simulators.sump_troubles import Inflow, SumpTrouble, WeakSumpPump, Wet

_MOST_DAYS = 40.0  # from a trouble's onset until it is put right, at most


@dataclass(frozen=True, slots=True)
class Span:
    """The dice and the time within which things happen to an asset."""

    dice: np.random.Generator
    start_us: int
    end_us: int

    def onset_us(self) -> int:
        """Some time after a third of the span, or 40 days, and early enough to be put right."""
        learnt_us = min(40 * DAY_US, (self.end_us - self.start_us) // 3)
        latest_us = max(self.start_us + learnt_us + DAY_US, self.end_us - round(_MOST_DAYS * DAY_US))
        return round(self.dice.uniform(self.start_us + learnt_us, latest_us))

    def by_day_us(self) -> int:
        """The same, between seven in the morning and ten at night."""
        return local_midnight(self.onset_us()) + round(self.dice.uniform(7.0, 22.0) * HOUR_US)

    def days(self, least: float, most: float) -> int:
        """Some days, in microseconds."""
        return round(self.dice.uniform(least, most) * DAY_US)

    def minutes(self, least: float, most: float) -> int:
        """Some minutes, in microseconds."""
        return round(self.dice.uniform(least, most) * MINUTE_US)


def wear(span: Span, model: PumpModel) -> BearingWear:
    """Ten to forty days from a first 5 % to zone C; a third stays mild, the rest is renewed days after zone D."""
    onset_us, machine = span.onset_us(), model.machine
    bounds = (0.1, 0.35) if span.dice.random() < 1 / 3 else (0.55, 1.0)
    worn = BearingWear(onset_us, onset_us + span.days(10, 40), 0, float(span.dice.uniform(*bounds)), machine)
    failed_us = worn.zone_d_us
    repaired_us = onset_us + span.days(50, 70) if failed_us is None else failed_us + span.days(1, 4)
    return replace(worn, repaired_us=repaired_us)


def hot_bearing(span: Span, model: PumpModel) -> Overheating:  # noqa: ARG001 -- every trouble is made alike
    """No grease: over the alarm within a day or two."""
    onset_us = span.onset_us()
    return Overheating(onset_us, onset_us + span.days(2, 6), float(span.dice.uniform(55.0, 80.0)))


def _hot_winding(span: Span, model: PumpModel) -> Overheating:  # noqa: ARG001 -- as above
    onset_us = span.onset_us()
    return Overheating(onset_us, onset_us + span.days(2, 6), float(span.dice.uniform(45.0, 70.0)), bearing=False)


def clog(span: Span, model: PumpModel) -> StrainerClog:
    """Bad enough in the end to take what is left of the suction head at four fifths of full flow, and more."""
    onset_us = span.onset_us()
    clogged_us = onset_us + span.days(4, 15)
    severity = float(span.dice.uniform(0.0, 1.0))
    to_lose = model.supply_kpa + 9.81 * (10.1 - model.npsh_required_m)
    loss_kpa = (1.1 + 1.5 * severity) * to_lose / 0.8**2
    return StrainerClog(onset_us, clogged_us, clogged_us + span.days(3, 8), loss_kpa, severity)


def _lost_prime(span: Span, model: PumpModel) -> LostPrime:  # noqa: ARG001 -- as above
    at_us = span.by_day_us()
    return LostPrime(at_us, at_us + span.minutes(10, 180), float(span.dice.uniform(-5.0, 8.0)))


def _airless(span: Span, model: PumpModel) -> AirlessVessel:  # noqa: ARG001 -- as above
    onset_us = span.onset_us()
    return AirlessVessel(onset_us, onset_us + span.days(8, 25), float(span.dice.uniform(11.0, 60.0)))


def _weak_phase(span: Span, model: PumpModel) -> WeakPhase:  # noqa: ARG001 -- as above
    onset_us = span.onset_us()
    worst_us = onset_us + span.days(0.5, 10)
    return WeakPhase(onset_us, worst_us, worst_us + span.days(2, 8), float(span.dice.uniform(0.09, 0.95)))


def _worn_rings(span: Span, model: PumpModel) -> WornRings:  # noqa: ARG001 -- as above
    onset_us = span.onset_us()
    worn_us = onset_us + span.days(3, 20)
    return WornRings(onset_us, worn_us, worn_us + span.days(8, 15), float(span.dice.uniform(0.1, 0.4)))


def _strainer_changed(span: Span, model: PumpModel) -> Innocent:
    at_us = span.by_day_us()
    shift_kpa, note = -(model.supply_kpa + 70.0), "the strainer is changed"
    until_us = at_us + span.minutes(3, 8)
    return Innocent("pump.cavitation", at_us, until_us, note, suction_shift_kpa=shift_kpa, watched=True)


def _changed_over(span: Span, model: PumpModel) -> Innocent:  # noqa: ARG001 -- as above
    at_us = span.onset_us()
    return Innocent("pump.bearing", at_us, at_us + span.days(1, 8), "the standby pump has its turn", off=True)


def _tank_low(span: Span, model: PumpModel) -> Innocent:
    at_us = local_midnight(span.onset_us()) + 10 * HOUR_US
    shift_kpa = float(span.dice.uniform(12.0, 18.0)) - model.supply_kpa
    return Innocent("pump.dry_run", at_us, at_us + span.minutes(60, 240), "a low tank", suction_shift_kpa=shift_kpa)


def _power_dips(span: Span, model: PumpModel) -> Innocent:  # noqa: ARG001 -- as above
    at_us = span.by_day_us()
    until_us = at_us + span.minutes(1, 5)
    return Innocent("pump.cycling", at_us, until_us, "a power dip", off=True, extra_starts=3, watched=True)


def _test_run(span: Span, model: PumpModel) -> Innocent:  # noqa: ARG001 -- as above
    at_us = span.by_day_us()
    starts = int(span.dice.integers(5, 10))
    return Innocent("pump.cycling", at_us, at_us + span.minutes(20, 40), "a test run", extra_starts=starts)


def _phase_dips(span: Span, model: PumpModel) -> Innocent:  # noqa: ARG001 -- as above
    at_us = span.by_day_us()
    note, until_us = "one phase of the supply dips", at_us + span.minutes(1, 5)
    return Innocent("pump.motor", at_us, until_us, note, weak_phase=0.4, watched=True)


def _aligned(span: Span, model: PumpModel) -> Innocent:  # noqa: ARG001 -- as above
    at_us = span.onset_us()
    return Innocent("pump.bearing", at_us, span.end_us, "aligned anew", shake=float(span.dice.uniform(0.75, 0.95)))


def rain(span: Span) -> Inflow:
    """A shower or two days of it; the sump copes."""
    at_us = span.by_day_us()
    return Inflow(at_us, at_us + span.minutes(60, 2_000), float(span.dice.uniform(2.0, 60.0)))


def splash(span: Span) -> Wet:
    """Somebody mops the pit."""
    at_us = span.by_day_us()
    return Wet(at_us, at_us + round(span.dice.uniform(2.0, 9.0) * SECOND_US))


def _sump_dead(span: Span) -> SumpTrouble:
    onset_us = span.onset_us()
    return WeakSumpPump(onset_us, onset_us + span.days(0.3, 2), 0.0)


def _sump_worn(span: Span) -> SumpTrouble:
    onset_us = span.onset_us()
    return WeakSumpPump(onset_us, onset_us + span.days(10, 25), float(span.dice.uniform(0.3, 0.6)))


def _runs_back(span: Span) -> SumpTrouble:
    onset_us, mm_min = span.onset_us(), float(span.dice.uniform(180.0, 600.0))
    note = "a check valve that lets its water back"
    return Inflow(onset_us, onset_us + span.days(3, 15), mm_min, while_stopped=True, truth=Truth.FAULT, note=note)


def _burst_in(span: Span) -> SumpTrouble:
    at_us, mm_min = span.by_day_us(), float(span.dice.uniform(140.0, 600.0))
    return Inflow(at_us, at_us + span.minutes(40, 400), mm_min, truth=Truth.FAULT, note="more than it can pump")


def _pit_wet(span: Span) -> SumpTrouble:
    at_us = span.by_day_us()
    return Wet(at_us, at_us + span.minutes(1, 600), pit=True)


def _floor_wet(span: Span) -> SumpTrouble:
    at_us = span.by_day_us()
    return Wet(at_us, at_us + span.minutes(1, 600), pit=False)


FAULTS: tuple[Callable[[Span, PumpModel], BearingWear | PumpTrouble], ...] = (
    wear,
    clog,
    _lost_prime,
    _airless,
    _weak_phase,
    hot_bearing,
    _hot_winding,
    _worn_rings,
)
"""A fault each, in the order in which they go round."""
INNOCENTS: tuple[Callable[[Span, PumpModel], Innocent], ...] = (
    _strainer_changed,
    _changed_over,
    _tank_low,
    _power_dips,
    _test_run,
    _phase_dips,
    _aligned,
)
SUMP_FAULTS: tuple[Callable[[Span], SumpTrouble], ...] = (
    _sump_dead,
    _sump_worn,
    _runs_back,
    _burst_in,
    _pit_wet,
    _floor_wet,
)
"""A fault of a sump, a pit or a floor each."""
