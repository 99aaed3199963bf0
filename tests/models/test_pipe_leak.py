"""Pipe leak: water that runs every night is found and measured, and what only looks like it is not."""

from statistics import median

import pytest

from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US
from device_simulators.faults import Disturbance, Leak
from device_simulators.riser import Riser
from models.detector import Memory
from models.detectors.pipe_leak import RAISE, PipeLeak
from models.findings import Finding, Verdict
from models.pipes.leak_nights import hole_mm, quiet_nights
from tests.models.pipe_lives import MIDNIGHT, nightly, riser_asset
from tests.models.stream import feed, first_at, scored, stored_size

ONSET = MIDNIGHT + 30 * DAY_US
NEVER = MIDNIGHT + 400 * DAY_US


def _leaking(mm: float, growth_days: float = 0.0, repaired_us: int = NEVER, seed: int = 1) -> Riser:
    leak = Leak(ONSET, ONSET + round(growth_days * DAY_US), repaired_us, mm / 1e3)
    return Riser("s", "r0", seed, 7, leaks=[leak], metered=True)


def _sound(name: str = "r1", seed: int = 1, what: tuple[Disturbance, ...] = ()) -> Riser:
    return Riser("s", name, seed, 11, disturbances=what, metered=True)


def _lived(*risers: Riser, days: int = 45, memory: Memory | None = None) -> list[Finding]:
    names = [riser.asset for riser in risers]
    assets = [riser_asset(n, *(other for other in names if other != n)) for n in names]
    told = [r for riser, a in zip(risers, assets, strict=True) for r in nightly(riser, a, MIDNIGHT, days_end(days))]
    return feed(PipeLeak(), told, memory)


def days_end(days: int) -> int:
    return MIDNIGHT + days * DAY_US


