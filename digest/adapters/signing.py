"""DKIM signing (RFC 6376) in worker processes, for a relay that does not sign; and checking signatures.

The library's RSA is pure Python and takes milliseconds: in the event loop it would hold up every connection.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self, cast

import dkim
from dkim.crypto import UnparsableKeyError, parse_pem_private_key

from digest.adapters.small_files import content_of
from digest.adapters.workers import ProcessWorkers
from digest.errors import ConfigError, DigestError, Problem, SigningError

_OTHERS: Final = 0o077  # any right of the group or of everybody
_WEAKEST: Final = 1024  # bits: verifiers must not believe shorter keys, RFC 8301 section 3.2
_LIMIT: Final = timedelta(seconds=10)  # for one message, including the start of a process
_AN_RSA_KEY: Final = "an RSA private key in PEM form without a password: `openssl genrsa -out FILE 2048`"
_RSA: Final = bytes.fromhex("300d06092a864886f70d0101010500")  # rsaEncryption: RFC 8017 appendix C
_PEM: Final = re.compile(rb"-----BEGIN ([A-Z ]+)-----")

ALWAYS: Final = (b"from", b"to", b"cc", b"subject", b"reply-to")
"""Headers signed once more than they occur, so that nobody can add another (RFC 6376 section 8.15)."""

IF_THERE: Final = (
    b"date",
    b"message-id",
    b"mime-version",
    b"content-type",
    b"list-id",
    b"list-unsubscribe",  # this and the next: receivers show their button only then, RFC 8058 section 4
    b"list-unsubscribe-post",
    b"feedback-id",  # Gmail counts complaints by it only then
)
"""Headers that are signed in the same way if the message has them."""

ONCE: Final = (
    *(b"content-transfer-encoding", b"auto-submitted", b"content-language"),
    *(b"list-help", b"list-archive"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """An RSA key that is fit for signing."""

    pem: bytes = field(repr=False)
    modulus: int
    exponent: int  # the public one

    @property
    def bits(self) -> int:
        return self.modulus.bit_length()

    @property
    def public(self) -> tuple[str, str]:
        """The public key in base64, in both forms of p=: OpenSSL's and that of RFC 6376 section 3.6.1."""
        bare = _der(0x30, _der_integer(self.modulus) + _der_integer(self.exponent))
        whole = _der(0x30, _RSA + _der(0x03, b"\0" + bare))
        return base64.b64encode(whole).decode("ascii"), base64.b64encode(bare).decode("ascii")


def _der(tag: int, content: bytes) -> bytes:
    """One value in DER (X.690); the library's own writer cannot write more than 127 octets."""
    size = len(content)
    length = size.to_bytes((size.bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (b"" if size < 0x80 else bytes([0x80 | len(length)])) + length + content


def _der_integer(number: int) -> bytes:
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def load_key(path: Path) -> SigningKey:
    """Read a key from a file. `ConfigError` if others may read the file, or if the key cannot sign."""
    try:
        rights = path.stat().st_mode & 0o777
        pem = content_of(path).replace(b"\r\n", b"\n")
    except OSError as error:
        raise _unfit(path, f"an error ({error.strerror})", "a key file that we may read") from error
    if rights & _OTHERS:
        found = f"a file that others may read or change (mode {rights:04o})"
        raise _unfit(path, found, f"mode 0600: run `chmod 600 {path}`")
    try:
        parsed: Mapping[str, int] = parse_pem_private_key(pem)
        key = SigningKey(pem=pem, modulus=parsed["modulus"], exponent=parsed["publicExponent"])
    except (UnparsableKeyError, ValueError, IndexError, TypeError):
        raise _unfit(path, _what(pem), _AN_RSA_KEY) from None
    if key.bits < _WEAKEST:
        found = f"an RSA key of {key.bits} bits"
        raise _unfit(path, found, f"one of {_WEAKEST} bits at least; 2048 is usual")
    return key


def _what(pem: bytes) -> str:
    label = _PEM.search(pem)
    if label is None:
        return "no PEM"
    kind = label[1].decode("ascii")
    if "ENCRYPTED" in kind or b"ENCRYPTED" in pem:
        return "a key under a password"
    return f'"{kind}" that is not an RSA private key (Ed25519 is not supported)'


def _unfit(path: Path, found: str, expected: str) -> ConfigError:
    return ConfigError(
        [Problem(file=str(path), line=None, key="dkim.key_file", found=found, expected=expected)]
    )


class Signer:
    """Signs for one domain in at most `processes` processes, which run during `async with`."""

    def __init__(self, key: SigningKey, *, domain: str, selector: str, processes: int) -> None:
        self._key = key
        self._domain = domain.encode("ascii")
        self._selector = selector.encode("ascii")
        self._workers = ProcessWorkers(processes=processes, limit=_LIMIT)

    async def __aenter__(self) -> Self:
        await self._workers.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._workers.__aexit__(kind, error, trace)

    async def sign(self, content: bytes) -> bytes:
        """The content with its signature in front. `DigestError` if signing fails."""
        return await self._workers.run(signed, content, self._domain, self._selector, self._key.pem)


def signed(content: bytes, domain: bytes, selector: bytes, pem: bytes) -> bytes:
    """The content, with CRLF line ends, with a DKIM-Signature in front. Runs in a worker process."""
    try:
        message = dkim.DKIM(content)
        field = message.sign(
            selector,
            domain,
            pem,
            # Relays may fold headers and trim spaces; l= would let anybody add to the text (section 8.2).
            canonicalize=(dkim.Relaxed, dkim.Relaxed),
            include_headers=_to_sign([name.lower() for name, _ in message.headers]),
            length=False,
        )
    except (dkim.DKIMException, ValueError, TypeError, IndexError, KeyError) as error:
        # Only the kind of error goes into the log: the library quotes a line, which may hold an address.
        raise SigningError(type(error).__name__) from None
    return cast("bytes", field) + content


def _to_sign(there: list[bytes]) -> list[bytes]:
    chosen = [name for name in ALWAYS for _ in range(there.count(name) + 1)]
    chosen += [name for name in IF_THERE if name in there for _ in range(there.count(name) + 1)]
    return chosen + [name for name in ONCE for _ in range(there.count(name))]


def verified(content: bytes, place: int, key_record: str | None) -> bool:
    """Whether a signature fits the content and a key record. `place` counts signatures from the top, from 0.

    `DigestError` says why the signature or its key cannot be read.
    """

    def known(_name: bytes, timeout: int = 0) -> bytes | None:
        return key_record.encode("utf-8", "replace") if key_record is not None else None

    verify = cast("Callable[..., bool]", dkim.DKIM(content).verify)
    try:
        return bool(verify(place, dnsfunc=known))
    except (dkim.DKIMException, ValueError, TypeError, IndexError, KeyError) as error:
        raise DigestError(f"{type(error).__name__}: {error}") from None
