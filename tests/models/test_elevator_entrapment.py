"""Elevator entrapment: what raises it, what clears it, and the look-alikes that must stay quiet."""

from collections.abc import Mapping, Sequence

import pytest

from ingest.readings import Batch
from ingest.registry import AssetClass, Registry
from models.detectors.elevator_entrapment import ElevatorEntrapment
from models.elevators.fault_codes import UnknownFaultCodeTableError, fault_codes
from models.findings import Finding, Verdict
from models.thresholds import DefaultThresholds
from tests.models.worlds import T0, S, asset, device, engine, logged, ordered, registry, telemetry

RIDE = {
    "service_mode": 1,
    "car_running": 1,
    "door_zone": 0,
    "door_closed": 1,
    "person_present": 1,
    "alarm_button": 0,
    "floor": 7,
    "car_speed_m_s": 1.5,
    "fault_code": 0,
}
STUCK = RIDE | {"car_running": 0, "car_speed_m_s": 0.0}
AT_FLOOR = STUCK | {"door_zone": 1}
OPEN = AT_FLOOR | {"door_closed": 0}
PARKED = AT_FLOOR | {"person_present": 0}
CAR = asset("lift-1", AssetClass.ELEVATOR)
DETECTOR = ElevatorEntrapment()

Part = tuple[float, Mapping[str, float]]
"""A stretch of a story: how many seconds it lasts, and the status that is reported every 5 s of it."""


def told(parts: Sequence[Part], every_s: float = 5.0) -> list[Batch]:
    """Status reports that tell a story, part after part, from T0 on."""
    batches, at_s = [], 0.0
    for lasts_s, status in parts:
        end_s = at_s + lasts_s
        while at_s < end_s:
            batches.append(telemetry("box", T0 + round(at_s * S), status))
            at_s += every_s
        at_s = end_s
    return batches


def world(**limits: str) -> Registry:
    return registry([asset("lift-1", AssetClass.ELEVATOR, limits)], [device("box", "lift-1")])


def heard(batches: Sequence[Batch], until_s: float = 0.0, known: Registry | None = None) -> list[tuple[float, str]]:
    """What the ordered path says, without repeats: seconds after T0, and the score or the verdict in words."""
    said = every_word(batches, until_s, known)
    return [word for n, word in enumerate(said) if n == 0 or word[1] != said[n - 1][1]]


def every_word(
    batches: Sequence[Batch], until_s: float = 0.0, known: Registry | None = None
) -> list[tuple[float, str]]:
    """The same with repeats."""
    known = known or world()
    last = max((b.received_us for b in batches), default=T0)
    findings = ordered(engine(known, [DETECTOR]), logged(batches, known), max(last + 16 * S, T0 + round(until_s * S)))
    return [((f.at_us - T0) / S, _word(f)) for f in findings]


def _word(finding: Finding) -> str:
    return str(finding.score) if finding.verdict is Verdict.SCORED else finding.verdict.value


def test_raises_60_s_after_the_car_stops_between_floors() -> None:
    """Stopped at 20 s outside the door zone with somebody inside: raised at 80 s, cleared when the door opens."""
    story = told([(20, RIDE), (120, STUCK), (20, OPEN)])

    assert heard(story) == [(0, "0.0"), (80, "1.0"), (140, "0.0")]


def test_raises_90_s_after_the_car_stops_at_a_floor() -> None:
    """At a landing with the door shut and somebody inside the longer timer holds."""
    assert heard(told([(20, RIDE), (120, AT_FLOOR)])) == [(0, "0.0"), (110, "1.0")]


def test_remembers_who_was_seen_since_the_door_closed() -> None:
    """Somebody who was seen once and then sits still counts all the time between floors."""
    still = STUCK | {"person_present": 0}

    assert (80, "1.0") in heard(told([(15, RIDE | {"person_present": 0}), (5, RIDE), (120, still)]))


