"""Elevators fleet: elevators whose gateways measure one trip in ten, with a year of wear, incidents and look-alikes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US, SECOND_US, day_of, local_days, stream
from device_simulators.elevator import with_preface
from device_simulators.elevator_lookalikes import (
    AgedRope,
    ColdGuides,
    DirtySill,
    HeavyLanding,
    HeavyLoads,
    Readjusted,
    Remeasured,
    Removal,
    SillCleaning,
)
from device_simulators.elevator_machine import ROPE_NOMINAL_MM, Befalling, Machine, Trip
from device_simulators.elevator_speeds import Overspeed, SafetyTest, SpeedSpike
from device_simulators.elevator_stops import RunsEmpty, stormy_day, sudden_stops
from device_simulators.elevator_wear import (
    BrakeWear,
    BrokenWires,
    DoorWear,
    GuideWear,
    LevelShift,
    LockWear,
    RopeThinning,
    UnevenRopes,
)
from device_simulators.fleet import Group
from device_simulators.incidents import BriefStop, Entrapment, HeldDoor, Incident, Inspection, Lingering, ReportedFault
from device_simulators.message import Message
from ingest.formats.precomplaint import Sample, encode_telemetry
from ingest.topics import telemetry_topic

_MEASURED_A_DAY = 30
_EVERY = 10  # of 300 trips a day (DOMAIN 2.4: 200 to 1,000)
_FLOORS = 8
_QUIET_DAYS = 40
_SLOT_DAYS = 65
_BEFORE_US, _AFTER_US = 10 * MINUTE_US, 30 * MINUTE_US
_NORMAL: dict[str, float] = {
    "service_mode": 1,
    "car_running": 0,
    "door_zone": 1,
    "door_closed": 1,
    "person_present": 0,
    "fault_code": 0,
}


@dataclass(frozen=True, slots=True)
class FleetElevator:
    """One elevator: a monitor that sends a message a measured trip, a gateway that tells what happens.

    Attributes:
        site: Its site.
        asset: Its id.
        machine: What is measured.
        incidents: What happens, ascending.
    """

    site: str
    asset: str
    machine: Machine
    incidents: Sequence[Incident]

    def messages(self, start_us: int, end_us: int) -> Iterator[Message]:
        """Ascending; no trip while something happens."""
        waiting = [i for i in self.incidents if start_us + _BEFORE_US <= i.at_us < end_us - DAY_US]
        number = 0
        for midnight_us in local_days(start_us, end_us):
            dice = stream(self.machine.seed, f"{self.asset}-fleet", day_of(midnight_us))
            if midnight_us >= start_us:
                yield self._said("gateway", midnight_us, _NORMAL)
            hours = np.sort(dice.uniform(6.0, 23.0, dice.poisson(_MEASURED_A_DAY)))
            for at_us in (midnight_us + (hours * HOUR_US).astype(np.int64)).tolist():
                while waiting and waiting[0].at_us < at_us:
                    yield from self._incident(waiting.pop(0))
                busy = waiting and waiting[0].at_us - _BEFORE_US < at_us
                number += 1
                if start_us <= at_us < end_us and not busy and not self._happens(at_us):
                    yield self._trip(at_us, number, dice)

    def _happens(self, at_us: int) -> bool:
        return any(
            i.at_us - _BEFORE_US <= at_us < i.at_us + i.duration_s * SECOND_US + _AFTER_US for i in self.incidents
        )

    def _trip(self, at_us: int, number: int, dice: np.random.Generator) -> Message:
        up = bool(dice.random() < 0.5)  # noqa: PLR2004 -- half of them
        floor = int(dice.integers(2, _FLOORS + 1)) if up else 1
        load = float(round(min(110.0, dice.gamma(2.0, 9.0))))
        return self._said("monitor", at_us, self.machine.measured(Trip(at_us, floor, up, load, number)))

    def _incident(self, incident: Incident) -> Iterator[Message]:
        """The whole status at every change, and once a minute in between."""
        status = dict(_NORMAL)
        course, _ = with_preface(incident, 4)
        yield self._said("gateway", course[0][0] - SECOND_US, {**status, "floor": 4.0})
        last_us = course[0][0]
        for at_us, items in course:
            while last_us + MINUTE_US < at_us:
                last_us += MINUTE_US
                yield self._said("gateway", last_us, status)
            status |= items
            last_us = at_us
            yield self._said("gateway", at_us, status)
        yield self._said("gateway", last_us + MINUTE_US, status)

    def _said(self, who: str, at_us: int, values: dict[str, float]) -> Message:
        device = f"{self.asset}-{who}"
        return Message(
            telemetry_topic(self.site, device), encode_telemetry(device, [Sample(at_us, dict(values))]), at_us
        )


def elevators_groups(dice: np.random.Generator, assets: int, start_us: int, end_us: int) -> Sequence[Group]:
    """Elevators, each alone; see `FleetMaker`."""
    return [_group(np.random.default_rng(dice.integers(2**63)), n, start_us, end_us) for n in range(assets)]


def _group(dice: np.random.Generator, number: int, start_us: int, end_us: int) -> Group:
    site, asset = f"elevators-{number}", f"elevator-{number}"
    befallings, incidents = _life(dice, start_us, end_us)
    machine = Machine(asset, int(dice.integers(2**31)), tuple(befallings), _EVERY, float(dice.uniform(0.0, 3.0)))
    elevator = FleetElevator(site, asset, machine, sorted(incidents, key=lambda i: i.at_us))
    labels = [*(b.label(asset) for b in befallings), *(i.label(asset) for i in incidents)]
    limits = {
        "rated_speed_m_s": 1.75,
        "floors": _FLOORS,
        "fault_code_table": "vendor",
        "rope_nominal_diameter_mm": ROPE_NOMINAL_MM,
    }
    table = {
        "id": asset,
        "site": site,
        "class": "elevator",
        "place_zh": f"{number} 号电梯",
        "place_en": f"Elevator {number}",
        "limits": limits,
    }
    devices = tuple({"id": f"{asset}-{who}", "site": site, "assets": [asset]} for who in ("gateway", "monitor"))
    known = [label for label in labels if label.onset_us < end_us - DAY_US]
    return Group(site, (table,), devices, tuple(sorted(known, key=lambda x: x.onset_us)), elevator.messages)


def _life(dice: np.random.Generator, start_us: int, end_us: int) -> tuple[list[Befalling], list[Incident]]:
    """After a quiet start a slot of some two months each: one thing wears, or something resembles wear."""
    (rare,) = dice.spawn(1)  # of its own, so that the rest of a life is as it was without it
    befallings: list[Befalling] = []
    incidents: list[Incident] = []
    ropes = dice.random() < 0.3  # noqa: PLR2004 -- enough of them to measure
    if rare.random() < 0.3:  # noqa: PLR2004 -- enough of them to count
        befallings.append(HeavyLanding(start_us, end_us, int(rare.integers(1, _FLOORS + 1))))
    if rare.random() < 0.3:  # noqa: PLR2004 -- as above
        serviced_us = start_us + round(rare.uniform(50, 300) * DAY_US)
        befallings.append(Readjusted(serviced_us, serviced_us + DAY_US))
    if ropes:
        befallings.append(_rope(dice, start_us))
    slot_us, kinds = start_us + _QUIET_DAYS * DAY_US, dice.permutation(7).tolist()
    while slot_us + _SLOT_DAYS * DAY_US <= end_us and kinds:
        kind = kinds.pop()
        if not (ropes and kind == 6):  # noqa: PLR2004 -- one trouble with the ropes a year
            other = bool(rare.random() < 0.5)  # noqa: PLR2004 -- half of them
            wears = dice.random() < 0.6  # noqa: PLR2004 -- shares
            befallings += _wear(dice, kind, slot_us, other=other) if wears else _resembles(dice, slot_us, rare)
        # Days apart from wear and codes: what comes again within two days is one order.
        incidents += [*_incidents(dice, slot_us + 57 * DAY_US), *_of_safety(rare, slot_us + 54 * DAY_US)]
        slot_us += _SLOT_DAYS * DAY_US
    return befallings, incidents


def _rope(dice: np.random.Generator, start_us: int) -> RopeThinning:
    order_us = start_us + round(dice.uniform(150, 300) * DAY_US)
    return RopeThinning(start_us, order_us, order_us + 45 * DAY_US, float(dice.uniform(0.5, 2.5)), float(dice.random()))


def _wear(dice: np.random.Generator, kind: int, slot_us: int, *, other: bool) -> list[Befalling]:
    onset_us = slot_us + round(dice.uniform(0, 5) * DAY_US)
    full_us = onset_us + round(dice.uniform(5, 25) * DAY_US)
    times = (onset_us, full_us, slot_us + 45 * DAY_US, float(dice.random()))
    landing = int(dice.integers(2, _FLOORS + 1))
    makers: tuple[Befalling, ...] = (
        DoorWear(*times, landing=landing),
        LockWear(*times) if other else DoorWear(*times),
        LevelShift(*times, landing=landing),
        LevelShift(*times, way=1 if dice.random() < 0.5 else -1),  # noqa: PLR2004 -- half of them
        BrakeWear(*times),
        GuideWear(*times),
        BrokenWires(*times) if other else UnevenRopes(*times),
    )
    return [makers[kind]]


def _of_safety(rare: np.random.Generator, day_us: int) -> Sequence[Incident]:
    """A day with a car that is too fast, too far, stopped in full ride or lost, or with what resembles it."""
    at_us, severity = day_us + round(rare.uniform(8, 18) * HOUR_US), float(rare.random())
    code, early_us = int(rare.integers(1, 3)), min(at_us, day_us + 13 * HOUR_US)
    kinds: tuple[Sequence[Incident], ...] = (
        [Overspeed(at_us, severity=severity)],
        [ReportedFault(at_us, 3_600.0, 3, "elevator.brake")],
        [ReportedFault(at_us, 3_600.0, code, "elevator.levelling")],
        sudden_stops(early_us, severity),
        [RunsEmpty(at_us, 1_200.0 + 2_400.0 * severity, severity)],
        [SpeedSpike(at_us)],
        [SafetyTest(at_us)],
        stormy_day(early_us),
        [RunsEmpty(at_us, 2_400.0, 0.0, stands_s=45.0)],
    )
    return kinds[int(rare.integers(len(kinds)))]


def _resembles(dice: np.random.Generator, slot_us: int, rare: np.random.Generator) -> list[Befalling]:
    def at(day: float) -> int:
        return slot_us + round((day + dice.uniform(0.3, 0.6)) * DAY_US)

    spell_us, landing = at(10), int(dice.integers(2, _FLOORS + 1))
    heavy_us, removal_us, sill_us, rope_us = at(2), at(5), at(8), at(40)
    dirty_us = slot_us + round((37 + rare.random()) * DAY_US)
    return [
        DirtySill(dirty_us, dirty_us + DAY_US, landing),
        HeavyLoads(heavy_us, heavy_us + 8 * HOUR_US),
        Removal(removal_us, removal_us + 3 * HOUR_US),
        SillCleaning(sill_us, sill_us + 6 * HOUR_US, landing),
        ColdGuides(spell_us, spell_us + 25 * DAY_US),
        Remeasured(rope_us, rope_us + 2 * DAY_US, float(dice.uniform(0.5, 1.5))),
        AgedRope(spell_us, spell_us + 20 * DAY_US),
    ]


def _incidents(dice: np.random.Generator, week_us: int) -> list[Incident]:
    """A week with something each day: entrapments, codes and doors that stay open, and what resembles them."""

    def at(day: int) -> int:
        return week_us + day * DAY_US + round(dice.uniform(8, 18) * HOUR_US)

    silent, level = bool(dice.random() < 0.5), bool(dice.random() < 0.3)  # noqa: PLR2004 -- shares
    code, mode = ((16, "elevator.brake"), (12, "elevator.door"), (19, "elevator.levelling"))[int(dice.integers(3))]
    found: list[Incident] = [
        Inspection(at(0), 1_800.0),
        BriefStop(at(1)),
        Entrapment(at(2), float(dice.uniform(600, 1_800)), silent=silent, level=level),
        HeldDoor(at(3), float(dice.uniform(300, 1_000)), attended=True),
        Lingering(at(4), 50.0),
    ]
    if dice.random() < 0.4:  # noqa: PLR2004 -- enough of them to measure
        found.append(ReportedFault(at(5), 3_600.0, code, mode))
    elif dice.random() < 0.5:  # noqa: PLR2004 -- as above
        found.append(HeldDoor(at(5), 900.0, attended=False))
    return found
