"""Pruning: deletes or erases what is past its retention, in small transactions.

Every rule may stop at any point and be run again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Table,
    delete,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.ports import Rule
from digest.store.database import Database, insert_or, note_erasure
from digest.store.members.erasure import erase
from digest.store.members.rows import CHUNK, locked
from digest.store.members.sealed_addresses import add_departures
from digest.store.members.steps import take_many
from digest.store.tables import (
    ItemState,
    arrivals,
    attempts,
    batches,
    chores,
    counts,
    deliveries,
    hosts,
    items,
    letters,
    newsletters,
    page_parts,
    parked_mail,
    requests,
    returns,
    shadows,
    subscribers,
    subscription_steps,
    subscriptions,
    versions,
)
from digest.subscriptions import DEPARTURES, Channel, Evidence, Standing, Step, Subscription
from digest.tokens import Seal

_LATELY: Final = timedelta(days=7)
_JOINED: Final = subscriptions.join(subscribers)


class SqlPruning:
    """`ports.PruneStore` on SQL."""

    def __init__(self, database: Database, seal: Seal) -> None:
        """`seal` hashes the addresses of departures, so that a subscriber who left is known after erasure."""
        self._database = database
        self._seal = seal

    async def done(self, chore: str) -> date | None:
        async with self._database.read() as connection:
            query = select(chores.c.day).where(chores.c.name == chore)
            day: date | None = (await connection.execute(query)).scalar_one_or_none()
        return day

    async def mark(self, chore: str, day: date, now: datetime) -> None:
        async with self._database.write() as connection:
            row = {"name": chore, "day": day, "done_at": now}
            note_erasure(connection)
            new = insert_or(connection, chores).values(row)
            await connection.execute(new.on_conflict_do_update(index_elements=[chores.c.name], set_=row))

    async def count(self, rule: Rule, before: datetime) -> int:
        source, which = _WHICH[rule](before)
        query = select(func.count()).select_from(source).where(which)
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def prune(self, rule: Rule, before: datetime, now: datetime) -> AsyncIterator[int]:
        match rule:
            case Rule.UNCONFIRMED | Rule.ENDED | Rule.LEFTOVERS:
                ids = self._people(rule, before, now)
            case Rule.DELIVERIES:
                ids = self._deliveries(before.date())
            case Rule.ANSWERS:
                ids = self._answers(before, now)
            case _:
                ids = self._rows(rule, before, now)
        async for count in ids:
            yield count

    # -- people --------------------------------------------------------------------------------------

    async def _people(self, rule: Rule, before: datetime, now: datetime) -> AsyncIterator[int]:
        source, which = _WHICH[rule](before)
        after = 0
        while True:
            query = select(subscribers.c.id).select_from(source).where(which, subscribers.c.id > after)
            async with self._database.write() as connection:
                query = query.order_by(subscribers.c.id).limit(CHUNK)
                ids = (await connection.execute(query)).scalars().all()
                if not ids:
                    return
                done = len(ids)
                if rule is Rule.UNCONFIRMED:
                    waiting = await locked(connection, ids, _unconfirmed(before))
                    done = await take_many(connection, waiting, Step.LAPSED, _SERVICE, now=now)
                elif rule is Rule.ENDED:
                    over = await locked(connection, ids, _ended(before))
                    await self._depart(connection, over)
                    await erase(connection, [one.subscriber for one in over], now)
                    done = len(over)
                else:
                    await erase(connection, ids, now)
            after = ids[-1]
            yield done

    async def _depart(self, connection: AsyncConnection, over: Sequence[Subscription]) -> None:
        for one in over:
            if one.ended_reason in DEPARTURES and one.ended_at is not None:
                await add_departures(connection, self._seal, [one.address], one.ended_at)

    # -- deliveries ----------------------------------------------------------------------------------

    async def _deliveries(self, before: date) -> AsyncIterator[int]:
        """Delete deliveries batch by batch, the rows that refer to them first."""
        oldest = select(batches.c.edition_day, batches.c.number).where(batches.c.edition_day < before)
        oldest = oldest.order_by(batches.c.edition_day, batches.c.number).limit(1)
        while True:
            async with self._database.write() as connection:
                batch = (await connection.execute(oldest)).first()
                if batch is None:
                    return
                own = (deliveries.c.edition_day == batch.edition_day) & (deliveries.c.batch == batch.number)
                people = select(deliveries.c.subscriber_id).where(own)
                for table in (attempts, returns):
                    theirs = (table.c.edition_day == batch.edition_day) & table.c.subscriber_id.in_(people)
                    await connection.execute(delete(table).where(theirs))
                gone = await connection.execute(delete(deliveries).where(own))
                await connection.execute(
                    delete(batches).where(
                        batches.c.edition_day == batch.edition_day, batches.c.number == batch.number
                    )
                )
            yield gone.rowcount

    async def _answers(self, before: datetime, now: datetime) -> AsyncIterator[int]:
        """Erase the words of relays and reports. Days that are done are not searched again."""
        done = await self.done(Rule.ANSWERS)
        last = before.date() - timedelta(days=1)
        days = select(batches.c.edition_day, batches.c.number).where(batches.c.edition_day <= last)
        if done is not None:
            days = days.where(batches.c.edition_day > done)
        async with self._database.read() as connection:
            order = days.order_by(batches.c.edition_day, batches.c.number)
            found = (await connection.execute(order)).all()
        for batch in found:
            own = (deliveries.c.edition_day == batch.edition_day) & (deliveries.c.batch == batch.number)
            people = select(deliveries.c.subscriber_id).where(own)
            blanked = 0
            async with self._database.write() as connection:
                for table in (deliveries, attempts):
                    theirs = (table.c.edition_day == batch.edition_day) & table.c.subscriber_id.in_(people)
                    erased = update(table).where(theirs, table.c.text.is_not(None)).values(text=None)
                    blanked += (await connection.execute(erased)).rowcount
            yield blanked
        async with self._database.write() as connection:
            erased = update(returns).where(returns.c.at < before, returns.c.text != "").values(text="")
            blanked = (await connection.execute(erased)).rowcount
        yield blanked
        if done is None or last > done:
            await self.mark(Rule.ANSWERS, last, now)

    # -- rows of one table ---------------------------------------------------------------------------

    async def _rows(self, rule: Rule, before: datetime, now: datetime) -> AsyncIterator[int]:
        source, which = _WHICH[rule](before)
        assert isinstance(source, Table)
        key = tuple_(*source.primary_key)
        some = select(*source.primary_key).where(which).limit(CHUNK)
        values = _BLANK.get(rule)
        statement: Any = update(source).values(values(now)) if values else delete(source)
        while True:
            async with self._database.write() as connection:
                count = (await connection.execute(statement.where(key.in_(some), which))).rowcount
            yield count
            if count < CHUNK:
                return


_SERVICE: Final = Evidence(channel=Channel.SERVICE)


def _unconfirmed(before: datetime) -> ColumnElement[bool]:
    """Pending ones that no letter asked to confirm since: an import's letters may leave days after it."""
    asked = select(literal(1)).where(
        requests.c.subscriber_id == subscriptions.c.subscriber_id,
        requests.c.generation == subscriptions.c.generation,
        requests.c.asked_at >= before,
    )
    waits = (subscriptions.c.standing == Standing.PENDING) & (subscriptions.c.since < before)
    return waits & ~asked.correlate(subscriptions).exists()


