"""SenML's format: the RFC's own packs resolve as it says, and names come apart into device and name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decode import FORMATS
from ingest.errors import SourceOptionError
from ingest.formats.senml import SenmlFormat
from ingest.quarantine import Reason
from ingest.sources import NameMapping, Source
from tests.ingest.community import NOW_US
from tests.ingest.wires import readings, refusal, said

URN = "urn:dev:ow:10e2073a01080063"
OLDER = "urn:dev:ow:10e2073a0108006"
NAMES = (
    NameMapping("Cel", "air_temperature_c"),
    NameMapping("temp", "air_temperature_c"),
    NameMapping("voltage", "voltage_v"),
    NameMapping("current", "current_a"),
    NameMapping("press", "pressure_kpa"),
    NameMapping("vib", "velocity_rms_mm_s"),
    NameMapping("flow", "flow_m3_h"),
    NameMapping("door", "door_closed"),
    NameMapping("3303/0/5700", "pipe_temperature_c"),
)
FORMAT = SenmlFormat(Source("senml", "senml", names=NAMES))
TOPIC = "senml/gw"


def test_the_rfcs_single_measurement_is_read() -> None:
    """RFC 8428, 5.1.1: a device without a name for its only value; it is called by its unit and dated by arrival."""
    message = said(FORMAT, TOPIC, [{"n": URN, "u": "Cel", "v": 23.1}])

    assert readings(message) == [(URN, "air_temperature_c", NOW_US, 23.1)]
    assert message.identity != b""


def test_the_rfcs_base_fields_are_worked_in() -> None:
    """RFC 8428, 5.1.2: base name, base time, base unit, and times relative to the base."""
    pack = [
        {"bn": f"{OLDER}:", "bt": 1.276020076001e09, "bu": "A", "bver": 5, "n": "voltage", "u": "V", "v": 120.1},
        {"n": "current", "t": -5, "v": 1.2},
        {"n": "current", "t": -4, "v": 1.3},
        {"n": "current", "t": -3, "v": 1.4},
        {"n": "current", "t": -2, "v": 1.5},
        {"n": "current", "t": -1, "v": 1.6},
        {"n": "current", "v": 1.7},
    ]
    message = said(FORMAT, TOPIC, pack)

    assert readings(message) == [
        (OLDER, "voltage_v", 1276020076001000, 120.1),
        (OLDER, "current_a", 1276020071001000, 1.2),
        (OLDER, "current_a", 1276020072001000, 1.3),
        (OLDER, "current_a", 1276020073001000, 1.4),
        (OLDER, "current_a", 1276020074001000, 1.5),
        (OLDER, "current_a", 1276020075001000, 1.6),
        (OLDER, "current_a", 1276020076001000, 1.7),
    ]
    assert message.identity == b""


def test_the_rfcs_moving_sensor_is_read() -> None:
    """RFC 8428, 5.1.3: without names the units tell the values apart, and those of no use are named."""
    pack = [
        {"bn": URN, "bt": 1.320067464e09, "bu": "%RH", "v": 20},
        {"u": "lon", "v": 24.30621},
        {"u": "lat", "v": 60.07965},
        {"t": 60, "v": 20.3},
        {"u": "%EL", "t": 150, "v": 98},
    ]
    (part,) = said(FORMAT, TOPIC, pack).parts

    assert (part.device, part.unmapped) == (URN, ("%RH", "lon", "lat", "%EL"))


def test_units_of_the_pack_become_ours() -> None:
    """DOMAIN 5.2's sample: pascals and metres a second arrive as kilopascals and millimetres a second."""
    pack = [
        {"bn": f"{URN}/", "bt": 1276020076.001, "n": "press", "u": "Pa", "v": 312400},
        {"n": "vib", "u": "m/s", "v": 0.0018, "t": 1},
    ]

    assert readings(said(FORMAT, TOPIC, pack)) == [
        (URN, "pressure_kpa", 1276020076001000, pytest.approx(312.4)),
        (URN, "velocity_rms_mm_s", 1276020077001000, pytest.approx(1.8)),
    ]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"v": 1.0}, 11.0),
        ({}, 10.0),
        ({"vb": True}, None),
    ],
)
def test_a_base_value_is_added(record: dict[str, Any], expected: float | None) -> None:
    """RFC 8428, 4.5.4: a missing value counts as zero beside a base value; a switch is no number to add to."""
    name = "door" if expected is None else "voltage"
    ((_, _, _, value),) = readings(said(FORMAT, TOPIC, [{"bn": f"{URN}:", "bv": 10, "n": name, **record}]))

    assert value == (1.0 if expected is None else expected)


