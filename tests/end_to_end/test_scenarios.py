"""Scenarios: what fails is raised in time, what only looks like failing and what is healthy is not."""

from pathlib import Path

import pytest

from device_simulators.community import Community
from device_simulators.labels import Label, Truth
from models.detectors.catalogue import DETECTORS
from tests.end_to_end.chain import LATENESS_US, Raised, community_registry, fill_log, score_log

_START_US = 1_764_000_000_000_000
_FAULTS = ["burst", "entrapment", "parking", "bearing", "pumps", "elevators", "elevator_safety", "sensors"]
_MONTHLY_BUDGET_PER_1000 = {"I": 1.0, "II": 5.0, "III": 5.0}
"""False work orders per 1,000 assets a month that DOMAIN 1.5 allows."""


def run(scenario: str, seed: int, folder: Path) -> tuple[Community, list[Raised]]:
    registry = community_registry()
    community = Community(seed, _START_US, scenario)
    fill_log(community, folder / "log.db", registry)
    return community, score_log(folder / "log.db", folder / "precomplaint.db", registry)


def answers(one: Raised, label: Label) -> bool:
    """Whether an episode is about what the label names, and began in its time."""
    same = (one.asset, one.failure_mode) == (label.asset, label.failure_mode)
    return same and label.raise_from_us <= one.started_us <= label.raise_until_us


def stated_delay_us(failure_mode: str) -> int:
    """What the detector of a failure mode promises, with the time its windows wait for late readings."""
    return next(d.spec.delay_us for d in DETECTORS if failure_mode in d.spec.failure_modes) + LATENESS_US


@pytest.mark.parametrize("scenario", _FAULTS)
def test_every_fault_is_raised_once_and_in_time(scenario: str, tmp_path: Path) -> None:
    """Each labelled fault has exactly one episode inside its window, and there is no other episode."""
    community, found = run(scenario, 7, tmp_path)
    faults = [label for label in community.labels if label.truth is Truth.FAULT]

    assert [sum(answers(one, label) for one in found) for label in faults] == [1] * len(faults)
    assert [one for one in found if not any(answers(one, label) for label in faults)] == []


@pytest.mark.parametrize("scenario", ["entrapment", "parking"])
def test_events_are_raised_within_the_stated_delay(scenario: str, tmp_path: Path) -> None:
    """From the moment the rule is met, an event's episode begins no later than its detector promises."""
    community, found = run(scenario, 11, tmp_path)
    late = [
        (label.note, one.started_us - label.onset_us)
        for label in community.labels
        for one in found
        if answers(one, label) and one.started_us - label.onset_us > stated_delay_us(label.failure_mode)
    ]

    assert found
    assert late == []


def test_what_looks_like_a_fault_raises_nothing(tmp_path: Path) -> None:
    """A delivery van, an elevator under inspection, a pump trip, a drill next door: no work order."""
    community, found = run("lookalikes", 7, tmp_path)

    assert community.labels
    assert found == []


def test_a_healthy_month_stays_within_the_false_alarm_budget(tmp_path: Path) -> None:
    """A month in which nothing is wrong raises no more than the budget of false work orders, which here is none."""
    _, found = run("healthy", 7, tmp_path)
    assets = len(community_registry().assets)
    allowed = {level: budget * assets / 1_000 for level, budget in _MONTHLY_BUDGET_PER_1000.items()}

    assert [one for one in found if sum(o.level == one.level for o in found) > allowed[one.level]] == []
