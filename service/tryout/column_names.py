"""Column names: which metric a column of somebody else's table is, by its name, its unit and its numbers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from alerts.words.quantities import QUANTITY_NAMES
from ingest.metrics import METRICS
from ingest.registry import AssetClass
from ingest.units import CONVERSIONS, conversion
from service.tryout.table import Floats


class Sureness(StrEnum):
    """How far a guess can be trusted."""

    SURE = "sure"
    """Name and unit say so."""
    LIKELY = "likely"
    """The name says so, the unit is guessed; somebody should look."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column probably is.

    Attributes:
        column: Its name.
        metric: A name of `ingest.metrics`.
        unit: What it is in; empty for the metric's own.
        sureness: How far this can be trusted.
        why: One clause for the person who confirms it.
    """

    column: str
    metric: str
    unit: str
    sureness: Sureness
    why: str


_ANY: Final = ""
# By what people call it, in English and Chinese; the first that fits counts. Where the meaning hangs on what was
# recorded, the class stands beside it. Metrics not named here are known by their own words and those of the pages.
_CALLED: Final[Sequence[tuple[str, str, str]]] = (
    (r"^running$|^运行$|运行状态", AssetClass.PUMP, "pump_running"),
    (r"^running$|^运行$|运行状态", AssetClass.ELEVATOR, "car_running"),
    (r"envelope|包络|冲击", _ANY, "envelope_rms_m_s2"),
    (r"kurt|峭度", _ANY, "kurtosis"),
    (r"veloc|\bvrms\b|v rms|振动速度|振速", _ANY, "velocity_rms_mm_s"),
    (r"accel|\bacc\b|加速度", _ANY, "acceleration_rms_m_s2"),
    (r"(vib|noise|振动|噪声).*(freq|hz|频率)|median freq|中位频率", AssetClass.RISER, "pipe_vibration_median_hz"),
    (r"vib|振动|noise|噪声", AssetClass.RISER, "pipe_vibration_um_s2"),
    (r"vib|振动", _ANY, "velocity_rms_mm_s"),
    (r"rpm|rotat|转速|motor speed|pump speed", _ANY, "speed_rpm"),
    (r"car speed|lift speed|轿厢速度|梯速", _ANY, "car_speed_m_s"),
    (r"speed|速度", AssetClass.ELEVATOR, "car_speed_m_s"),
    (r"speed|速度", AssetClass.PUMP, "speed_rpm"),
    (r"volt|电压", _ANY, "voltage_v"),
    (r"current|\bamps?\b|电流", _ANY, "current_a"),
    (r"flow|流量", _ANY, "flow_m3_h"),
    (r"press|水压|压力|压强", _ANY, "pressure_kpa"),
    (r"(bearing|motor|轴承|电机).*(temp|温)", _ANY, "bearing_temperature_c"),
    (r"(air|ambient|outdoor|环境|室外).*(temp|温)|气温", _ANY, "air_temperature_c"),
    (r"pipe.*temp|管道温度|管温", _ANY, "pipe_temperature_c"),
    (r"thermocouple|(water|fluid|liquid).*temp|水温", _ANY, "fluid_temperature_c"),
    (r"temp|温度", AssetClass.PUMP, "bearing_temperature_c"),
    (r"temp|温度", AssetClass.RISER, "pipe_temperature_c"),
    (r"temp|温度", _ANY, "air_temperature_c"),
    (r"(water|sump|tank|pit).*level|水位|液位", _ANY, "water_level_mm"),
)
# Where the bulk of healthy readings lies, in the metric's unit; chosen by DOMAIN's typical values, wide on purpose. It
# only tells units apart that differ tenfold and more.
_USUAL: Final[Mapping[str, tuple[float, float]]] = {
    "kPa": (40.0, 2_500.0),
    "C": (-30.0, 120.0),
    "m3/h": (0.01, 500.0),
    "mm/s": (0.05, 60.0),
    "um/s2": (20.0, 1e6),
    "m/s2": (0.02, 300.0),
    "A": (0.2, 500.0),
    "V": (90.0, 11_000.0),
    "rpm": (200.0, 4_000.0),
    "mm": (1.0, 20_000.0),
    "m/s": (0.1, 10.0),
}
_LIKELY_UNITS: Final = ("MPa", "bar", "mH2O", "g", "m", "Hz", "L/s", "L/min", "K")
"""What meters write without saying so, most usual first."""
_COUNTED: Final = frozenset({"1", "bool", "code", "count", "floor"})
"""Units of what has none: nobody writes them, and there is no other."""
_PUMPS_MOTOR: Final = ("motor_current_a", AssetClass.PUMP)
"""The name of an elevator's metric; of a pump's table it is what a person calls `current_a`."""
_BRACKETED: Final = re.compile(r"[\(\[（【]\s*([^\)\]）】]+?)\s*[\)\]）】]")
_SPLIT: Final = re.compile(r"[\s_](m3|L|um|mm|m)_(s2?|h|min)$")
_LAST_WORD: Final = re.compile(r"[\s_,/-]([A-Za-z°℃%µμ0-9/²^]+)$")


def guess(column: str, values: Floats, asset_class: AssetClass) -> Guess | None:
    """What a column of numbers probably is, or None if its name says nothing.

    Args:
        column: Its name.
        values: Its numbers, shape (n,), NaN where there is none.
        asset_class: What was recorded.

    Example:
        >>> found = guess("Pressure (bar)", np.array([3.1, 3.2]), AssetClass.RISER)
        >>> found.metric, found.unit, found.why
        ('pressure_kpa', 'bar', 'name and unit')
        >>> guess("进口压力", np.array([0.31, 0.33]), AssetClass.RISER).unit
        'MPa'
    """
    if column in METRICS and (column, asset_class) != _PUMPS_MOTOR:
        return Guess(column, column, "", Sureness.SURE, "our own name")
    name, unit = _parted(column)
    metric = _metric(name, asset_class)
    if metric is None:
        return None
    own = METRICS[metric].unit
    if unit and (spelt := _spelt(own, unit)):
        return Guess(column, metric, "" if spelt == own else spelt, Sureness.SURE, "name and unit")
    if own in _COUNTED:
        return Guess(column, metric, "", Sureness.SURE, "name")
    found = _unit_by_size(own, values)
    if found is None:
        return Guess(column, metric, "", Sureness.LIKELY, f"name; no unit given, taken as {own}")
    middle = float(np.nanmedian(values))
    why = f"name; values around {middle:.3g} look like {found}"
    return Guess(column, metric, "" if found == own else found, Sureness.LIKELY, why)


def _parted(column: str) -> tuple[str, str]:
    """A name in lower case with single spaces, and the unit that stands in brackets or as its last word."""
    bracketed = _BRACKETED.search(column)
    if bracketed:
        return _plain(_BRACKETED.sub(" ", column)), bracketed.group(1)
    if split := _SPLIT.search(column):
        return _plain(column[: split.start()]), f"{split.group(1)}/{split.group(2)}"
    last = _LAST_WORD.search(column)
    if last and any(_spelt(m.unit, last.group(1)) for m in METRICS.values() if m.unit != "1"):
        return _plain(column[: last.start()]), last.group(1)
    return _plain(column), ""


def _plain(name: str) -> str:
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|[\s_\-./]+", " ", name)
    return " ".join(parted.lower().replace("leveling", "levelling").split())


def _spelt(own: str, unit: str) -> str:
    """A unit as `ingest.units` spells it, where small letters stand for capitals too; empty where there is none."""
    if conversion(own, unit) is not None:
        return unit
    alike = [known for known in (own, *CONVERSIONS.get(own, ())) if known.lower() == unit]
    return alike[0] if alike else ""


def names_metric(column: str, asset_class: AssetClass) -> bool:
    """Whether a column's name says what it is."""
    return column in METRICS or _metric(_parted(column)[0], asset_class) is not None