def test_a_sum_is_a_value_of_its_own() -> None:
    """RFC 8428, 4.5.5: a base sum counts for every record; what the sum means is mapped like any name."""
    summed = SenmlFormat(Source("senml", "senml", names=(*NAMES, NameMapping("flow.sum", "trips_total"))))
    pack = [
        {"bn": f"{URN}:", "bs": 100, "n": "flow", "u": "m3/s", "v": 0.001, "s": 5},
        {"n": "flow", "u": "m3/s", "v": 0.002},
    ]
    found = [(metric, value) for _, metric, _, value in readings(said(summed, TOPIC, pack))]

    assert found == [
        ("flow_m3_h", pytest.approx(3.6)),
        ("trips_total", 105.0),
        ("flow_m3_h", pytest.approx(7.2)),
        ("trips_total", 100.0),
    ]


@pytest.mark.parametrize("time_s", [-5, 2**28 - 1])
def test_a_small_time_is_relative_to_the_arrival(time_s: int) -> None:
    """RFC 8428, 4.5.3: below 2^28 seconds count from now, and two arrivals are two messages."""
    pack = [{"n": f"{URN}:voltage", "v": 1, "t": time_s}]
    first, later = (said(FORMAT, TOPIC, pack, NOW_US + wait_us) for wait_us in (0, 60_000_000))

    assert [readings(message)[0][2] for message in (first, later)] == [
        NOW_US + time_s * 1_000_000,
        NOW_US + (time_s + 60) * 1_000_000,
    ]
    assert b"" != first.identity != later.identity


def test_a_large_time_is_absolute() -> None:
    """From 2^28 seconds on it is the time since 1970."""
    assert readings(said(FORMAT, TOPIC, [{"n": f"{URN}:voltage", "v": 1, "t": 2**28}]))[0][2] == 2**28 * 1_000_000


@pytest.mark.parametrize(
    ("source", "topic", "name", "expected"),
    [
        (Source("s", "senml"), TOPIC, f"{URN}/3303/0/5700", (URN, "3303/0/5700")),
        (Source("s", "senml"), TOPIC, f"{URN}_temp", (URN, "temp")),
        (Source("s", "senml"), TOPIC, "temp", ("gw", "temp")),
        (Source("s", "senml"), TOPIC, "/3303/0/5700", ("gw", "3303/0/5700")),
        (Source("s", "senml", filters=("plant/#",), address="a"), "plant/x", "temp", ("a", "temp")),
        (Source("s", "senml", filters=("plant/#",)), "plant/x", "hall/riser-1/temp", ("hall/riser-1", "temp")),
    ],
)
def test_a_name_comes_apart_into_device_and_name(
    source: Source, topic: str, name: str, expected: tuple[str, str]
) -> None:
    """A worldwide name says its device; else filter or source do; else what stands before the last separator."""
    (part,) = said(SenmlFormat(source), topic, [{"n": name, "v": 1}]).parts

    assert (part.device, *part.unmapped) == expected


