"""A real browser: Debian's Chromium, without a window, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from playwright.async_api import Browser, async_playwright
from servers.wanted import skipped

PATIENCE: Final = 15_000.0
"""Milliseconds that a test waits for something on a page before it fails."""

# Nothing of its own accord: it is to speak to the service under test and to nobody else.
_FLAGS: Final = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

_PROGRAM: Final = shutil.which("chromium", path="/usr/bin:/usr/local/bin")


def missing() -> str | None:
    """Why there is no browser here; None if there is one."""
    return None if _PROGRAM else "Chromium is not installed: apt-get install --no-install-recommends chromium"


MISSING: Final = skipped("chromium", missing())


@asynccontextmanager
async def running() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=_PROGRAM,
            chromium_sandbox=False,  # which wants another user than root
            args=list(_FLAGS),
        )
        yield browser
        await browser.close()
