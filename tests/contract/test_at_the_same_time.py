"""What people do at the same moment, through the pages and on both databases.

Three ways to meet: `interleaved` puts the whole of one request between any two transactions of another,
`queued` lets them wait for one row, and `asyncio.gather` lets the database decide.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import httpx2
import pytest
from desk import WEB, Service, link_to
from desk_fixtures import app, clock, doors, health, letter_sender, links, relay, service, site
from interleaving import interleaved
from servers.smtp import At, Drop, Say, ScriptedSmtpServer, SmtpServer, Until
from sqlalchemy import select, text

from digest.adapters.smtp.connect import RelayOptions
from digest.adapters.smtp.relay import SmtpRelay
from digest.deliveries import State
from digest.letter_kinds import FreshLink, move_number
from digest.letters import Letter
from digest.membership.letters import CONFIRM_WITHIN
from digest.sending.letters import LEASE, UNDER_WAY, LetterSender
from digest.settings import MailServer
from digest.store.database import Database
from digest.store.tables import subscribers
from digest.subscriptions import Standing, Step, Subscription, Wishes
from digest.tokens import Purpose

__all__ = ["app", "clock", "doors", "health", "letter_sender", "links", "relay", "service", "site"]

Site = httpx2.AsyncClient
MINA = "mina@example.org"
NEW = "new@example.org"


# -- how they meet --------------------------------------------------------------------------------------


async def queued(database: Database, subscriber: int, *requests: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Do requests that write to one subscriber: all wait for its row, then go on in this order.

    SQLite lets no two write at once, so there they follow one another.
    """
    if database.file:
        return [await request() for request in requests]
    async with AsyncExitStack() as stack:
        holding = await stack.enter_async_context(database.write())
        await holding.execute(select(subscribers).where(subscribers.c.id == subscriber).with_for_update())
        tasks = []
        for n, request in enumerate(requests, 1):
            tasks.append(asyncio.ensure_future(request()))
            while await locks_waited_for(database) < n:  # noqa: ASYNC110 - a lock tells nobody who waits
                await asyncio.sleep(0.005)
    return await asyncio.gather(*tasks)


async def locks_waited_for(database: Database) -> int:
    async with database.read() as connection:
        found = await connection.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
        )
        return int(found.scalar_one())


def a_link(service: Service, purpose: Purpose, one: Subscription) -> str:
    return service.links.link(purpose, one.subscriber, one.generation)


async def press(site: Site, link: str, **fields: str) -> httpx2.Response:
    return await site.post(link, data=fields)


async def asked_to_move(service: Service, one: Subscription, new: str) -> str:
    """The link with which a new address confirms; the limits may have kept its letter back."""
    await service.address_changes.ask(one.subscriber, one.generation, new)
    request = await service.store.requests.get(one.subscriber)
    assert request is not None
    return service.links.link(Purpose.MOVE, one.subscriber, move_number(request.asked_at))


async def code_page(site: Site, service: Service, address: str) -> tuple[str, str]:
    """Where the code for an address is typed, and the code in its newest letter."""
    letter = [one for one in await service.letters(address) if one.kind == "confirm"][-1]
    return f"/code/{service.enrolment.reference(address)}", letter.content.as_json()["code"]


# -- leaving and joining --------------------------------------------------------------------------------


@pytest.mark.parametrize("leaves_first", [True, False])
async def test_somebody_who_leaves_and_joins_at_once_can_confirm_what_they_asked_for(
    site: Site, service: Service, monkeypatch: pytest.MonkeyPatch, leaves_first: bool
) -> None:
    before, alive = 0, 0
    while True:
        address = f"mina{before}@example.org"
        mina = await service.subscribed(address)
        leave = lambda one=mina: press(site, a_link(service, Purpose.LEAVE, one))  # noqa: E731
        join = lambda to=address: service.enrolment.join(to, Wishes(), WEB)  # noqa: E731
        both = (leave, join) if leaves_first else (join, leave)
        if not await interleaved(monkeypatch, *both, before):
            break
        now = await service.now(mina.subscriber)
        assert now.standing is not Standing.ACTIVE
        if now.standing is Standing.PENDING:
            alive += 1
            page, code = await code_page(site, service, address)
            assert (await press(site, page, code=code)).status_code == 200
            assert (await service.now(mina.subscriber)).generation == mina.generation + 1
        before += 1
        service.clock.on(hours=2)
    assert alive


