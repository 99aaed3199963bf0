"""Sparkplug sessions: what edges and their devices said of themselves at birth, and whether all since was heard."""

import json
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from ingest.formats.sparkplug_payload import Metric

NODE = ""
"""Stands for the edge itself among its devices."""
_MODULUS = 256  # Sparkplug 3.0.0, 6.4.1: seq runs from 0 to 255
_REORDER_US = 10_000_000  # chosen by: the spec speaks of a couple of seconds; a birth over a cellular link takes longer
_ASK_US = 30_000_000  # chosen by: a gateway that answers a rebirth request is done within seconds
_MOST_DOUBLED = 6  # one that never answers is asked every 16 minutes
_DUPLICATES = 32  # an edge that publishes at QoS 1 sends again what was in flight, mosquitto's default for that is 20
_EDGES = 10_000
_DEFINITIONS = 200_000  # chosen by: about 60 MB


_KEPT = ("session_us", "alive", "renamed_us", "early_us", "early_seq")


class TooManyError(Exception):
    """A birth, or an edge, is more than may be kept."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What a birth says of one metric.

    Attributes:
        name: Of the metric.
        datatype: A number of `sparkplug_payload.DataType` or above.
        unit: Empty: not said.
    """

    name: str
    datatype: int
    unit: str


@dataclass(slots=True)
class Born:
    """An edge's or a device's last birth, and what has become of it.

    Attributes:
        session_us: The session of the edge that it belongs to: when that one began, microseconds since the epoch.
        alive: No death since.
        renamed_us: When an alias last got another name: data from before can no longer be told by alias.
        early_us: When it came, if it came out of turn, maybe before the birth of its edge; 0: it did not.
        early_seq: The number it came with then.
        measures: It has metrics besides those of the protocol.
        names: By name.
        aliases: Names by alias.
    """

    session_us: int = 0
    alive: bool = False
    renamed_us: int = 0
    early_us: int = 0
    early_seq: int = 0
    measures: bool = False
    names: dict[str, Definition] = field(default_factory=dict)
    aliases: dict[int, str] = field(default_factory=dict)

    def definition(self, metric: Metric, replayed_from_us: int | None = None) -> Definition | None:
        """What a metric of a message is, or None if it says its alias alone and that has no name, or had another one.

        Args:
            metric: As parsed.
            replayed_from_us: When the message arrived, if that was not now.
        """
        if metric.name:
            return self.names.get(metric.name) or Definition(metric.name, metric.datatype, metric.unit)
        renamed = replayed_from_us is not None and replayed_from_us < self.renamed_us
        if metric.alias is None or renamed:
            return None
        return self.names.get(self.aliases.get(metric.alias, ""))

    def take(self, metrics: Iterable[Metric], received_us: int) -> None:
        """Learn the names of another birth."""
        before = self.aliases
        named = [metric for metric in metrics if metric.name]
        self.names = {one.name: Definition(one.name, one.datatype, one.unit) for one in named}
        self.aliases = {one.alias: one.name for one in named if one.alias is not None}
        if any(before.get(alias, name) != name for alias, name in self.aliases.items()):
            self.renamed_us = received_us
        self.measures = any(not is_protocol(name) for name in self.names)


