"""Fleets: the families whose simulated assets are judged, and how large a part of a community each is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from device_simulators.cameras_fleet import cameras_groups
from device_simulators.elevators_fleet import elevators_groups
from device_simulators.fleet import FleetMaker, Group
from device_simulators.network_fleet import network_groups
from device_simulators.pipes_fleet import pipes_groups
from device_simulators.pumps_fleet import pumps_groups
from device_simulators.surroundings_fleet import surroundings_groups


@dataclass(frozen=True, slots=True)
class Fleet:
    """The assets of one family in a community.

    Attributes:
        family: Its name.
        make: Makes its groups.
        share: Of the community's assets, relative to the other families'.
    """

    family: str
    make: FleetMaker
    share: float = 1.0


# A family's fleet stands here with a line. Shares are chosen so that each failure mode befalls enough assets to count.
FLEETS: tuple[Fleet, ...] = (
    Fleet("cameras", cameras_groups, 0.3),  # something befalls a zone every week
    Fleet("elevators", elevators_groups),
    Fleet("network", network_groups, 0.2),  # a network is many sensors and one asset
    Fleet("pipes", pipes_groups),
    Fleet("pumps", pumps_groups),
    Fleet("surroundings", surroundings_groups, 0.3),  # a year of weather befalls every building
)


def fleet_of(family: str) -> Fleet:
    """The fleet of a family; its name is one of `FLEETS`."""
    return next(one for one in FLEETS if one.family == family)


@dataclass(frozen=True, slots=True)
class Community:
    """How many assets are simulated for how long.

    Attributes:
        assets: Of all families together.
        start_us: A local midnight, microseconds since the epoch.
        end_us: The end of the last day.
        seed: Of all dice.
    """

    assets: int
    start_us: int
    end_us: int
    seed: int = 1


def groups_of(fleet: Fleet, community: Community, fleets: Sequence[Fleet] = FLEETS) -> list[Group]:
    """A family's groups in a community; each family has dice of its own, so that one more changes no other."""
    assets = max(1, round(community.assets * fleet.share / sum(one.share for one in fleets)))
    dice = np.random.default_rng([community.seed, *fleet.family.encode()])
    return list(fleet.make(dice, assets, community.start_us, community.end_us))
