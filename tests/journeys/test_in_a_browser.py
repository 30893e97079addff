"""What subscribers do, in a real browser, from the form to the last page; without script throughout."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest_asyncio
from desk_in_a_browser import IN_A_BROWSER, Desk, Letter, elsewhere, lure, opened, press
from playwright.async_api import Browser, Page, expect

from digest.subscriptions import Standing, Step

pytestmark = IN_A_BROWSER


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 844}, locale="en-GB"
    )
    context.set_default_timeout(15_000)
    yield await context.new_page()
    await context.close()


async def says(page: Page, heading: str) -> None:
    await expect(page.get_by_role("heading", level=1)).to_have_text(heading)


async def read_as_webmail(page: Page, letter: Letter) -> None:
    """Open a letter as a page of somebody else's site shows it."""
    await page.goto(await elsewhere(page, letter.html))


# -- coming -------------------------------------------------------------------------------------------------


async def test_somebody_joins_by_the_form_and_the_button_of_the_letter(desk: Desk, page: Page) -> None:
    letter = await desk.join(page, "dora@example.org")
    await says(page, "Check your email")
    assert (await desk.subscription("dora@example.org")).standing is Standing.PENDING

    await read_as_webmail(page, letter)
    await page.get_by_role("link", name="Confirm").click()
    await says(page, "Confirm your subscription")
    assert (await desk.subscription("dora@example.org")).standing is Standing.PENDING
    await press(page, "Confirm my subscription")

    await says(page, "You’re subscribed")
    assert (await desk.subscription("dora@example.org")).standing is Standing.ACTIVE
    assert (await desk.letter("dora@example.org", 2)).subject.startswith("Welcome")


async def test_a_code_confirms_where_the_form_was_filled_in(desk: Desk, page: Page) -> None:
    letter = await desk.join(page, "emil@example.org")
    wrong = "000 000" if letter.code != "000 000" else "000 001"

    await page.get_by_label("Code from the email").fill(wrong)
    await press(page, "Confirm")
    await says(page, "Enter your code")
    await expect(page.get_by_role("alert")).to_contain_text("That code is wrong")
    await page.get_by_label("Code from the email").fill(letter.code)
    await press(page, "Confirm")

    await says(page, "You’re subscribed")
    assert (await desk.subscription("emil@example.org")).standing is Standing.ACTIVE


async def test_the_keyboard_is_enough_to_join(desk: Desk, page: Page) -> None:
    """The fold with wishes and its boxes too: Tab, Space and Enter, and where one is, is always seen."""
    await page.goto(desk.url)
    focused = page.locator(":focus")

    async def tab_to(name: str) -> None:
        for _ in range(40):
            await page.keyboard.press("Tab")
            found = await focused.evaluate(
                "e => [e.labels?.[0]?.textContent ?? e.textContent, getComputedStyle(e).outlineStyle]"
            )
            assert found[1] != "none", found
            if found[0].strip() == name:
                return
        raise AssertionError(f"Tab leads to no {name!r}")

    await tab_to("Your email address")
    await page.keyboard.type("finn@example.org")
    await tab_to("Choose what you get")
    await page.keyboard.press("Enter")
    await tab_to("Only ratings that move up or down")
    await page.keyboard.press("Space")
    await tab_to("Join")
    await page.keyboard.press("Enter")

    await says(page, "Check your email")
    letter = await desk.letter("finn@example.org")
    await tab_to("Code from the email")
    await page.keyboard.type(letter.code)
    await page.keyboard.press("Enter")
    await says(page, "You’re subscribed")
    found = await desk.subscription("finn@example.org")
    assert found.standing is Standing.ACTIVE
    assert found.wishes.movements_only


async def test_a_page_never_tells_who_is_subscribed(desk: Desk, page: Page) -> None:
    async def answer(path: str, button: str, address: str) -> str:
        await page.goto(f"{desk.url}/{path}")
        await page.get_by_label("Your email address").fill(address)
        await press(page, button)
        shown = await page.content()
        return re.sub(r"code/[^\"]+", "code/", shown).replace(address, "somebody")

    for path, button in (("", "Join"), ("fresh-link", "Email me a link")):
        known = await answer(path, button, "ada@example.org")
        assert known == await answer(path, button, f"gustav{button[:1]}@example.org")
        assert "Check your email" in known

    letter = await desk.letter("ada@example.org", 2)  # after her edition
    assert letter.subject.startswith("Your links")


async def test_a_mistyped_address_is_shown_again_with_what_is_wrong(desk: Desk, page: Page) -> None:
    await page.goto(desk.url)
    await page.get_by_label("Your email address").fill("hanna@example")
    await press(page, "Join")

    await expect(page).to_have_title(re.compile("^Error: "))
    await expect(page.get_by_label("Your email address")).to_have_value("hanna@example")
    await page.get_by_role("alert").get_by_role("link").click()
    await expect(page.get_by_label("Your email address")).to_be_focused()


