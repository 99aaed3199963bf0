"""Sparkplug B, as a host: births give aliases names, gaps ask for a rebirth, deaths make what was known unknown.

A device's address is `group/edge/device`, the edge's own `group/edge`; names are the metrics' own (`outputs/A`).
Options of the source:

- `host_id`: announce ourselves under `spBv1.0/STATE/{host_id}`, so that edges hold back their data while we are away
- `rebirth`: `no` if we may only listen; else edges are asked for one, at most every 30 s, less often if in vain

Event `device.online` at a birth and `device.offline` at a death, for each device it is about: `by` (`NBIRTH`, `DBIRTH`,
`NDEATH`, `DDEATH`), `edge` (`group/edge`). After `device.offline` nothing is known of any metric of the device until it
speaks again. An edge that measures nothing itself has none. A birth's events and readings are of its own time, the
death of an edge of our receiving it (6.2 of the specification: its broker says it, without knowing when).

Not a reading: a null, a value that is not finite or whose `Quality` is bad or stale, metrics of the protocol (`bdSeq`,
`Node Control/`, `Device Control/`), texts and times whose name nobody mapped, and all that is no number. Historical
values are readings of their own time: stored, and late if they are. Data before a birth, under an unknown alias, or
after we were away and missed something, goes to quarantine as `no_birth`; the birth that comes wakes it, and it is read
by that, unless its alias was given to another name.

Source:
    Eclipse Sparkplug Specification 3.0.0; DOMAIN 5.3. One difference: our session with the broker outlives the
    connection, so that deaths (QoS 1) reach us later.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from pydantic import BaseModel, ConfigDict, TypeAdapter

from ingest.errors import SourceOptionError
from ingest.formats.json_payload import read
from ingest.formats.sparkplug_payload import DataType, Held, Metric, Payload, command, meant, parse
from ingest.formats.sparkplug_sessions import (
    NODE,
    Born,
    Edge,
    Sessions,
    TooManyError,
    is_protocol,
    key_of_birth,
    key_of_seq,
)
from ingest.formats.wire_format import Decoded, Message, Publication, Route
from ingest.metrics import METRICS
from ingest.quarantine import Passed, Query, Reason, Rejection
from ingest.readings import Event
from ingest.sources import Source
from ingest.translation import Translation, Value

_ROOT = "spBv1.0"
_REBIRTH = "Node Control/Rebirth"
_OF_NODE = {"NBIRTH", "NDATA", "NDEATH"}
_OF_DEVICE = {"DBIRTH", "DDATA", "DDEATH"}
_COMMANDS = {"NCMD", "DCMD"}
_BIRTHS = {"NBIRTH", "DBIRTH"}
_GOOD = 192  # Sparkplug 3.0.0, 6.4.8: the other codes are 0, bad, and 500, stale


class _State(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    online: bool


_STATE = TypeAdapter(_State)


@dataclass(frozen=True, slots=True)
class _Topic:
    """`device` is empty for the edge itself."""

    kind: str
    edge: str
    device: str

    @property
    def address(self) -> str:
        return f"{self.edge}/{self.device}" if self.device else self.edge


@dataclass(slots=True)
class _Heard:
    """A message on its way to what it says; `dated` until an arrival had to stand in for a time it does not say."""

    topic: _Topic
    payload: Payload
    received_us: int
    again: bool = False
    dated: bool = True
    keeps: dict[str, bytes | None] = field(default_factory=dict)

    def sent_us(self) -> int:
        """When it was sent, by its own clock."""
        return self.at_us(0)

    def at_us(self, timestamp_ms: int) -> int:
        self.dated = self.dated and bool(timestamp_ms or self.payload.timestamp_ms)
        return (timestamp_ms or self.payload.timestamp_ms) * 1_000 or self.received_us


class SparkplugFormat:
    """Hears what edges publish, and keeps the state of their sessions.

    Args:
        source: Its filters, by default every group; options as above.

    Raises:
        SourceOptionError: An option cannot be that.
    """

    def __init__(self, source: Source) -> None:
        self._host = source.options.get("host_id", "")
        if not frozenset("/+#").isdisjoint(self._host):
            raise SourceOptionError(source.id, "host_id", self._host, "one level of a topic")
        for option in source.options.keys() - {"host_id", "rebirth"}:
            raise SourceOptionError(
                source.id, option, source.options[option], "left out: known are host_id and rebirth"
            )
        rebirth = source.options.get("rebirth", "yes")
        if rebirth not in {"yes", "no"}:
            raise SourceOptionError(source.id, "rebirth", rebirth, "yes or no")
        self._may_ask = rebirth == "yes"
        own = (f"{_ROOT}/STATE/{self._host}",) if self._host else ()
        self.filters = (*(source.filters or _all_groups()), *own)
        self._translation = Translation(source)
        self._wanted = {mapping.name for mapping in source.names} | METRICS.keys()
        self._sessions = Sessions()
        self._will_ms = 0

    def route(self, topic: str) -> Route | None:
        """See `WireFormat.route`."""
        match topic.split("/"):
            case [root, "STATE", host] if root == _ROOT:
                return Route(self._own_state if host == self._host else _useless)
            case [root, group, kind, edge] if root == _ROOT and kind in _OF_NODE and group and edge:
                return self._routed(_Topic(kind, f"{group}/{edge}", NODE))
            case [root, group, kind, edge, device] if (
                root == _ROOT and kind in _OF_DEVICE and group and edge and device
            ):
                return self._routed(_Topic(kind, f"{group}/{edge}", device))
            case [root, _, kind, *_] if root == _ROOT and kind in _COMMANDS:
                return Route(_useless)
        return None

    def restore(self, kept: Mapping[str, bytes]) -> None:
        """See `KeepingFormat.restore`."""
        self._sessions.restore(kept)

    def farewell(self, now_us: int) -> Publication | None:
        """See `SessionFormat.farewell`: for the connection about to be opened, or for the goodbye about to be said."""
        self._will_ms = now_us // 1_000
        return self._state(online=False) if self._host else None

    def greeting(self, now_us: int) -> tuple[Publication, ...]:
        """See `SessionFormat.greeting`: as the specification wants it, of the same time as the will."""
        self._will_ms = self._will_ms or now_us // 1_000
        if self._may_ask:
            self._sessions.doubt()
        return (self._state(online=True),) if self._host else ()

    def _state(self, *, online: bool) -> Publication:
        payload = f'{{"online":{str(online).lower()},"timestamp":{self._will_ms}}}'
        return Publication(f"{_ROOT}/STATE/{self._host}", payload.encode(), qos=1, retain=True)

    def _own_state(self, payload: bytes, _received_us: int) -> Message | Rejection | Passed:
        state = read(_STATE, payload)
        if isinstance(state, Rejection):
            return state
        # An earlier connection's will comes late, and whoever believes it waits for us in vain: specification, 5.3.1.
        gone = not state.online and self._will_ms
        return Message(asks=(self._state(online=True),)) if gone else Passed.NOT_EVIDENCE

    def _routed(self, topic: _Topic) -> Route:
        return Route(partial(self._heard, topic), again=partial(self._again, topic))

    def _heard(self, topic: _Topic, payload: bytes, received_us: int) -> Message | Rejection | Passed:
        parsed = parse(payload)
        if isinstance(parsed, Rejection):
            return parsed
        heard = _Heard(topic, parsed, received_us)
        try:
            edge = self._sessions.edge(topic.edge)
            if topic.kind == "NDEATH":
                return self._ended(edge, heard, payload)
            if not edge.repeats(topic.kind, topic.device, payload):
                self._follow(edge, heard)
        except TooManyError as error:
            return Rejection(Reason.TOO_MANY_DEVICES, f"the source cannot take {topic.address[:80]!r}: {error}")
        said = self._said(edge, heard)
        asks: tuple[Publication, ...] = ()
        if isinstance(said, Rejection) and said.reason is Reason.NO_BIRTH:
            edge.miss(received_us)
        if self._may_ask and topic.kind not in _BIRTHS and edge.asks(received_us):
            group, node = topic.edge.split("/")
            asks = (Publication(f"{_ROOT}/{group}/NCMD/{node}", command(received_us // 1_000, _REBIRTH)),)
        if edge.born:
            heard.keeps[key_of_seq(edge)] = edge.kept()
        return self._message(said, heard, payload, asks)

    def _again(self, topic: _Topic, payload: bytes, received_us: int) -> Message | Rejection | Passed:
        parsed = parse(payload)
        if isinstance(parsed, Rejection):
            return parsed
        heard = _Heard(topic, parsed, received_us, again=True)
        edge = self._sessions.known(topic.edge) or Edge(topic.edge)
        if topic.kind == "NDEATH":
            return Message(self._offline(edge, heard, edge.born))
        born = edge.born.get(topic.device)
        said = self._data(born, heard) if topic.kind in {"NDATA", "DDATA"} else self._said(edge, heard)
        return self._message(said, heard, payload, ())

    def _message(
        self, said: Decoded | Rejection, heard: _Heard, payload: bytes, asks: tuple[Publication, ...]
    ) -> Message:
        wakes = None if heard.again else _waiting(heard.topic)
        if isinstance(said, Rejection):
            return Message(refused=said, asks=asks, keeps=heard.keeps, wakes=wakes)
        identity = b"" if heard.dated else b"%d " % heard.received_us + payload
        return Message((said,), identity, asks, heard.keeps, wakes=wakes)

    def _follow(self, edge: Edge, heard: _Heard) -> None:
        """Take a message's part in its session: a birth, a death, a place in the sequence."""
        device, kind, seq = heard.topic.device, heard.topic.kind, heard.payload.seq
        if kind in _BIRTHS:
            self._sessions.learn(edge, device, heard.payload.metrics, heard.received_us)
        changed = [device]
        if kind == "NBIRTH":
            changed += edge.open(_bd_seq(heard.payload), seq, heard.received_us)
        else:
            edge.hear(seq, heard.received_us)
        if kind == "DBIRTH":
            edge.bear(device, seq, heard.received_us)
        elif kind == "DDEATH" and device in edge.born:
            edge.die(device)
        elif kind not in _BIRTHS:
            return
        heard.keeps |= {key_of_birth(edge, one): edge.kept_birth(one) for one in changed}

    def _ended(self, edge: Edge, heard: _Heard, payload: bytes) -> Message | Passed:
        """The death of an edge; it may come twice, from the edge itself and from its broker."""
        if NODE not in edge.born or _bd_seq(heard.payload) != edge.bd_seq:
            return Passed.OLD_DEATH
        living = {one: born for one, born in edge.born.items() if one == NODE or born.alive}
        edge.die(NODE)
        session = b"%d " % edge.node.session_us
        keeps: dict[str, bytes | None] = {key_of_birth(edge, NODE): edge.kept_birth(NODE)}
        return Message(self._offline(edge, heard, living), session + payload, keeps=keeps)

    def _offline(self, edge: Edge, heard: _Heard, devices: Mapping[str, Born]) -> tuple[Decoded, ...]:
        topics = [_Topic(heard.topic.kind, edge.address, one) for one, born in devices.items() if one or born.measures]
        return tuple(_state_of(topic, heard.received_us, online=False) for topic in topics)

    def _said(self, edge: Edge, heard: _Heard) -> Decoded | Rejection:
        """What a message says, by the session there is."""
        topic = heard.topic
        if topic.kind == "DDEATH":
            return _state_of(topic, heard.sent_us(), online=False)
        if topic.kind not in _BIRTHS:
            return self._data(edge.speaks(topic.device), heard)
        born = Born()
        born.take(heard.payload.metrics, 0)
        said = self._data(born, heard)
        if isinstance(said, Rejection) or not (topic.device or born.measures):
            return said
        online = _state_of(topic, heard.sent_us(), online=True)
        return Decoded(said.device, said.readings, online.events, unmapped=said.unmapped)

    def _data(self, born: Born | None, heard: _Heard) -> Decoded | Rejection:
        address = heard.topic.address
        if born is None:
            return Rejection(Reason.NO_BIRTH, f"{address[:80]} must be born first: a birth was not heard, or missed")
        values = self._values(born, heard)
        if isinstance(values, Rejection):
            return values
        translated = self._translation.readings(address, values)
        if isinstance(translated, Rejection):
            return translated
        return Decoded(address, translated.readings, unmapped=translated.unmapped)

    def _values(self, born: Born, heard: _Heard) -> list[Value] | Rejection:
        values: list[Value] = []
        for metric in heard.payload.metrics:
            definition = born.definition(metric, heard.received_us if heard.again else None)
            if definition is None:
                what = f"no birth gave {heard.topic.address[:80]} the alias {metric.alias}, or it was given anew since"
                return Rejection(Reason.NO_BIRTH, what)
            if is_protocol(definition.name):
                continue
            datatype = metric.datatype or definition.datatype
            value = meant(metric, datatype)
            if isinstance(value, Rejection):
                return value
            if self._is_said(metric, definition.name, datatype, value):
                at_us = heard.at_us(metric.timestamp_ms)
                values.append(Value(definition.name, at_us, _known(metric, value), metric.unit or definition.unit))
        return values

    def _is_said(self, metric: Metric, name: str, datatype: int, value: object) -> bool:
        """Whether a metric could be a reading: a number, or what somebody has mapped all the same."""
        if name in self._wanted:
            return True
        if datatype >= DataType.STRING:
            return False
        return value is not None or metric.null


