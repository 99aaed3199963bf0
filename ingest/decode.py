"""Decode: from a message to what it says, and from that to entries for the log, refusals for quarantine, or nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

import structlog

from ingest.arrival import Arrival
from ingest.clock import Clock
from ingest.errors import IngestError
from ingest.formats.alink import AlinkFormat
from ingest.formats.chirpstack import ChirpstackFormat
from ingest.formats.frigate import FrigateFormat
from ingest.formats.gbt24476 import Gbt24476Format
from ingest.formats.huawei_iotda import HuaweiIotdaFormat
from ingest.formats.json_payload import MAX_PAYLOAD_BYTES
from ingest.formats.precomplaint import PrecomplaintFormat
from ingest.formats.senml import SenmlFormat
from ingest.formats.sparkplug_b import SparkplugFormat
from ingest.formats.thingsboard import ThingsboardFormat
from ingest.formats.wire_format import Decoded, KeepingFormat, Message, Publication, Route, SessionFormat, WireFormat
from ingest.judge import Judge
from ingest.log import Entry
from ingest.plates import PlateSeal
from ingest.quarantine import Passed, Query, Reason, Refusal, Rejection
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
_LISTED = 5
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Said:
    """What an arrival says, before anything of it is judged.

    Attributes:
        arrival: The message.
        message: Its content, why it is refused, or why it is passed over.
        digest: 16 bytes; equal for a message that comes again.
        source: The id of the source, empty if the topic is of none.
        topic_site: The site the topic names, or empty.
        source_site: The site of a device that is met here for the first time, or empty.
        keeps: As `Message.keeps`, with keys that are unique over sources.
        again: The reason this message was in quarantine for, if it is replayed; else empty.
        only: Of a replayed message this device alone; empty: all.
    """

    arrival: Arrival
    message: Message | Rejection | Passed
    digest: bytes
    source: str = ""
    topic_site: str = ""
    source_site: str = ""
    keeps: Mapping[str, bytes | None] | None = None
    again: str = ""
    only: str = ""

    @property
    def asks(self) -> tuple[Publication, ...]:
        """What to publish in answer."""
        return self.message.asks if isinstance(self.message, Message) else ()

    @property
    def wakes(self) -> Query | None:
        """What in quarantine can be read now."""
        found = self.message.wakes if isinstance(self.message, Message) else None
        return found and replace(found, source=self.source)


@dataclass(frozen=True, slots=True)
class Judged:
    """What becomes of a message."""

    entries: tuple[Entry, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    passed: tuple[Passed, ...] = ()


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
            return Said(arrival, failed, _digest(arrival, b""))

    def judge(self, said: Said, watermarks: dict[str, int]) -> Judged:
        """What becomes of a message; it never raises.

        Args:
            said: What it says.
            watermarks: By site; moved if the message moves its site's.
        """
        message = said.message
        if isinstance(message, Passed):
            return Judged(passed=(message,))
        if isinstance(message, Rejection):
            return Judged(refusals=(_refused(said, message, said.digest),))
        entries: list[Entry] = []
        refusals: list[Refusal] = []
        parts = [part for part in message.parts if part.device == said.only or not said.only]
        several = len(message.parts) > 1
        for part in parts:
            digest = said.digest if said.only or not several else _derived(said.digest, part.device)
            self._judge_part(said, part, digest, watermarks, (entries, refusals))
        if message.refused is not None:
            refusals.append(_refused(said, message.refused, said.digest))
        return Judged(tuple(entries), tuple(refusals))

    def _judge_part(
        self,
        said: Said,
        part: Decoded,
        digest: bytes,
        watermarks: dict[str, int],
        outcome: tuple[list[Entry], list[Refusal]],
    ) -> None:
        entries, refusals = outcome
        nothing = not (part.readings or part.events or part.stills)
        if part.unmapped and nothing:
            unmapped = Rejection(Reason.NOTHING_MAPPED, f"no name is mapped: {_listed(part.unmapped)}")
            refusals.append(_refused(said, unmapped, digest, part))
            return
        if nothing:
            return
        verdict = self._judge.judge(part, said.topic_site, said.arrival.received_us, watermarks, said.source)
        if isinstance(verdict, Rejection):
            refusals.append(_refused(said, verdict, digest, part))
            return
        watermarks[verdict.batch.site] = verdict.watermark_us
        entry_digest = digest
        if said.again == Reason.UNMAPPED_NAME:
            # What was mapped before is stored under the message's own digest; this is what is mapped by now.
            entry_digest = _derived(digest, *sorted({reading.metric for reading in part.readings}))
        entries.append(Entry(verdict.batch, entry_digest, verdict.watermark_us))
        if part.unmapped:
            names = _listed(part.unmapped)
            rejection = Rejection(Reason.UNMAPPED_NAME, f"not mapped: {names}; the rest of the message was taken")
            waits = digest if said.again == Reason.UNMAPPED_NAME else _derived(digest, "unmapped")
            refusals.append(_refused(said, rejection, waits, part))

    def _said(self, arrival: Arrival, *, again: bool) -> Said:
        if len(arrival.topic) > _LONGEST_TOPIC:
            long = f"the topic has {len(arrival.topic)} characters; the limit is {_LONGEST_TOPIC}"
            return Said(arrival, Rejection(Reason.TOO_LARGE, long), _digest(arrival, b""))
        way = self._ways.get(arrival.topic) or self._found(arrival.topic)
        if way is None:
            unknown = Rejection(Reason.UNKNOWN_TOPIC, f"no source has the topic {arrival.topic[:100]!r}")
            return Said(arrival, unknown, _digest(arrival, b""))
        decode = (way.route.again if again else None) or way.route.decode
        source, message = way.source, decode(arrival.payload, arrival.received_us)
        identity, keeps = b"", None
        if isinstance(message, Decoded):
            message = Passed.RETAINED_STILL if message.stills and arrival.retained else Message((message,))
        elif isinstance(message, Message):
            identity = message.identity
            if message.keeps:
                keeps = {_key(source, key): value for key, value in message.keeps.items()}
        digest = _digest(arrival, identity)
        return Said(arrival, message, digest, source.id, way.route.site, way.route.site or source.site, keeps)

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


def replayed(said: Said, refusal: Refusal) -> Said:
    """What a quarantined message says now, as the same message that was refused then.

    Args:
        said: Its arrival decoded once more.
        refusal: As it lay in quarantine.
    """
    return replace(said, digest=refusal.digest, again=refusal.reason, only=refusal.device)


def refused(said: Said, rejection: Rejection) -> Refusal:
    """A whole message on its way into quarantine."""
    return _refused(said, rejection, said.digest)


def _refused(said: Said, rejection: Rejection, digest: bytes, part: Decoded | None = None) -> Refusal:
    arrival = said.arrival
    return Refusal(
        topic=arrival.topic,
        payload=arrival.payload[:MAX_PAYLOAD_BYTES],
        reason=rejection.reason.value,
        detail=rejection.detail,
        received_us=arrival.received_us,
        digest=digest,
        source=said.source,
        device=said.only if part is None else part.device,
        site=said.source_site,
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(name if len(name) <= _SHOWN else f"{name[:_SHOWN]}..." for name in names[:_LISTED])
    return f"{shown} and {len(names) - _LISTED} more" if len(names) > _LISTED else shown


def _digest(arrival: Arrival, identity: bytes) -> bytes:
    return blake2b(arrival.topic.encode() + b"\0" + (identity or arrival.payload), digest_size=16).digest()


def _derived(digest: bytes, *words: str) -> bytes:
    return blake2b(digest + "\0".join(words).encode("utf-8", "replace"), digest_size=16).digest()


def _key(source: Source, key: str) -> str:
    return f"{source.id}\n{key}"
