"""In process: the fast path raises what the whole chain over real files raises."""

from dataclasses import replace
from pathlib import Path

import pytest

from alerts.episodes import Confirmed, Ended, Key
from alerts.episodes import Raised as EpisodeRaised
from alerts.levels import Level
from device_simulators.community import Community
from models.detectors.catalogue import DETECTORS
from models.findings import Finding, Verdict
from service.evaluation.in_process import Order, OrderBook, orders_of
from tests.end_to_end.chain import LATENESS_US, Raised, community_registry, fill_log, score_log

_START_US = 1_764_000_000_000_000


@pytest.mark.parametrize("scenario", ["entrapment", "parking"])
def test_orders_are_those_of_the_whole_chain(scenario: str, tmp_path: Path) -> None:
    """Without a log and a database the same episodes begin, end and have the same level."""
    registry = community_registry()
    fill_log(Community(7, _START_US, scenario), tmp_path / "log.db", registry)
    chain = score_log(tmp_path / "log.db", tmp_path / "precomplaint.db", registry)
    orders = orders_of(Community(7, _START_US, scenario), registry, DETECTORS, LATENESS_US)

    found = [Raised(o.key.asset, o.key.failure_mode, o.key.subject, o.started_us, o.ended_us, o.level) for o in orders]

    assert chain
    assert [_unhashed(one) for one in found] == [_unhashed(one) for one in chain]


def test_an_order_is_raised_no_sooner_than_its_episode_starts() -> None:
    """The moment of an order is the watermark's, which never lies before what was seen."""
    orders = orders_of(Community(7, _START_US, "entrapment"), community_registry(), DETECTORS, LATENESS_US)

    assert all(order.raised_us >= order.started_us for order in orders)


def test_an_order_that_goes_on_is_one_order() -> None:
    """A tear that an early word told, and that began sooner, is told within the leak's order, and ends by itself."""
    leak, burst = Key("r", "pipe.leak", ""), Key("r", "pipe.burst", "")
    leaks, tears = (Finding("r", key.failure_mode, 0, Verdict.SCORED, 1.0) for key in (leak, burst))
    book = OrderBook()
    book.apply(EpisodeRaised(leak, 10, Level.II, leaks, provisional=False), 12)
    book.apply(EpisodeRaised(burst, 30, Level.I, tears, provisional=True, before=(leak, 10)), 31)
    book.apply(Confirmed(burst, 30, 29, Level.I, tears), 40)
    book.apply(Ended(burst, 29, 50), 60)
    tear = Order(burst, 29, 31, Level.I, ended_us=50)

    assert book.raised() == [Order(leak, 10, 12, Level.I, went_on=(tear,))]


def _unhashed(one: Raised) -> Raised:
    """Plates are hashed with another key here, so of a subject only that there is one can be compared."""
    return replace(one, subject="a plate" if one.subject else "")
