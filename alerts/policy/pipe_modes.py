"""Pipe modes: the policy rows of what can go wrong with pipes."""

from alerts.levels import Level
from alerts.policy.mode import AT_ONCE, CALIBRATED, DAY_S, RATIO, Mode, duration, share

_BURST = "pipe.burst"
_LEAK = "pipe.leak"

PIPE_MODES: tuple[Mode, ...] = (
    Mode(
        _BURST,
        Level.II,
        share(_BURST, "raise_probability", 0.30, "DOMAIN 1.5: burst warning at P72 of 0.30 or more"),
        share(_BURST, "clear_ratio", 0.6, RATIO),
        duration(_BURST, "hold_s", 0.0, AT_ONCE),
        duration(_BURST, "clear_hold_s", DAY_S, "DOMAIN 1.5: clear after 24 h below"),
        duration(_BURST, "refractory_s", 7 * DAY_S, "DOMAIN 1.5: suppressed 7 d while the baseline relearns"),
        speaks_for_s=DAY_S,  # the night indicator speaks once a night
        emergency=share(_BURST, "emergency_probability", 0.95, "chosen by: from here on words say almost certain"),
        goes_on_from=frozenset({_LEAK}),  # who was sent for the leak is told that it tears
    ),
    Mode(
        _LEAK,
        Level.II,
        share(_LEAK, "raise_score", 0.5, CALIBRATED),
        share(_LEAK, "clear_ratio", 0.6, RATIO),
        duration(_LEAK, "hold_s", 0.0, AT_ONCE),
        duration(_LEAK, "clear_hold_s", DAY_S, "DOMAIN 1.5: clear after 24 h below"),
        duration(_LEAK, "refractory_s", 7 * DAY_S, "DOMAIN 1.5: suppressed 7 d while the baseline relearns"),
        speaks_for_s=1.5 * DAY_S,  # a detector of leaks speaks once a day, at the end of a night or of a day
        explained_by=frozenset({_BURST}),  # who is sent for a pipe about to burst finds its leak
    ),
)
