"""How the crew's page looks: legible, reachable, never wider than the screen, and one sheet on paper."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from alerts.picture.style import PALETTES
from alerts.words import names
from tests.alerts.crew_page import BURST, ENTRAPMENT, PARKING, Crew, serving
from tests.browser import chromium, phone
from tests.servers import wait_until

pytestmark = pytest.mark.needs("chromium")

# Every element with words of its own, with what one sees of it. A colour may lie on a see-through ancestor.
_TEXTS = """() => {
  const solid = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (colour !== 'rgba(0, 0, 0, 0)' && colour !== 'transparent') return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll('body *')].filter((element) =>
    !['SCRIPT', 'NOSCRIPT', 'OPTION'].includes(element.tagName) && element.checkVisibility() &&
    [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()),
  ).map((element) => {
    const style = getComputedStyle(element);
    return { words: element.textContent.trim().slice(0, 40), size: parseFloat(style.fontSize),
             weight: Number(style.fontWeight), colour: style.color, ground: solid(element) };
  });
}"""
_TARGETS = """() => [...document.querySelectorAll('a, button, input, textarea, label.button')]
  .filter((element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && !element.classList.contains('skip'))
  .map((element) => {
    const box = (element.closest('label') ?? element).getBoundingClientRect();
    return { what: element.outerHTML.slice(0, 80), width: box.width, height: box.height };
  })"""
_NAMELESS = """() => [
  ...[...document.querySelectorAll('button, a, input, textarea')].filter((element) =>
    element.checkVisibility() &&
    !(element.textContent.trim() || element.getAttribute('aria-label') || element.labels?.length)),
  ...[...document.querySelectorAll('img')].filter((image) => !image.alt),
].map((element) => element.outerHTML)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    """One served app for all tests here: they only look."""
    with serving(tmp_path_factory.mktemp("look")) as served:
        yield served


def opened(page: Page, crew: Crew, order: int | None = None, language: str = "zh") -> Page:
    """The list, or an order of it, with everything on the screen."""
    page.add_init_script(f"localStorage.setItem('language', '{language}'); localStorage.setItem('who', '王师傅')")
    page.goto(crew.url if order is None else f"{crew.url}/#/orders/{order}")
    expect(page.locator(".card").first if order is None else page.locator("article h1")).to_be_visible()
    if order is not None:
        wait_until(
            lambda: page.evaluate("document.querySelector('.evidence img').naturalWidth > 0"), what="the picture"
        )
    return page


def luminance(colour: str) -> float:
    """Relative luminance of `rgb(r, g, b)`. Source: WCAG 2.2, relative luminance."""
    channels = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21. Source: WCAG 2.2, contrast ratio."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def faint(page: Page) -> list[tuple[str, float]]:
    """Words under the contrast that AA asks for at their size. Source: WCAG 2.2, 1.4.3."""
    found = []
    for text in page.evaluate(_TEXTS):
        large = text["size"] >= 24 or (text["size"] >= 18.66 and text["weight"] >= 700)
        ratio = contrast(text["colour"], text["ground"])
        if ratio < (3.0 if large else 4.5):
            found.append((text["words"], round(ratio, 2)))
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_word_has_enough_contrast(browser: Browser, crew: Crew, theme: Any) -> None:
    """In both themes the list, an order with its warnings, and the dialogs pass AA."""
    with phone(browser, color_scheme=theme) as page:
        opened(page, crew)
        assert faint(page) == []
        opened(page, crew, ENTRAPMENT)
        assert len(page.evaluate(_TEXTS)) > 40
        assert faint(page) == []
        page.get_by_role("button", name="更多操作").click()
        assert faint(page) == []


@pytest.mark.parametrize("width_px", [320, 390, 1440])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_wider_than_the_screen(browser: Browser, crew: Crew, width_px: int, language: str) -> None:
    """Neither list nor orders scroll sideways, on the smallest phone neither."""
    with phone(browser, width_px) as page:
        for order in (None, BURST, PARKING):
            opened(page, crew, order, language)
            wider = page.evaluate("[document.documentElement, ...document.querySelectorAll('#list, #content')]"
                                  ".map((element) => element.scrollWidth - element.clientWidth)")  # fmt: skip

            assert max(wider) <= 0, (order, wider)


def test_text_is_16_px_or_more_and_targets_48_px(browser: Browser, crew: Crew) -> None:
    """Gloved thumbs and reading glasses: on the list, in an order and in its dialog."""
    with phone(browser) as page:
        for order in (None, PARKING):
            opened(page, crew, order)
            if order:
                page.get_by_role("button", name="更多操作").click()
            small = [text for text in page.evaluate(_TEXTS) if text["size"] < 16]
            tight = [t for t in page.evaluate(_TARGETS) if min(t["width"], t["height"]) < 48]

            assert small == []
            assert tight == []


def test_everything_that_can_be_touched_has_a_name(browser: Browser, crew: Crew) -> None:
    """A screen reader finds a name on every control and a text on every picture."""
    with phone(browser, 1440) as page:
        opened(page, crew, PARKING)

        assert page.evaluate(_NAMELESS) == []


def test_a_level_is_a_colour_a_shape_and_a_word(browser: Browser, crew: Crew) -> None:
    """The three levels differ in each of the three, so that none is told by colour alone."""
    with phone(browser) as page:
        opened(page, crew)
        badges = page.evaluate("""[...document.querySelectorAll('.card .badge')].map((badge) => [badge.textContent,
            badge.querySelector('use').getAttribute('href'), getComputedStyle(badge).color])""")
        distinct = [set(column) for column in zip(*badges, strict=True)]

    assert [len(values) for values in distinct] == [3, 3, 3]


def test_list_and_order_stand_side_by_side_on_a_desk(browser: Browser, crew: Crew) -> None:
    """At 1440 px the list is left of the order and both are on the screen."""
    with phone(browser, 1440) as page:
        opened(page, crew, BURST)
        card, title = page.locator(".card").first.bounding_box(), page.locator("article h1").bounding_box()

    assert card is not None
    assert title is not None
    assert card["x"] + card["width"] <= title["x"]
    assert title["y"] < 300


def test_the_next_step_is_always_in_reach_of_the_thumb(browser: Browser, crew: Crew) -> None:
    """The main button is on the screen without scrolling, in the lowest fifth of it."""
    with phone(browser) as page:
        opened(page, crew, BURST)
        box = page.locator(".actions .primary").bounding_box()

    assert box is not None
    assert box["y"] > 0.8 * 844
    assert box["y"] + box["height"] <= 844


@pytest.mark.parametrize("order", [BURST, ENTRAPMENT, PARKING])
def test_an_order_prints_on_one_sheet(browser: Browser, crew: Crew, order: int) -> None:
    """One A4 page with the picture and room to sign, also from a dark screen."""
    with phone(browser, color_scheme="dark") as page:
        opened(page, crew, order)
        sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))
        page.emulate_media(media="print")

        assert len(sheets) == 1
        expect(page.locator(".evidence img")).to_be_visible()
        expect(page.locator(".sign")).to_contain_text("签字")
        expect(page.locator(".actions")).to_be_hidden()
        assert luminance(page.evaluate("getComputedStyle(document.querySelector('h1')).color")) < 0.1


