"""A sentence with its names and grades taken out, so that rules can be written as plain English.

"Kirklees PDU was rated as ‘Good’" becomes "<p0> was rated as <g0>": no rule can depend on who is spoken of,
on the style of the quotation marks, or on capitals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from digest.extract.cast import Form, Named, NameMention, Role
from digest.extract.grades import GradeMention

GRADE: Final = r"<g\d+>"
NAME: Final = r"<p\d+>"
DESCRIBED: Final = r"<d\d+>"
OTHER: Final = (
    r"<x\d+>"  # somebody whose grade is not that of a body of the text: a part, a neighbour, a stranger
)

# A council is inspected by its services.
_INSPECTED_PART: Final = re.compile(
    r"^(?:the )?(?:children['’]?s (?:social care|services)|adult(?:s['’]?)? (?:social care|services)|social care|youth (?:justice|offending)|probation services?|"
    r"services for children|overall|quality of care|standards? of care)",
    re.IGNORECASE,
)
# Bodies named in passing: a grade beside them is never theirs.
_ASIDE: Final = frozenset({Role.OWNER, Role.PLACE, Role.SPEAKER})

# Longer than any sentence of a report; what is cut off there is not read.
LONGEST: Final = 1_500

_LONGEST_WORD: Final = (
    60  # characters: what is longer is an address, and a rule that waits for its end costs dear
)
_ENDLESS: Final = re.compile(rf"([^\s<>]{{{_LONGEST_WORD}}})[^\s<>]+")

_GRADE_PLACE: Final = re.compile(r"<g(\d+)>")
_APOSTROPHE: Final = re.compile(r"(?<=\w)[’'](?=\w)|(?<=s)[’'](?=\s[a-z])")
_QUOTE: Final = re.compile(r"[\"“”„«»‘’'`]")
_INNER_HYPHEN: Final = re.compile(r"(?<=\w)[-‑](?=\w)")
_DASH: Final = re.compile(r"\s+-+\s+|\s*[–—]\s*")
# "The school, which has 39 pupils, was rated": what stands between the commas says nothing of the rating.
_BY_THE_WAY: Final = re.compile(
    r"(\b(?!inspectors|ofsted|cqc)[a-z]{3,}|>), (?:which|who|whose|home to|based in|situated in|located in) (?:(?!\b(?:rated|rating|grade[ds]?|judged|inspect\w*|improv\w*|previous\w*|last|report\w*|upgraded|downgraded)\b)[^,;<.]){3,90}, "
)
# "X, Y and Z: these three surgeries were rated": the bodies themselves were.
_THESE: Final = re.compile(
    r"(<p\d+>(?:(?:,|,? and| plus| as well as) <p\d+>)+)(?: ?:|,| -) (?:these|those|all|both)(?: (?:of|the|these|those))*(?: (?:two|three|four|five|six|them))?"
    r"(?: [a-z]+){0,2}? (?=(?:were|are|have|received|got)\b)"
)
# "A went to X and Y, and rated all of them good": them.
_ALL_OF_THEM: Final = re.compile(
    r"\b(?:all|both|each|every one)(?: (?:two|three|four|five|six))? of them (?=(?:as )?<g\d+>)"
)
# "The outcome that time was good": then.
# "The quality of resettlement - plans for accommodation - was rated": what stands between the dashes is said by the way.
_BETWEEN_DASHES: Final = re.compile(
    r"(\w)(?<!\btwo)(?<!\bthree)(?<!\bfour)(?<!\bfive)(?<!\bsix)(?<!areas)(?<!tests)(?<!standards)(?<!questions)(?<!criteria)(?<!categories)(?<!domains)(?<!aspects)(?<!judgements)(?<!judgments)(?<!measures)(?<!themes)(?<!outcomes)(?<!fields) - (?:(?! - )[^<;:.]){3,110} - (?=(?:was|were|is|are|has been|have been|had been) )"
)
_BACK_THEN: Final = re.compile(
    r"\b(?:rating|grade|outcome|verdict|judge?ment|result|score)(?: given)? (?:at (?:that|the) (?:point|time)|that (?:time|year)|on that (?:occasion|visit)|back then|in those days) (?=was\b|had been\b)"
)
_HYPHENS: Final = re.compile(r"[-‑–—]")
_KEPT: Final = "\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One sentence as rules see it: lower case, without quotation marks, names and grades as `<p0>`, `<g0>`.

    `<x0>` is somebody else, `<o0>` an owner, a place or a speaker, `<d0>` a description such as "a Kent care
    home"; all mentions share one count.
    """

    text: str
    grades: tuple[GradeMention, ...]
    names: tuple[Named, ...]
    mentions: tuple[NameMention, ...]  # of every form and role, as `<p0>`, `<x1>` or `<o2>` number them
    grade_at: tuple[tuple[int, int], ...]  # where each stands in `text`


