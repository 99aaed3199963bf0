"""Weather: what gauges measured, what was forecast and what was warned of, remembered for one asset.

Events of a weather gateway (ingest/README.md): `weather.forecast` and `weather.warning`. What a gateway says holds
until a newer word of the same, for as long as it says, and no longer than a day and a half.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from ingest.readings import Event, Reading
from models.detector import State
from models.statistics.pictures import rows_of, steps, with_row, without_newest
from models.surroundings.colours import RAIN_HOURS, Colour, Limits, cold_colour, rain_colour

AIR, PIPE, RAIN = "air_temperature_c", "pipe_temperature_c", "rain_mm"
FORECAST, WARNING = "weather.forecast", "weather.warning"
GAUGES, EVENTS = frozenset({AIR, PIPE, RAIN}), frozenset({FORECAST, WARNING})
HOUR_US = 3_600_000_000

FRESH_H = 3
"""How long a thermometer is believed. Chosen by: air changes by a degree or two an hour at most."""
_HOLDS_H = 36  # chosen by: services renew forecasts every 12 hours and warnings every day
_REMEMBERED_H = 73  # three days of daily minima, for a fall within 48 hours
_DECIMALS = 2
_RAIN_SLICE_US, _RAIN_DECIMALS = HOUR_US // 2, 3
_RAIN_KEYS = frozenset(str(hours) for hours in RAIN_HOURS)
_MOST_DEVICES = 30  # chosen by: more thermometers than a building's risers have


class Weather:
    """One asset's weather, over the JSON dict it lives in, changed in place.

    Args:
        state: The dict; `coldest` holds pictures of `air` and `pipe` (hour since the epoch, and its lowest), `rain` one
            a gauge (half hour, and its rain): the newest, and those before in which it rained. What was not told of is
            not there.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def read(self, reading: Reading) -> bool:
        """Take in a reading; whether it was one of weather."""
        if reading.metric == RAIN:
            self._rained(reading)
        elif reading.metric in {AIR, PIPE}:
            kind = "air" if reading.metric == AIR else "pipe"
            newest = self._state.setdefault(kind, {})
            newest[reading.device] = [reading.at_us, reading.value]
            while len(newest) > _MOST_DEVICES:
                del newest[min(newest, key=lambda device: newest[device])]
            self._note_lowest(kind, reading.at_us // HOUR_US, steps(reading.value, _DECIMALS))
        else:
            return False
        self._state["heard_us"] = reading.at_us
        return True

    def hear(self, event: Event) -> bool:
        """Take in an event; whether it was one of weather that can be understood."""
        said = event.attributes
        if event.kind == FORECAST:
            self._state["forecast"] = _forecast(event)
        elif event.kind == WARNING and said.get("kind") in {"cold", "rain"}:
            colour = Colour.__members__.get(str(said.get("colour", "")).upper())
            if colour is None:
                return False
            self._state.setdefault("warnings", {})[said["kind"]] = [event.at_us, int(colour), _hours(said, _HOLDS_H)]
        else:
            return False
        self._state["heard_us"] = event.at_us
        return True

    def coldest(self, kind: str, at_us: int) -> float | None:
        """The lowest of the fresh readings of `air` or `pipe`."""
        fresh = [v for seen_us, v in self._state.get(kind, {}).values() if at_us - seen_us < FRESH_H * HOUR_US]
        return min(fresh, default=None)

    def foretold_c(self, at_us: int) -> float | None:
        """The lowest air temperature that is forecast."""
        forecast = self._forecast(at_us)
        return None if forecast is None else forecast[2]

    def rain(self, at_us: int, limits: Limits) -> Colour:
        """The colour that was published for rain and holds; if nobody publishes any, the one of limits in mm."""
        told = self._published("rain", at_us)
        return rain_colour(lambda hours: self.rain_mm(hours, at_us), limits) if told is None else told

    def cold(self, at_us: int, limits: Limits) -> Colour:
        """The colour that was published for cold and holds; if nobody publishes any, the one of limits in K."""
        told = self._published("cold", at_us)
        return self._cold_colour(at_us, limits) if told is None else told

    def rain_mm(self, hours: int, at_us: int) -> float:
        """The most rain within so many hours: measured in the last, or forecast for the next."""
        since = (at_us - hours * HOUR_US) // _RAIN_SLICE_US
        measured = [
            sum(mm for slice_, mm in rows_of(slices) if slice_ > since) / 10**_RAIN_DECIMALS
            for slices in self._state.get("rain", {}).values()
        ]
        forecast = self._forecast(at_us)
        foretold = [mm for within, mm in forecast[3] if within <= hours] if forecast else []
        return max([*measured, *foretold], default=0.0)

    def is_known(self, at_us: int) -> bool:
        """Whether anything is known: a fresh reading, or a word of the gateway that still holds."""
        heard_us = self._state.get("heard_us")
        if heard_us is None:
            return False
        held = [w[0] + w[2] * HOUR_US for w in self._state.get("warnings", {}).values()]
        forecast = self._state.get("forecast")
        held += [forecast[0] + forecast[1] * HOUR_US] if forecast else []
        measured = [seen_us for kind in ("air", "pipe") for seen_us, _ in self._state.get(kind, {}).values()]
        measured += [(slices[0] + 1) * _RAIN_SLICE_US for slices in self._state.get("rain", {}).values()]
        return at_us < max([*held, *(seen_us + FRESH_H * HOUR_US for seen_us in measured)], default=0)

    def hours(self) -> list[list[Any]]:
        """[hour since the epoch, coldest air or None, coldest pipe or None] of the last three days, ascending."""
        found: dict[int, list[Any]] = {}
        for column, kind in enumerate(("air", "pipe"), 1):
            for hour, lowest in rows_of(self._state.get("coldest", {}).get(kind, [])):
                found.setdefault(hour, [hour, None, None])[column] = lowest / 10**_DECIMALS
        return [found[hour] for hour in sorted(found)]

    def _note_lowest(self, kind: str, hour: int, lowest: int) -> None:
        """Take a temperature, in steps, into the lowest of its hour."""
        coldest_of = self._state.setdefault("coldest", {})
        coldest = coldest_of.get(kind, [])
        if coldest and coldest[0] == hour:
            if lowest >= coldest[1]:
                return
            coldest = without_newest(coldest)
        coldest_of[kind] = with_row(coldest, [hour, lowest], _REMEMBERED_H)

    def _rained(self, reading: Reading) -> None:
        rain = self._state.setdefault("rain", {})
        slices, slice_, fell = rain.get(reading.device, []), reading.at_us // _RAIN_SLICE_US, 0
        if slices and (slices[0] == slice_ or not slices[1]):
            fell = slices[1]
            slices = without_newest(slices)
        row = [slice_, fell + steps(reading.value, _RAIN_DECIMALS)]
        rain[reading.device] = with_row(slices, row, 2 * max(RAIN_HOURS))
        while len(rain) > _MOST_DEVICES:
            del rain[min(rain, key=lambda device: rain[device][:2])]

    def _forecast(self, at_us: int) -> list[Any] | None:
        forecast: list[Any] | None = self._state.get("forecast")
        return forecast if forecast is not None and at_us - forecast[0] < forecast[1] * HOUR_US else None

    def _published(self, kind: str, at_us: int) -> Colour | None:
        warned = self._state.get("warnings", {}).get(kind)
        return Colour(warned[1]) if warned is not None and at_us - warned[0] < warned[2] * HOUR_US else None

    def _cold_colour(self, at_us: int, limits: Limits) -> Colour:
        hour, hours = at_us // HOUR_US, self.hours()
        days = [_lowest(hours, hour - 24 * (n + 1), hour - 24 * n) for n in range(3)]
        known = [one for one in (days[0], self.foretold_c(at_us)) if one is not None]
        if not known:
            return Colour.NONE
        ahead = min(known)
        falls = {24 * n: day - ahead for n, day in enumerate(days) if day is not None}
        return cold_colour(falls.get, ahead, limits)


def _lowest(hours: Sequence[Sequence[Any]], after: int, until: int) -> float | None:
    """The lowest air in (after, until], hours since the epoch; None if half of it or more is not known."""
    values = [air for hour, air, _ in hours if after < hour <= until and air is not None]
    return min(values) if len(values) > (until - after) // 2 else None


def _forecast(event: Event) -> list[Any]:
    """When it was made, for how many hours it holds, the lowest air, and [within hours, mm] of rain."""
    said = event.attributes
    rain, lowest = said.get("rain_mm"), said.get("minimum_c")
    pairs = rain.items() if isinstance(rain, dict) else ()
    amounts = sorted([int(h), float(mm)] for h, mm in pairs if h in _RAIN_KEYS and _is_number(mm))
    return [event.at_us, _hours(said, 24), float(lowest) if _is_number(lowest) else None, amounts]


def _hours(said: Mapping[str, Any], default: int) -> float:
    hours = said.get("hours")
    return min(float(hours), float(_HOLDS_H)) if _is_number(hours) and hours > 0 else float(default)


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
