"""Work orders: what may happen to them, and what may never."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from alerts import outbox
from alerts.database import Database
from alerts.deadlines import DeadlineName
from alerts.errors import MoveRefusedError, StaleVersionError, UnknownWorkOrderError
from alerts.evidence import freeze
from alerts.levels import Level
from alerts.life import FINAL, Outcome, State, moves, refusal
from alerts.moments import DAY_US, HOUR_US, MINUTE_US
from alerts.order_list import Order, one
from alerts.points import PendingPoints
from alerts.tables import HISTORY
from alerts.work_orders import NewOrder, Prospect, Step, WorkOrders
from ingest.registry import Text
from tests.alerts.seeding import ELEVATOR, NOW_US, PUMP, RISER, ZONE, HandClock, burst, community

REGISTRY = community()
TITLE = Text("标题", "Title")


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "main.db")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def orders(clock: HandClock) -> WorkOrders:
    return WorkOrders(REGISTRY, clock)


def raised(database: Database, orders: WorkOrders, mode: str = "pipe.burst", level: Level = Level.II) -> int:
    asset = {"pipe": RISER, "elevator": ELEVATOR, "pump": PUMP, "building": ZONE}[mode.partition(".")[0]]
    with database.write() as connection:
        return orders.raise_order(connection, NewOrder(REGISTRY.assets[asset], mode, level, TITLE))


def read(database: Database, order: int) -> Order:
    with database.read() as connection:
        return one(connection, order)


def history(database: Database, order: int) -> list[tuple[str, str, str | None]]:
    with database.read() as connection:
        rows = connection.execute(select(HISTORY).where(HISTORY.c.work_order == order).order_by(HISTORY.c.id))
        return [(row.action, row.who, row.note) for row in rows]


def go(database: Database, orders: WorkOrders, order: int, *steps: Step) -> None:
    for step in steps:
        with database.write() as connection:
            orders.move(connection, order, step)


steps = st.lists(st.tuples(st.sampled_from(State), st.sampled_from([None, "because"])), max_size=12)


@given(steps, st.sets(st.integers(0, 11)))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_final_state_is_only_left_by_reopening(
    database: Database, orders: WorkOrders, wanted: list[tuple[State, str | None]], found_at: set[int]
) -> None:
    """Whatever is tried, cancelled is the end, closed is left for reopened only, and closed always has an outcome."""
    order, way = raised(database, orders), [State.NEW]
    for number, (to, note) in enumerate(wanted):
        with database.write() as connection:
            if number in found_at and way[-1] not in FINAL:
                orders.find(connection, order, Outcome.CONFIRMED, "王")
            try:
                orders.move(connection, order, Step(to, "王", note))
            except MoveRefusedError:
                continue
        way.append(to)
        row = read(database, order).row

        assert row.state == to
        assert to is not State.CLOSED or row.outcome is not None
    left = {(a, b) for a, b in itertools.pairwise(way) if a in FINAL}
    assert left <= {(State.CLOSED, State.REOPENED)}


@given(st.sampled_from(State), st.sampled_from(State), st.sampled_from([None, *Outcome]), st.sampled_from(["", "why"]))
def test_moves_lists_exactly_what_is_not_refused(state: State, to: State, outcome: Outcome | None, note: str) -> None:
    """The moves that are offered, given a note, are those that are allowed."""
    offered = to in moves(state, outcome)
    refused = refusal(state, to, outcome, note)

    assert offered == (refusal(state, to, outcome, "why") is None)
    assert offered or refused is not None


def test_a_refusal_says_why_and_what_is_allowed(database: Database, orders: WorkOrders) -> None:
    """A refused move names the reason and the moves that are open, and changes nothing."""
    order = raised(database, orders)
    refused: list[str] = []
    for step in (Step(State.CLOSED, "王"), Step(State.CANCELLED, "王", " "), Step(State.REOPENED, "王")):
        with pytest.raises(MoveRefusedError) as error, database.write() as connection:
            orders.move(connection, order, step)
        refused.append(error.value.reason)

    assert [r.split()[0] for r in refused] == ["closing", "cancelling", "this"]
    assert read(database, order).row.version == 1
    assert error.value.allowed == ("dispatched", "accepted", "on_site", "resolved", "verified", "cancelled")


def test_a_stale_version_is_refused(database: Database, orders: WorkOrders) -> None:
    """Who saw an older version is told so, even when the move itself would be allowed."""
    order = raised(database, orders)
    go(database, orders, order, Step(State.ACCEPTED, "王", version=1))

    with pytest.raises(StaleVersionError, match="version 1 was expected, it is at version 2"):
        go(database, orders, order, Step(State.ON_SITE, "李", version=1))


def test_the_end_of_the_event_never_closes_an_order(database: Database, orders: WorkOrders) -> None:
    """An ended episode is noted; the state stays, and so do the notes of people."""
    order = raised(database, orders)
    go(database, orders, order, Step(State.ACCEPTED, "王", "我来处理"))
    with database.write() as connection:
        orders.note(connection, order, "李", "带抱箍")
        orders.end_event(connection, order, NOW_US, confirmed=True)

    assert read(database, order).row.state == State.ACCEPTED
    assert history(database, order) == [
        ("raised", "precomplaint", None),
        ("moved", "王", "我来处理"),
        ("noted", "李", "带抱箍"),
        ("event_ended", "precomplaint", None),
    ]


def test_reopening_asks_again_what_was_found(database: Database, orders: WorkOrders, clock: HandClock) -> None:
    """A reopened order has new deadlines and no outcome; the first answer stays in its history."""
    order = raised(database, orders)
    with database.write() as connection:
        orders.find(connection, order, Outcome.FALSE_ALARM, "王")
    go(database, orders, order, Step(State.CLOSED, "王"))
    clock.us += DAY_US
    go(database, orders, order, Step(State.REOPENED, "经理", "又响了"))
    respond = next(d for d in read(database, order).deadlines if d.name is DeadlineName.RESPOND)

    assert read(database, order).row.outcome is None
    assert (respond.by_us, respond.met_us) == (NOW_US + DAY_US + 2 * HOUR_US, None)
    assert ("outcome", "王", None) in history(database, order)


@pytest.mark.parametrize("end", [State.CLOSED, State.CANCELLED])
def test_after_the_end_nothing_new_is_found(database: Database, orders: WorkOrders, end: State) -> None:
    """The outcome of a closed or cancelled order stays as it was said; a note may still be added."""
    order = raised(database, orders)
    with database.write() as connection:
        orders.find(connection, order, Outcome.CONFIRMED, "王")
    go(database, orders, order, Step(end, "王", "x"))
    with pytest.raises(MoveRefusedError), database.write() as connection:
        orders.find(connection, order, Outcome.FALSE_ALARM, "李")
    with database.write() as connection:
        orders.note(connection, order, "李", "later")

    assert read(database, order).row.outcome == Outcome.CONFIRMED


@pytest.mark.parametrize(
    ("mode", "level", "wanted"),
    [
        ("elevator.entrapment", Level.I, {"respond": 15 * MINUTE_US, "on_site": 30 * MINUTE_US}),
        ("pipe.burst", Level.I, {"respond": 15 * MINUTE_US}),
        ("pipe.burst", Level.II, {"respond": 2 * HOUR_US, "plan": DAY_US}),
        ("elevator.door", Level.II, {"respond": 20 * MINUTE_US}),
        ("building.ebike", Level.II, {"respond": 20 * MINUTE_US}),
        # Raised on a Saturday evening: five working days later is the next Friday.
        ("pump.bearing", Level.III, {"respond": DAY_US, "reply": 6 * DAY_US}),
    ],
)
def test_deadlines_of_the_levels(
    database: Database, orders: WorkOrders, mode: str, level: Level, wanted: dict[str, int]
) -> None:
    """Each level, and an entrapment, has the trade's deadlines."""
    deadlines = read(database, raised(database, orders, mode, level)).deadlines

    assert {d.name.value: d.by_us - NOW_US for d in deadlines} == wanted


