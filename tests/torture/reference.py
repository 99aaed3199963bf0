"""Reference: what an undisturbed run makes of the same messages, and the marks by which each is found when stored."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from ingest.arrival import Arrival
from ingest.decode import Decoder
from ingest.judgement import Judged
from ingest.log import Entry
from ingest.quarantine import Refusal
from ingest.readings import UNSCORED
from ingest.readings import Reading as StoredReading
from ingest.registry import Registry
from ingest.settings import IngestSettings
from ingest.sqlite_log import SqliteLog
from tests.end_to_end.chain import PLATE_KEY
from tests.torture.plan import LATENESS_S, Step
from tests.torture.town import NEWCOMERS

_A_GROUP = 500

Reading = tuple[str, str, int, float, int]
"""Device, metric, time, value, and the flags that decide what is scored."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What is due.

    Attributes:
        log: A log filled with the messages in their order, each arriving when it is sent.
        marks: By step, the digests that are in log or quarantine once it is taken in; none for what is passed over.
        wrong: Steps that do not become what they were made for, in words; there must be none.
    """

    log: Path
    marks: list[tuple[bytes, ...]]
    wrong: list[str]


def reference(steps: Sequence[Step], log: Path, registry: Registry) -> Reference:
    """Take the messages in, one after the other, as the service does when nothing happens to it."""
    settings = IngestSettings(plate_key=SecretStr(PLATE_KEY), lateness_s=LATENESS_S)
    decoder, spine = Decoder.build(settings, registry), SqliteLog(log)
    watermarks: dict[str, int] = {}
    entries: list[Entry] = []
    refusals: list[Refusal] = []
    made = Reference(log, [], [])
    for step in steps:
        message = step.message
        arrival = Arrival(message.topic, message.payload, message.at_us, message.retain)
        judged = decoder.judge(decoder.decode(arrival), watermarks)
        entries += judged.entries
        refusals += judged.refusals
        made.marks.append(tuple(one.digest for one in (*judged.entries, *judged.refusals)))
        made.wrong.extend(_not_as_meant(step, judged))
        if len(entries) >= _A_GROUP:
            spine.append(entries, refusals)
            entries, refusals = [], []
    spine.append(entries, refusals)
    spine.close()
    return made


def _not_as_meant(step: Step, judged: Judged) -> list[str]:
    meant = [step.forged.value] if step.forged else []
    became = [refusal.reason for refusal in judged.refusals]
    return [] if became == meant else [f"{step.message.topic}: refused as {became}, made to be {meant}"]


def stored_readings(path: Path) -> Counter[Reading]:
    """Every reading in a log, and how often."""
    log, after, found = SqliteLog(path), 0, Counter[Reading]()
    while records := log.read(after, 1_000):
        found.update(_as_compared(reading) for record in records for reading in record.batch.readings)
        after = records[-1].position
    log.close()
    return found


def _as_compared(reading: StoredReading) -> Reading:
    # What a device had sent before it was let in is late by the time it is taken in after all, or not: chance.
    quality = 0 if reading.device in NEWCOMERS else reading.quality & UNSCORED
    return reading.device, reading.metric, reading.at_us, reading.value, quality
