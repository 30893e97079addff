"""Letters that come back: what they asked for is over, and what they told scores like an edition."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from builders import an_alerted_story
from receiving_setup import (
    FIRST,
    LETTER_KEY,
    ReceivingSetup,
    a_complaint,
    a_report,
    noon,
)
from sqlalchemy import select

from digest.deliveries import Answer, Event, State
from digest.edition import StoryKey
from digest.jobs.bounces import DeliveryBounces, score_refusals
from digest.letter_kinds import Alert
from digest.letters import Letter, settlement
from digest.membership.enrolment import Enrolment
from digest.ports import LetterRecord, Mail
from digest.smtp_verdicts import Verdict
from digest.store.sql import SqlStore
from digest.store.tables import letters
from digest.subscriptions import Channel, Evidence, Standing, Step, Subscription, Wishes
from digest.tokens import letter_return_token

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
MINA = "mina@council.example"
WEB = Evidence(channel=Channel.WEB)
A_DAY = timedelta(days=1)
TAKEN = Answer(event=Event.TAKEN, code=250, text="2.0.0 ok")
REFUSED = Answer(event=Event.REJECTED, code=550, text="5.1.1 <mina@council.example>: no such user here")
FULL = {"status": "4.2.2", "said": "452 4.2.2 mailbox full"}


@pytest.fixture
def setup(store: SqlStore) -> ReceivingSetup:
    return ReceivingSetup(store)


@pytest.fixture
def people(setup: ReceivingSetup) -> Enrolment:
    return setup.with_people()


async def send(setup: ReceivingSetup, answer: Answer = TAKEN) -> LetterRecord:
    """Let every letter that waits go out; the newest."""
    now = setup.clock.now()
    while claimed := await setup.store.letters.claim(now, timedelta(minutes=5)):
        await setup.store.letters.begin(claimed, now, timedelta(minutes=5))
        settled = settlement(claimed, answer, begun=True, now=now)
        await setup.store.letters.settle(claimed, settled, answer, now)
    async with setup.store.database.read() as connection:
        ids = (await connection.execute(select(letters.c.id).order_by(letters.c.id))).scalars().all()
    newest = await setup.store.letters.get(ids[-1])
    assert newest is not None
    return newest


def of(letter: LetterRecord, key: bytes = LETTER_KEY, **said: str) -> Mail:
    """A mail server's report on a letter."""
    return replace(a_report(FIRST, 1, **said), sent_to=return_path(letter, key))


def return_path(letter: LetterRecord, key: bytes = LETTER_KEY) -> str:
    return f"bounces+{letter_return_token(letter.number, key)}@digest.example.org"


async def asked(setup: ReceivingSetup, people: Enrolment) -> tuple[Subscription, LetterRecord]:
    await people.join(MINA, Wishes(), WEB)
    letter = await send(setup)
    return await mina(setup), letter


async def active(setup: ReceivingSetup, since: date = FIRST - 60 * A_DAY) -> Subscription:
    return await setup.store.subscriptions.add(MINA, Wishes(), noon(since))


async def mina(setup: ReceivingSetup) -> Subscription:
    found = await setup.store.subscriptions.find(MINA)
    assert found is not None
    return found


async def alerted(setup: ReceivingSetup, to: Subscription) -> LetterRecord:
    """An alert that was sent, at the time that it is."""
    now = setup.clock.now()
    content = Alert(
        subscriber=to.subscriber,
        generation=to.generation,
        about=StoryKey(item=int(now.timestamp()), place=0),
        story=an_alerted_story(),
    )
    letter = Letter(content=content, address=MINA, expires_at=now + A_DAY)
    await setup.store.letters.write(letter, now)
    return await send(setup)


async def wants_to_move(setup: ReceivingSetup, one: Subscription, address: str) -> None:
    changes = setup.membership().address_changes
    await changes.ask(one.subscriber, one.generation, address)


# -- requests -------------------------------------------------------------------------------------------


async def test_a_confirmation_that_comes_back_for_good_settles_its_request(
    setup: ReceivingSetup, people: Enrolment
) -> None:
    one, letter = await asked(setup, people)

    await setup.receiver.receive(of(letter))

    found = await mina(setup)
    assert (found.standing, found.ended_reason) == (Standing.ENDED, Step.LAPSED)
    assert await setup.store.requests.get(one.subscriber) is None
    last = (await setup.store.subscriptions.history(one.subscriber))[-1]
    assert "no such user here" in last.evidence.wording
    assert "mina@" not in last.evidence.wording
    [back] = await setup.store.letters.latest(one.subscriber, 5)
    assert (back.state, back.code) == (State.BOUNCED, 550)
    assert back.text is not None
    assert "no such user here" in back.text