def test_three_sightings_count_at_a_floor_and_one_flicker_does_not() -> None:
    """At a landing a sensor that said once that somebody is there and then nobody is not believed."""
    nobody = RIDE | {"person_present": 0}

    assert heard(told([(5, RIDE), (15, nobody), (200, PARKED)])) == [(0, "0.0")]
    assert (110, "1.0") in heard(told([(15, RIDE), (5, nobody), (120, PARKED)]))


def test_forgets_who_was_seen_before_the_door_opened() -> None:
    """The passenger who left before the door closed again is not trapped."""
    story = told([(60, RIDE), (10, OPEN), (5, OPEN | {"person_present": 0}), (600, PARKED)])

    assert heard(story) == [(0, "0.0")]


@pytest.mark.parametrize(
    "story",
    [
        [(30, RIDE | {"person_present": 0}), (3600, PARKED)],
        [(10, RIDE), (40, AT_FLOOR), (60, OPEN), (20, RIDE)] * 4,
        [(10, RIDE), (50, STUCK), (30, RIDE), (55, STUCK), (30, RIDE)],
        [(10, RIDE), (3600, OPEN)],
        [(10, RIDE), (600, STUCK | {"service_mode": 2, "alarm_button": 1, "fault_code": 101})],
        [(10, RIDE), (600, STUCK | {"service_mode": 4})],
        [(10, RIDE), (600, AT_FLOOR | {"fault_code": 43})],
        [(60, RIDE | {"alarm_button": 1})],
    ],
    ids=[
        "parked",
        "traffic",
        "short stops",
        "door held",
        "inspection",
        "fireman",
        "inspection by code",
        "button in ride",
    ],
)
def test_look_alikes_stay_quiet(story: list[Part]) -> None:
    """An idle car, ordinary traffic, short stops, a held door, inspection and fire operation are no entrapment."""
    assert [w for _, w in heard(told(story)) if w == "1.0"] == []


def test_loss_of_power_keeps_it_armed() -> None:
    """On emergency power the timers run on."""
    assert (80, "1.0") in heard(told([(20, RIDE), (120, STUCK | {"service_mode": 5})]))


def test_the_alarm_button_counts_at_once_when_somebody_was_seen() -> None:
    """Pressed in a stopped, closed car with somebody in it: no timer."""
    assert (40, "1.0") in heard(told([(20, RIDE), (20, AT_FLOOR), (20, AT_FLOOR | {"alarm_button": 1})]))


def test_the_alarm_button_waits_60_s_when_the_sensor_saw_nobody() -> None:
    """A button that hangs in an empty car is believed after a minute, not at once."""
    nobody = RIDE | {"person_present": 0}

    assert heard(told([(20, nobody), (80, PARKED | {"alarm_button": 1})])) == [(0, "0.0"), (80, "1.0")]


def test_code_7_means_entrapment_only_in_the_vendor_table() -> None:
    """In the standard's table 7 is a lost floor position, in the vendor's it is somebody trapped."""
    story = told([(20, RIDE | {"person_present": 0}), (40, PARKED | {"fault_code": 7})])

    assert heard(story) == [(0, "0.0")]
    assert heard(story, known=world(fault_code_table="vendor")) == [(0, "0.0"), (20, "1.0")]


def test_a_table_that_does_not_exist_is_named() -> None:
    """A misspelt table is an error that names the elevator and what there is."""
    with pytest.raises(UnknownFaultCodeTableError, match=r"lift-1 is 'vendro'; known are city, gbt24476, vendor"):
        fault_codes(world(fault_code_table="vendro").assets["lift-1"])


def test_moving_for_more_than_2_s_clears_and_a_twitch_does_not() -> None:
    """The car that is freed by driving on is free 2 s after it moves; a twitch of 1 s is the rescuer's brake."""
    trapped: list[Part] = [(20, RIDE), (80, STUCK)]

    assert heard(told([*trapped, (20, RIDE)], every_s=1)) == [(0, "0.0"), (80, "1.0"), (102, "0.0")]
    assert heard(told([*trapped, (1, RIDE), (20, STUCK)], every_s=1)) == [(0, "0.0"), (80, "1.0")]


