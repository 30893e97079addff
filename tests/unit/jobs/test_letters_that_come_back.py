"""Letters that come back: what they asked for is over, and what they told scores like an edition."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from builders import an_alerted_story
from receiving_place import (
    FIRST,
    LETTER_KEY,
    Desk,
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
from digest.ports import Mail, Written
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
def desk(store: SqlStore) -> Desk:
    return Desk(store)


@pytest.fixture
def people(desk: Desk) -> Enrolment:
    return desk.with_people()


async def send(desk: Desk, answer: Answer = TAKEN) -> Written:
    """Let every letter that waits go out; the newest."""
    now = desk.clock.now()
    while claimed := await desk.store.letters.claim(now, timedelta(minutes=5)):
        await desk.store.letters.begin(claimed, now, timedelta(minutes=5))
        settled = settlement(claimed, answer, begun=True, now=now)
        await desk.store.letters.settle(claimed, settled, answer, now)
    async with desk.store.database.read() as connection:
        ids = (await connection.execute(select(letters.c.id).order_by(letters.c.id))).scalars().all()
    newest = await desk.store.letters.get(ids[-1])
    assert newest is not None
    return newest


def of(letter: Written, key: bytes = LETTER_KEY, **said: str) -> Mail:
    """A mail server's report on a letter."""
    return replace(a_report(FIRST, 1, **said), sent_to=return_path(letter, key))


def return_path(letter: Written, key: bytes = LETTER_KEY) -> str:
    return f"bounces+{letter_return_token(letter.number, key)}@digest.example.org"


async def asked(desk: Desk, people: Enrolment) -> tuple[Subscription, Written]:
    await people.join(MINA, Wishes(), WEB, network="")
    letter = await send(desk)
    return await mina(desk), letter


async def active(desk: Desk, since: date = FIRST - 60 * A_DAY) -> Subscription:
    return await desk.store.subscriptions.add(MINA, Wishes(), noon(since))


async def mina(desk: Desk) -> Subscription:
    found = await desk.store.subscriptions.find(MINA)
    assert found is not None
    return found


async def alerted(desk: Desk, to: Subscription) -> Written:
    """An alert that was sent, at the time that it is."""
    now = desk.clock.now()
    content = Alert(
        subscriber=to.subscriber,
        generation=to.generation,
        about=StoryKey(item=int(now.timestamp()), place=0),
        story=an_alerted_story(),
    )
    letter = Letter(content=content, address=MINA, expires_at=now + A_DAY)
    await desk.store.letters.write(letter, now)
    return await send(desk)


async def wants_to_move(desk: Desk, one: Subscription, address: str) -> None:
    changes = desk.membership().address_changes
    await changes.ask(one.subscriber, one.generation, address, WEB, network="")


# -- requests -------------------------------------------------------------------------------------------


async def test_a_confirmation_that_comes_back_for_good_settles_its_request(
    desk: Desk, people: Enrolment
) -> None:
    one, letter = await asked(desk, people)

    await desk.receiver.receive(of(letter))

    found = await mina(desk)
    assert (found.standing, found.ended_reason) == (Standing.ENDED, Step.LAPSED)
    assert await desk.store.requests.get(one.subscriber) is None
    last = (await desk.store.subscriptions.history(one.subscriber))[-1]
    assert "no such user here" in last.evidence.wording
    assert "mina@" not in last.evidence.wording
    [back] = await desk.store.letters.latest(one.subscriber, 5)
    assert (back.state, back.code) == (State.BOUNCED, 550)
    assert back.text is not None
    assert "no such user here" in back.text


async def test_whoever_asks_again_after_it_came_back_is_asked_again(desk: Desk, people: Enrolment) -> None:
    _, letter = await asked(desk, people)
    await desk.receiver.receive(of(letter))
    desk.clock.move_to(noon(FIRST) + timedelta(hours=1))

    await asked(desk, people)
    await desk.receiver.receive(of(letter, note="the first one, once more"))

    assert (await mina(desk)).standing is Standing.PENDING


