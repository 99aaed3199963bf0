"""Sparkplug host: a host under test, the published vectors, and what it says in short."""

from ingest.formats.sparkplug_b import SparkplugFormat
from ingest.formats.wire_format import Decoded, Message
from ingest.quarantine import Passed, Reason, Rejection
from ingest.sources import Source
from tests.ingest.sparkplug_edge import Edge, metric

NOW_MS = 1_764_000_000_000
SECOND_US = 1_000_000
DBIRTH = (
    "0880d0dfb4ab3312220a0c70726573737572655f6b7061100b1880d0dfb4ab33200a696666666666867340121e0a0c7669625f726d735f"
    "6d6d5f73100c1880d0dfb4ab33200965c3f5e83f1801"
)
DDATA = "08e0a4e3b4ab331214100b18e0a4e3b4ab33200a6966666666665e73401802"
NDEATH = "0880d0dfb4ab3312120a0562645365711880d0dfb4ab3320045807"
PRESSURE = metric("pressure_kpa", alias=11, datatype=10, double_value=312.4)
LATER = metric(alias=11, double_value=309.9)
SOURCE = Source("panels", "sparkplug_b")
Topic = tuple[str, bytes]


class Host:
    """A format and the time at which it hears; what it asks to keep is kept."""

    def __init__(self, source: Source = SOURCE) -> None:
        self.source = source
        self.format = SparkplugFormat(source)
        self.now_us = NOW_MS * 1_000
        self.kept: dict[str, bytes] = {}

    def hear(self, message: Topic, after_s: float = 1.0) -> Message | Rejection | Passed:
        """What the format makes of a message that arrives so much later than the one before."""
        self.now_us += round(after_s * SECOND_US)
        route = self.format.route(message[0])
        assert route is not None
        said = route.decode(message[1], self.now_us)
        assert not isinstance(said, Decoded)
        if isinstance(said, Message):
            for key, value in said.keeps.items():
                assert value is not None
                self.kept[key] = value
        return said

    def replay(self, message: Topic, arrived_us: int) -> Message | Rejection | Passed:
        """What it makes of a message out of quarantine."""
        route = self.format.route(message[0])
        assert route is not None
        assert route.again is not None
        said = route.again(message[1], arrived_us)
        assert not isinstance(said, Decoded)
        return said

    def restart(self) -> None:
        """Go on as another process that knows what was kept."""
        self.format = SparkplugFormat(self.source)
        self.format.restore(self.kept)


def told(said: Message | Rejection | Passed) -> Message:
    assert isinstance(said, Message)
    return said


def readings(said: Message | Rejection | Passed) -> list[tuple[str, str, int, float]]:
    """Device, metric, milliseconds since the start and value of each reading."""
    found = [reading for part in told(said).parts for reading in part.readings]
    return [(one.device, one.metric, one.at_us // 1_000 - NOW_MS, one.value) for one in found]


def events(said: Message | Rejection | Passed) -> list[tuple[str, str, int]]:
    """Device, kind and milliseconds since the start of each event."""
    found = [event for part in told(said).parts for event in part.events]
    return [(one.device, one.kind, one.at_us // 1_000 - NOW_MS) for one in found]


def reason(said: Message | Rejection | Passed) -> Reason | None:
    if isinstance(said, Rejection):
        return said.reason
    return told(said).refused.reason if told(said).refused is not None else None  # type: ignore[union-attr]


def asked(said: Message | Rejection | Passed) -> list[str]:
    """The topics of what we publish in answer."""
    return [one.topic for one in told(said).asks]


def born(host: Host, edge: Edge) -> None:
    """An edge and its device `pump` come to life."""
    host.hear(edge.nbirth())
    host.hear(edge.message("DBIRTH", "pump", PRESSURE))
