"""Starts: how often something was started within the last hour, told by a counter or seen by itself."""

from models.detector import State

_S_US = 1_000_000
_HOUR_S = 3_600
_BIN_S = 300
_BINS = _HOUR_S // _BIN_S
_RESTED_S = 10
"""So long it must have been seen at rest before it is started. Chosen by: the current of SKAB's running pump falls
under 0.5 A for up to 4 s, thirty times in twenty minutes; a pump that is stopped takes longer to run down."""


class Starts:
    """The starts of the last hour, in bins of five minutes.

    A counter counts what happens between two samples; what is only seen to have started is counted where no counter
    speaks, and is then a lower bound.

    Args:
        state: JSON dict, changed: `from_s` (since when it is listened to, until that is an hour), `bins`, `bin` (number
            of the newest one), `counter`, `turned`, `rests_s` (since when it is at rest).
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def take(self, at_us: int, turns: bool | None, counter: float | None) -> None:  # noqa: FBT001 -- a reading's value
        """Take in one moment, ascending from call to call.

        Args:
            at_us: Device time.
            turns: Whether it turns then; None if nothing tells.
            counter: The number of its starts so far, or None.
        """
        state = self._state
        self._pass_to(at_us)
        if counter is not None:
            before = state.get("counter", counter)
            # A counter that fell was set back: what it shows has happened since.
            state["bins"][-1] += round(counter - before if counter >= before else counter)
            state["counter"] = counter
        elif turns and state.get("turned") is False and "counter" not in state:
            rested_s = at_us // _S_US - state["rests_s"]
            state["bins"][-1] += rested_s >= _RESTED_S
        if turns is not None:
            if not turns and state.get("turned") is not False:
                state["rests_s"] = at_us // _S_US
            state["turned"] = turns

    def an_hour(self) -> int:
        """How many there were in the last hour."""
        return sum(self._state["bins"])

    def is_full(self, at_us: int) -> bool:
        """Whether it has been listened to for an hour."""
        return "from_s" not in self._state or at_us // _S_US - int(self._state["from_s"]) >= _HOUR_S

    def _pass_to(self, at_us: int) -> None:
        state, now = self._state, at_us // _S_US // _BIN_S
        passed = now - state.get("bin", now - _BINS)
        if passed >= _BINS:
            state.update(bins=[0] * _BINS, from_s=at_us // _S_US)
            state.pop("turned", None)
            state.pop("counter", None)
        elif passed > 0:
            state["bins"] = [*state["bins"][passed:], *([0] * passed)]
        state["bin"] = now
        if self.is_full(at_us):
            state.pop("from_s", None)