async def test_a_full_mailbox_leaves_the_request_open(desk: Desk, people: Enrolment) -> None:
    one, letter = await asked(desk, people)

    await desk.receiver.receive(of(letter, **FULL))

    assert (await mina(desk)).standing is Standing.PENDING
    [back] = await desk.store.letters.latest(one.subscriber, 5)
    assert back.state is State.BOUNCED


async def test_a_delay_of_a_letter_changes_nothing(desk: Desk, people: Enrolment) -> None:
    one, letter = await asked(desk, people)

    await desk.receiver.receive(of(letter, action="delayed", status="4.4.1"))

    [waits] = await desk.store.letters.latest(one.subscriber, 5)
    assert waits.state is State.ACCEPTED


async def test_a_forged_return_path_settles_nothing(desk: Desk, people: Enrolment) -> None:
    _, letter = await asked(desk, people)

    await desk.receiver.receive(of(letter, key=b"another key"))

    assert (await mina(desk)).standing is Standing.PENDING
    assert desk.receiver.kinds == {"forged bounce": 1}


async def test_a_confirmation_refused_while_we_submit_settles_its_request_too(
    desk: Desk, people: Enrolment
) -> None:
    await people.join(MINA, Wishes(), WEB, network="")
    await send(desk, REFUSED)

    for _ in range(2):
        await score_refusals(desk.bounces)

    found = await mina(desk)
    assert (found.standing, found.ended_reason) == (Standing.ENDED, Step.LAPSED)
    evidence = (await desk.store.subscriptions.history(found.subscriber))[-1].evidence
    assert evidence.channel is Channel.SERVICE
    assert "did not reach it: 550" in evidence.wording
    assert "mina@" not in evidence.wording


async def test_who_has_confirmed_by_an_earlier_letter_is_not_ended_by_a_later_ones_refusal(
    desk: Desk, people: Enrolment
) -> None:
    one, _ = await asked(desk, people)
    desk.clock.move_to(desk.clock.now() + timedelta(minutes=5))
    await people.join(MINA, Wishes(), WEB, network="")
    assert await people.confirm(one.subscriber, one.generation, WEB)
    await send(desk, REFUSED)

    await score_refusals(desk.bounces)

    assert (await mina(desk)).standing is Standing.ACTIVE


async def test_a_letter_refused_because_of_us_settles_nothing_and_calls_the_operator(
    desk: Desk, people: Enrolment
) -> None:
    _, letter = await asked(desk, people)

    await desk.receiver.receive(of(letter, status="5.7.1", said="550 5.7.1 blocked, see our list"))

    assert (await mina(desk)).standing is Standing.PENDING
    assert len(desk.operators.said) == 1


async def test_a_reader_who_calls_the_confirmation_spam_is_not_asked_any_more(
    desk: Desk, people: Enrolment
) -> None:
    one, letter = await asked(desk, people)
    complaint = a_complaint(FIRST, 1, named="path")
    path = next(row for row in complaint.content.split(b"\r\n") if row.startswith(b"Original-Mail-From"))
    ours = b"Original-Mail-From: <" + return_path(letter).encode() + b">"

    await desk.receiver.receive(replace(complaint, content=complaint.content.replace(path, ours)))

    found = await mina(desk)
    assert (found.standing, found.ended_reason) == (Standing.ENDED, Step.COMPLAINED)
    assert await desk.store.requests.get(one.subscriber) is None


async def test_a_letter_to_a_new_address_that_comes_back_ends_that_request_and_scores_nobody(
    desk: Desk, people: Enrolment
) -> None:
    one = await active(desk)
    await wants_to_move(desk, one, "slip@council.example")
    letter = await send(desk)

    await desk.receiver.receive(of(letter))

    assert await desk.store.requests.get(one.subscriber) is None
    assert (await mina(desk)).standing is Standing.ACTIVE
    assert await desk.store.mail.verdicts(one.subscriber) == []


