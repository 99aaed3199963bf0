"""Pumps: the words for what can go wrong with pumps and with the sumps of buildings, and what a crew does about it."""

from collections.abc import Mapping
from typing import Final

from alerts.words.jobs import TAGS, TORCH, WATER_NEAR_POWER, Job
from alerts.words.phrases import Phrase, fact, level, ratio, scatter
from ingest.registry import Text

_PUMP_OFF: Final = Text(
    "打开护罩前先停泵、断电、挂牌。", "Before opening the guard: stop the pump, power off, tag out."
)
_VIBRATION_PEN: Final = Text("测振笔", "Vibration pen")

FAILS: Final[Mapping[str, Text]] = {
    "pump.bearing": Text("进入 D 区", "reach zone D"),
}
"""What a predictive mode is about, as a verb."""

HAPPENS: Final[Mapping[str, Text]] = {
    "pump.bearing": Text("轴承劣化", "bearing wear"),
    "pump.cavitation": Text("发生气蚀", "cavitation"),
    "pump.dry_run": Text("正在干转", "running dry"),
    "pump.cycling": Text("启停过于频繁", "starting too often"),
    "pump.motor": Text("电机异常", "motor fault"),
    "building.flood": Text("积水风险", "flood risk"),
}
"""What is the case, for modes that are not predictions."""

SIGNS: Final[Mapping[str, Text]] = {
    "pit_wet_s": Text("电梯底坑进水", "water in the elevator pit"),
    "floor_wet_s": Text("地面有水", "water on the floor"),
    "water_level_mm": Text("集水坑水位过高", "sump level too high"),
    "sump_starts_per_hour": Text("排水泵启停频繁", "sump pump starting too often"),
    "run_time_ratio": Text("排水泵运行时间过长", "sump pump running for too long"),
    "impacts": Text("轴承冲击增强", "bearing impacts up"),
    "outer_ring": Text("听到外圈损伤", "outer ring is heard"),
    "inner_ring": Text("听到内圈损伤", "inner ring is heard"),
    "cage": Text("听到保持架损伤", "cage is heard"),
    "ball": Text("听到滚动体损伤", "rolling element is heard"),
    "heat": Text("轴承过热", "bearing too hot"),
}
"""By which sign it was found out, in the title."""

PHRASES: Final[Mapping[str, Phrase]] = {
    "velocity_rms_mm_s": level("振动速度", "Vibration velocity"),
    "envelope_sigma": scatter("轴承冲击高出", "Bearing impacts above the usual"),
    "npsh_margin_m": level("气蚀余量裕度", "Suction head to spare"),
    "acceleration_ratio": ratio("高频振动", "High-frequency vibration"),
    "head_drop_percent": Phrase(
        Text("扬程下降", "Loss of head"),
        Text("同流量下扬程下降 {value}", "head is {value} lower at the same flow"),
    ),
    "current_share": Phrase(
        Text("电流占满载", "Current against full load"),
        Text("电流只有该转速满载的 {value}", "current is only {value} of full load at this speed"),
    ),
    "dry_s": Phrase(Text("持续时间", "So far for"), Text("已持续 {value}", "for {value} so far")),
    "starts_per_hour": Phrase(
        Text("每小时启动次数", "Starts an hour"),
        Text("1 小时内启动 {value} 次", "started {value} times within an hour"),
    ),
    "water_level_mm": fact(Text("集水坑水位", "Sump level"), Text("集水坑水位 {value}", "sump level {value}")),
    "sump_starts_per_hour": fact(
        Text("排水泵每小时启动次数", "Sump pump starts an hour"),
        Text("排水泵 1 小时内启动 {value} 次", "sump pump started {value} times within an hour"),
    ),
    "pit_wet_s": fact(
        Text("底坑有水", "Water in the pit"), Text("底坑有水已 {value}", "water has stood in the pit for {value}")
    ),
    "floor_wet_s": fact(
        Text("地面有水", "Water on the floor"), Text("地面有水已 {value}", "water has stood on the floor for {value}")
    ),
    "run_time_ratio": Phrase(
        Text("排水泵近五天运行时间", "Run time of the sump pump over five days"),
        Text("排水泵近五天运行时间为平时 {value} 倍", "sump pump has run {value} times as long as usual for five days"),
        Text("平时的 {value} 倍", "{value} times the usual"),
        of_asset=False,
    ),
    "current_imbalance_percent": Phrase(
        Text("三相电流不平衡度", "Imbalance of the phase currents"),
        Text("三相电流不平衡 {value}", "phase currents differ by {value}"),
    ),
}

