"""Cameras fleet: gates with parking zones, lobbies and fronts of buildings, a year of what their cameras see."""

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

import numpy as np

from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US, local_days
from device_simulators.camera import Camera
from device_simulators.camera_befalls import FAULTS, LOOK_ALIKES, Hours, Reboot, around
from device_simulators.falling_objects import FacadeCamera, Spell, alone, shower, thrown
from device_simulators.fleet import Group, Table
from device_simulators.front_gauge import RainGauge
from device_simulators.labels import Label
from device_simulators.message import Message
from device_simulators.visits import FIRE_LANE, LOADING, LOBBY, NO_PARKING, Visit

_GATE = ((NO_PARKING, "no_parking"), (FIRE_LANE, "fire_lane"), (LOADING, "loading"))
_KINDS = 5  # assets of a gate, a lobby and a front together
_A_YEAR = 48
"""How much befalls a zone or a front in a year, half of it look-alikes: one in eight days."""
_REBOOTS_A_YEAR = 3
_DRIZZLE = 7
"""Which one, once a year: so light that a camera without a track tells it from nothing that is thrown."""
_PERMITS = 3
_PASSING_A_DAY, _PEOPLE_A_DAY = 12.0, 25.0
_FROM_H, _TO_H = 7.0, 15.0  # so that what lasts long is over before the next day's begins


def cameras_groups(dice: np.random.Generator, assets: int, start_us: int, end_us: int) -> Sequence[Group]:
    """Groups of a gate with three zones, a lobby and a front; the last has what is left. See `fleet.FleetMaker`."""
    groups: list[Group] = []
    for number, first in enumerate(range(0, assets, _KINDS)):
        own = np.random.default_rng(int(dice.integers(0, 2**62)))
        days, rest = list(local_days(start_us, end_us - DAY_US)), min(_KINDS, assets - first)
        places = [_gate(number, own, days, min(len(_GATE), rest))]
        if rest > len(_GATE):
            places.append(_lobby(number, own, days))
        if rest == _KINDS:
            places.append(_front(number, own, days))
        groups.append(_together(_site(number), places))
    return groups


@dataclass(frozen=True, slots=True)
class _Place:
    """What one camera looks at."""

    camera: str
    assets: tuple[Table, ...]
    labels: tuple[Label, ...]
    messages: Callable[[int, int], Iterator[Message]]
    gauge: str = ""
    """A rain gauge beside it, if any."""


def _together(site: str, places: Sequence[_Place]) -> Group:
    def messages(start_us: int, end_us: int) -> Iterator[Message]:
        yield from heapq.merge(*(place.messages(start_us, end_us) for place in places), key=attrgetter("at_us"))

    devices = [
        {"id": device, "site": site, "assets": [table["id"] for table in one.assets]}
        for one in places
        for device in (one.camera, one.gauge)
        if device
    ]
    labels = sorted((label for one in places for label in one.labels), key=lambda one: one.onset_us)
    return Group(site, tuple(t for one in places for t in one.assets), tuple(devices), tuple(labels), messages)


def _gate(number: int, dice: np.random.Generator, days: Sequence[int], zones: int) -> _Place:
    name, visits, labels, tables = f"gate_{number:03}", list[Visit](), list[Label](), list[Table]()
    reboots = [Reboot(_moment(dice, day)) for day in _some(dice, days, _REBOOTS_A_YEAR)]
    calm = [day for day in days if all(abs(day - one.at_us) > 2 * DAY_US for one in reboots)]
    for zone, kind in _GATE[:zones]:
        asset, permits = f"{_site(number)}-{kind}", [f"浙E{dice.integers(10_000, 99_999)}" for _ in range(_PERMITS)]
        seen = _befalls(dice, calm, zone, permits)
        if zone == NO_PARKING:
            seen += [around(one, Hours(dice, one.at_us - 2 * MINUTE_US, zone)) for one in reboots]
        visits += seen
        labels += [one.truth(asset) for one in seen]
        limits = {"zone": zone, "zone_kind": kind} | ({"permits": " ".join(permits)} if zone == LOADING else {})
        tables.append(_table(asset, number, "parking_zone", limits))
    camera = Camera(name, int(dice.integers(2**31)), visits, _PASSING_A_DAY, pictured=False)
    return _Place(name, tuple(tables), tuple(labels), lambda s, e: _restarted(camera.messages(s, e), reboots))


def _lobby(number: int, dice: np.random.Generator, days: Sequence[int]) -> _Place:
    """Every other lobby's camera has a model that tells e-bikes from bicycles, as well as such a model does."""
    name, asset, seen = f"lobby_{number:03}", f"{_site(number)}-lobby", _befalls(dice, days, LOBBY, ())
    seed, everybody, classifies = int(dice.integers(2**31)), [*seen, *_people(dice, days)], number % 2 == 0
    camera = Camera(name, seed, everybody, 0.0, 0.0, 0.0, pictured=False, classifies=classifies)
    table = _table(asset, number, "parking_zone", {"zone": LOBBY, "zone_kind": "no_ebike"})
    return _Place(name, (table,), tuple(one.truth(asset) for one in seen), camera.messages)


