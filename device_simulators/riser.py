"""Riser: a water pipe through a building with a pressure logger and a vibration logger on it."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from device_simulators.calendar import (
    DAY_US,
    MINUTE_US,
    SECOND_US,
    Values,
    autoregressive,
    day_of,
    local_days,
    stream,
)
from device_simulators.demand import demand, supply_wander_kpa
from device_simulators.faults import RUPTURE_HOLE_M, Crack, Disturbance, Leak
from device_simulators.hydraulics import (
    circle_area_m2,
    friction_pa,
    leaking_pressure_pa,
    orifice_flow_m3_s,
    rupture_pressure_pa,
)
from device_simulators.message import Message
from device_simulators.sound import median_hz
from ingest.formats.precomplaint import Sample, encode_telemetry
from ingest.topics import telemetry_topic

GATHERED_SAMPLES = 15
VIBRATION_EVERY_MINUTES = 15
_EDGE_KPA = 50.0  # a logger records what moves more (DOMAIN 1.1, sudden burst)
RECORD_AFTER_S = 125  # and then keeps each second around it for one message, as transient loggers do
_BEFORE_S = 10
_EDGE_SECONDS = np.arange(-_BEFORE_S, RECORD_AFTER_S + 1)
_PER_HOUR = 3_600.0


@dataclass(frozen=True, slots=True)
class Pipe:
    """What a riser is made of.

    Attributes:
        set_kpa: What its pressure-reducing valve holds; under the 450 kPa of a zone (GB 50015, DOMAIN 1.2).
        mean_flow_m3_h: What its flats draw on average.
        droop_kpa_h_m3: Fall of the valve's outlet for each m3/h drawn; chosen within what small valves are sold with.
        length_m: From valve to logger.
        diameter_m: Inner; DN65.
        wave_speed: Of pressure in it, m/s; galvanised steel between DN50 and DN100 (DOMAIN 1.2).
        quiet_um_s2: Vibration RMS with nothing flowing.
    """

    set_kpa: float = 350.0
    mean_flow_m3_h: float = 0.55
    droop_kpa_h_m3: float = 12.0
    length_m: float = 60.0
    diameter_m: float = 0.068
    wave_speed: float = 1_350.0
    quiet_um_s2: float = 400.0


_FLOW_NOISE_UM_S2 = 450.0  # at 1 m3/h; chosen so that the morning peak is about twice as loud as the night
_FLOW_HZ = 250.0  # chosen by: where DOMAIN 1.1 has a leak in metal, 0.5 to 3 kHz, little of a sound pipe is heard
_LEAK_HZ = 1_200.0
_MEDIAN_SCATTER = 0.08  # of a ten-second record, chosen by: as much as its RMS
_LEAK_NOISE_UM_S2 = 240.0  # for each square root of a watt of the jet; chosen so that 6 mm are about 8 times the quiet


@dataclass(frozen=True, slots=True)
class Riser:
    """One riser and its two loggers.

    Attributes:
        site: The site's id.
        asset: The riser's id; its devices are `{asset}-pressure` and `{asset}-vibration`.
        seed: Of its dice; risers of one community share the seed, and so the supply.
        phase_s: Seconds after the full minute at which it measures, so that loggers do not all speak at once.
        pipe: What it is made of.
        cracks: What happens to it, and ends in a tear.
        leaks: What happens to it, and ends in a repair.
        disturbances: What happens around it.
        metered: Whether its pressure logger has a flow meter at the foot of the riser.
        every_minutes: How often the pressure logger measures, but for the seconds around an edge.
        gathers_minutes: For how long both loggers gather what they measure into a message.
    """

    site: str
    asset: str
    seed: int
    phase_s: int
    pipe: Pipe = field(default_factory=Pipe)
    cracks: Sequence[Crack] = ()
    leaks: Sequence[Leak] = ()
    disturbances: Sequence[Disturbance] = ()
    metered: bool = False
    every_minutes: int = 1
    gathers_minutes: int = GATHERED_SAMPLES

    def pressure_messages(self, start_us: int, end_us: int) -> Iterator[Message]:
        """The pressure logger: a sample a minute, fifteen a message; an edge and its seconds in one of its own."""
        device = f"{self.asset}-pressure"
        topic = telemetry_topic(self.site, device)
        gathered: list[Sample] = []
        record_us, before = 0, math.nan
        for sample in self._samples(start_us, end_us):
            at_us, value = sample.at_us, sample.values["pressure_kpa"]
            if not record_us and abs(value - before) >= _EDGE_KPA:
                record_us = at_us + RECORD_AFTER_S * SECOND_US
                kept = [s for s in gathered if s.at_us >= at_us - _BEFORE_S * SECOND_US]
                if len(kept) < len(gathered):
                    yield Message(topic, encode_telemetry(device, gathered[: len(gathered) - len(kept)]), at_us)
                gathered = kept
            gathered.append(sample)
            if at_us >= record_us if record_us else len(gathered) >= max(1, self.gathers_minutes // self.every_minutes):
                yield Message(topic, encode_telemetry(device, gathered), at_us)
                gathered, record_us = [], 0
            before = value

    def _samples(self, start_us: int, end_us: int) -> Iterator[Sample]:
        """What the pressure logger measures, ascending."""
        for midnight_us in local_days(start_us, end_us):
            times, pressure = self.pressure_kpa(midnight_us)
            minute = (times - midnight_us - self.phase_s * SECOND_US) / MINUTE_US
            said = {"pressure_kpa": pressure.round(2).tolist()}
            if self.metered:
                said["flow_m3_h"] = self.flow_m3_h(midnight_us, times, pressure).round(3).tolist()
            measured = (minute % self.every_minutes == 0) | (minute % 1 > 0)
            for now, at_us, *values in zip(measured.tolist(), times.tolist(), *said.values(), strict=True):
                if now and start_us <= at_us < end_us:
                    yield Sample(int(at_us), dict(zip(said, values, strict=True)))

    def vibration_messages(self, start_us: int, end_us: int) -> Iterator[Message]:
        """The vibration logger: RMS and median frequency of a ten-second record every quarter of an hour."""
        device = f"{self.asset}-vibration"
        topic = telemetry_topic(self.site, device)
        gathered: list[Sample] = []
        for midnight_us in local_days(start_us, end_us):
            times, vibration, median = self.sound(midnight_us)
            records = zip(times.tolist(), vibration.round(1).tolist(), median.round().tolist(), strict=True)
            for at_us, um_s2, hz in records:
                if not start_us <= at_us < end_us:
                    continue
                said = {"pipe_vibration_um_s2": um_s2, "pipe_vibration_median_hz": hz}
                gathered.append(Sample(int(at_us), said))
                if len(gathered) >= max(1, self.gathers_minutes // VIBRATION_EVERY_MINUTES):
                    yield Message(topic, encode_telemetry(device, gathered), int(at_us))
                    gathered = []

    def pressure_kpa(self, midnight_us: int) -> tuple[Values, Values]:
        """Pressure through one local day, in kPa: times and values, ascending, a minute apart and closer on edges."""
        minutes = self._minutes(midnight_us)
        _, unloaded, area = self._state(midnight_us, minutes)
        pressure = leaking_pressure_pa(unloaded, area, self._droop) / 1e3
        pressure += stream(self.seed, f"{self.asset}-pressure", day_of(midnight_us)).normal(0.0, 0.3, len(minutes))
        extra = self._edge_times(midnight_us)
        if not len(extra):
            return minutes, pressure
        at_us = np.union1d(minutes, extra)
        unloaded = np.interp(at_us, minutes, unloaded)
        # Interpolation would smear the steps that the extra samples are there to show.
        unloaded += 1e3 * (self._dips(at_us) - np.interp(at_us, minutes, self._dips(minutes)))
        edged = leaking_pressure_pa(unloaded, self._area(at_us), self._droop)
        for crack in self.cracks:
            torn = np.flatnonzero((at_us >= crack.burst_us) & (at_us < crack.burst_us + SECOND_US))
            hole, pipe = circle_area_m2(RUPTURE_HOLE_M), circle_area_m2(self.pipe.diameter_m)
            for index in torn:
                edged[index] = rupture_pressure_pa(unloaded[index], hole, pipe, self.pipe.wave_speed)
        dice = stream(self.seed, f"{self.asset}-edge", day_of(midnight_us))
        return at_us, edged / 1e3 + dice.normal(0.0, 0.3, len(at_us))

    def flow_m3_h(self, midnight_us: int, at_us: Values, pressure_kpa: Values) -> Values:
        """What the meter at the riser's foot shows: what is drawn and what leaks, in m3/h.

        Args:
            midnight_us: The local day's.
            at_us: Times within that day, ascending, shape (n,).
            pressure_kpa: At those times, shape (n,).
        """
        minutes = self._minutes(midnight_us)
        drawn, _, _ = self._state(midnight_us, minutes)
        lost = orifice_flow_m3_s(self._area(at_us), np.maximum(pressure_kpa, 0.0) * 1e3)
        flows = np.interp(at_us, minutes, drawn)
        for other in self.disturbances:
            flows = flows * (1.0 - other.over(at_us) * other.shuts)  # a closed valve is not closed by the minute
        dice = stream(self.seed, f"{self.asset}-flow", day_of(midnight_us))
        # A meter of class 2 (ISO 4064) is right to 2 %.
        flow: Values = (flows + lost) * _PER_HOUR * dice.normal(1.0, 0.01, len(at_us))
        return flow

    def sound(self, midnight_us: int) -> tuple[Values, Values, Values]:
        """What the pipe sounds like through one local day, every quarter of an hour: times, RMS in um/s2, median in Hz.

        A leak's noise grows with the power of its jet, dP Q, so its RMS with the root of it.
        """
        minutes = self._minutes(midnight_us)
        flow, unloaded, area = self._state(midnight_us, minutes)
        pick = np.arange(self.phase_s % VIBRATION_EVERY_MINUTES, len(minutes), VIBRATION_EVERY_MINUTES)
        at_us, flow, area = minutes[pick], flow[pick], area[pick]
        pressure = leaking_pressure_pa(unloaded[pick], area, self._droop)
        jet_w = pressure * orifice_flow_m3_s(area, pressure)
        dice = stream(self.seed, f"{self.asset}-vibration", day_of(midnight_us))
        drawn = self.pipe.quiet_um_s2**2 + (_FLOW_NOISE_UM_S2 * flow * _PER_HOUR) ** 2
        sources = [(_FLOW_HZ, drawn), (_LEAK_HZ, _LEAK_NOISE_UM_S2**2 * jet_w)]
        sources += [(other.median_hz, other.over(at_us) * other.vibration_um_s2**2) for other in self.disturbances]
        scatter = dice.normal(0.0, 0.07, len(at_us)) + dice.normal(0.0, 0.03)
        median = median_hz(sources) * np.exp(dice.normal(0.0, _MEDIAN_SCATTER, len(at_us)))
        return at_us, np.sqrt(_sum(at_us, (power for _, power in sources))) * np.exp(scatter), median

    @property
    def _droop(self) -> float:
        return self.pipe.droop_kpa_h_m3 * 1e3 * _PER_HOUR

    def _minutes(self, midnight_us: int) -> Values:
        return midnight_us + self.phase_s * SECOND_US + np.arange(24 * 60, dtype=np.float64) * MINUTE_US

    def _state(self, midnight_us: int, at_us: Values) -> tuple[Values, Values, Values]:
        """Flow drawn in m3/s, pressure in Pa were there no leak, and leaking area in m2, each of shape (n,)."""
        dice = stream(self.seed, self.asset, day_of(midnight_us))
        drawn = self.pipe.mean_flow_m3_h * demand(dice, midnight_us, at_us)
        for other in self.disturbances:
            drawn = (drawn + other.over(at_us) * other.flow_m3_h) * (1.0 - other.over(at_us) * other.shuts)
        flow = drawn / _PER_HOUR
        supply = self.pipe.set_kpa + supply_wander_kpa(stream(self.seed, "supply", day_of(midnight_us)), at_us)
        supply = supply + self._dips(at_us) + autoregressive(dice, len(at_us), 0.9, 0.6)
        lost = flow * self._droop + friction_pa(flow, self.pipe.length_m, self.pipe.diameter_m)
        return flow, np.maximum(supply * 1e3 - lost, 1e3), self._area(at_us)

    def _area(self, at_us: Values) -> Values:
        torn = _sum(at_us, (crack.area_m2(at_us) for crack in self.cracks))
        return torn + _sum(at_us, (leak.area_m2(at_us) for leak in self.leaks))

    def _dips(self, at_us: Values) -> Values:
        return _sum(at_us, (other.swing_kpa(at_us) for other in self.disturbances))

    def _edge_times(self, midnight_us: int) -> Values:
        sharp = [d for d in self.disturbances if max(abs(d.pressure_kpa), d.warms_kpa) >= _EDGE_KPA]
        edges = [crack.burst_us for crack in self.cracks]
        edges += [edge for one in sharp for edge in one.edges_us(midnight_us - DAY_US, midnight_us + 2 * DAY_US)]
        first = midnight_us + self.phase_s * SECOND_US
        times = np.array([edge + second * SECOND_US for edge in edges for second in _EDGE_SECONDS], dtype=np.float64)
        # Kept inside the day's own minutes, so that a day's last sample comes before the next day's first.
        return times[(times >= first) & (times < first + 24 * 60 * MINUTE_US - MINUTE_US)]


def _sum(at_us: Values, parts: Iterable[Values]) -> Values:
    total = np.zeros_like(at_us)
    for part in parts:
        total += part
    return total
