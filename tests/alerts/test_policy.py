"""Policy: time lines of findings, and what each of them does."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from alerts.levels import Level
from alerts.moments import HOUR_US
from alerts.policy.case import Reason, Standing, case_of
from alerts.policy.modes import MODES, NoPolicyError, mode_of, policy_tunables
from alerts.policy.stages import decide
from models.findings import Finding, TimeToFailure, Verdict
from models.thresholds import DefaultThresholds, Tunable
from tests.alerts.seeding import NOW_US, community

ASSETS = community().assets
BOOK = DefaultThresholds(policy_tunables())
RISER = "riser-3-2-high"
U, E, N = Verdict.UNKNOWN, Verdict.TOO_EARLY, Verdict.NOT_APPLICABLE


def told(line: Sequence[tuple[int, float | Verdict]], mode: str = "pipe.burst", book: object = BOOK) -> list[str]:
    """The reasons for findings given as (time in hours, score or verdict)."""
    standing, reasons = Standing(), []
    for hour, word in line:
        decision = decide(case_of(finding(hour * HOUR_US, word, mode), ASSETS[RISER], standing, book))  # type: ignore[arg-type]
        standing = decision.standing
        reasons.append(decision.reason.value)
    return reasons


def finding(at_us: int, word: float | Verdict, mode: str = "pipe.burst") -> Finding:
    if isinstance(word, Verdict):
        return Finding(RISER, mode, NOW_US + at_us, word)
    return Finding(RISER, mode, NOW_US + at_us, Verdict.SCORED, score=word)


class Turned(DefaultThresholds):
    """The defaults with some values turned."""

    def __init__(self, **turned: float) -> None:
        names = {t.name.rsplit(".", 1)[-1]: t for t in MODES["pipe.burst"].tunables()}
        changed = {names[name].name: replace(names[name], default=value) for name, value in turned.items()}
        super().__init__([changed.get(t.name, t) for t in policy_tunables()])


def test_it_raises_at_one_level_and_clears_at_a_lower_one() -> None:
    """Raised at 0.30, still high at 0.19, calm under 0.18, ended after 24 h of calm."""
    line = [(0, 0.29), (1, 0.30), (2, 0.19), (3, 0.17), (14, 0.17), (27, 0.1)]

    assert told(line) == ["below", "raised", "still_high", "clearing", "clearing", "ended"]


def test_a_relapse_starts_the_calm_anew() -> None:
    """Calm counts only without interruption."""
    line = [(0, 0.5), (1, 0.1), (20, 0.1), (21, 0.2), (22, 0.1), (40, 0.1), (46, 0.1)]

    assert told(line) == ["raised", "clearing", "clearing", "still_high", "clearing", "clearing", "ended"]


@pytest.mark.parametrize("verdict", [U, E, N])
def test_what_has_no_score_neither_raises_nor_clears(verdict: Verdict) -> None:
    """A finding without a score says its own reason and does not count as calm, however long it lasts."""
    line = [(0, verdict), (1, 0.5), (2, verdict), (200, verdict), (201, 0.1)]

    assert told(line) == [verdict.value, "raised", verdict.value, verdict.value, "clearing"]


def test_silence_does_not_count_as_calm() -> None:
    """Between two calm findings with an unknown between them no time is counted."""
    line = [(0, 0.5), (1, 0.1), (2, U), (30, 0.1), (31, 0.1), (53, 0.1), (54, 0.1)]

    assert told(line)[-3:] == ["clearing", "clearing", "ended"]


def test_one_finding_speaks_for_a_bounded_time_only() -> None:
    """A week between two calm findings of a bearing counts as two hours, not as a week."""
    line = [(0, 0.6), (1, 0.1), (169, 0.1)]

    assert told(line, "pump.bearing") == ["raised", "clearing", "clearing"]


def test_it_waits_for_the_hold_time() -> None:
    """With a hold of two hours the third hour raises, and a dip starts it anew."""
    line = [(0, 0.5), (1, 0.5), (2, 0.1), (3, 0.5), (4, 0.5), (5, 0.5)]

    assert told(line, book=Turned(hold_s=7_200.0)) == ["holding", "holding", "below", "holding", "holding", "raised"]


def test_an_episode_starts_when_it_became_high() -> None:
    """The start is the first high finding of the stretch, not the one that ended the hold."""
    standing, book = Standing(), Turned(hold_s=7_200.0)
    for hour in (0, 1, 2):
        standing = decide(case_of(finding(hour * HOUR_US, 0.5), ASSETS[RISER], standing, book)).standing

    assert standing.open is not None
    assert standing.open.started_us == NOW_US


def test_it_rests_after_an_episode() -> None:
    """Within 7 d of the end nothing opens; after it the same score does."""
    line = [(0, 0.5), (1, 0.1), (25, 0.1), (26, 0.9), (25 + 168, 0.9)]

    assert told(line) == ["raised", "clearing", "ended", "refractory", "raised"]


def test_a_tear_does_not_rest() -> None:
    """A pipe that tears within the 7 d after a warning's end is told at once; what only may burst waits."""
    line = [(0, 0.5), (1, 0.1), (25, 0.1), (26, 0.9), (27, 0.95)]

    assert told(line) == ["raised", "clearing", "ended", "refractory", "raised"]


