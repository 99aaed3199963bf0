"""Plan: what is sent and what is done to whom, all of it from one seed."""

import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from device_simulators.calendar import HOUR_US, SECOND_US
from device_simulators.message import Message
from ingest.quarantine import Reason
from tests.torture.mischief import FORGERIES, Forgery, Place, ahead, impossible, late, newcomer
from tests.torture.town import NEWCOMERS, START_US, Community

LATENESS_S = 3_600
"""The service's setting: the longest it takes."""
LEAD_US = 2_000 * SECOND_US
"""How far a publisher may be ahead of what is stored of its site: with the longest delay well under the lateness."""
_LONGEST_DELAY_US = 600 * SECOND_US
_LATE_FROM_US = START_US + 2 * HOUR_US  # before, a site's time may not have got far enough for anything to be late
_MESSAGES_A_COMMUNITY = 800
_MOST_COMMUNITIES = 8
_SHARES = {"again": 0.03, "delayed": 0.25, "forged": 0.03, "late": 0.01, "ahead": 0.005, "impossible": 0.005}
_SHARES |= {"newcomer": 0.01}
_LARGE_EVERY = 40
"""Of the forgeries that are large; a hundred of them would be all that there is on the disk."""


@dataclass(frozen=True, slots=True)
class Step:
    """One publication.

    Attributes:
        publisher: Who sends it: a site.
        message: What; its `at_us` is when it goes out.
        forged: Why it must be refused; None if it must not.
        copy: Whether the same message has been sent before.
    """

    publisher: str
    message: Message
    forged: Reason | None = None
    copy: bool = False


class Act(StrEnum):
    """What can be done to a part, or to the world around it."""

    KILL = "killed"
    STOP = "stopped for a while"
    RESTART = "restarted"
    FULL = "filled for a while"
    JUMP = "turned"
    APPROVE = "approved"


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One thing that is done.

    Attributes:
        at: When so many messages were handed to the publishers.
        act: What is done.
        victim: To whom: parts joined by `+`, `broker`, `store`, `disk`, `clock`, or a device that is let in.
        after_s: How long to wait then, so that nothing is in step.
        lasts_s: How long it lasts, for what does; how far a clock goes, for a clock.
    """

    at: int
    act: Act
    victim: str
    after_s: float
    lasts_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Shape:
    """How much of everything.

    Attributes:
        seed: Of all dice.
        kills: How many times something is killed.
        messages_a_kill: How many messages are sent for each.
        influx: Whether history is kept in an InfluxDB, which can then be killed too.
        ingests: How many ingest processes share the messages.
    """

    seed: int
    kills: int
    messages_a_kill: int = 150
    influx: bool = False
    ingests: int = 1

    @property
    def communities(self) -> list[Community]:
        """As many as keep every publisher busy."""
        many = self.kills * self.messages_a_kill // _MESSAGES_A_COMMUNITY
        many = max(2, min(_MOST_COMMUNITIES, many))
        return [Community(f"s{number:02}", self.seed * 100 + number) for number in range(1, many + 1)]

    @property
    def ingest_names(self) -> tuple[str, ...]:
        """What the ingest processes are called."""
        many = range(1, self.ingests + 1)
        return ("ingest",) if self.ingests == 1 else tuple(f"ingest-{number}" for number in many)


def steps(shape: Shape) -> list[Step]:
    """Everything that is sent, in the order in which it goes out."""
    communities, dice = shape.communities, random.Random(shape.seed)  # noqa: S311 -- dice of a test
    each = shape.kills * shape.messages_a_kill // len(communities)
    made: list[Step] = []
    for community in communities:
        number = itertools.count(len(made))
        for message in itertools.islice(community.messages(), each):
            place = Place(community.site, community.vibration, message.at_us, next(number))
            made += _varied(message, place, dice)
    ordered = sorted(made, key=lambda step: step.message.at_us)
    return [*ordered, *(_last_word(community, ordered[-1].message.at_us) for community in communities)]


def _last_word(community: Community, at_us: int) -> Step:
    """Long after everything else, so that whatever waits for a site's time to go on is decided."""
    place = Place(community.site, community.vibration, at_us + 3 * LATENESS_S * SECOND_US, 0)
    return _made_up((place.topic, json.dumps(place.telemetry()).encode()), place)


