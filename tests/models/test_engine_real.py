"""The engine's laws on the detectors that ship, over messages nobody thought of."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.readings import Batch
from ingest.registry import AssetClass
from models.detectors.catalogue import DETECTORS
from models.findings import Finding
from tests.models.parking import NEXT_SPOT, ROAD, SPOT, plate, said
from tests.models.restarts import with_restarts
from tests.models.test_elevator_entrapment import AT_FLOOR, OPEN, PARKED, RIDE, STUCK
from tests.models.worlds import LATENESS_US, SITE, T0, S, asset, device, engine, logged, ordered, registry, telemetry

WORLD = registry(
    [
        asset("lift-1", AssetClass.ELEVATOR),
        asset("kerb-1", AssetClass.PARKING_ZONE, {"zone": "kerb", "zone_kind": "no_parking"}),
        asset("lane-1", AssetClass.PARKING_ZONE, {"zone": "lane", "zone_kind": "fire_lane"}),
        asset("pump-1", AssetClass.PUMP, {"power_kw": 15.0}),
        asset("riser-1", AssetClass.RISER),
    ],
    [
        device("box", "lift-1"),
        device("gate", "kerb-1", "lane-1"),
        device("pump-1-v", "pump-1", reports_every_us=30 * S),
        device("riser-1-v", "riser-1"),
    ],
)
END = T0 + 30_000 * S

_STATUSES = st.sampled_from(
    [RIDE, STUCK, AT_FLOOR, OPEN, PARKED, STUCK | {"alarm_button": 1}, RIDE | {"service_mode": 2}]
)
_PLATES = st.sampled_from([{}, plate("沪A12345"), plate("沪A12346"), plate("沪B99999"), plate("沪A12345", 0.5)])


@st.composite
def messages(draw: st.DrawFn) -> Batch:
    """A status of the elevator or a part of it, a word about a car, or readings of pump and riser."""
    at_s = draw(st.integers(0, 400)) * 3
    at_us = T0 + at_s * S
    match draw(st.sampled_from(["lift", "lift", "car", "car", "pump", "riser"])):
        case "lift":
            status = draw(_STATUSES)
            part = draw(st.sampled_from([list(status), ["person_present"], ["door_closed", "car_running"]]))
            return telemetry("box", at_us, {name: status[name] for name in part})
        case "car":
            box, zones = draw(st.sampled_from([(SPOT, ["kerb"]), (NEXT_SPOT, ["lane"]), (ROAD, [])]))
            how = draw(st.sampled_from(["new", "update", "update", "end"]))
            track, read = draw(st.sampled_from("abc")), draw(_PLATES)
            return said(track, at_s, how, box=box, zones=zones, stationary=draw(st.booleans()), **read)
        case "pump":
            return telemetry("pump-1-v", at_us, {"velocity_rms_mm_s": draw(st.floats(0, 20))})
        case _:
            return telemetry("riser-1-v", at_us, {"pipe_vibration_um_s2": draw(st.floats(1, 1000))})


def _one_word_a_moment(said_all: Sequence[Batch]) -> list[Batch]:
    """The messages in time, without a device's second word about the same thing and moment.

    The first word wins, and which of two is first is up to the order of arrival.
    """
    kept: dict[object, Batch] = {}
    for batch in said_all:
        key = (batch.device, batch.received_us, batch.events[0].attributes["id"] if batch.events else "")
        kept.setdefault(key, batch)
    return sorted(kept.values(), key=lambda b: b.received_us)


@given(st.lists(messages(), max_size=60), st.data())
@settings(max_examples=60)
def test_delays_within_the_bound_change_nothing(said_all: list[Batch], data: st.DataObject) -> None:
    """Messages delayed and shuffled within the lateness bound lead to the same findings."""
    sent = _one_word_a_moment(said_all)
    delays = data.draw(st.lists(st.integers(0, LATENESS_US), min_size=len(sent), max_size=len(sent)))
    late = sorted(range(len(sent)), key=lambda n: sent[n].received_us + delays[n])
    punctual = ordered(engine(WORLD, DETECTORS), logged(sent, WORLD), END)
    delayed = ordered(engine(WORLD, DETECTORS), logged([sent[n] for n in late], WORLD), END)

    assert delayed == punctual


@given(st.lists(messages(), max_size=60), st.sets(st.integers(0, 60), max_size=4))
@settings(max_examples=60)
def test_restarts_change_nothing(said_all: list[Batch], crashes: set[int]) -> None:
    """Engines that take over from each other at any points of the log say what one says."""
    records = logged(sorted(said_all, key=lambda b: b.received_us), WORLD)
    uninterrupted = ordered(engine(WORLD, DETECTORS), records, END)

    assert with_restarts(WORLD, lambda: DETECTORS, records, crashes, END) == uninterrupted


@given(st.lists(messages(), max_size=60))
@settings(max_examples=60)
def test_what_was_said_early_is_confirmed(said_all: list[Batch]) -> None:
    """By the time of an early finding the ordered path has its episode open, or has closed it a minute ago at most."""
    machine, early, found = engine(WORLD, DETECTORS), list[Finding](), list[Finding]()
    for record in logged(_one_word_a_moment(said_all), WORLD):
        heard = machine.offer(record)
        early += heard.early
        found += heard.ordered
    found += machine.advance(SITE, END)

    for announced in early:
        said_by_then = [f for f in found if f.asset == announced.asset and f.at_us <= announced.at_us]
        scores = [f for f in said_by_then if f.failure_mode == announced.failure_mode and f.score is not None]
        assert scores
        assert scores[-1].score == 1.0 or announced.at_us - scores[-1].at_us < 60 * S
