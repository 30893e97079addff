"""The sections of `sources.yaml` that say where the items of a source stand, one for each kind but feeds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from digest.settings.connection import Section
from digest.settings.types import Count, Duration, Key, Line, Switch, WebAddress, expected, matching, within
from digest.source_specs import JsonRating, JsonSpec, ListingSpec, SitemapSpec, SourceKind


def _selector(given: str) -> str:
    from selectolax.lexbor import LexborHTMLParser  # only who has such a source needs it

    try:
        LexborHTMLParser("<p></p>").css(given)
    except Exception:  # noqa: BLE001 - the parser has no error of its own
        raise expected('a CSS selector, such as ".list-item" or "li.result > h3 a"') from None
    return given


def _expression(given: str) -> str:
    try:
        re.compile(given)
    except re.error as error:
        raise expected(f"a regular expression ({error})") from None
    return given


def _path(given: str) -> str:
    import jmespath  # only who has such a source needs it
    import jmespath.exceptions

    try:
        jmespath.compile(given)
    except jmespath.exceptions.JMESPathError as error:
        raise expected(f'a JMESPath, such as "locations[].id" ({str(error).splitlines()[0]})') from None
    return given


Path = Annotated[Line, AfterValidator(_path)]
HeaderName = Annotated[str, matching(r"[A-Za-z0-9-]{1,80}", "the name of a header")]
SecretName = Annotated[
    str, matching(r"DIGEST_SOURCE_[A-Z0-9_]{1,60}", "the name of a secret: DIGEST_SOURCE_ and capitals")
]
Selector = Annotated[Line, AfterValidator(_selector)]
Expression = Annotated[Line, AfterValidator(_expression)]


class ListingSection(Section):
    """Where the items of a listing stand, as CSS selectors: `next` in the page, all others in an item."""

    item: Selector
    """Each of them is one item."""
    link: Selector = "a[href]"
    """The link to the report."""
    title: Selector | None = None
    """The title; left out, it is the words of the link."""
    date: Selector | None = None
    """The date of publication: its "datetime", or else its words."""
    summary: Selector | None = None
    """A summary, for the time in which the report itself cannot be read."""
    next: Selector | None = None
    """The link to the page after it."""
    pages: Annotated[Count, Field(ge=1, le=20)] = 1
    """How many pages to read at each look."""
    empty: Line | None = None
    """Words by which the page says that it lists nothing; without them, no item is an error."""

    def spec(self) -> ListingSpec:
        return ListingSpec(**self.model_dump())


class SitemapSection(Section):
    """Which pages of a sitemap are reports."""

    pages: Expression
    """A regular expression: addresses in which it is found are reports."""
    maps: Expression | None = None
    """Likewise, for the sitemaps that an index names; left out, all are read."""
    most_maps: Annotated[Count, Field(ge=1, le=100)] = 10
    """How many sitemaps of an index to read at each look, at the most."""

    def spec(self) -> SitemapSpec:
        return SitemapSpec(**self.model_dump())


class JsonRatingSection(Section):
    """Where a rating on one scale stands. All are JMESPath."""

    scale: Key
    """The scale's key."""
    grades: Path
    """The overall grade; or a list of objects with "aspect", "grade" and perhaps "dated":
    `parts[].{aspect: name, grade: mark}`."""
    number: Path | None = None
    """The number of the report."""
    inspected: Path | None = None
    """The day of the inspection."""
    published: Path | None = None
    """The day of publication."""
    inherited_from: Path | None = None
    """The publisher's number of the provider that was inspected, if that was another."""
    words: Mapping[str, Line] = Field(default_factory=dict)
    """Words of the data, and the grade that each means."""
    no_grade: tuple[Line, ...] = ()
    """Words of the data that are no grade, such as "Inspected but not rated"."""

    def rating(self) -> JsonRating:
        return JsonRating(**(self.model_dump() | {"words": tuple(self.words.items())}))


class JsonSection(Section):
    """Where the records of a JSON API stand. Paths are JMESPath (jmespath.org)."""

    list: Path
    """The list in an answer at the source's address."""
    next: Path | None = None
    """The next page's address, in an answer."""
    pages: Path | None = None
    """The number of pages, in an answer; the source's address has "{page}" in it then."""
    first_page: Annotated[Count, Field(ge=0, le=1)] = 1
    """The number of the first page."""
    look_back: Annotated[Duration, within("1d", "60d")] = timedelta(days=30)
    """How late a change may be listed, if the source's address has "{since}" and "{until}" in it."""
    id: Path = "@"
    """The id of a thing in the list."""
    upper: Switch = False
    """true: ids are asked for in capitals."""
    detail: WebAddress | None = None
    """The address of one thing, with "{id}" in it; left out, the list has the things whole."""
    most: Annotated[Count, Field(ge=1, le=5_000)] = 300
    """How many things to ask for at each look, at the most."""
    headers: Mapping[HeaderName, Line] = Field(default_factory=dict)
    """Headers that the server wants."""
    secret_headers: Mapping[HeaderName, SecretName] = Field(default_factory=dict)
    """Headers that hold a secret, and the name of each secret: DIGEST_SOURCE_..."""
    each: Path | None = None
    """Ratings of parts of a thing, such as its services; each is "each" in the paths of ratings."""
    each_name: Path | None = None
    """The name of such a part. If there are several, each is a provider of its own, with this name added."""
    key: Path
    """What names the record for good, such as the publisher's number of the provider."""
    provider: Path | None = None
    """The publisher's number of the provider; left out, it is the key."""
    name: Path
    """The provider's name."""
    provider_kind: Path | None = None
    """The kind of provider."""
    area: Path | None = None
    """The area."""
    former_names: Path | None = None
    """Former names."""
    predecessors: Path | None = None
    """The publisher's numbers of its predecessors."""
    link: Line | None = None
    """The page for readers: a path, or an address with "{key}" in it."""
    text_link: Line | None = None
    """The report's text, likewise."""
    ratings: Annotated[tuple[JsonRatingSection, ...], Field(min_length=1)]
    """Ratings, each on a scale: the first of which a thing has grades counts."""

    def spec(self) -> JsonSpec:
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return JsonSpec(
            **values
            | {
                "headers": tuple(self.headers.items()),
                "secret_headers": tuple(self.secret_headers.items()),
                "ratings": tuple(one.rating() for one in self.ratings),
            }
        )


SECTIONS: Final = frozenset(set(SourceKind) - {SourceKind.FEED})
"""The kinds that need a section, which has the kind's name. Its `spec()` is the kind's value."""
