"""Family: each kind of fault and look-alike is counted by itself, over several seeds."""

from dataclasses import replace

import pytest

from alerts.episodes import Key
from alerts.levels import Level
from device_simulators.labels import Label, Truth
from service.evaluation.family import figures_by_kind, main
from service.evaluation.in_process import Order
from service.evaluation.outcome import Outcome


def label(note: str, truth: Truth, at_us: int, asset: str = "lift") -> Label:
    return Label(asset, "elevator.brake", truth, at_us, None, at_us, at_us + 50, 0.5, note)


def outcome(*raised_us: int) -> Outcome:
    """A car that was too fast twice and tested once, and the orders raised of it."""
    labels = (
        label("too fast", Truth.FAULT, 100),
        label("too fast", Truth.FAULT, 200),
        label("a test", Truth.LOOKALIKE, 300),
    )
    orders = tuple(Order(Key("lift", "elevator.brake", ""), at, at, Level.I) for at in raised_us)
    return Outcome("elevators", 1, 0, 1_000, orders, labels, ())


@pytest.mark.parametrize(("raised", "told", "fooled"), [((), 0, 0), ((110,), 1, 0), ((110, 210, 310), 2, 1)])
def test_each_kind_is_counted_by_itself(raised: tuple[int, ...], told: int, fooled: int) -> None:
    """Two groups with the same life: what was there, and what had a work order, of faults and of look-alikes."""
    one = outcome(*raised)
    found = {(f.data, f.of, f.name): f.value for f in figures_by_kind([one, replace(one)], "two")}

    assert found == {
        ("two: faults", "elevator.brake: too fast", "faults"): 4.0,
        ("two: faults", "elevator.brake: too fast", "with a work order"): 2.0 * told,
        ("two: look-alikes", "elevator.brake: a test", "look-alikes"): 2.0,
        ("two: look-alikes", "elevator.brake: a test", "with a work order"): 2.0 * fooled,
    }


def test_the_command_prints_the_tables_and_how_to_get_them_again(capsys: pytest.CaptureFixture[str]) -> None:
    """Three weeks of one elevator in which nothing happens: no order, and the command with its seeds."""
    main(["elevators", "--assets", "1", "--days", "21", "--seeds", "3"])
    said = capsys.readouterr().out

    assert "python -m service.evaluation.family elevators --assets 1 --days 21 --seeds 3" in said
    assert "false orders of level I and II" in said
