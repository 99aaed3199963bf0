"""Sump: it fills, is pumped, and floods when its pump fails; its sensors tell so."""

import itertools
import json
from collections.abc import Sequence

import pytest

from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US, SECOND_US, local_midnight
from device_simulators.labels import Truth
from device_simulators.sump import START_MM, Sump
from device_simulators.sump_troubles import Inflow, SumpTrouble, WeakSumpPump, Wet

MIDNIGHT = local_midnight(1_764_000_000_000_000)


def _told(troubles: Sequence[SumpTrouble], days: int = 2) -> dict[str, list[tuple[int, dict[str, float]]]]:
    """What each device tells, by the end of its name."""
    told: dict[str, list[tuple[int, dict[str, float]]]] = {}
    last_us = MIDNIGHT
    for message in Sump("s", "b", 3, troubles).messages(MIDNIGHT, MIDNIGHT + days * DAY_US):
        assert message.at_us >= last_us
        last_us = message.at_us
        said = json.loads(message.payload)
        told.setdefault(said["device"].rsplit("-", 1)[1], []).append((message.at_us, said["samples"][0]["values"]))
    return told


def _levels(troubles: Sequence[SumpTrouble]) -> list[float]:
    return [values["water_level_mm"] for _, values in _told(troubles)["sump"]]


def test_a_sound_sump_stays_between_its_switches() -> None:
    """It is pumped ten to twenty times a day, from the start level down, and its counter agrees with its switch."""
    told = _told([])["sump"]
    starts = [v["pump_running"] - b["pump_running"] > 0 for (_, b), (_, v) in itertools.pairwise(told)]

    assert max(values["water_level_mm"] for _, values in told) <= START_MM + 1
    assert 20 <= told[-1][1]["starts_total"] <= 40
    assert told[-1][1]["starts_total"] == sum(starts)


def test_a_dead_pump_floods_and_a_worn_one_runs_longer() -> None:
    """Without its pump the level passes its limit; with half of it, it takes about twice as long."""
    dead = _levels([WeakSumpPump(MIDNIGHT + DAY_US, MIDNIGHT + 2 * DAY_US, 0.0)])
    worn, sound = (_ran_us([WeakSumpPump(MIDNIGHT, MIDNIGHT + 2 * DAY_US, share)]) for share in (0.5, 1.0))

    assert max(dead) > START_MM + 200
    assert 1.8 < worn / sound < 2.3


def _ran_us(troubles: Sequence[SumpTrouble]) -> float:
    told = _told(troubles)["sump"]
    return sum(b - a for (a, before), (b, _) in itertools.pairwise(told) if before["pump_running"])


@pytest.mark.parametrize(("mm_min", "floods"), [(60.0, False), (200.0, True)])
def test_it_copes_with_what_its_pump_can_lift(mm_min: float, floods: bool) -> None:  # noqa: FBT001 -- a parameter
    """Rain under the pump's 120 mm a minute makes it run, more floods it."""
    levels = _levels([Inflow(MIDNIGHT + 6 * HOUR_US, MIDNIGHT + 9 * HOUR_US, mm_min)])

    assert (max(levels) > START_MM + 200) == floods


def test_a_check_valve_that_leaks_makes_it_start_again_and_again() -> None:
    """The water that runs back while it stands is pumped a dozen times an hour."""
    back = Inflow(MIDNIGHT + 6 * HOUR_US, MIDNIGHT + 9 * HOUR_US, 300.0, while_stopped=True, truth=Truth.FAULT)
    told = _told([back])["sump"]
    at_seven, at_eight = (
        next(v["starts_total"] for at_us, v in told if at_us >= MIDNIGHT + hour * HOUR_US) for hour in (7, 8)
    )

    assert at_eight - at_seven > 12


def test_an_immersion_sensor_speaks_on_change() -> None:
    """Dry twice a day, wet at once and every ten minutes, and dry again at its end; the other sensor stays dry."""
    at_us = MIDNIGHT + 8 * HOUR_US
    told = _told([Wet(at_us, at_us + 25 * MINUTE_US)])
    pit = [(at, values["pit_water_present"]) for at, values in told["pit"] if at >= at_us]

    assert pit[:4] == [(at_us + minutes * MINUTE_US, float(minutes < 25)) for minutes in (0, 10, 20, 25)]
    assert {values["water_present"] for _, values in told["floor"]} == {0.0}


def test_what_dries_within_ten_seconds_is_a_splash() -> None:
    """The label of a short wetting is that of a look-alike."""
    splash, flood = (Wet(MIDNIGHT, MIDNIGHT + seconds * SECOND_US).label("b") for seconds in (8, 80))

    assert (splash.truth, flood.truth) == (Truth.LOOKALIKE, Truth.FAULT)
