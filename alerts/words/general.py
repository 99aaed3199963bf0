"""General: the words for what can befall any asset, and what a crew does about it."""

from collections.abc import Mapping
from typing import Final

from alerts.words.jobs import TORCH, Job
from alerts.words.phrases import Phrase, ratio, scatter
from ingest.registry import Text

FAILS: Final[Mapping[str, Text]] = {}
"""What a predictive mode is about, as a verb."""

HAPPENS: Final[Mapping[str, Text]] = {
    "asset.deviation": Text("运行偏离平时水平", "running away from its usual level"),
    "asset.multivariate": Text("各参数之间关系异常", "its measurements no longer go together"),
}
"""What is the case, for modes that are not predictions."""

PHRASES: Final[Mapping[str, Phrase]] = {
    "deviation_sigma": scatter("偏离平时水平", "Distance from the usual level"),
    "channels_apart": ratio("各参数之间的失配", "Mismatch between the measurements"),
    "channels_far": ratio("各参数的整体偏移", "Joint shift of the measurements"),
}

JOBS: Final[Mapping[str, Job]] = {
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
    "asset.multivariate": Job(
        steps=(
            Text(
                "把列出的参数与现场仪表核对。",
                "Compare the measurements named above with a gauge at the asset.",
            ),
            Text(
                "看近期有无维修、改接线、调阀或改控制方式。",
                "Ask whether anything was repaired, rewired, turned or set to another mode of control.",
            ),
            Text("读数属实时，查磨损、内漏与堵塞。", "If they are true: look for wear, inner leaks and clogging."),
        ),
        bring=(TORCH, Text("钳形表", "Clamp meter"), Text("压力表", "Pressure gauge")),
        warnings=(Text("靠近转动部件前先停机、断电。", "Near moving parts: stop and power off first."),),
    ),
}
