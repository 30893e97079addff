"""What people get who write to us: one answer of each kind a day, whatever goes wrong meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from receiving_setup import FIRST, ReceivingSetup, a_letter, noon
from written_answers import the_confirmation, written_answers

from digest.ports import Mail, Reception
from digest.store.sql import SqlStore
from digest.subscriptions import Channel, Evidence, Selection, Standing, Step, Wishes

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
HERE = "@digest.example.org"
MINA = "mina@council.example"
MAIL = Evidence(channel=Channel.MAIL)


@pytest.fixture
def setup(store: SqlStore) -> ReceivingSetup:
    setup = ReceivingSetup(store)
    setup.with_people()
    return setup


async def writes(setup: ReceivingSetup, name: str, n: int = 0) -> Reception:
    """Mina does, a minute later each time."""
    setup.clock.move_to(setup.clock.now() + timedelta(minutes=1))
    return await setup.receiver.receive(to(name, n))


def to(name: str, n: int = 0) -> Mail:
    return a_letter(f"{name}{HERE}", subject=f"and {n}?", text="?")


@pytest.mark.parametrize(
    ("name", "letter"),
    [("help", "help"), ("noon", "help"), ("join", "fresh-link")],
)
async def test_a_subscriber_is_answered_once_a_day(setup: ReceivingSetup, name: str, letter: str) -> None:
    """Two robots that write to each other stop here, whatever they call themselves."""
    await setup.store.subscriptions.add(MINA, Wishes(), noon(FIRST))
    for n in range(5):
        await writes(setup, name, n)
    assert await setup.letters() == [letter]

    setup.clock.move_to(noon(FIRST + timedelta(days=1)))
    await writes(setup, name, 6)
    assert await setup.letters() == [letter] * 2


async def test_a_subscriber_who_writes_again_and_again_gets_the_way_out_once_a_day(
    setup: ReceivingSetup,
) -> None:
    await setup.store.subscriptions.add(MINA, Wishes(), noon(FIRST))

    for n in range(5):
        await writes(setup, "leave", n)
        await writes(setup, "join", n)

    assert await setup.letters() == ["fresh-link"]


async def test_spellings_of_one_mailbox_are_one_address(setup: ReceivingSetup) -> None:
    for n in range(5):
        setup.clock.move_to(setup.clock.now() + timedelta(minutes=1))
        mail = to("help", n)
        spelled = mail.content.replace(b"mina@council", b"mina+%d@Council" % n)
        sent_from = f"Mina+{n}@council.example"
        await setup.receiver.receive(Mail(sent_from=sent_from, sent_to=mail.sent_to, content=spelled))

    assert await setup.letters() == ["help"]


async def test_who_leaves_and_joins_again_on_the_same_day_is_asked_again(setup: ReceivingSetup) -> None:
    await writes(setup, "join")
    found = await setup.store.subscriptions.find(MINA)
    assert found is not None
    await setup.receiver.enrolment.leave(found.subscriber, found.generation, MAIL)

    await writes(setup, "join", 1)

    assert await setup.letters() == ["confirm", "confirm"]


async def test_unanswered_for_trouble_of_ours_is_answered_when_it_comes_again(
    setup: ReceivingSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> bool:
        raise OSError("no database")

    for name in ("help", "join"):
        with monkeypatch.context() as trouble:
            trouble.setattr(setup.store.letters, "write", away)
            assert await writes(setup, name) is Reception.LATER
        assert await writes(setup, name) is Reception.TAKEN

    assert await setup.letters() == ["help", "confirm"]


async def test_other_wishes_bring_a_letter_of_their_own_and_the_last_ones_count(
    setup: ReceivingSetup,
) -> None:
    await writes(setup, "join")
    await writes(setup, "join+kent")

    found = await setup.store.subscriptions.find(MINA)

    assert found is not None
    assert found.wishes == Wishes(areas=("kent",))
    assert await setup.letters() == ["confirm", "confirm"]


async def test_a_word_that_nothing_answers_to_brings_the_help_letter_and_no_request(
    setup: ReceivingSetup,
) -> None:
    await writes(setup, "join+atlantis")
    await writes(setup, "join+atlantis", 1)

    assert await setup.letters() == ["help"]
    assert await setup.store.subscriptions.find(MINA) is None


async def test_a_confirmation_that_comes_too_late_brings_the_help_letter(setup: ReceivingSetup) -> None:
    await writes(setup, "join")
    found = await setup.store.subscriptions.find(MINA)
    assert found is not None
    own = (found.subscriber, found.generation)
    setup.receiver = replace(setup.receiver, read_token=lambda *_: own)
    setup.clock.move_to(setup.clock.now() + timedelta(days=7))

    for n in range(3):
        await writes(setup, "confirm+confirmtoken", n)

    assert await setup.letters() == ["confirm", "help"]


async def test_a_flood_in_somebodys_name_leaves_them_a_letter_to_confirm(setup: ReceivingSetup) -> None:
    for n in range(12):
        await writes(setup, "help", n)
        setup.clock.move_to(setup.clock.now() + timedelta(hours=9))

    web = Evidence(channel=Channel.WEB)
    await setup.receiver.enrolment.join(MINA, Wishes(), web)

    assert await setup.letters() == ["help", "confirm"]


async def test_a_join_in_somebody_elses_name_makes_one_request_and_no_subscriber(
    setup: ReceivingSetup,
) -> None:
    for n in range(5):
        await writes(setup, "join", n)

    found = await setup.store.people.page(Selection(), after=0, limit=10)

    assert [(one.address, one.standing) for one in found] == [(MINA, Standing.PENDING)]


# -- answers to a confirmation -------------------------------------------------------------------------


async def test_an_answer_to_a_confirmation_does_what_it_means(setup: ReceivingSetup) -> None:
    """Nobody is subscribed but by a yes or an empty answer, and an objection leaves no request behind."""
    tokens: dict[str, tuple[int, int]] = {}
    setup.receiver = replace(
        setup.receiver,
        read_token=lambda _, token: tokens.get(token),
        letters=(the_confirmation().quotable,),
    )
    became: dict[str, str] = {}
    answers = written_answers()[::7]  # of all meanings
    for n, answer in enumerate(answers):
        setup.clock.move_to(setup.clock.now() + timedelta(minutes=1))
        address = f"p{n}@council.example"
        await setup.membership().enrolment.confirmations.ask(address, Wishes(), MAIL)
        asked = await setup.store.subscriptions.find(address)
        assert asked is not None
        tokens[f"t{n}"] = (asked.subscriber, asked.generation)
        content = answer.to_letter(the_confirmation(), f"confirm+t{n}{HERE}", sender=address)
        mail = Mail(sent_from=address, sent_to=f"confirm+t{n}{HERE}", content=content)
        before, parked = await setup.letters(), await setup.store.mail.parked_count()

        assert await setup.receiver.receive(mail) is Reception.TAKEN

        found = await setup.store.subscriptions.get(asked.subscriber)
        assert found is not None
        waits = await setup.store.requests.get(asked.subscriber) is not None
        new = (await setup.letters())[len(before) :]
        kept = await setup.store.mail.parked_count() > parked
        match (found.standing, waits, new):
            case (Standing.ACTIVE, _, ["welcome"]) if not kept:
                became[answer.name] = "confirm"
            case (Standing.ENDED, False, []) if found.ended_reason is Step.LEFT:
                became[answer.name] = "leave"
            case (Standing.PENDING, True, ["help"]) if kept:
                became[answer.name] = "help"
            case other:
                became[answer.name] = str(other)

    assert became == {answer.name: answer.means for answer in answers}
    assert set(became.values()) == {"confirm", "leave", "help"}


async def test_a_question_is_answered_once_and_waits_for_a_person_each_time(setup: ReceivingSetup) -> None:
    await writes(setup, "join")
    found = await setup.store.subscriptions.find(MINA)
    assert found is not None
    own = (found.subscriber, found.generation)
    setup.receiver = replace(setup.receiver, read_token=lambda *_: own)

    for n in range(3):
        await writes(setup, "confirm+confirmtoken", n)

    assert await setup.letters() == ["confirm", "help"]
    assert await setup.store.mail.parked_count() == 3


async def test_what_a_person_adds_to_an_absence_notice_waits_for_the_operator_and_does_nothing(
    setup: ReceivingSetup,
) -> None:
    await writes(setup, "join")
    found = await setup.store.subscriptions.find(MINA)
    assert found is not None
    own = (found.subscriber, found.generation)
    setup.receiver = replace(setup.receiver, read_token=lambda *_: own)
    away = "I am out of the office until Monday."

    for text, kept in ((away, 0), (f"{away} Yes, please add Kent.", 1)):
        content = a_letter(f"confirm+confirmtoken{HERE}", subject="Out of office", text=text)
        assert await setup.receiver.receive(content) is Reception.TAKEN
        assert await setup.store.mail.parked_count() == kept

    after = await setup.store.subscriptions.get(found.subscriber)
    assert after is not None
    assert after.standing is Standing.PENDING
    assert await setup.letters() == ["confirm"]
