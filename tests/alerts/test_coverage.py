"""Coverage: which asset is watched for what, and why not where it is not."""

from collections.abc import Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from alerts.coverage import Cause, Cover, Known, Standing, counts, coverage
from alerts.watches import Watch
from alerts.words.coverage import STANDING_NAMES, cover_sentence
from ingest.log import LastWord
from ingest.registry import AssetClass
from ingest.series_quality import Track
from models.detector import State
from models.detectors.catalogue import DETECTORS
from models.findings import Verdict
from models.sensors.habits import keep_habit, new_habit
from models.sensors.series import POINT_US, track_stored
from tests.models.worlds import T0, asset, device, registry

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
NOW_US = T0 + 30 * DAY_US
RISER = asset("r", AssetClass.RISER)
WORLD = registry([RISER], [device("r-v", "r")])
WATCHED = {("r", "pipe.burst"): Watch("r", "pipe.burst", NOW_US - HOUR_US, Verdict.SCORED, 0.01, 0.01)}


def spoken(says: tuple[str, ...] = ("pipe_vibration_um_s2",), **habit: object) -> State:
    """What `sensor.fault` remembers of a device that has reported every quarter of an hour since a month."""
    usual = {"at_us": NOW_US, "words": 3_000, "measures": True, "pace_us": 15 * MINUTE_US, "longest_us": 15 * MINUTE_US}
    spoken: State = {"says": list(says), "series": {}}
    keep_habit(spoken, new_habit(T0) | usual | habit)
    return spoken


def known(**facts: object) -> Known:
    words = {"r-v": LastWord(NOW_US, NOW_US)}
    whole = Known(NOW_US, WORLD, DETECTORS, WATCHED, words, {"r-v": spoken()})
    return replace(whole, **facts)  # type: ignore[arg-type]  # fields of Known


def burst(**facts: object) -> Cover:
    return next(cover for cover in coverage(known(**facts)) if cover.failure_mode == "pipe.burst")


