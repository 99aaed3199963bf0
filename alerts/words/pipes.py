"""Pipes: the words for what can go wrong with pipes, and what a crew does about it."""

from collections.abc import Mapping
from typing import Final

from alerts.words.jobs import TORCH, WATER_NEAR_POWER, Job
from alerts.words.phrases import Phrase, fact, level, ratio
from ingest.registry import Text

_TELL_DUTY: Final = Text("把结果告知值班经理。", "Tell the duty manager what you found.")

FAILS: Final[Mapping[str, Text]] = {
    "pipe.burst": Text("爆管", "burst"),
    "pipe.leak": Text("渗漏", "leak"),
    "pipe.freeze": Text("冻管", "freeze"),
}
"""What a predictive mode is about, as a verb."""

HAPPENS: Final[Mapping[str, Text]] = {
    "pipe.burst": Text("疑似爆管", "suspected burst"),
    "pipe.leak": Text("疑似渗漏", "suspected leak"),
}
"""What is the case, for modes that are not predictions."""

PHRASES: Final[Mapping[str, Phrase]] = {
    "night_vibration_ratio": ratio("夜间振动", "Night vibration"),
    "log_vibration_ratio": ratio("夜间振动", "Night vibration"),
    "night_pressure_drop_kpa": Phrase(
        Text("夜间水压下降", "Night pressure drop"), Text("夜间水压下降 {value}", "night pressure is down {value}")
    ),
    "night_median_frequency_ratio": ratio("夜间声音频率", "Pitch of the night's sound"),
    "night_flow_rise_l_min": fact(
        Text("夜间最小流量增加", "Rise of the least flow at night"),
        Text("夜间最小流量增加 {value}", "the least flow at night is up {value}"),
    ),
    "pressure_cycles_per_day": fact(
        Text("每天水压冲击", "Pressure swings a day"),
        Text(
            "水压冲击每天相当于 {value} 次 0.1 MPa 的起落",
            "its pressure swings strain it as {value} swings of 100 kPa a day would",
        ),
    ),
    "freeze_percent": fact(
        Text("72 小时内冻管概率", "Chance that it freezes within 72 hours"),
        Text("72 小时内有 {value} 的概率冻管", "it freezes within 72 hours with a chance of {value}"),
    ),
    "pressure_drop_kpa": Phrase(
        Text("水压骤降", "Pressure drop"), Text("水压骤降 {value}", "pressure dropped {value} at once")
    ),
    "flow_step_m3_h": fact(
        Text("流量骤增", "Flow step"), Text("流量骤增 {value}", "the flow rose {value} at once and stayed up")
    ),
    "night_flow_l_min": level("夜间最小流量", "Least flow at night"),
    "burst_vibration_ratio": fact(
        Text("振动相对前一天最响时", "Noise over the loudest of the day before"),
        Text("振动为前一天最响时的 {value} 倍", "it is {value} times as loud as the loudest of the day before"),
    ),
    "slope_per_day": Phrase(
        Text("振动每天上升", "Vibration rise a day"), Text("振动每天上升 {value}", "vibration rises {value} a day")
    ),
    "network_drop_kpa": fact(
        Text("全天水压低于其他测点的推算", "Pressure below what the other loggers let expect"),
        Text("全天水压比其他测点推算低 {value}", "its pressure is {value} below what the other loggers let expect"),
    ),
    "network_second_drop_kpa": fact(
        Text("第二个下降的测点", "Next logger that fell"),
        Text("旁边第二个测点低 {value}", "the next logger is {value} below"),
    ),
    "network_third_drop_kpa": fact(
        Text("第三个下降的测点", "Third logger that fell"),
        Text("第三个测点低 {value}", "a third is {value} below"),
    ),
    "background": fact(
        Text("同类管道平时的爆管率", "Usual burst rate of such pipes"),
        Text("同类管道平时每年有 {value} 爆管", "{value} of such pipes usually burst in a year"),
    ),
}

JOBS: Final[Mapping[str, Job]] = {
    "pipe.burst": Job(
        steps=(
            Text(
                "到管井逐层听音、看渗水，先看接头、阀门和支架。",
                "Walk the shaft floor by floor: listen and look for seepage, joints, valves and brackets first.",
            ),
            Text(
                "记下压力表读数，与相邻立管比较。", "Note the gauge pressure and compare with the neighbouring riser."
            ),
            Text(
                "有渗水或异响：关闭本立管的分区阀，通知住户停水。",
                "If it seeps or hisses: close this riser's zone valve and tell residents that water is off.",
            ),
            Text(
                "约定 72 小时内检修，备好管段和抱箍。",
                "Agree a repair within 72 hours; have pipe and repair clamps ready.",
            ),
            _TELL_DUTY,
        ),
        bring=(
            Text("听漏棒", "Listening stick"),
            TORCH,
            Text("抱箍、管钳", "Repair clamp, pipe wrench"),
            Text("分区阀钥匙", "Zone valve key"),
        ),
        warnings=(WATER_NEAR_POWER,),
    ),
    "pipe.leak": Job(
        steps=(
            Text("沿管找渗水点：接头、阀门、穿墙处。", "Follow the pipe to the leak: joints, valves, wall passages."),
            Text("夜间无人用水时看水表是否走动。", "At night, with nobody drawing water, see whether the meter turns."),
            Text(
                "能紧固就紧固，否则关阀并约定检修。",
                "Tighten it if that helps, else close the valve and agree a repair.",
            ),
        ),
        bring=(Text("听漏棒", "Listening stick"), TORCH, Text("管钳、密封件", "Pipe wrench, seals")),
        warnings=(WATER_NEAR_POWER,),
    ),
}
