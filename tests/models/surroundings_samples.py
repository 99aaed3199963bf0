"""Surroundings samples: for the detectors of frost and storm, weather in which they have something to say."""

from collections.abc import Callable, Iterable

from ingest.readings import Batch
from ingest.registry import AssetClass, Registry
from tests.contracts.detector import Sample
from tests.models.stream import HOUR_US, MIDNIGHT_US, MINUTE_US
from tests.models.worlds import asset, device, happening, registry, telemetry

EVERY_US = 10 * MINUTE_US
Curve = Callable[[float], float]
"""A value by hours since midnight."""


def house() -> Registry:
    """A building with a thermometer outdoors, one on a pipe, a riser's gauge, a rain gauge and a weather gateway."""
    names = ("air", "pipe", "gauge", "rain", "gateway")
    return registry([asset("b", AssetClass.BUILDING)], [device(name, "b") for name in names])


def measured(device_id: str, hours: float, curves: dict[str, Curve]) -> list[Batch]:
    """What a device measures every ten minutes."""
    moments = (MIDNIGHT_US + n * EVERY_US for n in range(round(hours * HOUR_US / EVERY_US)))
    return [
        telemetry(device_id, at_us, {name: curve((at_us - MIDNIGHT_US) / HOUR_US) for name, curve in curves.items()})
        for at_us in moments
    ]


def forecast(at_h: float, minimum_c: float | None = None, **rain_mm: float) -> Batch:
    """A forecast; rain as `h3=60.0`."""
    said = {"hours": 24, "minimum_c": minimum_c, "rain_mm": {name[1:]: mm for name, mm in rain_mm.items()}}
    return happening("gateway", "weather.forecast", MIDNIGHT_US + round(at_h * HOUR_US), said)


def warning(at_h: float, kind: str, colour: str, hours: float = 12) -> Batch:
    """A published warning."""
    said = {"kind": kind, "colour": colour, "hours": hours}
    return happening("gateway", "weather.warning", MIDNIGHT_US + round(at_h * HOUR_US), said)


def in_time(*stories: Iterable[Batch]) -> list[Batch]:
    """Stories that happen at the same time."""
    return sorted((batch for story in stories for batch in story), key=lambda b: (b.received_us, b.device))


def pipe_freeze() -> Sample:
    """Four days: mild, a cold wave with a riser that freezes at night, and a thaw."""
    air: Curve = lambda h: 8.0 if h < 30 else -9.0 if h < 70 else 4.0  # noqa: E731 -- a curve
    story = in_time(
        measured("air", 96, {"air_temperature_c": air}),
        measured("pipe", 96, {"pipe_temperature_c": lambda h: 9.0 if h < 36 else 1.0 if h < 72 else 6.0}),
        measured("gauge", 96, {"flow_m3_h": lambda h: 0.0 if 50 <= h < 54 else 1.0}),
        measured("gauge", 96, {"pressure_kpa": lambda h: 350.0 + (80.0 * (h - 51) if 51 <= h < 54 else 0.0)})[1::2],
        [forecast(20, -9.0), warning(26, "cold", "orange"), warning(40, "cold", "none", 24)],
    )
    distinct = {(b.device, b.received_us, tuple(r.metric for r in b.readings)): b for b in story}
    return Sample(house(), list(distinct.values()), valid_us=36 * HOUR_US)


def building_storm() -> Sample:
    """A day and a half: showers, a warning that rises, a cloudburst, and dry weather."""
    story = in_time(
        measured("rain", 36, {"rain_mm": lambda h: 1.0 if 5 <= h < 8 else 4.0 if 20 <= h < 24 else 0.0}),
        [warning(12, "rain", "blue", 6), warning(15, "rain", "yellow", 6), forecast(10, 20.0, h3=20.0, h12=45.0)],
    )
    return Sample(house(), story, valid_us=36 * HOUR_US)
