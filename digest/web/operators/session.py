"""Who is at the operators' pages: by a session that the secret opened, or by the login of a proxy."""

from __future__ import annotations

import hmac
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from digest.errors import TokenError
from digest.pages.visitors import network
from digest.ports import Clock, CountStore, Quota
from digest.tokens import Seal, form_token, read_session, session_token
from digest.web.forms import Form
from digest.web.proxies import BY_PROXY

log = logging.getLogger(__name__)

COOKIE: Final = "operator"

LONGEST_NAME: Final = 60
"""Characters of an operator's name."""

TRIES: Final = 5
"""Wrong secrets in a quarter of an hour, from one network or from one browser that we know."""

TRIES_OF_ALL: Final = 100
"""Wrong secrets in an hour from all browsers that we do not know: many networks lead no further."""

KNOWN_FOR: Final = timedelta(days=90)
"""A browser keeps its last session for so long. It is known by it, so that no stranger can shut it out."""

_QUARTER: Final = timedelta(minutes=15)
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Somebody who may use the operators' pages."""

    name: str
    form: str  # what every form that we show to them carries
    by_proxy: bool = False  # the proxy's login, which we cannot end


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The ways in, as the settings open them."""

    key: bytes = field(repr=False)  # of sessions and forms
    seal: Seal  # hides networks where they are counted
    counts: CountStore
    clock: Clock
    secret: str | None = field(default=None, repr=False)
    login_header: str | None = None  # believed from the proxies in `web.proxies` alone
    session: timedelta = timedelta(hours=12)

    @property
    def open(self) -> bool:
        """Whether there is a way in at all."""
        return self.secret is not None or self.login_header is not None

    def who(self, request: Request) -> Operator | None:
        """The operator who asks; None if nobody has signed in."""
        if (name := self._by_proxy(request)) is not None:
            return Operator(name=name, form=form_token(f"login {name}", self.key), by_proxy=True)
        if (found := self._session(request)) is None:
            return None
        name, until = found
        if until <= self.clock.now():
            return None
        return Operator(name=name, form=form_token(request.cookies[COOKIE], self.key))

    def _session(self, request: Request) -> tuple[str, datetime] | None:
        """The operator of the session that the browser keeps, and its end, which may be past."""
        session = request.cookies.get(COOKIE, "")
        if self.secret is None or not session:
            return None
        try:
            return read_session(session, self.key)
        except TokenError:
            return None

    def is_own(self, form: Form, operator: Operator) -> bool:
        """Whether a page that we showed to this operator made the form."""
        return hmac.compare_digest(form.text("form").encode(), operator.form.encode())

    async def admits(self, request: Request, secret: str) -> bool | None:
        """Whether the secret is right; None: it was wrong too often, and is not looked at."""
        quotas = self._quotas(request, self.clock.now())
        # Counted first: many tries at once must not all be looked at.
        if await self.counts.count_within(quotas) is not None:
            log.warning("a secret for the operators' pages was wrong too often")
            return None
        right = self.secret is not None and hmac.compare_digest(_hashed(secret), _hashed(self.secret))
        if right:
            await self.counts.uncount(quotas)
        else:
            log.warning("a wrong secret for the operators' pages")
        return right

    def let_in(self, response: Response, request: Request, name: str, nonce: bytes) -> None:
        """Let the browser keep a session; `nonce` is 8 random octets."""
        self._keep(response, request, session_token(name, self.clock.now() + self.session, nonce, self.key))
        log.info("an operator signed in", extra={"by": name})

    def let_out(self, response: Response, request: Request, name: str, nonce: bytes) -> None:
        """Let the browser keep a session that is over, in place of its own."""
        self._keep(response, request, session_token(name, self.clock.now(), nonce, self.key))

    def _keep(self, response: Response, request: Request, session: str) -> None:
        response.set_cookie(
            COOKIE,
            session,
            max_age=int(KNOWN_FOR.total_seconds()),
            # The folder of the page that signs in: only the proxy may know the path that we are served under.
            path=None,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )

    def _by_proxy(self, request: Request) -> str | None:
        if self.login_header is None or not request.scope.get(BY_PROXY):
            return None
        said = request.headers.getlist(self.login_header)
        return named(_as_written(said[0])) if len(said) == 1 else None

    def _quotas(self, request: Request, now: datetime) -> tuple[Quota, ...]:
        quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
        lately, last_hour = ((quarter - _QUARTER, TRIES),), ((quarter - _HOUR, TRIES_OF_ALL),)
        if self._session(request) is not None:
            scope = self.seal(f"operators by {request.cookies[COOKIE]}")
            return (Quota(scope=scope, since=quarter, most=lately),)
        return (
            Quota(scope=self.seal(f"operators from {network(request)}"), since=quarter, most=lately),
            Quota(scope=self.seal("operators from anywhere"), since=quarter, most=last_hour),
        )


def named(words: str) -> str | None:
    """The name of an operator as it is kept; None if there is none in `words`."""
    name = " ".join("".join(c for c in words if c.isprintable()).split())[:LONGEST_NAME]
    return name or None


def _as_written(header: str) -> str:
    """A header that was read as ISO-8859-1, in UTF-8 if it is that: proxies write names in it."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def _hashed(secret: str) -> bytes:
    # Hashes are of one length, so that a comparison does not tell the secret's.
    return sha256(secret.encode("utf-8", "replace")).digest()
