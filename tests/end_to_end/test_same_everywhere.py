"""Same everywhere: live, replayed, shuffled and restarted, the whole chain leads to the same episodes and orders."""

import random
from collections.abc import Callable, Sequence
from dataclasses import astuple, replace
from functools import cache
from heapq import merge
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from alerts.backtest import backtest
from alerts.database import Database
from alerts.points import PendingPoints
from alerts.scorer import Scorer
from alerts.thresholds import SavedThresholds
from alerts.tunables import tunables_of
from device_simulators.calendar import DAY_US, HOUR_US, local_midnight
from device_simulators.community import Community
from device_simulators.message import Message
from ingest.arrival import Arrival
from ingest.decode import Decoder
from ingest.forward import Forwarder
from ingest.log import Entry, Record
from ingest.settings import IngestSettings
from ingest.sqlite_log import SqliteLog
from ingest.stores.duckdb_store import DuckdbReadingStore
from models.detectors.catalogue import DETECTORS
from tests.end_to_end.chain import (
    LATENESS_US,
    PLATE_KEY,
    Raised,
    SetClock,
    community_registry,
    fill_log,
    raised,
    score_log,
)
from tests.ingest.outcomes import outcome_of

MIDNIGHT_US = local_midnight(1_764_000_000_000_000)
REGISTRY = community_registry()
MORNING_RAISES = ["elevator.entrapment"] * 3 + ["parking.fire_lane"] + ["parking.illegal"] * 2


@cache
def morning() -> tuple[Message, ...]:
    """Six hours of one day: three entrapments, two cars in the no-parking zone and one in the fire lane."""
    from_us, until_us = MIDNIGHT_US + 8 * HOUR_US, MIDNIGHT_US + 15 * HOUR_US
    trapped = (m for m in Community(3, MIDNIGHT_US, "entrapment") if not m.topic.startswith("frigate/"))
    parked = (m for m in Community(3, MIDNIGHT_US, "parking") if m.topic.startswith("frigate/"))
    both = merge(trapped, parked, key=lambda message: message.at_us)
    return tuple(message for message in both if from_us <= message.at_us < until_us)


def leaking_riser() -> list[Message]:
    """Seventeen days of the risers, the last ten with a leak that grows until it bursts."""
    from_us, until_us = MIDNIGHT_US + 5 * DAY_US, MIDNIGHT_US + 22 * DAY_US
    return [m for m in Community(7, MIDNIGHT_US, "burst") if "riser" in m.topic and from_us <= m.at_us < until_us]


@cache
def undisturbed() -> tuple[Raised, ...]:
    """The episodes of the morning when every message comes at once and nothing is restarted."""
    with TemporaryDirectory() as folder:
        fill_log(morning(), Path(folder, "log.db"), REGISTRY)
        return tuple(score_log(Path(folder, "log.db"), Path(folder, "precomplaint.db"), REGISTRY))


@cache
def may_take_us() -> tuple[int, ...]:
    """How long each message of the morning may be on its way and still count, microseconds.

    Its oldest record must not lie further behind the site's watermark than the bound. The watermark is never ahead of
    the moment of arrival, so the time since that oldest record is what may not exceed it.
    """
    decoder, found = Decoder.build(IngestSettings(plate_key=SecretStr(PLATE_KEY)), REGISTRY), []
    for message in morning():
        outcome = outcome_of(decoder, Arrival(message.topic, message.payload, message.at_us, message.retain), {})
        if not isinstance(outcome, Entry):
            found.append(0)
            continue
        batch = outcome.batch
        oldest_us = min((record.at_us for record in (*batch.readings, *batch.events)), default=message.at_us)
        patience_us = min(REGISTRY.patience_us(asset) for asset in REGISTRY.devices[batch.device].assets)
        found.append(max(0, LATENESS_US + patience_us - (message.at_us - oldest_us)))
    return tuple(found)


