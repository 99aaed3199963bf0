"""Chain: everything from a simulated message to a work order in one process, without a broker, on real files."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import select

from alerts.database import Database
from alerts.scorer import Scorer
from alerts.tables import EPISODE, WORK_ORDER
from device_simulators.message import Message
from ingest.arrival import Arrival
from ingest.decode import Decoder
from ingest.log import Entry
from ingest.quarantine import Refusal
from ingest.registry import Registry
from ingest.registry_file import load_registry
from ingest.settings import IngestSettings
from ingest.sqlite_log import SqliteLog
from models.detectors.catalogue import DETECTORS
from service.wiring import COMMUNITY
from tests.ingest.outcomes import outcome_of

LATENESS_US = 10_000_000
PLATE_KEY = "the key that the tests hash plates with"
_A_GROUP = 500


@dataclass(frozen=True, slots=True)
class Raised:
    """An episode and the work order it led to, without anything that depends on when it was computed."""

    asset: str
    failure_mode: str
    subject: str
    started_us: int
    ended_us: int | None
    level: str


class SetClock:
    """A clock that shows what it is set to."""

    speed = 1.0

    def __init__(self) -> None:
        self.at_us = 0

    def now_us(self) -> int:
        """Microseconds since the epoch."""
        return self.at_us


def community_registry() -> Registry:
    """The registry of the simulated community."""
    return load_registry(COMMUNITY)


def fill_log(messages: Iterable[Message], path: Path, registry: Registry) -> int:
    """Decode and judge messages as ingest does, and append them; how many there were."""
    decoder = Decoder.build(IngestSettings(plate_key=SecretStr(PLATE_KEY)), registry)
    log, watermarks, group, count = SqliteLog(path), dict[str, int](), list[Entry | Refusal](), 0
    for message in messages:
        count += 1
        outcome = outcome_of(
            decoder, Arrival(message.topic, message.payload, message.at_us, message.retain), watermarks
        )
        if isinstance(outcome, Entry | Refusal):
            group.append(outcome)
        if len(group) >= _A_GROUP:
            _append(log, group)
            group.clear()
    _append(log, group)
    log.close()
    return count


def score_log(path: Path, database: Path, registry: Registry) -> list[Raised]:
    """Score everything in a log; the episodes with their work orders, by start."""
    log, clock, rows = SqliteLog(path), SetClock(), Database(database)
    scorer = Scorer(log, registry, rows, DETECTORS, LATENESS_US, clock)
    while scorer.step():
        clock.at_us = max(log.watermarks().values(), default=0)
    found = raised(rows)
    rows.close()
    log.close()
    return found


def raised(database: Database, *, provisional: bool = False) -> list[Raised]:
    """The episodes of a database with the levels of their work orders, by start; only those of early words if asked."""
    chosen = select(EPISODE).join(WORK_ORDER, WORK_ORDER.c.episode == EPISODE.c.id)
    if provisional:
        chosen = chosen.where(EPISODE.c.provisional)
    with database.read() as connection:
        rows = connection.execute(chosen).all()
    found = [Raised(r.asset, r.failure_mode, r.subject, r.started_us, r.ended_us, r.level) for r in rows]
    return sorted(found, key=lambda one: (one.started_us, one.asset, one.failure_mode, one.subject))


def _append(log: SqliteLog, group: list[Entry | Refusal]) -> None:
    log.append([one for one in group if isinstance(one, Entry)], [one for one in group if isinstance(one, Refusal)])