class Edge:
    """One edge node, its devices, and its place in the sequence.

    Args:
        address: `group/edge`.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.bd_seq: int | None = None
        self.born: dict[str, Born] = {}
        self._next_seq = 0
        self._strays: dict[int, int] = {}  # what came out of turn, by its number: when
        self._recent: deque[bytes] = deque(maxlen=_DUPLICATES)
        self._doubted = False
        self._lost = False
        self._gap_us = 0
        self._asked_us = 0
        self._asks = 0

    @property
    def node(self) -> Born:
        """The edge itself."""
        return self.born.get(NODE) or Born()

    def speaks(self, device: str) -> Born | None:
        """The birth by which data of a device (or of the edge) is to be read now, or None if it must be born first."""
        born, node = self.born.get(device), self.node
        current = born is not None and born.alive and node.alive and born.session_us == node.session_us
        return born if current and not self._lost else None

    def repeats(self, kind: str, device: str, payload: bytes) -> bool:
        """Whether this very message was heard a moment ago."""
        digest = blake2b(f"{kind}/{device}/".encode() + payload, digest_size=8).digest()
        if digest in self._recent:
            return True
        self._recent.append(digest)
        return False

    def hear(self, seq: int | None, received_us: int) -> None:
        """Note a message's place in the sequence."""
        if seq is None:
            return
        seq %= _MODULUS
        if not self.node.alive or seq != self._next_seq:
            self._strays[seq] = received_us
            self._gap_us = self._gap_us or received_us
            self._lost = self._lost or self._doubted
            return
        self._doubted = False
        self._go_on(seq, received_us)
        if not self._strays and received_us - self._gap_us <= _REORDER_US:
            self._gap_us, self._lost = 0, False

    def doubt(self) -> None:
        """We were away: unless the sequence goes on, a birth may have been missed, and aliases mean something else."""
        self._doubted = True

    def miss(self, received_us: int) -> None:
        """Note that a birth is wanting, whatever the sequence says."""
        self._gap_us = self._gap_us or received_us

    def open(self, bd_seq: int | None, seq: int | None, received_us: int) -> list[str]:
        """Begin a session with the birth of the edge; devices born out of turn a moment ago belong to it: which."""
        session_us = max(received_us, self.node.session_us + 1)
        self.bd_seq = bd_seq
        self.born[NODE] = born = self.node
        born.session_us, born.alive = session_us, True
        early = [one for one, device in self.born.items() if received_us - device.early_us <= _REORDER_US]
        # What else came before is of the session that is over, and its numbers say nothing of this one.
        numbers = {self.born[device].early_seq for device in early}
        self._strays = {one: at_us for one, at_us in self._strays.items() if one in numbers}
        for device in early:
            self.born[device].session_us, self.born[device].early_us = session_us, 0
        self._gap_us = self._asks = 0
        self._lost = self._doubted = False
        self._go_on((seq or 0) % _MODULUS, received_us)
        return early

    def bear(self, device: str, seq: int | None, received_us: int) -> Born:
        """A device is born into the session there is, or into the one whose birth is about to come."""
        born = self.born.setdefault(device, Born())
        born.session_us, born.alive = self.node.session_us, True
        born.early_seq = (seq or 0) % _MODULUS
        born.early_us = received_us if seq is not None and born.early_seq in self._strays else 0
        return born

    def die(self, device: str) -> None:
        """The death of a device, or of the edge and with it of all."""
        self.born[device].alive = False
        if device == NODE:
            self._recent.clear()

    def asks(self, received_us: int) -> bool:
        """Whether to ask for a rebirth now: something is missing, and the last request is long enough ago."""
        wait_us = _ASK_US << max(self._asks - 1, 0) if self._asked_us else 0
        if not self._gap_us or abs(received_us - self._asked_us) < wait_us:
            return False
        self._asked_us, self._asks = received_us, min(self._asks + 1, _MOST_DOUBLED)
        return True

    def kept(self) -> bytes:
        """Its place in the sequence, for `restore`."""
        place = {
            "next_seq": self._next_seq,
            "strays": list(self._strays.items()),
            "gap_us": self._gap_us,
            "lost": self._lost,
            "asked_us": self._asked_us,
            "asks": self._asks,
        }
        return json.dumps(place).encode()

    def kept_birth(self, device: str) -> bytes:
        """A birth, for `restore`."""
        born = self.born[device]
        aliases = {name: alias for alias, name in born.aliases.items()}
        metrics = [[one.name, aliases.get(one.name), one.datatype, one.unit] for one in born.names.values()]
        about: dict[str, object] = {name: getattr(born, name) for name in _KEPT}
        if device == NODE:
            about["bd_seq"] = self.bd_seq
        return json.dumps({**about, "metrics": metrics}, ensure_ascii=False).encode()

    def restore(self, kept: bytes) -> None:
        """Take up what `kept` gave."""
        place = json.loads(kept)
        self._next_seq, self._strays = place["next_seq"], dict(place["strays"])
        self._gap_us, self._lost = place["gap_us"], place["lost"]
        self._asked_us, self._asks = place["asked_us"], place["asks"]

    def restore_birth(self, device: str, kept: bytes) -> None:
        """Take up what `kept_birth` gave."""
        about = json.loads(kept)
        born = self.born[device] = Born()
        metrics = [Metric(name, alias, 0, datatype, unit=unit) for name, alias, datatype, unit in about["metrics"]]
        born.take(metrics, 0)
        for name in _KEPT:
            setattr(born, name, about[name])
        if device == NODE:
            self.bd_seq = about["bd_seq"]

    def _go_on(self, seq: int, received_us: int) -> None:
        """The next number after `seq`, past those that came before their turn."""
        fresh = {one: at_us for one, at_us in self._strays.items() if received_us - at_us <= _REORDER_US}
        following = (seq + 1) % _MODULUS
        while fresh.pop(following, None) is not None:
            following = (following + 1) % _MODULUS
        self._next_seq, self._strays = following, fresh


