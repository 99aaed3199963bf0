"""Tunables: everything that may be turned, where it applies, and its values as points for the charts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from alerts.policy.modes import mode_of, policy_tunables
from alerts.thresholds import ThresholdUsed, ThresholdVersion, VersionedThresholds, scopes_of
from ingest.history import Point
from ingest.registry import Asset
from models.detector import Detector
from models.thresholds import ThresholdBook, Tunable

_POLICY = "policy."


def tunables_of(detectors: Iterable[Detector]) -> dict[str, Tunable]:
    """What detectors and policies declare, by name."""
    declared = [t for detector in detectors for t in detector.spec.tunables]
    return {t.name: t for t in (*declared, *policy_tunables())}


def failure_mode_of(name: str) -> str:
    """The failure mode that a tunable's name starts with.

    Example:
        >>> failure_mode_of("policy.pipe.burst.raise_probability")
        'pipe.burst'
    """
    return ".".join(name.removeprefix(_POLICY).split(".")[:2])


def tunables_for(asset: Asset, detectors: Iterable[Detector]) -> Iterator[Tunable]:
    """What counts for an asset: the tunables of its detectors, and the policies of what they may report."""
    for detector in detectors:
        if asset.asset_class in detector.spec.asset_classes:
            yield from detector.spec.tunables
            for failure_mode in detector.spec.failure_modes:
                yield from mode_of(failure_mode).tunables()


def threshold_points(
    book: ThresholdBook, assets: Iterable[Asset], detectors: Sequence[Detector], at_us: int
) -> list[Point]:
    """The values in force at a moment, one point an asset and name, in the series `threshold`.

    Args:
        book: The values.
        assets: Whose.
        detectors: What runs on them.
        at_us: The moment, microseconds since the epoch.
    """
    return [_point(book, asset, tunable.name, at_us) for asset in assets for tunable in tunables_for(asset, detectors)]


def change_points(
    book: VersionedThresholds, assets: Iterable[Asset], detectors: Sequence[Detector], version: ThresholdVersion
) -> list[Point]:
    """A saved version as points of the series `threshold`, with who and why.

    Args:
        book: The values, with the version.
        assets: Those that may be concerned; where a narrower scope holds, nothing changes and there is no point.
        detectors: What runs on them.
        version: What was saved.
    """
    used = ThresholdUsed(version.value, version.scope.kind, version.version)
    told = {"who": version.who, "why": version.why}
    concerned = (
        asset
        for asset in assets
        if version.scope in scopes_of(asset)
        and any(t.name == version.name for t in tunables_for(asset, detectors))
        and book.used(version.name, asset, version.effective_us) == used
    )
    points = (_point(book, asset, version.name, version.effective_us) for asset in concerned)
    return [replace(point, fields={**point.fields, **told}) for point in points]


def _point(book: ThresholdBook, asset: Asset, name: str, at_us: int) -> Point:
    tags = {"site": asset.site, "asset": asset.id, "failure_mode": failure_mode_of(name), "name": name}
    return Point("threshold", at_us, tags, {"value": book.value(name, asset, at_us)})
