"""Grade words in a sentence: where one of a scale's grades stands, and in which form.

Finding the word says nothing yet: "a good service" holds one too. `statements` decides what is a rating.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from digest.extract.phrases import any_of, made_once
from digest.ratings import Scale

OPENING: Final = "\"'“‘«"
_CLOSING: Final = "\"'”’»"


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeMention:
    """One grade word or phrase, and where it stands."""

    start: int
    end: int
    grade: str  # the scale's own name for it
    rank: int
    quoted: bool
    capital: bool = False  # its first letter, whatever the reason
    verbal: bool = False  # an English verb phrase too: "requires improvement"
    alias: bool = False  # a word that the inspectorate itself does not use


# How the verb that some grades begin with bends; the grade's own form comes first.
_VERBS: Final = {
    "requires": ("requires", "require", "requiring", "required"),
    "needs": ("needs", "need", "needing", "needed"),
}


class GradeWords:
    """The grades of one scale as words to look for."""

    __slots__ = ("_by_form", "_glossed", "_pattern")

    def __init__(self, scale: Scale) -> None:
        self._by_form = {
            form: (grade.name, grade.rank, words != grade.name)
            for grade in scale.grades
            for words in (*grade.aliases, grade.name)
            for form in _forms(words.casefold())
        }
        self._pattern = _grades_pattern(self._by_form)
        steps = [(grade.name, grade.rank) for grade in scale.grades]
        self._glossed = dict(zip(_GLOSSES, (steps[0], steps[-1], steps[1], steps[-2]), strict=True))

    @staticmethod
    @made_once
    def of(scale: Scale) -> GradeWords:
        """The words of a scale, made once."""
        return GradeWords(scale)

    def variety(self, text: str) -> int:
        """How many different grades a text names."""
        return len(
            {self._by_form[" ".join(m[0].split()).casefold()][0] for m in self._pattern.finditer(text)}
        )

    def find(self, text: str) -> Iterator[GradeMention]:
        """Every grade word of `text`, from left to right; where two begin together, the longer.

        Where there is none, "the lowest possible rating" and the like stand for the grade they mean.
        """
        none = True
        yield from self._second_of_steps(text)
        yield from self._points(text)
        for found in self._pattern.finditer(text):
            before = text[max(0, found.start() - _HOW) : found.start()]
            if _QUESTION.search(before) and _ASKS.match(text, found.end()):
                continue
            none = False
            words = " ".join(found[0].split()).casefold()
            grade, rank, alias = self._by_form[words]
            yield GradeMention(
                start=found.start(),
                end=found.end(),
                grade=grade,
                rank=rank,
                quoted=_quoted(text, found.start(), found.end()) or words.startswith("grade "),
                capital=found[0][0].isupper(),
                verbal=words.split()[0] in {form for forms in _VERBS.values() for form in forms},
                alias=alias,
            )
        if none:
            yield from self._gloss(text)

    def _second_of_steps(self, text: str) -> Iterator[GradeMention]:
        """The "two" of "from grade three to two"."""
        for found in _STEPS.finditer(text):
            known = self._by_form.get(f"grade {found['to'].casefold()}")
            if known:
                grade, rank, alias = known
                start, end = found.span("to")
                yield GradeMention(start=start, end=end, grade=grade, rank=rank, quoted=True, alias=alias)

    def _points(self, text: str) -> Iterator[GradeMention]:
        """The steps of a scale that is counted: "6 out of 6 in each section", "five for leadership and 4 for staff"."""
        counted = False
        for found in _POINTS.finditer(text):
            known = self._by_form.get(_DIGITS.get(found["step"].casefold(), found["step"]))
            counted = counted or bool(found["given"] or found["of"])
            if known is None or not counted:
                continue
            grade, rank, alias = known
            start, end = found.start("step"), found.end()
            yield GradeMention(start=start, end=end, grade=grade, rank=rank, quoted=True, alias=alias)

    def is_grade(self, text: str) -> bool:
        """Whether `text` is one grade and nothing else."""
        found = self._pattern.match(text)
        return found is not None and found.end() == len(text.rstrip(" ."))

    def _gloss(self, text: str) -> Iterator[GradeMention]:
        for found in _GLOSS.finditer(text):
            gloss = ("second " if found["second"] else "") + _SIDES[found["side"].casefold()]
            grade, rank = self._glossed[gloss]
            start, end = found.span("gloss")
            yield GradeMention(start=start, end=end, grade=grade, rank=rank, quoted=True)


_STEPS: Final = re.compile(
    r"\bfrom (?:an? )?grade (?:one|two|three|four|[1-4]) to (?:an? )?(?P<to>one|two|three|four|[1-4])\b(?! (?:grade|grades|points|steps|levels)\b)",
    re.IGNORECASE,
)
# "How good is our setting?" asks, and grades nothing.
_HOW: Final = 5  # characters
_QUESTION: Final = re.compile(r"\bhow $", re.IGNORECASE)
_ASKS: Final = re.compile(r"\s+(?:is|are|was|were|do|does|the|our|its|their)\b", re.IGNORECASE)
_DIGITS: Final = {
    word: str(number) for number, word in enumerate("one two three four five six".split(), start=1)
}
# A number of points is a grade where points are given, for something.
_POINTS: Final = re.compile(
    r"(?:(?P<given>\b(?:grades?|graded|scored|scores?|rated|given|gave|awarded|received|achieved|marks?)(?: (?:an?|of|as|at)){0,2} ['\"‘“]?)"
    r"|,\s+(?:and )?|\band |\b(?:an?|of) ['\"‘“]?)"
    r"(?P<step>[1-6]|one|two|three|four|five|six)\b(?:(?P<of> out of (?:a possible )?(?:6|six))\b)?['\"’”]?"
    r"(?=,? (?:for|in|across) (?:(?!(?:19|20)\d\d)[^\W\d_]))",
    re.IGNORECASE,
)
_GLOSSES: Final = ("best", "worst", "second best", "second worst")
_SIDES: Final = {
    "highest": "best",
    "top": "best",
    "best": "best",
    "lowest": "worst",
    "bottom": "worst",
    "worst": "worst",
}
# Only of a rating that was given: "the lowest possible" of anything else is no grade.
_GLOSS: Final = re.compile(
    r"\b(?:given|gave|giving|handed|awarded|awarding|received|receiving|receive|got|rated|judged|scored|achieved|achieving|earned|secured)\b[^.;:]{0,60}?\bthe (?P<gloss>"
    r"(?P<second>second[ -])?(?P<side>highest|lowest|top|bottom|best|worst)(?: possible| available)?"
    r"(?: (?:overall|performance|inspection)){0,2} (?:ratings?|mark|grades?|grading|score|band|level)(?: grading)?(?: possible| available)?)\b",
    re.IGNORECASE,
)


# A digit is a grade only as the value of a label: "Leadership - 3", "Staff: 4 (good)".
_DIGIT: Final = r"(?:(?<=[:–—-] )|(?<=[:–—]))(?:{digits})(?=\s*$|\s*[-–(,;])"


def _grades_pattern(forms: Iterable[str]) -> re.Pattern[str]:
    forms = tuple(forms)
    digits = "|".join(form for form in forms if form.isdigit())
    words = any_of(form for form in forms if not form.isdigit())
    return re.compile(f"{words.pattern}|{_DIGIT.format(digits=digits)}", re.IGNORECASE) if digits else words


def _forms(words: str) -> Iterator[str]:
    first, _, rest = words.partition(" ")
    if first in _VERBS and rest:
        yield from (f"{form} {rest}" for form in _VERBS[first])
    yield words


def _quoted(text: str, start: int, end: int) -> bool:
    after = text[end : end + 2].lstrip(".,")
    return start > 0 and text[start - 1] in OPENING and after[:1] in tuple(_CLOSING)
