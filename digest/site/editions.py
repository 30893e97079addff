"""An edition as a public page: every story of the day, as its mail told it.

Once it is public an edition never changes. What has become known since stands beside a story: that a later
edition corrected it, and where its service's page is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.edition import Edition, in_sections
from digest.pages.wished import ALL, Wished
from digest.pages.wished import PARAMETERS as WISHES
from digest.present.layout import EditionView, whole_view
from digest.present.tidy import tidy
from digest.providers import Register
from digest.site.addresses import edition_page, month_page, service_page
from digest.site.asking import text_of
from digest.site.edition_filters import PARAMETERS, Choices
from digest.site.edition_stories import stories_beside
from digest.site.site import Site
from digest.site.told import Wrong, wished_by

_NEAR: Final = timedelta(days=31)
"""How far off the editions before and after are looked for at first."""


def routes(site: Site) -> list[Route]:
    async def edition(request: Request) -> Response:
        day = await _public_day(site, request.path_params["day"])
        if day is None:
            return site.pages.not_found(request)
        chosen = {name: text_of(request, name) for name in PARAMETERS}

        async def values() -> Mapping[str, Any] | None:
            return await _values(site, day, chosen)

        return await site.pages.show(request, "edition", values, reads=PARAMETERS)

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

            async def values() -> Mapping[str, Any] | None:
                return await _values(site, day, dict.fromkeys(PARAMETERS, ""), wished)

            return await site.pages.show(request, "edition", values, reads=WISHES)

        return copy_of

    return [
        Route("/edition/{day}", edition),
        Route("/edition/{day}/reports", copy(movements_only=False)),
        Route("/edition/{day}/movements", copy(movements_only=True)),
    ]


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
    site: Site, day: date, chosen: Mapping[str, str], wished: Wished | None = None
) -> Mapping[str, Any] | None:
    """What the page shows; None if there is no edition with stories."""
    edition = await site.editions.sealed(day)
    if edition is None or not edition.stories:
        return None
    told = {one.story.key: one for one in await site.public.stories_of(day, until=site.until)}
    choices = Choices(told=told, chosen=chosen, names=site.inspectorates)
    previous, following = await _neighbours(site, day)
    given = await asyncio.to_thread(_laid_out, edition, choices, wished, site, await site.register())
    return {
        **given,
        "service_page": service_page,
        "chosen": choices.said,
        "wished": wished is not None,
        "beside": await stories_beside(site, edition.stories, told),
        "month": month_page(day),
        "previous": previous,
        "next": following,
        "canonical": site.pages.address(edition_page(day)),
    }


def _laid_out(
    edition: Edition, choices: Choices, wished: Wished | None, site: Site, register: Register
) -> Mapping[str, Any]:
    """The whole edition, and the stories of it that are shown."""
    edition = tidy(edition)
    kept = choices.kept(edition.stories)
    wishes = (wished or ALL).wishes
    if wished:
        kept = tuple(story for story in edition.stories if wished.wants(story, register))

    def view(chosen: Edition) -> EditionView:
        zone = site.timetable.zone
        return whole_view(chosen, known=site.known, register=register, zone=zone, wishes=wishes)

    layout = view(edition)
    shown: EditionView | None = layout
    if len(kept) < len(edition.stories):
        shown = view(replace(edition, sections=in_sections(kept))) if kept else None
    return {
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
