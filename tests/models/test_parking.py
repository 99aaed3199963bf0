"""Parking: who is caught, who is not, who is the same car, and what the order shows."""

from collections.abc import Sequence

import pytest

from ingest.readings import Batch
from ingest.registry import Registry
from models.detector import Detector
from models.detectors.parking_fire_lane import ParkingFireLane
from models.detectors.parking_illegal import ParkingIllegal
from models.findings import Finding, Verdict
from tests.models.parking import NEXT_SPOT, ROAD, parked, plate, said, standing, still, together, zone
from tests.models.worlds import T0, S, engine, happening, logged, ordered

DETECTORS: tuple[Detector, ...] = (ParkingIllegal(), ParkingFireLane())


def findings(batches: Sequence[Batch], known: Registry | None = None, until_s: float = 0) -> list[Finding]:
    known = known or zone()
    last = max(b.received_us for b in batches)
    return ordered(engine(known, DETECTORS), logged(batches, known), max(last + 16 * S, T0 + round(until_s * S)))


def news(batches: Sequence[Batch], known: Registry | None = None, until_s: float = 0) -> list[Finding]:
    """The findings that are not what was last said of their subject."""
    last: dict[str, float | None] = {}
    new = []
    for finding in findings(batches, known, until_s):
        if finding.subject not in last or last[finding.subject] != finding.score:
            new.append(finding)
        last[finding.subject] = finding.score
    return new


def words(batches: Sequence[Batch], known: Registry | None = None, until_s: float = 0) -> list[tuple[float, str]]:
    """News as seconds after T0, and the score or the verdict in words."""
    return [
        ((f.at_us - T0) / S, str(f.score) if f.verdict is Verdict.SCORED else f.verdict.value)
        for f in news(batches, known, until_s)
    ]


def test_catches_a_car_after_5_minutes_and_lets_go_when_it_has_left() -> None:
    """In at 60 s: caught at 360 s; out at 500 s: gone for good 120 s later."""
    assert words(parked("a", 60, 500), until_s=1000) == [(360, "1.0"), (620, "0.0")]


def test_says_it_again_with_every_word_of_the_camera_and_not_in_silence() -> None:
    """A policy that holds hears it again, with the still that turned out to be nearest to the violation."""
    repeated = findings(together(standing("a", 0, 500), [still(-1, "entry"), still(250, "early"), still(306, "best")]))

    assert [(f.at_us - T0) / S for f in repeated] == [300, 360, 420, 480]
    assert [f.evidence.stills for f in repeated if f.evidence] == [("entry", "early")] + 3 * [("entry", "best")]


@pytest.mark.parametrize(("kind", "limit_s"), [("no_parking", 300), ("loading", 900), ("fire_lane", 60)])
def test_each_kind_of_zone_has_its_limit(kind: str, limit_s: float) -> None:
    """5 min where parking is forbidden, 15 min for loading, 60 s in the fire lane."""
    assert words(parked("a", 60, 2000), zone(kind))[0] == (60 + limit_s, "1.0")


def test_names_the_failure_mode_of_the_zone() -> None:
    """A fire lane is not ordinary illegal parking."""
    assert {f.failure_mode for f in findings(parked("a", 60, 2000), zone("fire_lane"))} == {"parking.fire_lane"}
    assert {f.failure_mode for f in findings(parked("a", 60, 2000))} == {"parking.illegal"}
    assert findings(parked("a", 60, 2000), zone("visitors")) == []


@pytest.mark.parametrize(
    ("story", "kind"),
    [
        (parked("a", 60, 60 + 290), "no_parking"),
        (parked("a", 60, 60 + 14 * 60, label="truck"), "loading"),
        ([b for n in range(100) for b in parked(f"t{n}", 20 * n, 20 * n + 4)], "fire_lane"),
        (parked("a", 60, 2000, label="person"), "no_parking"),
        (parked("a", 60, 2000, false_positive=True), "no_parking"),
        (parked("a", 60, 2000, zones=["visitors"]), "no_parking"),
        (together(parked("a", 60, 300), parked("b", 320, 560, box=NEXT_SPOT)), "no_parking"),
    ],
    ids=["leaves at 4:50", "delivery van", "traffic", "person", "false positive", "other zone", "one after another"],
)
def test_look_alikes_are_not_caught(story: list[Batch], kind: str) -> None:
    """Who leaves in time, passes through, is no vehicle or stands elsewhere is not caught."""
    assert words(together(story), zone(kind), until_s=3000) == []


