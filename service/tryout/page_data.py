"""Page data: what the page of a trial draws and says, as plain JSON values in both languages."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from alerts.evidence_picture import draw
from alerts.picture.style import Language, Theme
from alerts.policy.modes import mode_of
from alerts.words.contributions import phrase
from alerts.words.moments import local
from alerts.words.names import LEVEL_NAMES, mode_name
from alerts.words.quantities import QUANTITY_NAMES, unit_sign
from alerts.words.sentences import counterfactual, how_sure, title, why
from alerts.words.steps import bring, steps, warnings
from ingest.metrics import METRICS
from ingest.registry import Text
from models.findings import Verdict
from service.tryout.judgement import Judgement, Order, Watched
from service.tryout.recordings import Recordings, Signal
from service.tryout.truth import Fault, Score, is_right

_STRETCHES: Final = 1_600
"""A desk's chart is 1,200 px wide; a little more lets one zoom in once."""
_MOST_PICTURES: Final = 40
_PICTURE_PX: Final = 480


@dataclass(frozen=True, slots=True)
class Told:
    """All that is known of a trial.

    Attributes:
        name: What the recording is called.
        recordings: What was recorded.
        judgement: What the detectors made of it.
        faults: What was wrong, by labels; None where nobody says.
        score: How orders stand beside the faults, likewise.
    """

    name: str
    recordings: Recordings
    judgement: Judgement
    faults: tuple[Fault, ...] | None
    score: Score | None


def page_data(told: Told) -> dict[str, Any]:
    """Everything the page's script draws; times in milliseconds since the epoch, as browsers count."""
    first_us, last_us = told.recordings.span_us
    zone = next(iter(told.recordings.registry.sites.values())).timezone
    return {
        "name": told.name,
        "zone": zone.key,
        "span": [_ms(first_us), _ms(last_us)],
        "signals": [_signal(signal, first_us, last_us) for signal in told.recordings.signals],
        "lanes": [lane for watched in told.judgement.watched if (lane := _lane(watched, told)) is not None],
        "faults": [[_ms(f.from_us), _ms(f.until_us)] for f in told.faults or ()],
        "orders": [_order(n, order, told) for n, order in enumerate(told.judgement.orders)],
    }


def said(text: Text) -> dict[str, str]:
    """A text in both languages."""
    return {"zh": text.zh, "en": text.en}


def place(told: Told, asset: str) -> Text:
    """An asset in the words people use."""
    return told.recordings.registry.assets[asset].place


def course(order: Order, zone: ZoneInfo) -> Text:
    """When an order would have been raised, and from when on it was as urgent as it became."""
    moments = [f"{local(at_us, zone):%Y-%m-%d %H:%M}" for at_us in (order.raised_us, order.urgent_us)]
    if order.raised_as is order.level:
        return Text(f"生成于 {moments[0]}", f"raised {moments[0]}")
    first, then = LEVEL_NAMES[str(order.raised_as)], LEVEL_NAMES[str(order.level)]
    return Text(
        f"生成于 {moments[0]}（{first.zh}），{moments[1]} 升为{then.zh}",
        f"raised {moments[0]} as {first.en}, {then.en} from {moments[1]}",
    )


def _signal(signal: Signal, first_us: int, last_us: int) -> dict[str, Any]:
    """Least, greatest and mean value in each stretch of time; nothing where nothing was recorded."""
    at_us, value = signal.series.at_us, signal.series.value
    step_us = max(1, -(-(last_us - first_us + 1) // _STRETCHES))
    stretch, starts = np.unique((at_us - first_us) // step_us, return_index=True)
    low, high = np.minimum.reduceat(value, starts), np.maximum.reduceat(value, starts)
    mean = np.add.reduceat(value, starts) / np.diff(np.r_[starts, value.size])
    named = QUANTITY_NAMES.get(signal.metric, Text(signal.metric, signal.metric))
    return {
        "name": signal.name,
        "label": said(named),
        "unit": unit_sign(METRICS[signal.metric].unit),
        "step": step_us / 1e3,
        "at": stretch.tolist(),
        "low": _short(low),
        "high": _short(high),
        "mean": _short(mean),
    }


def _lane(watched: Watched, told: Told) -> dict[str, Any] | None:
    """A detector's scores over time; None where it never gave one or is always calm."""
    raise_at = mode_of(watched.failure_mode).raise_at.default
    if watched.highest is None or watched.highest < raise_at / 2:
        return None
    return {
        "label": said(mode_name(watched.failure_mode)),
        "place": said(place(told, watched.asset)),
        "raise": raise_at,
        "at": [_ms(at_us) for at_us, _ in watched.scores],
        "score": [round(score, 3) for _, score in watched.scores],
    }


def _order(number: int, order: Order, told: Told) -> dict[str, Any]:
    finding = order.finding
    registry = told.recordings.registry
    zone = registry.sites[registry.assets[finding.asset].site].timezone
    facts = (finding.evidence.facts if finding.evidence else None) or {}
    kind = str(facts.get("kind", ""))
    otherwise = counterfactual(finding)
    verdict = None if told.faults is None else is_right(order, told.faults)
    return {
        "number": number + 1,
        "level": str(order.level),
        "level_name": said(LEVEL_NAMES[str(order.level)]),
        "mode": said(mode_name(finding.failure_mode)),
        "place": said(place(told, finding.asset)),
        "title": said(title(finding.failure_mode, place(told, finding.asset), finding)),
        "course": said(course(order, zone)),
        "sure": said(how_sure(finding, zone, order.raised_us)),
        "why": said(why(finding)),
        "otherwise": otherwise and said(otherwise),
        "steps": [said(one) for one in steps(finding.failure_mode, kind)],
        "bring": [said(one) for one in bring(finding.failure_mode, kind)],
        "warnings": [said(one) for one in warnings(finding.failure_mode, kind)],
        "contributions": [
            said(phrase(c.name).name) for c in (finding.evidence.contributions if finding.evidence else ())
        ],
        "started": _ms(order.started_us),
        "raised": _ms(order.raised_us),
        "ended": order.ended_us and _ms(order.ended_us),
        "right": verdict,
        "pictures": _pictures(order, zone) if number < _MOST_PICTURES and finding.evidence else {},
    }


def _pictures(order: Order, zone: ZoneInfo) -> dict[str, str]:
    """The evidence as the crew page shows it, in each language and theme, as data URLs."""
    evidence = msgspec.json.decode(msgspec.json.encode(order.finding.evidence))
    languages: Sequence[Language] = ("zh", "en")
    themes: Sequence[Theme] = ("light", "dark")
    return {
        f"{language}-{theme}": "data:image/svg+xml;base64,"
        + base64.b64encode(
            draw(evidence, language=language, theme=theme, width_px=_PICTURE_PX, image_format="svg", timezone=zone)
        ).decode()
        for language in languages
        for theme in themes
    }


VERDICT_NAMES: Final = {
    Verdict.SCORED: Text("有判定", "judged"),
    Verdict.TOO_EARLY: Text("学习中", "learning"),
    Verdict.UNKNOWN: Text("无有效数据", "no valid data"),
    Verdict.NOT_APPLICABLE: Text("不适用", "not applicable"),
}


def _ms(at_us: int) -> int:
    return round(at_us / 1e3)


def _short(values: np.ndarray) -> list[float]:
    return [float(f"{value:.5g}") for value in values.tolist()]
