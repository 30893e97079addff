"""The wire form: a message's octets as SMTP transfers them, with gaps that each copy fills."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_SOFT_BREAK: Final = b"=\r\n"


def wire_ready(content: bytes) -> bytes:
    """The content with CRLF line ends, leading dots doubled and the final dot (RFC 5321 section 4.5.2)."""
    lines = _LINE_END.sub(b"\r\n", content)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    stuffed = lines.replace(b"\r\n.", b"\r\n..")
    return (b"." if lines.startswith(b".") else b"") + stuffed + b".\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Octets with gaps, as a printf format.

    Each gap takes the value at an index, or a slice of that value.
    """

    octets: bytes
    gaps: tuple[tuple[int, slice], ...]

    def filled(self, values: Sequence[bytes]) -> bytes:
        """The octets with every gap filled."""
        return self.octets % tuple([values[place][part] for place, part in self.gaps])


def form(octets: bytes, stand_ins: Sequence[str]) -> Form:
    """The form with a gap in place of each stand-in, even if a soft line break divides the stand-in.

    A value must be as long as its stand-in and need no more quoted-printable encoding; then it breaks in the
    same places. A value of another length may only fill gaps that no break divides.
    """
    # No group around an alternative: then the search goes from one possible first octet to the next.
    soft = rb"(?:=\r\n)?"
    pattern = b"|".join(
        soft.join(re.escape(bytes([octet])) for octet in text.encode("ascii")) for text in stand_ins
    )
    place_of = {text.encode("ascii"): place for place, text in enumerate(stand_ins)}
    pieces: list[bytes] = []
    gaps: list[tuple[int, slice]] = []
    end = 0
    for found in re.finditer(pattern, octets):
        pieces.append(octets[end : found.start()].replace(b"%", b"%%"))
        parts = found[0].split(_SOFT_BREAK)
        value = place_of[b"".join(parts)]
        pieces.append(_SOFT_BREAK.join([b"%b"] * len(parts)))
        ends = list(accumulate(map(len, parts)))
        places = [slice(None)] if len(parts) == 1 else list(map(slice, [0, *ends], ends))
        gaps += [(value, place) for place in places]
        end = found.end()
    pieces.append(octets[end:].replace(b"%", b"%%"))
    return Form(octets=b"".join(pieces), gaps=tuple(gaps))
