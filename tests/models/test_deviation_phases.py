"""Phases: a deviation's beginning, rest, fall and end are told once each, and a quiet asset tells nothing."""

from models.deviation.phases import Phase, PhaseRule, PhaseWatch

RULE = PhaseRule(rest=10, fall_share=0.6)


def told(distances: list[float], watch: PhaseWatch) -> list[int]:
    return [n for n, d in enumerate(distances) if watch.take(d >= 1.0, d, RULE)]


def test_each_phase_is_told_once() -> None:
    """A ramp up, a plateau, a ramp down: begin, rest ten samples after the last rise, fall under 0.6, end."""
    ramp = [0.0] * 5 + [float(n) for n in range(1, 11)] + [10.0] * 20 + [float(n) for n in range(9, -1, -1)]

    assert told(ramp, PhaseWatch()) == [5, 24, 39, 44]


def test_a_quiet_asset_tells_nothing() -> None:
    """No change point without a deviation, whatever the distance does under the raise level."""
    watch = PhaseWatch()

    assert told([0.1, 0.9, 0.0, 0.5] * 50, watch) == []
    assert watch.phase is Phase.QUIET
