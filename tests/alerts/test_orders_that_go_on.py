"""Orders that go on: a leak whose pipe is about to burst, or bursts, stays one order, and what people said stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from alerts.database import Database
from alerts.episode_book import EpisodeBook
from alerts.episodes import Change, EpisodeTracker
from alerts.life import Outcome, State
from alerts.moments import HOUR_US
from alerts.order_list import Order, one
from alerts.policy.modes import policy_tunables
from alerts.tables import EPISODE, HISTORY, WORK_ORDER
from alerts.thresholds import SavedThresholds
from alerts.work_orders import Step, WorkOrders
from models.findings import Finding, Verdict
from models.thresholds import DefaultThresholds
from tests.alerts.seeding import NOW_US, PUMP, RISER, HandClock, ListLog, community

REGISTRY = community()
LEAKS, TORN, WARNED = ("pipe.leak", 1.0), ("pipe.burst", 1.0), ("pipe.burst", 0.4)
CALM = 0.0


class Told:
    """A tracker and the tables that its changes are written to."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(folder / "main.db")
        self.orders = WorkOrders(REGISTRY, HandClock())
        self._tracker = EpisodeTracker(REGISTRY.assets, DefaultThresholds(policy_tunables()))
        thresholds = SavedThresholds(self.database, policy_tunables())
        self._book = EpisodeBook(REGISTRY, self.orders, thresholds, ListLog())

    def hear(self, hour: int, said: tuple[str, float], *, early: bool = False, asset: str = RISER) -> None:
        """What is said of an asset at an hour, on the ordered path or ahead of it; a burst of 1.0 has happened."""
        mode, score = said
        torn = mode == "pipe.burst" and score >= TORN[1]
        at_us = NOW_US + hour * HOUR_US
        finding = Finding(asset, mode, at_us, Verdict.SCORED, score, probability=score, severity=int(torn))
        changes: list[Change] = self._tracker.hear_early(finding) if early else self._tracker.hear(finding)
        with self.database.write() as connection:
            for change in changes:
                self._book.apply(connection, change)

    def said_by_crew(self, to: State) -> None:
        """The crew says what it found, and takes the first order to a state."""
        with self.database.write() as connection:
            first = connection.execute(select(WORK_ORDER.c.id).order_by(WORK_ORDER.c.id)).scalars().first()
            assert first is not None
            self.orders.note(connection, first, "Li", "wet floor on 12")
            self.orders.find(connection, first, Outcome.CONFIRMED, "Li")
            self.orders.move(connection, first, Step(to, "Li"))

    def all(self) -> list[Order]:
        """Every order, the oldest first."""
        with self.database.read() as connection:
            ids = connection.execute(select(WORK_ORDER.c.id).order_by(WORK_ORDER.c.id)).scalars().all()
            return [one(connection, order) for order in ids]

    def notes(self) -> list[str]:
        """Of all orders' histories."""
        with self.database.read() as connection:
            return [n for n in connection.execute(select(HISTORY.c.note).order_by(HISTORY.c.id)).scalars() if n]


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    made = Told(tmp_path)
    yield made
    made.database.close()


@pytest.mark.parametrize("early", [False, True], ids=["ordered", "early"])
def test_a_leak_that_tears_stays_one_order_and_goes_up(told: Told, early: bool) -> None:  # noqa: FBT001 -- a case
    """The leak's order becomes the burst's: its level, title and steps; a person's note is kept."""
    told.hear(0, LEAKS)
    told.said_by_crew(State.ON_SITE)
    told.hear(1, TORN, early=early)
    told.hear(1, TORN)
    (order,) = told.all()

    assert (order.row.failure_mode, order.row.level, order.row.state) == ("pipe.burst", "I", "on_site")
    assert {"wet floor on 12", "由渗漏发展为爆管预警 / what was told as Leak is now told as Burst warning"} <= set(
        told.notes()
    )


def test_a_leak_that_may_burst_is_told_so_in_its_order(told: Told) -> None:
    """A warning as urgent as the leak's order takes the order over, and adds none."""
    told.hear(0, LEAKS)
    told.hear(24, WARNED)
    (order,) = told.all()

    assert (order.row.failure_mode, order.row.level) == ("pipe.burst", "II")


def test_what_had_no_name_gets_one_in_its_order(told: Told) -> None:
    """Channels that went apart, then a bearing, are one order, named for it; what comes later has its own."""
    told.hear(0, ("asset.multivariate", 0.8), asset=PUMP)
    told.said_by_crew(State.ON_SITE)
    told.hear(24, ("pump.bearing", 0.8), asset=PUMP)
    (bearing,) = told.all()
    told.hear(25, ("pump.motor", 0.8), asset=PUMP)
    still, motor = told.all()

    assert (bearing.row.failure_mode, bearing.row.state) == ("pump.bearing", "on_site")
    assert "wet floor on 12" in told.notes()
    assert still.row.failure_mode == "pump.bearing"
    assert (motor.row.failure_mode, motor.row.state) == ("pump.motor", "new")


@pytest.mark.parametrize("state", [State.RESOLVED, State.CLOSED])
def test_what_was_seen_to_does_not_swallow_a_burst(told: Told, state: State) -> None:
    """Where the crew said of the leak that it is dealt with, a burst is an order of its own; each names the other."""
    told.hear(0, LEAKS)
    told.said_by_crew(state)
    told.hear(1, TORN)
    leak, burst = told.all()

    assert (leak.row.state, burst.row.failure_mode, burst.row.level) == (state, "pipe.burst", "I")
    assert sum("about the same asset" in note for note in told.notes()) == 2


def test_each_episode_ends_by_itself(told: Told) -> None:
    """The burst's end and the leak's are both told in the one order, which stays open."""
    told.hear(0, LEAKS)
    told.hear(1, TORN)
    for hour in (2, 26, 50, 74):
        told.hear(hour, ("pipe.burst", CALM))
        told.hear(hour, ("pipe.leak", CALM))
    with told.database.read() as connection:
        ended = connection.execute(select(EPISODE.c.ended_us)).scalars().all()
        actions = connection.execute(select(HISTORY.c.action)).scalars().all()

    assert len(ended) == 2
    assert None not in ended
    assert actions.count("event_ended") == 2
    assert [order.row.state for order in told.all()] == ["new"]


def test_what_is_written_twice_is_written_once(told: Told) -> None:
    """A tear announced by one message and confirmed later adds one line of what has become of the leak."""
    told.hear(0, LEAKS)
    told.hear(1, TORN, early=True)
    told.hear(1, TORN)
    told.hear(2, TORN)

    assert sum("发展为" in note for note in told.notes()) == 1


def test_a_cancelled_warning_does_not_swallow_a_tear(told: Told) -> None:
    """Who cancelled a warning said nothing of a pipe that tears: that is an order of its own, and ends with it."""
    told.hear(0, WARNED)
    (first,) = told.all()
    with told.database.write() as connection:
        told.orders.move(connection, first.row.id, Step(State.CANCELLED, "Li", "nothing to hear"))
    told.hear(24, WARNED)
    told.hear(30, TORN)
    warning, tear = told.all()
    for hour in (31, 60):
        told.hear(hour, ("pipe.burst", CALM))

    assert (warning.row.state, warning.row.level) == ("cancelled", "II")
    assert (tear.row.state, tear.row.level) == ("new", "I")
    assert sum("about the same asset" in note for note in told.notes()) == 2
    with told.database.read() as connection:
        ended = connection.execute(select(EPISODE.c.ended_us).order_by(EPISODE.c.id)).scalars().all()
    assert len(ended) == 2
    assert None not in ended
    assert len(told.all()) == 2
