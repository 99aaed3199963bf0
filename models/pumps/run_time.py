"""Run time: how much longer a sump pump runs than it usually does at this time of the week."""

from statistics import median

from models.detector import State

_S_US = 1_000_000
_BLOCK_S = 21_600
"""Six hours, where DOMAIN 1.6 has one: a sump that is pumped once or twice an hour runs one cycle more or less by
chance, which by itself is half as long again."""
_BLOCKS_A_WEEK = 28
_WEEKS = 5
_LEAST_WEEKS = 3
_JUDGED_BLOCKS = 20
_LOW_BLOCKS = 5
"""Three quarters of five days must exceed it. Chosen by: of three days, two showers of 33 hours each did."""
_LEAST_S = 120.0  # of running in six hours; chosen by: what runs less has no usual
_LONGEST_GAP_S = 3_600.0  # a switch that reports on change may be silent for so long and still be as it said
_LEAST_HEARD = 0.8


def take(state: State, at_us: int, running: bool) -> None:  # noqa: FBT001 -- a reading's value
    """Take in whether the pump runs at a moment; what it said before counts until now.

    Args:
        state: JSON dict of one pump, changed: `run` (block, seconds run, seconds heard), `said` (at, running), `weeks`
            (by block of the week, seconds run in the last weeks), `ratios` (of the last five days).
        at_us: Ascending from call to call.
        running: Whether it runs.
    """
    at_s = at_us // _S_US
    before_s, ran = state.get("said", (at_s, False))
    block = at_s // _BLOCK_S
    run = state.get("run", [block, 0.0, 0.0])
    heard_s = min(float(at_s - before_s), _LONGEST_GAP_S)
    run = [run[0], run[1] + heard_s * ran, run[2] + heard_s]
    if run[0] != block:
        _close(state, run)
        run = [block, 0.0, 0.0]
    state.update(run=run, said=[at_s, bool(running)])


def ratio(state: State) -> float | None:
    """What three quarters of five days' run times exceed, over their usual; None while that is being learnt."""
    ratios = state.get("ratios", [])
    return float(sorted(ratios)[_LOW_BLOCKS]) if len(ratios) >= _JUDGED_BLOCKS else None


def _close(state: State, run: list[float]) -> None:
    block, ran_s, heard_s = run
    if heard_s < _LEAST_HEARD * _BLOCK_S:
        return
    place = str(int(block) % _BLOCKS_A_WEEK)
    weeks = state.setdefault("weeks", {})
    known = weeks.get(place, [])
    if len(known) >= _LEAST_WEEKS:
        usual = max(_LEAST_S, median(known))
        state["ratios"] = [*state.get("ratios", []), round(max(ran_s, _LEAST_S) / usual, 2)][-_JUDGED_BLOCKS:]
    # What is half as long again is not learnt, so that a worn pump does not become usual.
    if len(known) < _LEAST_WEEKS or ran_s <= 1.5 * max(_LEAST_S, median(known)):
        weeks[place] = [*known, round(ran_s)][-_WEEKS:]
