"""Elevators: the words for what can go wrong with elevators, and what a crew does about it."""

from collections.abc import Mapping
from typing import Final

from alerts.words.jobs import TAGS, TORCH, Job
from alerts.words.phrases import Phrase, fact, level
from ingest.registry import Text

_ELEVATOR_OFF: Final = Text(
    "进井道、底坑或轿顶前先停用电梯、断电、挂牌，仅限持证人员。",
    "Before the shaft, pit or car top: take the elevator out of service, power off, tag out; licensed staff only.",
)


def _code(zh: str, en: str) -> Phrase:
    """A fault code by what it means."""
    return fact(
        Text(f"故障代码：{zh}", f"Fault code: {en}"),
        Text(f"控制器报{zh}（代码 {{value}}）", f"the controller reports {en} (code {{value}})"),
    )


# What the numbers mean; which number in which table: `models.elevators.fault_codes`.
_CODES: Final = (
    ("entrapment", "困人", "somebody trapped"),
    ("safety_circuit", "安全回路断开", "an open safety circuit"),
    ("door_not_closing", "关门故障", "a door that does not close"),
    ("door_not_opening", "开门故障", "a door that does not open"),
    ("door_lock", "门锁回路故障", "a door-lock circuit fault"),
    ("door_blocked", "门被阻挡", "a blocked door"),
    ("door_motor_blocked", "门机堵转", "a blocked door motor"),
    ("door_open_running", "开门走梯", "running with an open door"),
    ("door", "门故障", "a door fault"),
    ("stopped_outside_zone", "非平层区停梯", "a stop outside the door zone"),
    ("floor_lost", "楼层位置丢失", "a lost floor position"),
    ("over_travel", "冲顶或蹲底", "travel past the last floor"),
    ("unintended_movement", "轿厢意外移动", "unintended car movement"),
    ("motor_run_time", "运行时间限制器动作", "the motor run-time limiter"),
    ("overspeed", "超速", "overspeed"),
    ("abnormal_speed", "速度异常", "an abnormal speed"),
    ("brake", "制动器故障", "a brake fault"),
    ("vibration", "异常振动", "abnormal vibration"),
    ("ebike", "电动自行车进梯", "an e-bike in the car"),
)

FAILS: Final[Mapping[str, Text]] = {
    "elevator.rope_wear": Text("达到钢丝绳报废标准", "reach the rope's discard limit"),
    "elevator.door": Text("发生门系统故障", "have a door fault"),
}
"""What a predictive mode is about, as a verb."""

HAPPENS: Final[Mapping[str, Text]] = {
    "elevator.entrapment": Text("疑似困人", "people may be trapped"),
    "elevator.rope_wear": Text("钢丝绳磨损", "rope wear"),
    "elevator.door": Text("门系统故障", "door fault"),
    "elevator.levelling": Text("平层误差", "levelling error"),
    "elevator.brake": Text("制动器异常", "brake fault"),
    "elevator.vibration": Text("运行振动异常", "ride vibration"),
}
"""What is the case, for modes that are not predictions."""

