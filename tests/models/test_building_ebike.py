"""E-bike indoors: caught at once, once a stay; what only passes, is no bicycle or stands outside is let be."""

from collections.abc import Sequence

import pytest

from ingest.readings import Batch
from models.detectors.building_ebike import BuildingEbike
from models.findings import Finding, Verdict
from tests.models.camera_samples import BIKE
from tests.models.parking import NEXT_SPOT, ROAD, parked, said, standing, still, together, zone
from tests.models.worlds import T0, S, engine, logged, ordered

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


@pytest.mark.parametrize("label", ["bicycle", "motorcycle"])
def test_it_is_caught_within_seconds_though_it_never_stands_still(label: str) -> None:
    """Pushed through a lobby, with a box that moves on each second: raised 5 s after it came in."""
    pushed = [said("a", 60 + n, **BIKE | {"label": label, "box": [10 * n, 0, 10 * n + 90, 90]}) for n in range(12)]

    assert [at_s for at_s, _ in raised(findings(pushed))] == [65]


def test_one_stay_is_one_subject_under_whatever_track() -> None:
    """Lost behind a pillar and found elsewhere in the lobby half a minute later, it is the same matter."""
    one = [said("a", 60, **BIKE), said("a", 70, "end", **BIKE)]
    two = [said("b", at, **BIKE | {"box": NEXT_SPOT}) for at in (100, 110)]
    again = [said("c", 1_000, **BIKE), said("c", 1_020, **BIKE)]
    subjects = raised(findings(together(one, two, again)))

    assert [at_s for at_s, _ in subjects] == [65, 1_005]


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
    evidence = findings(together(parked("a", 60, 70, **BIKE), shots))[0].evidence

    assert evidence is not None
    assert evidence.stills == ("s60", "s64")
    assert [(c.name, c.value) for c in evidence.contributions] == [("indoors_s", 5.0)]
