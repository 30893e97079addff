"""Reading forms: the fields people filled in, their address, and the network they came from."""

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

from digest.membership.letters import fit

HONEYPOT: Final = "zwoelf_uhr"
"""A hidden field that only programs fill in. Its name must not look like part of an address, or browsers
would fill it in from their address book.
"""

_MOST_FIELDS: Final = 200

PATIENCE: Final = 30.0
"""Seconds to wait for the whole of a form."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a page says about a form, by its name in `templates/web/words.txt`; `about` stands for its %s."""

    code: str
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The fields of one form, each with all its values."""

    fields: dict[str, list[str]]

    def text(self, name: str, most: int = 400) -> str:
        """The first value on one line, without control characters, at most `most` characters long."""
        return _clean(self.fields.get(name, [""])[0])[:most]

    def lines(self, name: str) -> list[str]:
        """The lines of the first value; blank lines are left out."""
        given = self.fields.get(name, [""])[0].splitlines()
        return [line[:400] for line in map(_clean, given) if line]

    def has(self, name: str) -> bool:
        """Whether the form has this field. A browser sends a text field even if it is empty."""
        return name in self.fields

    def ticked(self, name: str) -> bool:
        return self.has(name)

    def chosen(self, name: str, among: Collection[str]) -> tuple[str, ...]:
        given = set(self.fields.get(name, []))
        return tuple(one for one in among if one in given)

    @property
    def is_from_program(self) -> bool:
        """Whether a program filled in the form: people do not see this field."""
        return bool(self.text(HONEYPOT))


def _clean(text: str) -> str:
    return "".join(c for c in text if c.isprintable()).strip()


async def read(request: Request) -> Form:
    """Read a form. `HTTPException` 408 if it did not arrive whole, 400 if it is not one of our forms.

    Half a form must change nothing: a field that is missing would count as unticked.
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
    local = address.rpartition("@")[0]
    if not local.isascii():
        return Message("address-not-plain")
    return Message("address-is-a-route" if "%" in local or "!" in local else "bad-address")


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
    """The day in `text`, as a browser sends it or as people in Britain write it; None for anything else."""
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
    """The month's number, from a number, a name or a short name; 0 for any other word."""
    if word.isdecimal():
        return int(word)
    return next((n for n, name in enumerate(_MONTHS, 1) if name.startswith(word.lower())), 0)
