"""Run: sends everything, does everything that is planned to the service meanwhile, and waits until it is quiet."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from alerts import detector_memory
from alerts.database import Database
from ingest.sqlite_log import SqliteLog
from tests.servers import wait_until
from tests.torture.plan import LEAD_US, Act, Disturbance, Step
from tests.torture.publishers import Publisher
from tests.torture.stored import Stored
from tests.torture.town import NEWCOMERS
from tests.torture.world import World

_MOST_IN_FLIGHT = 300
_TICK_S = 0.005
_AGAIN_S = 0.1
_QUIET_WITHIN_S = 300.0
_STUCK_S = 90.0


@dataclass(slots=True)
class Tally:
    """What was done.

    Attributes:
        done: Disturbances, by what it was and to whom.
        sent_again: Messages the broker had acknowledged before it was killed, and that were not stored by then; their
            publishers sent them again, because a broker that saves once a second promises no more.
        cut_short: Whether time ran out before everything planned was done.
        quiet_s: Seconds from the last disturbance to when everything was stored, scored and forwarded.
    """

    done: dict[str, int] = field(default_factory=dict)
    sent_again: int = 0
    cut_short: bool = False
    quiet_s: float = 0.0


class Run:
    """One run of a plan against a service.

    Args:
        world: The service and what is around it.
        steps: What is sent.
        stored: Says what has arrived.
        deadline_s: Of `time.monotonic`; what is planned for later is left out.
    """

    def __init__(self, world: World, steps: Sequence[Step], stored: Stored, deadline_s: float) -> None:
        self._world = world
        self.planned = steps
        self._stored = stored
        self._deadline_s = deadline_s
        self._publishers = {
            name: Publisher(name, world.broker.process.port) for name in sorted({step.publisher for step in steps})
        }
        self._unsettled: dict[str, deque[int]] = {name: deque() for name in self._publishers}
        self._sent: list[int] = []
        self._sent_s = 0.0
        self._allowed = 0
        self._halt, self._over = threading.Event(), threading.Event()
        self._sending = threading.Lock()
        self.approved = dict.fromkeys(NEWCOMERS, False)
        self._ends: list[tuple[float, Callable[[], object]]] = []
        self.tally = Tally()

    @property
    def sent(self) -> int:
        """How many messages were handed to the publishers."""
        return len(self._sent)

    @property
    def steps(self) -> list[Step]:
        """What was sent, in order."""
        return [self.planned[number] for number in self._sent]

    @property
    def unheard(self) -> int:
        """How often the broker said that nobody was there for a message."""
        return sum(publisher.unheard for publisher in self._publishers.values())

    @property
    def acknowledged(self) -> set[int]:
        """The numbers of the messages the broker has acknowledged to their publishers."""
        return set().union(*(publisher.acknowledged for publisher in self._publishers.values()))

    def go(self, disturbances: Sequence[Disturbance]) -> None:
        """Send and disturb, until all is done or time is up; then let everything come to rest."""
        sender = threading.Thread(target=self._send_all, name="sender")
        again = threading.Thread(target=self._send_again, name="again")
        sender.start()
        again.start()
        try:
            for one in disturbances:
                self._allow(one.at)
                self._until(lambda at=one.at: self.sent >= at or self._is_stuck())
                if self._is_stuck() or time.monotonic() > self._deadline_s:
                    self.tally.cut_short = True
                    break
                self._wait(one.after_s)
                self._do(one)
        finally:
            while self._ends:
                self._tick()
            if self.tally.cut_short:
                self._halt.set()
            self._allow(len(self.planned))
        try:
            self._until(lambda: not sender.is_alive() or self._is_stuck())
            self._rest()
        finally:
            self._over.set()
            sender.join()
            again.join()
            for publisher in self._publishers.values():
                publisher.close()

    def _send_all(self) -> None:
        for number, step in enumerate(self.planned):
            while not (self._may_send(number, step) or self._is_left_out(number) or self._over.is_set()):
                time.sleep(_TICK_S)
            if self._over.is_set():  # something sent before is lost; the verdict will say so
                return
            if self._is_left_out(number):
                continue
            self._world.clock.follow(step.message.at_us)
            with self._sending:
                self._publishers[step.publisher].send(number, step)
                self._unsettled[step.publisher].append(number)
                self._sent.append(number)
            self._sent_s = time.monotonic()

    def _is_left_out(self, number: int) -> bool:
        """Whether there is no time left for this message; the last word of each publisher is always said."""
        return self._halt.is_set() and number < len(self.planned) - len(self._publishers)

    def _allow(self, messages: int) -> None:
        self._allowed, self._sent_s = max(self._allowed, messages), time.monotonic()

    def _is_stuck(self) -> bool:
        """Whether publishers have waited so long for something to be stored that it must be lost."""
        return self.sent > 0 and time.monotonic() - self._sent_s > _STUCK_S

    def _send_again(self) -> None:
        """What nobody was there for is sent again, a little later."""
        while not self._over.wait(_AGAIN_S):
            for publisher in self._publishers.values():
                for number in publisher.take_unheard():
                    publisher.send(number, self.planned[number])

    def _may_send(self, number: int, step: Step) -> bool:
        """Whether it is this message's turn: nobody runs ahead of the plan, the broker, or what is stored."""
        if number >= self._allowed or self._publishers[step.publisher].in_flight > _MOST_IN_FLIGHT:
            return False
        waiting = self._unsettled[step.publisher]
        if waiting and self._leads(waiting[0], step):
            with self._sending:
                self._stored.look()
                while waiting and self._stored.holds(waiting[0]):
                    waiting.popleft()
        return not waiting or not self._leads(waiting[0], step)

    def _leads(self, oldest: int, step: Step) -> bool:
        return step.message.at_us - self.planned[oldest].message.at_us > LEAD_US

    def _do(self, one: Disturbance) -> None:
        world = self._world
        match one.act, one.victim:
            case Act.KILL, "broker":
                self._kill_broker()
            case Act.KILL, "store":
                world.server("store").kill()
            case Act.KILL, victim:
                names = victim.split("+")
                self._until(lambda: all(world.parts[name].ready for name in names))
                world.kill(names)
            case Act.RESTART, name:
                world.server(name).restart()
            case Act.JUMP, _:
                world.clock.turn(one.lasts_s)
            case Act.APPROVE, name:
                self.approved[name] = world.approve(name)
            case _:
                self._do_for_a_while(one)
        what = f"{one.victim} {one.act.value}"
        self.tally.done[what] = self.tally.done.get(what, 0) + 1

    def _do_for_a_while(self, one: Disturbance) -> None:
        begin, end = self._world.lasting(one.act, one.victim)
        begin()
        self._ends.append((time.monotonic() + one.lasts_s, end))
        if one.victim not in self._world.parts and one.act is Act.STOP:
            self._wait(one.lasts_s)  # a server that is to be killed or restarted next must be able to end

    def _kill_broker(self) -> None:
        """Kill it, and let publishers send again whatever they cannot see to be stored, in their order."""
        with self._sending:
            self._world.broker.kill()
            self._stored.look()
            acknowledged = self.acknowledged
            for name, publisher in self._publishers.items():
                for number in self._stored.missing(self._unsettled[name]):
                    if number in acknowledged:
                        publisher.send(number, self.planned[number])
                        self.tally.sent_again += 1

    def _until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition, or until time is up, and end what has lasted long enough meanwhile."""
        while not condition() and time.monotonic() < self._deadline_s + _STUCK_S:
            self._tick()

    def _wait(self, seconds: float) -> None:
        until_s = time.monotonic() + seconds
        self._until(lambda: time.monotonic() >= until_s)

    def _tick(self) -> None:
        now_s = time.monotonic()
        for due in [end for end in self._ends if end[0] <= now_s]:
            self._ends.remove(due)
            due[1]()
        time.sleep(_TICK_S)

    def _rest(self) -> None:
        """Everybody goes on; return when all that was sent is stored, scored and forwarded."""
        began_s, world = time.monotonic(), self._world
        for part in world.parts.values():
            part.wait_ready()
        for name, is_in in self.approved.items():
            # Whom nobody could let in at their time (the API was down, or they had not spoken yet): now.
            wait_until(lambda name=name, is_in=is_in: is_in or world.approve(name), _QUIET_WITHIN_S / 5, f"{name} in")
        wait_until(lambda: self.acknowledged >= set(self._sent), _QUIET_WITHIN_S, "the broker to acknowledge")
        # A message that is not stored by now is missing; the verdict says which.
        with suppress(AssertionError):
            wait_until(self._all_stored, _QUIET_WITHIN_S / 5)
        log = SqliteLog(world.data.log)
        wait_until(lambda: scored_to(world) >= log.head(), _QUIET_WITHIN_S, "the scorer to be done")
        with httpx.Client(base_url=world.url, timeout=10.0) as client:
            wait_until(lambda: forwarded(client), _QUIET_WITHIN_S, "the history to be done")
        log.close()
        self.tally.quiet_s = time.monotonic() - began_s

    def _all_stored(self) -> bool:
        time.sleep(0.05)
        self._stored.look()
        return not self._stored.missing(self._sent) and not self._stored.refused_of(self.approved)


def scored_to(world: World) -> int:
    """How far the scorer has read."""
    rows = Database(world.data.database)
    try:
        with rows.read() as connection:
            return detector_memory.position(connection)[0]
    finally:
        rows.close()


def forwarded(client: httpx.Client) -> bool:
    """Whether the time-series store has everything."""
    try:
        told = client.get("/metrics").raise_for_status().text
    except httpx.HTTPError:
        return False
    lag = [line.rpartition(" ")[2] for line in told.splitlines() if line.startswith("precomplaint_forward_lag")]
    return bool(lag) and float(lag[0]) == 0.0
