"""Sentences: the title of a work order, how sure it is, why it was raised, and what would have kept it quiet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from alerts.words import cameras, elevators, general, pipes, pumps, sensors, surroundings
from alerts.words.contributions import amount, clause, phrase
from alerts.words.moments import hour, minute, part_of_day
from alerts.words.names import mode_name
from alerts.words.quantities import duration, in_sentence, number, percent, spaced
from alerts.words.sensors import is_sensor_fault, sensor_title
from ingest.registry import Text
from models.findings import Contribution, Evidence, Finding, Trace

_POSSIBLE: Final = 0.30
"""Under it a title says what is the case and not what may come: DOMAIN 1.5 warns from here on."""
_LIKELY: Final = 0.66
_ALMOST_CERTAIN: Final = 0.95
_FAR_US: Final = 60 * 86_400_000_000
_MOST_CLAUSES: Final = 3
_LEAST_WEIGHT: Final = 0.1

_FAILS: Final[Mapping[str, Text]] = {
    mode: said
    for family in (pipes, elevators, cameras, pumps, surroundings, general)
    for mode, said in family.FAILS.items()
}

_HAPPENS: Final[Mapping[str, Text]] = {
    mode: said
    for family in (pipes, elevators, cameras, pumps, surroundings, sensors, general)
    for mode, said in family.HAPPENS.items()
}

_SIGNS: Final[Mapping[str, Text]] = {**pumps.SIGNS, **surroundings.SIGNS, **cameras.SIGNS}

_THIS: Final[Mapping[str, str]] = {
    "pipe": "本管",
    "elevator": "本梯",
    "pump": "本泵",
    "parking": "此处",
    "building": "本楼",
}
_NEIGHBOURS: Final[Mapping[str, Text]] = {
    "pipe": Text("相邻立管", "the neighbouring risers"),
    "elevator": Text("相邻电梯", "the neighbouring elevators"),
    "pump": Text("同组水泵", "the other pumps"),
}
_NAMED: Final[Mapping[str, Text]] = {
    "logger": Text("（测点 {} 附近）", " (near logger {})"),
    "plate_masked": Text("（{}）", " ({})"),
    "leak_l_min": Text("（约 {} L/min）", " (about {} L/min)"),
}
"""Facts that name one of several things of an asset, or how much it is."""
_NEIGHBOUR_ASSETS: Final = Text("相邻设施", "the neighbouring assets")


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The word for a probability: by itself, and before a verb."""

    word: Text
    will: str


def likelihood(probability: float) -> Likelihood:
    """The word for a probability.

    Source:
        IPCC AR6 guidance on uncertainty (Mastrandrea et al. 2010), table 1: likely from 66 %, extremely likely from
        95 %; below 66 % we say "possible" because a work order is raised from 30 % on.
    """
    if probability >= _ALMOST_CERTAIN:
        return Likelihood(Text("几乎确定", "almost certain"), "will almost certainly")
    if probability >= _LIKELY:
        return Likelihood(Text("很可能", "probable"), "will probably")
    return Likelihood(Text("可能", "possible"), "may")


def title(failure_mode: str, place: Text, finding: Finding | None) -> Text:
    """What and where, in one line: "3 号楼 2 单元给水立管(5–12 层)可能在 72 小时内爆管".

    Args:
        failure_mode: Dotted.
        place: The asset's place in the words people use.
        finding: What was found, or None for a work order raised by a person.
    """
    if finding is None:
        name = mode_name(failure_mode)
        return Text(f"{place.zh}：{name.zh}", f"{place.en}: {name.en}")
    if (finding.probability or 0.0) >= _POSSIBLE and finding.horizon_us and failure_mode in _FAILS:
        chance, fails = likelihood(finding.probability or 0.0), _FAILS[failure_mode]
        within = duration(finding.horizon_us / 1e6)
        return Text(
            f"{place.zh}{chance.word.zh}在 {within.zh}内{fails.zh}",
            f"{place.en} {chance.will} {fails.en} within {within.en}",
        )
    facts = finding.evidence.facts if finding.evidence else None
    if failure_mode == "sensor.fault" and facts is not None and is_sensor_fault(facts):
        return sensor_title(place, facts)
    happens, detail = _HAPPENS.get(failure_mode, mode_name(failure_mode)), _detail(finding)
    zh, en = _untwinned(place.zh, happens.zh), _untwinned(place.en, happens.en)
    return Text(f"{place.zh}{zh}{detail.zh}", f"{place.en}: {en}{detail.en}")


