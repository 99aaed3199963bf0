"""Recalibration: what detectors say of a chance, put through the map that is in force at the moment they say it."""

from dataclasses import dataclass, replace
from typing import Protocol

from models.findings import Finding
from models.fitted.probability_map import ProbabilityMap

FACT = "calibration"
"""The fact of the evidence that names the model and its version."""


@dataclass(frozen=True, slots=True)
class Active:
    """A map in force: its model's name and version, and itself."""

    name: str
    version: int
    fitted: ProbabilityMap


class CalibrationBook(Protocol):
    """Which map is in force, each effective from a moment on, so that a replay hears what the live run heard."""

    def calibration(self, failure_mode: str, at_us: int) -> Active | None:
        """The map in force for a failure mode at an event time, or None: what is said stays."""
        ...


class Uncalibrated:
    """The book in which nobody has activated anything."""

    def calibration(self, failure_mode: str, at_us: int) -> Active | None:  # noqa: ARG002 -- none for all
        """None; see `CalibrationBook.calibration`."""
        return None


def recalibrated(finding: Finding, book: CalibrationBook) -> Finding:
    """A finding with its chance as the model in force has it, and the model named in its evidence.

    Where the score is the chance, as where the policy raises on a chance, it moves with it. The map rises, so what was
    likelier stays so; times to failure are the detector's own.
    """
    if finding.probability is None:
        return finding
    active = book.calibration(finding.failure_mode, finding.at_us)
    if active is None:
        return finding
    probability = active.fitted(finding.probability)
    score = probability if finding.score == finding.probability else finding.score
    evidence = finding.evidence
    if evidence is not None:
        facts = {**(evidence.facts or {}), FACT: f"{active.name} {active.version}"}
        evidence = replace(evidence, facts=facts)
    return replace(finding, probability=probability, score=score, evidence=evidence)
