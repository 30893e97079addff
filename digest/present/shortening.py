"""Names and texts made short enough for a subject, and plain enough not to be encoded."""

from __future__ import annotations

import re
from typing import Final

_KNOWN: Final = (
    ("probation delivery unit", "PDU"),
    ("youth justice service", "YJS"),
    ("youth offending service", "YOS"),
    ("youth offending team", "YOT"),
    ("youth justice partnership", "YJP"),
    ("community rehabilitation company", "CRC"),
    ("fire and rescue service", "FRS"),
    ("her majesty's prison", "HMP"),
    ("his majesty's prison", "HMP"),
    ("young offender institution", "YOI"),
    ("immigration removal centre", "IRC"),
    ("secure training centre", "STC"),
    ("nhs foundation trust", "NHS FT"),
    ("metropolitan borough council", "MBC"),
    ("county council", "CC"),
    ("city council", "CC"),
    ("borough council", "BC"),
    ("church of england", "CofE"),
    ("primary school", "Primary"),
    ("secondary school", "Secondary"),
    ("limited", "Ltd"),
    ("university", "Univ."),
    ("hospitals", "Hosps"),
    ("hospital", "Hosp."),
    ("saint", "St"),
    ("and", "&"),
)
"""Words that the trade shortens, the longest first: each is replaced only while the name is too long."""

_PLAIN: Final = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2026": "...",
        "\u00a0": " ",
        "\u2192": "to",
    }
)


def plain(text: str) -> str:
    """The text with the marks of a typewriter: letters that names need stay as they are."""
    return text.translate(_PLAIN)


def shortened(name: str, longest: int) -> str:
    """A name of at most so many characters: by known abbreviations, and if need be cut in the middle.

    The end of a name tells its kind, so it is kept.
    """
    for words, short in _KNOWN:
        if len(name) <= longest:
            return name
        name = re.sub(rf"\b{words}\b", short, name, flags=re.IGNORECASE)
    return cut(name, longest)


def cut(name: str, longest: int) -> str:
    """A name of at most so many characters: its beginning, and its last word if that is short.

    It is cut between words where they are near.
    """
    if len(name) <= longest:
        return name
    room = max(longest - 3, 2)
    before, _, last = name.rpartition(" ")
    end = last if before and len(last) <= room // 3 else ""
    head = name[: room - len(end)]
    start, space, rest = head.rpartition(" ")
    if space and len(rest) <= len(head) // 3:
        head = start
    return f"{head.rstrip(' ,')}...{end}"
