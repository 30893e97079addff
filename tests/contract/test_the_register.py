"""The register as operators keep it: entries become one and are split again, and providers are linked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import KENT, a_candidate, a_provider, a_rating, admitting
from sqlalchemy import select
from test_sources_and_items import PAGE, READING, list_items

from digest.deliveries import Pause
from digest.errors import Refused
from digest.identity import Fresh
from digest.items import Item
from digest.listing import Data, packed
from digest.providers import Link, Linked, Ruling
from digest.ratings import OVERALL
from digest.records import Graded, Place, Record, Snapshot, Subject
from digest.sources import Polled
from digest.store.backup import back_up, check_backup
from digest.store.restoring import restore
from digest.store.sql import SqlStore
from digest.store.tables import metadata
from digest.tokens import address_seal

NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)
SOURCE = "units"
SEAL = address_seal(b"a key of the tests")
OAK = "hmi-probation:17"


def a_record(key: str = "17", name: str = "Kent PDU", grade: str = "good", **facts: Any) -> Record:
    subject = Subject(id=key, name=name, kind="probation unit", area="Kent")
    usual: dict[str, Any] = {
        "key": key,
        "subject": subject,
        "inspectorate": "hmi-probation",
        "scale": "hmi-probation-4",
        "grades": (Graded(aspect=OVERALL, grade=grade, heading="Rating", words=grade),),
        "published_on": date(2025, 6, 5),
        "place": Place(publisher="HM Inspectorate of Probation", document="units.csv"),
    }
    return Record(**usual | facts)


async def load(store: SqlStore, *records: Record, source: str = SOURCE) -> None:
    """What `digest register load` does with records that are new."""
    await store.sources.record(source, lambda known: known or Polled(source=source, next_poll_at=NOW))
    data = Data(
        snapshot=Snapshot(document="units.csv", fingerprint="", rows=len(records)),
        records=packed((1, record) for record in records),
        baseline=True,
    )
    await store.records.remember(source, data, now=NOW)


async def everything(store: SqlStore) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the state, but those about its processes and what is only appended."""
    left_out = {"rulings"}
    async with store.database.read() as connection:
        return {
            table.name: [
                tuple(row)[table.name == "ratings" :]
                for row in await connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
            if not table.info.get("passing") and table.name not in left_out
        }


@pytest.mark.parametrize("name", ["Kent \0 PDU", "Kent \ud800 PDU"])
async def test_a_record_with_what_no_database_takes_is_remembered_as_it_was_compared(
    store: SqlStore, name: str
) -> None:
    record = a_record(name=name, lines=(("Name", name), ("Note", r"no \u0000 at all")))

    await load(store, record)

    stored = (await store.records.stated(SOURCE, ["17"]))["17"]
    assert stored.subject.name == "Kent \N{REPLACEMENT CHARACTER} PDU"
    assert stored == replace(
        record, subject=stored.subject, lines=(("Name", stored.subject.name), record.lines[1])
    )
    assert (await store.records.kept(SOURCE))["17"].standing == record.standing, "or it would always be new"


async def grades(store: SqlStore, provider: str) -> list[tuple[str, str]]:
    return [(one.provider, one.grade) for one in await store.providers.history(provider)]


@pytest.fixture
async def two(store: SqlStore) -> SqlStore:
    """A register with a seed, Kent PDU, and a publisher's entry of another name."""
    await store.providers.load([a_provider(aliases=("Kent probation",))], [a_rating("requires improvement")])
    await load(store, a_record(name="Kent Delivery Unit"))
    return store


async def test_a_merged_entry_leads_to_the_other_with_its_ratings_and_names(two: SqlStore) -> None:
    await two.register.merge(OAK, KENT, by="ada", why="the same unit", now=NOW)

    register = await two.providers.register()
    assert [one.id for one in register] == [OAK]
    assert register.named("Kent probation") is register.get(KENT) is register.get(OAK)
    assert await grades(two, OAK) == [(OAK, "requires improvement"), (OAK, "good")]
    assert [grade for _, grade in await grades(two, KENT)] == ["requires improvement", "good"]
    assert register.line_of(OAK) == {OAK, KENT}  # who watches either is told


async def test_a_merge_and_its_split_leave_everything_as_it_was(two: SqlStore) -> None:
    [item] = await list_items(two, "a")
    await two.items.file(item.id, PAGE, READING, [a_candidate(item.id)])
    before = await everything(two)
    register = list(await two.providers.register())

    await two.register.merge(OAK, KENT, by="ada", why="the same unit", now=NOW)
    assert [one.provider for one in await two.items.filed(OAK)] == [OAK]
    await two.register.split(KENT, by="ben", why="two units", now=NOW)

    assert await everything(two) == before
    assert list(await two.providers.register()) == register
    entry = await two.register.entry(KENT, now=NOW)
    assert entry is not None
    assert [(one.ruling, one.by, one.why) for one in entry.rulings] == [
        (Ruling.MERGED, "ada", "the same unit"),
        (Ruling.SPLIT, "ben", "two units"),
    ]


async def test_a_report_that_came_meanwhile_goes_back_to_the_entry_it_names(two: SqlStore) -> None:
    await two.register.merge(OAK, KENT, by="ada", why="", now=NOW - timedelta(days=9999))
    [item] = await list_items(two, "a")
    candidate = a_candidate(item.id)
    assert candidate.report is not None
    await two.items.file(
        item.id, PAGE, READING, [replace(candidate, provider=OAK, changes=(), report=candidate.report)]
    )

    assert await two.register.split(KENT, by="ada", why="", now=NOW) == 1

    assert [one.provider for one in await two.items.filed(KENT)] == [KENT]
    assert await two.items.filed(OAK) == []


@pytest.mark.parametrize(
    ("into", "id", "says"),
    [(OAK, OAK, "itself"), (OAK, "nobody", "no id of the register"), (KENT, OAK, "merged into")],
)
async def test_what_cannot_be_merged_is_refused(two: SqlStore, into: str, id: str, says: str) -> None:
    if into == KENT:
        await two.register.merge(OAK, KENT, by="ada", why="", now=NOW)
    before = await everything(two)

    with pytest.raises(Refused, match=says):
        await two.register.merge(into, id, by="ada", why="", now=NOW)

    assert await everything(two) == before


async def test_loading_twice_is_loading_once(store: SqlStore) -> None:
    records = [a_record(str(n), f"Unit {n}") for n in range(3)]
    await load(store, *records)
    once = await everything(store)

    await load(store, *records)

    assert await everything(store) == once


async def test_a_publishers_entry_joins_the_one_that_texts_know_by_exactly_its_name(store: SqlStore) -> None:
    await store.providers.load([a_provider()], [a_rating("requires improvement")])

    await load(store, a_record(name="Kent  pdu"))

    register = await store.providers.register()
    known = register.named("Kent PDU")
    assert known is not None
    assert (known.id, known.merged, known.area) == (OAK, (KENT,), "Kent")
    assert [grade for _, grade in await grades(store, OAK)] == ["requires improvement", "good"]

    await store.register.split(KENT, by="ada", why="two units", now=NOW)
    await load(store, a_record(), a_record("18", "Surrey PDU"))
    assert KENT in {one.id for one in await store.providers.register()}  # what an operator split stays so


async def test_of_several_with_one_name_none_is_joined(store: SqlStore) -> None:
    await store.providers.load([a_provider()], [])

    await load(store, a_record("17"), a_record("18"))

    assert {one.id for one in await store.providers.register()} == {KENT, OAK, "hmi-probation:18"}


async def test_a_name_that_a_publisher_changes_stays_as_a_former_one(store: SqlStore) -> None:
    await load(store, a_record(name="Old Kent"))
    await load(store, a_record(name="New Kent"))

    register = await store.providers.register()
    assert register.named("old kent") is register.named("new kent") is register.get(OAK)


async def test_an_operators_link_goes_before_what_data_states(store: SqlStore) -> None:
    linked = replace(a_record("18", "Surrey"), subject=Subject(id="18", name="Surrey", predecessors=("17",)))
    await load(store, a_record(), linked)
    later = "hmi-probation:18"
    assert OAK in (await store.providers.register()).line_of(later)

    await store.register.unlink(OAK, later, by="ada", why="", now=NOW)
    await load(store, linked)
    assert OAK not in (await store.providers.register()).line_of(later)

    await store.register.link(
        Linked(provider=later, predecessor=OAK, link=Link.MERGED), by="ada", why="", now=NOW
    )
    entry = await store.register.entry(later, now=NOW)
    assert entry is not None
    assert [(one.id, one.name, one.link) for one in entry.predecessors] == [(OAK, "Kent PDU", Link.MERGED)]


async def test_a_file_of_links_is_loaded_once_however_often(store: SqlStore) -> None:
    await load(store, a_record(), a_record("18", "Surrey"))
    links = [
        Linked(provider="hmi-probation:18", predecessor=OAK),
        Linked(provider="hmi-probation:99", predecessor=OAK),
    ]

    first = await store.register.load_links(links)
    again = await store.register.load_links(links)
    emptied = await store.register.load_links([])

    assert (first.links, first.changed, first.strangers) == (1, 1, 1)
    assert (again.links, again.changed, again.gone) == (1, 0, 0)
    assert emptied.gone == 1


async def test_what_a_forgotten_source_stated_is_gone(store: SqlStore) -> None:
    before = await everything(store)
    await load(store, a_record())

    await store.histories.forget(SOURCE, NOW)

    after = await everything(store)
    assert await grades(store, OAK) == []
    assert {name for name in after if after[name] != before[name]} == {"providers"}


async def test_a_sources_data_goes_along_to_its_new_id(store: SqlStore) -> None:
    await load(store, a_record())
    await load(store, a_record(grade="inadequate"), source="units-2")

    assert await store.histories.move(SOURCE, "units-2", NOW) == 0

    assert list(await store.records.kept("units-2")) == ["17"]
    assert await store.records.snapshot(SOURCE) is None
    assert [grade for _, grade in await grades(store, OAK)] == ["good"]


async def test_held_records_that_an_operator_makes_known_enter_the_history(store: SqlStore) -> None:
    await load(store, a_record())
    news = Item(title="Kent", guid="17@2", link=None, record=a_record(grade="inadequate"))
    listed = [Fresh(item=news, keys=("k",))]
    admit = admitting(Polled(source=SOURCE, next_poll_at=NOW), listed, held=listed)
    await store.sources.take_in(SOURCE, listed, admit, now=NOW)

    assert await store.admissions.baseline(SOURCE, why="known") == 1

    assert await grades(store, OAK) == [(OAK, "inadequate")]
    assert await store.admissions.held() == {}


async def test_merges_links_and_decisions_are_in_backups(two: SqlStore, tmp_path: Path) -> None:
    await two.register.merge(OAK, KENT, by="ada", why="the same", now=NOW)
    await two.providers.load([a_provider("essex-pdu", "Essex PDU", predecessors=(OAK,))], [])
    before = await everything(two), await two.register.entry(OAK, now=NOW)
    await back_up(two.database, tmp_path / "b.gz", NOW, lambda *_: None)
    await two.register.split(KENT, by="ben", why="", now=NOW)

    off = Pause(since=NOW, by="restore", why="restored")
    await restore(two.database, check_backup(tmp_path / "b.gz"), off, lambda *_: None, seal=SEAL)

    restored = await everything(two)
    for name in ("providers", "provider_links", "merges", "ratings"):
        assert restored[name] == before[0][name]
    assert await two.register.entry(OAK, now=NOW) == before[1]
