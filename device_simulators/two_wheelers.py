"""Two-wheelers: what a camera's detector and its classification make of bicycles, e-bikes and scooters."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from device_simulators.calendar import SECOND_US
from device_simulators.visits import Visit

_VIEWS, _FEWEST_VIEWS, _AGREE = 16, 3, 0.6
"""How often a track is looked at, and when a name is published. Source: Frigate's code, `get_weighted_score`."""
_VIEW_US = SECOND_US // 5  # Frigate's default of five frames a second
_SURE = 0.6  # share of views that reach the default threshold of 0.8; chosen by: no figure is published
_THRESHOLD = 0.8
_RIGHT = (4.0, 1.0)
"""Beta distribution, over objects, of the chance that a view is named rightly: 0.8 on average, under 0.5 for one in
sixteen, which looks like the other kind from where the camera hangs. Source: recall 0.82 of a model for electric
motorcycles in elevators (J. Cloud Computing 9, doi 10.1186/s13677-020-00187-6); the scatter over objects is chosen."""
_MOTORCYCLE = {True: 0.5, False: 0.05}
"""How often a detector of COCO's classes calls one with and without a motor a motorcycle. Chosen by: half of the
e-bikes have a scooter's shape; COCO's confusion of the two classes is small, and no figure for e-bikes is published."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name that is published of a track.

    Attributes:
        after_us: How long after the track began, microseconds.
        name: The class.
        score: The mean of the views that said so.
    """

    after_us: int
    name: str
    score: float


def labelled(visit: Visit, dice: np.random.Generator) -> str:
    """What the detector calls a visit's object for as long as it tracks it; what is no two-wheeler is what it is."""
    if visit.motor is None or visit.label != "bicycle":
        return visit.label
    return "motorcycle" if dice.random() < _MOTORCYCLE[visit.motor] else visit.label


def names(visit: Visit, object_dice: np.random.Generator, dice: np.random.Generator) -> Iterator[Name]:
    """Each name that is published of a track of a visit, when it changes; nothing of what is no two-wheeler.

    Args:
        visit: Whose track.
        object_dice: The same for all of its tracks: how well one can see what it is.
        dice: Of this track's views.
    """
    if visit.motor is None:
        return
    right, said, views = float(object_dice.beta(*_RIGHT)), "", list[tuple[bool, float]]()
    for view in range(1, _VIEWS + 1):
        if dice.random() >= _SURE:
            continue
        views.append((bool(dice.random() < right), float(dice.uniform(_THRESHOLD, 1.0))))
        rightly = sum(one for one, _ in views)
        agreeing = max(rightly, len(views) - rightly)
        if len(views) < _FEWEST_VIEWS or agreeing < _AGREE * len(views):
            continue
        truly = rightly == agreeing
        name = "e_bike" if truly == visit.motor else "bicycle"
        if name != said:
            said = name
            score = float(np.mean([score for one, score in views if one == truly]))
            yield Name(view * _VIEW_US, name, round(score, 6))
