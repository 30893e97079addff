"""Erasure: a subscriber's address is removed wherever the database holds it.

What was sent and what was agreed stays, without the address. The text of a relay's answer or of a bounce may
quote the address, so the whole text is removed. From an operator's words only the address is removed.
"""

from __future__ import annotations

import base64
import html
import quopri
import re
import zlib
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, String, Table, case, cast, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.addresses import IN_TEXT, limit_key
from digest.deliveries import WAITING, State
from digest.store.database import note_erasure
from digest.store.tables import (
    arrivals,
    attempts,
    bulks,
    deliveries,
    gaps_told,
    letters,
    parked_mail,
    pauses,
    requests,
    returns,
    subscribers,
    subscription_steps,
    suppressions,
    watches,
)

_INSTEAD: Final = "…"


async def erase(
    connection: AsyncConnection, ids: Sequence[int], now: datetime, *, elsewhere: bool = True
) -> None:
    """Erase the addresses of these subscribers. Their letters that were not sent yet are skipped.

    `elsewhere`: also where other people wrote these addresses, which are operators' words, parked mail and
    other subscribers' requests with their letters. Give False if the address stays in use: another
    subscriber moves to it.
    """
    note_erasure(connection)
    people = select(subscribers.c.id, subscribers.c.address, subscribers.c.address_key)
    found = (await connection.execute(people.where(subscribers.c.id.in_(ids)))).all()
    keys = frozenset(row.address_key for row in found if row.address)
    spelled = {s for row in found if row.address for s in (row.address, row.address.lower(), row.address_key)}
    await connection.execute(
        update(subscribers)
        .where(subscribers.c.id.in_(ids))
        .values(address="", address_key="erased " + cast(subscribers.c.id, String))
    )
    for wished in (watches, gaps_told):
        await connection.execute(delete(wished).where(wished.c.subscriber_id.in_(ids)))
    await blank_words(connection, ids)
    await _blank_letters(connection, ids, spelled, now, elsewhere=elsewhere)
    for table in (requests, arrivals):
        theirs: ColumnElement[bool] = table.c.subscriber_id.in_(ids)
        if elsewhere and spelled:
            theirs |= func.lower(table.c.address).in_(spelled) | table.c.address.in_(spelled)
        await connection.execute(delete(table).where(theirs))
    if not elsewhere:
        own = subscription_steps.c.subscriber_id.in_(ids)
        await _redact(connection, subscription_steps, subscription_steps.c.wording, keys, own)
    if elsewhere and keys:
        for table, column in _FREE_WORDS:
            await _redact(connection, table, column, keys)
        await _drop_parked(connection, keys)


async def blank_words(connection: AsyncConnection, ids: Any) -> int:
    """Remove the texts of relays' answers and bounces about these subscribers; returns how many there were.

    `ids` is a sequence or a query.
    """
    said = 0
    for table, nothing in ((deliveries, None), (attempts, None), (returns, "")):
        own: ColumnElement[bool] = table.c.subscriber_id.in_(ids)
        own &= table.c.text.is_not(None) if nothing is None else table.c.text != ""
        said += (await connection.execute(update(table).where(own).values(text=nothing))).rowcount
    return said


async def _blank_letters(
    connection: AsyncConnection,
    ids: Sequence[int],
    spelled: Collection[str],
    now: datetime,
    *,
    elsewhere: bool,
) -> None:
    to = func.lower(letters.c.address).in_(spelled) | letters.c.address.in_(spelled)
    if not elsewhere:
        to &= letters.c.subscriber_id.is_(None)
    await connection.execute(
        update(letters)
        .where(or_(letters.c.subscriber_id.in_(ids), to))
        .values(
            address="",
            content={},
            text=None,
            key="erased " + cast(letters.c.id, String),
            state=case((letters.c.state.in_(WAITING), State.SKIPPED), else_=letters.c.state),
            settled_at=func.coalesce(letters.c.settled_at, now),
            lease_until=None,
        )
    )


