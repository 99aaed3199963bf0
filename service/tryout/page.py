"""Page: a trial as one HTML file that needs nothing else: open it, send it, print it."""

import json
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final

from alerts.words.names import mode_name
from alerts.words.quantities import QUANTITY_NAMES
from ingest.registry import Text
from service.tryout.page_data import VERDICT_NAMES, Told, page_data, place
from service.tryout.page_words import FLAW_NAMES, headline, lead, tiles

_FOLDER: Final = Path(__file__).parent / "page"
_MARKS: Final = {"I": "▲", "II": "◆", "III": "●"}
"""A level is a colour, a word and a shape, never a colour alone; as on the crew page."""
_SHOW: Final = Text("在图中查看", "Show in the chart")


def page(told: Told, mapping: str, footer: Text) -> str:
    """The page's text.

    Args:
        told: What is shown.
        mapping: The mapping that was used, as TOML.
        footer: When, by what version, with which thresholds.
    """
    data = page_data(told)
    return Template((_FOLDER / "page.html").read_text(encoding="utf-8")).substitute(
        title=escape(f"Precomplaint · {told.name}"),
        name=escape(told.name),
        style=(_FOLDER / "page.css").read_text(encoding="utf-8"),
        script=(_FOLDER / "page.js").read_text(encoding="utf-8"),
        headline=both(headline(told)),
        lead=both(lead(told)),
        tiles="".join(_tile(*tile) for tile in tiles(told)),
        legend=_legend(told),
        orders="\n".join(_orders(data["orders"])) or _no_orders(),
        watched="".join(_watched(told)),
        flaws=_flaws(told),
        mapping=escape(mapping),
        footer=both(footer),
        # A closing tag inside the data would end the script element.
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("</", "<\\/"),
    )


def both(text: Text) -> str:
    """A text in both languages, of which the page shows one."""
    return f'<span lang="zh">{escape(text.zh)}</span><span lang="en">{escape(text.en)}</span>'


def _tile(name: Text, value: Text, note: Text) -> str:
    return f'<div class="tile"><dt>{both(name)}</dt><dd>{both(value)}</dd><p>{both(note)}</p></div>'


def _legend(told: Told) -> str:
    kinds = [
        ('style="background:var(--accent)"', Text("信号（均值与范围）", "signal: mean, least to greatest")),
        ('style="background:var(--muted);opacity:.35"', Text("工单持续期间", "while an order stands")),
    ]
    if told.faults:
        kinds.append(('style="background:var(--good)"', Text("标注的故障", "fault by the labels")))
    return "".join(f"<span><i {style}></i>{both(name)}</span>" for style, name in kinds)


def _orders(orders: Iterable[dict[str, Any]]) -> Iterator[str]:
    for index, order in enumerate(orders):
        yield f'<article class="panel order-card level-{order["level"]}" id="order-{order["number"]}">'
        yield f'<div class="head"><span class="badge">{_MARKS[order["level"]]} {_said(order["level_name"])}</span>'
        yield f"<span>#{order['number']}</span>{_verdict(order['right'])}"
        yield f'<button type="button" data-show="{index}">{both(_SHOW)}</button></div>'
        yield f"<h3>{_said(order['title'])}</h3><div>"
        yield f'<p class="muted">{_said(order["course"])}</p>'
        yield f"<p>{_said(order['sure'])}</p><p>{_said(order['why'])}</p>"
        if order["otherwise"]:
            yield f'<p class="muted">{_said(order["otherwise"])}</p>'
        yield f"<details><summary>{both(Text('怎么处理', 'What the crew would be told to do'))}</summary>"
        yield from (f'<p class="warning">{_said(warning)}</p>' for warning in order["warnings"])
        yield "<ol>" + "".join(f"<li>{_said(step)}</li>" for step in order["steps"]) + "</ol></details></div>"
        if order["pictures"]:
            yield f'<figure><img data-order="{index}" alt="{escape(order["why"]["en"])}"></figure>'
        yield "</article>"


