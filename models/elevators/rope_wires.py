"""Rope wires: how many broken wires a lay of a suspension rope may have."""

from collections.abc import Mapping
from dataclasses import dataclass

_STRICTEST = "6x19"


@dataclass(frozen=True, slots=True)
class WireLimit:
    """What one kind of break means.

    Attributes:
        metric: That counts it, per lay of about six rope diameters.
        renew: From so many on the rope is scrap.
        watch: Above so many it is replaced or inspected at set intervals; None where there is no such level.
    """

    metric: str
    renew: float
    watch: float | None


_SPREAD, _STRAND = "broken_wires_spread_count", "broken_wires_strand_count"
_ADJACENT, _VALLEY = "broken_wires_adjacent_count", "broken_wires_valley_count"

WIRE_METRICS = frozenset({_SPREAD, _STRAND, _ADJACENT, _VALLEY})


def _row(spread: float, strand: float, watch: tuple[float, float] | None) -> tuple[WireLimit, ...]:
    watched = watch or (None, None)
    return (
        WireLimit(_SPREAD, spread, watched[0]),
        WireLimit(_STRAND, strand, watched[1]),
        WireLimit(_ADJACENT, 4.0, None),
        WireLimit(_VALLEY, 1.0, None),
    )


WIRE_LIMITS: Mapping[str, tuple[WireLimit, ...]] = {
    "6x19": _row(24.0, 8.0, (12.0, 6.0)),
    "8x19": _row(30.0, 10.0, (15.0, 8.0)),
    "9x19": _row(34.0, 11.0, None),
}
"""By construction. Source: DOMAIN 2.2: scrap by TSG T7001 (S37): spread over the outer strands, in one or two strands,
adjacent in one, in a valley; replace or inspect by ISO 4344:2004 (S38), which has no row for 9x19."""


def wire_limits(construction: object) -> tuple[WireLimit, ...]:
    """The limits of a construction; of one that nobody has said, the strictest."""
    return WIRE_LIMITS.get(str(construction), WIRE_LIMITS[_STRICTEST])
