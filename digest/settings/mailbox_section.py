"""The section of `sources.yaml` for newsletters: the mailbox to which they come, or that they come here."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from digest.settings.connection import Protected, Section, Tls
from digest.settings.source_kinds import Expression, SecretName
from digest.settings.types import Duration, Host, Line, Port, Switch, expected, within
from digest.source_specs import MailAccount, MailboxSpec


def _sender(given: str) -> str:
    if re.fullmatch(r"(?:[^\s@]{1,64}@)?[A-Za-z0-9.-]{1,253}\.[A-Za-z0-9-]{2,63}", given) is None:
        raise expected("an address or a domain, such as news@inspectorate.example or inspectorate.example")
    return given.lower()


Sender = Annotated[str, AfterValidator(_sender)]

_NEEDED: Final = ("host", "username", "password")
_ACCOUNT: Final = (*_NEEDED, "port", "tls", "folder")


class MailboxSection(Section):
    """The mailbox, whose messages count, and what stands in them."""

    here: Switch = False
    """true: the newsletters come to this service, at news+ID@; there is no mailbox to name then."""
    host: Host | None = None
    """The IMAP server's name or address."""
    port: Port = 993
    """Its port: 993 with implicit, 143 with starttls or none."""
    tls: Protected = Tls.IMPLICIT
    """How the connection is protected: implicit, starttls, or none (only for a server on this machine)."""
    username: Line | None = None
    """The account."""
    password: SecretName | None = None
    """The name of the secret with its password: DIGEST_SOURCE_..."""
    folder: Line = "INBOX"
    """The folder to read. Nothing in it is changed."""
    senders: Annotated[tuple[Sender, ...], Field(min_length=1)]
    """Addresses or domains: only messages that are From one of them are read."""
    server: Line | None = None
    """The name by which your own mail server marks its results in Authentication-Results (authserv-id)."""
    links: Expression | None = None
    """A regular expression: links to the publisher's site with it are reports; without it, messages are."""
    tracking: Expression | None = None
    """Likewise: links of another server that are followed, because they may lead to reports."""
    look_back: Annotated[Duration, within("2d", "60d")] = timedelta(days=30)
    """How old a message may be and still be looked at."""

    @model_validator(mode="after")
    def _is_in_one_place(self) -> Self:
        if self.here and (given := [key for key in _ACCOUNT if key in self.model_fields_set]):
            raise expected(f'no "{given[0]}" beside here: true')
        if not self.here and (missing := [key for key in _NEEDED if getattr(self, key) is None]):
            raise expected(f'"{missing[0]}" of the mailbox, or here: true if the newsletters come here')
        return self

    def spec(self) -> MailboxSpec:
        values = self.model_dump(exclude={"here", *_ACCOUNT})
        return MailboxSpec(account=None if self.here else self._account(), **values)

    def _account(self) -> MailAccount:
        return MailAccount(**self.model_dump(include=set(_ACCOUNT)) | {"tls": str(self.tls)})
