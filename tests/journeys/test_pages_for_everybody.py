"""Every page can be read and used by everybody: on a phone or a desk, in light or dark, by eye or by ear."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
import valid_html
from axe_playwright_python.base import AXE_SCRIPT
from desk_in_a_browser import DAY, IN_A_BROWSER, OPERATORS_SECRET, Desk, lure, press
from playwright.async_api import Browser, Page, Response, expect

from digest.tokens import Purpose

pytestmark = IN_A_BROWSER

TEMPLATES: Final = Path(__file__).parents[2] / "templates"
PIECES: Final = frozenset({"base", "parts", "covered", "feed_entry", "service_parts"})
"""Of pages; none is a page of its own."""

PHONE, DESK, NARROW = (390, 844), (1280, 900), (320, 600)

# No colour depends on the width, and no place on the colours: each of the four is judged, if not each pair.
LOOKS: Final = (("light", PHONE), ("dark", DESK))

# Beyond what axe asks of its own accord: targets are large enough to hit (WCAG 2.2, 2.5.8).
RULES: Final = {"resultTypes": ["violations"], "iframes": False, "rules": {"target-size": {"enabled": True}}}


async def test_axe_finds_nothing_on_any_page(browser: Browser, desk: Desk) -> None:
    """Nor is any page wider than a screen of 320 pixels (WCAG 1.4.10), or HTML that a browser has to mend."""
    found: list[str] = []
    seen: set[str] = set()
    # Our pages let no script run: axe is let in past their policy.
    async with await browser.new_context(bypass_csp=True, locale="en-GB") as context:
        page = await context.new_page()
        sent = _sent(page)
        async for name in walk(desk, page):
            seen.add(name.partition(" ")[0])
            found += [f"{name}: {one}" for one in await faults(page)]
            found += [f"{name}: {one}" for one in valid_html.faults(await sent[-1].text())]

    assert found == []
    own = {path.stem for path in TEMPLATES.glob("web/*.html")} - PIECES
    public = {f"site/{path.stem}" for path in TEMPLATES.glob("site/*.html") if path.stem not in PIECES}
    operators = {f"operators/{path.stem}" for path in TEMPLATES.glob("operators/*.html")}
    operators -= {f"operators/{piece}" for piece in PIECES}
    assert own | public | operators == seen


async def test_the_keyboard_leads_past_the_header_or_through_it(browser: Browser, desk: Desk) -> None:
    async with await browser.new_context(java_script_enabled=False, locale="en-GB") as context:
        page = await context.new_page()
        await page.goto(f"{desk.url}/about")
        focused = page.locator(":focus")

        await page.keyboard.press("Tab")
        await expect(focused).to_have_text("Skip to main content")
        await expect(focused).to_be_in_viewport()
        await page.keyboard.press("Enter")
        await expect(page.locator("main:focus")).to_have_count(1)

        await page.goto(f"{desk.url}/about")
        links = await page.locator("header a").all_text_contents()
        await page.keyboard.press("Tab")
        for name in links:
            await page.keyboard.press("Tab")
            await expect(focused).to_have_text(name)
            assert await focused.evaluate("e => getComputedStyle(e).outlineStyle") != "none"
        assert (links[1], links[-1]) == ("Latest", "Join")
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_contain_text("Join")


async def test_public_pages_follow_the_colours_that_somebody_has_chosen_and_print(
    browser: Browser, desk: Desk
) -> None:
    async with await browser.new_context(java_script_enabled=False) as context:
        page = await context.new_page()
        await page.goto(desk.url)
        paper = "e => getComputedStyle(e).backgroundColor"
        await page.emulate_media(color_scheme="light")
        light = await page.locator("body").evaluate(paper)
        await page.emulate_media(color_scheme="dark")
        assert await page.locator("body").evaluate(paper) != light == "rgb(255, 255, 255)"

        await page.emulate_media(media="print")
        assert await page.locator("body").evaluate(paper) == light
        await expect(page.locator("header nav")).to_be_hidden()
        await expect(page.locator("h1")).to_be_visible()


async def faults(page: Page) -> list[str]:
    """What axe has to say about a page in each look, and what does not fit."""
    said: list[str] = []
    await page.evaluate(AXE_SCRIPT)
    for scheme, (width, height) in LOOKS:
        await page.emulate_media(color_scheme=scheme)
        await page.set_viewport_size({"width": width, "height": height})
        result: dict[str, Any] = await page.evaluate("rules => axe.run(rules)", RULES)
        for fault in result["violations"]:
            places = [node["html"][:200] for node in fault["nodes"]]
            said.append(f"{scheme} {width}: {fault['id']} ({fault['help']}): {json.dumps(places)}")
    await page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    if await page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        said.append("wider than 320 pixels")
    await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    return said


def _sent(page: Page) -> list[Response]:
    """What the server sends for each page that is gone to from now on: the browser's own tree is mended."""
    sent: list[Response] = []
    page.on("response", lambda one: sent.append(one) if one.request.is_navigation_request() else None)
    return sent


