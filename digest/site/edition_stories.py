"""What the page of an edition shows beside a story: links, its scale, and that it was corrected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from digest.edition import Story, StoryKey
from digest.ports.public import ToldStory
from digest.site.addresses import edition_page
from digest.site.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What stands beside a story. Pages are below the home page; empty: there is none."""

    scale: tuple[str, ...]  # the names of its grades, the lowest first
    corrected_on: date | None  # the day of the edition that corrected it
    correction: str  # its place in that edition
    pages: Mapping[
        str, str
    ]  # "corrects": the story that it corrects; "first": the edition that told it first


async def stories_beside(
    site: Site, stories: Iterable[Story], told: Mapping[StoryKey, ToldStory]
) -> Mapping[StoryKey, Beside]:
    """What stands beside each story of an edition. The public model may not have all of them yet."""
    return {story.key: _beside(site, story, told.get(story.key)) for story in stories}


def _beside(site: Site, story: Story, facts: ToldStory | None) -> Beside:
    corrected_on = facts.corrected_on if facts else None
    scale = site.known.scale(story.change.scale) if story.change else None
    pages = {}
    if story.correction:
        pages["corrects"] = edition_page(story.correction.told_on, story.key.anchor)
    if story.first_told:
        pages["first"] = edition_page(story.first_told)
    return Beside(
        scale=tuple(grade.name for grade in reversed(scale.grades)) if scale else (),
        corrected_on=corrected_on,
        correction=edition_page(corrected_on, story.key.anchor) if corrected_on else "",
        pages=pages,
    )
