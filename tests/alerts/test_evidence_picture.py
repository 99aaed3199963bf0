"""The picture of the evidence: legible, true to the frozen evidence, and drawn for whatever a detector hands over."""

import io
import json
import re
import warnings
from dataclasses import asdict
from typing import Any, get_args
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import font_manager
from PIL import Image

from alerts.evidence_picture import ImageFormat, draw
from alerts.picture.axes import time_ticks
from alerts.picture.labels import LabelPlacer, Spot
from alerts.picture.lines import Line, on_log_scale
from alerts.picture.style import PALETTES, Style
from models.findings import Evidence
from tests.alerts.seeding import NOW_US, bearing, burst, entrapment, parking

SHANGHAI = ZoneInfo("Asia/Shanghai")
SVG = "{http://www.w3.org/2000/svg}"


def evidence(name: str) -> dict[str, Any]:
    """The frozen evidence of a seeded finding, as the API reads it from JSON."""
    found = {"burst": burst(NOW_US), "entrapment": entrapment(NOW_US), "bearing": bearing(NOW_US)}
    finding = found.get(name, parking(NOW_US, ()))
    assert finding.evidence is not None
    return asdict(finding.evidence)


def drawn(seen: dict[str, Any], image_format: ImageFormat = "svg", **look: Any) -> bytes:
    chosen: dict[str, Any] = {"language": "zh", "theme": "light", "width_px": 358, "timezone": SHANGHAI} | look
    return draw(seen, image_format=image_format, **chosen)