def test_a_permit_is_no_offence() -> None:
    """A plate on the zone's list may stand."""
    own = plate("沪A12345")

    assert words(parked("a", 60, 2000, **own), zone(permits=f"{'0' * 64} {own['plate_hash']}")) == []


def test_a_car_that_moves_on_starts_anew() -> None:
    """4 minutes at one place and 4 at the next are no 5 minutes at either; both photos must show the same place."""
    story = [
        *standing("a", 0, 240),
        said("a", 240, box=NEXT_SPOT, stationary=False),
        *standing("a", 250, 480, box=NEXT_SPOT),
        said("a", 480, zones=[], box=ROAD),
    ]

    assert words(story, until_s=2000) == []


def test_a_hidden_car_is_the_same_car() -> None:
    """A track that is lost and a new one at its place within a minute are one stay; a later one is another."""
    hidden = [*standing("a", 0, 200), said("a", 200, "end")]

    assert words([*hidden, *standing("b", 250, 400)])[0] == (300, "1.0")
    assert words([*hidden, *standing("b", 265, 500)]) == []


def test_a_track_that_changes_its_id_while_it_stands_is_one_car() -> None:
    """The tracker takes it for a new object before it has given up the old one: one order."""
    story = together([*standing("a", 0, 250), said("a", 260, "end")], standing("b", 240, 500))

    assert words(story) == [(300, "1.0")]


def test_a_camera_that_restarts_leaves_no_car_behind() -> None:
    """Its old track never ends; the car that had it leaves under the new one, within its time."""
    restarted = [*standing("a", 0, 120), *standing("b", 181, 240), said("b", 240, zones=[], box=ROAD)]

    assert words([*restarted, *parked("c", 300, 320, box=NEXT_SPOT)], until_s=2000) == []


def test_another_plate_at_the_same_place_is_another_car() -> None:
    """Somebody who takes the place at once is not blamed for who stood there before."""
    story = [
        *standing("a", 0, 200, **plate("沪A12345")),
        said("a", 200, "end"),
        *standing("b", 220, 500, **plate("沪B99999")),
    ]

    assert words(story) == []


def test_a_plate_read_with_one_wrong_character_is_the_same_car() -> None:
    """Elsewhere in the zone under a new track, but with a plate that differs by one: it never left for 120 s."""
    story = [
        *standing("a", 0, 400, **plate("沪A12345")),
        said("a", 400, "end"),
        *standing("b", 450, 700, box=NEXT_SPOT, **plate("沪A1234S")),
        said("b", 700, zones=[]),
    ]

    assert words(story, until_s=2000) == [(300, "1.0"), (820, "0.0")]


def test_the_same_car_at_another_place_starts_anew() -> None:
    """A car that was lost and is recognised elsewhere by its plate has stood there only since then."""
    own = plate("沪A12345")
    story = [*standing("a", 0, 200, **own), said("a", 200, "end"), *standing("b", 250, 700, box=NEXT_SPOT, **own)]

    assert words(story)[0] == (550, "1.0")


def test_the_subject_is_the_plate_most_updates_agree_on() -> None:
    """A misreading among right ones is not the key, a weak reading does not count, and no plate is in clear."""
    updates = standing("a", 0, 400)
    read = ["沪A12345", "沪A12346", "沪A12345", "沪A12345"]
    story = [said("a", n * 60, **(plate(read[n % 4]) if n else plate("沪Z00000", 0.5))) for n, _ in enumerate(updates)]
    (finding,) = news(story)

    assert finding.subject == plate("沪A12345")["plate_hash"][:12]
    assert finding.evidence is not None
    assert (finding.evidence.facts or {})["plate_masked"] == "沪A·12***"


def test_without_a_plate_the_subject_is_the_track() -> None:
    """Two cars without plates are two subjects, each the same at both ends of its stay."""
    story = together(parked("a", 60, 500), parked("b", 70, 600, box=NEXT_SPOT))
    subjects = [f.subject for f in news(story, until_s=1000)]

    assert subjects[:2] == subjects[2:]
    assert len(set(subjects)) == 2


def test_the_same_plate_within_a_day_goes_on_with_the_subject() -> None:
    """Back after an hour, even with a character misread, it is the same matter; after two days it is a new one."""
    later = [
        *parked("a", 60, 500, **plate("沪A12345")),
        *parked("b", 4000, 4500, box=NEXT_SPOT, **plate("沪A12346")),
        *parked("c", 200_000, 200_500, **plate("沪A12346")),
    ]
    raised = [f for f in news(later, until_s=201_000) if f.score == 1.0]

    assert [f.subject == raised[0].subject for f in raised] == [True, True, False]
    assert [(f.evidence.facts or {})["visits"] for f in raised if f.evidence] == [1.0, 2.0, 1.0]


