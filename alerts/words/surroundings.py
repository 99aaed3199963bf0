"""Surroundings: the words for frost, thaw and storm, and what a crew makes ready for them."""

from collections.abc import Mapping
from typing import Final

from alerts.words.jobs import TORCH, WATER_NEAR_POWER, Job
from alerts.words.phrases import Phrase, fact
from ingest.registry import Text

FAILS: Final[Mapping[str, Text]] = {}
"""What a predictive mode is about, as a verb."""

HAPPENS: Final[Mapping[str, Text]] = {
    "pipe.freeze": Text("有冻管风险", "pipes may freeze"),
    "pipe.thaw": Text("化冻后须查漏", "thawing pipes to be checked for leaks"),
    "building.storm": Text("防汛准备", "make ready for a storm"),
}
"""What is the case, for modes that are not predictions."""

_COLOURS: Final[Mapping[str, Text]] = {
    "blue": Text("蓝色", "blue"),
    "yellow": Text("黄色", "yellow"),
    "orange": Text("橙色", "orange"),
    "red": Text("红色", "red"),
}
_WARNINGS: Final[Mapping[str, Text]] = {"cold": Text("寒潮", "Cold wave"), "rain": Text("暴雨", "Rainstorm")}

_COLOURED: Final[Mapping[str, Text]] = {
    f"{kind}_{colour}": Text(f"{what.zh}{said.zh}预警", f"{what.en}, {said.en} warning")
    for kind, what in _WARNINGS.items()
    for colour, said in _COLOURS.items()
}

SIGNS: Final[Mapping[str, Text]] = {
    **_COLOURED,
    "air_temperature_c": Text("气温过低", "air too cold"),
    "foretold_c": Text("预报低温", "cold forecast"),
    "pipe_temperature_c": Text("管道表面过冷", "pipe surface too cold"),
    "trapped_rise_kpa": Text("疑似已冻住", "probably frozen"),
    "frozen_h": Text("气温回升", "warmer again"),
    "rain_3_h_mm": Text("降雨", "rain"),
    "rain_6_h_mm": Text("降雨", "rain"),
    "rain_12_h_mm": Text("降雨", "rain"),
}
"""By which sign it was found out, in the title."""


def _rain(hours: int) -> Phrase:
    return fact(
        Text(f"{hours} 小时雨量", f"Rain in {hours} hours"),
        Text(f"{hours} 小时雨量 {{value}}", f"{{value}} of rain within {hours} hours"),
    )


PHRASES: Final[Mapping[str, Phrase]] = {
    **{name: fact(said, said) for name, said in _COLOURED.items()},
    "air_temperature_c": fact(Text("气温", "Air temperature"), Text("气温 {value}", "the air is at {value}")),
    "pipe_temperature_c": fact(
        Text("管道表面温度", "Pipe surface"), Text("管道表面 {value}", "the coldest pipe is at {value}")
    ),
    "foretold_c": fact(Text("预报最低气温", "Forecast low"), Text("预报最低 {value}", "{value} is forecast")),
    "trapped_rise_kpa": fact(
        Text("无流量时水压上升", "Pressure rise without flow"),
        Text("不用水而水压升高 {value}", "pressure rose by {value} while nothing flowed"),
    ),
    "frozen_h": fact(Text("受冻时间", "Time in frost"), Text("此前受冻 {value}", "it was in frost for {value}")),
    **{f"rain_{hours}_h_mm": _rain(hours) for hours in (3, 6, 12)},
}

JOBS: Final[Mapping[str, Job]] = {
    "pipe.freeze": Job(
        steps=(
            Text(
                "逐处查看外露的水管、水表和消防管。",
                "See to each exposed water pipe, meter and fire main.",
            ),
            Text(
                "补保温棉，关好楼道窗和管井门，打开电伴热。",
                "Lag what is bare, close stairwell windows and shaft doors, switch on heat tracing.",
            ),
            Text(
                "夜间让末端水龙头细流；无人用的管段关阀放空。",
                "Let the last tap trickle at night; shut and drain what nobody uses.",
            ),
            Text(
                "已冻：关上游阀，开末端水龙头，从水龙头一端用温水或热风化冻。",
                "Frozen already: valve upstream closed, last tap open, thaw with warm water or hot air from the tap.",
            ),
            Text("化冻后查看全段有无渗水。", "After the thaw, check the whole length for seepage."),
        ),
        bring=(Text("保温棉、扎带", "Insulation, ties"), Text("热风机、温水", "Hot-air gun, warm water"), TORCH),
        warnings=(Text("禁止明火烘烤管道。", "Never use an open flame on the pipe."), WATER_NEAR_POWER),
    ),
    "pipe.thaw": Job(
        steps=(
            Text(
                "沿受冻的管走一遍：接头、阀门、水表、弯头。",
                "Walk along the pipes that were in frost: joints, valves, meters, bends.",
            ),
            Text("看吊顶、管井和地面有无水迹。", "Look for traces of water on ceilings, in shafts, on floors."),
            Text("无人用水时看水表是否走动。", "With nobody drawing water, see whether the meter turns."),
            Text("漏水：关分区阀，通知住户，约定检修。", "A leak: close the zone valve, tell residents, agree a date."),
        ),
        bring=(Text("听漏棒", "Listening stick"), Text("分区阀钥匙", "Zone valve key"), TORCH),
        warnings=(WATER_NEAR_POWER,),
    ),
    "building.storm": Job(
        steps=(
            Text(
                "试开每台排水泵，看浮球，确认自动和备用电源。",
                "Run each sump pump, check the float, automatic mode and standby power.",
            ),
            Text("清雨水口、排水沟和屋面雨水斗。", "Clear gullies, drains and roof outlets."),
            Text("车库口备好挡水板和沙袋，试放一次。", "Flood gate and sandbags ready at the garage; try the gate."),
            Text("查电梯底坑传感器；坑里有水先停梯。", "Check the pit sensors; water in a pit: stop that car first."),
            Text("低洼处的车通知车主移走。", "Have cars moved from low places."),
        ),
        bring=(Text("沙袋、挡水板", "Sandbags, flood gate"), Text("移动排水泵", "Mobile pump"), TORCH),
        warnings=(WATER_NEAR_POWER,),
    ),
}
