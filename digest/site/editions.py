"""An edition as a public page: every story of the day, as its mail told it.

Once it is public an edition never changes. What has become known since stands beside a story: that a later
edition corrected it, and where its service's page is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.edition import Edition, StoryKey, in_sections
from digest.pages.wished import ALL, DAYS, NOTHING_CARRIED, Wished, carried_in, copy_page
from digest.pages.wished import PARAMETERS as WISHES
from digest.ports.ledger import Carried
from digest.ports.public import ToldStory
from digest.present.layout import EditionView, edition_view, whole_view
from digest.present.tidy import tidy
from digest.providers import Register
from digest.site.addresses import edition_page, month_page, service_page
from digest.site.asking import page_number, query, text_of
from digest.site.edition_filters import PARAMETERS, Choices
from digest.site.edition_paging import paging_of
from digest.site.edition_stories import stories_beside
from digest.site.pages import asked
from digest.site.site import Site
from digest.site.told import Wrong, wished_by

_PAGE: Final = "page"

_NEAR: Final = timedelta(days=31)
"""How far off the editions before and after are looked for at first."""


def routes(site: Site) -> list[Route]:
    async def edition(request: Request) -> Response:
        day = await _public_day(site, request.path_params["day"])
        if day is None:
            return site.pages.not_found(request)
        chosen = {name: text_of(request, name) for name in PARAMETERS}
        links = _links(request, PARAMETERS)

        async def values() -> Mapping[str, Any] | None:
            return await _values(site, day, chosen, links)

        return await site.pages.show(request, "edition", values, reads=(*PARAMETERS, _PAGE))

    one_by_one = asyncio.Lock()  # for copies of many days: strangers may ask for any, and each takes seconds

    def copy(movements_only: bool) -> Callable[[Request], Awaitable[Response]]:
        async def copy_of(request: Request) -> Response:
            """What a subscriber with the wishes in the query got of an edition."""
            day = await _public_day(site, request.path_params["day"])
            if day is None:
                return site.pages.not_found(request)
            try:
                wished = await wished_by(request, site, movements_only=movements_only)
            except Wrong as wrong:
                return site.pages.refused(request, str(wrong))
            carried = carried_in(request.query_params, day)
            if isinstance(carried, str):
                return site.pages.refused(request, carried)

            links = _links(request, (*WISHES, *DAYS))

            async def values() -> Mapping[str, Any] | None:
                async with nullcontext() if carried == NOTHING_CARRIED else one_by_one:
                    nothing = dict.fromkeys(PARAMETERS, "")
                    return await _values(site, day, nothing, links, wished, carried=carried)

            return await site.pages.show(request, "edition", values, reads=(*WISHES, *DAYS, _PAGE))

        return copy_of

    return [
        Route("/edition/{day}", edition),
        Route("/edition/{day}/reports", copy(movements_only=False)),
        Route("/edition/{day}/movements", copy(movements_only=True)),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The page that is asked for, and how its edition leads to its other pages."""

    asked: int
    to: Callable[[int], str]


def _links(request: Request, reads: Sequence[str]) -> Links:
    def to(page: int) -> str:
        return (asked(request, reads, page=page) if page > 1 else asked(request, reads)) or "?"

    return Links(asked=page_number(request), to=to)


async def _public_day(site: Site, text: str) -> date | None:
    """The day that an address names, if its edition is public."""
    try:
        day = date.fromisoformat(text)
        noon = site.timetable.noon_of(day)
    except (ValueError, OverflowError):
        return None
    # Subscribers have it from noon, unless operators keep it back.
    return None if site.clock.now() < noon or await _is_held(site, day) else day


async def _is_held(site: Site, day: date) -> bool:
    """Whether operators keep the edition of today back: from its subscribers, and so from everybody."""
    now = site.clock.now()
    return day == site.timetable.day_of(now) and await site.editions.hold(day, now) is not None


