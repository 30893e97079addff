"""Webhooks: operators' own systems that stories are posted to. How posts are signed, and when repeated.

A hook gets the stories that it wishes for in the order of their numbers. Its place is the number of the last
one that is dealt with. Headers and secrets are those of Standard Webhooks, version 1.0.0
(https://www.standardwebhooks.com).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from digest.backoff import doubling
from digest.subscriptions import Wishes

GIVEN_UP_AFTER: Final = timedelta(days=5)
"""A hook that takes nothing for so long is turned off."""

LEAST_TRIES: Final = 10
"""A hook is not turned off after fewer tries, so that a service that was away for days tries it first."""

LEFT_OUT_AFTER: Final = timedelta(days=1)
"""A story that the receiver refuses for so long is left out, so that it does not hold up the later ones."""

OLDEST: Final = timedelta(days=14)
"""Stories of older editions are not posted: a hook that is on again is not flooded."""

_GONE: Final = 410
_REFUSES_STORY: Final = frozenset({400, 413, 422})
"""Statuses that are about the content of a post, and not about the hook."""

_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
_FIRST_SLOW_WAIT, _LONGEST_SLOW_WAIT = timedelta(minutes=10), timedelta(hours=6)
_PASSING: Final = frozenset({408, 425, 429})
"""Of the statuses below 500, those that are over soon."""

_PREFIX: Final = "whsec_"
_SECRET_SIZES: Final = range(24, 65)  # octets
_MOST_SECRETS: Final = 2


class What(StrEnum):
    """Which stories a hook gets, before its other wishes."""

    MOVEMENTS = "movements"  # those by which a rating moved, and corrections
    REPORTS = "reports"  # all


class EventType(StrEnum):
    """What a post tells."""

    TOLD = "story.told"
    CORRECTED = "story.corrected"  # a story that corrects an earlier one
    TEST = "webhook.test"  # an operator tries the hook: the story is made up


class Off(StrEnum):
    """Why a hook was turned off."""

    GONE = "gone"  # it answered 410
    FAILING = "failing"  # it took nothing for days


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A system that stories are posted to."""

    id: str
    url: str = field(repr=False)  # it may hold a secret: only its host is shown
    secrets: tuple[bytes, ...] = field(repr=False)  # two while one is being replaced
    wishes: Wishes
    private: bool = False  # whether it may be in a private network
    ca_file: Path | None = None  # of certificates to trust instead of the system's

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def mark(self) -> str:
        """A text that differs if the address, a secret or `ca_file` does. None can be found from it."""
        authorities = [] if self.ca_file is None else [str(self.ca_file).encode()]
        whole = b"\0".join([self.url.encode(), *self.secrets, *authorities])
        return hashlib.sha256(whole).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class HookState:
    """How far a hook has come, and how it went lately."""

    place: int  # the number of the last story that is dealt with
    next_at: datetime  # nothing is posted before this
    failures: int = 0  # in a row
    failing_since: datetime | None = None  # since the first failure after it last took a story
    held_since: datetime | None = None  # since when the story after `place` fails
    said: str = ""  # why the last post failed; empty: it did not
    taken_at: datetime | None = None  # when it last took a story
    left_out: int = 0  # how many stories it refused to the end
    off: Off | None = None
    off_at: datetime | None = None
    off_mark: str = ""  # `Hook.mark` at that time
    told: bool = False  # operators were told that it is off


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a post."""

    status: int | None  # None: there was no answer
    said: str  # in words for operators, without the address
    wait: timedelta | None = None  # how long the server asks us to wait
    body: str = ""  # the beginning of the answer, if it was asked for

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def passed(state: HookState, story: int) -> HookState:
    """The state once a story is dealt with."""
    return replace(state, place=story, held_since=None)


def answered(state: HookState, answer: Answer, *, story: int, mark: str, now: datetime) -> HookState:
    """The state after a story was posted. `mark` is the hook's own."""
    if answer.taken:
        taken = passed(state, story)
        return replace(taken, failures=0, failing_since=None, said="", taken_at=now, next_at=now)
    failing_since, held_since = state.failing_since or now, state.held_since or now
    failed = replace(
        state,
        failures=state.failures + 1,
        failing_since=failing_since,
        held_since=held_since,
        said=answer.said,
        next_at=now + _wait(state.failures + 1, answer),
    )
    if answer.status == _GONE:
        return replace(failed, off=Off.GONE, off_at=now, off_mark=mark, told=False)
    if now - failing_since >= GIVEN_UP_AFTER and failed.failures >= LEAST_TRIES:
        return replace(failed, off=Off.FAILING, off_at=now, off_mark=mark, told=False)
    if answer.status in _REFUSES_STORY and now - held_since >= LEFT_OUT_AFTER:
        return replace(passed(failed, story), left_out=failed.left_out + 1, next_at=now)
    return failed


def _wait(failures: int, answer: Answer) -> timedelta:
    """How long to wait after a failure: longer if the server has understood us and does not want the post."""
    status = answer.status or 0
    if 300 <= status < 500 and status not in _PASSING:
        wait = doubling(_FIRST_SLOW_WAIT, failures, _LONGEST_SLOW_WAIT)
    else:
        wait = doubling(_FIRST_WAIT, failures, _LONGEST_WAIT)
    return max(wait, answer.wait or timedelta(0))


# -- signatures -------------------------------------------------------------------------------------------


def message_id(hook: str, story: int) -> str:
    """The `webhook-id` of a story: the same each time it is posted to this hook, and never used again."""
    return f"{hook}_{story}"


def signed_headers(secrets: Iterable[bytes], id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers by which a receiver knows that a post is ours. `at` is the time of this try."""
    timestamp = str(int(at.timestamp()))
    content = f"{id}.{timestamp}.".encode() + body
    signatures = (base64.b64encode(hmac.digest(secret, content, "sha256")).decode() for secret in secrets)
    return {
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
    }


def secrets_in(text: str) -> tuple[bytes, ...] | None:
    """The secrets in a text: one "whsec_...", or two with a space between; None if it holds anything else."""
    found = tuple(map(_secret_in, text.split()))
    secrets = tuple(one for one in found if one is not None)
    return secrets if 1 <= len(found) <= _MOST_SECRETS and len(secrets) == len(found) else None


def _secret_in(word: str) -> bytes | None:
    if not word.startswith(_PREFIX):
        return None
    try:
        secret = base64.b64decode(word.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return secret if len(secret) in _SECRET_SIZES else None
