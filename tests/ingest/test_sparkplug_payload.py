"""Sparkplug payloads: what Google's protobuf writes is read alike, and what is damaged is refused alike."""

from typing import Any

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats.sparkplug_payload import Kind, Metric, Payload, meant, parse
from ingest.quarantine import Reason, Rejection
from tests.ingest import sparkplug_edge as oracle
from tests.ingest.sparkplug_edge import metric, payload
from tests.ingest.sparkplug_host import NOW_MS

VALUES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(lambda value: {"int_value": value}, st.integers(0, 2**32 - 1)),
    st.builds(lambda value: {"long_value": value}, st.integers(0, 2**64 - 1)),
    st.builds(lambda value: {"float_value": value}, st.floats(width=32)),
    st.builds(lambda value: {"double_value": value}, st.floats()),
    st.builds(lambda value: {"boolean_value": value}, st.booleans()),
    st.builds(lambda value: {"string_value": value}, st.text(max_size=20)),
    st.builds(lambda value: {"bytes_value": value}, st.binary(max_size=20)),
    st.just({}),
)
METRICS = st.builds(
    lambda about, value, unit, quality: metric(unit=unit, quality=quality, **about, **value),
    st.fixed_dictionaries(
        {},
        optional={
            "name": st.text(max_size=20),
            "alias": st.integers(0, 2**64 - 1),
            "timestamp": st.integers(0, 2**64 - 1),
            "datatype": st.integers(0, 2**32 - 1),
            "is_historical": st.booleans(),
            "is_transient": st.booleans(),
            "is_null": st.booleans(),
            "metadata": st.just({"size": 3, "description": "a file"}),
        },
    ),
    VALUES,
    st.sampled_from(["", "kPa", "°C"]),
    st.sampled_from([None, 0, 192, 500]),
)
NUMBERS = st.none() | st.integers(0, 2**64 - 1)
KINDS = {
    "int_value": Kind.INT,
    "long_value": Kind.LONG,
    "float_value": Kind.FLOAT,
    "double_value": Kind.DOUBLE,
    "boolean_value": Kind.BOOLEAN,
    "string_value": Kind.STRING,
    "bytes_value": Kind.OTHER,
    None: Kind.NONE,
}


def as_google_reads(data: bytes) -> Payload:
    """A message through Google's Protocol Buffers, in our words."""
    read = oracle.Payload()
    read.ParseFromString(data)
    metrics = []
    for one in read.metrics:
        which = one.WhichOneof("value")
        kind = KINDS[which]
        properties = dict(zip(one.properties.keys, one.properties.values, strict=False))
        unit, quality = properties.get("engUnit"), properties.get("Quality")
        metrics.append(
            Metric(
                name=one.name,
                alias=one.alias if one.HasField("alias") else None,
                timestamp_ms=one.timestamp,
                datatype=one.datatype,
                historical=one.is_historical,
                null=one.is_null,
                unit=unit.string_value if unit else "",
                quality=quality.int_value if quality else None,
                kind=kind,
                value=getattr(one, which) if kind not in {Kind.NONE, Kind.OTHER} else None,
            )
        )
    return Payload(read.timestamp, read.seq if read.HasField("seq") else None, tuple(metrics))


@given(st.lists(METRICS, max_size=5), NUMBERS, NUMBERS)
def test_what_google_writes_we_read(metrics: list[dict[str, Any]], timestamp: int | None, seq: int | None) -> None:
    """Every message that Google's own code writes says to us what it says to Google's own code."""
    data = payload(*metrics, timestamp=timestamp, seq=seq)

    assert repr(parse(data)) == repr(as_google_reads(data))  # as text, because not a number is not itself


@given(st.lists(METRICS, max_size=3), st.data())
def test_damaged_messages_are_read_alike_or_refused(metrics: list[dict[str, Any]], data: st.DataObject) -> None:
    """Bytes changed, cut or doubled: refused by name, or the same as Google's own code makes of them."""
    whole = payload(*metrics, timestamp=NOW_MS, seq=1)
    at = data.draw(st.integers(0, len(whole)))
    until = data.draw(st.integers(at, len(whole)))
    changed = whole[:at] + data.draw(st.binary(max_size=5) | st.just(whole[at:until] * 2)) + whole[until:]
    ours = parse(changed)

    if isinstance(ours, Rejection):
        assert ours.reason is Reason.NOT_PROTOBUF
        return
    try:
        theirs = as_google_reads(changed)
    except (DecodeError, UnicodeDecodeError):
        return  # a field that we have no use for is broken inside
    assert [(one.name, one.alias, one.kind, repr(one.value)) for one in ours.metrics] == [
        (one.name, one.alias, one.kind, repr(one.value)) for one in theirs.metrics
    ]
    assert (ours.timestamp_ms, ours.seq) == (theirs.timestamp_ms, theirs.seq)


@given(st.sampled_from([(1, 8), (2, 16), (3, 32), (4, 64)]), st.data())
def test_signed_integers_are_twos_complement(width: tuple[int, int], data: st.DataObject) -> None:
    """However far a device extends the sign, the number is what it was."""
    datatype, bits = width
    number = data.draw(st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1))
    field = 32 if bits <= 32 else 64
    kind = Kind.INT if field == 32 else Kind.LONG

    assert meant(Metric(kind=kind, value=number % 2**field), datatype) == number
    assert meant(Metric(kind=kind, value=number % 2**bits), datatype) == number