@pytest.mark.parametrize("purpose", [Purpose.LEAVE, Purpose.ONE_CLICK])
async def test_leaving_and_joining_in_any_order_leaves_a_request_or_none(
    site: Site, service: Service, purpose: Purpose
) -> None:
    mina = await service.subscribed()

    await asyncio.gather(
        press(site, a_link(service, purpose, mina)), *(press(site, "/join", address=MINA) for _ in range(3))
    )

    now = await service.now(mina.subscriber)
    if now.standing is Standing.PENDING:
        page, code = await code_page(site, service, MINA)
        assert (await press(site, page, code=code)).status_code == 200
    else:
        assert now.standing is Standing.ENDED


async def test_a_late_request_to_move_does_not_replace_a_request_to_join(
    site: Site, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The move was asked for before its owner left; the request of the new generation stays."""
    before = 0
    while True:
        address = f"mina{before}@example.org"
        mina = await service.subscribed(address)

        async def leave_and_join(one: Subscription = mina) -> None:
            await press(site, a_link(service, Purpose.LEAVE, one))
            await press(site, "/join", address=one.address)

        def move(one: Subscription = mina) -> Awaitable[Any]:
            new = f"new{one.subscriber}@example.org"
            return service.address_changes.ask(one.subscriber, one.generation, new)

        if not await interleaved(monkeypatch, move, leave_and_join, before):
            break
        page, code = await code_page(site, service, address)
        assert (await press(site, page, code=code)).status_code == 200
        before += 1
        service.clock.on(hours=2)
    assert before > 1


@pytest.mark.parametrize("goes", ["erases", "moves"])
async def test_somebody_can_join_with_an_address_that_is_given_up_at_that_moment(
    site: Site, service: Service, goes: str
) -> None:
    await press(site, "/join", address=MINA)
    mina = await service.store.subscriptions.find(MINA)
    assert mina is not None
    if goes == "moves":
        await service.enrolment.confirm(mina.subscriber, mina.generation, WEB)
        going = press(site, await asked_to_move(service, mina, NEW))
    else:
        going = service.enrolment.erase(mina.subscriber, WEB)
    service.clock.on(minutes=2)

    evidence = replace(WEB, wording="Join again")
    await queued(
        service.store.database,
        mina.subscriber,
        lambda: going,
        lambda: service.store.subscriptions.ask(MINA, Wishes(), evidence, service.clock.now()),
    )

    again = await service.store.subscriptions.find(MINA)
    assert again is not None
    assert (again.subscriber != mina.subscriber, again.standing) == (True, Standing.PENDING)


# -- a change of address --------------------------------------------------------------------------------


async def test_of_two_who_move_to_one_address_one_gets_it(site: Site, service: Service) -> None:
    for n in range(4):
        new = f"new{n}@example.org"
        movers = [await service.subscribed(f"{name}{n}@example.org") for name in ("ada", "ben")]
        moving = [await asked_to_move(service, mover, new) for mover in movers]

        answers = await asyncio.gather(*(press(site, link) for link in moving))

        assert sorted(answer.status_code for answer in answers) == [200, 410]
        assert [new in answer.text for answer in answers] == [False, False]
        there = [one for one in movers if (await service.now(one.subscriber)).address == new]
        assert len(there) == 1
        assert answers[movers.index(there[0])].status_code == 200
        service.clock.on(hours=2)


async def test_a_link_confirms_the_address_that_it_was_sent_to_even_if_two_were_asked_for_at_once(
    site: Site, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else somebody could have their own address confirm another's."""
    before = 0
    while True:
        mina = await service.subscribed(f"mina{before}@example.org")
        own, theirs = f"own{before}@example.org", f"theirs{before}@example.org"

        def ask(new: str, one: Subscription = mina) -> Awaitable[Any]:
            return service.address_changes.ask(one.subscriber, one.generation, new)

        asking = partial(ask, own), partial(ask, theirs)
        if not await interleaved(monkeypatch, *asking, before):
            break
        for new in (own, theirs):
            for letter in await service.letters(new):
                await press(site, link_to("move", await service.composed(letter)))
                assert (await service.now(mina.subscriber)).address in {mina.address, new}, before
                mina = await service.now(mina.subscriber)
        before += 1
        service.clock.on(hours=2)
    assert before > 2


async def test_moving_to_an_address_that_joins_at_that_moment_is_no_trouble(
    site: Site, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    for n in range(4):
        new = f"new{n}@example.org"
        mina = await service.subscribed(f"mina{n}@example.org")
        link = await asked_to_move(service, mina, new)

        answers = await asyncio.gather(press(site, link), press(site, "/join", address=new))

        assert [answer.status_code for answer in answers] == [200, 200]
        assert (await service.now(mina.subscriber)).address == new
        service.clock.on(hours=2)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


# -- one button pressed many times ----------------------------------------------------------------------

OTHERS = ("confirm", "code", "pause", "pause until", "resume", "wishes", "leave", "one-click", "erase")


@pytest.mark.parametrize(("button", "times"), [("move", 25), *((other, 5) for other in OTHERS)])
async def test_a_button_pressed_many_times_at_once_is_one_step(
    site: Site, service: Service, button: str, times: int
) -> None:
    link, fields, step = await a_button(site, service, button)
    letters = len(await service.letters())

    answers = await asyncio.gather(*(press(site, link, **fields) for _ in range(times)))

    assert {answer.status_code for answer in answers} == {200}
    found = (await service.everything())["subscription_steps"]
    assert [row[3] for row in found].count(step) == 1
    assert len(await service.letters()) - letters <= 1
    again = await press(site, link, **fields)
    assert again.status_code == 200
    assert (await service.everything())["subscription_steps"] == found


async def a_button(site: Site, service: Service, button: str) -> tuple[str, dict[str, str], Step]:
    """Where it posts to, its fields, and the step that it takes."""
    if button in {"confirm", "code"}:
        await press(site, "/join", address=MINA)
        page, code = await code_page(site, service, MINA)
        if button == "code":
            return page, {"code": code}, Step.CONFIRMED
        return link_to("confirm", await service.read(MINA, "confirm")), {}, Step.CONFIRMED
    mina = await service.subscribed()
    manage = a_link(service, Purpose.MANAGE, mina)
    until = service.clock.now() + timedelta(hours=24)
    own = (mina.subscriber, mina.generation)
    if button == "resume":
        await press(site, f"{manage}/pause", until="")
    return (
        {
            "pause": lambda: (f"{manage}/pause", {"until": ""}, Step.PAUSED),
            "pause until": lambda: (f"{manage}/pause", {"until": "2026-12-24"}, Step.PAUSED),
            "resume": lambda: (f"{manage}/resume", {}, Step.RESUMED),
            "wishes": lambda: (f"{manage}/wishes", {"movements_only": "yes", "watched": ""}, Step.WISHED),
            "leave": lambda: (a_link(service, Purpose.LEAVE, mina), {}, Step.LEFT),
            "one-click": lambda: (a_link(service, Purpose.ONE_CLICK, mina), {}, Step.LEFT),
            "move": lambda: ("", {}, Step.MOVED),
            "erase": lambda: (
                f"/erase/{service.links.tokens.sign_expiring(Purpose.ERASE, *own, until)}",
                {},
                Step.ERASED,
            ),
        }[button]()
        if button != "move"
        else (await asked_to_move(service, mina, NEW), {}, Step.MOVED)
    )


# -- the code, typed twice ------------------------------------------------------------------------------


async def test_a_code_typed_again_shows_the_welcome_again_and_no_way_in(site: Site, service: Service) -> None:
    await press(site, "/join", address=MINA)
    page, code = await code_page(site, service, MINA)

    first = await press(site, page, code=code)
    assert "/manage/" in first.text
    for wait in (timedelta(0), CONFIRM_WITHIN - timedelta(hours=1)):  # as long as the request is open
        service.clock.at += wait
        again = await press(site, page, code=code)
        assert (again.status_code, "You’re subscribed" in again.text) == (200, True)
        assert "/manage/" not in again.text  # the letter may have been passed on meanwhile
    service.clock.on(hours=1)

    assert (await press(site, page, code=code)).status_code == 422
    assert (await service.kinds(MINA)).count("welcome") == 1


async def test_a_code_typed_twice_at_once_succeeds_twice(site: Site, service: Service) -> None:
    await press(site, "/join", address=MINA)
    page, code = await code_page(site, service, MINA)

    answers = await asyncio.gather(*(press(site, page, code=code) for _ in range(2)))

    assert ["You’re subscribed" in answer.text for answer in answers] == [True, True]
    assert (await service.kinds(MINA)).count("welcome") == 1


async def test_a_used_code_is_as_hard_to_guess_as_a_new_one(site: Site, service: Service) -> None:
    """Wrong codes run out of tries after the confirmation too, and the page is the same as for a stranger."""
    await press(site, "/join", address=MINA)
    page, code = await code_page(site, service, MINA)
    assert (await press(site, page, code=code)).status_code == 200
    stranger = f"/code/{service.enrolment.reference('nobody@example.org')}"

    for _ in range(5):
        wrong, unknown = await press(site, page, code="000000"), await press(site, stranger, code="000000")
        assert wrong.text.replace(page, "") == unknown.text.replace(stranger, "")
        assert wrong.status_code == 422

    assert (await press(site, page, code=code)).status_code == 422


async def test_a_used_code_opens_nothing_once_its_subscription_is_over(site: Site, service: Service) -> None:
    await press(site, "/join", address=MINA)
    page, code = await code_page(site, service, MINA)
    await press(site, page, code=code)
    mina = await service.store.subscriptions.find(MINA)
    assert mina is not None
    await press(site, a_link(service, Purpose.LEAVE, mina))

    assert (await press(site, page, code=code)).status_code == 422
    assert (await service.now(mina.subscriber)).standing is Standing.ENDED


# -- a letter and its repeat ----------------------------------------------------------------------------

LATER = "450 4.2.1 later"


def a_sender(service: Service, server: SmtpServer | ScriptedSmtpServer) -> LetterSender:
    options = RelayOptions(
        server=MailServer(host=server.host, port=server.port),
        local_hostname="digest.example.org",
        connect_attempts=1,
        rest=timedelta(0),
    )
    compose = service.correspondence.compose
    return LetterSender(store=service.store, relay=SmtpRelay([options]), compose=compose, clock=service.clock)


async def states(service: Service, address: str | None = None) -> list[State]:
    [subscriber] = {letter.subscriber for letter in await service.letters(address)}
    assert subscriber is not None
    return [record.state for record in await service.store.letters.of(subscriber)]


async def test_a_letter_that_may_be_lost_is_sent_again_as_soon_as_its_reader_asks(
    site: Site, service: Service
) -> None:
    """The connection broke after the final dot, so nobody knows whether the relay took it."""
    async with ScriptedSmtpServer({At.DOT: [Drop()]}) as server:
        sender = a_sender(service, server)
        await press(site, "/join", address=MINA)
        await sender.send()
        assert await states(service) == [State.UNKNOWN]
        await press(site, "/join", address=MINA)
        await sender.send()

        assert await states(service) == [State.UNKNOWN, State.ACCEPTED]
        page, code = await code_page(site, service, MINA)
        await press(site, "/join", address=MINA)  # a third press within the minute: that letter is on its way
        assert await sender.send() == 0
    assert (await press(site, page, code=code)).status_code == 200


async def test_after_a_crash_while_a_letter_was_handed_over_a_new_one_comes_within_a_minute(
    site: Site, service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    await press(site, "/join", address=MINA)
    claimed = await service.store.letters.claim(service.clock.now(), LEASE)
    assert claimed is not None
    await service.store.letters.begin(claimed, service.clock.now(), UNDER_WAY)  # and here the process dies
    service.clock.on(minutes=2)

    await press(site, "/join", address=MINA)
    service.clock.on(minutes=1)
    await letter_sender.send()

    assert len(relay.messages) == 1


@pytest.mark.parametrize("ask", ["join", "links", "own link"])
async def test_a_letter_that_was_put_off_and_its_repeat_are_one_message(
    site: Site, service: Service, letter_sender: LetterSender, relay: SmtpServer, ask: str
) -> None:
    if ask != "join":
        mina = await service.subscribed()
        await letter_sender.send()
        relay.messages.clear()
    if ask == "own link":
        button = lambda: press(site, f"{a_link(service, Purpose.MANAGE, mina)}/export")  # noqa: E731
    else:
        button = lambda: press(site, "/join" if ask == "join" else "/fresh-link", address=MINA)  # noqa: E731
    relay.answers[MINA] = LATER
    await button()
    await letter_sender.send()
    service.clock.on(minutes=1, seconds=30)
    await button()
    relay.answers.clear()

    for _ in range(5):
        await letter_sender.send()
        service.clock.on(minutes=10)

    assert len(relay.messages) == 1
    if ask == "join":
        assert await states(service) == [State.SKIPPED, State.ACCEPTED]
        _, code = await code_page(site, service, MINA)
        assert f"{code[:3]} {code[3:]}" in relay.messages[0].content.decode()


@pytest.mark.parametrize("answer", [Say("250 2.0.0 taken"), Say(LATER), Drop()])
async def test_a_letter_asked_for_while_the_one_before_is_handed_over_is_sent_if_that_is_not_taken(
    site: Site, service: Service, answer: Say | Drop
) -> None:
    decided = asyncio.Event()
    async with ScriptedSmtpServer({At.DOT: [(Until(decided), answer)]}) as server:
        await press(site, "/join", address=MINA)
        service.clock.on(minutes=2)
        first = asyncio.create_task(a_sender(service, server).send())
        await server.reached(At.DOT)

        await press(site, "/join", address=MINA)
        other = a_sender(service, server)  # another process
        assert await other.send() == 0
        decided.set()
        await first
        for _ in range(5):
            await other.send()
            service.clock.on(minutes=10)
        taken = sum(state is State.ACCEPTED for state in await states(service))

    assert taken == 1
    assert {State.DEFERRED, State.PLANNED}.isdisjoint(await states(service))


async def test_a_letter_and_its_repeat_are_one_message_whenever_the_repeat_is_asked_for(
    service: Service, relay: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Put off once, then tried again: the repeat is asked for between any two steps of that."""
    sender, before = a_sender(service, relay), 0
    while True:
        address = f"mina{before}@example.org"
        relay.answers[address] = LATER
        await service.enrolment.join(address, Wishes(), WEB)
        await sender.send()
        relay.answers.clear()
        service.clock.on(minutes=3)

        taken_before: list[bool] = []

        async def ask_again(to: str = address, taken: list[bool] = taken_before) -> None:
            taken.append(bool(relay.to(to)) and State.TRANSMITTING not in await states(service, to))
            await service.enrolment.join(to, Wishes(), WEB)

        met = await interleaved(monkeypatch, sender.send, ask_again, before)
        for _ in range(2):
            service.clock.on(minutes=10)
            await sender.send()
        if not met:
            break
        assert len(relay.to(address)) == 1 + taken_before[0], before
        before += 1
    assert before > 5


@pytest.mark.parametrize("times", [2, 6])
async def test_a_letter_asked_for_many_times_at_once_after_it_was_put_off_is_one_message(
    site: Site, service: Service, letter_sender: LetterSender, relay: SmtpServer, times: int
) -> None:
    relay.answers[MINA] = LATER
    await press(site, "/join", address=MINA)
    await letter_sender.send()
    relay.answers.clear()
    service.clock.on(hours=1)

    await asyncio.gather(*(press(site, "/join", address=MINA) for _ in range(times)))
    for _ in range(3):
        await letter_sender.send()
        service.clock.on(minutes=10)

    assert len(relay.messages) == 1


async def test_of_letters_that_repeat_each_other_and_are_written_at_once_one_waits(service: Service) -> None:
    mina = await service.subscribed()
    own = {"subscriber": mina.subscriber, "generation": mina.generation}
    now = service.clock.now()
    many = [
        Letter(
            content=FreshLink(**own, occasion=f"minute {n}"), address=MINA, expires_at=now + timedelta(days=1)
        )
        for n in range(6)
    ]

    assert all(await asyncio.gather(*(service.store.letters.write(letter, now) for letter in many)))

    found = [one for one in await service.store.letters.of(mina.subscriber) if one.kind == FreshLink.kind]
    assert sorted(one.state for one in found) == [State.PLANNED] + [State.SKIPPED] * 5
