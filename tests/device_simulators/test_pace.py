"""Pace: when messages are due, by a clock that the test turns."""

import math

import pytest

from device_simulators.calendar import DAY_US, SECOND_US
from device_simulators.pace import Metronome, Pace, Phase, hurried, steady

START = 1_764_000_000_000_000


class Seconds:
    """A clock that stands until it is turned."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        """What it shows."""
        return self.now_s


def test_time_runs_at_the_speed_of_the_phase() -> None:
    """At ten times real time a message 50 simulated seconds ahead is due in five, and time shows how far it is."""
    seconds = Seconds()
    metronome = Metronome(steady(10.0), START, seconds)

    assert metronome.due_in_s(START + 50 * SECOND_US) == pytest.approx(5.0)
    seconds.now_s += 2.0
    assert metronome.due_in_s(START + 50 * SECOND_US) == pytest.approx(3.0)
    assert metronome.now_us() == START + 20 * SECOND_US


def test_phases_change_where_they_say() -> None:
    """After the fast-forward ends, what comes later is due by the next phase's speed, counted from the boundary."""
    seconds = Seconds()
    pace = Pace((Phase(START + DAY_US, 86_400.0), Phase(None, 2.0)))
    metronome = Metronome(pace, START, seconds)
    in_history = metronome.due_in_s(START + DAY_US // 2)
    seconds.now_s += 1.0
    after = metronome.due_in_s(START + DAY_US + 10 * SECOND_US)

    assert in_history == pytest.approx(0.5)
    assert after == pytest.approx(5.0)
    assert metronome.speed == 2.0


def test_lost_time_is_not_caught_up() -> None:
    """After a stall of a minute the next messages keep their distance instead of coming all at once."""
    seconds = Seconds()
    metronome = Metronome(steady(1.0), START, seconds)
    metronome.due_in_s(START + SECOND_US)
    seconds.now_s += 60.0

    assert metronome.due_in_s(START + SECOND_US) <= 0.0
    assert metronome.due_in_s(START + 6 * SECOND_US) == pytest.approx(5.0)


def test_no_more_messages_a_second_than_allowed() -> None:
    """However fast time runs, the messages of a few seconds are no more than the limit allows, and not much fewer."""
    seconds = Seconds()
    metronome = Metronome(Pace((Phase(None, math.inf),), max_messages_s=50.0), START, seconds)
    sent = 0
    for _ in range(300):
        seconds.now_s += 0.01
        while metronome.due_in_s(START + sent) <= 0.0:
            metronome.sent()
            sent += 1

    assert 145 <= sent <= 151


def test_the_hurried_pace_gallops_through_history_only() -> None:
    """For somebody who watches: 0.8 days a second through history, then twenty times and six times real time."""
    phases = hurried(START).phases

    assert [phase.speed for phase in phases] == [69_120.0, 20.0, 6.0]
    assert [phase.until_us for phase in phases] == [START, START + 720 * SECOND_US, None]
