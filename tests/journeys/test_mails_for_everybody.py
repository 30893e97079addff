"""Mails can be read by everybody: by eye, by ear, on the narrowest phone."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT
from desk_in_a_browser import IN_A_BROWSER
from mailed import part_of, shown
from playwright.async_api import Browser

pytestmark = IN_A_BROWSER


async def test_axe_finds_nothing_and_nothing_is_wider_than_320_pixels(browser: Browser) -> None:
    said = []
    async with await browser.new_context(viewport={"width": 320, "height": 600}) as context:
        page = await context.new_page()
        for name, message in shown().items():
            await page.set_content(part_of(message, "html"))
            if await page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                said.append(f"{name} is wider than 320 pixels")
            if name in (
                "ten",
                "sixty",
                "one-long-word",
            ):  # which are long, and of nothing that the others lack
                continue
            await page.evaluate(AXE_SCRIPT)
            for scheme in ("light", "dark"):
                await page.emulate_media(color_scheme=scheme)
                # A mail has no landmarks: it is shown within a page of the program that has its own.
                result = await page.evaluate("axe.run({rules: {region: {enabled: false}}})")
                said += [
                    f"{name}, {scheme}: {fault['id']}: {[one['html'][:150] for one in fault['nodes'][:2]]}"
                    for fault in result["violations"]
                    if not fault["id"].startswith("landmark")
                ]

    assert said == []
