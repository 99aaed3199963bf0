"""Hold: the stage that waits until high or calm has lasted."""

from dataclasses import replace

from alerts.policy.case import Case, Decision, Reason


def hold(case: Case) -> Case | Decision:
    """Hand on what was high for the hold time, or still is; end what was calm for the clear hold time."""
    standing, numbers = case.standing, case.numbers
    if standing.open is None:
        if standing.counted_us < numbers.hold_us:
            return Decision(Reason.HOLDING, standing)
        return case
    if standing.since_us is None:
        return case
    if standing.counted_us < numbers.clear_hold_us:
        return Decision(Reason.CLEARING, standing)
    calm = replace(standing, open=None, closed_us=case.finding.at_us).unset()
    return Decision(Reason.ENDED, calm, ended=standing.open, ended_us=standing.since_us)
