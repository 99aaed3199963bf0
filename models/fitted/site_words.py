"""Site words: what a replay of a site says, day by day: the chances, the highest scores, and how its days looked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from ingest.readings import UNSCORED
from ingest.registry import AssetClass, Registry
from models.detector import Detector
from models.deviation.channels import has_level
from models.findings import Finding, Verdict
from models.fitted.site_readings import SiteReadings
from models.replay import replay
from models.thresholds import ThresholdBook

DAY_US = 86_400_000_000

AssetDay = tuple[str, int]
"""An asset and the start of a day, microseconds since the epoch (UTC)."""


_Key = TypeVar("_Key")
_Said = TypeVar("_Said")


@dataclass(slots=True)
class SiteWords:
    """What was said of a site's assets.

    Attributes:
        chances: By failure mode and asset-day: when the last probability of the day was said, and what it was.
        highest: By failure mode and asset-day, the highest score.
        looks: By asset class and asset-day, features by name: of each level its median and its spread.
    """

    chances: dict[str, dict[AssetDay, tuple[int, float]]] = field(default_factory=dict)
    highest: dict[str, dict[AssetDay, float]] = field(default_factory=dict)
    looks: dict[AssetClass, dict[AssetDay, dict[str, float]]] = field(default_factory=dict)

    def hear(self, finding: Finding) -> None:
        """Take a finding into its day."""
        day = (finding.asset, finding.at_us - finding.at_us % DAY_US)
        if finding.verdict is Verdict.SCORED and finding.score is not None:
            scores = self.highest.setdefault(finding.failure_mode, {})
            scores[day] = max(finding.score, scores.get(day, 0.0))
        if finding.probability is not None:
            self.chances.setdefault(finding.failure_mode, {})[day] = (finding.at_us, finding.probability)

    def join(self, other: "SiteWords") -> None:
        """Take in what was said of another site."""
        _join(self.chances, other.chances)
        _join(self.highest, other.highest)
        _join(self.looks, other.looks)


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when, microseconds since the epoch, and how late a reading may be."""

    start_us: int
    end_us: int
    lateness_us: int


def words_of(
    readings: SiteReadings, registry: Registry, detectors: Sequence[Detector], thresholds: ThresholdBook, span: Span
) -> SiteWords:
    """What the live code says of a site's readings, in event time; runs wherever joblib puts it.

    Args:
        readings: Of the site.
        registry: The site alone.
        detectors: What is asked.
        thresholds: As they ship, so that what is fitted does not depend on what was turned.
        span: What is replayed.
    """
    words = SiteWords()
    bounds = (span.lateness_us, span.start_us, span.end_us)
    for finding in replay(readings, registry, detectors, thresholds, *bounds):
        words.hear(finding)
    words.looks = looks_of(readings, registry)
    return words


def looks_of(readings: SiteReadings, registry: Registry) -> dict[AssetClass, dict[AssetDay, dict[str, float]]]:
    """How the days of a site's assets looked; see `SiteWords.looks`."""
    found: dict[AssetClass, dict[AssetDay, dict[str, float]]] = {}
    for asset in registry.assets.values():
        looks = found.setdefault(asset.asset_class, {})
        for device in registry.devices_of(asset.id):
            for metric in filter(has_level, readings.metrics(device.id)):
                _look(readings, device.id, metric, (asset.id, looks))
    return found


def _join(mine: dict[_Key, dict[AssetDay, _Said]], theirs: dict[_Key, dict[AssetDay, _Said]]) -> None:
    for key, days in theirs.items():
        mine.setdefault(key, {}).update(days)


def _look(readings: SiteReadings, device: str, metric: str, of: tuple[str, dict[AssetDay, dict[str, float]]]) -> None:
    """Add the median and the spread of each day of one metric to an asset's days."""
    asset, looks = of
    series = readings.held[device][metric]
    sound = (series.quality & int(UNSCORED)) == 0
    at_us, value = series.at_us[sound], series.value[sound]
    starts = at_us - at_us % DAY_US
    days, first = np.unique(starts, return_index=True)
    for day, values in zip(days.tolist(), np.split(value, first[1:]), strict=True) if days.size else ():
        low, middle, high = np.percentile(values, (5.0, 50.0, 95.0))
        features = looks.setdefault((asset, day), {})
        features[f"{metric} median"], features[f"{metric} spread"] = float(middle), float(high - low)
