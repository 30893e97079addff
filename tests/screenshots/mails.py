"""Pictures of the shelf of editions, and of letters, as mail programs show them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mailed import letter_of, message_of, part_of
from playwright.async_api import Browser
from shelf import REGISTER, SHELF, Shelved, letters

from digest.adapters.config.packaged_scales import packaged_scales


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a mail program shows a message."""

    name: str
    width: int
    scheme: str = "light"
    forced: bool = False  # the program turns the colours round itself, as Gmail does
    styled: bool = True  # False: it has dropped all style sheets and attributes


LOOKS: Final = (
    Look(name="phone", width=375),
    Look(name="narrow", width=320),
    Look(name="desk", width=1100),
    Look(name="phone-dark", width=375, scheme="dark"),
    Look(name="phone-forced-dark", width=375, forced=True),
    Look(name="plain", width=375, styled=False),
)

TALLEST: Final = 12_000
"""Pixels of a picture that can still be looked at; of a longer message, its beginning."""

_STYLE: Final = re.compile(r'<style.*?</style>|\sstyle="[^"]*"', re.DOTALL)


def html_of(shelved: Shelved) -> str:
    message = message_of(shelved.edition, shelved.wishes, register=REGISTER, known=packaged_scales())
    return part_of(message, "html")


async def take(browser: Browser, folder: Path) -> None:
    """A picture of each edition, and of some letters, in each look."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {name: html_of(make()) for name, make in SHELF.items()}
    for name, html in (pages | {one.kind: part_of(letter_of(one), "html") for one in letters()}).items():
        (folder / f"{name}.html").write_text(html, "utf-8")
        for look in LOOKS:
            await _picture(browser, html, look, folder / f"{name}-{look.name}.png")


async def of_the_readme(browser: Browser, folder: Path) -> None:
    """First screens on a phone: a day with moves, prisons in dark colours, and our own corrections."""
    for name, scheme in (("ten", "light"), ("mixed-prison", "dark"), ("corrected", "light")):
        async with await browser.new_context(color_scheme=scheme) as context:
            page = await context.new_page()
            await page.set_viewport_size({"width": 375, "height": 800})
            await page.set_content(html_of(SHELF[name]()))
            end = await page.locator("h2").first.bounding_box()
            assert end is not None
            clip = {"x": 0.0, "y": 0.0, "width": 375.0, "height": end["y"] - 24}
            await page.screenshot(path=folder / f"edition-{name}.png", full_page=True, clip=clip)


async def _picture(browser: Browser, html: str, look: Look, file: Path) -> None:
    viewport = {"width": look.width, "height": 800}
    async with await browser.new_context(color_scheme=look.scheme, viewport=viewport) as context:
        page = await context.new_page()
        if look.forced:
            session = await context.new_cdp_session(page)
            await session.send("Emulation.setAutoDarkModeOverride", {"enabled": True})
        await page.set_content(html if look.styled else _STYLE.sub("", html))
        height = await page.evaluate("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": look.width, "height": min(height, TALLEST)}
        await page.screenshot(path=file, full_page=True, clip=clip)
