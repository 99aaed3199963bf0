"""L-Town: the protocol counts as it says, the network is read right, a year is simulated as the official leaks want."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.evaluation.ltown_epanet import STEPS_A_DAY, Town, emitters
from models.evaluation.ltown_network import Leak, MissingLtownError, nearest_loggers, official_leaks
from models.evaluation.ltown_warnings import DAY_US, Recording, Warned, always, by_chance, last_value, robust_z, tallied

# A street of six nodes, 100 m apart, a reservoir at its head and a short lane from its third node.
STREET = """[JUNCTIONS]
 a 10 0 week
 b 10 0 week
 c 10 0 week
 d 10 0 week
 e 10 0 week
 f 10 0 week
[RESERVOIRS]
 R 60
[TANKS]
 T1 10 3 0 6 20 0
[PIPES]
 p227 R a 100 200 120 0 Open
 p235 a b 100 200 120 0 Open ; a remark
 p3 b c 100 150 120 0 Open
 p4 c d 100 150 120 0 Open
 p5 d e 100 100 120 0 Open
 p6 c f 20 100 120 0 Open
[PUMPS]
 PUMP_1 e T1 POWER 0.1
[DEMANDS]
 a 1 week
 f 2 week
[PATTERNS]
 week 1.0 1.0
[TIMES]
 Duration 24:00
 Hydraulic Timestep 0:05
 Pattern Timestep 0:05
 Report Timestep 0:05
[OPTIONS]
 Units CMH
 Headloss H-W
[END]
"""
LEAKS = """pipe,start,end,diameter_m,type,peak
p5,2019-01-03 00:00,2019-01-20 00:00,0.01,incipient,2019-01-13 00:00
p3,2018-06-01 00:00,2019-12-31 23:55,0.01,abrupt,2018-06-01 00:00
"""
LOGGERS = ("a", "b", "c", "d", "e", "f")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data set of its own."""
    (tmp_path / "L-TOWN.inp").write_text(STREET, encoding="utf-8")
    (tmp_path / "leaks_2018_2019.csv").write_text(LEAKS, encoding="utf-8")
    return tmp_path


def recording(leaks: list[Leak]) -> Recording:
    start_us = leaks[-1].start_us - 2 * DAY_US
    return Recording("r", start_us, LOGGERS, LOGGERS, np.zeros((30, 24, len(LOGGERS))))


def test_a_folder_without_the_data_says_what_is_missing(tmp_path: Path) -> None:
    """The error names the file."""
    with pytest.raises(MissingLtownError, match=r"leaks_2018_2019\.csv"):
        official_leaks(tmp_path)


def test_the_nearest_loggers_are_nearest_along_the_pipes(folder: Path) -> None:
    """Of six loggers on a street the one at its other end is not among the five nearest."""
    near = nearest_loggers(folder, LOGGERS, ("p5", "p227"))

    assert near["p5"] == frozenset(LOGGERS) - {"a"}
    assert near["p227"] == frozenset(LOGGERS) - {"e"}


def test_warnings_are_counted_as_the_protocol_says(folder: Path) -> None:
    """The first one near a leak that began finds it, the next is a repeat, as near an old leak; the rest are false."""
    leaks = official_leaks(folder)
    new = leaks[-1]
    near = {"p5": frozenset({"d", "e"}), "p3": frozenset({"b"})}
    warned = [Warned(new.start_us + n * DAY_US, logger) for n, logger in ((-1, "d"), (4, "d"), (5, "e"), (6, "b"))]
    tally = tallied(warned, recording(leaks), leaks, near)

    assert tally.leads_us == {"p5": 6 * DAY_US}
    assert (tally.false, tally.repeats) == (1, 2)
    assert [leak.pipe for leak in tally.leaks] == ["p5"]


def test_one_warning_finds_one_leak(folder: Path) -> None:
    """Of two new leaks near one logger a warning finds the younger, and the next warning the other."""
    old = official_leaks(folder)[-1]
    young = replace(old, pipe="p6", start_us=old.start_us + DAY_US, incipient=False)
    near = {"p5": frozenset({"d"}), "p6": frozenset({"d"}), "p3": frozenset[str]()}
    leaks = [old, young]
    warned = [Warned(old.start_us + n * DAY_US, "d") for n in (2, 3)]
    tally = tallied(warned, recording(leaks), leaks, near)

    assert tally.delays_us == {"p6": DAY_US}
    assert set(tally.leads_us) == {"p5"}
    assert tally.repeats == tally.false == 0


def test_baselines_warn_of_what_they_should() -> None:
    """A fall that stays is seen by the last value and by the level of the first week; the others warn blindly."""
    dice = np.random.default_rng(0)
    hours = 400.0 + dice.normal(0, 0.1, (30, 24, 6))
    hours[20:, :, 2] -= 5.0
    what = Recording("r", 0, LOGGERS, LOGGERS, hours)

    assert (21, "c") in [(w.at_us // DAY_US, w.logger) for w in last_value(what)]
    assert (21, "c") in [(w.at_us // DAY_US, w.logger) for w in robust_z(what)]
    assert len(always(what)) == 23
    assert len(by_chance(what)) < 5


def test_a_leak_grows_with_the_square_of_time(folder: Path) -> None:
    """Half-way to its peak it draws a quarter, at and after its peak all, before and after its life nothing."""
    leak = official_leaks(folder)[-1]
    half = (leak.start_us + leak.peak_us) // 2
    times = (leak.start_us - 1, half, leak.peak_us, leak.end_us, leak.end_us + 1)
    before, quarter, full, last, after = (emitters([leak], at_us)[0] for at_us in times)

    assert before == after == 0.0
    assert quarter == pytest.approx(full / 4, rel=1e-6)
    assert full == last > 0.0


def test_epanet_is_told_of_demands_and_leaks(folder: Path) -> None:
    """What flows in at the head is what the nodes draw and what leaks by the orifice law at the leak's pressure."""
    leak = official_leaks(folder)[0]
    town = Town(folder, [leak])
    wanted = np.zeros((STEPS_A_DAY, len(town.nodes)))
    wanted[:, town.nodes.index("f")] = 5.0
    rows = town.run(LOGGERS, leak.start_us, lambda _: wanted, 1)
    pressure, inflow, pumped = rows[10, 1:3], rows[10, 6], rows[10, 8]
    leaked = emitters([leak], leak.start_us)[0] * np.sqrt(pressure.mean())

    assert inflow == pytest.approx(5.0 + pumped + leaked, rel=0.01)
