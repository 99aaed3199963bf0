"""Stored: how many bytes of JSON the states of one asset take, each detector's after its sample.

Those that watch assets of every class are measured after each sample of the class; the largest counts.
"""

from collections.abc import Mapping

from ingest.registry import AssetClass
from models.detector import Detector
from models.detectors.catalogue import DETECTORS
from models.engine import Engine
from models.thresholds import DefaultThresholds
from tests.contracts.detector import Sample
from tests.models.detector_samples import SAMPLES
from tests.models.worlds import LATENESS_US, logged


def stored_bytes() -> Mapping[AssetClass, Mapping[str, int]]:
    """By class and detector, the bytes of the largest state of one asset."""
    samples = {name: SAMPLES[name]() for name in (d.spec.name for d in DETECTORS)}
    found: dict[AssetClass, dict[str, int]] = {}
    for kind in AssetClass:
        own = [d for d in DETECTORS if d.spec.asset_classes == {kind}]
        sizes = {d.spec.name: _largest(d, samples[d.spec.name]) for d in own}
        for general in (d for d in DETECTORS if {kind} < d.spec.asset_classes):
            sizes[general.spec.name] = max(_largest(general, samples[d.spec.name]) for d in own)
        found[kind] = sizes
    return found


def _largest(detector: Detector, sample: Sample) -> int:
    engine = Engine(sample.registry, [detector], DefaultThresholds(detector.spec.tunables), LATENESS_US)
    for record in logged(sample.batches, sample.registry):
        engine.offer(record)
    return max((len(one.state.encode()) for one in engine.checkpoint().states), default=0)
