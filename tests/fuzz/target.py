"""Target: one long-lived decoder with everything in the registry, and what must hold of every message it is given."""

import math
import re
from collections import Counter
from dataclasses import replace

import msgspec
from pydantic import SecretStr

from ingest.arrival import Arrival
from ingest.decode import Decoder
from ingest.formats.wire_format import Publication
from ingest.judgement import Judged, Said, replayed
from ingest.log import Entry
from ingest.metrics import METRICS
from ingest.quarantine import Reason, Refusal
from ingest.readings import Batch
from ingest.registry import Device, Registry
from ingest.settings import IngestSettings
from tests.fuzz.seeds import SEEDS
from tests.ingest.community import NOW_US, SITE, community

_SETTINGS = IngestSettings(plate_key=SecretStr("sixteen bytes or more"))
_LONGEST_SENTENCE = 1_000
_INT64 = 2**63
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Batch).decode


class BrokenPromiseError(AssertionError):
    """The decoder did what no message may make it do."""


class Target:
    """Takes damaged messages of one format, all by the same decoder, as ingest does for months.

    Args:
        name: The format.

    Attributes:
        outcomes: How often a message was stored, passed over, or refused for which reason.
        kept: What a session format wants kept, as the log would hold it.
    """

    def __init__(self, name: str) -> None:
        self.seeds = SEEDS[name]
        self.outcomes: Counter[str] = Counter()
        self.kept: dict[str, bytes] = {}
        self._decoder = Decoder.build(_SETTINGS, everybody())
        self._watermarks: dict[str, int] = {}
        self._topics = list(dict.fromkeys(topic for topic, _ in self.seeds.messages))
        self._now_us = NOW_US

    def inputs(self) -> list[bytes]:
        """The sound messages as `take` wants them."""
        return [bytes([self._topics.index(topic)]) + payload for topic, payload in self.seeds.messages]

    def take(self, data: bytes) -> Judged:
        """Decode and judge one message, and check what became of it.

        Args:
            data: The first byte chooses the topic; the last choice is one of which the payload's first line is a level.

        Raises:
            BrokenPromiseError: A promise is broken.
        """
        return self.hear(*self._message(data))

    def hear(self, topic: str, payload: bytes) -> Judged:
        """`take`, with the topic said.

        Raises:
            BrokenPromiseError: A promise is broken.
        """
        self._now_us += 1_000
        arrival = Arrival(topic, payload, self._now_us)
        said = self._decoder.decode(arrival)
        judged = self._decoder.judge(said, self._watermarks)
        for key, value in (said.keeps or {}).items():
            if value is None:
                self.kept.pop(key, None)
            else:
                self.kept[key] = value
        self._check(said, judged)
        self._count(judged)
        return judged

    def again(self, judged: Judged) -> None:
        """Replay the quarantined messages of an outcome, as an engineer would.

        Raises:
            BrokenPromiseError: A promise is broken.
        """
        for refusal in judged.refusals:
            arrival = Arrival(refusal.topic, refusal.payload, refusal.received_us)
            said = replayed(self._decoder.decode(arrival, again=True), refusal)
            self._check(said, self._decoder.judge(said, self._watermarks))

    def _message(self, data: bytes) -> tuple[str, bytes]:
        choice, payload = (data[0] if data else 0) % (len(self._topics) + 1), data[1:]
        if choice < len(self._topics):
            return self._topics[choice], payload
        level, _, payload = payload.partition(b"\n")
        # No broker lets a topic through that holds a wildcard or a NUL (MQTT 5.0, 3.3.2.1 and 1.5.4).
        text = re.sub("[+#\0]", "", level.decode("utf-8", "ignore"))[:1_000]
        levels = self._topics[len(level) % len(self._topics)].split("/")
        levels[len(payload) % len(levels)] = text
        return "/".join(levels), payload

    def _check(self, said: Said, judged: Judged) -> None:
        for refusal in judged.refusals:
            _check_refusal(refusal)
        for entry in judged.entries:
            _check_entry(entry)
        for asked in said.asks:
            _check_publication(asked)

    def _count(self, judged: Judged) -> None:
        self.outcomes.update(["stored"] * len(judged.entries))
        self.outcomes.update(refusal.reason for refusal in judged.refusals)
        self.outcomes.update(passed.value for passed in judged.passed)
        if not (judged.entries or judged.refusals or judged.passed):
            self.outcomes["nothing"] += 1  # the birth of an edge that measures nothing, a host's own word


def everybody() -> Registry:
    """A registry with every format's source and devices."""
    devices = {
        f"{seeds.source.id}-{number}": Device(
            f"{seeds.source.id}-{number}", SITE, ("riser-1",), 0, seeds.source.id, address
        )
        for seeds in SEEDS.values()
        for number, address in enumerate(seeds.addresses)
    }
    return replace(community(), devices=devices, sources={seeds.source.id: seeds.source for seeds in SEEDS.values()})


def _check_refusal(refusal: Refusal) -> None:
    if Reason(refusal.reason) in {Reason.DECODER_FAILED, Reason.UNSTORABLE}:
        raise BrokenPromiseError(refusal.reason)
    if not 0 < len(refusal.detail) <= _LONGEST_SENTENCE:
        raise BrokenPromiseError(f"a sentence of {len(refusal.detail)} characters")
    for text in (refusal.detail, refusal.device, refusal.site):
        text.encode()


def _check_entry(entry: Entry) -> None:
    batch = entry.batch
    if _decode(_encode(batch)) != batch:
        raise BrokenPromiseError("the log would give back something else")
    if not (batch.readings or batch.events or batch.stills):
        raise BrokenPromiseError("an entry that says nothing")
    for reading in batch.readings:
        if reading.metric not in METRICS or not math.isfinite(reading.value) or reading.device != batch.device:
            raise BrokenPromiseError(repr(reading))
    for record in (*batch.readings, *batch.events, *batch.stills):
        if not 0 <= record.at_us < _INT64:
            raise BrokenPromiseError(repr(record.at_us))


def _check_publication(asked: Publication) -> None:
    if not asked.topic or not frozenset("+#\0").isdisjoint(asked.topic) or asked.qos not in {0, 1}:
        raise BrokenPromiseError(f"would publish to {asked.topic[:100]!r}")