def _ended(before: datetime) -> ColumnElement[bool]:
    return (subscriptions.c.standing == Standing.ENDED) & (subscriptions.c.ended_at < before)


def _leftovers(before: datetime) -> ColumnElement[bool]:
    """Erased subscribers about whom something was written while the erasure was under way."""
    answered = select(literal(1)).where(
        deliveries.c.subscriber_id == subscribers.c.id,
        deliveries.c.edition_day >= before.date() - _LATELY,
        deliveries.c.text.is_not(None),
    )
    tried = select(literal(1)).where(
        attempts.c.subscriber_id == subscribers.c.id,
        attempts.c.edition_day >= before.date() - _LATELY,
        attempts.c.text.is_not(None),
    )
    returned = select(literal(1)).where(returns.c.subscriber_id == subscribers.c.id, returns.c.text != "")
    written = select(literal(1)).where(letters.c.subscriber_id == subscribers.c.id, letters.c.address != "")
    asked = select(literal(1)).where(requests.c.subscriber_id == subscribers.c.id)
    arrived = select(literal(1)).where(arrivals.c.subscriber_id == subscribers.c.id)
    words = (answered, tried, returned, written, asked, arrived)
    found = or_(*(one.correlate(subscribers).exists() for one in words))
    return (subscribers.c.address == "") & found