def template_of(sentence: str, grades: Iterable[GradeMention], names: Iterable[NameMention]) -> Template:
    """The template of a sentence; a grade word inside a name is part of the name."""
    taken = [n for n in names if n.end <= LONGEST]
    free = sorted(
        (
            g
            for g in grades
            if g.end <= LONGEST and not any(n.start < g.end and g.start < n.end for n in taken)
        ),
        key=lambda g: g.start,
    )
    pieces: list[str] = []
    done = 0
    marks: list[tuple[int, int, str]] = [(g.start, g.end, f"<g{i}>") for i, g in enumerate(free)]
    marks += [(n.start, n.end, f"<{_letter(n)}{i}>") for i, n in enumerate(taken)]
    for start, end, mark in sorted(marks):
        pieces += [_plain(sentence[done:start]), mark]
        done = end
    pieces.append(_plain(sentence[done:LONGEST]))
    words = "".join(pieces).replace(">-", "> ").split()
    text = " ".join(words)
    if max(map(len, words), default=0) > _LONGEST_WORD:
        text = _ENDLESS.sub(r"\1", text)
    text = _BY_THE_WAY.sub(r"\1 ", text)
    if " - " in text:
        text = _BETWEEN_DASHES.sub(r"\1 ", text)
    text = _BACK_THEN.sub("rating then ", text)
    if len(taken) > 1:
        text = _ALL_OF_THEM.sub("them ", _THESE.sub(r"\1 ", text))
    return Template(
        text=text,
        grades=tuple(free),
        names=tuple(n.named for n in taken if _letter(n) == "p"),
        mentions=tuple(taken),
        grade_at=_places(text, len(free)),
    )


_THIS_PART: Final = re.compile(
    r"\b(?P<in>in|for|against|on) (?:this|that) (?:healthy (?:prison|establishment) )?(?:test|area|category|aspect|field|domain|standard|theme)\b"
)


def pointing_back(template: Template, to: str) -> Template:
    """A template with the one aspect that the sentence before named in place of "in this test"."""
    if not _THIS_PART.search(template.text):
        return template
    text = _THIS_PART.sub(lambda m: f"{m['in']} {to}", template.text, count=1)
    return replace(template, text=text, grade_at=_places(text, len(template.grades)))


def _letter(mention: NameMention) -> str:
    if mention.role in _ASIDE:
        return "o"
    if mention.form is Form.DESCRIPTOR:
        return "d"
    if mention.role is Role.PART and _INSPECTED_PART.search(mention.part or ""):
        return "p" if mention.form is not Form.OTHER else "x"
    return "x" if mention.form is Form.OTHER or mention.role is not Role.PLAIN else "p"


def _places(text: str, count: int) -> tuple[tuple[int, int], ...]:
    places = {int(m[1]): m.span() for m in _GRADE_PLACE.finditer(text)}
    return tuple(places[i] for i in range(count))


def _plain(words: str) -> str:
    # A value on the line under its label reads like one behind a colon.
    text = words.replace("<", " ").replace(">", " ").replace("\n\n", " : ").casefold()
    if "'" in text or "’" in text:
        text = _APOSTROPHE.sub(_KEPT, text)
    text = _QUOTE.sub("", text).replace(_KEPT, "'")
    if _HYPHENS.search(text):
        text = _INNER_HYPHEN.sub(" ", _DASH.sub(" - ", text))
    return text.replace("&", " and ")
