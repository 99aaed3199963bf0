"""Backtest: the episodes that stored readings make, by the detectors and the policy that run live."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from alerts.episodes import Change, Confirmed, Ended, EpisodeTracker, Key, Raised, Risen
from alerts.levels import Level
from ingest.history import ReadingSource
from ingest.registry import Asset, Registry
from models.detector import Detector
from models.findings import Finding
from models.fitted.recalibration import CalibrationBook, Uncalibrated, recalibrated
from models.replay import replay
from models.thresholds import ThresholdBook


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch during which findings stayed above the policy; `ended_us` is None while it is open.

    Attributes:
        key: Asset, failure mode and subject.
        started_us: Event time, microseconds since the epoch.
        ended_us: When it fell calm, event time.
        level: The most urgent it was.
    """

    key: Key
    started_us: int
    ended_us: int | None
    level: Level


def episodes_of(
    findings: Iterable[Finding],
    assets: Mapping[str, Asset],
    thresholds: ThresholdBook,
    models: CalibrationBook | None = None,
) -> list[Episode]:
    """The episodes that ordered findings make, in the order they opened.

    Args:
        findings: For each asset in the order in which an engine closes its windows, as `models.replay` gives them.
        assets: By id.
        thresholds: The policy's numbers, by event time.
        models: The fitted models in force, by event time; None: what ships.
    """
    episodes: dict[tuple[Key, int], Episode] = {}
    for change in changes_of(findings, assets, thresholds, models):
        at = (change.key, change.started_us)
        match change:
            case Raised() | Confirmed():
                episodes[at] = Episode(*at, ended_us=None, level=change.level)
            case Risen():
                episodes[at] = replace(episodes[at], level=change.level)
            case Ended():
                episodes[at] = replace(episodes[at], ended_us=change.ended_us)
    return list(episodes.values())


def changes_of(
    findings: Iterable[Finding],
    assets: Mapping[str, Asset],
    thresholds: ThresholdBook,
    models: CalibrationBook | None = None,
) -> Iterator[Change]:
    """The changes of episodes that ordered findings make, each with the finding that made it; see `episodes_of`."""
    tracker, book = EpisodeTracker(assets, thresholds), models or Uncalibrated()
    for finding in findings:
        yield from tracker.hear(recalibrated(finding, book))


def backtest(  # noqa: PLR0913, PLR0917 -- as `models.replay.replay`: which store and stretch, and what runs over it
    store: ReadingSource,
    registry: Registry,
    detectors: Sequence[Detector],
    thresholds: ThresholdBook,
    lateness_us: int,
    start_us: int,
    end_us: int,
    models: CalibrationBook | None = None,
) -> list[Episode]:
    """The episodes of start_us <= at_us < end_us over stored readings; see `models.replay.replay` for the arguments.

    `models` are the fitted models in force, by event time, as the live run had them; None: what ships.

    Raises:
        StoreUnavailableError: The store cannot be reached.
        NoPolicyError: A detector speaks of a failure mode that has no policy.
    """
    findings = replay(store, registry, detectors, thresholds, lateness_us, start_us, end_us)
    return episodes_of(findings, registry.assets, thresholds, models)