async def test_people_who_ask_again_after_it_came_back_are_asked_again(
    setup: ReceivingSetup, people: Enrolment
) -> None:
    _, letter = await asked(setup, people)
    await setup.receiver.receive(of(letter))
    setup.clock.move_to(noon(FIRST) + timedelta(hours=1))

    await asked(setup, people)
    await setup.receiver.receive(of(letter, note="the first one, once more"))

    assert (await mina(setup)).standing is Standing.PENDING


async def test_a_full_mailbox_leaves_the_request_open(setup: ReceivingSetup, people: Enrolment) -> None:
    one, letter = await asked(setup, people)

    await setup.receiver.receive(of(letter, **FULL))

    assert (await mina(setup)).standing is Standing.PENDING
    [back] = await setup.store.letters.latest(one.subscriber, 5)
    assert back.state is State.BOUNCED


async def test_a_delay_of_a_letter_changes_nothing(setup: ReceivingSetup, people: Enrolment) -> None:
    one, letter = await asked(setup, people)

    await setup.receiver.receive(of(letter, action="delayed", status="4.4.1"))

    [waits] = await setup.store.letters.latest(one.subscriber, 5)
    assert waits.state is State.ACCEPTED


async def test_a_forged_return_path_settles_nothing(setup: ReceivingSetup, people: Enrolment) -> None:
    _, letter = await asked(setup, people)

    await setup.receiver.receive(of(letter, key=b"another key"))

    assert (await mina(setup)).standing is Standing.PENDING
    assert setup.receiver.kinds == {"forged bounce": 1}


async def test_a_confirmation_refused_while_we_submit_settles_its_request_too(
    setup: ReceivingSetup, people: Enrolment
) -> None:
    await people.join(MINA, Wishes(), WEB)
    await send(setup, REFUSED)

    for _ in range(2):
        await score_refusals(setup.bounces)

    found = await mina(setup)
    assert (found.standing, found.ended_reason) == (Standing.ENDED, Step.LAPSED)
    evidence = (await setup.store.subscriptions.history(found.subscriber))[-1].evidence
    assert evidence.channel is Channel.SERVICE
    assert "did not reach it: 550" in evidence.wording
    assert "mina@" not in evidence.wording


async def test_who_has_confirmed_by_an_earlier_letter_is_not_ended_by_a_later_ones_refusal(
    setup: ReceivingSetup, people: Enrolment
) -> None:
    one, _ = await asked(setup, people)
    setup.clock.move_to(setup.clock.now() + timedelta(minutes=5))
    await people.join(MINA, Wishes(), WEB)
    assert await people.confirm(one.subscriber, one.generation, WEB)
    await send(setup, REFUSED)

    await score_refusals(setup.bounces)

    assert (await mina(setup)).standing is Standing.ACTIVE


async def test_a_letter_refused_because_of_us_settles_nothing_and_calls_the_operator(
    setup: ReceivingSetup, people: Enrolment
) -> None:
    _, letter = await asked(setup, people)

    await setup.receiver.receive(of(letter, status="5.7.1", said="550 5.7.1 blocked, see our list"))

    assert (await mina(setup)).standing is Standing.PENDING
    assert len(setup.operators.said) == 1


async def test_a_reader_who_calls_the_confirmation_spam_is_not_asked_any_more(
    setup: ReceivingSetup, people: Enrolment
) -> None:
    one, letter = await asked(setup, people)
    complaint = a_complaint(FIRST, 1, named="path")
    path = next(row for row in complaint.content.split(b"\r\n") if row.startswith(b"Original-Mail-From"))
    ours = b"Original-Mail-From: <" + return_path(letter).encode() + b">"

    await setup.receiver.receive(replace(complaint, content=complaint.content.replace(path, ours)))

    found = await mina(setup)
    assert (found.standing, found.ended_reason) == (Standing.ENDED, Step.COMPLAINED)
    assert await setup.store.requests.get(one.subscriber) is None


