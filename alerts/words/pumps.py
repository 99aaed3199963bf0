"""Pumps: the words for what can go wrong with pumps, and what a crew does about it."""

from collections.abc import Mapping
from typing import Final

from alerts.words.jobs import TAGS, TORCH, WATER_NEAR_POWER, Job
from alerts.words.phrases import Phrase, level, scatter
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
}
"""What is the case, for modes that are not predictions."""

PHRASES: Final[Mapping[str, Phrase]] = {
    "velocity_rms_mm_s": level("振动速度", "Vibration velocity"),
    "envelope_sigma": scatter("轴承冲击高出", "Bearing impacts above the usual"),
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
}
