"""Scorer: exactly one work order an episode, whatever the order of messages and whenever it is killed."""

import itertools
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY as REGISTRY_OF_METRICS
from sqlalchemy import Engine, Table, event, func, select

from alerts import detector_memory, evidence, outbox, thresholds
from alerts.backtest import backtest
from alerts.database import Database
from alerts.episodes import Key
from alerts.moments import MINUTE_US, SECOND_US
from alerts.points import PendingPoints
from alerts.policy.modes import NoPolicyError
from alerts.scorer import Scorer
from alerts.tables import EPISODE, EVIDENCE, HISTORY, OUTBOX, WORK_ORDER
from alerts.thresholds import Change, SavedThresholds, Scope
from alerts.tunables import tunables_of
from ingest.log import Log
from ingest.sqlite_log import SqliteLog
from ingest.stores.duckdb_store import DuckdbReadingStore
from models.detector import Memory
from models.findings import Finding
from models.thresholds import ThresholdBook
from models.windows import Window
from tests.alerts.detectors import DETECTORS, GAIN, ButtonDetector, PressureDetector
from tests.alerts.recording import LATENESS_US, Said, entries, story
from tests.alerts.seeding import ELEVATOR, NOW_US, RISER, RISER_NEXT, HandClock, ListLog, community
from tests.servers import wait_until

REGISTRY = community()
# What is high at the end of the log stays in an open window; this closes it.
END = [Said(9_000, RISER, 10.0), Said(9_100, RISER, 10.0)]
KEPT = (EPISODE, WORK_ORDER, HISTORY, EVIDENCE, OUTBOX)
Episodes = list[tuple[str, str, int, int | None]]


def scorer(log: Log, database: Database) -> Scorer:
    return Scorer(log, REGISTRY, database, DETECTORS, LATENESS_US, HandClock())


def score_all(log: Log, database: Database) -> None:
    under_test = scorer(log, database)
    while under_test.step():
        pass


def episodes(database: Database) -> Episodes:
    with database.read() as connection:
        rows = connection.execute(
            select(EPISODE.c.asset, EPISODE.c.failure_mode, EPISODE.c.started_us, EPISODE.c.ended_us)
            .where(EPISODE.c.provisional.is_(False))
            .order_by(EPISODE.c.started_us)
        )
        return [(r.asset, r.failure_mode, r.started_us, r.ended_us) for r in rows]


def count(database: Database, table: Table) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def log_of(said: list[Said]) -> ListLog:
    log = ListLog()
    log.append(entries(said))
    return log


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "main.db")


def test_each_episode_has_one_work_order_with_evidence(database: Database) -> None:
    """Ten pressed buttons and one rise of pressure are eleven episodes with an order, evidence and message each."""
    score_all(log_of(story() + END), database)
    found = episodes(database)

    assert len([e for e in found if e[0] == ELEVATOR]) == 10
    assert [e[2] for e in found if e[0] == RISER] == [NOW_US + 1008 * SECOND_US]
    with database.read() as connection:
        orders = connection.execute(
            select(WORK_ORDER.c.id, WORK_ORDER.c.asset, EPISODE.c.started_us).join(EPISODE)
        ).all()
        for order in orders:
            frozen = evidence.newest(connection, order.id)
            assert frozen is not None
            assert frozen.document().finding.at_us == order.started_us
        raised = [m for m in outbox.after(connection, 0, 1000) if m.kind == "work_order.raised"]
    assert len(orders) == len(raised) == 11


@given(st.integers(0, 10**6), st.integers(0, 8))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_arrival_changes_no_episode(
    tmp_path_factory: pytest.TempPathFactory, seed: int, late_s: int
) -> None:
    """Messages delayed by anything within the lateness bound give the episodes of messages in order."""
    said, rng = story(1200), random.Random(seed)  # noqa: S311 -- not a secret
    shuffled = sorted(said, key=lambda s: s.at_s + rng.uniform(0, late_s))
    in_order, delayed = (Database(tmp_path_factory.mktemp("order") / "main.db") for _ in range(2))
    score_all(log_of(said + END), in_order)
    score_all(log_of(shuffled + END), delayed)

    assert episodes(delayed) == episodes(in_order)
    assert count(delayed, WORK_ORDER) == count(in_order, WORK_ORDER)