def _known(metric: Metric, value: Held) -> Held:
    """The value, or None where the device itself does not know it."""
    unknown = metric.null or metric.quality not in {None, _GOOD}
    return None if unknown or (isinstance(value, float) and not math.isfinite(value)) else value


def _state_of(topic: _Topic, at_us: int, *, online: bool) -> Decoded:
    kind = "device.online" if online else "device.offline"
    event = Event(topic.address, kind, at_us, {"by": topic.kind, "edge": topic.edge})
    return Decoded(topic.address, events=(event,))


def _waiting(topic: _Topic) -> Query | None:
    """The data that waits for a birth, if the topic is one's."""
    if topic.kind not in _BIRTHS:
        return None
    group, node = topic.edge.split("/")
    data = f"{_ROOT}/{group}/DDATA/{node}/{topic.device}" if topic.device else f"{_ROOT}/{group}/NDATA/{node}"
    return Query(reason=Reason.NO_BIRTH.value, topic=data)


def _bd_seq(payload: Payload) -> int | None:
    found: Iterable[Metric] = (metric for metric in payload.metrics if metric.name == "bdSeq")
    return next((metric.value for metric in found if isinstance(metric.value, int)), None)


def _useless(_payload: bytes, _received_us: int) -> Passed:
    return Passed.NOT_EVIDENCE


def _all_groups() -> tuple[str, ...]:
    of_nodes = (f"{_ROOT}/+/{kind}/+" for kind in sorted(_OF_NODE))
    return (*of_nodes, *(f"{_ROOT}/+/{kind}/+/+" for kind in sorted(_OF_DEVICE)))
