"""The engine: which windows it makes, when it closes them, and what it drops."""

from dataclasses import replace

from ingest.log import Record
from ingest.readings import Batch, Event, Quality, Reading, Still
from ingest.registry import AssetClass
from models.windows import Window
from tests.models.toys import Counter
from tests.models.worlds import SITE, T0, S, asset, device, engine, happening, logged, ordered, registry, telemetry

PUMP = asset("pump", AssetClass.PUMP)
WORLD = registry([PUMP], [device("box", "pump")])


def _shown(counter: Counter) -> list[Window]:
    return [window for call in counter.calls for window in call]


def test_closes_a_window_once_the_watermark_passes_its_end_and_the_lateness() -> None:
    """A window [0, 5) with 10 s of lateness closes at watermark 15, not a microsecond before."""
    counter = Counter()
    machine = engine(WORLD, [counter])
    ordered(machine, logged([telemetry("box", T0 + S, {"current_a": 1})], WORLD))

    assert machine.advance(SITE, T0 + 15 * S - 1) == ()
    assert [f.at_us for f in machine.advance(SITE, T0 + 15 * S)] == [T0]


def test_waits_for_the_asset_with_patience_and_not_for_the_other() -> None:
    """A device that gathers samples for a minute holds up its own asset's windows only."""
    patient = asset("patient", AssetClass.PUMP)
    world = registry([PUMP, patient], [device("box", "pump"), device("slow", "patient", reports_every_us=60 * S)])
    machine = engine(world, [Counter()])
    ordered(machine, logged([telemetry(d, T0 + S, {"current_a": 1}) for d in ("box", "slow")], world))

    assert [f.asset for f in machine.advance(SITE, T0 + 15 * S)] == ["pump"]
    assert [f.asset for f in machine.advance(SITE, T0 + 75 * S)] == ["patient"]


def test_shows_windows_that_close_together_in_one_call() -> None:
    """Two assets with the same bound are judged side by side."""
    world = registry([PUMP, asset("other", AssetClass.PUMP)], [device("box", "pump"), device("box2", "other")])
    counter = Counter()
    ordered(
        engine(world, [counter]),
        logged([telemetry(d, T0 + S, {"current_a": 1}) for d in ("box", "box2")], world),
        T0 + 60 * S,
    )

    assert [[w.asset.id for w in call] for call in counter.calls] == [["other", "pump"]]


def test_makes_no_window_for_a_gap() -> None:
    """A year of silence costs two windows."""
    counter = Counter()
    year = 365 * 86_400 * S
    batches = [telemetry("box", at, {"current_a": 1}) for at in (T0, T0 + year)]
    ordered(engine(WORLD, [counter]), logged(batches, WORLD), T0 + year + 60 * S)

    assert [w.start_us for w in _shown(counter)] == [T0, T0 + year]


def test_wakes_a_detector_in_the_silence_it_asked_about() -> None:
    """A detector that wants to be woken 30 s after a window gets the empty window of that moment, once."""
    counter = Counter(wake_after_us=30 * S)
    ordered(engine(WORLD, [counter]), logged([telemetry("box", T0, {"current_a": 1})], WORLD), T0 + 3600 * S)

    assert [(w.start_us - T0, len(w.readings)) for w in _shown(counter)] == [(0, 1), (35 * S, 0)]


def test_shows_an_empty_window_only_to_the_detector_that_asked() -> None:
    """Another detector of the same width sleeps on."""
    awake, asleep = Counter("awake", wake_after_us=30 * S), Counter("asleep")
    ordered(engine(WORLD, [awake, asleep]), logged([telemetry("box", T0, {"current_a": 1})], WORLD), T0 + 3600 * S)

    assert (len(awake.calls), len(asleep.calls)) == (2, 1)


def test_a_wake_up_in_the_past_is_served_by_the_next_window() -> None:
    """A detector that asks too late is woken as soon as possible, once."""
    counter = Counter(wake_after_us=-7 * S)
    ordered(engine(WORLD, [counter]), logged([telemetry("box", T0 + S, {"current_a": 1})], WORLD), T0 + 3600 * S)

    assert [w.start_us - T0 for w in _shown(counter)] == [0, 5 * S]


def test_orders_the_readings_of_a_window_by_time_device_and_metric() -> None:
    """Whatever came first, a detector reads from left to right."""
    counter = Counter()
    batches = [
        telemetry("box", T0 + at * S, {name: at}) for at, name in ((3, "kurtosis"), (1, "kurtosis"), (3, "current_a"))
    ]
    ordered(engine(WORLD, [counter]), logged(batches, WORLD), T0 + 60 * S)

    assert [(r.value, r.metric) for r in _shown(counter)[0].readings] == [
        (1.0, "kurtosis"),
        (3.0, "current_a"),
        (3.0, "kurtosis"),
    ]