async def test_a_letter_to_a_new_address_that_comes_back_ends_that_request_and_scores_nobody(
    setup: ReceivingSetup, people: Enrolment
) -> None:
    one = await active(setup)
    await wants_to_move(setup, one, "slip@council.example")
    letter = await send(setup)

    await setup.receiver.receive(of(letter))

    assert await setup.store.requests.get(one.subscriber) is None
    assert (await mina(setup)).standing is Standing.ACTIVE
    assert await setup.store.mail.verdicts(one.subscriber) == []


async def test_a_later_request_for_another_new_address_stays(
    setup: ReceivingSetup, people: Enrolment
) -> None:
    one = await active(setup)
    await wants_to_move(setup, one, "slip@council.example")
    letter = await send(setup)
    await wants_to_move(setup, one, "right@council.example")

    await setup.receiver.receive(of(letter))

    request = await setup.store.requests.get(one.subscriber)
    assert request is not None
    assert request.address == "right@council.example"


# -- those who agreed -----------------------------------------------------------------------------------


async def test_an_alert_that_comes_back_scores_like_an_edition(setup: ReceivingSetup) -> None:
    one = await active(setup)
    for week in range(3):
        setup.clock.move_to(noon(FIRST + week * 7 * A_DAY))
        await setup.receiver.receive(of(await alerted(setup, one), note=str(week)))

    found = await mina(setup)
    assert (found.standing, found.ended_reason) == (Standing.ENDED, Step.BOUNCED)
    last = (await setup.store.subscriptions.history(one.subscriber))[-1]
    assert "550 5.1.1" in last.evidence.wording


async def test_an_edition_and_an_alert_of_one_day_count_once(setup: ReceivingSetup) -> None:
    one = await active(setup)
    setup.clock.move_to(noon(FIRST))
    await setup.edition(FIRST)
    await setup.receiver.receive(a_report(FIRST, one.subscriber))
    await setup.receiver.receive(of(await alerted(setup, one)))
    assert await setup.store.mail.verdicts(one.subscriber) == [(FIRST, Verdict.HARD)] * 2

    setup.clock.move_to(noon(FIRST + 8 * A_DAY))
    await setup.receiver.receive(of(await alerted(setup, one)))

    assert (await mina(setup)).standing is Standing.ACTIVE


async def test_letters_that_come_back_pull_no_editions_brake(setup: ReceivingSetup) -> None:
    one = await active(setup)
    setup.clock.move_to(noon(FIRST))
    await setup.edition(FIRST)
    await setup.receiver.receive(of(await alerted(setup, one)))

    assert await setup.store.mail.came_back([FIRST], list(Verdict)) == {}


async def test_a_refused_edition_is_scored_though_a_letter_came_back_that_day(setup: ReceivingSetup) -> None:
    one = await active(setup)
    setup.clock.move_to(noon(FIRST))
    await setup.edition(FIRST, {one.subscriber: REFUSED})
    await setup.receiver.receive(of(await alerted(setup, one), **FULL))

    await score_refusals(setup.bounces)

    assert (FIRST, Verdict.HARD) in await setup.store.mail.verdicts(one.subscriber)


async def test_a_refused_alert_is_noted_once(setup: ReceivingSetup) -> None:
    one = await active(setup)
    setup.clock.move_to(noon(FIRST))
    letter = await alerted(setup, one)
    async with setup.store.database.write() as connection:
        own = letters.c.id == letter.number
        refused = {"state": State.REFUSED, "code": 550, "text": REFUSED.text}
        await connection.execute(letters.update().where(own).values(refused))

    for _ in range(3):
        await score_refusals(setup.bounces)

    assert await setup.store.mail.verdicts(one.subscriber) == [(FIRST, Verdict.HARD)]


async def test_what_came_back_before_they_came_does_not_count(setup: ReceivingSetup) -> None:
    one = await active(setup, since=FIRST + A_DAY)
    setup.clock.move_to(noon(FIRST))

    await setup.receiver.receive(of(await alerted(setup, one)))

    assert await setup.store.mail.verdicts(one.subscriber) == []


async def test_a_machine_stopped_between_two_steps_ends_where_it_would_have(
    setup: ReceivingSetup, people: Enrolment, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, letter = await asked(setup, people)

    async def away(*_: object) -> bool:
        raise OSError("no database")

    with monkeypatch.context() as trouble:
        trouble.setattr(DeliveryBounces, "end", away)
        await setup.receiver.receive(of(letter))
    await setup.receiver.receive(of(letter))

    assert (await mina(setup)).ended_reason is Step.LAPSED
