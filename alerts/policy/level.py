"""Level: the stage that says how urgent it is, opens the episode, or moves an open one up."""

from dataclasses import replace

from alerts.levels import Level
from alerts.moments import HOUR_US
from alerts.policy.case import Case, Decision, Open, Reason

_DUE_US = 72 * HOUR_US
"""DESIGN, "Levels and deadlines": failures due within 72 h are level II."""


def level(case: Case) -> Decision:
    """Open an episode, or note that it is still high; an open episode's level may rise and never falls."""
    urgency, standing = urgency_of(case), case.standing
    if standing.open is None:
        started_us = standing.since_us if standing.since_us is not None else case.finding.at_us
        return Decision(Reason.RAISED, replace(standing, open=Open(started_us, urgency)).unset())
    if urgency.rank < standing.open.level.rank:
        risen = replace(standing, open=replace(standing.open, level=urgency))
        return Decision(Reason.MORE_URGENT, risen)
    return Decision(Reason.STILL_HIGH, standing)


def urgency_of(case: Case) -> Level:
    """The level of a finding: its mode's raised by severity, II at least when due within 72 h, I when near certain."""
    finding, urgency = case.finding, case.mode.level.raised_by(case.finding.severity)
    if case.numbers.emergency is not None and (finding.probability or 0.0) >= case.numbers.emergency:
        return Level.I
    due = finding.time_to_failure is not None and finding.time_to_failure.p50_us <= finding.at_us + _DUE_US
    return Level.II if due and urgency is Level.III else urgency
