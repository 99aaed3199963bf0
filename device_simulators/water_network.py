"""Water network: a community's own pipes, branched, with pressure loggers, an inflow meter and a tank."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge

import numpy as np

from device_simulators.calendar import HOUR_US, MINUTE_US, Values, autoregressive, day_of, local_days, stream
from device_simulators.demand import demand, supply_wander_kpa
from device_simulators.hydraulics import friction_pa, orifice_flow_m3_s
from device_simulators.message import Message
from device_simulators.network_faults import Draw, Drift, NetworkLeak
from ingest.formats.precomplaint import Sample, encode_telemetry
from ingest.topics import telemetry_topic

SAMPLE_MINUTES = 15
SAMPLES_A_MESSAGE = 4
SOURCE = "inlet"

_PER_HOUR = 3_600.0
_SUPPLY_KPA = 420.0  # under the 450 kPa of a zone (GB 50015, DOMAIN 1.2)
_DROOP_KPA_H_M3 = 0.35  # of the utility's pipe before the meter; chosen so that a rush costs 15 kPa
_LOGGER_KPA = 0.3  # scatter of one sample, as of L-Town's loggers (0.03 m)
_TANK_AREA_M2 = 200.0


@dataclass(frozen=True, slots=True)
class Branch:
    """A pipe from a node nearer to the source, and what is drawn at its end.

    Attributes:
        upstream: The node it comes from.
        length_m: How long it is.
        diameter_m: Inner.
        mean_flow_m3_h: What the buildings at its end draw on average.
    """

    upstream: str
    length_m: float
    diameter_m: float
    mean_flow_m3_h: float


BRANCHES: Mapping[str, Branch] = {
    "gate": Branch(SOURCE, 80.0, 0.160, 3.0),
    "north": Branch("gate", 160.0, 0.130, 6.0),
    "north_end": Branch("north", 140.0, 0.100, 5.0),
    "east": Branch("gate", 150.0, 0.130, 6.0),
    "east_end": Branch("east", 130.0, 0.100, 5.0),
    "garden": Branch("east", 120.0, 0.090, 3.0),
}
"""Nodes with a logger, each after its upstream one; sizes chosen within what housing estates lay (PE 90 to 160)."""

_TANK = Draw("gate", -(2**62), 2**62, 12.0, "the tank is filled at night", hours=(1.0, 4.0))


@dataclass(frozen=True, slots=True)
class WaterNetwork:
    """One network; its devices are `{asset}-{node}`, `{asset}-inflow` and `{asset}-tank`.

    Attributes:
        site: The site's id.
        asset: The network's id.
        seed: Of its dice.
        leaks: What happens to it.
        draws: What is drawn besides; the tank is filled every night.
        drifts: Whose loggers go wrong.
    """

    site: str
    asset: str
    seed: int
    leaks: Sequence[NetworkLeak] = ()
    draws: Sequence[Draw] = ()
    drifts: Sequence[Drift] = ()

    def devices(self) -> tuple[str, ...]:
        """Their ids, loggers first."""
        return tuple(f"{self.asset}-{part}" for part in (*BRANCHES, "inflow", "tank"))

    def messages(self, start_us: int, end_us: int) -> Iterator[Message]:
        """What all devices publish in [start_us, end_us), ascending by time: four samples an hour in one message."""
        for midnight_us in local_days(start_us, end_us):
            day = self.day(midnight_us)
            times = self._times(midnight_us)
            spoken = merge(*(self._spoken(part, values, times) for part, values in day.items()), key=lambda m: m.at_us)
            yield from (message for message in spoken if start_us <= message.at_us < end_us)

    def day(self, midnight_us: int) -> dict[str, Values]:
        """What each device measures through one local day, by its part of the name, 96 values."""
        at_us = self._times(midnight_us)
        drawn = self._drawn(midnight_us, at_us)
        leaked = {name: np.zeros(len(at_us)) for name in BRANCHES}
        for _ in range(
            3
        ):  # a leak lowers its own pressure by little: the third round changes it by 0.1 % of what it is
            inflow, pressure = self._solved(midnight_us, at_us, {n: drawn[n] + leaked[n] for n in BRANCHES})
            for name in BRANCHES:
                area = sum((leak.area_m2(at_us) for leak in self.leaks if leak.node == name), np.zeros(len(at_us)))
                leaked[name] = orifice_flow_m3_s(area, 1e3 * pressure[name]) * _PER_HOUR
        said = {name: self._logged(name, pressure[name], midnight_us, at_us) for name in BRANCHES}
        noise = stream(self.seed, f"{self.asset}-inflow", day_of(midnight_us)).normal(0.0, 0.15, len(at_us))
        return said | {"inflow": inflow + noise, "tank": self._level_mm(at_us, midnight_us)}

    def _drawn(self, midnight_us: int, at_us: Values) -> dict[str, Values]:
        """By node, what is drawn on purpose, m3/h."""
        hour = (at_us - midnight_us) / HOUR_US
        weather = stream(self.seed, f"{self.asset}-weather", day_of(midnight_us)).normal(0.0, 0.04)
        found: dict[str, Values] = {}
        for name, branch in BRANCHES.items():
            dice = stream(self.seed, f"{self.asset}-{name}-demand", day_of(midnight_us))
            own = np.exp(weather + dice.normal(0.0, 0.03))
            flow = branch.mean_flow_m3_h * own * demand(dice, midnight_us, at_us, spread=0.15)
            for draw in (_TANK, *self.draws):
                if draw.node == name:
                    flow = flow + draw.flow(at_us, hour)
            found[name] = flow
        return found

    def _solved(self, midnight_us: int, at_us: Values, drawn: Mapping[str, Values]) -> tuple[Values, dict[str, Values]]:
        """Inflow in m3/h and each node's pressure in kPa; a pipe of a branched network carries what lies behind it."""
        carried = {name: drawn[name].copy() for name in BRANCHES}
        for name in reversed(list(BRANCHES)):
            upstream = BRANCHES[name].upstream
            if upstream != SOURCE:
                carried[upstream] += carried[name]
        inflow: Values = sum((carried[n] for n, b in BRANCHES.items() if b.upstream == SOURCE), np.zeros(len(at_us)))
        supply = stream(self.seed, f"{self.asset}-supply", day_of(midnight_us))
        pressure = {SOURCE: _SUPPLY_KPA + supply_wander_kpa(supply, at_us) - _DROOP_KPA_H_M3 * inflow}
        for name, branch in BRANCHES.items():
            lost = friction_pa(carried[name] / _PER_HOUR, branch.length_m, branch.diameter_m) / 1e3
            pressure[name] = pressure[branch.upstream] - lost
        return inflow, pressure

    def _logged(self, name: str, pressure: Values, midnight_us: int, at_us: Values) -> Values:
        dice = stream(self.seed, f"{self.asset}-{name}", day_of(midnight_us))
        drift = sum((d.offset_kpa(at_us) for d in self.drifts if d.node == name), np.zeros(len(at_us)))
        read: Values = pressure + drift + dice.normal(0.0, _LOGGER_KPA, len(at_us))
        return read

    def _level_mm(self, at_us: Values, midnight_us: int) -> Values:
        """A tank that is filled at night and drawn down by day, by as much on average."""
        hour = (at_us - midnight_us) / HOUR_US
        first, last = _TANK.hours
        rise = 1e3 * _TANK.flow_m3_h * (last - first) / _TANK_AREA_M2
        filled = rise * np.clip((hour - first) / (last - first), 0.0, 1.0)
        used = rise * (hour - last).clip(0.0) / (24.0 - last + first) + rise * np.minimum(hour, first) / (
            24.0 - last + first
        )
        dice = stream(self.seed, f"{self.asset}-tank", day_of(midnight_us))
        level: Values = 2_000.0 + filled - used + autoregressive(dice, len(at_us), 0.5, 2.0)
        return level

    def _spoken(self, part: str, values: Values, times: Values) -> Iterator[Message]:
        device = f"{self.asset}-{part}"
        metric = {"inflow": "flow_m3_h", "tank": "water_level_mm"}.get(part, "pressure_kpa")
        topic = telemetry_topic(self.site, device)
        samples = [Sample(int(at), {metric: v}) for at, v in zip(times.tolist(), values.round(2).tolist(), strict=True)]
        for n in range(0, len(samples), SAMPLES_A_MESSAGE):
            gathered = samples[n : n + SAMPLES_A_MESSAGE]
            yield Message(topic, encode_telemetry(device, gathered), gathered[-1].at_us)

    def _times(self, midnight_us: int) -> Values:
        times: Values = midnight_us + np.arange(0, 24 * 60, SAMPLE_MINUTES, dtype=np.float64) * MINUTE_US
        return times
