"""Relays: whether each could be had lately, by the word of the workers that dialled them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LATELY: Final = timedelta(minutes=15)
"""A word older than this beside a newer one is no longer heard: whoever said it has stopped sending. Longer
than a connection lives, so that one who goes on sending has dialled again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayWord:
    """What one worker found when it last dialled a relay."""

    worker: str
    relay: str  # host:port
    at: datetime  # when it was dialled
    since: datetime  # when this worker first found it so, without a break
    code: int | None  # of a relay that answered and would not have us
    trouble: str  # why it could not be had, without any address; empty: it could


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayStanding:
    """What the workers' words about one relay come to."""

    relay: str
    up: bool  # everybody who dialled it lately could have it
    since: datetime
    at: datetime  # when it was last dialled
    workers: int  # who dialled it lately
    without: int  # of them, those who could not have it
    code: int | None  # of the latest trouble
    trouble: str


def standings(words: Iterable[RelayWord]) -> dict[str, RelayStanding]:
    """By relay, how it stands; one that nobody has dialled is absent."""
    about: dict[str, list[RelayWord]] = {}
    for word in words:
        about.setdefault(word.relay, []).append(word)
    return {relay: _standing(relay, about[relay]) for relay in sorted(about)}


def _standing(relay: str, words: list[RelayWord]) -> RelayStanding:
    at = max(word.at for word in words)
    lately = [word for word in words if word.at > at - LATELY]
    without = [word for word in lately if word.trouble]
    latest = max(without, key=lambda word: word.at, default=None)
    return RelayStanding(
        relay=relay,
        up=not without,
        since=min(word.since for word in without or lately),
        at=at,
        workers=len(lately),
        without=len(without),
        code=latest.code if latest else None,
        trouble=latest.trouble if latest else "",
    )