def test_a_twitch_does_not_restart_the_timer() -> None:
    """A second of motion in between leaves the car stopped since the first standstill."""
    assert (80, "1.0") in heard(told([(20, RIDE), (30, STUCK), (1, RIDE), (60, STUCK)], every_s=1))


def test_is_not_raised_again_within_60_s_of_a_clear() -> None:
    """A door that opens a gap and shuts again does not make a second one; a minute later it may."""
    pressed = AT_FLOOR | {"alarm_button": 1}
    story = told([(20, RIDE), (20, pressed), (5, OPEN), (120, pressed)])

    assert heard(story) == [(0, "0.0"), (20, "1.0"), (40, "0.0"), (100, "1.0")]


def test_after_a_clear_the_timers_run_anew() -> None:
    """The time in which it cannot be raised again shortens no timer: 90 s at a floor are 90 s."""
    story = told([(20, RIDE), (20, AT_FLOOR | {"alarm_button": 1}), (5, OPEN), (120, AT_FLOOR)])

    assert heard(story) == [(0, "0.0"), (20, "1.0"), (40, "0.0"), (135, "1.0")]


def test_never_clears_by_age() -> None:
    """Hours later it is still the same entrapment."""
    assert heard(told([(20, RIDE), (7200, STUCK)], every_s=20)) == [(0, "0.0"), (80, "1.0")]


def test_says_it_again_while_reports_go_on_and_not_in_silence() -> None:
    """A policy that holds hears it once a minute, as long as somebody reports."""
    story = told([(20, RIDE), (180, STUCK)])

    assert every_word(story, until_s=500) == [(0, "0.0"), (60, "0.0"), (80, "1.0"), (140, "1.0")]


def test_inspection_does_not_clear_it() -> None:
    """The technician who takes the car over has not freed anybody yet."""
    story = told([(20, RIDE), (100, STUCK), (60, STUCK | {"service_mode": 2}), (5, OPEN)])

    assert heard(story) == [(0, "0.0"), (80, "1.0"), (180, "0.0")]


def test_a_timer_runs_on_in_silence_while_the_status_is_valid() -> None:
    """A device that reports only changes says 'stopped' once; the alarm comes on time, and then it is unknown."""
    assert heard(told([(20, RIDE), (1, STUCK)]), until_s=900) == [(0, "0.0"), (80, "1.0"), (620, "unknown")]


def test_silence_is_unknown_and_neither_high_nor_clear() -> None:
    """A device that dies during a ride leaves the car unknown, however long it is quiet."""
    assert heard(told([(20, RIDE)]), until_s=86_400) == [(0, "0.0"), (615, "unknown")]


def test_goes_on_after_silence_only_if_somebody_is_seen() -> None:
    """Back after silence, a car that still stands with somebody inside is the same entrapment; an empty one is not."""
    trapped = told([(20, RIDE), (80, STUCK)])
    later = [telemetry("box", T0 + 900 * S, STUCK)]
    empty = [telemetry("box", T0 + 900 * S, STUCK | {"person_present": 0})]

    assert heard([*trapped, *later])[2:] == [(695, "unknown"), (900, "1.0")]
    assert heard([*trapped, *empty])[2:] == [(695, "unknown")]


def test_what_was_seen_before_silence_is_forgotten() -> None:
    """The door may have opened unheard: who rode before the silence is not in the car that stands there after it."""
    after = [telemetry("box", T0 + at * S, STUCK | {"person_present": 0}) for at in (900, 950, 1000)]

    assert heard([*told([(20, RIDE)]), *after]) == [(0, "0.0"), (615, "unknown"), (900, "0.0")]


