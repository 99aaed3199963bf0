"""Decode: from a message to what it says, by the format of its source."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from ingest.arrival import Arrival
from ingest.clock import Clock
from ingest.errors import IngestError
from ingest.formats.alink import AlinkFormat
from ingest.formats.chirpstack import ChirpstackFormat
from ingest.formats.frigate import FrigateFormat
from ingest.formats.gbt24476 import Gbt24476Format
from ingest.formats.huawei_iotda import HuaweiIotdaFormat
from ingest.formats.precomplaint import PrecomplaintFormat
from ingest.formats.senml import SenmlFormat
from ingest.formats.sparkplug_b import SparkplugFormat
from ingest.formats.thingsboard import ThingsboardFormat
from ingest.formats.wire_format import Decoded, KeepingFormat, Message, Route, SessionFormat, WireFormat
from ingest.judge import Judge
from ingest.judgement import Judged, Said, digest_of, judgement
from ingest.plates import PlateSeal, sealed_attributes
from ingest.quarantine import Passed, Reason, Rejection
from ingest.registry import Registry
from ingest.settings import IngestSettings
from ingest.sources import Source
from ingest.topics import matches

log = structlog.get_logger()

FORMATS: dict[str, Callable[[Source, PlateSeal | None], WireFormat]] = {
    "precomplaint": lambda source, _: PrecomplaintFormat(source),
    "frigate": FrigateFormat,
    "thingsboard": lambda source, _: ThingsboardFormat(source),
    "alink": lambda source, _: AlinkFormat(source),
    "huawei_iotda": lambda source, _: HuaweiIotdaFormat(source),
    "chirpstack": lambda source, _: ChirpstackFormat(source),
    "senml": lambda source, _: SenmlFormat(source),
    "gbt24476": lambda source, _: Gbt24476Format(source),
    "sparkplug_b": lambda source, _: SparkplugFormat(source),
}
"""Every format we understand, made for one source; a new one is a line here."""

# More topics than devices on one machine, and few and short enough that hostile ones cost no memory.
_ROUTES_KEPT = 10_000
_LONGEST_TOPIC = 1_024


@dataclass(frozen=True, slots=True)
class _Way:
    """How messages of one topic are decoded, and whose they are."""

    source: Source
    route: Route


class Decoder:
    """Decodes messages one by one, each once, and judges what they say, as often as the log asks.

    Args:
        formats: What devices may speak, each with its source; the first one that knows a topic has it.
        judge: Judges what they say.
    """

    def __init__(self, formats: Sequence[tuple[Source, WireFormat]], judge: Judge) -> None:
        self._formats = tuple(formats)
        self._judge = judge
        self._ways: dict[str, _Way] = {}
        self._seal: PlateSeal | None = None

    @classmethod
    def build(
        cls,
        settings: IngestSettings,
        registry: Registry,
        kept: Mapping[str, bytes] | None = None,
        clock: Clock | None = None,
    ) -> "Decoder":
        """The decoder that the settings and the registry ask for.

        Args:
            settings: For the lateness and the key of plates.
            registry: The sources and devices.
            kept: What the formats had asked the log to keep.
            clock: The one that dates arrivals; None: one that never hurries.
        """
        decoder = cls((), Judge(registry, round(settings.lateness_s * 1_000_000), clock))
        key = settings.plate_key
        decoder._seal = PlateSeal(key.get_secret_value().encode()) if key else None
        decoder.take_up(registry, kept or {})
        return decoder

    def take_up(self, registry: Registry, kept: Mapping[str, bytes]) -> None:
        """Go on with another registry; formats of sources that stayed the same keep what they know.

        A source that cannot be used is logged and left out: the others must not wait for its mending.

        Args:
            registry: As it is now.
            kept: What the formats had asked the log to keep.
        """
        present = {source.id: (source, wire_format) for source, wire_format in self._formats}
        self._formats = tuple(
            usable
            for source in registry.sources.values()
            for usable in (
                [present[source.id]] if present.get(source.id, (None,))[0] == source else self._made(source, kept)
            )
        )
        self._judge.take_up(registry)
        self._ways.clear()

    def filters(self, share: str = "", *, takes_sessions: bool = True) -> tuple[str, ...]:
        """What to subscribe to.

        Args:
            share: Name of a group that shares the messages among its processes; empty: this process hears all.
            takes_sessions: Whether this process is the one that hears formats whose devices keep a session.
        """
        chosen: dict[str, None] = {}
        for _, wire_format in self._formats:
            if not isinstance(wire_format, SessionFormat):
                chosen |= dict.fromkeys(f"$share/{share}/{one}" if share else one for one in wire_format.filters)
            elif takes_sessions:
                chosen |= dict.fromkeys(wire_format.filters)
        return tuple(chosen)

    def sessions(self) -> tuple[SessionFormat, ...]:
        """The formats whose devices keep a session with us."""
        return tuple(one for _, one in self._formats if isinstance(one, SessionFormat))

    def knows(self, source: str, address: str) -> bool:
        """Whether the registry has a device of this address, for what comes through this source."""
        return self._judge.knows(source, address)

    def decode(self, arrival: Arrival, *, again: bool = False) -> Said:
        """What a message says; it never raises, whatever the message is. To be called once an arrival.

        Args:
            arrival: The message.
            again: It comes out of quarantine.
        """
        try:
            return self._said(arrival, again=again)
        except Exception:  # a mistake of ours must not stop the messages behind this one
            log.exception("ingest.decoder_failed", topic=arrival.topic)
            failed = Rejection(Reason.DECODER_FAILED, "the decoder failed on this message; the log has the trace")
            return Said(arrival, failed, digest_of(arrival))

    def judge(self, said: Said, watermarks: dict[str, int]) -> Judged:
        """What becomes of a message; it never raises.

        Args:
            said: What it says.
            watermarks: By site; moved if the message moves its site's.
        """
        return judgement(said, self._judge, watermarks)

    def _said(self, arrival: Arrival, *, again: bool) -> Said:
        if len(arrival.topic) > _LONGEST_TOPIC:
            long = f"the topic has {len(arrival.topic)} characters; the limit is {_LONGEST_TOPIC}"
            return Said(arrival, Rejection(Reason.TOO_LARGE, long), digest_of(arrival))
        way = self._ways.get(arrival.topic) or self._found(arrival.topic)
        if way is None:
            unknown = Rejection(Reason.UNKNOWN_TOPIC, f"no source has the topic {arrival.topic[:100]!r}")
            return Said(arrival, unknown, digest_of(arrival))
        decode = (way.route.again if again else None) or way.route.decode
        source, message = way.source, decode(arrival.payload, arrival.received_us)
        identity, keeps = b"", None
        if isinstance(message, Decoded):
            message = Passed.RETAINED_STILL if message.stills and arrival.retained else Message((message,))
        elif isinstance(message, Message):
            identity = message.identity
            if message.keeps:
                keeps = {_key(source, key): value for key, value in message.keeps.items()}
        if isinstance(message, Message):
            message = replace(message, parts=tuple(self._without_plates(part) for part in message.parts))
        digest = digest_of(arrival, identity)
        return Said(arrival, message, digest, source.id, way.route.site, way.route.site or source.site, keeps)

    def _without_plates(self, part: Decoded) -> Decoded:
        """What is said, with no number plate in its events that anybody can read: a device may send any attributes."""
        if not part.events:
            return part
        events = (replace(e, attributes=sealed_attributes(e.attributes, self._seal)) for e in part.events)
        return replace(part, events=tuple(events))

    def _found(self, topic: str) -> _Way | None:
        for source, wire_format in self._formats:
            if source.filters and not any(matches(one, topic) for one in wire_format.filters):
                continue
            route = wire_format.route(topic)
            if route is not None:
                way = _Way(source, route)
                if len(self._ways) >= _ROUTES_KEPT:
                    self._ways.clear()
                self._ways[topic] = way
                return way
        return None

    def _made(self, source: Source, kept: Mapping[str, bytes]) -> list[tuple[Source, WireFormat]]:
        """The format of a source, or nothing if it cannot be made."""
        if source.format not in FORMATS:
            log.warning("ingest.source_unusable", source=source.id, because=f"there is no format {source.format!r}")
            return []
        try:
            made = FORMATS[source.format](source, self._seal)
        except IngestError as error:
            log.warning("ingest.source_unusable", source=source.id, because=str(error))
            return []
        if isinstance(made, KeepingFormat):
            own = _key(source, "")
            made.restore({key[len(own) :]: value for key, value in kept.items() if key.startswith(own)})
        return [(source, made)]


def _key(source: Source, key: str) -> str:
    return f"{source.id}\n{key}"
