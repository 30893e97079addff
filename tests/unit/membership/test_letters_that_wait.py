"""Letters that wait while their subscriber acts: which are still sent, and to which address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, cast

import pytest
from builders import an_alerted_story
from desk import START, WEB, Service
from servers.smtp import SmtpServer
from sqlalchemy import select

from digest.deliveries import Answer, Pause, State
from digest.edition import StoryKey
from digest.letter_kinds import Alert, ProofOfLife, QuietWeek, move_number
from digest.letters import Letter
from digest.ports import Relay
from digest.relays import LastDial
from digest.sending.letters import LetterSender
from digest.store.tables import letters
from digest.subscriptions import Channel, Evidence, Step, Subscription, Suppression, Wishes

MINA = "mina@example.org"
NEW = "mina@work.example.org"
WISHES = Wishes(watched=("kent-pdu",), alerts=True, proof_of_life=True)
SERVICE = Evidence(channel=Channel.SERVICE, wording="a complaint (abuse)")


class Bare:
    """A renderer that prints only the name of the template; other tests read the words of letters."""

    def render(self, template: str, values: Mapping[str, Any]) -> str:
        return template


@pytest.fixture
def bare(letter_sender: LetterSender, service: Service) -> LetterSender:
    return replace(letter_sender, compose=replace(service.correspondence, renderer=Bare()).compose)


def kinds(relay: SmtpServer) -> dict[str, set[str]]:
    """The kinds of letters that each address received."""
    found: dict[str, set[str]] = {}
    for message in relay.messages:
        kind = message.content.split(b"Message-ID: <")[1].partition(b".")[0].decode()
        found.setdefault(message.recipients[0], set()).add(kind)
    return found


async def waiting(service: Service) -> Subscription:
    """Somebody for whom a letter of each kind waits while an operator has paused sending."""
    await service.store.pauses.pause(Pause(since=START, by="ada", why="a trial"))
    mina = await service.subscribed(wishes=WISHES)
    own = (mina.subscriber, mina.generation)
    await service.enrolment.fresh_link(MINA, WEB)
    await service.owner_links.send(*own, "export")
    await service.address_changes.ask(*own, NEW)
    to = {"subscriber": mina.subscriber, "generation": mina.generation}
    week = QuietWeek(sources=7, troubled=(), first=date(2026, 2, 28), last=date(2026, 3, 6))
    for content in (
        Alert(**to, about=StoryKey(item=1, place=0), story=an_alerted_story()),
        ProofOfLife(**to, week=week, narrowed=False),
    ):
        letter = Letter(content=content, address=MINA, expires_at=START + timedelta(hours=24))
        await service.store.letters.write(letter, START)
    return mina


async def acts(service: Service, mina: Subscription, what: str) -> None:
    own = (mina.subscriber, mina.generation)
    store = service.store.subscriptions
    match what:
        case "pauses":
            await service.enrolment.pause(*own, None, WEB)
        case "leaves":
            await service.enrolment.leave(*own, WEB)
        case "complains" | "is removed":
            step = Step.COMPLAINED if what == "complains" else Step.REMOVED
            await store.take(*own, step, SERVICE, service.clock.now())
        case "is erased":
            await service.enrolment.erase(own[0], WEB)
        case "is suppressed":
            await store.suppress(MINA, Suppression(why="law", since=START))
        case "moves":
            request = await service.store.requests.get(mina.subscriber)
            assert request is not None
            assert await service.address_changes.confirm(mina.subscriber, move_number(request.asked_at), WEB)
        case "wants no alerts":
            await service.enrolment.wish(*own, replace(WISHES, alerts=False), WEB)
        case "leaves and comes back":
            await service.enrolment.leave(*own, WEB)
            await service.subscribed(wishes=WISHES)


@pytest.mark.parametrize(
    ("what", "mina_gets", "new_gets"),
    [
        ("stays", {"welcome", "fresh-link", "own-link", "alert", "proof-of-life"}, {"confirm-move"}),
        ("pauses", {"welcome", "fresh-link", "own-link"}, {"confirm-move"}),
        ("leaves", {"left"}, set()),
        ("complains", set(), set()),
        ("is removed", set(), set()),
        ("is erased", set(), set()),
        ("is suppressed", set(), set()),
        ("moves", {"moved"}, set()),
        ("wants no alerts", {"welcome", "fresh-link", "own-link", "proof-of-life"}, {"confirm-move"}),
        ("leaves and comes back", {"welcome"}, set()),
    ],
)
async def test_a_letter_that_waited_is_sent_only_if_it_is_still_true(
    service: Service,
    bare: LetterSender,
    relay: SmtpServer,
    what: str,
    mina_gets: set[str],
    new_gets: set[str],
) -> None:
    mina = await waiting(service)
    await acts(service, mina, what)
    await service.store.pauses.resume()

    await bare.send()

    assert kinds(relay) == {who: got for who, got in {MINA: mina_gets, NEW: new_gets}.items() if got}
    async with service.store.database.read() as connection:
        states = set((await connection.execute(select(letters.c.state))).scalars())
    assert states <= {State.ACCEPTED, State.SKIPPED}


@pytest.mark.parametrize("what", ["pauses", "leaves", "complains", "is removed", "moves"])
async def test_an_alert_that_the_relay_put_off_is_not_sent_to_somebody_who_left_meanwhile(
    service: Service, bare: LetterSender, relay: SmtpServer, what: str
) -> None:
    mina = await waiting(service)
    await service.store.pauses.resume()
    relay.answers[MINA] = "450 4.7.1 greylisted"
    await bare.send()
    relay.answers.clear()
    relay.messages.clear()

    await acts(service, mina, what)
    service.clock.on(hours=1)
    await bare.send()

    assert kinds(relay).get(MINA, set()).isdisjoint({"alert", "proof-of-life"})
    assert NEW not in kinds(relay) or what == "moves"


async def test_somebody_who_leaves_before_the_relay_answers_does_not_get_their_letter(
    service: Service, bare: LetterSender, relay: SmtpServer
) -> None:
    """A slow relay may take minutes between the envelope and the content."""
    mina = await service.subscribed()
    compose, loop = bare.compose, asyncio.get_running_loop()

    def slowly(letter: Letter, at: Any, number: int) -> Any:
        if letter.kind == "welcome":
            leaving = service.enrolment.leave(mina.subscriber, mina.generation, WEB)
            asyncio.run_coroutine_threadsafe(leaving, loop).result()
        return compose(letter, at, number)

    await replace(bare, compose=slowly).send()

    assert kinds(relay) == {MINA: {"left"}}


async def test_a_relay_may_take_ten_minutes_to_answer(
    service: Service, bare: LetterSender, relay: SmtpServer
) -> None:
    """RFC 5321 section 4.5.3.2.6. Another process that looks meanwhile must not take the letter for lost."""
    await service.enrolment.join(MINA, Wishes(), WEB)
    its_own = bare.relay

    class Thorough:
        def health(self) -> list[LastDial]:
            return []

        @asynccontextmanager
        async def session(self) -> AsyncIterator[Any]:
            async with its_own.session() as session:
                hand_over = session.hand_over

                async def slowly(wire: bytes, then: Any = None) -> Answer:
                    service.clock.on(minutes=10)
                    assert await bare.send() == 0
                    return await hand_over(wire, then)

                session.hand_over = slowly  # type: ignore[method-assign]
                yield session

    await replace(bare, relay=cast("Relay", Thorough())).send()

    assert kinds(relay) == {MINA: {"confirm"}}
    async with service.store.database.read() as connection:
        states = list((await connection.execute(select(letters.c.state))).scalars())
    assert states == [State.ACCEPTED]
