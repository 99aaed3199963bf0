"""Inhibition: one trouble, one order; live, delayed, restarted and replayed alike."""

# ruff: noqa: ARG002 -- the protocol hands in more than a small detector needs

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from alerts.backtest import backtest
from alerts.database import Database
from alerts.episodes import Change, Ended, EpisodeTracker, Key, Raised
from alerts.moments import HOUR_US, MINUTE_US, SECOND_US
from alerts.policy.case import Standing
from alerts.policy.modes import mode_of, policy_tunables
from alerts.scorer import Scorer
from alerts.tables import EPISODE, HISTORY, WORK_ORDER
from alerts.thresholds import SavedThresholds
from alerts.tunables import tunables_of
from ingest.readings import Batch
from ingest.registry import Asset, AssetClass
from ingest.stores.duckdb_store import DuckdbReadingStore
from models.detector import DetectorSpec, Memory
from models.findings import Finding, Verdict
from models.thresholds import DefaultThresholds, ThresholdBook
from models.windows import Window
from tests.alerts.recording import LATENESS_US, Said, entries
from tests.alerts.seeding import ELEVATOR, NOW_US, PUMP, RISER, HandClock, ListLog, community

REGISTRY = community()
BOOK = DefaultThresholds(policy_tunables())
BEARING, DEVIATION = "pump.bearing", "asset.deviation"


def tracker(saved: Mapping[Key, Standing] | None = None) -> EpisodeTracker:
    return EpisodeTracker(REGISTRY.assets, BOOK, saved)


def heard(under_test: EpisodeTracker, *line: tuple[int, str, float]) -> list[Change]:
    """The changes that findings of the pump make, given as (minute, failure mode, score)."""
    return [
        change
        for minute, mode, score in line
        for change in under_test.hear(Finding(PUMP, mode, NOW_US + minute * MINUTE_US, Verdict.SCORED, score))
    ]


def told(changes: Sequence[Change]) -> list[tuple[str, str]]:
    """What happened to which failure mode."""
    return [(type(change).__name__, change.key.failure_mode) for change in changes]


def test_nothing_general_is_raised_beside_what_is_specific() -> None:
    """While a bearing's episode is open its pump's deviation raises nothing, however high it is."""
    changes = heard(tracker(), (0, BEARING, 0.6), (1, DEVIATION, 0.9), (30, DEVIATION, 1.0))

    assert told(changes) == [("Raised", BEARING)]


@pytest.mark.parametrize(
    ("first", "second", "raised"),
    [
        (DEVIATION, "asset.multivariate", 1),
        ("asset.multivariate", DEVIATION, 1),
        (BEARING, "asset.multivariate", 1),
        ("sensor.fault", "asset.multivariate", 1),
        ("sensor.fault", DEVIATION, 2),
    ],
)
def test_of_two_that_say_only_that_something_is_wrong_the_first_stands_for_both(
    first: str, second: str, raised: int
) -> None:
    """Channels that go apart are a deviation's or a lying sensor's; a deviation is no sensor's."""
    changes = heard(tracker(), (0, first, 0.6), (1, second, 0.9))

    assert told(changes) == [("Raised", mode) for mode in (first, second)[:raised]]


def test_a_bearing_goes_on_with_the_order_of_channels_that_went_apart() -> None:
    """What was seen first without a name is the bearing's order from then on; a deviation's order stays beside."""
    changes = heard(tracker(), (0, "asset.multivariate", 0.6), (30, BEARING, 0.9))
    beside = heard(tracker(), (0, DEVIATION, 0.6), (30, BEARING, 0.9))
    raised, other = changes[-1], beside[-1]

    assert isinstance(raised, Raised)
    assert isinstance(other, Raised)
    assert (raised.before, raised.beside) == ((changes[0].key, NOW_US), ())
    assert (other.before, other.beside) == (None, ((beside[0].key, NOW_US),))