class Sessions:
    """Every edge that was heard, bounded in number and in what their births may define.

    Args:
        most: Metrics that all births together may name.
    """

    def __init__(self, most: int = _DEFINITIONS) -> None:
        self._most = most
        self._edges: dict[str, Edge] = {}
        self._definitions = 0

    def known(self, address: str) -> Edge | None:
        """An edge that was heard before."""
        return self._edges.get(address)

    def edge(self, address: str) -> Edge:
        """An edge, met now if not before.

        Raises:
            TooManyError: There are too many whose births are known; one that was never born makes room.
        """
        edge = self._edges.get(address)
        if edge is None:
            if len(self._edges) >= _EDGES:
                unborn = next((one for one, known in self._edges.items() if not known.born), None)
                if unborn is None:
                    raise TooManyError(f"it has more than {_EDGES} edges")
                del self._edges[unborn]
            edge = self._edges[address] = Edge(address)
        return edge

    def learn(self, edge: Edge, device: str, metrics: Sequence[Metric], received_us: int) -> None:
        """Take the names of a birth.

        Raises:
            TooManyError: All births together define too much; this one is as if it had not come.
        """
        before = edge.born.get(device)
        more = len({metric.name for metric in metrics if metric.name}) + 1
        more -= len(before.names) + 1 if before else 0
        if self._definitions + more > self._most:
            raise TooManyError(f"its births name more than {self._most} metrics")
        edge.born.setdefault(device, Born()).take(metrics, received_us)
        self._definitions += more

    def restore(self, kept: Mapping[str, bytes]) -> None:
        """Take up what `key_of_birth` and `key_of_seq` were kept under."""
        for key, value in kept.items():
            what, group, node, *device = key.split("/")
            edge = self.edge(f"{group}/{node}")
            if what == "birth":
                edge.restore_birth(device[0], value)
                self._definitions += len(edge.born[device[0]].names) + 1
            else:
                edge.restore(value)

    def doubt(self) -> None:
        """We were away from all of them."""
        for edge in self._edges.values():
            edge.doubt()


def key_of_birth(edge: Edge, device: str) -> str:
    """What a birth is kept under; a level of a topic holds no slash."""
    return f"birth/{edge.address}/{device}"


def key_of_seq(edge: Edge) -> str:
    """What the place in the sequence is kept under."""
    return f"seq/{edge.address}"


def is_protocol(name: str) -> bool:
    """Whether a metric belongs to the protocol and measures nothing."""
    return name == "bdSeq" or name.startswith(("Node Control/", "Device Control/"))