@pytest.mark.parametrize("mm", [1.0, 2.0, 3.0, 5.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_leak_is_found_within_five_nights(mm: float, seed: int) -> None:
    """Holes of 1 to 5 mm that are there at once are told of before the fifth night is over, and none before."""
    found = _lived(_leaking(mm, seed=seed), _sound(seed=seed), days=40)
    told_us = first_at([f for f in found if f.asset == "r0"], RAISE)

    assert told_us is not None
    assert ONSET < told_us <= ONSET + PipeLeak().spec.delay_us
    assert first_at([f for f in found if f.asset == "r1"], RAISE) is None


@pytest.mark.parametrize("mm", [2.0, 5.0])
def test_its_size_is_told(mm: float) -> None:
    """Litres a minute and the equivalent hole are those of the leak, to a fifth."""
    last = [f for f in scored(_lived(_leaking(mm), _sound(), days=40), "r0") if f.evidence][-1]
    facts = (last.evidence and last.evidence.facts) or {}

    assert facts["hole_mm"] == pytest.approx(mm, rel=0.2)


@pytest.mark.parametrize("growth_days", [17, 61, 98])
def test_a_leak_that_grows_teaches_nothing(growth_days: int) -> None:
    """One that takes BattLeDIM's 17 to 98 days to 3 mm is told of before it is half as wide."""
    found = _lived(_leaking(3.0, growth_days), _sound(), days=31 + growth_days)
    told_us = first_at(found, RAISE)

    assert told_us is not None
    assert told_us - ONSET < max(0.6 * growth_days, 10) * DAY_US


def test_a_repair_ends_it_and_the_next_leak_is_found() -> None:
    """Two nights after the repair the score is calm, and a second leak is found as the first was."""
    first = Leak(ONSET, ONSET, ONSET + 10 * DAY_US, 0.003)
    second = Leak(ONSET + 25 * DAY_US, ONSET + 25 * DAY_US, NEVER, 0.003)
    riser = Riser("s", "r0", 1, 7, leaks=[first, second], metered=True)
    found = scored(_lived(riser, _sound(), days=65), "r0")
    scores = {(f.at_us - ONSET) // DAY_US: f.score or 0.0 for f in found}

    assert scores[9] >= RAISE
    assert max(score for day, score in scores.items() if 13 <= day < 25) < RAISE
    assert scores[30] >= RAISE


def test_a_neighbours_cistern_does_not_end_a_leak() -> None:
    """While the neighbour draws as much for three nights the leak is neither ended nor found again."""
    running = (Disturbance(ONSET + 8 * DAY_US, ONSET + 11 * DAY_US, "", flow_m3_h=0.4),)
    found = scored(_lived(_leaking(2.0), _sound(what=running)), "r0")
    told_us = first_at(found, RAISE)

    assert told_us is not None
    assert min(f.score or 0.0 for f in found if f.at_us >= told_us) >= RAISE


def _at_night(start_h: float, length: int, flow: float, nights: range) -> tuple[Disturbance, ...]:
    starts = (ONSET + night * DAY_US + round(start_h * HOUR_US) for night in nights)
    return tuple(Disturbance(s, s + length, "", flow_m3_h=flow) for s in starts)


LOOKALIKES = {
    "the roof tank is filled at night": _at_night(2.0, 90 * MINUTE_US, 0.5, range(10)),
    "the garden is watered in summer": _at_night(3.0, 60 * MINUTE_US, 0.8, range(10)),
    "a cistern runs for two nights": (Disturbance(ONSET, ONSET + 2 * DAY_US, "", flow_m3_h=0.3),),
    "the morning peak comes early": _at_night(5.0, 90 * MINUTE_US, 1.0, range(10)),
    "somebody drills all night": (Disturbance(ONSET, ONSET + DAY_US, "", vibration_um_s2=3_000.0),),
}


@pytest.mark.parametrize("name", list(LOOKALIKES))
def test_what_resembles_a_leak_is_not_told(name: str) -> None:
    """What is over within the night, or after two nights, raises nothing."""
    assert first_at(_lived(_sound("r0", 3, LOOKALIKES[name]), _sound(seed=3)), RAISE) is None


def test_two_nights_are_no_leak_however_loud_the_nights_before() -> None:
    """A cistern that ran for two nights after a restless one is not told of: a leak is there three nights on end."""
    running = (Disturbance(ONSET + 14 * HOUR_US, ONSET + 63 * HOUR_US, "", flow_m3_h=0.4),)

    assert first_at(_lived(_sound("r0", 8, running), _sound(seed=8), days=38), RAISE) is None


def test_a_tank_that_fills_lowers_no_nights_pressure() -> None:
    """The valve droops by 6 kPa while the tank fills, in most of the night: where nothing is drawn is what counts."""
    memory = Memory()
    _lived(_sound("r0", 3, _at_night(2.0, 90 * MINUTE_US, 0.5, range(2))), _sound(seed=3), days=32, memory=memory)
    state = memory.states["r0"]

    assert state["closed"]["end_us"] > ONSET
    assert state["closed"]["kpa"] == pytest.approx(median(kpa for _, kpa in quiet_nights(state) if kpa), abs=2.5)


def test_what_all_risers_draw_is_no_leak() -> None:
    """A fortnight of hot nights in which every riser draws more is explained by the neighbours."""
    hot = (Disturbance(ONSET, ONSET + 14 * DAY_US, "", flow_m3_h=0.04),)

    assert first_at(_lived(*(_sound(f"r{n}", n, hot) for n in range(3))), RAISE) is None


def test_a_running_cistern_is_told_after_three_nights() -> None:
    """Water that is lost night after night is told of, on whichever side of a flat's door."""
    running = (Disturbance(ONSET, NEVER, "", flow_m3_h=0.3),)
    told_us = first_at(_lived(_sound("r0", 3, running), _sound(seed=3)), RAISE)

    assert told_us is not None
    assert ONSET + 2 * DAY_US < told_us < ONSET + 5 * DAY_US


def test_silence_is_unknown() -> None:
    """A night without readings is unknown."""
    readings = list(nightly(_sound("r0"), riser_asset("r0"), MIDNIGHT, MIDNIGHT + 20 * DAY_US))
    missing = range(MIDNIGHT + 16 * DAY_US, MIDNIGHT + 17 * DAY_US)
    found = feed(PipeLeak(), [r for r in readings if r[1].at_us not in missing])

    assert [f.verdict for f in found if f.at_us in missing] == [Verdict.UNKNOWN]


def test_quiet_risers_raise_nothing_in_a_year() -> None:
    """Four years of whole risers without neighbours: nothing."""
    for seed in range(10, 14):
        assert first_at(_lived(_sound("r0", seed), days=365), RAISE) is None


def test_a_hole_is_measured_as_the_table_has_it() -> None:
    """The holes of DOMAIN 1.1 at 3 bar, from what they lose."""
    assert [round(hole_mm(q, 300.0)) for q in (0.7, 2.9, 6.5, 18.0)] == [1, 2, 3, 5]


def test_its_memory_is_small() -> None:
    """After a leak of a month its state is under four kilobytes."""
    memory = Memory()
    _lived(_leaking(3.0), _sound(), days=70, memory=memory)

    assert stored_size(memory) < 4_096
