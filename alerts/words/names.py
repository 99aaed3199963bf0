"""Names: what levels, states, outcomes, failure modes, categories and deadlines are called in both languages."""

from collections.abc import Mapping
from typing import Final

from ingest.registry import AssetClass, Text

LEVEL_NAMES: Final[Mapping[str, Text]] = {
    "I": Text("Ⅰ级 紧急", "I emergency"),
    "II": Text("Ⅱ级 一般", "II general"),
    "III": Text("Ⅲ级 建议", "III suggestion"),
}

STATE_NAMES: Final[Mapping[str, Text]] = {
    "new": Text("待派单", "New"),
    "dispatched": Text("已派单", "Dispatched"),
    "accepted": Text("已接单", "Accepted"),
    "on_site": Text("已到场", "On site"),
    "resolved": Text("已处置", "Resolved"),
    "verified": Text("已核验", "Verified"),
    "closed": Text("已关闭", "Closed"),
    "reopened": Text("二次处置", "Reopened"),
    "cancelled": Text("已取消", "Cancelled"),
}

OUTCOME_NAMES: Final[Mapping[str, Text]] = {
    "confirmed": Text("属实", "Confirmed"),
    "false_alarm": Text("误报", "False alarm"),
    "other_fault": Text("其他故障", "Other fault"),
    "sensor_fault": Text("传感器故障", "Sensor fault"),
    "nothing_found": Text("未发现异常", "Nothing found"),
}

MODE_NAMES: Final[Mapping[str, Text]] = {
    "pipe.burst": Text("爆管预警", "Burst warning"),
    "pipe.leak": Text("渗漏", "Leak"),
    "pipe.freeze": Text("冻管", "Frozen pipe"),
    "pipe.thaw": Text("化冻查漏", "Thaw patrol"),
    "elevator.entrapment": Text("电梯困人", "Entrapment"),
    "elevator.rope_wear": Text("钢丝绳磨损", "Rope wear"),
    "elevator.door": Text("门系统故障", "Door fault"),
    "elevator.levelling": Text("平层误差", "Levelling error"),
    "elevator.brake": Text("制动器异常", "Brake fault"),
    "elevator.vibration": Text("运行振动异常", "Ride vibration"),
    "pump.bearing": Text("水泵轴承劣化", "Bearing wear"),
    "pump.cavitation": Text("气蚀", "Cavitation"),
    "pump.dry_run": Text("干转", "Dry run"),
    "pump.cycling": Text("启停频繁", "Frequent starts"),
    "pump.motor": Text("电机异常", "Motor fault"),
    "parking.illegal": Text("违停抓拍", "Illegal parking"),
    "parking.fire_lane": Text("占用消防通道", "Fire lane blocked"),
    "building.ebike": Text("电动自行车入楼", "E-bike indoors"),
    "building.falling_object": Text("高空抛物", "Falling object"),
    "building.storm": Text("防汛准备", "Storm preparation"),
    "building.flood": Text("积水", "Flooding"),
    "asset.deviation": Text("运行偏离", "Deviation"),
    "asset.multivariate": Text("参数失配", "Channels out of step"),
    "sensor.fault": Text("传感器故障", "Sensor fault"),
}

CATEGORY_NAMES: Final[Mapping[str, Text]] = {
    "emergency_repair": Text("急修", "Emergency repair"),
    "elevator": Text("电梯", "Elevator"),
    "water": Text("给排水", "Water and drainage"),
    "power": Text("供电照明", "Power and lighting"),
    "security": Text("安防消防", "Security and fire safety"),
    "parking": Text("停车交通", "Parking and traffic"),
    "cleaning": Text("保洁", "Cleaning"),
    "greenery": Text("绿化", "Greenery"),
    "suggestion": Text("建议", "Suggestion"),
}

CATEGORIES: Final[Mapping[str, str]] = {
    "pipe.burst": "water",
    "pipe.leak": "water",
    "pipe.freeze": "water",
    "pipe.thaw": "water",
    "elevator.entrapment": "elevator",
    "elevator.rope_wear": "elevator",
    "elevator.door": "elevator",
    "elevator.levelling": "elevator",
    "elevator.brake": "elevator",
    "elevator.vibration": "elevator",
    "pump.bearing": "water",
    "pump.cavitation": "water",
    "pump.dry_run": "water",
    "pump.cycling": "water",
    "pump.motor": "power",
    "parking.illegal": "parking",
    "parking.fire_lane": "security",
    "building.ebike": "security",
    "building.falling_object": "security",
    "building.storm": "water",
    "building.flood": "emergency_repair",
    "sensor.fault": "power",
}
"""By failure mode; a mode that any asset can have takes the category of the asset's class. Whatever a
sensor watches, it is the electricians with their multimeters who see to it."""

_CATEGORY_OF_CLASS: Final[Mapping[AssetClass, str]] = {
    AssetClass.ELEVATOR: "elevator",
    AssetClass.RISER: "water",
    AssetClass.PUMP: "water",
    AssetClass.PARKING_ZONE: "parking",
    AssetClass.BUILDING: "emergency_repair",
    AssetClass.WATER_NETWORK: "water",
}

DEADLINE_NAMES: Final[Mapping[str, Text]] = {
    "respond": Text("响应", "Respond"),
    "on_site": Text("到场", "On site"),
    "plan": Text("处理计划", "Plan"),
    "report": Text("检查报告", "Inspection report"),
    "reply": Text("答复", "Reply"),
}

OVERDUE: Final = Text("已超时", "Overdue")
ESCALATED: Final = Text("已升级", "Escalated")
PICTURE_DELETED: Final = Text("图片已按期限删除", "Picture deleted after its time")
NO_VALID_DATA: Final = Text("无有效数据", "Unknown")


def category(failure_mode: str, asset_class: AssetClass) -> Text:
    """The one of the nine categories that says which team gets the work order."""
    return CATEGORY_NAMES[CATEGORIES.get(failure_mode, _CATEGORY_OF_CLASS[asset_class])]


def mode_name(failure_mode: str) -> Text:
    """What a failure mode is called; a mode without a name is called by its id rather than failing a work order."""
    return MODE_NAMES.get(failure_mode, Text(failure_mode, failure_mode))
