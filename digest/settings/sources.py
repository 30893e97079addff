"""Sources: the places we look at for news, and how we ask their servers."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from digest.settings.connection import Section
from digest.settings.types import Count, Duration, Key, Line, Size, Switch, WebAddress, within
from digest.sources import Authority, Source, SourceKind


class FetchSettings(Section):
    """How we ask other people's servers."""

    timeout: Annotated[Duration, within("1s", "5m")] = timedelta(seconds=30)
    """How long one request may take as a whole."""
    max_bytes: Annotated[Size, Field(ge=1000, le=10**9)] = 10_000_000
    """The largest body we take."""
    max_redirects: Annotated[Count, Field(ge=0, le=20)] = 5
    """How many redirects we follow."""
    allow_private: Switch = False
    """Whether sources may have private addresses or unusual ports; leave it off unless one of yours has."""
    per_host: Annotated[Duration, within("0s", "1h")] = timedelta(seconds=2)
    """The shortest pause between two requests to one host."""


Every = Annotated[Duration, within("1m", "30d")]
Recent = Annotated[Duration, within("1h", "3650d")]
Pages = Annotated[Count, Field(ge=1, le=500)]


class SourceDefaults(Section):
    """What holds for each source that does not say otherwise."""

    every: Every = timedelta(minutes=30)
    """How often we look."""
    recent: Recent = timedelta(days=14)
    """An item dated further back than this when we first see it is not news."""
    pages: Pages = 20
    """How many pages we fetch after one look, at the most; the rest waits for the next."""


class SourceEntry(Section):
    """One place we look at for news."""

    id: Key
    """A short name that never changes: what we remember of the source is kept under it."""
    name: Line
    """Its name, as readers see it."""
    url: WebAddress
    """The address of its feed or listing page."""
    kind: SourceKind = SourceKind.FEED
    """What stands at the address: "feed" is an RSS, Atom or JSON feed."""
    authority: Authority
    """"official" if the inspectorate itself speaks there, else "blog": a blog never moves a rating."""
    inspectorate: Key | None = None
    """The key of the inspectorate whose reports it carries; left out, it carries anybody's."""
    every: Every | None = None
    """How often we look, if not as the defaults say."""
    recent: Recent | None = None
    """How far back an item may be dated and still be news, if not as the defaults say."""
    pages: Pages | None = None
    """How many pages we fetch after one look, if not as the defaults say."""
    enabled: Switch = True
    """false: leave this source alone for now, and keep what we know of it."""

    def source(self, defaults: SourceDefaults) -> Source:
        return Source(
            id=self.id,
            name=self.name,
            url=self.url,
            authority=self.authority,
            inspectorate=self.inspectorate,
            every=self.every or defaults.every,
            recent=self.recent or defaults.recent,
            pages=self.pages or defaults.pages,
            kind=self.kind,
        )


class SourcesFile(Section):
    """The file `sources.yaml`: the places we look at for news."""

    defaults: SourceDefaults = SourceDefaults()
    sources: Annotated[tuple[SourceEntry, ...], Field(min_length=1)]
    """The sources, in any order."""

    def polled(self) -> tuple[Source, ...]:
        """The sources that are switched on."""
        return tuple(entry.source(self.defaults) for entry in self.sources if entry.enabled)
