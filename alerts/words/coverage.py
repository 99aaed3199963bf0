"""Coverage in words: how it stands with an asset and why, in one sentence in both languages."""

from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

from alerts.coverage import Cause, Cover, Standing
from alerts.words.moments import day, minute
from alerts.words.quantities import QUANTITY_NAMES, duration, in_sentence, spaced
from ingest.registry import Text

STANDING_NAMES: Final[Mapping[Standing, Text]] = {
    Standing.NOT_WATCHED: Text("无人看守", "Not watched"),
    Standing.UNKNOWN: Text("无有效数据", "Unknown"),
    Standing.LEARNING: Text("学习中", "Learning"),
    Standing.WATCHED: Text("正常看守", "Watched"),
}

_SENTENCES: Final[Mapping[Cause, Text]] = {
    Cause.NONE: Text("监测设备和判断都正常。", "Its devices report and it is judged."),
    Cause.NO_DEVICE: Text(
        "没有登记任何监测设备，请安装并登记。", "No device is registered for it: install one and register it."
    ),
    Cause.WAITING: Text(
        "没有登记监测设备；本小区有 {waiting} 台设备等待批准，请查看待批名单。",
        "No device is registered for it; {waiting} of this site wait for approval: see the waiting list.",
    ),
    Cause.NEVER_HEARD: Text(
        "{device} 已登记但从未上报，请检查供电、网络和主题。",
        "{device} is registered and was never heard: check its power, network and topic.",
    ),
    Cause.METRIC_MISSING: Text(
        "所需的“{metric}”没有任何设备上报，请检查名称映射或加装传感器。",
        "No device reports the {metric} this needs: check the mapping of names, or add a sensor.",
    ),
    Cause.INGEST_AWAY: Text(
        "{since}起没有接收数据：接收程序未运行或连不上消息服务器。",
        "Nothing is taken in since {since}: ingest does not run, or has no broker.",
    ),
    Cause.SCORING_BEHIND: Text(
        "{since}起判断落后于数据，请检查判断程序。", "Scoring is behind since {since}: look at the score process."
    ),
    Cause.SILENT: Text("{device} 自{since}起没有数据。", "{device} is silent since {since}."),
    Cause.CLOCK: Text(
        "{device} 时钟{way} {off}，数据来得太晚无法判断，请校时。",
        "{device} has a clock that is {off} {way}: what it says comes too late to be judged; set it right.",
    ),
    Cause.CHANNEL: Text(
        "{device} 的{metric}传感器有故障，其读数不予采信。",
        "The {metric} sensor of {device} is faulty, so nothing is read from it.",
    ),
    Cause.NO_VALID_DATA: Text("自{since}起没有有效数据。", "There is no valid data since {since}."),
    Cause.LEARNING: Text("正在学习平时水平，约到{until}。", "It is learning what is usual, until about {until}."),
}

_SLOW_LEARNER: Final = Text(
    "正在学习平时水平，数据偏少，比预计的久。", "It is learning what is usual; too little data came in so far."
)


def cover_sentence(cover: Cover, timezone: ZoneInfo, now_us: int) -> Text:
    """Why it stands so, in one sentence that also says what to do where somebody can do something.

    Args:
        cover: What is said.
        timezone: Of its site.
        now_us: To be read now.
    """
    since = minute(cover.since_us, timezone, now_us) if cover.since_us is not None else Text("", "")
    until = day(cover.until_us, timezone, now_us) if cover.until_us is not None else Text("", "")
    off = duration(abs(cover.off_s))
    metric = QUANTITY_NAMES.get(cover.metric, Text(cover.metric, cover.metric))
    way = Text("快", "ahead") if cover.off_s > 0 else Text("慢", "behind")
    said = _SENTENCES[cover.cause]
    if cover.cause is Cause.LEARNING and cover.until_us is None:
        said = _SLOW_LEARNER
    zh = said.zh.format(
        device=cover.device,
        since=since.zh,
        until=until.zh,
        off=off.zh,
        metric=metric.zh,
        way=way.zh,
        waiting=cover.waiting,
    )
    en = said.en.format(
        device=cover.device,
        since=since.en,
        until=until.en,
        off=off.en,
        metric=in_sentence(metric.en) if metric.en else "",
        way=way.en,
        waiting=cover.waiting,
    )
    return Text(spaced(zh), en[0].upper() + en[1:] if not cover.device or not en.startswith(cover.device) else en)
