"""Leaving: by a link, by mail without a link, by an old link; and coming back."""

from __future__ import annotations

import httpx2
import pytest
from desk import WEB, Service, link_to, text_of
from sqlalchemy import update

from digest.ports import Joined
from digest.store.tables import letters
from digest.subscriptions import Channel, Evidence, Standing, Step, Wishes
from digest.tokens import Purpose

MINA = "mina@example.org"
MAIL = Evidence(channel=Channel.MAIL, wording="leave")


async def test_somebody_who_leaves_is_told_once_and_can_come_back_by_confirming_again(
    service: Service,
) -> None:
    """Somebody else may have pressed the link in a forwarded edition."""
    mina = await service.subscribed(wishes=Wishes(commentary=False))
    assert await service.enrolment.leave(mina.subscriber, mina.generation, WEB)
    assert not await service.enrolment.leave(mina.subscriber, mina.generation, WEB)
    assert await service.kinds(MINA) == ["confirm", "welcome", "left"]

    assert "/come-back/" in text_of(await service.read(MINA, "left"))
    back = await service.enrolment.undo_leave(mina.subscriber, mina.generation, WEB)

    assert back is Joined.ASKED
    now = await service.now(mina.subscriber)
    assert (now.standing, now.generation) == (Standing.PENDING, mina.generation + 1)
    assert now.wishes == Wishes(commentary=False)


@pytest.mark.parametrize("meanwhile", ["asked", "asked twice", "asked and lapsed", "asked and left"])
async def test_a_stranger_who_joins_for_them_takes_nothing_from_who_left_by_mistake(
    service: Service, site: httpx2.AsyncClient, meanwhile: str
) -> None:
    """The link in the letter works on, and leads back to what they had, not to what the stranger chose."""
    mina = await service.subscribed(wishes=Wishes(commentary=False))
    await service.enrolment.leave(mina.subscriber, mina.generation, WEB)
    link = link_to("come-back", await service.read(MINA, "left"))
    for n in range(2 if "twice" in meanwhile else 1):
        await service.enrolment.join(MINA, Wishes(areas=(f"Nowhere {n}",)), WEB)
    theirs = await service.now(mina.subscriber)
    for step in (Step.LAPSED, Step.LEFT):
        if step in meanwhile:
            own = (mina.subscriber, theirs.generation)
            await service.store.subscriptions.take(*own, step, WEB, service.clock.now())
    service.clock.on(days=8)

    assert (await site.get(link)).status_code == 200
    assert (await site.post(link)).status_code == 200
    await service.membership.intake.work_off()
    await site.post(link_to("confirm", await service.read(MINA, "confirm")))

    now = await service.now(mina.subscriber)
    assert (now.standing, now.wishes) == (Standing.ACTIVE, Wishes(commentary=False))
    assert (await site.post(link)).status_code == 410  # it has done its work


async def test_who_comes_back_after_their_letter_is_blanked_gets_everything_and_not_what_a_stranger_chose(
    service: Service,
) -> None:
    mina = await service.subscribed(wishes=Wishes(commentary=False))
    await service.enrolment.leave(mina.subscriber, mina.generation, WEB)
    await service.enrolment.join(MINA, Wishes(areas=("Nowhere",)), WEB)
    async with service.store.database.write() as connection:
        await connection.execute(update(letters).values(content={}, address=""))

    assert await service.enrolment.undo_leave(mina.subscriber, mina.generation, WEB) is Joined.ASKED
    assert (await service.now(mina.subscriber)).wishes == Wishes()


async def test_whom_an_operator_removes_after_they_left_cannot_come_back_by_their_old_letter(
    service: Service,
) -> None:
    mina = await service.subscribed()
    await service.enrolment.leave(mina.subscriber, mina.generation, WEB)
    again = await service.subscribed()
    await service.store.subscriptions.take(
        again.subscriber, again.generation, Step.REMOVED, WEB, service.clock.now()
    )

    assert await service.enrolment.undo_leave(mina.subscriber, mina.generation, WEB) is None


async def test_somebody_who_never_confirmed_gets_no_letter_when_they_leave(service: Service) -> None:
    await service.enrolment.join(MINA, Wishes(), WEB)
    found = await service.store.subscriptions.find(MINA)
    assert found is not None

    assert await service.enrolment.leave(found.subscriber, found.generation, WEB)
    await service.enrolment.leave(found.subscriber, found.generation, WEB)
    assert await service.kinds(MINA) == ["confirm"]


async def test_leaving_by_mail_without_a_link_changes_nothing_and_sends_the_link(service: Service) -> None:
    mina = await service.subscribed()

    await service.enrolment.leave_by_address(MINA, MAIL)
    await service.enrolment.leave_by_address("stranger@example.org", MAIL)

    assert (await service.now(mina.subscriber)).standing is Standing.ACTIVE
    assert await service.kinds() == ["confirm", "welcome", "fresh-link"]
    assert "/leave/" in text_of(await service.read(MINA, "fresh-link"))


