"""Asset types: what the registry may say of an asset of each class: names, units, bounds and words."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingest.registry import AssetClass, Text
from ingest.spelling import meant

_LONGEST_TEXT = 200
_LIST_ENDS = re.compile(r"[;；\n]")
_SEALED = re.compile(r"[0-9a-f]{64}")
_PLATE = re.compile(r"[0-9A-Za-z\u4e00-\u9fff·.-]{3,12}")


class LimitKind(StrEnum):
    """How the value of a limit is written."""

    NUMBER = "number"
    CHOICE = "choice"
    TEXT = "text"
    LIST = "list"
    """Words; kept as one text with a space between them, written in a file with `;` between them."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One thing that may be said of an asset.

    Attributes:
        name: With the unit in it.
        words: What it is, for people.
        kind: How its value is written.
        unit: Of a number; `1` for a plain one, empty for words.
        low: The least a number may be.
        high: The most it may be.
        whole: Only whole numbers.
        choices: The words that may be chosen.
        source: Where bounds and choices come from.
    """

    name: str
    words: Text
    kind: LimitKind
    source: str
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    whole: bool = False
    choices: tuple[str, ...] = ()

    def parsed(self, cell: str) -> float | str:
        """A value as a person writes it in a cell; what is no number where one is due stays a text, to be refused."""
        if self.kind is LimitKind.NUMBER:
            try:
                return float(cell)
            except ValueError:
                return cell
        if self.kind is LimitKind.LIST:
            return " ".join(filter(None, ("".join(word.split()) for word in _LIST_ENDS.split(cell))))
        return cell

    def written(self, value: float | str) -> str:
        """A value as `parsed` reads it."""
        if isinstance(value, str):
            return "; ".join(value.split()) if self.kind is LimitKind.LIST else value
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004 -- exact

    def problem(self, value: float | str) -> str:
        """What is wrong with a value, or nothing."""
        if self.kind is LimitKind.NUMBER:
            return self._number_problem(value)
        if not isinstance(value, str):
            return f"is {value!r}; it must be a text"
        if self.kind is LimitKind.CHOICE and value not in self.choices:
            return f"is {value!r}; known are {', '.join(self.choices)}{meant(value, self.choices)}"
        if self.kind is LimitKind.TEXT and not 0 < len(value) <= _LONGEST_TEXT:
            return f"has {len(value)} characters; it must have 1 to {_LONGEST_TEXT}"
        check = _CHECKS.get(self.name)
        return check(value) if check else ""

    def _number_problem(self, value: float | str) -> str:
        if isinstance(value, str):
            comma = "; the decimal point is a dot" if re.fullmatch(r"\s*-?\d+,\d+\s*", value) else ""
            return f"is {value!r}; it must be a number{' of ' + self.unit if self.unit != '1' else ''}{comma}"
        unit = "" if self.unit == "1" else f" {self.unit}"
        if not self.low <= value <= self.high:
            return f"is {value:g}; it must be from {self.low:g} to {self.high:g}{unit}"
        return f"is {value:g}; it must be a whole number" if self.whole and not float(value).is_integer() else ""


def limits_of(asset_class: AssetClass) -> Mapping[str, Limit]:
    """What may be said of an asset of this class, by name."""
    return LIMITS[asset_class]


def limit_problem(asset_class: AssetClass, name: str, value: float | str) -> str:
    """What is wrong with saying this of an asset of this class, as the end of a sentence about the name, or nothing."""
    known = LIMITS[asset_class]
    if name in known:
        return known[name].problem(value)
    elsewhere = [str(other) for other, limits in LIMITS.items() if name in limits]
    if elsewhere:
        return f"is said of no {asset_class}, only of {' and '.join(elsewhere)}"
    return f"is nothing that can be said of a {asset_class}{meant(name, known)}"


def sealed(permits: str, seal: Callable[[str], str]) -> str:
    """A list of permits of which no plate can be read: those that can are sealed.

    Args:
        permits: The value of the limit `permits`.
        seal: What a plate is kept as: 64 hexadecimal digits.
    """
    return " ".join(word if _SEALED.fullmatch(word) else seal(word) for word in permits.split())


def _zone_problem(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"is {value!r}; it must be a zone of the IANA database, such as Asia/Shanghai"
    return ""


def _permits_problem(value: str) -> str:
    wrong = next((word for word in value.split() if not (_SEALED.fullmatch(word) or _PLATE.fullmatch(word))), None)
    return "" if wrong is None else f"holds {wrong[:20]!r}, which is no number plate"


_CHECKS: Mapping[str, Callable[[str], str]] = {"timezone": _zone_problem, "permits": _permits_problem}


def _number(  # noqa: PLR0913, PLR0917 -- a row of the tables below
    name: str, zh: str, en: str, unit: str, low: float, high: float, source: str, *, whole: bool = False
) -> Limit:
    return Limit(name, Text(zh, en), LimitKind.NUMBER, source, unit, low, high, whole)


def _choice(name: str, zh: str, en: str, choices: tuple[str, ...], source: str) -> Limit:
    return Limit(name, Text(zh, en), LimitKind.CHOICE, source, choices=choices)


_ANY = (
    _choice(
        "duty",
        "工作规律:daily 随人的作息,steady 不随",
        "what is usual: daily follows the people, steady does not",
        ("daily", "steady"),
        "models/detectors/asset_deviation.py",
    ),
    Limit("timezone", Text("时区,不填则同小区", "time zone, if not the site's"), LimitKind.TEXT, "IANA"),
    _number(
        "installation_year",
        "安装年份",
        "year of installation",
        "1",
        1900,
        2100,
        "DOMAIN 1.4 (background by age), 2.4",
        whole=True,
    ),
)
_FLOORS = _number(
    "floors", "层站数", "floors it serves or has", "1", 1, 300, "metric floor of ingest.metrics", whole=True
)
_ELEVATOR = (
    _FLOORS,
    _number("rated_speed_m_s", "额定速度", "rated speed", "m/s", 0.1, 20.0, "DOMAIN 2.2 (overspeed 1.15 to 1.2 of it)"),
    _choice(
        "fault_code_table",
        "故障代码表:gbt24476 国标,vendor 厂家,city 城市平台",
        "which table its controller's fault codes are of",
        ("gbt24476", "vendor", "city"),
        "DOMAIN 2.1; models.elevators.fault_codes.FAULT_CODE_TABLES",
    ),
    _number(
        "rope_nominal_diameter_mm",
        "曳引绳公称直径",
        "nominal diameter of its suspension ropes",
        "mm",
        4.0,
        32.0,
        "DOMAIN 2.2 (6 % and 10 % loss), 2.4; bounds: EN 12385-5 sizes",
    ),
    _choice(
        "rope_construction",
        "曳引绳结构",
        "construction of its suspension ropes",
        ("6x19", "8x19", "9x19"),
        "DOMAIN 2.2 (broken wires by construction)",
    ),
    _choice(
        "door_type",
        "层门型式:centre 中分,side 旁开",
        "how its doors open",
        ("centre", "side"),
        "DOMAIN 2.2 (door travel time 3.2 s or 3.7 s)",
    ),
)
_RISER = (
    _number(
        "rated_pressure_kpa",
        "额定压力",
        "rated pressure",
        "kPa",
        1.0,
        10_000.0,
        "DOMAIN 1.1 (a surge above it is urgent); bounds: metric pressure_kpa",
    ),
    _choice(
        "material",
        "管材",
        "pipe material",
        (
            "galvanised_steel",
            "stainless_steel",
            "carbon_steel",
            "ductile_iron",
            "cast_iron",
            "copper",
            "pvc_u",
            "ppr",
            "pe",
            "steel_plastic",
        ),
        "DOMAIN 1.1 (attenuation), 1.2 (wave speed, fatigue exponent)",
    ),
    _number(
        "nominal_diameter_mm", "公称直径 DN", "nominal diameter (DN)", "mm", 6.0, 3_000.0, "DOMAIN 1.2; EN ISO 6708"
    ),
    _choice("insulated", "是否保温", "whether it is insulated", ("yes", "no"), "DOMAIN 1.4 (freeze)"),
)
_BEARING_SOURCE = "DOMAIN 3 (defect frequencies); models.pumps.defect_lines; bounds: rolling bearing catalogues"
_PUMP = (
    _number(
        "power_kw",
        "额定功率",
        "rated power",
        "kW",
        0.01,
        10_000.0,
        "DOMAIN 3: ISO 10816-1 class I to 15 kW, II to 75 kW; models.pumps.iso_zones",
    ),
    _number("rated_speed_rpm", "额定转速", "rated speed", "rpm", 1.0, 60_000.0, "DOMAIN 3 (same speed band)"),
    _number("rated_current_a", "额定电流", "rated current", "A", 0.01, 10_000.0, "DOMAIN 3 (dry run below 60 % of it)"),
    _choice(
        "mounting",
        "安装基础:rigid 刚性,flexible 柔性",
        "how it is mounted",
        ("rigid", "flexible"),
        "DOMAIN 3: ISO 10816-1 classes III and IV, ISO 20816-3",
    ),
    _number(
        "npsh_required_m",
        "必需气蚀余量 NPSHr(额定转速)",
        "net positive suction head it requires at rated speed",
        "m",
        0.1,
        20.0,
        "DOMAIN 3 (margin under 0.5 m); ISO 9906; bounds: data sheets of centrifugal pumps",
    ),
    _number(
        "bearing_balls", "轴承滚动体数", "rolling elements of its bearing", "1", 3, 60, _BEARING_SOURCE, whole=True
    ),
    _number(
        "bearing_ball_diameter_mm",
        "滚动体直径",
        "diameter of a rolling element of its bearing",
        "mm",
        1.0,
        200.0,
        _BEARING_SOURCE,
    ),
    _number(
        "bearing_pitch_diameter_mm",
        "轴承节圆直径",
        "pitch diameter of its bearing",
        "mm",
        5.0,
        2_000.0,
        _BEARING_SOURCE,
    ),
    _number(
        "bearing_contact_angle_degree",
        "轴承接触角,不填为 0",
        "contact angle of its bearing, 0 if not given",
        "degree",
        0.0,
        60.0,
        _BEARING_SOURCE,
    ),
)
_BUILDING = (
    _FLOORS,
    _number(
        "sump_start_level_mm",
        "集水坑启泵水位",
        "level at which its sump pumps start",
        "mm",
        -1_000.0,
        50_000.0,
        "DOMAIN 1.6 (0.2 m above it for 5 min); bounds: metric water_level_mm",
    ),
    Limit(
        "frost_checks",
        Text("防冻要查的地方", "places to see to before frost, besides its risers"),
        LimitKind.TEXT,
        "DOMAIN 1.6 (exposed risers and meters)",
    ),
    Limit(
        "storm_checks",
        Text("防汛要查的地方", "places to see to before a storm, such as garage gates"),
        LimitKind.TEXT,
        "DOMAIN 1.6 (sump pumps, garage gates, pit sensors)",
    ),
)
_PARKING_ZONE = (
    Limit(
        "zone", Text("摄像机中的区域名", "the camera's name of the zone"), LimitKind.TEXT, "models.cameras.zone_watch"
    ),
    _choice(
        "zone_kind",
        "区域种类:no_parking 禁停,loading 装卸,fire_lane 消防通道,no_ebike 电动自行车禁入",
        "what kind of zone it is",
        ("no_parking", "loading", "fire_lane", "no_ebike"),
        "DOMAIN 4.1; models.cameras.dwell_rule",
    ),
    Limit(
        "permits",
        Text("准停车牌;保存为带密钥的散列", "number plates that may stand there; kept as keyed hashes"),
        LimitKind.LIST,
        "DOMAIN 4.1, 4.4; models.cameras.zone_watch",
    ),
)


def _by_name(*groups: tuple[Limit, ...]) -> Mapping[str, Limit]:
    return {limit.name: limit for group in groups for limit in group}


LIMITS: Mapping[AssetClass, Mapping[str, Limit]] = {
    AssetClass.ELEVATOR: _by_name(_ELEVATOR, _ANY),
    AssetClass.RISER: _by_name(_RISER, _ANY),
    AssetClass.PUMP: _by_name(_PUMP, _ANY),
    AssetClass.PARKING_ZONE: _by_name(_PARKING_ZONE, _ANY),
    AssetClass.BUILDING: _by_name(_BUILDING, _ANY),
    AssetClass.WATER_NETWORK: _by_name(_ANY),
}
"""By class and name. A new one is a line in the group of its class."""

CLASS_NAMES: Mapping[AssetClass, Text] = {
    AssetClass.ELEVATOR: Text("电梯", "elevator"),
    AssetClass.RISER: Text("给水立管", "riser"),
    AssetClass.PUMP: Text("水泵", "pump"),
    AssetClass.PARKING_ZONE: Text("停车管控区", "parking zone"),
    AssetClass.BUILDING: Text("楼栋", "building"),
    AssetClass.WATER_NETWORK: Text("供水管网", "water network"),
}
"""What the classes are called."""

LIMIT_NAMES = frozenset(name for limits in LIMITS.values() for name in limits)
"""Every name that can be said of some asset."""


def limit_named(name: str) -> Limit | None:
    """What a name means, where no class is known yet; a name means the same in every class that has it."""
    return next((limits[name] for limits in LIMITS.values() if name in limits), None)
