"""Multivariate memory: what is kept of an asset: the means and covariance of its rows, its day so far, and its days."""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from models.detector import State
from models.deviation.channels import metric_of
from models.deviation.digits import short
from models.multivariate.components import Judged, Known, Numbers, components_of
from models.multivariate.rows import FIRST_DAYS, WORSE_UP, chosen, note_heard, row_of
from models.multivariate.verdict import Limit, limits_of, with_day

LEARNT_DAYS = 14
"""Days before rows are compared with those before them. Chosen by: two weekends."""
FEWEST_HOURS = 12
"""Hours of which a day is judged. Chosen by: half of them."""
LASTING_HOURS = 6
"""So many hours of a day have to be as unusual as that. Chosen by: a disturbance lasts for hours, a fault for days."""

_KEEPS = 1.0 - 1.0 / 60.0
"""Of what is known, from day to day. Source: DOMAIN 6.4, 60 days."""
_HELD = 5.0
"""Spreads within which a row is learnt. Chosen by: what is wild moves what is usual by a little."""
_MOST_HIGH_DAYS = 45
"""Days after which how it is has become usual. Chosen by: at 14 a bearing's wear was learnt, and its repair raised."""
_SETTLED_DAYS = 2
"""Days on which it is said then that all is usual, so that what was open ends before all is learnt anew. Chosen by: the
policy wants a calm day."""
_MOST_BLANK_DAYS = 7
"""Days on which some channels spoke and others did not, after which they are looked for anew. Chosen by: a sensor was
changed. A pump that stands for weeks, as its standby has its turn, is still known."""
_STORED = np.dtype("<f4")


def new_state() -> State:
    """An asset that has said nothing yet."""
    return {
        "age": 0,
        "blank": 0,
        "day": None,
        "days": [],
        "heard": {},
        "high": 0,
        "limits": None,
        "names": [],
        "reached": 0.0,
        "settled": 0,
        **_new_day(),
    }


def _new_day() -> State:
    return {"apart": [], "far": [], "hours": 0, "torn": 0, "worst": {}}


def take_hour(state: State, means: Mapping[str, float], hour: int, kept_share: float) -> None:
    """Compare an hour with what is known, and learn it if it is no more than usual.

    Args:
        state: Changed.
        means: Of its channels.
        hour: Its number since the epoch.
        kept_share: See `components_of`.
    """
    if not state["names"]:
        note_heard(state, means)
        state["hours"] += 1
        return
    row = row_of(state, means, hour)
    if row is None:
        state["torn"] += 1
        return
    state["hours"] += 1
    if state["age"] < LEARNT_DAYS:
        _learn(state, row)
        return
    usual = components_of(_known(state), kept_share)
    said = np.array(row)
    expected = usual.expected(said)
    judged, limits = usual.judged(said), _limits(state)
    if _reached(judged, limits) >= 1.0:
        # What only got better is forgiven if that leaves nothing unusual; beside a hot winding all others are cool.
        better = usual.judged(np.where(_worse_up(state) & (said < expected), expected, said))
        judged = better if _reached(better, limits) < 1.0 else judged
    _count_hour(state, judged)
    reached = _reached(judged, limits)
    if reached >= 1.0 and reached > state["worst"].get("reached", 0.0):
        named = (("expected", expected), ("seen", said), ("shares", usual.shares(said)))
        kept = {name: [short(one) for one in values.tolist()] for name, values in named}
        state["worst"] = {"hour": hour, "reached": short(reached), **kept}
    if not state["high"] and reached < 1.0:
        _learn(state, usual.held(said, _HELD).tolist())


def close_day(state: State, raise_sigma: float) -> float | None:
    """End a day: how far it and the day before went towards a limit, 1 at it; None where that is not known yet.

    Args:
        state: Changed.
        raise_sigma: See `limits_of`.
    """
    enough, torn, age = state["hours"] >= FEWEST_HOURS, state["torn"] >= FEWEST_HOURS, state["age"]
    day = {name: state[name] for name in _new_day()}
    state.update(_new_day())
    state["blank"] = 0 if enough else state["blank"] + torn
    if state["blank"] >= _MOST_BLANK_DAYS and state["names"]:
        _forget(state)
    if not enough:
        return None
    state["age"] = age + 1
    if state["names"] and age >= LEARNT_DAYS:
        return _judge(state, day, raise_sigma)
    if not state["names"]:
        _begin(state)
    if not state["settled"]:
        return None
    state["settled"] -= 1
    return 0.0


