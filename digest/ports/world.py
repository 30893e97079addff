"""What the jobs need from the world: time, the web, worker processes, templates, mail and operators."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, ParamSpec, Protocol, TypeVar

from digest.listing import Listing
from digest.source_specs import MailAccount
from digest.sources import Source, Took, Validators

P = ParamSpec("P")
T = TypeVar("T")


class Clock(Protocol):
    """Tells the time; nothing else in the service does."""

    def now(self) -> datetime:
        """The present instant: aware, in UTC."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A complete body, from an answer with status 200 or 203."""

    url: str  # after redirects
    body: bytes
    content_type: str | None
    validators: Validators
    moved_to: str | None = None  # where permanent redirects (301, 308) say that the link leads from now on
    took: Took | None = field(default=None, compare=False)  # None: it was not measured


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """Status 304: nothing has changed since the validators that we sent."""

    moved_to: str | None = None  # as in `Fetched`
    took: Took | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """The server or our own rules refuse the request; the same request now would be refused again."""

    reason: str
    wait: timedelta | None = None  # Retry-After
    by_server: bool = False  # it answers, and will not serve us: 401, 403, 429, 451, or a check for bots
    withheld: bool = (
        False  # such an answer, 404, or robots.txt: the page may be there, and be shown to people
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreached:
    """No usable answer: no connection, too slow, too large, or an error of the server."""

    reason: str
    wait: timedelta | None = None
    answered: bool = False  # whether the server answered, with an error or too much


@dataclass(frozen=True, slots=True, kw_only=True)
class HostShut:
    """No request was made: the host has asked us to wait (Retry-After), for whichever link."""

    reason: str
    wait: timedelta  # still to go
    withheld: bool = False  # its robots.txt cannot be read, so that nothing may be asked for now


Outcome = Fetched | NotModified | Blocked | Unreached | HostShut


NO_VALIDATORS: Final = Validators()
NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Large:
    """What a file of data may take where a page may not. Its body must come at a pace: see `HttpFetcher`."""

    size: int  # bytes of the body
    time: timedelta  # for the whole of it


class Fetcher(Protocol):
    """An HTTP client with limits on time, size, redirects and addresses."""

    async def fetch(
        self,
        url: str,
        validators: Validators = NO_VALIDATORS,
        *,
        heed_robots: bool = False,
        headers: Mapping[str, str] = NO_HEADERS,
        large: Large | None = None,
    ) -> Outcome:
        """Ask for a link. With `heed_robots`, only if the robots.txt of its host allows that (RFC 9309).

        `headers` are sent to its host alone, and to no other that it leads to. `large` is for a file
        of data, which may be larger and take longer than usual.
        """
        ...


LONGEST_LEASE: Final = timedelta(hours=3)
"""No process has a host for longer without a new lease."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLease:
    """Who may ask a host, and since when it wants to be left alone."""

    ours: bool  # False: another process may
    until: datetime
    shut_until: datetime | None  # by its Retry-After


class HostStore(Protocol):
    """What all processes that poll must know of the hosts that they ask."""

    async def lease(
        self, names: Collection[str], owner: str, *, until: datetime, now: datetime
    ) -> Mapping[str, HostLease]:
        """Lease those of the hosts that no other owner has leased, in one transaction."""
        ...

    async def shut(self, host: str, until: datetime, *, owner: str, now: datetime) -> None:
        """Note until when a host wants to be left alone."""
        ...

    async def undefined_since(self, site: str, now: datetime) -> datetime:
        """Note that the robots.txt of a site cannot be read; since when that is so."""
        ...

    async def defined(self, site: str) -> None:
        """Note that the robots.txt of a site was read, or that there is none."""
        ...

    async def release(self, owner: str, *, at: datetime) -> None:
        """End all leases of an owner at an instant: when its last pauses are over."""
        ...


class Hosts(Protocol):
    """The hosts that we ask."""

    async def claim(self, hosts: Mapping[str, timedelta | None]) -> frozenset[str]:
        """Those of the hosts that this process may ask now, and goes on to; the others another process asks.

        Each is given with the pause between two requests; None: the usual one.
        """
        ...


class Lister(Protocol):
    """Lists the items of sources of one kind."""

    async def list_items(self, source: Source, known: Validators) -> Listing:
        """All items that the source lists now. `known` are the validators of the last poll.

        A failure that may pass is a `NotListed`; only a fault of our own is raised.
        """
        ...


class Workers(Protocol):
    """Worker processes for heavy or hostile input.

    A process that hangs is killed, and the service goes on.
    """

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result; its exceptions are raised here.

        `OverrunError` if it was too slow or its process died.
        """
        ...


class Renderer(Protocol):
    """Renders templates by name. An undefined name in a template is an error; HTML is escaped."""

    def render(self, template: str, values: Mapping[str, Any]) -> str: ...


MAIL_KEPT: Final = 1_000_000
"""Octets of a received message that are kept in memory and parked; the rest is only counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One received message, for one of the addresses it was sent to."""

    sent_from: str  # the envelope's return path (RFC 5321); empty for a mail server's report
    sent_to: str
    content: bytes = field(repr=False)
    left_out: int = 0  # octets that followed the content and were not kept


class Reception(StrEnum):
    """What we answer the server or mailbox that a message comes from."""

    TAKEN = "taken"  # handled or kept; it need not come again
    NOT_OURS = "not ours"
    LATER = "later"  # we have a fault; it should come again


class Receiving(Protocol):
    """Handles received messages. Our LMTP server and our reader of mailboxes call it."""

    def ours(self, address: str) -> bool:
        """Whether we receive mail to an address."""
        ...

    async def receive(self, mail: Mail) -> Reception:
        """Handle a message completely. Never raises. The same message again changes nothing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderLook:
    """What a mailbox with newsletters has."""

    names: tuple[str, ...]  # of all its messages of some days: the folder's UIDVALIDITY and the UID, "7/12",
    # ... or the fingerprints of newsletters that came here
    new: tuple[tuple[str, bytes], ...] = field(
        default=(), repr=False
    )  # names and contents, cut at `MAIL_KEPT`


class MailFolders(Protocol):
    """Reads the mailboxes to which newsletters come."""

    async def look(
        self, account: MailAccount, password: str, *, since: date, known: Collection[str]
    ) -> FolderLook:
        """The messages since a day, with the contents of those that are not known. Changes nothing.

        A message that the server does not give is left out and comes at another look. `MailboxError` if the
        mailbox cannot be opened.
        """
        ...


class Operators(Protocol):
    """Messages to the people who run the service. Each returns whether it was received; none raises."""

    async def well(self, what: str) -> bool:
        """Report that all is well."""
        ...

    async def call(self, what: str) -> bool:
        """Report that something needs a person."""
        ...
