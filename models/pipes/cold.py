"""Cold: how exposed one riser is to frost, from the weather that its devices tell."""

from typing import Any, Final, TypeGuard

from ingest.readings import Event
from models.detector import State
from models.pipes.freeze_risk import ONSET_C, FreezeConditions

AIR: Final = "air_temperature_c"
FORECAST: Final = "weather.forecast"

_HOUR_US = 3_600_000_000
_BACK_H = 48  # DOMAIN 1.4: hours at the onset or below in the last 48 h
_SLOT_H, _LOWEST_SLOTS = 3, 8  # the last day
_FLOWED_H = 12
_FLOWS_M3_H = 0.02  # chosen by: the starting flow of a riser's meter (ISO 4064-1, Q1 of DN40)


def take_air(cold: State, at_us: int, lowest_c: float) -> None:
    """Take the lowest air temperature of an hour.

    Args:
        cold: JSON dict, `{}` at first, changed. `lows`: [number of three hours since the epoch, lowest C] of those of
            the last day that no later one is under. `frost`: [hour, a bit for each hour of the last two days, 1 at or
            below the onset].
        at_us: Of the hour, later than before.
        lowest_c: In C.
    """
    hour, lowest = at_us // _HOUR_US, round(lowest_c, 1)
    slot = hour // _SLOT_H
    lows = [one for one in cold.get("lows", []) if one[0] > slot - _LOWEST_SLOTS and one[1] < lowest]
    cold["lows"] = lows if lows and lows[-1][0] == slot else [*lows, [slot, lowest]]
    cold["frost"] = [hour, _frost(cold, hour) | (lowest_c <= ONSET_C)]


def take_forecast(cold: State, event: Event) -> None:
    """Take what a weather gateway foretells: it holds for as many hours as it says, 24 if it does not."""
    lowest, hours = event.attributes.get("minimum_c"), event.attributes.get("hours", 24)
    if _is_number(lowest) and _is_number(hours):
        cold["foretold"] = [event.at_us + round(hours * _HOUR_US), lowest]


def take_flow(cold: State, at_us: int, m3_h: float) -> None:
    """Note that water flowed."""
    if m3_h > _FLOWS_M3_H:
        cold["flowed_us"] = at_us


def conditions(cold: State, at_us: int, *, insulated: bool | None) -> FreezeConditions | None:
    """What decides whether the riser freezes; None where neither air nor forecast is known.

    Args:
        cold: As gathered.
        at_us: Now.
        insulated: Limit `insulated` of the riser; None if it is not known.
    """
    hour = at_us // _HOUR_US
    lowest = [c for told, c in cold.get("lows", []) if told > hour // _SLOT_H - _LOWEST_SLOTS]
    until_us, foretold = cold.get("foretold", (0, None))
    if foretold is not None and at_us < until_us:
        lowest.append(foretold)
    if not lowest:
        return None
    flowing = at_us - cold["flowed_us"] < _FLOWED_H * _HOUR_US if "flowed_us" in cold else None
    return FreezeConditions(float(_frost(cold, hour).bit_count()), min(lowest), insulated, flowing)


def _frost(cold: State, hour: int) -> int:
    """The bits of the hours of frost as they stand at an hour, its own the lowest."""
    told, bits = (int(one) for one in cold.get("frost", (hour, 0)))
    return bits << min(hour - told, _BACK_H) & (1 << _BACK_H) - 1


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