def test_a_released_entrapment_wants_a_report(database: Database, orders: WorkOrders) -> None:
    """The inspection report is due 4 h after the release, and what was found is the report."""
    order = raised(database, orders, "elevator.entrapment", Level.I)
    with database.write() as connection:
        orders.end_event(connection, order, NOW_US + HOUR_US, confirmed=True)
    before = {d.name.value: (d.by_us - NOW_US, d.met_us) for d in read(database, order).deadlines}
    with database.write() as connection:
        orders.find(connection, order, Outcome.CONFIRMED, "王")
    after = {d.name.value: d.met_us for d in read(database, order).deadlines}

    assert before["report"] == (5 * HOUR_US, None)
    assert after["report"] == NOW_US


def test_overdue_until_somebody_responds(database: Database, orders: WorkOrders, clock: HandClock) -> None:
    """An order is overdue from the moment its response is missed; a late response is kept with its time."""
    order = raised(database, orders, "pipe.burst", Level.I)
    clock.us += 15 * MINUTE_US
    in_time = read(database, order).overdue(clock.us)
    clock.us += 1
    missed = read(database, order).overdue(clock.us)
    go(database, orders, order, Step(State.ACCEPTED, "王"))

    assert (in_time, missed, read(database, order).overdue(clock.us)) == (False, True, False)
    assert read(database, order).deadlines[0].met_us == clock.us


