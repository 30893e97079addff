"""A feed has exactly the stories that a subscriber with the same wishes is mailed, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from random import Random
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from builders import DAY, KENT, a_provider, a_story, an_edition
from sqlalchemy import Connection, delete, insert, select
from test_the_public_model import at, keep

from digest.edition import SectionKind
from digest.pages.wished import Wished, asked_in, feed_page
from digest.ports.public import StoryPart, ToldStory
from digest.site.site import Site
from digest.site.told import LATEST_NUMBER, page_of
from digest.store.codec import EDITION
from digest.store.database import MIGRATIONS
from digest.store.public import wished as wished_stories
from digest.store.public.model import replace_words
from digest.store.sql import SqlStore
from digest.store.tables import editions, metadata
from digest.subscriptions import Wishes
from digest.wishes import personal_edition, wanted

UNITS = (
    a_provider(area="Kent"),
    a_provider("old-kent", "Old Kent PDU"),
    a_provider("new", "Garden Unit", predecessors=(KENT,), area="Essex"),
    a_provider("newest", "Garden and Park Unit", predecessors=("new",), area="Essex"),
    a_provider("leeds", "HMP Leeds", kind="Prison", inspectorate="hmi-prisons", aliases=("Armley Prison",)),
    a_provider("elm", "Elm Prison", kind="", inspectorate="hmi-prisons", area="West Essex"),
)
STORIES = (
    *(a_story(n, provider=one.id, provider_name=one.name, inspectorate=one.inspectorate)
      for n, one in enumerate(UNITS, 1)),
    a_story(11, SectionKind.REPORTS),
    a_story(12, SectionKind.COMMENTARY, provider="leeds", provider_name="Leeds"),
    a_story(13, SectionKind.NEWS, provider=None, provider_name=None),
    a_story(14, SectionKind.STEADY, provider="unheard-of", provider_name="A prison of Kent"),
)  # fmt: skip

WISHES = (
    Wishes(),
    Wishes(movements_only=True),
    Wishes(commentary=False),
    Wishes(inspectorates=("hmi-prisons",)),
    Wishes(areas=("essex",)),
    Wishes(areas=("Essex", "Kent"), movements_only=True),
    Wishes(kinds=("prison",)),
    Wishes(kinds=("pdu",), areas=("Kent",)),
    Wishes(providers=(KENT,)),
    Wishes(providers=("old-kent", "leeds"), movements_only=True),
    Wishes(providers=("new",), inspectorates=("hmi-prisons",)),
    Wishes(kinds=("prison",), watched=("new",)),
    Wishes(inspectorates=("hmi-prisons",), watched=("old-kent",), movements_only=True, commentary=False),
)


class Query:
    """A query as a request has it."""

    def __init__(self, address: str) -> None:
        self._found = parse_qs(address.partition("?")[2])

    def getlist(self, key: str) -> list[str]:
        return self._found.get(key, [])


@pytest.fixture
async def told(store: SqlStore) -> SqlStore:
    await store.providers.load(UNITS, [])
    await store.register.merge("old-kent", KENT, by="ada", why="", now=at(9))
    edition = an_edition(*STORIES)
    async with store.database.write() as connection:
        values = {"cutoff": at(11), "sealed_at": at(11), "content": EDITION.dump(edition)}
        await connection.execute(insert(editions).values(day=DAY, **values))
    await keep(store, at(12))
    return store


def a_site(store: SqlStore) -> Site:
    """A site, as far as stories need one."""
    return cast("Site", SimpleNamespace(until=DAY, public=store.public, register=store.providers.register))


def items(stories: Any) -> list[int]:
    return sorted(one.key.item for one in stories)


@pytest.mark.parametrize("wishes", WISHES, ids=str)
async def test_a_feed_has_what_is_mailed(told: SqlStore, wishes: Wishes) -> None:
    register = await told.providers.register()
    mailed = personal_edition(an_edition(*STORIES), (), wishes, register)

    address = feed_page(wishes, "atom")
    wished = asked_in(Query(address), movements_only=address.startswith("feeds/movements"))
    assert isinstance(wished, Wished)
    found = await page_of(a_site(told), wished, limit=50)

    assert items(one.story for one in found.stories) == items(mailed.stories if mailed else ())
    assert wished.wishes == wishes
    assert wished.unknown(register, {"hmi-prisons", "hmi-probation"}) == ()


def test_the_address_of_a_feed_holds_nothing_but_what_is_wished() -> None:
    wishes = Wishes(kinds=("PDU", "a & b"), watched=(KENT,), commentary=False)

    assert (
        feed_page(wishes, "json") == "feeds/reports.json?kind=PDU&kind=a+%26+b&watched=kent-pdu&commentary=no"
    )
    more = replace(wishes, alerts=True, proof_of_life=True)
    assert feed_page(more, "json") == feed_page(wishes, "json")
    assert feed_page(Wishes(movements_only=True), "atom") == "feeds/movements.atom"


async def test_a_page_reads_a_bounded_number_of_stories_and_leads_on(told: SqlStore) -> None:
    looked_at: list[int] = []
    stories = [replace(one) for one in await told.public.stories(until=DAY)]

    class Endless:
        async def wished(self, _which: Any, *, until: Any, before: int, limit: int) -> StoryPart:
            looked_at.append(limit)
            some = tuple(replace(stories[0], number=before - n) for n in range(1, limit + 1))
            return StoryPart(stories=some, before=before - limit)

    site = a_site(told)
    site.public = Endless()  # type: ignore[misc, assignment]
    found = await page_of(site, Wished(wishes=Wishes(inspectorates=("nobody",))), before=10_000, limit=30)

    assert found.stories == ()
    assert found.before == 10_000 - sum(looked_at)
    assert sum(looked_at) <= 400


async def all_pages(site: Site, wished: Wished, limit: int = 3) -> list[ToldStory]:
    """The stories of all pages, as a reader who follows each link to the next one finds them."""
    found: list[ToldStory] = []
    before: int | None = LATEST_NUMBER
    while before is not None:
        page = await page_of(site, wished, before=before, limit=limit)
        assert len(page.stories) <= limit
        assert page.before is None or page.before < before
        found += page.stories
        before = page.before
    return found


def many_wishes() -> Iterator[Wishes]:
    """All sets of a few names each, as a reader may choose them."""
    areas = ((), ("kent",), ("West Essex", "leeds"), ("prison kent",), ("essex west",), ("?",))
    kinds = ((), ("PDU",), ("prison", "pdu"), ("kent",))
    keys = ((), ("hmi-prisons",), ("hmi-prisons", "hmi-probation"))
    people = ((), (KENT,), ("old-kent", "leeds"))
    for area, kind, key, movements in product(areas, kinds, keys, (True, False)):
        yield Wishes(areas=area, kinds=kind, inspectorates=key, movements_only=movements)
    for area, kind, providers, watched in product(areas, kinds[:2], people, people):
        yield Wishes(areas=area, kinds=kind, providers=providers, watched=watched, commentary=not kind)


async def test_whatever_is_wished_all_pages_together_have_what_is_mailed(
    told: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wished_stories, "MOST_WALKED", 2)
    monkeypatch.setattr(wished_stories, "LEAST_WALKED", 2)
    register = await told.providers.register()
    public = await told.public.stories(until=DAY)
    some = Random(5).sample(list(many_wishes()), 30)  # all take a minute, and found no more
    for wishes in (Wishes(areas=("Garden", "Prison")), *some):
        found = await all_pages(a_site(told), Wished(wishes=wishes))

        assert found == [one for one in public if wanted(one.story, wishes, register)], wishes


async def test_a_rare_wish_is_found_below_many_other_stories(
    told: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wished_stories, "MOST_WALKED", 2)
    monkeypatch.setattr(wished_stories, "LEAST_WALKED", 2)
    wishes = Wishes(areas=("Kent",), kinds=("PDU",), movements_only=True)

    found = await page_of(a_site(told), Wished(wishes=wishes), limit=30)

    assert items(one.story for one in found.stories) == [1, 2]


async def test_a_feed_follows_a_provider_that_gets_another_name(told: SqlStore) -> None:
    wished = Wished(wishes=Wishes(areas=("Harbour",)))
    assert await all_pages(a_site(told), wished) == []

    await told.providers.load([a_provider("leeds", "Harbour Prison", kind="Prison")], [])
    await keep(told, at(13))

    found = await all_pages(a_site(told), wished)
    assert {one.service for one in found} == {"leeds"}
    assert items(one.story for one in found) == [5, 12]


async def test_an_upgraded_state_finds_stories_as_one_that_was_made_now(told: SqlStore) -> None:
    words = metadata.tables["told_words"]

    def fill(connection: Connection) -> None:
        migration = ScriptDirectory(str(MIGRATIONS)).get_revision("0054").module
        connection.execute(delete(words))
        with Operations.context(MigrationContext.configure(connection)):
            migration._fill(words)

    async with told.database.write() as connection:
        query = select(words).order_by(words.c.number, words.c.word)
        before = (await connection.execute(query)).all()
        await connection.run_sync(fill)
        after = (await connection.execute(query)).all()

    assert len(before) > 30
    assert after == before


async def test_services_with_very_many_stories_are_written_too(told: SqlStore) -> None:
    """A database takes 65,535 values or fewer in a statement; a provider may get another name after years."""
    words = metadata.tables["told_words"]
    async with told.database.write() as connection:
        before = (await connection.execute(select(words))).all()
        await replace_words(connection, range(1, 70_000), [])

        assert (await connection.execute(select(words))).all() == before