def test_a_second_named_trouble_does_not_go_on_with_the_order_of_the_first() -> None:
    """Channels that went apart were the bearing; the motor is a trouble and an order of its own, whoever restarts."""
    first = tracker()
    changes = heard(first, (0, "asset.multivariate", 0.6), (30, BEARING, 0.9), (31, "asset.multivariate", 0.7))
    later = heard(tracker(first.touched()), (60, "pump.motor", 0.9), (90, BEARING, 0.95))
    raised = [change for change in [*changes, *later] if isinstance(change, Raised)]

    assert [one.key.failure_mode for one in raised] == ["asset.multivariate", BEARING, "pump.motor"]
    assert [one.before is not None for one in raised] == [False, True, False]


def test_what_is_still_high_when_the_specific_episode_ends_is_raised_with_its_true_start() -> None:
    """A deviation that outlives the bearing's episode is somebody's job after all."""
    hours = range(2, 28)
    calm = [(60 * hour, mode, score) for hour in hours for mode, score in ((BEARING, 0.1), (DEVIATION, 0.9))]
    changes = heard(tracker(), (0, BEARING, 0.6), (1, DEVIATION, 0.9), *calm)

    assert told(changes) == [("Raised", BEARING), ("Ended", BEARING), ("Raised", DEVIATION)]
    assert isinstance(changes[-1], Raised)
    assert changes[-1].started_us == NOW_US + MINUTE_US


def test_what_looks_at_whole_days_is_explained_until_it_is_calm() -> None:
    """Channels that stay apart after the bearing was seen to are no second order; once calm, they are a new trouble."""
    apart = "asset.multivariate"
    days = [(60 * hour, mode, score) for hour in range(2, 72) for mode, score in ((BEARING, 0.1), (apart, 0.9))]
    later = [(1_440 * day, apart, score) for day, score in ((7, 0.4), (8, 0.9), (9, 0.1), (10, 0.9))]
    changes = heard(tracker(), (0, BEARING, 0.6), (1, apart, 0.9), *days, *later)

    assert told(changes) == [("Raised", BEARING), ("Ended", BEARING), ("Raised", apart)]
    assert isinstance(changes[-1], Raised)
    assert changes[-1].started_us == NOW_US + 10 * 1_440 * MINUTE_US


def test_a_trouble_that_another_explains_makes_no_second_order() -> None:
    """A pump that cavitates and then runs dry has one order, and so has one that ran dry first."""
    dry, starved = "pump.dry_run", "pump.cavitation"

    assert told(heard(tracker(), (0, starved, 0.6), (9, dry, 0.95))) == [("Raised", starved)]
    assert told(heard(tracker(), (0, dry, 0.95), (9, starved, 0.6))) == [("Raised", dry)]


def test_a_worn_bearing_explains_no_dry_run() -> None:
    """Only what a mode names explains it; two troubles of one pump make two orders."""
    changes = heard(tracker(), (0, BEARING, 0.6), (9, "pump.dry_run", 0.95))

    assert told(changes) == [("Raised", BEARING), ("Raised", "pump.dry_run")]


def test_a_specific_episode_names_the_general_one_that_was_there_first() -> None:
    """The deviation stays open and ends by itself; the bearing's order is told of it."""
    line = [(0, DEVIATION, 0.9), (5, BEARING, 0.6), (6, DEVIATION, 0.1), (20, DEVIATION, 0.1)]
    changes = heard(tracker(), *line)

    assert told(changes) == [("Raised", DEVIATION), ("Raised", BEARING), ("Ended", DEVIATION)]
    assert [change.beside for change in changes if isinstance(change, Raised)] == [
        (),
        ((Key(PUMP, DEVIATION, ""), NOW_US),),
    ]


def test_other_assets_are_apart() -> None:
    """A worn bearing keeps no elevator's deviation quiet."""
    under_test = tracker()
    heard(under_test, (0, BEARING, 0.6))
    changes = under_test.hear(Finding(ELEVATOR, DEVIATION, NOW_US, Verdict.SCORED, 0.9))

    assert told(changes) == [("Raised", DEVIATION)]


