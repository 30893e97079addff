"""Sentences of a block, word for word as they stand in it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import sentencex

# The segmenter keeps a quotation whole, and takes quadratic time where quotes never close (measured:
# 28 s for 300 kB of opening quotes). Blanked one for one they cost nothing and the places stay right.
_QUOTES: Final = str.maketrans(dict.fromkeys('"“”„‟«»‹›‘', " "))
_CLOSING: Final = re.compile(r"['’](?!\w)|(?<!\w)['’]")
_ABBREVIATION: Final = re.compile(
    r"\b(?:Para|Paras|Approx|Reg|Regs|Dept|Cllr|Supt|Insp|Sgt|No|Nos|St|Rev)\.\s*$"
)


_ASKED: Final = re.compile(r"[?!][\"'”’»\s]*$")
_GOES_ON: Final = re.compile(r"\s*[,;a-z]")
_OPENING: Final = re.compile(r"(?<=\s)[\"'“‘«]+$")


@lru_cache(maxsize=4096)  # a page's blocks are asked for several times
def sentences(text: str) -> tuple[str, ...]:
    """The sentences of `text`, stripped; each is a stretch of `text` itself."""
    blanked = _CLOSING.sub(" ", text.translate(_QUOTES))
    found: list[str] = []
    start = end = 0
    for piece in sentencex.segment("en", blanked):
        end += len(piece)
        if _ABBREVIATION.search(piece[-12:]) and end < len(text):
            continue
        if _ASKED.search(piece[-6:]) and _GOES_ON.match(text, end):
            continue  # "‘How good is our setting?’ and ‘how good ...?’, were rated as 3"
        cut = end
        opening = _OPENING.search(text, start, end)
        if opening and end < len(text):
            cut = opening.start()  # it belongs to the words that follow
        found.append(text[start:cut].strip())
        start = cut
    found.append(text[start:].strip())
    return tuple(s for s in found if any(c.isalnum() for c in s))