def _people(dice: np.random.Generator, days: Sequence[int]) -> Iterator[Visit]:
    """Who goes in and out, and who rides past outside the glass."""
    for day in days:
        for hour in dice.uniform(6.0, 23.0, dice.poisson(_PEOPLE_A_DAY)).tolist():
            at_us, dwell_s = day + round(hour * HOUR_US), float(dice.uniform(3.0, 40.0))
            outside = dice.random() < 0.1  # noqa: PLR2004 -- one in ten rides past
            label, motor = ("bicycle", False) if outside else ("person", None)
            yield Visit("", at_us, dwell_s, "" if outside else LOBBY, label=label, motor=motor)


def _front(number: int, dice: np.random.Generator, days: Sequence[int]) -> _Place:
    """Every other front's camera tells no track, and every other pair of fronts has a rain gauge."""
    device, asset, tells = f"front-{number:03}", f"{_site(number)}-building", number % 2 == 0
    spells = list(_spells(dice, days, tells=tells))
    labels = tuple(label for spell in spells for label in spell.labels(asset))
    table, camera = _table(asset, number, "building", {}), FacadeCamera(_site(number), device, spells)
    if number // 2 % 2:
        return _Place(device, (table,), labels, camera.messages)
    gauge = RainGauge(_site(number), f"rain-{number:03}", int(dice.integers(2**31)), spells)

    def messages(start_us: int, end_us: int) -> Iterator[Message]:
        yield from heapq.merge(
            camera.messages(start_us, end_us), gauge.messages(start_us, end_us), key=attrgetter("at_us")
        )

    return _Place(device, (table,), labels, messages, gauge.device)


def _spells(dice: np.random.Generator, days: Sequence[int], *, tells: bool) -> Iterator[Spell]:
    """Every other one is thrown; of the rest most is weather."""
    for rank, day in enumerate(_some(dice, days, _A_YEAR)):
        at_us, kind = _moment(dice, day), rank // 2 % 6
        if rank % 2 == 0:
            yield thrown(dice, at_us, tells=tells)
        elif kind < 3:  # noqa: PLR2004 -- half of it
            yield shower(dice, at_us, ("rain", "snow", "hail and what a storm carries")[kind], tells=tells)
        elif rank == _DRIZZLE and not tells:
            yield shower(dice, at_us, "a drizzle", tells=False, often_s=240.0)
        elif tells:
            yield alone(dice, at_us, ("a bird", "an insect", "leaves")[kind % 3], int(dice.integers(1, 4)))
        else:
            yield shower(dice, at_us, "an insect on the lens", tells=False, often_s=12.0)


def _befalls(dice: np.random.Generator, days: Sequence[int], zone: str, permits: Sequence[str]) -> list[Visit]:
    """A violation and a look-alike in turn, each on a day of its own, the kinds going round."""
    found: list[Visit] = []
    for rank, day in enumerate(_some(dice, days, _A_YEAR)):
        kinds = (LOOK_ALIKES if rank % 2 else FAULTS)[zone]
        found += kinds[rank // 2 % len(kinds)](Hours(dice, _moment(dice, day), zone, permits))
    return found


def _some(dice: np.random.Generator, days: Sequence[int], a_year: int) -> list[int]:
    """So many days a year, two at least, in any order, no two next to each other."""
    count = max(2, round(a_year * len(days) / 365.0))
    return [int(day) for day in dice.permutation(np.array(days[1::2], dtype=np.int64))[:count]]


def _moment(dice: np.random.Generator, day: int) -> int:
    return day + round(dice.uniform(_FROM_H, _TO_H) * HOUR_US)


def _restarted(messages: Iterable[Message], reboots: Sequence[Reboot]) -> Iterator[Message]:
    """What is said while the camera is off is lost; when it is back it says its last words again."""
    coming, last = deque(sorted(reboots, key=lambda one: one.at_us)), deque[Message](maxlen=10)
    for message in messages:
        if coming and message.at_us >= coming[0].back_us:
            reboot = coming.popleft()
            yield from (replace(one, at_us=reboot.back_us) for one in last)
        if not coming or message.at_us < coming[0].at_us:
            last.append(message)
            yield message


def _table(asset: str, number: int, asset_class: str, limits: dict[str, str]) -> Table:
    site = _site(number)
    return {"id": asset, "site": site, "class": asset_class, "place_zh": asset, "place_en": asset, "limits": limits}


def _site(number: int) -> str:
    return f"cameras-{number:03}"