async def test_a_form_on_somebody_elses_site_does_nothing(desk: Desk, page: Page) -> None:
    await page.goto(await lure(desk, page, "ida@example.org"))
    await press(page, "Win")

    await says(page, "Please try again")
    assert await desk.it.store.subscriptions.find("ida@example.org") is None


# -- changing -----------------------------------------------------------------------------------------------


async def test_wishes_change_on_the_page_of_the_letter(desk: Desk, page: Page) -> None:
    await page.goto((await desk.subscribe(page, "jan@example.org")).link("manage"))
    await page.get_by_role("link", name="Change what you get").click()
    await page.get_by_label("HM Inspectorate of Probation").check()
    await page.get_by_label("Only ratings that move up or down").check()
    await page.get_by_label("Include comment from blogs").uncheck()
    await press(page, "Save")

    await expect(page.get_by_role("status")).to_have_text("Your changes are saved.")
    await expect(page.locator("dl")).to_contain_text(
        "HM Inspectorate of Probation Only ratings that moved up or down No comment from blogs",
        use_inner_text=True,
    )
    wishes = (await desk.subscription("jan@example.org")).wishes
    assert wishes.inspectorates == ("hmi-probation",)
    assert (wishes.movements_only, wishes.commentary) == (True, False)


async def test_a_service_is_watched_by_its_name(desk: Desk, page: Page) -> None:
    await page.goto((await desk.subscribe(page, "kim@example.org")).link("manage"))
    await page.get_by_role("link", name="Change what you get").click()
    await page.get_by_text("More choices").click()
    await page.get_by_label("Services to watch", exact=True).fill("Durham Teas Valley CRC")
    await press(page, "Save")
    await expect(page.get_by_label("Services to watch", exact=True)).to_have_value("Durham Teas Valley CRC")
    await expect(page.locator("main")).to_contain_text(
        "could not find a service called “Durham Teas Valley CRC”"
    )

    await page.get_by_label("Services to watch", exact=True).fill("Durham Tees Valley CRC")
    await page.get_by_label("An alert as soon as a service I watch moves").check()
    await press(page, "Save")

    await expect(page.get_by_role("status")).to_have_text("Your changes are saved.")
    wishes = (await desk.subscription("kim@example.org")).wishes
    assert (wishes.watched, wishes.alerts) == (("durham-tees-valley-crc",), True)


async def test_a_pause_lasts_to_its_day_or_until_it_is_ended(desk: Desk, page: Page) -> None:
    await page.goto((await desk.subscribe(page, "kira@example.org")).link("manage"))
    await page.get_by_role("link", name="Pause").click()
    await expect(page.locator("#until-hint")).to_contain_text("For example 4 3 2020.")
    await page.get_by_label("The first day you want emails again").fill("2 3 2020")
    await press(page, "Pause")
    await expect(page.get_by_role("alert")).to_contain_text("a date after today")
    await page.get_by_label("The first day you want emails again").fill("1 4 2020")
    await press(page, "Pause")

    await expect(page.locator("dl")).to_contain_text("paused until 1 April 2020")
    found = await desk.subscription("kira@example.org")
    assert (found.standing, found.paused_until) == (Standing.PAUSED, date(2020, 4, 1))

    await page.get_by_role("link", name="Start again").click()
    await press(page, "Start again")
    await expect(page.get_by_role("status")).to_contain_text("Your emails start again")
    assert (await desk.subscription("kira@example.org")).standing is Standing.ACTIVE


async def test_a_new_address_says_yes_first_and_the_old_one_is_told(desk: Desk, page: Page) -> None:
    await page.goto((await desk.subscribe(page, "lena@example.org")).link("manage"))
    await page.goto(await desk.own(page, "lena@example.org", "Change address"))
    await page.get_by_label("New email address").fill("lena@new.example.org")
    await press(page, "Change address")
    await expect(page.get_by_role("main")).to_contain_text("Until then, nothing changes")
    asked = await desk.letter("lena@new.example.org")

    await page.goto(asked.link("move"))
    before = await desk.subscription("lena@example.org")
    await press(page, "Use this address")

    await says(page, "Your address has changed")
    assert (await desk.subscription("lena@new.example.org")).subscriber == before.subscriber
    assert await desk.it.store.subscriptions.find("lena@example.org") is None
    told = await desk.letter("lena@example.org", 4)
    assert "has moved to a new address" in told.subject
    assert "lena@new" not in told.text


# -- going --------------------------------------------------------------------------------------------------


async def test_two_taps_from_the_edition_and_one_has_left(desk: Desk, page: Page) -> None:
    await read_as_webmail(page, await desk.letter("ben@example.org"))
    await page.get_by_role("link", name="Leave this list").first.click()
    await says(page, "Leave this list?")
    await press(page, "Leave this list")

    await says(page, "You have left")
    assert (await desk.subscription("ben@example.org")).ended_reason is Step.LEFT
    assert (await desk.letter("ben@example.org", 2)).link("come-back")


