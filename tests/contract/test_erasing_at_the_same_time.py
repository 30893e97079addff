"""Erasing while strangers ask for the same address: the person who reads its mail decides.

The whole of one request is put between any two transactions of another, on both databases.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from desk import NETWORK, WEB, Service, link_to
from desk_fixtures import app, clock, doors, health, letter_sender, links, relay, service, site
from interleaving import interleaved
from servers.smtp import SmtpServer

from digest.arrivals import ToJoin
from digest.sending.letters import LetterSender
from digest.subscriptions import Standing, Step, Subscription, Wishes
from digest.tokens import Purpose

__all__ = ["app", "clock", "doors", "health", "letter_sender", "links", "relay", "service", "site"]

Site = httpx2.AsyncClient
Going = Callable[[], Awaitable[Any]]


async def erase_link(service: Service, one: Subscription) -> str:
    """The link in the letter by which an owner erases everything."""
    await service.owner_links.send(one.subscriber, one.generation, "erase")
    return link_to("erase", await service.read(one.address, "own-link"))


async def leave(site: Site, service: Service, one: Subscription) -> None:
    await site.post(service.links.link(Purpose.LEAVE, one.subscriber, one.generation))


async def join(site: Site, one: Subscription) -> None:
    await site.post("/join", data={"address": one.address})


async def move_here(service: Service, one: Subscription) -> None:
    """Somebody else asks for their editions to go to this address."""
    number = one.subscriber
    other = await service.store.subscriptions.add(f"other{number}@example.org", Wishes(), service.clock.now())
    await service.address_changes.ask(other.subscriber, other.generation, one.address)


async def nothing_names(service: Service, address: str) -> None:
    held = await service.everything()
    held.pop("counts")
    assert address not in str(held)


# -- since then -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("since", ["nothing", "left", "left, joined", "left, joined, moved here", "lapsed"])
async def test_the_link_to_erase_works_whatever_strangers_did_since(
    site: Site, service: Service, letter_sender: LetterSender, relay: SmtpServer, since: str
) -> None:
    mina = await service.subscribed()
    link = await erase_link(service, mina)
    await letter_sender.send()
    if since != "nothing":
        await leave(site, service, mina)
    if "joined" in since or since == "lapsed":
        await join(site, mina)
    if since == "lapsed":
        own = (mina.subscriber, mina.generation + 1)
        await service.store.subscriptions.take(*own, Step.LAPSED, WEB, service.clock.now())
    if "moved" in since:
        await move_here(service, mina)
    relay.messages.clear()
    service.clock.on(hours=2)

    assert (await site.get(link)).status_code == 200
    answer = await site.post(link)

    assert (answer.status_code, "Your data has been deleted" in answer.text) == (200, True)
    await nothing_names(service, mina.address)
    await letter_sender.send()
    assert not relay.messages


async def test_the_link_to_erase_confirms_nothing_and_opens_no_other_page(
    site: Site, service: Service
) -> None:
    """What a stranger has asked for is not shown or changed by what was mailed before."""
    mina = await service.subscribed()
    await service.owner_links.send(mina.subscriber, mina.generation, "export")
    export = link_to("export", await service.read(mina.address, "own-link"))
    await leave(site, service, mina)
    await join(site, mina)

    assert (await site.post(export)).status_code == 410
    assert (await service.now(mina.subscriber)).standing is Standing.PENDING


async def test_a_link_to_erase_ends_with_its_day_and_with_a_move(site: Site, service: Service) -> None:
    mina, ada = await service.subscribed(), await service.subscribed("ada@example.org")
    late, moved = await erase_link(service, mina), await erase_link(service, ada)
    service.clock.on(minutes=2)
    await service.address_changes.ask(ada.subscriber, ada.generation, "ada@new.example.org")
    await site.post(link_to("move", await service.read("ada@new.example.org", "confirm-move")))

    assert (await site.post(moved)).status_code == 410
    service.clock.on(hours=24)
    assert (await site.post(late)).status_code == 410
    assert (await service.now(mina.subscriber)).live
    assert (await service.now(ada.subscriber)).live


async def test_who_presses_twice_reads_twice_that_they_are_erased(site: Site, service: Service) -> None:
    link = await erase_link(service, await service.subscribed())

    for _ in range(2):
        assert "Your data has been deleted" in (await site.post(link)).text
    service.clock.on(minutes=2)
    assert (await site.post(link)).status_code == 410


async def test_the_letter_with_the_link_to_erase_comes_though_somebody_ended_the_subscription_meanwhile(
    site: Site, service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    mina = await service.subscribed()
    await letter_sender.send()
    relay.messages.clear()
    await site.post(f"{service.links.link(Purpose.MANAGE, mina.subscriber, mina.generation)}/erase")
    await leave(site, service, mina)
    await join(site, mina)

    await letter_sender.send()

    subjects = b"".join(message.content for message in relay.messages)
    assert b"Delete your data" in subjects


# -- at that moment -------------------------------------------------------------------------------------


@pytest.mark.parametrize("erases", ["first", "second"])
@pytest.mark.parametrize("other", ["leave", "leave and join", "move here"])
async def test_erasing_wins_over_what_happens_at_that_moment(
    site: Site, service: Service, monkeypatch: pytest.MonkeyPatch, other: str, erases: str
) -> None:
    before = 0
    while True:
        mina = await service.subscribed(f"mina{before}@example.org")
        link, answers = await erase_link(service, mina), []
        if other == "move here":
            await leave(site, service, mina)

        erased_at = service.clock.now() + timedelta(seconds=1)

        async def erase(link: str = link, answers: list[httpx2.Response] = answers) -> None:
            service.clock.on(seconds=1)
            answers.append(await site.post(link))

        async def meanwhile(one: Subscription = mina) -> None:
            if "leave" in other:
                await leave(site, service, one)
            if "join" in other:
                asked = ToJoin(address=one.address, wishes=Wishes())
                await service.membership.intake.keep(asked, WEB, network=NETWORK)
                await service.membership.intake.work_off()
            if other == "move here":
                await move_here(service, one)

        both = (erase, meanwhile) if erases == "first" else (meanwhile, erase)
        if not await interleaved(monkeypatch, *both, before):
            break
        assert [(one.status_code, "Your data has been deleted" in one.text) for one in answers] == [
            (200, True)
        ], before
        assert (await service.now(mina.subscriber)).address == "", before
        later = await service.store.subscriptions.find(mina.address)
        assert later is None or later.since >= erased_at, before
        before += 1
        service.clock.on(hours=2)
    assert before > 1


# -- who leaves is told ---------------------------------------------------------------------------------


@pytest.mark.parametrize("leaves", ["first", "second"])
async def test_who_leaves_gets_the_letter_that_says_so_whatever_is_asked_for_at_that_moment(
    site: Site,
    service: Service,
    letter_sender: LetterSender,
    relay: SmtpServer,
    monkeypatch: pytest.MonkeyPatch,
    leaves: str,
) -> None:
    before = 0
    while True:
        mina = await service.subscribed(f"mina{before}@example.org")
        link = service.links.link(Purpose.LEAVE, mina.subscriber, mina.generation)
        pages: list[httpx2.Response] = []

        async def leave(link: str = link, pages: list[httpx2.Response] = pages) -> None:
            pages.append(await site.post(link))

        async def asked(one: Subscription = mina) -> None:
            await join(site, one)

        both = (leave, asked) if leaves == "first" else (asked, leave)
        if not await interleaved(monkeypatch, *both, before):
            break
        relay.messages.clear()
        await letter_sender.send()

        assert [("You have left" in page.text, page.status_code) for page in pages] == [(True, 200)], before
        subjects = [message.content for message in relay.messages]
        assert sum(b"Subject: You have left" in one for one in subjects) == 1, before
        before += 1
        service.clock.on(hours=2)
    assert before > 1


async def test_who_has_come_back_is_not_told_any_more_that_they_have_left(
    site: Site, service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    mina = await service.subscribed()
    await leave(site, service, mina)
    await service.subscribed()

    await letter_sender.send()

    assert not [one for one in relay.messages if b"Subject: You have left" in one.content]