async def walk(desk: Desk, page: Page) -> AsyncIterator[str]:
    """Go to every page there is, one after another; the template of each, and in which state it is."""
    for part in (_public, _in, _changing, _out, _by_the_way, _operators, _trouble):
        async for name in part(desk, page):
            await expect(page.locator("h1")).to_have_count(1)
            yield name


async def _public(desk: Desk, page: Page) -> AsyncIterator[str]:
    await page.goto(desk.url)
    yield "site/home"
    await page.get_by_text("Choose what you get").click()
    yield "site/home unfolded"
    await page.goto(f"{desk.url}/edition/{DAY}")
    yield "site/edition"
    await page.goto(f"{desk.url}/edition/{DAY}?area=Atlantis")
    yield "site/edition with a choice"
    await page.goto(f"{desk.url}/archive")
    yield "site/archive"
    await page.goto(f"{desk.url}/search")
    yield "site/search"
    await page.get_by_label("Search for a service").fill("Kent")
    await page.keyboard.press("Enter")
    yield "site/search with what it found"
    await page.goto(f"{desk.url}/search?q=zzzz")
    yield "site/search with nothing found"
    await page.goto(f"{desk.url}/tables/hmi-probation")
    yield "site/table"
    await page.goto(f"{desk.url}/tables/hmi-probation?on=2019-06-30")
    yield "site/table of a past day"
    await page.goto(f"{desk.url}/tables/hmi-probation?on=2019-02-30")
    yield "site/bad_request"
    for name in ("services", "tables", "data", "coverage", "about", "privacy", "accessibility", "not_found"):
        await page.goto(f"{desk.url}/{name}")
        yield f"site/{name}"
    await page.goto(f"{desk.url}/services/hmi-probation/durham-tees-valley-crc")
    yield "site/service"


async def _in(desk: Desk, page: Page) -> AsyncIterator[str]:
    await page.goto(f"{desk.url}/join")
    yield "join"
    await page.get_by_label("Your email address").fill("uwe@example")
    await press(page, "Join")
    yield "join with an error"
    letter = await desk.join(page, "uwe@example.org")
    yield "check_email"
    await press(page, "Confirm")
    yield "code with an error"
    await page.goto(page.url)
    yield "code"
    await page.goto(letter.link("confirm"))
    yield "confirm"
    await press(page, "Confirm my subscription")
    yield "welcome"


async def _changing(desk: Desk, page: Page) -> AsyncIterator[str]:
    manage = (await desk.letter("uwe@example.org", 2)).link("manage")
    await page.goto(manage)
    yield "manage"
    await page.goto(f"{manage}/pause")
    yield "manage_pause"
    await page.get_by_role("textbox").fill("tomorrow")
    await press(page, "Pause")
    yield "manage_pause with an error"
    await page.get_by_role("textbox").fill("1 4 2020")
    await press(page, "Pause")
    yield "manage with a notice"
    await page.goto(f"{manage}/resume")
    yield "manage_resume"
    await press(page, "Start again")
    await page.goto(f"{manage}/wishes")
    yield "manage_wishes"
    await page.goto(f"{manage}/export")
    yield "manage_ask"
    await press(page, "Email me the link")
    yield "manage_asked"
    await page.goto((await desk.letter("uwe@example.org", 3)).own)
    yield "own_export"
    await page.goto(manage)
    await page.goto(await desk.own(page, "uwe@example.org", "Change address"))
    yield "own_address"
    await page.get_by_role("textbox").fill("uwe")
    await press(page, "Change address")
    yield "own_address with an error"
    await page.get_by_role("textbox").fill("uwe@new.example.org")
    await press(page, "Change address")
    yield "move_asked"
    await page.goto((await desk.letter("uwe@new.example.org")).link("move"))
    yield "move"
    await press(page, "Use this address")
    yield "moved"


