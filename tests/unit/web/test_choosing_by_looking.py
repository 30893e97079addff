"""What the form shows on the way: services found by name, and what choices would have brought."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import httpx2
import pytest
from builders import a_provider, a_rating
from desk import KNOWN, TIMETABLE, Service
from sample_editions import a_downgrade, a_story, an_edition
from sqlalchemy import insert
from test_pages import MINA, Page, manage, pressed

from digest.jobs.keep_public import PublicKeeper
from digest.store.codec import EDITION
from digest.store.tables import editions
from digest.subscriptions import Wishes
from digest.web.bringing import Brings

Site = httpx2.AsyncClient

PDU, PRISON = "northamptonshire-pdu", "hmp-rye-hill"
TODAY = date(2026, 3, 3)


@pytest.fixture(autouse=True)
async def public(service: Service) -> None:
    units = [
        a_provider(PDU, "Northamptonshire PDU", area="East Midlands"),
        a_provider(
            PRISON, "HMP Rye Hill", kind="prison", inspectorate="hmi-prisons", area="Northamptonshire"
        ),
        a_provider("kent-west-pdu", "Kent West PDU"),
    ]
    await service.store.providers.load(units, [a_rating("good", date(2024, 1, 1), provider=PDU)])
    told = []
    for n in range(40):
        story = (
            a_downgrade(n)
            if n % 2
            else replace(a_story(n), provider=PDU, provider_name="Northamptonshire PDU")
        )
        told.append(an_edition(story, day=TODAY - timedelta(days=4 * n)))
    rows = [
        {"day": one.day, "cutoff": noon(one.day), "content": EDITION.dump(one), "sealed_at": noon(one.day)}
        for one in told
    ]
    async with service.store.database.write() as connection:
        await connection.execute(insert(editions), rows)
    await PublicKeeper(
        store=service.store.public_model,
        editions=service.store.editions,
        inspectorates=KNOWN,
        timetable=TIMETABLE,
        clock=service.clock,
    ).keep()


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


WHOLE = {"commentary": "yes", "areas": "", "watched": ""}


async def wished(service: Service) -> Wishes | None:
    found = await service.store.subscriptions.find(MINA)
    return found.wishes if found is not None else None


async def test_a_place_finds_the_services_in_it_and_says_which(site: Site, service: Service) -> None:
    answer = await pressed(site, "/join", **WHOLE, address=MINA, find="northamptonshir", show="find")

    assert answer.status_code == 200
    text = unescape(answer.text)
    assert "Northamptonshire PDU, HM Inspectorate of Probation, Probation Delivery Unit (PDU), East" in text
    assert "HMP Rye Hill, HM Inspectorate of Prisons, Prison, Northamptonshire" in text
    assert f'name="watch" value="{PDU}"' in answer.text
    assert f'value="{MINA}"' in answer.text, "what was typed is still there"
    assert await wished(service) is None, "nothing is asked for yet"


async def test_what_is_ticked_is_watched(site: Site, service: Service) -> None:
    given = {**WHOLE, "find": "northamptonshire", "found": "northamptonshire", "watch": PDU}
    again = await pressed(site, "/join", **given, address=MINA, show="find")
    assert "Northamptonshire PDU</textarea>" in again.text.replace("\n", ""), "it is among those to watch"
    assert f'name="watch" value="{PDU}"' not in again.text, "and is not offered twice"
    assert "no service for" not in again.text
    both: dict[str, Any] = {**given, "watch": [PDU, PRISON]}
    assert "All that we found for “northamptonshire” is in the list below." in unescape(
        (await pressed(site, "/join", **both, address=MINA, show="find")).text
    )

    answer = await pressed(site, "/join", **given, address=MINA)

    assert Page(answer.text).heading == "Check your email"
    assert await wished(service) == Wishes(watched=(PDU,))


async def test_a_search_that_was_typed_is_done_before_anything_is_saved(site: Site, service: Service) -> None:
    """Enter presses the form's main button."""
    link, subscriber = await manage(service)

    answer = await pressed(site, f"{link}/wishes", **WHOLE, find="Rye Hill", found="")

    assert f'name="watch" value="{PRISON}"' in answer.text
    assert (await service.now(subscriber)).wishes == Wishes()
    await pressed(site, f"{link}/wishes", **WHOLE, find="Rye Hill", found="Rye Hill", watch=PRISON)
    assert (await service.now(subscriber)).wishes == Wishes(watched=(PRISON,))


async def test_what_nothing_is_called_is_said_and_what_is_typed_is_shown_as_text(site: Site) -> None:
    answer = await pressed(site, "/join", **WHOLE, address=MINA, find="<b>xyzzyqq</b>", show="find")

    assert "no service for “&lt;b&gt;xyzzyqq&lt;/b&gt;”" in answer.text


def test_less_than_a_week_of_editions_says_nothing_of_a_week() -> None:
    assert Brings(stories=5, days=2, latest=()).per_week == 0
    assert Brings(stories=5, days=7, latest=()).per_week == 5


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "About 2 stories a week, going by the last 100 days."),
        ({"areas": "Northamptonshire"}, "13 stories in the last 100 days."),
        ({"inspectorate": "hmi-prisons"}, "You would have had no stories in the last 100 days."),
    ],
)
async def test_the_form_says_what_choices_would_have_brought(
    site: Site, service: Service, given: dict[str, Any], said: str
) -> None:
    link, subscriber = await manage(service)

    answer = await pressed(site, f"{link}/wishes", **{**WHOLE, **given}, show="brings")

    assert said in answer.text
    assert ("Northamptonshire PDU, 3 March 2026" in answer.text) == ("no stories" not in said)
    assert (await service.now(subscriber)).wishes == Wishes(), "nothing is saved by looking"
    joining = await pressed(site, "/join", **{**WHOLE, **given}, address="", show="brings")
    assert said in joining.text
    assert "There is a problem" not in joining.text, "an address is not needed for it"
