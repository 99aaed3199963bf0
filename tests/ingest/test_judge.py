"""The judge: lateness in event time, clocks that run ahead, values nobody believes, and the watermark."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats.wire_format import Decoded
from ingest.judge import Judge, Verdict
from ingest.quarantine import Reason, Rejection
from ingest.readings import Event, Quality, Reading
from tests.ingest.community import DEVICES, NOW_US, SECOND_US, SITE, FixedClock, community

LATENESS_US = 10 * SECOND_US
DAY_US = 86_400 * SECOND_US
MINUTE_US = 60 * SECOND_US
JUDGE = Judge(community(), LATENESS_US)


def pressure(at_us: int, value: float = 300.0, device: str = "riser-1-p") -> Decoded:
    return Decoded(device, (Reading(device, "pressure_kpa", at_us, value),))


def judged(decoded: Decoded, received_us: int = NOW_US, watermark_us: int = NOW_US, judge: Judge = JUDGE) -> Verdict:
    verdict = judge.judge(decoded, SITE, received_us, {SITE: watermark_us})
    assert isinstance(verdict, Verdict)
    return verdict


def quality(verdict: Verdict) -> Quality:
    """What decides; the advice on a series is tested with `series_quality`."""
    decides = Quality.LATE | Quality.CLOCK_AHEAD | Quality.OUT_OF_RANGE
    return Quality(verdict.batch.readings[0].quality) & decides


@given(
    st.lists(
        st.tuples(st.integers(0, 3_600 * SECOND_US), st.integers(0, LATENESS_US), st.sampled_from(DEVICES)),
        min_size=1,
        max_size=30,
    )
)
def test_a_delay_within_the_bound_is_never_late(sent: list[tuple[int, int, str]]) -> None:
    """Whatever order delays of at most the bound bring about, nothing is flagged, and the watermark is the same."""
    watermarks: dict[str, int] = {}
    arrivals = sorted((NOW_US + at_us + delay_us, NOW_US + at_us, device) for at_us, delay_us, device in sent)
    for received_us, at_us, device in arrivals:
        verdict = JUDGE.judge(pressure(at_us, device=device), SITE, received_us, watermarks)
        assert isinstance(verdict, Verdict)
        assert quality(verdict) is Quality.GOOD
        watermarks[SITE] = verdict.watermark_us

    assert watermarks[SITE] == max(at_us for _, at_us, _ in arrivals)


@given(st.integers(1, 3_600 * SECOND_US), st.integers(0, 20 * SECOND_US), st.sampled_from(["riser-1-p", "slow"]))
def test_a_delay_beyond_the_bound_is_always_late(beyond_us: int, patience_us: int, device: str) -> None:
    """One microsecond further behind the watermark than the device's bound is late, and moves nothing."""
    judge = Judge(community(patience_us), LATENESS_US)
    bound_us = LATENESS_US + (patience_us if device == "slow" else 0)
    late = judged(pressure(NOW_US - bound_us - beyond_us, device=device), judge=judge)
    in_time = judged(pressure(NOW_US - bound_us, device=device), judge=judge)

    assert quality(late) is Quality.LATE
    assert late.watermark_us == NOW_US
    assert quality(in_time) is Quality.GOOD


@given(st.lists(st.tuples(st.integers(-2 * DAY_US, 9 * MINUTE_US), st.floats(-1e4, 1e5)), max_size=20))
def test_the_watermark_never_goes_back_nor_past_arrival(sent: list[tuple[int, float]]) -> None:
    """No clock, however wrong, takes the site's time back, or further than the tolerated 5 s past now."""
    watermarks = {SITE: NOW_US - MINUTE_US}
    for offset_us, value in sent:
        verdict = JUDGE.judge(pressure(NOW_US + offset_us, value), SITE, NOW_US, watermarks)
        assert isinstance(verdict, Verdict)
        assert watermarks[SITE] <= verdict.watermark_us <= NOW_US + 5 * SECOND_US
        watermarks[SITE] = verdict.watermark_us


