"""Links that carry their own right to act: a signed token names the subscription, never the address.

Those in editions do not expire, for leaving must always work; a subscription that begins anew has a new
generation, and links of an earlier one do not act on it. They are of one length: a message laid out for one
subscriber fits every other. What must not be done by whoever an edition was passed on to has its own tokens,
which say until when they are good.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from digest.errors import TokenError
from digest.letters import CONFIRM, OWN_LINK, REMINDER, Letter

_PAYLOAD: Final = struct.Struct(">QI")  # subscriber, generation
_PROOF: Final = 18  # octets: nobody guesses one of 2^144
TOKEN_LENGTH: Final = (_PAYLOAD.size + _PROOF) * 4 // 3
"""Characters of every token: the payload and its proof in base64, without padding."""


class Purpose(StrEnum):
    """What a token opens; one made for a purpose opens nothing else."""

    LEAVE = "leave"
    ONE_CLICK = "one-click"
    MANAGE = "manage"
    CONFIRM = "confirm"
    COME_BACK = "come-back"
    MOVE = "move"  # its number is the request's, not the generation: each new address is asked for by itself
    ADDRESS = "address"  # this and the next two by brief tokens alone
    EXPORT = "export"
    ERASE = "erase"


BRIEF: Final = (Purpose.ADDRESS, Purpose.EXPORT, Purpose.ERASE)
"""Those that an edition's link must not open: it may be in anybody's hands (F83)."""

IN_EDITIONS: Final = (Purpose.LEAVE, Purpose.ONE_CLICK, Purpose.MANAGE)
"""Those of which every edition carries one."""

_PLACES: Final = {purpose: slice(i * _PROOF, (i + 1) * _PROOF) for i, purpose in enumerate(IN_EDITIONS)}

_BRIEF: Final = struct.Struct(">QII")  # subscriber, generation, until when in Unix seconds
_BRIEF_PROOF: Final = 20  # octets: with the payload a multiple of three, so that base64 needs no padding
_BRIEF_LENGTH: Final = (_BRIEF.size + _BRIEF_PROOF) * 4 // 3

_MAIL_PROOF: Final = 13  # octets
MAIL_TOKEN_LENGTH: Final = 2 * (5 + 4 + _MAIL_PROOF)
"""Characters of a token in a mail address."""


class SignedLinks:
    """Tokens, the web addresses they stand in, and the way back from them.

    Several keys allow for a change of key: the first signs, and all are believed. The proof is a keyed
    BLAKE2b (RFC 7693): each message carries three tokens, and a library's would cost a tenth of sending it.
    """

    def __init__(self, base_url: str, secret_key: str | Sequence[str]) -> None:
        keys = [secret_key] if isinstance(secret_key, str) else list(secret_key)
        if not keys or not all(keys):
            raise ValueError("links need a secret key that is not empty")
        self._base_url = base_url.rstrip("/")
        self._keys = [hashlib.sha256(b"digest.links:" + key.encode()).digest() for key in keys]
        self._signs = _in_editions(self._keys[0])

    def address(self, purpose: Purpose, token: str) -> str:
        """Where a token leads."""
        return f"{self._base_url}/{purpose}/{token}"

    def link(self, purpose: Purpose, subscriber: int, number: int) -> str:
        """A whole address; `number` is the generation for all purposes but `MOVE`."""
        return self.address(purpose, self.token(purpose, subscriber, number))

    def home(self, page: str = "") -> str:
        """A page that needs no token."""
        return f"{self._base_url}/{page}"

    def token(self, purpose: Purpose, subscriber: int, number: int) -> str:
        payload = _PAYLOAD.pack(subscriber, number)
        return base64.urlsafe_b64encode(payload + _proof(payload, self._keys[0], purpose)).decode("ascii")

    def mail_token(self, purpose: Purpose, subscriber: int, generation: int) -> str:
        """A token for the local part of a mail address, such as "leave+...": no case folding can harm it."""
        payload = b"%010x%08x" % (subscriber, generation)
        return (payload + _mail_proof(payload, self._keys[0], purpose)).decode("ascii")

    def read_mail_token(self, token: str, purpose: Purpose) -> tuple[int, int]:
        """Likewise `read`."""
        octets = token.lower().encode("utf-8", "replace")
        payload, proof = octets[:18], octets[18:]
        if not any(hmac.compare_digest(_mail_proof(payload, key, purpose), proof) for key in self._keys):
            raise TokenError(f"not a token to {purpose}")
        return int(payload[:10], 16), int(payload[10:], 16)

    def tokens(self, subscriber: int, generation: int) -> list[str]:
        """A token for each purpose of `IN_EDITIONS`, in their order."""
        payload = _PAYLOAD.pack(subscriber, generation)
        proofs = _proofs(payload, self._signs)
        # Written in one go: each is of whole groups of base64, so that they may be cut apart afterwards.
        octets = payload + payload.join([proofs[place] for place in _PLACES.values()])
        text = base64.urlsafe_b64encode(octets).decode("ascii")
        return [text[at : at + TOKEN_LENGTH] for at in range(0, len(text), TOKEN_LENGTH)]

    def read(self, token: str, purpose: Purpose) -> tuple[int, int]:
        """The subscriber and generation a token names; `TokenError` unless we made it for this purpose."""
        payload, proof = _opened(token, TOKEN_LENGTH, _PAYLOAD.size)
        if not any(hmac.compare_digest(_proof(payload, key, purpose), proof) for key in self._keys):
            raise TokenError(f"not a token to {purpose}")
        subscriber, generation = _PAYLOAD.unpack(payload)
        return subscriber, generation

    def brief_link(self, purpose: Purpose, subscriber: int, generation: int, until: datetime) -> str:
        """A whole address that is good until an instant; whole seconds."""
        payload = _BRIEF.pack(subscriber, generation, int(until.timestamp()))
        proof = _proof(payload, self._keys[0], purpose, _BRIEF_PROOF)
        return self.address(purpose, base64.urlsafe_b64encode(payload + proof).decode("ascii"))

    def read_brief(self, token: str, purpose: Purpose) -> tuple[int, int, datetime]:
        """Likewise `read`, and until when the token is good: whether that is past, the caller says."""
        payload, proof = _opened(token, _BRIEF_LENGTH, _BRIEF.size)
        if not any(hmac.compare_digest(_proof(payload, k, purpose, _BRIEF_PROOF), proof) for k in self._keys):
            raise TokenError(f"not a token to {purpose}")
        subscriber, generation, until = _BRIEF.unpack(payload)
        return subscriber, generation, datetime.fromtimestamp(until, UTC)


def _opened(token: str, length: int, size: int) -> tuple[bytes, bytes]:
    """The payload and the proof of a token in base64; `TokenError` for what cannot be one of ours."""
    if len(token) != length:
        raise TokenError("not as long as ours are")
    try:
        octets = base64.b64decode(token.encode("ascii"), b"-_", validate=True)
    except (binascii.Error, UnicodeError, ValueError):
        raise TokenError("not of the characters that ours have") from None
    return octets[:size], octets[size:]


def _in_editions(key: bytes) -> hashlib.blake2b:
    # As long as BLAKE2b can: one more purpose then leaves the links that are out there as they are.
    return hashlib.blake2b(key=key, digest_size=64, person=b"digest.links")


def _proofs(payload: bytes, keyed: hashlib.blake2b) -> bytes:
    """One hash for all purposes of editions: what proves one of them says nothing of the others."""
    own = keyed.copy()  # half the time that taking the key in anew would take
    own.update(payload)
    return own.digest()


def _proof(payload: bytes, key: bytes, purpose: Purpose, size: int = _PROOF) -> bytes:
    if purpose in _PLACES:
        return _proofs(payload, _in_editions(key))[_PLACES[purpose]]
    about = purpose.encode() + b" " + payload
    return hashlib.blake2b(about, key=key, digest_size=size, person=b"digest.link").digest()


def _mail_proof(payload: bytes, key: bytes, purpose: Purpose) -> bytes:
    about = purpose.encode() + b" " + payload
    mac = hashlib.blake2b(about, key=key, digest_size=_MAIL_PROOF, person=b"digest.mailto")
    return mac.hexdigest().encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterLinks:
    """`compose.letters.Links` on signed links."""

    links: SignedLinks
    mail_domain: str | None  # of an address that takes commands; None: no mail of ours is read

    def __call__(self, letter: Letter) -> dict[str, str]:
        """By the names that templates know; those of a subscriber only in letters to one."""
        found = {"home_url": self.links.home(), "fresh_link_url": self.links.home("fresh-link")}
        subscriber, generation = letter.subscriber, letter.content.get("generation")
        if subscriber is None or generation is None:
            return found
        for name, purpose in _NAMES.items():
            found[name] = self.links.link(purpose, subscriber, generation)
        if letter.kind == OWN_LINK:
            until = datetime.fromisoformat(letter.content["until"])
            purpose = Purpose(letter.content["to"])
            found["own_url"] = self.links.brief_link(purpose, subscriber, generation, until)
        if "move" in letter.content:
            found["move_url"] = self.links.link(Purpose.MOVE, subscriber, letter.content["move"])
        if self.mail_domain is not None and letter.kind in {CONFIRM, REMINDER}:
            token = self.links.mail_token(Purpose.CONFIRM, subscriber, generation)
            found["reply_to"] = f"confirm+{token}@{self.mail_domain}"
        return found


_NAMES = {
    "confirm_url": Purpose.CONFIRM,
    "leave_url": Purpose.LEAVE,
    "manage_url": Purpose.MANAGE,
    "come_back_url": Purpose.COME_BACK,
}
