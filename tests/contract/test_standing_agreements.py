"""What the store promises of subscriptions, requests and letters, on either database."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from store_values import DAY, MINUTE, NOON, an_assembly, everybody, plan

from digest.deliveries import WAITING, Answer, Event, State
from digest.errors import LeaseLost, Refused
from digest.jobs.prune import prune
from digest.letter_kinds import Confirm, Content, Help, Moved, Reminder, Welcome, move_number
from digest.letters import Letter, settlement
from digest.ports import Quota, Rule
from digest.retention import Retention
from digest.store.database import Database
from digest.store.sql import SqlStore
from digest.store.tables import deliveries, letters
from digest.subscriptions import (
    MOST_TRIES,
    Channel,
    Entry,
    Evidence,
    Newcomer,
    Request,
    Standing,
    Step,
    Subscription,
    Suppression,
    Wishes,
)
from digest.tokens import address_seal

WEB = Evidence(channel=Channel.WEB, wording="Yes, send me one email a day", origin="192.0.2.0/24")
OPERATOR = Evidence(channel=Channel.OPERATOR, by="ada")
WEEK = timedelta(days=7)


def moved(one: Subscription, store: SqlStore) -> Callable[..., Any]:
    """Takes a step of this subscription."""

    async def take(step: Step, **more: Any) -> bool:
        return await store.subscriptions.take(one.subscriber, one.generation, step, WEB, NOON, **more)

    return take


async def standing(store: SqlStore, one: Subscription) -> Standing:
    found = await store.subscriptions.get(one.subscriber)
    assert found is not None
    return found.standing


# -- joining --------------------------------------------------------------------------------------------


async def test_one_mailbox_has_one_subscription_however_it_is_typed(store: SqlStore) -> None:
    first = await store.subscriptions.add("Ana@Example.org", Wishes(), NOON)

    again = await store.subscriptions.add(" ana@example.ORG ", Wishes(movements_only=True), NOON + MINUTE)

    assert again.subscriber == first.subscriber
    assert (again.address, again.generation, again.since) == ("Ana@Example.org", 1, NOON)
    assert again.wishes.movements_only
    assert await store.subscriptions.find("ANA@example.org") == again
    assert await everybody(store) == [again]


async def test_a_domain_of_other_letters_is_one_with_its_ascii_form(store: SqlStore) -> None:
    one = await store.subscriptions.add("zoe@münchen.example", Wishes(), NOON)

    assert await store.subscriptions.find("zoe@xn--mnchen-3ya.example") == one


async def test_people_who_join_at_once_with_one_address_join_once(store: SqlStore) -> None:
    joined = await asyncio.gather(
        *(store.subscriptions.add("a@example.org", Wishes(), NOON) for _ in range(5))
    )

    assert {s.subscriber for s in joined} == {joined[0].subscriber}
    assert len(await everybody(store)) == 1


async def test_nobody_is_written_to_before_they_confirmed(store: SqlStore) -> None:
    asked = await store.subscriptions.ask("a@example.org", Wishes(), WEB, NOON)

    assert asked.standing is Standing.PENDING
    assert await moved(asked, store)(Step.CONFIRMED)
    assert await standing(store, asked) is Standing.ACTIVE


async def test_confirming_twice_confirms_once(store: SqlStore) -> None:
    asked = await store.subscriptions.ask("a@example.org", Wishes(), WEB, NOON)

    confirmed = await asyncio.gather(*(moved(asked, store)(Step.CONFIRMED) for _ in range(5)))

    assert sorted(confirmed) == [False] * 4 + [True]


async def test_asking_again_changes_nothing_of_what_stands(store: SqlStore) -> None:
    """Otherwise, anybody who knows an address could change its wishes."""
    one = await store.subscriptions.add("a@example.org", Wishes(), NOON)

    again = await store.subscriptions.ask("a@example.org", Wishes(movements_only=True), WEB, NOON + MINUTE)

    assert again == one


async def test_what_happened_is_kept_with_what_shows_that_it_was_wanted(store: SqlStore) -> None:
    asked = await store.subscriptions.ask("a@example.org", Wishes(), WEB, NOON)
    await moved(asked, store)(Step.CONFIRMED)
    await store.subscriptions.take(asked.subscriber, 1, Step.REMOVED, OPERATOR, NOON + MINUTE)

    history = await store.subscriptions.history(asked.subscriber)

    assert [(t.step, t.at, t.evidence) for t in history] == [
        (Step.ASKED, NOON, WEB),
        (Step.CONFIRMED, NOON, WEB),
        (Step.REMOVED, NOON + MINUTE, OPERATOR),
    ]


# -- leaving --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [Step.LEFT, Step.REMOVED, Step.BOUNCED, Step.COMPLAINED])
async def test_an_ended_subscription_is_kept_with_its_reason(store: SqlStore, step: Step) -> None:
    one = await store.subscriptions.add("a@example.org", Wishes(), NOON)

    assert await moved(one, store)(step)
    assert not await moved(one, store)(step)

    kept = await store.subscriptions.get(one.subscriber)
    assert kept is not None
    assert (kept.standing, kept.ended_reason, kept.ended_at) == (Standing.ENDED, step, NOON)


async def test_a_link_of_an_earlier_subscription_cannot_end_a_later_one(store: SqlStore) -> None:
    one = await store.subscriptions.add("a@example.org", Wishes(), NOON)
    await moved(one, store)(Step.LEFT)

    again = await store.subscriptions.add("a@example.org", Wishes(), NOON + MINUTE)

    assert (again.subscriber, again.generation, again.since) == (one.subscriber, 2, NOON + MINUTE)
    assert again.ended_reason is None
    assert not await moved(one, store)(Step.LEFT)
    assert await store.subscriptions.get(one.subscriber) == again


async def test_whom_we_never_knew_we_do_not_find(store: SqlStore) -> None:
    assert await store.subscriptions.find("nobody@example.org") is None
    assert await store.subscriptions.get(4711) is None
    assert not await store.subscriptions.take(4711, 1, Step.LEFT, WEB, NOON)


async def test_who_left_has_nothing_planned_any_more(store: SqlStore) -> None:
    one = await store.subscriptions.add("a@example.org", Wishes(), NOON - MINUTE)
    await store.editions.seal(an_assembly(), NOON)
    await plan(store, DAY)

    await moved(one, store)(Step.LEFT)

    assert await store.deliveries.state(DAY, one.subscriber) is State.SKIPPED


async def test_what_a_worker_has_in_hand_is_left_to_it(store: SqlStore) -> None:
    """It may be on its way this instant: what came of it must not be lost."""
    one = await store.subscriptions.add("a@example.org", Wishes(), NOON - MINUTE)
    await store.editions.seal(an_assembly(), NOON)
    await plan(store, DAY)
    await store.deliveries.claim(DAY, owner="w", now=NOON, lease=5 * MINUTE)

    await moved(one, store)(Step.LEFT)

    assert await store.deliveries.state(DAY, one.subscriber) is State.PLANNED


# -- pausing, moving, forgetting ------------------------------------------------------------------------


async def test_a_pause_ends_on_its_day_by_itself(store: SqlStore) -> None:
    one = await store.subscriptions.add("a@example.org", Wishes(), NOON)
    until = DAY + timedelta(days=7)
    assert await moved(one, store)(Step.PAUSED, until=until)
    assert await standing(store, one) is Standing.PAUSED

    assert await store.subscriptions.resume_due(until - timedelta(days=1), NOON) == 0
    assert await store.subscriptions.resume_due(until, NOON + 7 * timedelta(days=1)) == 1

    [awake] = await everybody(store)
    assert (awake.standing, awake.paused_until) == (Standing.ACTIVE, None)


async def test_an_address_is_changed_and_the_links_go_on_working(store: SqlStore) -> None:
    one = await store.subscriptions.add("old@example.org", Wishes(), NOON)

    assert await moved(one, store)(Step.MOVED, address="new@example.org")

    assert await store.subscriptions.find("old@example.org") is None
    found = await store.subscriptions.find("new@example.org")
    assert found is not None
    assert (found.subscriber, found.generation) == (one.subscriber, one.generation)


async def test_an_address_that_somebody_has_is_not_taken_from_them(store: SqlStore) -> None:
    one = await store.subscriptions.add("one@example.org", Wishes(), NOON)
    two = await store.subscriptions.add("two@example.org", Wishes(), NOON)

    assert not await moved(one, store)(Step.MOVED, address="Two@example.org")
    assert await everybody(store) == [one, two]

    await moved(two, store)(Step.LEFT)
    assert await moved(one, store)(Step.MOVED, address="two@example.org")


async def test_a_request_that_nobody_confirmed_keeps_no_address_from_somebody_who_moves_there(
    store: SqlStore,
) -> None:
    waiting = await store.subscriptions.ask("new@example.org", Wishes(), WEB, NOON)
    await store.requests.put(a_request(waiting.subscriber))
    one = await store.subscriptions.add("old@example.org", Wishes(), NOON)

    assert await moved(one, store)(Step.MOVED, address="New@example.org")

    over = await store.subscriptions.get(waiting.subscriber)
    assert over is not None
    assert (over.standing, over.ended_reason, over.address) == (Standing.ENDED, Step.LAPSED, "")
    history = await store.subscriptions.history(waiting.subscriber)
    assert [taken.step for taken in history] == [Step.ASKED, Step.LAPSED]
    assert await store.requests.get(waiting.subscriber) is None
    assert not await moved(waiting, store)(Step.CONFIRMED)


async def test_an_address_that_is_confirmed_while_somebody_moves_there_has_one_owner(store: SqlStore) -> None:
    waiting = await store.subscriptions.ask("new@example.org", Wishes(), WEB, NOON)
    one = await store.subscriptions.add("old@example.org", Wishes(), NOON)

    won = await asyncio.gather(
        moved(waiting, store)(Step.CONFIRMED), moved(one, store)(Step.MOVED, address="new@example.org")
    )

    assert sorted(won) == [False, True]


async def test_the_old_address_is_told_of_a_move_with_it_or_not_at_all(store: SqlStore) -> None:
    """Afterwards nobody could say any more which address that was."""
    one = await store.subscriptions.add("old@example.org", Wishes(), NOON)
    await store.subscriptions.add("two@example.org", Wishes(), NOON)
    told = Moved(subscriber=one.subscriber, generation=1, asked_at=NOON, new="n\u2026@example.org")
    letter = a_letter(told, address="old@example.org")
    telling = lambda before: replace(letter, address=before.address)  # noqa: E731

    assert not await moved(one, store)(Step.MOVED, address="two@example.org", telling=telling)
    assert await store.letters.state(told.key) is None
    with pytest.raises(IntegrityError):
        broken = lambda _: replace(letter, address=None)  # type: ignore[arg-type]  # noqa: E731
        await moved(one, store)(Step.MOVED, address="new@example.org", telling=broken)
    assert await store.subscriptions.get(one.subscriber) == one

    for first in (True, False):
        took = await moved(one, store)(Step.MOVED, address="new@example.org", telling=telling)
        assert took is first
    assert [letter.key for letter in await store.letters.of(one.subscriber)] == [told.key]


async def test_what_was_never_confirmed_lapses(store: SqlStore) -> None:
    old = await store.subscriptions.ask("old@example.org", Wishes(), WEB, NOON)
    new = await store.subscriptions.ask("new@example.org", Wishes(), WEB, NOON + 3 * MINUTE)

    await prune(Retention(), store=store.pruning, now=NOON + WEEK + MINUTE)

    assert [await standing(store, s) for s in (old, new)] == [Standing.ENDED, Standing.PENDING]


async def test_addresses_of_what_ended_long_ago_are_erased_and_the_record_stays(store: SqlStore) -> None:
    one = await store.subscriptions.add("a@example.org", Wishes(), NOON)
    two = await store.subscriptions.add("b@example.org", Wishes(), NOON)
    await moved(one, store)(Step.LEFT)

    await prune(Retention(), store=store.pruning, now=NOON + 4 * WEEK)
    assert await store.subscriptions.find("a@example.org") is not None
    await prune(Retention(), store=store.pruning, now=NOON + 4 * WEEK + MINUTE)

    assert await store.subscriptions.find("a@example.org") is None
    kept = await store.subscriptions.get(one.subscriber)
    assert kept is not None
    assert (kept.address, kept.standing) == ("", Standing.ENDED)
    assert len(await store.subscriptions.history(one.subscriber)) == 2
    assert await store.subscriptions.get(two.subscriber) == two


async def test_who_wants_to_be_forgotten_is_forgotten_at_once_and_may_come_back(store: SqlStore) -> None:
    one = await store.subscriptions.add("a@example.org", Wishes(), NOON)

    assert await moved(one, store)(Step.ERASED)
    assert not await moved(one, store)(Step.RESTORED)

    again = await store.subscriptions.add("a@example.org", Wishes(), NOON)
    assert again.subscriber != one.subscriber


# -- suppression ----------------------------------------------------------------------------------------

NEVER = Suppression(why="asked by letter", since=NOON, by="ada")


async def test_a_suppressed_address_is_ended_and_does_not_come_back_however_it_is_written(
    store: SqlStore,
) -> None:
    one = await store.subscriptions.add("a@münchen.example", Wishes(), NOON)

    assert await store.subscriptions.suppress(" A@xn--mnchen-3ya.example", NEVER)
    assert not await store.subscriptions.suppress("a@münchen.example", NEVER)

    assert await standing(store, one) is Standing.ENDED
    assert await store.subscriptions.suppressed("a@München.example") == NEVER
    for way in (
        store.subscriptions.add("a@münchen.example", Wishes(), NOON),
        store.subscriptions.ask("a@münchen.example", Wishes(), WEB, NOON),
        moved(one, store)(Step.RESTORED),
    ):
        with pytest.raises(Refused):
            await way


async def test_who_must_not_be_written_to_is_not_by_another_spelling_of_the_mailbox(store: SqlStore) -> None:
    """Neither asked, nor added, nor imported; and what they have under such a spelling ends."""
    tagged = await store.subscriptions.add("ada+news@example.org", Wishes(), NOON)
    dotted = await store.subscriptions.add("a.d.a@googlemail.com", Wishes(), NOON)
    other = await store.subscriptions.add("adam+news@example.org", Wishes(), NOON)

    await store.subscriptions.suppress("Ada@example.org", NEVER)
    await store.subscriptions.suppress("ada@gmail.com", NEVER)

    for one, there in ((tagged, False), (dotted, False), (other, True)):
        assert (await standing(store, one) is Standing.ACTIVE) == there
    for address in ("ada+2@EXAMPLE.org", "ad.a+2@gmail.com", "ada@googlemail.com"):
        assert await store.subscriptions.suppressed(address) == NEVER
        with pytest.raises(Refused):
            await store.subscriptions.ask(address, Wishes(), WEB, NOON)
        foreseen = await store.bulks.preview([Newcomer(address=address, wishes=Wishes())])
        assert foreseen == {Entry.SUPPRESSED: 1}


async def test_a_suppressed_tag_says_nothing_of_the_mailbox_itself(store: SqlStore) -> None:
    await store.subscriptions.suppress("ada+news@example.org", NEVER)
    await store.subscriptions.suppress("eve@example.org", NEVER)

    assert await store.subscriptions.suppressed("ada@example.org") is None
    assert not await store.subscriptions.unsuppress("eve+news@example.org")
    assert await store.subscriptions.suppressed("eve@example.org") == NEVER
    assert await store.subscriptions.unsuppress("ada+news@example.org")


async def test_suppression_outlives_erasure(store: SqlStore) -> None:
    await store.subscriptions.add("a@example.org", Wishes(), NOON)
    await store.subscriptions.suppress("a@example.org", NEVER)
    await prune(Retention(), store=store.pruning, now=NOON + 4 * WEEK + MINUTE)

    with pytest.raises(Refused):
        await store.subscriptions.add("a@example.org", Wishes(), NOON)
    assert await store.subscriptions.unsuppress("a@example.org")
    await store.subscriptions.add("a@example.org", Wishes(), NOON)


async def test_nobody_moves_to_a_suppressed_address(store: SqlStore) -> None:
    one = await store.subscriptions.add("a@example.org", Wishes(), NOON)
    await store.subscriptions.suppress("b@example.org", NEVER)

    with pytest.raises(Refused):
        await moved(one, store)(Step.MOVED, address="b@example.org")


async def test_who_asked_before_the_suppression_cannot_confirm_after_it(store: SqlStore) -> None:
    asked = await store.subscriptions.ask("a@example.org", Wishes(), WEB, NOON)
    await store.subscriptions.suppress("a@example.org", NEVER)

    assert not await moved(asked, store)(Step.CONFIRMED)
    assert await standing(store, asked) is Standing.ENDED


_STEPS = st.one_of(
    st.sampled_from(["ask", "add", "suppress", "unsuppress", "plan"]),
    st.sampled_from([step for step in Step if step is not Step.ASKED]),
)


@given(st.lists(_STEPS, max_size=12))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_nothing_is_planned_for_who_ended_or_is_suppressed_whatever_happens(
    blank_file: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[Any]
) -> None:
    file = tmp_path_factory.mktemp("law") / "state.db"
    file.write_bytes(blank_file.read_bytes())
    database = Database(f"sqlite:///{file}", directory=file.parent)
    try:
        store, days = SqlStore(database, seal=address_seal(b"key")), itertools.count()
        for step in steps:
            await _happen(store, step, days)
            await _nothing_planned_for_the_ended(store)
    finally:
        await database.dispose()


async def _happen(store: SqlStore, step: Any, days: itertools.count[int]) -> None:
    address, before = "a@example.org", NOON - MINUTE
    one = await store.subscriptions.find(address)
    try:
        match step:
            case "ask":
                await store.subscriptions.ask(address, Wishes(), WEB, before)
            case "add":
                await store.subscriptions.add(address, Wishes(), before)
            case "suppress":
                await store.subscriptions.suppress(address, NEVER)
            case "unsuppress":
                await store.subscriptions.unsuppress(address)
            case "plan":
                day = DAY + timedelta(days=next(days))
                await store.editions.seal(an_assembly(day), NOON)
                await plan(store, day)
            case Step() if one is not None:
                more = {"address": address} if step is Step.MOVED else {}
                await store.subscriptions.take(one.subscriber, one.generation, step, WEB, before, **more)
            case _:
                pass
    except Refused:
        pass


async def _nothing_planned_for_the_ended(store: SqlStore) -> None:
    suppressed = await store.subscriptions.suppressed("a@example.org")
    for one in await everybody(store):
        assert not (suppressed and one.live and one.address)
        if not one.live:
            query = select(func.count()).where(
                deliveries.c.subscriber_id == one.subscriber,
                deliveries.c.state.in_(WAITING),
                deliveries.c.carried_to.is_(None),
            )
            async with store.database.read() as connection:
                assert (await connection.execute(query)).scalar_one() == 0


# -- requests -------------------------------------------------------------------------------------------


def a_request(subscriber: int, **changes: Any) -> Request:
    values: dict[str, Any] = {
        "subscriber": subscriber,
        "generation": 1,
        "address": "a@example.org",
        "code": "123456",
        "asked_at": NOON,
        "expires_at": NOON + 60 * MINUTE,
    }
    return Request(**{**values, **changes})


async def test_a_code_may_be_typed_with_spaces_and_not_too_late(store: SqlStore) -> None:
    asked = await store.subscriptions.ask("a@example.org", Wishes(), WEB, NOON)
    await store.requests.put(a_request(asked.subscriber))

    assert await store.requests.check_code(asked.subscriber, " 123 456", NOON)
    assert not await store.requests.check_code(asked.subscriber, "123456", NOON + 60 * MINUTE)
    assert not await store.requests.check_code(4711, "123456", NOON)


async def test_a_code_cannot_be_guessed(store: SqlStore) -> None:
    asked = await store.subscriptions.ask("a@example.org", Wishes(), WEB, NOON)
    await store.requests.put(a_request(asked.subscriber))

    for _ in range(MOST_TRIES):
        assert not await store.requests.check_code(asked.subscriber, "000000", NOON)

    assert not await store.requests.check_code(asked.subscriber, "123456", NOON)


async def test_the_newest_request_stands_in_the_place_of_the_one_before(store: SqlStore) -> None:
    asked = await store.subscriptions.ask("a@example.org", Wishes(), WEB, NOON)
    await store.requests.put(a_request(asked.subscriber, tries=MOST_TRIES))
    newest = a_request(asked.subscriber, code="654321", asked_at=NOON + MINUTE)

    await store.requests.put(newest)

    assert await store.requests.get(asked.subscriber) == newest
    await store.requests.drop(a_request(asked.subscriber))
    assert await store.requests.get(asked.subscriber) == newest
    await store.requests.drop(newest)
    assert await store.requests.get(asked.subscriber) is None


async def test_a_request_is_found_under_its_reference_the_newest_first(store: SqlStore) -> None:
    for n, address in enumerate(("a@example.org", "b@example.org")):
        asked = await store.subscriptions.ask(address, Wishes(), WEB, NOON)
        await store.requests.put(
            a_request(asked.subscriber, reference="r1", asked_at=NOON + n * MINUTE, address=address)
        )

    found = await store.requests.by_reference("r1")
    assert found is not None
    assert found.address == "b@example.org"
    assert await store.requests.by_reference("r2") is None


@pytest.mark.parametrize("reference", ["\0", "a\0b", "é", "\ud800", "' or ''='", "a" * 3000])
async def test_what_is_no_reference_of_ours_is_no_error(store: SqlStore, reference: str) -> None:
    assert await store.requests.by_reference(reference) is None


async def test_asking_at_once_makes_one_request_with_one_code(store: SqlStore) -> None:
    mina = await store.subscriptions.ask("mina@example.org", Wishes(), WEB, NOON)

    def request(n: int) -> Request:
        return Request(
            subscriber=mina.subscriber,
            generation=1,
            address="mina@example.org",
            code=f"00000{n}",
            asked_at=NOON + n * timedelta(seconds=1),
            expires_at=NOON + timedelta(days=3),
            reference="abc",
        )

    stood = await asyncio.gather(*(store.requests.renew(request(n)) for n in range(6)))

    assert len({one.code for one in stood if one}) == 1
    assert stood[0] is not None
    later = await store.requests.renew(replace(request(7), asked_at=NOON + 2 * MINUTE))
    assert later is not None
    assert (later.code, later.asked_at) == (stood[0].code, NOON + 2 * MINUTE)
    assert await store.requests.renew(replace(request(8), generation=2)) is None


async def test_a_request_to_join_is_not_renewed_once_it_is_confirmed(store: SqlStore) -> None:
    """It could take the place of a request to change the address."""
    mina = await store.subscriptions.ask("a@example.org", Wishes(), WEB, NOON)
    await moved(mina, store)(Step.CONFIRMED)
    move = a_request(mina.subscriber, address="b@example.org")
    assert await store.requests.put(move)

    assert await store.requests.renew(a_request(mina.subscriber, reference="r1")) is None

    assert await store.requests.get(mina.subscriber) == move


async def test_requests_to_move_to_several_addresses_at_once_have_a_second_each(store: SqlStore) -> None:
    """The link in a letter names its request by the second: it must not confirm another address."""
    mina = await store.subscriptions.add("a@example.org", Wishes(), NOON)
    asked = [a_request(mina.subscriber, address=f"new{n}@example.org") for n in range(4)]

    stored = await asyncio.gather(*(store.requests.put(one) for one in asked))

    assert len({move_number(one.asked_at) for one in stored if one}) == 4


async def test_a_request_of_an_earlier_generation_replaces_none_of_a_later_one(store: SqlStore) -> None:
    first = await store.subscriptions.ask("a@example.org", Wishes(), WEB, NOON)
    await store.requests.put(a_request(first.subscriber))
    await moved(first, store)(Step.LEFT)
    assert await store.requests.get(first.subscriber) is None
    await store.subscriptions.ask("a@example.org", Wishes(), WEB, NOON)
    newer = a_request(first.subscriber, generation=2)
    assert await store.requests.renew(newer) == newer

    assert not await store.requests.put(a_request(first.subscriber, code="654321"))
    assert await store.requests.renew(a_request(first.subscriber, code="654321")) is None

    assert await store.requests.get(first.subscriber) == newer


async def test_a_request_without_a_reference_is_found_under_none(store: SqlStore) -> None:
    asked = await store.subscriptions.ask("a@example.org", Wishes(), WEB, NOON)
    await store.requests.put(a_request(asked.subscriber))

    assert await store.requests.by_reference("") is None


async def test_an_erased_person_leaves_no_address_in_requests_or_letters(store: SqlStore) -> None:
    asked = await store.subscriptions.ask("a@example.org", Wishes(), WEB, NOON)
    await store.requests.put(a_request(asked.subscriber))
    for occasion in ("1", "2"):
        await store.letters.write(a_letter(a_confirmation(asked.subscriber, occasion)), NOON)
    in_hand = await store.letters.claim(NOON, MINUTE)
    assert in_hand is not None

    await store.subscriptions.take(asked.subscriber, asked.generation, Step.ERASED, WEB, NOON)

    assert await store.requests.get(asked.subscriber) is None
    with pytest.raises(LeaseLost):
        await store.letters.begin(in_hand, NOON, MINUTE)
    assert await store.letters.claim(NOON + 2 * MINUTE, MINUTE) is None
    async with store.database.read() as connection:
        rows = (await connection.execute(select(letters.c.address, letters.c.content))).all()
    assert [tuple(row) for row in rows] == [("", {}), ("", {})]
    assert [one.state for one in await store.letters.of(asked.subscriber)] == [State.SKIPPED, State.SKIPPED]


# -- letters --------------------------------------------------------------------------------------------


def a_letter(content: Content = Help(reference="mina", occasion="1"), **changes: Any) -> Letter:  # noqa: B008
    values: dict[str, Any] = {"address": "a@example.org", "expires_at": NOON + 60 * MINUTE}
    return Letter(content=content, **{**values, **changes})


def a_confirmation(subscriber: int, occasion: str = "1", **flags: bool) -> Confirm:
    return Confirm(subscriber=subscriber, generation=1, occasion=occasion, code="123456", **flags)


TAKEN = Answer(event=Event.TAKEN, code=250, text="2.0.0 ok")
PUT_OFF = Answer(event=Event.PUT_OFF, code=451, text="4.3.0 later")


async def state_of(store: SqlStore, key: str) -> State:
    async with store.database.read() as connection:
        found = await connection.execute(select(letters.c.state).where(letters.c.key == key))
        state: State = found.scalar_one()
        return state


async def test_a_letter_is_written_once_and_sent_once(store: SqlStore) -> None:
    assert await store.letters.write(a_letter(), NOON)
    assert not await store.letters.write(a_letter(), NOON)

    claimed = await store.letters.claim(NOON, MINUTE)
    assert claimed is not None
    assert claimed.letter == a_letter()
    assert await store.letters.claim(NOON, MINUTE) is None
    await store.letters.begin(claimed, NOON, MINUTE)
    await store.letters.settle(claimed, settlement(claimed, TAKEN, begun=True, now=NOON), TAKEN, NOON)

    assert await state_of(store, "help mina 1") is State.ACCEPTED
    assert await store.letters.claim(NOON + 60 * MINUTE, MINUTE) is None


async def test_a_letter_half_handed_over_when_its_worker_was_lost_is_unknown(store: SqlStore) -> None:
    await store.letters.write(a_letter(), NOON)
    claimed = await store.letters.claim(NOON, MINUTE)
    assert claimed is not None
    await store.letters.begin(claimed, NOON, MINUTE)

    assert await store.letters.claim(NOON + 2 * MINUTE, MINUTE) is None

    assert await state_of(store, "help mina 1") is State.UNKNOWN
    with pytest.raises(LeaseLost):
        await store.letters.settle(claimed, settlement(claimed, TAKEN, begun=True, now=NOON), TAKEN, NOON)


async def test_a_letter_that_was_claimed_and_not_begun_is_anybodys_again(store: SqlStore) -> None:
    await store.letters.write(a_letter(), NOON)
    first = await store.letters.claim(NOON, MINUTE)
    assert first is not None

    second = await store.letters.claim(NOON + MINUTE, MINUTE)

    assert second is not None
    with pytest.raises(LeaseLost):
        await store.letters.begin(first, NOON + MINUTE, MINUTE)


async def test_a_letter_put_off_is_tried_again_until_it_is_of_no_use(store: SqlStore) -> None:
    await store.letters.write(a_letter(), NOON)
    now = NOON
    for _ in range(20):
        claimed = await store.letters.claim(now, MINUTE)
        if claimed is not None:
            await store.letters.settle(
                claimed, settlement(claimed, PUT_OFF, begun=False, now=now), PUT_OFF, now
            )
        now += 5 * MINUTE

    assert await state_of(store, "help mina 1") is State.SKIPPED


async def test_what_is_of_no_use_any_more_is_not_sent(store: SqlStore) -> None:
    await store.letters.write(a_letter(), NOON)

    assert await store.letters.claim(NOON + 60 * MINUTE, MINUTE) is None
    assert await state_of(store, "help mina 1") is State.SKIPPED


async def test_settled_letters_lose_their_addresses(store: SqlStore) -> None:
    await store.letters.write(a_letter(), NOON)
    claimed = await store.letters.claim(NOON, MINUTE)
    assert claimed is not None
    await store.letters.settle(claimed, settlement(claimed, TAKEN, begun=True, now=NOON), TAKEN, NOON)

    assert (await prune(Retention(), store=store.pruning, now=NOON + WEEK))[Rule.LETTERS] == 0
    assert (await prune(Retention(), store=store.pruning, now=NOON + WEEK + MINUTE))[Rule.LETTERS] == 1
    async with store.database.read() as connection:
        assert (await connection.execute(select(letters.c.address, letters.c.content))).all() == [("", {})]


# -- counts ---------------------------------------------------------------------------------------------


async def test_no_more_is_taken_at_once_than_there_is_and_nothing_of_what_is_refused(store: SqlStore) -> None:
    """Many requests at once, of one mailbox and of many, on one ceiling for all."""

    def quotas(n: int) -> list[Quota]:
        mailbox = Quota(
            scope=f"address {n % 3}", since=NOON, most=((NOON, 3), (NOON - timedelta(hours=23), 4))
        )
        return [mailbox, Quota(scope="all", since=NOON, most=((NOON, 7),))]

    taken = await asyncio.gather(*(store.counts.count_within(quotas(n)) for n in range(24)))

    assert taken.count(None) == 7
    per_mailbox = [await store.counts.total(f"address {n}", NOON) for n in range(3)]
    assert max(per_mailbox) <= 3
    assert sum(per_mailbox) == await store.counts.total("all", NOON) == 7


async def test_what_came_to_nothing_is_given_back_and_never_more_than_was_taken(store: SqlStore) -> None:
    quotas = [Quota(scope=scope, since=NOON, most=((NOON, 9),)) for scope in ("mailbox", "all")]
    await asyncio.gather(*(store.counts.count_within(quotas) for _ in range(5)))

    await asyncio.gather(*(store.counts.uncount(quotas[::way]) for way in (1, -1, 1)))
    assert [await store.counts.total(share.scope, NOON) for share in quotas] == [2, 2]

    for _ in range(3):
        await store.counts.uncount(quotas)
    assert [await store.counts.total(share.scope, NOON) for share in quotas] == [0, 0]


async def test_counting_at_once_loses_nothing(store: SqlStore) -> None:
    counted = await asyncio.gather(*(store.counts.add("network 1", NOON) for _ in range(5)))

    assert sorted(counted) == [1, 2, 3, 4, 5]
    assert await store.counts.total("network 1", NOON) == 5
    assert await store.counts.total("network 2", NOON) == 0


async def test_who_is_to_be_reminded_was_sent_a_letter_asked_themselves_and_was_not_reminded(
    store: SqlStore,
) -> None:
    async def asked(name: str, accepted: bool = True, other: bool = False, **flags: bool) -> Subscription:
        one = await store.subscriptions.ask(f"{name}@example.org", Wishes(), WEB, NOON)
        request = Request(
            subscriber=one.subscriber,
            generation=one.generation,
            address=one.address,
            code="123456",
            asked_at=NOON,
            expires_at=NOON + timedelta(days=3),
            reference=name,
        )
        await store.requests.put(request)
        welcome = Welcome(subscriber=one.subscriber, generation=one.generation)
        content = (
            welcome if other else replace(a_confirmation(one.subscriber, **flags), generation=one.generation)
        )
        await written(one, content, accepted=accepted)
        return one

    async def written(one: Subscription, content: Content, *, accepted: bool = True) -> None:
        await store.letters.write(a_letter(content, address=one.address), NOON)
        claimed = await store.letters.claim(NOON, MINUTE)
        assert claimed is not None
        event = Event.TAKEN if accepted else Event.REJECTED
        answer = Answer(event=event, code=250 if accepted else 550, text="")
        settled = settlement(claimed, answer, begun=accepted, now=NOON)
        if accepted:
            await store.letters.begin(claimed, NOON, MINUTE)
        await store.letters.settle(claimed, settled, answer, NOON)

    mina = await asked("mina")
    await asked("imported", invited=True)
    await asked("refused", accepted=False)
    await asked("other", other=True)
    reminded = await asked("reminded")
    reminder = Reminder(subscriber=reminded.subscriber, generation=1, code="123456", until=NOON)
    await written(reminded, reminder)
    left = await asked("left")
    await moved(left, store)(Step.LEFT)
    back = await asked("back")
    await written(back, replace(reminder, subscriber=back.subscriber))
    await moved(back, store)(Step.LEFT)
    back = await asked("back")

    async def forgotten(**changes: Any) -> list[int]:
        given: dict[str, Any] = {
            "asked_before": NOON,
            "good_after": NOON + timedelta(days=2),
            "after": 0,
            "limit": 9,
        }
        return [one.subscriber for one in await store.requests.to_remind(**{**given, **changes})]

    assert await forgotten() == [mina.subscriber, back.subscriber]
    assert await forgotten(asked_before=NOON - MINUTE) == []
    assert await forgotten(good_after=NOON + timedelta(days=3)) == []
    assert await forgotten(after=mina.subscriber) == [back.subscriber]


async def test_what_is_forgotten_is_counted_from_nothing_and_alone(store: SqlStore) -> None:
    since = NOON
    for scope in ("mina", "mina", "dan"):
        await store.counts.add(scope, since)
    await store.counts.add("mina", since - timedelta(days=6))

    await store.counts.forget("mina")
    await store.counts.forget("nobody")

    early = since - timedelta(days=7)
    assert [await store.counts.total(scope, early) for scope in ("mina", "dan")] == [0, 1]