async def test_somebody_who_never_confirmed_and_wants_to_leave_by_mail_is_told_so(
    service: Service,
) -> None:
    await service.enrolment.join(MINA, Wishes(), WEB)

    for _ in range(3):
        await service.enrolment.leave_by_address(MINA, MAIL)
        service.clock.on(minutes=1)

    assert await service.kinds(MINA) == ["confirm", "unconfirmed"]
    letter = await service.read(MINA, "unconfirmed")
    assert letter["Auto-Submitted"] == "auto-replied"
    for kind in ("plain", "html"):
        text = " ".join(text_of(letter, kind).split())
        assert "You have not confirmed your subscription" in text
        assert "/manage/" not in text
    token = link_to("leave", letter).rpartition("/")[2]
    own = service.links.tokens.read(token, Purpose.LEAVE)
    assert await service.enrolment.leave(*own, WEB)


@pytest.mark.parametrize("again", [Standing.ACTIVE, Standing.PENDING])
@pytest.mark.parametrize("evidence", [WEB, MAIL], ids=["web", "mail"])
async def test_an_old_link_to_leave_sends_the_owner_the_link_that_works_once_a_day(
    service: Service, evidence: Evidence, again: Standing
) -> None:
    """It ends nothing, since anybody may hold it; but its holder may be the owner, who wants to leave."""
    mina = await service.subscribed()
    await service.enrolment.leave(mina.subscriber, mina.generation, WEB)
    service.clock.on(hours=1)
    await service.enrolment.join(MINA, Wishes(), WEB)
    if again is Standing.ACTIVE:
        assert await service.enrolment.confirm(mina.subscriber, mina.generation + 1, WEB)
    before = await service.kinds(MINA)

    for _ in range(3):
        assert not await service.enrolment.leave(mina.subscriber, mina.generation, evidence)
        service.clock.on(minutes=5)

    assert (await service.now(mina.subscriber)).standing is again
    kind = "fresh-link" if again is Standing.ACTIVE else "unconfirmed"
    assert await service.kinds(MINA) == [*before, kind]
    letter = await service.read(MINA, kind)
    assert "You asked to leave" in " ".join(text_of(letter).split())
    assert (
        letter["Auto-Submitted"] == "auto-generated"
    )  # it goes to the owner, not to the sender of the request
    own = service.links.tokens.read(link_to("leave", letter).rpartition("/")[2], Purpose.LEAVE)
    assert await service.enrolment.leave(*own, WEB)


async def test_one_click_in_an_old_edition_is_answered_200_and_the_owner_gets_the_link(
    site: httpx2.AsyncClient, service: Service
) -> None:
    mina = await service.subscribed()
    await service.enrolment.leave(mina.subscriber, mina.generation, WEB)
    await service.subscribed()
    old = service.links.link(Purpose.ONE_CLICK, mina.subscriber, mina.generation)

    answer = await site.post(old, content="List-Unsubscribe=One-Click")

    assert answer.status_code == 200
    assert "You are still subscribed." in answer.text
    assert "You have left<" not in answer.text
    assert (await service.kinds(MINA))[-1] == "fresh-link"
    right = link_to("leave", await service.read(MINA, "fresh-link"))
    assert "You have left<" in (await site.post(right)).text
    assert (await service.now(mina.subscriber)).standing is Standing.ENDED


async def test_a_used_link_to_leave_writes_nothing_to_somebody_who_has_left(service: Service) -> None:
    mina = await service.subscribed()
    await service.enrolment.leave(mina.subscriber, mina.generation, WEB)
    await service.subscribed()
    await service.enrolment.leave(mina.subscriber, mina.generation + 1, WEB)
    before = await service.kinds()

    assert not await service.enrolment.leave(mina.subscriber, mina.generation, WEB)
    assert not await service.enrolment.leave(mina.subscriber + 1, 1, WEB)

    assert await service.kinds() == before


@pytest.mark.parametrize("evidence", [WEB, MAIL], ids=["web", "mail"])
async def test_leaving_is_logged_with_its_channel_and_without_the_address(
    service: Service, caplog: pytest.LogCaptureFixture, evidence: Evidence
) -> None:
    mina = await service.subscribed()

    with caplog.at_level("INFO", logger="digest"):
        for _ in range(2):
            await service.enrolment.leave(mina.subscriber, mina.generation, evidence)

    (record,) = [vars(r) for r in caplog.records if r.getMessage() == "subscription ended"]
    assert (record["subscriber"], record["by"]) == (mina.subscriber, evidence.channel)
    assert "mina" not in str(record)


async def test_a_link_of_a_later_subscription_than_a_restored_backup_knows_brings_the_one_that_works(
    service: Service,
) -> None:
    mina = await service.subscribed()
    before = len(await service.letters())

    assert not await service.enrolment.leave(mina.subscriber, mina.generation + 1, WEB)

    assert len(await service.letters()) == before + 1
