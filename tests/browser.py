"""Browser: a real Chromium (Debian's), driven by Playwright."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.servers import binary

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

_PATIENCE_MS = 20_000
"""How long to wait for what should be there at once; a busy machine is no failure."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser without any page; Debian's, because the project downloads no browser of its own."""
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary("chromium"), args=list(_FLAGS))
        yield browser
        browser.close()


@contextmanager
def phone(browser: Browser, width_px: int = 390, **options: Any) -> Iterator[Page]:
    """A fresh profile on a screen of this width; an error in the page's script fails the test that opened it.

    Args:
        browser: Of `chromium`.
        width_px: Of the screen in CSS pixels; 844 high, 900 from 900 px on.
        options: As `Browser.new_context` takes them: `color_scheme="dark"`, `locale="en-GB"`.
    """
    height_px = 844 if width_px < 900 else 900
    context: BrowserContext = browser.new_context(viewport={"width": width_px, "height": height_px}, **options)
    context.set_default_timeout(_PATIENCE_MS)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        yield page
    finally:
        context.close()

    assert errors == []
