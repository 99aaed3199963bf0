"""Refractory: the stage that lets no episode open right after the last one ended, but for an emergency."""

from alerts.policy.case import Case, Decision, Reason


def refractory(case: Case) -> Case | Decision:
    """Hand on what may open an episode, and everything while one is open."""
    if case.standing.open is None and rests(case):
        return Decision(Reason.REFRACTORY, case.standing)
    return case


def rests(case: Case) -> bool:
    """Whether the time after the last episode's end still runs; a pipe that tears waits for no baseline."""
    closed_us, numbers, finding = case.standing.closed_us, case.numbers, case.finding
    if closed_us is None or finding.at_us >= closed_us + numbers.refractory_us:
        return False
    return numbers.emergency is None or (finding.score or 0.0) < numbers.emergency
