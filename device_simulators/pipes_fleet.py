"""Pipes fleet: risers in groups of three neighbours, their troubles and what resembles them, and the truth."""

import heapq
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

import numpy as np

from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US, SECOND_US, local_midnight
from device_simulators.faults import Crack, Disturbance, Leak
from device_simulators.fleet import Group, Table
from device_simulators.labels import Label
from device_simulators.message import Message
from device_simulators.riser import Pipe, Riser
from device_simulators.weather import ColdWave, Weather, winter_and_summer

NEIGHBOURS = 3
_EVERY_MINUTES = 10
_GATHERS_MINUTES = 60
_LEARNT_DAYS = 40
GROWTH_DAYS = (17.0, 61.0, 98.0)
"""Least, median and most of BattLeDIM's incipient leaks (DOMAIN 1.3); the median stands for the peak of a triangle."""
_SEVERITIES = (0.05, 1.0)
CRITICAL_HOLES_M = tuple(Crack(0, 0, 0, severity).critical_hole_m for severity in _SEVERITIES)
"""The least and the most at which a growing crack tears; any between is as likely."""
_HOLES_M = (0.001, 0.005)  # DOMAIN 1.1: the holes its table has
_FREEZES_C, _THAWS_C = -6.7, 1.7  # DOMAIN 1.1: onset for pipes without lagging; most damage appears at thaw
_FREEZES_AFTER_H = (18.0, 6.0)  # mean and spread, chosen by: a night of frost is not enough, two are
_STATION = ("air", "gateway")
_TOLD_LATE_US = HOUR_US  # a riser without a meter waits for the next record of its vibration
_REPAIR_H = (3.0, 12.0)


@dataclass(frozen=True, slots=True)
class Span:
    """When a riser's troubles may befall it, and their dice."""

    dice: np.random.Generator
    start_us: int
    end_us: int

    def moment_us(self, before_end_days: float = 2.0) -> int:
        """A minute of the span, after everything has been learnt."""
        first, last = self.start_us + _LEARNT_DAYS * DAY_US, self.end_us - round(before_end_days * DAY_US)
        return round(self.dice.uniform(first, max(last, first + DAY_US))) // MINUTE_US * MINUTE_US

    def days_us(self, least: float, most: float) -> int:
        """A length of time."""
        return round(self.dice.uniform(least, most) * DAY_US)


@dataclass(frozen=True, slots=True)
class Fate:
    """What befalls a riser.

    Attributes:
        crack: It tears open.
        leak: It leaks.
        disturbance: What comes before, or instead.
        wave: Of cold over its site.
        empty: Nobody lives in its house: nothing is drawn.
    """

    crack: Crack | None = None
    leak: Leak | None = None
    disturbance: Disturbance | None = None
    wave: ColdWave | None = None
    empty: bool = False


Befalls = Callable[[Span], Fate]


def _grows_and_bursts(span: Span) -> Fate:
    burst_us = span.moment_us()
    least, middle, most = GROWTH_DAYS
    room = (burst_us - span.start_us) / DAY_US - _LEARNT_DAYS / 2
    growth = min(span.dice.triangular(least, middle, most), max(room, least))
    onset_us = burst_us - round(growth * DAY_US)
    return Fate(Crack(onset_us, burst_us, _repaired(span, burst_us), float(span.dice.uniform(*_SEVERITIES))))


def _tears_at_once(span: Span) -> Fate:
    return Fate(_tear(span, span.moment_us()))


def _tear(span: Span, burst_us: int) -> Crack:
    return Crack(burst_us - SECOND_US, burst_us, _repaired(span, burst_us), 0.0)


def _repaired(span: Span, burst_us: int) -> int:
    return burst_us + round(span.dice.uniform(*_REPAIR_H) * HOUR_US)


def _leaks(span: Span) -> Fate:
    onset_us = span.moment_us(45.0)
    grown_us = onset_us + (0 if span.dice.random() < 9 / 23 else span.days_us(17.0, 98.0))  # DOMAIN 1.3: 9 of 23 abrupt
    leak = Leak(onset_us, grown_us, grown_us + span.days_us(20.0, 40.0), float(span.dice.uniform(*_HOLES_M)))
    return Fate(leak=leak)


def _hums(span: Span) -> Fate:
    start_us, loud = span.moment_us(25.0), float(span.dice.uniform(300.0, 2_500.0))
    end_us = start_us + span.days_us(2.0, 20.0)
    return Fate(disturbance=Disturbance(start_us, end_us, "a machine hums on the pipe", vibration_um_s2=loud))


