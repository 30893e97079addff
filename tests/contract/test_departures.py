"""No list brings back people who left, complained or were erased, even after their address is erased."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from sqlalchemy import select
from store_values import NOON, everybody
from test_people import (
    ADA,
    DAYS,
    HIDDEN,
    IMPORT,
    SPELLED,
    _found,
    _known_everywhere,
    end,
    opened,
    people,
    undo,
)

from digest.errors import KeyChanged
from digest.jobs.prune import prune
from digest.retention import Retention
from digest.store.database import Database
from digest.store.members.sealed_addresses import check_seal
from digest.store.sql import SqlStore
from digest.store.tables import departures
from digest.subscriptions import Entry, Newcomer, Selection, Standing, Step, Wishes
from digest.tokens import address_seal

LATER = NOON + 40 * DAYS


def newcomers(*addresses: str) -> list[Newcomer]:
    return [Newcomer(address=address, wishes=Wishes()) for address in addresses]


async def brought(store: SqlStore, addresses: Iterable[str], step: Step = Step.CONFIRMED) -> list[Entry]:
    """What an import makes of each."""
    made = []
    for one in newcomers(*addresses):
        counted, _ = await store.bulks.add_newcomers(
            await opened(store, "import"), [one], step, IMPORT, now=LATER
        )
        made += [entry for entry, count in counted.items() for _ in range(count)]
    return made


async def forgotten(store: SqlStore) -> None:
    await prune(Retention(), store=store.pruning, now=LATER)
    assert {s.address for s in await everybody(store) if not s.live} <= {""}


@pytest.mark.parametrize("step", [Step.LEFT, Step.COMPLAINED, Step.ERASED])
@pytest.mark.parametrize("way", [Step.ASKED, Step.CONFIRMED])
async def test_no_import_brings_back_who_went_once_the_address_is_gone(
    store: SqlStore, step: Step, way: Step
) -> None:
    [ada] = await people(store, "ada")
    await store.subscriptions.take(ada.subscriber, 1, step, ADA, NOON)
    await forgotten(store)
    assert await store.subscriptions.find("ada@example.org") is None

    assert await store.bulks.preview(newcomers("Ada@Example.ORG")) == {Entry.ENDED: 1}
    assert await brought(store, ["Ada@Example.ORG"], way) == [Entry.ENDED]
    assert await store.subscriptions.find("ada@example.org") is None
    assert await store.subscriptions.departed("ada@example.org") == NOON


async def test_each_of_those_who_were_erased_together_stays_gone(store: SqlStore) -> None:
    await people(store, "a", "b", "c")
    await end(store, Selection(domain="example.org"), Step.ERASED)

    assert await brought(store, ["a@example.org", "b@example.org", "c@example.org"]) == [Entry.ENDED] * 3


async def test_who_left_stays_gone_though_somebody_asked_for_them_in_vain_since(store: SqlStore) -> None:
    [ada] = await people(store, "ada")
    await store.subscriptions.take(ada.subscriber, 1, Step.LEFT, ADA, NOON)
    await store.subscriptions.ask("ada@example.org", Wishes(), ADA, NOON)
    await store.subscriptions.take(ada.subscriber, 2, Step.LAPSED, ADA, NOON)
    await forgotten(store)

    assert await brought(store, ["ada@example.org"]) == [Entry.ENDED]


async def test_who_had_left_before_departures_were_kept_stays_gone(store: SqlStore) -> None:
    [ada] = await people(store, "ada")
    await store.subscriptions.take(ada.subscriber, 1, Step.LEFT, ADA, NOON)
    async with store.database.write() as connection:
        await connection.execute(departures.delete())
    await forgotten(store)

    assert await brought(store, ["ada@example.org"]) == [Entry.ENDED]


@pytest.mark.parametrize("step", [Step.REMOVED, Step.BOUNCED])
async def test_an_ending_that_was_not_its_owners_will_is_forgotten_with_the_address(
    store: SqlStore, step: Step
) -> None:
    [ada] = await people(store, "ada")
    await store.subscriptions.take(ada.subscriber, 1, step, ADA, NOON)
    await forgotten(store)

    assert await brought(store, ["ada@example.org"]) == [Entry.NEW]


async def test_their_own_fresh_confirmation_drops_it(store: SqlStore) -> None:
    [ada] = await people(store, "ada")
    await store.subscriptions.take(ada.subscriber, 1, Step.ERASED, ADA, NOON)

    back = await store.subscriptions.ask("ada@example.org", Wishes(), ADA, LATER)
    assert await store.subscriptions.departed("ada@example.org") == NOON  # anybody can ask

    await store.subscriptions.take(back.subscriber, back.generation, Step.CONFIRMED, ADA, LATER)
    assert await store.subscriptions.departed("ada@example.org") is None
    assert await brought(store, ["ada@example.org"]) == [Entry.KNOWN]


async def test_an_operators_again_drops_it(store: SqlStore) -> None:
    [ada] = await people(store, "ada")
    await store.subscriptions.take(ada.subscriber, 1, Step.ERASED, ADA, NOON)

    assert (await store.subscriptions.add("ada@example.org", Wishes(), LATER)).standing is Standing.ACTIVE

    assert await store.subscriptions.departed("ada@example.org") is None


async def test_an_import_taken_back_is_nobodys_departure(store: SqlStore) -> None:
    """The list that is mended is imported again."""
    bulk = await opened(store, "import")
    await store.bulks.add_newcomers(bulk, newcomers("ada@example.org"), Step.CONFIRMED, IMPORT, now=NOON)
    await undo(store, bulk)

    assert await brought(store, ["ada@example.org"]) == [Entry.NEW]


async def test_a_departure_cannot_be_read_as_an_address(store: SqlStore) -> None:
    one = await _known_everywhere(store)
    await store.subscriptions.take(one.subscriber, 1, Step.ERASED, ADA, NOON)

    assert await _found(store, *HIDDEN, "@example.org") == []
    assert await store.subscriptions.departed(SPELLED) == NOON
    async with store.database.read() as connection:
        [row] = (await connection.execute(select(departures))).all()
    assert set(row.seal) <= set("0123456789abcdef")
    other = SqlStore(store.database, seal=address_seal(b"another key"))
    assert await other.subscriptions.departed(SPELLED) is None


async def test_another_key_is_noticed_where_it_would_lose_departures(database: Database) -> None:
    ours, other = address_seal(b"ours"), address_seal(b"another")
    await check_seal(database, other)
    store = SqlStore(database, seal=other)
    [ada] = await people(store, "ada")
    await store.subscriptions.take(ada.subscriber, 1, Step.LEFT, ADA, NOON)

    with pytest.raises(KeyChanged, match="1 suppressed or departed"):
        await check_seal(database, ours)