def words(svg: bytes) -> list[str]:
    """The texts of an SVG, as the browser will draw them."""
    return [text.text or "" for text in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314 -- our own drawing


def test_a_trend_says_what_everything_is() -> None:
    """Signal, normal band, threshold, forecast and neighbours are labelled in the picture itself."""
    said = words(drawn(evidence("burst")))

    assert said[0] != ""
    for label in ("夜间振动\uff08平时的倍数\uff09", "平时范围", "报警值 3.3×", "预测", "相邻设施"):
        assert label in said


def test_the_crossing_is_said_in_the_sites_time() -> None:
    """The same moment is another hour in another zone."""
    seen = evidence("bearing")

    assert "11 月 21 日 11:00 越过报警值" in words(drawn(seen))
    assert "Crossed 21 Nov 03:00" in words(drawn(seen, language="en", timezone=ZoneInfo("UTC")))


def test_an_event_rule_shows_its_facts_against_the_limit() -> None:
    """A parked car has no signal: the time it stood is a bar with its limit."""
    said = words(drawn(evidence("parking")))

    assert "车辆已停 5 分钟" in said
    assert "限 5 分钟" in said


def test_an_event_rule_with_a_signal_shows_both() -> None:
    """An entrapment shows the car's speed and the facts below it."""
    said = words(drawn(evidence("entrapment")))

    assert "轿厢速度 m/s" in said
    assert "轿厢不在平层区" in said


def test_evidence_without_anything_is_a_sentence() -> None:
    """Nothing to draw is said, not left white."""
    assert words(drawn(asdict(Evidence()))) == ["没有可画的信号。"]


@pytest.mark.parametrize("name", ["burst", "entrapment", "bearing", "parking"])
@pytest.mark.parametrize("width_px", [280, 358, 700])
def test_letters_are_12_px_or_more_and_inside(name: str, width_px: int) -> None:
    """No label is smaller than 12 px or begins outside the picture."""
    for text in ET.fromstring(drawn(evidence(name), width_px=width_px)).iter(f"{SVG}text"):  # noqa: S314 -- our own drawing
        size = re.search(r"font-size: ([\d.]+)px", text.get("style", ""))
        assert size is not None
        assert float(size.group(1)) >= 12
        moved = re.search(r"translate\(([\d.-]+)", text.get("transform", ""))
        assert 0 <= float(text.get("x") or (moved.group(1) if moved else "nan")) <= width_px


def test_the_same_evidence_gives_the_same_bytes() -> None:
    """A picture has no date and no random ids, so that a browser's copy stays good."""
    assert drawn(evidence("burst")) == drawn(evidence("burst"))


def test_the_theme_is_the_pages() -> None:
    """Dark pictures stand on the dark surface."""
    assert PALETTES["dark"].surface.encode() in drawn(evidence("burst"), theme="dark")
    assert PALETTES["dark"].surface.encode() not in drawn(evidence("burst"), theme="light")


def test_a_png_is_sharp_on_a_phone() -> None:
    """It has two pixels for each of the page's."""
    image = Image.open(io.BytesIO(drawn(evidence("burst"), "png", width_px=358)))

    assert image.width == 2 * 358
    assert image.height < 2 * 300


@pytest.mark.parametrize("image_format", get_args(ImageFormat))
def test_without_a_chinese_font_nothing_breaks(image_format: ImageFormat, monkeypatch: pytest.MonkeyPatch) -> None:
    """An SVG still says it in Chinese, a PNG in English, and neither warns."""
    monkeypatch.setattr(font_manager, "get_font_names", lambda: ["DejaVu Sans"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = drawn(evidence("burst"), image_format)

    if image_format == "svg":
        assert "平时范围" in words(made)
    else:
        assert made == drawn(evidence("burst"), "png", language="en")


def test_silence_breaks_the_line() -> None:
    """Between two points far apart nothing is drawn: nobody knows what was there."""
    at_s = [0, 60, 120, 180, 3600, 3660]
    line = Line({"at_us": [s * 1_000_000 for s in at_s], "value": [1.0] * 6, "low": [0.0] * 6, "high": [2.0] * 6})

    assert np.isnan(line.y).tolist() == [False] * 4 + [True] + [False] * 2
    assert np.isnan(line.low).sum() == np.isnan(line.high).sum() == 1


def test_a_ratio_is_drawn_so_that_twice_and_half_are_equally_far() -> None:
    """A plain ratio gets the same picture as its logarithm, one that touches zero stays as it is."""
    logged = evidence("burst")
    plain = json.loads(json.dumps(logged))
    for trace in (plain["signal"], *plain["neighbours"]):
        trace |= {key: np.exp(trace[key]).tolist() for key in ("value", "low", "high")}
        trace["name"] = "night_vibration_ratio"
    plain["forecast"] |= {key: np.exp(plain["forecast"][key]).tolist() for key in ("p10", "p50", "p90")}
    plain["threshold"] = float(np.exp(logged["threshold"]))

    assert words(drawn(plain)) == words(drawn(logged))
    plain["signal"]["value"][0] = 0.0
    assert on_log_scale(plain) is plain


def test_a_steep_forecast_does_not_flatten_what_was_seen() -> None:
    """Whatever is forecast, the signal keeps nearly a third of the whole picture's height."""
    seen = evidence("bearing")
    last_us = seen["signal"]["at_us"][-1]
    days = [last_us + d * 86_400_000_000 for d in range(1, 8)]
    seen["forecast"] = {"at_us": days} | {key: [10.0**d for d in range(7)] for key in ("p10", "p50", "p90")}
    svg = ET.fromstring(drawn(seen))  # noqa: S314 -- our own drawing
    lines = [path.get("d", "") for path in svg.iter(f"{SVG}path") if "stroke-width: 2.2" in path.get("style", "")]
    heights = [float(y) for y in re.findall(r"[ML] [\d.]+ ([\d.]+)", lines[0])]

    assert max(heights) - min(heights) > 0.3 * float(svg.get("height", "0"))


@given(st.floats(120, 400 * 86_400), st.floats(0, 4e9), st.sampled_from([280, 358, 700, 1200]))
def test_the_time_axis_has_a_few_round_times(span_s: float, start_s: float, width_px: int) -> None:
    """Over any span there are one to a dozen ticks, ascending, at whole minutes, with a day among the labels."""
    style = Style("en", PALETTES["light"], width_px, SHANGHAI)
    times, labels = time_ticks(start_s, start_s + span_s, style)

    assert 1 <= len(times) <= width_px // 40
    assert times == sorted(times)
    assert all(time % 60 == 0 for time in times)
    assert re.search(r"[A-Z][a-z]{2}", labels[0])


_SPOTS = st.lists(
    st.builds(Spot, st.floats(0, 300), st.floats(0, 200), st.sampled_from(["left", "right", "center"])), min_size=1
)


@given(st.lists(st.tuples(st.text("报警值 12.5abc", min_size=1, max_size=12), _SPOTS), min_size=1, max_size=5))
def test_labels_stay_in_the_frame(wanted: list[tuple[str, list[Spot]]]) -> None:
    """Wherever a label would like to be, it is put where it is seen."""
    placer = LabelPlacer(0, 300, 0, 200, 12.5)
    placed = [placer.place(text, spots) for text, spots in wanted]

    assert all(0 <= spot.x <= 300 and 0 <= spot.y <= 200 for spot in placed)


def test_a_label_avoids_lines_and_labels() -> None:
    """It takes the first spot that is free of both."""
    placer = LabelPlacer(0, 300, 0, 200, 12.5)
    placer.avoid_line(np.array([0.0, 300.0]), np.array([100.0, 100.0]))
    first = placer.place("报警值", [Spot(10, 100, "left"), Spot(10, 50, "left")])
    second = placer.place("预测", [Spot(20, 50, "left"), Spot(200, 50, "left")])

    assert (first.y, second.x) == (50, 200)


_VALUES = st.floats(-1e6, 1e6)


@st.composite
def _evidences(draw_one: st.DrawFn) -> dict[str, Any]:
    steps = draw_one(st.lists(st.integers(1, 10**12), min_size=1, max_size=6))
    at_us = [NOW_US + sum(steps[: i + 1]) for i in range(len(steps))]
    value = draw_one(st.lists(_VALUES, min_size=len(at_us), max_size=len(at_us)))
    name, unit = draw_one(st.sampled_from([("night_vibration_ratio", "1"), ("pressure_kpa", "kPa"), ("odd", "bool")]))
    trace = {"name": name, "unit": unit, "at_us": at_us, "value": value, "low": [], "high": [], "asset": "a"}
    if draw_one(st.booleans()):
        trace |= {"low": [v - 1 for v in value], "high": [v + 1 for v in value]}
    silent = trace | {"at_us": [], "value": [], "low": [], "high": []}
    ahead = {"at_us": [at_us[-1], at_us[-1] + 10**10], "p10": [0.0, 1.0], "p50": [0.0, 2.0], "p90": [0.0, 1e5]}
    return {
        "signal": trace,
        "threshold": draw_one(st.none() | _VALUES),
        "crossed_us": draw_one(st.none() | st.sampled_from(at_us)),
        "forecast": draw_one(st.none() | st.just(ahead)),
        "neighbours": draw_one(st.sampled_from([[], [trace], [silent], [silent, trace]])),
        "contributions": [{"name": "odd", "value": value[0], "unit": "kPa", "usual": None, "weight": 1.0}],
        "counterfactual": {"name": "odd", "value": 0.0, "unit": "kPa", "over": False},
    }


@settings(max_examples=40)
@given(_evidences())
def test_whatever_a_detector_hands_over_can_be_drawn(seen: dict[str, Any]) -> None:
    """One point, a flat line, a jump of millions, a neighbour without points: always a picture."""
    assert words(drawn(seen))
