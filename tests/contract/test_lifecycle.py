"""What the store writes of a step is what the table of the lifecycle decides; on either database."""

from __future__ import annotations

import asyncio
import itertools
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_values import DAY, NOON, everybody

import digest
from digest.errors import Refused
from digest.jobs.prune import prune
from digest.retention import Retention
from digest.store.database import Database
from digest.store.sql import SqlStore
from digest.subscriptions import (
    ENDINGS,
    MOVES,
    Channel,
    Evidence,
    Newcomer,
    Selection,
    Standing,
    Step,
    Subscription,
    Suppression,
    Taken,
    Wishes,
    begun,
    standing_at,
    taken,
)
from digest.tokens import address_seal

WEB = Evidence(channel=Channel.WEB)
DAYS = timedelta(days=1)
MOVEMENTS = Wishes(movements_only=True, watched=("kent-pdu",))
UNTIL = DAY + 9 * DAYS

PATHS: dict[Standing, Sequence[Step]] = {
    Standing.PENDING: (),
    Standing.ACTIVE: (Step.CONFIRMED,),
    Standing.PAUSED: (Step.CONFIRMED, Step.PAUSED),
    Standing.ENDED: (Step.CONFIRMED, Step.PAUSED, Step.REMOVED),
}
"""The steps that lead to each standing from having asked."""


async def a_subscription(store: SqlStore, standing: Standing, address: str) -> Subscription:
    one = await store.subscriptions.ask(address, Wishes(), WEB, NOON)
    for step in PATHS[standing]:
        assert await store.subscriptions.take(one.subscriber, 1, step, WEB, NOON, until=UNTIL)
    return await known(store, one.subscriber)


async def known(store: SqlStore, subscriber: int) -> Subscription:
    one = await store.subscriptions.get(subscriber)
    assert one is not None
    return one


# -- one step -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("standing", Standing)
async def test_what_is_stored_after_a_step_is_what_the_lifecycle_says(
    store: SqlStore, standing: Standing
) -> None:
    later = NOON + DAYS
    for step in Step:
        before = await a_subscription(store, standing, f"{step}@example.org")
        brought = {
            "wishes": MOVEMENTS if step in {Step.ASKED, Step.WISHED} else None,
            "address": f"new-{step}@example.org" if step is Step.MOVED else None,
            "until": UNTIL + DAYS if step is Step.PAUSED else None,
        }
        expected = taken(before, step, later, **brought)  # type: ignore[arg-type]

        done = await store.subscriptions.take(before.subscriber, 1, step, WEB, later, **brought)  # type: ignore[arg-type]

        assert done == ((standing, step) in MOVES) == (expected is not None)
        assert await known(store, before.subscriber) == (expected or before)
        last = (await store.subscriptions.history(before.subscriber))[-1]
        assert not done or (last.step, last.at, last.before) == (step, later, standing)


@pytest.mark.parametrize("step", sorted(ENDINGS - {Step.LAPSED}))
async def test_what_is_stored_after_an_action_on_many_is_what_the_lifecycle_says(
    store: SqlStore, step: Step
) -> None:
    later = NOON + DAYS
    before = [await a_subscription(store, standing, f"{standing}@example.org") for standing in Standing]
    bulk = await store.bulks.open(what="end", by="ada", why="a test", now=NOON)

    done = await store.bulks.end(bulk, Selection(domain="example.org"), step, WEB, now=later, after=0)

    expected = [taken(one, step, later) or one for one in before]
    assert [await known(store, one.subscriber) for one in before] == expected
    assert done is not None
    assert done[1] == sum((one.standing, step) in MOVES for one in before)


async def test_a_pause_without_an_end_in_place_of_one_with_an_end_is_noted_without_one(
    store: SqlStore,
) -> None:
    one = await a_subscription(store, Standing.PAUSED, "a@example.org")

    assert await store.subscriptions.take(one.subscriber, 1, Step.PAUSED, WEB, NOON)

    assert (await known(store, one.subscriber)).paused_until is None
    assert (await store.subscriptions.history(one.subscriber))[-1].until is None


# -- the law --------------------------------------------------------------------------------------------


def asked_for_other_wishes(one: Subscription, now: datetime) -> Subscription | None:
    """While it is pending, only other wishes begin a new generation."""
    return taken(one, Step.ASKED, now, wishes=Wishes() if one.wishes == MOVEMENTS else MOVEMENTS)