async def _out(desk: Desk, page: Page) -> AsyncIterator[str]:
    moved = await desk.letter("uwe@example.org", 5)
    leave = moved.link("leave")
    await page.goto(leave)
    yield "leave"
    await press(page, "Leave this list")
    yield "left"
    await page.goto((await desk.letter("uwe@new.example.org", 2)).link("come-back"))
    yield "come_back"
    again = await desk.subscribe(page, "uwe@new.example.org")
    await page.goto(leave)
    yield "replaced"
    await page.goto(again.link("manage"))
    await page.goto(await desk.own(page, "uwe@new.example.org", "delete your data"))
    yield "own_erase"
    await press(page, "Delete my data")
    yield "erased"


async def _by_the_way(desk: Desk, page: Page) -> AsyncIterator[str]:
    await page.goto(f"{desk.url}/join")
    for closed in ("Choose what you get", "More choices"):
        await page.get_by_text(closed, exact=True).click()
    await page.get_by_label("Find services to watch").fill("Durham")
    await press(page, "Find")
    await page.get_by_label("Durham Tees Valley CRC").check()
    yield "join with what was found"
    await press(page, "Show what I would get")
    yield "join with what it brings"
    await page.goto(f"{desk.url}/fresh-link")
    yield "fresh_link"
    await press(page, "Email me a link")
    yield "fresh_link with an error"
    await page.get_by_label("Your email address").fill("vera@example.org")
    await press(page, "Email me a link")
    yield "links_sent"
    asked = await desk.join(page, "vera@example.org")
    await page.goto(asked.link("confirm"))
    await press(page, "Confirm my subscription")
    welcome = await desk.letter("vera@example.org", 2)
    await page.goto(f"{welcome.link('manage')}/watch?service=durham-tees-valley-crc")
    yield "manage_watch"
    await press(page, "Watch this service")
    vera = await desk.subscription("vera@example.org")
    stop = desk.it.composer.links.link(Purpose.STOP_ALERTS, vera.subscriber, vera.generation)
    await page.goto(stop)
    yield "stop"
    await press(page, "Stop alerts")
    yield "stopped"
    await page.goto(welcome.link("leave"))
    await press(page, "Leave this list")
    await page.goto(asked.link("confirm"))
    yield "run_out"
    await page.goto(asked.link("never-again"))
    yield "never_again"
    await press(page, "Never write to me again")
    yield "never_again_done"


async def _operators(desk: Desk, page: Page) -> AsyncIterator[str]:
    await page.goto(f"{desk.url}/operators")
    await page.get_by_label("Your name").fill("Ada")
    await page.get_by_label("The operators’ secret").fill("wrong")
    await press(page, "Sign in")
    yield "operators/sign_in"
    await page.get_by_label("The operators’ secret").fill(OPERATORS_SECRET)
    await press(page, "Sign in")
    yield "operators/today of an edition that is gone"
    for name in ("review", "sources", "deliveries", "letters"):
        await page.goto(f"{desk.url}/operators/{name}")
        yield f"operators/{name}"
    await page.goto(f"{desk.url}/operators/review/1")
    yield "operators/case"
    await page.context.clear_cookies()
    await page.goto(f"{desk.url}/operators/sign-in")
    await page.get_by_label("Your name").fill("Ben")
    await page.get_by_label("The operators’ secret").fill(OPERATORS_SECRET)
    await press(page, "Sign in")
    await page.goto(f"{desk.url}/operators/deliveries")
    await page.get_by_text("Pause sending").first.click()
    await page.locator("main input[name=form]").first.evaluate("e => { e.value = 'of another session' }")
    await press(page, "Pause sending")
    yield "operators/not_ours"


async def _trouble(desk: Desk, page: Page) -> AsyncIterator[str]:
    await page.goto(f"{desk.url}/leave/forged")
    yield "not_found"
    await page.goto(await lure(desk, page, "ida@example.org"))
    await press(page, "Win")
    yield "refused"

    async def away(*_: object) -> None:
        raise OSError("no database")

    edition = await desk.letter("ada@example.org")
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(type(desk.it.store.subscriptions), "get", away)
        await page.goto(edition.link("leave"))
        yield "trouble"
