"""Pump motor: unequal phases and a hot winding raise once they last; a start, a dip and a light load do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.detectors.pump_motor import PumpMotor, imbalance_percent
from models.findings import Verdict
from tests.models.pump_lives import Life, Told, between, lived, raised_hour, worst


def _drawn(mean_a: float = 12.0, weak: float = 1.0, winding_c: float = 62.0) -> Told:
    """Phases of which the third is weak; the monitor's own spread of 0.5 % comes on top."""
    phases = {"current_l1_a": mean_a, "current_l2_a": mean_a, "current_l3_a": mean_a * weak}
    return {**phases, "winding_temperature_c": winding_c, "speed_rpm": 2750.0}


def _life(then: Told, from_hour: float = 1.0, to_hour: float = 2.0) -> Life:
    return Life(2.0, between(from_hour, to_hour, then, _drawn()), spread=0.003)


@pytest.mark.parametrize(
    ("then", "severity"),
    [
        (_drawn(weak=0.9), 0),
        (_drawn(weak=0.7), 1),
        (_drawn(weak=0.0), 1),
        (_drawn(winding_c=86.0), 0),
        (_drawn(winding_c=99.0), 1),
    ],
    ids=["a loose terminal", "a burnt contact", "a lost phase", "hot", "over the trip"],
)
def test_it_is_reported_while_the_crew_can_still_do_something(then: Told, severity: int) -> None:
    """Within a quarter of an hour, and a level up where the winding is about to go."""
    found = lived(PumpMotor(), _life(then))
    raised = raised_hour(found)

    assert raised is not None
    assert 9 <= (raised - 1.0) * 60 <= 15
    assert worst(found).severity == severity


LOOKALIKES = {
    "a light load": _life(_drawn(mean_a=3.0, weak=0.85)),
    "a dip of one phase for three minutes": _life(_drawn(weak=0.5), 1.0, 1.05),
    "as unequal as the supply is": _life(_drawn(weak=0.96)),
    "a warm room": _life(_drawn(winding_c=77.0)),
}


@pytest.mark.parametrize("life", LOOKALIKES.values(), ids=LOOKALIKES.keys())
def test_what_only_resembles_it_does_not_raise(life: Life) -> None:
    """Light loads, dips, the supply's own imbalance and a warm room stay below a work order."""
    found = lived(PumpMotor(), life)

    assert found
    assert raised_hour(found) is None


def test_a_pump_that_has_just_started_is_not_judged() -> None:
    """What a start draws is not the motor's fault."""
    found = lived(PumpMotor(), Life(0.2, lambda _: _drawn(weak=0.5)))

    assert found[0].verdict is Verdict.NOT_APPLICABLE
    assert raised_hour(found[:3]) is None


def test_the_evidence_names_what_decided() -> None:
    """The phases or the winding come first, with the limit that was passed."""
    unequal, hot = (
        worst(lived(PumpMotor(), _life(then))).evidence for then in (_drawn(weak=0.9), _drawn(winding_c=86))
    )

    assert unequal is not None
    assert unequal.contributions[0].name == "current_imbalance_percent"
    assert unequal.contributions[0].value == pytest.approx(7, abs=1)
    assert hot is not None
    assert hot.counterfactual is not None
    assert (hot.counterfactual.name, hot.counterfactual.value) == ("winding_temperature_c", 80.0)


@given(st.lists(st.floats(0.1, 500.0), min_size=3, max_size=3), st.floats(0.1, 10.0))
def test_imbalance_is_the_same_in_any_unit_and_order(phases: list[float], scale: float) -> None:
    """It is a share: scaling all phases or naming them otherwise changes nothing."""
    said = imbalance_percent(phases)

    assert 0.0 <= said <= 200.0
    assert imbalance_percent([scale * phase for phase in reversed(phases)]) == pytest.approx(said, abs=1e-6)
