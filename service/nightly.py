"""Nightly: which assets had an unusual day for their class, of the whole fleet, few of them by chance."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from alerts.fitted_models import in_force
from ingest.history import ReadingSource
from ingest.registry import AssetClass, Registry
from models.errors import ModelError
from models.fitted.card import Kind
from models.fitted.class_forest import ClassForest, discoveries, forest_of
from models.fitted.site_readings import read_site, registry_of_site
from models.fitted.site_words import DAY_US, AssetDay, looks_of

Looks = Mapping[AssetClass, Mapping[AssetDay, Mapping[str, float]]]


@dataclass(frozen=True, slots=True)
class Unusual:
    """An asset whose day was unusual for its class; somebody may look, nobody is sent.

    Attributes:
        asset: Its id.
        asset_class: Whose days it was compared with.
        chance: How rarely a sound day is as unusual.
    """

    asset: str
    asset_class: AssetClass
    chance: float


def forests_of(
    connection: Connection, at_us: int, refuse: Callable[[ModelError], None] | None = None
) -> dict[AssetClass, ClassForest]:
    """The forests in force, by class; a class without one is new, and nothing is said of it.

    Args:
        connection: To the main database.
        at_us: When, event time.
        refuse: Is told why one cannot be used, and the others are; None: the first such one is raised.

    Raises:
        ModelDamagedError: The bytes of one are not those of its card.
        ModelTypesError: It holds types that no forest of ours does.
        ModelUnreadableError: It is no forest.
    """
    found: dict[AssetClass, ClassForest] = {}
    for asset_class in AssetClass:
        try:
            stored = in_force(connection, f"{Kind.FOREST}:{asset_class}", at_us)
            if stored is not None:
                found[asset_class] = forest_of(stored.card.name, stored.content)
        except ModelError as error:
            if refuse is None:
                raise
            refuse(error)
    return found


def looks_on(store: ReadingSource, registry: Registry, day_us: int) -> Looks:
    """How the assets of all sites looked on the day that starts at `day_us` (UTC)."""
    found: dict[AssetClass, dict[AssetDay, Mapping[str, float]]] = {}
    for site in registry.sites:
        readings = read_site(store, registry, site, day_us, day_us + DAY_US)
        for asset_class, looks in looks_of(readings, registry_of_site(registry, site)).items():
            found.setdefault(asset_class, {}).update(looks)
    return found


def unusual(looks: Looks, forests: Mapping[AssetClass, ClassForest]) -> list[Unusual]:
    """The unusual of one day, the rarest first, at a false discovery rate of 10 % over the fleet."""
    said: list[Unusual] = []
    for asset_class, forest in forests.items():
        days = [day for day in looks.get(asset_class, {}).items() if forest.usual.knows(day)]
        if days:
            chances = forest.chances(days).tolist()
            said += [Unusual(asset, asset_class, chance) for ((asset, _), _), chance in zip(days, chances, strict=True)]
    found = discoveries(np.array([one.chance for one in said]))
    return sorted((one for one, is_found in zip(said, found, strict=True) if is_found), key=lambda one: one.chance)
