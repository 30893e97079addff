"""Text without the characters that nobody sees: they can hide words, or pile marks over the lines around.

Scripts and emoji need some of them. Those stay where they are needed: joiners, variation selectors, the tags
of flags, and a few combining marks on a letter.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MOST_MARKS: Final = 6
"""Combining marks on one letter. Pointed Hebrew has up to five, a Tibetan stack as many."""

MOST_SHARED: Final = 3
"""Of these, marks that belong to no script, as the accents of Latin letters. Vietnamese has two."""

_DROPPED: Final = frozenset({"Cc", "Cf", "Cs", "Cn"})
_UNSEEN: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")  # marks and letters without a shape
_JOINERS: Final = frozenset("\u200c\u200d")
_KEYS: Final = frozenset("#*0123456789")
_KEYCAP: Final = "\u20e3"
_VISIBLE_FORMATS: Final = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]")

_COMMON: Final = (
    "!-~\xa1-\xac\xae-\u02af\u1e00-\u1eff\u2010-\u2015\u2018-\u201f\u2026\u20ac"  # seen, and no space
)
_PLAIN: Final = re.compile(f"[ {_COMMON}]*")
_PLAIN_LINE: Final = re.compile(f"(?:[{_COMMON}]+(?: [{_COMMON}]+)*)?")
_FLAG: Final = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")
_SELECTOR: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SHARED: Final = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
_MONGOLIAN: Final = re.compile("[\u1820-\u18aa]")
_MONGOLIAN_SELECTOR: Final = re.compile("[\u180b-\u180d\u180f]")
# Scripts whose letters join or form clusters: from Arabic to N'Ko, and from Devanagari to Sinhala and Khmer.
_JOINING: Final = re.compile(
    "[\u0620-\u07ff\u0840-\u085f\u0860-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u1800-\u18aa"
    "\u1b00-\u1b7f\ua840-\ua87f\ua8e0-\ua8ff\ua980-\ua9df\ufb50-\ufdff\ufe70-\ufefc"
    "\U00010a00-\U00010aff\U00011000-\U000114ff\U0001e900-\U0001e95f]"
)
_IDEOGRAPH: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_SIGN_OF_EMOJI: Final = re.compile("[\u203c\u2049\u3030\u303d\U0001f3fb-\U0001f3ff]")


def visible(text: str) -> str:
    """The text without characters that nobody sees and without piled marks; a second time changes nothing."""
    if _PLAIN.fullmatch(text):
        return text
    kept: list[str] = []
    marks = shared = 0
    at = 0
    while at < len(text):
        flag = _FLAG.match(text, at)
        c = flag[0] if flag else text[at]
        at += len(c)
        if flag:
            marks = shared = 0
        elif not _is_seen(c, kept[-1] if kept else "", text[at : at + 1]):
            continue
        elif not _SELECTOR.match(c) and unicodedata.category(c) in {"Mn", "Me"}:
            marks, shared = marks + 1, shared + bool(_SHARED.match(c))
            if marks > MOST_MARKS or shared > MOST_SHARED:
                marks, shared = min(marks, MOST_MARKS), min(shared, MOST_SHARED)
                continue
        elif c not in _JOINERS and not _SELECTOR.match(c):
            marks = shared = 0
        kept.append(c)
    return "".join(kept)


def is_plain_line(text: str) -> bool:
    """Whether a text is one line of common letters and signs, with single spaces: as most texts are."""
    return _PLAIN_LINE.fullmatch(text) is not None


def _is_seen(c: str, before: str, after: str) -> bool:
    """Whether a character is seen, or shapes its neighbours: what is kept before it, and what comes next."""
    if c in _JOINERS:
        pictures = _is_picture(before, emoji=True) and _is_picture(after, emoji=False)
        return _JOINING.match(before) is not None or pictures
    if _SELECTOR.match(c):
        return _selects(c, before, after)
    if _MONGOLIAN_SELECTOR.match(c):
        return _MONGOLIAN.match(before) is not None
    if c in _UNSEEN:
        return False
    return c.isspace() or unicodedata.category(c) not in _DROPPED or _VISIBLE_FORMATS.match(c) is not None


def _selects(c: str, before: str, after: str) -> bool:
    """Whether a variation selector selects something: the look of an emoji, or a form of an ideograph."""
    if c in "\ufe0e\ufe0f":
        return _is_picture(before, emoji=False) or (after == _KEYCAP and before in _KEYS)
    return _IDEOGRAPH.match(before) is not None and not "\ufe03" <= c <= "\ufe0d"


def _is_picture(c: str, *, emoji: bool) -> bool:
    """Whether a character can be an emoji or, with `emoji`, the end of one: a selector or the last tag."""
    if not c:
        return False
    if emoji and (c == "\ufe0f" or c.endswith("\U000e007f")):
        return True
    return unicodedata.category(c[-1]) in {"So", "Sm"} or _SIGN_OF_EMOJI.match(c) is not None