async def _values(
    site: Site,
    day: date,
    chosen: Mapping[str, str],
    links: Links,
    wished: Wished | None = None,
    *,
    carried: Carried = NOTHING_CARRIED,
) -> Mapping[str, Any] | None:
    """What the page shows; None if there is no edition with stories."""
    edition, earlier = await _with_carried(site, day, carried)
    if edition is None or not edition.stories:
        return None
    told: dict[StoryKey, ToldStory] = {}
    for one in (*earlier, day):
        told |= {each.story.key: each for each in await site.public.stories_of(one, until=site.until)}
    choices = Choices(told=told, chosen=chosen, names=site.inspectorates)
    previous, following = await _neighbours(site, day)
    register = await site.register()
    given = await asyncio.to_thread(_laid_out, edition, choices, wished, site, register, links=links)
    page = given["paging"].page if given["paging"] else 1
    return {
        **given,
        "link": links.to,
        "service_page": service_page,
        "chosen": choices.said,
        "wished": wished is not None,
        "week": bool(carried.kept),
        "earlier": earlier,
        "whole": copy_page(edition_page(day), ALL.wishes, carried),
        "beside": await stories_beside(site, edition.stories, told),
        "month": month_page(day),
        "previous": previous,
        "next": following,
        "canonical": site.pages.address(edition_page(day)) + query(page=page if page > 1 else None),
    }


async def _with_carried(site: Site, day: date, carried: Carried) -> tuple[Edition | None, tuple[date, ...]]:
    """The edition with all stories of the days that it carries, and those of them with an edition."""
    edition = await site.editions.sealed(day)
    if edition is None or carried == NOTHING_CARRIED:
        return edition, ()
    missed, kept = [
        [one for each in days if (one := await site.editions.sealed(each)) is not None] for days in carried
    ]
    register = await site.register()
    whole = await asyncio.to_thread(ALL.edition, edition, missed, kept, register)
    return whole, tuple(sorted(one.day for one in (*missed, *kept) if one.stories))


def _laid_out(
    edition: Edition, choices: Choices, wished: Wished | None, site: Site, register: Register, *, links: Links
) -> Mapping[str, Any]:
    """The whole edition, and the stories of it that are shown on a page."""
    edition = tidy(edition)
    kept = choices.kept(edition.stories)
    wishes = (wished or ALL).wishes
    given: Any = {"known": site.known, "register": register, "zone": site.timetable.zone}
    if wished:
        kept = tuple(story for story in edition.stories if wished.wants(story, register))

    def view(chosen: Edition) -> EditionView:
        return whole_view(chosen, **given, wishes=wishes)

    layout = view(edition)
    shown: EditionView | None = layout
    if len(kept) < len(edition.stories):
        shown = view(replace(edition, sections=in_sections(kept))) if kept else None
    paging = paging_of(shown, links.asked, links.to) if shown else None
    if shown and paging:
        here = in_sections(story for story in kept if story.key in paging.here)
        part = edition_view(replace(edition, sections=here), wishes, paging.plan, **given)
        if paging.page == 1:  # the end of the edition is about all of its stories
            part = replace(part, closing=shown.closing, taken_back=shown.taken_back, week=shown.week)
        shown = part
    return {
        "paging": paging,
        "layout": layout,
        "shown": shown,
        "count": len(edition.stories),
        "kept": len(kept),
        "choices": choices.offered if len(edition.stories) > 1 and not wished else (),
    }


async def _neighbours(site: Site, day: date) -> tuple[date | None, date | None]:
    """The days of the public editions with stories before and after this one."""
    until = site.until
    span = await site.public.span(until=until)
    if span is None:
        return None, None
    first, last = span

    async def days(since: date, to: date) -> list[date]:
        return [one.day for one in await site.public.days(since, to, until=until) if one.stories]

    next_day, day_before = day + timedelta(days=1), day - timedelta(days=1)
    before = await days(max(first, day - _NEAR), day_before) or await days(first, day_before)
    after = await days(next_day, min(last, day + _NEAR)) or await days(next_day, last)
    return (before[-1] if before else None), (after[0] if after else None)
