"""Trial: what a quarantined message would become with a mapping, before anybody saves it; nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.arrival import Arrival
from ingest.decode import Decoder
from ingest.formats.wire_format import Decoded, Message
from ingest.judgement import Said, replayed
from ingest.quarantine import Passed, Refusal
from ingest.readings import Event, Reading
from ingest.registry import Registry
from ingest.settings import IngestSettings
from ingest.sources import NameMapping


@dataclass(frozen=True, slots=True)
class TriedPart:
    """What one device of the message says.

    Attributes:
        address: What it calls itself.
        device: Its id, empty if the registry does not know it.
        taken: Whether this would go into the log.
        readings: With the quality the judge gives them, if they would be taken.
        events: The same.
        stills: How many.
        unmapped: Names that still have no meaning.
    """

    address: str
    device: str
    taken: bool
    readings: tuple[Reading, ...]
    events: tuple[Event, ...]
    stills: int
    unmapped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What would become of a message; with a refusal it would stay in quarantine.

    Attributes:
        parts: One a device.
        refusals: Reason and sentence of each.
        passed: Why it would be passed over, if it would.
    """

    parts: tuple[TriedPart, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    passed: Passed | None = None


def mapped(registry: Registry, source: str, names: Sequence[NameMapping]) -> Registry:
    """A registry in which these names of a source have these meanings, the others what they had.

    Raises:
        KeyError: There is no such source.
    """
    known = registry.sources[source]
    new = {(mapping.address, mapping.name): mapping for mapping in names}
    kept = tuple(mapping for mapping in known.names if (mapping.address, mapping.name) not in new)
    return replace(registry, sources={**registry.sources, source: replace(known, names=(*kept, *new.values()))})


def tried(
    refusal: Refusal, registry: Registry, lateness_us: int, watermarks: Mapping[str, int], kept: Mapping[str, bytes]
) -> Tried:
    """What would become of a quarantined message.

    Args:
        refusal: As it lies in quarantine.
        registry: The sources and devices to try it with.
        lateness_us: How far a record may lie behind its site.
        watermarks: By site, of now.
        kept: What formats had asked the log to keep.
    """
    # Without a key nothing of a number plate is in what a trial shows.
    decoder = Decoder.build(IngestSettings(lateness_s=lateness_us / 1e6), registry, kept)
    said = replayed(decoder.decode(Arrival(refusal.topic, refusal.payload, refusal.received_us)), refusal)
    if isinstance(said.message, Passed):
        return Tried(passed=said.message)
    moved = dict(watermarks)
    if not isinstance(said.message, Message):
        return Tried(refusals=decoder.judge(said, moved).refusals)
    parts: list[TriedPart] = []
    refusals: list[Refusal] = []
    for part in said.message.parts:
        if said.only in {"", part.device}:
            judged, refused = _judged(decoder, said, part, moved)
            parts.append(judged)
            refusals += refused
    if said.message.refused is not None:
        refusals += decoder.judge(replace(said, message=replace(said.message, parts=())), moved).refusals
    return Tried(tuple(parts), tuple(refusals))


def _judged(
    decoder: Decoder, said: Said, part: Decoded, watermarks: dict[str, int]
) -> tuple[TriedPart, tuple[Refusal, ...]]:
    outcome = decoder.judge(replace(said, message=Message((part,))), watermarks)
    batch = outcome.entries[0].batch if outcome.entries else None
    seen = TriedPart(
        address=part.device,
        device=batch.device if batch else "",
        taken=batch is not None,
        readings=batch.readings if batch else part.readings,
        events=batch.events if batch else part.events,
        stills=len(part.stills),
        unmapped=part.unmapped,
    )
    return seen, outcome.refusals
