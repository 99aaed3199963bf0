"""Contributions: the phrase in which each thing a detector goes by is said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from alerts.words.quantities import QUANTITY_NAMES, in_sentence, quantity
from ingest.registry import Text
from models.findings import Contribution

_PLAIN: Final = Text("{value}", "{value}")
_TIMES_USUAL: Final = Text("平时的 {value} 倍", "{value} times the usual")


@dataclass(frozen=True, slots=True)
class Phrase:
    """How a contribution is said.

    Attributes:
        name: What it is called on an axis, beside a bar, and before an amount.
        said: A clause in the middle of a sentence, with `{value}` for what was seen.
        amount: How a value of it is said by itself; a ratio is so many times the usual.
        of_asset: Whether it is a property of the asset, so that "this riser's" may stand before it.
        shows_usual: Whether "(usually ...)" follows when the usual value is known; a ratio already says it.
    """

    name: Text
    said: Text
    amount: Text = _PLAIN
    of_asset: bool = True
    shows_usual: bool = False

    @property
    def scale(self) -> Text | None:
        """What its values are multiples of, for an axis ("times the usual"); None for a quantity with a unit."""
        if self.amount == _PLAIN:
            return None
        return Text(self.amount.zh.replace(" {value} 倍", "倍数"), self.amount.en.removeprefix("{value} "))


def _level(zh: str, en: str) -> Phrase:
    return Phrase(Text(zh, en), Text(f"{zh} {{value}}", f"{in_sentence(en)} {{value}}"), shows_usual=True)


def _ratio(zh: str, en: str) -> Phrase:
    return Phrase(
        Text(zh, en),
        Text(f"{zh}为平时 {{value}} 倍", f"{in_sentence(en)} is {{value}} times the usual"),
        _TIMES_USUAL,
    )


def _scatter(zh: str, en: str) -> Phrase:
    return Phrase(
        Text(zh, en),
        Text(f"{zh}，达平时波动的 {{value}} 倍", f"{in_sentence(en)}: {{value}} times the usual scatter"),
        Text("平时波动的 {value} 倍", "{value} times the usual scatter"),
    )


def _fact(name: Text, said: Text) -> Phrase:
    return Phrase(name, said, of_asset=False)


PHRASES: Final[Mapping[str, Phrase]] = {
    # Pipes.
    "night_vibration_ratio": _ratio("夜间振动", "Night vibration"),
    "log_vibration_ratio": _ratio("夜间振动", "Night vibration"),
    "night_pressure_drop_kpa": Phrase(
        Text("夜间水压下降", "Night pressure drop"), Text("夜间水压下降 {value}", "night pressure is down {value}")
    ),
    "pressure_drop_kpa": Phrase(
        Text("水压骤降", "Pressure drop"), Text("水压骤降 {value}", "pressure dropped {value} at once")
    ),
    "slope_per_day": Phrase(
        Text("振动每天上升", "Vibration rise a day"), Text("振动每天上升 {value}", "vibration rises {value} a day")
    ),
    "background": _fact(
        Text("同类管道平时的爆管率", "Usual burst rate of such pipes"),
        Text("同类管道平时每年有 {value} 爆管", "{value} of such pipes usually burst in a year"),
    ),
    # Elevators.
    "stopped_s": _fact(
        Text("轿厢停止时间", "Time at a standstill"), Text("轿厢已停 {value}", "the car has stood still for {value}")
    ),
    "door_closed_s": _fact(
        Text("门关闭时间", "Door closed"), Text("门已关闭 {value}", "the door has been closed for {value}")
    ),
    "person_present": _fact(Text("轿厢有人", "Person in car"), Text("轿厢内有人", "somebody is in the car")),
    "alarm_button": _fact(Text("报警按钮", "Alarm button"), Text("有人按下报警按钮", "the alarm button was pressed")),
    "outside_door_zone": _fact(
        Text("不在平层区", "Outside the door zone"), Text("轿厢不在平层区", "the car is not at a floor")
    ),
    "fault_code": _fact(
        Text("故障代码", "Fault code"), Text("控制器报故障代码 {value}", "the controller reports fault code {value}")
    ),
    # Parking.
    "dwell_s": _fact(Text("停放时间", "Time parked"), Text("车辆已停 {value}", "the vehicle has stood for {value}")),
    # Pumps.
    "velocity_rms_mm_s": _level("振动速度", "Vibration velocity"),
    "envelope_sigma": _scatter("轴承冲击高出", "Bearing impacts above the usual"),
    # Sensors.
    "flat_s": _fact(
        Text("读数不变的时间", "Time without a change"),
        Text("读数已 {value}没有变化", "the reading has not changed for {value}"),
    ),
    "jump_share": _fact(
        Text("突跳读数的占比", "Share of jumps"),
        Text("近期读数有 {value} 在突跳", "{value} of the latest readings jump"),
    ),
    "neighbour_gap": _fact(
        Text("偏离相邻测点", "Distance from the neighbours"),
        Text("与所有相邻测点慢慢偏离了 {value}", "it has moved {value} away from all its neighbours"),
    ),
    "silent_s": _fact(
        Text("没有数据的时间", "Time in silence"), Text("已 {value}没有数据", "nothing was heard for {value}")
    ),
    "offline_s": _fact(
        Text("离线时间", "Time offline"),
        Text("网关报告它已离线 {value}", "its gateway has called it offline for {value}"),
    ),
    "clock_off_s": _fact(Text("时钟偏差", "Clock error"), Text("时钟偏差 {value}", "its clock is off by {value}")),
    # Any asset.
    "deviation_sigma": _scatter("偏离平时水平", "Distance from the usual level"),
}
"""By the name a detector gives; a test over all detectors' files finds the name that is missing here."""


def phrase(name: str) -> Phrase:
    """The phrase of a contribution, feature or metric; one without its own is called by its name."""
    for known_as in (name, name.removeprefix("log_")):
        if known_as in PHRASES:
            return PHRASES[known_as]
    known = QUANTITY_NAMES.get(name, Text(name, name))
    return _level(known.zh, known.en)


def clause(contribution: Contribution) -> Text:
    """A contribution as a clause without capital and full stop."""
    wording = phrase(contribution.name)
    value = quantity(contribution.value, contribution.unit, contribution.usual if wording.shows_usual else None)
    zh, en = wording.said.zh.format(value=value.zh), wording.said.en.format(value=value.en)
    if not wording.shows_usual or contribution.usual is None:
        return Text(zh, en)
    usual = quantity(contribution.usual, contribution.unit, contribution.value)
    return Text(f"{zh}（平时 {usual.zh}）", f"{en} (usually {usual.en})")


def amount(name: str, value: float, unit: str, unlike: float | None = None) -> Text:
    """A value of a contribution by itself, as precise as tells it from `unlike`: "平时的 1.8 倍", "60 秒"."""
    wording, said = phrase(name), quantity(value, unit, unlike)
    return Text(wording.amount.zh.format(value=said.zh), wording.amount.en.format(value=said.en))
