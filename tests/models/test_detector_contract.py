"""Every detector of the catalogue keeps the contract."""

from collections.abc import Callable

import pytest

from models.asked import LEAST_COLUMNS
from models.blocks import BlockDetector
from models.detector import Detector
from models.detectors.catalogue import DETECTORS
from tests.contracts.detector import CHECKS, CROWDED, Sample, crowded
from tests.models.detector_samples import SAMPLES


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__.removeprefix("check_"))
@pytest.mark.parametrize("detector", DETECTORS, ids=lambda d: d.spec.name)
def test_keeps_the_contract(detector: Detector, check: Callable[[Detector, Sample], None]) -> None:
    """The check, whose docstring says what must be true, holds for this detector."""
    check(detector, SAMPLES[detector.spec.name]())


@pytest.mark.parametrize("check", CROWDED, ids=lambda c: c.__name__.removeprefix("check_"))
@pytest.mark.parametrize("detector", [d for d in DETECTORS if isinstance(d, BlockDetector)], ids=lambda d: d.spec.name)
def test_keeps_the_contract_in_a_crowd(detector: Detector, check: Callable[[Detector, Sample], None]) -> None:
    """So it does where enough assets speak together for it to look at all devices at once."""
    check(detector, crowded(SAMPLES[detector.spec.name](), LEAST_COLUMNS))


def test_names_are_unique() -> None:
    """A state is kept by its detector's name, and every detector has a sample."""
    names = [d.spec.name for d in DETECTORS]

    assert len(set(names)) == len(names)
    assert set(names) <= SAMPLES.keys()
