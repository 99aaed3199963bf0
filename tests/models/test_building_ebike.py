"""E-bike indoors: caught at once, once a stay; what only passes, is no bicycle or stands outside is let be."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ingest.formats.precomplaint import Happening, decode_events, encode_events
from ingest.formats.wire_format import Decoded
from ingest.readings import Batch
from models.detectors.building_ebike import BuildingEbike
from models.findings import Finding, Verdict
from tests.models.camera_samples import BIKE
from tests.models.parking import NEXT_SPOT, ROAD, parked, said, standing, still, together, zone
from tests.models.worlds import SITE, T0, S, engine, happening, logged, ordered

KNOWN = zone("no_ebike")


def findings(batches: Sequence[Batch], until_s: float = 3_000) -> list[Finding]:
    """What is found in an indoor zone."""
    return ordered(engine(KNOWN, [BuildingEbike()]), logged(batches, KNOWN), round(until_s * S) + T0)


def raised(found: Sequence[Finding]) -> list[tuple[float, str]]:
    """The first high finding of each subject: seconds after T0, and the subject."""
    first: dict[str, float] = {}
    for finding in found:
        if (finding.score or 0.0) >= 0.5:
            first.setdefault(finding.subject, (finding.at_us - T0) / S)
    return [(at_s, subject) for subject, at_s in first.items()]


def named(name: str, label: str = "bicycle", score: float | None = 0.9) -> dict[str, Any]:
    """What the camera's detector and its own model call it."""
    return BIKE | {"label": label, "sub_label": name, "sub_label_score": score}


def heard(name: str, at_s: float, track: str = "a", kind: str = "attribute") -> Batch:
    """A name that comes by itself, as Frigate publishes what a classification says."""
    said_so = {"id": track, "model": "two_wheelers", kind: name, "score": 0.87}
    return happening("gate", "camera.classification", T0 + round(at_s * S), said_so)


def urgencies(found: Sequence[Finding]) -> list[tuple[float, float | None, int]]:
    """What is said in turn, a repetition left out: seconds after T0, score, and severity."""
    said_so = [((f.at_us - T0) / S, f.score, f.severity) for f in found]
    return [one for n, one in enumerate(said_so) if n == 0 or one[1:] != said_so[n - 1][1:]]


RECOGNISED: Mapping[str, Mapping[str, Any]] = {
    "named by a classification": named("e-bike"),
    "named in Chinese": named("电动自行车"),
    "a detector with a class of its own": BIKE | {"label": "electric bike"},
    "a motorcycle that is named too": named("moped", "motorcycle"),
}


@pytest.mark.parametrize("attributes", RECOGNISED.values(), ids=RECOGNISED.keys())
def test_one_that_is_recognised_is_caught_within_seconds_though_it_never_stands_still(
    attributes: Mapping[str, Any],
) -> None:
    """Pushed through a lobby, with a box that moves on each second: a level more urgent 5 s after it came in."""
    pushed = [said("a", 60 + n, **attributes | {"box": [10 * n, 0, 10 * n + 90, 90]}) for n in range(12)]

    assert urgencies(findings(pushed, until_s=100)) == [(65, 1.0, 1)]


DOUBTFUL: Mapping[str, Mapping[str, Any]] = {
    "a bicycle, says the detector": BIKE,
    "a motorcycle, says the detector": BIKE | {"label": "motorcycle"},
    "two models that contradict each other": named("bicycle", "motorcycle"),
    "a name of something else": named("amazon"),
}


@pytest.mark.parametrize("attributes", DOUBTFUL.values(), ids=DOUBTFUL.keys())
def test_one_that_nobody_recognises_waits_for_a_word_and_is_less_urgent(attributes: Mapping[str, Any]) -> None:
    """After 10 s a person is asked to look, as of a thing whose kind is open."""
    found = findings(standing("a", 60, 100, **attributes), until_s=100)

    assert urgencies(found) == [(70, 1.0, 0)]
    assert found[0].evidence is not None
    assert (found[0].evidence.facts or {})["sign"] == "two_wheeler_open"


@pytest.mark.parametrize("kind", ["attribute", "sub_label"])
def test_a_name_that_comes_late_makes_it_more_urgent_at_once(kind: str) -> None:
    """Doubtful at 70 s, named at 90 s by a message of its own."""
    found = findings(together(standing("a", 60, 130, **BIKE), [heard("e_bike", 90, kind=kind)]), until_s=110)

    assert urgencies(found) == [(70, 1.0, 0), (90, 1.0, 1)]


def test_one_that_turns_out_to_be_a_bicycle_is_taken_back() -> None:
    """Doubtful at 70 s, a bicycle from 90 s on: over at once, and it may stand there for as long as it likes."""
    found = findings(together(standing("a", 60, 400, **BIKE), [heard("bicycle", 90)]), until_s=400)

    assert urgencies(found) == [(70, 1.0, 0), (90, 0.0, 0)]


