"""The embedded log between processes: two that append and are killed, readers that hold, and what is pruned."""

import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.log import Entry
from ingest.quarantine import Query
from ingest.readings import Batch
from ingest.sqlite_log import SqliteLog
from ingest.sqlite_quarantine import SqliteQuarantine
from ingest.sqlite_refusals import Bounds
from tests.contracts.log import digest, entry
from tests.contracts.quarantine import stranger
from tests.ingest.log_writer import COUNTED, GROUP

EVERYTHING = 2**60


def writer(path: Path, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.ingest.log_writer", str(path), name], stdout=subprocess.PIPE, text=True
    )


def killed(child: subprocess.Popen[str]) -> int:
    """The last group a writer confirmed before SIGKILL; whole lines only count."""
    child.send_signal(signal.SIGKILL)
    rest, _ = child.communicate(timeout=20)
    return max(map(int, rest.split("\n")[:-1]), default=-1)


def test_two_killed_writers_leave_whole_groups(tmp_path: Path) -> None:
    """Two processes take turns, and what each group says of the log before it is true, whenever they are killed.

    Every confirmed group is there whole, once, with its refusal, its keep and its count, and nothing is in part.
    """
    path, moments = tmp_path / "log.db", random.Random(20261121)  # noqa: S311 -- a choice of moments, not a secret
    SqliteLog(path).close()
    confirmed = {"a": -1, "b": -1}
    for _ in range(3):
        with ExitStack() as started:
            children = {name: writer(path, name) for name in confirmed}
            for name, child in children.items():
                started.callback(child.kill)
                assert child.stdout is not None
                for _ in range(moments.randrange(10, 60)):
                    confirmed[name] = max(confirmed[name], int(child.stdout.readline()))
            for name in sorted(children, key=lambda _: moments.random()):
                confirmed[name] = max(confirmed[name], killed(children[name]))
    with closing(SqliteLog(path)) as log, closing(SqliteQuarantine(path)) as quarantine:
        records, ever, kept = log.read(0, 1_000_000), quarantine.refused_ever(), log.kept()
        watermark = log.watermarks()[COUNTED]
        heard = {name: word.at_us for name, word in log.last_words().items()}
    stored = {name: [r.batch.received_us for r in records if r.batch.device == name] for name in confirmed}
    groups = {name: len(numbers) // GROUP for name, numbers in stored.items()}

    assert stored == {name: list(range(groups[name] * GROUP)) for name in confirmed}
    assert all(groups[name] > confirmed[name] for name in confirmed)
    assert ever == {"not_json": sum(groups.values())}
    assert kept == {name: str(groups[name] - 1).encode() for name in confirmed}
    assert heard == {name: groups[name] - 1 for name in confirmed}
    assert watermark == sum(groups.values())
    judged_as = [record.batch.events[0].attributes["group"] for record in records]
    assert judged_as == [number for number in range(1, watermark + 1) for _ in range(GROUP)]


_times = st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=4), max_size=12)
_fresh = count()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pruned")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    groups=_times,
    holds=st.dictionaries(st.sampled_from(["score", "forward"]), st.integers(0, 50)),
    calls=st.lists(st.tuples(st.integers(0, 40), st.integers(1, 7)), min_size=1, max_size=8),
)
def test_what_is_needed_is_never_pruned(
    place: Path, groups: list[list[int]], holds: dict[str, int], calls: list[tuple[int, int]]
) -> None:
    """Nothing goes above a reader, nothing young, nothing of a group that is not all old, and never the newest.

    Whatever came in, in any order of time, whoever holds what, however often it is asked; and what may go does.
    """
    numbers, where = count(), place / f"{next(_fresh)}.db"
    with closing(SqliteLog(where, readers=("score", "forward"))) as log:
        for times in groups:
            log.append([Entry(Batch("s", "d", us), digest(next(numbers)), us) for us in times])
        for reader, position in holds.items():
            log.hold(reader, position)
        before = log.read(0, 1_000)
        sizes = [log.prune(before_us, limit) for before_us, limit in calls]
        oldest_us = max(before_us for before_us, _ in calls)
        while log.prune(oldest_us, 3):
            pass
        after = log.read(0, 1_000)
    ends = [sum(map(len, groups[: n + 1])) for n in range(len(groups))]
    newest_of = {
        position: max(times)
        for times, end in zip(groups, ends, strict=True)
        for position in range(end - len(times) + 1, end + 1)
    }
    floor = min(holds.values()) if len(holds) == 2 else 0
    may_go = {
        record.position for record in before[:-1] if record.position <= floor and newest_of[record.position] < oldest_us
    }

    assert {record.position for record in before} - {record.position for record in after} == may_go
    assert all(size <= limit for size, (_, limit) in zip(sizes, calls, strict=True))


def test_pruned_room_is_used_again(tmp_path: Path) -> None:
    """A log that takes as much as it drops does not grow."""
    path = tmp_path / "log.db"
    with closing(SqliteLog(path)) as log:
        sizes = []
        for turn in range(12):
            for start in range(turn * 2_000, (turn + 1) * 2_000, 500):
                log.append([entry(number) for number in range(start, start + 500)])
            log.hold("score", log.head() - 1_000)
            while log.prune(EVERYTHING, 700):
                pass
            with closing(sqlite3.connect(path)) as looked_at:
                ((pages,),) = looked_at.execute("PRAGMA page_count").fetchall()
            sizes.append(pages * 4_096)
        used = log.bytes_used()

    assert max(sizes) <= 1.05 * sizes[1]
    assert used < 0.6 * sizes[1]


def test_a_message_of_a_pruned_batch_is_new_again(tmp_path: Path) -> None:
    """The log knows a message for as long as it keeps it."""
    with closing(SqliteLog(tmp_path / "log.db")) as log:
        log.append([entry(1)])
        log.append([entry(2)])
        log.hold("score", 2)
        known = log.append([entry(1)])
        log.prune(EVERYTHING, 10)
        new = log.append([entry(1)])

    assert (known, new) == (0, 1)


def test_a_clock_that_once_ran_ahead_stops_no_pruning(tmp_path: Path) -> None:
    """Batches dated a year ahead by a clock that was set back stay, those around them go."""
    year_us = 365 * 86_400_000_000
    with closing(SqliteLog(tmp_path / "log.db")) as log:
        for number, us in enumerate((1, 2 * year_us, 3, 4)):
            log.append([Entry(Batch("s", "d", us), digest(number), us)])
        log.hold("score", 4)
        dropped = log.prune(year_us, 10)
        left = [record.batch.received_us for record in log.read(0, 10)]

    assert dropped == 2
    assert left == [2 * year_us, 4]


def test_a_flood_of_one_device_does_not_slow_the_waiting_list(tmp_path: Path) -> None:
    """A device that floods is one row a commit, whatever it sends: its count is exact, and its quarantine bounded."""
    path = tmp_path / "log.db"
    with closing(SqliteLog(path, Bounds(a_pile=50))) as log, closing(SqliteQuarantine(path)) as quarantine:
        for start in range(0, 3_000, 500):
            log.append([], [stranger(number) for number in range(start, start + 500)])
        waiting, held = quarantine.waiting(), quarantine.held()
        oldest = min(quarantine.reasons(Query()))

    assert [(one.address, one.messages) for one in waiting] == [("stranger", 3_000)]
    assert held == {"unknown_device": 50}
    assert oldest == 2_951
