"""Hysteresis: the stage that raises at one level and clears at a lower one."""

from dataclasses import replace

from alerts.policy.case import Case, Decision, Reason


def hysteresis(case: Case) -> Case | Decision:
    """Hand on what is high while nothing is open, and what is calm or high while something is."""
    score, numbers, standing = case.finding.score or 0.0, case.numbers, case.standing
    if standing.open is None:
        if score < numbers.raise_at:
            explained = standing.explained and score >= numbers.clear_at
            return Decision(Reason.BELOW, replace(standing.unset(), explained=explained))
        return replace(case, standing=standing.vouched(case.finding.at_us, numbers.speaks_for_us))
    if score >= numbers.clear_at:
        return replace(case, standing=standing.unset())
    return replace(case, standing=standing.vouched(case.finding.at_us, numbers.speaks_for_us))