class ShortLog(SqliteLog):
    """A log of which one reads only a few records at a time."""

    at_most = 500

    def read(self, after: int, limit: int) -> list[Record]:
        """See `Log.read`."""
        return super().read(after, min(limit, self.at_most))


def score_in_pieces(path: Path, database: Path, pieces: Sequence[int]) -> list[Raised]:
    """Score so many records with one scorer, the next with a new one, and the rest with a last one."""
    log, clock, rows = ShortLog(path), SetClock(), Database(database)
    for piece in pieces:
        log.at_most = piece
        Scorer(log, REGISTRY, rows, DETECTORS, LATENESS_US, clock).step()
    log.at_most = 500
    last = Scorer(log, REGISTRY, rows, DETECTORS, LATENESS_US, clock)
    while last.step():
        pass
    found = raised(rows)
    rows.close()
    log.close()
    return found


@pytest.mark.parametrize(
    ("messages", "modes"), [(morning, MORNING_RAISES), (leaking_riser, ["pipe.burst"])], ids=["morning", "burst"]
)
def test_a_backtest_over_the_history_finds_what_live_found(
    messages: Callable[[], Sequence[Message]], modes: list[str], tmp_path: Path
) -> None:
    """What the log forwards to DuckDB, replayed, gives the live scorer's episodes, in every respect."""
    sent = messages()
    fill_log(sent, tmp_path / "log.db", REGISTRY)
    live = score_log(tmp_path / "log.db", tmp_path / "precomplaint.db", REGISTRY)
    log, rows = SqliteLog(tmp_path / "log.db"), Database(tmp_path / "precomplaint.db")
    store = DuckdbReadingStore(tmp_path / "history.duckdb")
    forwarder = Forwarder(log, store, PendingPoints(rows))
    while forwarder.step():
        pass
    book = SavedThresholds(rows, tunables_of(DETECTORS).values())
    start_us = sent[0].at_us - sent[0].at_us % HOUR_US
    stored = backtest(store, REGISTRY, DETECTORS, book, LATENESS_US, start_us, sent[-1].at_us)
    for opened in (store, log, rows):
        opened.close()
    found = [Raised(*astuple(one.key), one.started_us, one.ended_us, one.level) for one in stored]

    assert sorted(one.failure_mode for one in live) == modes
    assert sorted(found, key=lambda one: (one.started_us, one.asset, one.failure_mode, one.subject)) == live


@given(st.integers(0, 2**32), st.sampled_from([0.1, 1.0]))
@settings(max_examples=12, derandomize=True, phases=[Phase.generate])
def test_delays_within_the_bound_change_nothing(seed: int, share: float) -> None:
    """Messages that arrive late and out of order, each within its bound, lead to the same episodes and orders."""
    dice = random.Random(seed)  # noqa: S311 -- dice of a test
    underway = [
        replace(message, at_us=message.at_us + round(dice.random() * share * longest_us))
        for message, longest_us in zip(morning(), may_take_us(), strict=True)
    ]
    arrived = sorted(underway, key=lambda message: message.at_us)
    with TemporaryDirectory() as folder:
        fill_log(arrived, Path(folder, "log.db"), REGISTRY)
        found = score_log(Path(folder, "log.db"), Path(folder, "precomplaint.db"), REGISTRY)

    assert underway != arrived
    assert found == list(undisturbed())
    assert sorted(one.failure_mode for one in found) == MORNING_RAISES


@given(st.lists(st.integers(1, 120), min_size=3, max_size=12))
@settings(max_examples=12, derandomize=True, phases=[Phase.generate])
def test_restarts_change_nothing(pieces: list[int]) -> None:
    """A scorer that is replaced by a new one after any records leads to the same episodes and orders."""
    with TemporaryDirectory() as folder:
        fill_log(morning(), Path(folder, "log.db"), REGISTRY)
        found = score_in_pieces(Path(folder, "log.db"), Path(folder, "precomplaint.db"), pieces)

    assert found == list(undisturbed())
