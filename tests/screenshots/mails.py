"""Pictures of the shelf of editions, and of letters, as mail programs show them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mailed import message_of, part_of
from playwright.async_api import Browser
from sample_editions import NOON
from shelf import REGISTER, SHELF, Shelved

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
    message = message_of(shelved.edition, shelved.wishes, at=NOON, register=REGISTER, known=packaged_scales())
    return part_of(message, "html")


async def take(browser: Browser, folder: Path) -> None:
    """A picture of each edition in each look."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in SHELF.items():
        html = html_of(make())
        (folder / f"{name}.html").write_text(html, "utf-8")
        for look in LOOKS:
            await _picture(browser, html, look, folder / f"{name}-{look.name}.png")


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
