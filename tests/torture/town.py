"""Town: several small communities under one service, each with a publisher of its own, and what goes wrong in them."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter

from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US, local_midnight, stream
from device_simulators.camera import Camera
from device_simulators.elevator import Elevator
from device_simulators.incidents import Entrapment
from device_simulators.message import Message
from device_simulators.pump import Pump
from device_simulators.riser import Riser
from device_simulators.visits import FIRE_LANE, NO_PARKING, Visit
from tests.torture.foreign import SOURCES, WIRES

START_US = local_midnight(1_764_000_000_000_000) + 7 * HOUR_US
_DAYS = 30
"""Incidents are laid out so far ahead; nobody takes that long."""
_TRIPS_A_DAY = 300.0  # three times what one elevator does, so that messages are close together
ANNEX = "annex"
"""A site whose devices nobody knows at the beginning."""
ANNEX_ASSET = "annex-b1"
NEWCOMERS = ("newcomer-1", "newcomer-2", "newcomer-3")
"""Devices of the annex that publish from the beginning, and are approved one after the other."""

_SITE = '[[site]]\nid = "{site}"\nname_zh = "{site}"\nname_en = "{site}"\n'
_ASSET = (
    '[[asset]]\nid = "{asset}"\nsite = "{site}"\nclass = "{kind}"\nplace_zh = "{asset}"\nplace_en = "{asset}"\n{more}'
)
_DEVICE = '[[device]]\nid = "{device}"\nsite = "{site}"\nassets = [{assets}]\n{more}'
_CAR = 'limits = { rated_speed_m_s = 1.75, floors = 18, fault_code_table = "vendor" }\n'


@dataclass(frozen=True, slots=True)
class Community:
    """Two busy elevators, a riser, a pump and a gate camera; something happens every two hours or so.

    Attributes:
        site: Its id; every id in it begins with it.
        seed: Of its dice.
    """

    site: str
    seed: int

    @property
    def elevators(self) -> tuple[str, str]:
        """The ids of its elevators."""
        return f"{self.site}-e1", f"{self.site}-e2"

    @property
    def vibration(self) -> str:
        """The device on its riser that nothing depends on at once."""
        return f"{self.site}-riser-vibration"

    def messages(self) -> Iterator[Message]:
        """What all its devices publish, ascending by `at_us`."""
        between, site = (START_US, START_US + _DAYS * DAY_US), self.site
        streams = [
            Elevator(site, asset, self.seed, trips_a_day=_TRIPS_A_DAY, incidents=self._entrapments(asset)).messages(
                *between
            )
            for asset in self.elevators
        ]
        riser = Riser(site, f"{site}-riser", self.seed, phase_s=7)
        pump = Pump(site, f"{site}-pump", self.seed, phase_s=11)
        wire = partial(WIRES[self.seed % len(WIRES)], site)
        streams += [map(wire, riser.pressure_messages(*between)), map(wire, pump.messages(*between))]
        streams += [riser.vibration_messages(*between)]
        streams += [Camera(f"{site}-gate", self.seed, self._visits()).messages(*between)]
        return heapq.merge(*streams, key=attrgetter("at_us"))

    def registry(self) -> Iterator[str]:
        """Its sites, assets and devices as tables of the registry file."""
        site = self.site
        yield _SITE.format(site=site)
        assets = [(asset, "elevator", _CAR) for asset in self.elevators]
        assets += [(f"{site}-riser", "riser", "limits = { rated_pressure_kpa = 1000.0 }\n")]
        assets += [(f"{site}-pump", "pump", "limits = { power_kw = 7.5, rated_speed_rpm = 2900.0 }\n")]
        for name, zone, kind in (("kerb", NO_PARKING, "no_parking"), ("lane", FIRE_LANE, "fire_lane")):
            limits = f'limits = {{ zone = "{zone}", zone_kind = "{kind}" }}\n'
            assets.append((f"{site}-{name}", "parking_zone", limits))
        for asset, kind, more in assets:
            yield _ASSET.format(asset=asset, site=site, kind=kind, more=more)
        devices = [(f"{asset}-gateway", asset, "") for asset in self.elevators]
        devices += [(f"{site}-riser-pressure", f"{site}-riser", "reports_every_s = 900\n")]
        devices += [(self.vibration, f"{site}-riser", ""), (f"{site}-pump-monitor", f"{site}-pump", "")]
        for device, asset, more in devices:
            yield _DEVICE.format(device=device, site=site, assets=f'"{asset}"', more=more)
        yield _DEVICE.format(device=f"{site}-gate", site=site, assets=f'"{site}-kerb", "{site}-lane"', more="")

    def _entrapments(self, asset: str) -> list[Entrapment]:
        dice = stream(self.seed, f"{asset}-entrapments")
        found, at_us = [], START_US + round(dice.uniform(20, 60) * MINUTE_US)
        while at_us < START_US + _DAYS * DAY_US:
            silent, level = bool(dice.random() < 0.3), bool(dice.random() < 0.3)
            found.append(Entrapment(at_us, float(dice.uniform(600, 1_200)), silent=silent, level=level))
            at_us += round(dice.uniform(90, 240) * MINUTE_US)
        return found

    def _visits(self) -> list[Visit]:
        dice = stream(self.seed, f"{self.site}-visits")
        found, at_us = [], START_US + round(dice.uniform(5, 60) * MINUTE_US)
        while at_us < START_US + _DAYS * DAY_US:
            zone = FIRE_LANE if dice.random() < 0.5 else NO_PARKING
            plate, paint = f"浙A{dice.integers(10_000, 100_000)}", int(dice.integers(0, 6))
            found.append(Visit(plate, at_us, float(dice.uniform(360, 700)), zone, paint=paint))
            at_us += round(dice.uniform(180, 420) * MINUTE_US)
        return found


def registry_text(communities: list[Community], newcomers: Sequence[str] = ()) -> str:
    """The registry file of a town.

    Args:
        communities: Everything in them is known.
        newcomers: Those of the annex's devices that are known too.
    """
    annex = [_SITE.format(site=ANNEX), _ASSET.format(asset=ANNEX_ASSET, site=ANNEX, kind="building", more="")]
    annex += [_DEVICE.format(device=name, site=ANNEX, assets=f'"{ANNEX_ASSET}"', more="") for name in newcomers]
    return "\n".join((SOURCES, *annex, *(table for community in communities for table in community.registry())))
