"""A visitor finds a service, reads its record, compares it and watches it: by keyboard, without script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio
from builders import a_provider, a_rating
from desk_in_a_browser import IN_A_BROWSER, Desk, opened
from playwright.async_api import Browser, Page, Route, expect

from digest.ratings import OVERALL

pytestmark = [*IN_A_BROWSER, pytest.mark.slow]

NAME = "Cambridgeshire and Peterborough PDU"
ID = "cambridgeshire-and-peterborough-pdu"
REPORTS = "http://reports.example.net"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(blank_file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """A service with a record of several years, among others."""
    own = {"provider": ID, "scale": "hmi-probation-4"}
    grades = [("inadequate", 2013), ("requires improvement", 2015), ("good", 2017), ("outstanding", 2019)]
    ratings = [
        a_rating(grade, date(year, 5, 6), **own, aspect=aspect, link=f"{REPORTS}/{year}")
        for grade, year in grades
        for aspect in (OVERALL, "leadership")
    ]
    others = [
        a_provider(f"unit-{n}", f"{name} PDU", area="Essex")
        for n, name in enumerate(("Ash", "Beech", "Cedar", "Dove"))
    ]
    ratings += [a_rating("good", date(2016, 1, 2), provider=one.id, scale=own["scale"]) for one in others]
    async with opened(tmp_path_factory.mktemp("visitor"), blank_file) as desk:
        await desk.it.store.providers.load(
            [a_provider(ID, NAME, area="Fenland"), *others], ratings, whole=False
        )
        await desk.it.public_keeper.keep()
        yield desk


class Keys:
    """Somebody at a keyboard: Tab until the wanted thing has the focus, then Enter."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def to(self, name: str, *, most: int = 60) -> None:
        """Tab to a link, a button or a field by its name; each that has the focus on the way is marked."""
        for _ in range(most):
            await self._page.keyboard.press("Tab")
            said, seen = await self._page.evaluate(_FOCUSED)
            assert seen, f"nothing shows that {said!r} has the focus"
            if said == name:
                return
        raise AssertionError(f"Tab leads to no {name!r}")

    async def enter(self, name: str = "") -> None:
        """Tab to something and press Enter, or where the focus is: another page follows."""
        if name:
            await self.to(name)
        async with self._page.expect_navigation():
            await self._page.keyboard.press("Enter")

    async def write(self, name: str, text: str) -> None:
        await self.to(name)
        await self._page.keyboard.type(text)


_FOCUSED = """() => {
  const e = document.activeElement, hit = e.querySelector(".hit");
  const label = e.labels?.[0]?.textContent ?? e.querySelector("title")?.textContent;
  // A field for a day has parts with marks of the browser's own.
  const seen = hit ? getComputedStyle(hit).stroke !== "rgba(0, 0, 0, 0)"
    : e.type === "date" || getComputedStyle(e).outlineStyle !== "none";
  return [(label ?? e.textContent).replace(/\\s+/g, " ").trim(), seen];
}"""


async def heading(page: Page, text: str) -> None:
    await expect(page.get_by_role("heading", level=1)).to_contain_text(text)


@pytest.mark.parametrize("width", [375, 1100])
async def test_from_a_misspelt_name_to_the_letter_that_asks_to_confirm(
    browser: Browser, desk: Desk, width: int
) -> None:
    async with await browser.new_context(
        java_script_enabled=False, locale="en-GB", viewport={"width": width, "height": 800}
    ) as context:
        context.set_default_timeout(15_000)
        page = await context.new_page()
        keys = Keys(page)

        await page.goto(desk.url)
        await keys.write("Search for a service or story", "cambrigeshire and peterboro")
        await keys.enter()
        await keys.enter(NAME)
        await heading(page, NAME)
        service = page.url

        await _the_timeline_leads_to_the_report(page, keys)
        await _the_table_of_a_past_day(page, keys)
        await page.goto(service)
        await keys.enter("Atom")
        await expect(page.locator("body")).to_contain_text(f"{NAME}: ")
        assert page.url == f"{service}/feed.atom"

        address = f"visitor-{width}@example.org"
        await page.goto(service)
        await keys.enter("Watch this service by email")
        await expect(page.get_by_label("Services to watch", exact=True)).to_have_value(NAME)
        await keys.write("Your email address", address)
        await keys.enter()
        await heading(page, "Check your email")
        letter = await desk.letter(address)
        await page.goto(letter.link("confirm"))
        await keys.enter("Confirm my subscription")
        assert (await desk.subscription(address)).wishes.watched == (ID,)