JOBS: Final[Mapping[str, Job]] = {
    "pump.bearing": Job(
        steps=(
            Text(
                "听泵声、摸轴承座温度，有无摩擦声或发烫。",
                "Listen to the pump and feel the bearing housing: grinding, hot?",
            ),
            Text("用测振笔在轴承座复测三个方向。", "Measure the bearing housing again with a pen, three directions."),
            Text("检查地脚螺栓、联轴器对中和润滑。", "Check foundation bolts, coupling alignment and grease."),
            Text("切换到备用泵，约定更换轴承。", "Switch to the standby pump and agree the bearing change."),
        ),
        bring=(
            _VIBRATION_PEN,
            Text("测温枪", "Infrared thermometer"),
            Text("黄油枪、扳手", "Grease gun, spanners"),
            TAGS,
        ),
        warnings=(_PUMP_OFF, WATER_NEAR_POWER),
    ),
    "pump.cavitation": Job(
        steps=(
            Text("看进口压力表和水池水位。", "Read the suction gauge and the tank level."),
            Text(
                "清洗进口滤网，确认进口阀全开。",
                "Clean the suction strainer; make sure the suction valve is fully open.",
            ),
            Text("降低转速或切换到备用泵。", "Slow it down or switch to the standby pump."),
        ),
        bring=(TORCH, Text("扳手", "Spanners"), TAGS),
        warnings=(_PUMP_OFF, WATER_NEAR_POWER),
    ),
    "pump.dry_run": Job(
        steps=(
            Text("立即停泵。", "Stop the pump at once."),
            Text("查水池水位、进口阀和底阀。", "Check the tank level, the suction valve and the foot valve."),
            Text("灌泵排气后再启动，听有无异响。", "Prime and vent, start again, and listen."),
        ),
        bring=(TORCH, Text("扳手", "Spanners"), TAGS),
        warnings=(_PUMP_OFF, WATER_NEAR_POWER),
    ),
    "pump.cycling": Job(
        steps=(
            Text(
                "停泵泄压，查气压罐充气压力，不足就补气或换气囊。",
                "Pump off and drained: check the vessel's air; top it up or change the bladder.",
            ),
            Text("查止回阀是否关严、有无倒流声。", "Check valve: does it close, does water run back?"),
            Text(
                "夜间无人用水时看压力是否掉，找漏点。",
                "At night, does the pressure fall with nobody drawing? Find the leak.",
            ),
            Text("核对启停压力设定，差值不要太小。", "Check the start and stop pressures: not too close together."),
        ),
        bring=(Text("气压表、打气筒", "Air gauge and pump"), Text("扳手", "Spanners"), TAGS),
        warnings=(_PUMP_OFF, WATER_NEAR_POWER),
    ),
    "building.flood": Job(
        steps=(
            Text(
                "底坑或底层进水：先把电梯停到高层，停用底坑各层。",
                "Water in the pit or lowest floor: take the car up and out of the pit floors first.",
            ),
            Text("断开积水区电源，拦住行人和车辆。", "Power off in the flooded area; keep people and cars out."),
            Text("手动启动排水泵，不行就下移动泵。", "Start the sump pump by hand, else use the portable pump."),
            Text("找到来水并关阀；查浮球、止回阀和出水管。", "Close the inflow; check float, check valve and outlet."),
            Text("雨天看挡水板和沙袋，报告值班经理。", "In rain: flood gates and sandbags; tell the duty manager."),
        ),
        bring=(Text("绝缘靴、绝缘手套", "Insulating boots and gloves"), Text("移动排水泵", "Portable pump"), TORCH),
        warnings=(WATER_NEAR_POWER,),
    ),
    "pump.motor": Job(
        steps=(
            Text("用钳形表测三相电流和三相电压。", "Clamp meter: three currents, three voltages."),
            Text(
                "电压不平衡查供电，电流不平衡查接触器触点和接线端子。",
                "Voltages unequal: the supply. Currents only: contactor and terminals.",
            ),
            Text("断电后测绕组直阻和绝缘。", "Power off: measure winding resistance and insulation."),
            Text("绕组过热：清风道、减载，切换到备用泵。", "Hot winding: clear the fan, unload, use the standby pump."),
        ),
        bring=(Text("钳形表、兆欧表", "Clamp meter, insulation tester"), Text("测温枪", "Infrared thermometer"), TAGS),
        warnings=(_PUMP_OFF, WATER_NEAR_POWER),
    ),
}
