"""A large edition in pages. The first page also names the stories of the others, and leads to them.

So an address of a story, which names its edition and its place in it, leads to the story on every edition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from digest.edition import StoryKey
from digest.present.layout import EditionView, Plan

ALONE: Final = 40
"""The most stories of an edition that has one page: with more, the page would be too large."""

FIRST: Final = Plan(told=8, listed=12)
"""The stories of the first page of several; it has the names of all others as well."""

LATER: Final = Plan(told=20, listed=20, ending=False)
"""The stories of each later page."""

NAMED: Final = 300
"""The most stories of other pages that the first page names."""

NAMED_OCTETS: Final = 36_000
"""The most that the links to them take: each has the whole query of the page."""

_OF_ONE: Final = 40  # octets of a link's elements


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAnotherPage:
    """A story of a later page, as the first page leads to it."""

    name: str
    anchor: str
    page: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """One page of an edition, or of those of its stories that are chosen."""

    page: int
    pages: int
    plan: Plan
    here: frozenset[StoryKey]  # the stories of this page
    others: tuple[OnAnotherPage, ...] = ()  # only on the first page
    unnamed: int = 0  # how many stories there are beside these


def paging_of(whole: EditionView, asked: int, address: Callable[[int], str]) -> Paging | None:
    """The page that is asked for, or the last one; None if all stories are on one page.

    `address` is that of a page, as links have it.
    """
    stories = [told for part in whole.parts for told in (*part.told, *part.listed)]
    if len(stories) <= ALONE:
        return None
    first, size = _size(FIRST), _size(LATER)
    pages = 1 + -(-(len(stories) - first) // size)
    page = min(asked, pages)
    start = first + (page - 2) * size
    if page > 1:
        here = frozenset(told.story.key for told in stories[start : start + size])
        return Paging(page=page, pages=pages, plan=LATER, here=here)
    others = [
        OnAnotherPage(name=told.name, anchor=told.story.key.anchor, page=2 + place // size)
        for place, told in enumerate(stories[first:])
    ]
    named = tuple(_fitting(others[:NAMED], address))
    return Paging(
        page=page,
        pages=pages,
        plan=FIRST,
        here=frozenset(told.story.key for told in stories[:first]),
        others=named,
        unnamed=len(others) - len(named),
    )


def _fitting(others: Iterable[OnAnotherPage], address: Callable[[int], str]) -> Iterator[OnAnotherPage]:
    """The first ones, as many as there is room for."""
    left = NAMED_OCTETS
    for one in others:
        link = f"{escape(address(one.page))}{one.anchor * 2}{escape(one.name)}"
        left -= len(link.encode()) + _OF_ONE
        if left < 0:
            return
        yield one


def _size(plan: Plan) -> int:
    return plan.told + plan.listed