def test_a_general_mode_gives_way_to_a_specific_one() -> None:
    """Beside an open specific episode it does not raise; what is open already goes on and ends as ever."""
    standing, reasons = Standing(), []
    for hour, score, beside in ((0, 0.9, True), (1, 0.9, False), (2, 0.9, True), (3, 0.1, True), (4, 0.1, True)):
        word = finding(hour * HOUR_US, score, "asset.deviation")
        decision = decide(case_of(word, ASSETS[RISER], standing, BOOK, explained=beside))
        standing = decision.standing
        reasons.append(decision.reason)

    assert reasons == [Reason.INHIBITED, Reason.RAISED, Reason.STILL_HIGH, Reason.CLEARING, Reason.ENDED]


@pytest.mark.parametrize(
    ("change", "level"),
    [
        ({}, Level.II),
        ({"severity": 1}, Level.I),
        ({"severity": 5}, Level.I),
        ({"probability": 0.94}, Level.II),
        ({"probability": 0.95}, Level.I),
    ],
)
def test_level_of_a_burst(change: dict[str, float], level: Level) -> None:
    """A predicted burst is level II; a burst that has happened, or is almost certain, is level I."""
    opened = decide(
        case_of(replace(finding(0, 0.5), **change), ASSETS[RISER], Standing(), BOOK)  # type: ignore[arg-type]
    ).standing.open

    assert opened is not None
    assert opened.level is level


@pytest.mark.parametrize(
    ("due_h", "severity", "level"),
    [(72, 0, Level.II), (73, 0, Level.III), (72, 1, Level.II), (73, 1, Level.II), (72, 2, Level.I)],
)
def test_wear_due_within_72_hours_is_level_two(due_h: int, severity: int, level: Level) -> None:
    """Wear is a suggestion until its failure is due within 72 h; that and a severity do not add up."""
    due_us = NOW_US + due_h * HOUR_US
    due = TimeToFailure(due_us, due_us, due_us)
    worn = replace(finding(0, 0.6, "pump.bearing"), time_to_failure=due, severity=severity)
    opened = decide(case_of(worn, ASSETS[RISER], Standing(), BOOK)).standing.open

    assert opened is not None
    assert opened.level is level


def test_an_open_episode_rises_and_never_falls() -> None:
    """A severer finding raises the level of an open episode, a milder one leaves it."""
    standing, levels = Standing(), []
    for hour, severity in enumerate((0, 1, 0)):
        case = case_of(replace(finding(hour * HOUR_US, 0.5), severity=severity), ASSETS[RISER], standing, BOOK)
        decision = decide(case)
        standing = decision.standing
        levels.append((decision.reason, standing.open and standing.open.level))

    assert levels == [(Reason.RAISED, Level.II), (Reason.MORE_URGENT, Level.I), (Reason.STILL_HIGH, Level.I)]


@pytest.mark.parametrize("mode", ["parking.illegal", "parking.fire_lane"])
def test_a_car_that_has_gone_ends_its_episode_at_once(mode: str) -> None:
    """Nobody says twice that a car has gone: the first word ends it, and no threshold can make it wait for another."""
    names = [tunable.name for tunable in mode_of(mode).tunables()]

    assert told([(0, 1.0), (1, 0.0)], mode) == ["raised", "ended"]
    assert [name for name in names if "clear_hold" in name] == []


def test_every_tunable_says_where_it_comes_from() -> None:
    """Names are unique, defaults lie within bounds, and each has a source."""
    tunables = policy_tunables()

    assert len({t.name for t in tunables}) == len(tunables)
    assert [t.name for t in tunables if not _sound(t)] == []


def test_a_mode_without_a_policy_is_refused() -> None:
    """A failure mode without a row is named, with the file where the row belongs."""
    with pytest.raises(NoPolicyError, match=r"elevator\.paint.*alerts/policy/"):
        mode_of("elevator.paint")


def _sound(tunable: Tunable) -> bool:
    return tunable.low <= tunable.default <= tunable.high and tunable.source.startswith(("DOMAIN", "chosen by: "))
