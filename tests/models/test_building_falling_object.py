"""Falling object: believed by its track or for want of others, never in a shower, and never said to be anybody's."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.words.sentences import title
from ingest.readings import Batch
from ingest.registry import Text
from models.detectors.building_falling_object import FAILURE_MODE, BuildingFallingObject
from models.findings import Finding
from tests.models.camera_samples import fall, tower
from tests.models.parking import still, together
from tests.models.worlds import T0, S, engine, logged, ordered, telemetry

KNOWN = tower()


def findings(batches: Sequence[Batch], until_s: float = 6_000) -> list[Finding]:
    """What is found of the building."""
    return ordered(engine(KNOWN, [BuildingFallingObject()]), logged(batches, KNOWN), round(until_s * S) + T0)


def words(found: Sequence[Finding]) -> list[tuple[float, str, float | None]]:
    """Seconds after T0, failure mode and score."""
    return [((f.at_us - T0) / S, f.failure_mode, f.score) for f in found]


@pytest.mark.parametrize("seen", [{"track_m": 3.0}, {"track_m": 30.0, "frames": 2}, {"frames": 5}])
def test_a_long_track_is_believed_once_the_still_after_it_has_come(seen: dict[str, float]) -> None:
    """Three metres or five frames: raised 20 s later, over after ten minutes."""
    assert words(findings([fall(60, **seen)])) == [(80, FAILURE_MODE, 1.0), (660, FAILURE_MODE, 0.0)]


def rain(*told: tuple[float, float]) -> list[Batch]:
    """What a gauge of the building says: seconds after T0 and mm."""
    return [telemetry("gauge", T0 + round(at_s * S), {"rain_mm": fallen_mm}) for at_s, fallen_mm in told]


def test_without_a_track_it_waits_four_minutes_for_a_storm() -> None:
    """A camera that tells no more than that something fell is believed when nothing speaks against it."""
    assert words(findings([fall(60), fall(64)]))[0] == (300, FAILURE_MODE, 1.0)


@pytest.mark.parametrize(
    ("told", "at_s"),
    [(((-600, 0.4),), 660), (((200, 0.2),), 660), (((-600, 0.0), (200, 0.0)), 300), (((-3_700, 2.0),), 300)],
    ids=["it has rained", "it begins meanwhile", "it is dry", "the rain is over"],
)
def test_in_the_rain_it_waits_for_ten_minutes_without_another(told: tuple[tuple[float, float], ...], at_s: int) -> None:
    """A gauge of the building that tells of rain within the hour is reason to wait; a dry one is none."""
    first = [fall(-4_000, state="end")]

    assert words(findings(together(first, rain(*told), [fall(60)])))[0] == (at_s, FAILURE_MODE, 1.0)


@pytest.mark.parametrize("gaps_s", [(0, 260), (0, 590, 1_180), (0, 300, 600, 900)])
def test_streaks_that_come_now_and_then_in_the_rain_are_a_drizzle(gaps_s: tuple[int, ...]) -> None:
    """Too few for the guard of storms, and none of them is alone."""
    story = together(rain((-300, 0.2)), [fall(60 + gap_s) for gap_s in gaps_s])

    assert words(findings(story)) == []


def test_a_track_is_believed_in_the_rain() -> None:
    """What fell 9 m was no drop, whatever the weather."""
    story = together(rain((30, 4.0)), [fall(60, track_m=9.0), fall(100, track_m=8.0)])

    assert words(findings(story))[0] == (80, FAILURE_MODE, 1.0)


def test_two_within_four_minutes_are_doubted_for_ten() -> None:
    """Somebody who throws two things is reported late rather than every shower at once."""
    raised = [w for w in words(findings([fall(60), fall(90)])) if w[2] == 1.0]

    assert raised[0] == (660, FAILURE_MODE, 1.0)


def test_an_open_fall_goes_on_while_things_fall() -> None:
    """Ten minutes after the last one it is over, and not before."""
    found = words(findings([fall(60, track_m=9), fall(500, track_m=9)]))

    assert [w[0] for w in found] == [80, 520, 1_100]


@pytest.mark.parametrize("every_s", [12, 45, 100])
def test_a_shower_raises_the_camera_and_no_fall(every_s: int) -> None:
    """More than five in ten minutes without a track: an order about the camera, over ten minutes after the last."""
    shower = [fall(60 + every_s * n) for n in range(40)]
    found = words(findings(shower))

    assert [(mode, score) for _, mode, score in found[:2]] == [("sensor.fault", 0.8), ("sensor.fault", 0.0)]
    assert found[1][0] == 60 + every_s * 39 + 600


@pytest.mark.parametrize("then", ["quiet", "another shower"])
def test_a_shower_that_is_over_is_said_to_be_over_for_seven_hours(then: str) -> None:
    """So that the policy, which waits for six hours of such words, closes the order; a new shower takes them back."""
    shower = [fall(60 + 30 * n) for n in range(20)]
    over_s, next_s = 60 + 30 * 19 + 600, 10_000
    more = [fall(next_s + 30 * n) for n in range(20)] if then == "another shower" else []
    said = [(at_s, score) for at_s, _, score in words(findings([*shower, *more], 40_000))]
    hourly = [(over_s + 3_600 * n, 0.0) for n in range(8)]

    assert said[1:9] == hourly if not more else said[1:5] == [*hourly[:3], (next_s + 150, 0.8)]


LOOKALIKES = {
    "a bird": [fall(60, track_m=1.2, frames=3)],
    "a leaf in four frames": [fall(60, frames=4)],
    "rain for an hour with short tracks": [fall(60 + 15 * n, track_m=0.4, frames=2) for n in range(240)],
    "the end of what nobody saw begin": [fall(60, state="end", track_m=8.0)],
}


@pytest.mark.parametrize("story", LOOKALIKES.values(), ids=LOOKALIKES.keys())
def test_what_only_looks_like_one_is_let_be(story: Sequence[Batch]) -> None:
    """None of them raises a fall."""
    assert not [f for f in findings(story) if f.failure_mode == FAILURE_MODE and (f.score or 0.0) > 0.0]


def test_a_shower_on_one_camera_leaves_the_other_believed() -> None:
    """The guard is of one camera: what its neighbour sees with a track is raised."""
    story = together([fall(60 + 30 * n) for n in range(20)], [fall(200, "yard", track_m=22.0)])
    fell = [f for f in findings(story) if f.failure_mode == FAILURE_MODE and f.score == 1.0]

    assert [(f.subject, (f.at_us - T0) / S) for f in fell] == [("yard", 220)]


@settings(max_examples=30)
@given(st.dictionaries(st.sampled_from(["flat", "floor", "unit", "person", "zone", "door"]), st.text(max_size=8)))
def test_the_order_never_names_a_flat_or_a_person(claimed: dict[str, str]) -> None:
    """Whatever a camera claims to know, evidence and title have nothing of it; a person is to review it."""
    (fell, *_) = findings([fall(60, track_m=9.0, **claimed)])
    said = title(FAILURE_MODE, Text("3 号楼", "Building 3"), fell)

    assert fell.evidence is not None
    assert fell.evidence.facts == {"camera": "gate"}
    assert said.zh == "3 号楼疑似高空抛物（待人工复核）"
    assert "reviewed by a person" in said.en


def test_the_stills_before_and_after_go_with_it() -> None:
    """The last before the event and the first after it, of its own camera."""
    shots = [still(at_s, f"s{at_s}") for at_s in (20, 55, 70, 75)]
    evidence = findings(together([fall(60, track_m=9.0)], shots))[0].evidence

    assert evidence is not None
    assert evidence.stills == ("s55", "s70")


@pytest.mark.parametrize("odd", [{"track_m": "high"}, {"frames": None}, {"track_m": True}, {"state": 3}])
def test_attributes_of_another_make_are_no_track(odd: dict[str, object]) -> None:
    """What is no number proves nothing and harms nobody."""
    assert all((f.at_us - T0) / S >= 300 for f in findings([fall(60, **odd)]))
