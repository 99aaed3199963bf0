"""Torture: a short run of `make torture`, so that every change meets kills, a full disk, a turned clock and lies."""

from pathlib import Path

import pytest

from tests.torture.plan import Shape, disturbances, steps
from tests.torture.torture import torture


@pytest.mark.needs("mosquitto")
@pytest.mark.timeout(280)
def test_torture_loses_doubles_and_makes_up_nothing(tmp_path: Path) -> None:
    """Twelve kills amid everything else that can happen: the readings, the quarantine and the orders are exact."""
    report = torture(Shape(seed=1, kills=12), tmp_path / "run", within_s=150.0)

    assert report.wrong == []


def test_a_plan_follows_from_its_seed() -> None:
    """The same seed sends the same messages and does the same to the same parts, another one does not."""
    one, other = Shape(seed=3, kills=12), Shape(seed=4, kills=12)

    assert steps(one) == steps(one)
    assert disturbances(one) == disturbances(one)
    assert disturbances(one) != disturbances(other)
