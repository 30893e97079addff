"""A change of address: the owner of the new one confirms, and the old one is told."""

from __future__ import annotations

import contextlib

import pytest
from desk import WEB, Service, link_to, text_of

from digest.letter_kinds import move_number
from digest.ports import Joined
from digest.subscriptions import Step, Wishes
from digest.tokens import Purpose

MINA = "mina@example.org"
NEW = "mina@work.example.org"


async def test_the_address_changes_once_the_new_one_confirms_and_the_old_one_is_told(
    service: Service,
) -> None:
    mina = await service.subscribed()
    own = (mina.subscriber, mina.generation)
    assert await service.address_changes.ask(*own, NEW) is Joined.ASKED
    assert (await service.now(mina.subscriber)).address == MINA
    letter = await service.read(NEW, "confirm-move")
    _, number = service.links.tokens.read(link_to("move", letter).rpartition("/")[2], Purpose.MOVE)

    for _ in range(2):
        assert await service.address_changes.confirm(mina.subscriber, number, WEB)

    assert (await service.now(mina.subscriber)).address == NEW
    assert (await service.kinds(MINA)).count("moved") == 1
    assert "mina@" not in text_of(await service.read(MINA, "moved"))


async def test_help_at_the_new_address_keeps_nobody_from_moving_there(service: Service) -> None:
    mina = await service.subscribed()
    await service.enrolment.help(NEW, WEB)

    assert await service.address_changes.ask(mina.subscriber, mina.generation, NEW) is Joined.ASKED
    assert await service.kinds(NEW) == ["help", "confirm-move"]


async def test_changes_to_a_wrong_address_do_not_keep_its_owner_from_joining(service: Service) -> None:
    mina = await service.subscribed()
    asked = []
    for _ in range(3):
        asked.append(await service.address_changes.ask(mina.subscriber, mina.generation, NEW))
        service.clock.on(minutes=2)

    assert asked == [Joined.ASKED, Joined.LIMITED, Joined.LIMITED]
    assert await service.enrolment.join(NEW, Wishes(), WEB) is Joined.ASKED


async def test_the_old_address_is_told_even_if_the_process_dies_after_the_change(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    mina = await service.subscribed()
    await service.address_changes.ask(mina.subscriber, mina.generation, NEW)
    request = await service.store.requests.get(mina.subscriber)
    assert request is not None

    async def dies(*_: object) -> bool:
        raise OSError("killed")

    with monkeypatch.context() as trouble:
        trouble.setattr(service.store.letters, "write", dies)
        with contextlib.suppress(OSError):
            await service.address_changes.confirm(mina.subscriber, move_number(request.asked_at), WEB)
    assert await service.address_changes.confirm(mina.subscriber, move_number(request.asked_at), WEB)

    assert (await service.now(mina.subscriber)).address == NEW
    assert (await service.kinds(MINA)).count("moved") == 1


async def test_an_address_that_once_asked_to_join_can_be_moved_to(service: Service) -> None:
    mina = await service.subscribed()
    await service.enrolment.join(NEW, Wishes(), WEB)
    waiting = await service.store.subscriptions.find(NEW)
    assert waiting is not None

    asked = await service.address_changes.ask(mina.subscriber, mina.generation, NEW)
    assert asked is Joined.ASKED
    request = await service.store.requests.get(mina.subscriber)
    assert request is not None
    assert await service.address_changes.confirm(mina.subscriber, move_number(request.asked_at), WEB)

    assert (await service.now(mina.subscriber)).address == NEW
    assert (await service.steps(waiting.subscriber))[-1] is Step.LAPSED
    assert not await service.enrolment.confirm(waiting.subscriber, waiting.generation, WEB)


async def test_a_link_confirms_only_the_address_that_it_was_sent_to(service: Service) -> None:
    mina = await service.subscribed()
    own = (mina.subscriber, mina.generation)
    numbers = []
    for address in ("first@example.org", "second@example.org"):
        await service.address_changes.ask(*own, address)
        request = await service.store.requests.get(mina.subscriber)
        assert request is not None
        numbers.append(move_number(request.asked_at))

    assert not await service.address_changes.confirm(mina.subscriber, numbers[0], WEB)
    assert await service.address_changes.confirm(mina.subscriber, numbers[1], WEB)
    assert (await service.now(mina.subscriber)).address == "second@example.org"


async def test_nobody_can_move_to_the_address_of_another_subscriber(service: Service) -> None:
    mina = await service.subscribed()
    await service.subscribed(NEW)
    before = await service.kinds(NEW)

    await service.address_changes.ask(mina.subscriber, mina.generation, NEW)

    assert await service.kinds(NEW) == before
