"""Packets: however the stream is cut, every message comes out once and every other packet unchanged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.arrival import Arrival
from ingest.packets import BrokenStreamError, PacketSplitter

PINGRESP = b"\xd0\x00"
SUBACK = b"\x90\x04\x00\x01\x00\x01"


def length(value: int) -> bytes:
    """A variable byte integer, as MQTT 5.0, 1.5.5 describes how to write one."""
    out = bytearray()
    while True:
        value, byte = divmod(value, 128)
        out.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(out)


def publish(arrival: Arrival, properties: bytes | None) -> bytes:
    """The packet of a message; `properties` is None for MQTT 3.1.1."""
    topic = arrival.topic.encode()
    body = len(topic).to_bytes(2, "big") + topic
    body += arrival.number.to_bytes(2, "big") if arrival.qos else b""
    body += b"" if properties is None else length(len(properties)) + properties
    body += arrival.payload
    return bytes([0x30 | arrival.qos << 1 | arrival.retained]) + length(len(body)) + body


ARRIVALS = st.builds(
    lambda topic, payload, retained, qos, number: Arrival(topic, payload, 7, retained, qos, number * qos, 3),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.binary(max_size=40) | st.integers(0, 20_000).map(bytes),
    st.booleans(),
    st.integers(0, 1),
    st.integers(1, 65_535),
)
PACKETS = st.lists(ARRIVALS | st.sampled_from([PINGRESP, SUBACK]), max_size=12)


@given(PACKETS, st.none() | st.binary(max_size=200), st.lists(st.integers(1, 5_000), max_size=20))
def test_no_cut_loses_or_changes_anything(
    packets: list[Arrival | bytes], properties: bytes | None, cuts: list[int]
) -> None:
    """Messages and other packets come out whole and in order, wherever the network cuts the stream."""
    stream = b"".join(p if isinstance(p, bytes) else publish(p, properties) for p in packets)
    splitter = PacketSplitter(3, mqtt5=properties is not None)
    arrivals: list[Arrival] = []
    others = b""
    for size in [*cuts, len(stream)]:
        piece, stream = stream[:size], stream[size:]
        more, rest = splitter.split(piece, 7)
        arrivals += more
        others += rest

    assert arrivals == [p for p in packets if isinstance(p, Arrival)]
    assert others == b"".join(p for p in packets if isinstance(p, bytes))


@pytest.mark.parametrize(
    "stream",
    [
        b"\x30\xff\xff\xff\xff\x01",  # a length of five bytes
        b"\x30\x00",  # no topic
        b"\x30\x04\x00\x09ab",  # a topic beyond the end
        b"\x32\x03\x00\x01a",  # QoS 1 without a number
        b"\x34\x07\x00\x01a\x00\x01\x00x",  # QoS 2, which nobody subscribed to
        b"\x30\x05\x00\x01a\x09x",  # properties beyond the end
        b"\x30\x03\x00\x01a",  # no properties
    ],
)
def test_what_is_not_mqtt_is_named(stream: bytes) -> None:
    """A broken stream ends the connection instead of inventing messages."""
    with pytest.raises(BrokenStreamError):
        PacketSplitter(1, mqtt5=True).split(stream, 0)


@given(st.lists(st.binary(max_size=50), max_size=5), st.booleans())
def test_no_bytes_raise_anything_else(pieces: list[bytes], mqtt5: bool) -> None:  # noqa: FBT001 -- hypothesis passes it
    """Whatever a broken broker sends, the only error is the one that reconnects."""
    splitter = PacketSplitter(1, mqtt5=mqtt5)
    try:
        total = sum(len(splitter.split(piece, 0)[1]) for piece in pieces)
    except BrokenStreamError:
        total = 0

    assert total <= sum(map(len, pieces))


def test_a_topic_that_is_not_utf8_stops_nothing() -> None:
    """It gets a name of its own, so that the message can be quarantined."""
    arrivals, _ = PacketSplitter(1, mqtt5=False).split(b"\x30\x04\x00\x01\xffx", 0)

    assert [(a.topic, a.payload) for a in arrivals] == [("(not UTF-8)", b"x")]
