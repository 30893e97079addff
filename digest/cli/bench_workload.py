"""The workload of `digest bench send`: made-up subscribers, and an edition with messages of a given size."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from digest.app.composing import Composer
    from digest.assembly import Assembly
    from digest.store.sql import SqlStore

DAY: Final = date(2020, 3, 3)
_CHUNK: Final = 10_000
_MOST_STORIES: Final = 100
_SINCE: Final = datetime(2020, 1, 1, tzinfo=UTC)


async def subscribe(store: SqlStore, count: int) -> None:
    """Write so many made-up subscribers, all of them active."""
    from sqlalchemy import insert

    from digest.store.codec import WISHES
    from digest.store.tables import subscribers, subscriptions
    from digest.subscriptions import Standing, Wishes

    for first in range(1, count + 1, _CHUNK):
        numbers = range(first, min(first + _CHUNK, count + 1))
        people = [
            {
                "id": n,
                "address": f"reader{n}@inbox{n % 97}.example",
                "address_key": f"reader{n}@inbox{n % 97}.example",
                "created_at": _SINCE,
            }
            for n in numbers
        ]
        agreed = {
            "standing": Standing.ACTIVE,
            "generation": 1,
            "wishes": WISHES.dump(Wishes()),
            "since": _SINCE,
        }
        async with store.database.write() as connection:
            await connection.execute(insert(subscribers), people)
            await connection.execute(insert(subscriptions), [{"subscriber_id": n, **agreed} for n in numbers])


async def seal_edition(store: SqlStore, compose: Composer, size: int) -> int:
    """Seal an edition of `DAY` whose messages are of about `size` octets; of how many they are."""
    from digest.providers import Register
    from digest.subscriptions import Wishes

    def octets_with(stories: int) -> int:
        rendition = compose.render(_assembly(stories).edition, Wishes(), Register())
        return len(rendition.copy_for(1, "reader1@inbox1.example", compose.tokens(1, 1)).wire)

    stories = 1
    while stories < _MOST_STORIES and octets_with(stories + 1) <= size:
        stories += 1
    await store.editions.seal(_assembly(stories), _SINCE)
    return octets_with(stories)


def _assembly(count: int) -> Assembly:
    """An edition of so many short stories."""
    from digest.assembly import Assembly
    from digest.edition import Edition, Section, SectionKind, Story, StoryKey

    stories = tuple(
        Story(
            key=StoryKey(item=n, place=0),
            section=SectionKind.NEWS,
            title=f"An inspectorate says something in general for the {n}th time",
            link=f"https://inspectorate.example/news/{n}/",
            source_name="An inspectorate",
            inspectorate=None,
            inspectorate_name=None,
            provider=None,
            provider_name=None,
            published=DAY,
            found_at=datetime(DAY.year, DAY.month, DAY.day, 9, tzinfo=UTC),
        )
        for n in range(1, count + 1)
    )
    edition = Edition(
        day=DAY,
        cutoff=datetime(DAY.year, DAY.month, DAY.day, 11, 45, tzinfo=UTC),
        sections=(Section(kind=SectionKind.NEWS, stories=stories),),
    )
    return Assembly(edition=edition, settled=(), doubts=())