@given(st.lists(st.integers(1, 600), min_size=1, max_size=4))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_restart_changes_nothing(tmp_path_factory: pytest.TempPathFactory, cuts: list[int]) -> None:
    """A scorer replaced by a new one at any positions leaves the same episodes, orders and evidence."""
    whole = Database(tmp_path_factory.mktemp("whole") / "main.db")
    cut = Database(tmp_path_factory.mktemp("cut") / "main.db")
    log = log_of(story(1200) + END)
    score_all(log, whole)
    for position in sorted(cuts):
        score_all(ListLog(log.records[:position]), cut)
    score_all(log, cut)

    assert episodes(cut) == episodes(whole)
    assert hashes(cut) == hashes(whole)


def test_a_replay_of_the_stored_readings_gives_the_same_episodes(database: Database, tmp_path: Path) -> None:
    """What a backtest finds in the time-series store is what the live run found."""
    log = log_of(story(1200) + END)
    score_all(log, database)
    store = DuckdbReadingStore(tmp_path / "history.duckdb")
    store.write(log.records)
    book = SavedThresholds(database, tunables_of(DETECTORS).values())
    replayed = backtest(store, REGISTRY, DETECTORS, book, LATENESS_US, NOW_US, NOW_US + 9_200 * SECOND_US)
    store.close()

    assert sorted((e.key.asset, e.key.failure_mode, e.started_us, e.ended_us) for e in replayed) == sorted(
        episodes(database)
    )
    assert {e.key for e in replayed} == {Key(RISER, "pipe.burst", ""), Key(ELEVATOR, "elevator.entrapment", "")}


