"""ReadingStore: the checks that every implementation must pass.

Each check gets `opened`, which opens the same store: empty at first, and what was written on later calls.
"""

import itertools
import random
from collections.abc import Callable, Sequence

import numpy as np

from ingest.history import DAY_US, EVER_US, HOUR_US, MINUTE_US, Point, ReadingStore, Series, Summary
from ingest.log import Record
from ingest.readings import Batch, Event, Quality, Reading

Opened = Callable[[], ReadingStore]
T0_US = 1_790_000_000_000_000
"""A moment in 2026, microseconds since the epoch."""
ALWAYS = (T0_US - 10**15, T0_US + 10**15)


def record(position: int, *items: Reading | Event, device: str = "riser-3") -> Record:
    """A log record of one device's readings and events."""
    readings = tuple(item for item in items if isinstance(item, Reading))
    events = tuple(item for item in items if isinstance(item, Event))
    newest = max((item.at_us for item in items), default=T0_US)
    return Record(position, newest, Batch("garden", device, newest + 50_000, readings, events))


def pressure(at: int, value: float = 300.0, device: str = "riser-3", quality: int = 0) -> Reading:
    """A pressure reading `at` seconds after T0."""
    return Reading(device, "pressure_kpa", T0_US + at * 1_000_000, value, quality)


def parked(at: int, plate: str = "A", device: str = "gate") -> Event:
    """A camera event `at` seconds after T0."""
    return Event(device, "camera.object", T0_US + at * 1_000_000, {"plate": plate, "box": [1, 2.5], "stopped": True})


def score(at: int, value: float, asset: str = "riser-3") -> Point:
    """A score point `at` seconds after T0."""
    tags = {"site": "garden", "asset": asset, "failure_mode": "pipe.burst"}
    return Point("score", T0_US + at * 1_000_000, tags, {"score": value, "probability": value / 2})


def values(series: Series) -> list[tuple[int, float, int]]:
    """A series as (seconds after T0, value, quality)."""
    at = (series.at_us - T0_US) / 1e6
    return list(zip(at.tolist(), series.value.tolist(), series.quality.tolist(), strict=True))


def stored(store: ReadingStore, device: str = "riser-3") -> list[tuple[int, float, int]]:
    """All pressure readings of a device."""
    return values(store.series(device, "pressure_kpa", *ALWAYS))


def check_empty_store_gives_empty_results(opened: Opened) -> None:
    """What was never written comes back empty, with the arrays' types, and the position is 0."""
    store = opened()
    series = store.series("riser-3", "pressure_kpa", *ALWAYS)

    assert (series.at_us.dtype, series.value.dtype, series.quality.dtype) == (np.int64, np.float64, np.uint8)
    assert (len(series.at_us), len(series.value), len(series.quality)) == (0, 0, 0)
    assert store.events("gate", *ALWAYS) == []
    assert store.points("score", {}, *ALWAYS) == []
    assert store.position() == 0


def check_readings_round_trip(opened: Opened) -> None:
    """Value, time and quality of a reading come back as they went in, and only for its own device and metric."""
    store = opened()
    other = Reading("riser-3", "flow_m3_h", T0_US, 7.0)
    store.write([record(1, pressure(0, 301.25, quality=Quality.LATE | Quality.OUT_OF_RANGE), other, pressure(1, -0.1))])

    assert stored(store) == [(0, 301.25, 5), (1, -0.1, 0)]
    assert values(store.series("riser-3", "flow_m3_h", *ALWAYS)) == [(0, 7.0, 0)]
    assert stored(store, "riser-4") == []


def check_summary_says_what_the_readings_say(opened: Opened) -> None:
    """Whatever order readings come in, and however late, each window has what its believable readings say."""
    chance = random.Random(20_261_122)  # noqa: S311 -- a test's dice
    store, records, now = opened(), [], 0
    for position in range(1, 41):
        now += chance.choice((60, 300, 1_800))
        late = chance.choice((0, 0, 7, 3_600, 30_000))
        flags = chance.choice((Quality.GOOD, Quality.GOOD, Quality.LATE, Quality.OUT_OF_RANGE))
        records.append(record(position, *(pressure(now - late - i, chance.gauss(), quality=flags) for i in range(3))))
        store.write(records[-2:])
        while chance.random() < 0.7 and store.tend():
            pass
        if position == 20:
            store.close()
            store = opened()
    start_us, end_us = T0_US - DAY_US, T0_US + now * 1_000_000 - 4_321

    for step_us in (MINUTE_US, 10 * MINUTE_US, HOUR_US, 3 * HOUR_US, DAY_US, 90_000_000):
        found = store.summary("riser-3", "pressure_kpa", start_us, end_us, step_us)
        expected = summary_of(records, step_us)
        whole = ~(expected.at_us >= end_us)
        assert np.array_equal(found.at_us, expected.at_us[whole])
        assert found.count.dtype == np.int64
        for name in ("low", "high", "mean", "count", "last"):
            assert np.allclose(getattr(found, name), getattr(expected, name)[whole], rtol=1e-12, atol=1e-12), name
    assert len(store.summary("riser-4", "pressure_kpa", start_us, end_us, HOUR_US).at_us) == 0


