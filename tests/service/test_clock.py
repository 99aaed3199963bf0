"""Clocks: the system's and a simulation's."""

import subprocess
import sys
import time
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from service.clock import SimulationClock, SystemClock
from service.settings import load_settings
from service.wiring import begin_clock, folder_of


def test_the_system_clock_is_the_machines() -> None:
    """It says what the machine's clock says."""
    before = time.time_ns() // 1000
    now = SystemClock().now_us()

    assert before <= now <= time.time_ns() // 1000


def test_another_process_sees_the_simulations_time(tmp_path: Path) -> None:
    """What the driver sets is what another process reads."""
    with SimulationClock(tmp_path / "clock", 5) as clock:
        clock.advance(1_234_567, 20.0)
        code = (
            "import sys, pathlib; from service.clock import SimulationClock as C;"
            "c = C(pathlib.Path(sys.argv[1])); print(c.now_us(), c.speed)"
        )
        seen = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "clock")], capture_output=True, text=True, check=True
        ).stdout.split()

    assert seen == ["1234567", "20.0"]


def test_a_restart_finds_the_time_where_it_stood(tmp_path: Path) -> None:
    """Opening the file again forgets nothing."""
    with SimulationClock(tmp_path / "clock", 5) as clock:
        clock.advance(99, 3.0)

    with SimulationClock(tmp_path / "clock", 5) as again:
        assert (again.now_us(), again.speed) == (99, 3.0)


@given(st.lists(st.integers(0, 2**60), min_size=1))
def test_time_never_goes_back(tmp_path_factory: object, steps: list[int]) -> None:
    """Whatever it is told, the clock shows the latest time it was ever told."""
    path = tmp_path_factory.mktemp("clock") / "clock"  # type: ignore[attr-defined]
    with SimulationClock(path) as clock:
        for step in steps:
            clock.advance(step, 1.0)

        assert clock.now_us() == max(steps)


def test_a_new_simulation_begins_where_its_history_does(tmp_path: Path) -> None:
    """The first thing a person sees is the history's first day, not 1970; a simulation under way keeps its time."""
    settings = load_settings(data=tmp_path, clock={"kind": "simulation"})
    with SimulationClock(folder_of(settings).clock) as clock:  # whoever asked for the time first has made the file
        before = clock.now_us()
        begin_clock(settings, 1_000)
        begun = clock.now_us()
        begin_clock(settings, 500)

        assert (before, begun, clock.now_us()) == (0, 1_000, 1_000)
