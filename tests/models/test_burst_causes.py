"""Burst causes: independent causes of which one is enough, frost said but not acted on, and what each is worth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pipes.burst_causes import CAUSE_TUNABLES, Causes, CauseSettings, burst_chances, with_frost
from models.pipes.burst_risk import BurstBelief, default_settings
from models.statistics.local_trend import Trend

SETTINGS = default_settings()
OTHERS = CauseSettings(*(t.default for t in CAUSE_TUNABLES))
QUIET = BurstBelief.quiet(0.01)
LEAKING = BurstBelief(Trend(1.6, 0.2, 0.01, 0.0, 0.001), high_nights=5)


def chance(causes: Causes, days: float = 3.0) -> float:
    return float(burst_chances(causes, SETTINGS, OTHERS, days))


def test_a_quiet_riser_has_the_background() -> None:
    """0.05 bursts a year are four in ten thousand within 72 hours."""
    assert chance(Causes(QUIET)) == pytest.approx(0.05 * 3 / 365.25, rel=0.01)


def test_hammer_multiplies_the_background() -> None:
    """Ten swings of 3 bar a day, 270 times a daily 1-bar cycle, wear out twenty years in a month."""
    assert chance(Causes(QUIET, damage=270.0)) == pytest.approx(271 * chance(Causes(QUIET)), rel=0.06)
    assert chance(Causes(QUIET, damage=270.0), 30.0) > 0.6


def test_one_cause_is_enough() -> None:
    """The chance of all is one less the product of what each leaves."""
    leak, hammer, both = (chance(c) for c in (Causes(LEAKING), Causes(QUIET, 900.0), Causes(LEAKING, 900.0)))
    background = chance(Causes(QUIET))

    assert (1.0 - both) * (1.0 - background) == pytest.approx((1.0 - leak) * (1.0 - hammer), abs=1e-9)


def test_frost_is_in_what_is_said() -> None:
    """A riser that freezes with a chance of a half bursts with at least that; without weather nothing is added."""
    still = chance(Causes(QUIET, freeze=0.5))

    assert still == chance(Causes(QUIET))
    assert with_frost(still, Causes(QUIET, freeze=0.5)) == pytest.approx(0.5, abs=0.001)
    assert with_frost(still, Causes(QUIET)) == pytest.approx(still)


@given(st.floats(0.0, 1e5), st.floats(0.0, 1.0), st.floats(0.1, 300.0))
def test_a_chance_is_a_chance(damage: float, freeze: float, days: float) -> None:
    """Whatever strains it, all causes together are within [0, 1] and never less than one of them."""
    causes = Causes(LEAKING, damage, freeze)
    all_of_them = with_frost(chance(causes, days), causes)

    assert max(chance(Causes(LEAKING), days), freeze) - 1e-12 <= all_of_them <= 1.0
