"""What an operator says of a source of each kind: where its items stand in what it publishes.

Each kind has one value here, one section in `sources.yaml` (`settings/source_kinds.py`) and one lister
(`jobs/source_kinds.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar, Final

NOTHING: Final = ("-", "--", "null", "na", "n/a", "#n/a", "nan", "not applicable", "not available")
"""Words that stand for an empty cell in most publishers' tables."""


class SourceKind(StrEnum):
    """How a source lists its items."""

    FEED = "feed"  # RSS, Atom or JSON Feed
    LISTING = "listing"  # pages that list reports
    SITEMAP = "sitemap"
    DATASET = "dataset"  # a file with a table: CSV, XLSX, XLS or ODS
    JSON = "json"  # an API that answers in JSON
    GOVUK = "govuk"  # what GOV.UK's search finds
    MAILBOX = "mailbox"  # newsletters in a mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSpec:
    """An RSS, Atom or JSON feed: it says by itself where everything stands."""

    kind: ClassVar[SourceKind] = SourceKind.FEED
    states: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingSpec:
    """Pages that list reports. Where a field stands is said as a CSS selector, within the item."""

    kind: ClassVar[SourceKind] = SourceKind.LISTING
    states: ClassVar[bool] = False
    item: str  # each of them is one item
    link: str = "a[href]"
    title: str | None = None  # None: the words of the link
    date: str | None = None  # its `datetime`, or else its words
    summary: str | None = None
    next: str | None = None  # the link to the page after it, in the whole page
    pages: int = 1  # how many pages are read at each look
    empty: str | None = None  # the words by which the page says that there is nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapSpec:
    """A sitemap, or an index of sitemaps."""

    kind: ClassVar[SourceKind] = SourceKind.SITEMAP
    states: ClassVar[bool] = False
    pages: str  # a regular expression: addresses with it are reports
    maps: str | None = None  # likewise, of the sitemaps of an index; None: all
    most_maps: int = 10  # how many sitemaps of an index are read at each look


# -- datasets ------------------------------------------------------------------------------------------

Headings = tuple[str, ...]
"""A column by its heading, former ones and others. In each row the first of them with something in it counts.
() if it is not wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AspectColumns:
    """The columns of one aspect, where a row has all aspects of a provider."""

    aspect: str  # `ratings.OVERALL`, or the name of an aspect
    grade: Headings
    dated: Headings = ()  # the day of this grade, if it is dated apart from the inspection
    previous: Headings = ()  # the grade before


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingColumns:
    """The columns of a rating on one scale.

    Either `aspects` has the columns of each, or every row is of one aspect, which `aspect` names.
    """

    scale: str  # its key
    aspects: tuple[AspectColumns, ...] = ()
    aspect: Headings = ()
    grade: Headings = ()
    number: Headings = ()  # of the inspection or report
    inspected: Headings = ()
    published: Headings = ()
    inspected_as: Headings = ()  # the publisher's number of the provider that was inspected
    inherited: Headings = ()  # says yes if the rating is a predecessor's
    grades: tuple[tuple[str, str], ...] = ()  # words of the file, and the grade that each means
    no_grade: tuple[str, ...] = ()  # words of the file that are no grade
    optional: bool = False  # whether a file may lack the columns of this rating


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFinder:
    """How the file is found on a page that links to it, or in an answer of GOV.UK's content API."""

    link: str | None = None  # pattern of the link's address or words
    attachment: str | None = None  # pattern of the attachment's title
    ending: str = ""  # of the file's address, such as ".csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSpec:
    """A file with a table: which columns say what."""

    kind: ClassVar[SourceKind] = SourceKind.DATASET
    states: ClassVar[bool] = True

    key: Headings  # the publisher's number of the provider
    else_by: tuple[Headings, ...] = ()  # columns that tell providers apart in a file that lacks `key`
    name: Headings
    provider_kind: Headings = ()
    area: Headings = ()
    former_names: Headings = ()
    predecessors: Headings = ()  # the publisher's numbers of them
    link: Headings = ()
    text_link: Headings = ()
    link_form: str | None = None  # the link, with "{key}" in it, where no column has it
    ratings: tuple[RatingColumns, ...] = ()  # the first with a grade in a row counts; (): it has no grades
    only: tuple[tuple[str, tuple[str, ...]], ...] = ()  # rows with one of these words in this column
    optional: tuple[str, ...] = ()  # fields of this value whose columns a file may lack
    nothing: tuple[str, ...] = NOTHING  # words that stand for an empty cell
    find: FileFinder | None = None  # None: the source's address is the file's
    sheet: str | None = None  # None: the first that has the columns
    skip: int | None = None  # rows above the headings; None: it is found out
    encoding: str | None = None  # None: UTF-8, or else Windows-1252
    month_first: bool = False  # dates are 12/31/2026


