"""Sensors: what is wrong with a sensor, in one line, and what the instrument crew does about it."""

from collections.abc import Mapping
from typing import Final

from alerts.words.jobs import TORCH, Job
from alerts.words.phrases import Phrase, fact
from alerts.words.quantities import QUANTITY_NAMES, in_sentence
from ingest.registry import Text

Facts = Mapping[str, float | str]

_OF_CHANNEL: Final[Mapping[str, Text]] = {
    "stuck": Text("传感器读数卡住不变", "sensor is stuck"),
    "jumping": Text("传感器读数乱跳", "sensor jumps about"),
    "drifting": Text("传感器读数漂移，偏离相邻测点", "sensor drifts away from its neighbours"),
}
_OF_DEVICE: Final[Mapping[str, Text]] = {
    "silent": Text("监测设备没有数据", "monitoring device is silent"),
    "offline": Text("监测设备离线", "monitoring device is offline"),
    "clock": Text("监测设备时钟不准", "monitoring device has the wrong time"),
    "false_alarms": Text("摄像机连续误报", "camera gives one false alarm after the other"),
}

_METER: Final = Text("万用表", "Multimeter")
_SPARE: Final = Text("备用传感器、电池", "Spare sensor, battery")
_SCREWDRIVER: Final = Text("螺丝刀", "Screwdriver")
_POWER: Final = Text(
    "看设备供电和信号灯；用万用表量电源电压。", "Check power and signal light; measure the supply with the multimeter."
)
_NETWORK: Final = Text(
    "看网关和网络：同一网关下的其他设备是否在线。",
    "Check gateway and network: are the other devices of the same gateway online?",
)
_WIRING: Final = Text("查接线端子和接头：松动、进水、氧化。", "Check terminals and plugs: loose, wet, corroded.")
_SEE_IT: Final = Text(
    "在手机上确认新读数已到，再离开。", "Before you leave, see on the phone that new readings arrive."
)
_REPLACE: Final = Text("仍无有效数据：更换传感器。", "Still no valid data: replace the sensor.")

HAPPENS: Final[Mapping[str, Text]] = {
    "sensor.fault": Text("传感器无有效数据", "sensor gives no valid data"),
}
"""What is the case, where the kind of fault is not known."""

PHRASES: Final[Mapping[str, Phrase]] = {
    "flat_s": fact(
        Text("读数不变的时间", "Time without a change"),
        Text("读数已 {value}没有变化", "the reading has not changed for {value}"),
    ),
    "jump_share": fact(
        Text("突跳读数的占比", "Share of jumps"),
        Text("近期读数有 {value} 在突跳", "{value} of the latest readings jump"),
    ),
    "neighbour_gap": fact(
        Text("偏离相邻测点", "Distance from the neighbours"),
        Text("与所有相邻测点慢慢偏离了 {value}", "it has moved {value} away from all its neighbours"),
    ),
    "silent_s": fact(
        Text("没有数据的时间", "Time in silence"), Text("已 {value}没有数据", "nothing was heard for {value}")
    ),
    "offline_s": fact(
        Text("离线时间", "Time offline"),
        Text("网关报告它已离线 {value}", "its gateway has called it offline for {value}"),
    ),
    "clock_off_s": fact(Text("时钟偏差", "Clock error"), Text("时钟偏差 {value}", "its clock is off by {value}")),
}