def check_summary_is_of_whole_windows(opened: Opened) -> None:
    """Windows start at multiples of the step, before 1970 too, and one that the range only touches comes whole."""
    store = opened()
    store.write([record(1, *(Reading("riser-3", "pressure_kpa", at_us, float(at_us)) for at_us in (-90, -10, -1, 5)))])
    found = store.summary("riser-3", "pressure_kpa", -5, -1, 60)
    empty = store.summary("riser-3", "pressure_kpa", 60, 600, 60)

    assert (found.at_us.tolist(), found.low.tolist(), found.count.tolist()) == ([-60], [-10.0], [2])
    assert [getattr(empty, name).dtype for name in ("at_us", "mean", "count")] == [np.int64, np.float64, np.int64]
    assert store.readings_from_us() == EVER_US


def check_metrics_of_a_device_are_known(opened: Opened) -> None:
    """A device's metrics are those it ever sent, sorted, also after reopening; a device never heard has none."""
    store = opened()
    store.write([record(1, pressure(0), Reading("riser-3", "flow_m3_h", T0_US, 7.0), pressure(0, device="riser-4"))])
    store.close()
    store = opened()

    assert store.metrics("riser-3") == ["flow_m3_h", "pressure_kpa"]
    assert store.metrics("riser-4") == ["pressure_kpa"]
    assert store.metrics("gate") == []


def check_values_keep_every_bit(opened: Opened) -> None:
    """Huge, tiny, negative and non-terminating values come back exactly."""
    store = opened()
    hard = [1.7976931348623157e308, -1.7976931348623157e308, 5e-324, 0.1 + 0.2, -1e-17, 4294967295.0, 1 / 3, 0.0]
    store.write([record(1, *(pressure(i, value) for i, value in enumerate(hard)))])

    assert [value for _, value, _ in stored(store)] == hard


def check_microseconds_are_kept(opened: Opened) -> None:
    """Readings one microsecond apart stay apart, also before 1970 and far ahead."""
    store = opened()
    times = [-1_000_001, -1, 0, 1, T0_US, T0_US + 1, 9_000_000_000_000_000]
    store.write([record(1, *(Reading("riser-3", "pressure_kpa", at_us, float(i)) for i, at_us in enumerate(times)))])

    assert store.series("riser-3", "pressure_kpa", -(10**13), 9_100_000_000_000_000).at_us.tolist() == times


def check_series_is_ascending_whatever_came_first(opened: Opened) -> None:
    """Readings written out of order, within a write and over several, come back ascending."""
    store = opened()
    store.write([record(1, pressure(5), pressure(9), pressure(1)), record(2, pressure(7))])
    store.write([record(3, pressure(8), pressure(0), pressure(6))])
    store.write([record(4, pressure(2), pressure(11))])

    assert [at for at, _, _ in stored(store)] == [0, 1, 2, 5, 6, 7, 8, 9, 11]


def check_ranges_are_half_open(opened: Opened) -> None:
    """The start belongs to a range and the end does not, for readings, events and points."""
    store = opened()
    store.write([record(1, *(pressure(i) for i in range(4)), *(parked(i) for i in range(4)))])
    store.write_points([score(i, 0.5) for i in range(4)])
    start_us, end_us = T0_US + 1_000_000, T0_US + 3_000_000

    assert [at for at, _, _ in values(store.series("riser-3", "pressure_kpa", start_us, end_us))] == [1, 2]
    assert [e.at_us for e in store.events("gate", start_us, end_us)] == [start_us, start_us + 1_000_000]
    assert [p.at_us for p in store.points("score", {}, start_us, end_us)] == [start_us, start_us + 1_000_000]
    assert len(store.series("riser-3", "pressure_kpa", start_us, start_us).at_us) == 0


def check_first_reading_of_a_moment_stays(opened: Opened) -> None:
    """Of readings with one device, metric and time the first in log order stays, in one write and over several."""
    store = opened()
    store.write([record(1, pressure(0, 1.0), pressure(0, 2.0)), record(2, pressure(0, 3.0), pressure(5, 1.0))])
    store.write([record(3, pressure(0, 4.0), pressure(5, 5.0), pressure(2, 1.0), pressure(2, 9.0))])
    store.write([record(4, pressure(2, 6.0), pressure(7, 1.0))])

    assert stored(store) == [(0, 1.0, 0), (2, 1.0, 0), (5, 1.0, 0), (7, 1.0, 0)]


