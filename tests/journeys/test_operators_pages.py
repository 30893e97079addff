"""Operators hold, drop and note today's edition, on their pages and by command, and readers get that."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import date
from typing import Final

import httpx2
import pytest
from journey_place import SUBSCRIBERS, Place
from test_calendar import at, live

from digest import serving
from digest.adapters.clock import SystemClock
from digest.app.directory import configured
from digest.app.service import Service, service
from digest.demo.world import SimulatedClock
from digest.web.server import listen

DAY: Final = date(2020, 3, 3)
SECRET: Final = "a secret that operators share"
Browser = httpx2.AsyncClient


@pytest.fixture
def kind() -> str:
    """One database: the store's own promises are held on both."""
    return "sqlite"


@asynccontextmanager
async def at_the_pages(place: Place) -> AsyncIterator[tuple[Service, SimulatedClock, Browser]]:
    """The service before noon with two reports in a sealed edition, and a browser without a session."""
    with (place.config / "secrets.env").open("a") as secrets_file:
        secrets_file.write(f"DIGEST_OPERATORS_SECRET='{SECRET}'\n")
    for number in (1, 2):
        await place.file(number, at(DAY, "09:00"))
    settings, secrets = configured(place.config)
    clock = SimulatedClock(at(DAY, "11:30"))
    listener = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with service(settings, secrets, directory=place.config, clock=clock) as it:
        await live(it, clock, at(DAY, "11:45"))
        stop = asyncio.Event()
        pages = asyncio.create_task(serving.serve_readers(it, listener, stop))
        try:
            async with Browser(base_url=url, follow_redirects=True) as browser:
                await _served(browser)
                yield it, clock, browser
        finally:
            stop.set()
            await pages


async def _served(browser: Browser) -> None:
    async with asyncio.timeout(10):
        while True:
            with suppress(httpx2.ConnectError):
                await browser.get("/health/live")
                return
            await asyncio.sleep(0.01)


async def sign_in(browser: Browser, secret: str = SECRET) -> httpx2.Response:
    return await browser.post("/operators/sign-in", data={"name": "Ada", "secret": secret})


async def press(browser: Browser, act: str, page: str = "/operators", **fields: str) -> httpx2.Response:
    """Press a button on a page, with what its forms carry."""
    shown = (await browser.get(page)).text
    carried = dict(re.findall(r'<input type="hidden" name="(form|day)" value="([^"]+)">', shown))
    return await browser.post(page, data={**carried, "act": act, **fields})


@pytest.mark.slow
async def test_an_edition_is_held_changed_and_released_on_the_pages(place: Place) -> None:
    async with at_the_pages(place) as (it, clock, browser):
        assert "Sign in" in (await browser.get("/operators")).text
        shown = (await sign_in(browser)).text
        assert "Signed in as Ada" in shown
        assert shown.count("has been raised from requires improvement to good.") == 2

        assert "The edition is held" in (await press(browser, "hold", words="we ask them")).text
        said = await press(browser, "drop", story="1", words="taken down")
        assert "<b>Dropped</b> by Ada" in said.text
        said = await press(browser, "note", words="Two <b>reports</b> are missing today.")
        assert "Two &lt;b&gt;reports&lt;/b&gt; are missing today." in said.text
        await live(it, clock, at(DAY, "12:40"))
        assert place.received() == {}
        assert (await browser.get(f"/edition/{DAY}")).status_code == 404
        assert "THE EDITION OF 2020-03-03 IS HELD" not in place.digest("status"), "it is another day's"

        assert "is released" in (await press(browser, "release")).text
        await live(it, clock, at(DAY, "13:15"))

        got = place.received()
        assert set(got) == {(address, DAY) for address in SUBSCRIBERS}
        for [text] in got.values():
            assert "A note from the editors: Two <b>reports</b> are missing today." in text
            assert "Provider 2 CRC" in text
            assert "Provider 1 CRC" not in text
        public = (await browser.get(f"/edition/{DAY}")).text
        assert "A note from the editors:</b> Two &lt;b&gt;reports&lt;/b&gt;" in public
        assert "Provider 1 CRC" not in public
        late = await press(browser, "drop", story="2", words="too late", day=str(DAY))
        assert (late.status_code, "not open to changes any more" in late.text) == (409, True)
        review = (await browser.get("/operators/review")).text
        assert "Dropped from the edition of 2020-03-03 by Ada: taken down" in review
        assert "ada@example.org" not in (await browser.get("/operators/deliveries")).text
    shown = place.digest("edition", "show", str(DAY))
    assert "story 1 dropped by Ada at Tue 03 Mar 2020 11:45 UTC: taken down" in shown