def _hammers(span: Span) -> Fate:
    """A check valve slams so often a day until the pipe is tired: what is left of 20 years of a 1-bar cycle a day."""
    start_us, times, kpa = span.moment_us(45.0), span.dice.uniform(6.0, 24.0), span.dice.uniform(150.0, 290.0)
    endurance = 20 * 365 * math.exp(span.dice.normal(0.0, 0.5)) * span.dice.uniform(0.0, 1.0)
    burst_us = start_us + round(endurance / (times * (kpa / 100.0) ** 3) * DAY_US)
    torn = burst_us < span.end_us - DAY_US
    until_us = burst_us if torn else span.end_us
    slams = Disturbance(
        start_us, until_us, "a check valve slams", pressure_kpa=float(kpa), every_us=round(DAY_US / times)
    )
    return Fate(_tear(span, burst_us) if torn else None, disturbance=slams)


def _freezes(span: Span) -> Fate:
    """A cold wave over an empty house without lagging: frozen for long enough, its riser tears when it thaws."""
    winter, _ = winter_and_summer(span.start_us + _LEARNT_DAYS * DAY_US, span.end_us)
    if not winter:
        return Fate(empty=True)
    start_us = int(winter[span.dice.integers(0, len(winter))])
    wave = ColdWave(start_us, start_us + span.days_us(1.0, 4.0), float(span.dice.uniform(-15.0, -3.0)))
    holds_h = span.dice.normal(*_FREEZES_AFTER_H)
    air = [(at_us, _outdoors("", wave).air_c(at_us)) for at_us in range(start_us, wave.end_us + 4 * DAY_US, HOUR_US)]
    cold = [at_us for at_us, c in air if c <= _FREEZES_C]
    thaw = next((at_us for at_us, c in air if cold and at_us > cold[-1] and c > _THAWS_C), None)
    torn = thaw is not None and len(cold) >= holds_h
    return Fate(_tear(span, thaw + 20 * MINUTE_US) if thaw is not None and torn else None, wave=wave, empty=True)


def _outdoors(site: str, wave: ColdWave) -> Weather:
    return Weather(site, f"{site}-outdoors", seed=0, waves=(wave,))


def _nothing(span: Span) -> Fate:  # noqa: ARG001 -- one of a kind
    return Fate()


BEFALLS: tuple[Befalls, ...] = (
    _grows_and_bursts,
    _leaks,
    _tears_at_once,
    _hums,
    _grows_and_bursts,
    _hammers,
    _nothing,
    _freezes,
    _grows_and_bursts,
)
"""Go round, so that each befalls as many risers."""


def _innocent(span: Span) -> list[Disturbance]:
    """What happens to every riser in a year and is no fault, a moment each."""
    night = local_midnight(span.moment_us(12.0))
    trip, shut, hose, drill, hammer, tap = (span.moment_us() for _ in range(6))
    leak = "pipe.leak"
    return [
        *(
            Disturbance(at, at + 90 * MINUTE_US, "the roof tank is filled at night", flow_m3_h=0.5, failure_mode=leak)
            for at in (night + n * DAY_US + 2 * HOUR_US for n in range(5))
        ),
        Disturbance(trip, trip + 50 * SECOND_US, "the pump trips and restarts", pressure_kpa=-90.0),
        Disturbance(shut, shut + 2 * HOUR_US, "a plumber closes the valve", pressure_kpa=-320.0, shuts=True),
        Disturbance(hose, hose + 10 * MINUTE_US, "a hose is tested", flow_m3_h=6.0, opens_s=40.0),
        Disturbance(drill, drill + 2 * HOUR_US, "somebody drills next door", vibration_um_s2=3_000.0, median_hz=800.0),
        Disturbance(hammer, hammer + SECOND_US, "a valve slams", pressure_kpa=-250.0),
        Disturbance(tap, tap + 2 * DAY_US, "a cistern runs for two nights", flow_m3_h=0.2, failure_mode=leak),
    ]


