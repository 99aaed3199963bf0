"""Deadlines: what the trade's rules want by when, by level and failure mode, and what meets them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from alerts.levels import Level
from alerts.life import State, reached
from alerts.moments import HOUR_US, MINUTE_US, at, us_of


class DeadlineName(StrEnum):
    """What is wanted."""

    RESPOND = "respond"
    ON_SITE = "on_site"
    PLAN = "plan"
    REPORT = "report"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class Deadline:
    """One thing wanted by a moment; `met_us` says when it was done, also when that was too late."""

    name: DeadlineName
    by_us: int
    met_us: int | None = None


# Source of all: DESIGN, "Levels and deadlines", unless a line says otherwise.
_RESPOND_US = {Level.I: 15 * MINUTE_US, Level.II: 2 * HOUR_US, Level.III: 24 * HOUR_US}
_ALARM_ACKNOWLEDGED_US = 20 * MINUTE_US
_ALARMS = frozenset({"parking.illegal", "building.ebike", "elevator.door"})
"""Camera and equipment alarms of level II: acknowledged at once, and there is nothing to plan."""
_RESCUE_ON_SITE_US = 30 * MINUTE_US
_RESCUE_REPORT_US = 4 * HOUR_US
_PLAN_US = 24 * HOUR_US
"""DESIGN wants "a plan with a time" and gives no figure; a working day leaves two of the 72 h to act (chosen by)."""
_REPLY_WORKING_DAYS = 5
_RESPONDED = {Level.I: State.ACCEPTED, Level.II: State.DISPATCHED, Level.III: State.ACCEPTED}
"""The step that counts as a response: somebody says yes; for level II it is enough that somebody is sent."""
_DONE = {
    DeadlineName.ON_SITE: State.ON_SITE,
    DeadlineName.PLAN: State.ON_SITE,
    DeadlineName.REPLY: State.RESOLVED,
}


def deadlines_of(level: Level, failure_mode: str, from_us: int, zone: ZoneInfo) -> tuple[Deadline, ...]:
    """What is wanted of a work order of this level, counted from `from_us`; the response first.

    Args:
        level: Of the order.
        failure_mode: Entrapments have a rescue time, camera and equipment alarms a shorter one.
        from_us: When it was raised, reopened or made more urgent; microseconds since the epoch.
        zone: Of the site; working days are Monday to Friday there (public holidays are not known here).
    """
    if level is Level.II and failure_mode in _ALARMS:
        return (Deadline(DeadlineName.RESPOND, from_us + _ALARM_ACKNOWLEDGED_US),)
    wanted = [Deadline(DeadlineName.RESPOND, from_us + _RESPOND_US[level])]
    if failure_mode == "elevator.entrapment":
        wanted.append(Deadline(DeadlineName.ON_SITE, from_us + _RESCUE_ON_SITE_US))
    if level is Level.II:
        wanted.append(Deadline(DeadlineName.PLAN, from_us + _PLAN_US))
    if level is Level.III:
        wanted.append(Deadline(DeadlineName.REPLY, working_days_after(from_us, _REPLY_WORKING_DAYS, zone)))
    return tuple(wanted)


def deadlines_at_release(failure_mode: str, released_us: int) -> tuple[Deadline, ...]:
    """What is wanted once an episode has ended: the inspection report after an entrapment."""
    if failure_mode != "elevator.entrapment":
        return ()
    return (Deadline(DeadlineName.REPORT, released_us + _RESCUE_REPORT_US),)


def working_days_after(from_us: int, days: int, zone: ZoneInfo) -> int:
    """The same time of day `days` working days later, in microseconds since the epoch.

    Example:
        >>> from datetime import UTC, datetime
        >>> friday = us_of(datetime(2026, 11, 20, 9, tzinfo=UTC))
        >>> at(working_days_after(friday, 5, ZoneInfo("Asia/Shanghai"))).isoformat()
        '2026-11-27T09:00:00+00:00'
    """
    moment = at(from_us).astimezone(zone)
    while days:
        moment += timedelta(days=1)
        days -= moment.weekday() < 5  # noqa: PLR2004 -- Saturday is 5
    return us_of(moment)


def met_by_move(deadlines: Sequence[Deadline], level: Level, state: State, now_us: int) -> tuple[Deadline, ...]:
    """The deadlines once the order has come to `state`."""
    done = _DONE | {DeadlineName.RESPOND: _RESPONDED[level]}
    return tuple(
        replace(d, met_us=now_us) if d.met_us is None and d.name in done and reached(state, done[d.name]) else d
        for d in deadlines
    )


def met_by_person(deadlines: Sequence[Deadline], name: DeadlineName, now_us: int) -> tuple[Deadline, ...]:
    """The deadlines once a person did what `name` wants."""
    return tuple(replace(d, met_us=now_us) if d.name is name and d.met_us is None else d for d in deadlines)


def tightened(old: Sequence[Deadline], new: Sequence[Deadline]) -> tuple[Deadline, ...]:
    """The deadlines after a level rose: nothing that was met is asked again, nothing gets later."""
    merged = {d.name: d for d in old}
    for deadline in new:
        known = merged.get(deadline.name)
        if known is None:
            merged[deadline.name] = deadline
        elif known.met_us is None:
            merged[deadline.name] = replace(known, by_us=min(known.by_us, deadline.by_us))
    return tuple(merged.values())
