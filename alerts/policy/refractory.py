"""Refractory: the stage that lets no episode open right after the last one ended."""

from alerts.policy.case import Case, Decision, Reason


def refractory(case: Case) -> Case | Decision:
    """Hand on what may open an episode, and everything while one is open."""
    standing = case.standing
    if standing.open is None and rests(standing.closed_us, case.finding.at_us, case.numbers.refractory_us):
        return Decision(Reason.REFRACTORY, standing)
    return case


def rests(closed_us: int | None, at_us: int, refractory_us: int) -> bool:
    """Whether the time after the last episode's end still runs."""
    return closed_us is not None and at_us < closed_us + refractory_us
