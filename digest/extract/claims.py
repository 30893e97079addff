"""Claims: the grades that a sentence states, of whom, now or before, and in which words.

A grade word is a claim only where English makes it one: after a verb of rating, beside the word "rating", in
quotation marks with a capital, or as what became of something ("from A to B"). Anything else is an adjective.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from digest.extract.aspects import AspectWords, plain
from digest.extract.grades import GradeMention, GradeWords
from digest.extract.names import Cast, NameMention


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence, and where it stands."""

    text: str
    heading: str  # the heading over it; empty at the top
    is_heading: bool
    place: int  # in reading order


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeClaim:
    """One grade stated by a text."""

    grade: str
    rank: int
    former: bool  # at an earlier inspection
    overall: bool  # of the service as a whole, in so many words
    aspects: tuple[str, ...]  # empty: of the service, as far as the sentence goes
    name: str | None  # the provider that the sentence names nearest before it
    sentence: Sentence


_RATING: Final = re.compile(
    r"\b(?:rat(?:ed|es?|ings?)|grad(?:ed|es?|ings?)|judg(?:ed|es?|ing|e?ments?)|mark(?:ed)?|branded|deemed|"
    r"found to be|found it|awarded|handed|ranked|assessed as|labelled|classed as|upgraded?|downgraded?|raised|"
    r"lifted|moved (?:up|down)|dropped|fell|falls|slipped|score[ds]?|verdict|performing to an?|improved (?:from|to)|"
    r"drop(?:s|ped)?|declined|gone from|given|remains?|remained|retain(?:s|ed)?|keeps?|kept)\b",
    re.IGNORECASE,
)
_FORMER: Final = re.compile(
    r"\b(?:previous(?:ly)?|former(?:ly)?|(?:at|in|since) (?:its|their|the|our|his|her) (?:last|previous)|"
    r"(?:when )?(?:we |it was |they were |inspectors )?last (?:inspected|inspection|visited|rated)|"
    r"had been (?:rated|judged|given|graded)|as it had been|used to be|an? (?:year|two years) (?:ago|earlier)|"
    r"(?:two|three|four|five|six) years (?:ago|earlier)|earlier inspection)\b",
    re.IGNORECASE,
)
_NOW: Final = re.compile(
    r"\b(?:now|this time|today|has (?:now )?been|have been|is (?:now )?rated)\b", re.IGNORECASE
)
_FROM: Final = re.compile(
    r"\b(?:up |down )?from (?:an? |its |their |the )?(?:previous |overall |former )*(?:rating of |rated )?\W*$",
    re.I,
)
_HYPOTHETICAL: Final = re.compile(
    r"\b(?:close to|not (?:yet )?(?:rated|graded|been rated)|would|could|should|hope[sd]?|aims?|towards|nearly|almost|"
    r"no (?:service|unit|provider)s?|neither|if)\b",
    re.IGNORECASE,
)
_SCALE: Final = re.compile(
    r"\b(?:scale|band|four-point|range|rating system|ratings? (?:are|is)|possible ratings)\b", re.I
)
_NUMBER: Final = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|both|each|half|several|most|some|other)"
_COUNT: Final = re.compile(
    rf"\b{_NUMBER}\b[^.;]{{0,40}}?\b(?:aspects?|areas|standards|domains?|elements|parts|strands?|categories|of them)\b",
    re.IGNORECASE,
)
_NATIONAL: Final = re.compile(
    rf"\b{_NUMBER}\b(?: of)?(?: the)?(?: \d+)?(?: [\w-]+){{0,3}} "
    r"(?:services|units|pdus|crcs|divisions|regions|providers|companies|inspections|reports)\b",
    re.IGNORECASE,
)
_ALL_OF: Final = re.compile(r"\b(?:all|both|each|every)\b", re.IGNORECASE)
_OVERALL: Final = re.compile(r"\boverall\b", re.IGNORECASE)
_REACH: Final = 90  # characters between a verb of rating and its grade