def test_killed_at_any_moment_it_raises_each_order_once(tmp_path: Path) -> None:
    """A real scorer process that dies before random statements leaves what an undisturbed one does, each thing once."""
    appended, rng = entries(story() + END), random.Random(7)  # noqa: S311 -- not a secret
    log, reference, path = SqliteLog(tmp_path / "log.db"), Database(tmp_path / "reference.db"), tmp_path / "killed.db"
    killed, deaths, parts = Database(path), 0, 7
    for number in range(parts):
        log.append(appended[number * len(appended) // parts : (number + 1) * len(appended) // parts])
        arguments = [str(tmp_path / "log.db"), str(path), str(rng.randrange(4, 45))]
        command = [sys.executable, "-m", "tests.alerts.score_process", *arguments]
        child = subprocess.run(command, capture_output=True, timeout=60, check=False)
        deaths += child.returncode == -signal.SIGKILL
    score_all(log, killed)
    score_all(log, reference)

    assert deaths >= parts // 2
    assert episodes(killed) == episodes(reference)
    assert hashes(killed) == hashes(reference)
    assert [count(killed, table) for table in KEPT] == [count(reference, table) for table in KEPT]


def test_a_step_is_done_whole_or_not_at_all(database: Database, tmp_path: Path) -> None:
    """Failing before its first statement, its second, and so on to its last commit, a step leaves nothing behind."""
    log = log_of([Said(100, ELEVATOR, 1.0), Said(120, ELEVATOR, 0.0), Said(200, ELEVATOR, 0.0)])
    reference = Database(tmp_path / "reference.db")
    score_all(log, reference)
    failures_before = 0
    while position(database) == 0:
        failures_before += 1
        with failing_at(failures_before), suppress(CutError):
            score_all(log, database)

    assert failures_before > 20
    assert [count(database, table) for table in KEPT] == [count(reference, table) for table in KEPT]
    assert hashes(database) == hashes(reference)


def test_a_new_threshold_is_used_by_a_running_scorer(database: Database) -> None:
    """A version saved while the scorer runs counts for the next findings, and the evidence names it."""
    log = log_of([Said(s, RISER, 20.0) for s in range(0, 100, 2)])
    under_test = scorer(log, database)
    under_test.step()
    before = episodes(database)
    with database.write() as connection:
        thresholds.save(connection, GAIN, Change(Scope(), 0.02, "李工", "test"), NOW_US + 100 * SECOND_US)
    log.append(entries([Said(s, RISER, 20.0) for s in range(100, 200, 2)], NOW_US + 98 * SECOND_US))
    under_test.step()
    with database.read() as connection:
        frozen = evidence.newest(connection, 1)

    assert before == []
    assert len(episodes(database)) == 1
    assert frozen is not None
    assert frozen.document().thresholds[GAIN.name].version == 1


def test_it_goes_on_after_a_failed_step(database: Database) -> None:
    """A transaction that fails is done again from the same records, and nothing is there twice."""
    log = log_of(story(600) + END)
    under_test, stop = scorer(log, database), threading.Event()
    with database.write() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER refuse BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    before = failures()
    runner = threading.Thread(target=under_test.run, args=(stop,))
    runner.start()
    wait_until(lambda: failures() > before, what="a failed step")
    with database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER refuse")
    wait_until(lambda: position(database) == log.head(), what="everything scored")
    stop.set()
    runner.join(20)

    assert count(database, WORK_ORDER) == len(episodes(database)) == 3


def test_scores_are_charted_once_a_minute(database: Database) -> None:
    """Points of a score lie a minute apart at least, however often the detector speaks."""
    score_all(log_of(story(1200) + END), database)
    pending = PendingPoints(database).pending(10_000)
    risk = [p for _, p in pending if p.series == "score" and p.tags["asset"] == RISER]
    gaps = {b.at_us - a.at_us for a, b in itertools.pairwise(risk)}

    assert min(gaps) >= MINUTE_US
    assert len(risk) >= 1200 // 60
    assert set(risk[0].fields) == {"score", "probability"}


def test_points_wait_until_they_are_forwarded(database: Database) -> None:
    """Pending points come oldest first, and those that were forwarded are gone, the others stay."""
    scorer(ListLog(), database)
    points = PendingPoints(database)
    first = points.pending(3)
    points.forwarded([number for number, _ in first])
    rest = points.pending(10_000)

    assert len(first) == 3
    assert not {number for number, _ in first} & {number for number, _ in rest}
    assert {p.series for _, p in rest} <= {"watch", "threshold"}


def test_charts_are_told_what_watches_what_and_what_is_in_force(database: Database) -> None:
    """At its start the scorer puts in line what watches what, which Grafana's variables read, and values in force."""
    scorer(ListLog(), database)
    told = [point for _, point in PendingPoints(database).pending(10_000)]
    watched = {(p.tags["site"], p.tags["asset"], p.tags["device"]) for p in told if p.series == "watch"}

    assert watched == {(d.site, asset, d.id) for d in REGISTRY.devices.values() for asset in d.assets}
    assert {p.tags["asset"] for p in told if p.series == "threshold"} == {RISER, RISER_NEXT, ELEVATOR}
    assert {p.at_us for p in told} == {NOW_US}


def test_a_detector_without_a_policy_is_refused_at_start(database: Database) -> None:
    """A failure mode nobody wrote a policy for is an error before anything is read."""

    class Unruly(ButtonDetector):
        spec = ButtonDetector.spec.__class__(
            "unruly", 1, ("elevator.unheard_of",), ButtonDetector.spec.asset_classes, 1_000_000, (), 0
        )

    with pytest.raises(NoPolicyError, match=r"elevator\.unheard_of"):
        Scorer(ListLog(), REGISTRY, database, (Unruly(),), LATENESS_US, HandClock())


class BrittleButton(ButtonDetector):
    """Raises where the alarm button says what no button can say."""

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `models.detector.Detector`."""
        if any(reading.value > 1 for window in windows for reading in window.readings):
            raise ZeroDivisionError
        return super().observe(windows, memory, thresholds)


def test_a_detector_that_raises_does_not_stop_the_scorer(database: Database) -> None:
    """What other detectors find is raised, everything is scored, and who failed is remembered over a restart."""
    log = log_of(
        [*story(600), Said(601, ELEVATOR, 7.0), *(Said(600 + s.at_s, s.asset, s.value) for s in story(600)), *END]
    )
    under_test = Scorer(log, REGISTRY, database, (PressureDetector(), BrittleButton()), LATENESS_US, HandClock())
    while under_test.step():
        pass
    with database.read() as connection:
        alone = {s.asset: s.alone for s in detector_memory.load(connection).checkpoint.states}

    assert position(database) == log.head()
    assert [e[1] for e in episodes(database) if e[0] == RISER] == ["pipe.burst"]
    assert alone == {RISER: False, ELEVATOR: True}


def hashes(database: Database) -> list[str]:
    with database.read() as connection:
        return sorted(connection.execute(select(EVIDENCE.c.sha256)).scalars())


def failures() -> float:
    return REGISTRY_OF_METRICS.get_sample_value("precomplaint_score_failures_total") or 0.0


def position(database: Database) -> int:
    with database.read() as connection:
        return detector_memory.position(connection)[0]


class CutError(Exception):
    """What `failing_at` raises."""


@contextmanager
def failing_at(statement: int) -> Iterator[None]:
    """Let the SQL statement of this number that is sent in the block fail; commits count."""
    numbers = itertools.count(1)

    def cut(*_arguments: object) -> None:
        if next(numbers) == statement:
            raise CutError

    for name in ("before_cursor_execute", "commit"):
        event.listen(Engine, name, cut)
    try:
        yield
    finally:
        for name in ("before_cursor_execute", "commit"):
            event.remove(Engine, name, cut)
