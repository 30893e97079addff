"""A story as an entry of a feed: the same for Atom and for JSON Feed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from urllib.parse import urlsplit

from digest.edition import SectionKind, Story
from digest.ports import Renderer
from digest.ports.public import ToldStory
from digest.present.story import StoryView, story_view
from digest.present.tidy import tidy
from digest.ratings import Inspectorates, Licence
from digest.site.addresses import edition_page
from digest.site.site import Site
from digest.site.stories import story_line

_NOT_THEIRS: Final = frozenset({SectionKind.COMMENTARY, SectionKind.ELSEWHERE})
"""Sections whose stories are a blog's, who licenses them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One entry of a feed."""

    number: int  # of the story
    id: str  # a tag URI (RFC 4151)
    title: str
    page: str  # the public address of the story's place in its edition
    report: str | None  # where its publisher tells it; None: that link is not fit for readers
    published: datetime  # noon of its edition's day
    updated: datetime  # the same; after a correction, noon of the day that told it
    author: str  # who published the report
    categories: tuple[str, ...]
    html: str
    licence: Licence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryWriter:
    """Makes entries of stories."""

    address: Callable[[str], str]  # the public address of a page
    noon_of: Callable[[date], datetime]
    names: Mapping[str, str]  # of inspectorates, by key
    known: Inspectorates
    renderer: Renderer

    def of(self, told: ToldStory) -> FeedEntry:
        view = story_view(tidy(told.story), known=self.known)
        licence = licence_of(told.story, self.known)
        page = self.address(edition_page(told.day, told.anchor))
        values = {
            "view": view,
            "line": story_line(told, names=self.names, known=self.known),
            "day": told.day,
            "page": page,
            "licence": licence,
        }
        return FeedEntry(
            number=told.number,
            id=self.tag(told),
            title=self.renderer.render("site/feed_title.txt", values).strip(),
            page=page,
            report=view.link,
            published=self.noon_of(told.day),
            updated=self.noon_of(told.corrected_on or told.day),
            author=view.story.inspectorate_name or view.story.source_name,
            categories=_categories(told, view),
            html=self.renderer.render("site/feed_entry.html", values).strip(),
            licence=licence,
        )

    def tag(self, told: ToldStory) -> str:
        """The story's name for ever: our host and path, the day, and the story's number."""
        home = urlsplit(self.address(""))
        return f"tag:{home.hostname},{told.day}:{home.path}story/{told.number}"


def entry_writer(site: Site) -> EntryWriter:
    def noon_of(day: date) -> datetime:
        return site.timetable.noon_of(day).astimezone(site.timetable.zone)

    return EntryWriter(
        address=site.pages.address,
        noon_of=noon_of,
        names=site.inspectorates,
        known=site.known,
        renderer=site.pages.pages.renderer,
    )


def licence_of(story: Story, known: Inspectorates) -> Licence | None:
    """The licence of what a story tells; None if we do not know it, or if a blog tells it."""
    if story.inspectorate is None or story.reported_by or story.section in _NOT_THEIRS:
        return None
    found = known.named(story.inspectorate)
    return found.licence if found else None


def _categories(told: ToldStory, view: StoryView) -> tuple[str, ...]:
    movement = told.movement.value if told.movement and told.corrected_on is None else ""
    kinds = (view.story.inspectorate_name or "", told.kind, told.area, movement)
    return tuple(dict.fromkeys(filter(None, map(tidy, kinds))))
