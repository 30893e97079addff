"""Brief editions, chosen by mail and on the page, and as they are submitted."""

from __future__ import annotations

from datetime import date
from email import message_from_bytes, policy
from typing import Any

import httpx2
import pytest
from journey_place import Place
from receiving import receives, receiving
from servers.ports import free_port
from test_calendar import at, live
from test_mail_comes_in import a_message, hand_over, post
from written_answers import MINA

from digest.app.service import Service
from digest.app.website import Website
from digest.subscriptions import Wishes
from digest.tokens import Purpose

DAY = date(2020, 3, 3)


async def choose_brief(it: Service, address: str) -> None:
    """Somebody opens the page of their choices, chooses brief and presses the button."""
    found = await it.store.subscriptions.find(address)
    assert found is not None
    links = it.composer.links
    site: Any = Website(
        store=it.store,
        membership=it.membership,
        links=links,
        renderer=it.composer.renderer,
        clock=it.clock,
        ready=lambda: None,  # type: ignore[arg-type, return-value]  # nobody asks here
        sender=it.composer.sender,
        timetable=it.settings.edition.timetable,
        inspectorates={},
    ).application()
    page = f"{links.link(Purpose.MANAGE, found.subscriber, found.generation)}/wishes"
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=site)) as visitor:
        assert "Brief has a line or two" in (await visitor.get(page)).text
        fields = {"areas": "", "watched": "", "commentary": "yes", "length": "brief"}
        assert (await visitor.post(page, data=fields)).status_code == 200


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_brief_is_chosen_by_mail_or_on_the_page_and_comes_with_the_same_stories(place: Place) -> None:
    receives(place, port=free_port())
    async with receiving(place, at(DAY, "09:00")) as (it, clock, server):
        await hand_over(server.port, "join+brief@digest.example.org", a_message("hello"))
        asked = message_from_bytes(await post(place, it, MINA), policy=policy.default)
        assert "one brief email a day" in str(asked.get_body(("plain",)))
        await hand_over(server.port, str(asked["Reply-To"]), a_message("yes"))
        await choose_brief(it, "ada@example.org")
        for number in (1, 2):
            await place.file(number, at(DAY, "09:30"))

        await live(it, clock, at(DAY, "13:00"))

        for address in (MINA, "ada@example.org"):
            found = await it.store.subscriptions.find(address)
            assert found is not None
            assert found.wishes == Wishes(brief=True)
    editions = {to: text for (to, day), texts in place.received().items() if day == DAY for text in texts}
    full, ada, mina = (editions[one] for one in ("ben@example.org", "ada@example.org", MINA))
    assert ada.partition("\n")[0] == mina.partition("\n")[0] == full.partition("\n")[0]
    for text in (ada, mina):
        assert "everything we find, in brief." in " ".join(text.split())
        assert len(text) < len(full)
        assert links_to_reports(text) == links_to_reports(full) != set()


def links_to_reports(text: str) -> set[str]:
    own = "https://digest.example.org"
    return {line for line in map(str.strip, text.splitlines()) if line.startswith("https://")} - {
        line for line in map(str.strip, text.splitlines()) if line.startswith(own)
    }
