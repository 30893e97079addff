"""Settings for sources: the places we poll, and how we ask their servers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Final, Self

from pydantic import Field, model_validator

from digest.settings.connection import Section
from digest.settings.dataset_section import DatasetSection
from digest.settings.govuk_section import GovukSection
from digest.settings.mailbox_section import MailboxSection
from digest.settings.source_kinds import SECTIONS, JsonSection, ListingSection, SitemapSection
from digest.settings.types import Count, Duration, Key, Line, Size, Switch, WebAddress, expected, within
from digest.source_specs import FEED, SourceKind, Spec
from digest.sources import Authority, Source

PerHost = Annotated[Duration, within("0s", "1h")]


class FetchSettings(Section):
    """Limits on our requests to other people's servers."""

    timeout: Annotated[Duration, within("1s", "5m")] = timedelta(seconds=30)
    """How long one request may take as a whole; of a file of data, its beginning and then each part of it."""
    max_bytes: Annotated[Size, Field(ge=1000, le=10**9)] = 10_000_000
    """The largest body to read, after decompression."""
    max_redirects: Annotated[Count, Field(ge=0, le=20)] = 5
    """How many redirects to follow."""
    allow_private: Switch = False
    """Whether sources may have private addresses or unusual ports; leave it off unless you need it."""
    per_host: PerHost = timedelta(seconds=2)
    """The shortest pause between two requests to one host."""


Every = Annotated[Duration, within("1m", "30d")]
Recent = Annotated[Duration, within("1h", "3650d")]
Shadow = Annotated[Duration, within("1h", "365d")]
Pages = Annotated[Count, Field(ge=1, le=500)]


class SourceDefaults(Section):
    """Defaults for all sources."""

    every: Every = timedelta(minutes=30)
    """How often to poll."""
    recent: Recent = timedelta(days=14)
    """An item older than this when we first see it is not news."""
    pages: Pages = 20
    """The most pages to fetch after one poll; the rest waits for the next."""


class SourceEntry(Section):
    """One place to poll."""

    id: Key
    """A short name that never changes: the source's history is stored under it."""
    name: Line
    """The name that readers see."""
    url: WebAddress
    """The address of its feed or listing page."""
    kind: SourceKind = SourceKind.FEED
    """What stands there: "feed" is an RSS, Atom or JSON feed; any other kind has a section of its name."""
    listing: ListingSection | None = None
    """Where its items stand, if it is of kind "listing"."""
    json_: Annotated[JsonSection | None, Field(alias="json")] = None
    """Where its records stand, if it is of kind "json"."""
    govuk: GovukSection | None = None
    """What to search for, if it is of kind "govuk"; its address is https://www.gov.uk/api/search.json."""
    mailbox: MailboxSection | None = None
    """Where its newsletters come in, if it is of kind "mailbox"; its address is the publisher's site."""
    sitemap: SitemapSection | None = None
    """Which pages are reports, if it is of kind "sitemap"."""
    authority: Authority
    """"official" if the inspectorate itself publishes there, else "blog": a blog never changes a rating."""
    inspectorate: Key | None = None
    """The key of the inspectorate whose reports it carries; left out, it may carry any."""
    every: Every | None = None
    """How often to poll, if not as in the defaults."""
    recent: Recent | None = None
    """How old an item may be and still be news, if not as in the defaults."""
    pages: Pages | None = None
    """How many pages to fetch after one poll, if not as in the defaults."""
    per_host: PerHost | None = None
    """The shortest pause between two requests to its host, if not `fetch.per_host`."""
    enabled: Switch = True
    """false: do not poll this source for now; its history is kept."""
    shadow: Shadow | None = None
    """For so long from its first list on, only operators see what it lists; then it is live."""
    dataset: DatasetSection | None = None
    """Of a source of this kind: which columns of its table say what."""

    @model_validator(mode="after")
    def _has_the_section_of_its_kind(self) -> Self:
        for section in map(str, SECTIONS):
            own, given = section == str(self.kind), self._section(section) is not None
            if own and not given:
                raise expected(f'a section "{section}" that says where its items stand')
            if given and not own:
                raise expected(self._without(section))
        if self.kind in (SourceKind.DATASET, SourceKind.JSON) and self.inspectorate is None:
            raise expected('a key "inspectorate": a table or an API is of one inspectorate')
        return self

    def _without(self, section: str) -> str:
        if "kind" in self.model_fields_set:
            return f'no section "{section}" at a source of kind "{self.kind}"'
        kinds = ", ".join(SourceKind)
        return f'"kind: {section}" beside its section; an entry without "kind" is a feed. Kinds: {kinds}'

    @model_validator(mode="after")
    def _is_vouched_for(self) -> Self:
        mailbox = self.mailbox
        if mailbox is None or mailbox.server is not None:
            return self
        if mailbox.here or self.authority is Authority.OFFICIAL:
            raise expected(
                '"server" in "mailbox", the name in the Authentication-Results of your mail server: without '
                "it anybody can write in the publisher's name"
            )
        return self

    def _section(self, kind: str) -> Any:
        return getattr(self, "json_" if kind == "json" else kind)  # pydantic has a method of that name

    def spec(self) -> Spec:
        """What its section says."""
        return self._section(self.kind).spec() if self.kind in SECTIONS else FEED

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
            spec=self.spec(),
            per_host=self.per_host,
            shadow=self.shadow,
        )


class Silence(Section):
    """Days on which nobody is expected to publish, such as the weeks before an election."""

    first: date
    """The first day."""
    last: date
    """The last day."""
    why: Line
    """Why: a note for people who read the file."""

    @model_validator(mode="after")
    def _is_a_stretch(self) -> Self:
        if not self.first <= self.last <= self.first + _LONGEST_SILENCE:
            raise expected('"last" to be on or after "first", at most a year later')
        return self

    @property
    def days(self) -> frozenset[date]:
        return frozenset(self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))


_LONGEST_SILENCE: Final = timedelta(days=366)


class SourcesFile(Section):
    """The file `sources.yaml`: the places to poll."""

    defaults: SourceDefaults = SourceDefaults()
    silences: tuple[Silence, ...] = ()
    """Days on which a source is not quiet, besides weekends and the bank holidays of England and Wales."""
    sources: Annotated[tuple[SourceEntry, ...], Field(min_length=1)]
    """The sources, in any order."""

    def polled(self) -> tuple[Source, ...]:
        """The sources that are switched on."""
        return tuple(entry.source(self.defaults) for entry in self.sources if entry.enabled)
