"""The register of providers and the history of their ratings."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from sys import intern
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import ColumnElement, Select, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.changes import Certainty, Change, Movement, Withdrawal, with_withdrawn_marked
from digest.edition import StoryKey
from digest.edition_history import HeldRating
from digest.listing import batched
from digest.providers import Link, Linked, Provider, Register, StatedBy
from digest.ratings import OVERALL, Precision, Rating
from digest.store.database import Database, insert_new, insert_or
from digest.store.merging import same_as
from digest.store.tables import (
    changes,
    doubts,
    merges,
    open_cases,
    provider_links,
    providers,
    ratings,
    reports,
    revisions,
)

_REGISTER: Final = "register"


def provider_row(provider: Provider, *, proposed: bool) -> dict[str, Any]:
    """The row of a provider, without its links; `proposed` while only a text has named it."""
    values = asdict(provider) | {"proposed": proposed}
    del values["predecessors"], values["merged"]
    return values


def link_row(linked: Linked, stated_by: str, record: str = "") -> dict[str, Any]:
    """The row of a link that a source's record states, or one of `StatedBy`."""
    return {
        "provider_id": linked.provider,
        "predecessor_id": linked.predecessor,
        "stated_by": stated_by,
        "record": record,
        "link": linked.link,
    }


async def write_links(connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write links, in place of those that the same have stated of the same providers."""
    statement = insert_or(connection, provider_links)
    keys = [column.name for column in provider_links.primary_key]
    both = statement.on_conflict_do_update(index_elements=keys, set_={"link": statement.excluded.link})
    if rows:
        await connection.execute(both, rows)


def standing_links(rows: Iterable[Any]) -> dict[tuple[str, str], Link]:
    """The links that count, by the ids of the later and the earlier provider, from rows of the table.

    An operator's word goes before all others.
    """
    stated: dict[tuple[str, str], tuple[bool, str | None]] = {}
    for row in rows:
        key, by_hand = (row.provider_id, row.predecessor_id), row.stated_by == StatedBy.OPERATOR
        if by_hand or not stated.get(key, (False, None))[0]:
            stated[key] = by_hand, row.link
    return {key: Link(link) for key, (_, link) in stated.items() if link is not None}


async def mark_register(connection: AsyncConnection) -> None:
    """Make every process read the register again once this transaction commits.

    Call it last in a transaction: other transactions that change the register wait for it.
    """
    row = {"name": _REGISTER, "mark": uuid4().hex}
    statement = insert_or(connection, revisions).values(row)
    again = statement.on_conflict_do_update(index_elements=[revisions.c.name], set_={"mark": row["mark"]})
    await connection.execute(again)


async def load_register(
    connection: AsyncConnection, known: Iterable[Provider], past: Iterable[Rating], *, whole: bool = True
) -> None:
    """As `SqlProviders.load`, within a transaction."""
    known, past = tuple(known), tuple(past)
    for provider in known:
        row = provider_row(provider, proposed=False)
        await connection.execute(insert_new(connection, providers).values(row))
        await connection.execute(update(providers).where(providers.c.id == provider.id).values(row))
    stated = provider_links.c.stated_by == StatedBy.REGISTER
    own = ratings.c.item_id.is_(None) & ratings.c.source_id.is_(None)
    if not whole:
        ids = [provider.id for provider in known]
        stated &= provider_links.c.provider_id.in_(ids)
        own &= ratings.c.provider_id.in_(ids) & ratings.c.scale.in_({rating.scale for rating in past})
    await connection.execute(delete(provider_links).where(stated))
    await write_links(connection, [link_row(one, StatedBy.REGISTER) for one in _links_of(known)])
    await connection.execute(delete(ratings).where(own))
    rows = [rating_row(rating) for rating in past]
    if rows:
        await connection.execute(insert(ratings), rows)
    await mark_register(connection)


def _links_of(known: Iterable[Provider]) -> Iterator[Linked]:
    for provider in known:
        link = Link.SUCCESSOR if len(provider.predecessors) == 1 else Link.MERGED
        for predecessor in provider.predecessors:
            yield Linked(provider=provider.id, predecessor=predecessor, link=link)


class SqlProviders:
    """`ports.ProviderStore` on SQL. The register is kept in memory and read again after a change."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: tuple[str | None, Register] | None = None
        self._reading = asyncio.Lock()  # one read serves everybody who waits

    async def register(self) -> Register:
        async with self._reading, self._database.read() as connection:
            # The mark first: what commits between the two is read then, and once more the next time.
            mark = await connection.scalar(select(revisions.c.mark).where(revisions.c.name == _REGISTER))
            if self._held is None or self._held[0] != mark:
                # The operator's own entries come first: their names win over those that texts proposed.
                query = select(providers).order_by(providers.c.proposed, providers.c.id)
                before = await _predecessors(connection)
                merged = {row.provider_id: row.into_id for row in await connection.execute(select(merges))}
                rows = await connection.execute(query)
                self._held = mark, Register((_provider(row, before) for row in rows), merged)
            return self._held[1]

    async def history(
        self, provider: str, *, without: StoryKey | None = None, without_item: int | None = None
    ) -> list[Rating]:
        async with self._database.read() as connection:
            same = await same_as(connection, provider)
            held, said, asked = _past_of(same, without=without, without_item=without_item)
            cases = {(row.item_id, row.place) for row in await connection.execute(asked)}
            history = [rating_of(row, provider, cases) for row in (await connection.execute(held)).mappings()]
            withdrawn = [withdrawal_of(row, provider) for row in (await connection.execute(said)).mappings()]
        return with_withdrawn_marked(history, withdrawn)

    async def held(self, known: Iterable[Provider]) -> dict[str, tuple[HeldRating, ...]]:
        found: dict[str, tuple[HeldRating, ...]] = {}
        async with self._database.read() as connection:
            for some in batched(known, _AT_ONCE):
                found |= await _held_of(
                    connection, {id: one.id for one in some for id in (one.id, *one.merged)}
                )
        return found

    async def load(self, known: Iterable[Provider], past: Iterable[Rating], *, whole: bool = True) -> None:
        """Store the operator's register, and its past ratings in place of those it gave before.

        A provider that is stored already gets the operator's values; those the register lacks stay. If it is
        not the `whole` register, the ratings and links of other providers stay as well.
        """
        async with self._database.write() as connection:
            await load_register(connection, known, past, whole=whole)


_AT_ONCE: Final = 200  # providers, each with the entries that are merged into it


async def _held_of(
    connection: AsyncConnection, heads: Mapping[str, str]
) -> dict[str, tuple[HeldRating, ...]]:
    """The overall ratings of entries, by the id that counts."""
    ids = list(heads)
    same = (reports.c.item_id == ratings.c.item_id) & (reports.c.place == ratings.c.place)
    held = select(ratings, reports.c.told_on).outerjoin(reports, same)
    held = held.where(ratings.c.provider_id.in_(ids), ratings.c.aspect == OVERALL).order_by(ratings.c.id)
    about = (reports.c.item_id == changes.c.item_id) & (reports.c.place == changes.c.place)
    said = select(changes, reports.c.dated).join(reports, about)
    said = said.where(changes.c.provider_id.in_(ids), changes.c.movement == Movement.WITHDRAWN)
    own = select(ratings.c.item_id).where(ratings.c.provider_id.in_(ids))
    asked = open_cases().where(doubts.c.item_id.in_(own))
    cases = {(row.item_id, row.place) for row in await connection.execute(asked)}
    gone: dict[str, list[Withdrawal]] = defaultdict(list)
    for row in (await connection.execute(said)).mappings():
        head = heads[row["provider_id"]]
        gone[head].append(withdrawal_of(row, head))
    rows: dict[str, list[Any]] = defaultdict(list)
    for row in (await connection.execute(held)).mappings():
        rows[heads[row["provider_id"]]].append(row)
    return {head: tuple(_held(head, each, cases, gone[head])) for head, each in rows.items()}


def _held(
    head: str, rows: Sequence[Any], cases: Collection[tuple[int, int]], gone: Iterable[Withdrawal]
) -> Iterator[HeldRating]:
    history = with_withdrawn_marked([rating_of(row, head, cases) for row in rows], gone)
    for rating, row in zip(history, rows, strict=True):
        yield HeldRating(rating=rating, key=_key_of(row), told_on=row["told_on"])


def _key_of(row: Any) -> StoryKey | None:
    return None if row["item_id"] is None else StoryKey(item=row["item_id"], place=row["place"])


def _past_of(
    same: Sequence[str], *, without: StoryKey | None, without_item: int | None
) -> tuple[Select[Any], Select[Any], Select[Any]]:
    """The queries of a provider's ratings, its withdrawals, and the open cases of its items."""
    held = select(ratings).where(ratings.c.provider_id.in_(same)).order_by(ratings.c.id)
    said = (
        select(changes, reports.c.dated)
        .join(reports, (reports.c.item_id == changes.c.item_id) & (reports.c.place == changes.c.place))
        .where(changes.c.provider_id.in_(same), changes.c.movement == Movement.WITHDRAWN)
    )
    if without is not None:
        held, said = held.where(_not_of(ratings, without)), said.where(_not_of(changes, without))
    if without_item is not None:
        held = held.where(ratings.c.item_id.is_distinct_from(without_item))
        said = said.where(changes.c.item_id != without_item)
    own = select(ratings.c.item_id).where(ratings.c.provider_id.in_(same))
    return held, said, open_cases().where(doubts.c.item_id.in_(own))


def _not_of(table: Any, key: StoryKey) -> ColumnElement[bool]:
    """Rows that are not of one report; rows of no report, as the register's ratings, are among them."""
    other: ColumnElement[bool] = or_(
        table.c.item_id.is_(None), table.c.item_id != key.item, table.c.place != key.place
    )
    return other


def withdrawal_of(row: Any, provider: str) -> Withdrawal:
    """A withdrawal of a provider's rating: a row of `changes`, with the day of its report."""
    change = Change(
        provider=provider,
        aspect=row["aspect"],
        scale=row["scale"],
        movement=Movement(row["movement"]),
        before=row["before"],
        before_on=row["before_on"],
        before_precision=Precision(row["before_precision"] or Precision.DAY),
        after=row["after"],
        certainty=Certainty(row["certainty"]),
        review=row["review"],
    )
    return Withdrawal(change=change, dated=row["dated"])


async def _predecessors(connection: AsyncConnection) -> dict[str, tuple[str, ...]]:
    """The ids of each provider's predecessors."""
    query = select(provider_links).order_by(*provider_links.primary_key)
    found: dict[str, list[str]] = {}
    for later, earlier in standing_links(await connection.execute(query)):
        found.setdefault(later, []).append(earlier)
    return {later: tuple(each) for later, each in found.items()}


def _provider(row: Any, predecessors: Mapping[str, tuple[str, ...]]) -> Provider:
    return Provider(
        id=row.id,
        name=row.name,
        kind=intern(row.kind),
        inspectorate=intern(row.inspectorate),
        aliases=tuple(row.aliases),
        predecessors=predecessors.get(row.id, ()),
        area=intern(row.area),
    )


def rating_row(rating: Rating) -> dict[str, Any]:
    """The row of a rating, without its origin."""
    return {"provider_id": rating.provider} | {name: getattr(rating, name) for name in _STORED}


_STORED: Final = tuple(  # of the others, one is the provider, and two are told by the changes and the cases
    field.name for field in fields(Rating) if field.name not in {"provider", "withdrawn", "doubted"}
)


def rating_of(row: Any, provider: str, cases: Collection[tuple[int, int]]) -> Rating:
    """A row of `ratings` as one of a provider. `cases`: item and place of the reports with an open case."""
    return Rating(
        provider=provider,
        aspect=row["aspect"],
        scale=row["scale"],
        grade=row["grade"],
        inspected_on=row["inspected_on"],
        published_on=row["published_on"],
        published_precision=Precision(row["published_precision"] or Precision.DAY),
        evidence=row["evidence"],
        link=row["link"],
        doubted=(row["item_id"], row["place"]) in cases,
    )