def _metric(name: str, asset_class: AssetClass) -> str | None:
    if asset_class is AssetClass.ELEVATOR and re.fullmatch(r"(trip |travel )?direction|(运行)?方向", name):
        return "trip_direction"  # what trips are held against; nothing is judged by which way a car stands
    for metric, said in QUANTITY_NAMES.items():
        if name in {said.zh, said.en.lower()}:
            return metric
    if asset_class is AssetClass.PUMP and re.search(r"motor current|电机电流", name):
        return "current_a"  # an elevator's motor has a metric of its own
    words = set(name.split())
    own = [(len(stem), m) for m in METRICS if (stem := _stem(m)) and stem <= words]
    if own and max(own)[0] > 1:
        return max(own)[1]
    called = (m for pattern, of, m in _CALLED if of in {_ANY, asset_class} and re.search(pattern, name))
    return next(called, max(own)[1] if own else None)


def _stem(metric: str) -> set[str]:
    """A metric's words without those of its unit: `door_close_time_s` is {door, close, time}."""
    unit = METRICS[metric].unit.lower().replace("/", "_").replace("%", "percent").split("_")
    words = metric.split("_")
    while words and words[-1] in {*unit, "total", "rms"}:
        words.pop()
    return set(words)


def _unit_by_size(own: str, values: Floats) -> str | None:
    """The unit in which the values would be usual, the metric's own first; None where size tells nothing."""
    usual, known = _USUAL.get(own), CONVERSIONS.get(own)
    if usual is None or known is None or not np.isfinite(values).any():
        return None
    middle = float(np.nanmedian(np.abs(values)))
    fits = [u for u, c in known.items() if usual[0] <= middle * c.scale + c.offset <= usual[1]]
    if own in fits or not fits:
        return own if own in fits else None
    likely = [unit for unit in _LIKELY_UNITS if unit in fits]
    return likely[0] if likely else fits[0]
