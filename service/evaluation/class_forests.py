"""Class forests: what the night watch would have noted of a simulated fleet, held against its labels.

Run `python -m service.evaluation.class_forests pumps --seed 7`.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from device_simulators.calendar import DAY_US, local_midnight
from device_simulators.fleet import Group
from device_simulators.labels import Label, Truth
from ingest.history import Series
from ingest.registry import AssetClass
from models.fitted.class_forest import ClassForest, fit_forest
from models.fitted.errors import TooFewRowsError
from models.fitted.site_readings import SiteReadings
from models.fitted.site_words import AssetDay, looks_of
from service.evaluation.community import LATENESS_US, registry_of_group
from service.evaluation.fleets import FLEETS, Community, fleet_of, groups_of
from service.evaluation.in_process import records_of
from service.nightly import Looks, unusual

_START_US = local_midnight(1_764_000_000_000_000)


@dataclass(frozen=True, slots=True)
class Noted:
    """What came of the nights of one class once its forest had been fitted.

    Attributes:
        faults: Felt in that time.
        noted: Of them those during which their asset stood out.
        sound: Asset-days without a fault.
        named: Of them those that stood out.
    """

    faults: int
    noted: int
    sound: int
    named: int


def looks_of_groups(groups: Sequence[Group], start_us: int, end_us: int) -> Looks:
    """How the days of a fleet's assets looked, from the bytes that its devices publish."""
    found: dict[AssetClass, dict[AssetDay, dict[str, float]]] = {}
    for group in groups:
        registry, said = registry_of_group(group), dict[str, dict[str, list[tuple[int, float]]]]()
        for record in records_of(group.messages(start_us, end_us), registry, LATENESS_US):
            for one in record.batch.readings:
                said.setdefault(one.device, {}).setdefault(one.metric, []).append((one.at_us, one.value))
        held = {device: {metric: _series(rows) for metric, rows in own.items()} for device, own in said.items()}
        for asset_class, looks in looks_of(SiteReadings(start_us, held, {}), registry).items():
            found.setdefault(asset_class, {}).update(looks)
    return found


def noted_by_class(looks: Looks, labels: Sequence[Label], half_us: int) -> dict[AssetClass, Noted]:
    """Fit forests to the sound days before `half_us` and judge each night from then on.

    Args:
        looks: Of the fleet.
        labels: What was wrong with its assets.
        half_us: A day's start, microseconds since the epoch (UTC).
    """
    faults = [label for label in labels if label.truth is Truth.FAULT]
    forests: dict[AssetClass, ClassForest] = {}
    for asset_class, days in looks.items():
        sound = [day for day in days.items() if day[0][1] < half_us and not _felt(faults, day[0])]
        try:
            forests[asset_class] = fit_forest(sound, seed=1)
        except TooFewRowsError:
            continue
    nights = {day_us for days in looks.values() for _, day_us in days if day_us >= half_us}
    named = {(one.asset, night_us) for night_us in nights for one in unusual(_of(looks, night_us), forests)}
    return {one: _noted([day for day in looks[one] if day[1] >= half_us], faults, named) for one in forests}


def _noted(days: Sequence[AssetDay], faults: Sequence[Label], named: set[AssetDay]) -> Noted:
    felt = {day: _felt(faults, day) for day in days}
    sound = [day for day in days if not felt[day]]
    there, noted = (
        {(one.asset, one.onset_us) for day in some for one in felt[day]} for some in (days, [*named & felt.keys()])
    )
    return Noted(len(there), len(noted), len(sound), len(named.intersection(sound)))


def _felt(faults: Sequence[Label], day: AssetDay) -> list[Label]:
    """The faults that an asset had on a day, or on the one before or after."""
    asset, day_us = day
    return [
        one for one in faults if one.asset == asset and one.onset_us - DAY_US < day_us < one.raise_until_us + DAY_US
    ]


def _of(looks: Looks, night_us: int) -> Looks:
    return {one: {day: look for day, look in days.items() if day[1] == night_us} for one, days in looks.items()}


def _series(rows: list[tuple[int, float]]) -> Series:
    at_us, value = (np.array(column) for column in zip(*rows, strict=True))
    return Series(at_us, value, np.zeros(len(rows), np.uint8))


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate a fleet, fit forests to the first half of its days, and print what the nights of the second noted."""
    parser = argparse.ArgumentParser(prog="python -m service.evaluation.class_forests", description=main.__doc__)
    parser.add_argument("family", choices=[fleet.family for fleet in FLEETS])
    parser.add_argument("--assets", type=int, default=32, help="default 32")
    parser.add_argument("--days", type=int, default=160, help="default 160")
    parser.add_argument("--seed", type=int, default=7, help="of the dice (default 7)")
    chosen = parser.parse_args(arguments)
    fleet = fleet_of(chosen.family)
    community = Community(chosen.assets, _START_US, _START_US + chosen.days * DAY_US, chosen.seed)
    groups = groups_of(fleet, community, [fleet])
    looks = looks_of_groups(groups, community.start_us, community.end_us)
    labels = [label for group in groups for label in group.labels]
    half_us = (_START_US + chosen.days // 2 * DAY_US) // DAY_US * DAY_US
    for asset_class, said in noted_by_class(looks, labels, half_us).items():
        print(  # noqa: T201 -- what it is for
            f"{asset_class}: {said.noted} of {said.faults} faults noted; "
            f"{said.named} of {said.sound:,} days without a fault stood out"
        )


if __name__ == "__main__":
    main()