def replayed(asked: Subscription, history: Sequence[Taken]) -> Subscription:
    """The subscription that its history leads to, by the table alone."""
    one: Subscription | None = None
    for step in history:
        assert step.before == (one.standing if one else None)
        if one is None or step.generation > one.generation:  # an operator's word asks and confirms at once
            one = replace(asked, since=step.at) if one is None else asked_for_other_wishes(one, step.at)
        assert one is not None
        if step.step is not Step.ASKED or one.since != step.at:
            one = taken(one, step.step, step.at, until=step.until)
        assert one is not None, f"the table has no {step.step} from {step.before}"
        assert one.generation == step.generation
    assert one is not None
    return one


async def _anything(store: SqlStore, chance: random.Random, now: datetime) -> None:
    """One of all the ways in which the store changes subscriptions."""
    address, other = chance.sample([f"{name}@example.org" for name in "abcdef"], 2)
    wishes = chance.choice([Wishes(), MOVEMENTS])
    way = chance.choice(["ask", "add", "add", "step", "step", "step", "end", "end", "undo", "import", "time"])
    match way:
        case "ask":
            await store.subscriptions.ask(address, wishes, WEB, now)
        case "add":
            await store.subscriptions.add(address, wishes, now)
        case "step":
            await _any_step(store, chance, now)
        case "end":
            bulk = await store.bulks.open(what="end", by="ada", why="a test", now=now)
            chosen = Selection(standing=chance.choice([*Standing]), domain="example.org")
            step = chance.choice([Step.REMOVED, chance.choice(sorted(ENDINGS))])
            await store.bulks.end(bulk, chosen, step, WEB, now=now, after=0)
            if chance.random() < 0.5:
                await store.bulks.undo(bulk, WEB, now=now, after=0)
        case "undo":
            for one in (await store.bulks.all())[-1:]:
                await store.bulks.undo(one.id, WEB, now=now, after=0)
        case "import":
            bulk = await store.bulks.open(what="import", by="ada", why="a test", now=now)
            newcomers = [Newcomer(address=one, wishes=wishes) for one in (address, other, address)]
            step = chance.choice([Step.ASKED, Step.CONFIRMED])
            await store.bulks.add_newcomers(bulk, newcomers, step, WEB, now=now)
        case "time":
            await store.subscriptions.resume_due(now.date(), now)
            await prune(Retention(), store=store.pruning, now=now)
            await store.subscriptions.suppress(other, Suppression(why="a test", since=now))
            await store.subscriptions.unsuppress(other)


async def _any_step(store: SqlStore, chance: random.Random, now: datetime) -> None:
    for one in chance.sample(people := await everybody(store), min(1, len(people))):
        step = chance.choice([Step.PAUSED, chance.choice([*Step])])
        await store.subscriptions.take(
            one.subscriber,
            one.generation - chance.choice([0, 0, 1]),
            step,
            WEB,
            now,
            wishes=MOVEMENTS if step is Step.WISHED else None,
            address=f"{chance.choice('abcdef')}@example.org" if step is Step.MOVED else None,
            until=now.date() + 3 * DAYS if step is Step.PAUSED else None,
        )


async def _obeyed(database: Database, seed: int) -> None:
    store, chance = SqlStore(database, seal=address_seal(b"key")), random.Random(seed)
    seen: dict[int, Subscription] = {}
    for n in itertools.count():
        now = NOON + n * DAYS
        try:
            await _anything(store, chance, now)
        except Refused:
            continue
        for one in await everybody(store):
            if seen.get(one.subscriber) == one and n < 40:
                continue
            seen[one.subscriber] = one
            history = await store.subscriptions.history(one.subscriber)
            by_table = replayed(begun(one.subscriber, "a@example.org", Wishes(), NOON), history)
            same = {"address": one.address, "wishes": one.wishes}
            assert one == replace(by_table, **same)  # type: ignore[arg-type]
            assert standing_at(history, now) == one.standing
        if n == 40:
            return


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_no_way_of_changing_a_subscription_goes_past_the_table(
    lay_out: object, tmp_path: Path, seed: int
) -> None:
    """Each history, replayed by the table alone, leads to what is stored."""

    async def obeyed() -> None:
        file = tmp_path / f"{seed}.db"
        database = Database(lay_out(file), directory=tmp_path)  # type: ignore[operator]
        try:
            await _obeyed(database, seed)
        finally:
            await database.dispose()

    asyncio.run(obeyed())


def test_one_module_writes_to_the_table_of_subscriptions() -> None:
    """But for the made-up people that sending is measured with."""
    store = Path(digest.__file__).parent
    writes = re.compile(r"\b(?:insert|update|delete|insert_new|insert_or)\((?:\w+, )?subscriptions\)")
    found = {
        path.relative_to(store).as_posix()
        for path in store.rglob("*.py")
        if writes.search(path.read_text("utf-8"))
    }

    assert {name for name in found if not name.startswith("cli/bench")} == {"store/members/steps.py"}