def stuck() -> Mapping[str, State]:
    told = Track(NOW_US, 4_000.0, T0, NOW_US - 2 * HOUR_US, 9, 15 * MINUTE_US, 0, 66)
    track = track_stored(told, {"at_us": NOW_US, "born_us": T0, "pace_us": 15 * MINUTE_US})
    series = {"track": track, "points": [NOW_US // POINT_US, 4_000, ""], "held": [[NOW_US - 2 * HOUR_US, NOW_US + 1]]}
    return {"r-v": spoken() | {"series": {"pipe_vibration_um_s2": series}}}


CASES: tuple[tuple[Mapping[str, object], Standing, Cause, str], ...] = (
    ({}, Standing.WATCHED, Cause.NONE, "Its devices report and it is judged."),
    (
        {"registry": registry([RISER], [])},
        Standing.NOT_WATCHED,
        Cause.NO_DEVICE,
        "No device is registered for it: install one and register it.",
    ),
    (
        {"registry": registry([RISER], []), "waiting": {"gardens": 2}},
        Standing.NOT_WATCHED,
        Cause.WAITING,
        "No device is registered for it; 2 of this site wait for approval: see the waiting list.",
    ),
    (
        {"words": {}, "devices": {}},
        Standing.NOT_WATCHED,
        Cause.NEVER_HEARD,
        "r-v is registered and was never heard: check its power, network and topic.",
    ),
    (
        {"devices": {"r-v": spoken(("pressure_kpa",))}},
        Standing.NOT_WATCHED,
        Cause.METRIC_MISSING,
        "No device reports the pipe vibration this needs: check the mapping of names, or add a sensor.",
    ),
    (
        {"ingest_away_us": NOW_US - HOUR_US},
        Standing.UNKNOWN,
        Cause.INGEST_AWAY,
        "Nothing is taken in since today 23:00: ingest does not run, or has no broker.",
    ),
    (
        {"scoring_behind_us": NOW_US - HOUR_US},
        Standing.UNKNOWN,
        Cause.SCORING_BEHIND,
        "Scoring is behind since today 23:00: look at the score process.",
    ),
    (
        {"words": {"r-v": LastWord(NOW_US - DAY_US, 0)}, "devices": {"r-v": spoken(at_us=NOW_US - DAY_US)}},
        Standing.UNKNOWN,
        Cause.SILENT,
        "r-v is silent since today 00:00.",
    ),
    (
        {"devices": {"r-v": spoken(offline_us=NOW_US - HOUR_US)}},
        Standing.UNKNOWN,
        Cause.SILENT,
        "r-v is silent since today 23:00.",
    ),
    (
        {"devices": {"r-v": spoken() | {"clock": {"off_s": -7_200, "since_us": NOW_US, "at_us": NOW_US}}}},
        Standing.UNKNOWN,
        Cause.CLOCK,
        "r-v has a clock that is 2 hours behind: what it says comes too late to be judged; set it right.",
    ),
    (
        {"words": {"r-v": LastWord(NOW_US, NOW_US - 2 * HOUR_US)}, "devices": {}},
        Standing.UNKNOWN,
        Cause.CLOCK,
        "r-v has a clock that is 2 hours behind: what it says comes too late to be judged; set it right.",
    ),
    (
        {"devices": stuck()},
        Standing.UNKNOWN,
        Cause.CHANNEL,
        "The pipe vibration sensor of r-v is faulty, so nothing is read from it.",
    ),
    (
        {"watches": {("r", "pipe.burst"): Watch("r", "pipe.burst", NOW_US - HOUR_US, Verdict.UNKNOWN, None, None)}},
        Standing.UNKNOWN,
        Cause.NO_VALID_DATA,
        "There is no valid data since today 23:00.",
    ),
    (
        {"watches": {}, "devices": {"r-v": spoken(born_us=NOW_US - DAY_US)}},
        Standing.LEARNING,
        Cause.LEARNING,
        "It is learning what is usual, until about 30 December.",
    ),
    (
        {"watches": {("r", "pipe.burst"): Watch("r", "pipe.burst", NOW_US, Verdict.TOO_EARLY, None, None)}},
        Standing.LEARNING,
        Cause.LEARNING,
        "It is learning what is usual; too little data came in so far.",
    ),
)


@pytest.mark.parametrize(("facts", "standing", "cause", "sentence"), CASES, ids=lambda one: getattr(one, "value", ""))
def test_every_reason_is_told_from_the_others(
    facts: Mapping[str, object], standing: Standing, cause: Cause, sentence: str
) -> None:
    """What is known leads to one standing, one cause, and one sentence that says what to do."""
    cover = burst(**facts)
    said = cover_sentence(cover, ZoneInfo("Asia/Shanghai"), NOW_US - 1)

    assert (cover.standing, cover.cause) == (standing, cause)
    assert said.en == sentence
    assert said.zh


def test_every_cause_is_tried() -> None:
    """No cause is without a case, and no standing without a name."""
    assert {case[2] for case in CASES} == set(Cause)
    assert set(STANDING_NAMES) == set(Standing)


def test_a_device_that_is_told_silent_and_has_just_spoken_is_not() -> None:
    """The newest word counts before what scoring has not seen yet."""
    silent = spoken(at_us=NOW_US - DAY_US, silence="silent")

    assert burst(devices={"r-v": silent}).cause is Cause.NONE
    assert burst(devices={"r-v": silent}, words={"r-v": LastWord(NOW_US - DAY_US, 0)}).cause is Cause.SILENT


def test_a_clock_that_is_ahead_is_watched() -> None:
    """What is dated a little into the future is judged all the same."""
    ahead = spoken() | {"clock": {"off_s": 240, "since_us": NOW_US, "at_us": NOW_US}}

    assert burst(devices={"r-v": ahead}).standing is Standing.WATCHED


def test_one_of_two_sensors_is_enough() -> None:
    """An asset whose second logger goes on is watched."""
    two = registry([RISER], [device("r-v", "r"), device("r-w", "r")])
    words = {"r-v": LastWord(NOW_US - DAY_US, 0), "r-w": LastWord(NOW_US, NOW_US)}
    devices = {"r-v": spoken(at_us=NOW_US - DAY_US), "r-w": spoken()}

    assert burst(registry=two, words=words, devices=devices).standing is Standing.WATCHED


def test_a_zone_is_only_asked_for_what_its_kind_can_do() -> None:
    """Nobody says that a no-parking zone is not watched as a fire lane."""
    zone = asset("z", AssetClass.PARKING_ZONE, {"zone_kind": "no_parking", "zone": "z"})
    found = coverage(known(registry=registry([zone], [])))

    assert [cover.failure_mode for cover in found] == ["parking.illegal"]


def test_worst_comes_first_and_is_counted_by_site() -> None:
    """Not watched, unknown, learning, watched; and the counts of a site add up to its lines."""
    dry = asset("a-dry", AssetClass.RISER)
    found = coverage(known(registry=registry([RISER, dry], [device("r-v", "r")])))

    assert [cover.standing for cover in found] == sorted((c.standing for c in found), key=list(Standing).index)
    assert found[0].asset == "a-dry"
    assert sum(counts(found)["gardens"].values()) == len(found)
