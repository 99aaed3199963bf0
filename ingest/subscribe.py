"""Subscribe: from the broker to the log and back: stored, then acknowledged."""

import threading
from collections.abc import Callable, Mapping, Sequence

import structlog

from ingest.clock import Clock
from ingest.counts import Counts
from ingest.decode import Decoder
from ingest.errors import BrokerRefusedError, IngestError, LogUnavailableError
from ingest.formats.wire_format import Publication
from ingest.judgement import Judged, Said, refused
from ingest.log import Group, Log
from ingest.mqtt_link import MqttLink
from ingest.peers import Peers
from ingest.quarantine import Quarantine, Reason, Rejection
from ingest.registry import RegistryReader
from ingest.sessions import Sessions
from ingest.settings import IngestSettings
from ingest.upkeep import Upkeep

log = structlog.get_logger()

_IDLE_S = 0.2  # how soon a stop is noticed while nothing arrives
_QUIET_LOOKS = 5  # a second in which nothing comes: a broker that has more sends it at once
_FIRST_PAUSE_S = 0.05
_LONGEST_LOG_PAUSE_S = 1.0  # well below any keep-alive: the connection is looked after between two tries
_LONGEST_BROKER_PAUSE_S = 10.0
_REGISTRY_EVERY_S = 1.0
_PEERS_EVERY_S = 1.0