def _varied(message: Message, place: Place, dice: random.Random) -> Iterator[Step]:
    """A message, perhaps late within the bound, perhaps twice, perhaps with something made up beside it."""
    sent = message
    if dice.random() < _SHARES["delayed"]:
        sent = _at(message, message.at_us + dice.randrange(_LONGEST_DELAY_US))
    yield Step(place.site, sent)
    if dice.random() < _SHARES["again"]:
        yield Step(place.site, _at(sent, sent.at_us + dice.randrange(3 * _LONGEST_DELAY_US)), copy=True)
    if dice.random() < _SHARES["forged"]:
        reason = dice.choice(list(FORGERIES))
        if reason is not Reason.TOO_LARGE or dice.random() < 1.0 / _LARGE_EVERY:
            yield _made_up(FORGERIES[reason](place), place, reason)
    if dice.random() < _SHARES["late"] and place.at_us > _LATE_FROM_US:
        yield _made_up(late(place, dice), place)
    if dice.random() < _SHARES["ahead"]:
        yield _made_up(ahead(place, dice), place)
    if dice.random() < _SHARES["impossible"]:
        yield _made_up(impossible(place), place)
    if dice.random() < _SHARES["newcomer"]:
        yield _made_up(newcomer(place), place)


def _at(message: Message, at_us: int) -> Message:
    return Message(message.topic, message.payload, at_us, message.retain)


def _made_up(forgery: Forgery, place: Place, reason: Reason | None = None) -> Step:
    return Step(place.site, Message(*forgery, place.at_us), reason)


def disturbances(shape: Shape) -> list[Disturbance]:
    """Everything that is done, in order: of each kind at least one, and as many kills as asked for."""
    dice = random.Random(shape.seed + 1)  # noqa: S311 -- dice of a test
    kills = _kills(shape, dice)
    others = _others(shape, dice)
    every = [*kills, *others]
    dice.shuffle(every)
    end = shape.kills * shape.messages_a_kill
    moments = sorted(dice.sample(range(20, end), len(every)))
    return [
        Disturbance(at, act, victim, dice.uniform(0.0, 0.05), _lasting(act, victim, dice))
        for at, (act, victim) in zip(moments, every, strict=True)
    ]


def _kills(shape: Shape, dice: random.Random) -> list[tuple[Act, str]]:
    ingests = shape.ingest_names
    together = "+".join((*ingests, "score", "api"))
    victims = {"score": 0.18, "api": 0.10, together: 0.02, "broker": 0.02, f"{ingests[0]}+score": 0.04}
    if shape.influx:
        victims["store"] = 0.04
    victims |= {name: (1.0 - sum(victims.values())) / len(ingests) for name in ingests}
    once = list(victims)[: shape.kills]
    more = dice.choices(list(victims), list(victims.values()), k=shape.kills - len(once))
    return [(Act.KILL, victim) for victim in (*once, *more)]


def _others(shape: Shape, dice: random.Random) -> list[tuple[Act, str]]:
    once = [(Act.STOP, name) for name in (*shape.ingest_names, "score", "api", "broker")]
    once += [(Act.RESTART, "broker"), (Act.FULL, "disk"), (Act.JUMP, "clock")]
    if shape.influx:
        once.append((Act.STOP, "store"))
    often = dice.choices(once, k=max(0, shape.kills // 6 - len(once)))
    return [*once, *often, *((Act.APPROVE, name) for name in NEWCOMERS)]


def _lasting(act: Act, victim: str, dice: random.Random) -> float:
    match act:
        case Act.STOP | Act.FULL:
            return dice.uniform(0.2, 2.0)
        case Act.JUMP if victim == "clock":
            # Ahead up to half an hour; back by less than what makes a sound message one from the future.
            return dice.uniform(-520.0, 1_800.0)
    return 0.0