JOBS: Final[Mapping[str, Job]] = {
    "stuck": Job(
        steps=(
            Text("看现场表计，与卡住的读数比较。", "Read a gauge on site and compare it with the stuck reading."),
            _WIRING,
            Text(
                "断电重启设备；探头堵塞、结垢的清洗。",
                "Power the device off and on; clean a blocked or scaled probe.",
            ),
            _REPLACE,
            _SEE_IT,
        ),
        bring=(_METER, _SPARE, _SCREWDRIVER, TORCH),
    ),
    "jumping": Job(
        steps=(
            _WIRING,
            Text("轻晃电缆，看读数是否跟着跳。", "Move the cable gently and see whether the reading jumps with it."),
            Text(
                "查屏蔽接地，离变频器和动力电缆多远。",
                "Check the shield's earth, and how far converters and power cables are away.",
            ),
            _REPLACE,
            _SEE_IT,
        ),
        bring=(_METER, _SPARE, _SCREWDRIVER, TORCH),
    ),
    "drifting": Job(
        steps=(
            Text(
                "先用标准表在同一点比对：若标准表也偏，则不是传感器，请报给设施班组。",
                "First compare with a reference gauge at the same point: if it is off too, it is not the sensor; "
                "tell the asset's team.",
            ),
            Text("校零、校准，记下前后差值。", "Zero and calibrate; note the difference before and after."),
            Text("查安装位置、隔热和取压口。", "Check mounting, insulation and the tapping point."),
            Text("校不回来：更换传感器。", "Cannot be calibrated: replace the sensor."),
        ),
        bring=(Text("标准表", "Reference gauge"), _METER, _SPARE, _SCREWDRIVER),
    ),
    "silent": Job(
        steps=(_POWER, _NETWORK, _WIRING, _REPLACE, _SEE_IT),
        bring=(_METER, _SPARE, _SCREWDRIVER, TORCH),
    ),
    "offline": Job(
        steps=(_NETWORK, _POWER, _WIRING, _SEE_IT),
        bring=(_METER, _SPARE, _SCREWDRIVER, TORCH),
    ),
    "clock": Job(
        steps=(
            Text("把设备时间与手机对比。", "Compare the device's time with your phone's."),
            Text(
                "查对时服务器（NTP）设置，设备能否连上它。",
                "Check the time server (NTP) in the settings, and whether the device reaches it.",
            ),
            Text("查时区设置；时钟电池没电的更换。", "Check the time zone; replace a flat clock battery."),
            _SEE_IT,
        ),
        bring=(_METER, Text("纽扣电池", "Button cell"), Text("能连设备的电脑", "Laptop that reaches the device")),
    ),
    "false_alarms": Job(
        steps=(
            Text("看画面：雨、飞鸟、飞虫、蛛网、树枝。", "Look at the picture: rain, birds, insects, a web, branches."),
            Text("擦镜头，清蛛网，看补光灯和遮雨罩。", "Wipe the lens, remove webs, check lamp and rain hood."),
            Text("误报期间安排人工巡查楼下。", "While it lasts, have somebody walk the foot of the building."),
            Text("雨停仍误报：重调检测区域和灵敏度。", "Goes on in dry weather: set area and sensitivity anew."),
        ),
        bring=(Text("镜头布", "Lens cloth"), Text("登高工具、安全带", "Ladder and harness"), TORCH),
        warnings=(Text("登高系好安全带，雷雨天不上屋面。", "Wear a harness; no roof work in a thunderstorm."),),
    ),
    "site_silent": Job(
        steps=(
            Text(
                "先看机房：网关、交换机、路由器是否有电、在线。",
                "Comms room first: gateway, switch, router powered and online?",
            ),
            Text("外网断开：报运营商，记下单号。", "Outside line down: report it to the provider, note the number."),
            Text(
                "恢复前安排人工巡查：困人、水泵、消防通道。",
                "Until it is back, have people walk the rounds: elevators, pumps, fire lanes.",
            ),
            _SEE_IT,
        ),
        bring=(_METER, Text("网线、备用电源", "Network cable, spare power supply"), TORCH),
    ),
}
"""By the kind of fault."""


def is_sensor_fault(facts: Facts | None) -> bool:
    """Whether the facts of some evidence tell of a sensor."""
    return facts is not None and str(facts.get("kind", "")) in JOBS


def sensor_title(place: Text, facts: Facts) -> Text:
    """What is wrong with which device, in one line.

    Args:
        place: Of the asset it watches, in the words people use.
        facts: Of the evidence; `is_sensor_fault` holds.
    """
    kind, device = str(facts["kind"]), facts["device"]
    if kind == "site_silent":
        count = int(facts.get("devices", 1))
        return Text(
            f"全小区 {count} 台监测设备没有数据（最先：{device}）",
            f"All {count} monitoring devices of the site are silent (first: {device})",
        )
    if kind in _OF_DEVICE:
        what = _OF_DEVICE[kind]
        return Text(f"{place.zh}：{what.zh}（{device}）", f"{place.en}: {what.en} ({device})")
    metric, channels = str(facts.get("metric", "")), int(facts.get("channels", 1))
    named, what = QUANTITY_NAMES.get(metric, Text(metric, metric)), _OF_CHANNEL[kind]
    if channels > 1:
        more = channels - 1
        return Text(
            f"{place.zh}：{named.zh}等 {channels} 个{what.zh}（{device}）",
            f"{place.en}: {in_sentence(named.en)} {what.en}, and {more} more ({device})",
        )
    return Text(
        f"{place.zh}：{named.zh}{what.zh}（{device}）", f"{place.en}: {in_sentence(named.en)} {what.en} ({device})"
    )
