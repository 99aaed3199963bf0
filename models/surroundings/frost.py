"""Frost: the signs that pipes of a building are going to freeze, are frozen, or thaw after they were frozen."""

from collections.abc import Mapping
from dataclasses import dataclass

from ingest.readings import Reading
from models.detector import State
from models.findings import Trace
from models.statistics.traces import rounded
from models.surroundings.colours import FALL_C, Limits
from models.surroundings.signs import Sign
from models.surroundings.weather import HOUR_US, Weather

# Score by degrees: 0.5 at the limit of preparation, 0.75 three degrees lower where the order is due, calm (0.3) 2.4
# degrees above it.
_PER_DEGREE = 1 / 12
_PIPE_PER_DEGREE = 0.1  # chosen by: calm two degrees above the limit
_COLOUR_SCORES = (0.0, 0.55, 0.6, 0.8, 0.9)
_COLOUR_SEVERITIES = (0, 0, 0, 1, 2)
_MOST = 0.95
_SHUT_US = HOUR_US // 2  # chosen by: at night a riser stands still for minutes, a frozen one for hours
_FLOWS_M3_H = 0.02  # chosen by: the starting flow of a riser's meter (ISO 4064-1, Q1 of DN40)
_FROZEN_PIPE_C = 0.0
_MOST_PRESSURES = 30


@dataclass(frozen=True, slots=True)
class FrostSettings:
    """The values in force, in the order of the detector's tunables."""

    prepare_c: float
    order_c: float
    pipe_c: float
    rise_kpa: float
    frozen_c: float
    frozen_h: float
    thaw_c: float
    patrol_h: float
    wave_red_c: float
    wave_orange_c: float
    wave_yellow_c: float
    wave_blue_c: float

    def wave(self) -> Limits:
        """By how much it must fall for each colour of a cold wave, K."""
        falls = self.wave_red_c, self.wave_orange_c, self.wave_yellow_c, self.wave_blue_c
        return dict(zip(FALL_C, falls, strict=True))


def take(state: State, reading: Reading, weather: Weather) -> None:
    """Note flow and what the pressure does while nothing flows in the cold."""
    if reading.metric == "flow_m3_h":
        state["flow_heard_us"] = reading.at_us
        if abs(reading.value) > _FLOWS_M3_H:
            state["flowed_us"] = reading.at_us
        state.setdefault("flowed_us", reading.at_us)
    elif reading.metric == "pressure_kpa":
        pressures = state.setdefault("pressures", {})
        shut = reading.at_us - state.get("flowed_us", reading.at_us) >= _SHUT_US
        heard = reading.at_us - state.get("flow_heard_us", 0) < HOUR_US
        cold = min(_known(weather, reading.at_us), default=1.0) <= 0.0
        base = pressures.get(reading.device, [0, reading.value])[1] if shut and heard and cold else reading.value
        pressures[reading.device] = [reading.at_us, min(base, reading.value), reading.value]
        while len(pressures) > _MOST_PRESSURES:
            del pressures[min(pressures, key=lambda device: pressures[device])]


def freezing(state: State, weather: Weather, at_us: int, settings: FrostSettings) -> list[Sign]:
    """The signs of frost, in no order."""
    signs: list[Sign] = []
    outside = {"air_temperature_c": weather.coldest("air", at_us), "foretold_c": weather.foretold_c(at_us)}
    for name, value in outside.items():
        if value is not None:
            score = _clipped(0.5 + (settings.prepare_c - value) * _PER_DEGREE)
            severity = int(value <= settings.order_c)
            signs.append(Sign(name, value, settings.prepare_c, "C", score, severity, below=True))
    pipe = weather.coldest("pipe", at_us)
    if pipe is not None:
        score = _clipped(0.5 + (settings.pipe_c - pipe) * _PIPE_PER_DEGREE)
        signs.append(Sign("pipe_temperature_c", pipe, settings.pipe_c, "C", score, 1, below=True))
    colour = weather.cold(at_us, settings.wave())
    if colour:
        name, score, severity = f"cold_{colour.name.lower()}", _COLOUR_SCORES[colour], _COLOUR_SEVERITIES[colour]
        signs.append(Sign(name, float(colour), None, "1", score, severity))
    rises = [now - base for seen_us, base, now in state.get("pressures", {}).values() if at_us - seen_us < HOUR_US]
    rise = max(rises, default=0.0)
    if rise > 0.0:
        score = _clipped(0.5 * rise / settings.rise_kpa)
        signs.append(Sign("trapped_rise_kpa", rise, settings.rise_kpa, "kPa", score, 2))
    return signs


def thawing(state: State, weather: Weather, at_us: int, settings: FrostSettings) -> Sign | None:
    """The sign that what was frozen for long is thawing, while the patrol is due; None before anything froze."""
    thaw = state.setdefault("thaw", {"judged": 0, "frozen": 0, "until_us": 0, "hours": 0})
    hours = weather.hours()
    outdoors = any(air is not None for _, air, _ in hours)
    for hour, air, pipe in hours:
        # Only hours that are over count: one spike of a thermometer is then no thaw.
        if hour <= thaw["judged"] or hour >= at_us // HOUR_US:
            continue
        # A pipe that is warm indoors does not speak for the air while its thermometer is not believed.
        if air is None and outdoors:
            continue
        thaw["judged"] = hour
        if (air is not None and air <= settings.frozen_c) or (pipe is not None and pipe <= _FROZEN_PIPE_C):
            thaw["frozen"] += 1
        elif min(v for v in (air, pipe) if v is not None) > settings.thaw_c:
            if thaw["frozen"] >= settings.frozen_h:
                thaw["hours"] = thaw["frozen"]
                thaw["until_us"] = round((hour + 1 + settings.patrol_h) * HOUR_US)
            thaw["frozen"] = 0
    if at_us >= thaw["until_us"]:
        return None
    return Sign("frozen_h", float(thaw["hours"]), settings.frozen_h, "h", 0.8)


def trace(asset: str, weather: Weather) -> Trace | None:
    """The coldest air of each hour."""
    points = [(hour * HOUR_US, air) for hour, air, _ in weather.hours() if air is not None]
    if not points:
        return None
    at_us, value = zip(*points, strict=True)
    return Trace("air_temperature_c", "C", at_us, rounded(value, 1), asset=asset)


def settings_of(used: Mapping[str, float]) -> FrostSettings:
    """The values in force as one."""
    return FrostSettings(*used.values())


def _known(weather: Weather, at_us: int) -> list[float]:
    return [v for v in (weather.coldest("air", at_us), weather.coldest("pipe", at_us)) if v is not None]


def _clipped(score: float) -> float:
    return round(min(_MOST, max(0.0, score)), 4)
