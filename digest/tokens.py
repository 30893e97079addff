"""Keyed tokens and seals: all that this service signs or seals with a key.

Nobody can make up a token without its key, and a token made for one purpose is valid for no other. Tokens
that were mailed and seals that are stored must stay valid: purposes, encodings and lengths never change.

A token proves something to us:

| Purpose (hash) | What it proves | Who may hold it | Valid for |
|---|---|---|---|
| leave, one-click, manage (1) | the holder has one of the subscriber's editions | its readers | generation |
| stop-alerts, stop-sign-of-life (2) | the holder has such a letter | its readers | generation |
| confirm, come-back (2) | the holder reads mail at the address | reader of one letter | generation |
| move (2) | the holder reads mail at the new address | reader of one letter | its request |
| address, export (2) | the holder reads mail at the address now | reader of one letter | time in it |
| erase (2) | the same, whatever the generation and its state | reader of one letter | time in it |
| never-again (2) | the holder has a letter to an address that had not agreed | its readers | no limit |
| leave, confirm by mail (3) | as in a link; it is part of a mail address | as in a link | generation |
| Message-ID of an edition (4, 5) | its day and, only to us, its subscriber | anybody | no limit |
| return path of an edition (4, 5) | its day and, only to us, its subscriber | mail servers | no limit |
| Message-ID of a letter (6) | nothing; it stays the same on every attempt | anybody | no limit |
| return path of a letter (7, 5) | the letter's number, only to us | mail servers | no limit |
| session of an operator (12) | the holder gave the operators' secret, and a name | one browser | time in it |
| form of an operator (13) | a page that we showed to that operator made the form | the page | its session |

People forward editions, so the tokens in them only allow what any reader may do. "Reader of one letter" means
that the token is sent only to the address and is in no edition. The token to confirm by mail also withdraws
the request, if the answer says so. "Generation" means until the subscription
ends or starts again, or is asked for with other wishes; the store knows what a token may still do. The one to
come back begins where the others end.

Numbers of subscribers and letters run on, so two of them tell what came between. Somebody who types an
address between two letters to themselves would see whether that brought a new subscriber or a letter, and so
who is subscribed. So tokens show numbers masked by what only we can make of their proof (5; in links and mail
addresses 11). Tokens that were mailed by earlier versions show them plainly, and stay valid.

A seal hides a value in the database; with the same value, we can find it again:

| Use of the key (hash) | What it hides | Kept for |
|---|---|---|
| suppressions (8) | an address that we must not write to, or whose owner left | no limit |
| references (8) | an address: in the page for its code, and in the keys of letters | its request or letter |
| counts (9) | an address or network that asked for something | some days |
| deliveries (10) | nothing; it marks where each copy's own links go in a rendered edition | one rendering |

Each key is derived from the operator's secret key, for one use (`KeyUse`). Each hash is BLAKE2b (RFC 7693)
with that key and a "person" of its own: 1 digest.links, 2 digest.link, 3 digest.mailto, 4 digest.delivery,
5 digest.seen, 6 digest.letter, 7 digest.lettervrp, 8 digest.suppress, 9 digest.count, 11 digest.masked,
12 digest.operator, 13 digest.form. Only 10 is HMAC-SHA512.

Keys come in as octets. Nothing here reads the clock or the environment.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import struct
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final

from digest.addresses import limit_key, same_key
from digest.errors import TokenError

# -- keys -----------------------------------------------------------------------------------------------


class KeyUse(StrEnum):
    """What a derived key is used for."""

    LINKS = "links"
    DELIVERIES = "deliveries"
    LETTERS = "letters"
    COUNTS = "counts"
    REFERENCES = "references"
    SUPPRESSIONS = "suppressions"
    OPERATORS = "operators"
    CONFIG = "config"


def derived_key(secret: str, use: KeyUse) -> bytes:
    """The key for one use: who knows it knows neither the secret nor another use's key."""
    return hashlib.sha256(f"digest.{use}:{secret}".encode()).digest()


@lru_cache(maxsize=16)
def _keyed(key: bytes, person: bytes, size: int) -> hashlib.blake2b:
    """A hash that has taken its key in; to be copied, which takes half the time of keying it again."""
    return hashlib.blake2b(key=key, digest_size=size, person=person)


# -- links ----------------------------------------------------------------------------------------------