def test_one_pack_may_speak_for_several_devices() -> None:
    """The base name changes on the way; each device has its part, and a bad one does not stop the other."""
    pack = [
        {"bn": "urn:dev:mac:01:", "n": "voltage", "v": 1},
        {"bn": "urn:dev:mac:02:", "n": "voltage", "vs": "low"},
        {"bn": "urn:dev:mac:03:", "n": "voltage", "v": 3},
    ]
    message = said(FORMAT, TOPIC, pack)

    assert [(device, value) for device, _, _, value in readings(message)] == [
        ("urn:dev:mac:01", 1.0),
        ("urn:dev:mac:03", 3.0),
    ]
    assert message.refused is not None
    assert message.refused.reason == Reason.TEXT_FOR_NUMBER


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"[", Reason.NOT_JSON),
        ([], Reason.EMPTY),
        ({"bn": URN, "e": [{"n": "temp", "v": 1}]}, Reason.WRONG_TYPE),
        ([{"n": f"{URN}:voltage"}], Reason.EMPTY),
        ([{"n": f"{URN}:voltage", "v": "1"}], Reason.WRONG_TYPE),
        (b'[{"n":"voltage","v":NaN}]', Reason.NOT_FINITE),
        ([{"n": f"{URN}:voltage", "v": 1, "bt": 1e308, "t": 1e308}], Reason.BAD_TIME),
        ([{"n": f"{URN}:voltage", "v": 1, "bt": -1e308, "t": -1e308}], Reason.BAD_TIME),
        ([{"n": f"{URN}:voltage", "bv": 1e308, "v": 1e308}], Reason.NOT_FINITE),
        ([{"n": f"{URN}:press", "u": "Cel", "v": 1}], Reason.UNKNOWN_UNIT),
        ([{"n": f"{URN}:voltage", "v": 1, "bver": 42}], Reason.UNKNOWN_VERSION),
        ([{"n": f"{URN}:voltage", "v": 1, "bver": 26.5}], Reason.UNKNOWN_VERSION),
        ([{"n": f"{URN}:voltage", "v": 1, "must_": 1}], Reason.UNKNOWN_FIELD),
        ([{"n": f"{URN}:{'x' * 300}", "v": 1}], Reason.TOO_LARGE),
    ],
)
def test_what_is_broken_is_refused_by_name(payload: Any, reason: Reason) -> None:
    """A pack that cannot be read, or must not be read by us, goes to quarantine with its reason."""
    assert refusal(FORMAT, TOPIC, payload).reason == reason


def test_a_pack_that_names_nobody_is_refused() -> None:
    """No worldwide name, no `+`, no address, no separator: nobody is guessed."""
    nobody = SenmlFormat(Source("s", "senml", filters=("plant/#",)))

    assert refusal(nobody, "plant/x", [{"n": "temp", "v": 1}]).reason == Reason.NO_DEVICE


@pytest.mark.parametrize("version", [10, 26])
def test_the_versions_of_the_rfcs_are_read(version: int) -> None:
    """RFC 8428 is version 10; RFC 9100 makes it 26 where the secondary units of RFC 8798 are used."""
    assert said(FORMAT, TOPIC, [{"n": f"{URN}:voltage", "u": "mV", "v": 1500, "bver": version}])


@pytest.mark.parametrize("name", ["thingsboard", "huawei_iotda", "chirpstack", "senml"])
def test_an_option_nobody_reads_is_refused(name: str) -> None:
    """What a format would not look at is an engineer's mistake, said before anything is listened to."""
    with pytest.raises(SourceOptionError, match="has no options"):
        FORMATS[name](Source("s", name, options={"x": "y"}), None)


RESOLVED = st.lists(
    st.tuples(
        st.sampled_from(["urn:dev:mac:01", "urn:dev:mac:02"]),
        st.sampled_from(["current_a", "voltage_v", "floor"]),
        st.integers(2**28, 4 * 10**9),
        st.integers(-(10**6), 10**6),
    ),
    min_size=1,
)


@given(RESOLVED, st.integers(-(10**6), 10**6), st.data())
def test_a_pack_means_the_same_however_it_is_packed(
    measured: list[tuple[str, str, int, int]], base_value: int, data: st.DataObject
) -> None:
    """Records with base fields and records without any resolve to the same readings."""
    packed: list[dict[str, Any]] = []
    base = ("", 0, 0)
    for device, name, at_s, value in measured:
        record: dict[str, Any] = {}
        if base[0] != device or data.draw(st.booleans()):
            base = (device, data.draw(st.integers(0, at_s)), base_value)
            record |= {"bn": f"{device}:", "bt": base[1], "bv": base[2]}
        packed.append(record | {"n": name, "t": at_s - base[1], "v": value - base[2]})
    plain = [{"n": f"{device}:{name}", "t": at_s, "v": value} for device, name, at_s, value in measured]

    assert readings(said(FORMAT, TOPIC, packed)) == readings(said(FORMAT, TOPIC, plain))
    assert sorted(readings(said(FORMAT, TOPIC, plain))) == sorted(
        (device, name, at_s * 1_000_000, float(value)) for device, name, at_s, value in measured
    )
