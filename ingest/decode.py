"""Decode: from a message to an entry for the log, a refusal for quarantine, or nothing."""

from hashlib import blake2b

import structlog

from ingest.arrival import Arrival
from ingest.formats.frigate import FrigateFormat
from ingest.formats.precomplaint import MAX_PAYLOAD_BYTES, PrecomplaintFormat
from ingest.formats.wire_format import Route, WireFormat
from ingest.judge import Judge
from ingest.log import Entry, Refusal
from ingest.plates import PlateSeal
from ingest.quarantine import Passed, Reason, Rejection
from ingest.registry import Registry
from ingest.settings import IngestSettings

log = structlog.get_logger()

_ROUTES_KEPT = 10_000  # more topics than devices on one machine, and few enough that hostile ones cost no memory


def wire_formats(settings: IngestSettings) -> tuple[WireFormat, ...]:
    """Every format we understand; a new one is a line here."""
    formats: list[WireFormat] = [PrecomplaintFormat()]
    if settings.frigate_prefix:
        key = settings.plate_key
        seal = PlateSeal(key.get_secret_value().encode()) if key else None
        formats.append(FrigateFormat(settings.frigate_prefix, seal))
    return tuple(formats)


class Decoder:
    """Decodes and judges messages one by one.

    Args:
        formats: What devices may speak.
        judge: Judges what they say.
    """

    def __init__(self, formats: tuple[WireFormat, ...], judge: Judge) -> None:
        self._formats = formats
        self._judge = judge
        self._routes: dict[str, Route] = {}

    @classmethod
    def build(cls, settings: IngestSettings, registry: Registry) -> "Decoder":
        """The decoder that the settings and the registry ask for."""
        return cls(wire_formats(settings), Judge(registry, round(settings.lateness_s * 1_000_000)))

    def decode(self, arrival: Arrival, watermarks: dict[str, int]) -> Entry | Refusal | Passed:
        """What becomes of a message; it never raises, whatever the message is.

        Args:
            arrival: The message.
            watermarks: By site; moved if the message moves its site's.
        """
        try:
            outcome = self._outcome(arrival, watermarks)
        except Exception:  # a mistake of ours must not stop the messages behind this one
            log.exception("ingest.decoder_failed", topic=arrival.topic)
            outcome = Rejection(Reason.DECODER_FAILED, "the decoder failed on this message; the log has the trace")
        return refused(arrival, outcome) if isinstance(outcome, Rejection) else outcome

    def _outcome(self, arrival: Arrival, watermarks: dict[str, int]) -> Entry | Rejection | Passed:
        route = self._routes.get(arrival.topic) or self._found(arrival.topic)
        if route is None:
            return Rejection(Reason.UNKNOWN_TOPIC, f"no wire format is known for the topic {arrival.topic[:100]!r}")
        decoded = route.decode(arrival.payload, arrival.received_us)
        if isinstance(decoded, Rejection | Passed):
            return decoded
        if decoded.stills and arrival.retained:
            return Passed.RETAINED_STILL
        verdict = self._judge.judge(decoded, route.site, arrival.received_us, watermarks)
        if isinstance(verdict, Rejection):
            return verdict
        watermarks[verdict.batch.site] = verdict.watermark_us
        return Entry(verdict.batch, _digest(arrival), verdict.watermark_us)

    def _found(self, topic: str) -> Route | None:
        for wire_format in self._formats:
            route = wire_format.route(topic)
            if route is not None:
                if len(self._routes) < _ROUTES_KEPT:
                    self._routes[topic] = route
                return route
        return None


def refused(arrival: Arrival, rejection: Rejection) -> Refusal:
    """The message on its way into quarantine."""
    return Refusal(
        arrival.topic,
        arrival.payload[:MAX_PAYLOAD_BYTES],
        rejection.reason.value,
        rejection.detail,
        arrival.received_us,
        _digest(arrival),
    )


def _digest(arrival: Arrival) -> bytes:
    return blake2b(arrival.topic.encode() + b"\0" + arrival.payload, digest_size=16).digest()
