"""Every detector of the catalogue keeps the contract."""

from collections.abc import Callable

import pytest

from models.detector import Detector
from models.detectors.catalogue import DETECTORS
from tests.contracts.detector import CHECKS, Sample
from tests.models.detector_samples import SAMPLES


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__.removeprefix("check_"))
@pytest.mark.parametrize("detector", DETECTORS, ids=lambda d: d.spec.name)
def test_keeps_the_contract(detector: Detector, check: Callable[[Detector, Sample], None]) -> None:
    """The check, whose docstring says what must be true, holds for this detector."""
    check(detector, SAMPLES[detector.spec.name]())


def test_names_are_unique() -> None:
    """A state is kept by its detector's name, and every detector has a sample."""
    names = [d.spec.name for d in DETECTORS]

    assert len(set(names)) == len(names)
    assert set(names) <= SAMPLES.keys()
