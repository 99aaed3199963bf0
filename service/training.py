"""Training: fits what a site's own history can teach, from a replay of it and from what crews found."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from sqlalchemy import Connection, select

from alerts.life import Outcome
from alerts.policy.modes import mode_of
from alerts.tables import HISTORY, WORK_ORDER
from alerts.tunables import tunables_of
from alerts.work_orders import Action
from ingest.history import ReadingSource
from ingest.registry import Registry
from models.detectors.catalogue import DETECTORS
from models.fitted.card import Card, Kind
from models.fitted.class_forest import fit_forest, forest_bytes
from models.fitted.errors import TooFewRowsError
from models.fitted.probability_fit import Said, fit_map
from models.fitted.probability_map import map_json
from models.fitted.raise_levels import empirical_level, gumbel_level, pooled
from models.fitted.site_readings import read_site, registry_of_site
from models.fitted.site_words import DAY_US, AssetDay, SiteWords, Span, words_of
from models.statistics.calibration import brier
from models.thresholds import DefaultThresholds

Floats = npt.NDArray[np.float64]

HORIZON_US = 3 * DAY_US
"""72 hours. Source: the product's promise (DESIGN)."""
FALSE_A_YEAR = 0.012
"""Days of false orders an asset and year. Source: DOMAIN 6.3, 12 false orders per 1,000 assets and year."""

_HELD_OUT = 1 / 3
_LIBRARIES = ("precomplaint", "numpy", "scipy", "scikit-learn", "skops")


@dataclass(frozen=True, slots=True)
class Found:
    """What crews found.

    Attributes:
        confirmed: By failure mode and asset: when each was confirmed, microseconds since the epoch.
        ticketed: Asset-days with a work order, which are no sound days.
    """

    confirmed: Mapping[tuple[str, str], Sequence[int]]
    ticketed: frozenset[AssetDay]


@dataclass(frozen=True, slots=True)
class Trained:
    """A fitted model that nobody has kept yet."""

    card: Card
    content: bytes


@dataclass(frozen=True, slots=True)
class Proposal:
    """A raise level that sound days would rarely exceed; it is shown and never saved by itself.

    Attributes:
        threshold: Name of the tunable.
        asset_class: Whose days were pooled.
        now: What ships.
        empirical: Split-conformal.
        gumbel: By a Gumbel fit.
        days: Pooled.
    """

    threshold: str
    asset_class: str
    now: float
    empirical: float
    gumbel: float
    days: int


@dataclass(frozen=True, slots=True)
class Learnt:
    """What came of a training: models, proposals, and what could not be fitted and why."""

    models: tuple[Trained, ...]
    proposals: tuple[Proposal, ...]
    refused: tuple[str, ...]


def found_by_crews(connection: Connection) -> Found:
    """What the work orders say; an order's failure is dated by when its crew confirmed it."""
    said = select(WORK_ORDER, HISTORY.c.at_us).join(HISTORY, HISTORY.c.work_order == WORK_ORDER.c.id)
    said = said.where(HISTORY.c.action == Action.OUTCOME, WORK_ORDER.c.outcome == Outcome.CONFIRMED)
    confirmed: dict[tuple[str, str], list[int]] = {}
    for row in connection.execute(said):
        confirmed.setdefault((row.failure_mode, row.asset), []).append(row.at_us)
    orders = connection.execute(select(WORK_ORDER.c.asset, WORK_ORDER.c.raised_us))
    return Found(confirmed, frozenset((row.asset, row.raised_us - row.raised_us % DAY_US) for row in orders))


def hear_sites(
    store: ReadingSource, registry: Registry, span: Span, n_jobs: int, say: Callable[[str], None]
) -> SiteWords:
    """What the live code says of the history, site by site, in parallel; the same wherever it runs."""
    thresholds = DefaultThresholds(tunables_of(DETECTORS).values())

    def jobs() -> Iterator[object]:
        for site in registry.sites:
            say(f"replaying {site}")
            readings = read_site(store, registry, site, span.start_us, span.end_us)
            yield delayed(words_of)(readings, registry_of_site(registry, site), DETECTORS, thresholds, span)

    words = SiteWords()
    for one in Parallel(n_jobs=n_jobs)(jobs()):
        words.join(one)
    return words


