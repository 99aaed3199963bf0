"""Asked: a detector that raises costs the asset it raised at, and nobody else."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from ingest.log import Record
from ingest.readings import Batch
from ingest.registry import Asset, AssetClass
from models.checkpoint import Checkpoint, StoredState
from models.detector import Memory
from models.engine import Engine
from models.findings import Finding, Verdict
from models.thresholds import ThresholdBook
from models.windows import Window
from tests.models.toys import Counter
from tests.models.worlds import SITE, T0, S, asset, device, engine, logged, ordered, registry, telemetry

NAMES = ("ada", "bob", "cyd")
WORLD = registry([asset(name, AssetClass.PUMP) for name in NAMES], [device(f"box-{name}", name) for name in NAMES])
WRONG = 13.0


class Brittle(Counter):
    """Counts, and raises in the middle of its work where a current is the unlucky number."""

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `Counter.observe`; states have changed by the time it raises."""
        found = super().observe(windows, memory, thresholds)
        if any(r.value == WRONG for window in windows for r in window.readings):
            raise ZeroDivisionError
        return found

    def judge_on_arrival(self, batch: Batch, asset: Asset, thresholds: ThresholdBook) -> list[Finding]:
        """See `Counter.judge_on_arrival`."""
        if any(r.value == WRONG for r in batch.readings):
            raise ZeroDivisionError
        return super().judge_on_arrival(batch, asset, thresholds)


def said(at_s: int, values: Sequence[float]) -> list[Batch]:
    """What the three say at a second."""
    return [telemetry(f"box-{n}", T0 + at_s * S, {"current_a": v}) for n, v in zip(NAMES, values, strict=True)]


def story(*values: Sequence[float]) -> list[Record]:
    """What the three say window by window."""
    return logged([batch for n, three in enumerate(values) for batch in said(5 * n, three)], WORLD)


def seen(findings: Sequence[Finding], name: str) -> list[str]:
    """How many readings had been seen of an asset, window by window; the verdict where there was no score."""
    own = [f for f in findings if f.asset == name]
    return [f.subject.split()[0] if f.verdict is Verdict.SCORED else f.verdict.value for f in own]


def failures() -> float:
    return REGISTRY.get_sample_value("precomplaint_detector_failures_total", {"detector": "brittle"}) or 0.0


def test_a_failure_costs_its_asset_and_the_others_go_on() -> None:
    """At the first failure all of its call begin anew, later the culprit alone, of which nothing is known."""
    fine, wrong = (1.0, 1.0, 1.0), (1.0, WRONG, 1.0)
    found = ordered(engine(WORLD, [Brittle("brittle")]), story(fine, wrong, fine, wrong, fine), T0 + 60 * S)

    assert seen(found, "ada") == seen(found, "cyd") == ["1", "1", "2", "3", "4"]
    assert seen(found, "bob") == ["1", "unknown", "1", "unknown", "1"]


def test_findings_come_in_order_whoever_is_asked_alone() -> None:
    """Of windows that close together the findings ascend by asset, though some of them were asked about later."""
    first = [telemetry(f"box-{n}", T0, {"current_a": WRONG}) for n in ("ada", "bob")]
    records = logged([*first, *said(5, (1.0, 1.0, 1.0))], WORLD)
    found = ordered(engine(WORLD, [Brittle("brittle")]), records, T0 + 60 * S)

    assert [f.asset for f in found] == ["ada", "bob", "ada", "bob", "cyd"]
    assert found[-1].subject.endswith(" 1")


def test_what_a_failed_look_asked_for_is_forgotten() -> None:
    """A wake-up that a detector set before it raised does not come; those of the others do."""
    brittle = Brittle("brittle", wake_after_us=30 * S)
    found = ordered(engine(WORLD, [brittle]), story((1.0, WRONG, 1.0)), T0 + 60 * S)

    assert [(f.asset, f.at_us - T0) for f in found] == [
        ("ada", 0),
        ("bob", 0),
        ("cyd", 0),
        ("ada", 35 * S),
        ("cyd", 35 * S),
    ]