class Subscriber:
    """Takes messages in, one group after the other, in one thread.

    A group is what arrived while the last one was stored: a slow disk makes groups large and commits few, a fast one
    keeps the delay short. The broker is asked to have no more than `receive_maximum` messages unacknowledged; where it
    sends more (mosquitto 2.0.11 does), or at QoS 0, what is beyond twice as many is left in the network.

    Args:
        settings: Where the broker is and how to judge.
        log: Where messages become durable. Processes of one shared subscription append to the same one.
        registry: Whose messages are taken, and what they speak; a change is taken up within a second.
        clock: The service's time, for when a message arrived.
        quarantine: Where refused messages wait to be replayed.
    """

    def __init__(
        self, settings: IngestSettings, log: Log, registry: RegistryReader, clock: Clock, quarantine: Quarantine
    ) -> None:
        self._settings = settings
        self._log = log
        self._reader = registry
        self._clock = clock
        self._where = f"{settings.host}:{settings.port}"
        self._hand: list[Said] = []
        # Half of what may be in hand: while one half is stored, the broker sends the other.
        self._group = max(1, settings.receive_maximum // 2)
        self._most_in_hand = 2 * settings.receive_maximum
        self._log_pause_s = 0.0
        self._broker_pause_s = 0.0
        self._broker_problem = ""
        self._denied: dict[str, str] = {}
        self._counts = Counts()
        self._sessions = Sessions(log)
        self._peers = Peers(log, settings.group, settings.client_id)
        self._upkeep = Upkeep(settings, log, quarantine, clock)

    def counts(self) -> Counts:
        """What was done since the start; may be called from another thread."""
        return self._counts.copy()

    def run(self, stop: threading.Event, on_ready: Callable[[], object] | None = None) -> None:
        """Take messages in until `stop` is set; what is in hand then is stored, or left to the broker.

        Args:
            stop: Set from outside.
            on_ready: Called once, when the broker has granted the subscriptions.

        Raises:
            BrokerRefusedError: The broker could not be reached at the start. Later it is tried again and again.
            LogUnavailableError: The log could not be read at the start. Later it is tried again and again.
        """
        self._registry = self._reader.current()
        self._decoder = Decoder.build(self._settings, self._registry, self._log.kept(), self._clock)
        with self._sessions.changing(self._settings.client_id, self._filters()) as had:
            self._link = MqttLink(self._settings, had, self._clock, self._will())
            self._link.resubscribe(self._filters())
            self._link.open()
        self._greet()
        if on_ready is not None:
            on_ready()
        try:
            if self._settings.group and self._settings.takes_sessions:
                self._inherit(stop)
            while not stop.is_set():
                if not self._link.connected:
                    self._reconnect(stop)
                self._take()
                if self._hand and not self._store():
                    stop.wait(self._log_pause_s)
                self._look_after()
                if self._settings.share and not self._hand and self._upkeep.is_due("peers", _PEERS_EVERY_S):
                    self._stand_in(stop)
            if self._hand:
                self._store()
        finally:
            self._link.will = self._will()
            self._link.close()
            log.info("ingest.disconnected", broker=self._where, because="stopped")
            self._upkeep.finish(self._counts)

    def _look_after(self) -> None:
        """Do what is due between two groups."""
        self._counts.connected = self._link.connected
        self._upkeep.turn(self._decoder, self._counts, self._take_up_registry)
        if self._upkeep.is_due("registry", _REGISTRY_EVERY_S):
            self._take_up_registry()

    def _take_up_registry(self) -> bool:
        """Go on with the registry of now; whether that was possible."""
        try:
            registry = self._reader.current()
            if registry is self._registry:
                return True
            self._decoder.take_up(registry, self._log.kept())
            with self._sessions.changing(self._settings.client_id, self._filters()):
                self._link.resubscribe(self._filters())
        except IngestError as error:
            log.warning("ingest.registry_waits", because=str(error))
            return False
        self._registry = registry
        self._note_denied()
        log.info("ingest.registry_taken_up", sources=len(registry.sources), devices=len(registry.devices))
        return True

    def _inherit(self, stop: threading.Event) -> None:
        """Take what the broker still holds for processes that are no more, and give their sessions up."""
        for name in set(self._sessions.all()) - {self._settings.client_id, *self._settings.group}:
            self._visit(name, stop, for_good=True)

    def _stand_in(self, stop: threading.Event) -> None:
        """Take what waits for processes of the group that are not at work, so that it is not late when they are."""
        try:
            absent = self._peers.absent()
            for name in absent:
                # What devices of a session said is understood only by who has heard their births.
                if name != self._settings.group[0] or not self._decoder.sessions():
                    self._visit(name, stop, for_good=False)
        except LogUnavailableError as error:
            log.warning("ingest.peers_unknown", because=error.problem)

    def _visit(self, name: str, stop: threading.Event, *, for_good: bool) -> None:
        """Take what waits for another client name; then give its session up, or leave it as it was."""
        filters = self._sessions.all().get(name)
        if filters is None:
            return
        settings = self._settings.model_copy(update={"client_id": name})
        own, self._link = self._link, MqttLink(settings, filters, self._clock)
        try:
            if for_good:
                self._link.resubscribe(())
            self._link.open()
            empty = self._empty(stop, _QUIET_LOOKS if for_good else 1)
            if for_good and empty and self._link.give_up():
                self._sessions.forget(name)
                log.info("ingest.session_given_up", client=name)
        except IngestError as error:
            log.warning("ingest.session_left", client=name, because=str(error))
        finally:
            self._link.close()
            self._link, self._hand = own, []  # what could not be stored is still with the broker, in its session

    def _empty(self, stop: threading.Event, looks: int) -> bool:
        """Store what comes until nothing came for so many looks; False if that cannot be said."""
        quiet = 0
        while quiet < looks and not stop.is_set() and self._link.connected:
            self._take()
            quiet = 0 if self._hand else quiet + 1
            if self._hand and not self._store():
                stop.wait(self._log_pause_s)
        return quiet == looks

    def _filters(self) -> tuple[str, ...]:
        return self._decoder.filters(self._settings.share, takes_sessions=self._settings.takes_sessions)

    def _will(self) -> Publication | None:
        """What others shall hear when we are gone, as of now: a Sparkplug host's says when it was written."""
        now_us = self._clock.now_us()
        return next(filter(None, [session.farewell(now_us) for session in self._decoder.sessions()]), None)

    def _greet(self) -> None:
        """Tell the devices that keep a session that we are here."""
        log.info("ingest.connected", broker=self._where, protocol=self._link.protocol)
        self._note_denied()
        now_us = self._clock.now_us()
        self._link.publish([one for session in self._decoder.sessions() for one in session.greeting(now_us)])

    def _note_denied(self) -> None:
        for topic_filter, answer in self._link.denied.items():
            if topic_filter not in self._denied:
                log.error("ingest.filter_denied", filter=topic_filter, because=answer)
        self._denied = dict(self._link.denied)

    def _take(self) -> None:
        """Add what has arrived to what is in hand."""
        # More than a group is in hand only while the log is away; then there must be room for the keep-alive's answers.
        room = min(self._group, self._most_in_hand - len(self._hand))
        self._hand += map(self._decoder.decode, self._link.receive(0.0 if self._hand else _IDLE_S, room))

    def _store(self) -> bool:
        """Make what is in hand durable, then acknowledge it; False if the log takes nothing now."""
        try:
            self._append(self._hand)
        except LogUnavailableError as error:
            self._back_off(error)
            return False
        if self._log_pause_s:
            self._log_pause_s = 0.0
            log.info("ingest.log_available", in_hand=len(self._hand))
        self._link.acknowledge([said.arrival for said in self._hand])
        self._link.publish([ask for said in self._hand for ask in said.asks])
        self._upkeep.wake(said.wakes for said in self._hand)
        self._hand = []
        return True

    def _append(self, group: Sequence[Said]) -> None:
        """Write a group in one commit and count it; a message that cannot be written is refused alone."""
        try:
            self._write(group)
        except LogUnavailableError:
            raise
        except Exception:  # the one message that the log cannot write must not stop the others
            log.exception("ingest.group_unstorable", messages=len(group))
            for said in group:
                self._append_alone(said)

    def _append_alone(self, said: Said) -> None:
        try:
            self._write([said])
        except LogUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 -- logged with its trace for the group, and kept in quarantine
            detail = f"the log cannot write what this decoded to: {type(error).__name__}"
            refusal = refused(said, Rejection(Reason.UNSTORABLE, detail))
            self._log.append([], [refusal])
            self._counts.add([Judged(refusals=(refusal,))], 0)

    def _write(self, group: Sequence[Said]) -> None:
        judged: list[Judged] = []

        def judge(watermarks: Mapping[str, int]) -> Group:
            moved = dict(watermarks)
            judged[:] = [self._decoder.judge(said, moved) for said in group]
            return Group(
                entries=[entry for one in judged for entry in one.entries],
                refusals=[refusal for one in judged for refusal in one.refusals],
                keeps={key: value for said in group if said.keeps for key, value in said.keeps.items()},
            )

        new = self._log.take(judge)
        self._counts.add(judged, new)
        for one in judged:
            self._upkeep.hear(one.entries)

    def _back_off(self, error: LogUnavailableError) -> None:
        if not self._log_pause_s:
            log.error("ingest.log_unavailable", problem=error.problem, in_hand=len(self._hand))
        self._log_pause_s = min(max(self._log_pause_s * 2, _FIRST_PAUSE_S), _LONGEST_LOG_PAUSE_S)

    def _reconnect(self, stop: threading.Event) -> None:
        """Try once to connect again, or wait before the next try."""
        if not self._broker_pause_s:
            log.warning("ingest.disconnected", broker=self._where, because=self._link.lost_because)
            # The broker sends these again, under new numbers; what it does not keep (QoS 0) stays with us.
            self._hand = [said for said in self._hand if not said.arrival.qos]
        try:
            self._link.will = self._will()
            self._link.open()
        except BrokerRefusedError as error:
            if error.reason != self._broker_problem:
                log.warning("ingest.broker_unavailable", broker=self._where, because=error.reason)
            self._broker_problem = error.reason
            self._broker_pause_s = min(max(self._broker_pause_s * 2, _FIRST_PAUSE_S), _LONGEST_BROKER_PAUSE_S)
            stop.wait(self._broker_pause_s)
            return
        self._broker_pause_s, self._broker_problem = 0.0, ""
        self._greet()
        if not self._link.session_kept:
            log.warning("ingest.session_lost", broker=self._where)