def test_a_car_whose_door_is_never_reported_is_unknown() -> None:
    """Without a word on the door there is no verdict, and never a zero."""
    doorless = {name: value for name, value in STUCK.items() if name != "door_closed"}

    assert heard(told([(300, doorless)])) == [(0, "unknown")]


def test_a_report_that_proves_it_is_said_at_once() -> None:
    """Code, or button and person, stopped and closed in normal mode: said early, confirmed by the ordered path."""
    for proof in (STUCK | {"fault_code": 101}, AT_FLOOR | {"alarm_button": 1}):
        batches = told([(20, RIDE), (5, proof)])
        early = [f for r in logged(batches, world()) for f in engine(world(), [DETECTOR]).offer(r).early]

        assert [(f.at_us, f.score) for f in early] == [(T0 + 20 * S, 1.0)]
        assert (20, "1.0") in heard(batches)


@pytest.mark.parametrize(
    "change",
    [
        {"service_mode": 2},
        {"door_closed": 0},
        {"car_speed_m_s": 1.0},
        {"fault_code": 4},
        {"fault_code": 0, "alarm_button": 1, "person_present": 0},
    ],
)
def test_a_report_that_proves_nothing_is_not_said_at_once(change: dict[str, float]) -> None:
    """Inspection, an open door, motion, another code or a button without a person is not enough."""
    batch = telemetry("box", T0, STUCK | {"fault_code": 101} | change)

    assert DETECTOR.judge_on_arrival(batch, CAR, DefaultThresholds(DETECTOR.spec.tunables)) == []


def test_a_report_without_the_mode_proves_nothing_by_itself() -> None:
    """The car may be under inspection by an earlier report, and then the ordered path would not confirm."""
    report = {name: value for name, value in STUCK.items() if name != "service_mode"} | {"fault_code": 101}

    assert DETECTOR.judge_on_arrival(telemetry("box", T0, report), CAR, DefaultThresholds(DETECTOR.spec.tunables)) == []


def test_the_trace_covers_the_last_quarter_of_an_hour() -> None:
    """After an hour of trips it begins 15 minutes before the finding with what held then, and ends with what holds."""
    story = told([*[(40, RIDE), (60, OPEN)] * 36, (20, RIDE), (100, STUCK)])
    finding = next(f for f in ordered(engine(world(), [DETECTOR]), logged(story, world())) if f.score == 1.0)

    assert finding.evidence is not None
    signal = finding.evidence.signal
    assert signal is not None
    assert (signal.at_us[0], signal.at_us[-1]) == (finding.at_us - 900 * S, finding.at_us)
    assert list(signal.at_us) == sorted(set(signal.at_us))
    assert signal.value[-3:] == (1.5, 0.0, 0.0)
    before = max(b.received_us for b in story if b.received_us <= signal.at_us[0])
    held = next(r.value for b in story if b.received_us == before for r in b.readings if r.metric == "car_speed_m_s")
    assert signal.value[0] == held


def test_the_evidence_says_why() -> None:
    """Door, standstill, person and zone, with the picture of the stop, the floor, and what would have kept it quiet."""
    known = world()
    findings = ordered(engine(known, [DETECTOR]), logged(told([(20, RIDE), (120, STUCK)]), known), T0 + 300 * S)
    evidence = next(f for f in findings if f.score == 1.0).evidence

    assert evidence is not None
    assert {c.name: c.value for c in evidence.contributions} == {
        "stopped_s": 60.0,
        "door_closed_s": 80.0,
        "person_present": 1.0,
        "outside_door_zone": 1.0,
    }
    assert sum(c.weight for c in evidence.contributions) == pytest.approx(1.0)
    assert evidence.facts == {"cause": "outside_door_zone", "floor": 7.0, "fault_code": 0.0}
    assert evidence.counterfactual is not None
    assert (evidence.counterfactual.name, evidence.counterfactual.value) == ("stopped_s", 60.0)
    assert evidence.signal is not None
    assert (evidence.signal.name, evidence.signal.value) == ("car_speed_m_s", (1.5, 0.0, 0.0))
