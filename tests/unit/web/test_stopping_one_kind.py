"""Alerts and weekly signs of life can be stopped alone: by a link, and by a mail program's own button."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from builders import KENT
from desk import WEB, Service, link_to, text_of

from digest.changes import Certainty, Movement
from digest.edition import SectionKind, StoryKey
from digest.letter_kinds import Alert, AlertedChange, AlertedStory, Content, ProofOfLife, QuietWeek
from digest.letters import Letter
from digest.subscriptions import Subscription, Wishes

ALL = Wishes(watched=(KENT,), alerts=True, proof_of_life=True)
ONE_CLICK = "List-Unsubscribe=One-Click"


def an_alert(to: Subscription) -> Alert:
    change = AlertedChange(
        aspect="overall",
        movement=Movement.DOWNGRADE,
        before="good",
        before_on=date(2024, 1, 2),
        after="inadequate",
        certainty=Certainty.AGREED,
        lowest=True,
    )
    story = AlertedStory(
        provider="Kent PDU",
        inspectorate="HM Inspectorate of Probation",
        title="Kent down",
        link="https://inspectorate.example.gov.uk/1/",
        published=date(2026, 3, 3),
        inspected=None,
        section=SectionKind.DOWNGRADES,
        change=change,
        evidence="We have rated it inadequate.",
        aspects=(),
        edition=date(2026, 3, 4),
        successor=False,
    )
    key = StoryKey(item=1, place=0)
    return Alert(subscriber=to.subscriber, generation=to.generation, about=key, story=story)


def a_sign_of_life(to: Subscription) -> ProofOfLife:
    week = QuietWeek(sources=7, troubled=(), first=date(2026, 2, 28), last=date(2026, 3, 6))
    return ProofOfLife(subscriber=to.subscriber, generation=to.generation, week=week, narrowed=False)


KINDS = [
    (an_alert, "stop-alerts", "alert", "Stop alerts", Wishes(watched=(KENT,), proof_of_life=True)),
    (
        a_sign_of_life,
        "stop-sign-of-life",
        "proof-of-life",
        "Stop this weekly email",
        Wishes(watched=(KENT,), alerts=True),
    ),
]
of_each_kind = pytest.mark.parametrize(("letter", "page", "kind", "button", "left"), KINDS)


async def written(service: Service, content: Content) -> Any:
    now = service.clock.now()
    letter = Letter(content=content, address="mina@example.org", expires_at=now + timedelta(days=1))
    await service.store.letters.write(letter, now)
    return await service.read("mina@example.org", content.kind)


@of_each_kind
async def test_a_mail_programs_button_stops_that_kind_and_nothing_else(
    service: Service, site: Any, letter: Any, page: str, kind: str, button: str, left: Wishes
) -> None:
    mina = await service.subscribed(wishes=ALL)
    message = await written(service, letter(mina))

    assert message["List-Id"] == f"<{kind}.digest.example.org>"
    assert message["List-Unsubscribe-Post"] == ONE_CLICK
    address = message["List-Unsubscribe"].strip("<>")
    assert address == link_to(page, message)
    assert link_to("leave", message), "all can be left as well"
    assert "/manage/" in text_of(message)

    abroad = {"Sec-Fetch-Site": "cross-site"}
    assert (await site.post(address, content=ONE_CLICK, headers=abroad)).status_code == 200

    found = await service.now(mina.subscriber)
    assert (found.live, found.wishes) == (True, left)


@of_each_kind
async def test_the_page_asks_first_and_offers_to_leave_all(
    service: Service, site: Any, letter: Any, page: str, kind: str, button: str, left: Wishes
) -> None:
    mina = await service.subscribed(wishes=ALL)
    link = link_to(page, await written(service, letter(mina)))

    asked = await site.get(link)
    assert f"{button}?" in asked.text
    assert "m…@example.org" in asked.text or "mina" not in asked.text
    assert (await service.now(mina.subscriber)).wishes == ALL, "looking changes nothing"

    stopped = await site.post(link)
    assert "has stopped" in stopped.text or "have stopped" in stopped.text
    assert "../leave/" in stopped.text
    assert (await service.now(mina.subscriber)).wishes == left
    steps = await service.steps(mina.subscriber)
    await site.post(link)
    assert await service.steps(mina.subscriber) == steps, "pressed twice, it is one step"


async def test_who_has_left_or_shows_no_token_of_ours_changes_nothing(service: Service, site: Any) -> None:
    mina = await service.subscribed(wishes=ALL)
    link = link_to("stop-alerts", await written(service, an_alert(mina)))
    assert (await site.get("/stop-alerts/nonsense")).status_code == 404
    assert (await site.post("/stop-alerts/nonsense")).status_code == 200, "a program may be asking"
    manage = link_to("manage", await service.read("mina@example.org", "welcome")).rpartition("/")[2]
    assert (await site.get(f"/stop-alerts/{manage}")).status_code == 404
    await service.enrolment.leave(mina.subscriber, mina.generation, WEB)

    assert "You have left" in (await site.post(link)).text
    await service.subscribed(wishes=ALL)
    assert (await site.get(link)).status_code == 410
    await site.post(link)
    assert (await service.now(mina.subscriber)).wishes == ALL
