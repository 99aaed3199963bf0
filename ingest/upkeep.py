"""Upkeep: what ingest does between messages: replay from quarantine, say who was heard and what it did, prune."""

import contextlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import structlog

from ingest.arrival import Arrival
from ingest.clock import Clock
from ingest.counts import Counts
from ingest.decode import Decoder
from ingest.errors import LogUnavailableError
from ingest.judgement import Judged, Said, replayed
from ingest.log import Entry, Group, LastWord, Log
from ingest.quarantine import Quarantine, Quarantined, Query, Reason
from ingest.readings import Batch, Quality
from ingest.settings import IngestSettings

log = structlog.get_logger()

_REPLAY_EVERY_S = 0.5
_LET_IN_EVERY_S = 5.0
_REPLAYS_A_STEP = 200  # a tenth of a second's work, so that the messages behind them hardly wait
_NOTE_EVERY_S = 2.0
_PRUNE_EVERY_S = 60.0
_PRUNED_A_STEP = 2_000
_DAY_US = 86_400_000_000
_AHEAD = int(Quality.CLOCK_AHEAD)


class Upkeep:
    """Looks after log and quarantine, a little at a time, in the thread that takes messages in.

    Args:
        settings: Who we are, and how long the log keeps what its readers have read.
        log: Where replayed messages become durable.
        quarantine: Where messages wait to be replayed.
        clock: The service's time.
    """

    def __init__(self, settings: IngestSettings, log: Log, quarantine: Quarantine, clock: Clock) -> None:
        self._name = settings.client_id
        # One process of a group is enough for what they all could do.
        self._leads = settings.takes_sessions
        self._keep_us = round(settings.keep_days * _DAY_US)
        self._log = log
        self._quarantine = quarantine
        self._clock = clock
        self._heard: dict[str, Batch] = {}
        self._due: dict[str, float] = {}
        self._trouble = ""
        self._woken: dict[Query, None] = {}

    def hear(self, entries: tuple[Entry, ...]) -> None:
        """Note who was heard."""
        for entry in entries:
            self._heard[entry.batch.device] = entry.batch

    def wake(self, queries: Iterable[Query | None]) -> None:
        """Have these replayed the next time."""
        self._woken |= dict.fromkeys(query for query in queries if query is not None)

    def turn(self, decoder: Decoder, counts: Counts, take_up_registry: Callable[[], bool]) -> None:
        """Do what is due; nothing most of the time. A log that is away is left alone until it is due again.

        Args:
            decoder: Decodes what is replayed.
            counts: What was done so far, to be noted in the log; replays are counted in.
            take_up_registry: Makes the decoder go on with the registry of now, and says whether it does.
        """
        try:
            if self.is_due("note", _NOTE_EVERY_S):
                self.note(counts)
            if self._leads and self.is_due("let_in", _LET_IN_EVERY_S):
                self._let_in(decoder)
            if self._leads and self.is_due("replay", _REPLAY_EVERY_S):
                self._replay(decoder, counts, take_up_registry)
            if self._leads and self.is_due("prune", _PRUNE_EVERY_S):
                self._prune()
            self._trouble = ""
        except LogUnavailableError as error:
            if error.problem != self._trouble:
                log.warning("ingest.upkeep_interrupted", problem=error.problem)
            self._trouble = error.problem

    def finish(self, counts: Counts) -> None:
        """Note what was done last, if the log can take it."""
        counts.connected = False
        with contextlib.suppress(LogUnavailableError):
            self.note(counts)

    def note(self, counts: Counts) -> None:
        """Write down who was heard since the last time, and what was done since the start.

        Raises:
            LogUnavailableError: It was not written; the next call writes it.
        """
        heard = dict(self._heard)
        words = {device: _last_word(batch) for device, batch in heard.items()}
        if words:
            self._log.take(lambda _: Group(last_words=words))
            self._heard = {device: batch for device, batch in self._heard.items() if heard.get(device) is not batch}
        counts.notes += 1
        self._log.note(self._name, counts.figures(), self._clock.now_us())

    def _let_in(self, decoder: Decoder) -> None:
        """Have replayed what devices said that wait and are in the registry by now, whoever put them there.

        A device that is imported was never approved; one that was may have spoken once more before that reached us.
        """
        for one in self._quarantine.waiting():
            if decoder.knows(one.source, one.address):
                query = Query(reason=Reason.UNKNOWN_DEVICE, source=one.source, device=one.address)
                self._quarantine.request_replay(query)
                self._quarantine.dismiss(one.source, one.address)

    def _replay(self, decoder: Decoder, counts: Counts, take_up_registry: Callable[[], bool]) -> None:
        """Decode once more what somebody asked for, and let go of what is good now."""
        for query in tuple(self._woken):
            self._quarantine.request_replay(query)
            del self._woken[query]
        waiting = self._quarantine.requested(_REPLAYS_A_STEP)
        # In this order: whoever asked has changed the registry before.
        if not waiting or not take_up_registry():
            return
        try:
            self._take_again(waiting, decoder, counts)
        except LogUnavailableError:
            raise
        except Exception:  # the one message that the log cannot write must not stop the others, nor ingest
            log.exception("ingest.replay_unstorable", messages=len(waiting))
            for held in waiting:
                self._take_alone(held, decoder, counts)
        if len(waiting) == _REPLAYS_A_STEP:
            self._due.pop("replay")

    def _take_alone(self, held: Quarantined, decoder: Decoder, counts: Counts) -> None:
        try:
            self._take_again([held], decoder, counts)
        except LogUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 -- logged with its trace for the group, and kept in quarantine
            detail = f"the log cannot write what this decoded to: {type(error).__name__}"
            self._log.append([], [replace(held.refusal, reason=Reason.UNSTORABLE.value, detail=detail)])

    def _take_again(self, waiting: Sequence[Quarantined], decoder: Decoder, counts: Counts) -> None:
        said = [_said_again(decoder, held) for held in waiting]
        judged: list[Judged] = []

        def judge(watermarks: Mapping[str, int]) -> Group:
            moved = dict(watermarks)
            judged[:] = [decoder.judge(one, moved) for one in said]
            return Group(
                entries=[entry for one in judged for entry in one.entries],
                refusals=[refusal for one in judged for refusal in one.refusals],
                released=[held.number for held, one in zip(waiting, judged, strict=True) if _is_over(held, one)],
            )

        new = self._log.take(judge)
        counts.add(judged, new)
        log.info("ingest.replayed", messages=len(waiting), taken=new)

    def _prune(self) -> None:
        """Drop a piece of what every reader has read long ago; come back at once if there is more."""
        self._quarantine.expire(self._clock.now_us())
        if self._log.prune(self._clock.now_us() - self._keep_us, _PRUNED_A_STEP) == _PRUNED_A_STEP:
            self._due.pop("prune")

    def is_due(self, what: str, every_s: float) -> bool:
        """Whether something that is to be done every so often is due; asked and due, it is done."""
        # A machine's time, not the service's: in a simulation a day may pass in a second.
        now_s = time.monotonic()
        if now_s < self._due.get(what, 0.0):
            return False
        self._due[what] = now_s + every_s
        return True


def _said_again(decoder: Decoder, held: Quarantined) -> Said:
    refusal = held.refusal
    return replayed(decoder.decode(Arrival(refusal.topic, refusal.payload, refusal.received_us), again=True), refusal)


def _is_over(held: Quarantined, judged: Judged) -> bool:
    """Whether nothing of the message is refused under its own digest any more."""
    return all(refusal.digest != held.refusal.digest for refusal in judged.refusals)


def _last_word(batch: Batch) -> LastWord:
    times = [reading.at_us for reading in batch.readings if not reading.quality & _AHEAD]
    times += [event.at_us for event in batch.events if not event.quality & _AHEAD]
    return LastWord(batch.received_us, max(times, default=0))
