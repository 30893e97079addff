"""The command: `python -m screenshots`, with `--all DIR` every page on a phone and a desk, light and dark.

Without it, the pictures of the README are made again, in docs/pictures/. The site is that of the demo's
world; `--services 20000` adds so many services, and some that are hard to show.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page
from servers import browser as chromium

from screenshots import mails
from screenshots.pages import TIMELINE, Shown, empty_pages, pages
from screenshots.worlds import empty, played

PICTURES: Final = Path(__file__).parents[2] / "docs" / "pictures"

WIDTHS: Final = (375, 1100)
SCHEMES: Final = ("light", "dark")

README_WIDTH: Final = 800


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m screenshots", description=__doc__)
    words.add_argument("--all", type=Path, metavar="DIR", help="also every page, in this folder")
    words.add_argument("--mails", type=Path, metavar="DIR", help="the shelf of editions, in this folder")
    words.add_argument("--services", type=int, default=0, help="more services than the demo has")
    given = words.parse_args()
    if chromium.MISSING:
        raise SystemExit(chromium.MISSING)
    if given.mails is not None:
        asyncio.run(_mails(given.mails))
    if given.mails is None or given.all is not None:
        asyncio.run(_take(given.all, given.services))
    return 0


async def _mails(folder: Path) -> None:
    async with chromium.running() as browser:
        await mails.of_the_readme(browser, PICTURES)
        await mails.take(browser, folder)


async def _take(folder: Path | None, services: int) -> None:
    with tempfile.TemporaryDirectory(prefix="screenshots-") as kept:
        async with chromium.running() as browser:
            async with played(Path(kept) / "played", services) as site:
                if not services:
                    await _readme(browser, site.url)
                    await mails.of_the_readme(browser, PICTURES)
                if folder is not None:
                    await _every(browser, pages(site), folder)
            if folder is not None and not services:
                async with empty(Path(kept) / "empty") as url:
                    await _every(browser, empty_pages(url), folder)


async def _readme(browser: Browser, url: str) -> None:
    """A timeline and a table."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with await browser.new_context(locale="en-GB", color_scheme="light") as context:
        page = await context.new_page()
        await page.set_viewport_size({"width": README_WIDTH, "height": 1200})
        await page.goto(f"{url}/{TIMELINE}")
        await _part(page, "#history", "#history ~ svg.chart", PICTURES / "timeline.png")
        await page.goto(f"{url}/tables/cqc")
        await _part(page, "main h2", "main tbody tr:last-child", PICTURES / "table.png")


async def _part(page: Page, first: str, last: str, file: Path) -> None:
    """The part of a page from the top of one element to the foot of another."""
    top, foot = [await page.locator(one).first.bounding_box() for one in (first, last)]
    assert top is not None
    assert foot is not None
    height = foot["y"] + foot["height"] - top["y"] + 16
    clip = {"x": 0.0, "y": top["y"], "width": float(README_WIDTH), "height": height}
    await page.screenshot(path=file, clip=clip, full_page=True)


async def _every(browser: Browser, shown: list[Shown], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        for scheme in SCHEMES:
            async with await browser.new_context(
                locale="en-GB", color_scheme=scheme, viewport={"width": width, "height": 900}
            ) as context:
                page = await context.new_page()
                for one in shown:
                    await page.goto(one.url)
                    await page.screenshot(path=folder / f"{one.name}-{width}-{scheme}.png", full_page=True)


if __name__ == "__main__":
    raise SystemExit(main())
