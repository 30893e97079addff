"""What is public of providers, read from the register, the ratings and the editions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.changes import Change, Movement, Withdrawal, with_withdrawn_marked
from digest.grade_periods import KnownRating
from digest.providers import Link, last_of
from digest.store.codec import STORY
from digest.store.merging import leads_of
from digest.store.providers import rating_of, standing_links, withdrawal_of
from digest.store.public.made import EntryKnown, ServiceKnown
from digest.store.tables import (
    changes,
    merges,
    open_cases,
    provider_links,
    providers,
    ratings,
    reports,
    service_entries,
    told_stories,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Entries that are one provider each, and what the model has of them now."""

    members: Mapping[str, tuple[str, ...]]  # by the id that counts, which is the first of them
    stale: frozenset[str]  # ids of the services that stand now, as far as they may be others soon

    @property
    def entries(self) -> list[str]:
        return [id for each in self.members.values() for id in each]


async def groups_of(connection: AsyncConnection, ids: Collection[str]) -> Groups:
    """The providers of these entries, and of those that the model has under the same services."""
    own = service_entries.c
    stale = set(await _column(connection, own.service_id, own.entry_id, ids)) - {None}
    beside = await _column(connection, own.entry_id, own.service_id, stale)
    all_ids = {*ids, *stale, *beside}
    leads = await leads_of(connection, all_ids)
    members = {leads.get(id, id): {leads.get(id, id): None} for id in sorted(all_ids)}
    ahead = dict.fromkeys(members)
    heads = {id: id for id in members}
    while ahead:
        query = select(merges.c.provider_id, merges.c.into_id).where(merges.c.into_id.in_(list(ahead)))
        ahead = {}
        for row in await connection.execute(query.order_by(merges.c.provider_id)):
            head = heads[row.into_id]
            if row.provider_id not in members[head]:
                members[head][row.provider_id] = None
                heads[row.provider_id] = head
                ahead[row.provider_id] = None
    return Groups(
        members={head: tuple(each) for head, each in members.items()}, stale=frozenset({*stale, *members})
    )


async def _column(connection: AsyncConnection, column: Any, by: Any, ids: Collection[str]) -> list[Any]:
    query = select(column).where(by.in_(list(ids)))
    return list((await connection.execute(query)).scalars())


async def known_of(connection: AsyncConnection, groups: Groups, until: date) -> dict[str, ServiceKnown]:
    """What is public of each provider, by the id that counts; without those of which nothing is."""
    ids = groups.entries
    heads = {id: head for head, each in groups.members.items() for id in each}
    query = select(providers).where(providers.c.id.in_(ids))
    entries = {row["id"]: row for row in (await connection.execute(query)).mappings()}
    told = await _told_on(connection, heads, until)
    history = await _ratings(connection, heads, until)
    links = await _links(connection, heads)
    found = {}
    for head, each in groups.members.items():
        there = [entries[id] for id in each if id in entries]
        if head in entries and (head in told or not all(row["proposed"] for row in there)):
            before, after = links.get(head, ({}, {}))
            found[head] = ServiceKnown(
                entries=tuple(map(_entry, there)),
                ratings=history.get(head, ()),
                predecessors=before,
                successors=after,
                told_on=told.get(head),
            )
    return found


def _entry(row: Any) -> EntryKnown:
    named = {name: row[name] for name in ("id", "name", "kind", "inspectorate", "area")}
    return EntryKnown(**named, aliases=tuple(row["aliases"]))


async def _told_on(connection: AsyncConnection, heads: Mapping[str, str], until: date) -> dict[str, date]:
    own = told_stories.c
    query = select(own.entry_id, func.max(own.day)).where(own.entry_id.in_(list(heads)), own.day <= until)
    found: dict[str, date] = {}
    for id, day in await connection.execute(query.group_by(own.entry_id)):
        found[heads[id]] = max(day, found.get(heads[id], day))
    return found


