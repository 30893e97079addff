"""What kept pages and the sitemap ask of what is public, on either database."""

from __future__ import annotations

from dataclasses import replace

from builders import DAY, KENT, a_provider, a_rating
from test_the_public_model import a_kent_story, at, keep, tell

from digest.sources import Polled, Validators
from digest.store.sql import SqlStore


async def test_the_mark_changes_with_what_is_public_and_with_nothing_else(store: SqlStore) -> None:
    marks = [await store.public.mark()]

    async def look(*, changed: bool) -> None:
        await keep(store, at(13))
        marks.append(await store.public.mark())
        assert (marks[-1] not in marks[:-1]) == changed
        assert (marks[-1] == marks[-2]) != changed

    await look(changed=False)
    await store.providers.load([a_provider(area="Kent")], [a_rating("requires improvement")])
    await look(changed=True)
    await look(changed=False)
    await tell(store, await a_kent_story(store), day=DAY)
    await look(changed=True)
    await store.providers.load([a_provider(name="Kent and Medway PDU", area="Kent")], [])
    await look(changed=True)
    found = (await store.public.named([KENT])).get(KENT)
    assert found is not None
    assert found.name == "Kent and Medway PDU"
    await look(changed=False)


async def test_all_services_are_found_by_their_addresses_part_by_part(store: SqlStore) -> None:
    names = [f"Place {n:02} PDU" for n in range(25)]
    await store.providers.load([a_provider(f"place-{n:02}", name) for n, name in enumerate(names)], [])
    await keep(store, at(13))

    firsts = await store.public.every(10)
    parts = [await store.public.addresses(first, limit=10) for first in firsts]

    assert [part[0].id for part in parts] == list(firsts)
    assert [len(part) for part in parts] == [10, 10, 5]
    found = [one.id for part in parts for one in part]
    assert len(set(found)) == 25
    assert {(one.slug, one.inspectorate) for part in parts for one in part} == {
        (known.slug, known.inspectorate) for known in await store.public.services_after(limit=25)
    }
    assert [one.id for one in await store.public.addresses(limit=100)] == found
    assert await store.public.every(100) == firsts[:1]


async def test_the_mark_of_sources_changes_with_their_health_and_with_nothing_else(store: SqlStore) -> None:
    well = Polled(source="hmip", next_poll_at=at(14), began_at=at(8), checked_at=at(13), full_at=at(13))
    ill = replace(well, trouble="503", failures=1)
    marks = [await store.sources.mark()]

    async def note(memory: Polled, *, changed: bool) -> None:
        await store.sources.record(memory.source, lambda _: memory)
        marks.append(await store.sources.mark())
        assert (marks[-1] != marks[-2]) == changed, memory

    await note(well, changed=True)
    await note(replace(well, next_poll_at=at(15), validators=Validators(etag='"1"')), changed=False)
    await note(replace(well, checked_at=at(14)), changed=True)
    await note(ill, changed=True)
    await note(replace(ill, failures=2), changed=False)
    await note(replace(ill, refused=True), changed=True)
    await note(replace(well, paused_at=at(14)), changed=True)
    await note(replace(well, paused_at=at(14), paused_until=at(18)), changed=True)
    await note(replace(well, source="another"), changed=True)
