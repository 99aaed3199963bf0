"""Burst nights: the fit keeps its word, an oracle bounds it, and the shipped chance has skill on a fleet of its own."""

import numpy as np
import pytest

from device_simulators.calendar import DAY_US
from device_simulators.faults import FIRST_HOLE_M, Crack
from models.pipes.burst_risk import WITNESS_LOG_ODDS, WITNESSES
from service.evaluation.burst_nights import Judged, figures, fitted, judged_fleet
from service.evaluation.burst_oracle import oracle_chance

SLOW = Crack(0, 90 * DAY_US, 91 * DAY_US, 0.5)


@pytest.fixture(scope="module")
def fleet() -> Judged:
    return judged_fleet(risers=27, days=240, seed=7)


def test_the_shipped_chance_has_skill_and_stays_under_the_oracle(fleet: Judged) -> None:
    """Of a small fleet that nothing was fitted on it knows more than a base rate, and no more than can be known."""
    reached = figures(fleet)

    assert 0.05 < reached.skill < reached.skill_of_an_oracle < 1.0
    assert reached.skill_all < reached.skill
    assert reached.warned + reached.at_once <= reached.bursts


def test_a_night_before_a_burst_is_one(fleet: Judged) -> None:
    """An outcome is what befell the riser within three days of the night's end; no night after a burst is judged."""
    for riser, end_us, bursts in zip(fleet.riser[::50], fleet.end_us[::50], fleet.bursts[::50], strict=True):
        burst_us = fleet.burst_us[riser]

        assert burst_us is None or end_us < burst_us
        assert bool(bursts) == (burst_us is not None and burst_us <= end_us + 3 * DAY_US)


def test_a_fit_finds_what_a_witness_is_worth(fleet: Judged) -> None:
    """Where half of the believed nights burst if one witness speaks, and none if it denies, the fit says so."""
    dice, count = np.random.default_rng(3), 20_000
    speaks = dice.random(count) < 0.5
    said = np.zeros((count, 2 * len(WITNESSES)))
    said[:, 0], said[:, 1] = speaks, ~speaks
    nothing = np.zeros(count)
    bursts = np.where(speaks, dice.random(count) < 0.5, dice.random(count) < 0.01).astype(float)
    made = Judged(fleet.riser[:1], fleet.end_us[:1], np.full(count, 0.2), nothing, nothing, bursts, said, ())
    _, odds = fitted(made)

    assert odds[WITNESSES[0]][0] - odds[WITNESSES[0]][1] > 2.0
    assert odds[WITNESSES[1]] == pytest.approx((0.0, 0.0), abs=1e-6)


def test_no_witness_counts_against_itself() -> None:
    """What ships: a witness that speaks never makes a leak less likely, one that denies never more."""
    assert all(speaks >= 0.0 >= denies for speaks, denies in WITNESS_LOG_ODDS.values())


def test_an_oracle_grows_surer() -> None:
    """It says nothing before the onset, little of a young crack, and is all but certain at the end of the range."""
    chances = [oracle_chance(SLOW, day * DAY_US) for day in (-1, 20, 60, 89)]

    assert chances[0] == 0.0
    assert chances[1] < 0.01 < chances[2] < chances[3]
    assert SLOW.critical_hole_m > FIRST_HOLE_M


def test_an_oracle_is_calibrated() -> None:
    """Over many cracks of the fleet's dice, what it says on average comes true as often."""
    dice, said, came = np.random.default_rng(5), [], []
    for _ in range(400):
        days, severity = dice.triangular(17.0, 61.0, 98.0), dice.uniform(0.05, 1.0)
        crack = Crack(0, round(days * DAY_US), 200 * DAY_US, severity)
        at = np.arange(dice.uniform(1, 4), days, 4.0)
        said += [oracle_chance(crack, round(day * DAY_US)) for day in at]
        came += [day + 3.0 >= days for day in at]

    assert np.mean(said) == pytest.approx(np.mean(came), rel=0.1)