def _verdict(right: bool | None) -> str:  # noqa: FBT001 -- what it says of an order
    if right is None:
        return ""
    kind, text = ("right", Text("与标注相符", "as labelled")) if right else ("wrong", Text("误报", "false alarm"))
    return f'<span class="{kind}">{"✓" if right else "✗"} {both(text)}</span>'


def _no_orders() -> str:
    text = Text(
        "按出厂阈值，这段录制不会产生任何工单。下表说明哪些故障真正看过。",
        "With the thresholds as shipped, this recording would not have raised a single work order. The table below "
        "says what was really watched for.",
    )
    return f'<div class="panel"><p>{both(text)}</p></div>'


def _watched(told: Told) -> Iterator[str]:
    several = len(told.recordings.registry.assets) > 1  # of one alone the page speaks anyway
    heads = (
        *([Text("设施", "Asset")] if several else []),
        Text("故障", "Failure mode"),
        Text("结果", "What came of it"),
        Text("最高判定值", "Highest score"),
    )
    yield "<tr>" + "".join(f"<th>{both(head)}</th>" for head in heads) + "</tr>"
    for one in told.judgement.watched:
        names = (*([place(told, one.asset)] if several else []), mode_name(one.failure_mode))
        if one.lacking:
            needed = [
                " / ".join(sorted(QUANTITY_NAMES[m].en for m in need if m in QUANTITY_NAMES)) for need in one.lacking
            ]
            wanted = [
                " / ".join(sorted(QUANTITY_NAMES[m].zh for m in need if m in QUANTITY_NAMES)) for need in one.lacking
            ]
            outcome = Text(
                f"看不了：缺少 {'；'.join(_some(w) for w in wanted)}",
                f"could not: needs {'; and '.join(_some(n) for n in needed)}",
            )
        else:
            said = [(VERDICT_NAMES[verdict], count) for verdict, count in one.verdicts.items()]
            outcome = Text(
                "，".join(f"{name.zh} {count:,} 次" for name, count in said) or "没有判定",
                ", ".join(f"{name.en} {count:,}×" for name, count in said) or "nothing was said",
            )
        highest = "–" if one.highest is None else f"{one.highest:.2f}"
        cells = "".join(f"<td>{both(text)}</td>" for text in (*names, outcome))
        yield f"<tr>{cells}<td>{highest}</td></tr>"


def _some(names: str) -> str:
    """The first few of a list that may be long."""
    parts = names.split(" / ")
    return " / ".join(parts[:3]) + (" …" if len(parts) > 3 else "")  # noqa: PLR2004 -- as many as one takes in


def _flaws(told: Told) -> str:
    alike: dict[str, list[str]] = {}  # by what is to be said of them: the signals
    for flaw in (flaw for signal in told.recordings.signals for flaw in signal.flaws):
        alike.setdefault(both(FLAW_NAMES[flaw.flaw](flaw)), []).append(flaw.signal)
    rows = [f"<tr><td>{escape(', '.join(names))}</td><td>{said}</td></tr>" for said, names in alike.items()] + [
        f"<tr><td>{escape(column)}</td><td>{both(_bad(cells.count, cells.shown))}</td></tr>"
        for column, cells in told.recordings.bad_cells.items()
    ]
    if not rows:
        text = Text(
            "没有发现缺口、重复、乱序、卡死或超量程。", "No gaps, repetitions, disorder, stuck or impossible values."
        )
        return f"<p>{both(text)}</p>"
    return f"<table>{''.join(rows)}</table>"


def _bad(count: int, shown: Iterable[tuple[int, str]]) -> Text:
    examples = ", ".join(f"row {row}: {text!r}" for row, text in shown)
    return Text(
        f"{count:,} 个单元格无法识别，已跳过（{examples}）",
        f"{count:,} cells could not be read and were left out ({examples})",
    )


def _said(text: dict[str, str]) -> str:
    return both(Text(**text))
