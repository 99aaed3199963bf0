"""General: the words for what can befall any asset, and what a crew does about it."""

from collections.abc import Mapping
from typing import Final

from alerts.words.jobs import TORCH, Job
from alerts.words.phrases import Phrase, scatter
from ingest.registry import Text

FAILS: Final[Mapping[str, Text]] = {}
"""What a predictive mode is about, as a verb."""

HAPPENS: Final[Mapping[str, Text]] = {
    "asset.deviation": Text("运行偏离平时水平", "running away from its usual level"),
}
"""What is the case, for modes that are not predictions."""

PHRASES: Final[Mapping[str, Phrase]] = {
    "deviation_sigma": scatter("偏离平时水平", "Distance from the usual level"),
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
}
