"""Work orders: how they are raised and what may happen to them; every change has who, when and note."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from alerts import evidence, outbox, points
from alerts.deadlines import (
    Deadline,
    DeadlineName,
    deadlines_at_release,
    deadlines_of,
    met_by_move,
    met_by_person,
    tightened,
)
from alerts.errors import MoveRefusedError, StaleVersionError, UnknownWorkOrderError
from alerts.evidence import Frozen
from alerts.images import keep_image
from alerts.levels import Level
from alerts.life import FINAL, Outcome, State, is_under_way, moves, reached, refusal
from alerts.moments import at
from alerts.photos import PhotoKind, Picture
from alerts.places import zone_of
from alerts.tables import DEADLINE, HISTORY, PHOTO, WORK_ORDER
from alerts.words.names import mode_name
from ingest.clock import Clock
from ingest.history import Point
from ingest.registry import Asset, RegistryReader, Text
from models.findings import TimeToFailure

SERVICE = "precomplaint"
"""Who the history names when it was no person."""
_COMPARED = "同类比对"
"""How the note begins that an order gets once when its asset's day was unusual for its class."""


class Action(StrEnum):
    """What can happen to a work order."""

    RAISED = "raised"
    MOVED = "moved"
    NOTED = "noted"
    PHOTO = "photo"
    OUTCOME = "outcome"
    LEVEL_RAISED = "level_raised"
    EVENT_ENDED = "event_ended"
    EVIDENCE_ADDED = "evidence_added"


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What a work order starts with; `episode` is None when a person raised it."""

    asset: Asset
    failure_mode: str
    level: Level
    title: Text
    subject: str = ""
    episode: int | None = None


@dataclass(frozen=True, slots=True)
class Prospect:
    """How likely and how soon a failure is, as the newest finding said."""

    probability: float | None
    time_to_failure: TimeToFailure | None


@dataclass(frozen=True, slots=True)
class Step:
    """A move somebody wants: where to, who, why, and the version they saw (None: does not matter)."""

    to: State
    who: str
    note: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    action: Action
    who: str
    from_state: str | None = None
    to_state: str | None = None
    note: str | None = None


class WorkOrders:
    """Every change of a work order; each method works inside the caller's transaction.

    A change writes, together: the order with its next version, a line of its history, an outbox message, and a point
    for the charts. Methods that take an order's id raise UnknownWorkOrderError when there is none.
    """

    def __init__(self, registry: RegistryReader, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    def raise_order(self, connection: Connection, new: NewOrder, who: str = SERVICE, note: str | None = None) -> int:
        """A new work order; returns its id."""
        now_us = self._clock.now_us()
        zone = zone_of(self._registry.current(), new.asset.site)
        order: int = connection.execute(
            insert(WORK_ORDER)
            .values(
                number=_number(connection, f"{at(now_us).astimezone(zone):%Y%m%d}"),
                episode=new.episode,
                site=new.asset.site,
                asset=new.asset.id,
                asset_class=new.asset.asset_class,
                failure_mode=new.failure_mode,
                subject=new.subject,
                title_zh=new.title.zh,
                title_en=new.title.en,
                level=new.level,
                state=State.NEW,
                raised_us=now_us,
                version=0,
            )
            .returning(WORK_ORDER.c.id)
        ).scalar_one()
        _save_deadlines(connection, order, deadlines_of(new.level, new.failure_mode, now_us, zone))
        self._record(connection, order, _Entry(Action.RAISED, who, to_state=State.NEW, note=note))
        return order

    def move(self, connection: Connection, order: int, step: Step) -> None:
        """Take the order to another state.

        Raises:
            StaleVersionError: It changed since `step.version`.
            MoveRefusedError: It may not go there from where it is, or something is missing for it.
        """
        row = _row(connection, order)
        state, outcome = State(row.state), Outcome(row.outcome) if row.outcome else None
        allowed = moves(state, outcome)
        if step.version is not None and step.version != row.version:
            raise StaleVersionError(step.version, row.version, allowed)
        reason = refusal(state, step.to, outcome, step.note)
        if reason is not None:
            raise MoveRefusedError(state, step.to, reason, allowed)
        values: dict[str, Any] = {"state": step.to}
        if step.to is State.REOPENED:
            values["outcome"] = None  # the second handling says anew what was found; the first answer is in the history
        connection.execute(update(WORK_ORDER).where(WORK_ORDER.c.id == order).values(values))
        self._meet_deadlines(connection, row, step)
        self._record(connection, order, _Entry(Action.MOVED, step.who, state, step.to, step.note))

    def note(self, connection: Connection, order: int, who: str, text: str) -> None:
        """Add a person's note; nothing ever changes or removes it."""
        row = _row(connection, order)
        if reached(State(row.state), State.ACCEPTED):
            self._met(connection, order, DeadlineName.PLAN)
        self._record(connection, order, _Entry(Action.NOTED, who, note=text))

    def relate(self, connection: Connection, order: int, other: int) -> None:
        """Let the histories of two orders name each other; saying it again adds nothing. Neither is closed by it."""
        for one, that in ((order, other), (other, order)):
            row = _row(connection, that)
            mode = mode_name(row.failure_mode)
            note = (
                f"同一设备另有工单 {row.number}（{mode.zh}），可一并处理 / "
                f"order {row.number} ({mode.en}) is about the same asset: see to both together"
            )
            said = select(HISTORY.c.id).where(HISTORY.c.work_order == one, HISTORY.c.note == note)
            if connection.execute(said).first() is None:
                self._record(connection, one, _Entry(Action.NOTED, SERVICE, note=note))

    def corroborate(self, connection: Connection, asset: str, day: str, rarity: float) -> int:
        """Note at the open orders of an asset that its day was unusual for its class; how many had no such note yet.

        Args:
            connection: In whose transaction.
            asset: The asset's id.
            day: Which, as people write it.
            rarity: A sound day of its class is as unusual once in so many.
        """
        note = (
            f"{_COMPARED}：{day} 的数据在同类设备的正常日里约 {rarity:,.0f} 天才见一次 / "
            f"compared with its class: a sound day is as unusual as {day} once in {rarity:,.0f}"
        )
        noted = select(HISTORY.c.work_order).where(HISTORY.c.who == SERVICE, HISTORY.c.note.startswith(_COMPARED))
        still = WORK_ORDER.c.state.in_([state for state in State if is_under_way(state)])
        open_ = select(WORK_ORDER.c.id).where(WORK_ORDER.c.asset == asset, still, WORK_ORDER.c.id.not_in(noted))
        orders = connection.execute(open_).scalars().all()
        for order in orders:
            self._record(connection, order, _Entry(Action.NOTED, SERVICE, note=note))
        return len(orders)

    def find(self, connection: Connection, order: int, outcome: Outcome, who: str, note: str | None = None) -> None:
        """Say what the crew found; may be said again until the order is closed, the history keeps every answer.

        Raises:
            MoveRefusedError: The order is closed or cancelled.
        """
        row = _row(connection, order)
        if State(row.state) in FINAL:
            allowed = moves(State(row.state), None)
            raise MoveRefusedError(row.state, "outcome", "what was found is said before closing", allowed)
        connection.execute(update(WORK_ORDER).where(WORK_ORDER.c.id == order).values(outcome=outcome))
        self._met(connection, order, DeadlineName.REPORT, DeadlineName.REPLY)
        self._record(connection, order, _Entry(Action.OUTCOME, who, row.outcome, outcome, note))

    def add_photo(self, connection: Connection, order: int, picture: Picture, kind: PhotoKind, who: str) -> int:
        """Keep a photo with the order; returns its id."""
        _row(connection, order)
        keep_image(connection, picture)
        photo: int = connection.execute(
            insert(PHOTO)
            .values(work_order=order, sha256=picture.sha256, kind=kind, who=who, at_us=self._clock.now_us())
            .returning(PHOTO.c.id)
        ).scalar_one()
        self._record(connection, order, _Entry(Action.PHOTO, who, note=kind))
        return photo

    def raise_level(self, connection: Connection, order: int, level: Level, title: Text) -> None:
        """Make an order more urgent, with the title of what made it so.

        One that is as urgent already or cancelled stays as it is. One that was seen to is reopened, or nobody would be
        told; what was asked before is then asked again.
        """
        row = _row(connection, order)
        if Level(row.level).rank <= level.rank or State(row.state) is State.CANCELLED:
            return
        connection.execute(
            update(WORK_ORDER).where(WORK_ORDER.c.id == order).values(level=level, title_zh=title.zh, title_en=title.en)
        )
        zone = zone_of(self._registry.current(), row.site)
        wanted = deadlines_of(level, row.failure_mode, self._clock.now_us(), zone)
        under_way = is_under_way(State(row.state))
        _save_deadlines(connection, order, tightened(deadlines(connection, order), wanted) if under_way else wanted)
        self._record(connection, order, _Entry(Action.LEVEL_RAISED, SERVICE, row.level, level))
        if not under_way:
            note = "处理后情况加重 / it has become worse since it was seen to"
            self.move(connection, order, Step(State.REOPENED, SERVICE, note))

    def is_under_way(self, connection: Connection, order: int) -> bool:
        """Whether nobody has said yet that it was seen to."""
        return is_under_way(State(_row(connection, order).state))

    def is_cancelled(self, connection: Connection, order: int) -> bool:
        """Whether a person said that there is nothing to be done."""
        return State(_row(connection, order).state) is State.CANCELLED

    def go_on(self, connection: Connection, order: int, worse: NewOrder) -> None:
        """Let an order that is under way be about what its trouble has become; all that was said of it stays.

        Its level may rise and never falls, its deadlines may only come sooner.
        """
        row = _row(connection, order)
        level = min(Level(row.level), worse.level, key=lambda one: one.rank)
        words = {"title_zh": worse.title.zh, "title_en": worse.title.en}
        connection.execute(
            update(WORK_ORDER)
            .where(WORK_ORDER.c.id == order)
            .values(failure_mode=worse.failure_mode, level=level, **words)
        )
        zone = zone_of(self._registry.current(), row.site)
        wanted = deadlines_of(level, worse.failure_mode, self._clock.now_us(), zone)
        _save_deadlines(connection, order, tightened(deadlines(connection, order), wanted))
        was, now = mode_name(row.failure_mode), mode_name(worse.failure_mode)
        note = f"由{was.zh}发展为{now.zh} / what was told as {was.en} is now told as {now.en}"
        if level != row.level:
            self._record(connection, order, _Entry(Action.LEVEL_RAISED, SERVICE, row.level, level, note))
        else:
            self._record(connection, order, _Entry(Action.NOTED, SERVICE, note=note))

    def end_event(self, connection: Connection, order: int, released_us: int, *, confirmed: bool) -> None:
        """Note that the episode behind the order ended; the order stays as open as it was."""
        row = _row(connection, order)
        added = deadlines_at_release(row.failure_mode, max(released_us, row.raised_us)) if confirmed else ()
        _save_deadlines(connection, order, tightened(deadlines(connection, order), added))
        note = None if confirmed else "后续数据未证实 / later data did not confirm it"
        self._record(connection, order, _Entry(Action.EVENT_ENDED, SERVICE, note=note))

    def add_evidence(self, connection: Connection, order: int, frozen: Frozen, prospect: Prospect) -> None:
        """Freeze evidence with the order; with the first of an order no line of history is written."""
        first = evidence.newest(connection, order) is None
        evidence.add(connection, order, frozen, self._clock.now_us())
        times = prospect.time_to_failure
        connection.execute(
            update(WORK_ORDER)
            .where(WORK_ORDER.c.id == order)
            .values(
                probability=prospect.probability,
                p10_us=times and times.p10_us,
                p50_us=times and times.p50_us,
                p90_us=times and times.p90_us,
            )
        )
        if not first:
            self._record(connection, order, _Entry(Action.EVIDENCE_ADDED, SERVICE, note=frozen.sha256))

    def _meet_deadlines(self, connection: Connection, row: Row[Any], step: Step) -> None:
        now_us = self._clock.now_us()
        if step.to is State.REOPENED:
            zone = zone_of(self._registry.current(), row.site)
            _save_deadlines(connection, row.id, deadlines_of(Level(row.level), row.failure_mode, now_us, zone))
            return
        met = met_by_move(deadlines(connection, row.id), Level(row.level), step.to, now_us)
        if step.note and reached(step.to, State.ACCEPTED):
            met = met_by_person(met, DeadlineName.PLAN, now_us)
        _save_deadlines(connection, row.id, met)

    def _met(self, connection: Connection, order: int, *names: DeadlineName) -> None:
        met = deadlines(connection, order)
        for name in names:
            met = met_by_person(met, name, self._clock.now_us())
        _save_deadlines(connection, order, met)

    def _record(self, connection: Connection, order: int, entry: _Entry) -> None:
        now_us = self._clock.now_us()
        connection.execute(update(WORK_ORDER).where(WORK_ORDER.c.id == order).values(version=WORK_ORDER.c.version + 1))
        line: int = connection.execute(
            insert(HISTORY)
            .values(
                work_order=order,
                at_us=now_us,
                who=entry.who,
                action=entry.action,
                from_state=entry.from_state,
                to_state=entry.to_state,
                note=entry.note,
            )
            .returning(HISTORY.c.id)
        ).scalar_one()
        row = _row(connection, order)
        told = {name: getattr(row, name) for name in ("number", "site", "asset", "failure_mode", "level", "state")}
        told |= {"title_zh": row.title_zh, "title_en": row.title_en}
        tags = {name: told[name] for name in ("site", "asset", "failure_mode")} | {"action": str(entry.action)}
        fields = {name: told[name] for name in ("number", "level", "state", "title_zh", "title_en")}
        # Two cars raised in one step differ in no tag: a microsecond of its own keeps the first from being replaced.
        points.enqueue(connection, [Point("work_order", now_us // 1_000 * 1_000 + line % 1_000, tags, fields)])
        told |= {"outcome": row.outcome, "who": entry.who, "note": entry.note}
        outbox.put(connection, f"work_order.{entry.action}", order, told, now_us)


def deadlines(connection: Connection, order: int) -> tuple[Deadline, ...]:
    """What is wanted of an order, the soonest first."""
    query = select(DEADLINE).where(DEADLINE.c.work_order == order).order_by(DEADLINE.c.by_us, DEADLINE.c.name)
    return tuple(Deadline(DeadlineName(r.name), r.by_us, r.met_us) for r in connection.execute(query))


def _row(connection: Connection, order: int) -> Row[Any]:
    row = connection.execute(select(WORK_ORDER).where(WORK_ORDER.c.id == order)).one_or_none()
    if row is None:
        raise UnknownWorkOrderError(order)
    return row


def _number(connection: Connection, day: str) -> str:
    # Orders are never deleted, so counting the day's is enough; the transaction holds the write lock.
    used = connection.execute(
        select(func.count()).select_from(WORK_ORDER).where(WORK_ORDER.c.number.like(f"PC-{day}-%"))
    ).scalar_one()
    return f"PC-{day}-{used + 1:04d}"


def _save_deadlines(connection: Connection, order: int, wanted: Sequence[Deadline]) -> None:
    connection.execute(delete(DEADLINE).where(DEADLINE.c.work_order == order))
    if wanted:
        connection.execute(
            insert(DEADLINE),
            [{"work_order": order, "name": d.name, "by_us": d.by_us, "met_us": d.met_us} for d in wanted],
        )