def test_another_detector_notices_nothing() -> None:
    """A sound detector says beside a failing one what it says without it."""
    records = story((1.0, WRONG, 2.0), (3.0, WRONG, 4.0))
    both = ordered(engine(WORLD, [Brittle("brittle"), Counter("sound")]), records, T0 + 60 * S)
    alone = ordered(engine(WORLD, [Counter("sound")]), records, T0 + 60 * S)

    assert [f for f in both if f.subject.endswith(" 3")] == alone


def test_a_failure_is_logged_once_an_asset_and_counted_each_time() -> None:
    """The trace stands in the log once for the call and once for the culprit, and the counter goes on."""
    before = failures()
    with capture_logs() as lines:
        ordered(engine(WORLD, [Brittle("brittle")]), story(*[(1.0, WRONG, 1.0)] * 5), T0 + 60 * S)
    logged_as = [
        (line["assets"], type(line["exc_info"])) for line in lines if line["event"] == "engine.detector_failed"
    ]

    # Each message fails on arrival, too: the first of them is the first to be logged.
    assert logged_as == [(["bob"], ZeroDivisionError), (list(NAMES), ZeroDivisionError)]
    assert failures() == before + 5 + 1 + 5


def test_a_failure_on_arrival_stops_no_other_early_word() -> None:
    """A message that one detector cannot judge is judged by the other."""
    (record,) = logged([telemetry("box-bob", T0, {"current_a": 100.0, "kurtosis": WRONG})], WORLD)
    heard = engine(WORLD, [Brittle("brittle"), Counter("sound")]).offer(record)

    assert [f.asset for f in heard.early] == ["bob"]


@given(
    st.lists(st.tuples(*[st.sampled_from([1.0, 2.0, WRONG])] * 3), min_size=1, max_size=12),
    st.integers(0, 36),
    st.randoms(use_true_random=False),
)
@settings(max_examples=60)
def test_failures_are_the_same_after_a_restart_and_in_any_order(
    values: list[tuple[float, ...]], cut: int, dice: random.Random
) -> None:
    """Who was forgotten and is asked alone follows from windows and stored states: no restart or delay shows."""
    records = story(*values)
    windows = [[record.batch for record in records[n : n + 6]] for n in range(0, len(records), 6)]
    for two in windows:
        dice.shuffle(two)
    delayed = [batch for two in windows for batch in two]
    with capture_logs():  # to show a trace takes longer than all the rest
        whole = ordered(engine(WORLD, [Brittle("brittle")]), records, T0 + 600 * S)
        again = restarted(records, min(cut, len(records)))
        shuffled = ordered(engine(WORLD, [Brittle("brittle")]), logged(delayed, WORLD), T0 + 600 * S)

    assert again == whole
    assert shuffled == whole


def restarted(records: Sequence[Record], cut: int) -> list[Finding]:
    """The ordered findings of two engines, the second of which goes on from what the first one stored."""
    first: Engine = engine(WORLD, [Brittle("brittle")])
    found, states = list[Finding](), dict[tuple[str, str], StoredState]()
    stored = Checkpoint(0, 0, {})
    for record in records[:cut]:
        found += first.offer(record).ordered
        stored = first.checkpoint()
        states |= {(s.detector, s.asset): s for s in stored.states}
    second = engine(WORLD, [Brittle("brittle")])
    second.restore(Checkpoint(stored.position, stored.resume_position, stored.watermarks_us, tuple(states.values())))
    for record in records:
        if record.position > stored.resume_position:
            found += second.offer(record, seen=record.position <= stored.position).ordered
    return found + list(second.advance(SITE, T0 + 600 * S))


@pytest.mark.parametrize("version", [1, 2])
def test_a_mended_detector_is_asked_together_again(version: int) -> None:
    """That an asset is asked about alone is forgotten with the state when the detector has a new version."""
    broken = engine(WORLD, [Brittle("brittle")])
    ordered(broken, story((1.0, WRONG, 1.0)), T0 + 60 * S)
    mended = Counter("brittle", version=version)
    second = engine(WORLD, [mended])
    second.restore(broken.checkpoint())
    ordered(second, logged(said(100, (1.0, 1.0, 1.0)), WORLD), T0 + 160 * S)

    assert [len(call) for call in mended.calls] == ([1, 1, 1] if version == 1 else [3])
