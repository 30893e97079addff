"""The cast: the providers that a text names, and how to find them again in any part of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from digest.extract.bodies import body_forms, spaced
from digest.ratings import Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One provider as this text names it."""

    name: str  # the register's where it knows it, else a tidy form of the text's
    area: str  # the name without the kind of body; the whole name where the register's is known by itself
    body: Body | None  # None for a name taken from the register as it stands
    words: str = ""  # the form of its name as the text has it

    @property
    def loose(self) -> bool:
        return self.body is not None and self.body.loose


@dataclass(frozen=True, slots=True, kw_only=True)
class NameMention:
    start: int
    end: int
    named: Named
    whole: bool  # with its kind of body, not the area alone


class Cast:
    """The providers that a text names, and how to find them again in any part of it."""

    __slots__ = ("_in_heading", "_in_text", "all")

    def __init__(self, all: Iterable[Named], bracketed: str = "") -> None:
        self.all = tuple(all)
        self._in_text = [(named, *_patterns(named, 0, bracketed)) for named in self.all]
        self._in_heading = [(named, *_patterns(named, re.IGNORECASE, bracketed)) for named in self.all]

    def mentions(self, text: str, *, heading: bool = False) -> tuple[NameMention, ...]:
        """Where `text` names a provider, from left to right, without overlaps.

        An area alone counts too ("Bridgend itself"); a heading's capitals are not relied on.
        """
        folded = text.casefold()
        found = [
            NameMention(start=m.start(), end=m.end(), named=named, whole=is_whole)
            for named, whole, area in (self._in_heading if heading else self._in_text)
            if _first_word(named.area) in folded  # the quick question first
            for pattern, is_whole in ((whole, True), (area, False))
            if pattern is not None
            for m in pattern.finditer(text)
        ]
        found.sort(key=lambda m: (m.start, m.start - m.end, not m.whole))
        kept: list[NameMention] = []
        for mention in found:
            if not kept or mention.start >= kept[-1].end:
                kept.append(mention)
        return tuple(kept)


def _first_word(area: str) -> str:
    return area.split(None, 1)[0].casefold().rstrip(",") if area else ""


def _patterns(
    named: Named, flags: int, bracketed: str
) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    """Patterns for the whole name and for its area alone."""
    area = r"\W+".join(
        r"(?:and|&)" if token in {"and", "&"} else re.escape(token)
        for token in re.findall(r"[\w’'./-]+|&", named.area)
    )
    if named.body is None:
        return re.compile(rf"(?<![\w-]){area}(?![\w])", flags), None
    forms, own = body_forms(named.body), r"(?:['’]s?)?"
    leads = "|".join(map(spaced, named.body.leads)) or "(?!)"
    whole = (
        rf"(?<![\w-]){area}{own}\s+{forms}\b{bracketed}"
        rf"|(?<![\w-]){forms}{bracketed}\s+(?:(?:for|in|of|covering|serving)\s+)?(?:the\s+)?{area}(?:\s+division)?(?!\w)"
        rf"|(?<![\w-])(?:{leads})\s+{area}(?!\w)"
    )
    return re.compile(whole, flags), re.compile(rf"(?<![\w-]){area}(?:(?=['’]s)|(?![\w’'-]))", flags)