class Purpose(StrEnum):
    """What a token allows. It is also the first part of the path of its page."""

    LEAVE = "leave"
    ONE_CLICK = "one-click"
    MANAGE = "manage"
    CONFIRM = "confirm"
    COME_BACK = "come-back"
    MOVE = "move"  # its number is the request's, not the generation: each new address is asked for by itself
    ADDRESS = "address"
    EXPORT = "export"
    ERASE = "erase"
    STOP_ALERTS = "stop-alerts"
    STOP_PROOF_OF_LIFE = "stop-sign-of-life"
    NEVER_AGAIN = "never-again"  # it names a mailbox by its seal: there may be no subscriber


IN_EDITIONS: Final = (Purpose.LEAVE, Purpose.ONE_CLICK, Purpose.MANAGE)
"""Those of which every edition carries one."""

EXPIRING: Final = (Purpose.ADDRESS, Purpose.EXPORT, Purpose.ERASE)
"""Those for the owner of the address alone: an edition may be forwarded, so its links do not allow these."""

_PAYLOAD: Final = struct.Struct(">QI")  # subscriber, generation
_PROOF: Final = 18  # octets: nobody guesses one of 2^144
TOKEN_LENGTH: Final = (_PAYLOAD.size + _PROOF) * 4 // 3
"""Characters of a token in a link, but for those that expire: payload and proof in base64, no padding."""

_EXPIRING_PAYLOAD: Final = struct.Struct(">QII")  # subscriber, generation, until when in Unix seconds
_EXPIRING_PROOF: Final = 20  # octets: with the payload a multiple of three, so that base64 needs no padding
_EXPIRING_LENGTH: Final = (_EXPIRING_PAYLOAD.size + _EXPIRING_PROOF) * 4 // 3

_SEAL: Final = 24  # octets of a seal
_SEALED_LENGTH: Final = (_SEAL + _PROOF) * 4 // 3

_MAIL_PROOF: Final = 13  # octets
MAIL_TOKEN_LENGTH: Final = 2 * (5 + 4 + _MAIL_PROOF)
"""Characters of a token in a mail address."""

_MAIL_TOKEN: Final = re.compile(r"([0-9a-fA-F]{18})([0-9a-fA-F]{26})", re.ASCII)

_PLACES: Final = {purpose: slice(i * _PROOF, (i + 1) * _PROOF) for i, purpose in enumerate(IN_EDITIONS)}


