"""Entries that a publisher lists again in another form, polled by the real poller on either database."""

from __future__ import annotations

from datetime import timedelta
from html import escape

import pytest
from entries_as_listed import CASES, HERE, Document
from feed_cases import BEGIN, Stage, a_report, stage
from servers.publisher import say
from sqlalchemy import insert, or_, select

from digest.items import canonical_link
from digest.store.sql import SqlStore
from digest.store.tables import item_keys, items

HOUR = timedelta(hours=1)
PLAYED = {
    "a date in another zone",
    "typographic quotes and dashes",
    "one title and one day, new id and link",
    "ids and links of N/A in a whole feed (release notes of an office suite)",
    "a wrong number typed on a second report (inspectors general)",
    "one list page for all, ids of their own, one at a time (a status page)",
    "an edit of a government page: the id has the time of the update",
    "first a new address, then a new id",
}
_TAGS = {"title": "title", "id": "guid", "link": "link", "on": "pubDate", "text": "description"}


def a_feed(document: Document, here: str) -> bytes:
    """The document as RSS, with the publisher in the place of its site."""
    entries = (
        "".join(f"<{_TAGS[of]}>{escape(said.replace(HERE, here))}</{_TAGS[of]}>" for of, said in one.items())
        for one in document
    )
    listed = "".join(f"<item>{entry}</item>" for entry in entries)
    return f"<rss version='2.0'><channel><title>Visits</title>{listed}</channel></rss>".encode()


async def look(made: Stage, hours: int, document: Document) -> None:
    here = made.publisher.url("")
    made.publisher.routes["/feed"] = say(200, a_feed(document, here))
    for one in document:
        path = one.get("link", "").removeprefix(HERE).partition("#")[0]
        made.publisher.routes.setdefault(path, say(200, a_report(one["title"]), Content_Type="text/html"))
    await made.poll(BEGIN + hours * HOUR)


@pytest.mark.parametrize(
    ("documents", "told"), [pytest.param(d, told, id=name) for name, d, told in CASES if name in PLAYED]
)
async def test_only_what_is_new_is_read(store: SqlStore, documents: list[Document], told: list[str]) -> None:
    async with stage("baseline-lost", store) as made:
        for number, document in enumerate(documents):
            await look(made, number, document)

        first = {one["title"] for one in documents[0]}
        # A known item that is dated again may be read, to see whether its page has another report.
        was_no_news = or_(items.c.state == "baseline", items.c.known_since.is_not(None))
        async with store.database.read() as connection:
            listed = select(items.c.title).where(~was_no_news).order_by(items.c.title)
            assert list((await connection.execute(listed)).scalars()) == told
            known = select(items.c.title).where(was_no_news)
            assert len((await connection.execute(known)).all()) == len(first)
        assert [one for one in await store.editions.waiting(BEGIN + 99 * HOUR) if one.title not in told] == []


def test_every_case_that_is_played_is_one() -> None:
    assert {name for name, _, _ in CASES} >= PLAYED


@pytest.mark.parametrize("erased", [False, True])
async def test_what_an_earlier_version_stored_is_known_and_learns_its_new_keys(
    store: SqlStore, erased: bool
) -> None:
    async with stage("baseline-lost", store) as made:
        link, raw = made.publisher.url("/marsh"), "Mon, 23 Nov 2026 06:00:00 GMT"
        await look(made, 0, [{"title": "Known", "id": "0"}])
        row = {"source_id": "feed", "state": "baseline", "title": None if erased else "Marsh visit"}
        row |= {"guid": "URN:Marsh", "link": link, "published_raw": raw, "fingerprint": "5f" * 16}
        async with store.database.write() as connection:
            row |= {"first_seen_at": BEGIN, "attempts": 0, "shadow": False}
            id = (await connection.execute(insert(items).values(row).returning(items.c.id))).scalar_one()
            old = ["id:URN:Marsh", f"link:{canonical_link(link).removeprefix('//')}"]
            rows = [{"source_id": "feed", "key": key, "item_id": id} for key in old]
            await connection.execute(insert(item_keys), rows)

        await look(made, 1, [{"title": "Marsh visit", "id": "urn:marsh", "link": f"{HERE}/marsh", "on": raw}])

        async with store.database.read() as connection:
            kept = await connection.execute(select(items.c.fingerprint).where(items.c.id == id))
            assert kept.scalar_one().startswith("2:")
        assert len(await made.items() if not erased else [1, 2]) == 2
        kinds = {key.key.partition(":")[0]: key.by for key in await store.items.keys(id)}
        assert kinds.keys() == {"id", "link", "guid", "page", "moment"}
        assert (kinds["id"], kinds["guid"]) == (None, "guid:urn:marsh")
