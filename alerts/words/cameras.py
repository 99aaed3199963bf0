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
    "building.ebike": Text("疑似电动自行车入楼", "suspected e-bike taken indoors"),
    # Nobody is named before a person has seen the recording (DOMAIN 4.3), so the title says that it is open.
    "building.falling_object": Text(
        "疑似高空抛物（待人工复核）", "suspected object thrown from height (to be reviewed by a person)"
    ),
}
"""What is the case, for modes that are not predictions."""

SIGNS: Final[Mapping[str, Text]] = {
    "two_wheeler_e_bike": Text("图像模型认出", "the camera's model recognises it"),
    "two_wheeler_open": Text("两轮车，请看图核实", "a two-wheeler, see the picture"),
}
"""What is known of it."""

PHRASES: Final[Mapping[str, Phrase]] = {
    "dwell_s": fact(Text("停放时间", "Time parked"), Text("车辆已停 {value}", "the vehicle has stood for {value}")),
    "indoors_s": fact(
        Text("在楼内的时间", "Time indoors"), Text("车辆在楼内已 {value}", "it has been indoors for {value}")
    ),
    "e_bike_score": fact(
        Text("识别得分", "Score of the recognition"),
        Text("图像模型认作电动自行车，得分 {value}", "the camera's model calls it an e-bike, score {value}"),
    ),
    "track_m": fact(
        Text("下落轨迹", "Track of the fall"), Text("摄像机看到下落 {value}", "the camera saw it fall {value}")
    ),
    "frames": fact(
        Text("拍到的帧数", "Frames"), Text("摄像机在 {value} 帧画面中看到它", "the camera saw it in {value} frames")
    ),
    "events_10_min": fact(
        Text("10 分钟内的报警次数", "Alarms in 10 minutes"),
        Text("摄像机 10 分钟内报警 {value} 次", "the camera gave {value} alarms within 10 minutes"),
    ),
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
    "building.ebike": Job(
        steps=(
            Text(
                "先看图，看不清再到现场；普通自行车或童车按误报处理。",
                "See the picture, go there if in doubt; a bicycle or pushchair is a false alarm.",
            ),
            Text("请车主把车推出楼外，停到充电棚。", "Have the owner take it outside, to the charging shed."),
            Text(
                "车主不在：推出楼外看管，贴提示单，拍照留证。",
                "Nobody there: take it outside, guard it, leave a notice, take photos.",
            ),
        ),
        bring=(Text("灭火器", "Fire extinguisher"), Text("提示单", "Notice"), _PHONE_PHOTO),
        warnings=(
            Text(
                "电池冒烟、鼓包或发烫：不碰，疏散，拨 119。",
                "Battery smoking, swollen or hot: do not touch it, clear the area, call 119.",
            ),
        ),
    ),
    "building.falling_object": Job(
        steps=(
            Text("先看有无人受伤；有则拨 120。", "See whether anyone is hurt; if so call 120."),
            Text("拉警戒线，不移动物品，拍照。", "Cordon it off, do not move the object, take photos."),
            Text(
                "保存前 10 秒、后 20 秒录像，两人一起复核。",
                "Keep 10 s before and 20 s after; two people review it together.",
            ),
            Text(
                "复核前不认定到户，不对任何住户点名。",
                "Until it is reviewed hold no flat responsible and name nobody.",
            ),
            Text("属实：报警并告知值班经理。", "Confirmed: call the police, tell the duty manager."),
        ),
        bring=(Text("警戒带", "Barrier tape"), Text("安全帽", "Helmet"), _PHONE_PHOTO),
        warnings=(Text("戴安全帽，不要站在楼檐下。", "Wear a helmet and keep clear of the facade."),),
    ),
}
