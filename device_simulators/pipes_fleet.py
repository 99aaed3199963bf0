"""Pipes fleet: risers in groups of three neighbours, their troubles and what resembles them, and the truth."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

import numpy as np

from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US, SECOND_US, local_midnight
from device_simulators.faults import Crack, Disturbance, Leak
from device_simulators.fleet import Group, Table
from device_simulators.labels import Label
from device_simulators.message import Message
from device_simulators.riser import Riser

NEIGHBOURS = 3
_EVERY_MINUTES = 10
_GATHERS_MINUTES = 60
_LEARNT_DAYS = 40
_GROWTH_DAYS = (17.0, 61.0, 98.0)
"""Least, median and most of BattLeDIM's incipient leaks (DOMAIN 1.3); the median stands for the peak of a triangle."""
_HOLES_M = (0.001, 0.005)  # DOMAIN 1.1: the holes its table has
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


Befalls = Callable[[Span], Crack | Leak | Disturbance | None]


def _grows_and_bursts(span: Span) -> Crack:
    burst_us = span.moment_us()
    least, middle, most = _GROWTH_DAYS
    room = (burst_us - span.start_us) / DAY_US - _LEARNT_DAYS / 2
    growth = min(span.dice.triangular(least, middle, most), max(room, least))
    onset_us = burst_us - round(growth * DAY_US)
    return Crack(onset_us, burst_us, _repaired(span, burst_us), float(span.dice.uniform(0.05, 1.0)))


def _tears_at_once(span: Span) -> Crack:
    burst_us = span.moment_us()
    return Crack(burst_us - SECOND_US, burst_us, _repaired(span, burst_us), 0.0)


def _repaired(span: Span, burst_us: int) -> int:
    return burst_us + round(span.dice.uniform(*_REPAIR_H) * HOUR_US)


def _leaks(span: Span) -> Leak:
    onset_us = span.moment_us(45.0)
    grown_us = onset_us + (0 if span.dice.random() < 9 / 23 else span.days_us(17.0, 98.0))  # DOMAIN 1.3: 9 of 23 abrupt
    return Leak(onset_us, grown_us, grown_us + span.days_us(20.0, 40.0), float(span.dice.uniform(*_HOLES_M)))


def _hums(span: Span) -> Disturbance:
    start_us, loud = span.moment_us(25.0), float(span.dice.uniform(300.0, 2_500.0))
    return Disturbance(start_us, start_us + span.days_us(2.0, 20.0), "a machine hums on the pipe", vibration_um_s2=loud)


def _nothing(span: Span) -> None:  # noqa: ARG001 -- one of a kind
    return None


BEFALLS: tuple[Befalls, ...] = (_grows_and_bursts, _leaks, _tears_at_once, _hums, _grows_and_bursts, _nothing)
"""Go round, so that each befalls as many risers; of pipes that burst a third tears at once (DOMAIN 1.3: 39 %)."""


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


def pipes_groups(dice: np.random.Generator, assets: int, start_us: int, end_us: int) -> Sequence[Group]:
    """Groups of three risers, each a neighbour of the others; two in three have a meter.

    See `device_simulators.fleet.FleetMaker`.
    """
    groups = []
    for first in range(0, assets, NEIGHBOURS):
        spans = [
            Span(np.random.default_rng(int(dice.integers(0, 2**62))), start_us, end_us)
            for _ in range(min(NEIGHBOURS, assets - first))
        ]
        groups.append(_group(first, spans))
    return groups


def _group(first: int, spans: Sequence[Span]) -> Group:
    site = f"pipes-{first // NEIGHBOURS:03}"
    names = [f"{site}-riser-{n}" for n in range(len(spans))]
    risers, labels, tables, devices = list[Riser](), list[Label](), list[Table](), list[Table]()
    for number, (name, span) in enumerate(zip(names, spans, strict=True), start=first):
        what, innocent = BEFALLS[number % len(BEFALLS)](span), _innocent(span)
        risers.append(_riser(site, name, number, what, innocent))
        labels += _labels(name, what, metered=risers[-1].metered)
        labels += [one.label(name) for one in innocent]
        near = [other for other in names if other != name]
        place = {"place_zh": name, "place_en": name}
        tables.append({"id": name, "site": site, "class": "riser", "neighbours": near, "limits": {}, **place})
        loggers = (f"{name}-pressure", f"{name}-vibration")
        devices += [
            {"id": one, "site": site, "assets": [name], "reports_every_s": 60 * _GATHERS_MINUTES} for one in loggers
        ]

    def messages(start_us: int, end_us: int) -> Iterator[Message]:
        streams = [
            stream
            for riser in risers
            for stream in (riser.pressure_messages(start_us, end_us), riser.vibration_messages(start_us, end_us))
        ]
        return heapq.merge(*streams, key=attrgetter("at_us"))

    by_onset = tuple(sorted(labels, key=lambda label: label.onset_us))
    return Group(site, tuple(tables), tuple(devices), by_onset, messages)


def _riser(
    site: str, name: str, number: int, what: Crack | Leak | Disturbance | None, innocent: list[Disturbance]
) -> Riser:
    return Riser(
        site,
        name,
        seed=number // NEIGHBOURS,
        phase_s=(7 + 16 * number) % 60,
        cracks=[what] if isinstance(what, Crack) else [],
        leaks=[what] if isinstance(what, Leak) else [],
        disturbances=[*innocent, *([what] if isinstance(what, Disturbance) else [])],
        metered=isinstance(what, Leak) or number % NEIGHBOURS != 0,
        every_minutes=_EVERY_MINUTES,
        gathers_minutes=_GATHERS_MINUTES,
    )


def _labels(name: str, what: Crack | Leak | Disturbance | None, *, metered: bool) -> list[Label]:
    """The truth; a crack of a metered riser is one fault of which its leak may be told as well."""
    if what is None:
        return []
    label = what.label(name)
    if not isinstance(what, Crack):
        return [label]
    burst = replace(label, raise_until_us=what.burst_us + _TOLD_LATE_US)
    return [burst, replace(burst, failure_mode="pipe.leak", failure_us=None)] if metered else [burst]
