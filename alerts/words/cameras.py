"""Cameras: the words for what cameras see, and what a crew does about it."""

from collections.abc import Mapping
from typing import Final

from alerts.words.jobs import Job
from alerts.words.phrases import Phrase, fact
from ingest.registry import Text

_PHONE_PHOTO: Final = Text("手机（拍照留证）", "Phone (photos as proof)")

FAILS: Final[Mapping[str, Text]] = {}
"""What a predictive mode is about, as a verb."""

HAPPENS: Final[Mapping[str, Text]] = {
    "parking.illegal": Text("有车辆违停", "vehicle parked illegally"),
    "parking.fire_lane": Text("消防通道被占用", "fire lane blocked"),
    "building.falling_object": Text("有高空抛物", "object thrown from height"),
}
"""What is the case, for modes that are not predictions."""

PHRASES: Final[Mapping[str, Phrase]] = {
    "dwell_s": fact(Text("停放时间", "Time parked"), Text("车辆已停 {value}", "the vehicle has stood for {value}")),
}

JOBS: Final[Mapping[str, Job]] = {
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
}