def learn(words: SiteWords, registry: Registry, found: Found, span: Span, seed: int) -> Learnt:
    """Fit everything that the words bear; the last third of the time is held out of every figure."""
    models: list[Trained] = []
    proposals: list[Proposal] = []
    refused: list[str] = []
    for mode, chances in sorted(words.chances.items()):
        try:
            models.append(_calibration(mode, _said(mode, chances, found, span), span, seed))
        except TooFewRowsError as error:
            refused.append(f"{Kind.CALIBRATION}:{mode}: {error}")
    for asset_class, looks in sorted(words.looks.items()):
        try:
            models.append(_forest(asset_class, looks, found, span, seed))
        except TooFewRowsError as error:
            refused.append(f"{Kind.FOREST}:{asset_class}: {error}")
    for mode, highest in sorted(words.highest.items()):
        proposals += _levels(mode, highest, registry, found)
    return Learnt(tuple(models), tuple(proposals), tuple(refused))


def _said(mode: str, chances: Mapping[AssetDay, tuple[int, float]], found: Found, span: Span) -> Said:
    """What was said in time order, and whether a crew confirmed it within the horizon; the end cannot be known yet."""
    rows = []
    for (asset, _), (at_us, chance) in sorted(chances.items(), key=lambda item: (item[1][0], item[0])):
        if at_us <= span.end_us - HORIZON_US:
            moments = found.confirmed.get((mode, asset), ())
            rows.append((chance, float(any(at_us < moment <= at_us + HORIZON_US for moment in moments))))
    table = np.array(rows, dtype=np.float64).reshape(-1, 2)
    return Said(table[:, 0], table[:, 1])


def _calibration(mode: str, said: Said, span: Span, seed: int) -> Trained:
    cut = round(len(said.chances) * (1 - _HELD_OUT))
    fitted = fit_map(Said(said.chances[:cut], said.outcomes[:cut]))
    raw, came = said.chances[cut:], said.outcomes[cut:]
    calibrated = np.array([fitted(float(chance)) for chance in raw])
    figures = {"rows held out": float(raw.size)}
    if raw.size:
        figures |= {"Brier before": brier(raw, came), "Brier after": brier(calibrated, came)}
    about = f"makes the 72 h probabilities of {mode} come true"
    data = "daily probabilities of a replay against confirmed work orders; the last third held out"
    return Trained(_card(Kind.CALIBRATION, mode, about, data, span, cut, seed, figures), map_json(fitted))


def _forest(
    asset_class: str, looks: Mapping[AssetDay, Mapping[str, float]], found: Found, span: Span, seed: int
) -> Trained:
    sound = [day for day in looks.items() if day[0] not in found.ticketed]
    fitted = fit_forest(sound, seed)
    about = f"says how unusual a day of a {asset_class} is, by how far it is from what the asset usually does"
    data = "median and spread of each level by day; days with a work order left out"
    sizes = {"assets": len(fitted.usual.rows), "features": len(fitted.usual.features)}
    figures = {"rows held out": float(fitted.held.size)} | {name: float(size) for name, size in sizes.items()}
    return Trained(_card(Kind.FOREST, asset_class, about, data, span, len(sound), seed, figures), forest_bytes(fitted))


def _levels(mode: str, highest: Mapping[AssetDay, float], registry: Registry, found: Found) -> Iterator[Proposal]:
    raise_at = mode_of(mode).raise_at
    classes: dict[str, dict[str, list[float]]] = {}
    for (asset, day), score in sorted(highest.items()):
        if (asset, day) not in found.ticketed:
            classes.setdefault(registry.assets[asset].asset_class, {}).setdefault(asset, []).append(score)
    for asset_class, by_asset in sorted(classes.items()):
        maxima = pooled({asset: np.array(scores) for asset, scores in by_asset.items()})
        try:
            levels = empirical_level(maxima, FALSE_A_YEAR), gumbel_level(maxima, FALSE_A_YEAR)
        except TooFewRowsError:
            continue
        yield Proposal(raise_at.name, asset_class, raise_at.default, *levels, maxima.size)


def _card(  # noqa: PLR0913, PLR0917 -- a card is its fields
    kind: Kind, subject: str, about: str, data: str, span: Span, rows: int, seed: int, figures: Mapping[str, float]
) -> Card:
    libraries = {name: version(name) for name in _LIBRARIES}
    return Card(kind, subject, about, data, span.start_us, span.end_us, rows, seed, libraries, figures)