# -- APIs ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonRating:
    """Where a rating on one scale stands. Paths are JMESPath."""

    scale: str  # its key
    grades: str  # of the overall grade, or of a list of objects with "aspect", "grade" and perhaps "dated"
    number: str | None = None  # of the report
    inspected: str | None = None
    published: str | None = None
    inherited_from: str | None = None  # the publisher's number of the provider that was inspected
    words: tuple[tuple[str, str], ...] = ()  # words of the data, and the grade that each means
    no_grade: tuple[str, ...] = ()  # words of the data that are no grade


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonSpec:
    """An API that answers in JSON: a list, and perhaps one answer more for each thing of it.

    The source's address is the list's. It may have `{page}` in it, and `{since}` and `{until}` if it lists
    what has changed between two instants. Paths are JMESPath.
    """

    kind: ClassVar[SourceKind] = SourceKind.JSON
    states: ClassVar[bool] = True
    list: str  # of the list in an answer
    next: str | None = None  # of the next page's address in an answer
    pages: str | None = None  # of the number of pages in an answer
    first_page: int = 1
    look_back: timedelta = timedelta(days=30)  # changes may be listed so late
    id: str = "@"  # of the id in a thing of the list
    upper: bool = False  # ids are asked for in capitals
    detail: str | None = None  # the address of one thing, with `{id}` in it; None: the list has them whole
    most: int = 300  # how many things are asked for at each look
    headers: tuple[tuple[str, str], ...] = ()
    secret_headers: tuple[tuple[str, str], ...] = ()  # headers, and the names of their secrets
    each: str | None = None  # of ratings of parts of a thing; each is `each` in the paths of ratings
    each_name: str | None = None  # of such a part; if there are several, each is a provider of its own
    key: str
    provider: str | None = None  # the publisher's number of the provider; None: the key
    name: str
    provider_kind: str | None = None
    area: str | None = None
    former_names: str | None = None
    predecessors: str | None = None
    link: str | None = None  # a path, or an address with `{key}` in it
    text_link: str | None = None  # of the report's text, likewise
    ratings: tuple[JsonRating, ...] = ()  # the first of which a thing has grades counts


# -- GOV.UK ----------------------------------------------------------------------------------------------


class Attachments(StrEnum):
    """Which of a publication's documents are read, if its page gives no rating."""

    HTML = "html"
    PDF = "pdf"
    ALL = "all"
    NONE = "none"

    @property
    def pages(self) -> bool:
        return self in (Attachments.HTML, Attachments.ALL)

    @property
    def pdfs(self) -> bool:
        return self in (Attachments.PDF, Attachments.ALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class GovukSpec:
    """What GOV.UK's search finds. The source's address is the search API's."""

    kind: ClassVar[SourceKind] = SourceKind.GOVUK
    states: ClassVar[bool] = False
    organisations: tuple[str, ...]  # the last parts of their addresses
    document_types: tuple[str, ...]
    title: str | None = None  # a regular expression: pages with it in their titles; None: all
    words: str | None = None  # what to search for
    attachments: Attachments = Attachments.HTML
    pages: int = 1  # how many pages of results are read at each look


# -- mail ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAccount:
    """A folder of a mailbox on an IMAP server."""

    host: str
    port: int = 993
    tls: str = "implicit"  # or "starttls" or "none"
    username: str
    password: str  # the name of the secret that has it
    folder: str = "INBOX"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxSpec:
    """Where a publisher's newsletters come in. The source's address is the publisher's site."""

    kind: ClassVar[SourceKind] = SourceKind.MAILBOX
    states: ClassVar[bool] = False
    account: MailAccount | None  # None: they come to an address of this service
    senders: tuple[str, ...]  # addresses or domains: other messages are not read
    server: str | None = None  # the name by which our own mail server marks its results (authserv-id)
    links: str | None = None  # a regular expression: the publisher's addresses with it are reports; None: ...
    # ... each message is an item itself.
    tracking: str | None = None  # likewise: addresses that lead to reports by way of another server
    look_back: timedelta = timedelta(days=30)  # older messages are left out


Spec = FeedSpec | ListingSpec | SitemapSpec | DatasetSpec | JsonSpec | GovukSpec | MailboxSpec
"""`kind` is the kind of source. `states`: its items are records, which need no page to be read."""

FEED: Final = FeedSpec()
