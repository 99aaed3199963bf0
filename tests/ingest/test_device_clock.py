"""Device clocks: whose clock is wrong, and who only delivers late."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.device_clock import CLOCK_EVENT, DeviceClocks
from ingest.readings import Event

S = 1_000_000
MINUTE_US = 60 * S
BOUND_US = 10 * S
NOW_US = 1_764_000_000 * S


def heard(lags_us: list[int], every_us: int = 5 * MINUTE_US) -> list[Event]:
    """What is said of a device whose messages are so far ahead of their arrival, one after the other."""
    clocks = DeviceClocks(5 * S)
    times = [NOW_US + n * every_us for n in range(len(lags_us))]
    said = [clocks.hear("d", at_us + lag_us, at_us, BOUND_US) for at_us, lag_us in zip(times, lags_us, strict=True)]
    return [event for event in said if event is not None]


def test_half_an_hour_of_a_wrong_clock_is_said_every_ten_minutes() -> None:
    """A clock that is two hours behind is told of at once, by its arrival, and for sure after half an hour."""
    said = heard([-120 * MINUTE_US] * 12)
    sure = [event.at_us for event in said if event.attributes["sure"]]

    assert said[0] == Event("d", CLOCK_EVENT, NOW_US, {"off_s": -7_200, "sure": False})
    assert sure == [NOW_US + n * MINUTE_US for n in (30, 40, 50)]


def test_a_clock_that_is_ahead_is_told_of_too() -> None:
    """Four minutes ahead is wrong; the five seconds that are forgiven are not."""
    assert heard([240 * S] * 8)[-1].attributes == {"off_s": 240, "sure": True}
    assert heard([5 * S] * 8) == []


def test_what_was_held_back_is_no_wrong_clock() -> None:
    """A logger that delivers a day's readings after the network is back catches up, and its lag melts."""
    said = heard([-(24 * 60 - 20 * n) * MINUTE_US for n in range(72)])

    assert said
    assert not any(event.attributes["sure"] for event in said)


@given(st.lists(st.integers(-BOUND_US, 5 * S), max_size=40))
def test_delays_within_the_bound_say_nothing(lags_us: list[int]) -> None:
    """However messages are delayed within the bound, no clock is called wrong."""
    assert heard(lags_us) == []


def test_a_clock_that_was_set_right_is_forgotten() -> None:
    """After one message in time it takes another half hour."""
    said = heard([-120 * MINUTE_US] * 5 + [0] + [-120 * MINUTE_US] * 6)

    assert not any(event.attributes["sure"] for event in said)
