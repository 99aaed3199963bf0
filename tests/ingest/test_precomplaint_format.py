"""Our wire format: what is encoded is decoded unchanged, and what is wrong is refused by its name."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats.json_payload import MAX_PAYLOAD_BYTES
from ingest.formats.precomplaint import (
    Happening,
    Sample,
    decode_events,
    decode_telemetry,
    encode_events,
    encode_telemetry,
)
from ingest.formats.wire_format import Decoded
from ingest.metrics import METRICS
from ingest.quarantine import Reason, Rejection
from ingest.readings import Event, Reading
from ingest.units import CONVERSIONS

MOMENTS_US = st.integers(0, 4_000_000_000_000_000)
VALUES = st.floats(allow_nan=False, allow_infinity=False)
SAMPLES = st.lists(
    st.builds(Sample, MOMENTS_US, st.dictionaries(st.sampled_from(sorted(METRICS)), VALUES, min_size=1, max_size=8)),
    min_size=1,
    max_size=5,
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | VALUES | st.integers(-(2**63), 2**63 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
HAPPENINGS = st.lists(
    st.builds(
        Happening,
        MOMENTS_US,
        st.from_regex(r"[a-z0-9_]{1,8}(\.[a-z0-9_]{1,8}){0,2}", fullmatch=True),
        st.dictionaries(st.text(), JSON_VALUES, max_size=4),
    ),
    min_size=1,
    max_size=4,
)


def telemetry(**changes: Any) -> bytes:
    message = {"v": 1, "device": "d", "samples": [{"at": 1764000000, "values": {"pressure_kpa": 312.4}}]}
    return json.dumps({key: value for key, value in {**message, **changes}.items() if value is not ...}).encode()


def values(**by_metric: Any) -> bytes:
    return telemetry(samples=[{"at": 1764000000, "values": by_metric}])


def events(attributes: str) -> bytes:
    return b'{"v":1,"device":"d","events":[{"at":1764000000,"kind":"a.b","attributes":%s}]}' % attributes.encode()


@given(SAMPLES)
def test_telemetry_round_trip(samples: list[Sample]) -> None:
    """Every sample comes back with its moment, metrics and values exactly as they went in."""
    expected = tuple(Reading("d", metric, s.at_us, value) for s in samples for metric, value in s.values.items())

    assert decode_telemetry("d", encode_telemetry("d", samples)) == Decoded("d", readings=expected)


@given(HAPPENINGS)
def test_events_round_trip(happenings: list[Happening]) -> None:
    """Every event comes back with its moment, kind and attributes exactly as they went in."""
    expected = tuple(Event("d", h.kind, h.at_us, dict(h.attributes)) for h in happenings)

    assert decode_events("d", encode_events("d", happenings)) == Decoded("d", events=expected)


@given(st.data(), st.floats(-1e6, 1e6))
def test_units_are_converted(data: st.DataObject, value: float) -> None:
    """A value in any listed unit becomes the same quantity in the metric's own."""
    metric = METRICS[data.draw(st.sampled_from([m.name for m in METRICS.values() if m.unit in CONVERSIONS]))]
    unit, how = data.draw(st.sampled_from(sorted(CONVERSIONS[metric.unit].items())))
    sent = (value - how.offset) / how.scale
    decoded = decode_telemetry("d", encode_telemetry("d", [Sample(10**15, {metric.name: sent})], {metric.name: unit}))

    assert isinstance(decoded, Decoded)
    assert math.isclose(decoded.readings[0].value, value, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize(
    ("metric", "unit", "sent", "kept"),
    [
        ("pressure_kpa", "MPa", 0.3124, 312.4),
        ("pressure_kpa", "bar", 3.124, 312.4),
        ("pressure_kpa", "Pa", 312_400, 312.4),
        ("velocity_rms_mm_s", "m/s", 0.0028, 2.8),
        ("bearing_temperature_c", "F", 212, 100.0),
        ("envelope_rms_m_s2", "g", 1, 9.80665),
        ("flow_m3_h", "L/min", 100, 6.0),
    ],
)
def test_units_mean_what_the_trade_means(metric: str, unit: str, sent: float, kept: float) -> None:
    """Known quantities, written by hand, come out right."""
    decoded = decode_telemetry("d", encode_telemetry("d", [Sample(10**15, {metric: sent})], {metric: unit}))

    assert isinstance(decoded, Decoded)
    assert decoded.readings[0].value == pytest.approx(kept)


@pytest.mark.parametrize(
    "at",
    [
        1764000000,
        1764000000.0,
        1764000000000,
        1764000000000000,
        1764000000000000000,
        "2025-11-24T16:00:00Z",
        "2025-11-25T00:00:00+08:00",
        "2025-11-24T16:00:00.000000000+00:00",
    ],
)
def test_times_are_told_by_magnitude_or_zone(at: float | str) -> None:
    """The same moment in seconds, milli-, micro-, nanoseconds and ISO 8601 is the same microsecond."""
    decoded = decode_telemetry("d", telemetry(samples=[{"at": at, "values": {"pressure_kpa": 1}}]))

    assert isinstance(decoded, Decoded)
    assert decoded.readings[0].at_us == 1764000000000000


def test_booleans_are_numbers() -> None:
    """True and false arrive as 1.0 and 0.0."""
    decoded = decode_telemetry("d", values(door_closed=True, car_running=False))

    assert isinstance(decoded, Decoded)
    assert [(r.value, type(r.value)) for r in decoded.readings] == [(1.0, float), (0.0, float)]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", Reason.NOT_JSON),
        (b"{", Reason.NOT_JSON),
        (b"\xff\xfe", Reason.NOT_JSON),
        (b"[" * 300, Reason.TOO_DEEP),
        (b"[1]", Reason.WRONG_TYPE),
        (b" " * (MAX_PAYLOAD_BYTES + 1), Reason.TOO_LARGE),
        (telemetry(v=2), Reason.UNKNOWN_VERSION),
        (telemetry(v=2, new_field=1), Reason.UNKNOWN_VERSION),
        (telemetry(v=...), Reason.MISSING_FIELD),
        (telemetry(device=...), Reason.MISSING_FIELD),
        (telemetry(device="e"), Reason.DEVICE_MISMATCH),
        (telemetry(unit={"pressure_kpa": "MPa"}), Reason.UNKNOWN_FIELD),
        (telemetry(units={"pressure_kpa": "mm/s"}), Reason.UNKNOWN_UNIT),
        (telemetry(units={"pressure": "MPa"}), Reason.UNKNOWN_METRIC),
        (
            telemetry(samples=[{"at": 1, "values": {"pressure_kpa": 1.7e308}}], units={"pressure_kpa": "MPa"}),
            Reason.NUMBER_TOO_LARGE,
        ),
        (telemetry(samples=[{"at": 10**30, "values": {"pressure_kpa": 1}}]), Reason.BAD_TIME),
        (telemetry(samples=[]), Reason.EMPTY),
        (values(), Reason.EMPTY),
        (values(**{f"m{i}": 1 for i in range(513)}), Reason.TOO_MANY_METRICS),
        (values(pressure_kpa=math.nan), Reason.NOT_FINITE),
        (values(pressure_kpa=-math.inf), Reason.NOT_FINITE),
        (values(pressure_kpa=None), Reason.WRONG_TYPE),
        (values(pressure_kpa="312.4"), Reason.TEXT_FOR_NUMBER),
        (values(pressure_kpa="-312,4"), Reason.COMMA_DECIMAL),
        (values(door_closed="true"), Reason.TEXT_FOR_BOOLEAN),
        (telemetry(samples=[{"at": -1, "values": {"pressure_kpa": 1}}]), Reason.BAD_TIME),
        (telemetry(samples=[{"at": "2025-11-24T16:00:00", "values": {"pressure_kpa": 1}}]), Reason.BAD_TIME),
        (telemetry(samples=[{"at": True, "values": {"pressure_kpa": 1}}]), Reason.WRONG_TYPE),
        (telemetry(samples=[{"at": math.inf, "values": {"pressure_kpa": 1}}]), Reason.NOT_FINITE),
    ],
)
def test_bad_telemetry_is_refused_by_name(payload: bytes, reason: Reason) -> None:
    """Each fault has its own reason, and the sentence is short enough to read and to log."""
    refused = decode_telemetry("d", payload)

    assert isinstance(refused, Rejection)
    assert refused.reason == reason
    assert 10 < len(refused.detail) < 300


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (events("[]"), Reason.WRONG_TYPE),
        (events('{"a":NaN}'), Reason.NOT_FINITE),
        (events('{"a":[{"b":1e999}]}'), Reason.NOT_FINITE),
        (events('{"a":9223372036854775808}'), Reason.NUMBER_TOO_LARGE),
        (events('{"a":' + "[" * 13 + "]" * 13 + "}"), Reason.TOO_DEEP),
        (events('{"a":"\\ud800"}'), Reason.NOT_JSON),
        (events("{}").replace(b"a.b", b"A b"), Reason.WRONG_TYPE),
        (events("{}").replace(b'"d"', b'"e"'), Reason.DEVICE_MISMATCH),
        (b'{"v":1,"device":"d","events":[]}', Reason.EMPTY),
        (b" " * (MAX_PAYLOAD_BYTES + 1), Reason.TOO_LARGE),
    ],
)
def test_bad_events_are_refused_by_name(payload: bytes, reason: Reason) -> None:
    """Each fault has its own reason, also where the fault hides inside free attributes."""
    refused = decode_events("d", payload)

    assert isinstance(refused, Rejection)
    assert refused.reason == reason


def test_the_deepest_allowed_event_is_taken() -> None:
    """Sixteen levels are in, the seventeenth is out."""
    assert isinstance(decode_events("d", events('{"a":' + "[" * 12 + "]" * 12 + "}")), Decoded)


@given(st.binary(max_size=400))
def test_any_bytes_are_decoded_or_refused(payload: bytes) -> None:
    """No payload makes a decoder raise."""
    assert isinstance(decode_telemetry("d", payload), Rejection)
    assert isinstance(decode_events("d", payload), Rejection)


@given(st.recursive(JSON_VALUES, lambda inner: st.fixed_dictionaries({"v": inner, "device": inner, "samples": inner})))
def test_any_json_is_decoded_or_refused(value: Any) -> None:
    """No JSON makes a decoder raise."""
    payload = json.dumps(value).encode()

    assert isinstance(decode_telemetry("d", payload), Rejection)
    assert isinstance(decode_events("d", payload), Rejection)


def test_encoding_refuses_what_is_not_finite() -> None:
    """A simulator that computes NaN is told so, instead of publishing it."""
    with pytest.raises(ValueError, match="JSON compliant"):
        encode_telemetry("d", [Sample(10**15, {"pressure_kpa": math.nan})])
