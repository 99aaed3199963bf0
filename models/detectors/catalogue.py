"""Catalogue: the detectors that run, one import and one line each."""

from models.detector import Detector

DETECTORS: tuple[Detector, ...] = ()
"""In the order the engine asks them; names are unique."""