def _evidence(before: datetime) -> ColumnElement[bool]:
    """The evidence of subscriptions that ended long ago. While a subscription stands, its evidence stays."""
    old = select(subscriptions.c.subscriber_id).where(_ended(before))
    kept = or_(subscription_steps.c.wording != "", subscription_steps.c.origin != "")
    return subscription_steps.c.subscriber_id.in_(old) & kept


def _idle(before: datetime) -> ColumnElement[bool]:
    """Hosts that no process has asked since, and that do not want to be left alone after that."""
    shut = or_(hosts.c.shut_until.is_(None), hosts.c.shut_until < before)
    return (hosts.c.leased_until < before) & shut


def _with_answers(before: datetime) -> ColumnElement[bool]:
    return (deliveries.c.edition_day < before.date()) & deliveries.c.text.is_not(None)


_WHICH: Final[dict[Rule, Callable[[datetime], tuple[FromClause, ColumnElement[bool]]]]] = {
    Rule.UNCONFIRMED: lambda before: (_JOINED, _unconfirmed(before)),
    Rule.REQUESTS: lambda before: (requests, requests.c.expires_at < before),
    Rule.ARRIVALS: lambda before: (arrivals, arrivals.c.asked_at < before),
    Rule.ENDED: lambda before: (_JOINED, _ended(before) & (subscribers.c.address != "")),
    Rule.LEFTOVERS: lambda before: (subscribers, _leftovers(before)),
    Rule.LETTERS: lambda before: (
        letters,
        (letters.c.settled_at < before) & or_(letters.c.address != "", letters.c.text.is_not(None)),
    ),
    Rule.ANSWERS: lambda before: (deliveries, _with_answers(before)),
    Rule.PARKED: lambda before: (parked_mail, parked_mail.c.at < before),
    Rule.NEWSLETTERS: lambda before: (newsletters, newsletters.c.at < before),
    Rule.COUNTS: lambda before: (counts, counts.c.since < before),
    Rule.EVIDENCE: lambda before: (subscription_steps, _evidence(before)),
    Rule.DELIVERIES: lambda before: (deliveries, deliveries.c.edition_day < before.date()),
    Rule.ITEMS: lambda before: (
        items,
        (items.c.state == ItemState.BASELINE)
        & (items.c.first_seen_at < before)
        & items.c.pruned_at.is_(None),
    ),
    Rule.VERSIONS: lambda before: (versions, versions.c.noticed_at < before),
    Rule.PARTS: lambda before: (page_parts, page_parts.c.fetched_at < before),
    Rule.SHADOWS: lambda before: (shadows, shadows.c.found_at < before),
    Rule.HOSTS: lambda before: (hosts, _idle(before)),
}

_BLANK: Final[dict[Rule, Callable[[datetime], dict[str, Any]]]] = {
    Rule.LETTERS: lambda _: {"address": "", "content": {}, "text": None},
    Rule.EVIDENCE: lambda _: {"wording": "", "origin": ""},
    # The keys stay, or an old item that a source still lists would count as new.
    Rule.ITEMS: lambda now: {
        "title": None,
        "summary": None,
        "published_raw": None,
        "record": None,
        "pruned_at": now,
    },
}
