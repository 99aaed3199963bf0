"""Order list: work orders as they are read, filtered and sorted by urgency."""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, literal, select, tuple_

from alerts.deadlines import Deadline, DeadlineName
from alerts.errors import AlertsError, UnknownWorkOrderError
from alerts.levels import Level
from alerts.life import FINAL, State
from alerts.tables import DEADLINE, EPISODE, WORK_ORDER


class BadCursorError(AlertsError):
    """A cursor that no page of this list ever gave."""

    def __init__(self, cursor: str) -> None:
        self.cursor = cursor
        super().__init__(f"cursor {cursor[:40]!r} is not one of this list; begin again without a cursor")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which work orders; None does not filter. `is_open` are those neither closed nor cancelled."""

    is_open: bool | None = None
    state: State | None = None
    level: Level | None = None
    failure_mode: str | None = None
    asset: str | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A work order with its deadlines and its episode's times.

    Attributes:
        row: The columns of the table `work_order`.
        started_us: When the episode began; for an order that a person raised, when they did.
        ended_us: When the episode ended, else None.
        deadlines: The soonest first.
    """

    row: Row[Any]
    started_us: int
    ended_us: int | None
    deadlines: tuple[Deadline, ...]

    def overdue(self, now_us: int) -> bool:
        """Whether something is wanted that is not done; never of a closed or cancelled order."""
        missed = any(d.met_us is None and d.by_us < now_us for d in self.deadlines)
        return missed and State(self.row.state) not in FINAL


@dataclass(frozen=True, slots=True)
class Page:
    """Some orders, most urgent first; `cursor` leads on, None at the end; `total` counts what the filter lets by."""

    orders: tuple[Order, ...]
    cursor: str | None
    total: int


def page(connection: Connection, wanted: Filter, limit: int, cursor: str | None, now_us: int) -> Page:
    """The next orders by urgency: open ones by level, overdue first, then by response time; the rest newest first.

    Raises:
        BadCursorError: The cursor is none of ours.
    """
    conditions = _conditions(wanted)
    total = connection.execute(select(func.count()).select_from(WORK_ORDER).where(*conditions)).scalar_one()
    # Later pages go by the first page's time, else an order that turns overdue meanwhile is skipped or shown twice.
    sorted_at_us, after = (now_us, None) if cursor is None else _read(cursor)
    key = _urgency(sorted_at_us)
    query = _orders().add_columns(*(column.label(f"key{i}") for i, column in enumerate(key)))
    query = query.where(*conditions).order_by(*key).limit(limit + 1)
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*(literal(value) for value in after)))
    rows = connection.execute(query).all()
    more = len(rows) > limit
    shown = rows[:limit]
    following = _cursor(sorted_at_us, [getattr(shown[-1], f"key{i}") for i in range(len(key))]) if more else None
    return Page(tuple(_with_deadlines(connection, shown)), following, total)


def one(connection: Connection, order: int) -> Order:
    """An order by its id.

    Raises:
        UnknownWorkOrderError: There is none.
    """
    rows = connection.execute(_orders().where(WORK_ORDER.c.id == order)).all()
    if not rows:
        raise UnknownWorkOrderError(order)
    return next(iter(_with_deadlines(connection, rows)))


def open_by_asset(connection: Connection) -> dict[str, int]:
    """How many orders are open of each asset that has any."""
    conditions = _conditions(Filter(is_open=True))
    query = select(WORK_ORDER.c.asset, func.count().label("total")).where(*conditions).group_by(WORK_ORDER.c.asset)
    return {row.asset: row.total for row in connection.execute(query)}


def _orders() -> Select[Any]:
    return select(WORK_ORDER, EPISODE.c.started_us, EPISODE.c.ended_us, EPISODE.c.id.label("episode_id")).join_from(
        WORK_ORDER, EPISODE, WORK_ORDER.c.episode == EPISODE.c.id, isouter=True
    )


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    names = ("state", "level", "failure_mode", "asset", "site")
    asked = {name: getattr(wanted, name) for name in names}
    conditions = [WORK_ORDER.c[name] == value for name, value in asked.items() if value is not None]
    if wanted.is_open is not None:
        final = WORK_ORDER.c.state.in_(sorted(FINAL))
        conditions.append(~final if wanted.is_open else final)
    return conditions


def _urgency(now_us: int) -> tuple[ColumnElement[Any], ...]:
    final = WORK_ORDER.c.state.in_(sorted(FINAL))
    of_order = DEADLINE.c.work_order == WORK_ORDER.c.id
    overdue = select(DEADLINE.c.name).where(of_order, DEADLINE.c.met_us.is_(None), DEADLINE.c.by_us < now_us).exists()
    respond_us = select(DEADLINE.c.by_us).where(and_(of_order, DEADLINE.c.name == DeadlineName.RESPOND))
    return (
        case((final, 1), else_=0),
        case((final, 0), else_=func.length(WORK_ORDER.c.level)),
        case((final, 0), (overdue, 0), else_=1),
        case((final, -WORK_ORDER.c.id), else_=respond_us.scalar_subquery()),
        WORK_ORDER.c.id,
    )


def _with_deadlines(connection: Connection, rows: Sequence[Row[Any]]) -> Iterable[Order]:
    query = select(DEADLINE).where(DEADLINE.c.work_order.in_([row.id for row in rows])).order_by(DEADLINE.c.by_us)
    wanted: dict[int, list[Deadline]] = {}
    for d in connection.execute(query):
        wanted.setdefault(d.work_order, []).append(Deadline(DeadlineName(d.name), d.by_us, d.met_us))
    for row in rows:
        started_us = row.raised_us if row.episode_id is None else row.started_us
        yield Order(row, started_us, row.ended_us, tuple(wanted.get(row.id, ())))


def _cursor(now_us: int, last: Sequence[int]) -> str:
    return base64.urlsafe_b64encode(json.dumps([now_us, *last]).encode()).decode()


def _read(cursor: str) -> tuple[int, list[int]]:
    try:
        numbers = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (binascii.Error, ValueError) as error:
        raise BadCursorError(cursor) from error
    if not isinstance(numbers, list) or len(numbers) != 6 or not all(type(n) is int for n in numbers):  # noqa: PLR2004 -- time and five keys
        raise BadCursorError(cursor)
    return numbers[0], numbers[1:]
