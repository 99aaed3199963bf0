"""Threshold schemas: what the API takes and gives of thresholds."""

from datetime import datetime

from pydantic import ConfigDict, Field

from alerts.api.schemas import In, Out, Who, Words
from alerts.thresholds import ScopeKind


class ScopeOut(Out):
    """Where a threshold's value holds; the narrowest wins: asset, asset class, site, default."""

    kind: ScopeKind
    id: str = ""
    """Empty for `default`."""


class ThresholdOut(Out):
    """A threshold's value in one scope."""

    name: str
    scope: ScopeOut
    value: float
    unit: str
    low: float
    high: float
    default: float
    source: str
    """The standard, paper or measurement behind the default."""
    version: int
    """0: what shipped, nobody has turned it in this scope."""
    who: str | None
    why: str | None
    at: datetime | None
    """From this moment on, in event time."""


class ThresholdList(Out):
    """Thresholds or versions of one."""

    items: list[ThresholdOut]


class ThresholdIn(In):
    """A new value."""

    scope: ScopeOut = ScopeOut(kind=ScopeKind.DEFAULT)
    value: float = Field(allow_inf_nan=False)
    who: Who
    why: Words
    expected_version: int | None = None
    """The version that was on the screen; refused when it is not the newest."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "scope": {"kind": "asset", "id": "riser-3-2-high"},
                "value": 0.4,
                "who": "李工",
                "why": "booster pump next door shakes this riser at night",
            }
        }
    )
