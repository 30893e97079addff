"""The cast: the providers that a text names, and how to find them again in any part of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from digest.extract.bodies import body_forms, spaced
from digest.ratings import Body


class Form(StrEnum):
    """In which form a text names somebody."""

    NAME = "name"  # whole, with its kind of body or as the register has it
    ALIAS = "alias"  # a shorter or another name of the same body
    AREA = "area"  # the area alone: "Bridgend itself"
    DESCRIPTOR = "descriptor"  # no name: "a Kent care home"
    OTHER = "other"  # a capitalised subject that is nobody we know


class Role(StrEnum):
    """What a body is named for."""

    PLAIN = "plain"
    OWNER = "owner"  # who runs, owns or manages the body spoken of
    PART = "part"  # only a part of it is spoken of: "maternity services at X"
    NEIGHBOUR = "neighbour"  # named for comparison
    PLACE = "place"  # only where something is
    SPEAKER = "speaker"  # who said something
    PREDECESSOR = "predecessor"  # what stood there before


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One provider as this text names it."""

    name: str  # the register's where it knows it, else a tidy form of the text's
    area: str  # the name without the kind of body; the whole name where the register's is known by itself
    body: Body | None  # None for a name taken from the register as it stands
    words: str = ""  # the form of its name as the text has it
    provider_id: str | None = None  # the register's; None where it knows nobody, or several, of this name

    @property
    def loose(self) -> bool:
        return self.body is not None and self.body.loose


@dataclass(frozen=True, slots=True, kw_only=True)
class NameMention:
    start: int
    end: int
    named: Named
    whole: bool  # with its kind of body, not the area alone
    form: Form = Form.NAME
    role: Role = Role.PLAIN
    part: str | None = None  # the words for the part, where the role is one


class Cast:
    """The providers that a text names, and how to find them again in any part of it."""

    __slots__ = ("_in_heading", "_in_text", "all")

    def __init__(self, all: Iterable[Named], bracketed: str = "") -> None:
        self.all = tuple(all)
        self._in_text = [(named, *_patterns(named, 0, bracketed)) for named in self.all]
        self._in_heading = [(named, *_patterns(named, re.IGNORECASE, bracketed)) for named in self.all]

    def all_mentions(self, text: str, *, heading: bool = False) -> tuple[NameMention, ...]:
        """Every mention, whatever its form and role."""
        return self.mentions(text, heading=heading)

    def mentions(self, text: str, *, heading: bool = False) -> tuple[NameMention, ...]:
        """Where `text` names a provider, from left to right, without overlaps.

        An area alone counts too ("Bridgend itself"); a heading's capitals are not relied on.
        """
        folded = text.casefold()
        found = [
            NameMention(
                start=m.start(),
                end=m.end(),
                named=named,
                whole=is_whole,
                form=Form.NAME if is_whole else Form.AREA,
            )
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