async def _ratings(
    connection: AsyncConnection, heads: Mapping[str, str], until: date
) -> dict[str, tuple[KnownRating, ...]]:
    """The public ratings of each provider, in the order in which they were stored.

    They are the register's, those that data states as past, and those of reports that editions have told.
    """
    same = (reports.c.item_id == ratings.c.item_id) & (reports.c.place == ratings.c.place)
    query = (
        select(ratings, reports.c.told_on)
        .outerjoin(reports, same)
        .where(
            ratings.c.provider_id.in_(list(heads)),
            or_(ratings.c.item_id.is_(None), reports.c.told_on <= until),
            reports.c.withheld_at.is_(None),
        )
        .order_by(ratings.c.id)
    )
    rows = (await connection.execute(query)).mappings().all()
    items = {row["item_id"] for row in rows if row["item_id"] is not None}
    said = await _withdrawals(connection, heads, until)
    items |= {item for each in said.values() for (item, _), _ in each}
    cases = await _cases(connection, items)
    stories = await _stories(connection, items, until)
    found: dict[str, list[KnownRating]] = defaultdict(list)
    for row in rows:
        head, key = heads[row["provider_id"]], (row["item_id"], row["place"])
        story, changed = stories.get(key, (None, {}))
        found[head].append(
            KnownRating(
                rating=rating_of(row, head, cases),
                told_on=row["told_on"],
                story=story,
                change=changed.get(row["aspect"]),
            )
        )
    for head, each in said.items():
        sure = [one for key, one in each if key not in cases]
        found[head] = _without_withdrawn(found[head], sure)
    return {head: tuple(each) for head, each in found.items()}


def _without_withdrawn(known: Sequence[KnownRating], said: Iterable[Withdrawal]) -> list[KnownRating]:
    """The ratings, each with the day on which it was first withdrawn, if it was."""
    marked = list(known)
    for one in sorted(said, key=lambda one: one.dated):
        history = with_withdrawn_marked([each.rating for each in known], [one])
        for place, rating in enumerate(history):
            if rating.withdrawn and not marked[place].rating.withdrawn:
                marked[place] = replace(marked[place], rating=rating, withdrawn_on=one.dated)
    return marked


async def _withdrawals(
    connection: AsyncConnection, heads: Mapping[str, str], until: date
) -> dict[str, list[tuple[tuple[int, int], Withdrawal]]]:
    """The withdrawals that editions have told, each with the item and place of its report."""
    same = (reports.c.item_id == changes.c.item_id) & (reports.c.place == changes.c.place)
    query = (
        select(changes, reports.c.dated)
        .join(reports, same)
        .where(
            changes.c.provider_id.in_(list(heads)),
            changes.c.movement == Movement.WITHDRAWN,
            reports.c.told_on <= until,
            reports.c.withheld_at.is_(None),
        )
    )
    found: dict[str, list[tuple[tuple[int, int], Withdrawal]]] = defaultdict(list)
    for row in (await connection.execute(query)).mappings():
        head = heads[row["provider_id"]]
        found[head].append(((row["item_id"], row["place"]), withdrawal_of(row, head)))
    return found


async def _cases(connection: AsyncConnection, items: Collection[int]) -> set[tuple[int, int]]:
    if not items:
        return set()
    found = open_cases().subquery()
    query = select(found.c.item_id, found.c.place).where(found.c.item_id.in_(items))
    return {(row.item_id, row.place) for row in await connection.execute(query)}


async def _stories(
    connection: AsyncConnection, items: Collection[int], until: date
) -> dict[tuple[int, int], tuple[int, dict[str, Change]]]:
    """The last story of each report: its number, and its changes by aspect."""
    if not items:
        return {}
    own = told_stories.c
    query = select(own.number, own.item_id, own.place, own.content)
    query = query.where(own.item_id.in_(items), own.day <= until).order_by(own.number)
    found = {}
    for row in await connection.execute(query):
        story = STORY.load(row.content)
        changed = (*((story.change,) if story.change else ()), *story.aspects)
        found[row.item_id, row.place] = row.number, {one.aspect: one for one in changed}
    return found


async def _links(
    connection: AsyncConnection, heads: Mapping[str, str]
) -> dict[str, tuple[dict[str, Link], dict[str, Link]]]:
    """The predecessors and the successors of each provider, by the ids that count."""
    own = provider_links.c
    about = or_(own.provider_id.in_(list(heads)), own.predecessor_id.in_(list(heads)))
    query = select(provider_links).where(about).order_by(*provider_links.primary_key)
    standing = standing_links(await connection.execute(query))
    leads = await leads_of(connection, {id for pair in standing for id in pair})
    found: dict[str, tuple[dict[str, Link], dict[str, Link]]] = defaultdict(lambda: ({}, {}))
    for pair, link in standing.items():
        later, earlier = (last_of(id, leads) for id in pair)
        if later != earlier:
            found[later][0].setdefault(earlier, link)
            found[earlier][1].setdefault(later, link)
    return found
