"""Return paths of letters: each names its letter by a number, holds no address, and cannot be made up.

Their tokens begin with a character that those of deliveries (`seals`) never begin with, and are proven in a
scope of their own: neither is ever taken for the other.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

_SCOPE: Final = b"digest.lettervrp"
_PROOF: Final = 19  # hexadecimal digits, which no mail server's case folding can harm


def letter_token(number: int, key: bytes) -> str:
    """What stands behind the "+" of the return path of the letter with this number; 30 characters."""
    named = b"%010x" % number
    mac = hashlib.blake2b(named, key=key, digest_size=10, person=_SCOPE).hexdigest()
    return f"l{named.decode('ascii')}{mac[:_PROOF]}"


def read_letter_path(local_part: str, key: bytes) -> int | None:
    """The number of the letter that a return path was made for; None if it is not ours."""
    token = local_part.rpartition("+")[2].lower()
    try:
        number = int(token[1:11], 16)
    except ValueError:
        return None
    ours = number >= 0 and token.isascii() and hmac.compare_digest(letter_token(number, key), token)
    return number if ours else None
