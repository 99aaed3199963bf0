"""Pump cavitation: too little suction raises, and so do two of its signs; one sign alone, or a moment, does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.detectors.pump_cavitation import TUNABLES, PumpCavitation
from models.findings import Verdict
from models.pumps.cavitation import CavitationSettings, Signs
from models.pumps.hydraulics import npsh_margin_m
from tests.models.pump_lives import SOUND, STOPPED, Life, Told, between, lived, raised_hour, worst

SETTINGS = CavitationSettings(*(t.default for t in TUNABLES))
LOUD = {**SOUND, "acceleration_rms_m_s2": 7.5}
WEAK = {**SOUND, "pressure_kpa": 390.0}
STARVED = {**LOUD, "suction_pressure_kpa": -85.0, "pressure_kpa": 260.0}


def _without(told: Told, *names: str) -> Told:
    return {name: value for name, value in told.items() if name not in names}


@pytest.mark.parametrize(
    ("sick", "sound"),
    [
        ({**SOUND, "suction_pressure_kpa": -84.0}, SOUND),
        ({**LOUD, "pressure_kpa": 390.0}, SOUND),
        (_without({**LOUD, "pressure_kpa": 390.0}, "suction_pressure_kpa"), _without(SOUND, "suction_pressure_kpa")),
        ({**LOUD, "suction_pressure_kpa": -78.0}, SOUND),
    ],
    ids=["margin alone", "loud and weak", "without a suction gauge", "loud and little margin"],
)
def test_it_is_reported_after_ten_minutes(sick: Told, sound: Told) -> None:
    """Whichever way it shows, the order is due some ten minutes after it began."""
    raised = raised_hour(lived(PumpCavitation(), Life(7.0, between(6.0, 7.0, sick, sound))))

    assert raised is not None
    assert 9.5 <= (raised - 6.0) * 60 <= 16.0


LOOKALIKES: dict[str, tuple[float, float, Told]] = {
    "a worn bearing is loud in both": (6.0, 7.0, {**LOUD, "velocity_rms_mm_s": 2.4, "pressure_kpa": 445.0}),
    "noise alone": (6.0, 7.0, LOUD),
    "a worn impeller gives less head": (6.0, 7.0, WEAK),
    "the strainer is changed for five minutes": (6.0, 6.08, {**LOUD, "suction_pressure_kpa": -85.0}),
    "the tank is half empty": (6.0, 7.0, {**SOUND, "suction_pressure_kpa": 10.0}),
    "little is drawn at night": (6.0, 7.0, {**SOUND, "flow_m3_h": 3.0, "current_a": 7.0, "pressure_kpa": 470.0}),
    "the pump changes over": (6.0, 7.0, STOPPED),
}


@pytest.mark.parametrize("story", LOOKALIKES.values(), ids=LOOKALIKES.keys())
def test_what_only_resembles_cavitation_does_not_raise(story: tuple[float, float, Told]) -> None:
    """One sign alone, a moment of all, a fair suction and a pump at rest stay below a work order."""
    from_hour, to_hour, told = story
    found = lived(PumpCavitation(), Life(7.0, between(from_hour, to_hour, told)))

    assert found
    assert raised_hour(found) is None


def test_another_speed_is_not_loss_of_head() -> None:
    """A pump on a converter gives less head when it is slower; by the affinity laws it is on its curve."""

    def told(hour: float) -> Told:
        share = 1.0 if hour < 6.0 else 0.8
        return {
            **SOUND,
            "speed_rpm": 2750.0 * share,
            "flow_m3_h": 20.0 * share,
            "pressure_kpa": 40.0 + 410.0 * share**2,
            "acceleration_rms_m_s2": 7.5 if hour >= 6.0 else 3.0,
        }

    assert raised_hour(lived(PumpCavitation(), Life(7.0, told))) is None


def test_one_that_runs_dry_in_the_end_is_the_same_trouble_and_more_urgent() -> None:
    """After it cavitated its running dry goes up a level; running dry at once is left to the other detector."""
    starved = {**SOUND, "suction_pressure_kpa": -85.0}
    dry = {**SOUND, "suction_pressure_kpa": 0.0, "current_a": 4.5}
    first = lived(PumpCavitation(), Life(7.0, lambda h: SOUND if h < 6 else starved if h < 6.5 else dry))
    at_once = lived(PumpCavitation(), Life(7.0, between(6.5, 7.0, dry)))

    assert (first[-1].score, first[-1].severity) == (0.95, 1)
    assert at_once[-1].verdict is Verdict.NOT_APPLICABLE


def test_it_says_too_early_while_it_knows_nothing() -> None:
    """Without a suction gauge there is no word before the pump's own noise is known."""
    told = _without(SOUND, "suction_pressure_kpa")
    found = lived(PumpCavitation(), Life(6.0, lambda _: told))

    assert {f.verdict for f in found[:20]} == {Verdict.NOT_APPLICABLE, Verdict.TOO_EARLY}
    assert found[-1].verdict is Verdict.SCORED


def test_the_evidence_names_the_signs() -> None:
    """Of three signs all share the weight, and no single one would have kept it quiet; the margin alone would."""
    all_three = worst(
        lived(
            PumpCavitation(),
            Life(7.0, between(6.0, 7.0, STARVED)),
        )
    ).evidence
    margin = worst(
        lived(PumpCavitation(), Life(7.0, between(6.0, 7.0, {**SOUND, "suction_pressure_kpa": -85.0})))
    ).evidence

    assert all_three is not None
    assert [round(c.weight, 2) for c in all_three.contributions] == [0.33, 0.33, 0.33]
    assert all_three.counterfactual is None
    assert margin is not None
    assert margin.counterfactual is not None
    assert (margin.counterfactual.name, margin.counterfactual.value) == ("npsh_margin_m", 0.5)


def test_warm_water_leaves_less_margin() -> None:
    """At 60 C water boils at 20 kPa, so that two metres of the margin of cold water are gone."""
    cold, warm = (
        npsh_margin_m({"suction_pressure_kpa": 0.0, "fluid_temperature_c": water_c}, 1.0, 2.5)
        for water_c in (20.0, 60.0)
    )

    assert cold is not None
    assert warm is not None
    assert cold - warm == pytest.approx(1.8, abs=0.1)


signs = st.builds(
    Signs,
    st.none() | st.floats(-5.0, 20.0),
    st.none() | st.floats(0.1, 10.0),
    st.booleans(),
    st.floats(-0.5, 0.9),
    st.floats(-50.0, 50.0),
)


@given(signs, st.floats(0.0, 5.0))
def test_less_margin_never_scores_lower(shown: Signs, less: float) -> None:
    """The score is in [0, 1], and reaches a work order's only with the margin gone or with two signs."""
    worse = Signs((shown.margin_m or 0.0) - less, shown.loudness, shown.same_velocity, shown.drop, shown.drop_sigma)
    better = Signs(shown.margin_m or 0.0, shown.loudness, shown.same_velocity, shown.drop, shown.drop_sigma)

    assert 0.0 <= better.score(SETTINGS) <= worse.score(SETTINGS) <= 1.0
    gone = shown.margin_m is not None and shown.margin_m < SETTINGS.margin_m
    assert (shown.score(SETTINGS) >= 0.5) == (gone or len(shown.present(SETTINGS)) >= 2)