def check_first_reading_stays_after_reopening(opened: Opened) -> None:
    """A store opened again still knows what it holds, so a duplicate of an old reading changes nothing."""
    store = opened()
    store.write([record(1, pressure(0, 1.0), pressure(5, 1.0), parked(3))])
    store.close()
    store = opened()
    store.write([record(2, pressure(0, 2.0), pressure(5, 2.0), pressure(3, 1.0), pressure(6, 1.0), parked(3))])

    assert stored(store) == [(0, 1.0, 0), (3, 1.0, 0), (5, 1.0, 0), (6, 1.0, 0)]
    assert store.events("gate", *ALWAYS) == [parked(3)]


def check_writing_again_changes_nothing(opened: Opened) -> None:
    """The same records and points written twice, whole or in part, are there once."""
    store = opened()
    records = [record(i, pressure(i), pressure(-i), parked(i)) for i in range(1, 6)]
    store.write(records)
    once = stored(store), store.events("gate", *ALWAYS)
    store.write(records)
    store.write(records[2:4])
    store.write([*records, record(6, pressure(6))])
    for _ in range(2):
        store.write_points([score(0, 0.5), score(1, 0.6)])

    assert stored(store) == [*once[0], (6, 300.0, 0)]
    assert store.events("gate", *ALWAYS) == once[1]
    assert store.points("score", {}, *ALWAYS) == [score(0, 0.5), score(1, 0.6)]


def check_events_round_trip(opened: Opened) -> None:
    """Kind, time, nested attributes and quality of an event come back as they went in."""
    store = opened()
    attributes = {"after": {"box": [1, 2.5, None], "stationary": False}, "text": 'a "b" \\ c\nd\t京A', "empty": {}}
    event = Event("gate", "camera.object", T0_US, attributes, Quality.CLOCK_AHEAD)
    store.write([record(1, event, Event("gate", "camera.lost", T0_US + 1), device="gate")])

    assert store.events("gate", *ALWAYS) == [event, Event("gate", "camera.lost", T0_US + 1)]


def check_events_of_one_moment_are_all_kept(opened: Opened) -> None:
    """Different events of one device and microsecond are all kept, in log order; a repeated one is there once."""
    store = opened()
    store.write([record(1, parked(0, "B"), parked(0, "A"), parked(0, "B"), parked(9))])
    store.write([record(2, parked(0, "C"), parked(0, "A"))])

    assert [e.attributes["plate"] for e in store.events("gate", *ALWAYS)] == ["B", "A", "C", "A"]


def check_points_are_overwritten(opened: Opened) -> None:
    """A point with the same series, time and tags takes the place of the old one; any other difference keeps both."""
    store = opened()
    store.write_points([score(0, 0.5), score(0, 0.6), score(0, 0.1, asset="riser-4")])
    store.write_points([score(0, 0.7), score(1, 0.8)])

    assert store.points("score", {"asset": "riser-3"}, *ALWAYS) == [score(0, 0.7), score(1, 0.8)]
    assert store.points("score", {"asset": "riser-4"}, *ALWAYS) == [score(0, 0.1, asset="riser-4")]


def check_points_are_found_by_tags(opened: Opened) -> None:
    """Points are found by all the tags asked for, by none, and not by a tag they lack; an empty tag is no tag."""
    store = opened()
    points = [
        Point("threshold", T0_US, {"name": "a", "scope_kind": "default", "scope_id": ""}, {"value": 3.0}),
        Point("threshold", T0_US + 1, {"name": "a", "scope_kind": "asset", "scope_id": "riser-3"}, {"value": 4.0}),
    ]
    store.write_points(points)
    first = Point("threshold", T0_US, {"name": "a", "scope_kind": "default"}, {"value": 3.0})

    assert store.points("threshold", {"name": "a"}, *ALWAYS) == [first, points[1]]
    assert store.points("threshold", {"name": "a", "scope_kind": "asset"}, *ALWAYS) == [points[1]]
    assert store.points("threshold", {"scope_id": ""}, *ALWAYS) == [first]
    assert store.points("threshold", {"colour": "red"}, *ALWAYS) == []
    assert store.points("score", {"name": "a"}, *ALWAYS) == []


