"""Judgement: what becomes of a decoded message: entries for the log, refusals for quarantine, or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from ingest.arrival import Arrival
from ingest.formats.json_payload import MAX_PAYLOAD_BYTES
from ingest.formats.wire_format import Decoded, Message, Publication
from ingest.judge import Judge, unknown_device
from ingest.log import Entry
from ingest.quarantine import Passed, Query, Reason, Refusal, Rejection

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


@dataclass(slots=True)
class _Outcome:
    """What has become of a message so far."""

    entries: list[Entry]
    refusals: list[Refusal]


def judgement(said: Said, judge: Judge, watermarks: dict[str, int]) -> Judged:
    """What becomes of a message; it never raises.

    Args:
        said: What it says.
        judge: Judges what each device says.
        watermarks: By site; moved if the message moves its site's.
    """
    message = said.message
    if isinstance(message, Passed):
        return Judged(passed=(message,))
    if isinstance(message, Rejection):
        return Judged(refusals=(refused(said, message),))
    outcome = _Outcome([], [])
    several = len(message.parts) > 1
    for part in message.parts:
        if said.only and part.device != said.only:
            continue
        digest = _derived(said.digest, part.device) if several and not said.only else said.digest
        _judge_part(said, part, digest, (judge, watermarks), outcome)
    if message.refused is not None:
        outcome.refusals.append(refused(said, message.refused))
    return Judged(tuple(outcome.entries), tuple(outcome.refusals))


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


def digest_of(arrival: Arrival, identity: bytes = b"") -> bytes:
    """What makes a message itself: its topic, and its identity or else its payload; 16 bytes."""
    return blake2b(arrival.topic.encode() + b"\0" + (identity or arrival.payload), digest_size=16).digest()


def _judge_part(said: Said, part: Decoded, digest: bytes, by: tuple[Judge, dict[str, int]], outcome: _Outcome) -> None:
    judge, watermarks = by
    if not (part.readings or part.events or part.stills):
        if part.unmapped and not judge.knows(said.source, part.device):
            # First things first: nobody maps names of a device that nobody has let in.
            outcome.refusals.append(_refused(said, unknown_device(part.device), digest, part))
        elif part.unmapped:
            nothing = Rejection(Reason.NOTHING_MAPPED, f"no name is mapped: {_listed(part.unmapped)}")
            outcome.refusals.append(_refused(said, nothing, digest, part))
        return
    verdict = judge.judge(part, said.topic_site, said.arrival.received_us, watermarks, said.source)
    if isinstance(verdict, Rejection):
        outcome.refusals.append(_refused(said, verdict, digest, part))
        return
    watermarks[verdict.batch.site] = verdict.watermark_us
    of_names = said.again == Reason.UNMAPPED_NAME
    # What was mapped before is stored under the message's own digest; a replay stores what is mapped by now.
    stored = _derived(digest, *sorted({reading.metric for reading in part.readings})) if of_names else digest
    outcome.entries.append(Entry(verdict.batch, stored, verdict.watermark_us))
    if part.unmapped:
        names = _listed(part.unmapped)
        rejection = Rejection(Reason.UNMAPPED_NAME, f"not mapped: {names}; the rest of the message was taken")
        waits = digest if of_names else _derived(digest, "unmapped")
        outcome.refusals.append(_refused(said, rejection, waits, part))


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


def _derived(digest: bytes, *words: str) -> bytes:
    return blake2b(digest + "\0".join(words).encode("utf-8", "replace"), digest_size=16).digest()
