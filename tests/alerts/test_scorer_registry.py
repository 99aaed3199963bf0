"""Scorer and registry: a change is taken up while the scorer runs, exactly as a restart would take it up."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.database import Database
from alerts.points import PendingPoints
from alerts.scorer import Scorer
from ingest.registry import Asset, AssetClass, Registry, Text
from ingest.registry_book import RegistryBook, Signed
from ingest.registry_edit import with_things, without
from ingest.registry_rows import Kind
from tests.alerts.detectors import DETECTORS
from tests.alerts.recording import LATENESS_US, Said, entries, story
from tests.alerts.seeding import ELEVATOR, RISER, RISER_NEXT, SITE, HandClock, ListLog, community
from tests.alerts.test_scorer import END, episodes, hashes, log_of

SIGNED = Signed("test", "", 1)


def book_of(folder: Path, registry: Registry) -> RegistryBook:
    book = RegistryBook(folder / "registry.db")
    book.change(lambda _: registry, SIGNED)
    return book


def without_riser() -> Registry:
    """The community before somebody wrote down one of its risers and the riser's sensor."""
    alone = replace(community().assets[RISER_NEXT], neighbours=())
    smaller = with_things(community(), [alone])
    return without(without(smaller, Kind.DEVICE, f"{RISER}-sensor"), Kind.ASSET, RISER)


def step_to_end(scorer: Scorer) -> None:
    while scorer.step():
        pass


def watched(database: Database) -> set[str]:
    """The assets of which it is written for the charts who watches them."""
    return {point.tags["asset"] for _, point in PendingPoints(database).pending(10_000) if point.series == "watch"}


def test_a_new_asset_is_watched_from_the_next_step_on(tmp_path: Path) -> None:
    """What its sensor says after it was added raises an order; the charts learn who watches it; nobody restarted."""
    book, database, log = book_of(tmp_path, without_riser()), Database(tmp_path / "main.db"), ListLog()
    scorer = Scorer(log, book, database, DETECTORS, LATENESS_US, HandClock())
    log.append(entries([s for s in story(600) if s.asset == ELEVATOR]))
    step_to_end(scorer)
    before = episodes(database), watched(database)
    book.change(lambda _: community(), SIGNED)
    log.append(entries([Said(700 + 2 * n, RISER, 50.0 if n > 20 else 10.0) for n in range(100)] + END))
    step_to_end(scorer)

    assert {asset for asset, *_ in before[0]} == {ELEVATOR}
    assert RISER not in before[1]
    assert RISER in {asset for asset, *_ in episodes(database)}
    assert RISER in watched(database)


def test_an_idle_scorer_takes_a_change_up_too(tmp_path: Path) -> None:
    """At the head of the log, with nothing to score, the next step writes who watches what anew, and only once."""
    book, database = book_of(tmp_path, without_riser()), Database(tmp_path / "main.db")
    scorer = Scorer(ListLog(), book, database, DETECTORS, LATENESS_US, HandClock())
    scorer.step()
    quiet = len(PendingPoints(database).pending(10_000))
    scorer.step()
    book.change(lambda _: community(), SIGNED)
    scorer.step()

    assert len(PendingPoints(database).pending(10_000)) > quiet
    assert RISER in watched(database)


@given(st.lists(st.integers(1, 650), min_size=1, max_size=4, unique=True))
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changes_elsewhere_change_nothing_here(tmp_path_factory: pytest.TempPathFactory, cuts: list[int]) -> None:
    """Assets added at any positions of the log leave the episodes, orders and evidence of all others as they are."""
    folder = tmp_path_factory.mktemp("cut")
    whole, cut, book = Database(folder / "whole.db"), Database(folder / "cut.db"), book_of(folder, community())
    log = log_of(story(1200) + END)
    step_to_end(Scorer(log, book.current(), whole, DETECTORS, LATENESS_US, HandClock()))
    growing = ListLog()
    scorer = Scorer(growing, book, cut, DETECTORS, LATENESS_US, HandClock())
    for position in sorted(cuts):
        growing.records = log.records[:position]
        step_to_end(scorer)
        asset = Asset(f"pump-{position}", SITE, AssetClass.PUMP, Text("泵", "pump"))
        book.change(lambda registry, asset=asset: with_things(registry, [asset]), SIGNED)
    growing.records = log.records
    step_to_end(scorer)

    assert episodes(cut) == episodes(whole)
    assert hashes(cut) == hashes(whole)


def test_an_asset_may_leave_and_come_back_while_an_episode_is_open(tmp_path: Path) -> None:
    """Its order stays, scoring goes on for the others, and once it is back its episode goes on and ends."""
    book, database, log = book_of(tmp_path, community()), Database(tmp_path / "main.db"), ListLog()
    scorer = Scorer(log, book, database, DETECTORS, LATENESS_US, HandClock())

    def hear(said: Sequence[Said]) -> None:
        log.append(entries(said))
        step_to_end(scorer)

    hear([Said(2 * n, RISER, 50.0) for n in range(60)])
    opened = episodes(database)
    book.change(lambda _: without_riser(), SIGNED)
    hear([Said(130, ELEVATOR, 1.0), Said(150, ELEVATOR, 0.0), Said(200, ELEVATOR, 0.0), Said(210, RISER, 50.0)])
    meanwhile = episodes(database)
    book.change(lambda _: community(), SIGNED)
    hear([Said(300 + 600 * n, RISER, 10.0) for n in range(180)])  # a burst's episode ends after a day below

    assert [(asset, ended) for asset, _, _, ended in opened] == [(RISER, None)]
    assert [asset for asset, *_ in meanwhile] == [RISER, ELEVATOR]
    assert [asset for asset, *_ in episodes(database)] == [RISER, ELEVATOR]
    assert all(ended is not None for *_, ended in episodes(database))
