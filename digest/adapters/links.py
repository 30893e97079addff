"""Links that carry their own right to act: a signed token names the subscription, never the address.

Tokens do not expire, for leaving must always work; a subscription that begins anew has a new generation, and
links of an earlier one do not act on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from itsdangerous import BadData, URLSafeSerializer

from digest.errors import TokenError
from digest.subscriptions import Subscription

LONGEST_TOKEN: Final = 200


class Purpose(StrEnum):
    """What a token opens; one made for a purpose opens nothing else."""

    LEAVE = "leave"
    ONE_CLICK = "one-click"


class SignedLinks:
    """`ports.Links`, and the way back from a token.

    Several keys allow for a change of key: the first signs, and all are believed.
    """

    def __init__(self, base_url: str, secret_key: str | Sequence[str]) -> None:
        keys = [secret_key] if isinstance(secret_key, str) else list(secret_key)
        if not keys or not all(keys):
            raise ValueError("links need a secret key that is not empty")
        self._base_url = base_url.rstrip("/")
        # itsdangerous signs with the last key of a list and believes every one of them. Its HMAC-SHA-1 keeps
        # tokens short; known attacks on SHA-1 find collisions and do not touch HMAC.
        self._serializers = {
            purpose: URLSafeSerializer(list(reversed(keys)), salt=f"digest.{purpose}") for purpose in Purpose
        }

    def leave(self, subscription: Subscription) -> str:
        return self._link(Purpose.LEAVE, subscription)

    def one_click(self, subscription: Subscription) -> str:
        return self._link(Purpose.ONE_CLICK, subscription)

    def read(self, token: str, purpose: Purpose) -> tuple[int, int]:
        """The subscriber and generation a token names; `TokenError` unless we made it for this purpose."""
        if len(token) > LONGEST_TOKEN:
            raise TokenError("too long to be one of ours")
        try:
            payload = self._serializers[purpose].loads(token)
        except BadData:
            raise TokenError(f"not a token to {purpose}") from None
        match payload:
            case [int(subscriber), int(generation)]:
                return subscriber, generation
            case _:
                raise TokenError("signed, but not for a subscription")

    def _link(self, purpose: Purpose, subscription: Subscription) -> str:
        payload = [subscription.subscriber, subscription.generation]
        return f"{self._base_url}/{purpose}/{self._serializers[purpose].dumps(payload)}"
