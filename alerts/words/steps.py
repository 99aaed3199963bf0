"""Steps: what to do, what to bring and what to mind first, for each failure mode."""

from collections.abc import Mapping
from typing import Final

from alerts.words.jobs import TORCH, Job
from alerts.words.sensors import JOBS as SENSOR_JOBS
from ingest.registry import Text

_WATER_NEAR_POWER: Final = Text(
    "水靠近配电箱或电机时，先断电、确认无电，再靠近。",
    "Where water is near a switchboard or motor: power off and checked first, then go near.",
)
_PUMP_OFF: Final = Text(
    "打开护罩前先停泵、断电、挂牌。", "Before opening the guard: stop the pump, power off, tag out."
)
_ELEVATOR_OFF: Final = Text(
    "进井道、底坑或轿顶前先停用电梯、断电、挂牌，仅限持证人员。",
    "Before the shaft, pit or car top: take the elevator out of service, power off, tag out; licensed staff only.",
)
_TAGS: Final = Text("停用标牌与挂锁", "Out-of-service tag and padlock")
_VIBRATION_PEN: Final = Text("测振笔", "Vibration pen")
_PHONE_PHOTO: Final = Text("手机（拍照留证）", "Phone (photos as proof)")
_TELL_DUTY: Final = Text("把结果告知值班经理。", "Tell the duty manager what you found.")

