"""Verdict: the stage at which a finding without a score ends, having neither raised nor cleared anything."""

from dataclasses import replace

from alerts.policy.case import Case, Decision, Reason
from models.findings import Verdict

_REASONS = {
    Verdict.UNKNOWN: Reason.UNKNOWN,
    Verdict.TOO_EARLY: Reason.TOO_EARLY,
    Verdict.NOT_APPLICABLE: Reason.NOT_APPLICABLE,
}


def verdict(case: Case) -> Case | Decision:
    """Hand on what has a score; else stop the running timer, so that no silence counts as high or as calm."""
    if case.finding.verdict is Verdict.SCORED and case.finding.score is not None:
        return case
    reason = _REASONS.get(case.finding.verdict, Reason.UNKNOWN)
    return Decision(reason, replace(case.standing, spoke_us=None))
