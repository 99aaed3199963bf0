"""Two-wheelers: what a camera's models call them is published as Frigate does, and is wrong as often as is said."""

import json
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from device_simulators.calendar import DAY_US, SECOND_US, local_midnight
from device_simulators.camera import Camera
from device_simulators.two_wheelers import labelled, names
from device_simulators.visits import LOBBY, Visit

DAY = local_midnight(1_764_000_000_000_000)
MANY = 400


def comes(number: int, *, motor: bool | None, label: str = "bicycle") -> Visit:
    """One that comes into the lobby for ten minutes."""
    return Visit("", DAY + number * SECOND_US, 600.0, LOBBY, label=label, motor=motor)


def last_names(*, motor: bool) -> Counter[str]:
    """What many of a kind are called in the end; "" of those about which the views never agree."""
    called: Counter[str] = Counter()
    for number in range(MANY):
        visit, dice = comes(number, motor=motor), np.random.default_rng(number)
        called[([one.name for one in names(visit, dice, dice)] or [""])[-1]] += 1
    return called


@pytest.mark.parametrize(("motor", "wrong"), [(True, "bicycle"), (False, "e_bike")], ids=["e-bike", "bicycle"])
def test_most_are_named_rightly_and_some_are_not(motor: bool, wrong: str) -> None:  # noqa: FBT001 -- a parameter
    """Between one in fifty and one in six ends with the other's name: the two overlap, as for a real model."""
    called = last_names(motor=motor)

    assert MANY / 50 < called[wrong] < MANY / 6
    assert called.most_common(1)[0][0] == {"e_bike": "bicycle", "bicycle": "e_bike"}[wrong]


def test_no_name_before_three_views_and_each_is_another_than_the_last() -> None:
    """A name comes after 0.6 s at the earliest and once only, until it changes; scores reach the threshold."""
    said = [
        list(names(comes(n, motor=True), np.random.default_rng(n), np.random.default_rng(n + 1))) for n in range(99)
    ]

    assert all(one.after_us >= 3 * SECOND_US // 5 and one.score >= 0.8 for track in said for one in track)
    assert all(a.name != b.name for track in said for a, b in pairwise(track))


def test_a_detector_sees_a_motor_in_some() -> None:
    """Half of the e-bikes and few bicycles are called motorcycles; whoever is no two-wheeler is what it is."""
    dice = np.random.default_rng(3)
    share = {
        m: sum(labelled(comes(n, motor=m), dice) == "motorcycle" for n in range(MANY)) / MANY for m in (True, False)
    }

    assert share[True] == pytest.approx(0.5, abs=0.1)
    assert 0.0 < share[False] < 0.15
    assert labelled(comes(0, motor=None, label="person"), dice) == "person"


@pytest.mark.parametrize("classifies", [True, False], ids=["with a model", "without"])
def test_only_a_camera_with_a_model_names_what_it_sees_and_goes_on_to(classifies: bool) -> None:  # noqa: FBT001
    """Its name is an update of its own and stays in all later words of the track."""
    visits = [comes(hour * 3_600, motor=True) for hour in range(1, 20)]
    camera = Camera("hall", 5, visits, 0.0, 0.0, 0.0, pictured=False, classifies=classifies)
    said = [json.loads(one.payload) for one in camera.messages(DAY, DAY + DAY_US)]
    ends = [one["after"]["sub_label"] for one in said if one["type"] == "end"]

    assert len(ends) == len(visits)
    assert (ends.count(None) <= 3) if classifies else (ends.count(None) == len(visits))
    assert all(one["before"]["id"] == one["after"]["id"] for one in said)