def test_keeps_the_first_of_two_readings_of_the_same_time() -> None:
    """Of two values for one device, metric and time the first in log order is scored, as in history."""
    counter = Counter()
    batches = [telemetry("box", T0, {"current_a": value}) for value in (1, 2)]
    ordered(engine(WORLD, [counter]), logged(batches, WORLD), T0 + 60 * S)

    assert [r.value for r in _shown(counter)[0].readings] == [1.0]


def test_a_first_reading_out_of_range_keeps_its_place() -> None:
    """History keeps the first reading of a time even if it is not believed, so a second one is not scored either."""
    counter = Counter()
    bad = Reading("box", "current_a", T0, -1.0, Quality.OUT_OF_RANGE)
    batches = [
        Batch(SITE, "box", T0, (bad,)),
        telemetry("box", T0, {"current_a": 2}),
        telemetry("box", T0, {"kurtosis": 3}),
    ]
    ordered(engine(WORLD, [counter]), logged(batches, WORLD), T0 + 60 * S)

    assert [(r.metric, r.value) for r in _shown(counter)[0].readings] == [("kurtosis", 3.0)]


def test_makes_no_window_of_unscored_readings() -> None:
    """A window in which nothing may be scored is silence."""
    counter = Counter()
    late = Batch(SITE, "box", T0, (Reading("box", "current_a", T0, 1.0, Quality.LATE),))
    ordered(engine(WORLD, [counter]), [Record(1, T0, late)], T0 + 60 * S)

    assert counter.calls == []


def test_drops_equal_events_and_orders_those_of_one_frame() -> None:
    """Two objects in one camera frame come in the same order whichever was published first; a repeat comes once."""
    one = happening("box", "camera.object", T0, {"n": 1})
    two = happening("box", "camera.object", T0, {"n": 2})
    seen = []
    for batches in ([one, two, one], [two, one, two]):
        counter = Counter()
        ordered(engine(WORLD, [counter]), logged(batches, WORLD), T0 + 60 * S)
        seen.append([e.attributes["n"] for e in _shown(counter)[0].events])

    assert seen == [[1, 2], [1, 2]]


def test_hands_stills_over_in_the_order_they_came() -> None:
    """A still lies in the window of its arrival."""
    stills = tuple(Still("box", "car", T0 + i * S, b"", str(i)) for i in (3, 1))
    counter = Counter()
    record = Record(1, T0, Batch(SITE, "box", T0, stills=stills, events=(Event("box", "camera.object", T0),)))
    ordered(engine(WORLD, [counter]), [record], T0 + 60 * S)

    assert [s.sha256 for s in _shown(counter)[0].stills] == ["1", "3"]


def test_what_comes_after_its_window_closed_changes_nothing() -> None:
    """A reading that ingest let pass but whose window is closed is dropped by the watermark."""
    counter = Counter()
    first, second = logged([telemetry("box", at, {"current_a": 1}) for at in (T0, T0 + 60 * S)], WORLD)
    straggler = Record(3, second.watermark_us, telemetry("box", T0 + S, {"current_a": 1}))
    ordered(engine(WORLD, [counter]), [first, second, straggler], T0 + 120 * S)

    assert [w.start_us - T0 for w in _shown(counter)] == [0, 60 * S]


def test_says_at_once_what_a_message_proves() -> None:
    """The early path speaks in the same call, from scoreable readings only, and not about a seen record."""
    (record,) = logged([telemetry("box", T0, {"current_a": 100})], WORLD)
    late = replace(record.batch, readings=tuple(replace(r, quality=Quality.LATE) for r in record.batch.readings))

    assert [f.at_us for f in engine(WORLD, [Counter()]).offer(record).early] == [T0]
    assert engine(WORLD, [Counter()]).offer(replace(record, batch=late)).early == ()
    assert engine(WORLD, [Counter()]).offer(record, seen=True).early == ()


def test_ignores_who_is_not_in_the_registry() -> None:
    """A site or device that left the registry while its records were in the log harms nobody."""
    machine = engine(WORLD, [Counter()])
    stranger = replace(telemetry("box", T0, {"current_a": 100}), device="gone")
    elsewhere = replace(telemetry("box", T0, {"current_a": 100}), site="gone")

    assert machine.offer(Record(1, T0, stranger)).early == ()
    assert machine.offer(Record(2, T0, elsewhere)).early == ()
