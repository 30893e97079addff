"""What the page of an edition shows beside a story: links, and that it was corrected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from digest.edition import Story, StoryKey
from digest.ports.public import ToldStory
from digest.site.addresses import edition_page, service_page, watch_page
from digest.site.site import Site

_AT_ONCE: Final = 200  # services read at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What the page shows beside a story. Pages are below the home page; empty: there is none."""

    service: str  # the page of its service
    watch: str  # the form to join, with its service chosen
    corrected_on: date | None  # the day of the edition that corrected it
    correction: str  # its place in that edition
    pages: Mapping[str, str]  # "corrects": of the story that it corrects; "first": of the first edition


async def stories_beside(
    site: Site, stories: Iterable[Story], told: Mapping[StoryKey, ToldStory]
) -> Mapping[StoryKey, Beside]:
    """What stands beside each story of an edition. The public model may not have all of them yet."""
    pages = await service_pages(site, told.values())
    found = {}
    for story in stories:
        facts = told.get(story.key)
        service = pages.get(facts.service or "", "") if facts else ""
        found[story.key] = _beside(story, facts, service)
    return found


async def service_pages(site: Site, told: Iterable[ToldStory]) -> Mapping[str, str]:
    """The pages of the services that stories are about, by id."""
    ids = sorted({one.service for one in told if one.service})
    pages = {}
    for start in range(0, len(ids), _AT_ONCE):
        for id, service in (await site.public.named(ids[start : start + _AT_ONCE])).items():
            pages[id] = service_page(service.id, service.slug, service.inspectorate)
    return pages


def _beside(story: Story, facts: ToldStory | None, service: str) -> Beside:
    corrected_on = facts.corrected_on if facts else None
    pages: dict[str, str] = {}
    if story.correction:
        pages["corrects"] = edition_page(story.correction.told_on, story.key.anchor)
    if story.first_told:
        pages["first"] = edition_page(story.first_told)
    return Beside(
        service=service,
        watch=watch_page(facts.service or "") if facts and service else "",
        corrected_on=corrected_on,
        correction=edition_page(corrected_on, story.key.anchor) if corrected_on else "",
        pages=pages,
    )
