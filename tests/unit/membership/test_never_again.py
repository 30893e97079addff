"""Somebody whose address others typed stops all letters, once and for good."""

from __future__ import annotations

import httpx2
import pytest
from desk import START, WEB, Service, link_to, text_of
from servers.smtp import SmtpServer

from digest.letters import Letter
from digest.ports import Joined
from digest.sending.letters import LetterSender
from digest.subscriptions import Channel, Evidence, Standing, Step, Wishes
from digest.tokens import Purpose

MINA = "mina@example.org"
MAIL = Evidence(channel=Channel.MAIL, wording="subscribe")
IMPORT = Evidence(channel=Channel.IMPORT, wording="a list of ours", by="ada")


async def unasked(service: Service, kind: str, address: str = MINA) -> Letter:
    """A letter that somebody else caused."""
    match kind:
        case "confirm":
            await service.enrolment.join(address, Wishes(), WEB)
        case "invitation":
            one = await service.store.subscriptions.ask(address, Wishes(), IMPORT, START)
            await service.enrolment.invite(one.subscriber)
        case "unconfirmed":
            await service.store.subscriptions.ask(address, Wishes(), WEB, START)
            await service.enrolment.leave_by_address(address, MAIL)
        case "help":
            await service.enrolment.help(address, MAIL)
        case "confirm-move":
            mover = await service.subscribed("mover@example.net")
            await service.address_changes.ask(mover.subscriber, mover.generation, address)
    return (await service.letters(address))[-1]


@pytest.mark.parametrize("kind", ["confirm", "invitation", "unconfirmed", "help", "confirm-move"])
async def test_each_letter_that_others_can_cause_can_be_the_last_one(
    site: httpx2.AsyncClient, service: Service, kind: str
) -> None:
    message = await service.composed(await unasked(service, kind))
    link = link_to("never-again", message)

    assert link in text_of(message, "html")
    assert message["List-Unsubscribe"] == f"<{link}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    before = await service.everything()
    shown = await site.get(link)
    assert shown.text.count("<button") == 1
    assert "Never write to me again" in shown.text
    assert await service.everything() == before
    for _ in range(2):  # pressed twice
        assert "You will get no more email from us" in (await site.post(link)).text

    assert await service.store.subscriptions.suppressed(MINA) is not None
    assert await service.store.requests.get(1) is None
    known = await service.store.subscriptions.find(MINA)
    assert known is None or known.ended_reason is Step.LEFT
    mover = await service.store.subscriptions.find("mover@example.net")
    assert mover is None or mover.standing is Standing.ACTIVE
    assert "mina" not in str((await service.everything())["suppressions"])


async def test_the_reminder_can_be_the_last_letter_as_well(
    service: Service, letter_sender: LetterSender
) -> None:
    await unasked(service, "confirm")
    await letter_sender.send()
    service.clock.on(hours=24)
    await service.membership.reminders.write_due()

    reminder = await service.read(MINA, "reminder")
    assert link_to("never-again", reminder) == link_to("never-again", await service.read(MINA, "confirm"))


async def test_nothing_more_comes_by_any_way_under_any_spelling(
    site: httpx2.AsyncClient, service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    link = link_to(
        "never-again", await service.composed(await unasked(service, "confirm", "mina+x@gmail.com"))
    )
    waiting = await service.store.subscriptions.ask("m.i.n.a@gmail.com", Wishes(), IMPORT, START)
    await service.enrolment.help("mina+y@gmail.com", MAIL)  # a letter that waits to be sent
    await site.post(link)
    written = len(await service.letters())
    mover = await service.store.subscriptions.add("mover@example.net", Wishes(), START)
    service.clock.on(days=8)

    for address in ("mina@gmail.com", "mi.na+z@googlemail.com"):
        for evidence in (WEB, MAIL):
            joined = await service.enrolment.join(address, Wishes(), evidence)
            assert joined is Joined.SUPPRESSED
            await service.enrolment.help(address, evidence)
        await service.enrolment.fresh_link(address, WEB)
        await service.enrolment.leave_by_address(address, MAIL)
        asked = await service.address_changes.ask(mover.subscriber, mover.generation, address)
        assert asked is Joined.SUPPRESSED
    assert await service.enrolment.invite(waiting.subscriber) in {None, Joined.SUPPRESSED}
    assert await service.membership.reminders.write_due() == 0
    assert len(await service.letters()) == written
    await letter_sender.send()
    assert relay.messages == []


async def test_somebody_who_is_subscribed_under_another_spelling_hears_no_more_either(
    site: httpx2.AsyncClient, service: Service
) -> None:
    """The page says so before the button is pressed."""
    mina = await service.subscribed("mina+noon@example.org")
    link = link_to("never-again", await service.composed(await unasked(service, "help", MINA)))
    assert "If you get Inspections at Noon at your address, this ends it" in (await site.get(link)).text

    await site.post(link, content="List-Unsubscribe=One-Click", headers={"Sec-Fetch-Site": "cross-site"})

    after = await service.now(mina.subscriber)
    assert (after.standing, after.ended_reason) == (Standing.ENDED, Step.LEFT)
    history = await service.store.subscriptions.history(mina.subscriber)
    assert history[-1].evidence.wording == "Never write to me again"


async def test_letters_to_people_who_agreed_end_their_subscription_by_its_own_links(
    service: Service,
) -> None:
    mina = await service.subscribed()
    await service.enrolment.help(MINA, MAIL)
    await service.enrolment.fresh_link(MINA, WEB)
    await service.owner_links.send(mina.subscriber, mina.generation, "export")
    await service.enrolment.leave(mina.subscriber, mina.generation, WEB)

    for kind in ("welcome", "help", "fresh-link", "own-link", "left"):
        message = await service.read(MINA, kind)
        assert "never-again" not in message.as_string()
        assert "List-Unsubscribe" not in message


async def test_only_an_operator_can_bring_them_back(site: httpx2.AsyncClient, service: Service) -> None:
    link = link_to("never-again", await service.composed(await unasked(service, "confirm")))
    confirm = link_to("confirm", await service.read(MINA, "confirm"))
    await site.post(link)

    assert (await site.post(confirm)).status_code == 410
    assert await service.store.subscriptions.unsuppress(MINA)
    service.clock.on(days=8)
    assert await service.enrolment.join(MINA, Wishes(), WEB) is Joined.ASKED
    assert (await site.post(link)).status_code == 200  # and the old letter still does what it says
    assert await service.enrolment.join(MINA, Wishes(), WEB) is Joined.SUPPRESSED


async def test_a_link_of_another_kind_stops_nobodys_letters(
    site: httpx2.AsyncClient, service: Service
) -> None:
    mina = await service.subscribed()
    tokens = service.links.tokens
    own = (mina.subscriber, mina.generation)
    seal = "ab" * 24
    never = tokens.sign_sealed(Purpose.NEVER_AGAIN, seal)
    wrong = [
        tokens.sign(Purpose.NEVER_AGAIN, *own),
        tokens.sign(Purpose.LEAVE, *own),
        tokens.sign_sealed(Purpose.CONFIRM, seal),
        never[:-1],
        never + "A",
        never.swapcase(),
    ]
    before = await service.everything()

    for token in wrong:
        assert (await site.get(f"/never-again/{token}")).status_code == 404
        await site.post(f"/never-again/{token}")
    assert await service.everything() == before
