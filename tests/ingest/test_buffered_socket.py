"""Buffered socket: when what arrives is dated."""

import socket

from ingest.buffered_socket import BufferedSocket
from ingest.packets import PacketSplitter

_PUBLISH = bytes([0x30, 3, 0, 1]) + b"t"
"""QoS 0, topic `t`, no payload (MQTT 3.1.1, 3.3)."""


class _Late(socket.socket):
    """A TCP socket on which a message arrives in the very moment it is read, while time goes on."""

    clock_us = 0

    def recv(self, _size: int, _flags: int = 0) -> bytes:
        self.clock_us = 5_000
        return _PUBLISH


def test_an_arrival_is_dated_after_it_was_read() -> None:
    """A message is never dated before the moment at which it could still be on its way."""
    with _Late(socket.AF_INET, socket.SOCK_STREAM) as connected:
        buffered = BufferedSocket(connected, PacketSplitter(1, mqtt5=False))
        arrivals = buffered.arrivals(lambda: connected.clock_us)

    assert [(one.topic, one.received_us) for one in arrivals] == [("t", 5_000)]