async def test_a_mail_programs_own_button_leaves_in_one_post(desk: Desk, page: Page) -> None:
    edition = await desk.letter("cleo@example.org")
    answer = await page.request.post(
        edition.link("one-click"), form={"List-Unsubscribe": "One-Click"}, max_redirects=0
    )

    assert answer.status == 200
    assert (await desk.subscription("cleo@example.org")).ended_reason is Step.LEFT


async def test_who_joins_again_is_not_touched_by_links_of_before(desk: Desk, page: Page) -> None:
    old = await desk.subscribe(page, "mats@example.org")
    await page.goto(old.link("leave"))
    await press(page, "Leave this list")
    await desk.letter("mats@example.org", 3)
    new = await desk.subscribe(page, "mats@example.org")

    for purpose in ("leave", "manage"):
        await page.goto(old.link(purpose))
        await says(page, "This link is from an earlier subscription")
    await page.request.post(old.link("leave"))
    found = await desk.subscription("mats@example.org")
    assert (found.standing, found.generation) == (Standing.ACTIVE, 2)
    await page.goto(new.link("manage"))
    await says(page, "Your subscription")


async def test_who_left_by_mistake_comes_back_by_the_last_letter(desk: Desk, page: Page) -> None:
    await page.goto((await desk.subscribe(page, "nora@example.org")).link("leave"))
    await press(page, "Leave this list")
    left = await desk.letter("nora@example.org", 3)

    await page.goto(left.link("come-back"))
    await press(page, "Subscribe again")
    await says(page, "Check your email")
    await page.goto((await desk.letter("nora@example.org", 4)).link("confirm"))
    await press(page, "Confirm my subscription")
    assert (await desk.subscription("nora@example.org")).standing is Standing.ACTIVE


async def test_what_is_held_is_downloaded_as_json(desk: Desk, page: Page) -> None:
    await page.goto((await desk.subscribe(page, "olaf@example.org")).link("manage"))
    await page.goto(await desk.own(page, "olaf@example.org", "Get a copy of your data"))
    async with page.expect_download() as coming:
        await press(page, "Download")
    download = await coming.value
    held = json.loads(Path(await download.path()).read_text())

    assert download.suggested_filename == "what-is-held.json"
    assert held["address"] == "olaf@example.org"
    assert [taken["wording"] for taken in held["what_happened"]] == ["Join", "Confirm my subscription"]
    assert {letter["kind"] for letter in held["other_letters"]} == {"confirm", "welcome", "own-link"}


async def test_who_is_erased_is_in_no_table(desk: Desk, page: Page) -> None:
    await page.goto((await desk.subscribe(page, "pia@example.org")).link("manage"))
    assert "pia@example.org" in str(desk.rows())
    await page.goto(await desk.own(page, "pia@example.org", "delete your data"))
    await press(page, "Delete my data")

    await says(page, "Your data has been deleted")
    assert "pia@example.org" not in str(desk.rows())


# -- what others do with letters ---------------------------------------------------------------------------


async def test_a_scanner_that_opens_every_link_of_every_message_changes_nothing(
    browser: Browser, blank_file: Path, tmp_path: Path
) -> None:
    """By HEAD, by GET and in a browser that runs script, twice each; the database is the same."""
    async with opened(tmp_path, blank_file) as desk, await browser.new_context() as context:
        page = await context.new_page()
        await every_kind_of_letter(desk, page)
        letters = [Letter(message) for message in desk.place.server.messages]
        links = {link for letter in letters for link in letter.links if link.startswith(f"{desk.url}/")}
        before = desk.rows()

        for link in sorted(links) * 2:
            assert (await context.request.head(link)).status < 500
            assert (await context.request.get(link)).status < 500
            await page.goto(link)

        assert {link.removeprefix(desk.url).split("/")[1] for link in links} >= {
            "confirm", "leave", "one-click", "manage", "move", "come-back", "edition",
            "address", "export", "erase",
        }  # fmt: skip
        assert desk.rows() == before


async def every_kind_of_letter(desk: Desk, page: Page) -> None:
    """One still to be confirmed, one that wants to move, one that has left, and fresh links."""
    await desk.join(page, "rosa@example.org")
    manage = (await desk.subscribe(page, "sven@example.org")).link("manage")
    for what in ("Get a copy of your data", "delete your data", "Change address"):
        await page.goto(manage)
        own = await desk.own(page, "sven@example.org", what)
    await page.goto(own)
    await page.get_by_label("New email address").fill("sven@new.example.org")
    await press(page, "Change address")
    await desk.letter("sven@new.example.org")
    await page.goto((await desk.subscribe(page, "tilda@example.org")).link("leave"))
    await press(page, "Leave this list")
    await desk.letter("tilda@example.org", 3)
    await page.goto(f"{desk.url}/fresh-link")
    await page.get_by_label("Your email address").fill("ada@example.org")
    await press(page, "Email me a link")
    await desk.letter("ada@example.org", 2)
    await desk.settled()