def how_sure(finding: Finding | None, timezone: ZoneInfo, now_us: int) -> Text:
    """How sure and how soon, to be read now: number, word, and the interval in the site's zone."""
    if finding is None:
        return Text("人工登记，未经模型判断。", "Raised by a person, not by a model.")
    said = [_chance(finding)] if finding.probability is not None else []
    if finding.time_to_failure is not None:
        said.append(_interval(finding, timezone, now_us))
    if not said:
        at = minute(finding.at_us, timezone, now_us)
        if finding.failure_mode == "sensor.fault":
            return Text(
                spaced(f"不是预测：根据{at.zh} 之前收到的数据判断。"),
                f"Not a forecast: judged by what had arrived {at.en}.",
            )
        return Text(
            spaced(f"不是预测：监测设备报告的是{at.zh} 的实际情况。"),
            f"Not a forecast: this is what the devices reported {at.en}.",
        )
    return Text(spaced("".join(text.zh for text in said)), " ".join(text.en for text in said))


def why(finding: Finding | None) -> Text:
    """One sentence from what weighed most and from how the neighbours are doing."""
    if finding is None or finding.evidence is None:
        return Text("没有随附依据。", "No evidence attached.")
    weighty = _weighty(finding.evidence)
    clauses = [clause(c) for c in weighty]
    neighbours = _neighbours(finding.failure_mode, finding.evidence)
    if neighbours:
        clauses.append(neighbours)
    if not clauses:
        return Text("传感器直接报告了这一情况。", "The sensor reported it directly.")
    this = _THIS.get(_kind(finding.failure_mode), "本设施") if weighty and phrase(weighty[0].name).of_asset else ""
    english = "; ".join(text.en for text in clauses)
    return Text(spaced(this + "，".join(text.zh for text in clauses) + "。"), f"{english[0].upper()}{english[1:]}.")


def counterfactual(finding: Finding | None) -> Text | None:
    """What would have kept it quiet, or None: "若夜间振动不超过平时的 1.8 倍,则不会报警。"."""
    if finding is None or finding.evidence is None or finding.evidence.counterfactual is None:
        return None
    other = finding.evidence.counterfactual
    seen = next((c.value for c in finding.evidence.contributions if c.name == other.name), None)
    name, level = phrase(other.name).name, amount(other.name, other.value, other.unit, seen)
    zh, en = ("不低于", "at or above") if other.over else ("不超过", "at or below")
    return Text(
        spaced(f"若{name.zh}{zh}{level.zh}，则不会报警。"),
        f"Had {in_sentence(name.en)} stayed {en} {level.en}, there would be no alarm.",
    )


def _weighty(evidence: Evidence) -> list[Contribution]:
    """What is worth saying: what a rule names as its cause, then the rest by weight; what is zero says nothing."""
    cause = (evidence.facts or {}).get("cause")
    worth = [c for c in evidence.contributions if c.weight >= _LEAST_WEIGHT and c.value != 0]
    return sorted(worth, key=lambda c: c.name != cause)[:_MOST_CLAUSES]


def _chance(finding: Finding) -> Text:
    probability = finding.probability or 0.0
    word, fails = likelihood(probability).word, _FAILS.get(finding.failure_mode, Text("发生故障", "fail"))
    zh = f"{percent(probability)}（{word.zh}）"
    en = f"{percent(probability)} ({word.en})"
    if not finding.horizon_us:
        return Text(f"{fails.zh}的概率 {zh}。", f"Probability to {fails.en}: {en}.")
    within = duration(finding.horizon_us / 1e6)
    return Text(f"{within.zh}内{fails.zh}的概率 {zh}。", f"Probability to {fails.en} within {within.en}: {en}.")


