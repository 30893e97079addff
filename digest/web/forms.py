"""What people type and tick: read by hand, for a form of ours is a few lines of one encoding."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from digest.addresses import truncated
from digest.membership.letters import fit

TRAP: Final = "zwoelf_uhr"
"""A field that nobody sees and no browser fills in: its name is like nothing in an address book (F87)."""

_MOST_FIELDS: Final = 200

NOWHERE: Final = "nowhere"
"""The network of those of whom none is known."""

PATIENCE: Final = 30.0
"""Seconds for a form of a few lines to arrive."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a page says about a form, by its name in `templates/web/words.txt`; `about` stands for its %s."""

    code: str
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The fields of one post."""

    fields: dict[str, list[str]]

    def text(self, name: str, most: int = 400) -> str:
        """One line, without what no form of ours sends."""
        return _clean(self.fields.get(name, [""])[0])[:most]

    def lines(self, name: str) -> list[str]:
        """Several lines, blank ones left out."""
        given = self.fields.get(name, [""])[0].splitlines()
        return [line[:400] for line in map(_clean, given) if line]

    def has(self, name: str) -> bool:
        """Whether it has that field; a browser sends a field for words even if it is empty."""
        return name in self.fields

    def ticked(self, name: str) -> bool:
        return self.has(name)

    def chosen(self, name: str, among: Collection[str]) -> tuple[str, ...]:
        given = set(self.fields.get(name, []))
        return tuple(one for one in among if one in given)

    @property
    def trapped(self) -> bool:
        """Whether a program filled it in; people see no such field."""
        return bool(self.text(TRAP))


def _clean(text: str) -> str:
    return "".join(c for c in text if c.isprintable()).strip()


async def read(request: Request) -> Form:
    """The form, however broken its text; one that did not come whole, or is none of ours, is refused.

    Nothing may be done by halves of a form: what it leaves out would be taken for unticked.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            body = (await request.body()).decode("utf-8", "replace")
    except (ClientDisconnect, TimeoutError):
        raise HTTPException(408) from None
    try:
        return Form(
            fields=parse_qs(
                body,
                keep_blank_values=True,
                max_num_fields=_MOST_FIELDS,
                encoding="utf-8",
                errors="replace",
            )
        )
    except ValueError:
        raise HTTPException(400) from None


def problem(address: str) -> Message | None:
    """What to say of an address that we cannot write to; None for one that we can."""
    if fit(address):
        return None
    return Message("bad-address" if address.rpartition("@")[0].isascii() else "address-not-plain")


def network(request: Request) -> str:
    """Where it came from, without what names a household.

    All that hide where they are count as one network: a header that a proxy lets through is no way round.
    """
    return (truncated(request.client.host) if request.client is not None else "") or NOWHERE


_DAYS: Final = tuple(
    re.compile(pattern, re.ASCII | re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})",  # as a browser's date field sends it
        r"(?P<day>\d{1,2})[ ./-](?P<month>\d{1,2})[ ./-](?P<year>\d{4}|\d\d)",
        r"(?:[a-z]+,? )?(?P<day>\d{1,2})(?:st|nd|rd|th)?[ -](?P<month>[a-z]{3,9})[.,]?[ -]"
        r"(?P<year>\d{4}|\d\d)",
    )
)
_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


def day(text: str) -> date | None:
    """A day as a browser sends it, or as people here write one: the day before the month."""
    text = " ".join(text.split())
    found = next(filter(None, (pattern.fullmatch(text) for pattern in _DAYS)), None)
    if found is None:
        return None
    year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
    try:
        return date(year, _month(found["month"]), int(found["day"]))
    except ValueError:
        return None


def _month(word: str) -> int:
    """The number of a month, by it, its name or how that is cut short; 0 for any other word."""
    if word.isdecimal():
        return int(word)
    return next((n for n, name in enumerate(_MONTHS, 1) if name.startswith(word.lower())), 0)
