"""In process: the fast path raises what the whole chain over real files raises."""

from dataclasses import replace
from pathlib import Path

import pytest

from device_simulators.community import Community
from models.detectors.catalogue import DETECTORS
from service.evaluation.in_process import orders_of
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


def _unhashed(one: Raised) -> Raised:
    """Plates are hashed with another key here, so of a subject only that there is one can be compared."""
    return replace(one, subject="a plate" if one.subject else "")