def test_a_level_rises_with_its_deadlines_and_never_falls(
    database: Database, orders: WorkOrders, clock: HandClock
) -> None:
    """A more urgent level counts from now and makes no deadline later; a milder one is not taken up."""
    order = raised(database, orders, "pipe.burst", Level.II)
    clock.us += 119 * MINUTE_US
    with database.write() as connection:
        orders.raise_level(connection, order, Level.I, Text("爆管", "Burst"))
        orders.raise_level(connection, order, Level.III, TITLE)
    after = read(database, order)

    assert (after.row.level, after.row.title_en) == (Level.I, "Burst")
    assert after.deadlines[0].by_us == NOW_US + 2 * HOUR_US
    assert [action for action, _, _ in history(database, order)] == ["raised", "level_raised"]


@pytest.mark.parametrize("seen_to", [State.RESOLVED, State.VERIFIED, State.CLOSED])
def test_what_becomes_worse_after_it_was_seen_to_is_reopened(
    database: Database, orders: WorkOrders, clock: HandClock, seen_to: State
) -> None:
    """A pipe that tears when its warning is done with reaches the crew, with 15 minutes to respond."""
    order = raised(database, orders, "pipe.burst", Level.II)
    go(database, orders, order, Step(State.ACCEPTED, "王"))
    with database.write() as connection:
        orders.find(connection, order, Outcome.NOTHING_FOUND, "王")
    go(database, orders, order, Step(seen_to, "王"))
    clock.us += HOUR_US
    with database.write() as connection:
        orders.raise_level(connection, order, Level.I, Text("爆管", "Burst"))
    after = read(database, order)

    assert (after.row.level, after.row.state, after.row.outcome) == (Level.I, State.REOPENED, None)
    assert next((d.by_us, d.met_us) for d in after.deadlines) == (clock.us + 15 * MINUTE_US, None)


def test_what_was_cancelled_stays_cancelled(database: Database, orders: WorkOrders) -> None:
    """Whoever called an order off with a reason is not overruled."""
    order = raised(database, orders, "pipe.burst", Level.II)
    go(database, orders, order, Step(State.CANCELLED, "王", "演练"))
    with database.write() as connection:
        orders.raise_level(connection, order, Level.I, Text("爆管", "Burst"))

    assert (read(database, order).row.level, read(database, order).row.state) == (Level.II, State.CANCELLED)