@pytest.mark.parametrize(
    ("offset_us", "flags", "moved_to_us"),
    [
        (5 * SECOND_US, Quality.GOOD, 5 * SECOND_US),
        (5 * SECOND_US + 1, Quality.CLOCK_AHEAD, 0),
        (10 * MINUTE_US, Quality.CLOCK_AHEAD, 0),
        (-DAY_US, Quality.GOOD, -DAY_US),
        (-DAY_US - 1, Quality.LATE, None),
    ],
)
def test_the_first_message_of_a_site(offset_us: int, flags: Quality, moved_to_us: int | None) -> None:
    """Without a watermark only the clock and the age decide, to the microsecond."""
    verdict = JUDGE.judge(pressure(NOW_US + offset_us), SITE, NOW_US, {})

    assert isinstance(verdict, Verdict)
    assert quality(verdict) is flags
    assert verdict.watermark_us == (0 if moved_to_us is None else NOW_US + moved_to_us)


@pytest.mark.parametrize("value", [-100.1, 10_000.1])
def test_an_impossible_value_is_flagged_and_moves_nothing(value: float) -> None:
    """What no sensor can measure is kept for history, and is no proof of what time it is."""
    verdict = judged(pressure(NOW_US + SECOND_US, value))

    assert quality(verdict) is Quality.OUT_OF_RANGE
    assert verdict.watermark_us == NOW_US


def test_flags_add_up() -> None:
    """A late and impossible value is both."""
    assert quality(judged(pressure(NOW_US - MINUTE_US, 1e6))) == Quality.LATE | Quality.OUT_OF_RANGE


def test_events_are_judged_like_readings() -> None:
    """A late event is flagged, one in time moves the watermark."""
    events = tuple(Event("pump-1", "a.b", NOW_US + offset) for offset in (-MINUTE_US, SECOND_US))
    verdict = judged(Decoded("pump-1", events=events))

    assert [event.quality for event in verdict.batch.events] == [Quality.LATE, Quality.GOOD]
    assert verdict.watermark_us == NOW_US + SECOND_US


@pytest.mark.parametrize(
    ("decoded", "site", "reason"),
    [
        (pressure(NOW_US, device="nobody"), SITE, Reason.UNKNOWN_DEVICE),
        (pressure(NOW_US), "elsewhere", Reason.WRONG_SITE),
        (Decoded("pump-1", (Reading("pump-1", "mood", NOW_US, 1.0),)), SITE, Reason.UNKNOWN_METRIC),
        (pressure(NOW_US + 10 * MINUTE_US + 1), SITE, Reason.TOO_FAR_IN_FUTURE),
        (pressure(10**40), SITE, Reason.TOO_FAR_IN_FUTURE),
        (Decoded("pump-1", events=(Event("pump-1", "a.b", NOW_US + DAY_US),)), SITE, Reason.TOO_FAR_IN_FUTURE),
    ],
)
def test_what_cannot_be_judged_is_refused_by_name(decoded: Decoded, site: str, reason: Reason) -> None:
    """A message of an unknown device, or from the future, goes to quarantine whole."""
    refused = JUDGE.judge(decoded, site, NOW_US, {})

    assert isinstance(refused, Rejection)
    assert refused.reason == reason


@pytest.mark.parametrize(("speed", "said"), [(1.0, ["device.clock"]), (86_400.0, [])])
def test_a_clock_that_hurries_finds_no_device_wrong(speed: float, said: list[str]) -> None:
    """In a simulation that makes up for days what is under way is hours old; that is no fault of its device."""
    clock = FixedClock()
    clock.speed = speed
    judge = Judge(community(), LATENESS_US, clock)
    verdict = judged(pressure(NOW_US - 2 * 60 * MINUTE_US), watermark_us=NOW_US - 3 * 60 * MINUTE_US, judge=judge)

    assert [event.kind for event in verdict.batch.events] == said