def test_a_car_of_which_a_talking_camera_says_nothing_has_gone() -> None:
    """Its end was lost on the way, but the camera speaks of others: silent for 150 s is gone."""
    story = together(
        standing("a", 0, 400), *[parked(f"t{n}", 400 + 50 * n, 404 + 50 * n, box=NEXT_SPOT) for n in range(6)]
    )

    assert words(story, until_s=2000) == [(300, "1.0"), (510, "0.0")]


def test_a_car_before_a_silent_camera_is_unknown() -> None:
    """A camera that says nothing at all says nothing about the car either: not cleared, and not still there."""
    assert words(standing("a", 0, 400), until_s=86_400) == [(300, "1.0"), (510, "unknown")]


def test_after_a_silence_it_goes_on_or_ends() -> None:
    """When the camera is back, a car it still sees goes on, and one it does not speak of is gone after 150 s."""
    silent = standing("a", 0, 400)

    assert words([*silent, *standing("a", 2000, 2100)])[2:] == [(2000, "1.0")]
    assert words([*silent, *standing("a2", 2000, 2100)])[2:] == [(2000, "1.0")]
    assert words([*silent, *standing("z", 2000, 2200, zones=[], box=ROAD)], until_s=2500)[2:] == [(2150, "0.0")]


def test_a_car_that_was_still_in_time_is_not_caught_in_silence() -> None:
    """Two minutes parked, then nothing: it is forgotten, not caught by a timer that ran on unseen."""
    assert words(standing("a", 0, 100), until_s=2000) == []


def test_a_car_that_comes_back_within_the_grace_never_left() -> None:
    """Out of the zone for a minute with the same track: the same stay."""
    story = [*standing("a", 0, 400), said("a", 400, zones=[]), *standing("a", 460, 700), said("a", 700, zones=[])]

    assert words(story, until_s=2000) == [(300, "1.0"), (820, "0.0")]


def test_shows_the_still_of_the_entry_and_the_still_of_the_violation() -> None:
    """Of many stills the one nearest to the entry and the one nearest to the violation, in this order."""
    shots = [still(at, f"at {at}") for at in (-20, 2, 50, 100, 150, 200, 250, 290, 303, 330)]
    shots += [still(299, "a person", label="person")]
    evidence = findings(together(standing("a", 0, 400), shots))[0].evidence

    assert evidence is not None
    assert evidence.stills == ("at 2", "at 303")


def test_stills_change_nothing_but_the_evidence() -> None:
    """With stills or without, the same is said at the same time: a still is never a reason."""
    shots = [still(at, f"at {at}") for at in range(-50, 900, 7)]

    assert words(together(parked("a", 60, 500), shots)) == words(parked("a", 60, 500), until_s=912)


def test_the_evidence_says_why() -> None:
    """How long, how long is allowed, where and what."""
    (finding,) = findings(standing("a", 0, 320))
    evidence = finding.evidence

    assert evidence is not None
    assert [(c.name, c.value, c.usual, c.weight) for c in evidence.contributions] == [("dwell_s", 300.0, 300.0, 1.0)]
    assert evidence.counterfactual is not None
    assert (evidence.counterfactual.name, evidence.counterfactual.value) == ("dwell_s", 300.0)
    assert evidence.facts == {"zone": "kerb", "zone_kind": "no_parking", "label": "car", "visits": 1.0}


def test_a_crowd_does_not_burst_the_memory() -> None:
    """A camera that goes mad and sees a new car every second, each with its plate, is remembered in under 100 kB."""
    crowd = [said(f"t{n}", n, box=[200 * n, 0, 200 * n + 100, 100], **plate(f"沪A{n:05}")) for n in range(140)]
    machine = engine(zone("fire_lane"), DETECTORS)
    ordered(machine, logged(crowd, zone("fire_lane")))

    assert max(len(stored.state) for stored in machine.checkpoint().states) < 100_000


@pytest.mark.parametrize(
    "attributes",
    [{}, {"id": ["a"], "type": {}}, {"id": "a", "label": "car", "type": "new", "zones": ["kerb"], "box": [1, 2]}],
)
def test_events_of_another_make_are_passed_over(attributes: dict[str, object]) -> None:
    """Our own wire format lets any attributes through; what does not tell of an object harms nobody."""
    odd = [happening("gate", kind, T0 + 60 * S, attributes) for kind in ("camera.object", "camera.plate")]

    assert words(together(standing("a", 0, 400), odd)) == [(300, "1.0")]
