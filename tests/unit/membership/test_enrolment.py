"""Joining, changing and leaving: what each step does, which letter it writes, and which limits apply."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from clocks import Clock
from desk import START, WEB, Service, text_of
from sqlalchemy import delete

from digest.letter_kinds import Confirm
from digest.letters import Letter
from digest.ports import Joined
from digest.store.tables import letters
from digest.subscriptions import Channel, Evidence, Standing, Step, Suppression, Wishes

MINA = "mina@example.org"
MAIL = Evidence(channel=Channel.MAIL, wording="subscribe")
IMPORT = Evidence(channel=Channel.IMPORT, wording="a list of ours", by="ada")


@dataclass
class Ticking:
    """A clock that moves on each time it is read, as real ones do."""

    clock: Clock

    def now(self) -> datetime:
        self.clock.on(milliseconds=1)
        return self.clock.now()


def code_of(letter: Letter) -> str:
    assert isinstance(letter.content, Confirm)
    return letter.content.code


# -- coming ---------------------------------------------------------------------------------------------


async def test_nobody_gets_editions_before_they_have_confirmed(service: Service) -> None:
    assert await service.enrolment.join(MINA, Wishes(), WEB) is Joined.ASKED

    found = await service.store.subscriptions.find(MINA)
    assert found is not None
    assert found.standing is Standing.PENDING
    assert await service.kinds(MINA) == ["confirm"]
    assert await service.enrolment.confirm(found.subscriber, found.generation, WEB)
    assert (await service.now(found.subscriber)).standing is Standing.ACTIVE


async def test_a_step_keeps_what_shows_that_it_was_wanted(service: Service) -> None:
    mina = await service.subscribed()

    asked, confirmed = await service.store.subscriptions.history(mina.subscriber)
    assert (asked.step, confirmed.step) == (Step.ASKED, Step.CONFIRMED)
    assert asked.evidence == WEB


async def test_confirming_twice_welcomes_once(service: Service) -> None:
    mina = await service.subscribed()

    assert await service.enrolment.confirm(mina.subscriber, mina.generation, WEB)
    assert await service.kinds(MINA) == ["confirm", "welcome"]


async def test_a_welcome_whose_process_died_is_written_when_the_link_is_pressed_again(
    service: Service,
) -> None:
    await service.enrolment.join(MINA, Wishes(), WEB)
    found = await service.store.subscriptions.find(MINA)
    assert found is not None
    await service.store.subscriptions.take(
        found.subscriber, found.generation, Step.CONFIRMED, WEB, service.clock.now()
    )

    assert await service.enrolment.confirm(found.subscriber, found.generation, WEB)
    assert await service.kinds(MINA) == ["confirm", "welcome"]


async def test_a_request_runs_out_after_seven_days(service: Service) -> None:
    await service.enrolment.join(MINA, Wishes(), WEB)
    found = await service.store.subscriptions.find(MINA)
    assert found is not None
    service.clock.on(days=7)

    assert not await service.enrolment.confirm(found.subscriber, found.generation, WEB)
    assert not await service.enrolment.confirm_code(service.enrolment.reference(MINA), "123001", WEB)
    assert await service.kinds(MINA) == ["confirm"]


async def test_the_code_does_what_the_link_does(service: Service) -> None:
    """A mail scanner follows links; it does not type."""
    await service.enrolment.join(MINA, Wishes(), WEB)
    (letter,) = await service.letters(MINA)
    reference = service.enrolment.reference(MINA)

    assert not await service.enrolment.confirm_code(reference, "999 999", WEB)
    assert await service.enrolment.confirm_code(reference, code_of(letter), WEB)
    assert await service.kinds(MINA) == ["confirm", "welcome"]


async def test_asking_again_gives_no_more_tries_at_the_code(service: Service) -> None:
    await service.enrolment.join(MINA, Wishes(), WEB)
    (letter,) = await service.letters(MINA)
    reference = service.enrolment.reference(MINA)
    for _ in range(3):
        await service.enrolment.confirm_code(reference, "000000", WEB)
    await service.enrolment.join(MINA, Wishes(), WEB)
    for _ in range(2):
        await service.enrolment.confirm_code(reference, "000000", WEB)

    assert not await service.enrolment.confirm_code(reference, code_of(letter), WEB)
    found = await service.store.subscriptions.find(MINA)
    assert found is not None
    assert await service.enrolment.confirm(found.subscriber, found.generation, WEB)  # the link still works


async def test_somebody_who_asks_twice_gets_the_same_code_in_both_letters(service: Service) -> None:
    for _ in range(2):
        await service.enrolment.join(MINA, Wishes(), WEB)
        service.clock.on(minutes=1)

    first, second = await service.letters(MINA)
    assert code_of(first) == code_of(second)


async def test_pressing_the_button_twice_brings_one_letter_whose_code_works(
    service: Service,
) -> None:
    ticking = service.membership_with(clock=Ticking(service.clock)).enrolment
    await asyncio.gather(*(ticking.join(MINA, Wishes(), WEB) for _ in range(2)))

    (letter,) = await service.letters(MINA)
    assert await service.enrolment.confirm_code(service.enrolment.reference(MINA), code_of(letter), WEB)
    await asyncio.gather(*(ticking.fresh_link(MINA, WEB) for _ in range(2)))
    assert await service.kinds(MINA) == ["confirm", "welcome", "fresh-link"]


async def test_a_subscriber_who_joins_again_gets_their_links_instead(service: Service) -> None:
    mina = await service.subscribed(wishes=Wishes(movements_only=True))

    assert await service.enrolment.join(MINA.upper(), Wishes(), WEB) is Joined.KNOWN
    assert await service.kinds(MINA) == ["confirm", "welcome", "fresh-link"]
    # A stranger who types the address must not change what they get.
    assert (await service.now(mina.subscriber)).wishes == Wishes(movements_only=True)


async def test_a_suppressed_address_gets_no_letter(service: Service) -> None:
    suppression = Suppression(why="asked for it", since=START)
    await service.store.subscriptions.suppress(MINA, suppression)

    assert await service.enrolment.join(MINA, Wishes(), WEB) is Joined.SUPPRESSED
    await service.enrolment.help(MINA, MAIL)
    await service.enrolment.fresh_link(MINA, WEB)
    assert await service.letters() == []


@pytest.mark.parametrize("address", ["", "mina", "mina@", "mina@example", "mína@example.org", "a\x00@b.org"])
async def test_an_address_that_cannot_be_written_to_is_refused(service: Service, address: str) -> None:
    assert await service.enrolment.join(address, Wishes(), WEB) is Joined.UNFIT
    assert await service.letters() == []


# -- invitations and answers ------------------------------------------------------------------------------


async def test_a_person_from_an_import_is_asked_once_however_often_the_import_is_repeated(
    service: Service,
) -> None:
    now = service.clock.now()
    dan = await service.store.subscriptions.ask("dan@example.org", Wishes(), IMPORT, now)

    assert await service.enrolment.invite(dan.subscriber) is Joined.ASKED
    service.clock.on(hours=1)
    assert await service.enrolment.invite(dan.subscriber) is Joined.KNOWN

    assert await service.kinds("dan@example.org") == ["confirm"]
    letter = await service.read("dan@example.org", "confirm")
    for kind in ("plain", "html"):
        text = " ".join(text_of(letter, kind).split())
        assert "on a list of people who want" in text
        assert "type this code" not in text
    assert await service.enrolment.confirm(dan.subscriber, dan.generation, WEB)
    assert await service.enrolment.invite(dan.subscriber) is None


async def test_a_confirmation_in_answer_to_mail_says_that_the_code_is_for_those_who_joined_on_the_page(
    service: Service,
) -> None:
    await service.enrolment.join(MINA, Wishes(), MAIL)

    letter = await service.read(MINA, "confirm")
    for kind in ("plain", "html"):
        text = " ".join(text_of(letter, kind).split())
        assert "Or, if you joined on our page, type this code there:" in text
        assert "where you joined" not in text


async def test_an_invitation_whose_process_died_before_its_letter_is_written_again(service: Service) -> None:
    dan = await service.store.subscriptions.ask("dan@example.org", Wishes(), IMPORT, service.clock.now())
    await service.enrolment.invite(dan.subscriber)
    async with service.store.database.write() as connection:
        await connection.execute(delete(letters))

    await service.enrolment.invite(dan.subscriber)

    assert await service.kinds("dan@example.org") == ["confirm"]


# -- going ----------------------------------------------------------------------------------------------


async def test_erasing_forgets_the_address_everywhere(service: Service) -> None:
    mina = await service.subscribed()
    await service.address_changes.ask(mina.subscriber, mina.generation, "mina@work.example.org")

    assert await service.enrolment.erase(mina.subscriber, WEB)

    everything = await service.everything()
    everything.pop("counts")
    assert "mina@" not in str(everything)
    assert (await service.now(mina.subscriber)).standing is Standing.ENDED
    # What had not gone out yet never will.
    assert await service.store.letters.claim(service.clock.now(), timedelta(minutes=5)) is None


async def test_links_of_an_earlier_subscription_do_nothing(service: Service) -> None:
    mina = await service.subscribed()
    old = (mina.subscriber, mina.generation)
    await service.enrolment.leave(*old, WEB)
    again = await service.subscribed()
    before = await service.everything()

    assert not await service.enrolment.confirm(*old, WEB)
    assert not await service.enrolment.pause(*old, None, WEB)
    assert not await service.enrolment.resume(*old, WEB)
    assert not await service.enrolment.wish(*old, Wishes(movements_only=True), WEB)
    assert await service.enrolment.undo_leave(*old, WEB) is None
    assert await service.enrolment.export(*old) is None
    assert await service.address_changes.ask(*old, "new@example.org") is Joined.UNFIT
    assert again.generation == mina.generation + 1
    assert await service.everything() == before


# -- changing -------------------------------------------------------------------------------------------


async def test_a_pause_lasts_until_its_day(service: Service) -> None:
    mina = await service.subscribed()
    own = (mina.subscriber, mina.generation)

    assert not await service.enrolment.pause(*own, date(2026, 3, 3), WEB)
    assert await service.enrolment.pause(*own, date(2026, 3, 10), WEB)
    assert await service.store.subscriptions.resume_due(date(2026, 3, 9), service.clock.now()) == 0
    assert await service.store.subscriptions.resume_due(date(2026, 3, 10), service.clock.now()) == 1
    assert (await service.now(mina.subscriber)).standing is Standing.ACTIVE


async def test_the_same_pause_twice_is_one_step(service: Service) -> None:
    mina = await service.subscribed()
    own = (mina.subscriber, mina.generation)

    for until in (date(2026, 3, 10), date(2026, 3, 10), None, None):
        assert await service.enrolment.pause(*own, until, WEB)

    assert (await service.steps(mina.subscriber)).count(Step.PAUSED) == 2


async def test_a_pause_without_a_day_lasts_until_the_subscriber_resumes(service: Service) -> None:
    mina = await service.subscribed()
    own = (mina.subscriber, mina.generation)
    await service.enrolment.pause(*own, None, WEB)

    assert await service.store.subscriptions.resume_due(date(2030, 1, 1), service.clock.now()) == 0
    assert await service.enrolment.resume(*own, WEB)
    assert await service.enrolment.resume(*own, WEB)
    assert (await service.steps(mina.subscriber)).count(Step.RESUMED) == 1


async def test_the_same_wishes_twice_are_one_step(service: Service) -> None:
    mina = await service.subscribed()
    own = (mina.subscriber, mina.generation)

    for _ in range(2):
        assert await service.enrolment.wish(*own, Wishes(movements_only=True), WEB)

    assert (await service.steps(mina.subscriber)).count(Step.WISHED) == 1


# -- telling --------------------------------------------------------------------------------------------


async def test_the_export_holds_everything_but_codes_and_links(service: Service) -> None:
    mina = await service.subscribed(wishes=Wishes(inspectorates=("hmi-prisons",)))

    held = await service.enrolment.export(mina.subscriber, mina.generation)

    assert held is not None
    read = json.loads(json.dumps(held))
    assert read["address"] == MINA
    assert read["subscription"]["wishes"]["inspectorates"] == ["hmi-prisons"]
    assert [step["step"] for step in read["what_happened"]] == ["asked", "confirmed"]
    assert [letter["kind"] for letter in read["other_letters"]] == ["confirm", "welcome"]
    assert "123001" not in str(read)


async def test_each_new_letter_wakes_the_sender(service: Service) -> None:
    await service.subscribed()

    assert service.rings == 2
