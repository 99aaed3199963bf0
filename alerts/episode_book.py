"""Episode book: writes what the tracker decided, so that every trouble has one work order with its evidence."""

from collections.abc import Mapping
from typing import Any

import structlog
from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or_ignore

from alerts import evidence
from alerts.episodes import Beside, Change, Confirmed, Ended, Key, Raised, Risen
from alerts.images import add_still
from alerts.levels import Level
from alerts.moments import DAY_US
from alerts.photos import Picture
from alerts.policy.modes import mode_of
from alerts.tables import EPISODE, STILL_POSITION, WORK_ORDER
from alerts.thresholds import SavedThresholds, ThresholdUsed
from alerts.words.sentences import title
from alerts.work_orders import NewOrder, Prospect, WorkOrders
from ingest.log import Log, Record
from ingest.readings import Still
from ingest.registry import Registry, Text
from models.findings import Finding
from models.thresholds import UnknownThresholdError

_STILLS_KEPT_US = DAY_US
"""How long a still may wait for the finding that names it; no dwell rule is longer (chosen by)."""

log = structlog.get_logger()


class EpisodeBook:
    """Applies changes of episodes to the tables, inside the caller's transaction.

    Applying a change again finds the episode by its key and adds nothing: the key is unique in the database.
    """

    def __init__(self, registry: Registry, orders: WorkOrders, thresholds: SavedThresholds, log_: Log) -> None:
        self._registry = registry
        self._orders = orders
        self._thresholds = thresholds
        self._log = log_

    def note_stills(self, connection: Connection, records: list[Record]) -> None:
        """Remember where in the log the stills of these records are, and forget those nobody asked for in a day."""
        rows = [
            {"sha256": still.sha256, "position": record.position, "at_us": still.at_us}
            for record in records
            for still in record.batch.stills
        ]
        if rows:
            connection.execute(insert_or_ignore(STILL_POSITION).on_conflict_do_nothing(), rows)
            oldest_us = max(still.at_us for record in records for still in record.batch.stills) - _STILLS_KEPT_US
            connection.execute(delete(STILL_POSITION).where(STILL_POSITION.c.at_us < oldest_us))

    def apply(self, connection: Connection, change: Change) -> None:
        """Write one change."""
        match change:
            case Raised():
                self._raise(connection, change)
            case Confirmed():
                self._confirm(connection, change)
            case Risen():
                self._rise(connection, change)
            case Ended():
                self._end(connection, change)

    def _raise(self, connection: Connection, change: Raised) -> None:
        key, finding = change.key, change.finding
        before = None if change.before is None else _episode(connection, *change.before)
        goes_on = before is not None and self._orders.is_under_way(connection, before.work_order)
        episode = connection.execute(
            insert_or_ignore(EPISODE)
            .values(
                asset=key.asset,
                failure_mode=key.failure_mode,
                subject=key.subject,
                started_us=change.started_us,
                provisional=change.provisional,
                level=change.level,
                goes_on_with=before.owner if before is not None and goes_on else None,
            )
            .on_conflict_do_nothing()
            .returning(EPISODE.c.id)
        ).scalar_one_or_none()
        if episode is None:
            self._take_up_again(connection, change)
            return
        asset = self._registry.assets[key.asset]
        new = NewOrder(asset, key.failure_mode, change.level, self._title(finding), key.subject, episode)
        if before is not None and goes_on:
            order: int = before.work_order
            self._orders.go_on(connection, order, new)
        else:
            order = self._orders.raise_order(connection, new)
        self._freeze(connection, order, finding)
        self._relate(connection, order, change.beside)
        if before is not None and not goes_on:
            self._orders.relate(connection, order, before.work_order)
        log.info("episode.raised", asset=key.asset, failure_mode=key.failure_mode, level=change.level, work_order=order)

    def _take_up_again(self, connection: Connection, change: Raised) -> None:
        """Go on with the order of an episode of the same start: announced, not confirmed, and now found after all."""
        row = _episode(connection, change.key, change.started_us)
        connection.execute(
            update(EPISODE)
            .where(EPISODE.c.id == row.id)
            .values(ended_us=None, provisional=change.provisional, level=change.level)
        )
        self._orders.raise_level(connection, row.work_order, change.level, self._title(change.finding))
        self._freeze(connection, row.work_order, change.finding)
        self._relate(connection, row.work_order, change.beside)

    def _confirm(self, connection: Connection, change: Confirmed) -> None:
        row = _episode(connection, change.key, change.announced_us)
        connection.execute(
            update(EPISODE)
            .where(EPISODE.c.id == row.id)
            .values(started_us=change.started_us, provisional=False, level=change.level)
        )
        self._orders.raise_level(connection, row.work_order, change.level, self._title(change.finding))
        self._freeze(connection, row.work_order, change.finding)
        self._relate(connection, row.work_order, change.beside)

    def _rise(self, connection: Connection, change: Risen) -> None:
        row = _episode(connection, change.key, change.started_us)
        connection.execute(update(EPISODE).where(EPISODE.c.id == row.id).values(level=change.level))
        if change.level is Level.I and self._orders.is_cancelled(connection, row.work_order):
            self._raise_anew(connection, change, row)
            return
        self._orders.raise_level(connection, row.work_order, change.level, self._title(change.finding))
        self._freeze(connection, row.work_order, change.finding)

    def _raise_anew(self, connection: Connection, change: Risen, row: Row[Any, Any, Any]) -> None:
        """Raise another order for an episode that became an emergency after a person had cancelled its order."""
        key, finding = change.key, change.finding
        values = {"asset": key.asset, "failure_mode": key.failure_mode, "subject": key.subject}
        episode = connection.execute(
            insert(EPISODE)
            .values(**values, started_us=finding.at_us, provisional=False, level=change.level)
            .returning(EPISODE.c.id)
        ).scalar_one()
        asset = self._registry.assets[key.asset]
        new = NewOrder(asset, key.failure_mode, change.level, self._title(finding), key.subject, episode)
        order = self._orders.raise_order(connection, new)
        connection.execute(
            update(EPISODE).where(EPISODE.c.id == row.id).values(goes_on_with=episode, ended_us=finding.at_us)
        )
        self._freeze(connection, order, finding)
        self._orders.relate(connection, order, row.work_order)
        log.info("episode.raised_anew", asset=key.asset, failure_mode=key.failure_mode, work_order=order)

    def _end(self, connection: Connection, change: Ended) -> None:
        row = _episode(connection, change.key, change.started_us)
        # The episode of a leak that this one goes on with ends by itself; one that was raised anew for it does not.
        both = EPISODE.c.id.in_((row.id, row.owner)) & (EPISODE.c.failure_mode == change.key.failure_mode)
        connection.execute(update(EPISODE).where(both).values(ended_us=change.ended_us))
        self._orders.end_event(connection, row.work_order, change.ended_us, confirmed=change.confirmed)
        log.info(
            "episode.ended", asset=change.key.asset, failure_mode=change.key.failure_mode, work_order=row.work_order
        )

    def _relate(self, connection: Connection, order: int, beside: Beside) -> None:
        for key, started_us in beside:
            self._orders.relate(connection, order, _episode(connection, key, started_us).work_order)

    def _title(self, finding: Finding) -> Text:
        return title(finding.failure_mode, self._registry.assets[finding.asset].place, finding)

    def _freeze(self, connection: Connection, order: int, finding: Finding) -> None:
        frozen = evidence.freeze(finding, self._registry.assets[finding.asset], self._used(finding))
        newest = evidence.newest(connection, order)
        if newest is None or newest.sha256 != frozen.sha256:
            prospect = Prospect(finding.probability, finding.time_to_failure)
            self._orders.add_evidence(connection, order, frozen, prospect)
        for sha256 in finding.evidence.stills if finding.evidence else ():
            self._copy_still(connection, order, sha256)

    def _used(self, finding: Finding) -> Mapping[str, ThresholdUsed]:
        asset = self._registry.assets[finding.asset]
        used: dict[str, ThresholdUsed] = {}
        for name in (*(finding.thresholds or {}), *(t.name for t in mode_of(finding.failure_mode).tunables())):
            try:
                used[name] = self._thresholds.used(name, asset, finding.at_us)
            except UnknownThresholdError:
                # A number the detector worked with that nobody may turn; the finding itself holds its value.
                continue
        return used

    def _copy_still(self, connection: Connection, order: int, sha256: str) -> None:
        still = self._still(connection, sha256)
        if still is None:
            log.warning("episode.still_missing", work_order=order, sha256=sha256)
            return
        add_still(connection, order, Picture(still.jpeg, "image/jpeg", sha256), still.at_us)

    def _still(self, connection: Connection, sha256: str) -> Still | None:
        position = connection.execute(
            select(STILL_POSITION.c.position).where(STILL_POSITION.c.sha256 == sha256)
        ).scalar_one_or_none()
        if position is None:
            return None
        stills = (still for record in self._log.read(position - 1, 1) for still in record.batch.stills)
        return next((still for still in stills if still.sha256 == sha256), None)


def _episode(connection: Connection, key: Key, started_us: int) -> Row[Any, Any, Any]:
    """An episode with its order, and the episode that raised that order: itself, or the one it goes on with."""
    owner = func.coalesce(EPISODE.c.goes_on_with, EPISODE.c.id)
    return connection.execute(
        select(EPISODE.c.id, owner.label("owner"), WORK_ORDER.c.id.label("work_order"))
        .join(WORK_ORDER, WORK_ORDER.c.episode == owner)
        .where(
            EPISODE.c.asset == key.asset,
            EPISODE.c.failure_mode == key.failure_mode,
            EPISODE.c.subject == key.subject,
            EPISODE.c.started_us == started_us,
        )
    ).one()
