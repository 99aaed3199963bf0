"""Life: the states of a work order, where it may go from each, and what the crew may have found."""

from enum import StrEnum


class State(StrEnum):
    """Where a work order stands. Source: DESIGN, "Levels and deadlines"."""

    NEW = "new"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    ON_SITE = "on_site"
    RESOLVED = "resolved"
    VERIFIED = "verified"
    CLOSED = "closed"
    REOPENED = "reopened"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What the crew found."""

    CONFIRMED = "confirmed"
    FALSE_ALARM = "false_alarm"
    OTHER_FAULT = "other_fault"
    SENSOR_FAULT = "sensor_fault"
    NOTHING_FOUND = "nothing_found"


class Refusal(StrEnum):
    """Why a move is not allowed."""

    NOT_A_MOVE = "this move does not exist"
    NEEDS_OUTCOME = "closing needs an outcome: say what was found first"
    NEEDS_NOTE = "cancelling needs a note that says why"


FINAL = frozenset({State.CLOSED, State.CANCELLED})
"""A work order in one of these is not open."""

_WAY = (
    State.NEW,
    State.DISPATCHED,
    State.ACCEPTED,
    State.ON_SITE,
    State.RESOLVED,
    State.VERIFIED,
    State.CLOSED,
)
_BEFORE_RESOLVED = frozenset({State.NEW, State.DISPATCHED, State.ACCEPTED, State.ON_SITE, State.REOPENED})
_REOPENABLE = frozenset({State.RESOLVED, State.VERIFIED, State.CLOSED})


def ways_from(state: State) -> tuple[State, ...]:
    """The states that may follow `state`, whatever else they need.

    Steps may be skipped forward (the trade's "jump" flow); a reopened order starts its way again.

    Example:
        >>> [s.value for s in ways_from(State.RESOLVED)]
        ['verified', 'closed', 'reopened']
    """
    ways: tuple[State, ...] = ()
    if state not in FINAL:
        start = 0 if state is State.REOPENED else _WAY.index(state)
        ways = _WAY[start + 1 :]
    if state in _REOPENABLE:
        ways += (State.REOPENED,)
    if state in _BEFORE_RESOLVED:
        ways += (State.CANCELLED,)
    return ways


def moves(state: State, outcome: Outcome | None) -> tuple[State, ...]:
    """The states a work order may go to now; closed is among them once an outcome is known."""
    return tuple(to for to in ways_from(state) if to is not State.CLOSED or outcome is not None)


def refusal(state: State, to: State, outcome: Outcome | None, note: str | None) -> Refusal | None:
    """Why the move is not allowed, or None when it is."""
    if to not in ways_from(state):
        return Refusal.NOT_A_MOVE
    if to is State.CLOSED and outcome is None:
        return Refusal.NEEDS_OUTCOME
    if to is State.CANCELLED and not (note or "").strip():
        return Refusal.NEEDS_NOTE
    return None


def reached(state: State, step: State) -> bool:
    """Whether an order in `state` has come to `step` of its way or beyond it."""
    return state in _WAY and _WAY.index(state) >= _WAY.index(step)


def is_under_way(state: State) -> bool:
    """Whether an order in `state` still waits for somebody to say that it was seen to."""
    return state in _BEFORE_RESOLVED
