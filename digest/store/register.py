"""The register as operators keep it: entries, merges, links, and the decisions about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.errors import Refused
from digest.listing import batched
from digest.ports.register import Entry, LinksLoaded, Relative
from digest.providers import Link, Linked, Ruled, Ruling, StatedBy
from digest.ratings import Rating
from digest.store.database import Database
from digest.store.given_back import give_back
from digest.store.members.rows import CHUNK
from digest.store.merging import leads_of, same_as, under
from digest.store.providers import SqlProviders, link_row, mark_register, standing_links, write_links
from digest.store.tables import merges, provider_links, providers, rulings


class SqlRegister:
    """`ports.RegisterStore` on SQL."""

    def __init__(self, database: Database, providers: SqlProviders) -> None:
        self._database = database
        self._providers = providers

    async def entry(self, id: str, *, now: datetime) -> Entry | None:
        known = (await self._providers.register()).get(id)
        if known is None:
            return None
        ids = [known.id, *known.merged]
        async with self._database.read() as connection:
            query = select(providers.c.inspectorate, providers.c.number, providers.c.proposed)
            rows = (
                await connection.execute(query.where(providers.c.id.in_(ids)).order_by(providers.c.id))
            ).all()
            before, after = await _relatives(connection, ids)
            about = or_(rulings.c.provider_id.in_(ids), rulings.c.other_id.in_(ids))
            decided = (
                await connection.execute(select(rulings).where(about).order_by(rulings.c.id))
            ).mappings()
            ruled = tuple(_ruled(row) for row in decided)
        history = await self._providers.history(known.id)
        return Entry(
            provider=known,
            numbers=tuple((row.inspectorate, row.number) for row in rows if row.number is not None),
            proposed=all(row.proposed for row in rows),
            predecessors=before,
            successors=after,
            ratings=tuple(sorted(history, key=lambda one: _day(one, now), reverse=True)),
            rulings=ruled,
        )

    async def merge(self, into: str, id: str, *, by: str, why: str, now: datetime) -> None:
        async with self._database.write() as connection:
            await _check_known(connection, into, id)
            leads = await leads_of(connection, (into, id))
            for one in (into, id):
                if one in leads:
                    raise Refused(
                        f"{one} is merged into {leads[one]} already; name that one, or split it first"
                    )
            if into == id:
                raise Refused(f"{id} cannot be merged into itself")
            await connection.execute(insert(merges).values(provider_id=id, into_id=into))
            await _rule(connection, Ruling.MERGED, into, id, by=by, why=why, now=now)
            await mark_register(connection)

    async def split(self, id: str, *, by: str, why: str, now: datetime) -> int:
        async with self._database.write() as connection:
            query = select(merges.c.into_id).where(merges.c.provider_id == id)
            into = await connection.scalar(query)
            if into is None:
                leading = await under(connection, id)
                hint = f"; merged into it are {', '.join(leading)}" if leading else ""
                raise Refused(f"{id} is not merged into another{hint}")
            last, *_ = await same_as(connection, id)
            since = await _merged_at(connection, into, id)
            await connection.execute(delete(merges).where(merges.c.provider_id == id))
            own = [id, *await under(connection, id)]
            returned = await give_back(connection, own, last, since=since)
            await _rule(connection, Ruling.SPLIT, into, id, by=by, why=why, now=now)
            await mark_register(connection)
        return returned

    async def link(self, linked: Linked, *, by: str, why: str, now: datetime) -> None:
        one, other = linked.provider, linked.predecessor
        async with self._database.write() as connection:
            await _check_known(connection, one, other)
            if one == other:
                raise Refused(f"{one} cannot come after itself")
            if (other, one) in await _links_of(connection, [one, other]):
                raise Refused(
                    f"{other} came after {one}, as it stands; end that first: digest register unlink"
                )
            await write_links(connection, [link_row(linked, StatedBy.OPERATOR)])
            await _rule(connection, Ruling.LINKED, one, other, by=by, why=why, now=now, link=linked.link)
            await mark_register(connection)

    async def unlink(self, one: str, other: str, *, by: str, why: str, now: datetime) -> None:
        async with self._database.write() as connection:
            found = await _links_of(connection, [one, other])
            pair = next((pair for pair in ((one, other), (other, one)) if pair in found), None)
            if pair is None:
                raise Refused(f"{one} and {other} are not linked")
            row = link_row(Linked(provider=pair[0], predecessor=pair[1]), StatedBy.OPERATOR) | {"link": None}
            await write_links(connection, [row])
            await _rule(connection, Ruling.UNLINKED, *pair, by=by, why=why, now=now, link=found[pair])
            await mark_register(connection)

    async def load_links(
        self, links: Sequence[Linked], *, progress: Callable[[int], None] = lambda _: None
    ) -> LinksLoaded:
        wanted = {(one.provider, one.predecessor): one for one in links}
        async with self._database.read() as connection:
            known = await _known(connection, {one.provider for one in links})
            before = await _from_files(connection)
        ours = {key: one for key, one in wanted.items() if key[0] in known}
        changed = [one for key, one in ours.items() if before.get(key) != one.link]
        gone = [key for key in before if key not in ours]
        progress(len(wanted) - len(changed))
        for part in batched(changed, CHUNK):
            async with self._database.write() as connection:
                await write_links(connection, [link_row(one, StatedBy.LINKS) for one in part])
            progress(len(part))
        async with self._database.write() as connection:
            for provider, predecessor in gone:
                row = link_row(Linked(provider=provider, predecessor=predecessor), StatedBy.LINKS)
                del row["link"]
                await connection.execute(delete(provider_links).filter_by(**row))
            if changed or gone:
                await mark_register(connection)
        return LinksLoaded(
            links=len(ours), changed=len(changed), gone=len(gone), strangers=len(wanted) - len(ours)
        )


def _day(rating: Rating, now: datetime) -> tuple[bool, Any]:
    day = rating.dated
    return (day is not None, day or now.date())


async def _known(connection: AsyncConnection, ids: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for some in batched(sorted(ids), CHUNK):
        found |= set(
            (await connection.execute(select(providers.c.id).where(providers.c.id.in_(some)))).scalars()
        )
    return found


async def _check_known(connection: AsyncConnection, *ids: str) -> None:
    known = await _known(connection, ids)
    for id in ids:
        if id not in known:
            raise Refused(f"{id} is no id of the register; `digest register find NAME` has them")


async def _rule(
    connection: AsyncConnection,
    ruling: Ruling,
    provider: str,
    other: str,
    *,
    by: str,
    why: str,
    now: datetime,
    link: Link | None = None,
) -> None:
    row = {"ruling": ruling, "provider_id": provider, "other_id": other, "link": link}
    await connection.execute(insert(rulings).values(row | {"by": by, "at": now, "why": why}))


async def _merged_at(connection: AsyncConnection, into: str, id: str) -> datetime | None:
    query = select(rulings.c.at).where(
        rulings.c.provider_id == into,
        rulings.c.other_id == id,
        rulings.c.ruling.in_([Ruling.MERGED, Ruling.JOINED]),
    )
    at: datetime | None = await connection.scalar(query.order_by(rulings.c.id.desc()).limit(1))
    return at


async def _links_of(connection: AsyncConnection, ids: Sequence[str]) -> dict[tuple[str, str], Link]:
    """The links that count of these ids, to both sides."""
    own = or_(provider_links.c.provider_id.in_(ids), provider_links.c.predecessor_id.in_(ids))
    query = select(provider_links).where(own).order_by(*provider_links.primary_key)
    return standing_links(await connection.execute(query))


async def _relatives(
    connection: AsyncConnection, ids: Sequence[str]
) -> tuple[tuple[Relative, ...], tuple[Relative, ...]]:
    """Predecessors and successors of the entries of a provider."""
    found = await _links_of(connection, ids)
    others = {id for pair in found for id in pair} - set(ids)
    query = select(providers.c.id, providers.c.name).where(providers.c.id.in_(others))
    names = {row.id: row.name for row in await connection.execute(query)}

    def relative(id: str, link: Link) -> Relative:
        return Relative(id=id, name=names.get(id), link=link)

    before = [relative(earlier, link) for (later, earlier), link in found.items() if later in ids]
    after = [relative(later, link) for (later, earlier), link in found.items() if earlier in ids]
    return tuple(before), tuple(after)


async def _from_files(connection: AsyncConnection) -> dict[tuple[str, str], Link]:
    query = select(provider_links).where(provider_links.c.stated_by == StatedBy.LINKS)
    return {(row.provider_id, row.predecessor_id): Link(row.link) for row in await connection.execute(query)}


def _ruled(row: Any) -> Ruled:
    return Ruled(
        ruling=Ruling(row["ruling"]),
        provider=row["provider_id"],
        other=row["other_id"],
        by=row["by"],
        at=row["at"],
        why=row["why"],
        link=Link(row["link"]) if row["link"] else None,
    )
