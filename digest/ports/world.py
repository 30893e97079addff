"""What the jobs need from the world: time, the web, worker processes, templates, people who look after us."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, ParamSpec, Protocol, TypeVar

from digest.listing import Listing
from digest.sources import Source, Validators

P = ParamSpec("P")
T = TypeVar("T")


class Clock(Protocol):
    """The one place that knows what time it is."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A whole body, of a status that promises one."""

    url: str  # after redirects
    body: bytes
    content_type: str | None
    validators: Validators


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """304: what we have is what there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """The server, or our own rules, will not let us have it; asking at once again cannot help."""

    reason: str
    wait: timedelta | None = None  # Retry-After


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreached:
    """No usable answer: connection, time, size, or a server's own trouble."""

    reason: str
    wait: timedelta | None = None


Outcome = Fetched | NotModified | Blocked | Unreached


NO_VALIDATORS: Final = Validators()


class Fetcher(Protocol):
    """An HTTP client with limits on time, size, redirects and addresses."""

    async def fetch(self, url: str, validators: Validators = NO_VALIDATORS) -> Outcome: ...


class Lister(Protocol):
    """Asks the sources of one kind what they list."""

    async def list_items(self, source: Source, known: Validators) -> Listing:
        """Everything the source lists now. `known` are the validators of the last look.

        Trouble that another look may not have is a `NotListed`; only a fault of our own is raised.
        """
        ...


class Workers(Protocol):
    """Worker processes for heavy or hostile input: what runs there can be stopped without harm."""

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result; `OverrunError` if it was too slow or took its process down."""
        ...


class Renderer(Protocol):
    """Templates by name; undefined names in them are errors, HTML is escaped."""

    def render(self, template: str, values: Mapping[str, Any]) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One received message, for one of the addresses it was sent to."""

    sent_from: str  # the envelope's return path (RFC 5321); empty for a server's own words
    sent_to: str
    content: bytes = field(repr=False)


class Reception(StrEnum):
    """What we say to whoever brings a message."""

    TAKEN = "taken"  # it was dealt with, or is kept: it need not be brought again
    NOT_OURS = "not ours"
    LATER = "later"  # trouble of our own: it is to be brought again


class Receiving(Protocol):
    """Whom the servers and mailboxes that we read hand their messages to."""

    def ours(self, address: str) -> bool:
        """Whether mail to an address is for us."""
        ...

    async def receive(self, mail: Mail) -> Reception:
        """Deal with a message to the end. Never raises; the same message again does nothing twice."""
        ...


class Operators(Protocol):
    """Whoever has to look after the service. Each says whether it was heard; none raises."""

    async def well(self, what: str) -> bool:
        """All is as it should be."""
        ...

    async def call(self, what: str) -> bool:
        """Something needs a person."""
        ...