@dataclass(frozen=True, slots=True)
class Fated:
    """A riser of a fleet.

    Attributes:
        riser: As it is built.
        fate: What befalls it alone.
        innocent: What happens to every riser and is no fault.
    """

    riser: Riser
    fate: Fate
    innocent: Sequence[Disturbance]

    def labels(self) -> list[Label]:
        """The truth; a crack of a metered riser is one fault of which its leak may be told as well."""
        fate, name = self.fate, self.riser.asset
        labels = [one.label(name) for one in self.innocent]
        if fate.leak is not None:
            labels.append(fate.leak.label(name))
        if fate.crack is None:
            return labels + ([fate.disturbance.label(name)] if fate.disturbance is not None else [])
        burst = replace(fate.crack.label(name), raise_until_us=fate.crack.burst_us + _TOLD_LATE_US)
        begun = [one.start_us for one in (fate.disturbance, fate.wave) if one is not None]
        if begun:
            burst = replace(burst, onset_us=min(begun), raise_from_us=min(begun))
        grows = fate.crack.severity > 0.0
        leak = replace(burst, failure_mode="pipe.leak", failure_us=None)
        return [*labels, burst, leak] if self.riser.metered and grows else [*labels, burst]


def fated_risers(dice: np.random.Generator, assets: int, start_us: int, end_us: int) -> Sequence[Sequence[Fated]]:
    """Groups of three risers, each a neighbour of the others; two in three have a meter.

    See `device_simulators.fleet.FleetMaker`.
    """
    groups = []
    for first in range(0, assets, NEIGHBOURS):
        spans = [
            Span(np.random.default_rng(int(dice.integers(0, 2**62))), start_us, end_us)
            for _ in range(min(NEIGHBOURS, assets - first))
        ]
        groups.append([_fated(number, span) for number, span in enumerate(spans, start=first)])
    return groups


def _fated(number: int, span: Span) -> Fated:
    site = f"pipes-{number // NEIGHBOURS:03}"
    fate, innocent = BEFALLS[number % len(BEFALLS)](span), _innocent(span)
    # Leaks are found by meters alone, and a house is known to be empty by its own; of all else two in three have one.
    metered = fate.leak is not None or fate.empty or (number + number // len(BEFALLS)) % NEIGHBOURS != 0
    riser = Riser(
        site,
        f"{site}-riser-{number % NEIGHBOURS}",
        seed=number // NEIGHBOURS,
        phase_s=(7 + 16 * number) % 60,
        pipe=Pipe(mean_flow_m3_h=0.0) if fate.empty else Pipe(),
        cracks=[fate.crack] if fate.crack is not None else [],
        leaks=[fate.leak] if fate.leak is not None else [],
        disturbances=[*innocent, *([fate.disturbance] if fate.disturbance is not None else [])],
        metered=metered,
        every_minutes=_EVERY_MINUTES,
        gathers_minutes=_GATHERS_MINUTES,
    )
    return Fated(riser, fate, innocent)


def pipes_groups(dice: np.random.Generator, assets: int, start_us: int, end_us: int) -> Sequence[Group]:
    """The groups of `fated_risers` with what they send; see `device_simulators.fleet.FleetMaker`."""
    return [_group(group) for group in fated_risers(dice, assets, start_us, end_us)]


def _group(fated: Sequence[Fated]) -> Group:
    risers, site = [one.riser for one in fated], fated[0].riser.site
    tables, devices = list[Table](), list[Table]()
    for one in fated:
        name = one.riser.asset
        near = [other.asset for other in risers if other is not one.riser]
        limits = {} if one.fate.empty else {"insulated": "yes"}
        place = {"place_zh": name, "place_en": name}
        tables.append({"id": name, "site": site, "class": "riser", "neighbours": near, "limits": limits, **place})
        loggers = (f"{name}-pressure", f"{name}-vibration")
        devices += [
            {"id": logger, "site": site, "assets": [name], "reports_every_s": 60 * _GATHERS_MINUTES}
            for logger in loggers
        ]
    outdoors = [_outdoors(site, one.fate.wave) for one in fated if one.fate.wave is not None]
    devices += [
        {"id": f"{weather.asset}-{name}", "site": site, "assets": [riser.asset for riser in risers]}
        for weather in outdoors
        for name in _STATION
    ]

    def messages(start_us: int, end_us: int) -> Iterator[Message]:
        streams = [
            stream
            for riser in risers
            for stream in (riser.pressure_messages(start_us, end_us), riser.vibration_messages(start_us, end_us))
        ]
        streams += [weather.station_messages(start_us, end_us) for weather in outdoors]
        return heapq.merge(*streams, key=attrgetter("at_us"))

    labels = [label for one in fated for label in one.labels()]
    return Group(site, tuple(tables), tuple(devices), tuple(sorted(labels, key=attrgetter("onset_us"))), messages)
