"""Bodies: the words by which texts name each kind of body that is inspected."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from digest.ratings import Body


def spaced(phrase: str) -> str:
    return r"\s+".join(map(re.escape, phrase.split()))


@lru_cache(maxsize=512)
def body_forms(body: Body) -> str:
    case = "" if body.capitals else "i"
    longest_first = sorted(body.names, key=len, reverse=True)
    written = [rf"(?{case}:{spaced(name)})" for name in longest_first]
    return f"(?:{'|'.join([*written, *map(re.escape, body.short)]) or '(?!)'})"


# A division is also called by its part of the country alone: "NPS Wales".
_PART: Final = r"(?:North|South|East|West|Eastern|Midlands|Central|London|Wales)"


class BodyWords:
    """The words by which texts name certain kinds of bodies, as patterns."""

    __slots__ = ("bodies", "bracketed", "hints", "leads", "prefix", "suffix")

    def __init__(self, bodies: tuple[Body, ...]) -> None:
        self.bodies = bodies
        # The last word of each form is enough to ask for, and few are different.
        self.hints = {
            b: tuple(dict.fromkeys(form.casefold().split()[-1] for form in (*b.names, *b.short, *b.leads)))
            for b in bodies
        }
        short = "|".join(map(re.escape, (initials for body in bodies for initials in body.short)))
        self.bracketed = rf"(?:\s*\((?:{short})s?\))?" if short else ""
        any_body = "|".join(body_forms(body) for body in bodies if not body.loose) or "(?!)"
        self.suffix = {b: re.compile(rf"(?<![\w-]){body_forms(b)}(s?)\b{self.bracketed}") for b in bodies}
        self.prefix = {
            b: re.compile(
                # "youth justice services in Reading": the plural is the report series' own title for one service.
                rf"(?<![\w-]){body_forms(b)}(?:s(?=\s+(?:in|for)\b))?{self.bracketed}"
                rf"(?:\s+and\s+(?:the\s+)?(?:{any_body})s?{self.bracketed})?"
                r"\s+(?:for|in|of|at|across|covering|serving)\s+(?:the\s+)?(?=[^\W\d_a-z])"
            )
            for b in bodies
            if b.of_area
        }
        self.leads = {
            b: re.compile(
                rf"(?<![\w-])(?:{'|'.join(map(spaced, b.leads))})\s+"
                + (rf"(?={_PART}\b)" if b.leads_to_parts else r"(?=[^\W\d_a-z])")
            )
            for b in bodies
            if b.leads
        }

    def found(self, text: str) -> list[tuple[int, int, Body, re.Match[str]]]:
        """Every kind of body spoken of, from left to right; of two at one place the longer."""
        folded = text.casefold()
        found = [
            (m.start(), m.end(), body, m)
            for body, hints in self.hints.items()
            if any(hint in folded for hint in hints)  # the quick question first
            for patterns in (self.suffix, self.prefix, self.leads)
            if body in patterns
            for m in patterns[body].finditer(text)
        ]
        return sorted(found, key=lambda f: (f[0], -f[1]))

    def stands_first(self, body: Body, match: re.Match[str]) -> bool:
        """Whether the match is of words that the name follows."""
        return match.re in (self.prefix.get(body), self.leads.get(body))


@lru_cache(maxsize=32)
def words_of(bodies: tuple[Body, ...]) -> BodyWords:
    """The patterns for these kinds of bodies, made once."""
    return BodyWords(bodies)