class LinkTokens:
    """Tokens that name a subscription, never its address, and allow one thing with it.

    All tokens of a kind have one length: a message laid out for one subscriber fits every other. Several keys
    allow for a change of key: the first signs, and tokens of all are valid.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or not all(keys):
            raise ValueError("links need a secret key that is not empty")
        self._keys = tuple(keys)

    def sign(self, purpose: Purpose, subscriber: int, number: int) -> str:
        """`number` is the generation for all purposes but `MOVE`."""
        return self._signed(_PAYLOAD.pack(subscriber, number), purpose)

    def read(self, token: str, purpose: Purpose) -> tuple[int, int]:
        """The subscriber and number of a token; `TokenError` unless we made it for this purpose."""
        subscriber, number = _PAYLOAD.unpack(self._read(token, TOKEN_LENGTH, _PAYLOAD.size, purpose))
        return subscriber, number

    def for_edition(self, subscriber: int, generation: int) -> list[str]:
        """A token for each purpose of `IN_EDITIONS`, in their order; the same as `sign` makes, but faster."""
        payload = _PAYLOAD.pack(subscriber, generation)
        proofs = _edition_proofs(payload, self._keys[0])
        # Encoded at once: each token is of whole groups of base64, so that they may be cut apart afterwards.
        octets = b"".join([_shown(payload, proofs[place], self._keys[0]) for place in _PLACES.values()])
        text = base64.urlsafe_b64encode(octets).decode("ascii")
        return [text[at : at + TOKEN_LENGTH] for at in range(0, len(text), TOKEN_LENGTH)]

    def sign_expiring(self, purpose: Purpose, subscriber: int, generation: int, until: datetime) -> str:
        """A token that says until when it is valid, in whole seconds."""
        payload = _EXPIRING_PAYLOAD.pack(subscriber, generation, int(until.timestamp()))
        return self._signed(payload, purpose, _EXPIRING_PROOF)

    def read_expiring(self, token: str, purpose: Purpose) -> tuple[int, int, datetime]:
        """Like `read`, and until when the token is valid: the caller compares that with its clock."""
        size = _EXPIRING_PAYLOAD.size
        payload = self._read(token, _EXPIRING_LENGTH, size, purpose, _EXPIRING_PROOF)
        subscriber, generation, until = _EXPIRING_PAYLOAD.unpack(payload)
        return subscriber, generation, datetime.fromtimestamp(until, UTC)

    def sign_sealed(self, purpose: Purpose, seal: str) -> str:
        """A token that names a mailbox by its seal (`mailbox_seal`), in place of a subscription."""
        payload = bytes.fromhex(seal)
        return base64.urlsafe_b64encode(payload + _proof(payload, self._keys[0], purpose)).decode("ascii")

    def read_sealed(self, token: str, purpose: Purpose) -> str:
        """The seal in a token; `TokenError` as in `read`."""
        payload, proof = _opened(token, _SEALED_LENGTH, _SEAL)
        if not any(hmac.compare_digest(_proof(payload, key, purpose), proof) for key in self._keys):
            raise TokenError(f"not a token to {purpose}")
        return payload.hex()

    def sign_for_mail(self, purpose: Purpose, subscriber: int, generation: int) -> str:
        """A token for the local part of a mail address, such as "leave+...": it survives case folding."""
        payload = b"%010x%08x" % (subscriber, generation)
        proof = _mail_proof(payload, self._keys[0], purpose)
        return _masked(bytes.fromhex(payload.decode("ascii")), proof, self._keys[0]).hex() + proof.decode(
            "ascii"
        )

    def read_from_mail(self, token: str, purpose: Purpose) -> tuple[int, int]:
        """Like `read`, in either case of letters."""
        found = _MAIL_TOKEN.fullmatch(token)
        if found is None:
            raise TokenError("not spelled as ours are")
        shown, proof = bytes.fromhex(found[1]), found[2].lower().encode()
        for key in self._keys:
            for payload in (_masked(shown, proof, key).hex(), shown.hex()):
                if hmac.compare_digest(_mail_proof(payload.encode(), key, purpose), proof):
                    return int(payload[:10], 16), int(payload[10:], 16)
        raise TokenError(f"not a token to {purpose}")

    def _signed(self, payload: bytes, purpose: Purpose, size: int = _PROOF) -> str:
        proof = _proof(payload, self._keys[0], purpose, size)
        return base64.urlsafe_b64encode(_shown(payload, proof, self._keys[0])).decode("ascii")

    def _read(self, token: str, length: int, size: int, purpose: Purpose, proof_size: int = _PROOF) -> bytes:
        """The payload of a token; `TokenError` unless we made it for this purpose."""
        shown, proof = _opened(token, length, size)
        for key in self._keys:
            for payload in (_masked(shown, proof, key), shown):
                if hmac.compare_digest(_proof(payload, key, purpose, proof_size), proof):
                    return payload
        raise TokenError(f"not a token to {purpose}")


def _shown(payload: bytes, proof: bytes, key: bytes) -> bytes:
    """What a token shows: the payload, masked, and its proof."""
    return _masked(payload, proof, key) + proof


def _masked(payload: bytes, proof: bytes, key: bytes) -> bytes:
    """A payload under the mask that only we can make of its proof; twice is the payload again."""
    own = _keyed(key, b"digest.masked", len(payload)).copy()
    own.update(proof)
    mask = int.from_bytes(own.digest(), "big")
    return (int.from_bytes(payload, "big") ^ mask).to_bytes(len(payload), "big")


def _opened(token: str, length: int, size: int) -> tuple[bytes, bytes]:
    """The payload and the proof of a token in base64; `TokenError` unless it is spelled as we spell it."""
    if len(token) != length:
        raise TokenError("not as long as ours are")
    try:
        octets = base64.urlsafe_b64decode(token.encode("ascii"))
    except (binascii.Error, UnicodeError, ValueError):
        raise TokenError("not of the characters that ours have") from None
    # The decoder takes several spellings for the same octets, such as "+" for "-"; ours is the one it writes.
    if base64.urlsafe_b64encode(octets).decode("ascii") != token:
        raise TokenError("not spelled as ours are")
    return octets[:size], octets[size:]


def _edition_proofs(payload: bytes, key: bytes) -> bytes:
    """One hash, cut into a proof for each purpose of editions: one part tells nothing about another."""
    # The longest that BLAKE2b makes: another purpose can be added without changing links already mailed.
    own = _keyed(key, b"digest.links", 64).copy()
    own.update(payload)
    return own.digest()


def _proof(payload: bytes, key: bytes, purpose: Purpose, size: int = _PROOF) -> bytes:
    if purpose in _PLACES:
        return _edition_proofs(payload, key)[_PLACES[purpose]]
    about = purpose.encode() + b" " + payload
    return hashlib.blake2b(about, key=key, digest_size=size, person=b"digest.link").digest()


def _mail_proof(payload: bytes, key: bytes, purpose: Purpose) -> bytes:
    about = purpose.encode() + b" " + payload
    mac = hashlib.blake2b(about, key=key, digest_size=_MAIL_PROOF, person=b"digest.mailto")
    return mac.hexdigest().encode()


# -- messages -------------------------------------------------------------------------------------------

DELIVERY_TOKEN_LENGTH: Final = 30
"""Characters of both tokens of a delivery: hexadecimal, which no mail server's case folding harms."""
_SEEN: Final = 20  # characters of proof in a Message-ID; the rest is the subscriber, masked
_RETURN_TOKEN: Final = re.compile(r"([0-9a-f]{6})([0-9a-f]{10})([0-9a-f]{14})", re.ASCII)
_EDITIONS_ID: Final = re.compile(r"<(\d{4}-\d\d-\d\d)\.([0-9a-fA-F]{30})@[^\s<>@]+>", re.ASCII)


