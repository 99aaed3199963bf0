"""Pump cycling: more than twelve starts within an hour raise, told by a counter or seen; fewer never do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.detectors.pump_cycling import PumpCycling
from models.findings import Verdict
from models.pumps.starts import Starts
from tests.models.pump_lives import SOUND, STOPPED, Life, Told, lived, raised_hour, worst
from tests.models.stream import HOUR_US, MINUTE_US


def _counted(hour: float, per_hour: float, from_hour: float = 2.0) -> Told:
    """A counter that runs at two starts an hour, and at `per_hour` from an hour on."""
    starts = 2.0 * min(hour, from_hour) + per_hour * max(0.0, hour - from_hour)
    return {"starts_total": float(int(1_000 + starts)), "speed_rpm": 2750.0}


@pytest.mark.parametrize("per_hour", [14, 20, 40])
def test_a_counter_that_runs_is_enough(per_hour: int) -> None:
    """Though the pump is never seen at rest, its counter tells; the faster it runs the sooner."""
    raised = raised_hour(lived(PumpCycling(), Life(4.0, lambda h: _counted(h, per_hour))))

    assert raised is not None
    assert 10 / per_hour <= raised - 2.0 <= 13 / per_hour + 0.1


def test_starts_that_are_seen_count_without_a_counter() -> None:
    """A pump seen to stop and start every three minutes starts twenty times an hour."""
    found = lived(PumpCycling(), Life(3.0, lambda h: SOUND if round(h * 60) % 3 == 0 else STOPPED))
    evidence = worst(found).evidence

    assert evidence is not None
    assert evidence.contributions[0].value == 20
    assert evidence.counterfactual is not None
    assert evidence.counterfactual.value == 12


LOOKALIKES = {
    "tops its vessel up at night": Life(6.0, lambda h: SOUND if round(h * 60) % 10 == 0 else STOPPED),
    "ten starts an hour": Life(4.0, lambda h: _counted(h, 10)),
    "follows the demand without a rest": Life(4.0, lambda _: SOUND),
    "a power dip and three tries": Life(4.0, lambda h: STOPPED if round(h * 60) in {100, 102, 104} else SOUND),
    "the counter is set back to zero": Life(4.0, lambda h: _counted(h, 2) if h < 3 else {"starts_total": 3.0}),
}


@pytest.mark.parametrize("life", LOOKALIKES.values(), ids=LOOKALIKES.keys())
def test_an_ordinary_number_of_starts_does_not_raise(life: Life) -> None:
    """Night starts, a trip and a counter that is set back stay below a work order."""
    found = lived(PumpCycling(), life)

    assert found[0].verdict is Verdict.TOO_EARLY
    assert raised_hour(found) is None


def test_twice_and_a_half_the_limit_is_more_urgent() -> None:
    """Thirty starts an hour are a level up."""
    severities = [worst(lived(PumpCycling(), Life(4.0, lambda h, n=n: _counted(h, n)))).severity for n in (20, 40)]  # type: ignore[misc]

    assert severities == [0, 1]


@given(st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=60))
def test_a_counter_and_eyes_agree(line: list[tuple[int, bool]]) -> None:
    """Where every start is seen after a rest, counting them gives what a counter tells."""
    seen, told = Starts({}), Starts({})
    minute, counter, turned = 0, 0, line[0][1]
    for gap, turns in line:
        minute += gap
        counter += turns and not turned
        turned = turns
        seen.take(HOUR_US + minute * MINUTE_US, turns, None)
        told.take(HOUR_US + minute * MINUTE_US, turns, float(counter))

        assert seen.an_hour() == told.an_hour()


@pytest.mark.parametrize(("rest_s", "count"), [(1, 0), (4, 0), (10, 20), (60, 20)])
def test_a_current_that_flickers_is_no_start(rest_s: int, count: int) -> None:
    """A running pump whose current falls to nothing for seconds was never stopped; one that rested was."""
    starts = Starts({})
    for n in range(20):
        starts.take((n * 170) * 1_000_000, turns=True, counter=None)
        for second in range(rest_s):
            starts.take((n * 170 + 60 + second) * 1_000_000, turns=False, counter=None)
        starts.take((n * 170 + 60 + rest_s) * 1_000_000, turns=True, counter=None)

    assert starts.an_hour() == count
