"""Packets: takes the messages out of MQTT's byte stream and leaves every other packet to paho."""

from ingest.arrival import Arrival

_PUBLISH = 3  # MQTT 5.0, table 2-1
_MAX_LENGTH_BYTES = 4  # MQTT 5.0, 1.5.5
_MORE = 0x80  # MQTT 5.0, 1.5.5: another byte of the length follows
_NOT_UTF8 = "(not UTF-8)"


class BrokenStreamError(ConnectionError):
    """The bytes are not MQTT; the only way on is a new connection."""


class PacketSplitter:
    """Splits the bytes of one connection into messages and the rest.

    paho builds a properties object, three dictionaries and a message for every PUBLISH, takes four locks and looks the
    topic up twice: 25 us a message, as much as all that we do with it. A PUBLISH is the one packet whose speed counts
    and the simplest there is.

    Args:
        mqtt5: Whether packets carry properties (MQTT 5) or not (3.1.1).
        connection: The number of the connection, for the arrivals.

    Source:
        MQTT 5.0 (OASIS, 2019), 2.1 and 3.3; MQTT 3.1.1, 3.3.
    """

    def __init__(self, connection: int, *, mqtt5: bool) -> None:
        self._connection = connection
        self._mqtt5 = mqtt5
        self._waiting = bytearray()

    def split(self, data: bytes, received_us: int) -> tuple[list[Arrival], bytes]:
        """The messages that are complete with `data`, and all other complete packets as they came.

        Args:
            data: The next bytes of the stream, cut anywhere.
            received_us: When they arrived, microseconds since the epoch.

        Raises:
            BrokenStreamError: The bytes cannot be MQTT.
        """
        self._waiting += data
        arrivals: list[Arrival] = []
        others = bytearray()
        at, size = 0, len(self._waiting)
        with memoryview(self._waiting) as stream:
            while (body := _length(stream, at + 1)) is not None:
                length, start = body
                end = start + length
                if end > size:
                    break
                if stream[at] >> 4 == _PUBLISH:
                    arrivals.append(self._arrival(stream[at], stream[start:end], received_us))
                else:
                    others += stream[at:end]
                at = end
        del self._waiting[:at]
        return arrivals, bytes(others)

    def _arrival(self, first: int, body: memoryview, received_us: int) -> Arrival:
        qos = first >> 1 & 3
        try:
            at = 2 + (body[0] << 8 | body[1])
            topic = _text(body[2:at])
            number = 0
            if qos:
                number = body[at] << 8 | body[at + 1]
                at += 2
            if self._mqtt5:
                properties = _length(body, at)
                if properties is None:
                    raise BrokenStreamError("a message ends inside its properties")
                at = sum(properties)
        except IndexError as error:
            raise BrokenStreamError("a message ends inside its header") from error
        if at > len(body) or qos > 1:
            raise BrokenStreamError("a message is shorter than its header, or of a QoS we did not ask for")
        return Arrival(topic, bytes(body[at:]), received_us, bool(first & 1), qos, number, self._connection)


def _length(stream: memoryview, at: int) -> tuple[int, int] | None:
    """A variable byte integer and where it ends, or None if it is not complete."""
    value = 0
    for index in range(_MAX_LENGTH_BYTES):
        if at + index >= len(stream):
            return None
        byte = stream[at + index]
        value |= (byte & ~_MORE) << 7 * index
        if not byte & _MORE:
            return value, at + index + 1
    raise BrokenStreamError("a length takes more than four bytes")


def _text(raw: memoryview) -> str:
    try:
        return str(raw, "utf-8")
    except UnicodeDecodeError:
        return _NOT_UTF8  # a broker must not pass this on; if one does, it ends in quarantine
