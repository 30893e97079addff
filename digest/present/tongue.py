"""The language of a text that is not English, as far as its letters and words show it, for readers by ear.

Names and sentences come in Welsh, and in any script. A wrong tag has a text read out as nonsense, so where
several languages share a script, the tag names the script alone.
"""

from __future__ import annotations

import re
from typing import Final

RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "ur", "he"})

_LATIN: Final = re.compile("[\x00-\u024f\u1e00-\u1eff\u2000-\u206f\u20a0-\u20bf\u2190-\u21ff]*")
_LETTER: Final = re.compile(r"[^\W\d_]")
_SCRIPTS: Final = (
    ("ar", re.compile("[\u0620-\u06d3\u06fa-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]")),
    ("he", re.compile("[\u05d0-\u05ea]")),
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("zh", re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("und-Cyrl", re.compile("[\u0400-\u052f]")),
    ("und-Deva", re.compile("[\u0900-\u097f]")),
    ("und-Beng", re.compile("[\u0980-\u09ff]")),
    ("pa", re.compile("[\u0a00-\u0a7f]")),
    ("gu", re.compile("[\u0a80-\u0aff]")),
    ("ta", re.compile("[\u0b80-\u0bff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)
_URDU: Final = re.compile("[\u0679\u0688\u0691\u06ba\u06d2]")
_PERSIAN: Final = re.compile("[\u067e\u0686\u0698\u06af]")

_WORD: Final = re.compile(r"[^\W\d_]+")
_WELSH_WORDS: Final = """
    adroddiad arolygwyr bro coleg cyfiawnder cylch cymraeg cymru cyngor disgyblion gwasanaeth gydag gyda
    gymraeg gymru gynradd heddlu ieuenctid meithrin meithrinfa sydd uwchradd ynys ysbyty ysgol yr
    """
_PERHAPS_WELSH_WORDS: Final = """
    a ac angen ar bod ddim eu gan gofal gwella i mae maen nid o oedd oes plant r sy wedi y ym yn yw
    """
_ENGLISH_WORDS: Final = """
    and are as at been but by for from has have in is it its not of on or that the this to was were with
    """
_WELSH: Final = frozenset(_WELSH_WORDS.split())
_PERHAPS_WELSH: Final = frozenset(_PERHAPS_WELSH_WORDS.split())
_ENGLISH: Final = frozenset(_ENGLISH_WORDS.split())


def tongue(text: str) -> str:
    """The tag of a text's language (BCP 47); empty for English, and where nothing shows another."""
    if _LATIN.fullmatch(text):
        return "cy" if _is_welsh(text) else ""
    letters = len(_LETTER.findall(text))
    for tag, script in _SCRIPTS:
        own = len(script.findall(text))
        # Japanese mixes its own letters with those of Chinese: a few of them are enough.
        if own * (8 if tag == "ja" else 2) > letters:
            return _of_arabic_letters(text) if tag == "ar" else tag
    return ""


def _of_arabic_letters(text: str) -> str:
    return "ur" if _URDU.search(text) else "fa" if _PERSIAN.search(text) else "ar"


def _is_welsh(text: str) -> bool:
    """Whether a third of the words are Welsh and none is English; one that others share needs a second."""
    words = [word.lower() for word in _WORD.findall(text)]
    if not _ENGLISH.isdisjoint(words):
        return False
    sure, perhaps = (sum(word in some for word in words) for some in (_WELSH, _PERHAPS_WELSH))
    return (sure > 0 or perhaps > 1) and 3 * (sure + perhaps) >= len(words)
