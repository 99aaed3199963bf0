"""Inhibition: the stage that raises nothing of an asset that is explained by a trouble which has an order already."""

from dataclasses import replace

from alerts.policy.case import Case, Decision, Reason


def inhibition(case: Case) -> Case | Decision:
    """Hand on what may open an episode beside those that are open on the same asset, and all of an open episode.

    A worn bearing also makes its pump deviate; who is sent for the bearing needs no second order. The stretch runs
    on meanwhile: what is still high when the episode that explains it ends is raised then, with its true start; what
    is explained until it is calm is not.
    """
    standing, sticks = case.standing, case.mode.explained_until_calm
    if standing.open is not None:
        return case
    if case.explained:
        return Decision(Reason.INHIBITED, replace(standing, explained=sticks))
    return Decision(Reason.INHIBITED, standing) if standing.explained else case