def test_what_is_only_announced_keeps_nothing_quiet() -> None:
    """An early word comes when it comes; only what the ordered path has opened may decide over others."""
    under_test = tracker()
    under_test.hear_early(Finding(ELEVATOR, "elevator.entrapment", NOW_US, Verdict.SCORED, 1.0))
    changes = under_test.hear(Finding(ELEVATOR, DEVIATION, NOW_US, Verdict.SCORED, 0.9))

    assert told(changes) == [("Raised", DEVIATION)]


@st.composite
def said_of_pump(draw: st.DrawFn) -> list[tuple[int, str, float]]:
    """What two detectors say of the pump, minute by minute."""
    gaps, words = st.integers(1, 900), st.sampled_from([0.0, 0.4, 0.6, 0.9])
    said = draw(st.lists(st.tuples(gaps, st.sampled_from([BEARING, DEVIATION]), words), max_size=40))
    minutes = itertools.accumulate(gap for gap, _, _ in said)
    return [(minute, mode, score) for minute, (_, mode, score) in zip(minutes, said, strict=True)]


@given(said_of_pump(), st.integers(0, 40))
def test_a_restart_changes_nothing(line: list[tuple[int, str, float]], cut: int) -> None:
    """A tracker made from saved standings knows what is open beside what, as the old one would have."""
    first = tracker()
    before = heard(first, *line[:cut])

    assert before + heard(tracker(first.touched()), *line[cut:]) == heard(tracker(), *line)


@given(said_of_pump())
def test_no_general_episode_ever_opens_beside_a_specific_one(line: list[tuple[int, str, float]]) -> None:
    """Whatever is said in whatever order, and the specific ones are as if there were no general ones."""
    changes = heard(tracker(), *line)
    alone = heard(tracker(), *(one for one in line if one[1] == BEARING))
    beside, are_open = [], set[str]()
    for change in changes:
        if isinstance(change, Ended):
            are_open.discard(change.key.failure_mode)
            continue
        if change.key.failure_mode == DEVIATION and BEARING in are_open:
            beside.append(change)
        are_open.add(change.key.failure_mode)
    of_bearing = [c for c in changes if c.key.failure_mode == BEARING]

    assert beside == []
    assert [replace(c, beside=()) if isinstance(c, Raised) else c for c in of_bearing] == alone


class Levels:
    """Says of a riser's pressure what one level of it means to one failure mode."""

    def __init__(self, name: str, failure_mode: str, over_kpa: float, width_us: int) -> None:
        risers = frozenset({AssetClass.RISER})
        self.spec = DetectorSpec(name, 1, (failure_mode,), risers, width_us, (), width_us)
        self._over_kpa = over_kpa

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `models.detector.Detector`."""
        (mode,) = self.spec.failure_modes
        return [
            Finding(w.asset.id, mode, r.at_us, Verdict.SCORED, 0.9 if r.value > self._over_kpa else 0.0)
            for w in windows
            for r in w.readings
        ]

    def judge_on_arrival(self, batch: Batch, asset: Asset, thresholds: ThresholdBook) -> list[Finding]:
        """Nothing."""
        return []


# The burst is judged in wide windows, and so it is heard later than a deviation of the same moment.
DETECTORS = (
    Levels("burst", "pipe.burst", 200.0, 60 * SECOND_US),
    Levels("deviation", DEVIATION, 100.0, 10 * SECOND_US),
)
PRESSURES = st.lists(st.sampled_from([50.0, 150.0, 150.0, 250.0]), min_size=2, max_size=12)
OFTEN = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])


def story(pressures: Sequence[float]) -> list[Said]:
    """Each pressure for half a minute, one reading every five seconds, and a last word that closes all windows."""
    said = [Said(30 * n + s, RISER, kpa) for n, kpa in enumerate(pressures) for s in range(0, 30, 5)]
    return [*said, Said(30 * len(pressures) + 300, RISER, 50.0)]


def log_of(said: Sequence[Said]) -> ListLog:
    log = ListLog()
    log.append(entries(said))
    return log


def score(log: ListLog, database: Database) -> None:
    under_test = Scorer(log, REGISTRY, database, DETECTORS, LATENESS_US, HandClock())
    while under_test.step():
        pass


Kept = list[tuple[str, int, int | None]]


def kept(database: Database) -> tuple[Kept, list[str | None]]:
    """The episodes, and what the service noted in the orders' histories."""
    with database.read() as connection:
        found = connection.execute(select(EPISODE).order_by(EPISODE.c.id)).all()
        notes = connection.execute(select(HISTORY.c.note).where(HISTORY.c.action == "noted").order_by(HISTORY.c.id))
        return [(e.failure_mode, e.started_us, e.ended_us) for e in found], list(notes.scalars())