async def _the_timeline_leads_to_the_report(page: Page, keys: Keys) -> None:
    async def report(route: Route) -> None:
        await route.fulfill(body="<h1>The report of 2017</h1>", content_type="text/html")

    await page.route(f"{REPORTS}/2017", report)
    await keys.enter("Overall: up to Good, published 6 May 2017")
    await heading(page, "The report of 2017")
    await page.go_back()


async def _the_table_of_a_past_day(page: Page, keys: Keys) -> None:
    """Sorted by name, of an area, as of a day when the grade was another one."""
    await keys.enter("Tables")
    await keys.enter("HM Inspectorate of Probation")
    await heading(page, "HM Inspectorate of Probation")
    await keys.write("As of a past day", "06062016")
    await keys.enter()
    await heading(page, "as of 6 June 2016")
    await keys.enter("Service")
    rows = page.locator("tbody tr")
    await expect(rows.locator("th")).to_have_text(["Ash PDU", "Beech PDU", NAME, "Cedar PDU", "Dove PDU"])
    await keys.to("Place")
    await page.keyboard.type("Fen")
    await keys.enter("Show")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("Requires improvement")
    assert "on=2016-06-06" in page.url


async def test_a_timeline_and_a_table_make_sense_read_aloud(browser: Browser, desk: Desk) -> None:
    async with await browser.new_context(java_script_enabled=False, locale="en-GB") as context:
        page = await context.new_page()
        await page.goto(f"{desk.url}/services/hmi-probation/{ID}")
        await expect(page.get_by_role("region", name="Grade now")).to_match_aria_snapshot(_NOW)
        await expect(page.get_by_role("region", name="Over time")).to_match_aria_snapshot(_OVER_TIME)
        await page.goto(f"{desk.url}/tables/hmi-probation")
        await expect(page.get_by_role("main")).to_match_aria_snapshot(_TABLE)
        assert "Boxes" not in await page.get_by_role("main").aria_snapshot()  # which nobody hears


_NOW = """
- heading "Grade now" [level=2]
- paragraph: Outstanding since 6 May 2019 (published), up from Good
- list "The scale, from the lowest grade to the highest":
  - listitem: Inadequate
  - listitem: Requires improvement
  - listitem: Good – the grade before
  - listitem: Outstanding – the grade now
"""

_OVER_TIME = """
- heading "Over time" [level=2]
- 'group "Overall: grades of Cambridgeshire and Peterborough PDU over time, a link for each grade"':
  - 'link "Overall: Inadequate, published 6 May 2013"'
  - 'link "Overall: up to Requires improvement, published 6 May 2015"'
  - 'link "Overall: up to Good, published 6 May 2017"'
  - 'link "Overall: up to Outstanding, published 6 May 2019"'
- heading "Each area" [level=3]
- heading "Leadership" [level=4]
- paragraph: Outstanding since 6 May 2019 (published), up from Good
- 'group "Leadership: grades of Cambridgeshire and Peterborough PDU over time, a link for each grade"'
- region "All grades we know of":
  - table "All grades we know of":
    - rowgroup:
      - row "When Grade Stated in"
    - rowgroup:
      - row:
        - rowheader "Published 6 May 2019"
        - 'cell "Outstanding (up from Good) Leadership: Outstanding (up from Good)"'
        - cell "Report of 6 May 2019"
"""

_TABLE = """
- 'heading "HM Inspectorate of Probation: services by grade" [level=1]'
- 'heading "Scale: Inadequate to Outstanding, used since January 2018" [level=2]'
- list "Services with each grade":
  - listitem: "Good: 4 (80%)"
  - listitem: "Outstanding: 1 (20%)"
- region "HM Inspectorate of Probation, best grade first, then the latest":
  - table "HM Inspectorate of Probation, best grade first, then the latest":
    - rowgroup:
      - row "Position Service Grade Rated Change Place"
    - rowgroup:
      - row:
        - cell "1st"
        - rowheader "Cambridgeshire and Peterborough PDU"
        - cell "Outstanding"
        - cell "6 May 2019"
        - cell "Up from Good to Outstanding"
        - cell "Fenland"
      - row "Joint 2nd Ash PDU Good 2 January 2016 Not known Essex"
"""