def _interval(finding: Finding, timezone: ZoneInfo, now_us: int) -> Text:
    times = finding.time_to_failure
    if times is None or times.p50_us - now_us > _FAR_US:
        return Text("最可能在 60 天以后。", "Most likely more than 60 days from now.")
    middle = part_of_day(times.p50_us, timezone, now_us)
    if finding.probability is None:
        fails = _FAILS.get(finding.failure_mode, Text("发生故障", "fail"))
        first = hour(max(times.p10_us, now_us), timezone, now_us)
        return Text(
            f"若不处理，最可能{middle.zh}{fails.zh}，最早{first.zh}。",
            f"If nothing is done it will most likely {fails.en} {middle.en}, at the earliest {first.en}.",
        )
    if times.p10_us <= now_us:
        return Text(f"最可能{middle.zh}，随时可能发生。", f"Most likely {middle.en}; it may happen any time.")
    first = hour(times.p10_us, timezone, now_us)
    return Text(f"最可能{middle.zh}，最早{first.zh}。", f"Most likely {middle.en}, at the earliest {first.en}.")


def _untwinned(place: str, happens: str) -> str:
    """What happens, without the words with which the place already ends: "fire lane" is said once."""
    said = next((n for n in range(len(happens) - 1, 1, -1) if place.lower().endswith(happens[:n].lower())), 0)
    return happens[said:].lstrip()


def _detail(finding: Finding) -> Text:
    """The fact of the evidence that belongs in the title: floor, plate, change, zone."""
    facts = (finding.evidence.facts if finding.evidence else None) or {}
    if "floor" in facts:
        floor = _floor(facts["floor"])
        return Text(f"（{floor} 层附近）", f" (near floor {floor})")
    for name, said in _NAMED.items():
        if name in facts:
            return Text(said.zh.format(facts[name]), said.en.format(facts[name]))
    if "sign" in facts:
        sign = _SIGNS[str(facts["sign"])]
        return Text(f"：{sign.zh}", f": {sign.en}")
    if "rise_percent" in facts:
        rise = number(float(facts["rise_percent"]))
        return Text(
            f"：振动升高 {rise}%，仍在 {facts['iso_zone']} 区",
            f": vibration up {rise}% within zone {facts['iso_zone']}",
        )
    if "iso_zone" in facts:
        return Text(f"：振动进入 {facts['iso_zone']} 区", f": vibration in zone {facts['iso_zone']}")
    return Text("", "")


def _floor(value: float | str) -> str:
    return str(round(value)) if isinstance(value, float | int) else value


def _neighbours(failure_mode: str, evidence: Evidence) -> Text | None:
    """How the neighbours are doing; None when nobody was compared or there is nothing to compare with."""
    over = [_is_over(trace, evidence.threshold) for trace in evidence.neighbours]
    if "logger" in (evidence.facts or {}):
        return _other_loggers(over)
    those = _NEIGHBOURS.get(_kind(failure_mode), _NEIGHBOUR_ASSETS)
    if True in over:
        return Text(f"{those.zh}也偏高", f"{those.en} are high too")
    if False in over:
        return Text(f"{those.zh}正常", f"{those.en} are normal")
    return None


def _other_loggers(over: Sequence[bool | None]) -> Text | None:
    """How the loggers of the same network do whose pressure fell next most."""
    if True in over:
        return Text("邻近测点也偏低", "loggers nearby are low too")
    return Text("其余测点正常", "the other loggers are normal") if False in over else None


def _is_over(trace: Trace, threshold: float | None) -> bool | None:
    limit = trace.high[-1] if trace.high else threshold
    return trace.value[-1] > limit if trace.value and limit is not None else None


def _kind(failure_mode: str) -> str:
    return failure_mode.partition(".")[0]