@pytest.mark.slow
async def test_nobody_else_gets_in_or_presses_a_button(place: Place) -> None:
    async with at_the_pages(place) as (it, clock, browser):
        for page in ("", "/review", "/review/1", "/sources", "/deliveries", "/letters"):
            answer = await browser.get(f"/operators{page}", follow_redirects=False)
            assert (answer.status_code, "Provider" in answer.text) == (303, False)
        await browser.post("/operators", data={"act": "hold", "words": "x", "day": str(DAY)})

        cookie = (await sign_in(browser)).history[0].headers["set-cookie"]
        assert {"HttpOnly", "SameSite=strict"} <= set(cookie.split("; "))
        forged = await browser.post(
            "/operators", data={"form": "0" * 36, "day": str(DAY), "act": "hold", "words": "x"}
        )
        assert (forged.status_code, "Nothing was changed" in forged.text) == (403, True)
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        assert (await browser.post("/operators", data={}, headers=elsewhere)).status_code == 403
        assert (await it.store.editions.in_hand(DAY)).acts == ()
        for page in ("", "/review", "/sources", "/deliveries", "/letters"):
            answer = await browser.get(f"/operators{page}")
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert "built-in" not in (await browser.get("/operators?done=items")).text

        clock.move_to(clock.now().replace(hour=23, minute=59))
        assert "Sign in" in (await browser.get("/operators")).text, "a session ends"
        async with Browser(base_url=browser.base_url) as stranger:
            assert [(await sign_in(stranger, "wrong")).status_code for _ in range(6)] == [403] * 5 + [429]
            assert (await sign_in(stranger)).status_code == 429
        assert "Signed in as Ada" in (await sign_in(browser)).text, "no stranger shuts out a known browser"
        form = re.findall(r'name="form" value="([^"]+)"', (await browser.get("/operators")).text)[0]
        await browser.post("/operators/sign-out", data={"form": form})
        assert "Sign in" in (await browser.get("/operators")).text
        answers = [(await sign_in(browser, "wrong")).status_code for _ in range(6)]
        assert answers == [403] * 5 + [429]
        assert (await sign_in(browser)).status_code == 429, "the right one is not looked at either"


@pytest.mark.slow
async def test_sources_cases_and_the_sending_are_decided_on_their_pages(place: Place) -> None:
    async with at_the_pages(place) as (it, _, browser):
        await sign_in(browser)
        source = it.settings.sources[0].id

        await press(browser, "pause", "/operators/sources", source=source, until="24 12 2030")
        await press(browser, "hold", "/operators/sources", source=source)
        [polled] = [one for one in await it.store.sources.polled() if one.source == source]
        assert (polled.paused_until, bool(polled.held_at)) == (at(date(2030, 12, 24), "00:00"), True)
        said = await press(browser, "poll", "/operators/sources", source="nobody")
        assert (said.status_code, "no source has that id" in said.text) == (409, True)

        assert "Provider 1 CRC is not in the register" in (await browser.get("/operators/review")).text
        said = await press(browser, "correct", "/operators/review/1", overall="outstanding", why="misread")
        assert "The case is corrected." in said.text
        await press(browser, "accept", "/operators/review/2")
        assert await it.store.review.open() == []

        await press(browser, "pause", "/operators/deliveries", why="the relay moves")
        pause = await it.store.pauses.current()
        assert pause is not None
        assert (pause.by, pause.why) == ("Ada", "the relay moves")
        await press(browser, "resume", "/operators/deliveries")
        assert await it.store.pauses.current() is None


async def test_an_edition_that_nobody_released_goes_by_itself_and_operators_hear_of_it(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """All by command: an edition is changed before it is sealed, too."""
    now = at(DAY, "11:30")
    monkeypatch.setattr(SystemClock, "now", lambda _: now)
    for number in (1, 2):
        await place.file(number, at(DAY, "09:00"))
    assert "edition of 2020-03-03: open, 2 stories" in place.digest("edition", "today")

    place.digest("edition", "drop", "1", "--why", "taken down")
    place.digest("edition", "drop", "2", "--why", "by mistake")
    place.digest("edition", "restore", "2")
    place.digest("edition", "note", "A quiet day.")
    said = place.digest("edition", "hold", "--why", "we ask them")
    assert "held until Tue 03 Mar 2020 15:00 UTC by ada" in said
    assert "held already" in place.digest("edition", "hold", "--why", "again", expect=2)
    assert "no such story" in place.digest("edition", "drop", "7", "--why", "x", expect=2)
    assert "THE EDITION OF 2020-03-03 IS HELD" in place.digest("status")
    today = json.loads(place.digest("edition", "today", "--json"))
    assert (today["stage"], today["note"]) == ("held", "A quiet day.")
    assert [bool(story["dropped"]) for story in today["stories"]] == [True, False]

    settings, secrets = configured(place.config)
    clock = SimulatedClock(now)
    async with service(settings, secrets, directory=place.config, clock=clock) as it:
        await live(it, clock, at(DAY, "14:45"))
        assert place.received() == {}
        await live(it, clock, at(DAY, "15:10"))

    [text] = place.received()["ada@example.org", DAY]
    assert "A note from the editors: A quiet day." in text
    assert "Provider 1 CRC" not in text
    heard = [str(getattr(record, "what", "")) for record in caplog.records]
    assert any("nobody released the edition of 2020-03-03, which ada held" in what for what in heard)
    now = at(DAY, "16:00")
    assert "not open to changes any more" in place.digest("edition", "note", "Late.", expect=2)