_FREE_WORDS: Final[Sequence[tuple[Table, Column[Any]]]] = (
    (subscription_steps, subscription_steps.c.wording),
    (suppressions, suppressions.c.why),
    (bulks, bulks.c.what),
    (bulks, bulks.c.why),
    (pauses, pauses.c.why),
)


async def _redact(
    connection: AsyncConnection, table: Table, column: Column[Any], keys: frozenset[str], own: Any = None
) -> None:
    [key] = table.primary_key
    query = select(key, column).where(column.contains("@"))
    for id, words in (await connection.execute(query if own is None else query.where(own))).all():
        kept = redacted(words, keys)
        if kept != words:
            await connection.execute(update(table).where(key == id).values({column: kept}))


def redacted(words: str, keys: Collection[str]) -> str:
    """The words, with "…" in place of each address of these mailboxes, however it is spelled or tagged."""
    mailboxes = {limit_key(key) for key in keys}

    def kept(found: re.Match[str]) -> str:
        return _INSTEAD if limit_key(found[0].strip(_AROUND)) in mailboxes else found[0]

    return IN_TEXT.sub(kept, words)


async def _drop_parked(connection: AsyncConnection, keys: frozenset[str]) -> None:
    mailboxes = {limit_key(key) for key in keys}
    for row in (await connection.execute(select(parked_mail))).all():
        texts = (f"{row.sent_to} {row.why}", *_readings(zlib.decompress(row.content)))
        if any(limit_key(found) in mailboxes for text in texts for found in _addresses(text)):
            await connection.execute(delete(parked_mail).where(parked_mail.c.id == row.id))


_LOCAL: Final = re.compile(r"""[.!?…]*("[^"]{0,320}"|[^\s<>()\[\],;"'=]{1,320})""")
_DOMAIN: Final = re.compile(r"""[^\s<>()\[\],;:"'=]{1,255}""")


def _addresses(text: str) -> set[str]:
    """What looks like an address in a text, as `IN_TEXT` has it; in one pass, for the text may be hostile."""
    found = set()
    for before, after in pairwise(text.split("@")):
        local, domain = _LOCAL.match(before[:-330:-1]), _DOMAIN.match(after)
        if local and domain:
            found.add(f"{local[1][::-1]}@{domain[0].rstrip(_AROUND)}")
    return found


_LAYERS: Final = 3
"""Encodings within each other that are taken off, such as base64 in a message in base64."""
_BASE64: Final = re.compile(rb"(?:^[A-Za-z0-9+/]{4,}={0,2}[ \t]*\r?$\n?)+", re.MULTILINE)
_ENCODED_WORD: Final = re.compile(rb"=\?[^\s?]{1,60}\?([bq])\?([^\s?]{0,500})\?=", re.IGNORECASE)


def _readings(octets: bytes, layers: int = _LAYERS) -> Iterator[str]:
    """What the octets of a message may say, with each encoding taken off, wherever it stands.

    The structure of the message is not followed: a hostile one could hide a part from us.
    """
    yield html.unescape(octets.replace(b"\0", b"").decode("utf-8", "replace"))  # without 0, also UTF-16
    if layers == 0:
        return
    for found in _BASE64.finditer(octets):
        yield from _readings(_decoded(found[0]), layers - 1)
    words = [
        _decoded(text) if how in b"bB" else quopri.decodestring(text, header=True)
        for how, text in _ENCODED_WORD.findall(octets)
    ]
    if words:
        yield from _readings(b"".join(words), 0)  # joined, as a long text is cut into several words
    if b"=" in octets:
        yield from _readings(quopri.decodestring(octets), layers - 1)


def _decoded(base64_text: bytes) -> bytes:
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", base64_text)
    return base64.b64decode(letters[: len(letters) - (len(letters) % 4 == 1)] + b"==")


_AROUND: Final = ".!?…"
