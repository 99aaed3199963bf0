"""Episode book: what a change of an episode writes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from alerts.database import Database
from alerts.episode_book import EpisodeBook
from alerts.episodes import Change, Confirmed, Ended, Key, Raised, Risen
from alerts.levels import Level
from alerts.moments import SECOND_US
from alerts.order_list import Order, one
from alerts.policy.modes import policy_tunables
from alerts.tables import EPISODE, HISTORY, WORK_ORDER
from alerts.thresholds import SavedThresholds
from alerts.work_orders import WorkOrders
from models.findings import Evidence
from tests.alerts.seeding import ELEVATOR, NOW_US, PUMP, HandClock, ListLog, bearing, community, entrapment

KEY = Key(ELEVATOR, "elevator.entrapment", "")
FOUND = entrapment(NOW_US)
ANNOUNCED = Raised(KEY, NOW_US, Level.I, FOUND, provisional=True)
LATER_US = NOW_US + SECOND_US


class Written:
    """A database and the book that writes into it."""

    def __init__(self, folder: Path) -> None:
        registry = community()
        self.database = Database(folder / "main.db")
        thresholds = SavedThresholds(self.database, policy_tunables())
        self._book = EpisodeBook(registry, WorkOrders(registry, HandClock()), thresholds, ListLog())

    def apply(self, *changes: Change) -> None:
        """Each change in a transaction of its own."""
        for change in changes:
            with self.database.write() as connection:
                self._book.apply(connection, change)

    def episodes(self) -> Sequence[tuple[int, int | None, bool]]:
        """Start, end and whether provisional, of all."""
        with self.database.read() as connection:
            rows = connection.execute(select(EPISODE.c.started_us, EPISODE.c.ended_us, EPISODE.c.provisional))
            return [(r.started_us, r.ended_us, r.provisional) for r in rows]

    def orders(self) -> list[Order]:
        """All of them."""
        with self.database.read() as connection:
            return [one(connection, order) for order in connection.execute(select(WORK_ORDER.c.id)).scalars()]

    def actions(self) -> Sequence[str]:
        """Of all orders' histories."""
        with self.database.read() as connection:
            return connection.execute(select(HISTORY.c.action).order_by(HISTORY.c.id)).scalars().all()


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Written]:
    made = Written(tmp_path)
    yield made
    made.database.close()


def test_the_same_change_again_adds_nothing(written: Written) -> None:
    """An episode raised twice has one order, one piece of evidence and one line of history."""
    written.apply(ANNOUNCED, ANNOUNCED)

    assert written.episodes() == [(NOW_US, None, True)]
    assert written.actions() == ["raised"]


def test_a_confirmation_keeps_the_order_and_corrects_the_start(written: Written) -> None:
    """The announced order goes on as the confirmed one, with the earlier start and the ordered evidence beside."""
    ordered = replace(FOUND, at_us=NOW_US - SECOND_US)
    written.apply(ANNOUNCED, Confirmed(KEY, NOW_US, ordered.at_us, Level.I, ordered))

    assert written.episodes() == [(ordered.at_us, None, False)]
    assert [order.started_us for order in written.orders()] == [ordered.at_us]
    assert written.actions() == ["raised", "evidence_added"]


def test_an_unconfirmed_episode_ends_and_its_order_stays_open(written: Written) -> None:
    """The crew is told that later data did not confirm it; whether to close is theirs to say."""
    written.apply(ANNOUNCED, Ended(KEY, NOW_US, LATER_US, confirmed=False))

    assert written.episodes() == [(NOW_US, LATER_US, True)]
    assert [order.row.state for order in written.orders()] == ["new"]
    assert written.actions() == ["raised", "event_ended"]


def test_an_episode_found_after_all_takes_its_order_up_again(written: Written) -> None:
    """The ordered path finding the very start that was given up goes on with the same order."""
    written.apply(ANNOUNCED, Ended(KEY, NOW_US, LATER_US, confirmed=False))
    written.apply(replace(ANNOUNCED, provisional=False), Ended(KEY, NOW_US, LATER_US + 1))

    assert written.episodes() == [(NOW_US, LATER_US + 1, False)]
    assert len(written.orders()) == 1


def test_a_rise_brings_its_own_title_and_evidence(written: Written) -> None:
    """What made it more urgent stands in the title, and both pieces of evidence are kept."""
    key, found = Key(PUMP, "pump.bearing", ""), bearing(NOW_US)
    worse = replace(found, severity=1, evidence=Evidence(facts={"iso_zone": "D"}))
    written.apply(Raised(key, NOW_US, Level.III, found, provisional=False), Risen(key, NOW_US, Level.II, worse))
    row = written.orders()[0].row

    assert (row.level, row.title_en.endswith("zone D")) == ("II", True)
    assert written.actions() == ["raised", "level_raised", "evidence_added"]