@given(PRESSURES, st.integers(0, 10**6), st.integers(1, 80))
@OFTEN
def test_it_is_the_same_delayed_restarted_and_replayed(
    tmp_path_factory: pytest.TempPathFactory, pressures: list[float], seed: int, cut: int
) -> None:
    """Delay within the bound, a restart anywhere, and a backtest over the stored readings lead to the same."""
    rng, folder = random.Random(seed), tmp_path_factory.mktemp("same")  # noqa: S311 -- dice of a test
    said = story(pressures)
    log = log_of(said)
    delayed = log_of([*sorted(said[:-1], key=lambda s: s.at_s + rng.uniform(0, 9)), said[-1]])
    live, late, cut_short = (Database(folder / f"{name}.db") for name in ("live", "late", "cut"))
    score(log, live)
    score(delayed, late)
    score(ListLog(log.records[:cut]), cut_short)
    score(log, cut_short)
    store = DuckdbReadingStore(folder / "history.duckdb")
    store.write(log.records)
    book = SavedThresholds(live, tunables_of(DETECTORS).values())
    again = backtest(store, REGISTRY, DETECTORS, book, LATENESS_US, NOW_US, NOW_US + HOUR_US)
    store.close()

    assert kept(late) == kept(cut_short) == kept(live)
    assert [(e.key.failure_mode, e.started_us, e.ended_us) for e in again] == kept(live)[0]
    for database in (live, late, cut_short):
        database.close()


def test_the_histories_of_both_orders_name_each_other(tmp_path: Path) -> None:
    """A deviation that was there first is noted at the burst's order and the other way round; nothing is closed."""
    database = Database(tmp_path / "main.db")
    score(log_of(story([50.0, 150.0, 250.0, 250.0])), database)
    with database.read() as connection:
        orders = connection.execute(select(WORK_ORDER).order_by(WORK_ORDER.c.id)).all()
        notes = {
            order.failure_mode: connection.execute(
                select(HISTORY.c.who, HISTORY.c.note).where(
                    HISTORY.c.work_order == order.id, HISTORY.c.action == "noted"
                )
            ).all()
            for order in orders
        }

    assert [(order.failure_mode, order.state) for order in orders] == [(DEVIATION, "new"), ("pipe.burst", "new")]
    assert [(who, "PC-20261121-0001" in note, "Deviation" in note) for who, note in notes["pipe.burst"]] == [
        ("precomplaint", True, True)
    ]
    assert [(who, "PC-20261121-0002" in note, "爆管预警" in note) for who, note in notes[DEVIATION]] == [
        ("precomplaint", True, True)
    ]
    database.close()


def test_only_what_says_nothing_specific_is_general() -> None:
    """The row of the policy says it, and a mode with causes of its own must never be kept quiet."""
    modes = (BEARING, "pipe.burst", "elevator.entrapment", "parking.illegal", "parking.fire_lane", DEVIATION)

    assert [mode for mode in modes if mode_of(mode).general] == [DEVIATION]
