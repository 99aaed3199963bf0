"""Pump dry run: no water and no load for half a minute raises; either alone, or a moment of both, does not."""

from dataclasses import replace

import pytest

from ingest.readings import Batch, Reading
from models.detectors.pump_dry_run import PumpDryRun
from models.findings import Verdict
from models.thresholds import DefaultThresholds
from tests.models.pump_lives import PUMP, SOUND, STOPPED, Life, between, lived, raised_hour, worst
from tests.models.stream import MIDNIGHT_US, SECOND_US

DRY = {**SOUND, "suction_pressure_kpa": 2.0, "current_a": 5.0, "flow_m3_h": 0.0, "pressure_kpa": 60.0}
BOOK = DefaultThresholds(PumpDryRun.spec.tunables)


@pytest.mark.parametrize(("every_s", "within_s"), [(5, 36), (10, 41), (60, 61)])
def test_a_pump_without_water_is_reported_within_the_minute(every_s: int, within_s: int) -> None:
    """From the first dry sample it takes the half minute of the rule, and the samples that show it."""
    raised = raised_hour(lived(PumpDryRun(), Life(1.2, between(1.0, 1.2, DRY), every_s)))

    assert raised is not None
    assert 30 <= round((raised - 1.0) * 3600) <= within_s


LOOKALIKES = {
    "little is drawn at night": between(0.5, 1.0, {**SOUND, "current_a": 6.5, "flow_m3_h": 1.0}),
    "the tank is low and the pump loaded": between(0.5, 1.0, {**SOUND, "suction_pressure_kpa": 12.0}),
    "the tank is low at night, when it turns slowly": between(
        0.5, 1.0, {**SOUND, "suction_pressure_kpa": 12.0, "speed_rpm": 2538.0, "current_a": 7.7}
    ),
    "suction and load dip while a valve is turned": between(0.5, 0.505, DRY),
    "the supply dips and the pump stops": between(0.5, 0.6, {**STOPPED, "suction_pressure_kpa": 5.0}),
    "the pump stands beside an empty pipe": between(0.5, 1.0, {**STOPPED, "suction_pressure_kpa": 0.0}),
}


@pytest.mark.parametrize("told", LOOKALIKES.values(), ids=LOOKALIKES.keys())
def test_what_only_resembles_a_dry_run_does_not_raise(told: object) -> None:
    """Low suction or low load alone, a moment of both, and a pump at rest stay below a work order."""
    found = lived(PumpDryRun(), Life(1.2, told, every_s=10))  # type: ignore[arg-type]

    assert found
    assert raised_hour(found) is None


def test_a_pump_at_rest_is_neither_wet_nor_dry() -> None:
    """While it stands nothing is said about water, and it is calm again only once it has run with water."""
    told = between(0.5, 1.0, {**STOPPED, "suction_pressure_kpa": 0.0}, {**DRY})
    found = lived(PumpDryRun(), Life(1.0, told, every_s=10))

    assert {f.verdict for f in found if f.at_us >= MIDNIGHT_US + 1801 * SECOND_US} == {Verdict.NOT_APPLICABLE}


def test_the_rated_current_follows_from_the_power() -> None:
    """Where only the power is known it is two amperes a kilowatt; where neither is, nothing is said."""
    small = replace(PUMP, limits={"power_kw": 7.5})
    unknown = replace(PUMP, limits={})
    told = between(0.5, 1.0, DRY)

    assert raised_hour(lived(PumpDryRun(), Life(1.0, told, pump=small))) is not None
    assert {f.verdict for f in lived(PumpDryRun(), Life(1.0, told, pump=unknown))} == {Verdict.NOT_APPLICABLE}


def _message(seconds: range, said: dict[str, float]) -> Batch:
    readings = tuple(
        Reading("p-m", metric, MIDNIGHT_US + s * SECOND_US, value) for s in seconds for metric, value in said.items()
    )
    return Batch("s", "p-m", MIDNIGHT_US, readings=readings)


def test_one_message_with_half_a_minute_of_it_is_enough() -> None:
    """A gathered message proves it by itself; a shorter one, and one that does not tell the speed, do not."""
    speechless = {name: value for name, value in DRY.items() if name != "speed_rpm"}
    early = [
        PumpDryRun().judge_on_arrival(_message(seconds, said), PUMP, BOOK)
        for seconds, said in ((range(0, 41, 10), DRY), (range(0, 21, 10), DRY), (range(0, 41, 10), speechless))
    ]

    assert [len(found) for found in early] == [1, 0, 0]
    assert early[0][0].at_us == MIDNIGHT_US + 30 * SECOND_US


def test_the_evidence_says_what_it_went_by() -> None:
    """Suction, load and duration; had the suction stayed at the limit there would have been no order."""
    found = worst(lived(PumpDryRun(), Life(1.1, between(1.0, 1.1, DRY), every_s=10)))
    evidence = found.evidence

    assert evidence is not None
    assert [c.name for c in evidence.contributions] == ["suction_pressure_kpa", "current_share", "dry_s"]
    assert evidence.contributions[1].value == pytest.approx(37, abs=3)
    assert evidence.counterfactual is not None
    assert (evidence.counterfactual.value, evidence.counterfactual.over) == (20.0, True)


def test_suction_held_at_the_counterfactual_raises_nothing() -> None:
    """The same pump with the suction at the bound that was said has no order."""
    held = {**DRY, "suction_pressure_kpa": 20.0}

    assert raised_hour(lived(PumpDryRun(), Life(1.2, between(1.0, 1.2, held), every_s=10, spread=0.0))) is None
