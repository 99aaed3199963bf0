"""Quantities: numbers with their unit as people write them, and what a metric or feature is called."""

import re
from collections.abc import Mapping
from typing import Final

from ingest.registry import Text

_UNITS: Final[Mapping[str, str]] = {
    "1": "",
    "um/s2": "µm/s²",
    "m/s2": "m/s²",
    "m3/h": "m³/h",
    "C": "°C",
    "bool": "",
    "code": "",
    "count": "",
    "floor": "",
    "sigma": "",
    "%/a": "%",
    "degree": "°",
}

QUANTITY_NAMES: Final[Mapping[str, Text]] = {
    "pressure_kpa": Text("水压", "Water pressure"),
    "flow_m3_h": Text("流量", "Flow"),
    "pipe_vibration_um_s2": Text("管道振动", "Pipe vibration"),
    "pipe_vibration_median_hz": Text("管道振动中位频率", "Median frequency of pipe vibration"),
    "pipe_temperature_c": Text("管道温度", "Pipe temperature"),
    "service_mode": Text("服务模式", "Service mode"),
    "car_running": Text("轿厢运行", "Car running"),
    "car_direction": Text("运行方向", "Direction"),
    "door_zone": Text("平层区", "Door zone"),
    "door_closed": Text("门关闭", "Door closed"),
    "person_present": Text("轿厢有人", "Person in car"),
    "alarm_button": Text("报警按钮", "Alarm button"),
    "floor": Text("楼层", "Floor"),
    "car_speed_m_s": Text("轿厢速度", "Car speed"),
    "fault_code": Text("故障代码", "Fault code"),
    "trips_total": Text("运行次数", "Trips"),
    "running_time_h": Text("运行时间", "Running time"),
    "rope_diameter_mm": Text("钢丝绳直径", "Rope diameter"),
    "trip_direction": Text("本次运行方向", "Direction of the trip"),
    "car_load_percent": Text("轿厢载荷", "Car load"),
    "door_close_time_s": Text("关门时间", "Door closing time"),
    "door_open_time_s": Text("开门时间", "Door opening time"),
    "doorway_blocked": Text("光幕被遮挡", "Doorway blocked"),
    "door_reopens_count": Text("重开门次数", "Door re-opens"),
    "door_motor_current_a": Text("门机电流", "Door motor current"),
    "door_energy_j": Text("开关门能耗", "Energy of a door cycle"),
    "door_lock_delay_ms": Text("门锁接通延时", "Door lock contact delay"),
    "levelling_error_mm": Text("平层误差", "Levelling error"),
    "brake_release_time_ms": Text("制动器松闸时间", "Brake release time"),
    "brake_close_time_ms": Text("制动器合闸时间", "Brake closing time"),
    "stopping_distance_mm": Text("制停距离", "Stopping distance"),
    "motor_current_a": Text("曳引机电流", "Traction motor current"),
    "machine_temperature_c": Text("曳引机温度", "Machine temperature"),
    "ride_vertical_a95_m_s2": Text("垂直振动（A95）", "Vertical vibration (A95)"),
    "ride_vertical_pk_pk_m_s2": Text("垂直振动峰峰值", "Vertical vibration, peak to peak"),
    "ride_horizontal_a95_m_s2": Text("水平振动（A95）", "Horizontal vibration (A95)"),
    "ride_horizontal_pk_pk_m_s2": Text("水平振动峰峰值", "Horizontal vibration, peak to peak"),
    "rope_tension_spread_percent": Text("钢丝绳张力偏差", "Rope tension spread"),
    "rope_slip_percent": Text("钢丝绳打滑", "Rope slip"),
    "broken_wires_spread_count": Text("断丝数（各股分散）", "Broken wires, spread over the strands"),
    "broken_wires_strand_count": Text("断丝数（集中在一两股）", "Broken wires in one or two strands"),
    "broken_wires_adjacent_count": Text("断丝数（同股相邻）", "Broken wires side by side in one strand"),
    "broken_wires_valley_count": Text("断丝数（股谷）", "Broken wires in a valley between strands"),
    "velocity_rms_mm_s": Text("振动速度", "Vibration velocity"),
    "acceleration_rms_m_s2": Text("振动加速度", "Vibration acceleration"),
    "envelope_rms_m_s2": Text("轴承冲击", "Bearing impacts"),
    "kurtosis": Text("冲击指标（峭度）", "Impact index (kurtosis)"),
    "envelope_peak_m_s2": Text("轴承冲击主峰", "Main peak of the bearing impacts"),
    "envelope_peak_hz": Text("轴承冲击主峰频率", "Frequency of the main bearing peak"),
    "speed_rpm": Text("转速", "Speed"),
    "current_a": Text("电流", "Current"),
    "current_l1_a": Text("L1 相电流", "Current of phase L1"),
    "current_l2_a": Text("L2 相电流", "Current of phase L2"),
    "current_l3_a": Text("L3 相电流", "Current of phase L3"),
    "voltage_v": Text("电压", "Voltage"),
    "bearing_temperature_c": Text("轴承温度", "Bearing temperature"),
    "winding_temperature_c": Text("绕组温度", "Winding temperature"),
    "suction_pressure_kpa": Text("进口压力", "Suction pressure"),
    "starts_total": Text("启动次数", "Starts"),
    "pump_running": Text("水泵运行", "Pump running"),
    "fluid_temperature_c": Text("水温", "Water temperature"),
    "air_temperature_c": Text("气温", "Air temperature"),
    "rain_mm": Text("雨量", "Rain"),
    "water_level_mm": Text("水位", "Water level"),
    "water_present": Text("有水", "Water present"),
    "pit_water_present": Text("底坑有水", "Water in the elevator pit"),
}
"""By metric; a detector's own features are in `alerts.words.contributions`."""