def check_texts_of_any_kind_are_kept(opened: Opened) -> None:
    """Chinese, quotes, commas, spaces, equals signs, backslashes and line breaks survive in names and fields."""
    store = opened()
    device, name = "3号 立管,a=b", 'it\'s "x" \\ y, 京'
    reading = Reading(device, "pressure_kpa", T0_US, 1.0)
    point = Point(
        "work_order", T0_US, {"asset": name}, {"title": '爆管"预警"\\', "text": "one\ntwo, three = 3", "number": 12.0}
    )
    store.write([record(1, reading, Event(device, "a b,c=d", T0_US), device=device)])
    store.write_points([point])
    store.close()
    store = opened()

    assert stored(store, device) == [(0, 1.0, 0)]
    assert [event.kind for event in store.events(device, *ALWAYS)] == ["a b,c=d"]
    assert store.points("work_order", {"asset": name}, *ALWAYS) == [point]


def check_whole_numbers_stay_numbers(opened: Opened) -> None:
    """A whole number in a point comes back as a float, and may be followed by a fraction in the same field."""
    store = opened()
    store.write_points([Point("score", T0_US, {"asset": "a"}, {"score": 1})])
    store.write_points([Point("score", T0_US + 1, {"asset": "a"}, {"score": 0.25})])
    found = [point.fields["score"] for point in store.points("score", {}, *ALWAYS)]

    assert found == [1.0, 0.25]
    assert [type(value) for value in found] == [float, float]


def check_position_moves_with_the_records(opened: Opened) -> None:
    """The position is that of the last record written, never goes back, counts empty records, and is kept."""
    store = opened()
    store.write([])
    positions = [store.position()]
    for records in ([record(3, pressure(0))], [record(1, pressure(1)), record(2)], [record(9), record(11)]):
        store.write(records)
        positions.append(store.position())
    store.close()

    assert positions == [0, 3, 3, 11]
    assert opened().position() == 11


def check_long_series_come_back_whole(opened: Opened) -> None:
    """A series longer than any page or chunk of a server's answer comes back whole."""
    store = opened()
    n = 25_000
    store.write([record(1, *(pressure(i, i / 7) for i in range(n)))])
    series = store.series("riser-3", "pressure_kpa", *ALWAYS)

    assert np.array_equal(series.at_us, T0_US + 1_000_000 * np.arange(n))
    assert np.array_equal(series.value, np.arange(n) / 7)


def check_closing_twice_does_nothing(opened: Opened) -> None:
    """A closed store can be closed again, and what it held is there when it is opened."""
    store = opened()
    store.write([record(1, pressure(0))])
    store.close()
    store.close()

    assert stored(opened()) == [(0, 300.0, 0)]


def check_any_history_is_kept_once(opened: Opened) -> None:
    """Whatever the order, the duplicates, the overlaps of writes and the reopenings, the store holds `expected_of`."""
    chance = random.Random(20_261_121)  # noqa: S311 -- a test's dice
    devices = ("riser-1", "riser-2")
    records = [
        record(position, *(pressure(chance.randrange(40), position, chance.choice(devices)) for _ in range(3)))
        for position in range(1, 121)
    ]
    store, at = opened(), 0
    while at < len(records):
        step = chance.randrange(1, 9)
        store.write(records[max(0, at - chance.randrange(4)) : at + step])
        at += step
        if chance.random() < 0.2:
            store.close()
            store = opened()
    held = {(d, "pressure_kpa"): store.series(d, "pressure_kpa", *ALWAYS) for d in devices}

    assert {
        k: list(zip(s.at_us.tolist(), s.value.tolist(), s.quality.tolist(), strict=True)) for k, s in held.items()
    } == (expected_of(records))


def expected_of(records: Sequence[Record]) -> dict[tuple[str, str], list[tuple[int, float, int]]]:
    """What any store must hold after records: per series ascending (at_us, value, quality), first in log order."""
    kept: dict[tuple[str, str], dict[int, tuple[float, int]]] = {}
    for reading in itertools.chain.from_iterable(r.batch.readings for r in records):
        series = kept.setdefault((reading.device, reading.metric), {})
        series.setdefault(reading.at_us, (reading.value, reading.quality))
    return {key: [(at_us, *held) for at_us, held in sorted(series.items())] for key, series in kept.items()}


def summary_of(records: Sequence[Record], step_us: int, device: str = "riser-3") -> Summary:
    """What a store must say of a device's pressure after records."""
    windows: dict[int, list[float]] = {}
    for at_us, value, flags in expected_of(records).get((device, "pressure_kpa"), []):
        if not flags & Quality.OUT_OF_RANGE:
            windows.setdefault(at_us // step_us * step_us, []).append(value)
    rows = [(at_us, min(v), max(v), float(np.mean(v)), len(v), v[-1]) for at_us, v in sorted(windows.items())]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * 6
    kinds = (np.int64, np.float64, np.float64, np.float64, np.int64, np.float64)
    return Summary(*(np.array(column, kind) for column, kind in zip(columns, kinds, strict=True)))


CHECKS: tuple[Callable[[Opened], None], ...] = tuple(
    check for name, check in sorted(globals().items()) if name.startswith("check_")
)
