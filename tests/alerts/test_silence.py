"""Silence: an order where nobody moves time on, and what the ordered path makes of it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from alerts.database import Database
from alerts.listening import Listening
from alerts.scorer import Scorer
from alerts.tables import EPISODE, WORK_ORDER
from ingest.figures import Note, gauge
from ingest.log import Entry
from ingest.readings import Batch
from ingest.registry import AssetClass
from ingest.sqlite_log import SqliteLog
from models.detectors.sensor_fault import SensorFault
from tests.end_to_end.chain import SetClock
from tests.models.worlds import LATENESS_US, T0, asset, device, logged, registry, telemetry

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
WORLD = registry([asset("p", AssetClass.PUMP)], [device("p-m", "p")])
LIFE = [telemetry("p-m", T0 + n * 5 * MINUTE_US, {"speed_rpm": 2_750.0 + n % 7}) for n in range(2 * 288)]
LAST_US = LIFE[-1].received_us
DUE_US = LAST_US + 50 * MINUTE_US


class Service:
    """A scorer over a log to which batches can be added."""

    def __init__(self, folder: Path) -> None:
        self.log, self.database, self.clock = SqliteLog(folder / "log.db"), Database(folder / "main.db"), SetClock()
        self.said: list[Batch] = []
        self.scorer = Scorer(self.log, WORLD, self.database, [SensorFault()], LATENESS_US, self.clock)

    def hear(self, batches: Sequence[Batch]) -> None:
        """Let batches arrive and be scored."""
        before = len(self.said)
        self.said += batches
        records = logged(self.said, WORLD)[before:]
        self.log.append([Entry(r.batch, r.position.to_bytes(16), r.watermark_us) for r in records])
        while self.scorer.step():
            pass

    def episodes(self) -> list[tuple[str, int, int | None, bool]]:
        """Subject, start, end, and whether only the clock has spoken for it so far."""
        with self.database.read() as connection:
            rows = connection.execute(select(EPISODE).order_by(EPISODE.c.started_us)).all()
        return [(r.subject, r.started_us, r.ended_us, r.provisional) for r in rows]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path)
    made.hear(LIFE)
    yield made
    made.log.close()
    made.database.close()


def later(from_us: int, count: int, received_us: int | None = None) -> list[Batch]:
    """Reports every five minutes from a moment on, as they are published or all at once."""
    times = [from_us + n * 5 * MINUTE_US for n in range(count)]
    said = [telemetry("p-m", at_us, {"speed_rpm": 2_750.0 + n % 5}) for n, at_us in enumerate(times)]
    if received_us is None:
        return said
    return [Batch(b.site, b.device, received_us, b.readings) for b in said]


def test_the_clock_raises_what_no_message_does(service: Service) -> None:
    """The only device of a site stops: no watermark moves, and after fifty minutes there is one order of level III."""
    soon = service.scorer.hear_silence(DUE_US, {"p-m": LAST_US})
    first = service.scorer.hear_silence(DUE_US + MINUTE_US, {"p-m": LAST_US})
    again = service.scorer.hear_silence(DUE_US + HOUR_US, {"p-m": LAST_US})
    with service.database.read() as connection:
        orders = connection.execute(select(WORK_ORDER.c.failure_mode, WORK_ORDER.c.level, WORK_ORDER.c.title_en)).all()

    assert (soon, first, again) == (0, 1, 0)
    assert service.episodes() == [("p-m", DUE_US, None, True)]
    assert [tuple(order) for order in orders] == [("sensor.fault", "III", "p: monitoring device is silent (p-m)")]


def test_who_comes_back_confirms_it_and_ends_it(service: Service) -> None:
    """Seven hours later it speaks again and goes on: the same episode, confirmed with the same start, and its end."""
    service.scorer.hear_silence(DUE_US + MINUTE_US, {"p-m": LAST_US})
    service.hear(later(LAST_US + 7 * HOUR_US, 100))

    assert service.episodes() == [("p-m", DUE_US, LAST_US + 7 * HOUR_US, False)]


def test_a_gateway_that_delivers_what_it_kept_takes_it_back(service: Service) -> None:
    """Nothing was silent but the network: the order stays, and says that it was not confirmed."""
    service.scorer.hear_silence(DUE_US + MINUTE_US, {"p-m": LAST_US})
    service.hear(later(LAST_US + 5 * MINUTE_US, 40, received_us=LAST_US + 4 * HOUR_US))
    service.hear(later(LAST_US + 5 * MINUTE_US + 200 * MINUTE_US, 20))
    (subject, started_us, ended_us, provisional), *more = service.episodes()

    assert (subject, started_us, provisional, more) == ("p-m", DUE_US, True, [])
    assert ended_us is not None


def test_a_restart_between_tells_it_once(service: Service) -> None:
    """What was announced is remembered by the scorer that takes over."""
    service.scorer.hear_silence(DUE_US + MINUTE_US, {"p-m": LAST_US})
    new = Scorer(service.log, WORLD, service.database, [SensorFault()], LATENESS_US, service.clock)

    assert new.hear_silence(DUE_US + HOUR_US, {"p-m": LAST_US}) == 0
    assert len(service.episodes()) == 1


class Notes:
    """A log of which only the notes are asked for."""

    def __init__(self) -> None:
        self.connected, self.at_us = True, 0

    def notes(self) -> dict[str, Note]:
        """What ingest noted last."""
        return {"ingest": Note(self.at_us, (gauge("precomplaint_ingest_connected", "", float(self.connected)),))}


def test_nobody_is_called_silent_while_it_is_ingest_that_does_not_listen() -> None:
    """Silence counts after half a minute of notes from a connected ingest, and anew after each break."""
    notes, clock, real_s = Notes(), SetClock(), 0.0
    listening = Listening(notes, clock, lambda: real_s)  # type: ignore[arg-type]  # the part of a log that is asked
    answers: list[int | None] = []
    for step in range(30):
        real_s = step * 6.0
        notes.at_us = 1_000_000 * step if step not in {12, 13} else notes.at_us  # it hangs
        notes.connected = step != 20
        answers.append(listening.until_us())
    sure = {step for step, answer in enumerate(answers) if answer is not None}

    assert sure == {*range(6, 12), 19, *range(26, 30)}
    assert answers[11] == 11_000_000
