"""Conclusions: what a rule comes to at one moment, when that is worth saying, and the finding it makes."""

from collections.abc import Mapping
from dataclasses import dataclass

from ingest.registry import Asset
from models.detector import State
from models.findings import Evidence, Finding, Verdict
from models.thresholds import ThresholdBook, Tunable

RAISE = 0.5
"""Score at which a rule's limit is passed."""

PACE_US = 300_000_000
"""How often a calm asset is spoken of. Chosen by: as pump.bearing; it needs no word a minute."""
_NEAR = 0.25


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a rule has to say of one moment; the fields mean what they mean in a finding."""

    at_us: int
    verdict: Verdict
    score: float | None = None
    severity: int = 0
    evidence: Evidence | None = None


def found(failure_mode: str, asset: Asset, said: Conclusion, used: Mapping[str, float]) -> Finding:
    """A conclusion as a finding."""
    scored = said.verdict is Verdict.SCORED
    return Finding(
        asset=asset.id,
        failure_mode=failure_mode,
        at_us=said.at_us,
        verdict=said.verdict,
        score=said.score,
        evidence=said.evidence,
        thresholds=used if scored else None,
        severity=said.severity,
    )


def in_force(tunables: tuple[Tunable, ...], asset: Asset, at_us: int, thresholds: ThresholdBook) -> Mapping[str, float]:
    """The values of tunables for an asset, by name."""
    return thresholds.values(tunables, asset, at_us)


def is_due(state: State, said: Conclusion) -> bool:
    """Whether it is worth saying: near raising each time, else when something changes and every five minutes.

    Args:
        state: JSON dict, changed: `told`, when, the score, and the verdict where that was not `SCORED`.
        said: What is concluded now.
    """
    at_us, score, *other = state.get("told", (-PACE_US, 0.0, ""))
    verdict = other[0] if other else Verdict.SCORED
    near = max(said.score or 0.0, score) >= _NEAR
    if not near and verdict == said.verdict and said.at_us - at_us < PACE_US:
        return False
    other = [] if said.verdict is Verdict.SCORED else [str(said.verdict)]
    state["told"] = [said.at_us, round(said.score or 0.0, 3), *other]
    return True