PHRASES: Final[Mapping[str, Phrase]] = {
    "stopped_s": fact(
        Text("轿厢停止时间", "Time at a standstill"), Text("轿厢已停 {value}", "the car has stood still for {value}")
    ),
    "door_closed_s": fact(
        Text("门关闭时间", "Door closed"), Text("门已关闭 {value}", "the door has been closed for {value}")
    ),
    "person_present": fact(Text("轿厢有人", "Person in car"), Text("轿厢内有人", "somebody is in the car")),
    "alarm_button": fact(Text("报警按钮", "Alarm button"), Text("有人按下报警按钮", "the alarm button was pressed")),
    "outside_door_zone": fact(
        Text("不在平层区", "Outside the door zone"), Text("轿厢不在平层区", "the car is not at a floor")
    ),
    "fault_code": fact(
        Text("故障代码", "Fault code"), Text("控制器报故障代码 {value}", "the controller reports fault code {value}")
    ),
    "door_held_open_s": fact(
        Text("门持续敞开时间", "Door held open"),
        Text("门已敞开 {value}，没有人进出", "the door has stood open for {value}"),
    ),
    "door_open_outside_s": fact(
        Text("门区外开门时间", "Door open between floors"),
        Text("轿厢不在平层区，门已打开 {value}", "the door has been open between floors for {value}"),
    ),
    "door_open_moving_s": fact(
        Text("开门运行时间", "Running with an open door"),
        Text("开着门运行 {value}", "the car has run with an open door for {value}"),
    ),
    "door_failed_closes": fact(
        Text("关门失败次数", "Failed closes"),
        Text("10 分钟内 {value} 次关门失败", "{value} closes failed within 10 minutes"),
    ),
    "door_turns": fact(
        Text("反复开关门次数", "Opening and closing again"),
        Text("20 秒内反复开关门 {value} 次", "the door turned back {value} times within 20 seconds"),
    ),
    "door_reopens_percent": level("无人时重开门比例", "Re-opens that nobody caused"),
    "stopped_outside_zone_s": fact(
        Text("停在平层区外时间", "Standing between floors"),
        Text("轿厢空载停在两层之间 {value}", "the empty car has stood between floors for {value}"),
    ),
    "levelling_same_way_mm": fact(
        Text("各层同向平层误差", "Levelling error, all floors the same way"),
        Text(
            "各层停靠同向偏差，约 {value}，像是钢丝绳伸长或编码器偏移",
            "all floors are off the same way, by about {value}: a stretched rope or the encoder",
        ),
    ),
    "levelling_one_floor_mm": fact(
        Text("单层平层误差", "Levelling error of one floor"),
        Text("个别楼层停靠偏差约 {value}，像是该层感应器", "one floor is off by about {value}: that floor's sensor"),
    ),
    "overspeed_s": fact(
        Text("超速时间", "Overspeed"),
        Text("超过额定速度运行 {value}", "the car has run above its rated speed for {value}"),
    ),
    "sudden_stops_count": fact(
        Text("层间急停次数", "Sudden stops between floors"),
        Text(
            "24 小时内 {value} 次在两层之间急停、随后自行恢复运行",
            "within 24 hours the car stopped suddenly between floors {value} times and then went on",
        ),
    ),
    "runs_empty_s": fact(
        Text("空载不停运行时间", "Running empty"),
        Text(
            "空轿厢关着门不停运行 {value}，不停靠任何楼层",
            "the empty car has run for {value} without opening its door at any floor",
        ),
    ),
    "machine_rise_c": level("曳引机温升", "Machine temperature above the room's"),
    "rope_loss_percent": fact(
        Text("钢丝绳直径减小", "Loss of rope diameter"),
        Text("钢丝绳直径比公称小 {value}", "the rope is {value} thinner than nominal"),
    ),
    **{f"code_{name}": _code(zh, en) for name, zh, en in _CODES},
}

JOBS: Final[Mapping[str, Job]] = {
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
            TAGS,
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
        bring=(Text("游标卡尺", "Calliper"), TORCH, TAGS),
        warnings=(_ELEVATOR_OFF,),
    ),
    "elevator.door": Job(
        steps=(
            Text("清理地坎异物，擦净光幕。", "Clear the sill and wipe the light curtain."),
            Text("逐层开关门，找出卡滞的楼层。", "Open and close at every floor to find the one that sticks."),
            Text("检查门机皮带、挂轮和门锁触点。", "Check the door operator's belt, hangers and lock contacts."),
        ),
        bring=(Text("清洁布、毛刷", "Cloth, brush"), Text("六角扳手", "Hex keys"), TAGS),
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
        bring=(Text("钢直尺", "Steel rule"), TORCH, TAGS),
        warnings=(_ELEVATOR_OFF,),
    ),
    "elevator.brake": Job(
        steps=(
            Text("停用电梯，通知维保单位。", "Take the elevator out of service and call the elevator company."),
            Text("检查制动间隙、闸瓦磨损和温度。", "Check brake clearance, lining wear and temperature."),
            Text(
                "层间急停：查安全回路（门锁、限速器、极限开关）有无虚接。",
                "Sudden stops between floors: look for a loose contact in the safety chain (locks, governor, limits).",
            ),
            Text("制动试验合格后再恢复。", "Back into service only after a passed brake test."),
        ),
        bring=(Text("塞尺", "Feeler gauge"), Text("测温枪", "Infrared thermometer"), TAGS),
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
        bring=(Text("水平尺", "Spirit level"), TORCH, TAGS),
        warnings=(_ELEVATOR_OFF,),
    ),
}
