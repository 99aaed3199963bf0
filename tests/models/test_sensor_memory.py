"""Sensor memory: what is stored of a device says as much as what was known, in few characters."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.metrics import METRICS
from ingest.series_quality import RULES, Track, take
from models.detector import State
from models.sensors.drift import add, day_added, end_day, new_days
from models.sensors.habits import USUAL, habit_of, hear_word, is_known, keep_habit, new_habit, silent_after_us
from models.sensors.series import JUDGED, decimals_of, track_of, track_stored
from tests.models.worlds import T0, S

MINUTE_US = 60 * S
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US


@given(
    st.lists(st.tuples(st.integers(-HOUR_US, HOUR_US), st.sampled_from([0.0, 1.0, 350.0, 900.0])), max_size=60),
    st.integers(0, HOUR_US),
    st.integers(0, HOUR_US),
    st.integers(0, 2 * DAY_US),
)
def test_a_track_that_is_stored_after_every_reading_gets_the_same_flags(
    steps: list[tuple[int, float]], ahead_us: int, pace_us: int, later_us: int
) -> None:
    """Whatever else its device said since, a series is taken up where it was left."""
    at_us, kept, stored = T0, Track.begun(T0, 0.0), Track.begun(T0, 0.0)
    for step_us, value in steps:
        at_us += step_us
        habit = {"at_us": stored.at_us + ahead_us, "born_us": T0 - later_us, "pace_us": pace_us}
        stored = track_of(json.loads(json.dumps(track_stored(stored, habit))), habit)

        assert take(stored, RULES["pressure_kpa"], at_us, value) == take(kept, RULES["pressure_kpa"], at_us, value)
        assert track_stored(stored, habit) == track_stored(kept, habit)


def test_of_a_lively_sensor_two_numbers_are_stored() -> None:
    """Its value and its share of runs; on its first day also when it was born, if that was after its device."""
    track = Track.begun(T0, 350.0)
    habit = {"at_us": T0 + HOUR_US, "born_us": T0 - HOUR_US, "pace_us": HOUR_US}
    take(track, RULES["pressure_kpa"], T0 + HOUR_US, 350.1)
    young = track_stored(track, habit)
    for n in range(2, 30):
        take(track, RULES["pressure_kpa"], T0 + n * HOUR_US, 350.0 + n / 10)

    assert young[-1] == HOUR_US
    assert len(track_stored(track, habit | {"at_us": T0 + 29 * HOUR_US, "born_us": T0})) == 2
    assert len(track_stored(track, habit | {"at_us": T0 + 29 * HOUR_US})) == 2


def _stored(habit: State) -> State:
    known: State = {}
    keep_habit(known, habit)
    return known


@given(st.lists(st.integers(1, 30 * HOUR_US), max_size=40), st.sampled_from([0, HOUR_US]))
def test_a_habit_that_is_stored_after_every_word_knows_the_same(pauses_us: list[int], registered_us: int) -> None:
    """When a device is silent is the same whether its habits were stored in between or not."""
    at_us, kept = T0, new_habit(T0) | {"registered_us": registered_us, "measures": True}
    stored = kept
    for pause_us in pauses_us:
        at_us += pause_us
        stored = habit_of(json.loads(json.dumps(_stored(stored))))
        for habit in (kept, stored):
            hear_word(habit, at_us, silent_after_us(habit, registered_us))

        assert is_known(stored) == is_known(kept)
        assert silent_after_us(stored, registered_us) == silent_after_us(kept, registered_us)
        assert _stored(stored) == _stored(kept)


def test_what_is_usual_of_a_habit_is_left_out() -> None:
    """Of a device that reports evenly only when it began, spoke and how often it does."""
    habit = {**USUAL, "at_us": T0 + DAY_US, "born_us": T0, "pace_us": MINUTE_US, "longest_us": MINUTE_US, "words": 900}

    assert _stored(habit) == {"at_us": T0 + DAY_US, "born_us": T0, "pace_us": MINUTE_US}


def test_the_mean_of_a_day_is_that_of_its_readings() -> None:
    """A day of few readings teaches nothing; another day's mean is right to a hundredth."""
    few, days = new_days(), new_days()
    for n in range(24):
        add(days, 20.0 + n / 10)
    end_day(days, 20_448)

    assert days == {"sum": 0, "count": 0, "means": [20_448, 2_115, ""]}
    assert day_added(few["means"], 20_448, 20_000, 3) == []


@pytest.mark.parametrize("metric", sorted(JUDGED))
def test_a_picture_is_much_finer_than_what_is_a_fault(metric: str) -> None:
    """What its evidence rounds away is at most a fiftieth of a jump or a drift of that metric."""
    limits = METRICS[metric]

    assert 10.0 ** -decimals_of(metric) <= min(limits.step, limits.drift) / 50