class Claims:
    """What one scale and one cast of providers make of sentences."""

    __slots__ = ("_aspects", "_cast", "_words")

    def __init__(self, words: GradeWords, aspects: AspectWords, cast: Cast) -> None:
        self._words = words
        self._aspects = aspects
        self._cast = cast

    def of(self, sentence: Sentence) -> Iterator[GradeClaim]:
        """Every grade that the sentence states; none of a list of a scale's grades, nor of other people's."""
        text = sentence.text
        mentions = [m for m in self._words.find(text) if _is_rating(text, m, sentence)]
        if len({m.grade for m in mentions}) > 2 and _SCALE.search(text):
            return
        names = self._cast.mentions(text, heading=sentence.is_heading)
        for index, mention in enumerate(mentions):
            start = mentions[index - 1].end if index else 0
            yield from self._claim(sentence, mention, start, mentions, names)

    def _claim(
        self,
        sentence: Sentence,
        mention: GradeMention,
        start: int,
        mentions: list[GradeMention],
        names: tuple[NameMention, ...],
    ) -> Iterator[GradeClaim]:
        text = sentence.text
        before, after = text[start : mention.start], _clause_after(text, mention, mentions)
        clause = before + after
        if _HYPOTHETICAL.search(before[-60:]) or (_NATIONAL.search(clause) and not names):
            return
        overall = bool(_OVERALL.search(clause))
        aspects = () if overall else self._aspects_in(before, after, sentence)
        if not aspects and not overall and _COUNT.search(clause):
            return  # so many aspects, and nobody says which
        own = [n for n in names if n.start < mention.start] or list(names[:1])
        yield GradeClaim(
            grade=mention.grade,
            rank=mention.rank,
            former=_is_former(text, mention, before, after),
            overall=overall,
            aspects=aspects,
            name=own[-1].named.name if own else None,
            sentence=sentence,
        )

    def _aspects_in(self, before: str, after: str, sentence: Sentence) -> tuple[str, ...]:
        around = plain(f"{sentence.text} {sentence.heading}")
        counted = _COUNT.search(before + after)
        if counted and _ALL_OF.search(before + after):
            whole = self._aspects.of_domain(plain(sentence.text)) or self._aspects.of_domain(
                plain(sentence.heading)
            )
            if whole:
                return whole
        return self._aspects.named(plain(before), around) or self._aspects.named(plain(after), around)


def _clause_after(text: str, mention: GradeMention, mentions: list[GradeMention]) -> str:
    """What follows a grade and still belongs to it: up to a comma, a stop or the next grade."""
    following = [m.start for m in mentions if m.start >= mention.end]
    rest = text[mention.end : following[0] if following else len(text)]
    return re.split(r"[,;:–—(]|\b(?:and|but|while|from|to)\b", rest, maxsplit=1)[0]


def _is_rating(text: str, mention: GradeMention, sentence: Sentence) -> bool:
    if mention.quoted:
        return mention.capital or sentence.is_heading or bool(_RATING.search(text))
    before, after = text[max(0, mention.start - _REACH) : mention.start], text[mention.end : mention.end + 30]
    near = [m for m in _RATING.finditer(before)]
    if near and re.fullmatch(r"[^.;]*", before[near[-1].end() :]) is not None:
        gap = before[near[-1].end() :].split()
        return len(gap) <= 9 and (mention.verbal or mention.capital or not _adjective(after))
    if re.match(r"['\"’”]?\s*(?:overall\b|ratings?\b|grad(?:e|ing)\b)", after, re.IGNORECASE):
        return True
    return mention.verbal and mention.capital


def _adjective(after: str) -> bool:
    """Whether the word goes on to describe something that is not a rating: "a good service"."""
    word = re.match(r"\s+([a-z]+)", after)
    stops = {
        "overall",
        "for",
        "in",
        "by",
        "and",
        "rating",
        "ratings",
        "from",
        "to",
        "across",
        "at",
        "but",
        "when",
    }
    return word is not None and word[1] not in stops | {
        "on",
        "with",
        "as",
        "after",
        "the",
        "while",
        "standard",
    }


def _is_former(text: str, mention: GradeMention, before: str, after: str) -> bool:
    if _FROM.search(text[: mention.start]):
        return True
    if re.search(r"\bto (?:an? )?(?:rating of |overall )*\W*$", text[: mention.start]):
        return False
    marks = [m.end() for m in _FORMER.finditer(before)]
    if marks:
        now = [m.start() for m in _NOW.finditer(before)]
        return not now or now[-1] < marks[-1]
    return bool(re.match(r"\W*(?:at|in) (?:its|their|the) (?:last|previous)|\W*previously", after))
