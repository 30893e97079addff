"""Readers are told at once what no source covers of what they choose, and once when that changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from builders import a_provider, a_source_of
from desk import WEB, Service, link_to, text_of

from digest.letter_kinds import CoverageChanged
from digest.membership.coverage import SETTLED_AFTER
from digest.sources import Source
from digest.subscriptions import Wishes

MINA, BEN = "mina@example.org", "ben@example.org"
PROBATION, PRISONS = a_source_of("hmi-probation"), a_source_of("hmi-prisons")
BOTH = Wishes(inspectorates=("hmi-probation", "hmi-prisons"))
ONLY_PRISONS = Wishes(inspectorates=("hmi-prisons",))
NAME = "HM Inspectorate of Prisons"


@pytest.fixture(autouse=True)
async def register(service: Service) -> None:
    leeds = a_provider("hmp-leeds", "HMP Leeds", kind="prison", inspectorate="hmi-prisons")
    await service.store.providers.load((a_provider(), leeds), ())


async def covering(service: Service, *sources: Source, **limits: int) -> int:
    """The files name these sources now, and have for long enough; how many letters are written."""
    service.sources = sources
    letters = service.membership_with(**limits).coverage_letters
    at_once = await letters.write_due()
    service.clock.on(minutes=SETTLED_AFTER.total_seconds() / 60)
    return at_once + await letters.write_due()


async def told(service: Service, address: str = MINA) -> list[tuple[tuple[str, ...], tuple[str, ...], bool]]:
    """What each letter said to be uncovered and covered, and whether nothing is left."""
    found = [one.content for one in await service.letters(address)]
    return [(one.uncovered, one.covered, one.silent) for one in found if isinstance(one, CoverageChanged)]


async def test_who_loses_the_last_source_is_told_once_and_once_when_it_is_back(service: Service) -> None:
    await service.subscribed(wishes=ONLY_PRISONS)
    assert await covering(service, PROBATION, PRISONS) == 0

    assert await covering(service, PROBATION) == 1
    assert await covering(service, PROBATION) == 0
    service.clock.on(days=2)
    assert await covering(service, PROBATION) == 0  # a restart tells nobody again
    assert await covering(service, PROBATION, PRISONS) == 1
    assert await covering(service, PROBATION, PRISONS) == 0

    assert await told(service) == [((NAME,), (), True), ((), (NAME,), False)]


async def test_who_loses_one_of_several_inspectorates_is_told_too_and_keeps_the_others(
    service: Service,
) -> None:
    await service.subscribed(wishes=BOTH)
    await service.subscribed(BEN, wishes=Wishes(inspectorates=("hmi-probation",)))
    await covering(service, PROBATION)

    assert await told(service) == [((NAME,), (), False)]
    assert await told(service, BEN) == []


async def test_kinds_and_watched_services_that_lose_their_source_are_named(service: Service) -> None:
    await service.subscribed(wishes=Wishes(kinds=("prison",), watched=("hmp-leeds",)))
    await covering(service, PROBATION)

    assert await told(service) == [(("prison", "HMP Leeds"), (), True)]


async def test_who_wants_everything_is_told_only_if_nothing_is_covered(service: Service) -> None:
    await service.subscribed()
    assert await covering(service, PROBATION) == 0

    assert await covering(service) == 1
    service.clock.on(days=1)
    assert await covering(service, PROBATION) == 1

    assert await told(service) == [(("",), (), True), ((), ("HM Inspectorate of Probation",), False)]


async def test_who_wants_everything_is_told_of_a_source_of_several_inspectorates_by_its_name(
    service: Service,
) -> None:
    await service.subscribed()
    await covering(service)
    service.clock.on(days=1)
    several = a_source_of(None, name="All reports")
    assert await covering(service, several) == 1

    assert (await told(service))[-1] == ((), ("All reports",), False)


async def test_a_slip_in_the_files_that_is_mended_within_the_hour_tells_nobody(service: Service) -> None:
    await service.subscribed(wishes=ONLY_PRISONS)
    await covering(service, PROBATION, PRISONS)

    for sources in ((PROBATION,), (PROBATION, PRISONS)) * 3:
        service.sources = sources
        await service.membership_with().coverage_letters.write_due()
        service.clock.on(minutes=50)

    assert await covering(service, PROBATION, PRISONS) == 0
    assert await told(service) == []


async def test_a_source_that_comes_out_of_its_shadow_is_told(service: Service) -> None:
    await service.subscribed(wishes=ONLY_PRISONS)
    shadowed = replace(PRISONS, shadow=timedelta(days=14))
    await covering(service, PROBATION, shadowed)
    service.clock.on(days=15)

    assert await covering(service, PROBATION, replace(shadowed, shadow=None)) == 1


async def test_of_a_change_on_the_day_of_a_letter_a_reader_hears_the_next_day(service: Service) -> None:
    await service.subscribed(wishes=ONLY_PRISONS)
    assert await covering(service, PROBATION) == 1
    assert await covering(service, PROBATION, PRISONS) == 0

    service.clock.on(days=1)
    assert await covering(service, PROBATION, PRISONS) == 1


async def test_a_days_share_that_is_used_up_puts_the_others_off_and_leaves_none_out(service: Service) -> None:
    readers = [f"p{n}@example.org" for n in range(5)]
    for address in readers:
        await service.subscribed(address, wishes=ONLY_PRISONS)
    assert await covering(service, PROBATION, per_day=10) == 2  # a fifth of it

    for _ in range(2):
        service.clock.on(days=1)
        assert 0 < await covering(service, PROBATION, per_day=10) <= 2

    assert [len(await told(service, address)) for address in readers] == [1] * 5


async def test_who_pauses_is_told_once_they_are_back(service: Service) -> None:
    mina = await service.subscribed(wishes=ONLY_PRISONS)
    await service.enrolment.pause(mina.subscriber, mina.generation, None, WEB)
    assert await covering(service, PROBATION) == 0

    await service.enrolment.resume(mina.subscriber, mina.generation, WEB)
    service.clock.on(days=2)
    assert await covering(service, PROBATION) == 1


async def test_who_gives_up_what_is_not_covered_hears_no_more_of_it(service: Service) -> None:
    mina = await service.subscribed(wishes=ONLY_PRISONS)
    await covering(service, PROBATION)
    await service.enrolment.wish(mina.subscriber, mina.generation, Wishes(), WEB)
    service.clock.on(days=2)

    assert await covering(service, PROBATION, PRISONS) == 0


async def test_the_letter_can_be_left_by_the_button_of_a_mail_program(service: Service, site: Any) -> None:
    mina = await service.subscribed(wishes=ONLY_PRISONS)
    await covering(service, PROBATION)
    message = await service.read(MINA, "coverage")

    assert message["Subject"] == f"We do not cover {NAME} at present"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for kind in ("plain", "html"):
        assert "/coverage" in text_of(message, kind)
        assert f"You asked to hear about {NAME}." in " ".join(text_of(message, kind).split())
        assert "you will get no editions until that changes" in " ".join(text_of(message, kind).split())
    assert link_to("leave", message)

    await site.post(message["List-Unsubscribe"].strip("<>"), content="List-Unsubscribe=One-Click")
    found = await service.store.subscriptions.get(mina.subscriber)
    assert found is not None
    assert not found.live


async def test_who_joins_for_what_is_not_covered_is_asked_and_welcomed_with_that(service: Service) -> None:
    service.sources = (PROBATION,)
    enrolment = service.membership_with().enrolment
    await enrolment.join(MINA, ONLY_PRISONS, WEB)
    [asked] = await service.letters(MINA)
    subscriber = asked.subscriber
    assert subscriber is not None
    await enrolment.confirm(subscriber, 1, WEB)

    told = f"We do not cover {NAME} at present, so we have nothing to send you yet."
    for kind, when in (("confirm", "If you confirm, we will"), ("welcome", "We will")):
        message = await service.read(MINA, kind)
        html = message.get_body(("html",))
        assert html is not None
        for said in (text_of(message), html.get_content()):
            assert f"{told} {when} email you when that changes." in " ".join(said.split())
    assert await covering(service, PROBATION) == 0  # they know


async def test_somebody_erased_leaves_no_trace_of_what_they_wished_for(service: Service) -> None:
    mina = await service.subscribed(wishes=ONLY_PRISONS)
    await covering(service, PROBATION)
    assert (await service.everything())["gaps_told"]

    await service.enrolment.erase(mina.subscriber, WEB)
    assert not (await service.everything())["gaps_told"]