def delivery_tokens(day: date, subscriber: int, key: bytes) -> tuple[str, str]:
    """The tokens in the Message-ID and in the return path of one edition for one subscriber.

    Everybody sees the first: it holds a proof, and the subscriber masked by what only we can make of the
    proof. The second holds the day, the subscriber, masked likewise, and another proof.
    """
    seen, returned = _delivery_proofs(day, subscriber, key)
    return (
        f"{seen}{subscriber ^ _mask(seen, key):010x}",
        f"{day.toordinal():06x}{subscriber ^ _mask(returned, key):010x}{returned}",
    )


def _delivery_proofs(day: date, subscriber: int, key: bytes) -> tuple[str, str]:
    """The proofs in the Message-ID and in the return path."""
    # Keyed BLAKE2 takes a third of the time of HMAC here, and each message needs two.
    own = _keyed(key, b"digest.delivery", 22).copy()
    own.update(b"%06x%010x" % (day.toordinal(), subscriber))
    mac = own.hexdigest()
    return mac[:_SEEN], mac[DELIVERY_TOKEN_LENGTH:]


def _mask(proof: str, key: bytes) -> int:
    own = _keyed(key, b"digest.seen", 5).copy()
    own.update(proof.encode())
    return int.from_bytes(own.digest(), "big")


def read_message_id(message_id: str, key: bytes) -> tuple[date, int] | None:
    """The day and the subscriber of the edition with this Message-ID; None if it is not one of ours.

    It needs no database. Providers take addresses out of complaints, so a complaint may hold nothing else;
    and anybody can send us any number of made-up ones.
    """
    found = _EDITIONS_ID.fullmatch(message_id)
    if found is None:
        return None
    token = found[2].lower()
    try:
        day = date.fromisoformat(found[1])
    except ValueError:
        return None
    subscriber = int(token[_SEEN:], 16) ^ _mask(token[:_SEEN], key)
    ours = hmac.compare_digest(delivery_tokens(day, subscriber, key)[0], token)
    return (day, subscriber) if ours else None


def read_return_path(local_part: str, key: bytes) -> tuple[date, int] | None:
    """The day and the subscriber of the message with this return path; None if it is not one of ours."""
    found = _RETURN_TOKEN.fullmatch(local_part.rpartition("+")[2].lower())
    if found is None:
        return None
    try:
        day = date.fromordinal(int(found[1], 16))
    except (ValueError, OverflowError):
        return None
    shown, proof = int(found[2], 16), found[3]
    for subscriber in (shown ^ _mask(proof, key), shown):
        if hmac.compare_digest(_delivery_proofs(day, subscriber, key)[1], proof):
            return (day, subscriber)
    return None