def test_nothing_is_fetched_from_outside(browser: Browser, crew: Crew) -> None:
    """Every request goes to the service itself."""
    with phone(browser) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        opened(page, crew, PARKING)

    assert len(asked) > 15
    assert [url for url in asked if not url.startswith(crew.url)] == []


def test_the_page_and_the_api_use_the_same_names(browser: Browser, crew: Crew) -> None:
    """States, levels and outcomes of the page are those of `alerts.words`, in both languages."""
    with phone(browser) as page:
        page.goto(crew.url)
        said = page.evaluate(
            "import('/page/words.js').then(({ STATES, LEVELS, OUTCOMES }) => [STATES, LEVELS, OUTCOMES])"
        )
    tables = (names.STATE_NAMES, names.LEVEL_NAMES, names.OUTCOME_NAMES)

    assert said == [{key: [text.zh, text.en] for key, text in table.items()} for table in tables]


def test_every_text_of_the_page_is_in_both_languages(browser: Browser, crew: Crew) -> None:
    """Each entry has Chinese and English with the same places to fill, and Chinese punctuation in Chinese."""
    with phone(browser) as page:
        page.goto(crew.url)
        texts = page.evaluate("import('/page/words.js').then(({ TEXTS, MOVES }) => ({ ...TEXTS, ...MOVES }))")
    places = {key: [sorted(re.findall(r"\{\w+\}", text)) for text in pair] for key, pair in texts.items()}

    assert all(len(pair) == 2 and all(pair) for pair in texts.values())
    assert [key for key, (zh, en) in places.items() if zh != en] == []
    assert [zh for zh, _ in texts.values() if re.search(r"[\u4e00-\u9fff][,:;?!(]", zh)] == []


def test_the_picture_has_the_pages_colours() -> None:
    """The palettes of the evidence picture are the custom properties of the style sheet."""
    css = (Path(__file__).parents[2] / "alerts/page/page.css").read_text(encoding="utf-8")
    light, dark = css.split("@media screen and (prefers-color-scheme: dark)")[:2]

    for sheet, palette in ((light, PALETTES["light"]), (dark, PALETTES["dark"])):
        colours = asdict(palette) | {"accent": palette.signal}
        for name in ("surface", "ink", "muted", "line", "accent", "danger"):
            assert f"--{name}: {colours[name]};" in sheet
