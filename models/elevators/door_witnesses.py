"""Door witnesses: what a lock's contact and the energy of a cycle say for a door that wears, though never alone."""

from collections.abc import Iterator
from dataclasses import dataclass

from models.detector import State
from models.elevators.signs import RAISE, Sign
from models.elevators.trip_features import Following
from models.elevators.watch import HOUR_US, Car, Moment
from models.thresholds import Tunable

_LOCK = Tunable(
    "elevator.door.lock_share",
    "1",
    0.05,
    2.0,
    0.3,
    "DOMAIN 2.4 names the lock's make delay; chosen by: landings differ by 10 %, and a day at one of them is no wear",
)
_ENERGY = Tunable(
    "elevator.door.energy_share", "1", 0.05, 1.0, 0.2, "DOMAIN 2.4 names the energy; chosen by: as for the current"
)
_EASES = Tunable(
    "elevator.door.witness_share",
    "1",
    0.0,
    0.6,
    0.4,
    "chosen by: close times that are 9 % over their usual are cold grease or a door that wears; a witness tells which",
)
_LEARNING = 100
"""Cycles whose mean is usual. Chosen by: landings take turns, and a mean over 30 of them moves by 3 %."""
_PACE = 0.02  # chosen by: some 50 cycles; a landing that is served more for a day must not be the elevator's mean
_CUT_OFF = 3.0  # as of the habits: one wild value moves it by a twentieth of the limit
_SETTLED = 600
"""Cycles over its limit after which it is learnt anew while nothing is raised: a drive that was set differently, or a
filter. Chosen by: a door that wears is told with its other features within three weeks of thirty cycles a day."""
_DAY_US = 24 * HOUR_US


@dataclass(frozen=True, slots=True)
class Witness:
    """A feature of every door cycle, of all landings together.

    Attributes:
        metric: That carries it, and the name under which it is said.
        unit: Of the metric.
        limit: How much more than usual speaks for wear in full, as a share.
    """

    metric: str
    unit: str
    limit: Tunable


WITNESSES = (Witness("door_lock_delay_ms", "ms", _LOCK), Witness("door_energy_j", "J", _ENERGY))
TUNABLES = (_LOCK, _ENERGY, _EASES)


def hear_witnesses(car: Car, moment: Moment, following: Following) -> None:
    """Take in what one cycle says.

    Args:
        car: Its state keeps `witnesses`, in the order of `WITNESSES`: cycles learnt (past 100: those over the limit),
            usual, smoothed, and the day; empty for what was never told. Not kept by landing, which would take forty
            times as much: a landing among many is heard through its own close time only.
        moment: What was said.
        following: How far the usual may move in 30 days.
    """
    for number, witness in enumerate(WITNESSES):
        if witness.metric in moment:
            known = car.state.setdefault("witnesses", [[] for _ in WITNESSES])
            share, follows = car.limits[witness.limit.name], car.limits[following.follow.name]
            heard = _heard(known[number], car.now_us // _DAY_US, moment[witness.metric], share, follows)
            known[number] = [] if _settled(heard, car.state) else heard


def way(car: Car) -> float:
    """What share of the way to their limits is enough for the door's trends: 1 without a witness, 0.6 with a full one.

    A witness speaks from half of the way to its limit on.
    """
    speaks = max((min(1.0, 2.0 * excess - 1.0) for _, _, _, excess in _speaking(car)), default=0.0)
    return 1.0 - car.limits[_EASES.name] * speaks


def witness_signs(car: Car) -> Iterator[Sign]:
    """A sign, too weak to raise, of each that speaks."""
    for witness, usual, smooth, excess in _speaking(car):
        score = 0.9 * RAISE * min(1.0, excess)
        yield Sign(witness.metric, score, smooth, witness.unit, usual, facts={"cause": witness.metric})


def _speaking(car: Car) -> Iterator[tuple[Witness, float, float, float]]:
    """Those past half of the way: usual, smoothed, and the way."""
    for witness, known in zip(WITNESSES, car.state.get("witnesses", ()), strict=False):
        if known and known[0] >= _LEARNING:
            _, usual, smooth, _ = known
            excess = (smooth - usual) / (usual * car.limits[witness.limit.name])
            if excess > 0.5:  # noqa: PLR2004 -- half of the way
                yield witness, usual, smooth, excess


def _heard(known: list[float], day: int, value: float, share: float, follows: float) -> list[float]:
    """What is known after one more value; nothing any more once it has fallen as far below as its limit lies above."""
    if not known:
        return [1, _short(value), _short(value), day] if value > 0.0 else []
    cycles, usual, smooth, since = known
    reach = usual * share
    held = min(usual + _CUT_OFF * reach, max(usual - _CUT_OFF * reach, value))
    if cycles < _LEARNING:
        usual += (held - usual) / (cycles + 1)
        return [cycles + 1, _short(usual), _short(usual), day]
    smooth += _PACE * (held - smooth)
    cycles = cycles + 1 if smooth >= usual + reach else _LEARNING
    if smooth < usual - reach:
        return []
    if cycles == _LEARNING and day > since:
        step = usual * follows * min(1.0, (day - since) / 30.0)
        usual += min(step, max(-step, smooth - usual))
        since = day
    return [cycles, _short(usual), _short(smooth), since]


def _settled(known: list[float], state: State) -> bool:
    """Whether it has been over its limit for long, and the door is not said to wear."""
    said = state["said"]
    raised = isinstance(said, list) and said[0] >= RAISE
    return bool(known) and known[0] >= _LEARNING + _SETTLED and not raised


def _short(value: float) -> float:
    return float(f"{value:.5g}")