def stand_in(name: str, day: date, length: int, key: bytes) -> str:
    """A text of this length that stands for what is each copy's own while an edition is laid out."""
    mac = hmac.digest(key, f"{name}:{day.isoformat()}".encode(), hashlib.sha512)
    octets = mac * (length // len(mac) + 1)
    return base64.b32encode(octets).decode("ascii").lower()[:length]


def letter_message_token(letter: str, key: bytes) -> str:
    """What names a letter in its Message-ID, by the letter's own key; 30 characters."""
    return hashlib.blake2b(letter.encode(), key=key, digest_size=15, person=b"digest.letter").hexdigest()


_LETTER_PROOF: Final = 19  # hexadecimal digits
_LETTER_TOKEN: Final = re.compile(r"l([0-9a-f]{10})([0-9a-f]{19})", re.ASCII)


def letter_return_token(number: int, key: bytes) -> str:
    """What stands behind the "+" of the return path of the letter with this number; 30 characters."""
    proof = _letter_proof(number, key)
    return f"l{number ^ _mask(proof, key):010x}{proof}"


def _letter_proof(number: int, key: bytes) -> str:
    mac = hashlib.blake2b(b"%010x" % number, key=key, digest_size=10, person=b"digest.lettervrp")
    return mac.hexdigest()[:_LETTER_PROOF]


def read_letter_return_path(local_part: str, key: bytes) -> int | None:
    """The number of the letter with this return path; None if it is not one of ours."""
    found = _LETTER_TOKEN.fullmatch(local_part.rpartition("+")[2].lower())
    if found is None:
        return None
    shown, proof = int(found[1], 16), found[2]
    for number in (shown ^ _mask(proof, key), shown):
        if hmac.compare_digest(_letter_proof(number, key), proof):
            return number
    return None


# -- operators' sessions ----------------------------------------------------------------------------------

_SESSION: Final = struct.Struct(">I8s")  # until when in Unix seconds, and what makes each session another one
_SESSION_PROOF: Final = 24


def session_token(operator: str, until: datetime, nonce: bytes, key: bytes) -> str:
    """What a browser keeps of a session: who signed in, and until when. `nonce` is 8 random octets."""
    payload = _SESSION.pack(int(until.timestamp()), nonce) + operator.encode()
    proof = _sessions_proof(payload, key)
    return base64.urlsafe_b64encode(proof + payload).decode("ascii").rstrip("=")


def read_session(token: str, key: bytes) -> tuple[str, datetime]:
    """The operator of a session, and until when it is valid; `TokenError` unless it is ours.

    The caller compares the time with its clock.
    """
    try:
        octets = base64.urlsafe_b64decode(f"{token}{'=' * (-len(token) % 4)}".encode("ascii"))
        proof, payload = octets[:_SESSION_PROOF], octets[_SESSION_PROOF:]
        if not hmac.compare_digest(_sessions_proof(payload, key), proof):
            raise TokenError("not a session of ours")
        until, _ = _SESSION.unpack_from(payload)
        return payload[_SESSION.size :].decode(), datetime.fromtimestamp(until, UTC)
    except (binascii.Error, UnicodeError, ValueError, struct.error):
        raise TokenError("not spelled as ours are") from None


def form_token(session: str, key: bytes) -> str:
    """What each form of a session carries, so that no other site can make one."""
    return hashlib.blake2b(session.encode(), key=key, digest_size=18, person=b"digest.form").hexdigest()


def _sessions_proof(payload: bytes, key: bytes) -> bytes:
    return hashlib.blake2b(payload, key=key, digest_size=_SESSION_PROOF, person=b"digest.operator").digest()


# -- seals ----------------------------------------------------------------------------------------------

Seal = Callable[[str], str]
"""A text as a keyed hash: it can be found again and counted, and without the key nobody can read it."""


def address_seal(key: bytes) -> Seal:
    """Seals addresses: two spellings of one mailbox alike. The key must be kept as long as its seals are."""

    def seal(address: str) -> str:
        return _sealed(same_key(address).encode(), key, b"digest.suppress")

    return seal


def mailbox_seal(seal: Seal) -> Seal:
    """Seals the mailbox of an address: with a "+tag", or dots that mean nothing, it has the same seal."""

    def of(address: str) -> str:
        return seal(limit_key(address))

    return of


def text_seal(key: bytes) -> Seal:
    """Seals any text as it stands."""

    def seal(text: str) -> str:
        return _sealed(text.encode("utf-8", "replace"), key, b"digest.count")

    return seal


def _sealed(octets: bytes, key: bytes, person: bytes) -> str:
    return hashlib.blake2b(octets, key=key[:64], digest_size=_SEAL, person=person).hexdigest()