async def test_a_later_request_for_another_new_address_stays(desk: Desk, people: Enrolment) -> None:
    one = await active(desk)
    await wants_to_move(desk, one, "slip@council.example")
    letter = await send(desk)
    await wants_to_move(desk, one, "right@council.example")

    await desk.receiver.receive(of(letter))

    request = await desk.store.requests.get(one.subscriber)
    assert request is not None
    assert request.address == "right@council.example"


# -- those who agreed -----------------------------------------------------------------------------------


async def test_an_alert_that_comes_back_scores_like_an_edition(desk: Desk) -> None:
    one = await active(desk)
    for week in range(3):
        desk.clock.move_to(noon(FIRST + week * 7 * A_DAY))
        await desk.receiver.receive(of(await alerted(desk, one), note=str(week)))

    found = await mina(desk)
    assert (found.standing, found.ended_reason) == (Standing.ENDED, Step.BOUNCED)
    last = (await desk.store.subscriptions.history(one.subscriber))[-1]
    assert "550 5.1.1" in last.evidence.wording


async def test_an_edition_and_an_alert_of_one_day_count_once(desk: Desk) -> None:
    one = await active(desk)
    desk.clock.move_to(noon(FIRST))
    await desk.edition(FIRST)
    await desk.receiver.receive(a_report(FIRST, one.subscriber))
    await desk.receiver.receive(of(await alerted(desk, one)))
    assert await desk.store.mail.verdicts(one.subscriber) == [(FIRST, Verdict.HARD)] * 2

    desk.clock.move_to(noon(FIRST + 8 * A_DAY))
    await desk.receiver.receive(of(await alerted(desk, one)))

    assert (await mina(desk)).standing is Standing.ACTIVE


async def test_letters_that_come_back_pull_no_editions_brake(desk: Desk) -> None:
    one = await active(desk)
    desk.clock.move_to(noon(FIRST))
    await desk.edition(FIRST)
    await desk.receiver.receive(of(await alerted(desk, one)))

    assert await desk.store.mail.came_back([FIRST], list(Verdict)) == {}


async def test_a_refused_edition_is_scored_though_a_letter_came_back_that_day(desk: Desk) -> None:
    one = await active(desk)
    desk.clock.move_to(noon(FIRST))
    await desk.edition(FIRST, {one.subscriber: REFUSED})
    await desk.receiver.receive(of(await alerted(desk, one), **FULL))

    await score_refusals(desk.bounces)

    assert (FIRST, Verdict.HARD) in await desk.store.mail.verdicts(one.subscriber)


async def test_a_refused_alert_is_noted_once(desk: Desk) -> None:
    one = await active(desk)
    desk.clock.move_to(noon(FIRST))
    letter = await alerted(desk, one)
    async with desk.store.database.write() as connection:
        own = letters.c.id == letter.number
        refused = {"state": State.REFUSED, "code": 550, "text": REFUSED.text}
        await connection.execute(letters.update().where(own).values(refused))

    for _ in range(3):
        await score_refusals(desk.bounces)

    assert await desk.store.mail.verdicts(one.subscriber) == [(FIRST, Verdict.HARD)]


async def test_what_came_back_before_they_came_does_not_count(desk: Desk) -> None:
    one = await active(desk, since=FIRST + A_DAY)
    desk.clock.move_to(noon(FIRST))

    await desk.receiver.receive(of(await alerted(desk, one)))

    assert await desk.store.mail.verdicts(one.subscriber) == []


async def test_a_machine_stopped_between_two_steps_ends_where_it_would_have(
    desk: Desk, people: Enrolment, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, letter = await asked(desk, people)

    async def away(*_: object) -> bool:
        raise OSError("no database")

    with monkeypatch.context() as trouble:
        trouble.setattr(DeliveryBounces, "end", away)
        await desk.receiver.receive(of(letter))
    await desk.receiver.receive(of(letter))

    assert (await mina(desk)).ended_reason is Step.LAPSED
