"""Recording: messages of a riser, its neighbour and an elevator, as ingest would judge and log them."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from alerts.moments import SECOND_US
from ingest.log import Entry
from ingest.readings import Batch, Event, Quality, Reading, Still
from tests.alerts.seeding import ELEVATOR, NOW_US, RISER, SITE

LATENESS_US = 10 * SECOND_US
METRIC = {RISER: "pressure_kpa", ELEVATOR: "alarm_button"}


@dataclass(frozen=True, slots=True)
class Said:
    """One message: at a second of event time an asset's device says a value."""

    at_s: int
    asset: str
    value: float


def story(length_s: int = 3000) -> list[Said]:
    """Pressure that rises twice with a calm day between would be long; here each riser stretch ends an episode or not.

    Every two seconds the riser speaks; it is high (0.5) in the middle third. Every 300 s somebody presses the alarm
    button and releases it 20 s later.
    """
    said = [Said(s, RISER, 50.0 if length_s // 3 <= s < 2 * length_s // 3 else 10.0) for s in range(0, length_s, 2)]
    for pressed_s in range(100, length_s - 60, 300):
        said += [Said(pressed_s, ELEVATOR, 1.0), Said(pressed_s + 20, ELEVATOR, 0.0)]
    return sorted(said, key=lambda s: s.at_s)


def entries(said: Iterable[Said], watermark_us: int = 0) -> list[Entry]:
    """What ingest would append, in this order, judged as ingest judges."""
    made: list[Entry] = []
    for number, one in enumerate(said):
        at_us = NOW_US + one.at_s * SECOND_US
        quality = Quality.LATE if at_us < watermark_us - LATENESS_US else Quality.GOOD
        reading = Reading(f"{one.asset}-sensor", METRIC[one.asset], at_us, one.value, int(quality))
        watermark_us = max(watermark_us, at_us)
        batch = Batch(SITE, reading.device, at_us, (reading,))
        made.append(entry(batch, watermark_us, f"{number} {one}"))
    return made


def entry(batch: Batch, watermark_us: int, what: str) -> Entry:
    """A batch on its way into the log."""
    return Entry(batch, hashlib.blake2b(what.encode(), digest_size=16).digest(), watermark_us)


def camera(at_us: int, stills: Sequence[Still] = (), events: Sequence[Event] = ()) -> Batch:
    """A message of the gate camera."""
    return Batch(SITE, "zone-gate-east-sensor", at_us, events=tuple(events), stills=tuple(stills))
