"""The reminder: who gets it, who never does, and that nobody gets two."""

from __future__ import annotations

import asyncio

import pytest
from desk import START, TIMETABLE, WEB, Service, link_to, text_of
from servers.smtp import SmtpServer

from digest.sending.letters import Post
from digest.subscriptions import Channel, Evidence, Standing, Suppression, Wishes

MINA = "mina@example.org"
IMPORT = Evidence(channel=Channel.IMPORT, wording="a list of ours", by="ada")


async def asked(service: Service, post: Post, address: str = MINA) -> int:
    """Somebody asked, was sent the letter, and has let a day go by; their number."""
    await service.enrolment.join(address, Wishes(), WEB, network="")
    await post.send()
    service.clock.on(hours=24)
    found = await service.store.subscriptions.find(address)
    assert found is not None
    return found.subscriber


async def test_who_has_not_confirmed_after_a_day_is_reminded_once(service: Service, post: Post) -> None:
    await service.enrolment.join(MINA, Wishes(), WEB, network="")
    await post.send()
    reminders = service.membership.reminders
    service.clock.on(hours=23, minutes=59)
    assert await reminders.write_due() == 0

    looks = []
    for _ in range(60):
        service.clock.on(hours=1)
        looks.append(await reminders.write_due())
        await post.send()

    assert sum(looks) == 1
    assert await service.kinds(MINA) == ["confirm", "reminder"]


async def test_the_reminder_leads_in_and_says_that_nothing_more_comes(service: Service, post: Post) -> None:
    await asked(service, post)
    await service.membership.reminders.write_due()

    letter = await service.read(MINA, "reminder")
    for kind in ("plain", "html"):
        text = " ".join(text_of(letter, kind).split())
        assert "This is our only reminder: nothing more comes." in text
        assert "123 001" in text
        assert "until Friday 6 March, 2:00pm." in text
    assert not [name for name in letter if name.lower().startswith("list-")]
    link = link_to("confirm", letter).rpartition("/")[2]
    assert link == link_to("confirm", await service.read(MINA, "confirm")).rpartition("/")[2]


@pytest.mark.parametrize("reminds", [True, False])
async def test_the_first_letter_says_whether_a_reminder_comes(service: Service, reminds: bool) -> None:
    await service.membership_with(reminds=reminds).enrolment.join(MINA, Wishes(), WEB, network="")

    letter = await service.read(MINA, "confirm")
    for kind in ("plain", "html"):
        text = " ".join(text_of(letter, kind).split())
        assert ("We remind you once" in text) == reminds
        assert "you will hear no more of it." in text.lower()


async def test_nobody_is_reminded_where_it_is_switched_off(service: Service, post: Post) -> None:
    await asked(service, post)

    assert await service.membership_with(reminds=False).reminders.write_due() == 0


@pytest.mark.parametrize(
    "why",
    ["confirmed", "left", "erased", "suppressed", "refused", "waiting", "invited", "late"],
)
async def test_nobody_is_reminded_who_should_not_be(
    service: Service, post: Post, relay: SmtpServer, why: str
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
            await post.send()
            service.clock.on(hours=24)
    if why != "invited":
        subscriber = await asked(service, post)
        match why:
            case "confirmed":
                await service.enrolment.confirm(subscriber, 1, WEB)
            case "left":
                await service.enrolment.leave(subscriber, 1, WEB)
            case "erased":
                await service.enrolment.erase(subscriber, 1, WEB)
            case "suppressed":
                await store.suppress(MINA, Suppression(why="law", since=START))
            case "late":
                service.clock.on(hours=36)

    assert await service.membership.reminders.write_due() == 0
    assert "reminder" not in await service.kinds()


async def test_two_who_look_at_once_write_one(service: Service, post: Post) -> None:
    await asked(service, post)
    reminders = service.membership.reminders

    await asyncio.gather(*(reminders.write_due() for _ in range(9)))

    assert await service.kinds(MINA) == ["confirm", "reminder"]
    limits, now = service.enrolment.limits, service.clock.now()
    assert (
        await limits.left_for_operators(TIMETABLE.day_of(now), now) == 500 - 1
    )  # half of a day's letters, but one


async def test_half_of_a_days_letters_stay_for_those_who_ask(service: Service, post: Post) -> None:
    for n in range(5):
        await service.enrolment.join(f"r{n}@example.org", Wishes(), WEB, network="")
    await post.send()
    service.clock.on(hours=24)
    reminders = service.membership_with(per_day=6).reminders

    assert await reminders.write_due() == 3
    assert service.calls == []
    service.clock.on(hours=12)  # the next day
    assert await reminders.write_due() == 2


async def test_who_asks_anew_in_vain_is_reminded_no_second_time(service: Service, post: Post) -> None:
    await asked(service, post)
    reminders = service.membership.reminders
    await reminders.write_due()
    await asked(service, post)

    assert await reminders.write_due() == 0


async def test_a_reminder_that_was_overtaken_is_not_sent(
    service: Service, post: Post, relay: SmtpServer
) -> None:
    subscriber = await asked(service, post)
    relay.answers[MINA] = "450 4.2.1 later"
    await service.membership.reminders.write_due()
    await post.send()
    assert await service.enrolment.confirm(subscriber, 1, WEB)
    relay.answers.clear()
    service.clock.on(hours=1)
    await post.send()

    subjects = [message.content.split(b"Subject: ")[1].splitlines()[0] for message in relay.messages]
    assert subjects == [
        b"Confirm that you want Inspections at Noon",
        b"Welcome to Inspections at Noon",
    ]
    assert (await service.now(subscriber)).standing is Standing.ACTIVE
