"""Stages: the order in which the policy looks at a finding."""

from alerts.policy.case import Case, Decision, Stage
from alerts.policy.hold import hold
from alerts.policy.hysteresis import hysteresis
from alerts.policy.inhibition import inhibition
from alerts.policy.level import level
from alerts.policy.refractory import refractory
from alerts.policy.verdict import verdict

STAGES: tuple[Stage, ...] = (verdict, hysteresis, hold, refractory, inhibition, level)


def decide(case: Case) -> Decision:
    """The decision of the first stage that has one; the last stage always has."""
    for stage in STAGES:
        outcome = stage(case)
        if isinstance(outcome, Decision):
            return outcome
        case = outcome
    raise AssertionError(case)