def test_numbers_count_the_days_of_the_site(database: Database, orders: WorkOrders, clock: HandClock) -> None:
    """The date in the number is the site's, and each day begins at 0001."""
    numbers = [read(database, raised(database, orders)).row.number for _ in range(2)]
    clock.us += 4 * HOUR_US  # midnight in Shanghai

    assert numbers == ["PC-20261121-0001", "PC-20261121-0002"]
    assert read(database, raised(database, orders)).row.number == "PC-20261122-0001"


def test_evidence_is_canonical_and_bound_to_its_hash(database: Database, orders: WorkOrders) -> None:
    """Equal findings give equal bytes, which read back as the finding; another piece is added, none replaced."""
    order, asset = raised(database, orders), REGISTRY.assets[RISER]
    first, again = freeze(burst(NOW_US), asset, {}), freeze(burst(NOW_US), asset, {})
    other = freeze(replace(burst(NOW_US), probability=0.9), asset, {})
    with database.write() as connection:
        orders.add_evidence(connection, order, first, Prospect(0.62, None))
        orders.add_evidence(connection, order, other, Prospect(0.9, None))

    assert first == again
    assert first.document().finding == burst(NOW_US)
    assert read(database, order).row.probability == 0.9
    assert history(database, order)[-1] == ("evidence_added", "precomplaint", other.sha256)


def test_every_change_is_in_the_outbox(database: Database, orders: WorkOrders) -> None:
    """Each line of history has its message, in the same order."""
    order = raised(database, orders)
    go(database, orders, order, Step(State.DISPATCHED, "经理"), Step(State.ACCEPTED, "王"))
    with database.read() as connection:
        messages = outbox.after(connection, 0, 10)

    assert [m.kind for m in messages] == [f"work_order.{action}" for action, _, _ in history(database, order)]
    assert messages[-1].payload["state"] == "accepted"
    assert messages[-1].payload["who"] == "王"


def test_what_does_not_exist_cannot_change(database: Database, orders: WorkOrders) -> None:
    """Every change of an unknown order says so."""
    changes: list[Callable[..., object]] = [
        lambda c: orders.move(c, 7, Step(State.ACCEPTED, "王")),
        lambda c: orders.note(c, 7, "王", "x"),
        lambda c: orders.find(c, 7, Outcome.CONFIRMED, "王"),
    ]

    for change in changes:
        with pytest.raises(UnknownWorkOrderError, match="no work order 7"), database.write() as connection:
            change(connection)


def test_orders_that_name_each_other_do_it_once(database: Database, orders: WorkOrders) -> None:
    """Saying again that two orders are about one asset adds nothing, closes nothing and meets no person's deadline."""
    first, second = raised(database, orders), raised(database, orders)
    go(database, orders, first, Step(State.ACCEPTED, "王"))
    for _ in range(2):
        with database.write() as connection:
            orders.relate(connection, second, first)
    notes = [[note for action, _, note in history(database, order) if action == "noted"] for order in (first, second)]

    assert [len(of_one) for of_one in notes] == [1, 1]
    assert [read(database, second).row.number in (notes[0][0] or ""), read(database, first).row.state] == [
        True,
        "accepted",
    ]
    assert [d.met_us for d in read(database, first).deadlines if d.name is DeadlineName.PLAN] == [None]


def test_two_orders_of_one_moment_are_two_points(database: Database, orders: WorkOrders) -> None:
    """Two cars found in one step, and what happens to them at once, have points that no store takes for the same."""
    for _ in range(2):
        order = raised(database, orders)
        go(database, orders, order, Step(State.ACCEPTED, "王"))
    points = [point for _, point in PendingPoints(database).pending(10)]

    assert len({(p.at_us, tuple(sorted(p.tags.items()))) for p in points}) == 4
    assert {p.at_us // 1_000 for p in points} == {NOW_US // 1_000}
    assert [p.tags["action"] for p in points] == ["raised", "moved", "raised", "moved"]
