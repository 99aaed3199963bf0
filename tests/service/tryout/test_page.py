"""Page: one file that draws itself in a real browser, in both languages, on a phone and on a desk."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ingest.registry import Text
from service.tryout.page import page
from service.tryout.page_data import page_data
from tests.browser import chromium, phone
from tests.service.tryout.recorded import riser_table, write
from tests.service.tryout.test_trial import tried

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("page")
    told = tried(riser_table(folder / "riser.csv"))
    return write(folder / "page.html", page(told, "[time]", Text("脚注", "foot")), []).as_uri()


def opened(page_: Page, address: str) -> Page:
    page_.goto(address)
    expect(page_.locator("#chart svg")).to_be_visible()
    return page_


@pytest.mark.parametrize("width", [390, 1440])
def test_it_draws_signals_orders_and_faults_without_scrolling_sideways(
    browser: Browser, address: str, width: int
) -> None:
    """Every signal has its line, each order its flag, the labels their bar, and nothing is wider than the screen."""
    with phone(browser, width, locale="en-GB") as screen:
        drawn = opened(screen, address)
        counts = [drawn.locator(f"#chart {what}").count() for what in (".mean", ".flag-dot", ".fault")]
        wide = drawn.evaluate("document.documentElement.scrollWidth")

    assert counts[0] >= 1
    assert counts[1:] == [1, 1]
    assert wide <= width


def test_it_speaks_the_readers_language_and_changes_it(browser: Browser, address: str) -> None:
    """A Chinese browser reads Chinese; one tap and it is English, pictures and chart included."""
    with phone(browser, locale="zh-CN") as screen:
        drawn = opened(screen, address)
        before = drawn.locator("h1").inner_text(), drawn.locator("img[data-order]").get_attribute("src")
        drawn.locator("#language").click()
        after = drawn.locator("h1").inner_text(), drawn.locator("img[data-order]").get_attribute("src")

    assert "工单" in before[0]
    assert "work order" in after[0]
    assert before[1] != after[1]


def test_one_can_look_closer_and_back(browser: Browser, address: str) -> None:
    """Dragging over a stretch shows it, and a button shows the whole again."""
    with phone(browser, 1440, locale="en-GB") as screen:
        drawn = opened(screen, address)
        box = drawn.locator("#chart").bounding_box()
        assert box is not None
        drawn.mouse.move(box["x"] + 200, box["y"] + 100)
        drawn.mouse.down()
        drawn.mouse.move(box["x"] + 500, box["y"] + 100)
        drawn.mouse.up()
        closer = drawn.locator("#whole").is_visible()
        drawn.locator("#whole").click()

        assert closer
        expect(drawn.locator("#whole")).to_be_hidden()


def test_it_needs_nothing_from_anywhere(browser: Browser, address: str) -> None:
    """Opened without a network it asks for nothing but itself."""
    asked: list[str] = []
    with phone(browser) as screen:
        screen.on("request", lambda request: asked.append(request.url))
        opened(screen, address)

    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def test_a_name_cannot_end_the_script(tmp_path: Path) -> None:
    """A column called like a closing tag stays data."""
    table = riser_table(tmp_path / "riser.csv")
    named = table.read_text(encoding="utf-8").replace("pipe vibration (um/s2)", "</script><b>pipe vibration (um/s2)", 1)
    table.write_text(named, encoding="utf-8")
    told = tried(table)

    assert page_data(told)["signals"][0]["name"].startswith("</script>")
    assert page(told, "", Text("", "")).count("</script>") == 2


def test_on_a_phone_no_word_of_a_table_is_torn(browser: Browser, address: str) -> None:
    """The names of failure modes stand in one line each, and of one asset alone its name is not told in every row."""
    with phone(browser, 390, locale="en-GB") as screen:
        drawn = opened(screen, address)
        heads = drawn.locator("table").first.locator("th").all_inner_texts()
        heights = drawn.evaluate(
            "[...document.querySelectorAll('table:first-of-type td:first-child')].map(c => c.offsetHeight)"
        )

    assert heads == ["Failure mode", "What came of it", "Highest score"]
    assert max(heights) < 120
