"""Series quality: what jumps, sticks, comes back and repeats itself, and what only looks like it."""

import random
from collections.abc import Iterable

import pytest

from ingest.formats.wire_format import Decoded
from ingest.judge import Judge, Verdict
from ingest.readings import Quality, Reading
from ingest.series_quality import RULES, Track, flags, take
from tests.ingest.community import NOW_US, SITE, community

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US


def told(metric: str, values: Iterable[float], every_us: int = MINUTE_US) -> list[int]:
    """The flags of a series with even intervals."""
    tracks: dict[str, Track] = {}
    return [flags(tracks, metric, NOW_US + n * every_us, value) for n, value in enumerate(values)]


def noise(count: int, digits: int = 2, seed: int = 1) -> list[float]:
    dice = random.Random(seed)  # noqa: S311 -- dice of a test
    return [round(350.0 + dice.gauss(0.0, 0.3), digits) for _ in range(count)]


def test_five_equal_values_of_a_fine_sensor_are_a_flat_line() -> None:
    """A logger that has never repeated itself sticks from the fifth equal value on, until it moves."""
    said = told("pressure_kpa", [*noise(600), *[351.21] * 8, *noise(5, seed=2)])

    assert said[:604] == [0] * 604
    assert said[604:608] == [Quality.STUCK] * 4
    assert said[608:] == [0] * 5


def test_a_coarse_sensor_may_keep_still_as_long_as_is_its_habit() -> None:
    """A gauge that shows whole kilopascals is flat for hours, and stuck only after three times its longest."""
    day = [float(350 + n // 90 % 2) for n in range(24 * 60)]
    said = told("pressure_kpa", [*day, *[360.0] * 400])

    assert set(said[: len(day)]) == {0}
    assert said.index(Quality.STUCK) == len(day) + 3 * 89


def test_a_sensor_that_was_stuck_from_the_first_is_found_after_a_day() -> None:
    """Before its habits are known a series may keep still for a day."""
    said = told("pressure_kpa", [350.0] * 30, every_us=HOUR_US)

    assert said.index(Quality.STUCK) == 24


@pytest.mark.parametrize(
    ("metric", "value"), [("current_a", 0.0), ("flow_m3_h", 0.0), ("velocity_rms_mm_s", 0.04), ("door_closed", 1.0)]
)
def test_what_rests_is_not_stuck(metric: str, value: float) -> None:
    """A pump at rest, a pipe nobody draws from and a closed door keep still for ever."""
    assert set(told(metric, [value] * 2_000, every_us=HOUR_US)) == {0}


def test_a_machine_at_rest_shakes_nothing() -> None:
    """While the speed says that the pump stands, its kurtosis may keep still; while it runs, not."""
    tracks: dict[str, Track] = {}
    rest, run = list[int](), list[int]()
    for n in range(600):
        at_us = NOW_US + n * 5 * MINUTE_US
        flags(tracks, "speed_rpm", at_us, 0.0 if n < 300 else 2_750.0)
        (rest if n < 300 else run).append(flags(tracks, "kurtosis", at_us, 3.0))

    assert set(rest) == {0}
    assert Quality.STUCK in run


def test_a_burst_edge_is_a_jump_and_then_rest() -> None:
    """Pressure that falls to nothing jumps once and is not called stuck for a day."""
    said = told("pressure_kpa", [*noise(300), *[0.0] * 1_000])

    assert said[300] == Quality.JUMP
    assert set(said[301:]) == {0}


def test_slow_is_no_jump() -> None:
    """A temperature may go far in an hour, and not in a second."""
    rule = RULES["fluid_temperature_c"]
    slow, fast = Track.begun(0, 20.0), Track.begun(0, 20.0)

    assert take(slow, rule, HOUR_US, 60.0) == 0
    assert take(fast, rule, 1_000_000, 60.0) == Quality.JUMP


def test_the_first_after_a_silence_says_so() -> None:
    """A minute's logger that is back after an hour is after a gap; its level may have changed meanwhile."""
    tracks: dict[str, Track] = {}
    for n in range(60):
        flags(tracks, "pressure_kpa", NOW_US + n * MINUTE_US, 350.0 + n % 3)

    assert flags(tracks, "pressure_kpa", NOW_US + 120 * MINUTE_US, 900.0) == Quality.AFTER_GAP
    assert flags(tracks, "pressure_kpa", NOW_US + 121 * MINUTE_US, 901.0) == 0


def test_another_value_for_the_same_moment_repeats() -> None:
    """The second word on a moment is flagged and forgotten; what comes after its time is only forgotten."""
    tracks: dict[str, Track] = {}
    for at_us in (NOW_US, NOW_US + MINUTE_US):
        flags(tracks, "pressure_kpa", at_us, 350.0)

    assert flags(tracks, "pressure_kpa", NOW_US + MINUTE_US, 999.0) == Quality.REPEATED
    assert flags(tracks, "pressure_kpa", NOW_US, 999.0) == 0
    assert tracks["pressure_kpa"].value == 350.0


def test_a_message_that_is_judged_again_does_not_repeat_itself() -> None:
    """When the log takes nothing and a message is judged once more, it is not flagged for that."""
    judge = Judge(community(), 10_000_000)
    message = Decoded("riser-1-p", (Reading("riser-1-p", "pressure_kpa", NOW_US, 350.0),))
    said = [judge.judge(message, SITE, at_us, {}) for at_us in (NOW_US, NOW_US, NOW_US + 1)]
    found = [verdict.batch.readings[0].quality for verdict in said if isinstance(verdict, Verdict)]

    assert found == [0, 0, Quality.REPEATED]
