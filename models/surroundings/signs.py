"""Signs: what tells of a danger from the weather, each with a score, and the evidence they make together."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.conclusions import RAISE
from models.findings import Contribution, Counterfactual, Evidence, Trace

_MOST_SIGNS = 4


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that tells of danger.

    Attributes:
        name: A phrase of `alerts.words`.
        value: What was seen, in `unit`.
        limit: From where on it counts by itself, in `unit`; None of what is not a matter of degree.
        unit: Of both.
        score: In [0, 1]; 0.5 at its limit.
        severity: How many levels more urgent than a preparation.
        below: Whether less is worse.
    """

    name: str
    value: float
    limit: float | None
    unit: str
    score: float
    severity: int = 0
    below: bool = False


def worst_first(signs: Sequence[Sign]) -> list[Sign]:
    """The most urgent first, then the highest, then by name."""
    return sorted(signs, key=lambda sign: (-sign.severity if sign.score >= RAISE else 0, -sign.score, sign.name))


def evidence(signs: Sequence[Sign], signal: Trace | None = None) -> Evidence:
    """What the signs say, the worst first.

    Args:
        signs: As `worst_first` orders them; at least one.
        signal: The trace of the worst, if there is one.
    """
    worst = signs[0]
    counted = sorted([s for s in signs[:_MOST_SIGNS] if s.score > 0.0] or [worst], key=lambda s: (-s.score, s.name))
    total = sum(sign.score for sign in counted) or 1.0
    alone = sum(sign.score >= RAISE for sign in signs) == 1
    bound = Counterfactual(worst.name, worst.limit, worst.unit, over=worst.below) if worst.limit is not None else None
    return Evidence(
        signal=signal,
        threshold=worst.limit if signal else None,
        contributions=tuple(
            Contribution(s.name, round(s.value, 2), s.unit, None, round(s.score / total, 4)) for s in counted
        ),
        counterfactual=bound if alone else None,
        facts={"cause": worst.name, "sign": worst.name},
    )
