"""Training: what a replay and the crews' answers teach, the same wherever it runs, and nothing saved by itself."""

import os
import signal
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import joblib
import numpy as np
import pytest

from ingest.history import Series
from ingest.registry import Asset, AssetClass, Device, Registry, Site, Text
from models.fitted.card import digest_of
from models.fitted.probability_map import map_of
from models.fitted.site_readings import SiteReadings
from models.fitted.site_words import DAY_US, SiteWords, Span
from service.training import Found, Learnt, hear_sites, learn

START = 20_000 * DAY_US
DAYS = 300
SPAN = Span(START, START + DAYS * DAY_US, 10_000_000)
NOTHING = Found({}, frozenset())


def registry(sites: int = 1, pumps: int = 3) -> Registry:
    place = Text("泵", "pump")
    names = [(f"s{site}", f"s{site}-p{pump}") for site in range(sites) for pump in range(pumps)]
    return Registry(
        {site: Site(site, place, ZoneInfo("Asia/Shanghai")) for site, _ in names},
        {name: Asset(name, site, AssetClass.PUMP, place, {"timezone": "Asia/Shanghai"}) for site, name in names},
        {f"{name}-d": Device(f"{name}-d", site, (name,)) for site, name in names},
    )


def words() -> tuple[SiteWords, Found]:
    """Chances that say twice what comes true of three pumps, and what crews confirmed."""
    dice, said, confirmed = np.random.default_rng(1), SiteWords(), dict[tuple[str, str], list[int]]()
    chances = said.chances.setdefault("pump.bearing", {})
    for asset in registry().assets:
        for number in range(DAYS):
            day = START + number * DAY_US
            failing = number % 60 >= 55
            chances[asset, day] = (day, float(dice.uniform(0.5, 0.9) if failing else dice.uniform(0.0, 0.4)))
            said.highest.setdefault("pump.bearing", {})[asset, day] = float(dice.beta(2, 8))
            look = {"velocity median": float(dice.normal(2, 0.1)), "velocity spread": float(dice.normal(1, 0.1))}
            said.looks.setdefault(AssetClass.PUMP, {})[asset, day] = look
            if number % 60 == 59:
                confirmed.setdefault(("pump.bearing", asset), []).append(day)
    return said, Found(confirmed, frozenset())


@pytest.fixture(scope="module")
def learnt() -> Learnt:
    said, found = words()
    return learn(said, registry(), found, SPAN, seed=1)


def test_what_the_history_bears_is_fitted_with_its_card(learnt: Learnt) -> None:
    """A calibration and a forest, with span, seed, libraries, and figures on days held out."""
    cards = {one.card.name: one.card for one in learnt.models}

    assert set(cards) == {"calibration:pump.bearing", "forest:pump"}
    assert {(card.start_us, card.end_us, card.seed) for card in cards.values()} == {(SPAN.start_us, SPAN.end_us, 1)}
    assert (
        cards["calibration:pump.bearing"].figures["Brier after"]
        < cards["calibration:pump.bearing"].figures["Brier before"]
    )
    assert "scikit-learn" in cards["forest:pump"].libraries


def test_the_same_history_and_seed_give_the_same_bytes(learnt: Learnt) -> None:
    """A calibration's digest follows from what it was fitted to."""
    said, found = words()
    again = learn(said, registry(), found, SPAN, seed=1)
    digests = [digest_of(one.content) for one in (learnt.models[0], again.models[0])]

    assert digests[0] == digests[1]
    assert map_of("m", again.models[0].content)(0.8) > map_of("m", again.models[0].content)(0.1)


def test_raise_levels_are_proposed_for_what_ships(learnt: Learnt) -> None:
    """The proposal names the threshold and its present value; nothing here can save it."""
    (proposal,) = learnt.proposals

    assert proposal.threshold == "policy.pump.bearing.raise_score"
    assert proposal.now < proposal.empirical < 1.0
    assert proposal.days == 3 * DAYS


def test_days_with_a_work_order_teach_nothing(learnt: Learnt) -> None:
    """They are left out of the sound days of forests and of raise levels."""
    said, found = words()
    ticketed = frozenset((asset, START + n * DAY_US) for asset in registry().assets for n in range(100))
    fewer = learn(said, registry(), Found(found.confirmed, ticketed), SPAN, seed=1)

    assert fewer.proposals[0].days == learnt.proposals[0].days - 300
    assert fewer.models[1].card.rows == learnt.models[1].card.rows - 300


def test_what_crews_never_confirmed_is_not_fitted() -> None:
    """Without failures there is no calibration, and the reason is said."""
    said, _ = words()
    refused = learn(said, registry(), NOTHING, SPAN, seed=1).refused

    assert [line.split(":")[0] for line in refused] == ["calibration"]


def _store(known: Registry) -> SiteReadings:
    dice = np.random.default_rng(3)
    at_us = np.arange(START, START + 2 * DAY_US, 300_000_000, dtype=np.int64)
    held: Mapping[str, Mapping[str, Series]] = {
        device: {
            "velocity_rms_mm_s": Series(at_us, dice.normal(2.0, 0.1, at_us.size), np.zeros(at_us.size, dtype=np.uint8))
        }
        for device in known.devices
    }
    return SiteReadings(START, held, {})


def _heard(known: Registry, n_jobs: int) -> SiteWords:
    span = Span(START, START + 2 * DAY_US, 10_000_000)
    return hear_sites(_store(known), known, span, n_jobs, lambda _: None)


def test_a_cluster_that_loses_a_worker_hears_the_same() -> None:
    """On a real Dask cluster, one of whose workers is killed at work, the words are those of one process."""
    from distributed import Client, LocalCluster  # noqa: PLC0415 -- half a second that only this test needs

    known = registry(sites=6, pumps=1)
    alone = _heard(known, 1)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        victim = next(iter(cluster.workers.values())).pid

        def kill_at_work(text: str) -> None:
            if text == "replaying s3":
                os.kill(victim, signal.SIGKILL)

        span = Span(START, START + 2 * DAY_US, 10_000_000)
        with joblib.parallel_config("dask", client=client):
            found = hear_sites(_store(known), known, span, -1, kill_at_work)
        still_there = victim in {worker.pid for worker in cluster.workers.values()}

    assert not still_there
    assert found == alone
    assert alone.looks[AssetClass.PUMP]