def test_what_most_of_its_tracks_were_named_counts() -> None:
    """Lost and found twice: once taken for a bicycle, twice for an e-bike."""
    one = [said("a", 60, **named("bicycle")), said("a", 64, "end", **named("bicycle"))]
    two = [said("b", 66, **named("e_bike")), said("b", 70, "end", **named("e_bike"))]
    three = [said("c", at, **named("e_bike")) for at in (72, 80)]

    assert urgencies(findings(together(one, two, three), until_s=100))[-1] == (72, 1.0, 1)


def test_the_alarm_of_a_bridge_in_our_own_format_is_one_as_well() -> None:
    """A vendor's camera that knows e-bikes: what it takes of `camera.object` is what the README of ingest says."""
    zoned = {"label": "e_bike", "zones": ["kerb"], "box": [10, 20, 110, 220]}
    said_so = [(60, {"type": "new", "id": "7"} | zoned), (66, {"type": "update", "id": "7"} | zoned)]
    told = [Happening(T0 + at_s * S, "camera.object", attributes) for at_s, attributes in said_so]
    decoded = decode_events("gate", encode_events("gate", told))

    assert isinstance(decoded, Decoded)
    batches = [Batch(SITE, "gate", one.at_us, events=(one,)) for one in decoded.events]
    assert urgencies(findings(batches, until_s=100)) == [(65, 1.0, 1)]


def test_an_event_about_a_track_that_nobody_saw_in_the_zone_is_none() -> None:
    """A name of something outside."""
    assert findings([heard("e_bike", 60, "elsewhere")]) == []


def test_one_stay_is_one_subject_under_whatever_track() -> None:
    """Lost behind a pillar and found elsewhere in the lobby half a minute later, it is the same matter."""
    one = [said("a", 60, **BIKE), said("a", 75, "end", **BIKE)]
    two = [said("b", at, **BIKE | {"box": NEXT_SPOT}) for at in (100, 110)]
    again = [said("c", 1_000, **BIKE), said("c", 1_020, **BIKE)]
    subjects = raised(findings(together(one, two, again)))

    assert [at_s for at_s, _ in subjects] == [70, 1_010]


def test_it_is_over_two_minutes_after_it_has_left() -> None:
    """Gone at 200 s: the last word is a 0 at 320 s."""
    last = findings(parked("a", 60, 200, **BIKE))[-1]

    assert (last.verdict, last.score, (last.at_us - T0) / S) == (Verdict.SCORED, 0.0, 320)


LOOKALIKES = {
    "a pushchair that was taken for a bicycle": parked("a", 60, 400, **BIKE | {"top_score": 0.58}),
    "a bicycle that passes outside": [said("a", 60 + n, **BIKE | {"zones": [], "box": ROAD}) for n in range(30)],
    "somebody who carries a helmet": standing("a", 60, 400, label="person"),
    "a bicycle that is turned back at the door": [
        said("a", 60, **BIKE),
        said("a", 63, **BIKE | {"zones": []}),
    ],
    "a bicycle that the camera's model calls one": parked("a", 60, 4_000, **named("bicycle")),
    "a bicycle, named before it came in": [
        said("a", 50, **BIKE | {"zones": [], "box": ROAD}),
        *parked("a", 60, 4_000, **named("Bicycle")),
    ],
    "one that nobody knows, gone after 8 s": [
        *(said("a", at, **BIKE) for at in (60, 64)),
        said("a", 68, **BIKE | {"zones": []}),
    ],
    "a shadow that the camera takes back": [
        said("a", 60, **BIKE),
        said("a", 62, **BIKE | {"false_positive": True}),
        said("a", 63, "end", **BIKE),
    ],
    "a removal van": parked("a", 60, 400, label="truck"),
}


@pytest.mark.parametrize("story", LOOKALIKES.values(), ids=LOOKALIKES.keys())
def test_what_only_looks_like_one_is_let_be(story: Sequence[Batch]) -> None:
    """None of them raises anything."""
    assert raised(findings(story)) == []


def test_a_silent_camera_makes_it_unknown_and_not_gone() -> None:
    """Nobody can tell whether it is still there: neither over nor going on."""
    assert findings(standing("a", 60, 61, **BIKE), until_s=400)[-1].verdict is Verdict.UNKNOWN


def test_the_evidence_has_the_pictures_of_it_and_how_long_it_was_there() -> None:
    """The still nearest to the entry and the one nearest to the finding, and what would have kept it quiet."""
    shots = [still(at_s, f"s{at_s}", "bicycle") for at_s in (20, 60, 64)]
    evidence = findings(together(parked("a", 60, 70, **named("e_bike")), shots))[0].evidence

    assert evidence is not None
    assert evidence.stills == ("s60", "s64")
    assert [(c.name, c.value) for c in evidence.contributions] == [("indoors_s", 5.0), ("e_bike_score", 0.9)]