_TOUCHING: Final = re.compile(r"(?<=[\u4e00-\u9fff])(?=[A-Za-z0-9<>])|(?<=[A-Za-z0-9%])(?=[\u4e00-\u9fff])")

_MOST_MORE_DIGITS: Final = 5
_SHORT_S: Final = 10.0
_MINUTE_S: Final = 60.0
_HOUR_S: Final = 3600.0
_DAY_S: Final = 86400.0


def number(value: float, unlike: float | None = None) -> str:
    """A number with as many digits as a person uses: 1234, 56, 3.4, 0.62.

    Args:
        value: The number.
        unlike: Said beside it: where both would read the same, it gets the digits that tell them apart.

    Example:
        >>> number(350.4, unlike=350.1), number(350.4, unlike=349.0)
        ('350.4', '350')
        >>> [number(v) for v in (1234.4, 56.2, 3.42, 3.0, 0.618, 0.0012, -7.25)]
        ['1234', '56', '3.4', '3', '0.62', '0.0012', '-7.2']
    """
    if unlike is None or unlike == value:
        return _number(value, 0)
    digits = (n for n in range(_MOST_MORE_DIGITS) if _number(value, n) != _number(unlike, n))
    return _number(value, next(digits, 0))


def _number(value: float, more_digits: int) -> str:
    size = abs(value)
    if size >= 10:  # noqa: PLR2004 -- two digits before the point need none behind it
        return f"{value:.{more_digits}f}"
    if size >= 1:
        text = f"{value:.{1 + more_digits}f}"
        return text if more_digits else text.removesuffix(".0")
    return f"{value:.{2 + more_digits}g}"


def percent(probability: float) -> str:
    """A probability as people read it, never rounded to impossible or certain.

    Example:
        >>> [percent(p) for p in (0.0, 0.004, 0.62, 0.999)]
        ['<1%', '<1%', '62%', '>99%']
    """
    if probability < 0.01:  # noqa: PLR2004 -- one per cent is the smallest step shown
        return "<1%"
    if probability > 0.99:  # noqa: PLR2004 -- and the largest
        return ">99%"
    return f"{100 * probability:.0f}%"


def duration(seconds: float) -> Text:
    """A length of time in its largest fitting unit.

    Example:
        >>> duration(75).zh, duration(400).en, duration(259200).zh, duration(3600).en
        ('75 秒', '7 minutes', '72 小时', '60 minutes')
    """
    if seconds < 2 * _MINUTE_S:
        return _counted(seconds, "秒", "second")
    if seconds < 2 * _HOUR_S:
        return _counted(seconds / _MINUTE_S, "分钟", "minute")
    if seconds <= 3 * _DAY_S:
        return _counted(seconds / _HOUR_S, "小时", "hour")
    return _counted(seconds / _DAY_S, "天", "day")


def quantity(value: float, unit: str, unlike: float | None = None) -> Text:
    """A value with its unit: seconds and days as durations, everything else with the unit's usual sign.

    Below ten seconds tenths count: a door that takes 3.4 s instead of 2.9 s is slow.

    Args:
        value: In `unit`.
        unit: As in `models.findings`.
        unlike: As for `number`.

    Example:
        >>> quantity(4.63, "mm/s").zh, quantity(90, "s").en, quantity(3.4, "1").zh, quantity(3.4, "s").en
        ('4.6 mm/s', '90 seconds', '3.4', '3.4 seconds')
    """
    if unit == "s":
        if value < _SHORT_S and value != round(value):
            said = number(value, unlike)
            return Text(f"{said} 秒", f"{said} seconds")
        return duration(value)
    if unit == "d":
        return duration(value * _DAY_S)
    sign = _UNITS.get(unit, unit)
    said = number(value, unlike)
    text = f"{said} {sign}".strip() if sign not in {"°", "°C", "%"} else f"{said}{sign}"
    return Text(text, text)


def spaced(zh: str) -> str:
    """Chinese text with a space wherever a Chinese character touches a Latin letter or a digit.

    Example:
        >>> spaced("最可能11 月23 日夜间")
        '最可能 11 月 23 日夜间'
    """
    return _TOUCHING.sub(" ", zh)


def in_sentence(english: str) -> str:
    """An English name as it stands in the middle of a sentence."""
    return english[0].lower() + english[1:]


def unit_sign(unit: str) -> str:
    """A unit as people write it, empty for a ratio, a flag or a code."""
    return _UNITS.get(unit, unit)


def _counted(count: float, zh: str, en: str) -> Text:
    whole = round(count)
    return Text(f"{whole} {zh}", f"{whole} {en}" if whole == 1 else f"{whole} {en}s")
