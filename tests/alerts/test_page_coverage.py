"""The crew page's quiet place: what nobody is watching right now."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.alerts.crew_page import Crew, serving
from tests.browser import chromium, phone

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    with serving(tmp_path) as served:
        yield served


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with phone(browser, timezone_id="Asia/Shanghai", locale="zh-CN") as opened:
        yield opened


def test_what_nobody_watches_is_folded_away_below_the_orders(crew: Crew, page: Page) -> None:
    """A leader who opens it reads place, mode and reason; it stands below the orders and covers none of them."""
    page.goto(crew.url)
    fold = page.locator(".coverage")
    expect(fold.locator("summary")).to_have_text("4 处设施此刻无人看守")
    expect(fold.locator("li").first).to_be_hidden()
    fold.locator("summary").click()
    last = page.locator(".cards li").last.bounding_box()
    box = fold.bounding_box()

    assert last is not None
    assert box is not None
    assert box["y"] >= last["y"] + last["height"]
    expect(fold.locator("li").first).to_contain_text("2 号楼 1 号电梯")
    expect(fold.locator("li").first).to_contain_text("电梯困人")
    expect(fold.locator("li").first).to_contain_text("elevator-2-1-sensor 已登记但从未上报")


def test_it_speaks_the_readers_language_and_is_left_out_of_the_closed_orders(crew: Crew, page: Page) -> None:
    """In English it says the same; beside the closed orders nobody asked for it."""
    page.goto(crew.url)
    page.get_by_role("button", name="Switch to English").click()
    expect(page.locator(".coverage summary")).to_have_text("Not being watched now: 4")
    page.get_by_role("button", name="Closed", exact=True).click()

    expect(page.locator(".coverage")).to_be_hidden()