def is_early(state: State) -> bool:
    """Whether too few days are known to judge one."""
    return state["limits"] is None


def _limits(state: State) -> tuple[Limit, Limit] | None:
    """The limits of Q and T2 in force today."""
    held = state["limits"]
    return None if held is None else (Limit(*held[:2]), Limit(*held[2:]))


def _judge(state: State, day: State, raise_sigma: float) -> float | None:
    apart, far = day["apart"][-1], day["far"][-1]
    limits = _limits(state)
    state["count"] = short(state["count"] * _KEEPS)
    now = 0.0 if limits is None else max(limits[0].reached(apart), limits[1].reached(far))
    lasting: float = min(now, state["reached"])
    state["reached"] = short(now)
    sound = not state["high"] and now < 1.0
    state["days"] = with_day(state["days"], state["day"], apart, far, sound=sound)
    found = limits_of(state["days"], raise_sigma)
    state["limits"] = found and [short(one) for limit in found for one in (limit.usual, limit.at)]
    if limits is None:
        return None
    _follow(state, lasting)
    state["worst"] = day["worst"]
    return lasting


def _follow(state: State, lasting: float) -> None:
    """Begin or end a stretch in which nothing is learnt; one that goes on and on is how it is from now on."""
    if lasting >= 1.0 or (state["high"] and lasting >= 0.5):  # noqa: PLR2004 -- half the way back
        state["high"] += 1
    else:
        state["high"] = 0
    if state["high"] > _MOST_HIGH_DAYS:
        _forget(state)
        state["settled"] = _SETTLED_DAYS


def _forget(state: State) -> None:
    day = state["day"]
    state.clear()
    state.update(new_state())
    state["day"] = day


def _begin(state: State) -> None:
    """Settle which channels there are, once they have had their first days."""
    if state["age"] < FIRST_DAYS:
        return
    names = chosen(state["heard"])
    state.update(age=0, heard={}, names=names, count=0.0, mean=[], covariance="")
    if len(names) == 1:
        state.update(lags=[], lag_hour=None)


def _learn(state: State, row: Sequence[float]) -> None:
    if not state["mean"]:
        state.update(count=1.0, mean=[short(one) for one in row], covariance=_stored(np.zeros((len(row), len(row)))))
        return
    known = _known(state).with_row(np.array(row))
    mean = [short(one) for one in known.mean.tolist()]
    state.update(count=short(known.count), mean=mean, covariance=_stored(known.covariance))


def _known(state: State) -> Known:
    mean = np.array(state["mean"])
    upper = np.frombuffer(b64decode(state["covariance"]), _STORED).astype(np.float64)
    covariance = np.zeros((len(mean), len(mean)))
    covariance[np.triu_indices(len(mean))] = upper
    return Known(state["count"], mean, covariance + np.triu(covariance, 1).T)


def _stored(covariance: Numbers) -> str:
    """A covariance as a state holds it: the upper triangle in four bytes a number."""
    return b64encode(covariance[np.triu_indices(len(covariance))].astype(_STORED).tobytes()).decode()


def _reached(judged: Judged, limits: tuple[Limit, Limit] | None) -> float:
    """How far a row went towards a limit, 1 at it; 0 while there is none."""
    return 0.0 if limits is None else max(limits[0].reached(judged.apart), limits[1].reached(judged.far))


def _worse_up(state: State) -> npt.NDArray[np.bool_]:
    """Which channels of a row are no trouble where they are low."""
    worse = [metric_of(name) in WORSE_UP for name in state["names"]]
    return np.array(worse * (len(state["mean"]) if len(worse) == 1 else 1))


def _count_hour(state: State, judged: Judged) -> None:
    for name, value in (("apart", judged.apart), ("far", judged.far)):
        state[name] = sorted([*state[name], round(value, 4)], reverse=True)[:LASTING_HOURS]
