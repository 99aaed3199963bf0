"""Page words: what the page of a trial says around the work orders, in both languages."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import numpy as np

from alerts.words.quantities import duration
from ingest.registry import Text
from service.tryout.cleaning import Finding, Flaw, gaps
from service.tryout.page_data import Told

_HOUR_US: Final = 3_600_000_000
_DAY_US: Final = 24 * _HOUR_US


def lasting(us: float) -> Text:
    """A length of time in the unit a person would choose."""
    return duration(us / 1e6)


def headline(told: Told) -> Text:
    """What a person remembers of the page."""
    orders, lasts = told.judgement.orders, lasting(told.recordings.span_us[1] - told.recordings.span_us[0])
    if not orders:
        return Text(f"录制的 {lasts.zh}里，不会产生工单", f"No work order in {lasts.en} of recording")
    count, plural = len(orders), "s" if len(orders) > 1 else ""
    score = told.score
    if score is not None and score.faults:
        return Text(
            f"录制的 {lasts.zh}里会产生 {count} 张工单，{score.faults} 处标注故障发现 {score.found} 处",
            f"{count} work order{plural} in {lasts.en}: {score.found} of {score.faults} labelled faults found",
        )
    return Text(f"录制的 {lasts.zh}里会产生 {count} 张工单", f"{count} work order{plural} in {lasts.en} of recording")


def lead(told: Told) -> Text:
    """How to take it."""
    assets, signals = len(told.recordings.registry.assets), len(told.recordings.signals)
    return Text(
        f"{signals} 个信号、{assets} 个设施，由现场运行的同一套程序逐条判断：每一刻只知道当时以前的数据，"
        "阈值为出厂值。",
        f"{signals} signal{'s' if signals > 1 else ''} of {assets} asset{'s' if assets > 1 else ''}, judged by the "
        "very code that runs live: at each moment it knew only what had been recorded by then. Thresholds as shipped.",
    )


def tiles(told: Told) -> Iterator[tuple[Text, Text, Text]]:
    """Name, value and note of each figure."""
    first_us, last_us = told.recordings.span_us
    readings = sum(s.series.at_us.size for s in told.recordings.signals)
    lasts, lost = lasting(last_us - first_us), _lost_share(told)
    yield (
        Text("录制时长", "Recorded"),
        lasts,
        Text(
            f"{readings:,} 个读数，缺口占 {100 * lost:.1f}%",
            f"{readings:,} readings, {100 * lost:.1f}% of the time missing",
        ),
    )
    orders = told.judgement.orders
    levels = [str(order.level) for order in orders]
    split = ", ".join(f"{levels.count(level)} × {level}" for level in ("I", "II", "III") if level in levels) or "–"
    yield (
        Text("工单", "Work orders"),
        Text(str(len(orders)), str(len(orders))),
        Text(f"按级别：{split}", f"by level: {split}"),
    )
    score = told.score
    if score is None:
        none = Text("没有标注", "no labels")
        note = Text(
            "给出标注列或 --labels 文件即可计算准确率", "with a label column or --labels FILE precision is told"
        )
        yield Text("准确率", "Precision"), none, note
        return
    yield _share(Text("准确率", "Precision"), score.precision, f"{score.true} / {score.orders}")
    yield _share(Text("发现率", "Faults found"), score.recall, f"{score.found} / {score.faults}")
    if score.delays_us:
        middle = lasting(float(np.median(score.delays_us)))
        yield (
            Text("发现用时（中位）", "Found after (median)"),
            middle,
            Text("从标注开始算起", "from where the label begins"),
        )
    if score.leads_us:
        middle = lasting(float(np.median(score.leads_us)))
        yield Text("提前量（中位）", "Lead (median)"), middle, Text("到失效为止", "before the failure")
    if score.asset_months >= 1:
        rate = f"{score.false_a_month:.2g}"
        note = Text("每设施每月", "an asset and month")
        yield Text("误报", "False alarms"), Text(rate, rate), note


def _share(name: Text, share: float | None, of: str) -> tuple[Text, Text, Text]:
    value = "–" if share is None else f"{100 * share:.0f}%"
    return name, Text(value, value), Text(of, of)


def _lost_share(told: Told) -> float:
    """The share of the time in which a signal was due and said nothing, over all signals."""
    lost = [sum(end - start for start, end in gaps(s.series.at_us)) for s in told.recordings.signals]
    first_us, last_us = told.recordings.span_us
    return float(np.mean(lost)) / max(1, last_us - first_us)


def _times(flaw: Finding, zh: str, one: str, many: str) -> Text:
    return Text(f"{flaw.count:,} {zh}", f"{flaw.count:,} {one if flaw.count == 1 else many}")


def _longest(flaw: Finding, zh: str, one: str, many: str) -> Text:
    longest, count = lasting(flaw.longest_us), _times(flaw, zh, one, many)
    return Text(f"{count.zh}，最长 {longest.zh}", f"{count.en}, {'of' if flaw.count == 1 else 'up to'} {longest.en}")


FLAW_NAMES: Final[Mapping[Flaw, Callable[[Finding], Text]]] = {
    Flaw.MISSING: lambda f: _times(
        f, "个缺测标记值，已跳过", "mark for no value, left out", "marks for no value, left out"
    ),
    Flaw.UNDATED: lambda f: _times(
        f, "行没有可识别的时间，已跳过", "row without a time, left out", "rows without a time, left out"
    ),
    Flaw.OUT_OF_ORDER: lambda f: _times(
        f,
        "行时间倒退，已按时间排好",
        "row goes back in time, put where it belongs",
        "rows go back in time, put where they belong",
    ),
    Flaw.REPEATED: lambda f: _times(
        f, "行时间重复，取第一行", "row repeats a moment; the first counts", "rows repeat a moment; the first counts"
    ),
    Flaw.OUT_OF_RANGE: lambda f: _times(
        f,
        "个超量程读数，不参与判断",
        "reading beyond what can be, not judged",
        "readings beyond what can be, not judged",
    ),
    Flaw.GAP: lambda f: _longest(f, "处缺口", "gap", "gaps"),
    Flaw.STUCK: lambda f: _longest(f, "段卡住不变", "stretch without a change", "stretches without a change"),
}
