"""A page that was made of what is public is made again when that is another, on either database."""

from __future__ import annotations

from builders import DAY, KENT, a_provider, a_rating
from test_the_public_model import a_kent_story, at, keep, tell

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
    found = await store.public.service(KENT)
    assert found is not None
    assert found.name == "Kent and Medway PDU"
    await look(changed=False)
