"""Upkeep: a running subscriber takes up a changed registry, replays quarantine, and says what it did."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.log import Entry, LastWord
from ingest.quarantine import Query, Reason, Refusal
from ingest.readings import Batch
from ingest.registry import Device, Registry
from ingest.sources import NameMapping, Source
from tests.contracts.log import digest
from tests.ingest.community import NOW_US, SITE, community
from tests.ingest.fakes import TroubledLog
from tests.ingest.test_subscribe import publish, running, telemetry
from tests.servers import Mosquitto, wait_until

pytestmark = pytest.mark.needs("mosquitto")

GATEWAY = Source("dtu", "thingsboard", filters=("v1/gateway/telemetry",), site=SITE)
NEWCOMER = json.dumps({"Pump 9": [{"ts": NOW_US // 1000, "values": {"current_a": 3.0, "T": 41.5}}]}).encode()


class EditedRegistry:
    """A registry that a test edits while a subscriber reads it."""

    def __init__(self) -> None:
        self.now = with_source(community(), GATEWAY)

    def current(self) -> Registry:
        """See `RegistryReader.current`."""
        return self.now


def with_source(registry: Registry, source: Source) -> Registry:
    return replace(registry, sources={**registry.sources, source.id: source})


def with_device(registry: Registry, device: Device) -> Registry:
    return replace(registry, devices={**registry.devices, device.id: device})


@pytest.fixture
def log(tmp_path: Path) -> Iterator[TroubledLog]:
    with closing(TroubledLog(tmp_path / "log.db")) as troubled:
        yield troubled


def readings(log: TroubledLog) -> list[tuple[str, str, float]]:
    """Device, metric and value of everything stored, in order."""
    return [(r.device, r.metric, r.value) for record in log.read(0, 100) for r in record.batch.readings]


def test_a_stranger_is_approved_and_what_it_sent_is_kept(mosquitto: Mosquitto, log: TroubledLog) -> None:
    """It waits and raises nothing; approved and replayed, its message is stored; mapped, so is the rest of it."""
    registry, quarantine = EditedRegistry(), log.quarantine
    with running(mosquitto.port, log, registry):
        publish(mosquitto.port, [("v1/gateway/telemetry", NEWCOMER)])
        wait_until(quarantine.waiting)
        (waiting,), before = quarantine.waiting(), log.head()

        registry.now = with_device(registry.now, Device("pump-9", SITE, ("pump-1",), source="dtu", address="Pump 9"))
        quarantine.request_replay(Query(device="Pump 9"))
        wait_until(lambda: log.head() == 1, what="the approved device's reading")
        wait_until(lambda: quarantine.held() == {Reason.UNMAPPED_NAME: 1})
        approved = readings(log)

        names = (NameMapping("T", "bearing_temperature_c"),)
        registry.now = with_source(registry.now, replace(GATEWAY, names=names))
        wait_until(lambda: _mapped(log), what="the mapped name's reading")
        wait_until(lambda: not quarantine.held())

    assert (waiting.source, waiting.address, waiting.site, before) == ("dtu", "Pump 9", SITE, 0)
    assert approved == [("pump-9", "current_a", 3.0)]
    assert ("pump-9", "bearing_temperature_c", 41.5) in readings(log)


def _mapped(log: TroubledLog) -> bool:
    log.quarantine.request_replay(Query(reason=Reason.UNMAPPED_NAME))
    return log.head() == 2


def test_a_new_source_is_listened_to_at_once(mosquitto: Mosquitto, log: TroubledLog) -> None:
    """Nobody restarts ingest for a new gateway, and the old devices go on meanwhile."""
    registry = EditedRegistry()
    registry.now = with_device(community(), Device("pump-9", SITE, ("pump-1",), address="Pump 9"))
    payload = json.dumps({"Pump 9": [{"ts": NOW_US // 1000, "values": {"current_a": 3.0}}]}).encode()

    def arrives() -> bool:
        publish(mosquitto.port, [("v1/gateway/telemetry", payload)])
        return ("pump-9", "current_a", 3.0) in readings(log)

    with running(mosquitto.port, log, registry):
        publish(mosquitto.port, [telemetry(1), ("v1/gateway/telemetry", payload)])
        wait_until(lambda: log.head() == 1)
        before = readings(log)
        registry.now = with_source(registry.now, GATEWAY)
        wait_until(arrives)

    assert len(before) == 1
    assert len(readings(log)) == 2


def test_who_was_heard_and_what_was_done_is_noted(mosquitto: Mosquitto, log: TroubledLog) -> None:
    """Each device's last word, and the process's figures, stand in the log for other processes to read."""
    with running(mosquitto.port, log):
        publish(mosquitto.port, [telemetry(1), telemetry(2)])
        wait_until(lambda: log.head() == 2)
    (device,) = log.last_words()
    figures = {f.name: f.value for family in log.notes()["precomplaint-ingest"].families for f in family.figures}

    assert isinstance(log.last_words()[device], LastWord)
    assert figures["precomplaint_ingest_messages_total"] == 2.0
    assert figures["precomplaint_ingest_connected"] == 0.0


def test_a_replay_that_cannot_be_stored_stops_nothing(mosquitto: Mosquitto, log: TroubledLog) -> None:
    """A message the log cannot write goes back to quarantine, those beside it are taken, and ingest goes on."""
    registry, quarantine = EditedRegistry(), log.quarantine
    log.poison = "pump-1"
    with running(mosquitto.port, log, registry):
        publish(mosquitto.port, [telemetry(1, "pump-1"), ("v1/gateway/telemetry", NEWCOMER)])
        wait_until(lambda: len(quarantine.held()) == 2)
        registry.now = with_device(registry.now, Device("pump-9", SITE, ("pump-1",), source="dtu", address="Pump 9"))
        quarantine.request_replay(Query())
        wait_until(lambda: log.head() == 1, what="the good one's reading")
        wait_until(lambda: not quarantine.requested(9))
        back = quarantine.held()

        log.poison = ""
        quarantine.request_replay(Query(reason=Reason.UNSTORABLE))
        wait_until(lambda: log.head() == 2, what="the other one's, once the log can write it")

    assert back == {Reason.UNSTORABLE: 1, Reason.UNMAPPED_NAME: 1}


def test_old_refusals_and_old_batches_go(mosquitto: Mosquitto, log: TroubledLog) -> None:
    """Ingest forgets by itself what the quarantine and the log need not keep."""
    month_us = 31 * 86_400_000_000
    old, young = (Refusal("t", b"{", "not_json", "s", us, digest(us)) for us in (NOW_US - month_us, NOW_US))
    aged = [Entry(Batch(SITE, "d", us), digest(f"batch {us}"), us) for us in (NOW_US - month_us, NOW_US)]
    for batch in aged:
        log.append([batch], [old, young])
    log.hold("score", 2)
    with running(mosquitto.port, log, EditedRegistry()):
        wait_until(lambda: [one.position for one in log.read(0, 9)] == [2], what="the old batch to go")
        wait_until(lambda: len(log.quarantine.find(Query())) == 1)
    (left,) = log.quarantine.find(Query())

    assert left.refusal == young


def test_a_stranger_that_is_imported_needs_no_approval(mosquitto: Mosquitto, log: TroubledLog) -> None:
    """Once the registry has a device that waits, what it had sent is taken in and the list is empty; nobody asked."""
    registry, quarantine = EditedRegistry(), log.quarantine
    with running(mosquitto.port, log, registry):
        publish(mosquitto.port, [("v1/gateway/telemetry", NEWCOMER)])
        wait_until(quarantine.waiting)
        registry.now = with_device(registry.now, Device("pump-9", SITE, ("pump-1",), source="dtu", address="Pump 9"))
        wait_until(lambda: log.head() == 1, what="the imported device's reading")

    assert readings(log) == [("pump-9", "current_a", 3.0)]
    assert quarantine.waiting() == []
