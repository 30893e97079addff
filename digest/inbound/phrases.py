"""Phrases: how the lists of phrases in this room are written, and how they become sets and patterns.

Phrases are parted by commas and line ends. All are compared in the form of `fold`. In a set, `my/the/this`
stands for one of these words, and `the/` for one or none; in a pattern, `*` stands for up to three words, and
`~` for the rest of a word.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import product
from typing import Final

# What has no decomposition in Unicode, and letters that keyboards of neighbouring languages write differently.
_ALIKE: Final = str.maketrans({
    "ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss",
    "ي": "ی", "ى": "ی", "ك": "ک", "ہ": "ه", "ھ": "ه", "ة": "ه", "'": "", "’": "", "‘": "", "`": "", "´": "",
})  # fmt: skip
_MARKS: Final = (*range(0x300, 0x370), *range(0x64B, 0x656), 0x670)  # accents, and the vowel signs of Arabic
_EMOJI: Final = {
    **dict.fromkeys("👍👌✅✔☑", " ok "),
    **dict.fromkeys("👎🛑🚫❌⛔✖", " no "),
    **dict.fromkeys("🙂😊😀😃😄🙏❤♥🎉", " "),
    **dict.fromkeys(map(chr, range(0x1F3FB, 0x1F400)), ""),  # the colours of skin
}


def fold(text: str) -> str:
    """Words in lower case with single spaces, without punctuation and accents; some emoji as words."""
    emojis = "".join(_EMOJI.get(c, c) for c in text)
    plain = (
        unicodedata.normalize("NFKD", emojis.casefold()).translate(dict.fromkeys(_MARKS)).translate(_ALIKE)
    )
    kept = (c if c.isalnum() or unicodedata.category(c) in ("Mn", "Mc", "So") else " " for c in plain)
    return " ".join("".join(kept).split())


def listed(text: str) -> tuple[str, ...]:
    """The phrases of a list as they are written."""
    return tuple(one.strip() for line in text.splitlines() for one in line.split(",") if one.strip())


def phrase_set(text: str) -> frozenset[str]:
    """The phrases of a list in the form of `fold`, each with all of its choices."""
    choices = (product(*(word.split("/") for word in phrase.split())) for phrase in listed(text))
    return frozenset(fold(" ".join(words)) for found in choices for words in found)  # "_" becomes a space


def _fragment(phrase: str) -> str:
    """A phrase as a regular expression on folded text."""
    found = " ".join(
        r"(?:\S+ ){0,3}"
        if part == "*"
        else re.escape(fold(part.rstrip("~"))) + (r"\S*" if part[-1] == "~" else "")
        for part in phrase.split()
    )
    return found.replace(r"{0,3} ", "{0,3}")


def any_phrase(text: str) -> str:
    """The phrases of a list as the alternatives of a pattern on folded text, the longest first."""
    return "|".join(sorted(map(_fragment, listed(text)), key=len, reverse=True))
