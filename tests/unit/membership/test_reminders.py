"""The reminder: who gets it, who does not, and that nobody gets two."""

from __future__ import annotations

import asyncio

import pytest
from desk import START, WEB, Service, link_to, text_of
from servers.smtp import SmtpServer

from digest.membership.limits import Share
from digest.sending.letters import LetterSender
from digest.subscriptions import Channel, Evidence, Standing, Suppression, Wishes

MINA = "mina@example.org"
IMPORT = Evidence(channel=Channel.IMPORT, wording="a list of ours", by="ada")


async def asked(service: Service, letter_sender: LetterSender, address: str = MINA) -> int:
    """The number of somebody who asked, was sent the letter, and did nothing for a day."""
    await service.enrolment.join(address, Wishes(), WEB)
    await letter_sender.send()
    service.clock.on(hours=24)
    found = await service.store.subscriptions.find(address)
    assert found is not None
    return found.subscriber


async def test_somebody_who_has_not_confirmed_after_a_day_is_reminded_once(
    service: Service, letter_sender: LetterSender
) -> None:
    await service.enrolment.join(MINA, Wishes(), WEB)
    await letter_sender.send()
    reminders = service.membership.reminders
    service.clock.on(hours=23, minutes=59)
    assert await reminders.write_due() == 0

    looks = []
    for _ in range(60):
        service.clock.on(hours=1)
        looks.append(await reminders.write_due())
        await letter_sender.send()

    assert sum(looks) == 1
    assert await service.kinds(MINA) == ["confirm", "reminder"]


async def test_the_reminder_holds_the_same_link_and_says_that_nothing_more_comes(
    service: Service, letter_sender: LetterSender
) -> None:
    await asked(service, letter_sender)
    await service.membership.reminders.write_due()

    letter = await service.read(MINA, "reminder")
    for kind in ("plain", "html"):
        text = " ".join(text_of(letter, kind).split())
        assert "This is our only reminder." in text
        assert "123 001" in text
        assert "until Tuesday 10 March, 2:00pm." in text
    assert "never-again" in letter["List-Unsubscribe"]
    link = link_to("confirm", letter).rpartition("/")[2]
    assert link == link_to("confirm", await service.read(MINA, "confirm")).rpartition("/")[2]


@pytest.mark.parametrize("reminds", [True, False])
async def test_the_first_letter_says_whether_a_reminder_comes(service: Service, reminds: bool) -> None:
    await service.membership_with(reminds=reminds).enrolment.join(MINA, Wishes(), WEB)

    letter = await service.read(MINA, "confirm")
    for kind in ("plain", "html"):
        text = " ".join(text_of(letter, kind).split())
        then = "we will remind you once at most, a day later, then stop." if reminds else "we will stop."
        assert f"by mistake. Do nothing{':' if reminds else ', and'} {then}" in text


async def test_nobody_is_reminded_while_reminders_are_switched_off(
    service: Service, letter_sender: LetterSender
) -> None:
    await asked(service, letter_sender)

    assert await service.membership_with(reminds=False).reminders.write_due() == 0


@pytest.mark.parametrize(
    "why",
    ["confirmed", "left", "erased", "suppressed", "refused", "waiting", "invited", "late"],
)
async def test_nobody_is_reminded_who_should_not_be(
    service: Service, letter_sender: LetterSender, relay: SmtpServer, why: str
) -> None:
    store = service.store.subscriptions
    match why:
        case "refused":
            relay.answers[MINA] = "554 5.6.0 malformed content"
        case "waiting":
            relay.answers[MINA] = "450 4.7.1 greylisted"
        case "invited":
            dan = await store.ask(MINA, Wishes(), IMPORT, service.clock.now())
            await service.enrolment.invite(dan.subscriber)
            await letter_sender.send()
            service.clock.on(hours=24)
    if why != "invited":
        subscriber = await asked(service, letter_sender)
        match why:
            case "confirmed":
                await service.enrolment.confirm(subscriber, 1, WEB)
            case "left":
                await service.enrolment.leave(subscriber, 1, WEB)
            case "erased":
                await service.enrolment.erase(subscriber, WEB)
            case "suppressed":
                await store.suppress(MINA, Suppression(why="law", since=START))
            case "late":
                service.clock.on(days=5, hours=13)

    assert await service.membership.reminders.write_due() == 0
    assert "reminder" not in await service.kinds()


async def test_processes_that_look_at_once_write_one_reminder(
    service: Service, letter_sender: LetterSender
) -> None:
    await asked(service, letter_sender)
    reminders = service.membership.reminders

    await asyncio.gather(*(reminders.write_due() for _ in range(9)))

    assert await service.kinds(MINA) == ["confirm", "reminder"]
    assert await reminders.letters.left(Share.INVITATIONS) == 200 - 1


async def test_reminders_use_a_fifth_of_a_days_letters(service: Service, letter_sender: LetterSender) -> None:
    for n in range(5):
        await service.enrolment.join(f"r{n}@example.org", Wishes(), WEB)
    await letter_sender.send()
    service.clock.on(hours=24)
    reminders = service.membership_with(per_day=15).reminders

    assert await reminders.write_due() == 3
    assert service.calls == []
    service.clock.on(hours=12)  # the next day
    assert await reminders.write_due() == 2


async def test_somebody_who_asks_again_is_not_reminded_again(
    service: Service, letter_sender: LetterSender
) -> None:
    await asked(service, letter_sender)
    reminders = service.membership.reminders
    await reminders.write_due()
    await asked(service, letter_sender)

    assert await reminders.write_due() == 0


async def test_a_reminder_is_not_sent_after_the_confirmation(
    service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    subscriber = await asked(service, letter_sender)
    relay.answers[MINA] = "450 4.2.1 later"
    await service.membership.reminders.write_due()
    await letter_sender.send()
    assert await service.enrolment.confirm(subscriber, 1, WEB)
    relay.answers.clear()
    service.clock.on(hours=1)
    await letter_sender.send()

    subjects = [message.content.split(b"Subject: ")[1].splitlines()[0] for message in relay.messages]
    assert subjects == [
        b"Confirm that you want Inspections at Noon",
        b"Welcome to Inspections at Noon",
    ]
    assert (await service.now(subscriber)).standing is Standing.ACTIVE
