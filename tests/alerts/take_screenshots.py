"""Screenshots: the crew's page as the README shows it, by `python -m tests.alerts.take_screenshots`."""

import io
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.alerts.crew_page import BURST, Crew, serving
from tests.browser import chromium, phone
from tests.servers import wait_until

DOCS: Final = Path(__file__).parents[2] / "docs"
_GAP_PX: Final = 32
_DESK_PX: Final = 900
_COLOURS: Final = 200


def main() -> int:
    """Write docs/crew_page_390.png (list, order, its evidence) and docs/crew_page_1440.png (list beside order)."""
    DOCS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as crew, chromium() as browser:
        phones = [
            _shot(browser, crew, 390),
            _shot(browser, crew, 390, BURST),
            _shot(browser, crew, 390, BURST, "section.why", color_scheme="dark"),
        ]
        desk = _shot(browser, crew, 1440, BURST)
    _save(_side_by_side(phones), DOCS / "crew_page_390.png")
    _save(desk, DOCS / "crew_page_1440.png")
    return 0


def _shot(
    browser: Browser, crew: Crew, width_px: int, order: int | None = None, part: str = "", **look: Any
) -> Image.Image:
    with phone(browser, width_px, timezone_id="Asia/Shanghai", device_scale_factor=1.5, **look) as page:
        page.add_init_script("localStorage.setItem('who', '王师傅')")
        page.goto(crew.url if order is None else f"{crew.url}/#/orders/{order}")
        _settle(page, order)
        if width_px > _DESK_PX:
            page.set_viewport_size({"width": width_px, "height": 1080})
        if part:
            page.locator(part).evaluate("part => window.scrollTo(0, part.offsetTop - 70)")
        return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def _settle(page: Page, order: int | None) -> None:
    expect(page.locator(".card").first if order is None else page.locator("article h1")).to_be_visible()
    if order is not None:
        image = page.locator(".evidence img")
        wait_until(lambda: image.evaluate("image => image.naturalWidth > 0"), what="the picture")


def _side_by_side(pictures: list[Image.Image]) -> Image.Image:
    width = sum(p.width for p in pictures) + _GAP_PX * (len(pictures) + 1)
    sheet = Image.new("RGB", (width, pictures[0].height + 2 * _GAP_PX), "#c9cdd4")
    x = _GAP_PX
    for picture in pictures:
        sheet.paste(picture, (x, _GAP_PX))
        x += picture.width + _GAP_PX
    return sheet


def _save(picture: Image.Image, path: Path) -> None:
    """A palette of 200 colours is a third of the bytes, and nobody sees it on a page of flat colours."""
    picture.quantize(_COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