_JOBS: Final[Mapping[str, Job]] = {
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
        warnings=(_WATER_NEAR_POWER,),
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
        warnings=(_WATER_NEAR_POWER,),
    ),
    "pipe.freeze": Job(
        steps=(
            Text("关闭上游阀门，打开末端水龙头。", "Close the valve upstream and open the tap at the end."),
            Text("从水龙头一端开始用温水或热风化冻。", "Thaw with warm water or hot air, starting at the tap."),
            Text("化冻后查看全段有无渗水。", "After the thaw, check the whole length for seepage."),
            Text("补好保温层。", "Repair the insulation."),
        ),
        bring=(Text("热风机、温水", "Hot-air gun, warm water"), Text("保温棉", "Insulation"), TORCH),
        warnings=(Text("禁止明火烘烤管道。", "Never use an open flame on the pipe."), _WATER_NEAR_POWER),
    ),
    "elevator.entrapment": Job(
        steps=(
            Text(
                "用对讲联系轿厢，问清人数和身体状况，每 5 分钟通话一次。",
                "Call the car on the intercom: how many people, is anyone unwell; call again every 5 minutes.",
            ),
            Text(
                "通知电梯维保单位，30 分钟内到场；有人不适拨 120。",
                "Call the elevator company, on site within 30 minutes; if anyone is unwell call an ambulance (120).",
            ),
            Text(
                "持证人员断开主电源，按救援规程平层后开门放人。",
                "Licensed staff: main power off, bring the car level by the rescue procedure, then open the door.",
            ),
            Text("停用电梯，查明原因后再恢复。", "Keep the elevator out of service until the cause is known."),
            Text("放人后 4 小时内提交检查报告。", "Hand in the inspection report within 4 hours of the release."),
        ),
        bring=(
            Text("三角钥匙（持证人员）", "Landing-door key (licensed staff)"),
            Text("对讲机", "Radio"),
            TORCH,
            _TAGS,
        ),
        warnings=(
            Text(
                "先安抚乘客：不要扒门、不要自行爬出，靠里站好，救援在路上。",
                "Calm the passengers first: do not force the door or climb out, stand back, help is coming.",
            ),
            Text(
                "轿厢未平层时不得开门放人；盘车、开锁仅限持证人员。",
                "Nobody leaves a car that is not level; only licensed staff move the car or unlock doors.",
            ),
        ),
    ),
    "elevator.rope_wear": Job(
        steps=(
            Text("测量钢丝绳直径，检查断丝和锈蚀。", "Measure the rope diameter; look for broken wires and rust."),
            Text(
                "直径小于公称 90%，或有一股断裂：立即停用。",
                "Below 90% of the nominal diameter, or a broken strand: take it out of service at once.",
            ),
            Text("约维保单位更换钢丝绳。", "Agree the rope replacement with the elevator company."),
        ),
        bring=(Text("游标卡尺", "Calliper"), TORCH, _TAGS),
        warnings=(_ELEVATOR_OFF,),
    ),
    "elevator.door": Job(
        steps=(
            Text("清理地坎异物，擦净光幕。", "Clear the sill and wipe the light curtain."),
            Text("逐层开关门，找出卡滞的楼层。", "Open and close at every floor to find the one that sticks."),
            Text("检查门机皮带、挂轮和门锁触点。", "Check the door operator's belt, hangers and lock contacts."),
        ),
        bring=(Text("清洁布、毛刷", "Cloth, brush"), Text("六角扳手", "Hex keys"), _TAGS),
        warnings=(_ELEVATOR_OFF,),
    ),
    "elevator.levelling": Job(
        steps=(
            Text("逐层测量平层误差。", "Measure the levelling error at every floor."),
            Text("误差大于 20 mm：停用，防止绊倒。", "More than 20 mm: out of service, people may trip."),
            Text(
                "各层同向偏差看钢丝绳和编码器，单层偏差看该层感应器。",
                "All floors off the same way: rope or encoder; one floor: that floor's sensor.",
            ),
        ),
        bring=(Text("钢直尺", "Steel rule"), TORCH, _TAGS),
        warnings=(_ELEVATOR_OFF,),
    ),
    "elevator.brake": Job(
        steps=(
            Text("停用电梯，通知维保单位。", "Take the elevator out of service and call the elevator company."),
            Text("检查制动间隙、闸瓦磨损和温度。", "Check brake clearance, lining wear and temperature."),
            Text("制动试验合格后再恢复。", "Back into service only after a passed brake test."),
        ),
        bring=(Text("塞尺", "Feeler gauge"), Text("测温枪", "Infrared thermometer"), _TAGS),
        warnings=(_ELEVATOR_OFF,),
    ),
    "elevator.vibration": Job(
        steps=(
            Text(
                "乘梯上下各一次，记下振动的楼层和方向。",
                "Ride up and down once; note floor and direction of the shaking.",
            ),
            Text("检查导靴、导轨接头和钢丝绳张力。", "Check guide shoes, rail joints and rope tension."),
            Text("约维保单位调整。", "Agree the adjustment with the elevator company."),
        ),
        bring=(Text("水平尺", "Spirit level"), TORCH, _TAGS),
        warnings=(_ELEVATOR_OFF,),
    ),
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
            _TAGS,
        ),
        warnings=(_PUMP_OFF, _WATER_NEAR_POWER),
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
        bring=(TORCH, Text("扳手", "Spanners"), _TAGS),
        warnings=(_PUMP_OFF, _WATER_NEAR_POWER),
    ),
    "pump.dry_run": Job(
        steps=(
            Text("立即停泵。", "Stop the pump at once."),
            Text("查水池水位、进口阀和底阀。", "Check the tank level, the suction valve and the foot valve."),
            Text("灌泵排气后再启动，听有无异响。", "Prime and vent, start again, and listen."),
        ),
        bring=(TORCH, Text("扳手", "Spanners"), _TAGS),
        warnings=(_PUMP_OFF, _WATER_NEAR_POWER),
    ),
    "parking.illegal": Job(
        steps=(
            Text("到现场核对车辆与照片。", "Go there and check the car against the stills."),
            Text("联系车主挪车。", "Call the owner and ask them to move it."),
            Text("车主不到：贴提示单，拍照留证。", "If nobody comes: leave a notice and take a photo."),
        ),
        bring=(Text("提示单", "Parking notice"), _PHONE_PHOTO),
    ),
    "parking.fire_lane": Job(
        steps=(
            Text("立即到场，联系车主挪车。", "Go at once and have the owner move it."),
            Text(
                "5 分钟联系不上：报告值班经理，报警或拖离。",
                "Nobody within 5 minutes: duty manager, then police or tow.",
            ),
            Text("通道畅通后拍照。", "Take a photo once the lane is clear."),
        ),
        bring=(Text("反光锥", "Traffic cones"), _PHONE_PHOTO),
        warnings=(Text("先看有无火情；有火情拨 119。", "Look for a fire first; if there is one call 119."),),
    ),
    "building.falling_object": Job(
        steps=(
            Text("先看有无人受伤；有则拨 120。", "See whether anyone is hurt; if so call 120."),
            Text("拉警戒线，不移动物品，拍照。", "Cordon it off, do not move the object, take photos."),
            Text("保存录像，报警并告知值班经理。", "Keep the recording, call the police, tell the duty manager."),
        ),
        bring=(Text("警戒带", "Barrier tape"), Text("安全帽", "Helmet"), _PHONE_PHOTO),
        warnings=(Text("戴安全帽，不要站在楼檐下。", "Wear a helmet and keep clear of the facade."),),
    ),
    "building.flood": Job(
        steps=(
            Text("断开积水区电源，拦住行人和车辆。", "Power off in the flooded area; keep people and cars out."),
            Text("启动排水泵，找到来水并关阀。", "Start the sump pump, find the inflow and close it."),
            Text("电梯停到高层，停用底坑。", "Send elevators to an upper floor and keep them out of the pit."),
        ),
        bring=(Text("绝缘靴、绝缘手套", "Insulating boots and gloves"), Text("移动排水泵", "Portable pump"), TORCH),
        warnings=(_WATER_NEAR_POWER,),
    ),
    "asset.deviation": Job(
        steps=(
            Text("到现场看、听、摸，与平时有何不同。", "Go and look, listen and feel: what is different from usual?"),
            Text(
                "看近期有无维修、调阀或负荷变化。", "Ask whether anything was repaired, turned or loaded differently."
            ),
            Text("确认传感器安装牢固。", "Make sure the sensor sits firmly."),
        ),
        bring=(TORCH, Text("随身工具", "Everyday tools")),
        warnings=(Text("靠近转动部件前先停机、断电。", "Near moving parts: stop and power off first."),),
    ),
}


def steps(failure_mode: str, kind: str = "") -> tuple[Text, ...]:
    """Two to five things to do, in order.

    Args:
        failure_mode: Dotted.
        kind: Of a sensor fault, what kind of fault it is.
    """
    return _job(failure_mode, kind).steps


def bring(failure_mode: str, kind: str = "") -> tuple[Text, ...]:
    """What to take along; arguments as for `steps`."""
    return _job(failure_mode, kind).bring


def warnings(failure_mode: str, kind: str = "") -> tuple[Text, ...]:
    """What to mind before the first step; empty when nothing can hurt; arguments as for `steps`."""
    return _job(failure_mode, kind).warnings


def _job(failure_mode: str, kind: str) -> Job:
    if failure_mode == "sensor.fault":
        return SENSOR_JOBS.get(kind, SENSOR_JOBS["silent"])
    # A mode nobody wrote steps for is looked at like any change of an asset.
    return _JOBS.get(failure_mode, _JOBS["asset.deviation"])
