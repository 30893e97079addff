"""Settings for webhooks: the operators' own systems that stories are posted to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import ValidationInfo, field_validator

from digest.settings.connection import Section
from digest.settings.types import Key, Line, Switch, WebAddress, expected, matching
from digest.subscriptions import Wishes
from digest.webhooks import What

SecretName = Annotated[
    str, matching(r"DIGEST_WEBHOOK_[A-Z0-9_]{1,60}", "the name of a secret: DIGEST_WEBHOOK_ and capitals")
]


class WebhookSettings(Section):
    """A system of your own that stories are posted to, from the edition's noon on."""

    id: Key
    """A name for it, which never changes: receivers know a repeated story by it."""
    private: Switch = False
    """Whether it is in a private network or on this machine; only then may `url` be http."""
    url: WebAddress
    """The address to post to. Only its host is ever shown."""
    ca_file: Path | None = None
    """A file of certificates to trust instead of the system's, in PEM form; counted from this directory."""
    secret: SecretName
    """The name of the secret that signs what is posted: DIGEST_WEBHOOK_..."""
    what: What = What.MOVEMENTS
    """`movements`: stories by which a rating moved, and corrections; or `reports`: all stories."""
    inspectorates: tuple[Key, ...] = ()
    """Only stories of these, by key; left out, of all."""
    kinds: tuple[Line, ...] = ()
    """Only stories about services of these kinds."""
    areas: tuple[Line, ...] = ()
    """Only stories about services in these places, by their names."""
    providers: tuple[Line, ...] = ()
    """Only stories about these services, by id."""
    watched: tuple[Line, ...] = ()
    """And all stories about these services, by id, whatever else is said."""
    commentary: Switch = True
    """Whether stories that blogs tell count."""

    @field_validator("url")
    @classmethod
    def _is_safe(cls, url: str, others: ValidationInfo) -> str:
        if urlsplit(url).scheme != "https" and not others.data.get("private"):
            raise expected('an address that begins with "https://", or private: true')
        return url

    @field_validator("ca_file")
    @classmethod
    def _is_of_use(cls, ca_file: Path | None, others: ValidationInfo) -> Path | None:
        if ca_file is not None and urlsplit(others.data.get("url", "https:")).scheme != "https":
            raise expected('no ca_file, or an address that begins with "https://"')
        return ca_file

    @property
    def wishes(self) -> Wishes:
        return Wishes(
            inspectorates=self.inspectorates,
            kinds=self.kinds,
            areas=self.areas,
            providers=self.providers,
            watched=self.watched,
            commentary=self.commentary,
            movements_only=self.what is What.MOVEMENTS,
        )

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""
