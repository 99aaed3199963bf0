"""The engine's laws on toy detectors: arrival order, restarts and checkpoints leave no trace in the findings."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.readings import Batch
from ingest.registry import AssetClass
from models.detector import Detector
from tests.models.restarts import with_restarts
from tests.models.toys import Counter
from tests.models.worlds import (
    LATENESS_US,
    T0,
    S,
    asset,
    device,
    engine,
    happening,
    logged,
    ordered,
    registry,
    telemetry,
)

WORLD = registry(
    [asset(name, AssetClass.PUMP) for name in ("p1", "p2", "p3")],
    [device("a", "p1"), device("b", "p2", "p3"), device("c", "p3", reports_every_us=20 * S)],
)
END = T0 + 10_000 * S


def _detectors() -> list[Detector]:
    return [Counter("five", wake_after_us=12 * S), Counter("seven", 7 * S), Counter("minute", 60 * S, wake_after_us=1)]


@st.composite
def conversations(draw: st.DrawFn) -> list[tuple[int, Batch]]:
    """Messages in the order they happened, each with how long it was on its way, within the bound."""
    moments = draw(st.lists(st.integers(0, 400), max_size=25))
    said = []
    for number, moment in enumerate(moments):
        sender = draw(st.sampled_from("abc"))
        at = T0 + moment * S
        if draw(st.booleans()):
            batch = telemetry(sender, at, {"current_a": moment % 7, "kurtosis": moment})
        else:
            batch = happening(sender, "camera.object", at, {"n": number})
        bound = LATENESS_US + min(WORLD.patience_us(a) for a in WORLD.devices[sender].assets)
        said.append((draw(st.integers(0, bound)), batch))
    return sorted(said, key=lambda one: one[1].received_us)


def _delayed(said: Sequence[tuple[int, Batch]]) -> list[Batch]:
    return [batch for _, batch in sorted(said, key=lambda one: one[1].received_us + one[0])]


@given(conversations())
@settings(max_examples=80)
def test_delays_within_the_bound_change_nothing(said: list[tuple[int, Batch]]) -> None:
    """Messages shuffled within the lateness bound and patience lead to the same findings in the same order."""
    punctual = ordered(engine(WORLD, _detectors()), logged([b for _, b in said], WORLD), END)
    shuffled = ordered(engine(WORLD, _detectors()), logged(_delayed(said), WORLD), END)

    assert shuffled == punctual


@given(conversations(), st.sets(st.integers(0, 25), max_size=4))
@settings(max_examples=80)
def test_restarts_change_nothing(said: list[tuple[int, Batch]], crashes: set[int]) -> None:
    """An engine restored from checkpoints at any points of the log says what an uninterrupted one says."""
    records = logged(_delayed(said), WORLD)
    uninterrupted = ordered(engine(WORLD, _detectors()), records, END)

    assert with_restarts(WORLD, _detectors, records, crashes, END) == uninterrupted


def test_a_checkpoint_holds_only_what_changed() -> None:
    """The second checkpoint names the asset whose window closed since the first, and a third nothing."""
    machine = engine(WORLD, [Counter()])
    first = [telemetry(d, T0, {"current_a": 1}) for d in ("a", "b")] + [telemetry("a", T0 + 60 * S, {"current_a": 1})]
    records = logged([*first, telemetry("a", T0 + 120 * S, {"current_a": 1})], WORLD)
    ordered(machine, records[:3])
    one = machine.checkpoint()
    ordered(machine, records[3:])
    two, three = machine.checkpoint(), machine.checkpoint()

    assert [s.asset for s in one.states] == ["p1", "p2", "p3"]
    assert [s.asset for s in two.states] == ["p1"]
    assert three.states == ()


def test_resumes_before_the_oldest_record_of_an_open_window() -> None:
    """A reader comes back to what the open windows hold and no further."""
    machine = engine(WORLD, [Counter()])
    records = logged([telemetry("a", T0 + at * S, {"current_a": 1}) for at in (0, 60, 61, 62)], WORLD)
    ordered(machine, records)

    assert (machine.checkpoint().position, machine.checkpoint().resume_position) == (4, 1)


def test_a_state_of_another_version_is_dropped() -> None:
    """After an upgrade that changed what a state means, learning starts anew."""
    machine = engine(WORLD, [Counter()])
    ordered(machine, logged([telemetry("a", T0 + at * S, {"current_a": 1}) for at in (0, 60)], WORLD))
    upgraded = engine(WORLD, [Counter(version=2)])
    upgraded.restore(machine.checkpoint())
    found = ordered(upgraded, logged([telemetry("a", T0 + 90 * S, {"current_a": 1})], WORLD), END)

    assert [f.subject.split()[0] for f in found] == ["1"]
